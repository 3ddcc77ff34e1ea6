"""`bench`: the benchmarks of the checkout. They are scripts of the repository and do not travel in the wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from mailbot.cli import context
from mailbot.cli.main import WRONG

#: Beside the package in a checkout.
_FOLDER = Path(__file__).parents[2] / "benchmarks"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> int:
    """Mesure la vitesse des décisions : 100 000 factures contre 1 000 000 lignes de référence."""
    script = _FOLDER / "decide.py"
    if not script.is_file():
        context.say(
            "les mesures se lancent depuis un clone du dépôt (dossier benchmarks/), pas depuis une installation"
        )
        return WRONG
    # Its own process: what is measured must not share memory or a warm cache with this one.
    return subprocess.run([sys.executable, str(script), *arguments], check=False).returncode  # noqa: S603
