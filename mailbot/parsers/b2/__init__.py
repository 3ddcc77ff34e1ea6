"""B2 files: the invoices that the software of a PS sends -> invoices, lot by lot (formats.md, "B2").

The way in: `looks_like`, `read`, `lots`. Records are found by `b2_split.py`, their values by `b2_records.py` from the
layout, what belongs together by `b2_reading.py`, the invoice by `b2_invoice.py`. `Refus.ligne` is the number of the
record, `Refus.colonne` its zone with its positions. Never raises for what a file holds.

`lots` works on a stream and holds one lot at a time. Known limit: it notices an invoice that stands twice within one
lot only, `read` within the whole file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from mailbot.model import LotFile
from mailbot.parsers.b2 import split as b2_split
from mailbot.parsers.b2.block import Block
from mailbot.parsers.b2.format import Format
from mailbot.parsers.b2.layout import LENGTH
from mailbot.parsers.b2.reading import Reading

_APPLICATION, _VERSION = "TR", "B2"


def looks_like(raw: bytes, fmt: Format) -> bool:
    """Is this a B2 file? By its first two records, whatever the name of the file.

    A NOEMIE return begins with a record 000 as well, even of the same norm: a B2 file says its application or version,
    or goes on with a record of B2. A file that begins within a lot is one too; it is then refused as such.
    """
    first, second = [*chain(b2_split.split([raw[: 8 * LENGTH]], fmt.begins), ("", ""))][:2]
    if not first.startswith("000"):
        return len(first) == LENGTH and all(fmt.begins.match(text, 0) for text in (first, second or first))
    application, version = (fmt.zone("000", name).of(first).strip() for name in ("application", "version"))
    return application == _APPLICATION or version == _VERSION or fmt.begins.match(second, 0) is not None


def read(raw: bytes, fichier: str, fmt: Format) -> LotFile:
    """The whole file at once; `fichier` is how messages call it."""
    whole = Block()
    for block in _blocks([raw], fichier, fmt):
        whole.factures += block.factures
        whole.refus += block.refus
        whole.differences += block.differences
        whole.lots |= block.lots
    return whole.lot_file(fichier)


def lots(chunks: Iterable[bytes], fichier: str, fmt: Format) -> Iterator[LotFile]:
    """The same lot by lot, from a file that comes in chunks of any size; the last one holds what is of the file."""
    return (block.lot_file(fichier) for block in _blocks(chunks, fichier, fmt))


def _blocks(chunks: Iterable[bytes], fichier: str, fmt: Format) -> Iterator[Block]:
    reading = Reading(fichier, fmt)
    for text in b2_split.split(chunks, fmt.begins):
        done = reading.take(text)
        if done:
            yield done
    yield reading.finish()
