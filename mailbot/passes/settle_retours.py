"""Settling NOEMIE returns: read the file, find the invoice of each return, and write everything or nothing.

An invoice is found by what the return says of it (PS, number, lot, NIR), and only where that leaves exactly one; any
other return is kept without an invoice and listed, and looked at again when lots come in. An invoice that is paid as
asked is finished: its open refusal closes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailbot.ledger import StoredFile
from mailbot.ledger.retours import Candidate, StoredRetour
from mailbot.letters import words
from mailbot.model.retours import EtatPaiement, Retour
from mailbot.parsers import noemie
from mailbot.parsers.noemie import RetourFile
from mailbot.passes.service import Service

UNKNOWN = "facture inconnue"
_SEVERAL = "plusieurs factures possibles"
_NOBODY = "ni n° PS ni NIR utilisable"
#: A lot number of more characters comes from a table and cannot stand in a return.
_LOT_WIDTH = 3
_SHOWN_WARNINGS = 5


def is_return(service: Service, raw: bytes) -> bool:
    """Is this file a NOEMIE return (by its content)?"""
    return noemie.looks_like(raw, service.configuration.noemie)


def settle_file(service: Service, file: StoredFile) -> bool:
    """One return into the ledger, in one transaction. False when nothing of it could be used. Raises `Park`."""
    read = noemie.read(file.raw, file.name, service.configuration.noemie)
    now = service.clock()
    ledger = service.ledger
    with ledger.transaction():
        kept = [_keep(service, file.id, retour, now) for retour in read.retours]
        ledger.retours.learn(now, (raison for retour in read.retours for raison in retour.raisons))
        if read.retours:
            ledger.lot_files.settle(file.id, now, read.refus)
        else:
            ledger.lot_files.park(file.id, now, _why_useless(read), read.refus)
        unknown = sum(one.facture_id is None for one in kept)
        ledger.journal.write(
            now, service.who, "return settled", f"lot file {file.id}",
            factures=len(kept), unknown=unknown, refused_entities=len(read.refus),
        )  # fmt: skip
    service.say(f"{file.name} : {_told(kept, unknown, len(read.refus))}")
    for warning in read.warnings[:_SHOWN_WARNINGS]:
        service.say(warning)
    return bool(read.retours)


def find_again(service: Service) -> int:
    """Looks again for the invoices of returns that named none of ours, where one with that number came in since."""
    found = 0
    for one in service.ledger.retours.without_invoice(arrived=True):
        facture, _ = match(one.retour, service.ledger.retours.candidates(one.retour.numero))
        if facture:
            now = service.clock()
            with service.ledger.transaction():
                service.ledger.retours.attach(now, one.id, facture)
                service.ledger.journal.write(
                    now, service.who, "return attached", f"retour {one.id}", facture=facture.facture_id
                )
                _finish(service, one.id, facture.facture_id, now)
            found += 1
    return found


def match(retour: Retour, candidates: Sequence[Candidate]) -> tuple[Candidate | None, str]:
    """The one invoice that a return means, or None and why. `candidates` have its number (zeros dropped).

    The PS must agree where the file names one; a NIR that the file gives must be the invoice's, since a return must
    never be laid to another patient; then the lot decides. Without a NIR, a lot number that could be the invoice's
    and is not it speaks against it.
    """
    if not retour.numero_ps and not retour.nirs:
        return None, _NOBODY
    left = [one for one in candidates if retour.numero_ps in ("", one.numero_ps)]
    if retour.nirs:
        left = [one for one in left if one.nir in retour.nirs]
    lot = retour.numero_lot.lstrip("0")
    if lot:
        same = [one for one in left if one.numero_lot.lstrip("0") == lot]
        comparable = [one for one in left if len(one.numero_lot.lstrip("0")) <= _LOT_WIDTH]
        left = same or (left if retour.nirs else [one for one in left if one not in comparable])
    if len(left) == 1:
        return left[0], ""
    return None, _SEVERAL if left else UNKNOWN


def _keep(service: Service, file_id: int, retour: Retour, now: datetime) -> StoredRetour:
    facture, why = match(retour, service.ledger.retours.candidates(retour.numero))
    kept = service.ledger.retours.keep(now, file_id, retour, facture, why)
    if facture:
        _finish(service, kept.id, facture.facture_id, now)
    return kept


def _finish(service: Service, retour_id: int, facture_id: int, now: datetime) -> None:
    """Paid as asked: the refusal that still stands closes, the invoice is finished. Only the return that counts."""
    counts = service.ledger.retours.of(facture_id)
    if counts is None or counts.id != retour_id or counts.etat is not EtatPaiement.PAYEE:
        return
    decided = service.ledger.lots.by_id(facture_id)
    if decided and decided.rejet_id is not None and decided.rejet_state in ("ouvert", "repondu"):
        service.ledger.lots.close_rejet(decided.rejet_id, now, None, None)
        service.ledger.journal.write(
            now, service.who, "refusal closed", f"rejet {decided.rejet_id}", reason="paid", retour=retour_id
        )
    else:
        service.ledger.retours.finish_facture(facture_id)


def _why_useless(read: RetourFile) -> str:
    if not read.refus:
        return "retour NOEMIE sans aucune facture"
    said = [f"{one.colonne} n° {one.ligne} : {one.raison}" for one in read.refus[:3]]
    return "retour NOEMIE illisible : " + " ; ".join(said)


def _told(kept: Sequence[StoredRetour], unknown: int, refused: int) -> str:
    told = words.pluriel(len(kept), "retour de paiement", "retours de paiement")
    states = {etat: sum(one.etat is etat for one in kept) for etat in EtatPaiement}
    parts = [f"{words.ETATS_PAIEMENT[etat]} {count}" for etat, count in states.items() if count]
    told += f" ({', '.join(parts)})" if parts else ""
    told += f", dont {words.pluriel(unknown, 'facture inconnue', 'factures inconnues')}" if unknown else ""
    return told + (f", {words.pluriel(refused, 'entité refusée', 'entités refusées')}" if refused else "")
