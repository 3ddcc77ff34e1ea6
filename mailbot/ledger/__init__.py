"""The ledger: everything that happened, in one SQLite file (an edge: no decision is taken here).

`store.py` opens the file and runs transactions; each family of tables has its own file; `Ledger` holds them together.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from mailbot.ledger.addresses import FAILURES, Addresses, Failure, Suspension
from mailbot.ledger.annuaire import Annuaire, AnnuaireCounts
from mailbot.ledger.bilans import Bilans, Counts
from mailbot.ledger.books import Books
from mailbot.ledger.contact_rows import StoredContact
from mailbot.ledger.contacts import Contacts
from mailbot.ledger.holds import Hold, Holds
from mailbot.ledger.journal import Journal
from mailbot.ledger.letters import Due, Letters, Line, StoredLetter
from mailbot.ledger.lot_files import LotFiles, StoredFile
from mailbot.ledger.lots import Decided, LotCount, Lots
from mailbot.ledger.mails import Mails, StoredMail
from mailbot.ledger.papers import Papers
from mailbot.ledger.preferences import Preference, Preferences
from mailbot.ledger.references import References
from mailbot.ledger.relances import Relances, Unanswered
from mailbot.ledger.replies import Replies, StoredAct
from mailbot.ledger.retours import LearnedCode, Retours, StoredRetour
from mailbot.ledger.review import Resolution, Review, Waiting
from mailbot.ledger.store import Store, instance_lock, instant
from mailbot.ledger.tokens import StoredToken, Tokens

__all__ = [
    "FAILURES",
    "AnnuaireCounts",
    "Counts",
    "Decided",
    "Due",
    "Failure",
    "Hold",
    "LearnedCode",
    "Ledger",
    "Line",
    "LotCount",
    "Preference",
    "Resolution",
    "StoredAct",
    "StoredContact",
    "StoredFile",
    "StoredLetter",
    "StoredMail",
    "StoredRetour",
    "StoredToken",
    "Suspension",
    "Unanswered",
    "Waiting",
    "instance_lock",
    "instant",
]


class Ledger:
    """One open ledger. `secret` (32 bytes, made with the file) is the key of the reference tokens."""

    def __init__(self, path: Path, store: Store | None = None) -> None:
        self.store = store or Store(path)
        self.mails = Mails(self.store)
        self.lot_files = LotFiles(self.store)
        self.lots = Lots(self.store)
        self.books = Books(self.store)
        self.annuaire = Annuaire(self.store)
        self.references = References(self.store)
        self.letters = Letters(self.store)
        self.holds = Holds(self.store)
        self.retours = Retours(self.store)
        self.replies = Replies(self.store)
        self.addresses = Addresses(self.store)
        self.contacts = Contacts(self.store)
        self.tokens = Tokens(self.store)
        self.papers = Papers(self.store)
        self.review = Review(self.store)
        self.preferences = Preferences(self.store)
        self.relances = Relances(self.store)
        self.bilans = Bilans(self.store)
        self.journal = Journal(self.store)
        self.secret = self._secret()

    @classmethod
    def looked_at(cls, path: Path) -> Ledger:
        """The ledger for a look that writes nothing; see `Store.looked_at`."""
        return cls(path, Store.looked_at(path))

    def _secret(self) -> bytes:
        found = self.store.value("SELECT value FROM meta WHERE name = 'secret'")
        if found:
            return bytes.fromhex(found)
        with self.store.transaction():
            self.store.run("INSERT OR IGNORE INTO meta VALUES ('secret', ?)", secrets.token_hex(32))
        return bytes.fromhex(self.store.value("SELECT value FROM meta WHERE name = 'secret'"))

    def note(self, name: str, value: str) -> None:
        """Remembers a value under a name."""
        self.store.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    def noted(self, name: str) -> str:
        return str(self.store.value("SELECT value FROM meta WHERE name = ?", name) or "")

    def note_pass(self, name: str, now: datetime) -> None:
        """Remembers when a pass last went well."""
        self.note(f"pass {name}", instant(now))

    def last_passes(self) -> dict[str, str]:
        """Pass name -> instant of its last good end."""
        rows = self.store.rows("SELECT name, value FROM meta WHERE name LIKE 'pass %'")
        return {row["name"].removeprefix("pass "): row["value"] for row in rows}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing."""
        with self.store.transaction():
            yield

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
