"""A parked mail on an agent's table: found, read, and what it may be tied to.

Owns: which refusal an agent means, and the guards of an act: the case's PS must be the sender's PS unless the agent
gives a reason, a registration needs a strict sender and a PS that AGAPS knows. Raises `Never` in the words of a
gestionnaire, with the nearest possibilities. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.errors import Never
from mailbot.intake import corrections
from mailbot.intake.acts import MAX_WORDS
from mailbot.intake.match import Answer, Match
from mailbot.ledger import Decided, Resolution, StoredMail
from mailbot.letters import words
from mailbot.model import Facture, FactureKey, Handling, Message, RejetState, ReplyAct
from mailbot.model.documents import Document
from mailbot.parsers.mail.own import Own
from mailbot.passes import answers, contact, reply_case, settle_mails, settle_replies
from mailbot.passes.service import Service

#: Possibilities named in one error.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act came to, as one French sentence. `already`: it had been done before, nothing was written."""

    told: str
    already: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A parked mail on the table: as stored, as read, and our addresses in its mailbox."""

    mail: StoredMail
    message: Message
    us: Own


def stored(service: Service, mail_id: int) -> StoredMail:
    """The mail of that number."""
    mail = service.ledger.mails.get(mail_id)
    if mail is None:
        raise Never(f"aucun mail {mail_id} : « mailbot review list » montre ceux qui attendent")
    return mail


def on_table(service: Service, mail_id: int) -> Case:
    """The mail of that number, read again: under limits, so that a hostile one costs an agent ten seconds at most."""
    mail = stored(service, mail_id)
    us = settle_mails.own(service.configuration, service.ledger.mails.mailbox(mail_id))
    return Case(mail, settle_mails.read(service.reader, mail.raw, service.clock(), us), us)


def refusal(service: Service, case: Case, wanted: str) -> Decided:
    """A refusal by its number or its invoice. Raises `Never` with those that are possible."""
    number = re.fullmatch(r"(?:rejet[ -]?)?(\d+)", wanted.strip(), re.IGNORECASE)
    lots = service.ledger.lots
    if number:
        found = [one for one in (lots.of_rejet(int(number[1])),) if one]
    else:
        found = [one for one in lots.find(wanted.strip()) if "/" in wanted and one.rejet_id is not None]
    if len(found) == 1:
        return found[0]
    what = f"plusieurs refus portent « {wanted} »" if found else f"aucun refus « {wanted} »"
    choices = found or _possible(service, case)
    named = [f"{one.rejet_id} ({invoice(one)})" for one in choices]
    more = f" et {len(named) - _NAMED} autres" if len(named) > _NAMED else ""
    hint = f"choisissez parmi les rejets {', '.join(named[:_NAMED])}{more}" if named else "écrivez LOT/FACTURE"
    raise Never(f"mail {case.mail.id} : {what} ; {hint}")


def _possible(service: Service, case: Case) -> list[Decided]:
    """The candidates of the mail, else the open refusals of its sender's PS."""
    lots = service.ledger.lots
    candidates = [lots.of_rejet(rejet) for rejet, _ in service.ledger.review.candidates(case.mail.id)]
    still = [one for one in candidates if one and one.rejet_state is RejetState.OUVERT]
    numero_ps = answers.ps_of(service, case.mail, case.message, case.us)
    return still or (lots.open_of(numero_ps) if numero_ps else [])


def check_tie(service: Service, case: Case, found: Sequence[Decided], despite_sender: bool, reason: str) -> None:
    """Raises `Never` where the mail must not be tied to these refusals."""
    where = f"mail {case.mail.id} :"
    if not found:
        raise Never(f"{where} à quel rejet le rattacher ? « mailbot review show {case.mail.id} » en propose")
    numeros_ps = sorted({one.facture.numero_ps for one in found})
    if len(numeros_ps) > 1:
        raise Never(f"{where} ces rejets sont de plusieurs PS ({', '.join(numeros_ps)}) : n’en rattachez que d’un seul")
    for one in found:
        if one.rejet_state is RejetState.CLOS:
            said = f"le rejet {one.rejet_id} ({invoice(one)}) est clos"
            raise Never(f"{where} {said} : rien à y rattacher, « --traite » clôt le mail")
    if despite_sender and not reason:
        raise Never("--malgre-expediteur demande une raison : ajoutez --reason « … »")
    if not despite_sender and not answers.speaks_for(service, case.message, case.us, numeros_ps[0]):
        raise Never(
            f"{where} ce dossier est du PS {numeros_ps[0]}, dont l’expéditeur n’est pas le contact ; "
            "si vous êtes sûr de qui écrit : --malgre-expediteur --reason « … »"
        )


