"""Which kind of mail this is: the order of the kinds, and the evidence for the first one that holds. Pure.

Order: bounce, automatic reply, loop, malformed, unsubscription, registration, reply, other. An automatic reply is by
definition somebody else's: what bears the signs of *our own* letters, which all say that they are automatic, is a loop.
A list or a newsletter asks for nothing: the word "désinscription" in its footer is not a request of a PS.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.model.mails import Attachment, Clues, Kind
from mailbot.parsers.mail import automatic, clues, registration
from mailbot.parsers.mail.headers import Headers
from mailbot.parsers.mail.own import Own
from mailbot.parsers.mail.report import Bounce

OUR_HEADER = "x-mailbot"  # what begins like this was written by this service


@dataclass(frozen=True, slots=True)
class Facts:
    """What the kind is decided from. `recipients` are all addresses that the mail was sent to."""

    headers: Headers
    own: Own
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    new_text: str
    signature: str
    report_type: str
    brings_document: bool
    attachments: tuple[Attachment, ...]
    bounce: Bounce | None
    unreadable: tuple[str, ...]
    new: Clues
    in_subject: Clues
    in_route: Clues
    in_quoted: Clues
    all: Clues
    references: tuple[str, ...]


def decide(facts: Facts) -> tuple[Kind, str]:
    """The first kind of the order that has evidence, and that evidence (French, without personal data)."""
    if facts.bounce:
        return Kind.BOUNCE, facts.bounce.evidence
    loop = _loop(facts)
    named = bool(facts.new.numeros_facture or facts.new.tokens or facts.new.numeros_ps or facts.new.nirs)
    reply = automatic.reply_evidence(
        facts.headers,
        facts.subject,
        facts.new_text,
        names_something=named,
        brings_document=facts.brings_document,
        report_type=facts.report_type,
    )
    if reply and not loop:
        return Kind.AUTO_REPLY, reply
    if loop:
        return Kind.LOOP, loop
    if facts.unreadable:
        return Kind.MALFORMED, "message illisible : " + ", ".join(facts.unreadable)
    return _request(facts)


def _loop(facts: Facts) -> str:
    """Evidence that this is a letter of ours that came back as mail, or ""."""
    if facts.sender and facts.own.is_ours(facts.sender):
        return "expédié par notre propre adresse"
    if facts.own.is_our_message_id(facts.message_id):
        return "porte un Message-ID de nos propres lettres"
    if any(name.startswith(OUR_HEADER) for name, _ in facts.headers.fields):
        return "porte un en-tête de nos propres lettres"
    if any(facts.own.is_ours(value.strip().strip("<>")) for value in facts.headers.all("x-loop")):
        return "en-tête X-Loop à notre adresse"
    return ""


def _request(facts: Facts) -> tuple[Kind, str]:
    if not automatic.is_list(facts.headers):
        subject = _own_subject(facts)
        asked = registration.unsubscribe(subject, facts.new_text)
        if asked:
            return Kind.UNSUBSCRIBE, asked
        asked = registration.register(subject, facts.new_text) or _at_the_registration_desk(facts)
        if asked:
            return Kind.REGISTRATION, asked
    if facts.all.tokens:
        return Kind.REPLY, "porte la référence d’une de nos lettres"
    if any(facts.own.is_our_message_id(reference) for reference in facts.references):
        return Kind.REPLY, "répond à une de nos lettres (In-Reply-To, References)"
    if facts.all.numeros_facture:
        return Kind.REPLY, "nomme une facture"
    return Kind.OTHER, "ni demande, ni référence, ni facture"


def _own_subject(facts: Facts) -> str:
    """The subject where the sender chose it: that of an answer to somebody else's mail is somebody else's words."""
    answers = bool(facts.references) and not any(map(facts.own.is_our_message_id, facts.references))
    return "" if answers or registration.is_answer(facts.subject) else facts.subject


def _at_the_registration_desk(facts: Facts) -> str:
    """Sent to the registration address, with a PS number and nothing that would make it a reply."""
    here = any(facts.own.is_registration(address) for address in facts.recipients)
    if not here or facts.all.tokens or facts.all.numeros_facture:
        return ""
    in_subject = _own_subject(facts) and facts.in_subject.numeros_ps
    names_ps = facts.new.numeros_ps or in_subject or clues.find(facts.signature).numeros_ps
    return "adressé à l’adresse d’inscription avec un n° PS" if names_ps else ""
