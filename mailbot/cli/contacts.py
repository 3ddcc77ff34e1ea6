"""Registered addresses, seen and decided by an agent; each act stands in the journal with its agent and its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from mailbot.cli import contact_story, context, wording
from mailbot.cli.contact_story import told
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import Ledger, StoredContact, Suspension, instant
from mailbot.model.inscriptions import InscriptionState, Purpose
from mailbot.passes import review
from mailbot.passes.inscriptions import decided
from mailbot.passes.service import Service

_PROOFS = {
    "verdict": "expéditeur confirmé",
    "jeton": "jeton répondu",
    "code": "code postal renvoyé",
    "adresse_connue": "adresse connue d’accord",
    "agent": "agent",
}
#: What an answer is awaited for.
_PURPOSES = {
    Purpose.CONFIRM: "la réponse du demandeur",
    Purpose.AGREE: "l’accord de l’adresse connue",
    Purpose.CODE: "le code du courrier postal",
    Purpose.LEAVE: "la confirmation de la désinscription",
    Purpose.DISPUTE: "une contestation de l’adresse d’avant",
    Purpose.FORM: "le formulaire complété",
}


@click.group()
def contacts() -> None:
    """Les adresses enregistrées des PS."""


@contacts.command("list")
@click.option("--attente", "pending", is_flag=True, help="Seulement ce qui attend une preuve, un accord ou un agent.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def contacts_list(invocation: Invocation, pending: bool, as_json: bool) -> None:
    """Toutes les adresses, avec leur état."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found, suspended = ledger.contacts.listed(), ledger.addresses.suspended()
    if pending:
        found = [one for one in found if one.pending or one.state is InscriptionState.CONTESTEE]
        suspended = []
    for contact in found:
        if as_json:
            click.echo(json.dumps(_contact_json(contact), ensure_ascii=False))
        else:
            click.echo(f"{contact.id}  PS {contact.numero_ps}  {contact.mail}  {told(contact)}")
    for one in suspended:
        if as_json:
            row = {"mail": one.address, "state": "suspendue", "since": one.since, "evidence": [one.why]}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(_suspended(one))


@contacts.command("show")
@click.argument("numero_ps")
@click.pass_obj
def contacts_show(invocation: Invocation, numero_ps: str) -> int:
    """Les adresses d’un PS : preuves, ce qui manque, qui les conteste, jusqu’à quand, pourquoi elles ont pris fin."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found = ledger.contacts.listed(numero_ps)
        for line in contact_story.of_ps(ledger, numero_ps):
            click.echo(wording.safe(line))
        for contact in found:
            click.echo(f"{contact.id}  {contact.mail}  {told(contact)}")
            history = contact_story.history(ledger, contact, invocation.clock())
            for line in (*contact.evidence, *_missing(ledger, contact), *history):
                click.echo(f"   {wording.safe(line)}")
        for one in ledger.addresses.suspended_of(numero_ps):
            click.echo(_suspended(one))
        for failure in ledger.addresses.failures_of(numero_ps):
            ended = "définitif" if failure.permanent else "temporaire"
            status = f", statut {failure.status}" if failure.status else ""
            click.echo(f"   courrier {failure.letter_id} revenu le {wording.day(failure.at)} ({ended}{status})")
        until = ledger.addresses.absence(numero_ps, invocation.clock().date())
    if until:
        click.echo(f"absent jusqu’au {until.strftime('%d/%m/%Y')}")
    if not found:
        context.say(f"PS {numero_ps} : aucune adresse enregistrée ni demandée")
    return 0


@contacts.command("approve")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi l’adresse est acceptée, pour le journal.")
@click.pass_obj
def contacts_approve(invocation: Invocation, number: int, reason: str) -> int:
    """Active une adresse demandée, contestée, remplacée ou suspendue ; le PS et l’adresse d’avant l’apprennent."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        if ledger.contacts.get(number) is None:
            return _unknown(number)
        service = invocation.service(configuration, ledger)
        ledger.journal.write(now, invocation.who(), "contact approved", f"contact {number}", reason=reason)
        before = ledger.contacts.take(number).state
        decided.approve(service, number, f"agent {instant(now)}")
        state = ledger.contacts.take(number).state
        _close_urgent(service, number, reason)
    if before is InscriptionState.CONTESTEE:
        context.say(f"adresse {number} : de nouveau active")
    elif state is InscriptionState.ACTIVE:
        context.say(f"adresse {number} : active, une confirmation part")
    else:
        context.say(f"adresse {number} : approuvée, elle sera active à son premier jour")
    return 0


