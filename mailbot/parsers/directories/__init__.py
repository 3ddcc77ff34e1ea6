"""National directories -> rows that fill and complete `agaps`: the FINESS and the MSSanté extract (formats.md).

Owns: what is such an extract, its encoding, its lines and how long they may be; what a line says is the matter of
`directory_forms.py`. Reads blocks of bytes as they come and gives batches, so that memory does not grow with the file.
Never reads a file, never compares with `agaps`. Raises `Never` (French, with the file's name) when the file is no such
extract or holds no usable line; anything less refuses its line and the rest goes on.

Known limits: a line has at most 16 KiB; PS_LibreAcces is recognised and refused, since it carries no PS number of a
practitioner (an RPPS or ADELI number is none) and its structures stand in FINESS.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from mailbot.errors import Never
from mailbot.model import Refus
from mailbot.parsers import cells
from mailbot.parsers.directories import forms as directory_forms
from mailbot.parsers.directories.forms import EXPECTED, NAMES, Bad, Entry, Form

_LONGEST = 16 * 1024
_CHUNK = 2_000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
#: What people hand over instead of a text file, by its first bytes.
_OTHERS = (
    (b"PK\x03\x04", "c’est une archive ZIP ou un classeur ; donnez le fichier texte que l’archive contient"),
    (b"\x1f\x8b", "c’est une archive gzip ; décompressez-la d’abord"),
    (b"%PDF", "c’est un PDF"),
    (b"\xd0\xcf\x11\xe0", "c’est un classeur .xls"),
    (b"\xff\xfe", "le texte est en UTF-16 ; enregistrez-le en UTF-8"),
    (b"\xfe\xff", "le texte est en UTF-16 ; enregistrez-le en UTF-8"),
)


class Batch(NamedTuple):
    """Some lines, read. `left_out`: French reason -> lines that are right but say nothing of a PS's contact.
    `doubts`: (line, French reason) of lines that were taken all the same."""

    entries: list[Entry]
    refus: list[Refus]
    left_out: Counter[str]
    doubts: list[tuple[int, str]]


def read(source: str, blocks: Iterable[bytes], fichier: str, usable: Callable[[str], bool]) -> Iterator[Batch]:
    """The batches of an extract. `source` is `finess` or `mssante`; `blocks` are its bytes, cut anywhere.

    `fichier` is how messages call the file; `usable` says whether a letter could go to an address.
    """
    lines = _lines(blocks)
    form = directory_forms.FORMS[source](_header(source, lines, fichier), fichier, usable)
    useful = False
    while chunk := list(islice(lines, _CHUNK)):
        batch = Batch([], [], Counter(), [])
        for number, line in chunk:
            _take(form, number, line, batch, fichier)
        useful = useful or bool(batch.entries or batch.left_out)
        yield batch
    if not useful:
        raise Never(f"{fichier} : aucune ligne utilisable ; {EXPECTED[source]}")


def _take(form: Form, number: int, line: bytes, batch: Batch, fichier: str) -> None:
    doubts: list[str] = []
    try:
        if len(line) > _LONGEST:
            raise Bad("", "", f"ligne trop longue (plus de {_LONGEST} octets)")
        text = _text(line)
        if not text.strip():
            return
        if not text.isprintable() and _CONTROL.search(text) is not None:
            raise Bad("", "", "caractère illisible (octet nul ou caractère de contrôle)")
        found = form.entry(text.split(form.separator), doubts)
    except Bad as bad:
        batch.refus.append(Refus(fichier, number, *bad.refus))
        return
    if isinstance(found, str):
        batch.left_out[found] += 1
    else:
        batch.entries.append(found)
        batch.doubts.extend((number, doubt) for doubt in doubts)


# -- lines -------------------------------------------------------------------------------------------------------


def _lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without their ends. Of one that is too long only its beginning is kept, one byte too many."""
    number, rest = 1, b""
    for block in blocks:
        *whole, last = block.split(b"\n")
        for line in whole:
            yield number, (rest + line)[: _LONGEST + 1].removesuffix(b"\r")
            number, rest = number + 1, b""
        rest = (rest + last)[: _LONGEST + 1]
    if rest:
        yield number, rest.removesuffix(b"\r")


def _text(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _header(source: str, lines: Iterator[tuple[int, bytes]], fichier: str) -> str:
    """The first line that is not blank. Raises `Never` where it is not that of this extract."""
    first = next((line for _, line in lines if line.strip()), b"").removeprefix(b"\xef\xbb\xbf")
    text = _text(first).strip()
    if not _is(source, text):
        raise Never(f"{fichier} : {_found(first, text)} ; {EXPECTED[source]}")
    return text


def _found(first: bytes, text: str) -> str:
    """What another file looks like. None of its words are shown: its first line may be data of a patient."""
    if not text:
        return "le fichier est vide"
    for start, what in _OTHERS:
        if first.startswith(start):
            return what
    for other in NAMES:
        if _is(other, text):
            return f"c’est une extraction {NAMES[other]}, qui se charge par --from-{other}"
    if text.replace("’", "'").startswith("Type d'identifiant PP|"):
        return "c’est l’extraction PS_LibreAcces, qui ne porte ni n° AM ni adresse MSSanté"
    if _CONTROL.search(text) is not None:
        return "c’est un fichier binaire"
    separator = max(";|,\t", key=text.count)
    count = text.count(separator)
    if not count:
        return "la première ligne n’a pas de colonnes"
    told = "une tabulation" if separator == "\t" else f"« {separator} »"
    return f"la première ligne a {count + 1} cellules séparées par {told}"


def _is(source: str, header: str) -> bool:
    return cells.plain(header).casefold().startswith(directory_forms.STARTS[source])
