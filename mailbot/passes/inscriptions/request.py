"""A mail asks to have its address tied to PS numbers: what it asks, what the ledger knows, what is done, who is told.

The rule is `intake.register`. One transaction a mail. Documents are read only of a sender whom our exchanger confirmed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from mailbot.intake import register
from mailbot.intake.outcome import Parked
from mailbot.intake.register import Ask, Known, Plan, Planned, Vouch, Way
from mailbot.ledger import StoredContact, StoredMail
from mailbot.letters import postal
from mailbot.letters.inscription import Step, Told
from mailbot.model import Message
from mailbot.model.inscriptions import Proof, Purpose, Request, Role
from mailbot.parsers.mail import request as requests
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact, outcomes
from mailbot.passes.inscriptions import decided, evidence, letters
from mailbot.passes.service import Service
from mailbot.rules.references import References

#: Attached documents that are read for PS numbers.
_MAX_DOCUMENTS = 3


def settle(service: Service, mail: StoredMail, message: Message, us: Own) -> bool:
    """One request into its final state; False where an agent has to look."""
    asked = read(service, message, us)
    known = evidence.known(service, message, asked, us)
    outcome = register.register(message, asked, known)
    with service.ledger.transaction():
        match outcome:
            case Ask():
                return _ask(service, mail, message, asked, outcome)
            case Vouch():
                return _vouch(service, mail, message, asked, outcome)
            case Plan():
                return _carry_out(service, mail, message, asked, known, outcome)
            case Parked():
                return outcomes.park(service, mail, message, outcome, next(iter(known.ps), ""))


def read(service: Service, message: Message, us: Own) -> Request:
    """What the mail asks for; its documents count where the sender is confirmed."""
    asked = requests.read(message, us)
    if asked.numeros_ps or message.verified is not True or message.auto_submitted or not message.attachments:
        return asked
    configuration = service.configuration
    attached = message.attachments[:_MAX_DOCUMENTS]
    documents = service.reader.documents(attached, configuration.colonnes.get("lots", {}), configuration.b2)
    return requests.read(message, us, [one.text for one in documents if one.text])


# -- the four outcomes -----------------------------------------------------------------------------------------------


def _ask(service: Service, mail: StoredMail, message: Message, asked: Request, ask: Ask) -> bool:
    """The form, once."""
    if outcomes.enough(service, message):
        return outcomes.park(service, mail, message, Parked(ask.evidence[0], evidence=ask.evidence))
    told = Told(
        step=Step.FORM, numeros=(), address=message.sender, role=asked.role, doubtful=(*ask.unknown, *asked.doubtful, *asked.rpps)
    )
    letters.tell(
        service, told, message.sender, f"mail {mail.sha256}", answers=mail.id, purpose=Purpose.FORM,
        until=letters.deadline(service),
    )  # fmt: skip
    return outcomes.finish(service, mail, message, "asked for what is missing", ask.evidence)


def _vouch(service: Service, mail: StoredMail, message: Message, asked: Request, vouch: Vouch) -> bool:
    """The other address may now write by itself; nothing is ever sent to it before it does."""
    if outcomes.enough(service, message):
        return outcomes.park(service, mail, message, Parked(_TOO_MANY, evidence=vouch.evidence), vouch.numeros_ps[0])
    held: list[StoredContact] = []
    for numero_ps in vouch.numeros_ps:
        contact_id = _request(service, numero_ps, vouch.address, asked, vouch.evidence, None, "days")
        service.ledger.contacts.agree(contact_id, Proof.KNOWN, f"nommée par l’adresse connue (mail {mail.id})")
        held.append(service.ledger.contacts.take(contact_id))
    letters.tell(service, letters.of(Step.GO_ON, held, service), message.sender, f"mail {mail.sha256}", answers=mail.id)
    return outcomes.finish(service, mail, message, "address announced", vouch.evidence, vouch.numeros_ps[0])


def _carry_out(service: Service, mail: StoredMail, message: Message, asked: Request, known: Known, plan: Plan) -> bool:
    cause = f"mail {mail.sha256}"
    first = plan.ways[0].numero_ps
    if outcomes.enough(service, message) and plan.of(Way.CONFIRM, Way.AGREE, Way.CODE):
        return outcomes.park(service, mail, message, Parked(_TOO_MANY, evidence=plan.evidence), first)
    held = {
        one.numero_ps: service.ledger.contacts.take(_asked_for(service, mail, message, asked, plan, one, known))
        for one in plan.ways
        if one.way is not Way.ALREADY and _may_be_approved(one, message, known)
    }
    already = [
        one for one in service.ledger.contacts.of_address(message.sender) if one.numero_ps in plan.of(Way.ALREADY)
    ]
    at_once = [held[numero].id for numero in plan.of(Way.AT_ONCE)]
    if (at_once or already) and not outcomes.enough(service, message):
        _answer_already(service, mail, already, at_once, cause)
    elif at_once:
        decided.begin(service, at_once, cause)
    confirm = [held[numero] for numero in plan.of(Way.CONFIRM, Way.AGREE)]
    if confirm:
        _confirm(service, mail, message, plan, confirm, cause)
    _ask_known(service, known, [held[numero] for numero in plan.of(Way.AGREE)], cause)
    _post(service, [held[numero] for numero in plan.of(Way.CODE)])
    others = [held[numero] for numero in plan.of(Way.CODE, Way.AGENT) if numero in held]
    if others and not confirm and message.verified is True and not outcomes.enough(service, message):
        told = letters.of(Step.WAITING, others, service, missing=_missing(plan))
        letters.tell(service, told, message.sender, cause, answers=mail.id)
    if plan.waiting:
        return outcomes.park(service, mail, message, plan.waiting, first)
    outcome = "registered" if len(at_once) + len(already) == len(plan.ways) else "registration under way"
    return outcomes.finish(service, mail, message, outcome, plan.evidence, first)


_TOO_MANY = "Cette adresse a déjà eu ses réponses du jour : la suite de sa demande attend un agent."


# -- what they do ----------------------------------------------------------------------------------------------------


def _may_be_approved(one: Planned, message: Message, known: Known) -> bool:
    """An agent is offered only what came from a sender that our exchanger, where there is one, does not leave open."""
    return one.way is not Way.AGENT or message.verified is True or not known.verdict_required


def _request(
    service: Service,
    numero_ps: str,
    mail: str,
    asked: Request,
    why: Sequence[str],
    mail_id: int | None,
    waits: str,
) -> int:
    """A row of the register; it waits for hours, for days, or (for an agent) without end."""
    ends: dict[str, Callable[[Service], object]] = {"hours": letters.deadline, "days": letters.code_deadline}
    role = asked.role or (Role.SECRETARIAT if asked.adds else Role.RETOURS)
    return service.ledger.contacts.request(
        service.clock(), numero_ps, mail, why, mail_id, role=role,
        starts_on=asked.starts_on, ends_on=asked.ends_on if role is Role.REMPLACANT else None,
        expires_at=ends[waits](service) if waits in ends else None,  # type: ignore[arg-type]
    )  # fmt: skip


def _asked_for(
    service: Service, mail: StoredMail, message: Message, asked: Request, plan: Plan, one: Planned, known: Known
) -> int:
    waits = {Way.CODE: "days", Way.AGENT: "agent"}.get(one.way, "hours")
    why = (*message.evidence, f"PS {one.numero_ps} : {one.why}")
    contact_id = _request(service, one.numero_ps, message.sender, asked, why, mail.id, waits)
    contacts = service.ledger.contacts
    if message.sender in known.ps[one.numero_ps].known and one.way in (Way.AT_ONCE, Way.CONFIRM):
        contacts.agree(contact_id, Proof.KNOWN, "l’expéditeur est l’adresse connue de ce PS")
    if one.way is Way.AT_ONCE:
        contacts.prove(contact_id, Proof.VERDICT, "l’expéditeur est confirmé par notre serveur de messagerie")
    return contact_id


def _answer_already(
    service: Service, mail: StoredMail, already: Sequence[StoredContact], at_once: Sequence[int], cause: str
) -> None:
    if at_once:
        decided.begin(service, at_once, cause, already)
        return
    told = letters.of(Step.ACTIVE, already, service)
    letters.tell(service, told, already[0].mail, cause, answers=mail.id)


def _confirm(
    service: Service,
    mail: StoredMail,
    message: Message,
    plan: Plan,
    held: Sequence[StoredContact],
    cause: str,
) -> None:
    """The applicant's own token, with all that is still missing."""
    told = letters.of(Step.CONFIRM, held, service, missing=_missing(plan))
    letters.tell(
        service, told, message.sender, cause, answers=mail.id, purpose=Purpose.CONFIRM, inscriptions=held,
        until=letters.deadline(service),
    )  # fmt: skip


