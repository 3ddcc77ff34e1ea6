"""What a PS asks us by mail in our own words: ÉTAT, CONSIGNE, AIDE; its right to know what we hold about it; an end
that may not be meant.

An answer goes to the sender only, and holds only what is that sender's: the PS for which its address is active, shown
by the verdict of our exchanger or by a letter of ours that came to that address. CONSIGNE and AIDE say nothing of a
case; any sender whom our exchanger confirms may have them. So many answers a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailbot.intake.outcome import Parked
from mailbot.ledger import StoredMail
from mailbot.letters import etat
from mailbot.letters.etat import Aide, Consigne, Facture, Question, Releve
from mailbot.letters.inscription import Step, Told
from mailbot.model import Kind, Message
from mailbot.model.inscriptions import Command, CommandName, Role
from mailbot.parsers.mail import commands, leaving, registration
from mailbot.parsers.mail.own import Own
from mailbot.passes import account, contact, outcomes, reply_case
from mailbot.passes.inscriptions import letters
from mailbot.passes.service import Service

_WRITTEN = (Kind.REPLY, Kind.OTHER, Kind.REGISTRATION, Kind.UNSUBSCRIBE)


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> bool | None:
    """The mail in its final state; None where it asks nothing of this kind."""
    if message.kind not in _WRITTEN:
        return None
    asked = commands.read(message.subject, message.reply_text)
    if asked:
        return _answer(service, mail, message, us, asked)
    data = registration.access(message.subject, message.reply_text)
    if data:
        return _data(service, mail, message, us, data)
    return _end_in_doubt(service, mail, message, us) if message.kind is Kind.UNSUBSCRIBE else None


def speaks_for(service: Service, message: Message, us: Own) -> tuple[str, ...]:
    """The PS numbers for which the sender may ask; () for a stranger."""
    if message.auto_submitted or not message.sender or message.verified is False:
        return ()
    held = service.ledger.contacts.all_of_address(message.sender)
    active = list(dict.fromkeys(one.numero_ps for one in held if one.role is not Role.PRISES_EN_CHARGE))
    if message.verified is not True:
        cited = reply_case.cited(service, message, us).letters
        shown = {one.numero_ps for one in cited if one.recipient.lower() == message.sender}
        active = [one for one in active if one in shown]
    return tuple(one for one in active if service.ledger.contacts.may_receive(one, message.sender))


# -- ÉTAT, CONSIGNE, AIDE ------------------------------------------------------------------------------------------


def _answer(service: Service, mail: StoredMail, message: Message, us: Own, asked: Command) -> bool:
    numeros = speaks_for(service, message, us)
    with service.ledger.transaction():
        reason = _why_not(service, message, numeros)
        if reason:
            first = numeros[0] if numeros else ""
            return outcomes.park(service, mail, message, Parked(reason, evidence=message.evidence), first)
        named = letters.named(service, numeros) if numeros else ()
        question = _question(service, asked, named)
        _tell(service, mail, message, question, named)
        told = f"question {asked.name} d’une adresse {'enregistrée' if numeros else 'confirmée'}"
        return outcomes.finish(service, mail, message, f"asked: {asked.name}", (told,), numeros[0] if numeros else "")


def _why_not(service: Service, message: Message, numeros: Sequence[str]) -> str:
    if not numeros and message.verified is not True:
        return (
            "Question d’un expéditeur que ni notre serveur ni une de nos lettres ne confirme : rien ne lui est écrit."
        )
    if outcomes.enough(service, message):
        return "Question d’une adresse qui a déjà eu ses réponses du jour."
    return ""


def _question(service: Service, asked: Command, numeros: Sequence[tuple[str, str]]) -> Question:
    """What is answered; a stranger that asks for invoices is told how to register."""
    house = service.configuration.house
    match asked.name:
        case CommandName.CONSIGNE:
            return Consigne(asked.argument, house.consignes)
        case CommandName.ETAT if numeros and asked.argument:
            found = [line for numero, _ in numeros for line in account.invoices(service, numero, asked.argument)]
            return Facture(asked.argument, tuple(found))
        case CommandName.ETAT if numeros:
            return Releve(tuple(account.statement(service, numero, name) for numero, name in numeros))
    desk = service.configuration.settings.organisation.registration_address
    return Aide(house.textes.named("aide"), desk)


def _tell(
    service: Service, mail: StoredMail, message: Message, question: Question, numeros: Sequence[tuple[str, str]]
) -> None:
    now, house = service.clock(), service.configuration.house
    key = contact.key("etat", mail.sha256)
    draft = etat.compose(
        house.templates, house.organisation, house.outbox, question, to=message.sender, numeros=numeros,
        token=contact.token(service, key), now=now.astimezone(contact.PARIS), key=key,
    )  # fmt: skip
    others = tuple(numero for numero, _ in numeros[1:])
    service.ledger.letters.queue(now, replace(draft, others=others), answers=mail.id)


# -- an end that may not be meant -----------------------------------------------------------------------------------


def _end_in_doubt(service: Service, mail: StoredMail, message: Message, us: Own) -> bool | None:
    """To an agent where it is not plain that the sender wants nothing more of us; None where it is."""
    day = message.date.date() if message.date else None
    if message.auto_submitted:
        return None
    why = leaving.doubt(message.subject, message.reply_text, day, message.sender)
    if not why and _answers_another(service, message, us):
        why = "il répond à un message qui n’est pas de nous, ou le fait suivre"
    if not why:
        return None
    numeros = speaks_for(service, message, us)
    reason = f"Demande de ne plus rien recevoir, à lire : {why}. Rien n’est changé ; « mailbot contacts end » le fait."
    with service.ledger.transaction():
        parked = Parked(reason, evidence=message.evidence)
        return outcomes.park(service, mail, message, parked, numeros[0] if numeros else "")


def _answers_another(service: Service, message: Message, us: Own) -> bool:
    """Does it answer or forward anything but a letter of ours to this very address? "STOP" is then said to a third."""
    if not message.references and not registration.is_answer(message.subject):
        return False
    return all(one.recipient.lower() != message.sender for one in reply_case.cited(service, message, us).letters)


# -- one's data ----------------------------------------------------------------------------------------------------


def _data(service: Service, mail: StoredMail, message: Message, us: Own, evidence: str) -> bool:
    """To the DPO, always; acknowledged where the sender is who it says."""
    numeros = speaks_for(service, message, us)
    with service.ledger.transaction():
        known = bool(numeros) or message.verified is True
        if known and not outcomes.enough(service, message):
            told = Told(step=Step.ACCESS, numeros=letters.named(service, numeros), address=message.sender)
            letters.tell(service, told, message.sender, f"mail {mail.sha256}", answers=mail.id)
        who = "" if known else " (expéditeur non confirmé : vérifiez son identité)"
        reason = f"DPO : demande sur ses données personnelles, à répondre dans le mois{who}."
        held = tuple(f"mailbot ledger access --ps {numero}" for numero in numeros)
        parked = Parked(reason, evidence=(evidence, *held))
        return outcomes.park(service, mail, message, parked, numeros[0] if numeros else "")
