"""What every verb needs: the configuration, the ledger, the clock, and a voice on stderr."""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli import wording
from mailbot.configuration import folder as folders
from mailbot.configuration.folder import Configuration, Examination
from mailbot.errors import Never
from mailbot.folders import why
from mailbot.ledger import Ledger, instance_lock
from mailbot.letters import words
from mailbot.model import Refus
from mailbot.passes import texts
from mailbot.passes.service import Edges, Service
from mailbot.reading import Child, Reader

#: Refused rows shown on screen for one file; all of them are in the ledger or in `--json`.
SHOWN = 20


def say(line: str) -> None:
    """One line for a person, on stderr; text from outside in it moves no cursor and makes no second line."""
    click.echo(wording.safe(line).replace("\n", " "), err=True)


def say_refused(refus: Sequence[Refus], total: int = 0) -> None:
    """Refused rows as a gestionnaire reads them: file, line, column, value (masked), reason.

    `total`: how many there are, where `refus` holds the first ones only.
    """
    more = max(total, len(refus)) - SHOWN
    for one in refus[:SHOWN]:
        place = f"{one.fichier}, ligne {one.ligne}" if one.ligne else one.fichier
        column = f", colonne {one.colonne}" if one.colonne else ""
        value = f" « {one.valeur} »" if one.valeur else ""
        say(f"refusé — {place}{column}{value} : {one.raison}")
    if more > 0:
        say(f"… et {words.pluriel(more, 'autre refus', 'autres refus')}")


def read_file(path: Path) -> bytes:
    """Raises `Never` with the reason a person understands."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Never(f"{path} : ce fichier ne se lit pas : {why(error)}") from None


@dataclass(slots=True)
class Invocation:
    """The common options of one call. `folder` None: ./config, or for verbs without a ledger the shipped one."""

    folder: Path | None
    now: datetime | None
    agent: str | None
    stop: threading.Event = field(default_factory=threading.Event)
    reader: Reader = field(default_factory=Child)

    def clock(self) -> datetime:
        return self.now or datetime.now(UTC)

    def who(self) -> str:
        """The name that the journal keeps."""
        try:
            return self.agent or getpass.getuser()
        except (KeyError, OSError):
            return "inconnu"

    def configuration(self, shipped_will_do: bool = False) -> Configuration:
        """The configuration; verbs that need no ledger of one's own run on the shipped one where there is none."""
        loaded = folders.load(self._folder(shipped_will_do), self.reader.templates)
        for fault in loaded.warnings:
            say(f"à corriger, la version d’avant reste en usage : {fault}")
        return loaded

    def examine(self, shipped_will_do: bool = False) -> Examination:
        """The same folder, with everything that can be said against it, and nothing said yet."""
        return folders.examine(self._folder(shipped_will_do), self.reader.templates)

    def _folder(self, shipped_will_do: bool) -> Path:
        folder = self.folder or Path("config")
        if shipped_will_do and self.folder is None and not (folder / "mailbot.yaml").is_file():
            return folders.shipped()
        return folder

    @contextmanager
    def ledger(self, configuration: Configuration) -> Iterator[Ledger]:
        with Ledger(configuration.settings.ledger.path) as ledger:
            yield ledger

    @contextmanager
    def working(self, configuration: Configuration) -> Iterator[Service]:
        """The service, alone on its ledger; `Later` when another instance works on it."""
        with instance_lock(configuration.settings.ledger.path), self.ledger(configuration) as ledger:
            service = self.service(configuration, ledger)
            texts.remember(service)
            yield service

    def service(self, configuration: Configuration, ledger: Ledger) -> Service:
        return Service(
            configuration=configuration,
            ledger=ledger,
            reader=self.reader,
            clock=self.clock,
            say=say,
            stopping=self.stop.is_set,
            pause=lambda seconds: void(self.stop.wait(seconds)),
            who=self.who(),
        )

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT end the service between two transactions; a second one ends it at once."""

        def handle(number: int, _frame: object) -> None:
            if self.stop.is_set():
                sys.exit(128 + number)
            say("arrêt demandé : l’opération en cours se termine")
            self.stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handle)


def act(invocation: Invocation, what: str, subject: str, move: Callable[[Ledger], None], **details: object) -> None:
    """One act of an agent: the move and its journal line in one transaction."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        move(ledger)
        ledger.journal.write(invocation.clock(), invocation.who(), what, subject, **details)


def void(_: object) -> None:
    """For callables whose result does not matter."""


@contextmanager
def edges(configuration: Configuration) -> Iterator[Edges]:
    """The outside world that the configuration names; closed at the end."""
    # Verbs that only look open neither, and the libraries of the servers take their time to load.
    from mailbot.inbox import DropFolder, open_inbox
    from mailbot.outbox import open_outbox

    settings = configuration.settings
    inboxes = [open_inbox(section) for section in settings.inbox]
    outbox = open_outbox(settings.outbox)
    try:
        yield Edges(inboxes, DropFolder(settings.lots.drop_folder), outbox)
    finally:
        for inbox in inboxes:
            inbox.close()
        outbox.close()
