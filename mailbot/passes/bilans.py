"""What a PS's lots and its last three months came to, as its letters tell it."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot.letters.lignes import Bilan, Trimestre
from mailbot.passes.service import Service

#: Three months, never less than people count.
TRIMESTRE = timedelta(days=92)


def since_last_letter(service: Service, numero_ps: str) -> list[Bilan]:
    """The lots in which something was decided since the last bordereau or report of this PS."""
    since = service.ledger.letters.last_bordereau(numero_ps)
    return [
        Bilan(
            numero_lot=count.numero_lot,
            date_reception=count.date_reception,
            factures=count.factures,
            acceptees=count.acceptees,
            refusees=count.refusees_ps,
            a_saisir=count.a_saisir,
            en_cours=count.gestionnaire,
        )
        for count in service.ledger.lots.counts(numero_ps, since)
    ]


def trimestre(service: Service, numero_ps: str, now: datetime) -> Trimestre:
    """The last three months."""
    found = service.ledger.bilans.since(numero_ps, now - TRIMESTRE)
    return Trimestre(found.factures, found.acceptees, found.refusees, found.motif, found.precision, found.times)
