"""Reads the admin's rule book: motifs.yaml, regles.yaml, specialites.yaml and the answer texts -> Book.

Owns what makes a book unusable: a word that nobody knows (with the nearest known name), a rule id twice on one day, a
motif that goes to the PS without a text. Every mistake of all the files is shown at once, in one ConfigError, each
with file, line and column; rows.py looks at the rows. What a usable book says badly is for lint.py. Never reads a
file: it is given documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from mailbot.configuration.document import Document, nearest, validate
from mailbot.errors import ConfigError, Fault
from mailbot.model import Route
from mailbot.rules.book import LAST_RESORT_MOTIF, Book, Motif
from mailbot.rules.case import Terms
from mailbot.rules.documents import LOST, MotifsFile, ReglesFile, SpecialitesFile, salvaged
from mailbot.rules.facts import MISSING_TABLE
from mailbot.rules.rows import NAME, NAME_HINT, Place, Reader, Row
from mailbot.rules.specialities import Specialities

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of the files. `book` None: `faults` say why. `rows` and `catalogue` hold what is sound of
    wrong files too, for the lint; `whole`: nothing of regles.yaml was lost on the way."""

    book: Book | None
    faults: tuple[Fault, ...]
    rows: tuple[Row, ...] = ()
    catalogue: Mapping[str, Motif] | None = None
    motifs: Document | None = None
    regles: Document | None = None
    whole: bool = True


def load_book(motifs: Document, regles: Document, specialites: Document, reponses: Mapping[str, str]) -> Book:
    """The compiled book. `reponses`: text of reponses/CODE.txt by motif code. Raises ConfigError with all faults."""
    reading = read(motifs, regles, specialites, reponses)
    if reading.book is None:
        raise ConfigError(*reading.faults)
    return reading.book


def read(
    motifs: Document | None,
    regles: Document | None,
    specialites: Document | None,
    reponses: Mapping[str, str],
    whole: bool = True,
) -> Reading:
    """The same without raising. A document that is None could not be read at all, which somebody else has said;
    `whole` False: nor could some rows of regles.yaml. Then there is no book, and the rest is looked at all the same."""
    faults: list[Fault] = []
    motifs_file, _ = _validated(motifs, MotifsFile, faults)
    regles_file, broken = _validated(regles, ReglesFile, faults)
    specialites_file, _ = _validated(specialites, SpecialitesFile, faults)
    catalogue = None if motifs_file is None else _catalogue(motifs_file, reponses)
    specialities = None
    if specialites and specialites_file:
        specialities = _specialities(specialites, specialites_file, faults)
    rows: list[Row] = []
    guard = None
    if regles and regles_file:
        named = all(row.id != LOST for row in regles_file.regles)
        reader = Reader(regles, catalogue, broken, whole and named)
        rows = reader.read(regles_file)
        faults += reader.faults
        whole = whole and not broken
        guard = _guard(regles, rows, faults if whole else [])
        if motifs and catalogue is not None:
            faults += _wanting(motifs, catalogue, reader.motifs_to_ps)
    book = None
    if not faults and whole and catalogue is not None and specialities and guard:
        details = {code: label for motif in catalogue.values() for code, label in motif.details.items()}
        rules = [row.rule for row in rows if row.speaks and row is not guard]
        book = Book(catalogue, rules, guard.rule, Terms(specialities, details))
    return Reading(book, tuple(faults), tuple(rows), catalogue, motifs, regles, whole)


def _validated(document: Document | None, model: type[Model], faults: list[Fault]) -> tuple[Model | None, set[int]]:
    """The file as a model. Where the shape is wrong, what is sound is kept, so that its words are linted as well; and
    the numbers of the rows out of which something was taken."""
    if document is None:
        return None, set()
    try:
        return validate(document, model), set()
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


def _wanting(motifs: Document, catalogue: Mapping[str, Motif], to_ps: set[str]) -> Iterable[Fault]:
    """What the catalogue must have: the motif of last resort, and a text for whatever goes to the PS."""
    if LAST_RESORT_MOTIF not in catalogue:
        yield motifs.fault(("motifs",), f"le motif {LAST_RESORT_MOTIF} est obligatoire (dernier recours)")
    for code, motif in catalogue.items():
        if not code or not NAME.fullmatch(code):
            message = f"motif {code!a} : signe qui n’a pas sa place dans un code"
            yield motifs.fault(("motifs", code), message, NAME_HINT)
            continue
        if (motif.route is Route.PS or code in to_ps) and not motif.reponse.strip():
            message = f"le motif {code} part vers le PS sans texte"
            yield motifs.fault(("motifs", code), message, f"écrivez reponses/{code}.txt")


def _guard(regles: Document, rows: Sequence[Row], faults: list[Fault]) -> Row | None:
    """The row of A0: it stands for every rule, and so outside of their order."""
    guards = [row for row in rows if row.block.actif and row.guards]
    if len(guards) == 1 and len(guards[0].rule.tests) == 1 and guards[0].rule.tests[0][1] and guards[0].rule.outcome:
        return guards[0]
    message = f"il faut une règle active, et une seule, avec « si: [{MISSING_TABLE}] » et rien d’autre"
    faults.append(regles.fault(("regles",), message, "remettez la règle A0 d’origine"))
    return None


def _specialities(document: Document, file: SpecialitesFile, faults: list[Fault]) -> Specialities:
    known = list(file.specialites)

    def check(names: list[str], path: Place) -> None:
        for at, name in enumerate(names):
            if name not in file.specialites:
                faults.append(document.wrong((*path, at), f"spécialité « {name} » inconnue", nearest(name, known)))

    check(file.centre_de_soins.sauf, ("centre_de_soins", "sauf"))
    for at, exception in enumerate(file.exceptions):
        check(exception.specialites, ("exceptions", at, "specialites"))
    return Specialities(
        {name: block.colonnes for name, block in file.specialites.items()},
        file.centre_de_soins.colonne,
        file.centre_de_soins.sauf,
        [(exception.mutuelles, exception.specialites) for exception in file.exceptions],
    )
