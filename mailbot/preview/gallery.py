"""What an admin can look at: every kind of letter on every sample, the faults, and what differs from what is shipped.

Owns: one configuration, read again when a text or template is saved. Safe to use from several threads. Raises
`LookupError` for a kind, sample or file that is not there.
"""

from __future__ import annotations

import difflib
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.configuration import folder as folders
from mailbot.configuration.folder import Configuration
from mailbot.errors import Fault
from mailbot.letters import pdf, samples, trial
from mailbot.letters.verdict import Contexts, Judge

#: The kinds that have a PDF copy.
WITH_PDF = frozenset({"bordereau"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A file of the admin beside the shipped one; `lines` as `diff -u` writes them. `counts`: is it in use?"""

    file: str
    counts: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What is there at one moment. `version` changes with every save."""

    version: str
    configuration: Configuration
    contexts: Contexts
    differences: tuple[Difference, ...]
    remarks: tuple[Fault, ...]

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

    def __init__(self, configuration: Configuration, judge: Judge = trial.judge) -> None:
        self._judge = judge
        self._lock = threading.Lock()
        self._view = _view(configuration)

    def view(self) -> View:
        """As the files stand now. A save is judged once, whoever asks first."""
        with self._lock:
            known = self._view.configuration
            found = folders.refreshed(known, self._judge)
            if found is not known:
                self._view = _view(found)
            return self._view


def _view(configuration: Configuration) -> View:
    house = configuration.house
    stamp = hashlib.sha256(repr(configuration.written.stamp).encode()).hexdigest()[:16]
    differences = tuple(map(_difference, folders.changes(configuration)))
    return View(stamp, configuration, samples.contexts(house), differences, house.templates.remarks)


def _difference(change: folders.Change) -> Difference:
    lines = difflib.unified_diff(
        change.shipped.splitlines(),
        change.text.splitlines(),
        f"livré/{change.path}",
        f"le vôtre/{change.path}",
        lineterm="",
    )
    return Difference(change.path, change.counts, tuple(lines))
