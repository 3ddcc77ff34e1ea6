"""The invoices of the bench: 100,000 of them in 300,000 rows, each on its path through the decision table.

`Invoices` also notes which rows of the reference tables go with each path; `references.py` writes them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import people

SEED = 20260302
INVOICES = 100_000
ROWS = 300_000
RECEIVED = date(2026, 3, 2)
BENEFICIAIRES = 250_000
VALORISATIONS = 60_000
#: What an invoice meets: weight of each path.
_PATHS = {
    "H5": 52, "H1": 12, "H2": 1, "H3": 2, "H4": 2,
    "A1": 1, "A2": 1, "A3": 1,
    "B1": 1, "B2": 2, "B3": 1, "B3b": 1, "B4": 1, "B5": 1, "B6": 1,
    "C1": 2, "C2": 2, "C3": 1, "C4": 1, "C5": 1, "C6": 1,
    "D1": 1, "D2": 2,
    "E0": 1, "E1": 1, "E2": 1, "E4": 1, "E5": 1, "by name": 2,
    "F1": 1, "F2": 2, "F4": 1, "F6": 1, "F7": 1,
    "G1": 1, "G2": 1, "G3": 1, "G4": 1, "G5": 1, "G6": 1, "G7": 1, "G8": 1,
}  # fmt: skip
LOT_COLUMNS = (
    "numero_lot", "critere_archivage", "date_reception", "numero_ps", "numero_facture", "date_facture", "nir", "nom",
    "prenom", "date_naissance", "rang_naissance", "specialite", "taux_ro", "destinataire", "part_assure",
    "parcours_soins", "type_document", "document", "tache_numero_ps", "mention", "numero_pec", "montant_total",
    "part_rc_demandee", "code_acte", "date_soins", "coefficient", "quantite", "prix_unitaire", "montant", "part_ro",
    "part_rc", "numero_adeli",
)  # fmt: skip
_SPECIALITES = (
    "PHAR",
    "PHAR",
    "PHAR",
    "BIO",
    "RAD",
    "AUX",
    "AUX",
    "SE",
    "OPT",
    "SDENT",
    "HOSP",
    "TRA",
    "MG",
    "MS",
    "MK",
)
#: What each path changes on the invoice.
_CHANGES: dict[str, dict[str, str]] = {
    "A1": {"type_document": "illisible"},
    "A3": {"numero_ps": "999999999"},
    "B1": {"mention": "complement"},
    "C1": {"taux_ro": "100"},
    "C2": {"part_assure": "3,50"},
    "C3": {"destinataire": "assure"},
    "C5": {"parcours_soins": "non"},
    "C6": {"type_document": "decompte_ro"},
    "D1": {"date_facture": "", "montant_total": "", "part_rc_demandee": ""},
    "D2": {"date_facture": ""},
    "E1": {"date_naissance": "01/01/1901"},
    "E2": {"nom": "Quelquun"},
    "E4": {"nom": "Quelquun", "date_naissance": "01/01/1901"},
    "E5": {"nom": "Quelquun"},
    "F2": {"specialite": "PROD"},
    "F7": {"numero_pec": ""},
}
#: Paths that change what the reference tables hold of the patient: no valid card, NPAI, rights closed, prior agreement.
_PATIENT_SETS = ("F1", "F4", "F6", "F7")
_VALUED = ("H2", "H3", "H4", "H5", "by name")


class Invoices:
    """`extra`: reference rows that go with them, by table; `marked`: patients that a path changes, by path."""

    def __init__(self, rng: random.Random, count: int = INVOICES) -> None:
        self.rng = rng
        self.rows = 0
        self.extra: dict[str, list[tuple[Any, ...]]] = {
            name: [] for name in ("agica", "agica_actes", "histo_client", "valorisations")
        }
        self.marked: dict[str, set[int]] = {path: set() for path in _PATIENT_SETS}
        paths = list(_PATHS)
        self.paths = rng.choices(paths, weights=[_PATHS[path] for path in paths], k=count)
        # One beneficiary an invoice: what a path does to a patient must not spill over to another invoice.
        self.patients = rng.sample(range(BENEFICIAIRES), count)

    def rows_of(self, number: int) -> Iterator[tuple[str, ...]]:
        path, patient, rng = self.paths[number], self.patients[number], self.rng
        lot, place = divmod(number, 40)
        ps, code = people.ps(lot), _SPECIALITES[lot % len(_SPECIALITES)]
        if path == "F7":
            code = "OPT"
        acts = (2, 3, 4, 3)[number % 4]
        start = date(2023, 6, 1) if path == "C4" else RECEIVED - timedelta(days=rng.randint(5, 60))
        row = dict.fromkeys(LOT_COLUMNS, "")
        prices = [rng.randint(200, 9000) for _ in range(acts)]
        total, rc = sum(prices), sum(price - price * 65 // 100 for price in prices)
        nir, nom, prenom, naissance = people.person(patient)
        row |= {
            "numero_lot": f"L{lot:06}", "critere_archivage": f"{number:010}", "date_reception": people.day(RECEIVED),
            "numero_ps": ps, "numero_facture": f"{place + 1:09}" if lot % 2 else f"F{number}",
            "date_facture": people.day(start + timedelta(days=3)), "nir": nir, "nom": nom.upper(), "prenom": prenom,
            "date_naissance": people.day(naissance), "rang_naissance": "1", "specialite": code, "taux_ro": "65",
            "destinataire": "oc", "parcours_soins": "oui", "type_document": "facture_informatique",
            "document": "facture", "montant_total": people.amount(total), "part_rc_demandee": people.amount(rc),
            "numero_pec": "PEC1" if code == "OPT" else "",
        }  # fmt: skip
        self._take(path, number, patient, row, start, total, rc)
        # With a récapitulatif its rows repeat the acts of the invoice, up to what the path changes.
        recap = acts // 2 if path in ("G3", "G5", "G7") else 0
        for index, price in enumerate(prices):
            same = index % (recap or acts)
            act = {
                "code_acte": people.code(patient + same), "date_soins": people.day(start + timedelta(days=same % 3)),
                "coefficient": "1", "quantite": "1", "prix_unitaire": "", "montant": people.amount(price),
                "part_ro": people.amount(price * 65 // 100), "part_rc": people.amount(price - price * 65 // 100),
                "numero_adeli": "750001234",
            }  # fmt: skip
            if index >= acts - recap:
                act |= {"document": "recapitulatif"} | _second(path)
            elif index == 0:
                act |= _first_act(path)
            self.rows += 1
            yield tuple((row | act).values())

    def _take(
        self, path: str, number: int, patient: int, row: dict[str, str], start: date, total: int, rc: int
    ) -> None:
        """Bends the invoice to its path and notes the reference rows that go with it."""
        row |= _CHANGES.get(path, {})
        known_by = row["numero_ps"], row["nir"], row["numero_facture"]
        trace = (*known_by, people.day(start), people.amount(rc), row["specialite"])
        self._traces(path, number, patient, trace, start)
        if path == "A2":
            row["tache_numero_ps"] = people.ps(9)
        elif path == "E0":
            row["nir"] += f"{people.key(row['nir']) % 97 + 1:02}"
        elif path in ("E5", "by name"):
            row["nir"] = people.nir(900_000 + number)
        elif path == "G4":
            row["date_facture"] = people.day(start - timedelta(days=10))
        elif path in _PATIENT_SETS:
            self.marked[path].add(patient)
        if path in _VALUED and len(self.extra["valorisations"]) < VALORISATIONS:
            self.extra["valorisations"].append(_valuation(path, row, total, rc))

    def _traces(self, path: str, number: int, patient: int, trace: tuple[str, ...], start: date) -> None:
        """What the payer's systems already know of the invoice."""
        ps, nir, numero = trace[:3]
        seen, known = people.day(start), f"R{number}"
        liquidated = ("LIQUIDE", people.day(start + timedelta(days=20)), "", "")
        if path in ("B1", "B2"):
            self.extra["agica"].append((*trace, *liquidated))
        elif path == "B3":
            self.extra["agica"].append((people.ps(14_000), *trace[1:], *liquidated))
        elif path == "B3b":
            self.extra["agica"].append((*trace, "EN_COURS", "", "", ""))
        elif path == "B4":
            self.extra["agica"].append((*trace, "REJETE", seen, "DOUBLON_TOTAL", known))
        elif path == "B5":
            self.extra["agica_actes"].append((ps, nir, known, people.code(patient), seen, people.day(RECEIVED)))
        elif path == "B6":
            self.extra["histo_client"].append((people.MUTUELLES[0], nir, ps, numero, seen, people.day(RECEIVED)))


def _first_act(path: str) -> dict[str, str]:
    return {
        "G1": {"code_acte": "MAU"},
        "G2": {"code_acte": "INCONNU"},
        "G6": {"code_acte": people.code(999), "prix_unitaire": "13,00"},
        "G8": {"numero_adeli": "750009999"},
    }.get(path, {})


def _second(path: str) -> dict[str, str]:
    return {
        "G3": {"code_acte": people.code(998)},
        "G5": {"date_soins": "01/01/2026"},
        "G7": {"montant_total": "1,00"},
    }[path]


def _valuation(path: str, row: dict[str, str], total: int, rc: int) -> tuple[Any, ...]:
    key = row["numero_lot"], row["numero_ps"], row["numero_facture"]
    match path:
        case "H2":
            return *key, "refusee", "", "", "plafond à vérifier"
        case "H3":
            return *key, "valorisee", people.amount(total + 250), people.amount(rc), ""
        case "H4":
            return *key, "valorisee", people.amount(total), people.amount(rc + 250), ""
    return *key, "valorisee", people.amount(total), people.amount(rc), ""
