"""Reads the admin's rule book: motifs.yaml, regles.yaml, specialites.yaml and the answer texts -> Book.

Owns the lint of what they say together: unknown fact, motif, detail, erreur or named value (with the nearest known
name), a rule id twice, a motif that goes to the PS without a text. Every mistake of all the files is shown at once, in
one ConfigError, each with file, line and column. Never reads a file: it is given documents.
Limit: rows that can never be reached are not looked for here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from string import Formatter
from typing import TypeVar

from pydantic import BaseModel

from mailbot.configuration.document import Document, nearest, validate
from mailbot.errors import ConfigError, Fault
from mailbot.model import Decision, Route, Saisie, Status
from mailbot.rules.book import LAST_RESORT_MOTIF, Book, Motif, Outcome, Rule, Template, Test, conjunction
from mailbot.rules.case import Terms
from mailbot.rules.documents import MotifsFile, ReglesFile, RuleBlock, SpecialitesFile, VariantBlock, salvaged
from mailbot.rules.fact_types import Fact, Named
from mailbot.rules.facts import FACTS, MISSING_TABLE, NAMED
from mailbot.rules.specialities import Specialities

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]

_NOT = "non "


def load_book(motifs: Document, regles: Document, specialites: Document, reponses: Mapping[str, str]) -> Book:
    """The compiled book. `reponses`: text of reponses/CODE.txt by motif code. Raises ConfigError with all faults."""
    faults: list[Fault] = []
    motifs_file = _validated(motifs, MotifsFile, faults)
    before = len(faults)
    regles_file = _validated(regles, ReglesFile, faults)
    shapeless = len(faults) > before
    specialites_file = _validated(specialites, SpecialitesFile, faults)
    catalogue = {} if motifs_file is None else _catalogue(motifs_file, reponses)
    if motifs_file is not None and LAST_RESORT_MOTIF not in catalogue:
        faults.append(motifs.fault(("motifs",), f"le motif {LAST_RESORT_MOTIF} est obligatoire (dernier recours)"))
    specialities = None if specialites_file is None else _specialities(specialites, specialites_file, faults)
    reader = _Reader(regles, catalogue, motifs_file is not None)
    rules = [] if regles_file is None else reader.read(regles_file)
    # A file whose shape is wrong has lost keys on the way here: what seems to be missing from a row may be there.
    faults.extend(fault for fault in reader.faults if not (shapeless and fault in reader.absences))
    if motifs_file is not None:
        faults.extend(_without_text(motifs, catalogue, reader.motifs_to_ps))
    if faults or specialities is None:
        raise ConfigError(*faults)
    details = {code: label for motif in catalogue.values() for code, label in motif.details.items()}
    return Book(catalogue, rules, reader.missing_table, Terms(specialities, details))


def _validated(document: Document, model: type[Model], faults: list[Fault]) -> Model | None:
    """The file as a model. Where the shape is wrong, what is sound is kept, so that its words are linted as well."""
    try:
        return validate(document, model)
    except ConfigError as error:
        faults.extend(error.faults)
        return salvaged(document.data, model)


def _catalogue(file: MotifsFile, reponses: Mapping[str, str]) -> dict[str, Motif]:
    return {
        code: Motif(
            code, block.libelle, Route(block.route), dict(block.erreurs), dict(block.details), reponses.get(code, "")
        )
        for code, block in file.motifs.items()
    }


def _without_text(motifs: Document, catalogue: Mapping[str, Motif], to_ps: set[str]) -> list[Fault]:
    return [
        motifs.fault(("motifs", code), f"le motif {code} part vers le PS sans texte", f"écrivez reponses/{code}.txt")
        for code, motif in catalogue.items()
        if (motif.route is Route.PS or code in to_ps) and not motif.reponse.strip()
    ]


def _specialities(document: Document, file: SpecialitesFile, faults: list[Fault]) -> Specialities:
    known = list(file.specialites)

    def check(names: list[str], path: Place) -> None:
        for at, name in enumerate(names):
            if name not in file.specialites:
                faults.append(document.fault((*path, at), f"spécialité « {name} » inconnue", nearest(name, known)))

    check(file.centre_de_soins.sauf, ("centre_de_soins", "sauf"))
    for at, exception in enumerate(file.exceptions):
        check(exception.specialites, ("exceptions", at, "specialites"))
    return Specialities(
        {name: block.colonnes for name, block in file.specialites.items()},
        file.centre_de_soins.colonne,
        file.centre_de_soins.sauf,
        [(exception.mutuelles, exception.specialites) for exception in file.exceptions],
    )


class _Reader:
    """Rows of regles.yaml -> rules, collecting every fault on the way."""

    missing_table: Rule

    def __init__(self, document: Document, catalogue: Mapping[str, Motif], motifs_known: bool) -> None:
        self.document = document
        self.catalogue = catalogue
        self.motifs_known = motifs_known
        self.faults: list[Fault] = []
        #: Those of the faults that say that something is missing.
        self.absences: list[Fault] = []
        self.motifs_to_ps: set[str] = set()
        self.kept: frozenset[str] = frozenset()

    def read(self, file: ReglesFile) -> list[Rule]:
        self._check_ids(file.regles)
        uses = Counter(
            name.removeprefix(_NOT).strip()
            for row in file.regles
            if row.actif
            for says in (row, *row.variantes)
            for name in says.si
        )
        self.kept = frozenset(name for name, count in uses.items() if count > 1)
        rules: dict[str, Rule] = {}
        for at, row in enumerate(file.regles):
            if not row.reprend:
                rules[row.id] = self._rule(("regles", at), row)
        active = []
        for at, row in enumerate(file.regles):
            if row.reprend:
                rules[row.id] = self._taking_over(("regles", at), row, rules, file.regles)
            if row.actif:
                active.append(rules[row.id])
        return self._without_missing_table(active)

    def _check_ids(self, rows: list[RuleBlock]) -> None:
        seen: set[str] = set()
        for at, row in enumerate(rows):
            if row.id in seen:
                self._fault(("regles", at, "id"), f"règle « {row.id} » écrite deux fois", "donnez-lui un autre id")
            seen.add(row.id)

    def _without_missing_table(self, active: list[Rule]) -> list[Rule]:
        """Takes the row of A0 out of the order: it stands for every rule."""
        guards = [rule for rule in active if any(fact.name == MISSING_TABLE for fact, _ in rule.tests)]
        if len(guards) == 1 and len(guards[0].tests) == 1 and guards[0].tests[0][1] and guards[0].outcome:
            self.missing_table = guards[0]
            return [rule for rule in active if rule is not guards[0]]
        self._absence(
            ("regles",),
            f"il faut une règle active, et une seule, avec « si: [{MISSING_TABLE}] » et rien d’autre",
            "remettez la règle A0 d’origine",
        )
        return active

    def _rule(self, path: Place, row: RuleBlock) -> Rule:
        tests = self._tests((*path, "si"), row.si)
        outcome = self._outcome(path, row, None)
        variants = []
        for at, variant in enumerate(row.variantes):
            where = (*path, "variantes", at)
            chosen = self._tests((*where, "si"), variant.si)
            variants.append((chosen, conjunction(chosen, self.kept), self._outcome(where, row, variant)))
        all_tests = [*tests, *(test for chosen, _, _ in variants for test in chosen)]
        return Rule(row.id, tests, conjunction(tests, self.kept), _needs(all_tests), outcome, tuple(variants))

    def _taking_over(self, path: Place, row: RuleBlock, rules: Mapping[str, Rule], rows: list[RuleBlock]) -> Rule:
        tests = self._tests((*path, "si"), row.si)
        if row.variantes or any(getattr(row, key) is not None for key in _SAYS):
            self._fault(path, f"règle {row.id} : « reprend » dit tout, ni motif ni variantes à côté")
        possible = {other.id: other.actif for other in rows if not other.reprend}
        taken = []
        for at, name in enumerate(row.reprend):
            if name not in possible:
                self._fault((*path, "reprend", at), f"règle « {name} » inconnue", nearest(name, possible))
            elif possible[name] and name in rules:
                taken.append(rules[name])
        return Rule(row.id, tests, conjunction(tests, self.kept), _needs(tests), None, (), tuple(taken))

    def _tests(self, path: Place, names: list[str]) -> tuple[Test, ...]:
        tests: list[tuple[Fact, bool]] = []
        for at, written in enumerate(names):
            name = written.removeprefix(_NOT).strip()
            fact = FACTS.get(name)
            if fact is None:
                self._fault((*path, at), f"fait « {name} » inconnu", nearest(name, FACTS))
            else:
                tests.append((fact, not written.startswith(_NOT)))
        return tuple(tests)

    def _outcome(self, path: Place, row: RuleBlock, variant: VariantBlock | None) -> Outcome:
        """What the row says, overridden by what the variant writes."""
        said = {key: getattr(row, key) for key in _SAYS}
        own = set() if variant is None else variant.model_fields_set & set(_SAYS)
        said.update({key: getattr(variant, key) for key in own})
        if "motif" in own and "route" not in own:
            said["route"] = None  # another motif brings its own route
        status = Status(said["statut"] or "refusee")
        motif = self._motif(path, row.id, said["motif"], status)
        erreur = self._known((*path, "erreur"), "erreur", said["erreur"], motif.erreurs if motif else None)
        if motif and motif.erreurs and not said["erreur"]:
            self._absence(
                path, f"règle {row.id} : le motif {motif.code} demande une « erreur »", nearest("", motif.erreurs)
            )
        named_detail = self._single((*path, "detail"), said["detail"], "detail")
        detail = None
        if named_detail is None:
            detail = self._known((*path, "detail"), "détail", said["detail"], motif.details if motif else None)
        day = self._single((*path, "date"), said["date"], "date")
        if said["date"] and day is None and "{" not in said["date"]:
            self._fault((*path, "date"), f"date « {said['date']} » inattendue", "écrivez une valeur nommée entre { }")
        route = None
        if status is Status.REFUSEE:
            route = Route(said["route"]) if said["route"] else (motif.route if motif else Route.GESTIONNAIRE)
            if route is Route.PS and motif:
                self.motifs_to_ps.add(motif.code)
        base = Decision(
            status,
            row.id,
            motif.code if motif else None,
            route,
            detail,
            erreur,
            None,
            "",
            Saisie(said["saisie"] or "aucune"),
        )
        return Outcome(base, self._template((*path, "commentaire"), said["commentaire"] or ""), day, named_detail)

    def _motif(self, path: Place, rule: str, code: str | None, status: Status) -> Motif | None:
        if status is not Status.REFUSEE:
            if code is not None:
                self._fault((*path, "motif"), f"règle {rule} : le statut {status.value} n’a pas de motif")
            return None
        if code is None:
            self._absence(path, f"règle {rule} : « motif » manque", "ou un statut acceptee ou a_saisir")
            return None
        if code not in self.catalogue and self.motifs_known:
            self._fault((*path, "motif"), f"motif « {code} » inconnu", nearest(code, self.catalogue))
        return self.catalogue.get(code)

    def _known(self, path: Place, what: str, code: str | None, known: Mapping[str, str] | None) -> str | None:
        if code and known is not None and code not in known:
            self._fault(path, f"{what} « {code} » inconnu pour ce motif", nearest(code, known))
        return code or None

    def _single(self, path: Place, written: str | None, use: str) -> Named | None:
        """A field that is one named value in braces; None when it is not."""
        if not written or not (written.startswith("{") and written.endswith("}")):
            return None
        name = written[1:-1].strip()
        allowed = {key: named for key, named in NAMED.items() if named.use == use}
        if name not in allowed:
            self._fault(path, f"valeur nommée « {name} » inconnue ici", nearest(name, allowed))
        return allowed.get(name)

    def _template(self, path: Place, written: str) -> Template:
        parts: list[str | Named] = []
        try:
            pieces = list(Formatter().parse(written))
        except ValueError:
            self._fault(path, "accolades mal fermées dans le commentaire", "écrivez {nom_de_la_valeur}")
            return Template(())
        for literal, name, form, conversion in pieces:
            if literal:
                parts.append(literal)
            if name is None:
                continue
            if name not in NAMED or form or conversion:
                self._fault(path, f"valeur nommée « {name} » inconnue dans le commentaire", nearest(name, NAMED))
            else:
                parts.append(NAMED[name])
        return Template(tuple(parts))

    def _fault(self, path: Place, message: str, hint: str = "") -> None:
        self.faults.append(self.document.fault(path, message, hint))

    def _absence(self, path: Place, message: str, hint: str = "") -> None:
        self._fault(path, message, hint)
        self.absences.append(self.faults[-1])


_SAYS = ("motif", "route", "detail", "erreur", "date", "commentaire", "saisie", "statut")


def _needs(tests: list[Test] | tuple[Test, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table for fact, _ in tests for table in fact.tables))
