"""The two ends of a mail: settled, or parked with the reason and the candidates that a human needs; and the automatic
answer that it may get on the way: so many a day for one correspondent, none for what is automatic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from mailbot.intake.outcome import Parked
from mailbot.ledger import StoredMail
from mailbot.model import Draft, Message, Seen
from mailbot.passes.service import Service


def finish(
    service: Service, mail: StoredMail, message: Message, outcome: str, evidence: tuple[str, ...], numero_ps: str = ""
) -> bool:
    """received -> settled, with its line in the journal; inside the caller's transaction."""
    now = service.clock()
    with service.ledger.transaction():
        service.ledger.mails.settle(mail.id, now, _seen(message, evidence, numero_ps))
        service.ledger.journal.write(
            now, service.who, "mail settled", f"mail {mail.id}", kind=message.kind, outcome=outcome
        )
    return True


def park(service: Service, mail: StoredMail, message: Message, parked: Parked, numero_ps: str = "") -> bool:
    """received -> parked."""
    now = service.clock()
    with service.ledger.transaction():
        service.ledger.mails.park(mail.id, now, parked.reason, _seen(message, parked.evidence, numero_ps))
        service.ledger.review.suggest(mail.id, ((one.rejet, one.why) for one in parked.candidates))
        service.ledger.journal.write(
            now, service.who, "mail parked", f"mail {mail.id}", kind=message.kind, reason=parked.reason
        )
    service.say(f"mail {mail.id} à revoir : {parked.reason}")
    return False


def _seen(message: Message, evidence: tuple[str, ...], numero_ps: str) -> Seen:
    every = tuple(dict.fromkeys((*message.evidence, *evidence)))
    return Seen(message.message_id, message.kind, message.sender, numero_ps, every)


def enough(service: Service, message: Message) -> bool:
    """Had this sender its answers of the day, or must it never be answered?"""
    limit = service.configuration.settings.limits.answers_per_day
    had = service.ledger.mails.answers_today(message.sender, service.clock() - timedelta(days=1))
    return message.auto_submitted or not message.sender or had >= limit


def answer_once(service: Service, mail: StoredMail, message: Message, compose: Callable[[], Draft]) -> bool:
    """Queues an automatic answer, unless there was enough of it."""
    now = service.clock()
    if enough(service, message):
        service.ledger.journal.write(now, service.who, "not answered", f"mail {mail.id}", why="limit or automatic")
        return False
    return service.ledger.letters.queue(now, compose(), answers=mail.id) is not None
