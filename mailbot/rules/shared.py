"""Two small tools of the case: a value worked out once, and the row with the latest day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class shared(Generic[Value]):  # noqa: N801 - reads as a decorator
    """A value of the case that is worked out at the first look and then is an attribute of the instance.

    `functools.cached_property` does the same with a lock on CPython 3.11, at three times the cost. Set as an
    attribute, not through __dict__: asking for that makes a real dict of it, and each later look slower.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> shared[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = self.compute(instance)
        setattr(instance, self.name, value)
        return value


def latest(rows: Sequence[Value], day: Callable[[Value], date | None]) -> Value | None:
    """The row with the latest day; an empty day is the oldest; of several the lower row (motifs.md §3, Ties)."""
    best: Value | None = None
    best_day = date.min
    for row in rows:
        this_day = day(row) or date.min
        if this_day >= best_day:
            best, best_day = row, this_day
    return best