def lots(service: Service, case: Case) -> tuple[Document, ...]:
    """The usable lots among the attachments."""
    configuration = service.configuration
    names = configuration.colonnes.get("lots", {})
    found = service.reader.documents(case.message.attachments, names, configuration.b2)
    return tuple(one for one in found if one.lot and one.lot.factures)


def tied(
    service: Service, case: Case, found: Sequence[Decided], act: ReplyAct, lots: Sequence[Document]
) -> settle_replies.Plan:
    """What an agent says that the mail does, as settling writes it. Raises `Never` for a lot that does not fit."""
    numero_ps = found[0].facture.numero_ps
    factures = [facture for one in lots if one.lot for facture in one.lot.factures]
    if any(facture.numero_ps != numero_ps for facture in factures):
        raise Never(f"mail {case.mail.id} : le lot joint contient des factures d’un autre PS que {numero_ps}")
    pairs = _pairs(case, found, factures)
    said = case.message.reply_text.strip()[:MAX_WORDS]
    why = f"rattaché par {service.who}"
    given = tuple(
        Answer(one.rejet_id, act, said, why, pairs.get(one.rejet_id)) for one in found if one.rejet_id is not None
    )
    by_agent = Match(numero_ps, given, tier=0, letter="", evidence=(), takes_lots=bool(pairs))
    return settle_replies.Plan(by_agent, tuple(lots))


def _pairs(case: Case, found: Sequence[Decided], factures: Sequence[Facture]) -> dict[int, FactureKey]:
    """Refusal -> the invoice that corrects it. One of each are a pair by the agent's word, whatever was wrong in it."""
    refused = [reply_case.rejet(one) for one in found]
    if len(factures) == 1 and len(refused) == 1:
        return {refused[0].rejet: factures[0].key}
    tie = corrections.tie(factures, refused)
    if factures and (tie.doubts or not tie.pairs):
        why = " ; ".join(tie.doubts) or "aucune facture du lot joint ne correspond à ces rejets"
        raise Never(f"mail {case.mail.id} : {why} ; rattachez sans « --acte corrigée », ou importez le lot à la main")
    return dict(tie.pairs)


def check_request(service: Service, case: Case, numero_ps: str) -> None:
    """Raises `Never` where the sender's address cannot be asked for as that of this PS."""
    where = f"mail {case.mail.id}"
    if not re.fullmatch(r"\d{9}", numero_ps):
        raise Never(f"{where} : « {numero_ps} » n’est pas un n° PS (neuf chiffres)")
    if case.message.auto_submitted or not case.message.sender:
        raise Never(f"{where} : son expéditeur n’est pas une adresse que l’on puisse inscrire")
    if not service.ledger.references.contacts_of([numero_ps])["agaps"]:
        named = [one for one in case.message.numeros_ps if one != numero_ps]
        hint = f" ; le mail nomme {', '.join(named[:_NAMED])}" if named else ""
        raise Never(f"{where} : AGAPS ne connaît pas le PS {numero_ps}{hint}")
    active = service.ledger.contacts.active(numero_ps)
    if active and active.mail == case.message.sender:
        raise Never(f"{where} : cette adresse est déjà celle du PS {numero_ps}, « --traite » clôt le mail")


def told(one: Resolution) -> str:
    """An act as a sentence's end: “rattaché aux rejets 3 et 4 par camille le 02/03/2026”."""
    details = one.details
    match one.act:
        case Handling.ATTACHED:
            what = f"rattaché aux rejets {', '.join(map(str, details['rejets']))}"
        case Handling.HANDLED:
            what = "clos"
        case Handling.AGAIN:
            what = "renvoyé au traitement"
        case Handling.REQUESTED:
            what = f"devenu la demande d’inscription {details['contact']}"
        case Handling.ANSWERED:
            what = f"répondu avec « {details['texte']} »"
    day = datetime.fromisoformat(one.at).astimezone(contact.PARIS)
    why = f" ({one.reason})" if one.reason else ""
    return f"{what} par {one.who} le {words.date_courte(day)}{why}"


def invoice(one: Decided) -> str:
    return f"facture {one.nom_facture}, lot {one.facture.numero_lot}"


def at(service: Service, found: Sequence[Decided]) -> str:
    """The refusals of an act and how they stand after it."""
    many = "aux rejets" if len(found) > 1 else "au rejet"
    closed = {one.rejet_id for one in found if service.ledger.lots.rejet_state(one.rejet_id or 0) is RejetState.CLOS}
    named = [f"{one.rejet_id} ({invoice(one)}{', corrigée' if one.rejet_id in closed else ''})" for one in found]
    return f"{many} {', '.join(named)}"
