"""The reminders: refusals told in a bordereau that was sent, open, and unanswered for `relance.after_days`.

Part of the third pass. One letter a PS and round, `relance.max` times at most; never during an absence that the PS
told, never to an address that may not get its letters now, and only where a correction is expected and still admitted:
the text of the motif says by when (`Délai : …`), and that day is not over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from mailbot.errors import Never
from mailbot.ledger import Decided, Unanswered
from mailbot.letters import relance
from mailbot.letters.bordereau import Ligne
from mailbot.letters.relance import Rappel
from mailbot.model import Contact
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.facts.invoice import two_years_later
from mailbot.rules.references import References


def limite(facture_end: date | None) -> date | None:
    """The last day on which a corrected invoice is admitted, from its end of care (motifs.md, C4)."""
    return two_years_later(facture_end) if facture_end else None


def prepare(service: Service, not_before: datetime) -> int:
    """Queues the reminders that are due; gives how many letters."""
    settings = service.configuration.settings.relance
    if not settings.max:
        return 0
    count = 0
    due = service.ledger.relances.due(service.clock() - timedelta(days=settings.after_days), settings.max)
    for numero_ps, unanswered in due.items():
        if service.stopping():
            break
        with service.ledger.transaction():
            count += _one_ps(service, numero_ps, unanswered, not_before)
    return count


def _one_ps(service: Service, numero_ps: str, unanswered: Sequence[Unanswered], not_before: datetime) -> bool:
    today = service.clock().astimezone(contact.PARIS).date()
    if service.ledger.addresses.absence(numero_ps, today):
        return False
    references = References.of(service.ledger.references.contacts_of([numero_ps]))
    found = contact.contact_of(service, numero_ps, references)
    if found is None or not service.ledger.contacts.may_receive(numero_ps, found.mail):
        return False
    asked = [(one, decided) for one in unanswered if (decided := _expected(service, one, today))]
    return bool(asked) and _queue(service, numero_ps, found, references, asked, not_before)


def _expected(service: Service, one: Unanswered, today: date) -> Decided | None:
    """The refusal, where a correction is expected and still admitted."""
    decided = service.ledger.lots.of_rejet(one.rejet_id)
    if decided is None or not service.configuration.house.reponses.delai(decided.decision.motif or ""):
        return None
    last = limite(decided.facture.fin_soins)
    return decided if last is None or today <= last else None


def _queue(
    service: Service,
    numero_ps: str,
    found: Contact,
    references: References,
    asked: Sequence[tuple[Unanswered, Decided]],
    not_before: datetime,
) -> bool:
    now = service.clock()
    directory = contact.directory(numero_ps, references)
    most = service.configuration.settings.relance.max
    key = contact.key("reminder", numero_ps, *(f"{one.rejet_id}/{one.times + 1}" for one, _ in asked))
    try:
        draft = relance.compose(
            service.configuration.house,
            [_rappel(one, decided) for one, decided in asked],
            contact=found.mail,
            numero_ps=numero_ps,
            raison_sociale=directory.raison_sociale if directory else "",
            last=all(one.times + 1 >= most for one, _ in asked),
            token=contact.token(service, key),
            now=now.astimezone(contact.PARIS),
            key=key,
        )
    except Never as error:
        service.say(f"PS {numero_ps} : {error.reason} ; pas de rappel")
        return False
    letter = service.ledger.letters.queue(now, replace(draft, not_before=not_before))
    if letter is None:
        return False
    service.ledger.relances.note(now, letter, [one.rejet_id for one, _ in asked])
    service.ledger.journal.write(
        now, service.who, "reminder prepared", f"letter {letter}", ps=numero_ps, rows=len(asked)
    )
    return True


def _rappel(one: Unanswered, decided: Decided) -> Rappel:
    told = datetime.fromisoformat(one.told_at).astimezone(contact.PARIS).date()
    ligne = Ligne.of(decided.facture, decided.decision, one.rejet_id, limite(decided.facture.fin_soins))
    return Rappel(ligne, told)
