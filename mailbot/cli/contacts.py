"""Registered addresses, seen and decided by an agent; each act stands in the journal with its agent and its reason."""

from __future__ import annotations

import json

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import StoredContact
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
        found = ledger.contacts.listed()
    for contact in found:
        if as_json:
            click.echo(json.dumps(_contact_json(contact), ensure_ascii=False))
        else:
            since = f"{wording.state(contact.state)}  depuis le {wording.day(contact.since)}"
            click.echo(f"{contact.id}  PS {contact.numero_ps}  {contact.mail}  {since}")


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


def _contact_json(contact: StoredContact) -> dict[str, object]:
    return {
        "id": contact.id,
        "numero_ps": contact.numero_ps,
        "mail": contact.mail,
        "state": contact.state,
        "since": contact.since,
        "evidence": list(contact.evidence),
    }
