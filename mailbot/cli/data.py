"""What goes in and out as files: lots, reference tables, the Trame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from mailbot import files
from mailbot.cli import context, directories, refusal_file
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.errors import Later, Never
from mailbot.ledger import instance_lock
from mailbot.letters import words
from mailbot.model import Refus
from mailbot.passes import contact, reference_files, settle, settle_lots
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
    raws = _read(paths)
    invocation.stop_on_signals()
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        stored = [(name, ledger.lot_files.store(service.clock(), name, raw)) for name, raw in raws]
        for name, file_id in stored:
            if file_id is None:
                context.say(f"{name} : déjà reçu, rien ne change")
        before = len(ledger.lot_files.refus())
        try:
            with instance_lock(configuration.settings.ledger.path):
                clean = settle_lots.settle_call(
                    service, [ledger.lot_files.get(one) for _, one in stored if one is not None]
                )
                report = settle.settle(service)
        except Later:
            context.say("le service est en marche : il décidera ces lots à son prochain passage")
            return 0
        refused = ledger.lot_files.refus()[before:]
        to_see = any(ledger.retours.open_of(one) for _, one in stored if one is not None)
        if not ledger.references.loaded():
            context.say(
                "aucune table de référence n’est chargée : chaque facture est « À contrôler » "
                "(« mailbot references load » les charge)"
            )
    context.say_refused(refused)
    return ATTENTION if refused or not clean or to_see or report.parked else 0


def _read(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """The files of one call, all or none: names every one that cannot be read."""
    raws, missing = [], []
    for path in paths:
        try:
            raws.append((path.name, context.read_file(path)))
        except Never as fault:
            missing.append(fault.reason)
    if missing:
        none = "" if len(paths) == 1 else " ; aucun fichier de cet appel n’est pris"
        raise Never(" ; ".join(missing) + none)
    return raws


@click.group()
def references() -> None:
    """Les tables de référence."""


@references.command("load")
@click.argument("paths", metavar="[DOSSIER|FICHIER]…", nargs=-1, type=click.Path(path_type=Path))
@click.option("--from-finess", "finess", type=_A_FILE, help="Complète agaps par une extraction FINESS (etalab).")
@click.option("--from-mssante", "mssante", type=_A_FILE, help="Complète agaps par une extraction des boîtes MSSanté.")
@click.option("--refus", "refusals", type=_A_FILE, help="Écrit toutes les lignes refusées dans ce fichier CSV.")
@click.pass_obj
def references_load(
    invocation: Invocation, paths: tuple[Path, ...], finess: Path | None, mssante: Path | None, refusals: Path | None
) -> int:
    """Charge des tables : un dossier de NOM.csv ou NOM.xlsx, ou des fichiers (sinon references.folder).

    Un annuaire national ne remplace rien dans agaps : il ajoute les PS qui y manquent et remplit leurs cases vides.
    """
    configuration = invocation.configuration()
    invocation.stop_on_signals()
    extracts = [(source, path) for source, path in (("finess", finess), ("mssante", mssante)) if path]
    if not paths and not extracts:
        paths = (configuration.settings.references.folder,)
    with invocation.working(configuration) as service, refusal_file.opened(refusals) as refuse:
        good = [_load(service, paths, refuse)] if paths else []
        good += [directories.load(service, source, path, refuse) for source, path in extracts]
    return 0 if all(good) else ATTENTION


def _load(service: Service, paths: Sequence[Path], refuse: Callable[[Refus], None]) -> bool:
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
        for one in read.refus:
            refuse(one)
    if not tables:
        context.say(f"aucune table de référence dans {', '.join(map(str, paths))}")
    return not refused


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
