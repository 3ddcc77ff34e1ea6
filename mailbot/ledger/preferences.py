"""What a contact asked for: the table as a CSV file, and which secret phrase its closed PDF opens with.

Owns the table `preferences`, one row for a PS and an address (compared without case); no row means the usual. The
phrase itself is not kept: it is made from the ledger's secret and `phrase`, its number, which grows when it is renewed.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Preference:
    """`phrase`: how many secret phrases this address has had, from 1."""

    csv: bool = False
    phrase: int = 1


class Preferences:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, numero_ps: str, mail: str) -> Preference:
        row = self._store.row(
            "SELECT csv, phrase FROM preferences WHERE numero_ps = ? AND mail = ?", numero_ps, mail.lower()
        )
        return Preference(bool(row["csv"]), row["phrase"]) if row else Preference()

    def prefer_csv(self, numero_ps: str, mail: str, wanted: bool) -> None:
        self._store.run(
            "INSERT INTO preferences (numero_ps, mail, csv, phrase) VALUES (?1, ?2, ?3, 1) "
            "ON CONFLICT DO UPDATE SET csv = ?3",
            numero_ps, mail.lower(), int(wanted),
        )  # fmt: skip

    def renew_phrase(self, numero_ps: str, mail: str) -> None:
        """Bordereaux from now on open with another phrase; earlier ones keep theirs."""
        self._store.run(
            "INSERT INTO preferences (numero_ps, mail, csv, phrase) VALUES (?, ?, 0, 2) "
            "ON CONFLICT DO UPDATE SET phrase = phrase + 1",
            numero_ps, mail.lower(),
        )  # fmt: skip
