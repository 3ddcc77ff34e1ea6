"""Rows of the ledger as values of the model: a decision, and the trace that a decided invoice is for other lots."""

from __future__ import annotations

from datetime import date
from sqlite3 import Row

from mailbot.model import Decision, Facture, Route, Saisie, Status
from mailbot.model.references import Agica


def decision_of(row: Row) -> Decision:
    """The decision that stands in a row of `decisions`."""
    return Decision(
        status=Status(row["status"]),
        regle=row["regle"],
        motif=row["motif"],
        route=Route(row["route"]) if row["route"] else None,
        detail=row["detail"],
        erreur=row["erreur"],
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        commentaire=row["commentaire"],
        saisie=Saisie(row["saisie"]),
    )


def trace_of(facture: Facture) -> Agica:
    """An accepted or to-enter invoice as an EN_COURS trace (motifs.md §3, Trace)."""
    return Agica(
        facture.numero_ps, facture.nir, facture.numero_facture, facture.debut_soins, facture.part_rc_demandee,
        facture.specialite, "EN_COURS", None, "", "",
    )  # fmt: skip
