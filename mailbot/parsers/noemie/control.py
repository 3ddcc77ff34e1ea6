"""The counts and sums of the control entities (990) of a NOEMIE file, compared with what was read.

Owns: nothing but these figures. A 990 closes its level: it counts the entities of the level below and adds up what was
paid since the level was opened. Both readings are “likely” (formats.md), so a difference is worth a warning only.
"""

from __future__ import annotations

from collections.abc import Iterator

_LEVELS = 101


class Control:
    """Counts as the entities go by. Levels run from 0 to 99; money is centimes."""

    def __init__(self) -> None:
        self._counts = [0] * _LEVELS
        #: Level -> what was paid, and how many shares were read, when it was opened.
        self._opened = [(0, 0)] * _LEVELS
        self._total = self._parts = self._deepest = 0

    def count(self, level: int) -> None:
        """An entity of this level went by: what was counted below it starts again."""
        self._counts[level] += 1
        self._opened[level] = (self._total, self._parts)
        for below in range(level + 1, self._deepest + 1):
            self._counts[below] = 0
        self._deepest = level

    def paid(self, amount: int) -> None:
        """One share, RO or RC."""
        self._total += amount
        self._parts += 1

    def check(self, level: int, count: int | None, amount: int | None) -> Iterator[str]:
        """The differences, in French; nothing to compare gives none."""
        read = self._counts[level + 1]
        if count is not None and count != read:
            yield f"{count} entités annoncées, {read} lues"
        before, parts = self._opened[level]
        paid = self._total - before
        if amount is not None and self._parts > parts and amount != paid:
            yield f"{_euros(amount)} annoncés, {_euros(paid)} lus"


def _euros(centimes: int) -> str:
    sign = "-" if centimes < 0 else ""
    return f"{sign}{abs(centimes) // 100},{abs(centimes) % 100:02d} €"
