"""The code of a postal letter, as people copy it from paper: "K3F7 ABCD …", with hyphens, in small letters, on two
lines, with 0 for O, 1 for I and 8 for B. Pure; never raises; linear.

A code is a token: 26 characters of base32 (a to z, 2 to 7). It counts in one piece, in the groups of four in which it
is printed, or as the one run of capitals and digits that has exactly its length. Prose is none: groups in small letters
need a digit among them.
"""

from __future__ import annotations

import re

from mailbot.parsers.mail import spelling

MAX_TEXT = 20_000
MAX_CODES = 5
_LENGTH = 26

_CONFUSED = str.maketrans("018", "oib")
_SIGN = "[a-z0-8]"
_BEFORE = r"(?<![a-z0-9])(?:mb[ -]{0,2})?"
_WHOLE = re.compile(rf"{_BEFORE}({_SIGN}{{26}})(?![a-z0-9])")
_GROUPS = re.compile(rf"{_BEFORE}({_SIGN}{{4}}(?:[ .-]{{1,4}}{_SIGN}{{4}}){{5}}[ .-]{{1,4}}{_SIGN}{{2}})(?![a-z0-9])")
#: Capitals and digits, however grouped: on paper there is nothing else.
_CAPITALS = re.compile(r"(?<![A-Za-z0-9])[A-Z0-8]{1,26}(?:[ .-]{1,4}[A-Z0-8]{1,26})*+(?![A-Za-z0-9])")
_GAPS = re.compile(r"[^A-Za-z0-9]+")
_PREFIX = re.compile(r"(?<![A-Za-z0-9])MB[ -]{0,2}(?=[A-Z0-8])")


def read(text: str) -> tuple[str, ...]:
    """The codes that a text gives, as tokens: 26 small characters each, each once, in order of appearance."""
    plain = re.sub(r"[^\S\n]", " ", spelling.composed(text[:MAX_TEXT])).translate(str.maketrans("‐‑‒–—−", "------"))
    plain = re.sub(r"\n[ >]{0,6}", "\n", plain)
    found: dict[str, int] = {}
    # A line may break between two groups or inside one.
    for line in (plain, plain.replace("\n", " "), plain.replace("\n", "")):
        for place, code in _codes(line):
            found.setdefault(code, place)
    return tuple(sorted(found, key=lambda code: found[code]))[:MAX_CODES]


def _codes(text: str) -> list[tuple[int, str]]:
    small = spelling.folded(text)
    found = [(one.start(), one[1]) for one in _WHOLE.finditer(small)]
    for one in _GROUPS.finditer(small):
        written = text[slice(*one.span(1))]
        if written.isupper() or any(map(str.isdigit, written)):
            found.append((one.start(), one[1]))
    found += [(one.start(), _PREFIX.sub("", one[0])) for one in _CAPITALS.finditer(text)]
    codes = [(place, _GAPS.sub("", code).lower().translate(_CONFUSED)) for place, code in found]
    return [(place, code) for place, code in codes if len(code) == _LENGTH]
