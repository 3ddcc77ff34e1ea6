"""The short form that we mail to who asks for registration without saying enough, and that comes back. Pure.

A line of the form is its label (`model.inscriptions.FORM_*`; capitals, accents, spaces and signs are free), a colon,
and what was written behind it. In quoted text a line counts as well: mail programs put ">" before a line that its
reader filled in. Two marks are somebody else's answer. A value on the line below counts where it is visibly not ours:
no ">" below a line with ">", or nothing but numbers. Never raises; linear; at most `MAX_LINES` lines are looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from mailbot.model.inscriptions import FORM_DATES, FORM_NUMEROS, FORM_ROLE
from mailbot.parsers.mail import spelling

MAX_LINES = 20_000
MAX_LINE = 500
MAX_VALUES = 20  # filled lines of a sort
_SOMEBODY_ELSE = 2  # marks before a line that its sender did not fill in

_MARKS = re.compile(r"\s{0,3}((?:>\s{0,3}){0,9})[\s*•|_-]{0,6}")
_NOTHING = re.compile(r"[\s._…:*|-]+")
_NUMBERS_ONLY = re.compile(r"(?=.{0,60}[0-9]{2})[0-9ab .,;/&-]{5,300}(?:et[0-9ab .,;/&-]{5,300}){0,9}")
_GOES_ON = re.compile(r"(?:[,;/&]|\bet)\s*$")
_CHOICES = re.compile(r"\([^()]{0,200}\)")
_ALL_CHOICES = 3  # slashes of the choices that we print: who leaves them all has chosen none


def _label(words: str) -> re.Pattern[str]:
    parts = re.findall(r"[a-z0-9]+", spelling.folded(words))
    return re.compile(r"\W{0,3}".join(parts) + r"\W{0,3}?\s{0,3}(?:\([^()]{0,200}\)\s{0,3})?[:=]")


_LABELS = {"numeros": _label(FORM_NUMEROS), "role": _label(FORM_ROLE), "dates": _label(FORM_DATES)}
_STARTS = tuple(spelling.folded(words)[:6] for words in (FORM_NUMEROS, FORM_ROLE, FORM_DATES))


@dataclass(slots=True)
class Filled:
    """What was written behind each label, folded for `role` and `dates`; `left`: the text without lines of the form."""

    numeros: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    left: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the form: which, what stands behind its label, how deeply it is quoted, over how many lines it goes."""

    name: str
    behind: str
    depth: int
    size: int = 1


def read(text: str) -> Filled:
    """The filled lines of a text, new or quoted."""
    filled = Filled()
    lines = spelling.composed(text).split("\n")[:MAX_LINES]
    left: list[str] = []
    place = 0
    while place < len(lines):
        found = _found(lines, place)
        if found is None:
            left.append(lines[place])
            place += 1
            continue
        value = _value(found.behind, found.name)
        place += found.size
        while place < len(lines) and (not value or (found.name == "numeros" and _GOES_ON.search(value[-4:]))):
            more = _below(lines[place][:MAX_LINE], found)
            if not more:
                break
            value = f"{value} {more}".strip()
            place += 1
        values: list[str] = getattr(filled, found.name)
        if value and found.depth < _SOMEBODY_ELSE and len(values) < MAX_VALUES:
            values.append(value)
    filled.left = "\n".join(left)
    return filled


def _found(lines: list[str], place: int) -> _Line | None:
    """The line of the form that begins here; mail programs may have wrapped the choices that our label holds."""
    line = lines[place][:MAX_LINE]
    found = _labelled(line)
    if found is None and line.count("(") > line.count(")") and place + 1 < len(lines):
        wrapped = _labelled(f"{line} {_bare(lines[place + 1][:MAX_LINE])[1]}")
        found = replace(wrapped, size=2) if wrapped else None
    return found


def _labelled(line: str) -> _Line | None:
    plain = spelling.folded(line)
    if not any(start in plain for start in _STARTS):
        return None
    depth, bare = _bare(line)
    for name, label in _LABELS.items():
        found = label.match(spelling.folded(bare))
        if found:
            return _Line(name, bare[found.end() :], depth)
    return None


def _bare(line: str) -> tuple[int, str]:
    """How deeply a line is quoted, and the line without its marks and bullets."""
    marks = _MARKS.match(line)
    return (marks[1].count(">"), line[marks.end() :].strip()) if marks else (0, line.strip())


def _value(written: str, name: str) -> str:
    """What was written behind a label; "" where there are only our dots, or the choices that we print."""
    if name == "numeros":
        return re.sub(r"[_…]+|\.{2,}", " ", written).strip(" .:*|-")
    plain = spelling.folded(written).replace("…", " ")
    if name == "role":
        plain = _CHOICES.sub(" ", plain)
        plain = "" if plain.count("/") >= _ALL_CHOICES else plain
    else:
        plain = re.sub(r"[_:…]+|\.{2,}", " ", plain)
        plain = plain if re.search(r"[0-9]", plain) else ""
    return "" if _NOTHING.fullmatch(plain) else " ".join(plain.split())


def _below(line: str, above: _Line) -> str:
    """The value that stands on the line below a label, or ""."""
    depth, bare = _bare(line)
    if _labelled(line) is not None:
        return ""
    numbers = above.name == "numeros" and _NUMBERS_ONLY.fullmatch(spelling.folded(bare))
    return spelling.folded(bare) if numbers or (above.depth and not depth) else ""
