"""A token of a registration comes back: who brings it, whether it still counts, and what the words beside it say.

A token counts only from the address that it is bound to, only if our exchanger does not say that somebody else sent it,
only once, only before its end, and only for its purpose. Whatever does not count changes nothing, is answered by
nothing, and the journal says why. In doubt about the words, a human reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mailbot.intake.outcome import Parked
from mailbot.ledger import StoredContact, StoredMail, StoredToken
from mailbot.letters.inscription import Step
from mailbot.model import Kind, Message
from mailbot.model.inscriptions import Consent, Proof, Purpose
from mailbot.parsers.mail import codes, consent
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact, outcomes
from mailbot.passes.inscriptions import decided, evidence, letters, request
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: Kinds of mail that a person writes; nothing else answers a token.
_WRITTEN = (Kind.REGISTRATION, Kind.UNSUBSCRIBE, Kind.REPLY, Kind.OTHER)
_MAX_TEXT = 20_000


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> bool | None:
    """The mail in its final state; None where it brings no token of a registration."""
    if message.kind not in _WRITTEN:
        return None
    typed = codes.read("\n".join((message.subject, message.reply_text[:_MAX_TEXT])))
    found = service.ledger.tokens.found(contact.digest(one) for one in (*message.tokens, *typed))
    if not found:
        return None
    token = _right_one(found, message)
    said = consent.read(message.reply_text, message.subject)
    if token.purpose is Purpose.DISPUTE and said is not Consent.NO and message.sender == token.address:
        # The letter only told something: what is no objection to it is a mail like any other.
        return None
    if said is Consent.EMPTY and not _shown(message, typed):
        said = Consent.UNCLEAR
    wrong = _why_not(service, token, message)
    with service.ledger.transaction():
        if wrong:
            return _refused(service, mail, message, token, wrong)
        return _ANSWERS[token.purpose](service, mail, message, us, token, said)


def _right_one(found: Sequence[StoredToken], message: Message) -> StoredToken:
    """Of several tokens (one quoted below another) the one that this sender was sent last."""
    mine = [one for one in found if one.address == message.sender]
    fresh = [one for one in mine if not one.used_at]
    return max(fresh or mine or found, key=lambda one: one.id)


def _shown(message: Message, typed: Sequence[str]) -> bool:
    """Does the token stand where an answer brings it back, and not only in the text of another mail?"""
    return bool(message.in_route.tokens or message.in_new_text.tokens or message.in_subject.tokens or typed)


def _why_not(service: Service, token: StoredToken, message: Message) -> str:
    """Why this token counts for nothing (French), or ""."""
    if message.auto_submitted:
        return "message automatique"
    if message.sender != token.address:
        return "jeton d’une autre adresse que celle de l’expéditeur"
    if message.verified is False:
        return "expéditeur démenti par notre serveur de messagerie"
    if token.used_at:
        return "jeton déjà utilisé, ou demande déjà décidée"
    if not token.alive(service.clock()):
        return "jeton périmé"
    if token.purpose is Purpose.AGREE and not _still_speaks(service, token):
        return "son adresse n’est plus celle que nous connaissons pour ce PS"
    return ""


def _still_speaks(service: Service, token: StoredToken) -> bool:
    """Is the address that was asked still the one whose word counts, for every PS that it was asked for?"""
    numbers = [one.numero_ps for one in _pending(service, token)]
    rows = References.of(service.ledger.references.directory_of(numbers)) if numbers else None
    return rows is None or all(
        token.address in evidence.known_addresses(service, numero_ps, rows) for numero_ps in numbers
    )


def _refused(service: Service, mail: StoredMail, message: Message, token: StoredToken, why: str) -> bool:
    """Nothing changes. A person looks at what may be an attack; what only comes late or twice is noted."""
    now = service.clock()
    service.ledger.journal.write(now, service.who, "token refused", f"mail {mail.id}", purpose=token.purpose, why=why)
    numero_ps = _numero_ps(service, token)
    harmless = message.sender == token.address and message.verified is not False
    said = consent.read(message.reply_text, message.subject)
    if harmless and (message.auto_submitted or said in (Consent.YES, Consent.EMPTY)):
        return outcomes.finish(service, mail, message, f"token refused: {token.purpose}", (f"{why}.",), numero_ps)
    reason = f"Réponse à une étape d’inscription qui ne compte pas : {why}."
    return outcomes.park(service, mail, message, Parked(reason, evidence=(f"{why}.",)), numero_ps)


def _numero_ps(service: Service, token: StoredToken) -> str:
    return service.ledger.contacts.take(token.contacts[0]).numero_ps if token.contacts else ""


def _pending(service: Service, token: StoredToken) -> list[StoredContact]:
    return [one for one in map(service.ledger.contacts.take, token.contacts) if one.pending]


# -- one answer for each purpose -------------------------------------------------------------------------------------


def _confirm(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    """The applicant: this address is mine. An empty answer says so too: it was sent from there, with the token."""
    if said is Consent.NO:
        return _withdrawn(service, mail, message, token, "")
    if said is Consent.UNCLEAR:
        return _unclear(service, mail, message, token)
    return _proved(service, mail, message, token, Proof.TOKEN, "l’adresse a répondu à notre jeton", agreed=None)


def _code(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    """The code of a letter on paper proves the address, and that the PS agrees."""
    if said is Consent.NO:
        return _withdrawn(service, mail, message, token, "")
    return _proved(service, mail, message, token, Proof.CODE, "le code de notre courrier postal est revenu", Proof.CODE)


def _proved(
    service: Service,
    mail: StoredMail,
    message: Message,
    token: StoredToken,
    proof: Proof,
    told: str,
    agreed: Proof | None,
) -> bool:
    held = _spend(service, mail, token)
    for one in held:
        service.ledger.contacts.prove(one.id, proof, f"{told} (mail {mail.id})")
        if agreed:
            service.ledger.contacts.agree(one.id, agreed, f"{told} (mail {mail.id})")
    return _go_on(service, mail, message, held, "address proved", f"{told}.")


def _agree(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    """The address known for the PS: only a clear yes ties another one to it."""
    if said is Consent.NO:
        return _withdrawn(service, mail, message, token, "Le professionnel de santé n’a pas donné son accord.")
    waiting = _pending(service, token)
    role = waiting[0].role if waiting else None
    if said is not Consent.YES or not consent.is_about_another(message.reply_text, role):
        return _unclear(service, mail, message, token)
    held = _spend(service, mail, token)
    for one in held:
        service.ledger.contacts.agree(one.id, Proof.KNOWN, f"l’adresse connue du PS a dit oui (mail {mail.id})")
    return _go_on(service, mail, message, held, "known address agreed", "l’adresse connue du PS a dit oui.")


def _leave(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    if said in (Consent.UNCLEAR, Consent.EMPTY):
        return _unclear(service, mail, message, token)
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    numero_ps = _numero_ps(service, token)
    if said is Consent.NO:
        return outcomes.finish(service, mail, message, "stays registered", ("l’adresse reste inscrite.",), numero_ps)
    decided.leave(service, token.contacts, f"mail {mail.sha256}", Proof.TOKEN)
    return outcomes.finish(service, mail, message, "ended", ("l’adresse a confirmé sa désinscription.",), numero_ps)


def _dispute(
    service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, _said: Consent
) -> bool:
    """The address before, or the one that was registered: that was not me. Nothing more goes to the PS until an agent
    decides; also where yet another address took the place of the one that is meant."""
    numero_ps = _numero_ps(service, token)
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    stopped: list[int] = []
    for meant in map(service.ledger.contacts.take, token.contacts):
        for one in service.ledger.contacts.active_of(meant.numero_ps):
            if one.role is meant.role and (one.id == meant.id or one.mail != token.address):
                service.ledger.contacts.dispute(one.id, service.clock(), token.address)
                service.ledger.journal.write(
                    service.clock(), service.who, "contact contested", f"contact {one.id}", mail=mail.id
                )
                stopped.append(one.id)
    if not stopped:
        reason = "Une adresse conteste un changement qui n’a plus cours : voyez « mailbot contacts show »."
        return outcomes.park(service, mail, message, Parked(reason, evidence=message.evidence), numero_ps)
    numbers = " ; ".join(f"« mailbot contacts approve {one} » ou « contacts end {one} »" for one in stopped[:3])
    reason = f"URGENT : un changement d’adresse est contesté, plus rien ne part pour ce PS. Décidez : {numbers}."
    return outcomes.park(service, mail, message, Parked(reason, evidence=message.evidence), numero_ps)


def _form(service: Service, mail: StoredMail, message: Message, us: Own, token: StoredToken, said: Consent) -> bool:
    """What was missing: the mail is read as a request, and nothing is asked for a second time."""
    if said is Consent.NO:
        return _withdrawn(service, mail, message, token, "")
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    return request.settle(service, mail, message, us)


_Answer = Callable[[Service, StoredMail, Message, Own, StoredToken, Consent], bool]
_ANSWERS: dict[Purpose, _Answer] = {
    Purpose.CONFIRM: _confirm,
    Purpose.AGREE: _agree,
    Purpose.CODE: _code,
    Purpose.LEAVE: _leave,
    Purpose.DISPUTE: _dispute,
    Purpose.FORM: _form,
}


def _spend(service: Service, mail: StoredMail, token: StoredToken) -> list[StoredContact]:
    """The inscriptions that the token is for and that still wait; it is worth nothing from now on."""
    held = _pending(service, token)
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    return held


def _go_on(
    service: Service, mail: StoredMail, message: Message, held: Sequence[StoredContact], outcome: str, told: str
) -> bool:
    cause = f"mail {mail.sha256}"
    begun = decided.begin(service, [one.id for one in held], cause)
    named = [one for one in map(service.ledger.contacts.take, [each.id for each in held]) if one.mail_id is None]
    if named and not begun:
        # It was only named: it has to write by itself, and the PS may still say no.
        letters.tell(
            service, letters.of(Step.GO_ON, named, service), message.sender, cause, answers=mail.id,
            purpose=Purpose.AGREE, inscriptions=named, until=letters.code_deadline(service), asked_by=named[0].mail,
        )  # fmt: skip
    numero_ps = held[0].numero_ps if held else ""
    return outcomes.finish(service, mail, message, outcome + (", active" if begun else ""), (told,), numero_ps)


def _withdrawn(service: Service, mail: StoredMail, message: Message, token: StoredToken, reason: str) -> bool:
    """A clear no ends what waits. Who said it about itself is not written to."""
    held = _pending(service, token)
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    decided.refuse(service, [one.id for one in held], f"mail {mail.sha256}", reason)
    told = ("l’adresse connue a dit non." if token.purpose is Purpose.AGREE else "le demandeur a renoncé.",)
    return outcomes.finish(service, mail, message, "request refused", told, held[0].numero_ps if held else "")


def _unclear(service: Service, mail: StoredMail, message: Message, token: StoredToken) -> bool:
    """The token stays good: an agent reads the words, and a clear answer may still come."""
    reason = "Réponse à une étape d’inscription, ni oui ni non : « mailbot contacts approve » ou « contacts refuse »."
    numbers = tuple(f"demande {one}" for one in token.contacts)
    return outcomes.park(service, mail, message, Parked(reason, evidence=numbers), _numero_ps(service, token))
