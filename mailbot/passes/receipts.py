"""The receipt of a reply: who may get one, and the letter.

Only the contact of the PS gets one, at its own address, never for automatic mail, never unconfirmed; one a mail (its
key is the mail's). How many a day is `outcomes.answer_once`'s to count; `deliver` checks the recipient again.
"""

from __future__ import annotations

from mailbot.ledger import StoredMail
from mailbot.letters import receipt
from mailbot.letters.receipt import Receipt
from mailbot.model import Draft, Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import answers, contact, reply_case
from mailbot.passes.service import Service
from mailbot.rules.references import References


def reader(service: Service, message: Message, us: Own, numero_ps: str) -> str:
    """The PS whose contact the sender is, and as whom it gets a receipt; "" for nobody.

    A sender without a verdict of our exchanger shows by a letter of ours, sent to that very address, who it is.
    """
    if message.auto_submitted or not message.sender or message.verified is False:
        return ""
    letters = reply_case.cited(service, message, us).letters
    cited = [one for one in letters if one.recipient.casefold() == message.sender]
    active = [one.numero_ps for one in service.ledger.contacts.of_address(message.sender)]
    shown = {one.numero_ps for one in cited} | (set(active) if message.verified else set())
    asked = dict.fromkeys((numero_ps, *(one.numero_ps for one in cited), *active))
    speaks = (one for one in asked if one in shown and answers.speaks_for(service, message, us, one))
    return next(speaks, "")


def letter(service: Service, mail: StoredMail, message: Message, numero_ps: str, told: Receipt) -> Draft:
    """One receipt a mail."""
    house = service.configuration.house
    rows = References.of(service.ledger.references.contacts_of([numero_ps]))
    directory = contact.directory(numero_ps, rows)
    key = contact.key("receipt", mail.sha256)
    return receipt.compose(
        house.templates,
        house.organisation,
        house.outbox,
        told,
        contact=message.sender,
        numero_ps=numero_ps,
        raison_sociale=directory.raison_sociale if directory else "",
        token=contact.token(service, key),
        now=service.clock().astimezone(contact.PARIS),
        key=key,
    )
