"""What goes in and out as files: lots, reference tables, mails to look at, the Trame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from mailbot import files
from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.errors import Later
from mailbot.ledger import instance_lock
from mailbot.letters import words
from mailbot.model import Kind
from mailbot.parsers import message
from mailbot.passes import contact, reference_files, settle, settle_lots, settle_mails
from mailbot.passes import trame as trames
from mailbot.passes.service import Service

_A_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def lots() -> None:
    """Les lots de factures."""


@lots.command("add")
@click.argument("paths", metavar="FICHIER…", nargs=-1, required=True, type=_A_FILE)
@click.pass_obj
def lots_add(invocation: Invocation, paths: tuple[Path, ...]) -> int:
    """Prend des fichiers de lots, comme le dossier de dépôt, et les décide."""
    configuration = invocation.configuration()
    raws = [(path.name, context.read_file(path)) for path in paths]
    invocation.stop_on_signals()
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        stored = [(name, ledger.lots.store(service.clock(), name, raw)) for name, raw in raws]
        for name, file_id in stored:
            if file_id is None:
                context.say(f"{name} : déjà reçu, rien ne change")
        before = len(ledger.lots.refus())
        try:
            with instance_lock(configuration.settings.ledger.path):
                parked = settle_lots.settle_call(
                    service, [ledger.lots.file(one) for _, one in stored if one is not None]
                )
                report = settle.settle(service)
        except Later:
            context.say("le service est en marche : il décidera ces lots à son prochain passage")
            return 0
        refused = ledger.lots.refus()[before:]
        if not ledger.references.loaded():
            context.say(
                "aucune table de référence n’est chargée : chaque facture est « À contrôler » "
                "(« mailbot references load » les charge)"
            )
    context.say_refused(refused)
    return ATTENTION if refused or parked or report.parked else 0


@click.group()
def references() -> None:
    """Les tables de référence."""


@references.command("load")
@click.argument("paths", metavar="[DOSSIER|FICHIER]…", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def references_load(invocation: Invocation, paths: tuple[Path, ...]) -> int:
    """Charge des tables : un dossier de NOM.csv ou NOM.xlsx, ou des fichiers (sinon references.folder)."""
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    with invocation.working(configuration) as service:
        refused = _load(service, paths or (configuration.settings.references.folder,))
    return ATTENTION if refused else 0


def _load(service: Service, paths: Sequence[Path]) -> int:
    refused = tables = 0
    for stranger in reference_files.strangers(paths):
        context.say(stranger)
    for read in reference_files.load(service, paths):
        tables += 1
        refused += len(read.refus)
        if read.rows is None:
            context.say(f"{read.fichier} : fichier refusé, la table {read.name} reste comme elle était")
        else:
            context.say(f"{read.name} : {words.pluriel(len(read.rows), 'ligne chargée', 'lignes chargées')}")
        for warning in read.warnings:
            context.say(warning)
        context.say_refused(read.refus)
    if not tables:
        context.say(f"aucune table de référence dans {', '.join(map(str, paths))}")
    return refused


# -- inspect -----------------------------------------------------------------------------------------------------


@click.command()
@click.argument("paths", metavar="FICHIER…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON.")
@click.option("--jsonl", is_flag=True, help="Un objet JSON par ligne, avec son chemin ; les dossiers sont parcourus.")
@click.pass_obj
def inspect(invocation: Invocation, paths: tuple[Path, ...], as_json: bool, jsonl: bool) -> int:
    """Ce qu’est un mail, sans registre : son genre, son texte, ses numéros, ses pièces jointes."""
    configuration = invocation.configuration(shipped_will_do=True)
    own = settle_mails.own(configuration)
    malformed = 0
    for path in _mails(paths) if jsonl else paths:
        found = message.read(context.read_file(path), invocation.clock(), own)
        malformed += found.kind is Kind.MALFORMED
        told = message.as_json(found)
        if jsonl:
            click.echo(json.dumps({"path": str(path), **told}, ensure_ascii=False))
        elif as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            _tell(told)
    return ATTENTION if malformed else 0


def _mails(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _tell(told: dict[str, Any]) -> None:
    labels = {
        "kind": "genre", "from": "de", "to": "à", "subject": "objet", "date": "date", "numeros_ps": "n° PS",
        "numeros_facture": "n° facture", "nirs": "NIR", "tokens": "références", "warnings": "remarques",
    }  # fmt: skip
    for name, label in labels.items():
        value = told[name]
        if value:
            shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            click.echo(f"{label:12} {wording.safe(shown)}")
    for attachment in told["attachments"]:
        click.echo(f"{'pièce':12} {wording.safe(attachment['filename'])} ({attachment['size']} octets)")
    click.echo(f"\n{wording.safe(told['reply_text'])}")


# -- trame -------------------------------------------------------------------------------------------------------


@click.group()
def trame() -> None:
    """Le classeur des gestionnaires."""


@trame.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Fichier à écrire.")
@click.option("--all", "everything", is_flag=True, help="Aussi les rejets clos.")
@click.pass_obj
def trame_export(invocation: Invocation, output: Path | None, everything: bool) -> None:
    """Écrit la Trame : rejets, factures à saisir, lignes refusées à l’entrée."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        now = service.clock().astimezone(contact.PARIS)
        path = output or configuration.settings.trame.folder / f"trame-{now:%Y-%m-%d}.xlsx"
        files.write_private(path, trames.workbook_bytes(service, now, everything))
        ledger.journal.write(service.clock(), invocation.who(), "trame exported", "trame")
    context.say(f"Trame écrite : {path}")
