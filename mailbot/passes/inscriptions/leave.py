"""An address wants to get nothing more: "désinscription", "je n’exerce plus".

A confirmed sender is believed at once; one that our exchanger knows nothing of is asked, at that very address. It also
holds for an address that only AGAPS names: the inscription that ends is made for it, so that nothing goes there again.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.intake.outcome import Parked
from mailbot.intake.register import MAX_NUMBERS
from mailbot.ledger import StoredMail
from mailbot.letters.inscription import Step
from mailbot.model import Message
from mailbot.model.inscriptions import Proof, Purpose
from mailbot.parsers.mail.own import Own
from mailbot.passes import outcomes
from mailbot.passes.inscriptions import decided, evidence, letters
from mailbot.passes.service import Service
from mailbot.rules.references import References


def settle(service: Service, mail: StoredMail, message: Message, _us: Own) -> bool:
    """One request to get nothing more, into its final state."""
    named = (*message.in_new_text.numeros_ps, *message.in_subject.numeros_ps)
    with service.ledger.transaction():
        wrong = _nobody(message)
        ids = () if wrong else _standing(service, mail, message, named)
        if not ids:
            why = wrong or "Demande de désinscription d’une adresse que nous n’utilisons pour aucun PS."
            return outcomes.park(service, mail, message, Parked(why, evidence=message.evidence))
        held = [service.ledger.contacts.take(one) for one in ids]
        first = held[0].numero_ps
        if message.verified is True:
            decided.leave(service, ids, f"mail {mail.sha256}", Proof.VERDICT)
            return outcomes.finish(service, mail, message, "ended", ("l’expéditeur, confirmé, se retire.",), first)
        if outcomes.enough(service, message):
            return outcomes.park(service, mail, message, Parked(_TOO_MANY, evidence=message.evidence), first)
        letters.tell(
            service, letters.of(Step.LEAVE, held, service), message.sender, f"mail {mail.sha256}", answers=mail.id,
            purpose=Purpose.LEAVE, inscriptions=held, until=letters.deadline(service),
        )  # fmt: skip
        return outcomes.finish(service, mail, message, "end to be confirmed", ("l’adresse doit le confirmer.",), first)


_TOO_MANY = "Demande de désinscription d’une adresse qui a eu ses réponses du jour : « mailbot contacts end »."


def _nobody(message: Message) -> str:
    if message.auto_submitted:
        return "Demande de désinscription dans un message automatique."
    if not message.sender:
        return "Demande de désinscription dont l’expéditeur n’est pas une adresse unique et sans défaut."
    if message.verified is False:
        return "Demande de désinscription dont l’expéditeur n’est pas confirmé par notre serveur de messagerie."
    return ""


def _standing(service: Service, mail: StoredMail, message: Message, named: Sequence[str]) -> tuple[int, ...]:
    """The active inscriptions of the sender that it means: those of the PS it names, else all."""
    contacts, now = service.ledger.contacts, service.clock()
    mine = [one for one in contacts.all_of_address(message.sender) if not named or one.numero_ps in named]
    found = [one.id for one in mine]
    have = {one.numero_ps for one in mine}
    numbers = named or service.ledger.references.numbers_of(message.sender, MAX_NUMBERS)
    for numero_ps in dict.fromkeys(numbers):
        rows = References.of(service.ledger.references.directory_of([numero_ps]))
        if numero_ps in have or contacts.active(numero_ps):
            continue
        if message.sender in evidence.known_addresses(service, numero_ps, rows):
            until = letters.deadline(service)
            made = contacts.request(now, numero_ps, message.sender, ("connue d’AGAPS",), mail.id, expires_at=until)
            contacts.agree(made, Proof.KNOWN, "l’expéditeur est l’adresse connue de ce PS")
            found.append(made)
    return tuple(found)
