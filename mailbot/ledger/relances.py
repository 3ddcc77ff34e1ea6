"""Which refusals were told again because nobody answered, in which letter: the table `relances`.

Owns who may be reminded as far as the ledger knows: the refusal is open and the current decision of its invoice, the
letter that told it was sent, the last letter about it is old enough, it was not told too often, and no mail that waits
for an agent may be its answer. Whether a reminder makes sense is the pass's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailbot.ledger.store import Store, instant

_DUE = """
    SELECT r.numero_ps, r.id AS rejet_id, told.created_at AS told_at, count(x.letter_id) AS times
    FROM rejets r JOIN factures f ON f.decision_id = r.decision_id JOIN letters told ON told.id = r.letter_id
         LEFT JOIN relances x ON x.rejet_id = r.id
    WHERE r.state = 'ouvert' AND told.state = 'sent'
      AND NOT EXISTS (SELECT 1 FROM candidates c JOIN mails m ON m.id = c.mail_id
                      WHERE c.rejet_id = r.id AND m.state = 'parked')
    GROUP BY r.id HAVING max(told.created_at, coalesce(max(x.at), '')) <= ? AND count(x.letter_id) < ?
    ORDER BY r.numero_ps, r.id
"""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An open refusal; `told_at` is when its bordereau was cut (ISO, UTC), `times` how often it was told again."""

    rejet_id: int
    told_at: str
    times: int


class Relances:
    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self, before: datetime, most: int) -> dict[str, list[Unanswered]]:
        """By PS: refusals last told before that instant, and told again fewer than `most` times."""
        found: dict[str, list[Unanswered]] = {}
        for row in self._store.rows(_DUE, instant(before), most):
            one = Unanswered(row["rejet_id"], row["told_at"], row["times"])
            found.setdefault(row["numero_ps"], []).append(one)
        return found

    def note(self, now: datetime, letter_id: int, rejets: Iterable[int]) -> None:
        """This letter tells these refusals again."""
        for rejet_id in rejets:
            self._store.insert("relances", rejet_id=rejet_id, letter_id=letter_id, at=instant(now))

    def rejets_of(self, letter_id: int) -> list[int]:
        """The refusals that a letter told again."""
        rows = self._store.rows("SELECT rejet_id FROM relances WHERE letter_id = ? ORDER BY rejet_id", letter_id)
        return [row[0] for row in rows]

    def ps_of(self, letter_id: int) -> set[str]:
        """The PS whose refusals a letter told again."""
        rows = self._store.rows(
            "SELECT DISTINCT r.numero_ps FROM relances x JOIN rejets r ON r.id = x.rejet_id WHERE x.letter_id = ?",
            letter_id,
        )
        return {row[0] for row in rows}

    def told_in(self, letter_id: int) -> list[int]:
        """The bordereaux in which the refusals of a reminder were first told."""
        rows = self._store.rows(
            "SELECT DISTINCT r.letter_id FROM relances x JOIN rejets r ON r.id = x.rejet_id "
            "WHERE x.letter_id = ? AND r.letter_id IS NOT NULL ORDER BY r.letter_id",
            letter_id,
        )
        return [row[0] for row in rows]
