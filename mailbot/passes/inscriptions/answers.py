"""A token of a registration comes back: who brings it, whether it still counts, and what the words beside it say.

A token counts only from the address that it is bound to, only if our exchanger does not say that somebody else sent it,
only once, only before its end, and only for its purpose. Whatever does not count changes nothing, is answered by
nothing, and the journal says why. In doubt about the words, a human reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mailbot.intake import inscription_words
from mailbot.intake.outcome import Parked
from mailbot.ledger import StoredContact, StoredMail, StoredToken
from mailbot.letters.inscription import Step
from mailbot.model import Kind, Message
from mailbot.model.inscriptions import Consent, Proof, Purpose
from mailbot.parsers.mail import clues, codes, commands, consent, registration
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact, outcomes
from mailbot.passes.inscriptions import decided, evidence, letters, objections, request
from mailbot.passes.service import Service

#: Kinds of mail in which somebody may answer a token. What looks automatic may have gone through a list.
_WRITTEN = (Kind.REGISTRATION, Kind.UNSUBSCRIBE, Kind.REPLY, Kind.OTHER, Kind.AUTO_REPLY)
_MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The token that a mail answers; `doubtful`: a yes may mean another one."""

    token: StoredToken
    doubtful: bool = False


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> bool | None:
    """The mail in its final state; None where it brings no token of a registration, and says no to none."""
    if message.kind not in _WRITTEN:
        return None
    typed = codes.read("\n".join((message.subject, message.reply_text[:_MAX_TEXT])))
    found = service.ledger.tokens.found(contact.digest(one) for one in (*message.tokens, *typed))
    if not found:
        return objections.by_own_mail(service, mail, message, us)
    chosen = _chosen(service, found, message, us, typed)
    token, said = chosen.token, _said(message, chosen.token, typed)
    with service.ledger.transaction():
        wrong = _not_from(token, message)
        if wrong:
            return None if message.kind is Kind.AUTO_REPLY else _refused(service, mail, message, token, wrong)
        if message.auto_submitted:
            done = objections.automatic(service, mail, message, token, said)
            if done is not None or message.kind is Kind.AUTO_REPLY:
                return done
            return _refused(service, mail, message, token, "message automatique")
        if said is Consent.NO and token.purpose not in (Purpose.LEAVE, Purpose.FORM):
            if objections.is_open(service, token) and objections.reads_like_a_machine(message):
                return objections.in_doubt(service, mail, message, token)
            return objections.answered(service, mail, message, token)
        if token.purpose is Purpose.DISPUTE:
            return _told(service, mail, message, token, said)
        if said is Consent.UNCLEAR and token.purpose is Purpose.AGREE and objections.is_open(service, token):
            return _after_a_yes(service, mail, message, token)
        wrong = _worthless(service, token)
        if wrong:
            return _refused(service, mail, message, token, wrong)
        if said is Consent.YES and chosen.doubtful:
            said = Consent.UNCLEAR
        return _ANSWERS[token.purpose](service, mail, message, us, token, said)


def _chosen(service: Service, found: Sequence[StoredToken], message: Message, us: Own, typed: Sequence[str]) -> _Chosen:
    """Of several tokens the one that the mail was sent back to: its address, the letter that it answers; a code is
    typed. Where that tells nothing (a program that keeps neither), the one that this sender was sent last."""
    mine = [one for one in found if one.address == message.sender]
    if not mine:
        return _Chosen(max(found, key=lambda one: one.id))

    def among(secrets: Iterable[str]) -> list[StoredToken]:
        known = {one.id for one in service.ledger.tokens.found(map(contact.digest, secrets))}
        return [one for one in mine if one.id in known]

    paper = [one for one in among(typed) if one.purpose is Purpose.CODE]
    back = among([*map(us.token, message.to), *clues.tokens(message.references[0] if message.references else "")])
    fresh = [one for one in mine if one.alive(service.clock())]
    token = max(paper or back or fresh or mine, key=lambda one: (not one.used_at, one.id))
    others = [
        one
        for one in (*fresh, *back)
        if one.purpose is Purpose.AGREE and token.purpose is Purpose.AGREE and one.contacts != token.contacts
    ]
    return _Chosen(token, doubtful=bool(others))


def _said(message: Message, token: StoredToken, typed: Sequence[str]) -> Consent:
    if token.purpose is Purpose.CODE:
        said = inscription_words.beside_code(message.reply_text, typed)
        subject = Consent.EMPTY if said is not Consent.EMPTY else consent.read("", message.subject)
        return subject if subject is Consent.NO else said
    said = consent.read(message.reply_text, message.subject, stopping=token.purpose is Purpose.LEAVE)
    if said in (Consent.YES, Consent.EMPTY) and consent.is_conditioned(message.signature):
        return Consent.UNCLEAR
    return Consent.UNCLEAR if said is Consent.EMPTY and not _shown(message, typed) else said


def _shown(message: Message, typed: Sequence[str]) -> bool:
    """Does the token stand where an answer brings it back, and not only in the text of another mail?"""
    return bool(message.in_route.tokens or message.in_new_text.tokens or message.in_subject.tokens or typed)


def _not_from(token: StoredToken, message: Message) -> str:
    """Why this is no answer of who has to give it (French), or ""."""
    if message.sender != token.address:
        return "jeton d’une autre adresse que celle de l’expéditeur"
    return "expéditeur démenti par notre serveur de messagerie" if message.verified is False else ""


