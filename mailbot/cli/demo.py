"""`demo`: an invented day in a throw-away folder, through the real passes, and where to look afterwards."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from mailbot.cli import context, setup
from mailbot.cli.context import Invocation
from mailbot.configuration import folder as folders
from mailbot.demo import day, page, story
from mailbot.demo.mails import EXCHANGER, Delivered
from mailbot.errors import ConfigError, Fault
from mailbot.ledger import Ledger, instance_lock
from mailbot.passes.service import Service


@click.command()
@click.option(
    "--keep", "kept", metavar="DOSSIER", type=click.Path(path_type=Path, file_okay=False),
    help="Dossier vide ou nouveau (un dossier temporaire sinon).",
)  # fmt: skip
@click.pass_obj
def demo(invocation: Invocation, kept: Path | None) -> int:
    """Une journée inventée, de bout en bout, dans un dossier à part ; dit ce qui s’est passé et où regarder."""
    target = _target(kept)
    config = target / "config"
    context.say(f"Démonstration dans {target}")
    setup.write_configuration(config)
    _sign(config)
    configuration = folders.load(config)
    clock = day.Clock()
    path = configuration.settings.ledger.path
    with instance_lock(path), Ledger(path) as ledger, context.edges(configuration) as edges:
        service = Service(
            configuration=configuration,
            ledger=ledger,
            reader=invocation.reader,
            clock=clock,
            say=lambda line: context.say(f"   {line}"),
            stopping=invocation.stop.is_set,
            pause=lambda _: None,
            who=invocation.who(),
        )
        played = day.play(service, edges, clock, target / "arrive", lambda step: context.say(f"• {step}"))
        told = story.told(service)
    look = [*_extracted(played.letters, target / "a-regarder"), *_places(configuration, target)]
    page.show(Console(width=None if sys.stdout.isatty() else 110), played, told, look, config)
    click.echo(f"\nTout est resté dans {target}. Pour l’effacer : rm -r {shlex.quote(str(target))}")
    return 0


def _sign(config: Path) -> None:
    """The mails of the day passed a mail exchanger, as in a real house; the shipped configuration names none."""
    path = config / "mailbot.yaml"
    text = path.read_text(encoding="utf-8")
    signed = re.sub(r"^  # authserv_id: .*$", f"  authserv_id: {EXCHANGER}", text, count=1, flags=re.MULTILINE)
    assert signed != text
    path.write_text(signed, encoding="utf-8")


def _target(kept: Path | None) -> Path:
    """The folder of the demo. Raises `ConfigError` for one that holds something or cannot be made."""
    if kept is None:
        # It stays: the point of a demo is to look at what it wrote.
        return Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    target = kept.absolute()
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        full = any(target.iterdir())
    except OSError as error:
        raise ConfigError(Fault(str(kept), 0, 0, f"ce dossier ne s’écrit pas ({error.strerror})")) from None
    if full:
        hint = "choisissez un dossier vide ou nouveau : rien n’est écrasé"
        raise ConfigError(Fault(str(kept), 0, 0, "ce dossier n’est pas vide", hint))
    return target


def _extracted(letters: list[Delivered], folder: Path) -> list[tuple[str, Path]]:
    """The first page of the longest bordereau as files that a browser and a PDF reader open."""
    folder.mkdir(mode=0o700)
    letter = max((letter for letter in letters if letter.pdf), key=lambda letter: len(letter.text))
    html, pdf = folder / "bordereau.html", folder / "bordereau.pdf"
    html.write_text(letter.html, encoding="utf-8")
    pdf.write_bytes(letter.pdf)
    return [("Un bordereau, tel que le PS le lit (à ouvrir dans un navigateur)", html), ("Sa copie PDF", pdf)]


def _places(configuration: folders.Configuration, target: Path) -> list[tuple[str, Path]]:
    settings = configuration.settings
    places = [("La Trame des gestionnaires", path) for path in sorted(settings.trame.folder.glob("*.xlsx"))]
    if settings.outbox.path:
        places.append(("Tous les courriers envoyés (Maildir)", settings.outbox.path / "new"))
    return [
        *places,
        ("Le registre (SQLite)", settings.ledger.path),
        ("Les fichiers et mails arrivés", target / "arrive"),
    ]
