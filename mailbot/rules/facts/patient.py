"""Facts of the patient, the cards, the contract and its rights (rules E and F)."""

from __future__ import annotations

from mailbot.rules.case import Case
from mailbot.rules.facts.types import Fact, Named, Seen

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


_BIRTH = ("date_naissance", "rang_naissance", "personnes_sous_ce_nir", "trouvees_par_nir")
_NAME = ("nom", "prenom", "personnes_sous_ce_nir", "trouvees_par_nir")
_BY_NAME = ("trouvees_par_nir", "trouvees_par_nom", "nir_differents")
_VALID_CARDS = ("debut_soins", "fin_soins", "cartes_au_debut", "cartes_a_la_fin")
_CONTRACT = ("contrat", "motifs_restitution")
_RIGHT = ("contrat", "ligne_de_droits", "adhesion", "radiation", "date_effet")


def _birth_seen(case: Case) -> Seen:
    facture = case.facture
    return facture.date_naissance, facture.rang_naissance, len(case.under_nir), len(case.found_by_nir)


def _name_seen(case: Case) -> Seen:
    return case.facture.nom, case.facture.prenom, len(case.under_nir), len(case.found_by_nir)


def _by_name_seen(case: Case) -> Seen:
    if case.found_by_nir:
        return (len(case.found_by_nir),)
    return 0, len(case.found_by_name), len(case.nirs_by_name)


def _cards_seen(case: Case) -> Seen:
    return case.debut, case.fin, len(case.cards_at_start), len(case.cards_at_end)


def _contract_seen(case: Case) -> Seen:
    return case.contract, tuple([card.motif_restitution for card in case.contract_cards])


def _rights_closed(case: Case) -> bool:
    right, debut, fin = case.right, case.debut, case.fin
    if right is None or debut is None or fin is None:
        return False
    return (right.adhesion is not None and debut < right.adhesion) or (
        right.radiation is not None and fin > right.radiation
    )


def _rights_seen(case: Case) -> Seen:
    right = case.right
    if right is None:
        return case.contract, False
    return case.contract, True, right.adhesion, right.radiation, right.date_effet


def _pec_missing(case: Case) -> bool:
    if case.facture.numero_pec:
        return False
    for card in case.contract_cards:  # noqa: SIM110 - half the cost of any() with a generator
        if case.says_pec(card):
            return True
    return False


FACTS = (
    Fact(
        "nir_mal_forme",
        "Le NIR est mal formé, ou sa clé est fausse",
        (),
        _bad_nir,
        ("nir",),
        lambda case: (case.facture.nir,),
    ),
    Fact(
        "naissance_differente",
        "NIR connu ; nom et prénom y désignent quelqu’un, mais naissance ou rang diffère",
        _PEOPLE,
        _born_otherwise,
        _BIRTH,
        _birth_seen,
    ),
    Fact(
        "nom_different",
        "NIR connu ; naissance et rang y désignent quelqu’un, mais nom ou prénom diffère",
        _PEOPLE,
        _named_otherwise,
        _NAME,
        _name_seen,
    ),
    Fact(
        "plusieurs_personnes",
        "Non trouvé par NIR ; par nom, prénom et naissance, plusieurs personnes sous des NIR différents",
        _PEOPLE,
        lambda case: not case.found_by_nir and len(case.nirs_by_name) > 1,
        _BY_NAME,
        _by_name_seen,
    ),
    Fact(
        "patient_trouve",
        "Le patient est trouvé par NIR, ou par nom, prénom et naissance",
        _PEOPLE,
        lambda case: bool(case.patient),
        _BY_NAME,
        _by_name_seen,
    ),
    Fact(
        "nir_connu",
        "Le NIR existe dans beneficiaires",
        _PEOPLE,
        lambda case: bool(case.under_nir),
        ("nir", "personnes_sous_ce_nir"),
        lambda case: (case.facture.nir, len(case.under_nir)),
    ),
    Fact(
        "patient_autre_nir",
        "Le patient est trouvé par son nom sous un autre NIR",
        _PEOPLE,
        lambda case: case.other_nir != "",
        _BY_NAME,
        _by_name_seen,
    ),
    Fact(
        "carte_valide",
        "Une carte est valide au début ou à la fin des soins",
        _CARDS,
        lambda case: bool(case.cards_at_start or case.cards_at_end),
        _VALID_CARDS,
        _cards_seen,
    ),
    Fact(
        "specialite_couverte",
        "Une carte valide couvre la spécialité",
        _CARDS,
        lambda case: case.covered,
        ("specialite", "garanties"),
        lambda case: (case.facture.specialite, tuple([card.garanties for card in case.valid_cards])),
    ),
    Fact(
        "exception_mutuelle",
        "La mutuelle d’une carte valide fait exception pour la spécialité",
        _CARDS,
        lambda case: case.excepted,
        ("specialite", "mutuelles"),
        lambda case: (case.facture.specialite, tuple([card.mutuelle for card in case.valid_cards])),
    ),
    Fact(
        "deux_contrats",
        "Début et fin des soins diffèrent, et aucun contrat n’a de carte valide aux deux",
        _CARDS,
        lambda case: case.debut != case.fin and not case.common_contracts,
        _VALID_CARDS,
        _cards_seen,
    ),
    Fact(
        "carte_npai",
        "La carte du contrat est revenue NPAI",
        _CARDS,
        lambda case: case.returned("NPAI"),
        _CONTRACT,
        _contract_seen,
    ),
    Fact(
        "carte_restituee",
        "La carte du contrat a été restituée",
        _CARDS,
        lambda case: case.returned("RESTITUTION"),
        _CONTRACT,
        _contract_seen,
    ),
    Fact(
        "droits_clos",
        "Les droits du contrat ne couvrent pas toute la période de soins",
        _RIGHTS,
        _rights_closed,
        _RIGHT,
        _rights_seen,
    ),
    Fact(
        "pec_manquante",
        "La carte demande une prise en charge (PEC) et la facture n’a pas de numéro de PEC",
        _CARDS,
        _pec_missing,
        ("numero_pec", "contrat", "garanties"),
        lambda case: (case.facture.numero_pec, case.contract, tuple([card.garanties for card in case.contract_cards])),
    ),
)

NAMED = (Named("contrat", "contrat retenu", lambda case: case.contract),)
