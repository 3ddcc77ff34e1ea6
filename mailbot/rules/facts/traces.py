"""Facts of what was already seen, paid or refused: agica, agica_actes, histo_client (rules B, C4 and F1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mailbot.model.references import Agica
from mailbot.rules import text
from mailbot.rules.case import Case
from mailbot.rules.facts.types import Fact, Named, Seen

_AGICA = ("agica",)
_SETTLED = ("traces_liquidees_meme_ps", "date_liquidation")
_DUPLICATE = ("traces_doublon_total", "facture_reglee", "date_liquidation")
_HISTORY = ("lignes_histo_client", "mutuelle", "numero_facture", "date_paiement")
#: What is shown when there is nothing to see, which is nearly always.
_NONE: Seen = (0,)


def _last_settlement(rows: Iterable[Agica]) -> date | None:
    return max((row.date_liquidation for row in rows if row.date_liquidation is not None), default=None)


def _already_handled(case: Case) -> bool:
    """B2, B4, B5 or B6 would hold. Needs agica only: a table that was never loaded is empty here (A0)."""
    return bool(case.settled_here or case.total_duplicates or case.paid_acts or case.client_history)


def _handled_seen(case: Case) -> Seen:
    return len(case.settled_here), len(case.total_duplicates), len(case.paid_acts), len(case.client_history)


def _traces_seen(case: Case) -> Seen:
    return len(case.traces), tuple([row.etat for row in case.traces])


def _settled_seen(case: Case) -> Seen:
    if not (case.traces and case.settled_here):
        return _NONE
    return len(case.settled_here), _last_settlement(case.settled_here)


def _elsewhere_seen(case: Case) -> Seen:
    if not (case.traces and case.settled_elsewhere):
        return _NONE
    return len(case.settled_elsewhere), _last_settlement(case.settled_elsewhere)


def _duplicate_seen(case: Case) -> Seen:
    if not (case.traces and case.total_duplicates):
        return _NONE
    row = case.duplicate_of
    return len(case.total_duplicates), row and row.numero_facture_reglee, row and row.date_liquidation


def _paid_numbers(case: Case) -> str:
    """Numbers of the dated rows as first written, each once by value, sorted as text."""
    first: dict[str, str] = {}
    for row in case.paid_acts:
        first.setdefault(text.number(row.numero_facture), row.numero_facture)
    return ", ".join(sorted(first.values()))


def _last_payment(case: Case) -> date | None:
    return max((row.date_paiement for row in case.paid_acts if row.date_paiement is not None), default=None)


def _paid_seen(case: Case) -> Seen:
    if not case.paid_acts:
        return _NONE
    return len(case.paid_acts), _paid_numbers(case), _last_payment(case)


def _history_seen(case: Case) -> Seen:
    if not case.client_history:
        return _NONE
    row = case.last_history
    if row is None:
        return (len(case.client_history),)
    return len(case.client_history), row.mutuelle, text.shown(row.numero_facture), row.date_paiement


FACTS = (
    Fact(
        "mention_complement",
        "La facture porte la mention « complément »",
        (),
        lambda case: case.facture.mention == "complement",
        ("mention",),
        lambda case: (case.facture.mention,),
    ),
    Fact(
        "deja_traitee",
        "Facture ou actes déjà payés, doublon total ou histo client (B2, B4, B5 ou B6)",
        _AGICA,  # agica_actes and histo_client are not needed here: motifs.md, A0
        _already_handled,
        ("traces_liquidees_meme_ps", "traces_doublon_total", "actes_deja_payes", "lignes_histo_client"),
        _handled_seen,
    ),
    Fact(
        "deja_liquidee",
        "Une trace LIQUIDE du même PS",
        _AGICA,
        lambda case: bool(case.traces and case.settled_here),
        _SETTLED,
        _settled_seen,
    ),
    Fact(
        "liquidation_datee",
        "Une trace LIQUIDE du même PS porte sa date de liquidation",
        _AGICA,
        lambda case: _last_settlement(case.settled_here) is not None,
        _SETTLED,
        _settled_seen,
    ),
    Fact(
        "liquidee_autre_ps",
        "Une trace LIQUIDE d’un autre PS",
        _AGICA,
        lambda case: bool(case.traces and case.settled_elsewhere),
        ("traces_liquidees_autre_ps", "date_liquidation"),
        _elsewhere_seen,
    ),
    Fact(
        "en_cours",
        "Une trace EN_COURS du même PS",
        _AGICA,
        lambda case: bool(case.traces and case.pending_here),
        ("traces_en_cours_meme_ps",),
        lambda case: (len(case.pending_here),) if case.traces else _NONE,
    ),
    Fact(
        "doublon_total",
        "Une trace REJETE, de n’importe quel PS, pour DOUBLON_TOTAL",
        _AGICA,
        lambda case: bool(case.traces and case.total_duplicates),
        _DUPLICATE,
        _duplicate_seen,
    ),
    Fact(
        "doublon_numero_connu",
        "Une trace de doublon total dit sur quelle facture les actes ont été réglés",
        _AGICA,
        lambda case: case.duplicate_of is not None,
        _DUPLICATE,
        _duplicate_seen,
    ),
    Fact(
        "acte_deja_paye",
        "Un acte (code, date) a été payé à ce PS pour ce NIR sur une autre facture",
        ("agica_actes",),
        lambda case: bool(case.paid_acts),
        ("actes_deja_payes", "sur_les_factures", "date_paiement"),
        _paid_seen,
    ),
    Fact(
        "dans_histo_client",
        "Une ligne d’histo client de ce NIR et de ce PS : même numéro, ou soins pendant la période",
        ("histo_client",),
        lambda case: bool(case.client_history),
        _HISTORY,
        _history_seen,
    ),
    Fact(
        "histo_datee",
        "Une de ces lignes d’histo client porte sa date de paiement",
        ("histo_client",),
        lambda case: case.last_history is not None,
        _HISTORY,
        _history_seen,
    ),
    Fact(
        "histo_numero_connu",
        "La ligne d’histo client payée en dernier porte un numéro de facture",
        ("histo_client",),
        lambda case: case.last_history is not None and text.number(case.last_history.numero_facture) != "",
        _HISTORY,
        _history_seen,
    ),
    Fact(
        "trace",
        "Une trace dans agica, quel que soit son état",
        _AGICA,
        lambda case: bool(case.traces),
        ("traces", "etats"),
        _traces_seen,
    ),
)

NAMED = (
    Named(
        "liquidation_meme_ps",
        "dernière date de liquidation chez ce PS",
        lambda case: _last_settlement(case.settled_here),
        "date",
    ),
    Named(
        "liquidation_autre_ps",
        "dernière date de liquidation chez un autre PS",
        lambda case: _last_settlement(case.settled_elsewhere),
        "date",
    ),
    Named(
        "facture_reglee",
        "numéro de la facture réglée à la place du doublon",
        lambda case: case.duplicate_of.numero_facture_reglee if case.duplicate_of else None,
    ),
    Named(
        "date_facture_reglee",
        "date de liquidation du doublon",
        lambda case: case.duplicate_of.date_liquidation if case.duplicate_of else None,
        "date",
    ),
    Named("factures_des_actes", "numéros des factures où les actes ont été payés", _paid_numbers),
    Named("paiement_des_actes", "dernière date de paiement de ces actes", _last_payment, "date"),
    Named("histo_mutuelle", "mutuelle de l’histo client", lambda case: getattr(case.last_history, "mutuelle", None)),
    Named(
        "histo_numero",
        "numéro de facture de l’histo client",
        lambda case: getattr(case.last_history, "numero_facture", None),
    ),
    Named(
        "histo_paiement",
        "date de paiement de l’histo client",
        lambda case: getattr(case.last_history, "date_paiement", None),
        "date",
    ),
)
