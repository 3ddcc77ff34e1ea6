"""From the sample day to rows: the lots as their files write them, and the reference tables that know of them.

Owns the column names and how values are written (JJ/MM/AAAA, 12,71). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from mailbot.demo import acts, people
from mailbot.demo.sample import FAUSSE_CLE, Acte, Cas, Lot
from mailbot.model import TABLES
from mailbot.parsers import identifiers

Row = dict[str, str]

COLONNES = (
    "numero_lot", "critere_archivage", "date_reception", "numero_ps", "numero_facture", "date_facture", "nir", "nom",
    "prenom", "date_naissance", "rang_naissance", "specialite", "taux_ro", "destinataire", "part_assure",
    "parcours_soins", "type_document", "document", "tache_numero_ps", "mention", "numero_pec", "montant_total",
    "part_rc_demandee", "code_acte", "date_soins", "coefficient", "quantite", "prix_unitaire", "montant", "part_ro",
    "part_rc", "numero_adeli",
)  # fmt: skip


def montant(centimes: int) -> str:
    return f"{centimes // 100},{centimes % 100:02}"


def jour(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def part_rc(acte: Acte) -> int:
    """What is left to the payer when the mandatory scheme pays 65 %, in centimes."""
    return acte.montant - acte.montant * 65 // 100


# -- lots ------------------------------------------------------------------------------------------------------


def lignes(lot: Lot) -> list[Row]:
    """The rows of one lot, in the order of its invoices."""
    return [row for index, cas in enumerate(lot.cas, 1) for row in _facture(lot, cas, index)]


def _facture(lot: Lot, cas: Cas, index: int) -> Iterator[Row]:
    patient = cas.patient
    head = {
        "numero_lot": lot.numero,
        "critere_archivage": f"{_rang(lot.numero):07}{index:03}",
        "date_reception": jour(lot.date_reception),
        "numero_ps": lot.ps.numero if lot.ps else "",
        "numero_facture": cas.numero,
        "date_facture": jour(max(acte.jour for acte in cas.actes)),
        "nir": f"{patient.nir}{identifiers.nir_key(patient.nir):02}",
        "nom": patient.nom,
        "prenom": patient.prenom,
        "date_naissance": jour(patient.naissance),
        "rang_naissance": "1",
        "specialite": lot.specialite,
        "taux_ro": "65",
        "destinataire": "oc",
        "parcours_soins": "oui",
        "type_document": "facture_informatique",
    }
    changed = dict(cas.colonnes)
    if changed.get("nir") == FAUSSE_CLE:
        changed["nir"] = f"{patient.nir}{identifiers.nir_key(patient.nir) % 97 + 1:02}"
    for document, of_document in (("facture", cas.actes), ("recapitulatif", cas.recapitulatif)):
        totals = {
            "montant_total": montant(sum(acte.montant for acte in of_document)),
            "part_rc_demandee": montant(sum(map(part_rc, of_document))),
        }
        for acte in of_document:
            yield dict.fromkeys(COLONNES, "") | head | {"document": document} | totals | _acte(acte) | changed


def _acte(acte: Acte) -> Row:
    return {
        "code_acte": acte.code,
        "date_soins": jour(acte.jour),
        "coefficient": acte.coefficient,
        "quantite": str(acte.quantite),
        "prix_unitaire": montant(acte.prix),
        "montant": montant(acte.montant),
        "part_ro": montant(acte.montant - part_rc(acte)),
        "part_rc": montant(part_rc(acte)),
        "numero_adeli": acte.adeli,
    }


def _rang(numero_lot: str) -> int:
    """A number for the archive criterion, the digits of the lot."""
    return int("".join(filter(str.isdigit, numero_lot))) % 10_000_000


# -- reference tables ------------------------------------------------------------------------------------------


def references(lots: Sequence[Lot]) -> dict[str, list[Row]]:
    """Every reference table of the day, by name."""
    found: dict[str, list[Row]] = {name: [] for name in TABLES}
    _directory(found)
    for patient in people.CONNUS:
        first = patient.cartes[0]
        found["beneficiaires"].append(
            {
                "reference": patient.reference, "nir": patient.nir, "date_naissance": jour(patient.naissance),
                "rang_naissance": "1", "nom": patient.nom.upper(), "prenom": patient.prenom.upper(),
                "mutuelle": first.mutuelle, "contrat": first.contrat, "numero_mutuelle": "439900001",
            }
        )  # fmt: skip
        for carte in patient.cartes:
            found["cartes"].append(
                {
                    "reference": patient.reference, "contrat": carte.contrat, "mutuelle": carte.mutuelle,
                    "date_debut": jour(carte.debut), "date_fin": jour(carte.fin), "motif_restitution": carte.motif,
                    "editee_le": jour(carte.debut), "numero_carte": f"{carte.contrat}-1", "garanties": carte.garanties,
                }
            )  # fmt: skip
            found["droits"].append(
                {
                    "reference": patient.reference, "numero_mutuelle": "439900001", "contrat": carte.contrat,
                    "adhesion": jour(carte.debut), "radiation": jour(patient.radiation),
                    "date_effet": jour(carte.debut),
                }
            )  # fmt: skip
    for lot in lots:
        for cas in lot.cas:
            _traces(found, lot, cas)
    return found


def _directory(found: dict[str, list[Row]]) -> None:
    for ps in people.TOUS:
        kind, _, name = ps.rue.partition(" ")
        found["agaps"].append(
            {
                "numero_ps": ps.numero, "raison_sociale": ps.nom, "categorie": ps.categorie, "mail": ps.mail,
                "telephone": "01 99 00 12 34", "numero_voie": "1", "type_voie": kind, "libelle_voie": name,
                "code_postal": ps.code_postal, "commune": ps.commune,
            }
        )  # fmt: skip
    names = ("numero_ps", "convention", "fonction", "mail")
    found["agaps_mails"] = [dict(zip(names, row, strict=True)) for row in people.MAILS_DES_CENTRES]
    found["nomenclature"] = [
        {
            "code_acte": code, "libelle": libelle, "majoration": "oui" if majoration else "non",
            "prix_unitaire": "" if prix is None else montant(prix),
        }
        for code, libelle, majoration, prix in acts.NOMENCLATURE
    ]  # fmt: skip


def _traces(found: dict[str, list[Row]], lot: Lot, cas: Cas) -> None:
    numero_ps = lot.ps.numero if lot.ps else ""
    start = jour(min(acte.jour for acte in cas.actes))
    rc = montant(sum(map(part_rc, cas.actes)))
    for table, columns in cas.traces:
        found[table].append(
            {
                "numero_ps": numero_ps, "nir": cas.patient.nir, "numero_facture": cas.numero,
                "date_debut_soins": start, "date_soins": start, "montant_rc": rc, "specialite": lot.specialite,
                **columns,
            }
        )  # fmt: skip
    if cas.valeur is not None:
        told = {"resultat": "valorisee"} if isinstance(cas.valeur, str) else cas.valeur
        asked = {"montant_calcule": montant(sum(acte.montant for acte in cas.actes)), "part_rc_calculee": rc}
        own = asked if told["resultat"] == "valorisee" else {}
        found["valorisations"].append(
            {"numero_lot": lot.numero, "numero_ps": numero_ps, "numero_facture": cas.numero, **own, **told}
        )


def columns(table: str) -> tuple[str, ...]:
    """The columns of a reference table, in the order of data.md."""
    fields: Iterable[str] = getattr(TABLES[table], "_fields", ())
    return tuple(fields)
