"""The Trame from the ledger: what a gestionnaire has to look at, as the workbook of the day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mailbot import files
from mailbot.ledger import Decided, StoredAct, StoredRetour
from mailbot.letters import bordereau
from mailbot.letters import trame as workbook
from mailbot.letters.bordereau import Ligne
from mailbot.letters.trame import Cas, CasReponse, CasRetour
from mailbot.model import Status
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References

_STATUS = {Status.REFUSEE: "refusée", Status.ACCEPTEE: "acceptée", Status.A_SAISIR: "à saisir"}


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
    anything = service.ledger.lots.anything() or service.ledger.retours.anything()
    if anything and service.ledger.noted("trame") != f"{day} {last}":
        write_of_the_day(service)
        service.ledger.note("trame", f"{day} {last}")


def workbook_bytes(service: Service, now: datetime, everything: bool = False) -> bytes:
    """The workbook: open and answered refusals (all of them with `everything`) and what their PS answered, the list to
    enter, refused rows, and the returns of payment that somebody has to see (with `everything`: each that counts)."""
    ledger = service.ledger
    refused = ledger.lots.refused(everything)
    shown = {one.facture_id for one in refused}
    cases = [*refused, *(one for one in ledger.lots.to_enter() if one.facture_id not in shown)]
    returns = ledger.retours.listed() if everything else ledger.retours.open()
    acts = ledger.replies.of_rejets([one.rejet_id for one in refused if one.rejet_id is not None])
    answered = [(one, act) for one in refused for act in acts.get(one.rejet_id or 0, ())]
    numeros_ps = {one.facture.numero_ps for one in cases} | {one.retour.numero_ps for one in returns}
    references = References.of(ledger.references.contacts_of(sorted(numeros_ps)))
    return workbook.export(
        [_case(service, one, references) for one in cases],
        ledger.lot_files.refus(),
        payeur=service.configuration.settings.organisation.name,
        libelles=service.configuration.house.libelles,
        now=now,
        retours=[_return(service, one, references) for one in returns],
        reponses=[_answer(service, one, act, references) for one, act in answered],
    )


def _return(service: Service, one: StoredRetour, references: References) -> CasRetour:
    decided = service.ledger.lots.by_id(one.facture_id) if one.facture_id is not None else None
    numero_ps = decided.facture.numero_ps if decided else one.retour.numero_ps
    suite = one.why or (f"facture {_STATUS[decided.decision.status]} par les règles" if decided else "")
    suite += ", PS informé par bordereau" if one.told else ""
    return CasRetour(
        one.retour, one.etat, suite, decided.facture if decided else None, contact.directory(numero_ps, references)
    )


def _answer(service: Service, one: Decided, act: StoredAct, references: References) -> CasReponse:
    day = datetime.fromisoformat(act.at).astimezone(contact.PARIS).date()
    return CasReponse(_case(service, one, references), act.act, act.words, day, act.mail_id)


def _case(service: Service, one: Decided, references: References) -> Cas:
    numero_ps = one.facture.numero_ps
    found = contact.contact_of(service, numero_ps, references)
    told = ""
    if one.decision.status is Status.REFUSEE:
        told = bordereau.reponse_en_bref(service.configuration.house, Ligne.of(one.facture, one.decision))
    return Cas.of(
        one.facture, one.decision, contact.directory(numero_ps, references), found.mail if found else "", told
    )
