"""The steps of an explanation: what each rule that was looked at saw, as JSON. Pure; raises nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

import orjson

from mailbot.rules.case import Case
from mailbot.rules.facts.types import Seen
from mailbot.rules.rule import Rule, Test

Sees = Callable[[Case], Seen]


class Steps(dict[Seen, bytes]):
    """The explanation's step of a rule that did not hold, as JSON, by the values it saw.

    Most invoices see the same, so that most steps are written once. Bounded: when it is full it stays as it is, for
    some values (a contract, a birth date) are those of one invoice only; after many misses it starts again.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.tests = rule.tests
        #: Names of the values of a rule with a single fact, as nearly all are.
        self.names = rule.tests[0][0].names if len(rule.tests) == 1 else None
        self.opening = step_json(rule.id, False, {}).removesuffix(b"{}}")
        self.misses = 0

    def __missing__(self, seen: Seen) -> bytes:
        names = self.names
        # strict=False would cost as much again as the whole dict.
        values = told(self.tests, seen) if names is None else dict(zip(names, seen))  # noqa: B905
        step = self.opening + orjson.dumps(values) + b"}"
        self.misses += 1
        if self.misses > _MOST_MISSES:
            self.misses = 0
            self.clear()
        if len(self) < _MOST_STEPS:
            self[seen] = step
        return step


_MOST_STEPS = 1 << 11
_MOST_MISSES = 1 << 16


def seeing(tests: tuple[Test, ...]) -> Sees:
    """The values a row sees; for a row of several facts also the answer of each fact looked at."""
    return tests[0][0].sees if len(tests) == 1 else partial(seen_in_turn, tests)


def seen_in_turn(tests: tuple[Test, ...], case: Case) -> Seen:
    """The facts in turn, up to the first that is not as wanted: each with its answer and the values it saw."""
    seen: list[tuple[bool, Seen]] = []
    for fact, wanted in tests:
        answer = fact.holds(case)
        seen.append((answer, fact.sees(case)))
        if answer is not wanted:
            break
    return tuple(seen)


def told(tests: tuple[Test, ...], seen: Seen) -> dict[str, object]:
    """What `seeing` gave, under the French names of the facts and of their values."""
    if len(tests) == 1:
        return dict(zip(tests[0][0].names, seen, strict=False))
    return told_in_turn(tests, seen)


def told_in_turn(tests: tuple[Test, ...], seen: Seen) -> dict[str, object]:
    """What `seen_in_turn` gave, under the French names of the facts and of their values."""
    values: dict[str, object] = {}
    for (fact, _), (answer, its_values) in zip(tests, cast("Sequence[tuple[bool, Seen]]", seen), strict=False):
        values[fact.name] = answer
        values.update(zip(fact.names, its_values, strict=False))
    return values


def step_json(regle: str, tenue: bool, valeurs: Mapping[str, object]) -> bytes:
    """One step of an explanation: `{regle, tenue, valeurs}`."""
    return orjson.dumps({"regle": regle, "tenue": tenue, "valeurs": valeurs})
