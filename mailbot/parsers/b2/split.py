"""A B2 file -> its records, in order, as they come: with CR/LF between them or back to back.

Owns: where a record begins and ends. Works on a stream: it keeps at most one chunk and a few records. Every character
of the file stands in exactly one piece (line ends and blanks between records apart); a piece of 128 characters is a
record, any other is a damaged one. Where characters were lost or added it finds the next beginning of a record again,
so that the damage stays where it is. Never reads what a record says; raises nothing. Characters are latin-1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from re import Match
from typing import NamedTuple

from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2.layout import LENGTH, NEEDED
from mailbot.parsers.layouts import Layout, Zone

_ENDS = re.compile("[\r\n]")
_LINE = re.compile("\r\n|\r|\n")
#: What may stand after the last record, or between lines.
_PADDING = " \x00\x1a\t"
#: Lost or added characters up to which two pieces are one damaged record rather than a whole one and the rest of one.
_SLIGHT = LENGTH // 2
#: A line that does not end within this many characters is read as records back to back: memory stays bounded.
_LONGEST_LINE = 16 * LENGTH
_BOM = "\xef\xbb\xbf"
#: Beginnings are told by the zones up to here: type, PS number, and what follows it.
_TOLD_BY = 26


class Beginnings(NamedTuple):
    """What a record begins with. `match(text, place)`: may one begin here? `search(text, place)`: where does one begin
    after here? The search passes over 000 and 6, whose first zones are digits only: any run of amounts looks alike."""

    match: Callable[[str, int], Match[str] | None]
    search: Callable[[str, int], Match[str] | None]


def beginnings(layout: Layout) -> Beginnings:
    """Made from the layout: the type of a record, the digits and the blanks of its first zones."""
    found = {name: _begins(b2_layout.in_order(layout[name]), name[0]) for name in NEEDED}
    sure = [text for name, text in found.items() if name not in ("000", "6")]
    return Beginnings(re.compile("|".join([*sure, found["6"]])).match, re.compile("|".join(sure)).search)


def _begins(zones: Iterable[Zone], first: str) -> str:
    parts = []
    for zone in zones:
        width = zone.fin - zone.debut
        if zone.debut >= _TOLD_BY:
            break
        if zone.nom == "type":
            parts.append(first * width)
        elif zone.nom == "n_ps":
            parts.append(f"[0-9][0-9AB][0-9]{{{width - 2}}}")
        elif zone.nom == "filler":
            parts.append(f" {{{width}}}")
        elif zone.kind == "N" and zone.required and zone.nom != "cle_nir":
            parts.append(f"[0-9]{{{width}}}")
        else:
            parts.append(f"(?s:.){{{width}}}")
    return "".join(parts)


def split(chunks: Iterable[bytes], begins: Beginnings) -> Iterator[str]:
    """The records of a file that comes in chunks. `begins` is `beginnings(layout)`."""
    texts = (chunk.decode("latin-1") for chunk in chunks)
    buffer = ""
    for text in texts:
        buffer += text
        if len(buffer) > 2 * LENGTH:
            break
    buffer = buffer.removeprefix(_BOM).lstrip("\r\n")
    cut = _lines if _ENDS.search(buffer, 0, 2 * LENGTH) else _back_to_back
    for text in texts:
        pieces, buffer = cut(buffer, begins, False)
        yield from pieces
        buffer += text
    yield from cut(buffer, begins, True)[0]


def _lines(text: str, begins: Beginnings, end: bool) -> tuple[list[str], str]:
    """The pieces of whole lines, and the rest of the text, which is a line that may go on."""
    found = _LINE.split(text)
    rest = "" if end else found.pop()
    pieces: list[str] = []
    for line in found:
        if len(line) == LENGTH:
            pieces.append(line)
        elif line.strip(_PADDING):
            pieces += _back_to_back(line, begins, True)[0] if len(line) > LENGTH + _SLIGHT else [line]
    if len(rest) > _LONGEST_LINE:
        more, rest = _back_to_back(rest, begins, False)
        pieces += more
    return pieces, rest


def _back_to_back(text: str, begins: Beginnings, end: bool) -> tuple[list[str], str]:
    """The pieces of a text without line ends, and its rest, which is too short to tell where its record ends."""
    pieces: list[str] = []
    text = text.rstrip("\r\n\x00\x1a") if end else text
    place, size = 0, len(text)
    last = size if end else size - 4 * LENGTH
    match = begins.match
    while place < last:
        after = place + LENGTH
        if match(text, after) is None and after < size and match(text, after + LENGTH) is None:
            after = _next(text, place, begins)
        piece = text[place:after]
        if len(piece) == LENGTH or piece.strip(_PADDING):
            pieces.append(piece)
        place = after
    return pieces, text[place:]


def _next(text: str, place: int, begins: Beginnings) -> int:
    """Where the piece at `place` ends, when no record begins where the next two should.

    A beginning counts when another record begins after it, or when it is the last one and whole.
    """
    found = begins.search(text, place + 1)
    while found and not (begins.match(text, found.start() + LENGTH) or found.start() + LENGTH == len(text)):
        found = begins.search(text, found.start() + 1)
    away = found.start() - place if found else LENGTH
    return place + (LENGTH if away % LENGTH == 0 or away > LENGTH + _SLIGHT else away)
