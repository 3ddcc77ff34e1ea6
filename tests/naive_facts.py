"""The facts of motifs.md §3 for the naive reading: scans over lists, nothing kept. See naive_table.py for the choices.

For the tests alone. It shares nothing with `mailbot.rules`. `Tables` maps a table name to its rows; a table that is
absent was never loaded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from mailbot.model import Facture
from mailbot.model.references import Agica, Beneficiaire, Carte

Tables = Mapping[str, Sequence[Any]]

# ---------------------------------------------------------------- §3, small words


def fold(text: str) -> str:
    """Text "without case and accents", after trimming."""
    text = text.strip().replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    letters = [c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)]
    return "".join(letters).casefold()


def code(text: str) -> str:
    """§3 "Codes in text: a space or hyphen reads as `_`"."""
    return re.sub(r"[ \-\u00a0]", "_", fold(text)).upper()


def number(text: str) -> str:
    """§3 "Invoice numbers are compared without leading zeros; a number of zeros only counts as empty"."""
    return text.strip().lstrip("0")


def words(name: str) -> set[str]:
    """§3 Names: "hyphens and apostrophes (straight or curly) read as a space"."""
    for sign in "-\u2010\u2011'\u2018\u2019":
        name = name.replace(sign, " ")
    return set(fold(name).split())


def names_match(a: str, b: str) -> bool:
    """§3 Names: "one set contains the other"; "An empty name matches nothing"."""
    left, right = words(a), words(b)
    if not left or not right:
        return False
    return left <= right or right <= left


def same_amount(a: int, b: int) -> bool:
    """§3 "Amounts are equal when they differ by at most 0.01" (centimes)."""
    return abs(a - b) <= 1


def two_years_later(day: date) -> date:
    """§3 "+ 2 years keeps day and month; 29/02 becomes 28/02"."""
    try:
        return day.replace(year=day.year + 2)
    except ValueError:
        return date(day.year + 2, 2, 28)


def euros(centimes: int) -> str:
    """H3 "two decimals, comma, no unit"."""
    sign = "-" if centimes < 0 else ""
    return f"{sign}{abs(centimes) // 100},{abs(centimes) % 100:02d}"


def latest(rows: Iterable[Any], column: str) -> Any:
    """§3 Ties: "of several rows with the same latest date the lower row counts"; an empty date is before all."""
    best = None
    for row in rows:
        if best is None or (getattr(row, column) or date.min) >= (getattr(best, column) or date.min):
            best = row
    return best


def usable_nir(facture: Facture) -> str:
    """§3 NIR: zeros only are empty; an ill-formed one "equals no other"."""
    if not facture.nir_valide or not facture.nir.strip("0"):
        return ""
    return facture.nir


# ---------------------------------------------------------------- §3, traces


def is_trace(row: Agica, nir: str, numero: str, debut: date | None, part_rc: int | None) -> bool:
    if not nir or row.nir != nir:  # "Without NIR … there is no trace"
        return False
    if not numero:  # "An invoice without a number: same NIR, date = start of care, montant_rc equal"
        if debut is None or part_rc is None or row.montant_rc is None:
            return False
        return row.date_debut_soins == debut and same_amount(row.montant_rc, part_rc)
    if number(row.numero_facture) != numero:
        return False
    agreements = []  # "those that both sides have are compared"
    if row.date_debut_soins is not None and debut is not None:
        agreements.append(row.date_debut_soins == debut)
    if row.montant_rc is not None and part_rc is not None:
        agreements.append(same_amount(row.montant_rc, part_rc))
    if not agreements:  # "with nothing to compare number and NIR are enough"
        return True
    return any(agreements)  # "one that agrees is enough"


def traces(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> list[Agica]:
    found = []
    for row in tables.get("agica", ()):
        if is_trace(row, nir, facture.numero, facture.debut_soins, facture.part_rc_demandee):
            found.append(row)
    for ours in en_cours:
        # "on the same PS, NIR and number counts as an EN_COURS trace"
        if ours.numero_ps != facture.numero_ps or number(ours.numero_facture) != facture.numero:
            continue
        if not is_trace(ours, nir, facture.numero, facture.debut_soins, facture.part_rc_demandee):
            continue
        # "while agica holds no trace of it": the number belongs to the PS
        held = False
        for row in tables.get("agica", ()):
            if row.numero_ps == ours.numero_ps and is_trace(
                row, ours.nir, number(ours.numero_facture), ours.date_debut_soins, ours.montant_rc
            ):
                held = True
        if not held:
            found.append(ours._replace(etat="EN_COURS"))
    return found


# ---------------------------------------------------------------- data.md, nomenclature


def nomenclature_row(code_acte: str, tables: Tables) -> Any:
    """data.md: "of two `nomenclature` rows with one code the first counts"."""
    for row in tables["nomenclature"]:
        if row.code_acte == code_acte:
            return row
    return None


def is_majoration(code_acte: str, tables: Tables) -> bool:
    row = nomenclature_row(code_acte, tables)
    return row is not None and row.majoration


# ---------------------------------------------------------------- §3, the patient


def nameless(facture: Facture) -> bool:
    """§3, last point: from B2, "where the name could not be completed"."""
    return facture.de_b2 and not (facture.nom and facture.prenom)


def both_names(facture: Facture, row: Beneficiaire) -> bool:
    return names_match(facture.nom, row.nom) and names_match(facture.prenom, row.prenom)


def same_birth(facture: Facture, row: Beneficiaire) -> bool:
    return bool(facture.date_naissance) and facture.date_naissance == row.date_naissance


def under_nir(facture: Facture, tables: Tables) -> list[Beneficiaire]:
    nir = usable_nir(facture)
    return [row for row in tables["beneficiaires"] if nir and row.nir == nir]


def found_by_nir(facture: Facture, tables: Tables) -> list[Beneficiaire]:
    rows = [row for row in under_nir(facture, tables) if same_birth(facture, row)]
    if not nameless(facture):  # else "E compares birth date and rank only"
        rows = [row for row in rows if both_names(facture, row)]
    return [row for row in rows if row.rang_naissance == facture.rang_naissance]


def found_by_name(facture: Facture, tables: Tables) -> list[Beneficiaire]:
    """Empty when the patient is found by NIR; "rank not compared"."""
    if found_by_nir(facture, tables):
        return []
    return [row for row in tables["beneficiaires"] if both_names(facture, row) and same_birth(facture, row)]


def the_patient(facture: Facture, tables: Tables) -> list[Beneficiaire]:
    return found_by_nir(facture, tables) or found_by_name(facture, tables)


# ---------------------------------------------------------------- §3, cards


def patient_references(facture: Facture, tables: Tables) -> set[str]:
    """data.md: "an empty `reference` matches nothing"."""
    return {row.reference for row in the_patient(facture, tables) if row.reference}


def counting_cards(facture: Facture, tables: Tables, day: date) -> dict[str, Carte]:
    """Contract -> the card that counts on that day."""
    references = patient_references(facture, tables)
    best: dict[str, Carte] = {}
    for carte in tables["cartes"]:
        if carte.reference not in references:
            continue
        if carte.date_debut is None or carte.date_debut > day:
            continue
        if carte.date_fin is not None and carte.date_fin < day:
            continue
        rival = best.get(carte.contrat)
        if rival is None or (carte.editee_le or date.min) >= (rival.editee_le or date.min):
            best[carte.contrat] = carte
    return best


def valid_cards(facture: Facture, tables: Tables) -> list[Carte]:
    """Those "that count at the start or at the end of care"."""
    assert facture.debut_soins and facture.fin_soins  # D: an invoice without a care date never gets here
    start = counting_cards(facture, tables, facture.debut_soins)
    end = counting_cards(facture, tables, facture.fin_soins)
    return [*start.values(), *end.values()]


def columns_for(facture: Facture) -> list[str]:
    speciality = facture.specialite
    own = {
        "PHAR": ["PHAR", "PH2", "PH4", "PH7", "PH7-L"],
        "MG": ["MG", "MGS"],
        "MS": ["MS", "MGS"],
        "MK": ["MK", "AUX"],
        "AUX": ["AUX"],
    }.get(speciality, [speciality])
    if facture.numero_ps[2] == "0" and speciality != "HOSP":  # centre de soins
        own = [*own, "SE"]
    return own


def covering_values(carte: Carte, facture: Facture) -> list[str]:
    """The values of the columns that cover: a percentage or PEC; absent, empty and "-" do not."""
    values = []
    for part in carte.garanties.split("|"):
        column, _, value = part.partition("=")
        value = value.strip()
        if column.strip() in columns_for(facture) and value not in ("", "-"):
            values.append(value.upper())
    return values


def covers(carte: Carte, facture: Facture) -> bool:
    return bool(covering_values(carte, facture))


def is_exception(carte: Carte, facture: Facture) -> bool:
    parts = re.split(r"[\s\-\u2010\u2011'\u2018\u2019]+", fold(carte.mutuelle))
    first = next((part for part in parts if part), "")
    if facture.specialite == "TRA":
        return first in ("april", "smatis", "eca")
    if facture.specialite in ("MG", "MS"):
        return first in ("interieure", "april")
    return False


def the_contract(facture: Facture, tables: Tables) -> list[Carte]:
    """The card of the contract at the start and at the end of care."""
    assert facture.debut_soins and facture.fin_soins
    start = counting_cards(facture, tables, facture.debut_soins)
    end = counting_cards(facture, tables, facture.fin_soins)
    both = [contrat for contrat in start if contrat in end]
    covering = [c for c in both if covers(start[c], facture) or covers(end[c], facture)]
    excepted = [c for c in both if is_exception(start[c], facture) or is_exception(end[c], facture)]
    candidates = covering or excepted or both
    contrat = max(candidates, key=lambda c: (end[c].editee_le or date.min, c))
    return [start[contrat], end[contrat]]