def _missing(plan: Plan) -> tuple[str, ...]:
    """What the applicant does not hold in its own hands."""
    said = (
        (Way.AGREE, "l’accord de l’adresse que nous connaissons : nous la lui demandons aujourd’hui"),
        (Way.CODE, "le code que nous envoyons par courrier postal à l’adresse du cabinet ou de l’établissement"),
        (Way.AGENT, "l’examen de votre demande par un gestionnaire"),
    )
    found = [(sentence, plan.of(way)) for way, sentence in said if plan.of(way)]
    if len(plan.ways) == 1:
        return tuple(sentence for sentence, _ in found)
    return tuple(f"{sentence} (n° PS {', '.join(numeros)})" for sentence, numeros in found)


def _ask_known(service: Service, known: Known, held: Sequence[StoredContact], cause: str) -> None:
    """The known address of these PS says yes or no; one letter an address."""
    by_address: dict[str, list[StoredContact]] = defaultdict(list)
    for one in held:
        by_address[known.ps[one.numero_ps].known[0]].append(one)
    for address, inscriptions in by_address.items():
        takes_over = inscriptions[0].role in (Role.RETOURS, Role.REMPLACANT)
        letters.tell(
            service, letters.of(Step.AGREE, inscriptions, service, replaces=takes_over), address, cause,
            purpose=Purpose.AGREE,
            inscriptions=inscriptions, until=letters.deadline(service), asked_by=inscriptions[0].mail,
        )  # fmt: skip


