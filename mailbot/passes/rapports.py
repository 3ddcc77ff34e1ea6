"""The daily reports (`bordereau.report`): a PS of whose lots nothing was refused is told so, once a calendar day.

Part of the third pass, after the bordereaux, which tell the lots of their PS themselves. What is decided after the
report of a day stands in the next letter.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.letters import rapport
from mailbot.model import Contact, LetterKind
from mailbot.passes import bilans, contact
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: How far back lots are looked for that no letter told yet.
_WINDOW = timedelta(days=7)


def prepare(service: Service, not_before: datetime) -> int:
    """Queues the reports of today; gives how many."""
    if not service.configuration.settings.bordereau.report:
        return 0
    count = 0
    for numero_ps in service.ledger.bilans.active_since(service.clock() - _WINDOW):
        if service.stopping():
            break
        with service.ledger.transaction():
            count += _one_ps(service, numero_ps, not_before)
    return count


def _one_ps(service: Service, numero_ps: str, not_before: datetime) -> bool:
    now = service.clock()
    local = now.astimezone(contact.PARIS)
    last = service.ledger.bilans.last_of_kind(numero_ps, LetterKind.REPORT)
    if last and datetime.fromisoformat(last).astimezone(contact.PARIS).date() == local.date():
        return False
    references = References.of(service.ledger.references.contacts_of([numero_ps]))
    found = contact.contact_of(service, numero_ps, references)
    if found is None or service.ledger.lots.uncut(numero_ps):
        return False
    since = service.ledger.letters.last_bordereau(numero_ps)
    lots = bilans.since_last_letter(service, numero_ps)
    # A lot with a refusal was told by its bordereau; one that changes later without a new refusal is told here.
    if not lots:
        return False
    return _queue(service, numero_ps, found, references, since, not_before)


def _queue(
    service: Service, numero_ps: str, found: Contact, references: References, since: str, not_before: datetime
) -> bool:
    now = service.clock()
    local = now.astimezone(contact.PARIS)
    directory = contact.directory(numero_ps, references)
    key = contact.key("report", numero_ps, f"{local:%Y-%m-%d}")
    draft = rapport.compose(
        service.configuration.house,
        contact=found.mail,
        numero_ps=numero_ps,
        raison_sociale=directory.raison_sociale if directory else "",
        bilans=bilans.since_last_letter(service, numero_ps),
        signalees=service.ledger.bilans.signalled(numero_ps, since),
        trimestre=bilans.trimestre(service, numero_ps, now),
        token=contact.token(service, key),
        now=local,
        key=key,
    )
    letter = service.ledger.letters.queue(now, replace(draft, not_before=not_before))
    if letter is None:
        return False
    service.ledger.journal.write(now, service.who, "report prepared", f"letter {letter}", ps=numero_ps)
    return True
