"""Taking back what an agent did with a mail: it waits again, and what the act changed is as before.

Only the last act can be taken back, and only as far as the world has not gone on: a letter that left stays away, a
refusal closed since or an address decided since keeps the act where it is (`Never` says so, and nothing is written).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mailbot.errors import Never
from mailbot.model import Handling, LetterState, MailState, RejetState
from mailbot.passes import review_case
from mailbot.passes.review_case import Acted
from mailbot.passes.service import Service

_STATES = {MailState.RECEIVED: "à traiter", MailState.PARKED: "à revoir", MailState.SETTLED: "réglé par le service"}


def undo(service: Service, mail_id: int, reason: str = "") -> Acted:
    """Takes the last act on a mail back: it waits again."""
    mail = review_case.stored(service, mail_id)
    with service.ledger.transaction():
        last = service.ledger.review.standing(mail_id)
        if last is None or mail.state is not MailState.SETTLED:
            raise Never(f"mail {mail_id} : aucun acte d’agent à reprendre, il est {_STATES[mail.state]}")
        stays = _UNDO[last.act](service, mail_id, last.details)
        service.ledger.mails.unsettle(mail_id, service.clock())
        service.ledger.review.take_back(last.id)
        service.ledger.journal.write(
            service.clock(), service.who, "mail resolution undone", f"mail {mail_id}", act=last.act, reason=reason
        )
    return Acted(f"mail {mail_id} : de nouveau à revoir" + (f" ; {stays}" if stays else ""))


# -- what each act changed -----------------------------------------------------------------------------------------


def _nothing(_service: Service, _mail_id: int, _details: Mapping[str, Any]) -> str:
    return ""


def _untie(service: Service, mail_id: int, details: Mapping[str, Any]) -> str:
    if details["corrected"]:
        raise Never(f"mail {mail_id} : le lot joint a été pris en charge et décidé, cela ne se reprend pas")
    for rejet_id in details["noted"]:
        service.ledger.replies.forget(mail_id, rejet_id)
    for rejet_id in details["moved"]:
        if service.ledger.lots.rejet_state(rejet_id) is not RejetState.REPONDU:
            raise Never(f"mail {mail_id} : le rejet {rejet_id} a été clos depuis, le rattachement ne se reprend plus")
        service.ledger.lots.unanswer(rejet_id, mail_id)
        service.ledger.journal.write(
            service.clock(), service.who, "refusal open again", f"rejet {rejet_id}", mail=mail_id
        )
    letter = details["letter"]
    if letter is None or _recalled(service, letter):
        return ""
    return f"le courrier {letter} est parti, il ne se reprend pas"


def _refuse(service: Service, mail_id: int, details: Mapping[str, Any]) -> str:
    found = service.ledger.contacts.get(details["contact"])
    if found and not found.pending:
        raise Never(f"mail {mail_id} : la demande {found.id} est décidée, voyez « mailbot contacts show »")
    if found and details["made"]:
        service.ledger.contacts.refuse(found.id, service.clock())
    return ""


def _recall(service: Service, mail_id: int, details: Mapping[str, Any]) -> str:
    if not _recalled(service, details["letter"]):
        raise Never(f"mail {mail_id} : la réponse est partie (courrier {details['letter']}), elle ne se reprend pas")
    return ""


def _recalled(service: Service, letter_id: int) -> bool:
    if service.ledger.letters.state(letter_id) not in (LetterState.QUEUED, LetterState.HELD):
        return False
    service.ledger.letters.cancel(letter_id)
    return True


_UNDO: dict[Handling, Callable[[Service, int, Mapping[str, Any]], str]] = {
    Handling.ATTACHED: _untie,
    Handling.HANDLED: _nothing,
    Handling.REQUESTED: _refuse,
    Handling.ANSWERED: _recall,
}