def _post(service: Service, held: Sequence[StoredContact]) -> None:
    """A letter on paper with a code, one for each PS."""
    now = service.clock()
    for one in held:
        code = contact.token(service, contact.key("code", str(one.id), now.isoformat()))
        references = References.of(service.ledger.references.contacts_of([one.numero_ps]))
        directory = contact.directory(one.numero_ps, references)
        until = letters.code_deadline(service)
        settings = service.configuration.settings
        pdf = postal.pdf(
            service.configuration.house.organisation,
            code=code,
            numero_ps=one.numero_ps,
            raison_sociale=directory.raison_sociale if directory else "",
            address_lines=evidence.postal_lines(directory),
            applicant=one.mail,
            registration_address=settings.organisation.registration_address,
            until=until.astimezone(contact.PARIS).date(),
            now=now.astimezone(contact.PARIS),
        )
        paper = service.ledger.papers.queue(now, one.id, pdf)
        service.ledger.tokens.issue(now, Purpose.CODE, one.mail, contact.digest(code), until, [one.id])
        service.ledger.journal.write(now, service.who, "code sent by post", f"contact {one.id}", paper=paper)


def carry_on(service: Service, held: Sequence[StoredContact], cause: str) -> None:
    """Where the PS agreed before the address was proved and the address has no token yet, it gets one now.

    Only an address that wrote to us by itself has a mail; one that was merely named is not written to.
    """
    fresh = [
        one
        for one in map(service.ledger.contacts.take, [each.id for each in held])
        if one.pending and one.agreed_by and not one.proved_by and one.mail_id
        and not any(token.purpose is Purpose.CONFIRM for token in service.ledger.tokens.of_contact(one.id))
    ]  # fmt: skip
    if fresh:
        letters.tell(
            service, letters.of(Step.CONFIRM, fresh, service), fresh[0].mail, cause, answers=fresh[0].mail_id,
            purpose=Purpose.CONFIRM, inscriptions=fresh, until=letters.deadline(service),
        )  # fmt: skip
