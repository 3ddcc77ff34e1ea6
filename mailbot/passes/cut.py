"""The third pass: refusals and returns of payment that nobody was told of become bordereaux for the PS, or rows of the
Trame. After them come the daily reports, the reminders and the gestionnaires' digest.

One PS is one transaction: its letters, their blind copies, the rejets and the returns that they tell are written
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from mailbot.errors import Never
from mailbot.ledger import Decided, StoredRetour
from mailbot.letters import bordereau, words
from mailbot.letters.bordereau import Ligne, LigneRetour
from mailbot.model import Contact, Draft, LetterKind, Route
from mailbot.passes import bilans, contact, digest, phrase, rapports, relances, send_window, trame
from mailbot.passes.service import Service
from mailbot.rules.references import References


@dataclass(slots=True)
class Cut:
    """What one pass prepared: bordereaux, refusals left to the gestionnaires, daily reports, reminders."""

    letters: int = 0
    gestionnaire: int = 0
    reports: int = 0
    reminders: int = 0

    def told(self) -> str:
        letters = words.pluriel(self.letters, "bordereau", "bordereaux")
        parts = [letters, f"{words.pluriel(self.gestionnaire, 'rejet')} pour les gestionnaires"]
        parts += [words.pluriel(self.reports, "rapport")] if self.reports else []
        parts += [words.pluriel(self.reminders, "rappel")] if self.reminders else []
        return f"préparé : {', '.join(parts)}"


class Sheet(NamedTuple):
    """One bordereau, and the refusals and returns that it tells."""

    draft: Draft
    rows: Sequence[Decided]
    returns: Sequence[StoredRetour]


def cut(service: Service) -> Cut:
    """Every open refusal that was not told yet is told: by letter where the route is the PS and it has a contact.
    Refused and deferred returns of payment go along; without a contact they stay with the gestionnaires."""
    report = Cut()
    for numero_ps in sorted({*service.ledger.lots.uncut_ps(), *service.ledger.retours.uncut_ps()}):
        if service.stopping():
            break
        with service.ledger.transaction():
            _one_ps(service, numero_ps, report)
    trame.refresh(service)
    leaves = send_window.opens(service.configuration.settings.bordereau, service.clock())
    report.reports = rapports.prepare(service, leaves)
    report.reminders = relances.prepare(service, leaves)
    digest.prepare(service)
    return report


def _one_ps(service: Service, numero_ps: str, report: Cut) -> None:
    now = service.clock()
    refused, returns = service.ledger.lots.uncut(numero_ps), service.ledger.retours.uncut(numero_ps)
    references = References.of(service.ledger.references.contacts_of([numero_ps]))
    found = contact.contact_of(service, numero_ps, references)
    for_ps = [one for one in refused if one.decision.route is Route.PS] if found else []
    for_gestionnaire = [one for one in refused if one not in for_ps]
    if found and (for_ps or returns) and _enough_today(service, numero_ps, now):
        for_ps, returns = [], []  # told tomorrow
    if found and (for_ps or returns):
        try:
            sheets = _compose(service, numero_ps, found, references, for_ps, returns, now)
        except Never as error:
            # A bordereau that cannot be composed is no reason to say nothing: a gestionnaire takes these over.
            service.say(f"PS {numero_ps} : {error.reason} ; ses rejets vont aux gestionnaires")
            for_gestionnaire, for_ps, sheets = refused, [], []
        for sheet in sheets:
            _queue(service, sheet, now)
        report.letters += len(sheets)
    service.ledger.lots.cut(now, for_gestionnaire, None)
    # What no letter took stands in the Trame, and is not looked at again.
    service.ledger.retours.cut(now, returns, None)
    report.gestionnaire += len(for_gestionnaire)
    if for_ps or for_gestionnaire or returns:
        service.ledger.journal.write(
            now, service.who, "refusals cut", f"ps {numero_ps}",
            rows=len(for_ps), gestionnaire=len(for_gestionnaire), returns=len(returns),
            contact=found.source if found else "",
        )  # fmt: skip


def _enough_today(service: Service, numero_ps: str, now: datetime) -> bool:
    """Two machines that answer each other come to an end: so many rounds of bordereaux a PS and day, no more."""
    limit = service.configuration.settings.limits.bordereaux_per_day
    if service.ledger.letters.rounds_since(numero_ps, now - timedelta(days=1)) < limit:
        return False
    service.say(f"PS {numero_ps} : déjà {limit} envois en un jour, la suite attend demain")
    return True


def _compose(
    service: Service,
    numero_ps: str,
    found: Contact,
    references: References,
    for_ps: Sequence[Decided],
    returns: Sequence[StoredRetour],
    now: datetime,
) -> list[Sheet]:
    """The bordereaux of a PS, numbered 1/n, each with the refusals and returns that it tells. Raises `Never`."""
    directory = contact.directory(numero_ps, references)
    lots, trimestre = bilans.since_last_letter(service, numero_ps), bilans.trimestre(service, numero_ps, now)
    preference = service.ledger.preferences.of(numero_ps, found.mail)
    by_ligne = {
        Ligne.of(one.facture, one.decision, one.rejet_id or 0, relances.limite(one.facture.fin_soins)): one
        for one in for_ps
    }
    by_retour = _lignes_retour(service, returns)
    max_rows = service.configuration.settings.bordereau.max_rows
    pages, told_pages = bordereau.pages(by_ligne, max_rows), bordereau.pages(by_retour, max_rows)
    total = max(len(pages), len(told_pages))
    pages += [()] * (total - len(pages))
    told_pages += [()] * (total - len(told_pages))
    sheets: list[Sheet] = []
    for index, (page, retours) in enumerate(zip(pages, told_pages, strict=True), 1):
        rows = [by_ligne[ligne] for ligne in page]
        told = [by_retour[ligne] for ligne in retours]
        names = (*(str(row.decision_id) for row in rows), *(f"retour {one.id}" for one in told))
        key = contact.key("bordereau", numero_ps, f"{index}/{total}", *names)
        draft = bordereau.compose(
            service.configuration.house,
            contact=found.mail,
            numero_ps=numero_ps,
            raison_sociale=directory.raison_sociale if directory else "",
            lignes=page,
            bilans=lots,
            index=index,
            total=total,
            token=contact.token(service, key),
            now=now.astimezone(contact.PARIS),
            key=key,
            retours=retours,
            trimestre=trimestre,
            phrase=phrase.of(service, numero_ps, found.mail),
            csv=preference.csv,
            refus=len(by_ligne),
        )
        sheets.append(Sheet(draft, rows, told))
    return sheets


def _lignes_retour(service: Service, returns: Sequence[StoredRetour]) -> dict[LigneRetour, StoredRetour]:
    """The rows of returns, with the invoice that each is of."""
    decided = ((one, service.ledger.lots.by_id(one.facture_id)) for one in returns if one.facture_id is not None)
    return {LigneRetour.of(of.facture, one.retour): one for one, of in decided if of}


def _queue(service: Service, sheet: Sheet, now: datetime) -> None:
    """The letter, and its blind copy to the service address: same bytes, a transaction of its own."""
    hours = service.configuration.settings.bordereau
    draft = replace(sheet.draft, not_before=send_window.opens(hours, now))
    letter_id = service.ledger.letters.queue(now, draft)
    service.ledger.lots.cut(now, sheet.rows, letter_id)
    service.ledger.retours.cut(now, sheet.returns, letter_id)
    copy = replace(
        draft,
        key=contact.key("copy", draft.key),
        kind=LetterKind.COPY,
        to=service.configuration.settings.organisation.service_address,
    )
    service.ledger.letters.queue(now, copy)
