"""The days on which a row of regles.yaml counts: from `du` to `au`, both included, both optional.

The day that is asked about is the one on which the lot was received (`Facture.date_reception`), never today: the same
invoice decided again falls under the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days, both ends included; open where nothing is said."""

    first: date = date.min
    last: date = date.max

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, other: Period) -> bool:
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: Period) -> bool:
        """Every day of the other is one of ours."""
        return self.first <= other.first and other.last <= self.last

    @property
    def changes(self) -> tuple[date, ...]:
        """The days from which something is different: the first of ours, the first that is ours no more."""
        begins = (self.first,) if self.first > date.min else ()
        return begins if self.last == date.max else (*begins, self.last + _DAY)


ALWAYS = Period()
