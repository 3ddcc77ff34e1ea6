"""Facts of the patient, the cards, the contract and its rights (rules E and F)."""

from __future__ import annotations

from mailbot.rules.case import Case
from mailbot.rules.fact_types import Fact, Named, Shown, iso

_PEOPLE = ("beneficiaires",)
_CARDS = ("beneficiaires", "cartes")
_RIGHTS = ("beneficiaires", "cartes", "droits")


def _bad_nir(case: Case) -> bool:
    return case.nir_given and not case.facture.nir_valide


def _born_otherwise(case: Case) -> bool:
    """E1: somebody under the NIR has the name; then birth date or rank differs, since nobody was found by NIR."""
    if case.found_by_nir or not case.under_nir:
        return False
    return case.nameless_b2 or any(case.named_like(row) for row in case.under_nir)


def _named_otherwise(case: Case) -> bool:
    """E2: somebody under the NIR has birth date and rank; then the name differs."""
    if case.found_by_nir:
        return False
    facture = case.facture
    return any(
        row.date_naissance == facture.date_naissance and row.rang_naissance == facture.rang_naissance
        for row in case.under_nir
    )


def _birth_seen(case: Case) -> Shown:
    return {
        "date_naissance": case.facture.date_naissance,
        "rang_naissance": case.facture.rang_naissance,
        "personnes_sous_ce_nir": len(case.under_nir),
        "trouvees_par_nir": len(case.found_by_nir),
    }


def _name_seen(case: Case) -> Shown:
    return {
        "nom": case.facture.nom,
        "prenom": case.facture.prenom,
        "personnes_sous_ce_nir": len(case.under_nir),
        "trouvees_par_nir": len(case.found_by_nir),
    }


def _by_name_seen(case: Case) -> Shown:
    if case.found_by_nir:
        return {"trouvees_par_nir": len(case.found_by_nir)}
    return {
        "trouvees_par_nir": len(case.found_by_nir),
        "trouvees_par_nom": len(case.found_by_name),
        "nir_differents": len(case.nirs_by_name),
    }


def _cards_seen(case: Case) -> Shown:
    return {
        "debut_soins": iso(case.debut),
        "fin_soins": iso(case.fin),
        "cartes_au_debut": len(case.cards_at_start),
        "cartes_a_la_fin": len(case.cards_at_end),
    }


def _cover_seen(case: Case) -> Shown:
    return {"specialite": case.facture.specialite, "garanties": [card.garanties for card in case.valid_cards]}


def _exception_seen(case: Case) -> Shown:
    return {"specialite": case.facture.specialite, "mutuelles": [card.mutuelle for card in case.valid_cards]}


def _contract_seen(case: Case) -> Shown:
    return {"contrat": case.contract, "motifs_restitution": [card.motif_restitution for card in case.contract_cards]}


def _rights_closed(case: Case) -> bool:
    right, debut, fin = case.right, case.debut, case.fin
    if right is None or debut is None or fin is None:
        return False
    return (right.adhesion is not None and debut < right.adhesion) or (
        right.radiation is not None and fin > right.radiation
    )


def _rights_seen(case: Case) -> Shown:
    right = case.right
    if right is None:
        return {"contrat": case.contract, "ligne_de_droits": False}
    return {
        "contrat": case.contract,
        "adhesion": iso(right.adhesion),
        "radiation": iso(right.radiation),
        "date_effet": iso(right.date_effet),
    }


def _pec_missing(case: Case) -> bool:
    if case.facture.numero_pec:
        return False
    return any(case.says_pec(card) for card in case.contract_cards)


FACTS = (
    Fact(
        "nir_mal_forme",
        "Le NIR est mal formé, ou sa clé est fausse",
        (),
        _bad_nir,
        lambda case: {"nir": case.facture.nir},
    ),
    Fact(
        "naissance_differente",
        "NIR connu ; nom et prénom y désignent quelqu’un, mais naissance ou rang diffère",
        _PEOPLE,
        _born_otherwise,
        _birth_seen,
    ),
    Fact(
        "nom_different",
        "NIR connu ; naissance et rang y désignent quelqu’un, mais nom ou prénom diffère",
        _PEOPLE,
        _named_otherwise,
        _name_seen,
    ),
    Fact(
        "plusieurs_personnes",
        "Non trouvé par NIR ; par nom, prénom et naissance, plusieurs personnes sous des NIR différents",
        _PEOPLE,
        lambda case: not case.found_by_nir and len(case.nirs_by_name) > 1,
        _by_name_seen,
    ),
    Fact(
        "patient_trouve",
        "Le patient est trouvé par NIR, ou par nom, prénom et naissance",
        _PEOPLE,
        lambda case: bool(case.patient),
        _by_name_seen,
    ),
    Fact(
        "nir_connu",
        "Le NIR existe dans beneficiaires",
        _PEOPLE,
        lambda case: bool(case.under_nir),
        lambda case: {"nir": case.facture.nir, "personnes_sous_ce_nir": len(case.under_nir)},
    ),
    Fact(
        "patient_autre_nir",
        "Le patient est trouvé par son nom sous un autre NIR",
        _PEOPLE,
        lambda case: case.other_nir != "",
        _by_name_seen,
    ),
    Fact(
        "carte_valide",
        "Une carte est valide au début ou à la fin des soins",
        _CARDS,
        lambda case: bool(case.cards_at_start or case.cards_at_end),
        _cards_seen,
    ),
    Fact(
        "specialite_couverte", "Une carte valide couvre la spécialité", _CARDS, lambda case: case.covered, _cover_seen
    ),
    Fact(
        "exception_mutuelle",
        "La mutuelle d’une carte valide fait exception pour la spécialité",
        _CARDS,
        lambda case: case.excepted,
        _exception_seen,
    ),
    Fact(
        "deux_contrats",
        "Début et fin des soins diffèrent, et aucun contrat n’a de carte valide aux deux",
        _CARDS,
        lambda case: case.debut != case.fin and not case.common_contracts,
        _cards_seen,
    ),
    Fact(
        "carte_npai",
        "La carte du contrat est revenue NPAI",
        _CARDS,
        lambda case: case.returned("NPAI"),
        _contract_seen,
    ),
    Fact(
        "carte_restituee",
        "La carte du contrat a été restituée",
        _CARDS,
        lambda case: case.returned("RESTITUTION"),
        _contract_seen,
    ),
    Fact(
        "droits_clos",
        "Les droits du contrat ne couvrent pas toute la période de soins",
        _RIGHTS,
        _rights_closed,
        _rights_seen,
    ),
    Fact(
        "pec_manquante",
        "La carte demande une prise en charge (PEC) et la facture n’a pas de numéro de PEC",
        _CARDS,
        _pec_missing,
        lambda case: {
            "numero_pec": case.facture.numero_pec,
            "contrat": case.contract,
            "garanties": [card.garanties for card in case.contract_cards],
        },
    ),
)

NAMED = (Named("contrat", "contrat retenu", lambda case: case.contract),)
