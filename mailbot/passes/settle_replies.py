"""Settling replies: what a mail says about refusals is decided (`plan`), then written (`write`).

A lot that comes with a mail is taken in only together with a certain match: then its invoices are decided in the same
transaction that closes the refusals they correct. `plan` writes nothing, so that it can also be asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.intake import match, papers
from mailbot.intake.match import Answer, KnownCase, Match, Noted
from mailbot.intake.outcome import Parked
from mailbot.ledger import Decided, StoredMail
from mailbot.letters import words
from mailbot.letters.receipt import Ligne, Receipt
from mailbot.model import Kind, Message, Missing, RejetState, ReplyAct
from mailbot.model.documents import Document, DocumentKind
from mailbot.parsers.mail.own import Own
from mailbot.passes import reply_case, settle_lots
from mailbot.passes.service import Service

#: Lot files of one mail that are read.
_MAX_LOTS = 5


@dataclass(frozen=True, slots=True)
class OwnLots:
    """New lots that a PS sends by itself; they answer nothing."""

    numero_ps: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written of a reply, and the lots that come with it."""

    outcome: Match | Parked | Noted | OwnLots
    lots: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a reply came to. `outcome` in words of the journal; `receipt` is what its sender is told (None: nothing);
    `waiting` is what is left to a human (None: nothing)."""

    outcome: str
    numero_ps: str
    evidence: tuple[str, ...]
    receipt: Receipt | None = None
    waiting: Parked | None = None


def plan(service: Service, mail: StoredMail, message: Message, us: Own) -> Plan:
    """What the mail comes to. Reads its documents, asks the ledger, writes nothing."""
    known = reply_case.known(service, mail.id, message, us)
    documents = _documents(service, message, known)
    tokens = [field.token for document in documents for field in document.fields if field.token]
    if tokens:
        known = reply_case.known(service, mail.id, message, us, tokens)
    lots = tuple(one for one in documents if one.kind is DocumentKind.LOT and one.lot and one.lot.factures)
    if len(lots) > _MAX_LOTS:
        reason = f"Plus de {_MAX_LOTS} fichiers de lots joints."
        return Plan(Parked(reason, evidence=message.evidence, missing=Missing.LOT))
    numeros_ps = {facture.numero_ps for lot in lots if lot.lot for facture in lot.lot.factures}
    if lots and not known.letters and _own_lot(message, known, numeros_ps):
        return Plan(OwnLots(min(numeros_ps)), lots)
    useless = papers.of(documents).useless
    if message.kind is Kind.OTHER:
        reason = "Ce message ne demande rien que le service sache régler seul."
        if useless:
            reason = f"La pièce jointe n’est pas un lot utilisable : {useless[0]}"
        return Plan(Parked(reason, evidence=message.evidence, missing=Missing.LOT if useless else Missing.NOTHING))
    return Plan(match.match(message, known, documents), lots)


def _documents(service: Service, message: Message, known: KnownCase) -> tuple[Document, ...]:
    """Files are read only of somebody who has a case with us: reading costs, and strangers have time."""
    if not message.sender or message.auto_submitted or not (known.letters or known.sender_ps):
        return ()
    configuration = service.configuration
    return service.reader.documents(message.attachments, configuration.colonnes.get("lots", {}), configuration.b2)


def _own_lot(message: Message, known: KnownCase, numeros_ps: set[str]) -> bool:
    """A new lot of one's own: its sender is confirmed, the active contact of every PS in it, and names no refusal."""
    named = message.in_new_text.numeros_facture or message.in_subject.numeros_facture
    return message.verified is True and not named and numeros_ps <= set(known.sender_ps)


def write(service: Service, mail: StoredMail, decided: Plan) -> Settlement:
    """Writes what is certain, in the caller's transaction; gives what it came to."""
    match decided.outcome:
        case Parked() as parked:
            receipt = Receipt(missing=parked.missing, unknown=parked.unknown, human=True)
            return Settlement("parked", "", parked.evidence, receipt, parked)
        case Noted() as noted:
            return Settlement("noted", noted.numero_ps, noted.evidence)
        case OwnLots(numero_ps):
            return _take_lots(service, mail, decided.lots, numero_ps)
        case Match() as found:
            return _answer(service, mail, found, decided.lots)


