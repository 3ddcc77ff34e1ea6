"""What a rule book says badly although it can be used: nothing here stops the service, all of it deserves a look.

Owns two kinds of findings. Mistakes: a row or variant that can never speak (with the rows because of which, reach.py),
a rule that sends to the PS a text with a place that it leaves empty. Remarks: a variant that changes nothing, versions
with days between them that none counts on, a motif that no rule uses, a text or a section of a text that nobody reads.
Each has file, line, column and remedy. Rows whose words are not understood are neither accused nor held against
others. Pure; raises nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from mailbot.configuration.document import Document, nearest
from mailbot.errors import Fault
from mailbot.rules.book import LAST_RESORT, LAST_RESORT_MOTIF, Motif
from mailbot.rules.lint import reach
from mailbot.rules.lint.reach import Dead, Speaker
from mailbot.rules.rows import Place, Row
from mailbot.rules.rule import Outcome, Rule
from mailbot.rules.table import Reading

_DAY = timedelta(days=1)
#: Placeholders of an answer text that a rule fills.
_GIVEN = ("date", "detail", "erreur", "commentaire")


class Answer(NamedTuple):
    """What the lint must know of reponses/CODE.txt: the placeholders that it shows even when they are empty, and its
    sections with their lines."""

    shown: frozenset[str] = frozenset()
    sections: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Findings:
    mistakes: tuple[Fault, ...]
    remarks: tuple[Fault, ...]


def look(reading: Reading, answers: Mapping[str, Answer]) -> Findings:
    """All findings. `answers`: the texts of the admin by the name of their file."""
    catalogue = reading.catalogue
    mistakes: list[Fault] = []
    remarks: list[Fault] = []
    if reading.regles:
        rows = _Rows(reading.regles, [row for row in reading.rows if row.speaks and row.clear])
        mistakes += (*rows.dead(), *rows.empty_places(answers, catalogue or {}))
        remarks += (*rows.idle_variants(), *rows.versions())
        remarks += (*_taking_nothing(reading.regles, reading.rows), *_taking_switched_off(reading.regles, reading.rows))
        if reading.book and not mistakes:  # a row that is mended may take these cases
            remarks += rows.uncovered()
    if catalogue is not None:
        remarks += _unread_texts(catalogue, answers)
        if reading.motifs and reading.book:  # a word that is not understood may name it
            remarks += _unused_motifs(reading.motifs, catalogue, reading.rows)
    return Findings(tuple(mistakes), tuple(remarks))


class _Rows:
    """Rows that speak and whose words are understood, in order."""

    def __init__(self, document: Document, rows: Sequence[Row]) -> None:
        self.document = document
        self.rows = [row for row in rows if not row.guards]
        self.all = rows
        self._at = {id(row.rule): row.at for row in rows}

    # --- rows and variants that never speak ---------------------------------------------------------------------

    def dead(self) -> Iterator[Fault]:
        dead = list(reach.dead([row.rule for row in self.rows]))
        crowds = self._crowds(dead)
        for culprit, victims in crowds.items():
            names = ", ".join(found.speaker.rule.id for found in victims)
            message = f"{self._name(culprit)} : à cause d’elle {len(victims)} règles ne sont jamais atteintes : {names}"
            yield self.document.wrong(
                (*self._path(culprit), "si"), message, "placez-la après elles, ou ajoutez des faits"
            )
        told = {id(found) for victims in crowds.values() for found in victims}
        for found in (found for found in dead if id(found) not in told):
            message, hint = self._told(found)
            where = (
                *self._path(found.speaker),
                "si" if found.speaker.variant is not None or not found.causes else "id",
            )
            yield self.document.wrong(where, f"{self._name(found.speaker)} : {message}", hint)

    def _crowds(self, dead: Sequence[Dead]) -> dict[Speaker, list[Dead]]:
        """Rows that are never reached by the row that completes their causes, where it keeps several from speaking."""
        crowds: dict[Speaker, list[Dead]] = defaultdict(list)
        culprits: dict[int, Speaker] = {}
        for found in dead:
            if found.speaker.variant is None and found.causes:
                last = max(found.causes, key=lambda cause: self._at[id(cause.rule)])
                # A cause that is never reached either has a cause itself: that is the one to mend.
                culprit = culprits.setdefault(id(found.speaker.rule), culprits.get(id(last.rule), last))
                crowds[culprit].append(found)
        return {culprit: victims for culprit, victims in crowds.items() if len(victims) > 1}

    def _told(self, found: Dead) -> tuple[str, str]:
        who, causes = found.speaker, found.causes
        why = f" ({', '.join(law.words for law in found.laws)})" if found.laws else ""
        if not causes:
            return f"elle ne tient jamais, ses faits s’excluent{why or _opposites(who)}", "retirez l’un de ces faits"
        if len(causes) > 1:
            said = ", ".join(map(self._named, causes[:-1])) + f" et {self._named(causes[-1])}"
            return f"jamais atteinte : {said} prennent ensemble tous ses cas{why}", "placez-la avant, ou retirez-la"
        cause = causes[0]
        named = self._named(cause)
        if not _needs(cause):
            return f"jamais atteinte : {named} tient toujours", "placez-la avant, ou donnez des faits à cette dernière"
        if _needs(cause) != _needs(who):
            hint = "placez-la avant, ou retirez-la"
            return f"jamais atteinte : {named} tient chaque fois que celle-ci tiendrait{why}", hint
        if _says(cause) == _says(who):
            return f"elle dit la même chose que {named}", "retirez l’une des deux"
        return f"jamais atteinte : {named} a les mêmes faits et parle avant elle", "retirez l’une des deux"

    def _path(self, who: Speaker) -> Place:
        row: Place = ("regles", self._at[id(who.rule)])
        return row if who.variant is None else (*row, "variantes", who.variant)

    def _name(self, who: Speaker) -> str:
        return f"règle {who.rule.id}" + ("" if who.variant is None else f", variante {who.variant + 1}")

    def _named(self, who: Speaker) -> str:
        """The other one in a sentence, with its place."""
        name = f"la règle {who.rule.id}" if who.variant is None else f"sa variante {who.variant + 1}"
        return f"{name} ({self._place(self._path(who), 'id' if who.variant is None else 'si')})"

    def _place(self, path: Place, key: str) -> str:
        return ":".join(map(str, (self.document.file, *self.document.word((*path, key)))))

    # --- answers with a hole ------------------------------------------------------------------------------------

    def empty_places(self, answers: Mapping[str, Answer], catalogue: Mapping[str, Motif]) -> Iterator[Fault]:
        """Rules that send to the PS a text that shows a value which they never give."""
        for row in self.all:
            told: set[tuple[str, str]] = set()
            for path, outcome in _outcomes(row):
                code = outcome.base.motif or ""
                wanted = answers.get(code, Answer()).shown if outcome.to_ps else frozenset()
                if code in catalogue and catalogue[code].erreurs:
                    wanted -= {"erreur"}  # rows.py asks for it
                for name in _GIVEN:
                    if name in wanted and not _gives(outcome, name) and (code, name) not in told:
                        told.add((code, name))
                        message = f"règle {row.rule.id} : reponses/{code}.txt montre {{{name}}}, qu’elle ne donne pas"
                        hint = f"écrivez « {name} » dans la règle, ou mettez ce passage du texte entre [ ]"
                        yield self.document.wrong((*path, "motif"), message, hint)

    def uncovered(self) -> Iterator[Fault]:
        """Invoices that no rule would decide."""
        found = reach.uncovered([row.rule for row in self.rows])
        if found:
            day, facts = found
            since = "" if day == date.min else f", à partir du {day:%d/%m/%Y}"
            case = f"{', '.join(sorted(facts))}, et aucun autre fait" if facts else "sans aucun fait"
            message = (
                f"des factures n’auront aucune règle (elles iront au gestionnaire en {LAST_RESORT_MOTIF}, règle "
                f"{LAST_RESORT}){since} : par exemple {case}"
            )
            yield self.document.fault(("regles",), message, "est-ce voulu ? sinon finissez par une règle qui les prend")

    # --- remarks ------------------------------------------------------------------------------------------------

    def idle_variants(self) -> Iterator[Fault]:
        """The last variants of a row, as long as they say what the row says; before others one may stand for a case."""
        for row in self.all:
            for at in range(len(row.rule.variants) - 1, -1, -1):
                if row.rule.outcome is None or _words(row.rule.variants[at].outcome) != _words(row.rule.outcome):
                    break
                path = ("regles", row.at, "variantes", at, "si")
                message = f"règle {row.rule.id}, variante {at + 1} : elle ne change rien à ce que dit sa règle"
                yield self.document.wrong(path, message, "retirez-la, ou écrivez ce qu’elle change")

    def versions(self) -> Iterator[Fault]:
        """Days between two versions of a rule on which none counts; two in a row that say the same."""
        by_id: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            by_id[row.rule.id].append(row)
        for name, rows in by_id.items():
            for one, next_one in pairwise(sorted(rows, key=lambda row: row.rule.period.first)):
                last, first = one.rule.period.last, next_one.rule.period.first
                if last >= first:
                    continue  # they overlap, which table.py has said
                where = ("regles", next_one.at, "du")
                if last + _DAY < first:
                    days = f"du {last + _DAY:%d/%m/%Y} au {first - _DAY:%d/%m/%Y}"
                    message = f"règle {name} : aucune de ses versions ne vaut {days}"
                    yield self.document.wrong(where, message, "est-ce voulu ? sinon changez du ou au")
                elif _says(Speaker(one.rule)) == _says(Speaker(next_one.rule)):
                    place = self._place(("regles", one.at), "id")
                    message = f"règle {name} : cette version dit la même chose que la précédente ({place})"
                    yield self.document.wrong(where, message, "gardez-en une seule")


def _taking_nothing(document: Document, rows: Iterable[Row]) -> Iterator[Fault]:
    for row in rows:
        rule = row.rule
        idle = not any(other.period.overlaps(rule.period) for other in rule.takes_over)
        if row.clear and row.block.actif and row.block.reprend and idle:
            message = f"règle {rule.id} : les règles qu’elle reprend sont toutes mises de côté, elle ne dit rien"
            yield document.wrong(("regles", row.at, "reprend"), message, "mettez-la de côté : actif: false")


def _taking_switched_off(document: Document, rows: Sequence[Row]) -> Iterator[Fault]:
    active = {row.rule.id for row in rows if row.block.actif}
    off = {row.rule.id for row in rows} - active
    for row in rows:
        if not row.block.actif or not off.intersection(row.block.reprend) or not active.intersection(row.block.reprend):
            continue  # of a row that takes over nothing else it is said that it says nothing
        for at, name in enumerate(row.block.reprend):
            if name in off:
                message = f"règle {row.rule.id} : la règle {name} qu’elle reprend est mise de côté"
                yield document.wrong(("regles", row.at, "reprend", at), message, "retirez-la de « reprend »")


def _unused_motifs(motifs: Document, catalogue: Iterable[str], rows: Iterable[Row]) -> Iterator[Fault]:
    used = {says.motif for row in rows for says in (row.block, *row.block.variantes)} | {LAST_RESORT_MOTIF}
    for code in catalogue:
        if code not in used:
            message = f"aucune règle ne donne le motif {code}"
            yield motifs.fault(("motifs", code), message, "retirez-le, ou nommez-le dans une règle")


def _unread_texts(catalogue: Mapping[str, Motif], answers: Mapping[str, Answer]) -> Iterator[Fault]:
    for code, answer in answers.items():
        file = f"reponses/{code}.txt"
        motif = catalogue.get(code)
        if motif is None:
            yield Fault(
                file, 0, 0, f"aucun motif ne s’appelle {code} : personne ne lit ce texte", nearest(code, catalogue)
            )
            continue
        known = (*motif.erreurs, *motif.details)
        for section, line in answer.sections.items():
            if section not in known:
                message = f"section [{section}] : ni erreur ni détail du motif {code}, personne ne la lit"
                yield Fault(file, line, 2, message, nearest(section, known))


def _outcomes(row: Row) -> Iterator[tuple[Place, Outcome]]:
    if row.rule.outcome:
        yield ("regles", row.at), row.rule.outcome
    for at, (_, outcome) in enumerate(row.rule.variants):
        yield ("regles", row.at, "variantes", at), outcome


def _gives(outcome: Outcome, name: str) -> bool:
    given = {
        "date": outcome.day,
        "detail": outcome.detail or outcome.base.detail,
        "erreur": outcome.base.erreur,
        "commentaire": outcome.comment.parts,
    }
    return bool(given[name])


def _words(outcome: Outcome) -> tuple[Any, ...]:
    """What an outcome says, whatever the rule is called."""
    return replace(outcome.base, regle=""), outcome.comment, outcome.day, outcome.detail


def _needs(who: Speaker) -> reach.Condition:
    rule = who.rule
    tests = rule.tests if who.variant is None else rule.variants[who.variant].tests
    others = reach.condition(rule) if who.variant is None else frozenset()
    return frozenset((fact.name, wanted) for fact, wanted in tests) | others


def _says(who: Speaker) -> Any:
    """Everything that a rule or variant says, its facts included."""
    rule: Rule = who.rule
    if who.variant is not None:
        return _needs(who), _words(rule.variants[who.variant].outcome)
    variants = [(_needs(Speaker(rule, at)), _words(said)) for at, (_, said) in enumerate(rule.variants)]
    return _needs(who), rule.outcome and _words(rule.outcome), variants


def _opposites(who: Speaker) -> str:
    """Facts that a row wants both ways, its variant's included."""
    tests = [*who.rule.tests, *(who.rule.variants[who.variant].tests if who.variant is not None else ())]
    wanted = {(fact.name, answer) for fact, answer in tests}
    both = sorted({name for name, answer in wanted if (name, not answer) in wanted})
    return " (" + ", ".join(f"« {name} » et « non {name} »" for name in both) + ")"
