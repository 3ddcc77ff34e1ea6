"""What an admin can look at: every kind of letter on every sample, the faults, and what differs from what is shipped.

Owns: one configuration, read again when a file of it is saved. What no service would start with (`mailbot.yaml`,
`motifs.yaml`, …) is told, and what was sound before is shown. Safe to use from several threads. Raises `LookupError`
for a kind, sample or file that is not there.
"""

from __future__ import annotations

import difflib
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.configuration import folder as folders
from mailbot.configuration.folder import Configuration, State
from mailbot.errors import ConfigError, Fault
from mailbot.letters import choice, pdf, samples
from mailbot.letters.verdict import Contexts, Judge
from mailbot.preview import names

#: The kinds that have a PDF copy.
WITH_PDF = frozenset({"bordereau"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A file of the admin beside the shipped one; `lines` as `diff -u` writes them, none for a file that nobody can
    read."""

    file: str
    state: State
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What is there at one moment. `version` changes with every save; `names`: what each sample shows, by kind;
    `refused`: why a service would not start with the files as they stand."""

    version: str
    configuration: Configuration
    contexts: Contexts
    differences: tuple[Difference, ...]
    remarks: tuple[Fault, ...]
    names: Mapping[str, tuple[str, ...]]
    refused: tuple[Fault, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.configuration.warnings

    def context(self, kind: str, number: int) -> Mapping[str, Any]:
        """A sample, counted from 1."""
        if number < 1:
            raise LookupError(kind)
        return self.contexts[kind][number - 1]

    def html(self, kind: str, number: int) -> str:
        return self.configuration.house.templates.html(kind, self.context(kind, number))

    def text(self, kind: str, number: int) -> str:
        return self.configuration.house.templates.text(kind, self.context(kind, number))

    def pdf(self, kind: str, number: int) -> bytes:
        if kind not in WITH_PDF:
            raise LookupError(kind)
        return pdf.bordereau(self.context(kind, number), samples.NOW)

    def difference(self, file: str) -> Difference:
        for one in self.differences:
            if one.file == file:
                return one
        raise LookupError(file)


class Gallery:
    """The view of now."""

    def __init__(self, configuration: Configuration, judge: Judge = choice.tried) -> None:
        self._judge = judge
        self._lock = threading.Lock()
        self._folder = configuration.folder
        self._stamp = folders.stamp(self._folder)
        self._view = _view(configuration, self._stamp)

    def view(self) -> View:
        """As the files stand now. A save is judged once, whoever asks first."""
        with self._lock:
            stamp = folders.stamp(self._folder)
            if stamp != self._stamp:
                found, refused = self._read(self._view.configuration)
                self._stamp, self._view = stamp, _view(found, stamp, refused)
            return self._view

    def _read(self, known: Configuration) -> tuple[Configuration, tuple[Fault, ...]]:
        """The whole folder again. Where no service would start with it: what was sound before with the texts of now,
        and the faults."""
        try:
            found = folders.examine(self._folder, self._judge)
        except ConfigError as error:
            return folders.refreshed(known, self._judge), error.faults
        if found.configuration is None:
            return folders.refreshed(known, self._judge), found.faults
        return found.configuration, ()


def _view(
    configuration: Configuration, stamp: tuple[tuple[str, int, int], ...], refused: tuple[Fault, ...] = ()
) -> View:
    house = configuration.house
    version = hashlib.sha256(repr(stamp).encode()).hexdigest()[:16]
    differences = tuple(map(_difference, folders.changes(configuration)))
    contexts = samples.contexts(house)
    return View(version, configuration, contexts, differences, house.templates.remarks, names.of(contexts), refused)


def _difference(change: folders.Change) -> Difference:
    if change.state is State.UNREAD:
        return Difference(change.path, change.state, ())
    lines = difflib.unified_diff(
        change.shipped.splitlines(),
        change.text.splitlines(),
        f"livré/{change.path}",
        f"le vôtre/{change.path}",
        lineterm="",
    )
    return Difference(change.path, change.state, tuple(lines))
