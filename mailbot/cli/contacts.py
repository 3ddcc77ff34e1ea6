"""Registered addresses, seen and decided by an agent; each act stands in the journal with its agent and its reason."""

from __future__ import annotations

import json

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import StoredContact, Suspension
from mailbot.model import MailState, Seen
from mailbot.passes import confirm


@click.group()
def contacts() -> None:
    """Les adresses enregistrées des PS."""


@contacts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def contacts_list(invocation: Invocation, as_json: bool) -> None:
    """Toutes les adresses, avec leur état."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found, suspended = ledger.contacts.listed(), ledger.addresses.suspended()
    for contact in found:
        if as_json:
            click.echo(json.dumps(_contact_json(contact), ensure_ascii=False))
        else:
            since = f"{wording.state(contact.state)}  depuis le {wording.day(contact.since)}"
            click.echo(f"{contact.id}  PS {contact.numero_ps}  {contact.mail}  {since}")
    for one in suspended:
        if as_json:
            click.echo(
                json.dumps(
                    {"mail": one.address, "state": "suspendue", "since": one.since, "evidence": [one.why]},
                    ensure_ascii=False,
                )
            )
        else:
            click.echo(_suspended(one))


@contacts.command("show")
@click.argument("numero_ps")
@click.pass_obj
def contacts_show(invocation: Invocation, numero_ps: str) -> None:
    """Les adresses d’un PS, avec leurs preuves."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        for contact in ledger.contacts.listed(numero_ps):
            click.echo(
                f"{contact.id}  {contact.mail}  {wording.state(contact.state)}  depuis le {wording.day(contact.since)}"
            )
            for line in contact.evidence:
                click.echo(f"   {line}")
        for one in ledger.addresses.suspended_of(numero_ps):
            click.echo(_suspended(one))
        for failure in ledger.addresses.failures_of(numero_ps):
            ended = "définitif" if failure.permanent else "temporaire"
            status = f", statut {failure.status}" if failure.status else ""
            click.echo(f"   courrier {failure.letter_id} revenu le {wording.day(failure.at)} ({ended}{status})")
        until = ledger.addresses.absence(numero_ps, invocation.clock().date())
    if until:
        click.echo(f"absent jusqu’au {until.strftime('%d/%m/%Y')}")


@contacts.command("approve")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi l’adresse est acceptée, pour le journal.")
@click.pass_obj
def contacts_approve(invocation: Invocation, number: int, reason: str) -> int:
    """Active une adresse demandée ; le PS reçoit une confirmation."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        contact = ledger.contacts.get(number)
        if contact is None:
            context.say(f"aucune demande {number} : « mailbot contacts list » les montre")
            return WRONG
        ledger.addresses.lift(now, contact.mail)
        ledger.contacts.activate(number, now)
        service = invocation.service(configuration, ledger)
        ledger.letters.queue(now, confirm.letter(service, contact.numero_ps, contact.mail))
        mail = contact.mail_id and ledger.mails.get(contact.mail_id)
        if mail and mail.state is MailState.PARKED:
            ledger.mails.settle(mail.id, now, Seen())
        ledger.journal.write(now, invocation.who(), "contact approved", f"contact {number}", reason=reason)
    context.say(f"adresse {number} : active, une confirmation part")
    return 0


@contacts.command("refuse")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle est refusée, pour le journal.")
@click.pass_obj
def contacts_refuse(invocation: Invocation, number: int, reason: str) -> None:
    """Refuse une adresse demandée."""
    now = invocation.clock()
    context.act(
        invocation, "contact refused", f"contact {number}",
        lambda ledger: ledger.contacts.refuse(number, now), reason=reason,
    )  # fmt: skip
    context.say(f"demande {number} : refusée")


@contacts.command("end")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle prend fin, pour le journal.")
@click.pass_obj
def contacts_end(invocation: Invocation, number: int, reason: str) -> None:
    """Met fin à une adresse active."""
    now = invocation.clock()
    context.act(
        invocation, "contact ended", f"contact {number}",
        lambda ledger: ledger.contacts.end(number, now), reason=reason,
    )  # fmt: skip
    context.say(f"adresse {number} : résiliée")


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


def _suspended(one: Suspension) -> str:
    return f"{one.address}  suspendue  depuis le {wording.day(one.since)}  ({one.why})"


def _contact_json(contact: StoredContact) -> dict[str, object]:
    return {
        "id": contact.id,
        "numero_ps": contact.numero_ps,
        "mail": contact.mail,
        "state": contact.state,
        "since": contact.since,
        "evidence": list(contact.evidence),
    }
