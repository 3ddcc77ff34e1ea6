"""Where the invoices of a PS stand, as its answer by mail tells it. Asks only; nothing of another PS is looked at."""

from __future__ import annotations

from mailbot.ledger import Decided
from mailbot.letters import etat, page
from mailbot.letters.etat import Compte, Etat, Paiement, Version
from mailbot.letters.lignes import Ligne
from mailbot.model import FactureState, RejetState, Route, Status
from mailbot.model.retours import EtatPaiement, Retour
from mailbot.parsers import identifiers
from mailbot.passes.service import Service

_PAID = {
    EtatPaiement.PAYEE: Etat.PAYEE,
    EtatPaiement.ECART: Etat.PAYEE,
    EtatPaiement.PARTIELLE: Etat.PARTIELLE,
    EtatPaiement.REFUSEE: Etat.REFUSEE,
    EtatPaiement.DIFFEREE: Etat.DIFFEREE,
}
_STANDS = {
    FactureState.RECUE: Etat.RECUE,
    FactureState.CORRIGEE: Etat.CORRIGEE,
    FactureState.ACCEPTEE: Etat.ACCEPTEE,
    FactureState.A_SAISIR: Etat.A_SAISIR,
    FactureState.CLOSE: Etat.CLOSE,
}


def invoices(service: Service, numero_ps: str, asked: str) -> list[etat.Ligne]:
    """The invoices of this PS that go by this number, the newest first."""
    ids = service.ledger.replies.received(numero_ps, identifiers.numero_facture(asked))
    found = [service.ledger.lots.by_id(one) for one in ids]
    lines = [_line(service, one) for one in found if one]
    return sorted(lines, key=lambda one: one.recue_le, reverse=True)


def statement(service: Service, numero_ps: str, raison_sociale: str) -> Compte:
    """The open refusals of this PS, oldest first, and its last payments."""
    refused = [one for one in service.ledger.lots.open_of(numero_ps) if one.decision.route is Route.PS]
    paid = service.ledger.retours.paid(numero_ps, etat.MAX_PAYMENTS)
    return Compte(
        numero_ps,
        raison_sociale,
        tuple(_line(service, one) for one in sorted(refused, key=lambda one: one.facture.date_reception)),
        tuple(
            Paiement(one.retour.numero_facture, one.retour.numero_lot, one.retour.jour, _amount(one.retour))
            for one in paid
        ),
    )


def _amount(retour: Retour) -> int:
    """What a return says was paid to the PS, in centimes: the RC, which is the payer's; without one, the RO."""
    parts = [part.paye for part in (retour.rc, retour.ro) if part and part.paye is not None]
    return parts[0] if parts else 0


def _line(service: Service, one: Decided) -> etat.Ligne:
    facture, house = one.facture, service.configuration.house
    returned = service.ledger.retours.of(one.facture_id)
    stands = _PAID.get(returned.etat) if returned else None
    paid = stands in (Etat.PAYEE, Etat.PARTIELLE)
    now = stands or _state(one)
    refused = now is Etat.REFUSEE and one.decision.status is Status.REFUSEE
    return etat.Ligne(
        numero_ps=facture.numero_ps,
        numero_facture=one.nom_facture,
        numero_lot=facture.numero_lot,
        recue_le=facture.date_reception,
        montant=facture.montant_total,
        part_rc=facture.part_rc_demandee,
        etat=now,
        le=returned.retour.jour if returned and paid else None,
        paye=_amount(returned.retour) if returned and paid else None,
        motif=house.libelles.motifs.get(one.decision.motif or "", "") if refused else "",
        a_faire=page.a_faire_en_bref(house, Ligne.of(facture, one.decision, one.rejet_id or 0)) if refused else "",
        avant=tuple(_versions(service, one)),
    )


def _state(one: Decided) -> Etat:
    """An answered refusal, and one whose route is the gestionnaire, is on somebody's desk here."""
    if one.state in _STANDS:
        return _STANDS[FactureState(one.state)]
    if one.decision.route is not Route.PS or one.rejet_state is RejetState.REPONDU:
        return Etat.EN_COURS
    return Etat.REFUSEE


def _versions(service: Service, one: Decided) -> list[Version]:
    """What became of earlier versions of this very invoice, newest first."""
    motifs = service.configuration.house.libelles.motifs
    told = {Status.REFUSEE: Etat.REFUSEE, Status.ACCEPTEE: Etat.ACCEPTEE, Status.A_SAISIR: Etat.A_SAISIR}
    return [
        Version(
            one.facture.numero_lot,
            one.facture.date_reception,
            told[status] if route is not Route.GESTIONNAIRE else Etat.EN_COURS,
            motifs.get(motif, "") if status is Status.REFUSEE else "",
        )
        for status, motif, route in service.ledger.lots.decided_before(one.facture_id, one.version)
    ]
