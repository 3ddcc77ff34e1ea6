"""An address wants to get nothing more: "désinscription", "je n’exerce plus".

A confirmed sender is believed at once; one that our exchanger knows nothing of is asked, at that very address. It also
holds for an address that only AGAPS names: the inscription that ends is made for it, so that nothing goes there again.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.intake import inscription_words
from mailbot.intake.outcome import Parked
from mailbot.intake.register import MAX_NUMBERS
from mailbot.ledger import StoredMail
from mailbot.letters.inscription import Step
from mailbot.model import Message
from mailbot.model.inscriptions import Proof, Purpose, Role
from mailbot.parsers.mail import request as requests
from mailbot.parsers.mail.own import Own
from mailbot.passes import outcomes
from mailbot.passes.inscriptions import decided, evidence, letters
from mailbot.passes.service import Service
from mailbot.rules.references import References


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    """One request to get nothing more, into its final state."""
    named = (*message.in_new_text.numeros_ps, *message.in_subject.numeros_ps)
    others = requests.read(message, us).other_addresses
    with service.ledger.transaction():
        if others:
            return _another(service, mail, message, others)
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


def _another(service: Service, mail: StoredMail, message: Message, others: Sequence[str]) -> bool:
    """It names another address: that one is meant, or who can tell? The sender's own never ends by it.

    The registered address of a PS, confirmed, may end another one of the same PS; not while it can be contested.
    """
    contacts = service.ledger.contacts
    speaks = {
        one.numero_ps
        for one in contacts.all_of_address(message.sender)
        if one.role is Role.RETOURS and not evidence.contestable(service, one)
    }
    meant = [one for one in contacts.all_of_address(others[0]) if one.numero_ps in speaks] if len(others) == 1 else []
    clear = inscription_words.removes(f"{message.subject}\n{message.reply_text}", others[0])
    if meant and clear and message.verified is True and not message.auto_submitted:
        decided.end(service, [one.id for one in meant], f"mail {mail.sha256}", "ps")
        told = ("l’adresse du PS, confirmée, met fin à une autre de ses adresses.",)
        return outcomes.finish(service, mail, message, "another address ended", told, meant[0].numero_ps)
    held = contacts.of_address(message.sender) if message.sender else []
    reason = (
        "URGENT : demande de retrait qui nomme une autre adresse que celle de l’expéditeur : « mailbot contacts end »."
    )
    first = held[0].numero_ps if held else ""
    return outcomes.park(service, mail, message, Parked(reason, evidence=message.evidence), first)


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
        if numero_ps in have or contacts.of_role(numero_ps, Role.RETOURS):
            continue
        if message.sender in evidence.known_addresses(service, numero_ps, rows):
            until = letters.deadline(service)
            made = contacts.request(now, numero_ps, message.sender, ("connue d’AGAPS",), mail.id, expires_at=until)
            contacts.agree(made, Proof.KNOWN, "l’expéditeur est l’adresse connue de ce PS", message.sender)
            found.append(made)
    return tuple(found)
