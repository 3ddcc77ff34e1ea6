"""An agent's answer to a parked mail: who may get one, and the letter.

A letter goes to the sender of the mail and to nobody else: never to an address that only stands in a body, never to
what is automatic, never to a sender whom our mail exchanger did not confirm where one is configured. A known contact
of a PS gets the words of the case; a stranger only where the agent says so, and only a text that says nothing of one.
`recipient.misdirected` checks the recipient again. Raises `Never` in the words of a gestionnaire.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from mailbot.errors import Never
from mailbot.ledger import StoredMail
from mailbot.letters import answer, words
from mailbot.model import Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact
from mailbot.passes.service import Service
from mailbot.rules.references import References


def confirmed(message: Message, us: Own) -> bool:
    """Is the sender who the From says: one strict address, and our mail exchanger agrees where it is asked?"""
    return bool(message.sender) and (us.authserv_id is None or message.verified is True)


def speaks_for(service: Service, message: Message, us: Own, numero_ps: str) -> bool:
    """Is the sender the contact of this PS?"""
    return confirmed(message, us) and service.ledger.contacts.may_receive(numero_ps, message.sender)


def ps_of(service: Service, mail: StoredMail, message: Message, us: Own, also: Iterable[str] = ()) -> str:
    """The PS that the sender speaks for: of the case, of the mail, of its address or named in it; "" for none."""
    active = [one.numero_ps for one in service.ledger.contacts.of_address(message.sender or "-")]
    asked = dict.fromkeys((*also, mail.numero_ps, *active, *message.numeros_ps))
    return next((one for one in asked if one and speaks_for(service, message, us, one)), "")


def queue(
    service: Service,
    mail: StoredMail,
    message: Message,
    us: Own,
    name: str,
    *,
    cases: Sequence[tuple[str, str]] = (),
    stranger: bool = False,
) -> int:
    """Queues the text `name` for the sender; gives the letter's id. `cases`: (PS, invoice) of the case it is tied to.

    In the caller's transaction.
    """
    text = service.configuration.house.textes.named(name)
    numero_ps = ps_of(service, mail, message, us, [ps for ps, _ in cases])
    wrong = _unanswerable(service, message, us, numero_ps, stranger)
    if wrong:
        raise Never(f"mail {mail.id} : {wrong}")
    house = service.configuration.house
    now = service.clock().astimezone(contact.PARIS)
    rows = References.of(service.ledger.references.contacts_of([numero_ps])) if numero_ps else None
    directory = contact.directory(numero_ps, rows) if rows else None
    # An answer that was taken back before it left does not stand in the way of another one.
    tries = sum(one.undone for one in service.ledger.review.resolutions(mail.id))
    key = contact.key("answer", mail.sha256, name, str(tries))
    draft = answer.compose(
        house.templates,
        house.organisation,
        house.outbox,
        text,
        values=answer.values(
            house.organisation,
            registration_address=service.configuration.settings.organisation.registration_address,
            received=datetime.fromisoformat(mail.received_at).astimezone(contact.PARIS),
            factures=tuple(facture for ps, facture in cases if ps == numero_ps),
            numero_ps=numero_ps,
            raison_sociale=directory.raison_sociale if directory else "",
        ),
        to=message.sender,
        token=contact.token(service, key),
        now=now,
        key=key,
    )
    letter_id = service.ledger.letters.queue(now, draft, answers=mail.id)
    if letter_id is None:
        raise Never(f"mail {mail.id} : ce texte lui a déjà été envoyé")
    return letter_id


def _unanswerable(service: Service, message: Message, us: Own, numero_ps: str, stranger: bool) -> str:
    """Why this mail gets no answer, "" when it may."""
    if message.auto_submitted:
        return "c’est un message automatique, on n’y répond jamais"
    if not message.sender:
        return "son expéditeur n’est pas une adresse unique et sans défaut, rien ne peut lui être écrit"
    if not confirmed(message, us):
        return "son expéditeur n’est pas confirmé par notre serveur de messagerie : la réponse irait peut-être ailleurs"
    if not numero_ps and not stranger:
        return (
            "son expéditeur n’est le contact connu d’aucun PS ; --meme-inconnu lui répond quand même, "
            "avec un texte qui ne dit rien d’un dossier"
        )
    limit = service.configuration.settings.limits.answers_per_day
    if service.ledger.mails.answers_today(message.sender, service.clock() - timedelta(days=1)) >= limit:
        sent = words.pluriel(limit, "réponse")
        return f"cette adresse a déjà eu {sent} en 24 heures (answers_per_day) : répondez demain ou par téléphone"
    return ""
