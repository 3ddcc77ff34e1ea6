"""The first and the last day of a replacement: "du 3 au 28 août 2026", "jusqu’au 15/03". Pure; never raises.

A day without a year is the next such day, seen from the day of the mail; a first day is the last such day before the
last one. Without the day of the mail such a day is none. Two days in the wrong order are none either.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mailbot.parsers.mail import dates

MAX_TEXT = 5_000

#: "du 3 au 28 août": the first day has no month of its own.
_SHORT = re.compile(
    rf"\b(?:du|entre le|le)\s?:?\s?(?:(?:{dates.WEEKDAY}) )?(?P<day>\d{{1,2}})(?: ?er)?\s?:?\s?(?:au|et le|-)\s?:?\s?"
    rf"(?=(?:(?:{dates.WEEKDAY}) )?\d)",
    re.ASCII,
)
_FROM = re.compile(
    r"(?:\b(?:du|entre le|d[èe]s(?: le)?|[àa] (?:partir|compter) du|depuis le|d[ée]but(?:e|ant|era)?(?: le)?"
    r"|commence(?:ra)? le)"
    r"\s?:?\s?)$"
)
_TO = re.compile(
    r"(?:\b(?:au|et le|jusqu['e] ?(?:au|[àa]|en|le)?(?: le)?|fin(?: le)?|s'ach[èe]ve(?:ra)? le|se termine(?:ra)? le"
    r"|prend(?:ra)? fin le)\s?:?\s?|\d\s?-\s?)$"
)
_LASTING = re.compile(
    r"\b(?:pendant|pour|durant|dur[ée]e(?: de| :)?)\s(?:une (?:dur[ée]e|p[ée]riode) de )?"
    r"(?P<count>\d{1,2}|une?|deux|trois|quatre|cinq|six|huit|dix|douze|quinze) (?P<unit>jours?|semaines?|mois"
    r"|an(?:n[ée]e)?s?)\b",
    re.ASCII,
)
_COUNTS = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "huit": 8, "dix": 10}
_COUNTS |= {"douze": 12, "quinze": 15}
_BEFORE = 40  # characters before a day in which its sense is looked for
_YEAR = timedelta(days=364)


def read(text: str, day: date | None) -> tuple[date | None, date | None]:
    """First and last day that a text gives. `day` is that of the mail."""
    text = dates.plain(text[:MAX_TEXT])
    first, last = _ends(text, day)
    if first and last is None:
        last = _lasting(text, first)
    return (None, None) if first and last and last < first else (first, last)


def _ends(text: str, day: date | None) -> tuple[date | None, date | None]:
    for short in _SHORT.finditer(text):
        written = dates.DATE.match(text, short.end())
        last = dates.moment(written, day) if written else None
        if last:
            return _same_month(last, int(short["day"])), last
    starts, stops = None, None
    for written in dates.DATE.finditer(text):
        before = text[max(0, written.start() - _BEFORE) : written.start()]
        if starts is None and stops is None and _FROM.search(before):
            starts = written
        elif stops is None and _TO.search(before):
            stops = written
    first = dates.moment(starts, day) if starts else None
    if starts and stops and not _has_year(stops):
        # The last day follows the first where that one has a year, and comes after the mail in any case.
        last = dates.moment(
            stops, max(first, day) if first and day and _has_year(starts) else first if _has_year(starts) else day
        )
    else:
        last = dates.moment(stops, day) if stops else None
    if starts and last and not _has_year(starts):
        first = dates.moment(starts, last - _YEAR)
    return first, last


def _has_year(written: re.Match[str]) -> bool:
    return any(written[name] for name in ("iso", "year", "year2", "year3"))


def _same_month(last: date, number: int) -> date | None:
    """The day of that number in the month of `last`, or in the month before where it would come after it."""
    try:
        first = last.replace(day=number)
        return first if first <= last else (last.replace(day=1) - timedelta(days=1)).replace(day=number)
    except (ValueError, OverflowError):
        return None


def _lasting(text: str, first: date) -> date | None:
    found = _LASTING.search(text)
    if not found:
        return None
    count = _COUNTS.get(found["count"]) or int(found["count"] if found["count"].isdigit() else 0)
    unit = found["unit"][:2]
    try:
        if unit in ("jo", "se"):
            return first + timedelta(days=count * (7 if unit == "se" else 1) - 1)
        month = first.month - 1 + count * (12 if unit == "an" else 1)
        whole = date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return whole + timedelta(days=min(first.day - 1, 28)) if first.day > 1 else whole
    except (ValueError, OverflowError):
        return None
