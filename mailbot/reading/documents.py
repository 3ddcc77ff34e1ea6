"""The documents of one mail, each read in the reading process, scans recognised by Tesseract, all within one clock.

Owns the budget: so many documents and so many seconds a mail, whatever its attachments are. A document that costs too
much is told with a warning, and the ones after it are read with the time that is left. Never raises.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mailbot.errors import Never, Park
from mailbot.model import Attachment
from mailbot.model.documents import Document, DocumentKind, Source
from mailbot.parsers.b2.format import Format
from mailbot.reading import scans

MAX_DOCUMENTS = 20  # attachments of one mail that are read
SECONDS = 10.0  # for all documents of one mail together, recognition included
_LEAST = 0.2  # seconds with which nothing more is begun
_LATE = "non lu : le temps de lecture des documents de ce mail est épuisé"

#: A task of the reading process, by name, with its values and the seconds that it may take.
Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Clock:
    until: float

    def left(self) -> float:
        return self.until - time.monotonic()

    def late(self) -> bool:
        return self.left() < _LEAST


def read(
    run: Run, attachments: Sequence[Attachment], aliases: Mapping[str, str], b2_format: Format, seconds: float
) -> tuple[Document, ...]:
    """Every attachment as a document, each followed by what it holds."""
    clock = _Clock(time.monotonic() + seconds)
    found: list[Document] = []
    for number, attachment in enumerate(attachments, 1):
        if number > MAX_DOCUMENTS:
            found.append(_closed(attachment, f"non lu : plus de {MAX_DOCUMENTS} documents dans ce mail"))
        elif clock.late():
            found.append(_closed(attachment, _LATE))
        else:
            found += _one(run, attachment, f"pièce jointe n° {number}", aliases, b2_format, clock)
    return tuple(found)


def _one(
    run: Run, attachment: Attachment, called: str, aliases: Mapping[str, str], b2_format: Format, clock: _Clock
) -> Iterator[Document]:
    try:
        opened = run("document", attachment, called, dict(aliases), b2_format, within=clock.left())
    except (Park, Never) as error:
        yield _closed(attachment, _LATE if clock.late() else f"non lu : {error.reason}")
        return
    for document, pages in opened:
        yield _recognised(run, document, pages, clock) if pages else document


def _recognised(run: Run, document: Document, pages: Sequence[bytes], clock: _Clock) -> Document:
    texts = [document.text] if document.text else []
    warnings = list(document.warnings)
    for page in pages:
        try:
            if clock.late():
                raise Park(_LATE)
            texts.append(scans.text(page, clock.left()))
        except Park as error:
            warnings.append(_LATE if clock.late() else error.reason)
            break  # what keeps one page from being read keeps the others too
    if not any(texts) and not warnings:
        warnings.append("image sans texte reconnu")
    try:
        named: Document = run("recognised", document, "\n\n".join(texts), within=max(clock.left(), _LEAST))
    except (Park, Never) as error:
        return replace(document, warnings=(*warnings, _LATE if clock.late() else f"non lu : {error.reason}"))
    return replace(named, warnings=tuple(warnings))


def _closed(attachment: Attachment, warning: str) -> Document:
    return Document(
        attachment.filename,
        attachment.content_type,
        attachment.sha256,
        attachment.size,
        DocumentKind.OTHER,
        Source.FILE,
        warnings=(warning,),
    )
