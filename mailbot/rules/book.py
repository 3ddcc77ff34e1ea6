"""The rule book: the catalogue of motifs, the rules in order, and the programmes in which they run.

Owns the compiled form only; `table.py` reads, lints and builds it. What a rule is stands in rule.py, how rules are
asked in programme.py. Pure; raises nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model import Decision, Route, Saisie, Status
from mailbot.rules.case import Terms
from mailbot.rules.programme import Programme
from mailbot.rules.rule import Rule

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


class Book:
    """The compiled rule book. `rules` in order, without those switched off; `motifs` is the catalogue by code.

    `changes`: the days from which other rules count than the day before, in order; none in a book without periods.
    """

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
        self.changes = tuple(sorted({day for rule in rules for day in rule.period.changes}))
        uses = Counter(fact.name for rule in rules for fact, _ in rule.all_tests)
        self._kept = frozenset(name for name, count in uses.items() if count > 1)
        self._programmes: dict[frozenset[str] | tuple[frozenset[str], int], Programme] = {}

    def programme(self, loaded: frozenset[str], day: date) -> Programme:
        """The rules as they run for a lot received on this day when these reference tables are loaded."""
        key = (loaded, bisect_right(self.changes, day)) if self.changes else loaded
        found = self._programmes.get(key)
        if found is None:
            found = Programme(self.rules, loaded, day, self.missing_table, self._kept)
            self._programmes[key] = found
        return found
