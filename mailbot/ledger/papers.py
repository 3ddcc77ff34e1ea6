"""Letters on paper: PDFs that wait to be written into the folder of the post.

The code that one holds stands nowhere else in the clear, and not here either once the file is written.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.ledger.store import Store, instant


class Papers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def queue(self, now: datetime, contact_id: int, pdf: bytes) -> int:
        return self._store.insert("papers", contact_id=contact_id, created_at=instant(now), pdf=pdf)

    def waiting(self) -> list[tuple[int, bytes]]:
        """(id, PDF), oldest first."""
        rows = self._store.rows("SELECT id, pdf FROM papers WHERE written_at IS NULL ORDER BY id")
        return [(row["id"], row["pdf"]) for row in rows]

    def written(self, paper_id: int, now: datetime) -> None:
        self._store.run(
            "UPDATE papers SET written_at = ?, pdf = NULL WHERE id = ? AND written_at IS NULL", instant(now), paper_id
        )
