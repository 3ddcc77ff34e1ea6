"""An inscription comes to its end or its beginning: the move, the journal, and everybody who has to know.

Writes inside the caller's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from mailbot.errors import Never
from mailbot.ledger import StoredContact
from mailbot.letters import words
from mailbot.letters.inscription import Step
from mailbot.model import MailState, Seen
from mailbot.model.inscriptions import InscriptionState, Proof, Purpose, Role
from mailbot.passes import contact
from mailbot.passes.inscriptions import evidence, letters
from mailbot.passes.service import Service
from mailbot.rules.references import References


@dataclass(slots=True)
class _Told:
    """Who has to know what: address -> inscriptions."""

    active: dict[str, list[StoredContact]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[str, list[StoredContact]] = field(default_factory=lambda: defaultdict(list))


def begin(service: Service, ids: Sequence[int], cause: str, already: Sequence[StoredContact] = ()) -> int:
    """Those that are proved and agreed become active; gives how many. The address is told, and who was there before.

    Nothing begins while an address of the PS is contested; what then waits begins afterwards. An agreement whose giver
    speaks for the PS no more counts no more. `already`: inscriptions of the same address that were active before, named
    in the same letter.
    """
    told = _Told()
    today = service.clock().astimezone(contact.PARIS).date()
    begun = 0
    for one in map(service.ledger.contacts.take, ids):
        if not (one.pending and one.proved_by and one.agreed_by):
            continue
        if not evidence.agreement_stands(service, one):
            _fallen(service, one)
        elif one.starts_on and today < one.starts_on:
            _announce(service, one, one.starts_on, cause)
        elif one.ready(today) and not service.ledger.contacts.disputed(one.numero_ps):
            _activate(service, one, told)
            begun += 1
    for one in already:
        told.active[one.mail].append(one)
    _tell(service, told, cause)
    return begun


def _tell(service: Service, told: _Told, cause: str) -> None:
    until = service.clock() + letters.DISPUTE
    for mail, inscriptions in told.active.items():
        said = letters.of(Step.ACTIVE, inscriptions, service, phrases=letters.phrases(service, inscriptions))
        letters.tell(
            service, said, mail, cause, answers=inscriptions[0].mail_id, purpose=Purpose.DISPUTE,
            inscriptions=inscriptions, until=until, shown=False,
        )  # fmt: skip
    for mail, inscriptions in told.changed.items():
        letters.tell(
            service, letters.of(Step.CHANGED, inscriptions, service), mail, cause, purpose=Purpose.DISPUTE,
            inscriptions=inscriptions, until=until, asked_by=inscriptions[0].mail,
        )  # fmt: skip


def _fallen(service: Service, one: StoredContact) -> None:
    service.ledger.contacts.disagree(one.id, "l’accord ne compte plus : son adresse ne parle plus pour ce PS")
    service.ledger.journal.write(service.clock(), service.who, "agreement fell", f"contact {one.id}")


def _announce(service: Service, one: StoredContact, starts_on: date, cause: str) -> None:
    """All is there but its first day."""
    day = f"le premier jour du remplacement, le {words.date_longue(starts_on)} : vous n’avez rien à faire"
    done = ("cette adresse est prouvée", "l’accord est donné")
    told = letters.of(Step.WAITING, [one], service, missing=(day,), done=done)
    letters.tell(service, told, one.mail, cause, answers=one.mail_id)


def _activate(service: Service, one: StoredContact, told: _Told) -> None:
    """Active, whatever it was; those who have to know are noted in `told`: whose place it took, who got the bordereaux
    until now, and who speaks for the PS where it was not asked."""
    ledger, now = service.ledger, service.clock()
    receiver, speaker = _written_to(service, one.numero_ps), evidence.known_to(service, one.numero_ps)[:1]
    ledger.addresses.lift(now, one.mail, back=False)
    before = ledger.contacts.activate(one.id, now)
    ledger.tokens.void(one.id, now)
    active = ledger.contacts.take(one.id)
    ledger.journal.write(
        now, service.who, "contact activated", f"contact {one.id}", proved=active.proved_by, agreed=active.agreed_by
    )
    told.active[active.mail].append(active)
    takes_over = _written_to(service, one.numero_ps) == active.mail
    concerned = (
        before.mail if before else "",
        receiver if takes_over else "",
        *(speaker if active.agreed_by is not Proof.KNOWN else ()),
        one.contested_by,
    )
    for mail in sorted(set(concerned) - {"", active.mail}):
        if ledger.addresses.suspension(mail) is None:
            told.changed[mail].append(active)
    _close_request(service, active)


def _written_to(service: Service, numero_ps: str) -> str:
    """Where the bordereaux of this PS go now, "" for nowhere."""
    references = References.of(service.ledger.references.contacts_of([numero_ps]))
    found = contact.contact_of(service, numero_ps, references)
    return found.mail.lower() if found else ""


def _close_request(service: Service, one: StoredContact) -> None:
    """The mail that asked waits for an agent no longer."""
    mail = service.ledger.mails.get(one.mail_id) if one.mail_id else None
    if mail and mail.state is MailState.PARKED and mail.kind == "registration":
        service.ledger.mails.settle(mail.id, service.clock(), Seen())


def approve(service: Service, contact_id: int, cause: str) -> None:
    """An agent stands for what is missing; one that is contested, suspended or replaced is right."""
    contacts = service.ledger.contacts
    held = contacts.take(contact_id)
    others = [one for one in contacts.listed(held.numero_ps) if one.state is InscriptionState.CONTESTEE]
    if held.state in _RESTORED and (held in others or not others):
        if held in others:
            contacts.agree(contact_id, Proof.AGENT, f"accord donné par {service.who}")
        told = _Told()
        _activate(service, held, told)
        _tell(service, told, cause)
        return
    if others and held not in others and (held.pending or held.state in _RESTORED):
        raise Never(f"adresse {contact_id} : l’adresse {others[0].id} du même PS est contestée, décidez d’abord d’elle")
    if not held.pending:
        raise Never(
            f"adresse {contact_id} : elle n’attend rien, « mailbot contacts show {held.numero_ps} » dit son état"
        )
    contacts.agree(contact_id, Proof.AGENT, f"accord donné par {service.who}")
    contacts.prove(contact_id, Proof.AGENT, f"adresse vérifiée par {service.who}")
    begin(service, [contact_id], cause)


#: What an agent finds right: it is active again.
_RESTORED = (InscriptionState.CONTESTEE, InscriptionState.REMPLACEE, InscriptionState.REBOND)


def refuse(service: Service, ids: Sequence[int], cause: str, reason: str = "") -> None:
    """demandee or confirmee -> refusee; the applicant is told, if it ever had a letter of ours about this."""
    _over(service, ids, Step.REFUSED, cause, reason)


def expire(service: Service, ids: Sequence[int], cause: str) -> None:
    """demandee or confirmee -> expiree."""
    _over(service, ids, Step.EXPIRED, cause, "")


def _over(service: Service, ids: Sequence[int], step: Step, cause: str, reason: str) -> None:
    now, contacts = service.clock(), service.ledger.contacts
    told: dict[str, list[StoredContact]] = defaultdict(list)
    for one in map(contacts.take, ids):
        known = _was_told(service, one)
        (contacts.refuse if step is Step.REFUSED else contacts.expire)(one.id, now)
        service.ledger.tokens.void(one.id, now)
        service.ledger.journal.write(now, service.who, f"contact {step}", f"contact {one.id}", why=reason or cause)
        if known:
            told[one.mail].append(one)
        _close_request(service, one)
    for mail, inscriptions in told.items():
        letters.tell(
            service, letters.of(step, inscriptions, service, reason=reason), mail, cause,
            answers=inscriptions[0].mail_id,
        )  # fmt: skip


def _was_told(service: Service, one: StoredContact) -> bool:
    """It had a letter of ours about this request: so it may have another one."""
    tokens = service.ledger.tokens.of_contact(one.id)
    wrote = any(token.address == one.mail and token.purpose is Purpose.CONFIRM for token in tokens)
    return wrote or bool(one.proved_by)


def leave(service: Service, ids: Sequence[int], cause: str, proof: Proof) -> None:
    """The address wants nothing more. One that only AGAPS named is taken into the register to be ended there."""
    contacts = service.ledger.contacts
    for one in map(contacts.take, ids):
        if one.pending and contacts.of_role(one.numero_ps, one.role):
            # Somebody else was registered meanwhile, and stays.
            contacts.refuse(one.id, service.clock())
        elif one.pending:
            contacts.prove(one.id, proof, "demande elle-même à ne plus rien recevoir")
            contacts.activate(one.id, service.clock())
    standing = (InscriptionState.ACTIVE, InscriptionState.REBOND)
    end(service, [one for one in ids if contacts.take(one).state in standing], cause, "ps")


def end(service: Service, ids: Sequence[int], cause: str, by: str) -> None:
    """-> resiliee; the address is told, and that its bordereaux go to the secretariat where they do; so is the one that
    comes back in its place. Who is there by the word of one that an agent ends is contested with it."""
    now, contacts = service.clock(), service.ledger.contacts
    ended: dict[str, list[StoredContact]] = defaultdict(list)
    back: list[StoredContact] = []
    for one in map(contacts.take, ids):
        before = contacts.end(one.id, now, by)
        service.ledger.tokens.void(one.id, now)
        service.ledger.journal.write(now, service.who, "contact ended", f"contact {one.id}", by=by)
        if service.ledger.addresses.suspension(one.mail) is None:
            ended[one.mail].append(one)
        back += [before] if before else []
        if by == "agent" and one.mail in contacts.shut(one.numero_ps):
            _contest_heirs(service, one)
    for mail, inscriptions in ended.items():
        reason = _TO_THE_SECRETARIAT if any(_falls_back(service, one) for one in inscriptions) else ""
        letters.tell(service, letters.of(Step.ENDED, inscriptions, service, reason=reason), mail, cause)
    for one in back:
        letters.tell(service, letters.of(Step.ACTIVE, [one], service), one.mail, cause)


def _contest_heirs(service: Service, ended: StoredContact) -> None:
    for one in heirs(service, ended):
        now = service.clock()
        service.ledger.contacts.dispute(one.id, now)
        service.ledger.journal.write(now, service.who, "contact contested", f"contact {one.id}", agreed=ended.id)
        service.say(
            f"URGENT : l’adresse {one.id} est là par l’accord de l’adresse {ended.id} : elle est contestée. Décidez : "
            f"« mailbot contacts approve {one.id} » ou « contacts end {one.id} »"
        )


def heirs(service: Service, lost: StoredContact) -> list[StoredContact]:
    """Who stands by the word of an address that an agent ended or that is contested, and by theirs. Of one that had
    been replaced before, only those that are fresh."""
    contacts, found = service.ledger.contacts, [lost]
    for giver in found:
        for one in contacts.heirs(lost.numero_ps, giver.mail):
            passed = lost.state is InscriptionState.REMPLACEE and not evidence.is_fresh(service, one)
            if one not in found and not passed:
                found.append(one)
    return found[1:]


_TO_THE_SECRETARIAT = "Les bordereaux vont désormais à l’adresse enregistrée pour le secrétariat."


def _falls_back(service: Service, one: StoredContact) -> bool:
    """Does the secretariat get what went to this address?"""
    secretariat = service.ledger.contacts.of_role(one.numero_ps, Role.SECRETARIAT)
    where = _written_to(service, one.numero_ps) if one.role is Role.RETOURS else ""
    return secretariat is not None and where == secretariat.mail != one.mail
