"""A mail asks to have its address tied to PS numbers: what it asks, what the ledger knows, what is done, who is told.

The rule is `intake.register`. One transaction a mail. Documents are read only of a sender whom our exchanger confirmed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.intake import inscription_words, register
from mailbot.intake.outcome import Parked
from mailbot.intake.register import Ask, Known, Plan, Planned, Vouch, Way
from mailbot.ledger import StoredContact, StoredMail, StoredToken
from mailbot.letters import inscription
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
_MIXED = "Demande d’inscription de plusieurs n° PS pour plusieurs usages : un agent dit lequel va avec lequel."
_FORBIDDEN = "URGENT : ce message demande de ne pas enregistrer une adresse : à lire."
_TOO_MANY = "Cette adresse a déjà eu ses réponses du jour : la suite de sa demande attend un agent."


@dataclass(frozen=True, slots=True)
class _Case:
    """One mail that asks, with what it asks and what is known of it."""

    service: Service
    mail: StoredMail
    message: Message
    asked: Request
    known: Known

    @property
    def cause(self) -> str:
        return f"mail {self.mail.sha256}"

    @property
    def enough(self) -> bool:
        return outcomes.enough(self.service, self.message)

    def finish(self, outcome: str, why: tuple[str, ...], numero_ps: str = "") -> bool:
        return outcomes.finish(self.service, self.mail, self.message, outcome, why, numero_ps)

    def park(self, parked: Parked, numero_ps: str = "") -> bool:
        return outcomes.park(self.service, self.mail, self.message, parked, numero_ps)


def settle(service: Service, mail: StoredMail, message: Message, us: Own, form: StoredToken | None = None) -> bool:
    """One request into its final state; False where an agent has to look. `form`: the token of our form."""
    if inscription_words.forbids(message.reply_text, message.subject):
        return outcomes.park(service, mail, message, Parked(_FORBIDDEN, evidence=message.evidence))
    asked = _filled(read(service, message, us), form)
    known = evidence.known(service, message, asked, us)
    case = _Case(service, mail, message, asked, known)
    outcome = register.register(message, asked, known)
    numbers = len(outcome.ways) if isinstance(outcome, Plan) else len(asked.numeros_ps)
    if not isinstance(outcome, Parked) and numbers > 1 and inscription_words.mixes_roles(message.reply_text):
        outcome = Parked(_MIXED, evidence=outcome.evidence)
    with service.ledger.transaction():
        match outcome:
            case Ask():
                return _ask(case, outcome)
            case Vouch():
                return _vouch(case, outcome)
            case Plan():
                return _carry_out(case, outcome)
            case Parked():
                return case.park(outcome, next(iter(known.ps), ""))


def _filled(asked: Request, form: StoredToken | None) -> Request:
    """With the role and the days of the request that our form answered, where the answer gives no others."""
    if form is None or form.role is None:
        return asked
    if asked.role is None and not asked.adds and not asked.ends_on:
        return replace(asked, role=form.role, starts_on=form.starts_on, ends_on=form.ends_on)
    if asked.role is form.role is Role.REMPLACANT and asked.ends_on is None:
        return replace(asked, starts_on=asked.starts_on or form.starts_on, ends_on=form.ends_on)
    return asked


def read(service: Service, message: Message, us: Own) -> Request:
    """What the mail asks for; its documents count where the sender is confirmed."""
    asked = requests.read(message, us)
    if asked.numeros_ps or message.verified is not True or message.auto_submitted or not message.attachments:
        return asked
    configuration = service.configuration
    attached = message.attachments[:_MAX_DOCUMENTS]
    documents = service.reader.documents(attached, configuration.colonnes.get("lots", {}), configuration.b2)
    return requests.read(message, us, [one.text for one in documents if one.text])


# -- the outcomes ----------------------------------------------------------------------------------------------------


def _ask(case: _Case, ask: Ask) -> bool:
    """The form, once."""
    if case.enough:
        return case.park(Parked(ask.evidence[0], evidence=ask.evidence))
    asked, sender = case.asked, case.message.sender
    doubtful = (*ask.unknown, *asked.doubtful, *asked.rpps)
    letters.tell(
        case.service,
        Told(
            step=Step.FORM, numeros=letters.named(case.service, ask.numeros_ps), address=sender, role=asked.role,
            doubtful=doubtful, starts_on=asked.starts_on, ends_on=asked.ends_on,
        ),
        sender, case.cause, answers=case.mail.id, purpose=Purpose.FORM, until=letters.deadline(case.service),
        said=(register.asked_of(asked) if asked.role or asked.adds or asked.ends_on else (None, None, None)),
    )  # fmt: skip
    return case.finish("asked for what is missing", ask.evidence)


def _vouch(case: _Case, vouch: Vouch) -> bool:
    """Its words may have meant something else: the known address is asked. Nothing is sent to the other one."""
    if case.enough:
        return case.park(Parked(_TOO_MANY, evidence=vouch.evidence), vouch.numeros_ps[0])
    service, until = case.service, letters.code_deadline(case.service)
    ids = [_row(case, numero, vouch.address, vouch.role, vouch.evidence, None, until) for numero in vouch.numeros_ps]
    held = [service.ledger.contacts.take(one) for one in ids]
    told = letters.of(Step.AGREE, held, service, named=True, replaces=vouch.role is Role.RETOURS)
    letters.tell(
        service, told, case.message.sender, case.cause, answers=case.mail.id, purpose=Purpose.AGREE,
        inscriptions=held, until=letters.deadline(service), asked_by=vouch.address,
    )  # fmt: skip
    return case.finish("address named", vouch.evidence, vouch.numeros_ps[0])


def _carry_out(case: _Case, plan: Plan) -> bool:
    first = plan.ways[0].numero_ps
    if case.enough and plan.of(Way.CONFIRM, Way.AGREE, Way.CODE):
        return case.park(Parked(_TOO_MANY, evidence=plan.evidence), first)
    held = {one.numero_ps: _asked_for(case, plan, one) for one in plan.ways if _is_kept(case, one)}

    def of(*ways: Way) -> list[StoredContact]:
        return [held[numero] for numero in plan.of(*ways) if numero in held]

    done = _begin(case, plan, of(Way.AT_ONCE))
    _tell_applicant(case, plan, of(Way.CONFIRM, Way.AGREE), of(Way.CODE, Way.AGENT))
    _ask_known(case, of(Way.AGREE))
    _post(case.service, of(Way.CODE))
    if plan.waiting:
        return case.park(plan.waiting, first)
    return case.finish("registered" if done == len(plan.ways) else "registration under way", plan.evidence, first)


# -- what they do ----------------------------------------------------------------------------------------------------


def _is_kept(case: _Case, one: Planned) -> bool:
    """An agent is offered only what came from a sender that our exchanger, where there is one, does not leave open."""
    if one.way is Way.AGENT:
        return case.message.verified is True or not case.known.verdict_required
    return one.way is not Way.ALREADY


def _row(
    case: _Case,
    numero_ps: str,
    mail: str,
    role: Role,
    why: Sequence[str],
    mail_id: int | None,
    until: datetime | None,
) -> int:
    """A row of the register."""
    _, first, last = register.asked_of(case.asked)
    return case.service.ledger.contacts.request(
        case.service.clock(), numero_ps, mail, why, mail_id, role=role, starts_on=first, ends_on=last, expires_at=until,
    )  # fmt: skip


def _asked_for(case: _Case, plan: Plan, one: Planned) -> StoredContact:
    """The inscription that this number asks for, with what is proved and agreed already."""
    service, sender = case.service, case.message.sender
    until = letters.code_deadline(service) if one.way is Way.CODE else letters.deadline(service)
    why = (*case.message.evidence, f"PS {one.numero_ps} : {one.why}")
    # What waits for an agent waits without end.
    ends = None if one.way is Way.AGENT else until
    contact_id = _row(case, one.numero_ps, sender, plan.role, why, case.mail.id, ends)
    contacts = service.ledger.contacts
    if sender in case.known.ps[one.numero_ps].known and one.way in (Way.AT_ONCE, Way.CONFIRM):
        contacts.agree(contact_id, Proof.KNOWN, "l’expéditeur est l’adresse connue de ce PS", sender)
    if one.way is Way.AT_ONCE:
        contacts.prove(contact_id, Proof.VERDICT, "l’expéditeur est confirmé par notre serveur de messagerie")
    return contacts.take(contact_id)


def _begin(case: _Case, plan: Plan, at_once: Sequence[StoredContact]) -> int:
    """What is active now, with what was before: one letter for both; gives how many."""
    mine = case.service.ledger.contacts.of_address(case.message.sender)
    already = [one for one in mine if one.numero_ps in plan.of(Way.ALREADY)]
    if at_once:
        decided.begin(case.service, [one.id for one in at_once], case.cause, already)
    elif already and not case.enough:
        told = letters.of(Step.ACTIVE, already, case.service)
        letters.tell(case.service, told, case.message.sender, case.cause, answers=case.mail.id)
    return len(at_once) + len(already)


def _tell_applicant(case: _Case, plan: Plan, confirm: Sequence[StoredContact], others: Sequence[StoredContact]) -> None:
    """Its own token, with all that is still missing; or, where it can do nothing itself, what happens now."""
    service, missing = case.service, _missing(plan)
    if confirm:
        letters.tell(
            service, letters.of(Step.CONFIRM, confirm, service, missing=missing), case.message.sender, case.cause,
            answers=case.mail.id, purpose=Purpose.CONFIRM, inscriptions=confirm, until=letters.deadline(service),
        )  # fmt: skip
    elif others and case.message.verified is True and not case.enough:
        told = letters.of(Step.WAITING, others, service, missing=missing)
        letters.tell(service, told, case.message.sender, case.cause, answers=case.mail.id)


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


def _ask_known(case: _Case, held: Sequence[StoredContact]) -> None:
    """The known address of these PS says yes or no; one letter an address."""
    service = case.service
    by_address: dict[str, list[StoredContact]] = defaultdict(list)
    for one in held:
        by_address[case.known.ps[one.numero_ps].known[0]].append(one)
    for address, inscriptions in by_address.items():
        takes_over = inscriptions[0].role in (Role.RETOURS, Role.REMPLACANT)
        letters.tell(
            service, letters.of(Step.AGREE, inscriptions, service, replaces=takes_over), address, case.cause,
            purpose=Purpose.AGREE, inscriptions=inscriptions, until=letters.deadline(service),
            asked_by=case.message.sender,
        )  # fmt: skip


def _post(service: Service, held: Sequence[StoredContact]) -> None:
    """A letter on paper with a code, one for each PS."""
    # What writes PDF takes seconds to load where no compiled code is kept: the first letter pays, small verbs do not.
    from mailbot.letters import postal

    now, settings = service.clock(), service.configuration.settings
    until = letters.code_deadline(service)
    for one in held:
        code = contact.token(service, contact.key("code", str(one.id), now.isoformat()))
        references = References.of(service.ledger.references.directory_of([one.numero_ps]))
        directory = contact.directory(one.numero_ps, references)
        pdf = postal.pdf(
            service.configuration.house.organisation,
            code=code,
            numero_ps=one.numero_ps,
            raison_sociale=directory.raison_sociale if directory else "",
            address_lines=evidence.postal_lines(directory),
            applicant=one.mail,
            asked=inscription.asks(one.role, one.starts_on, one.ends_on),
            registration_address=settings.organisation.registration_address,
            until=until.astimezone(contact.PARIS).date(),
            now=now.astimezone(contact.PARIS),
        )
        paper = service.ledger.papers.queue(now, one.id, pdf)
        service.ledger.tokens.issue(now, Purpose.CODE, one.mail, contact.digest(code), until, [one.id])
        service.ledger.journal.write(now, service.who, "code sent by post", f"contact {one.id}", paper=paper)