@contacts.command("refuse")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle est refusée, pour le journal.")
@click.pass_obj
def contacts_refuse(invocation: Invocation, number: int, reason: str) -> int:
    """Refuse une adresse demandée ; le demandeur l’apprend s’il a déjà eu un courrier de nous."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        if ledger.contacts.get(number) is None:
            return _unknown(number)
        service = invocation.service(configuration, ledger)
        ledger.journal.write(now, invocation.who(), "contact refused", f"contact {number}", reason=reason)
        decided.refuse(service, [number], f"agent {instant(now)}")
        _close_urgent(service, number, reason)
    context.say(f"demande {number} : refusée")
    return 0


@contacts.command("end")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle prend fin, pour le journal.")
@click.pass_obj
def contacts_end(invocation: Invocation, number: int, reason: str) -> int:
    """Met fin à une adresse active ou contestée ; celle dont elle avait pris la place revient alors."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        if ledger.contacts.get(number) is None:
            return _unknown(number)
        service = invocation.service(configuration, ledger)
        ledger.journal.write(now, invocation.who(), "contact ended", f"contact {number}", reason=reason)
        decided.end(service, [number], f"agent {instant(now)}", "agent")
        _close_urgent(service, number, reason)
    context.say(f"adresse {number} : résiliée")
    return 0


@contacts.command("resume")
@click.argument("address", metavar="ADRESSE")
@click.option("--reason", required=True, help="Pourquoi elle marche de nouveau, pour le journal.")
@click.pass_obj
def contacts_resume(invocation: Invocation, address: str, reason: str) -> int:
    """Rétablit une adresse suspendue parce que des courriers étaient revenus."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        if not ledger.addresses.lift(now, address):
            context.say("cette adresse n’est pas suspendue : « mailbot contacts list » montre celles qui le sont")
            return WRONG
        ledger.journal.write(now, invocation.who(), "address resumed", "address", reason=reason)
    context.say("adresse rétablie : les prochains courriers lui sont envoyés")
    return 0


def _unknown(number: int) -> int:
    context.say(f"aucune adresse {number} : « mailbot contacts list » les montre")
    return WRONG


def _close_urgent(service: Service, number: int, reason: str) -> None:
    """Says which mails of the queue asked for this decision; they leave it."""
    for mail in review.settled_by(service, number, reason):
        context.say(f"mail {mail} : clos par cette décision")


def _missing(ledger: Ledger, contact: StoredContact) -> Iterator[str]:
    """What it is proved by, and what still is awaited of whom."""
    if contact.proved_by:
        yield f"adresse prouvée : {_PROOFS[contact.proved_by]}"
    if contact.agreed_by:
        yield f"accord du PS : {_PROOFS[contact.agreed_by]}"
    if not contact.pending:
        return
    if not contact.proved_by:
        yield "manque : la preuve que l’adresse est au demandeur"
    if not contact.agreed_by:
        yield "manque : l’accord du PS"
    for token in ledger.tokens.of_contact(contact.id):
        if not token.used_at:
            yield f"attendu jusqu’au {wording.moment(token.expires_at)} : {_PURPOSES[token.purpose]}"
    if not contact.expires_at:
        yield "attend un agent, sans limite de temps"


def _suspended(one: Suspension) -> str:
    return f"{one.address}  suspendue  depuis le {wording.day(one.since)}  ({one.why})"


def _contact_json(contact: StoredContact) -> dict[str, object]:
    return {
        "id": contact.id,
        "numero_ps": contact.numero_ps,
        "mail": contact.mail,
        "role": contact.role,
        "state": contact.state,
        "since": contact.since,
        "starts_on": contact.starts_on.isoformat() if contact.starts_on else None,
        "ends_on": contact.ends_on.isoformat() if contact.ends_on else None,
        "proved_by": contact.proved_by,
        "agreed_by": contact.agreed_by,
        "evidence": list(contact.evidence),
    }
