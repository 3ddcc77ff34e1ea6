"""Single-use tokens: what a registration waits for, bound to an address, to a purpose and to inscriptions.

Only the SHA-256 of a token is kept. A token counts once, before its end, and never after its inscription was decided.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailbot.ledger.store import Store, instant
from mailbot.model.inscriptions import Purpose, Role


@dataclass(frozen=True, slots=True)
class StoredToken:
    """`address` is who has to answer, `asked_by` whose request it is about; instants as ISO text in UTC.
    `role`, `starts_on`, `ends_on`: what was said already by who is asked for the rest (`FORM`)."""

    id: int
    purpose: Purpose
    address: str
    asked_by: str
    expires_at: str
    used_at: str
    contacts: tuple[int, ...]
    role: Role | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    def alive(self, now: datetime) -> bool:
        return not self.used_at and instant(now) < self.expires_at


class Tokens:
    def __init__(self, store: Store) -> None:
        self._store = store

    def issue(
        self,
        now: datetime,
        purpose: Purpose,
        address: str,
        token_hash: str,
        expires_at: datetime,
        contacts: Sequence[int] = (),
        asked_by: str = "",
        said: tuple[Role | None, date | None, date | None] = (None, None, None),
    ) -> int:
        """Keeps a new token, by its SHA-256 in hexadecimal. `said`: role, first and last day, where known."""
        role, first, last = said
        token_id = self._store.insert(
            "tokens", hash=token_hash, purpose=purpose, address=address.lower(), asked_by=(asked_by or address).lower(),
            created_at=instant(now), expires_at=instant(expires_at),
            role=role, starts_on=first.isoformat() if first else None, ends_on=last.isoformat() if last else None,
        )  # fmt: skip
        for contact_id in dict.fromkeys(contacts):
            self._store.insert("token_contacts", token_id=token_id, contact_id=contact_id)
        return token_id

    def found(self, hashes: Iterable[str]) -> list[StoredToken]:
        """The tokens with these SHA-256, whatever became of them."""
        found: list[StoredToken] = []
        for wanted in dict.fromkeys(hashes):
            for row in self._store.rows("SELECT * FROM tokens WHERE hash = ?", wanted):
                if hmac.compare_digest(row["hash"], wanted):
                    found.append(self._token(row["id"]))
        return found

    def use(self, token_id: int, now: datetime, mail_id: int) -> bool:
        """Spends the token on this mail; False when it was spent, or its time was over."""
        return (
            self._store.run(
                "UPDATE tokens SET used_at = ?1, used_by = ?2 WHERE id = ?3 AND used_at IS NULL AND expires_at > ?1",
                instant(now), mail_id, token_id,
            )
            == 1
        )  # fmt: skip

    def void(self, contact_id: int, now: datetime) -> None:
        """Spends what is left for this inscription alone: it was decided. A dispute stays possible."""
        self._store.run(
            "UPDATE tokens SET used_at = ?1 WHERE used_at IS NULL AND purpose <> 'contester' AND id IN "
            "(SELECT token_id FROM token_contacts WHERE contact_id = ?2) AND NOT EXISTS (SELECT 1 "
            "FROM token_contacts t JOIN contacts c ON c.id = t.contact_id WHERE t.token_id = tokens.id AND c.id <> ?2 "
            "AND c.state IN ('demandee', 'confirmee', 'active'))",
            instant(now), contact_id,
        )  # fmt: skip

    def sent_to(self, address: str, purpose: Purpose, since: datetime) -> int:
        """How many of this purpose went to this address since then."""
        return int(
            self._store.value(
                "SELECT count(*) FROM tokens WHERE address = ? AND purpose = ? AND created_at >= ?",
                address.lower(), purpose, instant(since),
            )
        )  # fmt: skip

    def about(self, numero_ps: str, purposes: Sequence[Purpose], since: datetime) -> int:
        """How many of these purposes were made for this PS since then."""
        rows = self._store.rows(
            "SELECT DISTINCT t.id, t.purpose FROM tokens t JOIN token_contacts x ON x.token_id = t.id "
            "JOIN contacts c ON c.id = x.contact_id WHERE c.numero_ps = ? AND t.created_at >= ?",
            numero_ps, instant(since),
        )  # fmt: skip
        return sum(row["purpose"] in purposes for row in rows)

    def of_contact(self, contact_id: int) -> list[StoredToken]:
        """Every token for this inscription, oldest first."""
        rows = self._store.rows(
            "SELECT token_id FROM token_contacts WHERE contact_id = ? ORDER BY token_id", contact_id
        )
        return [self._token(row[0]) for row in rows]

    def _token(self, token_id: int) -> StoredToken:
        row = self._store.rows("SELECT * FROM tokens WHERE id = ?", token_id)[0]
        contacts = self._store.rows(
            "SELECT contact_id FROM token_contacts WHERE token_id = ? ORDER BY contact_id", token_id
        )
        return StoredToken(
            id=row["id"],
            purpose=Purpose(row["purpose"]),
            address=row["address"],
            asked_by=row["asked_by"],
            expires_at=row["expires_at"],
            used_at=row["used_at"] or "",
            contacts=tuple(one[0] for one in contacts),
            role=Role(row["role"]) if row["role"] else None,
            starts_on=date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
            ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
        )
