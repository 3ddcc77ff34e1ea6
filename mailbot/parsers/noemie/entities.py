"""Where the entities of a NOEMIE file begin and end.

Owns: cutting bytes into entities. An entity has the length of its layout and ends in `@`; one that the layout does not
know goes on to the next `@`; 000 and 999 are 128 characters without `@`. Line ends anywhere are passed over (files are
sent back to back, one entity a line, or wrapped). After damage the reading goes on behind the next `@`, or where an
entity that fits begins. Pure; any bytes can be cut, none is dropped.
Known limit: an entity that lost its end, mark included, just as long as the entity behind it looks whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.parsers.layouts import Layout, Zone

END = "@"
#: Records of 128 characters without `@`.
RECORDS = ("000", "999")
_RECORD = 128
_LINE_END = re.compile(r"[\r\n]")
#: Zones of text this wide hold names and sentences.
_FREE_TEXT = 25
#: The fault of an entity that is whole but for its mark: nothing else is unsure.
NO_MARK = "« @ » manque à la fin"
#: How far `looks_like` reads.
_LOOK = 65_536


@dataclass(frozen=True, slots=True)
class Entite:
    """One entity: `numero` ("???" where it is unreadable), break level, whole text, rank in the file (from 1),
    position (1-based, line ends not counted), and what is wrong with it in French ("" for nothing)."""

    numero: str
    niveau: int
    texte: str
    rang: int
    position: int
    faute: str = ""


def looks_like(raw: bytes, layout: Layout) -> bool:
    """Is this a NOEMIE file? Both it and B2 begin with a record 000 of 128 characters; only here does an entity of the
    layout follow that ends in `@` at its own length."""
    text = _one_line(raw[:_LOOK].decode("latin-1"))
    if not text[:3].isdigit():
        return False
    return any(
        not entite.faute and entite.numero in layout and entite.numero not in RECORDS
        for entite in _entities(text, layout)
    )


def cut(raw: bytes, layout: Layout) -> Iterator[Entite]:
    """The entities of a file, in order."""
    return _entities(_one_line(raw.decode("latin-1")), layout)


def _one_line(text: str) -> str:
    """Without line ends; a header that lost its blanks at the end of its line gets them back."""
    head, body = text.lstrip("\r\n"), ""
    first = _LINE_END.split(head[:_RECORD], maxsplit=1)[0]
    if head[:3] == RECORDS[0] and len(first) < _RECORD:
        head, body = first.ljust(_RECORD), head[len(first) :]
    return (head + body).replace("\r", "").replace("\n", "").rstrip("\x00\x1a")


def _entities(text: str, layout: Layout) -> Iterator[Entite]:
    at, rank = 0, 0
    while at < len(text):
        rank += 1
        if len(text) - at <= _RECORD and not text[at:].strip():
            return  # blanks that fill the last block
        end, fault = _end(text, at, layout)
        piece = text[at:end]
        number, level = piece[:3], piece[3:5]
        readable = number.isascii() and number.isdigit() and len(number) == 3
        if number in RECORDS:
            readable = _is_record(text, at)
        elif readable and not (level.isascii() and level.isdigit() and len(level) == 2):
            fault = fault or "niveau illisible"
        yield Entite(
            number if readable else "???",
            int(level) if level.isascii() and level.isdigit() else 0,
            piece,
            rank,
            at + 1,
            fault or ("" if readable else "numéro d’entité illisible"),
        )
        at = end


def _end(text: str, at: int, layout: Layout) -> tuple[int, str]:
    """Where the entity at `at` ends, and what is wrong with it."""
    number = text[at : at + 3]
    if _is_record(text, at):
        end = at + _RECORD
        short = number == RECORDS[0] and end > len(text)
        return min(end, len(text)), f"{len(text) - at} caractères au lieu de {_RECORD}" if short else ""
    known = None if number in RECORDS else layout.get(number)
    if known and _fits(text, at, layout):
        return at + known.longueur, ""
    if known and END not in text[at : at + known.longueur] and _fits(text, at + known.longueur, layout):
        return at + known.longueur, NO_MARK
    mark = text.find(END, at)
    if mark < 0:
        return len(text), f"fichier coupé avant « {END} »"
    end = mark + 1
    if known and end - at > known.longueur:
        # It lost its own mark and goes on into the next one, which may open another invoice: that one is found again.
        starts = (end - other.longueur for other in layout.values())
        end = min((one for one in starts if at < one < at + known.longueur and _fits(text, one, layout)), default=end)
    return end, f"{end - at} caractères au lieu de {known.longueur}" if known else ""


def _is_record(text: str, at: int) -> bool:
    """Does a record without mark begin here? What is left of an entity may begin with 000 as well."""
    return text[at : at + 3] in RECORDS and (at == 0 or END not in text[at : at + _RECORD])


def _fits(text: str, at: int, layout: Layout) -> bool:
    """Does an entity of the layout, whole, stand here?"""
    number, level = text[at : at + 3], text[at + 3 : at + 5]
    known = layout.get(number)
    if known is None or number in RECORDS or not (level.isascii() and level.isdigit()):
        return False
    end = at + known.longueur
    if text[end - 1 : end] != END:
        return False
    inside = text.find(END, at, end - 1)
    while inside >= 0:
        # Only free text may hold a mark, and no whole entity behind it: else something was cut short there.
        free = any(zone.debut <= inside - at < zone.fin and _free(zone) for zone in known.zones.values())
        behind = layout.get(text[inside + 1 : inside + 4])
        if not free or (behind and inside + 1 + behind.longueur == end):
            return False
        inside = text.find(END, inside + 1, end - 1)
    return True


def _free(zone: Zone) -> bool:
    return zone.kind == "A" and zone.fin - zone.debut >= _FREE_TEXT
