"""`init` and `check`: a configuration that works, and whether one still does."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from mailbot.cli import advice, context, findings
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.configuration import folder as folders
from mailbot.errors import ConfigError, Fault, Later, Never
from mailbot.letters import words


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Écrit un dossier de configuration commenté, qui marche tel quel (Maildir en entrée et en sortie)."""
    if directory.exists() and any(directory.iterdir()):
        hint = "choisissez un dossier vide ou nouveau : rien n’est écrasé"
        raise ConfigError(Fault(str(directory), 0, 0, "ce dossier n’est pas vide", hint))
    write_configuration(directory)
    context.say(f"configuration écrite dans {directory}")
    context.say(f"essayez-la : mailbot --config {directory} check")


def write_configuration(directory: Path) -> None:
    """A copy of the shipped configuration, without what a service has left in it."""
    try:
        shutil.copytree(
            folders.shipped(), directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("var", "secrets")
        )
        directory.chmod(0o700)
    except OSError as error:
        raise ConfigError(Fault(str(directory), 0, 0, f"le dossier ne s’écrit pas ({error.strerror})")) from None


@click.command()
@click.option("--live", is_flag=True, help="Essaie aussi les serveurs, sans rien y changer.")
@click.pass_obj
def check(invocation: Invocation, live: bool) -> int:
    """Vérifie la configuration, les règles, les textes et les modèles ; avec --live aussi les serveurs."""
    found = invocation.examine()
    attention = sum(findings.tell(found))
    configuration = found.configuration
    if configuration is None:
        return WRONG
    book = configuration.book
    context.say(f"configuration {configuration.folder} : lue{'' if attention else ' sans erreur'}")
    context.say(f"règles : {len(book.rules)} ; motifs : {len(book.motifs)}")
    if found.main is not None:
        for fault in advice.missing(found.main, configuration.settings):
            context.say(f"remarque : {fault}")
            attention += 1
        for note in advice.notes(found.main, configuration.settings):
            context.say(note)
    if live:
        attention += _live(configuration)
    if configuration.settings.ledger.path.exists():
        with invocation.ledger(configuration) as ledger:
            parked = ledger.mails.parked()
            if parked:
                context.say(
                    f"{words.pluriel(len(parked), 'mail attend', 'mails attendent')} un agent : mailbot review list"
                )
                attention += len(parked)
    return 1 if attention else 0


def _live(configuration: folders.Configuration) -> int:
    """Opens each server and says how it went; gives how many failed."""
    failed = 0
    with context.edges(configuration) as edges:
        probes = [*((inbox.name, inbox.check) for inbox in edges.inboxes), ("envoi", edges.outbox.check)]
        for name, probe in probes:
            try:
                probe()
                context.say(f"{name} : joignable")
            except (Later, Never) as error:
                failed += 1
                context.say(f"{name} : {error.reason}")
    return failed
