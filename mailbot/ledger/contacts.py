"""Registered addresses: at most one active address a PS.

```
inscription   demandee ─> active ─> remplacee | resiliee | rebond      rebond ─> active when an agent lifts the
                  └─────> refusee                                       suspension of the address (addresses.py)
```
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from mailbot.ledger.store import Store, instant


@dataclass(frozen=True, slots=True)
class StoredContact:
    id: int
    numero_ps: str
    mail: str
    state: str
    since: str
    evidence: tuple[str, ...]
    mail_id: int | None


class Contacts:
    def __init__(self, store: Store) -> None:
        self._store = store

    def active(self, numero_ps: str) -> StoredContact | None:
        row = self._store.row("SELECT * FROM contacts WHERE numero_ps = ? AND state = 'active'", numero_ps)
        return _contact(row) if row else None

    def of_address(self, mail: str) -> list[StoredContact]:
        """The PS for which this address is active."""
        rows = self._store.rows("SELECT * FROM contacts WHERE mail = ? AND state = 'active' ORDER BY id", mail)
        return [_contact(row) for row in rows]

    def ever_of(self, mail: str) -> list[str]:
        """The PS for which this address is or was registered, or asked for."""
        rows = self._store.rows("SELECT DISTINCT numero_ps FROM contacts WHERE mail = ? ORDER BY numero_ps", mail)
        return [row[0] for row in rows]

    def listed(self, numero_ps: str = "") -> list[StoredContact]:
        rows = self._store.rows(
            "SELECT * FROM contacts WHERE ? = '' OR numero_ps = ? ORDER BY id", numero_ps, numero_ps
        )
        return [_contact(row) for row in rows]

    def get(self, contact_id: int) -> StoredContact | None:
        row = self._store.row("SELECT * FROM contacts WHERE id = ?", contact_id)
        return _contact(row) if row else None

    def may_receive(self, numero_ps: str, mail: str) -> bool:
        """Is `mail` an address of this PS now: its active registration, or without one an address of AGAPS?

        One that is suspended is none.
        Where AGAPS has no address at all, that of a national directory counts.
        """
        suspended = self._store.row("SELECT 1 FROM suspensions WHERE address = ? AND until IS NULL", mail.lower())
        if suspended:
            return False
        active = self.active(numero_ps)
        if active:
            return active.mail == mail
        found = self._store.row(
            "SELECT 1 FROM ref_agaps WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "UNION SELECT 1 FROM ref_agaps_mails WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "UNION SELECT 1 FROM annuaire WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "AND NOT EXISTS (SELECT 1 FROM ref_agaps WHERE numero_ps = annuaire.numero_ps AND mail <> '')",
            numero_ps, mail, numero_ps, mail, numero_ps, mail,
        )  # fmt: skip
        return found is not None

    def request(self, now: datetime, numero_ps: str, mail: str, evidence: Sequence[str], mail_id: int | None) -> int:
        """A registration that an agent has to look at; the same one asked again changes nothing."""
        known = self._store.value(
            "SELECT id FROM contacts WHERE numero_ps = ? AND mail = ? AND state = 'demandee'", numero_ps, mail
        )
        if known is not None:
            return int(known)
        return self._store.insert(
            "contacts", numero_ps=numero_ps, mail=mail, state="demandee", since=instant(now),
            evidence=json.dumps(list(evidence), ensure_ascii=False), mail_id=mail_id,
        )  # fmt: skip

    def activate(self, contact_id: int, now: datetime) -> None:
        """demandee -> active; the address active before becomes remplacee."""
        row = self._store.row("SELECT numero_ps FROM contacts WHERE id = ?", contact_id)
        assert row is not None
        before = self.active(row["numero_ps"])
        if before and before.id != contact_id:
            self._store.move("contacts", before.id, ("active",), "remplacee", until=instant(now))
        self._store.move("contacts", contact_id, ("demandee",), "active", since=instant(now))

    def refuse(self, contact_id: int, now: datetime) -> None:
        """demandee -> refusee."""
        self._store.move("contacts", contact_id, ("demandee",), "refusee", until=instant(now))

    def end(self, contact_id: int, now: datetime) -> None:
        """active -> resiliee."""
        self._store.move("contacts", contact_id, ("active",), "resiliee", until=instant(now))


def _contact(row: Row) -> StoredContact:
    return StoredContact(
        id=row["id"],
        numero_ps=row["numero_ps"],
        mail=row["mail"],
        state=row["state"],
        since=row["since"],
        evidence=tuple(json.loads(row["evidence"])),
        mail_id=row["mail_id"],
    )
