"""What an agent has to know of a registered address: whose, in which role, until when, who contests it, why it ended;
and which decision on it fits. For `contacts show` and `review show`. Asks only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mailbot.cli import wording
from mailbot.ledger import Ledger, StoredContact, StoredMail
from mailbot.model.inscriptions import InscriptionState, Purpose, Role
from mailbot.passes import review_queue

ROLES = {
    Role.RETOURS: "retours",
    Role.PRISES_EN_CHARGE: "prises en charge",
    Role.SECRETARIAT: "secrétariat",
    Role.REMPLACANT: "remplaçant",
}
_ENDED_BY = {"ps": "à la demande du PS", "agent": "par un agent", "terme": "son dernier jour est passé"}
_WHY_REFUSED = ("contact refused", "contact refusee")
#: Inscriptions, addresses of AGAPS and decisions that are named.
_SHOWN = 5
_S = InscriptionState


def told(contact: StoredContact) -> str:
    """Its role, state and days."""
    days = ""
    if contact.starts_on and contact.ends_on:
        days = f", du {contact.starts_on:%d/%m/%Y} au {contact.ends_on:%d/%m/%Y}"
    elif contact.ends_on:
        days = f", jusqu’au {contact.ends_on:%d/%m/%Y}"
    return f"{ROLES[contact.role]}, {_state(contact)}  depuis le {wording.day(contact.since)}{days}"


def _state(contact: StoredContact) -> str:
    state = wording.state(contact.state)
    if contact.state is not _S.CONFIRMEE:
        return state
    if not contact.agreed_by:
        return f"{state}, sans l’accord du PS"
    return f"{state}, attend son premier jour" if contact.starts_on else state


def of_ps(ledger: Ledger, numero_ps: str) -> Iterator[str]:
    """Who the PS is in AGAPS, and which addresses AGAPS knows for it."""
    rows = ledger.references.directory_of([numero_ps])
    directory = rows["agaps"]
    if not directory:
        yield f"PS {numero_ps} : inconnu d’AGAPS"
        return
    known = dict.fromkeys(row.mail for row in (*directory, *rows["agaps_mails"]) if row.mail)
    named = ", ".join(list(known)[:_SHOWN]) or "aucune"
    yield f"PS {numero_ps} {directory[0].raison_sociale}  —  adresse d’AGAPS : {named}"
    if ledger.contacts.contested(numero_ps):
        yield "URGENT : une adresse est contestée, plus rien ne part pour ce PS tant qu’un agent n’a pas décidé"


def history(ledger: Ledger, contact: StoredContact, now: datetime) -> Iterator[str]:
    """Who contests it or may, and why it ended."""
    if contact.state is _S.CONTESTEE:
        yield _contested(ledger, contact)
    elif contact.state is _S.ACTIVE:
        for token in ledger.tokens.of_contact(contact.id):
            if token.purpose is Purpose.DISPUTE and token.address != contact.mail and token.alive(now):
                yield f"contestable jusqu’au {wording.moment(token.expires_at)} par {token.address}"
    elif contact.state is _S.RESILIEE:
        yield f"fin : {_why(ledger, contact, ('contact ended',), _ENDED_BY.get(contact.ended_by, ''))}"
    elif contact.state is _S.REFUSEE:
        yield f"refus : {_why(ledger, contact, _WHY_REFUSED, 'sans raison écrite')}"


def _contested(ledger: Ledger, contact: StoredContact) -> str:
    lines = [one for one in ledger.journal.about(f"contact {contact.id}") if one.what == "contact contested"]
    if not lines:
        return "contestée"
    number = lines[-1].details.get("mail")
    mail = ledger.mails.get(number) if isinstance(number, int) else None
    by = f" par {mail.sender} (mail {mail.id})" if mail else ""
    return f"contestée le {wording.moment(lines[-1].at)}{by}"


def _why(ledger: Ledger, contact: StoredContact, whats: tuple[str, ...], usual: str) -> str:
    """The reason that an agent gave, and who it was; else what usually is one."""
    for one in reversed(ledger.journal.about(f"contact {contact.id}")):
        if one.what in whats and one.details.get("reason"):
            return f"par {one.who}, le {wording.day(one.at)} : {one.details['reason']}"
    return usual


# -- of a mail ---------------------------------------------------------------------------------------------------------


def of_sender(ledger: Ledger, sender: str) -> str:
    """What this address is or was to a PS, where it speaks for none now; "" for nothing."""
    said = []
    for numero_ps in ledger.contacts.ever_of(sender)[:_SHOWN]:
        last = [one for one in ledger.contacts.listed(numero_ps) if one.mail == sender][-1]
        said.append(f"PS {numero_ps} ({told(last)})")
    if said:
        return f"adresse connue du registre : {' ; '.join(said)}"
    numbers = ledger.references.numbers_of(sender, _SHOWN)
    return f"adresse d’AGAPS du PS {', '.join(numbers)}, où rien ne lui est écrit aujourd’hui" if numbers else ""


def about(ledger: Ledger, mail: StoredMail, sender: str) -> list[str]:
    """The PS whose register the mail may be about."""
    known = ledger.contacts.ever_of(sender) or ledger.references.numbers_of(sender, _SHOWN) if sender else []
    return list(dict.fromkeys(one for one in (mail.numero_ps, *known) if one))[:_SHOWN]


def decisions(ledger: Ledger, mail: StoredMail, sender: str, *, leaving: bool) -> Iterator[tuple[int, str]]:
    """The commands that decide on the addresses that the mail may be about, each with its address. `leaving`: it asks
    for an end."""
    every = [one for numero_ps in about(ledger, mail, sender) for one in ledger.contacts.listed(numero_ps)]
    urgent = review_queue.urgent(mail.reason)
    for one in every:
        who = f"{one.mail}, {told(one)}"
        if one.state is _S.CONTESTEE:
            yield one.id, f"mailbot contacts end {one.id} --reason « … »     (ce n’est pas une adresse du PS : {who})"
            yield one.id, f"mailbot contacts approve {one.id} --reason « … »     (elle est juste)"
        elif one.pending and one.mail != sender:
            yield one.id, f"mailbot contacts refuse {one.id} --reason « … »     (ou approve : {who})"
        elif one.state is _S.ACTIVE and (leaving or (urgent and one.mail != sender)):
            yield one.id, f"mailbot contacts end {one.id} --reason « demande du PS, mail {mail.id} »     ({who})"
        elif one.state is _S.ACTIVE and one.mail != sender and _gave_way(every, one, sender):
            yield one.id, f"mailbot contacts end {one.id} --reason « … »     (si le PS ne veut pas d’elle : {who})"


def _gave_way(every: list[StoredContact], one: StoredContact, sender: str) -> bool:
    """Did this address take the place of the sender's?"""
    return any(other.mail == sender and other.state is _S.REMPLACEE and other.role is one.role for other in every)
