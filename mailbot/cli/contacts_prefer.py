"""What a contact asked for, set by an agent: the CSV table, the phrase of its closed PDF. Each act is journaled."""

from __future__ import annotations

import click

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.passes import contact as contacts
from mailbot.passes import phrase as phrases
from mailbot.passes.service import Service
from mailbot.rules.references import References


@click.command("prefer")
@click.argument("numero_ps", metavar="PS")
@click.option("--csv/--no-csv", "csv", default=None, help="Joindre aussi les factures refusées en CSV.")
@click.option("--reason", required=True, help="Qui l’a demandé et comment, pour le journal.")
@click.pass_obj
def prefer(invocation: Invocation, numero_ps: str, csv: bool | None, reason: str) -> int:
    """Ce que le contact d’un PS veut recevoir avec ses bordereaux."""
    if csv is None:
        raise click.UsageError("indiquez --csv ou --no-csv.")
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        mail = _address(invocation.service(configuration, ledger), numero_ps)
        if not mail:
            return WRONG
        ledger.preferences.prefer_csv(numero_ps, mail, csv)
        subject = f"ps {numero_ps}"
        ledger.journal.write(
            invocation.clock(), invocation.who(), "contact preference", subject, csv=csv, reason=reason
        )
    context.say(f"PS {numero_ps} : {'avec' if csv else 'sans'} table CSV à partir du prochain bordereau")
    return 0


@click.command("phrase")
@click.argument("numero_ps", metavar="PS")
@click.option("--renew", is_flag=True, help="En change : les prochains PDF s’ouvrent avec la nouvelle.")
@click.option("--reason", required=True, help="À qui elle est dite et pourquoi, pour le journal.")
@click.pass_obj
def phrase(invocation: Invocation, numero_ps: str, renew: bool, reason: str) -> int:
    """La phrase secrète qui ouvre les PDF du contact d’un PS (privacy : encrypted).

    À dire de vive voix ou par la poste, jamais dans le mail qui porte le PDF. Chaque lecture est inscrite au journal.
    """
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        service = invocation.service(configuration, ledger)
        mail = _address(service, numero_ps)
        if not mail:
            return WRONG
        if renew:
            ledger.preferences.renew_phrase(numero_ps, mail)
        said = phrases.of(service, numero_ps, mail)
        what = "phrase renewed" if renew else "phrase shown"
        ledger.journal.write(invocation.clock(), invocation.who(), what, f"ps {numero_ps}", reason=reason)
    context.say(f"PS {numero_ps}, {mail} :")
    click.echo(said)
    return 0


def _address(service: Service, numero_ps: str) -> str:
    """Where this PS is written to now; "" (and said) for nowhere."""
    found = contacts.contact_of(service, numero_ps, References.of(service.ledger.references.contacts_of([numero_ps])))
    if found is None:
        context.say(f"PS {numero_ps} : aucune adresse où écrire, « mailbot contacts list » les montre")
        return ""
    return found.mail
