"""The Trame from the ledger: what a gestionnaire has to look at, as the workbook of the day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mailbot import files
from mailbot.ledger import Decided
from mailbot.letters import bordereau
from mailbot.letters import trame as workbook
from mailbot.letters.bordereau import Ligne
from mailbot.letters.trame import Cas
from mailbot.model import Status
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References


def write_of_the_day(service: Service) -> Path:
    """Writes the workbook of today into `trame.folder`, in the place of an earlier one of the same day."""
    now = service.clock().astimezone(contact.PARIS)
    path = service.configuration.settings.trame.folder / f"trame-{now:%Y-%m-%d}.xlsx"
    files.write_private(path, workbook_bytes(service, now))
    return path


def refresh(service: Service) -> None:
    """Writes the workbook of the day again when anything happened since it was last written, by rule or by hand."""
    last = str(service.ledger.journal.last())
    day = f"{service.clock().astimezone(contact.PARIS):%Y-%m-%d}"
    if service.ledger.noted("trame") != f"{day} {last}" and service.ledger.lots.anything():
        write_of_the_day(service)
        service.ledger.note("trame", f"{day} {last}")


def workbook_bytes(service: Service, now: datetime, everything: bool = False) -> bytes:
    """The workbook: open and answered refusals (all of them with `everything`), the list to enter, refused rows."""
    ledger = service.ledger
    refused = ledger.lots.refused(everything)
    shown = {one.facture_id for one in refused}
    cases = [*refused, *(one for one in ledger.lots.to_enter() if one.facture_id not in shown)]
    references = References.of(ledger.references.contacts_of(sorted({one.facture.numero_ps for one in cases})))
    return workbook.export(
        [_case(service, one, references) for one in cases],
        ledger.lots.refus(),
        payeur=service.configuration.settings.organisation.name,
        libelles=service.configuration.house.libelles,
        now=now,
    )


def _case(service: Service, one: Decided, references: References) -> Cas:
    numero_ps = one.facture.numero_ps
    found = contact.contact_of(service, numero_ps, references)
    told = ""
    if one.decision.status is Status.REFUSEE:
        told = bordereau.reponse_en_bref(service.configuration.house, Ligne.of(one.facture, one.decision))
    return Cas.of(
        one.facture, one.decision, contact.directory(numero_ps, references), found.mail if found else "", told
    )
