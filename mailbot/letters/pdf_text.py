"""Text on the page of a PDF: lines of one font, broken at spaces. A fifth of the time of reportlab's paragraph.

It is drawn on a `pdf_tags.TaggedCanvas`. Owns the styles, the breaking of lines, and what the standard fonts can show
(Windows-1252; any other letter is shown without its accent, or as “?”). No marks in the text: it is written as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from mailbot.letters.pdf_tags import JOINED
from mailbot.letters.words import NBSP

INK, SOFT, ACCENT, ALERT = HexColor("#16202c"), HexColor("#4a5664"), HexColor("#0a5a6c"), HexColor("#93330f")
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
_INDENT = 12  # points before the lines of a list
_DESCENT = 0.22  # of the size: what the letters of these fonts take below their line


@dataclass(frozen=True, slots=True)
class Style:
    """Size and leading in points; `tag` is what such a text is to a screen reader."""

    size: float
    leading: float
    color: Color
    font: str = PLAIN
    right: bool = False
    tag: str = "P"


STYLES = {
    "marque": Style(10, 13, ACCENT, BOLD),
    "titre": Style(19, 24, INK, BOLD, tag="H1"),
    "chapeau": Style(11, 15, SOFT),
    "texte": Style(9.5, 13, INK),
    "fort": Style(9.5, 13, INK, BOLD),
    "doux": Style(8.5, 11, SOFT),
    "doux à droite": Style(8.5, 11, SOFT, right=True),
    "ligne": Style(8.5, 11, INK),
    "ligne à droite": Style(8.5, 11, INK, right=True),
    "facture": Style(13, 17, INK, BOLD, tag="H2"),
    "somme": Style(13, 17, INK, BOLD, right=True),
    "motif": Style(9.5, 13, ALERT, BOLD),
    "faire": Style(9.5, 13, ACCENT, BOLD, tag="H3"),
    "valeur": Style(8.5, 11, INK, tag=JOINED),
}


class Text(Flowable):
    """A text of one style; with a bullet it is an item of a list."""

    def __init__(self, text: str, style: Style, bullet: str = "") -> None:
        super().__init__()
        self._words = latin(text).split(" ")
        self._style = style
        self._bullet = bullet
        self._indent = _INDENT if bullet else 0
        self._lines: list[str] = []
        self._broken_for = -1.0

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        if available_width != self._broken_for:
            self._lines = list(_lines(self._words, self._style, available_width - self._indent))
            self._broken_for = available_width
        self.width, self.height = available_width, len(self._lines) * self._style.leading
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """The lines that fit, and the others; nothing where that would leave a line alone."""
        self.wrap(available_width, available_height)
        fitting = int(available_height // self._style.leading)
        if fitting < 2 or fitting >= len(self._lines):
            return [] if fitting < len(self._lines) else [self]
        return [self._part(self._lines[:fitting], self._bullet), self._part(self._lines[fitting:], "")]

    def draw(self) -> None:
        canvas: Any = self.canv
        with canvas.marked("LI" if self._bullet else self._style.tag):
            self._draw()

    def _draw(self) -> None:
        style, canvas = self._style, self.canv
        canvas.setFillColor(style.color)
        canvas.setFont(style.font, style.size)
        line = self.height - style.leading + (style.leading - style.size) / 2 + _DESCENT * style.size
        if self._bullet:
            canvas.drawString(2, line, self._bullet)
        last = len(self._lines) - 1
        for number, said in enumerate(self._lines):
            at = self.width - _width(said, style.font, style.size) if style.right else self._indent
            # The space at the end of a line keeps its last word apart from the next line's for who reads it out.
            canvas.drawString(at, line, said if number == last else f"{said} ")
            line -= style.leading

    def _part(self, lines: list[str], bullet: str) -> Text:
        part = Text("", self._style, bullet)
        part._words = [word for said in lines for word in said.split(" ")]
        part._indent = self._indent
        return part


def text(said: str, style: str = "texte") -> Text:
    return Text(said, STYLES[style])


def item(said: str) -> Text:
    return Text(said, STYLES["texte"], "•")


def latin(said: str) -> str:
    """Text that the standard fonts can show."""
    said = said.replace("\u202f", NBSP)
    try:
        said.encode("cp1252")
        return said
    except UnicodeEncodeError:
        return "".join(_shown(char) for char in said)


def _lines(words: Sequence[str], style: Style, room: float) -> Iterator[str]:
    space = _width(" ", style.font, style.size)
    line: list[str] = []
    used = 0.0
    for word in (piece for one in words if one for piece in _pieces(one, style, room)):
        wide = _width(word, style.font, style.size)
        if line and used + space + wide > room:
            yield " ".join(line)
            line, used = [], 0.0
        used += wide + (space if line else 0.0)
        line.append(word)
    yield " ".join(line)


def _pieces(word: str, style: Style, room: float) -> Iterator[str]:
    """The word; one too long for a line in pieces that are not."""
    if _width(word, style.font, style.size) <= room:
        yield word
        return
    piece, used = "", 0.0
    for char in word:
        wide = _width(char, style.font, style.size)
        if piece and used + wide > room:
            yield piece
            piece, used = "", 0.0
        piece, used = piece + char, used + wide
    yield piece


@lru_cache(maxsize=16384)
def _width(said: str, font: str, size: float) -> float:
    return float(stringWidth(said, font, size))


def _shown(char: str) -> str:
    """The character itself, failing that without its accents (ł has none to drop), failing that “?”."""
    for attempt in (char, unicodedata.normalize("NFKD", char)):
        kept = "".join(c for c in attempt if not unicodedata.combining(c)) if attempt != char else char
        try:
            kept.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return kept
    return "?"
