"""What is done in the reading process: pure functions of `parsers`, and the trial of templates that an admin wrote, by
name, each with its limits of time and memory.

A task takes values and returns values: frozen dataclasses of `model` and `parsers`, texts, bytes, numbers, dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.letters.verdict import Contexts
from mailbot.model import Attachment, Kind
from mailbot.model.documents import Document
from mailbot.parsers import lots
from mailbot.parsers.b2.format import Format
from mailbot.parsers.mail import message
from mailbot.parsers.mail.own import Own

LENGTH = 8  # bytes before each question and each answer: its length


@dataclass(frozen=True, slots=True)
class Limits:
    """Wall-clock seconds, and bytes of memory beyond what the idle reading process holds."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Task:
    """`limits` are those of promises.md for whatever comes from outside, unless the task says otherwise."""

    work: Callable[..., Any]
    limits: Limits = Limits(10.0, 512 * 1024 * 1024)


def inspected(raw: bytes, now: datetime, own: Own) -> tuple[Kind, bytes]:
    """The kind of a mail, and the `inspect` object of contracts.md without its path as JSON."""
    found = message.read(raw, now, own)
    return found.kind, message.as_json_bytes(found)


# The libraries of PDF and pictures take a quarter of a second to import: the first document pays, mails do not.


def document(
    attachment: Attachment, called: str, aliases: Mapping[str, str], b2_format: Format
) -> tuple[tuple[Document, tuple[bytes, ...]], ...]:
    """See `parsers.documents.read`."""
    from mailbot.parsers import documents

    return documents.read(attachment, called, aliases, b2_format)


def recognised(scan: Document, text: str) -> Document:
    """See `parsers.documents.recognised`."""
    from mailbot.parsers import documents

    return documents.recognised(scan, text)


def templates(
    files: Mapping[str, str], changed: Sequence[str], contexts: Contexts
) -> tuple[tuple[tuple[str, int, int, str, str], ...], ...]:
    """The faults and the remarks of `letters.trial.judge`, as plain values."""
    from mailbot.letters import trial

    verdict = trial.judge(files, changed, contexts)
    return tuple(
        tuple((one.file, one.line, one.column, one.message, one.hint) for one in told)
        for told in (verdict.faults, verdict.remarks)
    )


#: Lot files of the drop folder come from systems of the agent, and hold up to a month of invoices.
DROPPED = Limits(120.0, 2 * 1024**3)

#: A template is tried when an admin saves it: no mail waits, and the first one also waits for what renders to load.
EDITED = Limits(30.0, 512 * 1024 * 1024)

TASKS = {
    "mail": Task(message.read),
    "inspected": Task(inspected),
    "document": Task(document),
    "recognised": Task(recognised),
    "lot of a mail": Task(lots.read),
    "lot": Task(lots.read, DROPPED),
    "templates": Task(templates, EDITED),
}
