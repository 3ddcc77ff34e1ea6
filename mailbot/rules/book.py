"""The rule book as the judge runs it: catalogue, rules, and what each rule says.

Owns the compiled form only; `table.py` reads, lints and builds it. A rule is a list of facts that must (not) hold and
an outcome; variants override the outcome, the first that holds. Pure; raises nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import cast

import orjson

from mailbot.model import Decision, Route, Saisie, Status
from mailbot.rules.case import Case, Terms
from mailbot.rules.fact_types import Fact, Named, Seen

Test = tuple[Fact, bool]
Holds = Callable[[Case], bool]
Sees = Callable[[Case], Seen]

#: Rule id and comment when no rule holds: the invoice goes to the gestionnaire with the motif of last resort.
LAST_RESORT = "DEFAUT"
LAST_RESORT_MOTIF = "MANQUE_CONSIGNE"
LAST_RESORT_COMMENT = "aucune règle ne s’applique"


@dataclass(frozen=True, slots=True)
class Motif:
    """One entry of the catalogue. `reponse` is the raw text of reponses/CODE.txt ("" without one)."""

    code: str
    libelle: str
    route: Route
    erreurs: Mapping[str, str]
    details: Mapping[str, str]
    reponse: str


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


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `needs` are the reference tables without which it cannot be looked at (A0).

    `takes_over`: rules that are looked at again under the patient's other NIR; the first that holds speaks (F0).
    """

    id: str
    tests: tuple[Test, ...]
    holds: Holds
    needs: tuple[str, ...]
    outcome: Outcome | None
    variants: tuple[tuple[tuple[Test, ...], Holds, Outcome], ...] = ()
    takes_over: tuple[Rule, ...] = ()

    def decide(self, case: Case) -> Decision:
        for _, holds, outcome in self.variants:
            if holds(case):
                return outcome.decide(case)
        assert self.outcome is not None
        return self.outcome.decide(case)


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
        values = told(self.tests, seen) if names is None else dict(zip(names, seen, strict=False))
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


class Programme:
    """What the judge runs: in order, a question and the rule that answers when it is True."""

    def __init__(self, steps: Sequence[tuple[Holds, Rule]]) -> None:
        self.steps = tuple(steps)
        self._place = {rule.id: place for place, (_, rule) in enumerate(self.steps)}
        self._told = tuple((seeing(rule.tests), Steps(rule)) for _, rule in self.steps)

    def path(self, case: Case, held: Rule | None) -> list[bytes]:
        """The steps of the rules that were looked at before the one that held (None: none did), as JSON."""
        before = self._told if held is None else self._told[: self._place[held.id]]
        return [steps[sees(case)] for sees, steps in before]


class Book:
    """The compiled rule book. `rules` in order, without those switched off; `motifs` is the catalogue by code."""

    def __init__(self, motifs: Mapping[str, Motif], rules: Sequence[Rule], missing_table: Rule, terms: Terms) -> None:
        self.motifs = motifs
        self.rules = tuple(rules)
        self.missing_table = missing_table
        self.terms = terms
        self.last_resort = Decision(
            Status.REFUSEE,
            LAST_RESORT,
            LAST_RESORT_MOTIF,
            Route.GESTIONNAIRE,
            None,
            None,
            None,
            LAST_RESORT_COMMENT,
            Saisie.AUCUNE,
        )
        self._programmes: dict[frozenset[str], Programme] = {}

    def programme(self, loaded: frozenset[str]) -> Programme:
        """The rules as they run when these reference tables are loaded; ends where a table is missing (A0)."""
        found = self._programmes.get(loaded)
        if found is None:
            found = self._programmes[loaded] = self._compile(self.rules, loaded)
        return found

    def _compile(self, rules: Sequence[Rule], loaded: frozenset[str]) -> Programme:
        steps: list[tuple[Holds, Rule]] = []
        for rule in rules:
            missing = next((table for table in rule.needs if table not in loaded), None)
            if missing is not None:
                steps.append((_missing(missing), self.missing_table))
                break
            if rule.takes_over:
                steps.append((_taking_over(rule, self._compile(rule.takes_over, loaded)), rule))
            else:
                steps.append((rule.holds, rule))
        return Programme(steps)


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


def _missing(table: str) -> Holds:
    def holds(case: Case) -> bool:
        case.missing_table = table
        return True

    return holds


def _taking_over(rule: Rule, programme: Programme) -> Holds:
    """Holds when the rule's own facts hold and one of the rules taken over holds under the patient's other NIR."""

    def holds(case: Case) -> bool:
        if not rule.holds(case) or not case.other_nir:
            return False
        other = Case(case.facture, case.references, case.terms, case.other_nir)
        for held, taken in programme.steps:
            if held(other):
                case.taken_over = (other, taken, programme)
                return True
        return False

    return holds


def conjunction(tests: tuple[Test, ...], kept: frozenset[str]) -> Holds:
    """One question for all facts of a row. Facts in `kept` are asked more than once in the book: their answer is kept,
    so that no fact is worked out twice for an invoice; the others are asked directly, which is faster."""
    questions = tuple((_keeping(fact) if fact.name in kept else fact.holds, wanted) for fact, wanted in tests)
    if not questions:
        return lambda case: True
    if len(questions) == 1:
        question, wanted = questions[0]
        return question if wanted else lambda case: not question(case)

    def holds(case: Case) -> bool:
        for ask, expected in questions:  # noqa: SIM110 - half the cost of all() with a generator
            if ask(case) is not expected:
                return False
        return True

    return holds


def _keeping(fact: Fact) -> Holds:
    name, ask = f"fait {fact.name}", fact.holds  # no attribute of the case can have such a name

    def holds(case: Case) -> bool:
        answer: bool | None = case.__dict__.get(name)
        if answer is None:
            answer = case.__dict__[name] = ask(case)
        return answer

    return holds
