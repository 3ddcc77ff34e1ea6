"""What hangs together in the ledger: a mail and the refusals that it answers, the letters that answer it, attempts.

Owns: questions across the tables of mails, letters and rejets, for people who ask why. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.ledger.store import Store
from mailbot.model import RejetState


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a letter; instants as ISO text, `ended_at` and `outcome` "" while it lasts or after a stop."""

    started_at: str
    ended_at: str
    outcome: str
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A refusal that a mail answered, as it stands now; `corrected_by` is the id of the invoice that closed it."""

    rejet_id: int
    facture_id: int
    nom_facture: str
    numero_lot: str
    state: RejetState
    corrected_by: int | None


def attempts(store: Store, letter_id: int) -> list[Attempt]:
    """Every try to send a letter, oldest first."""
    rows = store.rows("SELECT * FROM attempts WHERE letter_id = ? ORDER BY id", letter_id)
    return [
        Attempt(row["started_at"], row["ended_at"] or "", row["outcome"] or "", row["code"], row["text"])
        for row in rows
    ]


def letter_of_key(store: Store, key: str) -> int | None:
    """The id of the letter with this business key."""
    found = store.value("SELECT id FROM letters WHERE key = ?", key)
    return None if found is None else int(found)


def letters_answering(store: Store, mail_id: int) -> list[int]:
    """Ids of the automatic answers to a mail."""
    return [row[0] for row in store.rows("SELECT id FROM letters WHERE answers = ? ORDER BY id", mail_id)]


def invoice_of(store: Store, rejet_id: int) -> str:
    """PS/LOT/FACTURE of a refusal, of whatever version of its invoice."""
    row = store.row(
        "SELECT f.numero_ps, f.numero_lot, f.nom_facture FROM rejets r JOIN factures f ON f.id = r.facture_id "
        "WHERE r.id = ?",
        rejet_id,
    )
    return "/".join(row) if row else f"rejet {rejet_id}"


def requests_of(store: Store, mail_id: int) -> list[tuple[int, str, str]]:
    """The registrations that a mail asked for: (id, PS, state)."""
    rows = store.rows("SELECT id, numero_ps, state FROM contacts WHERE mail_id = ? ORDER BY id", mail_id)
    return [(row[0], row[1], row[2]) for row in rows]


def answered_by(store: Store, rejet_id: int) -> int | None:
    """The mail that answered a refusal."""
    found = store.value("SELECT answered_by FROM rejets WHERE id = ?", rejet_id)
    return None if found is None else int(found)


def touched_by(store: Store, mail_id: int) -> list[Touched]:
    """The refusals that a mail answered or closed."""
    rows = store.rows(
        "SELECT r.id, r.facture_id, f.nom_facture, f.numero_lot, r.state, r.closed_by FROM rejets r "
        "JOIN factures f ON f.id = r.facture_id WHERE r.answered_by = ? ORDER BY r.id",
        mail_id,
    )
    return [Touched(row[0], row[1], row[2], row[3], RejetState(row[4]), row[5]) for row in rows]
