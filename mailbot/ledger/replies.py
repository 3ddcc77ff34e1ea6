"""What a PS did about its refusals in its replies: one row a mail and refusal, never changed.

Owns the table `reply_acts`. The state of the refusal is `lots`'; the words are the PS's own (personal data).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from mailbot.ledger.store import Store, instant
from mailbot.model import ReplyAct


@dataclass(frozen=True, slots=True)
class StoredAct:
    """`words`: what the PS wrote about this invoice ("" for a document alone). `evidence`: why it is tied to it."""

    mail_id: int
    rejet_id: int
    at: str
    act: ReplyAct
    words: str
    evidence: str


class Replies:
    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, now: datetime, mail_id: int, rejet_id: int, act: ReplyAct, words: str, evidence: str) -> bool:
        """Keeps what a mail does about a refusal; False where that is known already."""
        added = self._store.run(
            "INSERT OR IGNORE INTO reply_acts (mail_id, rejet_id, at, act, words, evidence) VALUES (?, ?, ?, ?, ?, ?)",
            mail_id, rejet_id, instant(now), str(act), words, evidence,
        )  # fmt: skip
        return added == 1

    def forget(self, mail_id: int, rejet_id: int) -> None:
        """An agent takes back what an agent noted."""
        self._store.run("DELETE FROM reply_acts WHERE mail_id = ? AND rejet_id = ?", mail_id, rejet_id)

    def of_mail(self, mail_id: int) -> list[StoredAct]:
        """What a mail did, in the order in which it was written down."""
        return [
            _act(row) for row in self._store.rows("SELECT * FROM reply_acts WHERE mail_id = ? ORDER BY id", mail_id)
        ]

    def of_rejets(self, rejet_ids: Sequence[int]) -> dict[int, list[StoredAct]]:
        """What was done about each of these refusals, oldest first."""
        found: dict[int, list[StoredAct]] = {}
        for row in self._store.rows_in("SELECT * FROM reply_acts WHERE rejet_id IN (?*) ORDER BY id", rejet_ids):
            found.setdefault(row["rejet_id"], []).append(_act(row))
        return found

    def case_of(self, letter_id: int) -> list[int]:
        """The bordereaux of the refusals that the mail answered by this letter touched or may be about."""
        rows = self._store.rows(
            "SELECT DISTINCT r.letter_id FROM letters l JOIN rejets r ON r.id IN "
            "(SELECT rejet_id FROM reply_acts WHERE mail_id = l.answers "
            "UNION SELECT rejet_id FROM candidates WHERE mail_id = l.answers) "
            "WHERE l.id = ? AND r.letter_id IS NOT NULL ORDER BY r.letter_id",
            letter_id,
        )
        return [row[0] for row in rows]

    def invoice_of(self, rejet_id: int) -> tuple[str, str]:
        """Name and lot of the invoice that was refused."""
        row = self._store.rows(
            "SELECT f.nom_facture, f.numero_lot FROM rejets r JOIN factures f ON f.id = r.facture_id WHERE r.id = ?",
            rejet_id,
        )[0]
        return row[0], row[1]

    def received(self, numero_ps: str, number: str) -> list[int]:
        """Ids of the invoices of a PS with this compared number."""
        rows = self._store.rows(
            "SELECT id FROM factures WHERE numero IN (?, ?) AND numero_ps = ? ORDER BY id",
            number.upper(),
            number.lower(),
            numero_ps,
        )
        return [row[0] for row in rows]


def _act(row: Row) -> StoredAct:
    return StoredAct(row["mail_id"], row["rejet_id"], row["at"], ReplyAct(row["act"]), row["words"], row["evidence"])
