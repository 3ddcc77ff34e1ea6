"""Sentences for the facts of what was already seen, paid or refused (facts_traces.py). Never names another PS."""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.rules.telling.words import Absent, Saw, Telling, counted, enumerated, text

SEEN = "Déjà vu, déjà payé"

_STATES = {
    "LIQUIDE": "payée",
    "LIQUIDE_NUL": "liquidée à zéro",
    "REJETE": "rejetée",
    "EN_COURS": "en cours",
}


def _handled(saw: Saw) -> str:
    return f"La facture ou ses actes ont déjà été traités : {_findings(saw)}."


def complement(saw: Saw) -> str:
    """A complement of what was already handled."""
    return f"La facture porte la mention « complément », et elle ou ses actes ont déjà été traités : {_findings(saw)}."


def _findings(saw: Saw) -> str:
    found = [
        (saw.count("traces_liquidees_meme_ps"), "paiement", "paiements"),
        (saw.count("traces_doublon_total"), "rejet en doublon", "rejets en doublon"),
        (saw.count("actes_deja_payes"), "acte déjà payé", "actes déjà payés"),
        (saw.count("lignes_histo_client"), "ligne d’histo client", "lignes d’histo client"),
    ]
    return enumerated([counted(number, one, more) for number, one, more in found if number])


def _paid_here(saw: Saw) -> str:
    if saw.get("date_liquidation") is None:
        return "D’après AGICA, cette facture a déjà été payée à ce PS."
    return saw.say("D’après AGICA, cette facture a déjà été payée à ce PS, le {date_liquidation:jour}.")


def _paid_elsewhere(saw: Saw) -> str:
    if saw.get("date_liquidation") is None:
        return "D’après AGICA, cette facture a déjà été payée à un autre PS, à une date inconnue."
    return saw.say("D’après AGICA, cette facture a déjà été payée à un autre PS, le {date_liquidation:jour}.")


def _duplicate(saw: Saw) -> str:
    told = "AGICA a déjà rejeté cette facture comme doublon total"
    if saw.filled("facture_reglee"):
        told += saw.say(", réglé sur la facture n° {facture_reglee}")
        if saw.filled("date_liquidation"):
            told += saw.say(" le {date_liquidation:jour}")
    return told + "."


def _paid_acts(saw: Saw) -> str:
    numbers = text(saw.get("sur_les_factures")).split(", ")
    if len(numbers) == 1:
        return saw.say("Des actes ont déjà été payés sur la facture n° {sur_les_factures}, le {date_paiement:jour}.")
    paid = saw.say(", en dernier le {date_paiement:jour}.")
    return f"Des actes ont déjà été payés sur les factures n° {enumerated(numbers)}{paid}"


def _history(saw: Saw) -> str:
    if not saw.filled("date_paiement"):
        return saw.say("L’histo client connaît cette facture ({lignes_histo_client:+ligne}).")
    number = saw.say(", facture n° {numero_facture}") if saw.filled("numero_facture") else ""
    insurer = saw.say(" chez {mutuelle}") if saw.filled("mutuelle") else ""
    paid = saw.say(", payée le {date_paiement:jour}.")
    return f"L’histo client connaît cette facture{insurer}{number}{paid}"


def _traces(saw: Saw) -> str:
    states = dict.fromkeys(_STATES.get(one, one.replace("_", " ").lower()) for one in saw.texts("etats"))
    number = saw.count("traces")
    if not states:
        raise Absent
    return f"AGICA garde {counted(number, 'trace')} de cette facture ({enumerated(list(states))})."


TELLINGS: Mapping[str, Telling] = {
    "mention_complement": Telling(
        SEEN,
        "La facture porte la mention « complément ».",
        "La facture ne porte pas la mention « complément ».",
    ),
    "deja_traitee": Telling(SEEN, _handled, "Ni la facture ni ses actes n’ont déjà été traités."),
    "deja_liquidee": Telling(SEEN, _paid_here, "D’après AGICA, elle n’a pas été payée à ce PS."),
    "liquidation_datee": Telling(SEEN, _paid_here, "AGICA ne donne pas la date de ce paiement."),
    "liquidee_autre_ps": Telling(SEEN, _paid_elsewhere, "D’après AGICA, elle n’a pas été payée à un autre PS."),
    "en_cours": Telling(
        SEEN,
        "Cette facture est déjà en cours chez ce PS ({traces_en_cours_meme_ps:+trace}).",
        "D’après AGICA, elle n’est pas déjà en cours.",
    ),
    "doublon_total": Telling(SEEN, _duplicate, "AGICA ne l’a pas rejetée comme doublon."),
    "doublon_numero_connu": Telling(SEEN, _duplicate, "AGICA ne dit pas sur quelle facture ces actes ont été réglés."),
    "acte_deja_paye": Telling(SEEN, _paid_acts, "Aucun de ses actes n’a été payé sur une autre facture."),
    "dans_histo_client": Telling(SEEN, _history, "L’histo client ne la connaît pas."),
    "histo_datee": Telling(SEEN, _history, "L’histo client ne dit pas quand elle a été payée."),
    "histo_numero_connu": Telling(SEEN, _history, "L’histo client ne donne pas de numéro de facture."),
    "trace": Telling(SEEN, _traces, "AGICA ne garde aucune trace de cette facture."),
}
