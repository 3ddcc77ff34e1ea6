"""What the text of a document names: identifiers, days and amounts with what they are near to. Pure; never raises.

Identifiers are those of `clues`. A day needs a year of four digits, an amount two decimals or the sign of the euro:
less is left to a human. Every expression is linear, on lines cut at `clues.MAX_LINE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from mailbot.model.documents import Document, FoundAmount, FoundDate
from mailbot.parsers.mail import clues

MAX_TEXT = clues.MAX_TEXT  # characters of one document that are kept
MAX_FOUND = 200
_NEAR = 40  # characters of what stands before a value

_MONTH = "janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
#: The months by their first letters, which three or four tell apart.
_MONTHS = ("janv", "fev", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec")
_UNACCENTED = str.maketrans("éû", "eu")
_DAY = re.compile(
    rf"(?<![\d/.-])(?:(?P<day>\d{{1,2}})([/.-])(?P<month>\d{{1,2}})\2(?P<year>\d{{4}})"
    rf"|(?P<iso>\d{{4}})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    rf"|(?P<day2>\d{{1,2}})(?:er)? (?P<name>{_MONTH}) (?P<year2>\d{{4}}))(?![\d/])",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![\d.,/])(?P<sign>-?)(?P<whole>\d{1,3}(?:[ .]\d{3}){1,3}|\d{1,9})(?:[.,](?P<cents>\d\d)(?![\d.,/-]\d|\d)"
    r"(?!\s?%)|(?=\s?(?:€|euros?\b|eur\b)))",
    re.IGNORECASE,
)


def described(document: Document, text: str) -> Document:
    """The document with its text and what the text names."""
    text = text[:MAX_TEXT].strip()
    lines = text.replace("\u00a0", " ").replace("\u202f", " ").split("\n")
    lines = [line[: clues.MAX_LINE] for line in lines]
    return replace(
        document,
        text=text,
        found=clues.find(text),
        dates=tuple(dict.fromkeys(_dates(lines)))[:MAX_FOUND],
        amounts=tuple(dict.fromkeys(_amounts(lines)))[:MAX_FOUND],
    )


def _dates(lines: list[str]) -> Iterable[FoundDate]:
    above = ""
    for line in lines:
        for found in _DAY.finditer(line):
            day = _day(found)
            if day:
                yield FoundDate(day, _near(line, found.start(), above))
        above = line if line.strip() else above


def _day(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    if part["name"]:
        name = part["name"].lower().translate(_UNACCENTED)
        month = next(number for number, start in enumerate(_MONTHS, 1) if name.startswith(start))
    else:
        month = int(part["month"] or part["iso_month"])
    year, day = part["year"] or part["iso"] or part["year2"], part["day"] or part["iso_day"] or part["day2"]
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


def _amounts(lines: list[str]) -> Iterable[FoundAmount]:
    above = ""
    for line in lines:
        for found in _AMOUNT.finditer(line):
            whole = int(found["whole"].replace(" ", "").replace(".", ""))
            cents = 100 * whole + int(found["cents"] or 0)
            yield FoundAmount(-cents if found["sign"] else cents, _near(line, found.start(), above))
        above = line if line.strip() else above


def _near(line: str, at: int, above: str) -> str:
    """The words before a value; where it begins its line, the line above, as tables write their heads."""
    before = line[max(0, at - _NEAR) : at].strip(" \t:;|.-")
    return before or above.strip()[:_NEAR].strip(" \t:;|.-")
