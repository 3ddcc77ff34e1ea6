"""Days as people write them in French and English: "03/08", "3 août 2026", "lundi", "fin août", "August 24th". Pure.

Owns the expression of a date and which day it is: one without a year is the next such day, a weekday alone the next
one. Never raises: what is no day (the 31st of a short month) is None. Known limit: a day in words ("mi-août") is none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "january", "jan"),
            ("février", "fevrier", "févr", "fevr", "fév", "fev", "february", "feb"),
            ("mars", "march", "mar"),
            ("avril", "avr", "april", "apr"),
            ("mai", "may"),
            ("juin", "june", "jun"),
            ("juillet", "juil", "july", "jul"),
            ("août", "aout", "august", "aug"),
            ("septembre", "sept", "september", "sep"),
            ("octobre", "oct", "october"),
            ("novembre", "nov", "november"),
            ("décembre", "decembre", "déc", "dec", "december"),
        ),
        1,
    )
    for name in names
}
_FIRST_YEAR = 1900  # what is written as earlier is long past, and so is this
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
WEEKDAY = "|".join((*_DAYS, *_ENGLISH_DAYS))
DATE = re.compile(
    rf"(?:(?:{WEEKDAY}),? )?(?:the )?(?:"
    rf"(?P<iso>\d{{4}})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    rf"|(?P<day>\d{{1,2}})(?:er)? ?[/.-] ?(?P<month>\d{{1,2}})(?: ?[/.-] ?(?P<year>\d{{4}}|\d\d))?(?![\d/])"
    rf"|(?P<day2>\d{{1,2}})(?: ?er|st|nd|rd|th)? (?:of )?(?P<name>{_MONTH})\b\.?(?:,? (?P<year2>20\d\d))?"
    rf"|(?P<name3>{_MONTH})\.? (?P<day3>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year3>20\d\d))?"
    rf"|(?P<end>(?:la )?fin|(?:the )?end of) (?:du mois d[e'] ?|d[e'] ?)?(?P<name4>{_MONTH})\b"
    rf"|(?P<alone>{WEEKDAY})\b)",
    re.ASCII,
)


def plain(text: str) -> str:
    """The text as `DATE` reads it: small letters, single spaces, wrapped sentences on one line."""
    text = re.sub(r"[ \t\u00a0\u202f]+", " ", text.replace("’", "'").lower())
    return re.sub(r"(?<![\n.;:!?]) ?\n(?!\n) ?", " ", text)  # sentences are wrapped


def moment(written: re.Match[str], day: date | None, *, past: int = 0) -> date | None:
    """The day that a match of `DATE` means. One without a year is the next such day from `past` days before `day` on;
    without `day` it is none."""
    parts = written.groupdict()
    name = parts["name"] or parts["name3"] or parts["name4"] or ""
    year = parts["iso"] or parts["year"] or parts["year2"] or parts["year3"]
    number = parts["iso_day"] or parts["day"] or parts["day2"] or parts["day3"]
    try:
        if parts["alone"]:
            return _next_weekday(parts["alone"], day) if day else None
        month = _MONTHS[name] if name else int(parts["month"] or parts["iso_month"])
        if year:
            return date(max(int(year) + (2000 if len(year) == 2 else 0), _FIRST_YEAR), month, int(number))
        for candidate in (day.year, day.year + 1) if day else ():
            found = date(candidate, month, int(number)) if number else _last_of(candidate, month)
            if day and found >= day - timedelta(days=past):
                return found
    except (ValueError, OverflowError):
        pass  # the 31st of a short month, a day beyond the calendar: no date
    return None


def _next_weekday(name: str, day: date) -> date:
    days = _DAYS if name in _DAYS else _ENGLISH_DAYS
    return day + timedelta(days=(days.index(name) - day.weekday() - 1) % 7 + 1)


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
