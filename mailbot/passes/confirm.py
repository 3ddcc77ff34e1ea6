"""The letter that confirms a registered address."""

from __future__ import annotations

from mailbot.letters import confirmation
from mailbot.model import Draft
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References


def letter(service: Service, numero_ps: str, mail: str) -> Draft:
    """One confirmation a PS, an address and a day."""
    now = service.clock().astimezone(contact.PARIS)
    house = service.configuration.house
    references = References.of(service.ledger.references.contacts_of([numero_ps]))
    directory = contact.directory(numero_ps, references)
    key = contact.key("confirmation", numero_ps, mail, f"{now:%Y-%m-%d}")
    return confirmation.compose(
        house.templates,
        house.organisation,
        house.outbox,
        contact=mail,
        numero_ps=numero_ps,
        raison_sociale=directory.raison_sociale if directory else "",
        token=contact.token(service, key),
        now=now,
        key=key,
    )