def _worthless(service: Service, token: StoredToken) -> str:
    """Why a yes counts for nothing (French), or "". A no is weighed by `objections`."""
    if token.used_at:
        return "jeton déjà utilisé, ou demande déjà décidée"
    if not token.alive(service.clock()):
        return "jeton périmé"
    if token.purpose is Purpose.AGREE and not _still_speaks(service, token):
        return "son adresse n’est plus celle que nous connaissons pour ce PS"
    return ""


def _still_speaks(service: Service, token: StoredToken) -> bool:
    """Is the address that was asked still the one whose word counts, for every PS that it was asked for?"""
    return all(token.address in evidence.known_to(service, one.numero_ps) for one in _pending(service, token))


def _refused(service: Service, mail: StoredMail, message: Message, token: StoredToken, why: str) -> bool:
    """Nothing changes. A person looks at what may be an attack; what only comes late or twice is noted."""
    now = service.clock()
    service.ledger.journal.write(now, service.who, "token refused", f"mail {mail.id}", purpose=token.purpose, why=why)
    numero_ps = _numero_ps(service, token)
    harmless = message.sender == token.address and message.verified is not False
    said = consent.read(message.reply_text, message.subject)
    if harmless and (said in (Consent.YES, Consent.EMPTY) or inscription_words.acknowledges(message.reply_text)):
        return outcomes.finish(service, mail, message, f"token refused: {token.purpose}", (f"{why}.",), numero_ps)
    reason = f"Réponse à une étape d’inscription qui ne compte pas : {why}."
    return outcomes.park(service, mail, message, Parked(reason, evidence=(f"{why}.",)), numero_ps)


def _told(service: Service, mail: StoredMail, message: Message, token: StoredToken, said: Consent) -> bool | None:
    """An answer, other than no, to a letter that only tells something. To its own inscription it is a mail like any
    other; to a change it is an acceptance, a question in our words, or read by an agent: never a request."""
    if any(service.ledger.contacts.take(one).mail == token.address for one in token.contacts):
        return None
    asks = commands.read(message.subject, message.reply_text)
    if asks or registration.access(message.subject, message.reply_text):
        return None
    if said in (Consent.YES, Consent.EMPTY) or inscription_words.acknowledges(message.reply_text):
        told = ("aucune objection au changement.",)
        return outcomes.finish(service, mail, message, "no objection", told, _numero_ps(service, token))
    return objections.in_doubt(service, mail, message, token)


def _after_a_yes(service: Service, mail: StoredMail, message: Message, token: StoredToken) -> bool:
    """More words of who said yes already: thanks change nothing, anything else may take it back."""
    if inscription_words.acknowledges(message.reply_text):
        told = ("le PS a déjà donné son accord.",)
        return outcomes.finish(service, mail, message, "agreed before", told, _numero_ps(service, token))
    return objections.in_doubt(service, mail, message, token)


def _numero_ps(service: Service, token: StoredToken) -> str:
    return service.ledger.contacts.take(token.contacts[0]).numero_ps if token.contacts else ""


def _pending(service: Service, token: StoredToken) -> list[StoredContact]:
    return [one for one in map(service.ledger.contacts.take, token.contacts) if one.pending]


# -- one answer for each purpose -------------------------------------------------------------------------------------


def _confirm(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    """The applicant: this address is mine. An empty answer says so too: it was sent from there, with the token."""
    if said is Consent.UNCLEAR:
        return _unclear(service, mail, message, token)
    return _proved(service, mail, message, token, Proof.TOKEN, "l’adresse a répondu à notre jeton", agreed=None)


def _code(service: Service, mail: StoredMail, message: Message, _us: Own, token: StoredToken, said: Consent) -> bool:
    """The code of a letter on paper proves the address, and that the PS agrees; in doubt about the words an agent."""
    if said is Consent.UNCLEAR:
        return _unclear(service, mail, message, token)
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
    waiting = _pending(service, token)
    agreed = waiting and all(one.agreed_by and one.agreed_from == token.address for one in waiting)
    if agreed and said in (Consent.YES, Consent.EMPTY):
        return _after_a_yes(service, mail, message, token)
    role = waiting[0].role if waiting else None
    if said is not Consent.YES or not consent.is_about_another(message.reply_text, role):
        return _unclear(service, mail, message, token)
    held = _spend(service, mail, token)
    for one in held:
        told = f"l’adresse connue du PS a dit oui (mail {mail.id})"
        service.ledger.contacts.agree(one.id, Proof.KNOWN, told, message.sender)
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


def _form(service: Service, mail: StoredMail, message: Message, us: Own, token: StoredToken, said: Consent) -> bool:
    """What was missing: the mail is read as a request, and nothing is asked for a second time."""
    service.ledger.tokens.use(token.id, service.clock(), mail.id)
    if said is Consent.NO:
        return outcomes.finish(service, mail, message, "request refused", ("le demandeur a renoncé.",))
    return request.settle(service, mail, message, us, token)


_Answer = Callable[[Service, StoredMail, Message, Own, StoredToken, Consent], bool]
_ANSWERS: dict[Purpose, _Answer] = {
    Purpose.CONFIRM: _confirm,
    Purpose.AGREE: _agree,
    Purpose.CODE: _code,
    Purpose.LEAVE: _leave,
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


def _unclear(service: Service, mail: StoredMail, message: Message, token: StoredToken) -> bool:
    """The token stays good: an agent reads the words, and a clear answer may still come."""
    reason = "Réponse à une étape d’inscription, ni oui ni non : « mailbot contacts approve » ou « contacts refuse »."
    numbers = tuple(f"demande {one}" for one in token.contacts)
    return outcomes.park(service, mail, message, Parked(reason, evidence=numbers), _numero_ps(service, token))
