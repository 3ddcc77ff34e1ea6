"""The path of one decision as a person would tell it, in French.

Owns: turning an explanation (`[{regle, tenue, valeurs}, …]`, as the ledger keeps it) into the reason of the decision
and the sentences of what was looked at before, by theme. The sentences themselves stand in telling_invoice.py,
telling_traces.py, telling_patient.py and telling_acts.py, a pair for each fact, and in telling_together.py for several
facts at once. Pure; raises nothing: an explanation from another day, whose rule has gone or whose values are others,
is told with what it has. Known limits: of a rule with variants only the one that spoke is told; a rule that was edited
without changing its facts is told as it stands today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mailbot.rules.book import LAST_RESORT, Book
from mailbot.rules.facts import FACTS
from mailbot.rules.rule import Rule
from mailbot.rules.telling import acts as telling_acts
from mailbot.rules.telling import invoice as telling_invoice
from mailbot.rules.telling import patient as telling_patient
from mailbot.rules.telling import traces as telling_traces
from mailbot.rules.telling.together import TOGETHER
from mailbot.rules.telling.words import Absent, Saw, Telling, day, sentence

OTHER_NIR = "Relu sous l’autre NIR du patient"
CHANGED = "Les règles qui ont changé depuis"
#: In the order in which a gestionnaire tells them.
THEMES = (
    telling_invoice.DOCUMENT,
    telling_traces.SEEN,
    telling_invoice.RECIPIENT,
    telling_invoice.COMPLETE,
    telling_patient.PATIENT,
    telling_patient.CARD,
    telling_acts.ACTS,
    telling_acts.VALUATION,
)

TELLINGS: Mapping[str, Telling] = {
    **telling_invoice.TELLINGS,
    **telling_traces.TELLINGS,
    **telling_patient.TELLINGS,
    **telling_acts.TELLINGS,
}

#: What the judge adds to the steps of rules that another one took over (F0).
_ADDED = ("reprise_par", "nir_relu")


@dataclass(frozen=True, slots=True)
class Story:
    """A decision, told. `rule` names the rule that held; `reason` is why, in one sentence or a few; `path` what was
    looked at before it: a theme and its sentences."""

    rule: str
    reason: str
    path: tuple[tuple[str, tuple[str, ...]], ...]


class _Answer(NamedTuple):
    fact: str
    holds: bool
    saw: Saw

    def told(self) -> str:
        telling = TELLINGS[self.fact]
        try:
            return sentence(telling.oui if self.holds else telling.non, self.saw)
        except Absent:
            return f"« {FACTS[self.fact].description} » : {'oui' if self.holds else 'non'}."


def tell(explication: Sequence[object], book: Book) -> Story:
    """`explication`: the steps as the ledger or `Judgement.explication_json` gives them."""
    steps = [_Step.of(one) for one in explication if isinstance(one, Mapping)]
    reader = _Reader(book, steps)
    last = steps[-1] if steps and steps[-1].tenue else None
    before = steps[:-1] if last else steps
    reason = reader.reason(last)
    direct = [step for step in before if not step.reprise]
    again = [step for step in before if step.reprise]
    path = _by_theme([answer for step in direct for answer in reader.answers(step) or ()], set(reason))
    under = _together([answer for step in again for answer in reader.answers(step) or ()], set(reason))
    if under:
        path.append((OTHER_NIR, under))
    changed = [f"La règle {step.regle} n’a pas tenu." for step in before if reader.answers(step) is None]
    if changed:
        path.append((CHANGED, tuple(changed)))
    return Story(_called(last), " ".join(reason), tuple(path))


def _called(last: _Step | None) -> str:
    if last is None:
        return "inconnue"
    return f"{last.regle}, relue sous l’autre NIR du patient ({last.reprise})" if last.reprise else last.regle


class _Step(NamedTuple):
    """One rule that was looked at. `reprise`: the rule that took it over (F0), `nir`: the NIR it was read under."""

    regle: str
    tenue: bool
    valeurs: Mapping[str, object]
    reprise: str = ""
    nir: str = ""

    @classmethod
    def of(cls, one: Mapping[Any, Any]) -> _Step:
        seen = one.get("valeurs")
        values = {str(name): value for name, value in seen.items()} if isinstance(seen, Mapping) else {}
        reprise, nir = (str(values.pop(name, "") or "") for name in _ADDED)
        return cls(str(one.get("regle", "")), one.get("tenue") is True, values, reprise, nir)


class _Reader:
    """Steps -> answered facts, by the rules of the book as it stands."""

    def __init__(self, book: Book, steps: Iterable[_Step]) -> None:
        self.details = book.terms.details
        self.care = _care(steps)
        self.rules: dict[str, list[Rule]] = {}
        for rule in (*book.rules, *(taken for one in book.rules for taken in one.takes_over), book.missing_table):
            self.rules.setdefault(rule.id, []).append(rule)

    def answers(self, step: _Step) -> list[_Answer] | None:
        """The facts that this rule looked at; None where the rule has gone, or its facts are others now."""
        for rule in self.rules.get(step.regle, ()):
            if not rule.tests:
                return []
            if len(rule.tests) > 1:
                found = self._in_turn(step, rule.tests)
                if found:
                    return found
                continue
            (fact, wanted), values = rule.tests[0], step.valeurs
            others = (values.keys() & FACTS.keys()) - {fact.name, *fact.names}
            if (fact.names[:1] == tuple(values)[:1] or not fact.names) and (step.tenue or not others):
                return [self._answer(fact.name, wanted is step.tenue, values)]
        return None

    def reason(self, step: _Step | None) -> tuple[str, ...]:
        """Why the rule that held did so, each sentence once."""
        if step is None:
            return ("L’explication gardée ne dit pas quelle règle a décidé.",)
        if step.regle == LAST_RESORT:
            return ("Aucune règle du livre ne s’applique à cette facture.",)
        answers = self.answers(step)
        if answers is None:
            return ("Cette règle n’est plus dans le livre, ou ses faits ont changé depuis.",)
        told = _together([*answers, *self._variant(step)], set())
        if step.reprise:
            ending = f", qui finit par {step.nir[-3:]}" if len(step.nir) > 3 else ""
            told = (f"Le patient est trouvé par son nom et sa naissance sous un autre NIR{ending}.", *told)
        return told or ("Cette règle vaut pour toute facture qui arrive jusqu’à elle.",)

    def _variant(self, step: _Step) -> list[_Answer]:
        """The facts of the variant that spoke."""
        for rule in self.rules.get(step.regle, ()):
            for tests, *_ in rule.variants:
                if all(step.valeurs.get(fact.name) is wanted for fact, wanted in tests):
                    return self._in_turn(step, tests)
        return []

    def _in_turn(self, step: _Step, tests: Sequence[tuple[Any, bool]]) -> list[_Answer]:
        found: list[_Answer] = []
        for fact, _ in tests:
            holds = step.valeurs.get(fact.name)
            if not isinstance(holds, bool):
                break
            found.append(self._answer(fact.name, holds, step.valeurs))
        return found

    def _answer(self, fact: str, holds: bool, values: Mapping[str, object]) -> _Answer:
        return _Answer(fact, holds, Saw(values, self.details, self.care))


def _care(steps: Iterable[_Step]) -> tuple[str, str]:
    """First and last day of care, as the first rule that saw both did."""
    for step in steps:
        try:
            return day(step.valeurs.get("debut_soins")), day(step.valeurs.get("fin_soins"))
        except Absent:
            continue
    return "", ""


def _by_theme(answers: Iterable[_Answer], said: set[str]) -> list[tuple[str, tuple[str, ...]]]:
    by_theme: dict[str, list[_Answer]] = {theme: [] for theme in THEMES}
    for answer in answers:
        by_theme[TELLINGS[answer.fact].theme].append(answer)
    told = ((theme, _together(group, said)) for theme, group in by_theme.items())
    return [(theme, sentences) for theme, sentences in told if sentences]


def _together(answers: Iterable[_Answer], said: set[str]) -> tuple[str, ...]:
    """The sentences of these answers, one for several facts where that reads better, each once; adds to `said`."""
    left: dict[str, _Answer] = {}
    for answer in answers:
        left.setdefault(answer.fact, answer)
    joined: dict[str, str] = {}
    for group in TOGETHER:
        if not all(
            name in left and name not in joined and left[name].holds is holds for name, holds in group.answers.items()
        ):
            continue
        members = [left[name] for name in group.answers]
        values = {key: value for member in members for key, value in member.saw.values.items()}
        first = next(name for name in left if name in group.answers)
        try:
            joined[first] = sentence(group.sentence, Saw(values, members[0].saw.details, members[0].saw.care))
        except Absent:
            continue
        for name in group.answers.keys() - {first}:
            del left[name]
    found = []
    for name, answer in left.items():
        told = joined.get(name) or answer.told()
        if told not in said:
            said.add(told)
            found.append(told)
    return tuple(found)


def lowered(told: str) -> str:
    """A sentence for the middle of another; an abbreviation at its beginning keeps its capitals."""
    return told if told[1:2].isupper() else told[:1].lower() + told[1:]
