"""`bench`: the benchmarks of the checkout. They are scripts of the repository and do not travel in the wheel."""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import click

from mailbot.cli import context
from mailbot.cli.main import ATTENTION, WRONG
from mailbot.configuration.document import nearest

#: Beside the package in a checkout.
_FOLDER = Path(__file__).parents[2] / "benchmarks"
#: In this order: the script of each in benchmarks/, and what it measures.
BENCHES = {
    "decide": "« mailbot decide » face au module csv : 100 000 factures, 1 000 000 de lignes de référence",
    "judge": "le juge face à la même table écrite à la main et aux moteurs de règles : 1 000 000 de factures",
    "b2": "la lecture d’un fichier B2 face à struct : 1 000 000 d’enregistrements",
    "diff": "« mailbot rules diff » face à la décision elle-même : 200 000 factures",
    "mail_reading": "la lecture des mails : 10 000 mails",
    "letters": "un bordereau face à Jinja, MJML et premailer : 10 000 courriers",
    "send": "« mailbot deliver » face à smtp-source de Postfix : 10 000 bordereaux",
}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", metavar="[NOM…] [OPTION DE LA MESURE…]", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> int:
    """Mesure la vitesse, chaque mesure dans un processus à part : toutes, ou celles que l’on nomme.

    Les noms : decide, judge, b2, diff, mail_reading, letters, send. Les options qui suivent vont à chaque mesure.
    Le code de sortie est 1 quand une limite est manquée.
    """
    names = list(takewhile(lambda word: not word.startswith("-"), arguments))
    options = arguments[len(names) :]
    if not (_FOLDER / "decide.py").is_file():
        context.say(
            "les mesures se lancent depuis un clone du dépôt (dossier benchmarks/), pas depuis une installation"
        )
        return WRONG
    for name in names:
        if name not in BENCHES:
            context.say(f"mesure « {name} » inconnue — {nearest(name, BENCHES)}")
            return WRONG
    missed = [name for name in names or BENCHES if not _held(name, options)]
    if missed:
        context.say(f"mesures manquées : {', '.join(missed)}")
    return ATTENTION if missed else 0


def _held(name: str, options: tuple[str, ...]) -> bool:
    """Runs one bench in a process of its own: what is measured must not share memory or a warm cache with this one."""
    click.echo(f"— {name} : {BENCHES[name]}")
    return subprocess.run([sys.executable, str(_FOLDER / f"{name}.py"), *options], check=False).returncode == 0  # noqa: S603
