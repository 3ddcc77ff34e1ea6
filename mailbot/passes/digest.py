"""The gestionnaires' digest (`digest.send`): once a day, what waits for somebody, to the service address.

Part of the third pass. A day on which nothing waits has no digest. What it names are numbers of the ledger; reasons are
the ledger's own sentences, and names of files are left out, because they come from outside.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.letters import digest
from mailbot.letters.digest import Attente
from mailbot.model import LetterState
from mailbot.passes import contact
from mailbot.passes.service import Service


def prepare(service: Service) -> bool:
    """Queues the digest of today, where it is time and something waits."""
    settings = service.configuration.settings
    now = service.clock()
    local = now.astimezone(contact.PARIS)
    if not settings.digest.send or local.time() < settings.digest.at:
        return False
    key = contact.key("digest", f"{local:%Y-%m-%d}")
    waiting = attentes(service)
    if not any(one.choses for one in waiting):
        return False
    with service.ledger.transaction():
        draft = digest.compose(
            service.configuration.house,
            waiting,
            to=settings.organisation.service_address,
            token=contact.token(service, key),
            now=local,
            key=key,
        )
        return service.ledger.letters.queue(now, draft) is not None


def attentes(service: Service) -> tuple[Attente, ...]:
    """What waits, by kind."""
    ledger = service.ledger
    mails = tuple((_at(one.received_at), _mail(one.id, one.numero_ps, one.reason)) for one in ledger.review.waiting())
    files = tuple((_at(one.received_at), f"fichier {one.id} : {one.reason}") for one in ledger.lot_files.parked())
    answers = tuple(
        (None, f"facture n° {one.nom_facture}, PS {one.facture.numero_ps}, mail {mail_id}")
        for one, mail_id in ledger.lots.answered()
    )
    asked = tuple(
        (_at(one.since), f"demande {one.id}, PS {one.numero_ps}")
        for one in ledger.contacts.listed()
        if one.state == "demandee"
    )
    suspended = tuple((_at(one.since), one.why) for one in ledger.addresses.suspended())
    faults = tuple((None, str(fault)) for fault in service.configuration.warnings)
    return (
        Attente("mail à revoir", "mails à revoir", "review list", mails),
        Attente("réponse de PS à lire", "réponses de PS à lire", "review list", answers),
        Attente("fichier de lots mis de côté", "fichiers de lots mis de côté", "review list", files),
        Attente("courrier en doute", "courriers en doute", "outbox list", _letters(service, LetterState.UNKNOWN)),
        Attente("courrier impossible", "courriers impossibles", "outbox list", _letters(service, LetterState.DEAD)),
        Attente("courrier retenu", "courriers retenus", "outbox list", _letters(service, LetterState.HELD)),
        Attente("adresse à approuver", "adresses à approuver", "contacts list", asked),
        Attente("adresse suspendue", "adresses suspendues", "contacts list", suspended),
        Attente("texte ou modèle à corriger", "textes ou modèles à corriger", "check", faults),
    )


def _letters(service: Service, state: LetterState) -> tuple[tuple[datetime | None, str], ...]:
    found = service.ledger.letters.listed(state)
    return tuple(
        (_at(one.created_at), f"courrier {one.id}" + (f", PS {one.numero_ps}" if one.numero_ps else ""))
        for one in found
    )


def _mail(number: int, numero_ps: str, reason: str) -> str:
    return f"mail {number}" + (f", PS {numero_ps}" if numero_ps else "") + (f" : {reason}" if reason else "")


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
