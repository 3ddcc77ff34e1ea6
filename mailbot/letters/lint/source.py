"""The text of a template with its shared parts put in, and where each character of it was written.

Owns: what an inclusion looks like, Jinja marks as neutral characters of the same length, and places (file, line,
column, all from 1). Pure; never raises for a text of an admin.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.errors import Fault

FOLDER = "templates"
#: A Jinja mark: note, statement or value.
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: A shared part, of a page or of a text.
INCLUDE = re.compile(r"<mj-include\s+path=\"(_[^\"]*)\"\s*/>|\{%-?\s*include\s+[\"'](_[^\"']*)[\"']\s*-?%\}")
_MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Source:
    """`text` is the whole; `pieces` are (its start in the whole, file, start in that file), in order."""

    name: str
    text: str
    pieces: tuple[tuple[int, str, int], ...]
    files: Mapping[str, str]

    def fault(self, offset: int, message: str, hint: str = "") -> Fault:
        """A fault at a character of the whole."""
        file, line, column = self.place(offset)
        return Fault(f"{FOLDER}/{file}", line, column, message, hint)

    def place(self, offset: int) -> tuple[str, int, int]:
        """File, line and column where a character of the whole was written."""
        start, file, inside = self.pieces[max(0, bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1)]
        return (file, *place(self.files[file], inside + offset - start))

    def line_start(self, line: int) -> int:
        """The offset of a line (from 1) of the whole."""
        at = 0
        for _ in range(line - 1):
            at = self.text.find("\n", at) + 1
        return at


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def expanded(name: str, files: Mapping[str, str]) -> Source:
    """The file with its parts put in, as deep as eight; a part that is not there is left out."""
    pieces: list[tuple[int, str, int]] = []
    out: list[str] = []
    length = 0

    def put(file: str, depth: int) -> None:
        nonlocal length
        text, at = files[file], 0
        for found in INCLUDE.finditer(text):
            part = found[1] or found[2]
            if part in files and depth < _MOST_DEPTH:
                add(file, text, at, found.start())
                put(part, depth + 1)
                at = found.end()
        add(file, text, at, len(text))

    def add(file: str, text: str, start: int, end: int) -> None:
        nonlocal length
        pieces.append((length, file, start))
        out.append(text[start:end])
        length += end - start

    put(name, 0)
    return Source(name, "".join(out), tuple(pieces), files)


def parts(name: str, files: Mapping[str, str]) -> frozenset[str]:
    """The files that a page or text is made of, itself among them."""
    return frozenset(file for _, file, _ in expanded(name, files).pieces)


def plain(text: str) -> str:
    """The text as ASCII of the same length: statements and notes are blanks, values are letters, an entity is text.

    A column, an offset and a number of bytes are then the same thing, and an XML parser can read it.
    """

    def hidden(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "x" if match[0].startswith("{{") else " ", match[0])

    return re.sub(r"[^\x00-\x7f]", "x", re.sub(r"&(?=#?\w+;)", "+", JINJA.sub(hidden, text)))
