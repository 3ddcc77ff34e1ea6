"""The letters of a registration: each step told once, to one person, with its single-use token where one is awaited.

A letter goes to who wrote to us, to the address that is known for the PS, or to the one that was; `recipient` checks
that again when it leaves. Writes inside the caller's transaction. Raises `Never` where an address cannot be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from mailbot.ledger import StoredContact
from mailbot.letters import inscription, words
from mailbot.letters.inscription import Step, Told
from mailbot.model.inscriptions import Purpose, Role
from mailbot.passes import contact, phrase
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: How long the address before may say that it was not asked.
DISPUTE = contact.FRESH


def deadline(service: Service) -> datetime:
    """Until when an answer by mail is waited for."""
    return service.clock() + timedelta(hours=service.configuration.settings.registration.token_hours)


def code_deadline(service: Service) -> datetime:
    """Until when the code of a letter on paper counts."""
    return service.clock() + timedelta(days=service.configuration.settings.registration.code_days)


def named(service: Service, numeros_ps: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(PS number, its name in AGAPS or "") each."""
    references = References.of(service.ledger.references.contacts_of(numeros_ps))
    found = {numero: contact.directory(numero, references) for numero in numeros_ps}
    return tuple((numero, row.raison_sociale if row else "") for numero, row in found.items())


def of(step: Step, inscriptions: Sequence[StoredContact], service: Service, **more: object) -> Told:
    """What a step says of these inscriptions of one address."""
    first = inscriptions[0]
    return replace(
        Told(
            step=step,
            numeros=named(service, [one.numero_ps for one in inscriptions]),
            address=first.mail,
            role=first.role,
            starts_on=first.starts_on,
            ends_on=first.ends_on,
        ),
        **more,  # type: ignore[arg-type]  # fields of Told
    )


def phrases(service: Service, inscriptions: Sequence[StoredContact]) -> tuple[tuple[str, str], ...]:
    """What opens the PDFs of those that get them closed: (PS number, phrase) each."""
    privacy = service.configuration.settings.privacy
    return tuple(
        (one.numero_ps, phrase.of(service, one.numero_ps, one.mail))
        for one in inscriptions
        if one.role is not Role.PRISES_EN_CHARGE and words.closes(one.mail, privacy.plain, privacy.full_domains)
    )


def tell(
    service: Service,
    told: Told,
    to: str,
    cause: str,
    *,
    answers: int | None = None,
    purpose: Purpose | None = None,
    inscriptions: Sequence[StoredContact] = (),
    until: datetime | None = None,
    asked_by: str = "",
    shown: bool = True,
    said: tuple[Role | None, date | None, date | None] = (None, None, None),
) -> None:
    """Queues the letter; the same cause tells the same step to the same address once.

    `purpose`: what the answer to it is a token for, until `until`. `answers`: the mail of the recipient that it
    answers. `inscriptions`: those that the token is bound to. `shown`: the letter says until when.
    `said`: the role and the days that the recipient gave already, kept with the token.
    """
    now = service.clock()
    house, settings = service.configuration.house, service.configuration.settings
    key = contact.key("inscription", told.step, to, cause)
    token = contact.token(service, key)
    draft = inscription.compose(
        house.templates,
        house.organisation,
        house.outbox,
        replace(told, until=until.astimezone(contact.PARIS) if until and shown else None),
        to=to,
        registration_address=settings.organisation.registration_address,
        token=token,
        now=now.astimezone(contact.PARIS),
        key=key,
    )
    letter = service.ledger.letters.queue(now, draft, answers=answers)
    if letter is None:
        return
    if purpose and until:
        ids = [one.id for one in inscriptions]
        service.ledger.tokens.issue(now, purpose, to, contact.digest(token), until, ids, asked_by, said)
    service.ledger.journal.write(now, service.who, f"told: {told.step}", f"letter {letter}", cause=cause)
