"""What waits for a human, and what humans did about it: the queue, the candidates of parked mails, resolutions.

Owns the tables `candidates` (open refusals that a parked mail may be about) and `resolutions` (acts of agents on
mails, one row each, never deleted before their mail; an act taken back keeps its row). Decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from mailbot.ledger.store import Store, instant
from mailbot.model import Handling

#: The PS of a mail: found when it was read, else the one whose active address its sender is; with its name in AGAPS.
_WAITING = """
    SELECT w.*, coalesce((SELECT a.raison_sociale FROM ref_agaps a WHERE a.numero_ps = w.ps LIMIT 1), '') AS name
    FROM (SELECT m.id, m.received_at, coalesce(m.kind, '') AS kind, m.sender, m.reason, m.evidence,
                 coalesce(nullif(m.numero_ps, ''), (SELECT c.numero_ps FROM contacts c WHERE c.mail = m.sender
                          AND c.state = 'active' ORDER BY c.id LIMIT 1), '') AS ps
          FROM mails m WHERE m.state = 'parked') w ORDER BY w.id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parked mail, without its bytes. `raison_sociale` of the PS, "" where AGAPS does not know it."""

    id: int
    received_at: str
    kind: str
    sender: str
    numero_ps: str
    raison_sociale: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """One act of an agent on a mail. `details` are JSON-ready: what was touched, enough to take the act back."""

    id: int
    mail_id: int
    at: str
    who: str
    act: Handling
    reason: str
    details: Mapping[str, Any]
    undone: bool


class Review:
    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self) -> list[Waiting]:
        """The parked mails, oldest first."""
        return [
            Waiting(
                row["id"], row["received_at"], row["kind"], row["sender"], row["ps"], row["name"], row["reason"],
                tuple(json.loads(row["evidence"])),
            )
            for row in self._store.rows(_WAITING)
        ]  # fmt: skip

    def suggest(self, mail_id: int, candidates: Iterable[tuple[int, str]]) -> None:
        """The refusals that a mail may be about, best first, each with why; in the place of earlier ones."""
        self._store.run("DELETE FROM candidates WHERE mail_id = ?", mail_id)
        for rang, (rejet_id, why) in enumerate(candidates):
            self._store.run(
                "INSERT OR IGNORE INTO candidates (mail_id, rejet_id, rang, why) VALUES (?, ?, ?, ?)",
                mail_id, rejet_id, rang, why,
            )  # fmt: skip

    def candidates(self, mail_id: int) -> list[tuple[int, str]]:
        """(rejet, why), best first."""
        rows = self._store.rows("SELECT rejet_id, why FROM candidates WHERE mail_id = ? ORDER BY rang", mail_id)
        return [(row[0], row[1]) for row in rows]

    def resolve(self, now: datetime, mail_id: int, who: str, act: Handling, reason: str, **details: Any) -> None:
        """Keeps an act."""
        self._store.insert(
            "resolutions", mail_id=mail_id, at=instant(now), who=who, act=act, reason=reason,
            details=json.dumps(details, ensure_ascii=False), undone=0,
        )  # fmt: skip

    def resolutions(self, mail_id: int) -> list[Resolution]:
        """Every act on a mail, oldest first, those taken back among them."""
        rows = self._store.rows("SELECT * FROM resolutions WHERE mail_id = ? ORDER BY id", mail_id)
        return [_resolution(row) for row in rows]

    def standing(self, mail_id: int) -> Resolution | None:
        """The act that settled a mail: the last one not taken back; none where that sent it to be settled anew."""
        last = next((one for one in reversed(self.resolutions(mail_id)) if not one.undone), None)
        return last if last and last.act is not Handling.AGAIN else None

    def take_back(self, resolution_id: int) -> None:
        self._store.run("UPDATE resolutions SET undone = 1 WHERE id = ?", resolution_id)


def _resolution(row: Row) -> Resolution:
    return Resolution(
        id=row["id"],
        mail_id=row["mail_id"],
        at=row["at"],
        who=row["who"],
        act=Handling(row["act"]),
        reason=row["reason"],
        details=json.loads(row["details"]),
        undone=bool(row["undone"]),
    )
