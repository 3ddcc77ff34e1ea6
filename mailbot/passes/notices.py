"""A service notice: an agent sends one text of `config/textes/` to the active contacts, or to some PS.

Who gets it is said before anything is queued (`recipients`). Each PS gets one letter, at its contact's address; the
recipient is checked again when it is sent. The same text to the same PS on the same day is one letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.letters import avis
from mailbot.model import Contact
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References


@dataclass(frozen=True, slots=True)
class Recipient:
    """A PS, its name in AGAPS ("" where it has none) and where it is written to."""

    numero_ps: str
    raison_sociale: str
    contact: Contact


def recipients(service: Service, numeros_ps: Sequence[str]) -> tuple[list[Recipient], list[str]]:
    """Who would get a notice: these PS, or every PS with an active registration; and the PS that have no address."""
    ledger = service.ledger
    asked = numeros_ps or [one.numero_ps for one in ledger.contacts.listed() if one.state == "active"]
    found: list[Recipient] = []
    without: list[str] = []
    for numero_ps in dict.fromkeys(asked):
        rows = References.of(ledger.references.contacts_of([numero_ps]))
        where, directory = contact.contact_of(service, numero_ps, rows), contact.directory(numero_ps, rows)
        if where and ledger.contacts.may_receive(numero_ps, where.mail):
            found.append(Recipient(numero_ps, directory.raison_sociale if directory else "", where))
        else:
            without.append(numero_ps)
    return found, without


def queue(service: Service, name: str, to: Sequence[Recipient], reason: str) -> int:
    """Queues the text `name` for each of them, all or nothing; gives how many letters are new. Raises `Never` where
    the text shows what only an answer to a mail has."""
    text = service.configuration.house.textes.named(name)
    now = service.clock()
    local = now.astimezone(contact.PARIS)
    count = 0
    with service.ledger.transaction():
        for one in to:
            key = contact.key("notice", name, one.numero_ps, one.contact.mail, f"{local:%Y-%m-%d}")
            draft = avis.compose(
                service.configuration.house,
                text,
                to=one.contact.mail,
                numero_ps=one.numero_ps,
                raison_sociale=one.raison_sociale,
                registration_address=service.configuration.settings.organisation.registration_address,
                token=contact.token(service, key),
                now=local,
                key=key,
            )
            count += service.ledger.letters.queue(now, draft) is not None
        service.ledger.journal.write(now, service.who, "notice sent", f"text {name}", letters=count, reason=reason)
    return count
