"""The journal: append-only, hash-chained, one line per thing that happened.

Owns: `write`, `about`, `verify`. A line's hash covers the hash before it and every column, so that a changed, added or
removed line is found. Subjects are references of the ledger ("mail 12", "letter 3", "contact 7"), never personal data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.ledger.store import Store, instant

#: What stands before the first line.
GENESIS = "0" * 64

_INSERT = "INSERT INTO journal (at, who, what, subject, details, hash) VALUES (?, ?, ?, ?, ?, ?)"
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Line:
    """What happened to a subject. `at`: ISO text in UTC."""

    at: str
    who: str
    what: str
    details: Mapping[str, Any]


class Journal:
    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, now: datetime, who: str, what: str, subject: str, **details: object) -> None:
        """Adds one line; in the caller's transaction where there is one."""
        self.write_all(now, who, what, [(subject, details)])

    def write_all(self, now: datetime, who: str, what: str, lines: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        """Adds a line for each (subject, details) in their order; in the caller's transaction where there is one."""
        at = instant(now)
        with self._store.transaction():
            before = self._store.value("SELECT hash FROM journal ORDER BY id DESC LIMIT 1") or self._anchor()
            for subject, details in lines:
                text = _JSON.encode(details)
                before = _link(before, at, who, what, subject, text)
                self._store.run(_INSERT, at, who, what, subject, text, before)
            # The length stands apart, so that lines cut off at the end are missed.
            self._store.run(
                "INSERT INTO meta VALUES ('journal_length', ?1) "
                "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + CAST(?1 AS INTEGER)",
                str(len(lines)),
            )

    def last(self) -> int:
        """The id of the last line of something else than sending; 0 for none."""
        found = self._store.value("SELECT max(id) FROM journal WHERE what <> 'letter attempt'")
        return int(found or 0)

    def verify(self) -> int | None:
        """The id of the first line that does not fit the chain; None when every line fits."""
        before = self._anchor()
        for row in self._store.rows("SELECT * FROM journal ORDER BY id"):
            fits = _link(before, row["at"], row["who"], row["what"], row["subject"], row["details"])
            if fits != row["hash"]:
                return int(row["id"])
            before = row["hash"]
        length = int(self._store.value("SELECT value FROM meta WHERE name = 'journal_length'") or 0)
        count = int(self._store.value("SELECT count(*) FROM journal"))
        return None if length == count else count + 1

    def _anchor(self) -> str:
        """The hash before the first line: of the last line that the purge removed, or of nothing."""
        return str(self._store.value("SELECT value FROM meta WHERE name = 'journal_anchor'") or GENESIS)

    def about(self, subject: str) -> list[Line]:
        """What happened to one subject, oldest first, with its details."""
        rows = self._store.rows("SELECT * FROM journal WHERE subject = ? ORDER BY id", subject)
        return [Line(row["at"], row["who"], row["what"], json.loads(row["details"])) for row in rows]

    def lines(self, subject: str = "") -> Iterator[tuple[str, str, str, str, str]]:
        """(at, who, what, subject, hash), oldest first."""
        rows = self._store.rows("SELECT * FROM journal WHERE subject = ? OR ? = '' ORDER BY id", subject, subject)
        return ((row["at"], row["who"], row["what"], row["subject"], row["hash"]) for row in rows)


def _link(before: str, *columns: str) -> str:
    return hashlib.sha256("\x1f".join((before, *columns)).encode()).hexdigest()
