"""The rule books that decisions were made with. A book is known by the SHA-256 of its text and kept once.

A book leaves with the last decision made with it (the purge). Decisions of before this table have no book.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from mailbot.ledger.store import Store, instant


class Books:
    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, now: datetime, text: str) -> int:
        """The id of the book with this text, which is kept when it is new."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = self._store.value("SELECT id FROM books WHERE sha256 = ?", digest)
        if known is None:
            return self._store.insert("books", sha256=digest, text=text, first_used_at=instant(now))
        return int(known)
