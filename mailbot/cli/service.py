"""`run` and the four passes, alone or together."""

from __future__ import annotations

import click

from mailbot.cli import context, sending
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION, LATER
from mailbot.ledger import Ledger
from mailbot.passes import cut as cutting
from mailbot.passes import deliver as delivering
from mailbot.passes import forecast, texts
from mailbot.passes import receive as receiving
from mailbot.passes import run as running
from mailbot.passes import settle as settling


@click.command()
@click.option("--once", is_flag=True, help="Un seul tour, puis fin.")
@click.pass_obj
def run(invocation: Invocation, once: bool) -> int:
    """Le service : reçoit, traite, prépare et envoie, sans fin (ou une fois)."""
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    with invocation.working(configuration) as service, context.edges(configuration) as edges:
        if not once:
            service.say("en service ; Ctrl-C ou SIGTERM pour arrêter")
            running.forever(service, edges)
            return 0
        round_ = running.once(service, edges)
        texts.tell_failures(service)
        if round_.away:
            return LATER
        return ATTENTION if round_.attention or configuration.warnings else 0


@click.command()
@click.pass_obj
def receive(invocation: Invocation) -> int:
    """Prend les mails et les fichiers de lots dans le registre."""
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    with invocation.working(configuration) as service, context.edges(configuration) as edges:
        report = receiving.receive(service, edges.inboxes, edges.drop)
        if not report.away:
            service.ledger.note_pass("receive", service.clock())
    context.say(report.told())
    for reason in report.away:
        context.say(f"à réessayer : {reason}")
    return LATER if report.away else 0


@click.command()
@click.pass_obj
def settle(invocation: Invocation) -> int:
    """Traite ce qui est reçu : décide les factures, range les mails."""
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    with invocation.working(configuration) as service:
        report = settling.settle(service)
        service.ledger.note_pass("settle", service.clock())
    context.say(report.told())
    return ATTENTION if report.parked else 0


@click.command()
@click.pass_obj
def cut(invocation: Invocation) -> None:
    """Prépare les bordereaux et la Trame des rejets que personne ne connaît encore."""
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    with invocation.working(configuration) as service:
        report = cutting.cut(service)
        service.ledger.note_pass("cut", service.clock())
    context.say(report.told())


@click.command()
@click.option(
    "--dry-run", "dry_run", is_flag=True, help="Compte ce qui partirait et ce qui ne partirait pas, sans rien écrire."
)
@click.option("--json", "as_json", is_flag=True, help="Avec --dry-run : un objet JSON.")
@click.pass_obj
def deliver(invocation: Invocation, dry_run: bool, as_json: bool) -> int:
    """Envoie les courriers prêts."""
    if as_json and not dry_run:
        raise click.UsageError("--json va avec --dry-run.")
    configuration = invocation.configuration()
    if dry_run:
        with Ledger.looked_at(configuration.settings.ledger.path) as ledger:
            return sending.told(
                forecast.forecast(invocation.service(configuration, ledger)), as_json, invocation.clock()
            )
    invocation.stop_on_signals()
    with invocation.working(configuration) as service, context.edges(configuration) as edges:
        report = delivering.deliver(service, edges.outbox)
        if not report.away:
            service.ledger.note_pass("deliver", service.clock())
        held = service.ledger.holds.everything()
    context.say(report.told() + (f" — envoi suspendu : {held}" if held else ""))
    if report.away:
        context.say(f"à réessayer : {report.away}")
        return LATER
    return ATTENTION if report.attention else 0
