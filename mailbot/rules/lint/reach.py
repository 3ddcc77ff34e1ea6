"""Which rows and variants of the rule book can never speak, and because of which others.

A row speaks when its facts hold on one of its days and no row before it speaks. The answer is never wrong when it is
“never”: what the facts owe each other (laws.py) is taken into account, everything else is thought possible. A row that
takes others over (F0) speaks only when one of these holds under another NIR, so that it keeps no row from speaking
(but one that takes over the same); the rows that it takes over may speak through it. Pure; raises nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from mailbot.rules.lint.laws import LAWS, Law
from mailbot.rules.lint.logic import Clause, Literal, example, satisfiable
from mailbot.rules.rule import Rule, Test

Item = TypeVar("Item")
#: What must hold for a row or variant to speak.
Condition = frozenset[Literal]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A rule, or one of its variants (by number, from 0)."""

    rule: Rule
    variant: int | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    """Never speaks: before it, `causes` always speak where it would (none: its own facts never hold together).
    `laws`: what facts owe each other that this follows from."""

    speaker: Speaker
    causes: tuple[Speaker, ...]
    laws: tuple[Law, ...]


#: One way to come to a row: what it needs, and who is asked before, each with what makes it speak.
Way = tuple[Condition, Sequence[tuple[Speaker, Condition]]]


def dead(rules: Sequence[Rule]) -> Iterator[Dead]:
    """Of the active rules, in order and without that of A0, those that never speak, and their variants that do not.

    Two rules of one id count on different days.
    """
    days = sorted({date.min, *(day for rule in rules for day in rule.period.changes)})
    ways_down = [[_way(rule, rules[:at], day) for day in days if day in rule.period] for at, rule in enumerate(rules)]
    taking = [rule for rule, ways in zip(rules, ways_down, strict=True) if rule.takes_over and not _why(rule, ways)]
    for rule, down in zip(rules, ways_down, strict=True):
        ways = [*down, *_other_ways(rule, rules, taking, days)]
        found = _why(rule, ways)
        if found:
            yield found
        else:
            yield from _dead_variants(rule, ways)


def uncovered(rules: Sequence[Rule]) -> tuple[date, frozenset[str]] | None:
    """The first day from which invoices can be without a rule, and the facts that hold of such a one (no other does,
    as far as rules and laws speak of them); None where there is none. The rules as for `dead`."""
    for day in sorted({date.min, *(day for rule in rules for day in rule.period.changes)}):
        said = [condition(rule) for rule in rules if day in rule.period]
        holding = example(_clauses(frozenset(), said, LAWS))
        if holding is not None:
            return day, holding
    return None


def condition(rule: Rule) -> Condition:
    """What a rule needs to speak, as far as that can be said."""
    others = " ".join(sorted({other.id for other in rule.takes_over}))
    return _of(rule.tests) | ({(f"reprend {others}", True)} if others else frozenset())


def _of(tests: Iterable[Test]) -> Condition:
    return frozenset((fact.name, wanted) for fact, wanted in tests)


def _other_ways(rule: Rule, rules: Sequence[Rule], taking: Iterable[Rule], days: Sequence[date]) -> Iterator[Way]:
    """The ways to a rule through those that take it over. Of the others taken over only `rules` are known well."""
    known = {id(other) for other in rules}
    for through in taking:
        for at, taken in enumerate(through.takes_over):
            if taken is rule:
                before = [other for other in through.takes_over[:at] if id(other) in known]
                yield from (_way(rule, before, day) for day in days if day in rule.period and day in through.period)


def _way(rule: Rule, before: Iterable[Rule], day: date) -> Way:
    return condition(rule), [(Speaker(other), condition(other)) for other in before if day in other.period]


def _dead_variants(rule: Rule, ways: Sequence[Way]) -> Iterator[Dead]:
    for at, (tests, _) in enumerate(rule.variants):
        earlier = [(Speaker(rule, number), _of(said)) for number, (said, _) in enumerate(rule.variants[:at])]
        found = _why(rule, [(needed | _of(tests), [*earlier, *before]) for needed, before in ways], at)
        if found:
            yield found


def _why(rule: Rule, ways: Sequence[Way], variant: int | None = None) -> Dead | None:
    """Why none of the ways can be gone; None when one can."""
    if any(_open(needed, [said for _, said in before], LAWS) for needed, before in ways):
        return None
    causes: dict[Speaker, None] = {}
    laws: dict[Law, None] = {}
    for needed, before in ways:
        few = _few_causes(needed, before)
        causes.update(dict.fromkeys(who for who, _ in few))
        laws.update(dict.fromkeys(_few_laws(needed, [said for _, said in few])))
    return Dead(Speaker(rule, variant), tuple(causes), tuple(laws))


def _few_causes(needed: Condition, before: Sequence[tuple[Speaker, Condition]]) -> Sequence[tuple[Speaker, Condition]]:
    """None of those before where that is enough, else one of them, else as few as possible."""
    if not _open(needed, [], LAWS):
        return ()
    alone = sorted((one for one in before if not _open(needed, [one[1]], LAWS)), key=lambda one: one[1] != needed)
    if alone:
        return alone[:1]
    return _needed(before, lambda kept: not _open(needed, [said for _, said in kept], LAWS))


def _few_laws(needed: Condition, before: Sequence[Condition]) -> Sequence[Law]:
    return _needed(LAWS, lambda kept: not _open(needed, before, kept))


def _needed(items: Sequence[Item], enough: Callable[[Sequence[Item]], bool]) -> Sequence[Item]:
    """The items without those that can be left out one after the other while the rest is still enough."""
    kept = list(items)
    for item in items:
        without = [other for other in kept if other is not item]
        if enough(without):
            kept = without
    return kept


def _open(needed: Condition, before: Iterable[Condition], laws: Iterable[Law]) -> bool:
    """Facts can be such that `needed` holds and nothing of `before` does."""
    return satisfiable(_clauses(needed, before, laws))


def _clauses(needed: Condition, before: Iterable[Condition], laws: Iterable[Law]) -> list[Clause]:
    clauses: list[Clause] = [frozenset({literal}) for literal in needed]
    clauses += [frozenset((fact, not wanted) for fact, wanted in said) for said in before]
    return clauses + [law.clause for law in laws]
