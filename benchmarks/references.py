"""The reference tables of the bench, one million rows in all: what the invoices need, among rows of other people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import invoices
import people

#: Rows of each table; together one million.
SIZES = {
    "beneficiaires": invoices.BENEFICIAIRES,
    "cartes": 250_000,
    "droits": 150_000,
    "agica": 150_000,
    "agica_actes": 80_000,
    "histo_client": 40_000,
    "valorisations": invoices.VALORISATIONS,
    "agaps": 15_000,
    "agaps_mails": 4_000,
    "nomenclature": 1_000,
}
COLUMNS = {
    "beneficiaires": (
        "reference", "nir", "date_naissance", "rang_naissance", "nom", "prenom", "mutuelle", "contrat",
        "numero_mutuelle",
    ),
    "cartes": (
        "reference", "contrat", "mutuelle", "date_debut", "date_fin", "restituee_le", "motif_restitution", "editee_le",
        "numero_carte", "garanties",
    ),
    "droits": ("reference", "numero_mutuelle", "contrat", "adhesion", "radiation", "date_effet"),
    "agica": (
        "numero_ps", "nir", "numero_facture", "date_debut_soins", "montant_rc", "specialite", "etat",
        "date_liquidation", "motif_rejet", "numero_facture_reglee",
    ),
    "agica_actes": ("numero_ps", "nir", "numero_facture", "code_acte", "date_soins", "date_paiement"),
    "histo_client": ("mutuelle", "nir", "numero_ps", "numero_facture", "date_soins", "date_paiement"),
    "valorisations": (
        "numero_lot", "numero_ps", "numero_facture", "resultat", "montant_calcule", "part_rc_calculee", "message",
    ),
    "agaps": (
        "numero_ps", "raison_sociale", "categorie", "mail", "telephone", "fax", "numero_voie", "complement_numero",
        "type_voie", "libelle_voie", "complement_adresse", "code_postal", "commune",
    ),
    "agaps_mails": ("numero_ps", "convention", "fonction", "mail"),
    "nomenclature": ("code_acte", "libelle", "majoration", "prix_unitaire"),
}  # fmt: skip
_FULL = "PHAR=100%|PH2=100%|PH4=100%|PH7=100%|BIO=100%|RAD=100%|AUX=100%|SE=100%|OPT={opt}|SDENT=100%|PROD=-|HOSP=100%|"
_GARANTIES = tuple(
    _FULL.format(opt=opt) + f"TRA={tra}|MG=100%|MS={ms}|MK=70,5%"
    for opt in ("100%", "PEC") for tra in ("100%", "-", "65%") for ms in ("100%", "70%", "")
)  # fmt: skip


class References:
    """The tables that go with `made`, whose invoices must all have been written before."""

    def __init__(self, made: invoices.Invoices) -> None:
        self.extra = made.extra
        self.marked = made.marked

    def table(self, name: str) -> Iterator[tuple[Any, ...]]:
        size = SIZES[name]
        if name in ("beneficiaires", "cartes", "agaps", "agaps_mails", "nomenclature"):
            return (getattr(self, f"_{name}")(index) for index in range(size))
        if name == "droits":
            # Those whose rights are closed first, then others up to the size of the table.
            chosen = sorted(self.marked["F6"])
            others = (index for index in range(SIZES["beneficiaires"]) if index not in self.marked["F6"])
            return (self._droits(index) for index in _first(size, chosen, others))
        made = self.extra[name]
        fillers = (self._filler(name, index) for index in range(size - len(made)))
        return _shuffled_in(made, fillers, size)

    def _beneficiaires(self, index: int) -> tuple[Any, ...]:
        nir, nom, prenom, naissance = people.person(index)
        mutuelle = people.MUTUELLES[index % len(people.MUTUELLES)]
        born, name, first = people.day(naissance), nom.upper(), prenom.upper()
        return f"R{index}", nir, born, "1", name, first, mutuelle, f"C{index}", "439900001"

    def _cartes(self, index: int) -> tuple[Any, ...]:
        start, end = ("01/01/2022", "31/12/2024") if index in self.marked["F1"] else ("01/01/2023", "31/12/2026")
        reason = "NPAI" if index in self.marked["F4"] else ""
        garanties = _GARANTIES[index % len(_GARANTIES)]
        if index in self.marked["F7"]:
            garanties = garanties.replace("OPT=100%", "OPT=PEC")
        mutuelle = people.MUTUELLES[index % len(people.MUTUELLES)]
        return f"R{index}", f"C{index}", mutuelle, start, end, "", reason, start, f"K{index}", garanties

    def _droits(self, index: int) -> tuple[Any, ...]:
        radiation = "31/12/2025" if index in self.marked["F6"] else ""
        return f"R{index}", "439900001", f"C{index}", "01/01/2022", radiation, "01/01/2022"

    def _agaps(self, index: int) -> tuple[Any, ...]:
        numero, nom = people.ps(index), f"{people.STARTS[index % 16]}{people.ENDS[index // 16 % 16]}"
        return (
            numero, f"Cabinet {nom}", "Cabinet", f"cabinet{index}@example.fr", "01 99 00 00 00", "",
            str(index % 90 + 1), "", "rue", f"de la {nom}", "", f"{index % 95 + 1:02}999", f"Ville-{nom}",
        )  # fmt: skip

    def _agaps_mails(self, index: int) -> tuple[Any, ...]:
        return people.ps(index), "Almerys", "Retours PS", f"retours{index}@example.org"

    def _nomenclature(self, index: int) -> tuple[Any, ...]:
        return people.code(index), f"Acte {index}", "non", "12,50" if index == 999 else ""

    def _filler(self, name: str, index: int) -> tuple[Any, ...]:
        """A row of somebody else, or of another invoice of the same people."""
        nir = people.person(index * 7 % SIZES["beneficiaires"])[0]
        ps, numero = people.ps(index % SIZES["agaps"]), f"X{index}"
        day = people.day(date(2024, 1, 1) + timedelta(days=index % 700))
        match name:
            case "agica":
                etat = ("LIQUIDE", "LIQUIDE", "LIQUIDE_NUL", "REJETE", "EN_COURS")[index % 5]
                return ps, nir, numero, day, people.amount(index % 9000), "PHAR", etat, day, "", ""
            case "agica_actes":
                return ps, nir, numero, people.code(index), day, day
            case "histo_client":
                return people.MUTUELLES[index % 6], nir, ps, numero, day, day
        return f"M{index}", ps, numero, "valorisee", people.amount(index % 9000), people.amount(index % 3000), ""


def _first(size: int, *sources: Iterable[int]) -> Iterator[int]:
    for source in sources:
        for index in source:
            if size <= 0:
                return
            size -= 1
            yield index


def _shuffled_in(
    made: list[tuple[Any, ...]], fillers: Iterator[tuple[Any, ...]], size: int
) -> Iterator[tuple[Any, ...]]:
    """The rows that matter, spread evenly among the others."""
    every = max(1, size // max(1, len(made)))
    left = iter(made)
    for index in range(size):
        row = next(left, None) if index % every == 0 else None
        row = row or next(fillers, None) or next(left)
        yield row
