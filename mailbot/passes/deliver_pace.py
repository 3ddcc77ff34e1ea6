"""Which letter goes next, and when: the overall rate, and the domains that slow down. Pure: instants are arguments.

A domain that answers 4xx gets half its connections, and all of them back letter by letter; after `REFUSALS` 4xx in a
row its other letters are not tried in this run. Domains take turns, so that one with many letters holds up no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailbot.ledger import Due

#: 4xx of a domain, none of its letters taken in between, after which its other letters wait.
REFUSALS = 5
#: Seconds of lost time that the pace makes good; more would be a burst.
_CATCH_UP = 0.1


class Pace:
    """So many letters a minute, evenly spread. Instants are seconds of one clock."""

    def __init__(self, per_minute: float) -> None:
        self._interval = 60.0 / per_minute
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next letter may begin; 0 for now."""
        return max(0.0, self._next - now)

    def take(self, now: float) -> None:
        """A letter begins."""
        self._next = max(self._next, now - _CATCH_UP) + self._interval

    def waited(self, now: float) -> None:
        """Whoever waits has waited: the next letter may begin."""
        self._next = min(self._next, now)


@dataclass(slots=True)
class _Domain:
    allowed: int
    waiting: deque[int] = field(default_factory=deque)
    flying: int = 0
    refused: int = 0


class Lanes:
    """The letters of one run, by the domain of their recipients; `cap` connections a domain."""

    def __init__(self, ready: Iterable[Due], cap: int) -> None:
        self._cap = cap
        self._domains: dict[str, _Domain] = {}
        self._turns: deque[str] = deque()
        for letter in ready:
            if letter.domain not in self._domains:
                self._domains[letter.domain] = _Domain(cap)
                self._turns.append(letter.domain)
            self._domains[letter.domain].waiting.append(letter.id)

    def next(self) -> tuple[int, str] | None:
        """(letter, domain) whose turn it is; None while every domain that has letters is at its limit."""
        for _ in range(len(self._turns)):
            name = self._turns[0]
            domain = self._domains[name]
            if not domain.waiting:
                self._turns.popleft()
                continue
            self._turns.rotate(-1)
            if domain.flying < domain.allowed:
                domain.flying += 1
                return domain.waiting.popleft(), name
        return None

    def left(self) -> int:
        """How many letters did not begin."""
        return sum(len(self._domains[name].waiting) for name in self._turns)

    def ended(self, name: str) -> None:
        """One of its letters is no longer on the way."""
        self._domains[name].flying -= 1

    def took(self, name: str) -> None:
        """The domain took a letter."""
        domain = self._domains[name]
        domain.refused = 0
        domain.allowed = min(self._cap, domain.allowed + 1)

    def slow(self, name: str) -> list[int]:
        """The domain answered 4xx; gives the letters that are not to be tried in this run (none as a rule)."""
        domain = self._domains[name]
        domain.refused += 1
        domain.allowed = max(1, domain.allowed // 2)
        if domain.refused < REFUSALS:
            return []
        given_up = list(domain.waiting)
        domain.waiting.clear()
        return given_up
