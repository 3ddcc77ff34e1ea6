"""Settling mails: read, see what kind it is, ask the ledger once, decide, and write everything or nothing.

Bounces and automatic mail never cause a letter. What no rule settles with certainty is parked with its reason and its
evidence: a human decides. What a person wrote is looked at in this order: the answer to a step of a registration, a
question in our own words, a request about one's data; then its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mailbot.configuration.folder import Configuration
from mailbot.errors import Park
from mailbot.intake.outcome import Parked
from mailbot.ledger import StoredMail
from mailbot.model import Kind, Message
from mailbot.parsers.mail import message as messages
from mailbot.parsers.mail.own import Own
from mailbot.passes import bounces, in_doubt, outcomes, receipts, self_service, settle_replies
from mailbot.passes.inscriptions import answers, leave, request
from mailbot.passes.outcomes import finish, park
from mailbot.passes.service import Service
from mailbot.reading import Reader


def own(configuration: Configuration, mailbox: str = "") -> Own:
    """Our addresses, and the name by which the exchanger of this mailbox signs its verdicts."""
    settings = configuration.settings
    signed = {inbox.label: inbox.authserv_id for inbox in settings.inbox}
    # A mailbox that is not read any more: where verdicts are asked for, its mails have none that counts.
    unknown = "" if any(signed.values()) else None
    return Own(
        service_address=settings.organisation.service_address,
        registration_address=settings.organisation.registration_address,
        from_address=settings.outbox.from_address,
        reply_address=settings.outbox.reply_address,
        bounce_address=settings.outbox.bounce_address,
        # Never the name of another mailbox: what its exchanger signs, anybody may write into a mail to this one.
        authserv_id=signed.get(mailbox, unknown) if mailbox else next(iter(signed.values())),
    )


def settle_mail(service: Service, mail: StoredMail) -> bool:
    """One mail into its final state; False when that is `parked`."""
    us = own(service.configuration, service.ledger.mails.mailbox(mail.id))
    message = read(service.reader, mail.raw, service.clock(), us)
    in_doubt.resolve(service, mail.raw, message, us)
    for first in (answers.settle, self_service.settle):
        done = first(service, mail, message, us)
        if done is not None:
            return done
    settle = _SETTLERS.get(message.kind, _park_other)
    return settle(service, mail, message, us)


def read(reader: Reader, raw: bytes, now: datetime, us: Own) -> Message:
    """A mail, read under limits; what could not be read is `malformed`, and shows what can be shown."""
    try:
        return reader.mail(raw, now, us)
    except Park as error:
        return messages.damaged(raw, error.reason)


# -- kinds that ask for nothing ------------------------------------------------------------------------------------


def _note(service: Service, mail: StoredMail, message: Message, _us: Own) -> bool:
    return finish(service, mail, message, "noted", message.evidence)


def _away(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    with service.ledger.transaction():
        evidence = bounces.away(service, mail, message, us)
        return finish(service, mail, message, "noted", (*message.evidence, *evidence))


def _bounce(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    with service.ledger.transaction():
        outcome = bounces.note(service, mail, message, us)
        if outcome.waiting:
            return park(service, mail, message, outcome.waiting, outcome.numero_ps)
        return finish(service, mail, message, "bounce", outcome.evidence, outcome.numero_ps)


def _park_other(service: Service, mail: StoredMail, message: Message, _us: Own) -> bool:
    reason = "Ce message ne demande rien que le service sache régler seul."
    return park(service, mail, message, Parked(reason, evidence=message.evidence))


def _park_malformed(service: Service, mail: StoredMail, message: Message, _us: Own) -> bool:
    return park(service, mail, message, Parked("Ce message est illisible.", evidence=message.warnings))


# -- replies -------------------------------------------------------------------------------------------------------


def _reply(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    plan = settle_replies.plan(service, mail, message, us)
    with service.ledger.transaction():
        done = settle_replies.write(service, mail, plan)
        told = done.receipt
        reader = receipts.reader(service, message, us, done.numero_ps) if told else ""
        if told and reader:
            outcomes.answer_once(service, mail, message, lambda: receipts.letter(service, mail, message, reader, told))
        if done.waiting:
            return park(service, mail, message, done.waiting, done.numero_ps or reader)
        return finish(service, mail, message, done.outcome, done.evidence, done.numero_ps)


_Settler = Callable[[Service, StoredMail, Message, Own], bool]

_SETTLERS: dict[Kind, _Settler] = {
    Kind.BOUNCE: _bounce,
    Kind.AUTO_REPLY: _away,
    Kind.LOOP: _note,
    Kind.MALFORMED: _park_malformed,
    Kind.UNSUBSCRIBE: leave.settle,
    Kind.REGISTRATION: request.settle,
    Kind.REPLY: _reply,
    Kind.OTHER: _reply,
}
