"""Everything that is wrong with a configuration folder, as an admin reads it: one line each, in the order of the files.

A fault says `file:line:column : what — remedy`, a remark says so. Shared by `check` and `rules check`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mailbot.cli import context
from mailbot.configuration.folder import Examination
from mailbot.errors import Fault
from mailbot.letters import words


class Count(NamedTuple):
    """How many findings there are of each kind."""

    faults: int
    remarks: int


def tell(found: Examination) -> Count:
    """Shows the faults of all files, those of the lint and its remarks, sorted by place; then how many there are."""
    lint = found.findings()
    rendered = found.rendered()
    faults = [*dict.fromkeys((*found.faults, *found.warnings, *lint.mistakes, *rendered.faults))]
    remarks = [replace(fault, message=f"remarque : {fault.message}") for fault in (*lint.remarks, *rendered.remarks)]
    for fault in sorted((*faults, *remarks), key=_place):
        context.say(str(fault))
    count = Count(len(faults), len(remarks))
    if any(count):
        counted = [words.pluriel(count.faults, "faute")] if faults else []
        counted += [words.pluriel(count.remarks, "remarque")] if remarks else []
        runs = "le service marche quand même" if found.configuration else "le service ne démarre pas ainsi"
        context.say(f"{', '.join(counted)} : {runs}")
    return count


def _place(fault: Fault) -> tuple[str, int, int]:
    return fault.file, fault.line, fault.column
