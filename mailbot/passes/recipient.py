"""May this letter go where it is addressed? Asked of the ledger itself when it leaves, by other code than cut it.

Promise: a letter goes only to the contact of the PS whose rows it holds. What is no case (a step of a registration, an
agent's answer to a stranger) goes to who wrote to us, to an address of the PS, or to one that was.
"""

from __future__ import annotations

from mailbot.ledger import StoredLetter
from mailbot.model import LetterKind
from mailbot.passes import contact
from mailbot.passes.service import Service


def misdirected(service: Service, letter: StoredLetter) -> str:
    """Why this letter must not go to its recipient, "" when it may."""
    ledger = service.ledger
    match letter.kind:
        case LetterKind.COPY | LetterKind.DIGEST:
            right = letter.recipient == service.configuration.settings.organisation.service_address
            return "" if right else "ce courrier ne va qu’à l’adresse du service"
        case LetterKind.BORDEREAU | LetterKind.REPORT | LetterKind.REMINDER:
            told = ledger.letters.rows_of(letter.id) | ledger.relances.ps_of(letter.id)
            if told - {letter.numero_ps}:
                return "il contient des factures d’un autre PS"
            right = contact.receives(service, letter.numero_ps, letter.recipient)
            return "" if right else _NO_CONTACT
        case LetterKind.INSCRIPTION:
            return _step(service, letter)
        case LetterKind.ANSWER | LetterKind.STATUS if not letter.numero_ps:
            # A text of the house without anything of a case.
            asked = ledger.letters.answered_sender(letter.id)
            return "" if asked == letter.recipient else "il ne va qu’à qui a écrit le mail auquel il répond"
    right = all(ledger.contacts.may_receive(one, letter.recipient) for one in (letter.numero_ps, *letter.others))
    return "" if right else _NO_CONTACT


_NO_CONTACT = "son destinataire n’est plus le contact de ce PS"


def _step(service: Service, letter: StoredLetter) -> str:
    """A step of a registration holds nothing of a case."""
    ledger = service.ledger
    if ledger.letters.answered_sender(letter.id) == letter.recipient:
        return ""
    numbers = {letter.numero_ps}
    for token in ledger.tokens.found([letter.token_hash]):
        numbers |= {ledger.contacts.take(one).numero_ps for one in token.contacts}
    for numero_ps in numbers:
        now = ledger.contacts.may_receive(numero_ps, letter.recipient)
        if not now and not ledger.contacts.was_of(numero_ps, letter.recipient) and not _was_known(service, letter):
            return "son destinataire n’est ni le demandeur, ni une adresse de ce PS"
    return ""


def _was_known(service: Service, letter: StoredLetter) -> bool:
    """Does AGAPS know this address for the PS? It is told when another one takes its place."""
    return letter.numero_ps in service.ledger.references.numbers_of(letter.recipient, 1_000)
