"""Names of invoices that come from B2, which has none: completed from `beneficiaires` before the table runs.

A person of the invoice's NIR, birth date and rank gives its name. Several persons with different names, or one without
a name: nothing is guessed, the names stay empty and rules E compare birth date and rank only (motifs.md §3). A birth
date of B2 has two digits for its year: where nobody was born on the latest day that it can be, the day a hundred years
before counts if somebody was (formats.md: up to 110 years back). Pure; raises nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date

from mailbot.model import Facture
from mailbot.model.references import Beneficiaire
from mailbot.rules import text
from mailbot.rules.references import References, rows_under

#: Years back that a birth date of B2 may be.
_OLDEST = 110
_CENTURY = 100


def completed(facture: Facture, references: References) -> Facture:
    """The invoice with the patient's name where B2 left it empty and one person has it; else the same."""
    if not facture.de_b2 or facture.nom or facture.prenom or not (facture.nir and facture.nir_valide):
        return facture
    under_nir = rows_under(references.beneficiaires, facture.nir)
    for birth in (facture.date_naissance, _century_before(facture)):
        found = [
            row for row in under_nir if (row.date_naissance, row.rang_naissance) == (birth, facture.rang_naissance)
        ]
        if birth and found:
            person = _one(found)
            return facture if person is None else _named(facture, person)
    return facture


def as_read(facture: Facture) -> Facture:
    """The invoice as its file says it, without what `completed` added: what a new reading is compared with."""
    if not facture.de_b2:
        return facture
    birth = facture.date_naissance
    later = _moved(birth, _CENTURY)
    if later and facture.date_facture and later <= facture.date_facture:
        birth = later.isoformat()
    return dataclasses.replace(facture, nom="", prenom="", date_naissance=birth)


def _named(facture: Facture, person: Beneficiaire) -> Facture:
    return dataclasses.replace(facture, nom=person.nom, prenom=person.prenom, date_naissance=person.date_naissance)


def _one(people: Sequence[Beneficiaire]) -> Beneficiaire | None:
    """The first of them when all have one name and first name; None when they differ or one has none."""
    names = {(text.words(row.nom), text.words(row.prenom)) for row in people}
    return people[0] if len(names) == 1 and all(next(iter(names))) else None


def _century_before(facture: Facture) -> str:
    """The birth date a hundred years before, "" where nobody is that old."""
    day = _moved(facture.date_naissance, -_CENTURY)
    today = facture.date_facture
    return day.isoformat() if day and today and day >= _moved_day(today, -_OLDEST) else ""


def _moved(birth: str, years: int) -> date | None:
    """An ISO date some years later or before; None for a text that is no date."""
    try:
        return _moved_day(date.fromisoformat(birth), years)
    except ValueError:
        return None


def _moved_day(day: date, years: int) -> date:
    """29/02 becomes 28/02 where the year has none."""
    if day.month == 2 and day.day == 29:
        return day.replace(year=day.year + years, day=28)
    return day.replace(year=day.year + years)
