"""Facts that read better in one sentence than in one each: the rules that were passed, and the rule that held.

Owns: which facts are joined, and their sentence. The sentences of single facts stand in the files of their themes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mailbot.rules.telling import acts as telling_acts
from mailbot.rules.telling import invoice as telling_invoice
from mailbot.rules.telling import patient as telling_patient
from mailbot.rules.telling import traces as telling_traces
from mailbot.rules.telling.words import Absent, Saw, Sentence


class Together(NamedTuple):
    """Facts that read better in one sentence, where all of them were seen with these answers."""

    answers: Mapping[str, bool]
    sentence: Sentence


def _same_second(saw: Saw) -> str:
    if not (saw.get("recapitulatif") and saw.filled("codes_recapitulatif") and saw.filled("dates_recapitulatif")):
        raise Absent
    return "Le récapitulatif dit la même chose que la facture : codes actes, dates de soins et totaux."


def _none(*facts: str) -> dict[str, bool]:
    return dict.fromkeys(facts, False)


_SETTLED = ("deja_liquidee", "liquidee_autre_ps")
_TRACES = (*_SETTLED, "en_cours", "doublon_total")

#: Of two that share a fact the first that fits counts.
TOGETHER = (
    # --- why a rule held ---
    Together(
        {"mention_complement": True, "deja_traitee": True},
        telling_traces.complement,
    ),
    Together(
        {"deja_liquidee": True, "liquidation_datee": False},
        "D’après AGICA, cette facture a déjà été payée à ce PS, à une date inconnue.",
    ),
    Together(
        {"doublon_total": True, "doublon_numero_connu": False},
        "AGICA a déjà rejeté cette facture comme doublon total, sans dire sur quelle facture ces actes sont réglés.",
    ),
    Together(
        {"dans_histo_client": True, "histo_datee": False},
        "L’histo client connaît cette facture ({lignes_histo_client:+ligne}), sans dire quand elle a été payée.",
    ),
    Together({"patient_trouve": False, "nir_connu": True}, telling_patient.nir_of_another),
    Together({"specialite_couverte": False, "exception_mutuelle": False}, telling_patient.not_covered_at_all),
    # --- what was passed ---
    Together(
        _none("document_illisible", "tache_differente", "ps_inconnu", "document_non_conforme"),
        telling_invoice.document_and_ps,
    ),
    Together(_none("document_illisible", "tache_differente", "ps_inconnu"), telling_invoice.document_and_ps),
    Together(
        _none(*_TRACES, "acte_deja_paye", "dans_histo_client"),
        "D’après AGICA, elle n’est ni payée, ni en cours, ni rejetée en doublon ; aucun de ses actes n’a été payé sur "
        "une autre facture, et l’histo client ne la connaît pas.",
    ),
    Together(_none(*_TRACES), "D’après AGICA, elle n’est ni payée, ni en cours, ni rejetée en doublon."),
    Together(_none(*_SETTLED, "en_cours"), "D’après AGICA, elle n’est ni payée, ni en cours."),
    Together(_none(*_SETTLED), "D’après AGICA, elle n’a été payée ni à ce PS, ni à un autre."),
    Together(
        {"specialite_absente": False, "specialite_couverte": True},
        "Une carte valable couvre la spécialité {specialite}.",
    ),
    Together(
        {"specialite_absente": False, "specialite_couverte": False, "exception_mutuelle": True},
        telling_patient.let_through,
    ),
    Together({"specialite_couverte": False, "exception_mutuelle": True}, telling_patient.let_through),
    Together(
        _none("carte_npai", "carte_restituee"), "La carte du contrat {contrat} n’est ni revenue NPAI, ni restituée."
    ),
    Together(_none("mau_seul", "code_inconnu", "prix_different"), telling_acts.known_and_priced),
    Together(
        _none("code_inconnu", "prix_different"),
        "Les codes actes sont dans la nomenclature, et aucun prix unitaire ne s’en écarte.",
    ),
    Together(_none("codes_differents", "dates_differentes", "totaux_differents"), _same_second),
    Together(
        _none("montant_different", "part_rc_differente"),
        "Le montant total ({montant_total:euros}) et la part RC ({part_rc_demandee:euros}) sont ceux de la "
        "valorisation.",
    ),
)
