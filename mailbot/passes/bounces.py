"""Letters of ours that came back, and the absences of those they went to: noted, never answered.

A letter that came back for a time stays sent. The second letter to the same address that came back for good suspends
the address (`ledger.addresses`): the next bordereau goes to the next address of motifs.md §5, or to the Trame, and the
notice waits for a gestionnaire in the review queue. Only a notice that names our Message-ID or token counts, and of its
recipients only the one that this letter was sent to: nobody can suspend an address whose letters they do not hold.
Our own addresses are never suspended. Writes inside the caller's transaction; causes no letter.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.intake.outcome import Parked
from mailbot.ledger import FAILURES, StoredLetter, StoredMail
from mailbot.model import BounceRecipient, LetterKind, LetterState, Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact, reply_case
from mailbot.passes.service import Service


@dataclass(frozen=True, slots=True)
class Noted:
    """`waiting` is set where a gestionnaire has to look."""

    evidence: tuple[str, ...] = ()
    numero_ps: str = ""
    waiting: Parked | None = None


def note(service: Service, mail: StoredMail, message: Message, us: Own) -> Noted:
    """The letter that came back, by its Message-ID or the token of its return address, and by its recipient."""
    cited = reply_case.cited(service, message, us, message.bounced_message_ids).letters
    failed = {one.address.casefold(): one for one in message.bounce or ()}
    hit = [letter for letter in cited if letter.recipient.casefold() in failed]
    if not hit and not failed:
        hit = [letter for letter in cited if letter.kind is not LetterKind.COPY]
    if not hit:
        reason = "Avis de non-remise qui ne correspond à aucun de nos courriers."
        return Noted(waiting=Parked(reason, evidence=message.evidence))
    suspended: list[str] = []
    for letter in hit:
        told = failed.get(letter.recipient.casefold())
        _came_back(service, letter, told)
        suspended += _suspended(service, mail, letter, told, us)
    evidence = (*message.evidence, *suspended)
    numero_ps = next((letter.numero_ps for letter in hit if letter.numero_ps), "")
    if not suspended:
        return Noted(evidence, numero_ps)
    reason = "Adresse suspendue : deux courriers sont revenus définitivement. « mailbot contacts resume » la rétablit."
    return Noted(evidence, numero_ps, Parked(reason, evidence=evidence))


def _came_back(service: Service, letter: StoredLetter, told: BounceRecipient | None) -> None:
    came_back = (told is None or told.permanent) and letter.state in (LetterState.SENT, LetterState.UNKNOWN)
    if came_back:
        service.ledger.letters.bounce(letter.id, f"revenu : {told.status if told else 'sans statut'}")
    service.ledger.journal.write(
        service.clock(), service.who, "letter bounced" if came_back else "bounce noted", f"letter {letter.id}",
        status=told.status if told else "",
    )  # fmt: skip


def _suspended(
    service: Service, mail: StoredMail, letter: StoredLetter, told: BounceRecipient | None, us: Own
) -> list[str]:
    """Evidence of a suspension that this notice causes; nothing where it causes none."""
    if told is None or us.is_ours(letter.recipient):
        return []
    now = service.clock()
    count = service.ledger.addresses.failed(
        now, letter.recipient, letter.id, mail.id, told.status, permanent=told.permanent
    )
    why = f"{count} courriers revenus définitivement, dernier statut {told.status or 'inconnu'}"
    if count < FAILURES or not service.ledger.addresses.suspend(now, letter.recipient, why):
        return []
    service.ledger.journal.write(now, service.who, "address suspended", f"letter {letter.id}", why=why)
    service.say(f"PS {letter.numero_ps} : adresse suspendue, {why}")
    return [f"adresse du PS {letter.numero_ps} suspendue : {why}"]


def away(service: Service, mail: StoredMail, message: Message, us: Own) -> tuple[str, ...]:
    """Keeps the last day of an absence with the PS whose contact tells it; gives the evidence."""
    until = message.absent_until
    if until is None or not message.sender:
        return ()
    letters = reply_case.cited(service, message, us, ()).letters
    known = {one.numero_ps for one in letters if one.recipient.casefold() == message.sender}
    known |= {one.numero_ps for one in service.ledger.contacts.of_address(message.sender)}
    now = service.clock()
    for numero_ps in sorted(known - {""}):
        service.ledger.addresses.away(now, numero_ps, message.sender, until, mail.id)
    day = now.astimezone(contact.PARIS).date()
    if not known or until < day:
        return ()
    return (f"absence jusqu’au {until.strftime('%d/%m/%Y')} retenue pour le PS {', '.join(sorted(known))}",)