def _take_lots(service: Service, mail: StoredMail, lots: Sequence[Document], numero_ps: str) -> Settlement:
    counts = [len(one.lot.factures) for one in lots if one.lot]
    evidence = tuple(
        f"Lot joint n° {number} : {words.pluriel(count, 'facture prise', 'factures prises')} en charge."
        for number, count in enumerate(counts, 1)
    )
    for number, one in enumerate(lots, 1):
        service.ledger.lot_files.store(service.clock(), _called(number), one.content, mail.id)
    return Settlement("lot taken", numero_ps, evidence, Receipt(taken=sum(counts)))


def _called(number: int) -> str:
    """Stands for the file name of a lot, in which a patient's name may stand."""
    return f"pièce jointe n° {number}"


def _answer(service: Service, mail: StoredMail, found: Match, lots: Sequence[Document]) -> Settlement:
    now = service.clock()
    for number, one in enumerate(lots, 1):
        if found.takes_lots and one.lot:
            file_id = service.ledger.lot_files.store(now, _called(number), one.content, mail.id)
            if file_id is not None:
                settle_lots.write(service, file_id, _called(number), one.lot)
    lignes = [_one(service, mail, found.tier, answer) for answer in found.answers]
    for rejet in found.announced:
        lignes.append(_ligne(service, rejet, None))
    corrected = sum(ligne.status is not None for ligne in lignes)
    told = f"{corrected} corrected, {len(found.answers) - corrected} answered"
    waiting = found.waiting
    receipt = Receipt(
        lignes=tuple(lignes),
        missing=waiting.missing if waiting else Missing.NOTHING,
        unknown=waiting.unknown if waiting else (),
        human=waiting is not None,
        left=found.left,
    )
    return Settlement(told, found.numero_ps, found.evidence, receipt if lignes or waiting else None, waiting)


def _one(service: Service, mail: StoredMail, tier: int, answer: Answer) -> Ligne:
    """One refusal: its act noted, and the move that follows from it."""
    lots = service.ledger.lots
    now = service.clock()
    before = lots.rejet_state(answer.rejet)
    corrector = lots.id_of(answer.facture) if answer.facture else None
    act, evidence = answer.act, answer.evidence
    refused = lots.of_rejet(answer.rejet)
    if corrector is not None and refused and refused.facture_id == corrector and before is not RejetState.CLOS:
        # The very invoice that was refused, unchanged: that is no correction.
        corrector, act, evidence = None, ReplyAct.A_LIRE, "renvoyée sans changement"
    fresh = service.ledger.replies.note(now, mail.id, answer.rejet, act, answer.words, evidence)
    if fresh:
        if before is not RejetState.CLOS and corrector is not None:
            lots.close_rejet(answer.rejet, now, corrector, mail.id)
        elif before is RejetState.OUVERT:
            lots.answer(answer.rejet, mail.id)
        service.ledger.journal.write(
            now, service.who, "refusal closed" if corrector else "refusal answered", f"rejet {answer.rejet}",
            mail=mail.id, tier=tier, act=act,
        )  # fmt: skip
    return _ligne(service, answer.rejet, act, lots.by_id(corrector) if corrector is not None else None)


def _ligne(service: Service, rejet: int, act: ReplyAct | None, corrected: Decided | None = None) -> Ligne:
    """What the PS is told of one refusal."""
    name, lot = service.ledger.replies.invoice_of(rejet)
    if corrected is None:
        return Ligne(name, lot, act)
    decision = corrected.decision
    motif = service.configuration.house.libelles.motifs.get(decision.motif or "", decision.motif or "")
    return Ligne(name, lot, act, corrected.nom_facture, decision.status, motif, decision.route)
