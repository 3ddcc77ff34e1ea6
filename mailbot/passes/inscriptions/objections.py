"""Somebody says no: whatever letter it answers, and where it answers none.

A no of whoever the PS's address is refuses what waits and contests what is active or may come back, in every role of
the address that it is about; a no to one's own inscription touches that one only. It is weighed against where the
inscription stands now, not against the letter: a token that is spent or over says no as well as a fresh one. What may
be a no and is none for sure takes back the yes of who writes it, and an agent reads it first (`URGENT`).
Writes inside the caller's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.intake import inscription_words
from mailbot.intake.outcome import Parked
from mailbot.intake.register import MAX_NUMBERS
from mailbot.ledger import StoredContact, StoredMail, StoredToken
from mailbot.model import Kind, Message
from mailbot.model.inscriptions import STANDING, Consent, InscriptionState, Purpose, Role
from mailbot.parsers.mail import consent
from mailbot.parsers.mail import request as requests
from mailbot.parsers.mail.own import Own
from mailbot.passes import outcomes
from mailbot.passes.inscriptions import decided, evidence
from mailbot.passes.service import Service

_S = InscriptionState
#: What stands in every spelling of an address that `parsers.mail.request` reads.
_ADDRESS = re.compile(r"[@＠﹫]|arob|[(\[{<] ?at? ?[)\]}>]", re.IGNORECASE)
_OVER = "Une adresse conteste un changement qui n’a plus cours : voyez « mailbot contacts show »."
_SHUT = "Un agent a mis fin à l’adresse qui écrit : elle ne peut rien contester pour ce PS."
_READ = "URGENT : une réponse au sujet d’une adresse active ou attendue est à lire : « mailbot contacts show {} »."


@dataclass(slots=True)
class _Done:
    """What a no did."""

    refused: list[StoredContact] = field(default_factory=list)
    contested: list[StoredContact] = field(default_factory=list)
    ended: list[StoredContact] = field(default_factory=list)

    def anything(self) -> bool:
        return bool(self.refused or self.contested or self.ended)


def answered(service: Service, mail: StoredMail, message: Message, token: StoredToken) -> bool:
    """A clear no to a letter of ours. The token is spent only where it stopped something."""
    meant = _meant(service, token)
    heard = [one for one in meant if token.address not in service.ledger.contacts.shut(one.numero_ps)]
    if meant and not heard:
        return _park(service, mail, message, _SHUT, meant)
    done = _object(service, mail, heard, token.address)
    if done.anything():
        service.ledger.tokens.use(token.id, service.clock(), mail.id)
    return _close(service, mail, message, meant, done, token.address)


def in_doubt(service: Service, mail: StoredMail, message: Message, token: StoredToken) -> bool:
    """Words that may be a no, in an answer about another address: a yes given before counts no more, an agent reads."""
    meant = _meant(service, token)
    _take_back(service, mail, meant, token.address)
    return _park(service, mail, message, _READ.format(meant[0].numero_ps) if meant else _OVER, meant)


def is_open(service: Service, token: StoredToken) -> bool:
    """Is this token about another address that is in use, may come back, or waits with the yes of who holds it?"""
    return any(
        one.mail != token.address
        and (one.state in (*STANDING, _S.CONTESTEE, _S.REMPLACEE) or _agreed(one, token.address))
        for one in _meant(service, token)
    )


def automatic(service: Service, mail: StoredMail, message: Message, token: StoredToken, said: Consent) -> bool | None:
    """An answer that bears the signs of automatic mail: nothing is written to anybody. A no takes back a yes; a
    plain one that came through a list also stops what is active, what a machine sends does not. None where nothing was
    said."""
    if said is Consent.EMPTY or (said is not Consent.NO and inscription_words.is_of_a_machine(message.reply_text)):
        return None
    meant = _meant(service, token)
    about = is_open(service, token) or (said is Consent.NO and any(one.state in STANDING for one in meant))
    if token.purpose is Purpose.DISPUTE and not about:
        return None
    if said is Consent.NO and token.purpose not in (Purpose.LEAVE, Purpose.FORM):
        _take_back(service, mail, meant, token.address)
        machine = message.kind is Kind.AUTO_REPLY or not inscription_words.begins_with_no(message.reply_text)
        standing = [] if machine else [one for one in meant if one.mail != token.address and not one.pending]
        done = _object(service, mail, standing, token.address, quietly=True)
        if done.contested:
            return _close(service, mail, message, meant, done, token.address)
    reason = _READ.format(meant[0].numero_ps) if about else _AUTOMATIC
    return _park(service, mail, message, reason, meant)


def reads_like_a_machine(message: Message) -> bool:
    """Words of an absence, and no plain no before them: they contest nothing by themselves."""
    said = message.reply_text
    return inscription_words.is_of_a_machine(said) and not inscription_words.begins_with_no(said)


_AUTOMATIC = "Réponse à une étape d’inscription qui ne compte pas : message automatique, ou passé par une liste."


def by_own_mail(service: Service, mail: StoredMail, message: Message, us: Own) -> bool | None:
    """A mail of a PS that answers nothing and is about an address that waits, or that took its place: one that it
    names, or that it was asked or told about. None where it is a mail like any other. A plain request is one, but takes
    back a yes that was given: it is asked anew."""
    if not message.sender or message.verified is False or message.auto_submitted:
        return None
    meant = _named(service, message, us)
    if not meant:
        return _unnamed(service, mail, message)
    if message.kind is Kind.UNSUBSCRIBE and all(_is_in_charge(service, message, one) for one in meant):
        return None
    sure = message.verified is True
    with service.ledger.transaction():
        if not inscription_words.is_against(message.reply_text, message.subject):
            if sure and message.kind is Kind.REGISTRATION:
                _take_back(service, mail, meant, message.sender)
            return None
        if not inscription_words.is_of_the_register(message.reply_text, message.subject) or message.numeros_facture:
            return None
        no = message.kind is Kind.UNSUBSCRIBE or consent.read(message.reply_text, message.subject) is Consent.NO
        return _weighed(service, mail, message, meant, no=no)


def _unnamed(service: Service, mail: StoredMail, message: Message) -> bool | None:
    """It names none, for our letters show none in full: what it was asked or told about is meant. A mail that comes
    back from another letter of ours, or asks for an end, decides nothing: it is read."""
    if message.numeros_facture or not inscription_words.objects(message.reply_text, message.subject):
        return None
    sender = message.sender
    found = [one for one in _of_its_ps(service, sender) if one.state is _S.CONTESTEE or _is_open(service, one)]
    meant = [one for one in found if evidence.was_told(service, sender, one)]
    if not meant:
        return None
    clear = consent.read(message.reply_text, message.subject) is Consent.NO
    no = clear and not message.tokens and message.kind is not Kind.UNSUBSCRIBE and not reads_like_a_machine(message)
    with service.ledger.transaction():
        return _weighed(service, mail, message, meant, no=no)


def _weighed(service: Service, mail: StoredMail, message: Message, meant: Sequence[StoredContact], *, no: bool) -> bool:
    """A clear no about one address stops it; otherwise the yes is taken back, and an agent reads."""
    sure = message.verified is True
    if no and sure and len({one.mail for one in meant}) == 1:
        done = _object(service, mail, meant, message.sender)
        if done.anything():
            return _close(service, mail, message, meant, done, message.sender)
    if sure:
        _take_back(service, mail, meant, message.sender)
    return _park(service, mail, message, _READ.format(meant[0].numero_ps), meant)


# -- what they are about ---------------------------------------------------------------------------------------------


def _agreed(one: StoredContact, by: str) -> bool:
    """Does it wait with the yes of this address?"""
    return one.pending and bool(one.agreed_by) and one.agreed_from == by != one.mail


def _meant(service: Service, token: StoredToken) -> list[StoredContact]:
    return [service.ledger.contacts.take(one) for one in token.contacts]


def _named(service: Service, message: Message, us: Own) -> list[StoredContact]:
    """What waits or can be contested of the addresses that it names, for the PS that its sender speaks for."""
    sender = message.sender
    if not _ADDRESS.search(message.reply_text):
        return []
    found = [one for one in _of_its_ps(service, sender) if _is_said_of(service, sender, one)]
    named = requests.read(message, us).other_addresses if found else ()
    return [one for one in found if one.mail in named]


def _of_its_ps(service: Service, sender: str) -> list[StoredContact]:
    """The inscriptions of others for the PS of this address; not of a PS for which an agent ended it."""
    ledger = service.ledger
    numbers = dict.fromkeys((*ledger.contacts.ever_of(sender), *ledger.references.numbers_of(sender, MAX_NUMBERS)))
    return [
        one
        for numero_ps in numbers
        if sender not in ledger.contacts.shut(numero_ps)
        for one in ledger.contacts.listed(numero_ps)
        if one.mail != sender
    ]


def _is_open(service: Service, one: StoredContact) -> bool:
    """Does it wait, or did it begin so lately that somebody may say no to it?"""
    return one.pending or (one.state in STANDING and evidence.is_fresh(service, one))


def _is_said_of(service: Service, sender: str, one: StoredContact) -> bool:
    """May this address say no to that inscription: was it asked or told about it, or does it speak for the PS?"""
    if one.pending:
        return evidence.was_told(service, sender, one) or sender in evidence.known_to(service, one.numero_ps)
    return _is_open(service, one) and evidence.was_told(service, sender, one)


def _is_in_charge(service: Service, message: Message, one: StoredContact) -> bool:
    """May the sender simply end that one (`leave`)?"""
    held = service.ledger.contacts.of_role(one.numero_ps, Role.RETOURS)
    return one.state in STANDING and held is not None and held.mail == message.sender


# -- what a no does --------------------------------------------------------------------------------------------------


def _object(
    service: Service, mail: StoredMail, meant: Sequence[StoredContact], by: str, *, quietly: bool = False
) -> _Done:
    """`quietly`: nobody is written to, so what waits is left as it is."""
    done = _Done()
    for one in meant:
        if one.mail == by:
            _not_me(service, one, done)
        elif one.pending:
            done.refused.append(one)
        elif not _is_outranked(service, one, by):
            _dispute(service, one, by, done)
    cause = f"mail {mail.sha256}"
    for one in tuple(done.contested):
        done.contested += [heir for heir in decided.heirs(service, one) if heir not in done.contested]
    for one in done.contested:
        now = service.clock()
        service.ledger.contacts.dispute(one.id, now, by)
        service.ledger.journal.write(now, service.who, "contact contested", f"contact {one.id}", mail=mail.id)
    if quietly:
        done.refused.clear()
    own = all(one.mail == by for one in done.refused)
    decided.refuse(service, _ids(done.refused), cause, "" if own else _NOT_AGREED)
    decided.end(service, _ids(done.ended), cause, "ps")
    return done


_NOT_AGREED = "Le professionnel de santé n’a pas donné son accord."


def _not_me(service: Service, one: StoredContact, done: _Done) -> None:
    """An address says no to its own inscription: only that one, and a small role stops nothing else."""
    if one.pending:
        done.refused.append(one)
    elif one.state in STANDING and one.role is not Role.RETOURS:
        done.ended.append(one)
    elif one.state in STANDING and evidence.is_fresh(service, one):
        done.contested.append(one)


def _is_outranked(service: Service, one: StoredContact, by: str) -> bool:
    """Was it wanted by who speaks for the PS, and does one say no who only was there for a time?"""
    mine = [held for held in service.ledger.contacts.listed(one.numero_ps) if held.mail == by]
    for_a_time = bool(mine) and all(held.role is Role.REMPLACANT for held in mine)
    known = evidence.known_to(service, one.numero_ps)
    return for_a_time and by not in known and one.agreed_from in known and one.agreed_from != one.mail


def _dispute(service: Service, one: StoredContact, by: str, done: _Done) -> None:
    """Every inscription of the address for this PS; where another one took its place meanwhile, that one."""
    contacts = service.ledger.contacts
    listed = contacts.listed(one.numero_ps)
    same = [other for other in listed if other.mail == one.mail]
    standing = [other for other in same if other.state in STANDING]
    if one.state is _S.REMPLACEE:
        standing += [
            other
            for other in listed
            if other.role is one.role and other.mail not in (by, one.mail) and other.state in STANDING
        ]
    if any(evidence.is_fresh(service, other) for other in standing):
        done.contested += [other for other in standing if other not in done.contested]
    done.refused += [other for other in same if other.pending and other not in done.refused]
    for other in same:
        contacts.doubt(other.id, by)


def _ids(held: Sequence[StoredContact]) -> list[int]:
    return [one.id for one in held]


def _take_back(service: Service, mail: StoredMail, meant: Sequence[StoredContact], by: str) -> None:
    for one in meant:
        if _agreed(one, by):
            service.ledger.contacts.disagree(one.id, f"l’accord ne compte plus (mail {mail.id})")
            service.ledger.journal.write(
                service.clock(), service.who, "agreement taken back", f"contact {one.id}", mail=mail.id
            )


# -- what is said of it ----------------------------------------------------------------------------------------------


def _close(
    service: Service, mail: StoredMail, message: Message, meant: Sequence[StoredContact], done: _Done, by: str
) -> bool:
    if done.contested:
        return _park(service, mail, message, _contested(done.contested), done.contested)
    if any(_agreed(one, by) for one in done.refused):
        reason = "URGENT : le PS a repris son accord, la demande est refusée : « mailbot contacts show {} »."
        return _park(service, mail, message, reason.format(done.refused[0].numero_ps), done.refused)
    if done.refused or done.ended:
        own = all(one.mail == by for one in (*done.refused, *done.ended))
        told = "l’adresse dit non à sa propre inscription." if own else "l’adresse connue a dit non."
        first = (*done.refused, *done.ended)[0].numero_ps
        outcome = "request refused" if done.refused else "ended"
        return outcomes.finish(service, mail, message, outcome, (told,), first)
    return _park(service, mail, message, _nothing(service, meant, by), meant)


def _contested(contested: Sequence[StoredContact]) -> str:
    stopped = ", plus rien ne part pour ce PS" if any(one.role is Role.RETOURS for one in contested) else ""
    numbers = " ; ".join(f"« mailbot contacts approve {one.id} » ou « contacts end {one.id} »" for one in contested[:5])
    return f"URGENT : une adresse est contestée{stopped}. Décidez : {numbers}."


def _nothing(service: Service, meant: Sequence[StoredContact], by: str) -> str:
    """A no that stopped nothing: is there something that only an agent can do?"""
    for one in meant:
        listed = service.ledger.contacts.listed(one.numero_ps)
        mine = [held for held in listed if held.mail == by and held.role is one.role and held.state is _S.REMPLACEE]
        free = service.ledger.contacts.of_role(one.numero_ps, one.role) is None
        if one.mail != by and one.state is _S.RESILIEE and mine and free:
            return (
                "URGENT : le PS conteste une adresse qui avait pris la place de la sienne et n’est plus active : "
                f"« mailbot contacts approve {mine[-1].id} » rétablit la sienne."
            )
        if one.state in (*STANDING, _S.CONTESTEE) and (one.mail != by or one.state is not _S.CONTESTEE):
            verb = f"« mailbot contacts end {one.id} »"
            return f"URGENT : une adresse dit non à une inscription qui a plus de 30 jours ou attend un agent : {verb}."
    return _OVER


def _park(service: Service, mail: StoredMail, message: Message, reason: str, meant: Sequence[StoredContact]) -> bool:
    told = tuple(f"inscription {one.id}" for one in meant)
    first = meant[0].numero_ps if meant else ""
    return outcomes.park(service, mail, message, Parked(reason, evidence=told), first)
