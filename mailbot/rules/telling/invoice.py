"""Sentences for the facts of the invoice as it stands (facts_invoice.py): document, PS, recipient, dates, elements."""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.rules.telling.words import Absent, Saw, Telling, enumerated, text

DOCUMENT = "Le document et le PS"
RECIPIENT = "Le destinataire et les dates"
COMPLETE = "Ce que la facture doit porter"
_CARD = "La carte et les droits"

#: The one missing element that is an act too many alone, and reads otherwise.
_INCREASE_ALONE = "ACTE_MAJORE_SEUL"

_DOCUMENTS = {
    "cerfa": "une facture CERFA",
    "facture_informatique": "une facture informatique",
    "quittance_detaillee": "une quittance détaillée",
    "bordereau_virement": "un bordereau de virement",
    "decompte_ro": "un décompte du régime obligatoire",
    "document_rsi": "un document RSI",
    "autre": "un document d’une autre sorte",
    "illisible": "illisible",
}


def _document(saw: Saw) -> str:
    written = text(saw.get("type_document"))
    return f"Le document est {_DOCUMENTS.get(written, f'du type « {written} »')}."


def _not_an_invoice(saw: Saw) -> str:
    if saw.get("type_document") == "autre":
        return "Le document n’est pas une facture."
    return _document(saw).removesuffix(".") + ", pas une facture."


def _same_task(saw: Saw) -> str:
    if saw.filled("tache_numero_ps") and saw.filled("numero_ps"):
        return saw.say("La tâche et la facture nomment le même PS, {numero_ps}.")
    return "La tâche ne nomme pas d’autre PS que la facture."


def document_and_ps(saw: Saw) -> str:
    """Where the task says nothing of its own."""
    if saw.filled("tache_numero_ps"):
        raise Absent
    return _document(saw).removesuffix(".") + saw.say(", et le PS {numero_ps} est connu d’AGAPS.")


def _unknown_ps(saw: Saw) -> str:
    if not saw.filled("numero_ps"):
        return "La facture ne porte pas de n° PS."
    written = text(saw.get("numero_ps"))
    if not (len(written) == 9 and written.isascii() and written.isdigit()):
        return f"Le n° PS « {written} » n’est pas un numéro à 9 chiffres."
    return f"Le PS {written} n’est pas connu d’AGAPS."


def _rate(saw: Saw) -> str:
    if saw.get("taux_ro") is None:
        return "Le taux du régime obligatoire n’est pas indiqué."
    return saw.say("Le régime obligatoire paie {taux_ro} %, pas 100 %.")


def _unsure(saw: Saw) -> str:
    if not saw.filled("destinataire"):
        return "La facture ne dit pas à qui elle est adressée."
    return saw.say(
        "La facture est adressée à l’organisme complémentaire, mais elle laisse {part_assure:euros} à l’assuré."
    )


def recipient(saw: Saw) -> str:
    written = text(saw.get("destinataire"))
    if written == "assure":
        return "La facture est adressée à l’assuré."
    return "La facture est adressée à l’organisme complémentaire."


def _in_time(saw: Saw) -> str:
    if saw.get("fin_soins") is None:
        return "Les soins n’ont pas de date : le délai de deux ans ne se compte pas."
    return saw.say(
        "Les soins ont fini le {fin_soins:jour} et la facture est arrivée le {date_reception:jour}, dans les deux ans."
    )


def _pathway(saw: Saw) -> str:
    if saw.filled("parcours_soins"):
        return "Le parcours de soins est respecté."
    return "La facture ne dit rien du parcours de soins."


def _missing(saw: Saw) -> str:
    codes = saw.texts("elements_manquants")
    if not codes:
        return "Rien ne manque."
    labels = [saw.details.get(code, code.replace("_", " ").lower()) for code in codes if code != _INCREASE_ALONE]
    missing = enumerated([label[:1].lower() + label[1:] for label in labels]) if labels else ""
    if len(labels) < len(codes):
        return "Un acte majoré est facturé seul" + (f" ; il manque aussi : {missing}." if missing else ".")
    opening = "Il manque un élément" if len(labels) == 1 else f"Il manque {len(labels)} éléments"
    return f"{opening} : {missing}."


TELLINGS: Mapping[str, Telling] = {
    "referentiel_absent": Telling(
        DOCUMENT,
        "Le référentiel « {referentiel} » n’a jamais été chargé, et la règle qui venait en a besoin.",
        "Les référentiels nécessaires sont chargés.",
    ),
    "document_illisible": Telling(DOCUMENT, "Le document est illisible.", _document),
    "tache_differente": Telling(
        DOCUMENT, "La tâche nomme le PS {tache_numero_ps}, la facture le PS {numero_ps}.", _same_task
    ),
    "ps_inconnu": Telling(DOCUMENT, _unknown_ps, "Le PS {numero_ps} est connu d’AGAPS."),
    "ro_100": Telling(RECIPIENT, "Le régime obligatoire paie {taux_ro} %.", _rate),
    "destinataire_incertain": Telling(RECIPIENT, _unsure, recipient),
    "destinataire_assure": Telling(RECIPIENT, "La facture est adressée à l’assuré.", recipient),
    "plus_de_2_ans": Telling(
        RECIPIENT,
        "Les soins ont fini le {fin_soins:jour} et la facture est arrivée le {date_reception:jour}, "
        "plus de deux ans après.",
        _in_time,
    ),
    "hors_parcours": Telling(RECIPIENT, "Le parcours de soins n’est pas respecté.", _pathway),
    "document_non_conforme": Telling(DOCUMENT, _not_an_invoice, _document),
    "trois_manques": Telling(COMPLETE, _missing, _missing),
    "un_manque": Telling(COMPLETE, _missing, _missing),
    "specialite_absente": Telling(_CARD, "La spécialité n’est pas indiquée.", "La spécialité est {specialite}."),
}
