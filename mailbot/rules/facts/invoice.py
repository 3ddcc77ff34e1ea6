"""Facts of the invoice as it stands: document, PS, recipient, dates, missing elements (rules A, C and D)."""

from __future__ import annotations

from datetime import date

from mailbot.rules.case import Case
from mailbot.rules.facts.types import Fact, Named, Seen, plain
from mailbot.rules.text import euros

_NOT_AN_INVOICE = frozenset(("bordereau_virement", "decompte_ro", "document_rsi", "autre"))


def _other_task(case: Case) -> bool:
    facture = case.facture
    return facture.tache_numero_ps != "" and facture.numero_ps not in ("", facture.tache_numero_ps)


def _unknown_ps(case: Case) -> bool:
    numero = case.facture.numero_ps
    return not (numero in case.references.agaps and len(numero) == 9 and numero.isascii() and numero.isdigit())


def _unsure_recipient(case: Case) -> bool:
    facture = case.facture
    if facture.destinataire == "oc":
        return facture.part_assure is not None and facture.part_assure > 0
    return not facture.destinataire


def _recipient_seen(case: Case) -> Seen:
    return case.facture.destinataire, euros(case.facture.part_assure)


def two_years_later(day: date) -> date:
    """Keeps day and month; 29/02 becomes 28/02 (motifs.md §3)."""
    if day.month == 2 and day.day == 29:
        return date(day.year + 2, 2, 28)
    return day.replace(year=day.year + 2)


def _too_old(case: Case) -> bool:
    fin, received = case.fin, case.facture.date_reception
    if fin is None or fin.year + 2 > received.year:
        return False
    return two_years_later(fin) < received


def _ps_seen(case: Case) -> Seen:
    numero = case.facture.numero_ps
    return numero, numero in case.references.agaps


FACTS = (
    Fact(
        "referentiel_absent",
        "Un référentiel dont la règle atteinte a besoin n’a jamais été chargé",
        (),
        lambda case: case.missing_table != "",
        ("referentiel",),
        lambda case: (case.missing_table,),
    ),
    Fact(
        "document_illisible",
        "Le type de document est « illisible »",
        (),
        lambda case: case.facture.type_document == "illisible",
        ("type_document",),
        lambda case: (case.facture.type_document,),
    ),
    Fact(
        "tache_differente",
        "Le n° PS de la tâche et celui de la facture sont remplis et différents",
        (),
        _other_task,
        ("tache_numero_ps", "numero_ps"),
        lambda case: (case.facture.tache_numero_ps, case.facture.numero_ps),
    ),
    Fact(
        "ps_inconnu",
        "Le n° PS manque, n’a pas 9 chiffres ou n’est pas dans agaps",
        ("agaps",),
        _unknown_ps,
        ("numero_ps", "dans_agaps"),
        _ps_seen,
    ),
    Fact(
        "ro_100",
        "Le taux du régime obligatoire est exactement 100 %",
        (),
        lambda case: case.facture.taux_ro == 100,
        ("taux_ro",),
        lambda case: (plain(case.facture.taux_ro),),
    ),
    Fact(
        "destinataire_incertain",
        "Le destinataire est vide, ou « oc » alors qu’une part assuré est demandée",
        (),
        _unsure_recipient,
        ("destinataire", "part_assure"),
        _recipient_seen,
    ),
    Fact(
        "destinataire_assure",
        "La facture est adressée à l’assuré",
        (),
        lambda case: case.facture.destinataire == "assure",
        ("destinataire",),
        lambda case: (case.facture.destinataire,),
    ),
    Fact(
        "plus_de_2_ans",
        "Les soins sont finis depuis plus de deux ans à la réception",
        (),
        _too_old,
        ("fin_soins", "date_reception"),
        lambda case: (case.fin, case.facture.date_reception),
    ),
    Fact(
        "hors_parcours",
        "Le parcours de soins n’est pas respecté",
        (),
        lambda case: case.facture.parcours_soins == "non",
        ("parcours_soins",),
        lambda case: (case.facture.parcours_soins,),
    ),
    Fact(
        "document_non_conforme",
        "Le document n’est pas une facture (bordereau de virement, décompte RO, document RSI, autre)",
        (),
        lambda case: case.facture.type_document in _NOT_AN_INVOICE,
        ("type_document",),
        lambda case: (case.facture.type_document,),
    ),
    Fact(
        "trois_manques",
        "Il manque au moins trois éléments",
        ("nomenclature",),
        lambda case: len(case.missing) >= 3,
        ("elements_manquants",),
        lambda case: (case.missing,),
    ),
    Fact(
        "un_manque",
        "Il manque au moins un élément",
        ("nomenclature",),
        lambda case: case.missing != (),
        ("elements_manquants",),
        lambda case: (case.missing,),
    ),
    Fact(
        "specialite_absente",
        "La spécialité est vide",
        (),
        lambda case: not case.facture.specialite,
        ("specialite",),
        lambda case: (case.facture.specialite,),
    ),
)

NAMED = (
    Named("referentiel", "nom du référentiel qui manque", lambda case: case.missing_table),
    Named("tache_numero_ps", "n° PS de la tâche", lambda case: case.facture.tache_numero_ps),
    Named("numero_ps", "n° PS de la facture", lambda case: case.facture.numero_ps),
    Named("numero_facture", "nom de la facture", lambda case: case.facture.nom_facture),
    Named("numero_lot", "numéro du lot", lambda case: case.facture.numero_lot),
    Named("specialite", "spécialité", lambda case: case.facture.specialite),
    Named("debut_soins", "début des soins", lambda case: case.debut, "date"),
    Named("fin_soins", "fin des soins", lambda case: case.fin, "date"),
    Named(
        "premier_manque",
        "premier élément manquant",
        lambda case: case.missing[0] if case.missing else None,
        "detail",
    ),
    Named(
        "libelle_premier_manque",
        "libellé du premier élément manquant",
        lambda case: case.terms.details[case.missing[0]] if case.missing else None,
    ),
    Named(
        "libelle_second_manque",
        "libellé du deuxième élément manquant",
        lambda case: case.terms.details[case.missing[1]] if len(case.missing) > 1 else None,
    ),
)
