"""What keeps letters from leaving without touching them: the whole outbox, a PS or a domain that an agent holds (that
domain alone: what stands below it is another one).

A held letter stays queued, and so does one that is queued later; it leaves when what holds it is lifted. A hold counts
at once, up to the final dot. (A single letter is held by its own state: `letters.py`.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.errors import Never
from mailbot.ledger.store import Store, instant

_ALL = "outbox_hold"
#: The letter up to which an agent let everything go: what `limits.hold_above` counts comes after it.
_RELEASED = "outbox_released"

#: SQL on a row of `letters`: nothing holds it.
FREE = (
    f"NOT EXISTS (SELECT 1 FROM meta WHERE name = '{_ALL}') AND NOT EXISTS (SELECT 1 FROM holds WHERE "
    "(scope = 'ps' AND value = letters.numero_ps) OR (scope = 'domain' AND value = letters.domain))"
)


@dataclass(frozen=True, slots=True)
class Hold:
    """`scope` is "ps" or "domain"; `waiting` counts the letters that it keeps. `since` is ISO text in UTC."""

    scope: str
    value: str
    reason: str
    since: str
    waiting: int


class Holds:
    def __init__(self, store: Store) -> None:
        self._store = store

    def everything(self) -> str:
        """Why nothing leaves, "" when letters leave."""
        return str(self._store.value("SELECT value FROM meta WHERE name = ?", _ALL) or "")

    def hold_all(self, reason: str) -> None:
        self._store.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", _ALL, reason)

    def release_all(self) -> None:
        with self._store.transaction():
            self._store.run("DELETE FROM meta WHERE name = ?", _ALL)
            last = self._store.value("SELECT coalesce(max(id), 0) FROM letters")
            self._store.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", _RELEASED, str(last))

    def released_up_to(self) -> int:
        """Id of the last letter that stood there when an agent last released the whole outbox; 0 for never."""
        return int(self._store.value("SELECT value FROM meta WHERE name = ?", _RELEASED) or 0)

    def hold(self, now: datetime, scope: str, value: str, reason: str) -> None:
        """Held again, it is held for the new reason."""
        self._store.run("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)", scope, value.lower(), reason, instant(now))

    def release(self, scope: str, value: str) -> None:
        """Raises `Never` where it is not held."""
        if not self._store.run("DELETE FROM holds WHERE scope = ? AND value = ?", scope, value.lower()):
            raise Never(f"{value} : rien n’est retenu sous ce nom, « mailbot outbox list » montre ce qui l’est")

    def listed(self) -> list[Hold]:
        rows = self._store.rows(
            "SELECT h.*, (SELECT count(*) FROM letters WHERE state = 'queued' AND "
            "((h.scope = 'ps' AND numero_ps = h.value) OR (h.scope = 'domain' AND domain = h.value))) AS waiting "
            "FROM holds h ORDER BY since, scope, value"
        )
        return [Hold(**dict(row)) for row in rows]
