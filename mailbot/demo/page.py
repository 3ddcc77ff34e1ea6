"""The summary of `mailbot demo` as a page of the terminal: plain lines where it is none."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mailbot.demo.day import Played
from mailbot.demo.story import SUIVIE, Told


def show(console: Console, played: Played, day: Told, look: Sequence[tuple[str, Path]], config: Path) -> None:
    """Prints the day. `look`: what to open, each with its path; `config`: the configuration folder of the demo."""
    _came_in(console, played, day)
    _decided(console, day)
    _letters(console, day)
    _title(console, "Ce qui attend quelqu’un")
    for waiting in day.attend or ("rien",):
        _line(console, f"– {waiting}")
    _title(console, f"L’histoire de la facture {SUIVIE}")
    for hour, happened in day.histoire:
        _line(console, f"{hour}  {happened}")
    _title(console, "À regarder")
    for what, path in look:
        _line(console, f"{what} :")
        _line(console, f"  {path}")
    _title(console, "À essayer")
    # In a checkout `mailbot` is not on the PATH: what is shown must run when it is pasted.
    program = "mailbot" if shutil.which("mailbot") else os.path.relpath(sys.argv[0])
    if program.endswith(".py"):
        program = f"{os.path.relpath(sys.executable)} -m mailbot"
    for verb in ("status", "review list", f"explain {SUIVIE}"):
        _line(console, f"{program} --config {config} {verb}")


def _came_in(console: Console, played: Played, day: Told) -> None:
    _title(console, "Ce qui est arrivé")
    rows = sum(played.references.values())
    _line(console, f"{len(played.references)} tables de référence, {rows} lignes en tout")
    _line(console, f"{len(played.lots)} fichiers de lots : {', '.join(played.lots)}")
    mails = "2 demandes d’inscription, leurs 2 confirmations, 3 réponses de PS, 1 avis de non-remise"
    _line(console, f"{len(played.mails)} mails : {mails}")
    for refus in day.refus:
        _line(console, f"refusé à l’entrée : {refus}")


def _decided(console: Console, day: Told) -> None:
    _title(console, "Ce qui a été décidé")
    _line(
        console,
        f"{day.factures} factures : {day.acceptees} acceptées, {day.a_saisir} à saisir, {day.refusees} refusées",
    )
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("  Motif", no_wrap=True)
    table.add_column("route PS", justify="right")
    table.add_column("route gestionnaire", justify="right")
    for libelle, to_ps, to_gestionnaire in day.motifs:
        table.add_row(Text(f"  {libelle}"), str(to_ps or ""), str(to_gestionnaire or ""))
    console.print(table)


def _letters(console: Console, day: Told) -> None:
    _title(console, "Les courriers")
    readers = len({address for _, address, _ in day.bordereaux})
    _line(
        console,
        f"{len(day.bordereaux)} bordereaux à {readers} PS, chacun avec sa copie cachée au service ({day.copies}) ; "
        f"étapes d’inscription : {day.etapes}, dont {day.confirmations} confirmations ; "
        f"accusés de réponse : {day.accuses}",
    )
    for name, address, subject in day.bordereaux:
        _line(console, f"– {name} ({address}) : {subject}")
    _title(console, "La Trame des gestionnaires")
    _line(console, f"{day.trame} refus ouverts")
    if day.sans_contact:
        _line(console, f"dont, faute d’adresse où écrire au PS : factures {', '.join(day.sans_contact)}")


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold cyan"))


def _line(console: Console, text: str) -> None:
    """One line, never wrapped where a path could be cut, never read as markup."""
    console.print(Text(f"  {text}"), soft_wrap=True)
