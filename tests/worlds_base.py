"""Pools of invented people, PS and cards, and the draft of a world: an invoice that the table would accept (H5).

See worlds.py. The pools are small on purpose, so that rows meet.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mailbot.model import Acte, Facture
from mailbot.model.references import (
    TABLES,
    Agaps,
    Agica,
    Beneficiaire,
    Carte,
    Nomenclature,
    Valorisation,
)

CONVENTION = "Almerys"

# Invented people only: month 20 to 30 is no calendar month, as for people whose birth month was unknown.
NIRS = ("1702075123456", "2852599126111", "190302A004123", "290302B005456", "3703175000001")
BAD_NIRS = ("9702075123456", "17020751234", "1702075123456X", "INCONNU")
EMPTY_NIRS = ("", "0000000000000", "0")
PHARMACIE, AUTRE_PS, CENTRE, CENTRE_2 = "751001251", "692004567", "130123459", "200123456"
UNKNOWN_PS = ("999999999", "75100125", "7510012511", "", "75100125A", "२५१००१२५१", "75 100125")
SPECIALITES = ("PHAR", "BIO", "RAD", "AUX", "SE", "OPT", "SDENT", "PROD", "HOSP", "TRA", "MG", "MS", "MK")
COLUMNS = (*SPECIALITES, "PH2", "PH4", "PH7", "PH7-L", "MGS", "")
OWN_COLUMNS = {
    "PHAR": ("PHAR", "PH2", "PH4", "PH7", "PH7-L"),
    "MG": ("MG", "MGS"),
    "MS": ("MS", "MGS"),
    "MK": ("MK", "AUX"),
}
COVERING = ("100%", "100 %", "70.5%", "70,5 %", "0%", "65%")
PEC = ("PEC", "pec", "Pec")
MUTUELLES = (
    "April", "APRIL Santé", "april-prévoyance", "Avril", "Aprilia", "Smatis", "SMATIS France", "Eca", "ECA'assurances",
    "E.C.A", "Intérieure", "INTERIEURE mutuelle", "intérieure’s", "Mutuelle Intérieure", "L'Intérieure", "Harmonie", "",
    "- April", "’ECA",
)  # fmt: skip
CODES = ("MAU", "AMI", "CS", "K", "MDI", "MN")
DETAILS = ("numero", "date_facture", "nir", "nom", "prenom", "date_naissance", "part_rc", "montant_total")

# (written on the invoice, forms that match it, forms that do not)
SURNAMES = (
    ("BERDAH VOLMAR", ("VOLMAR", "Volmar-Berdah", "berdah", "VOLMAR D’BERDAH"), ("VOLMARD", "BERDAH-MARTIN", "-", "")),
    (
        "Lefèvre-Œuvrard",
        ("LEFEVRE OEUVRARD", "Lefe\u0300vre", "œuvrard", "ŒUVRARD", "OEUVRARD"),
        ("Lefébure", "L'EFEVRE", "'", ""),
    ),
    ("D'Angély", ("d’angely", "ANGELY", "Angély D", "D-ANGELY"), ("DANGELY", "D", "Dangély", "")),
    ("Nuñez", ("NUNEZ", "nuñez garcía", "Nun\u0303ez"), ("NUÑES", "NUNE Z", "")),
    ("D", ("d", "D'Anjou", "Ðd D"), ("Ð", "DD", "")),
)
FIRST_NAMES = (
    ("Anne-Lætitia", ("ANNE", "Laetitia", "LÆTITIA", "Anne Laetitia Zoé"), ("Annelaetitia", "Zoé", "—", "")),
    ("Zoé", ("ZOE", "Zoe\u0301 Marie", "marie-zoë"), ("Zo", "Marie", "")),
    ("Jean", ("Jean-Pierre", "JEAN"), ("Jeanne", "Pierre", "")),
)
BIRTHS = ("1970-05-17", "1985-02-28", "1970-20-42", "31/02/1990", "19000000")
MAILS = (
    "pharmacie@example.fr", "retour@example.org", "second@example.fr", "Troisieme@Example.fr", "", "pas une adresse",
    "a@b", "deux@@example.fr", "x@example.test", "accentué@example.fr", "point.@example.fr",
)  # fmt: skip
LINES = ("100", "0100", "7", "A12", "00A12", "0", "")


@dataclass(frozen=True)
class World:
    """One invoice and everything the table may look at. A table that is absent from `tables` was never loaded."""

    facture: Facture
    tables: dict[str, list[Any]]
    en_cours: tuple[Agica, ...]


@dataclass
class Draft:
    """A world in the making. `truth` is the patient as `beneficiaires` knows them."""

    rng: random.Random
    facture: Facture
    tables: dict[str, list[Any]]
    surname: tuple[str, tuple[str, ...], tuple[str, ...]]
    first: tuple[str, tuple[str, ...], tuple[str, ...]]
    truth: Beneficiaire
    start: date
    end: date
    en_cours: list[Agica] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def set(self, **changes: Any) -> None:
        self.facture = replace(self.facture, **changes)

    def add(self, table: str, row: Any) -> None:
        """At the top, at the bottom or in between: the order of rows counts."""
        rows = self.tables[table]
        rows.insert(self.rng.randint(0, len(rows)), row)

    def act(self, **changes: Any) -> None:
        """Change any one of the acts."""
        actes = list(self.facture.actes)
        if actes:
            i = self.rng.randrange(len(actes))
            actes[i] = actes[i]._replace(**changes)
            self.set(actes=tuple(actes))


# ---------------------------------------------------------------- the invoice that would be accepted


def first_day(rng: random.Random) -> date:
    return rng.choice(
        (
            date(2025, 4, 25),
            date(2024, 2, 29),
            date(2025, 2, 28),
            date(2024, 12, 31),
            date(2025, 1, 1),
            date(2023, 3, 1),
        )
    )


def some_actes(rng: random.Random, start: date, end: date) -> tuple[Acte, ...]:
    days = [start, end] if end != start else [start]
    days += [rng.choice((start, end))] if rng.random() < 0.3 else []
    priced = {"AMI": 315, "CS": 2500, "K": None, "MN": None}
    actes = []
    for day in days:
        code = rng.choice(tuple(priced))
        price = priced[code] if rng.random() < 0.8 else None
        coefficient = rng.choice((None, Decimal("1"), Decimal("1.50"), Decimal("2")))
        adeli = rng.choice(("", "", "751234567"))
        actes.append(Acte(code, day, coefficient, Decimal(1), price, 1271, 800, 471, adeli))
    rng.shuffle(actes)
    return tuple(actes)


def nomenclature_rows() -> list[Nomenclature]:
    return [
        Nomenclature("MAU", "Majoration d'urgence", False, None),
        Nomenclature("AMI", "Acte infirmier", False, 315),
        Nomenclature("CS", "Consultation", False, 2500),
        Nomenclature("K", "Acte en K", False, None),
        Nomenclature("MDI", "Majoration de déplacement", True, None),
        Nomenclature("MN", "Acte de nuit", False, None),
        Nomenclature("MN", "Majoration de nuit", True, 999),
    ]


def agaps_rows() -> list[Agaps]:
    def row(numero_ps: str, mail: str) -> Agaps:
        return Agaps(numero_ps, "Cabinet", "", mail, "", "", "", "", "", "", "", "", "")

    return [
        row("111111119", "autre@example.fr"),
        row(PHARMACIE, "pharmacie@example.fr"),
        row(AUTRE_PS, ""),
        row(CENTRE, "centre@example.fr"),
        row(CENTRE_2, "pas une adresse"),
        row("75100125", "court@example.fr"),
    ]


def some_garanties(rng: random.Random, specialite: str, value: str) -> str:
    column = rng.choice(OWN_COLUMNS.get(specialite, (specialite,)))
    parts = [f"{column}={value}"]
    for other in rng.sample(COLUMNS[:-1], rng.randint(0, 3)):
        if other != column:
            parts.append(f"{other}={rng.choice((*COVERING, *PEC, '-', ''))}")
    rng.shuffle(parts)
    return "|".join(parts)


def base(rng: random.Random) -> Draft:
    start = first_day(rng)
    end = start + timedelta(days=rng.choice((0, 0, 1, 40)))
    surname, first = rng.choice(SURNAMES), rng.choice(FIRST_NAMES)
    specialite = rng.choice(SPECIALITES)
    numero_ps = rng.choice((PHARMACIE, PHARMACIE, PHARMACIE, CENTRE, CENTRE_2))
    numero_facture = rng.choice(("100", "0100", "7", "A12", "100", "7", ""))
    truth = Beneficiaire(
        "R1", rng.choice(NIRS), rng.choice(BIRTHS), rng.choice((1, 1, 2)), surname[0], first[0], "Harmonie", "C1", "M1"
    )
    facture = Facture(
        numero_lot="L1",
        date_reception=end + timedelta(days=rng.choice((0, 3, 200))),
        numero_ps=numero_ps,
        numero_facture=numero_facture,
        numero=numero_facture.lstrip("0"),
        nir=truth.nir,
        nir_valide=True,
        critere_archivage="1234567890",
        date_facture=end + timedelta(days=rng.choice((0, 2))),
        nom=rng.choice((surname[0], *surname[1])),
        prenom=rng.choice((first[0], *first[1])),
        date_naissance=truth.date_naissance,
        rang_naissance=truth.rang_naissance,
        specialite=specialite,
        taux_ro=rng.choice((None, Decimal(60), Decimal("99.99"))),
        destinataire="oc",
        part_assure=rng.choice((None, 0)),
        parcours_soins=rng.choice(("", "oui")),
        type_document=rng.choice(("facture_informatique", "cerfa", "quittance_detaillee")),
        tache_numero_ps=rng.choice(("", numero_ps)),
        mention="",
        numero_pec=rng.choice(("", "PEC1")),
        montant_total=1271,
        part_rc_demandee=471,
        actes=some_actes(rng, start, end),
        recapitulatif=None,
    )
    card = Carte(
        "R1", "C1", rng.choice(MUTUELLES), start - timedelta(days=rng.choice((0, 30))),
        rng.choice((None, end, end + timedelta(days=30))), None, "", rng.choice((None, date(2024, 1, 1))), "1",
        some_garanties(rng, specialite, rng.choice(COVERING)),
    )  # fmt: skip
    tables: dict[str, list[Any]] = {name: [] for name in TABLES}
    tables["beneficiaires"] = [truth]
    tables["cartes"] = [card]
    tables["agaps"] = agaps_rows()
    tables["nomenclature"] = nomenclature_rows()
    name = facture.numero_facture or facture.nom_facture
    tables["valorisations"] = [Valorisation("L1", numero_ps, name, "VALORISEE", 1271, 471, "")]
    return Draft(rng, facture, tables, surname, first, truth, start, end)
