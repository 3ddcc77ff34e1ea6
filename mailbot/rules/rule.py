"""What a row of the table is once it is read: facts that must (not) hold, and an outcome.

Variants override the outcome, the first that holds. How rows are asked in turn is in programme.py. Pure; raises
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from mailbot.model import Decision, Route
from mailbot.rules.case import Case
from mailbot.rules.facts.types import Fact, Named
from mailbot.rules.period import ALWAYS, Period

Test = tuple[Fact, bool]


@dataclass(frozen=True, slots=True)
class Template:
    """A commentaire: fixed texts and named values in turn."""

    parts: tuple[str | Named, ...]

    def render(self, case: Case) -> str:
        return "".join(part if isinstance(part, str) else _text(part.read(case)) for part in self.parts).strip()

    @property
    def fixed(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)


def _text(value: str | date | None) -> str:
    if value is None:
        return ""
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


class Outcome:
    """What a rule says. `base` is the decision, with whatever does not depend on the invoice filled in."""

    def __init__(self, base: Decision, comment: Template, day: Named | None, detail: Named | None) -> None:
        self.base = base
        self.comment = comment
        self.day = day
        self.detail = detail
        fixed = comment.fixed and day is None and detail is None
        #: The decision itself where nothing depends on the invoice: shared by all invoices.
        self.shared = replace(base, commentaire="".join(map(str, comment.parts)).strip()) if fixed else None
        self.to_ps = base.route is Route.PS

    def decide(self, case: Case) -> Decision:
        """An invoice whose name is "0" never goes out in a mail to the PS (motifs.md §4)."""
        if self.shared is not None:
            decision = self.shared
        else:
            day = self.day.read(case) if self.day else None
            detail = self.detail.read(case) if self.detail else None
            decision = replace(
                self.base,
                commentaire=self.comment.render(case),
                date=day if isinstance(day, date) else None,
                detail=detail if isinstance(detail, str) else self.base.detail,
            )
        if self.to_ps and case.name_is_zero:
            return replace(decision, route=Route.GESTIONNAIRE)
        return decision


class Variant(NamedTuple):
    """Facts that may hold beside those of the rule, and what is said then instead."""

    tests: tuple[Test, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `needs` are the reference tables without which it cannot be looked at (A0).

    `takes_over`: rules that are looked at again under the patient's other NIR; the first that holds speaks (F0), and
    such a row has no outcome of its own.
    `period`: the days of reception on which it counts; rules of one id are versions of each other, one a day.
    """

    id: str
    tests: tuple[Test, ...]
    needs: tuple[str, ...]
    outcome: Outcome | None
    variants: tuple[Variant, ...] = ()
    takes_over: tuple[Rule, ...] = ()
    period: Period = ALWAYS

    @property
    def all_tests(self) -> tuple[Test, ...]:
        """Those of its variants too."""
        return (*self.tests, *(test for variant in self.variants for test in variant.tests))
