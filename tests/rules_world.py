"""The blameless invoice and the reference tables that `tests/cases/*.yaml` start from. Everybody here is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from mailbot.configuration.document import read_yaml
from mailbot.model import Acte, Facture, Recapitulatif
from mailbot.model.references import TABLES
from mailbot.rules.book import Book
from mailbot.rules.references import References
from mailbot.rules.table import load_book

CONFIG = Path(__file__).parent.parent / "config"

ACTE = {
    "code_acte": "AMI",
    "date_soins": "12/03/2026",
    "coefficient": "1",
    "quantite": "1",
    "prix_unitaire": "",
    "montant": "15,00",
    "part_ro": "6,00",
    "part_rc": "9,00",
    "numero_adeli": "",
}
FACTURE = {
    "numero_lot": "118",
    "date_reception": "20/03/2026",
    "numero_ps": "752345678",
    "numero_facture": "4711",
    "nir": "2850475111222",
    "nir_valide": "oui",
    "critere_archivage": "0123456789",
    "date_facture": "12/03/2026",
    "nom": "VALLON D'AUBIGNÉ",
    "prenom": "Anne-Lise",
    "date_naissance": "1985-04-12",
    "rang_naissance": 1,
    "specialite": "AUX",
    "taux_ro": "60",
    "destinataire": "oc",
    "part_assure": "",
    "parcours_soins": "oui",
    "type_document": "cerfa",
    "tache_numero_ps": "",
    "mention": "",
    "numero_pec": "",
    "montant_total": "15,00",
    "part_rc_demandee": "9,00",
    "de_b2": "non",
    "actes": [{"date_soins": "10/03/2026"}, {}],
}
_PERSON = {"nir": FACTURE["nir"], "numero_ps": FACTURE["numero_ps"], "numero_facture": FACTURE["numero_facture"]}
#: What a row of a reference table says where a case is silent.
ROWS: dict[str, dict[str, object]] = {
    "beneficiaires": {
        **{key: FACTURE[key] for key in ("nir", "nom", "prenom", "date_naissance", "rang_naissance")},
        "reference": "R1",
        "mutuelle": "Les Tilleuls",
        "contrat": "C1",
    },
    "cartes": {
        "reference": "R1",
        "contrat": "C1",
        "mutuelle": "Les Tilleuls",
        "date_debut": "01/01/2020",
        "editee_le": "01/01/2020",
        "garanties": "AUX=100%",
    },
    "droits": {"reference": "R1", "contrat": "C1", "date_effet": "01/01/2020"},
    "agica": dict(_PERSON),
    "agica_actes": {**_PERSON, "code_acte": "AMI", "date_soins": "12/03/2026"},
    "histo_client": {**_PERSON, "mutuelle": "Les Tilleuls"},
    "agaps": {"numero_ps": FACTURE["numero_ps"]},
    "agaps_mails": {},
    "valorisations": {
        "numero_lot": "118",
        **{key: _PERSON[key] for key in ("numero_ps", "numero_facture")},
        "resultat": "VALORISEE",
        "montant_calcule": "15,00",
        "part_rc_calculee": "9,00",
    },
    "nomenclature": {"code_acte": "AMI", "prix_unitaire": "3,15", "majoration": "non"},
    "pieces": {},
}
#: The rows that stand in the tables unless a case takes them out.
PRESENT: dict[str, list[dict[str, object]]] = {
    "beneficiaires": [{}],
    "cartes": [{}],
    "droits": [{}],
    "agaps": [{}, {"numero_ps": "750123456"}],
    "valorisations": [{}],
    "nomenclature": [
        {},
        {"code_acte": "MAU", "prix_unitaire": ""},
        {"code_acte": "MD", "prix_unitaire": "", "majoration": "oui"},
        {"code_acte": "AMI", "prix_unitaire": "99,00"},
    ],
}
_MONEY = {"prix_unitaire", "montant", "part_ro", "part_rc", "part_assure", "montant_total", "part_rc_demandee",
          "montant_rc", "montant_calcule", "part_rc_calculee"}  # fmt: skip
_DATES = {"date_soins", "date_reception", "date_facture", "date_debut", "date_fin", "restituee_le", "editee_le",
          "adhesion", "radiation", "date_effet", "date_debut_soins", "date_liquidation", "date_paiement"}  # fmt: skip


def value(column: str, written: Any) -> Any:
    """A cell as the parsers give it."""
    if column in _MONEY:
        return int(Decimal(written.replace(",", ".")) * 100) if written else None
    if column in _DATES:
        return day(written) if written else None
    if column in ("coefficient", "quantite", "taux_ro"):
        return Decimal(written.replace(",", ".")) if written else None
    if column in ("majoration", "nir_valide", "de_b2"):
        return written == "oui"
    if column == "rang_naissance":
        return int(written or 1)
    return str(written)


def day(written: str) -> date:
    return datetime.strptime(written, "%d/%m/%Y").date()  # noqa: DTZ007 - a calendar day


def acts(rows: Iterable[Mapping[str, Any]]) -> tuple[Acte, ...]:
    return tuple(Acte(**{key: value(key, cell) for key, cell in {**ACTE, **row}.items()}) for row in rows)


def facture(changes: Mapping[str, Any]) -> Facture:
    said: dict[str, Any] = {**FACTURE, **changes}
    second = said.pop("recapitulatif", None)
    rows = said.pop("actes")
    cells = {key: value(key, cell) for key, cell in said.items()}
    number = cells["numero_facture"].lstrip("0")
    recapitulatif = None
    if second is not None:
        totals = [value(key, second.get(key, "")) for key in ("montant_total", "part_rc_demandee")]
        recapitulatif = Recapitulatif(totals[0], totals[1], acts(second.get("actes", rows)))
    if not number:
        cells["numero_facture"] = ""
    return Facture(**cells, numero=number, actes=acts(rows), recapitulatif=recapitulatif)


def row(table: str, changes: Mapping[str, Any]) -> tuple[Any, ...]:
    said = {**ROWS[table], **changes}
    return TABLES[table](*(value(name, said.get(name, "")) for name in TABLES[table]._fields))  # type: ignore[attr-defined]


def tables(
    added: Mapping[str, list[Mapping[str, Any]]], without: Iterable[str] = (), never: Iterable[str] = ()
) -> dict[str, list[tuple[Any, ...]]]:
    gone = set(without)
    return {
        name: [row(name, changes) for changes in ([] if name in gone else PRESENT.get(name, []))]
        + [row(name, changes) for changes in added.get(name, [])]
        for name in TABLES
        if name not in set(never)
    }


def references(case: Mapping[str, Any]) -> References:
    return References.of(tables(case.get("referentiels", {}), case.get("sans", []), case.get("jamais_charges", [])))


def book(reponses: Mapping[str, str] | None = None, **texts: str) -> Book:
    """The shipped book, or one with other texts: `book(regles="…")`."""
    documents = {
        name: read_yaml(texts.get(name) or (CONFIG / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")
        for name in ("motifs", "regles", "specialites")
    }
    if reponses is None:
        reponses = dict.fromkeys(documents["motifs"].data.get("motifs", {}), "Un texte.")
    return load_book(documents["motifs"], documents["regles"], documents["specialites"], reponses)
