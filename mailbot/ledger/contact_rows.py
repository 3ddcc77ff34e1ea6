"""Inscriptions as values, and what follows from those of one PS: which address gets its bordereaux, which gets nothing
more. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from sqlite3 import Row

from mailbot.model.inscriptions import PENDING, InscriptionState, Proof, Role

#: Who gets the bordereaux of a PS, the first one that is active; the secretariat only where nobody else has an address.
RECEIVING = (Role.REMPLACANT, Role.RETOURS)


@dataclass(frozen=True, slots=True)
class StoredContact:
    """`since` is when it was asked for or became active; instants as ISO text in UTC. `proved_by`, `agreed_by`: None
    while that is missing. `ended_by`: `ps`, `agent` or `terme`, "" while it stands. `agreed_from`: the address that
    gave the agreement. `contested_by`: the address that says no. `replaced_by`: the inscription that took its place."""

    id: int
    numero_ps: str
    mail: str
    role: Role
    state: InscriptionState
    since: str
    evidence: tuple[str, ...]
    mail_id: int | None
    starts_on: date | None
    ends_on: date | None
    proved_by: Proof | None
    agreed_by: Proof | None
    expires_at: str
    ended_by: str
    agreed_from: str
    contested_by: str
    replaced_by: int | None

    @property
    def pending(self) -> bool:
        return self.state in PENDING

    def ready(self, today: date) -> bool:
        """Proved, agreed, its first day has come, and its last one is not over."""
        begun = self.starts_on is None or self.starts_on <= today
        return bool(self.proved_by and self.agreed_by) and begun and (self.ends_on is None or today <= self.ends_on)


def read(rows: Iterable[Row]) -> list[StoredContact]:
    return [
        StoredContact(
            id=row["id"],
            numero_ps=row["numero_ps"],
            mail=row["mail"],
            role=Role(row["role"]),
            state=InscriptionState(row["state"]),
            since=row["since"],
            evidence=tuple(json.loads(row["evidence"])),
            mail_id=row["mail_id"],
            starts_on=date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
            ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
            proved_by=Proof(row["proved_by"]) if row["proved_by"] else None,
            agreed_by=Proof(row["agreed_by"]) if row["agreed_by"] else None,
            expires_at=row["expires_at"] or "",
            ended_by=row["ended_by"],
            agreed_from=row["agreed_from"],
            contested_by=row["contested_by"],
            replaced_by=row["replaced_by"],
        )
        for row in rows
    ]


def first(active: Sequence[StoredContact]) -> StoredContact | None:
    """Which of the active addresses of a PS gets its bordereaux."""
    held = {one.role: one for one in active}
    return next((held[role] for role in RECEIVING if role in held), None)


def left(held: Sequence[StoredContact], by: Sequence[str] = ("ps", "agent")) -> frozenset[str]:
    """Of the inscriptions of a PS, the addresses whose last one that stood was ended by one of these."""
    never = (*PENDING, InscriptionState.REFUSEE, InscriptionState.EXPIREE)
    stood = sorted((one for one in held if one.state not in never), key=lambda one: (one.since, one.id))
    return frozenset(mail for mail, one in {one.mail: one for one in stood}.items() if one.ended_by in by)
