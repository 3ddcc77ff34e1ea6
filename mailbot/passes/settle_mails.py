"""Settling mails: read, see what kind it is, ask the ledger once, decide, and write everything or nothing.

Bounces and automatic mail never cause a letter. What no rule settles with certainty is parked with its reason and its
evidence: a human decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailbot.configuration.folder import Configuration
from mailbot.errors import Park
from mailbot.intake import register
from mailbot.intake.outcome import Parked
from mailbot.intake.register import KnownPS, KnownSender
from mailbot.ledger import StoredMail
from mailbot.model import Draft, Kind, Message, Seen
from mailbot.parsers.mail import message as messages
from mailbot.parsers.mail.own import Own
from mailbot.passes import bounces, confirm, receipts, settle_replies
from mailbot.passes.service import Service
from mailbot.reading import Reader

#: PS numbers of one mail that an agent is asked about; a group practice has fewer.
_MAX_REQUESTS = 10


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
    settle = _SETTLERS.get(message.kind, _park_other)
    return settle(service, mail, message, us)


def read(reader: Reader, raw: bytes, now: datetime, us: Own) -> Message:
    """A mail, read under limits; what could not be read is `malformed`, and shows what can be shown."""
    try:
        return reader.mail(raw, now, us)
    except Park as error:
        return messages.damaged(raw, error.reason)


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
    """received -> parked, with the reason and the candidates that a human needs."""
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


def _park_unsubscription(service: Service, mail: StoredMail, message: Message, _us: Own) -> bool:
    held = service.ledger.contacts.of_address(message.sender) if message.sender else []
    evidence = (*message.evidence, *(f"adresse active {one.id}, PS {one.numero_ps}" for one in held))
    reason = "Demande de désinscription : « mailbot contacts end » met fin à l’adresse."
    return park(service, mail, message, Parked(reason, evidence=evidence), held[0].numero_ps if held else "")


# -- registrations -------------------------------------------------------------------------------------------------


def _register(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    known = _known_sender(service, message, us)
    outcome = register.register(message, known)
    now = service.clock()
    if isinstance(outcome, Parked):
        with service.ledger.transaction():
            _request(service, mail, message, known, now)
            return park(service, mail, message, outcome, next(iter(known.ps), ""))
    if service.configuration.settings.registration.proof == "agent":
        with service.ledger.transaction():
            _request(service, mail, message, known, now)
            waiting = Parked("Inscription à approuver : « mailbot contacts approve ».", evidence=outcome.evidence)
            return park(service, mail, message, waiting, outcome.numeros_ps[0] if outcome.numeros_ps else "")
    with service.ledger.transaction():
        for numero_ps in outcome.numeros_ps:
            contact_id = service.ledger.contacts.request(now, numero_ps, outcome.mail, outcome.evidence, mail.id)
            service.ledger.contacts.activate(contact_id, now)
            service.ledger.journal.write(
                now, service.who, "contact activated", f"contact {contact_id}", evidence=outcome.evidence
            )
        for numero_ps in (*outcome.numeros_ps, *outcome.already):
            answer_once(service, mail, message, lambda ps=numero_ps: confirm.letter(service, ps, outcome.mail))  # type: ignore[misc]
        first = (*outcome.numeros_ps, *outcome.already)[0]
        return finish(service, mail, message, "registered", outcome.evidence, first)


def _known_sender(service: Service, message: Message, us: Own) -> KnownSender:
    rows = service.ledger.references.contacts_of(message.numeros_ps)
    known: dict[str, KnownPS] = {}
    for row in rows["agaps"]:
        active = service.ledger.contacts.active(row.numero_ps)
        before = known.get(row.numero_ps, KnownPS(active=active.mail if active else None))
        known[row.numero_ps] = KnownPS((*before.agaps, row.mail), before.agaps_mails, before.active)
    for row in rows["agaps_mails"]:
        if row.numero_ps in known:
            before = known[row.numero_ps]
            known[row.numero_ps] = KnownPS(before.agaps, (*before.agaps_mails, row.mail), before.active)
    return KnownSender(known, verdict_required=us.authserv_id is not None)


def _request(service: Service, mail: StoredMail, message: Message, known: KnownSender, now: datetime) -> None:
    """What an agent can approve: the sender's own address for a PS that AGAPS knows."""
    confirmed = message.verified is True or not known.verdict_required
    if message.auto_submitted or not message.sender or not confirmed:
        return
    wanted = (*message.in_new_text.numeros_ps, *message.in_subject.numeros_ps)
    for numero_ps, ps in [one for one in known.ps.items() if one[0] in wanted][:_MAX_REQUESTS]:
        if (ps.active or "").casefold() != message.sender:
            service.ledger.contacts.request(now, numero_ps, message.sender, message.evidence, mail.id)


def answer_once(service: Service, mail: StoredMail, message: Message, compose: Callable[[], Draft]) -> bool:
    """Queues an automatic answer unless the mail is automatic or its sender had enough answers today."""
    now = service.clock()
    limit = service.configuration.settings.limits.answers_per_day
    answered = service.ledger.mails.answers_today(message.sender, now - timedelta(days=1))
    if message.auto_submitted or not message.sender or answered >= limit:
        service.ledger.journal.write(now, service.who, "not answered", f"mail {mail.id}", answers_today=answered)
        return False
    return service.ledger.letters.queue(now, compose(), answers=mail.id) is not None


# -- replies -------------------------------------------------------------------------------------------------------


def _reply(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    plan = settle_replies.plan(service, mail, message, us)
    with service.ledger.transaction():
        done = settle_replies.write(service, mail, plan)
        told = done.receipt
        reader = receipts.reader(service, message, us, done.numero_ps) if told else ""
        if told and reader:
            answer_once(service, mail, message, lambda: receipts.letter(service, mail, message, reader, told))
        if done.waiting:
            return park(service, mail, message, done.waiting, done.numero_ps or reader)
        return finish(service, mail, message, done.outcome, done.evidence, done.numero_ps)


_Settler = Callable[[Service, StoredMail, Message, Own], bool]

_SETTLERS: dict[Kind, _Settler] = {
    Kind.BOUNCE: _bounce,
    Kind.AUTO_REPLY: _away,
    Kind.LOOP: _note,
    Kind.MALFORMED: _park_malformed,
    Kind.UNSUBSCRIBE: _park_unsubscription,
    Kind.REGISTRATION: _register,
    Kind.REPLY: _reply,
    Kind.OTHER: _reply,
}
