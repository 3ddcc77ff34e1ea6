"""What the ledger knows of a reply: the letters that it cites, their refusals, the PS that its sender speaks for.

Asks only; writes nothing. Finding a letter authorises nobody: `intake.match` decides who may answer what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.intake.match import KnownCase, KnownLetter, KnownRejet
from mailbot.ledger import Decided, StoredLetter
from mailbot.model import Facture, LetterKind, Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: Letters that speak of the refusals of a bordereau without telling them.
_ABOUT_A_CASE = (LetterKind.RECEIPT, LetterKind.ANSWER, LetterKind.REMINDER)


@dataclass(frozen=True, slots=True)
class Cited:
    """The letters that a mail cites; `unknown` references look like ours and are none."""

    letters: tuple[StoredLetter, ...]
    unknown: int


def cited(service: Service, message: Message, us: Own, also: Iterable[str] = (), tokens: Iterable[str] = ()) -> Cited:
    """Letters by token and by Message-ID; `also` are more Message-IDs, `tokens` more tokens."""
    found: dict[int, StoredLetter] = {}
    unknown = 0
    every = dict.fromkeys((*message.tokens, *tokens))
    hashes = [hashlib.sha256(token.encode("ascii", "replace")).hexdigest() for token in every]
    asked = [service.ledger.letters.by_reference(token_hash=one) for one in hashes]
    ours = [one for one in (*message.references, *also) if us.is_our_message_id(one)]
    asked += [service.ledger.letters.by_reference(message_id=f"<{one.lower()}>") for one in ours]
    for letters in asked:
        unknown += not letters
        found |= {letter.id: letter for letter in letters}
    return Cited(tuple(found.values()), unknown)


def known(service: Service, mail_id: int, message: Message, us: Own, tokens: Iterable[str] = ()) -> KnownCase:
    """What `intake.match` has to know. `tokens`: those of our forms that came back."""
    references = cited(service, message, us, tokens=tokens)
    letters = _letters(service, references.letters)
    sender_ps = tuple(one.numero_ps for one in service.ledger.contacts.of_address(message.sender or "-"))
    contacts: dict[str, str] = {}
    for numero_ps in {letter.numero_ps for letter in letters}:
        rows = References.of(service.ledger.references.contacts_of([numero_ps]))
        found = contact.contact_of(service, numero_ps, rows)
        if found:
            contacts[numero_ps] = found.mail
    done = frozenset(one.rejet_id for one in service.ledger.replies.of_mail(mail_id))
    asked = tuple(dict.fromkeys((*sender_ps, *(letter.numero_ps for letter in letters))))
    return KnownCase(
        letters=letters,
        unknown_references=references.unknown,
        contacts=contacts,
        sender_ps=sender_ps,
        open_rejets=tuple(rejet(one) for numero_ps in asked for one in _pending(service, numero_ps, done)),
        verdict_required=us.authserv_id is not None,
        done=done,
        received=lambda rejet_id, number: _received(service, rejet_id, number),
    )


def _letters(service: Service, found: Iterable[StoredLetter]) -> tuple[KnownLetter, ...]:
    """The bordereaux among them, and those whose cases the receipts, answers and reminders among them are about."""
    letters = {letter.id: letter for letter in found if letter.kind is not LetterKind.COPY}
    about: dict[int, StoredLetter] = {}
    for letter in letters.values():
        if letter.kind in _ABOUT_A_CASE:
            told = (*service.ledger.replies.case_of(letter.id), *service.ledger.relances.told_in(letter.id))
            cases = (service.ledger.letters.get(one) for one in told)
            about |= {case.id: case for case in cases if case and case.numero_ps == letter.numero_ps}
    bordereaux = {one.id: one for one in letters.values() if one.kind is LetterKind.BORDEREAU} | about
    return tuple(
        KnownLetter(letter.key, letter.numero_ps, letter.recipient, tuple(map(rejet, _told(service, letter))))
        for letter in (bordereaux or letters).values()
    )


def _told(service: Service, letter: StoredLetter) -> list[Decided]:
    return service.ledger.lots.of_letter(letter.id)


def _pending(service: Service, numero_ps: str, done: frozenset[int]) -> list[Decided]:
    """The refusals of a PS that are not closed, and those that this mail closed."""
    closed = [service.ledger.lots.of_rejet(rejet) for rejet in sorted(done)]
    mine = [one for one in closed if one and one.facture.numero_ps == numero_ps]
    pending = service.ledger.lots.pending_of(numero_ps)
    return [*pending, *(one for one in mine if one.rejet_id not in {each.rejet_id for each in pending})]


def _received(service: Service, rejet_id: int, number: str) -> list[Facture]:
    """Invoices that may replace a refused one: of its PS, never decided before it was refused."""
    refused = service.ledger.lots.of_rejet(rejet_id)
    if refused is None:
        return []
    ids = service.ledger.replies.received(refused.facture.numero_ps, number)
    found = [one for one in map(service.ledger.lots.by_id, ids) if one]
    # A decision is that of its version: of a first version it tells when the invoice came.
    new = (one for one in found if one.version == 1 and one.facture_id > refused.facture_id)
    return [one.facture for one in new if one.decided_at > refused.decided_at]


def rejet(one: Decided) -> KnownRejet:
    """A refusal as `intake.match` knows it."""
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
