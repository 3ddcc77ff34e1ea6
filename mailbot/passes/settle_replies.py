"""Settling replies: the letters that a mail cites, the lots that it brings, and the refusals that it answers.

A lot that comes with a mail is taken in only together with a certain match: then its invoices are decided in the same
transaction that closes the refusals they correct.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailbot.errors import Never
from mailbot.intake import match
from mailbot.intake.match import KnownCase, KnownLetter, KnownRejet, Match
from mailbot.intake.outcome import Parked
from mailbot.ledger import Decided, StoredLetter, StoredMail
from mailbot.model import Attachment, Kind, LetterKind, LotFile, Message, RejetState
from mailbot.parsers.own import Own
from mailbot.passes import contact, settle_lots
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: Lot files of one mail that are read.
_MAX_LOTS = 5
_LOT_ENDINGS = (".csv", ".xlsx", ".tsv")


@dataclass(frozen=True, slots=True)
class Cited:
    """The letters that a mail cites; `unknown` references look like ours and are none."""

    letters: tuple[StoredLetter, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a settled reply came to, in words of the journal."""

    outcome: str
    numero_ps: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """A lot file that came with a mail."""

    name: str
    raw: bytes
    lot: LotFile


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> Settlement | Parked:
    """Writes what a certain reply changes and says what that was; `Parked` (nothing written) for all else."""
    known = _known(service, message, us)
    brought: list[Brought] = []
    if _may_bring_lots(message, known):
        for number, attachment in enumerate(one for one in message.attachments if _looks_like_a_lot(one)):
            if number == _MAX_LOTS:
                return Parked(f"Plus de {_MAX_LOTS} fichiers de lots joints.", evidence=message.evidence)
            one, trouble = _lot(service, attachment, f"pièce jointe n° {number + 1}")
            if one is None:
                return Parked(f"La pièce jointe n’est pas un lot utilisable : {trouble}", evidence=message.evidence)
            brought.append(one)
    factures = tuple(facture for one in brought for facture in one.lot.factures)
    if factures and not known.letters and _own_lot(message, known, [facture.numero_ps for facture in factures]):
        return _take_lots(service, mail, brought, factures[0].numero_ps)
    if message.kind is Kind.OTHER:
        reason = "Ce message ne demande rien que le service sache régler seul."
        return Parked(reason, evidence=message.evidence)
    outcome = match.match(message, known, factures)
    if isinstance(outcome, Parked):
        return outcome
    return _answer(service, mail, outcome, brought)


def cited(service: Service, message: Message, us: Own, also: Iterable[str] = ()) -> Cited:
    """Letters by token and by Message-ID. Finding one authorises nobody."""
    found: dict[int, StoredLetter] = {}
    unknown = 0
    hashes = [hashlib.sha256(token.encode("ascii")).hexdigest() for token in message.tokens]
    asked = [service.ledger.letters.by_reference(token_hash=one) for one in hashes]
    ours = [one for one in (*message.references, *also) if us.is_our_message_id(one)]
    asked += [service.ledger.letters.by_reference(message_id=f"<{one.lower()}>") for one in ours]
    for letters in asked:
        unknown += not letters
        found |= {letter.id: letter for letter in letters}
    return Cited(tuple(found.values()), unknown)


def _known(service: Service, message: Message, us: Own) -> KnownCase:
    lots = service.ledger.lots
    references = cited(service, message, us)
    letters = tuple(
        KnownLetter(letter.key, letter.numero_ps, letter.recipient, tuple(map(_rejet, lots.of_letter(letter.id))))
        for letter in references.letters
        if letter.kind is not LetterKind.COPY
    )
    sender_ps = tuple(one.numero_ps for one in service.ledger.contacts.of_address(message.sender or "-"))
    contacts: dict[str, str] = {}
    for numero_ps in {letter.numero_ps for letter in letters}:
        rows = References.of(service.ledger.references.contacts_of([numero_ps]))
        found = contact.contact_of(service, numero_ps, rows)
        if found:
            contacts[numero_ps] = found.mail
    return KnownCase(
        letters=letters,
        unknown_references=references.unknown,
        contacts=contacts,
        sender_ps=sender_ps,
        open_rejets=tuple(_rejet(one) for numero_ps in sender_ps for one in lots.open_of(numero_ps)),
        verdict_required=us.authserv_id is not None,
    )


def _rejet(one: Decided) -> KnownRejet:
    assert one.rejet_id is not None
    assert one.rejet_state is not None
    facture = one.facture
    return KnownRejet(
        rejet=one.rejet_id,
        numero_ps=facture.numero_ps,
        numero_lot=facture.numero_lot,
        numero_facture=one.nom_facture,
        nir=facture.nir,
        debut_soins=facture.debut_soins,
        fin_soins=facture.fin_soins,
        state=one.rejet_state,
    )


def _looks_like_a_lot(attachment: Attachment) -> bool:
    return attachment.filename.lower().endswith(_LOT_ENDINGS) or attachment.content_type in ("text/csv",)


def _may_bring_lots(message: Message, known: KnownCase) -> bool:
    """Files are read only of somebody who has a case with us: reading costs, and strangers have time."""
    return bool(message.sender) and not message.auto_submitted and bool(known.letters or known.sender_ps)


def _lot(service: Service, attachment: Attachment, name: str) -> tuple[Brought | None, str]:
    """The lot, or None and why it is none. `name` stands for its file name, in which a patient's name may stand."""
    try:
        lot = settle_lots.read(service, name, attachment.content)
    except Never as error:
        return None, error.reason
    if not lot.factures:
        return None, settle_lots.why_useless(lot)
    return Brought(name, attachment.content, lot), ""


def _own_lot(message: Message, known: KnownCase, numeros_ps: Sequence[str]) -> bool:
    """A new lot of one's own: its sender is confirmed, the active contact of every PS in it, and names no refusal."""
    named = message.in_new_text.numeros_facture or message.in_subject.numeros_facture
    return message.verified is True and not named and set(numeros_ps) <= set(known.sender_ps)


def _take_lots(service: Service, mail: StoredMail, brought: Sequence[Brought], numero_ps: str) -> Settlement:
    evidence = tuple(f"Lot joint {one.name} : {len(one.lot.factures)} factures prises en charge." for one in brought)
    for one in brought:
        service.ledger.lots.store(service.clock(), one.name, one.raw, mail.id)
    return Settlement("lot taken", numero_ps, evidence)


def _answer(service: Service, mail: StoredMail, outcome: Match, brought: Sequence[Brought]) -> Settlement:
    now = service.clock()
    lots = service.ledger.lots
    with service.ledger.transaction():
        for one in brought:
            file_id = lots.store(now, one.name, one.raw, mail.id)
            if file_id is not None:
                settle_lots.write(service, file_id, one.name, one.lot)
        for answer in outcome.answers:
            facture_id = lots.id_of(answer.facture) if answer.facture else None
            state = lots.rejet_state(answer.rejet)
            if state is RejetState.CLOS:
                continue  # the corrected invoice came as a new version of the refused one, which closed it
            if facture_id is None:
                lots.answer(answer.rejet, mail.id)
            else:
                lots.close_rejet(answer.rejet, now, facture_id, mail.id)
            service.ledger.journal.write(
                now, service.who, "refusal closed" if facture_id else "refusal answered", f"rejet {answer.rejet}",
                mail=mail.id, tier=outcome.tier,
            )  # fmt: skip
    corrected = sum(answer.facture is not None for answer in outcome.answers)
    told = f"{corrected} corrected, {len(outcome.answers) - corrected} answered"
    return Settlement(told, outcome.numero_ps, outcome.evidence)
