"""What became of mail to an address: letters that came back, suspensions, and absences that it told.

An address is suspended, not a PS: one that only AGAPS names has no registration that could end. Where it is registered,
the registration ends with it (`rebond`) and comes back with it. While it is suspended nothing is sent to it, and the
contact of its PS is the next one of motifs.md §5. Addresses are compared without case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.ledger.store import Store, instant

#: Letters that came back for good after which an address is suspended.
FAILURES = 2


@dataclass(frozen=True, slots=True)
class Suspension:
    """`since` is ISO text in UTC; `why` is French, without personal data."""

    address: str
    since: str
    why: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A letter that came back; `mail_id` is the notice. `at` is ISO text in UTC."""

    letter_id: int
    at: str
    status: str
    permanent: bool


class Addresses:
    def __init__(self, store: Store) -> None:
        self._store = store

    def failed(self, now: datetime, address: str, letter_id: int, mail_id: int, status: str, *, permanent: bool) -> int:
        """Notes that a letter came back; gives the letters that came back for good since the address last worked.

        The same notice again counts once, and so does a second notice about the same letter.
        """
        self._store.run(
            "INSERT OR IGNORE INTO bounces (letter_id, mail_id, address, at, status, permanent) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            letter_id, mail_id, address.lower(), instant(now), status[:100], int(permanent),
        )  # fmt: skip
        return int(
            self._store.value(
                "SELECT count(DISTINCT letter_id) FROM bounces WHERE address = ?1 AND permanent = 1 AND id > "
                "coalesce((SELECT max(last_bounce) FROM suspensions WHERE address = ?1 AND until IS NOT NULL), 0)",
                address.lower(),
            )
        )  # fmt: skip

    def failures_of(self, numero_ps: str) -> list[Failure]:
        """Every letter to this PS that came back, oldest first."""
        rows = self._store.rows(
            "SELECT b.letter_id, b.at, b.status, b.permanent FROM bounces b JOIN letters l ON l.id = b.letter_id "
            "WHERE l.numero_ps = ? ORDER BY b.id",
            numero_ps,
        )
        return [Failure(row["letter_id"], row["at"], row["status"], bool(row["permanent"])) for row in rows]

    def suspension(self, address: str) -> Suspension | None:
        row = self._store.row(
            "SELECT address, since, why FROM suspensions WHERE address = ? AND until IS NULL", address.lower()
        )
        return Suspension(**dict(row)) if row else None

    def suspended(self) -> list[Suspension]:
        """All of them, oldest first."""
        rows = self._store.rows("SELECT address, since, why FROM suspensions WHERE until IS NULL ORDER BY id")
        return [Suspension(**dict(row)) for row in rows]

    def suspended_of(self, numero_ps: str) -> list[Suspension]:
        """Those to which this PS was written."""
        rows = self._store.rows(
            "SELECT address, since, why FROM suspensions WHERE until IS NULL AND address IN (SELECT lower(recipient) "
            "FROM letters WHERE numero_ps = ? AND kind <> 'copy') ORDER BY id",
            numero_ps,
        )
        return [Suspension(**dict(row)) for row in rows]

    def suspend(self, now: datetime, address: str, why: str) -> bool:
        """Nothing is sent to it from now on, and its registrations end. False when it is suspended already."""
        if self.suspension(address):
            return False
        address = address.lower()
        with self._store.transaction():
            self._store.insert("suspensions", address=address, since=instant(now), why=why)
            self._store.run(
                "UPDATE contacts SET state = 'rebond', until = ? WHERE state = 'active' AND lower(mail) = ?",
                instant(now), address,
            )  # fmt: skip
        return True

    def lift(self, now: datetime, address: str, *, back: bool = True) -> bool:
        """It works again: its registrations come back where the PS has no other now (not so without `back`). False
        when it is not suspended."""
        held = self.suspension(address)
        if held is None:
            return False
        address = address.lower()
        with self._store.transaction():
            self._store.run(
                "UPDATE suspensions SET until = ?, last_bounce = coalesce((SELECT max(id) FROM bounces), 0) "
                "WHERE address = ? AND until IS NULL",
                instant(now), address,
            )  # fmt: skip
            if not back:
                return True
            self._store.run(
                "UPDATE contacts SET state = 'active', until = NULL WHERE id IN (SELECT max(id) FROM contacts "
                "WHERE state = 'rebond' AND lower(mail) = ? AND until = ? AND numero_ps NOT IN "
                "(SELECT numero_ps FROM contacts WHERE state = 'active') GROUP BY numero_ps)",
                address, held.since,
            )  # fmt: skip
        return True

    def away(self, now: datetime, numero_ps: str, address: str, until: date, mail_id: int) -> None:
        """The last day of an absence, as the latest notice tells it."""
        self._store.run(
            "INSERT INTO absences (numero_ps, address, until, mail_id, told_at) VALUES (?1, ?2, ?3, ?4, ?5) "
            "ON CONFLICT DO UPDATE SET until = ?3, mail_id = ?4, told_at = ?5",
            numero_ps, address.lower(), until.isoformat(), mail_id, instant(now),
        )  # fmt: skip

    def absence(self, numero_ps: str, day: date) -> date | None:
        """The last day of an absence of this PS that is not over on `day`: what a reminder has to wait for."""
        found = self._store.value(
            "SELECT max(until) FROM absences WHERE numero_ps = ? AND until >= ?", numero_ps, day.isoformat()
        )
        return date.fromisoformat(found) if found else None

    def absent(self, day: date) -> int:
        """How many PS are away on `day`."""
        return int(
            self._store.value("SELECT count(DISTINCT numero_ps) FROM absences WHERE until >= ?", day.isoformat())
        )
