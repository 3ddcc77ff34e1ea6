"""The last day of an absence, as automatic replies tell it in French and English. Pure; never raises.

Two sorts of dates end an absence: its last day ("jusqu’au 24/08", "du 1er au 15 août", "fermé le 14 juillet") and the
day after it ("de retour le lundi 3 août 2026", "reprise à partir du 24", "back on Monday, August 24th"). A date without
a year is the next such day, seen from the day of the mail; a weekday alone is the next one. Of several ends the latest
counts, of the subject before the text. Known limits: a date in words ("mi-août") is none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

MAX_TEXT = 5_000
_LONGEST = 400  # days: an absence that ends later was misread
_PAST = 31  # days that a date without a year may lie back

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
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join((*_DAYS, *_ENGLISH_DAYS))
_DATE = re.compile(
    rf"(?:(?:{_WEEKDAY}),? )?(?:the )?(?:"
    rf"(?P<iso>\d{{4}})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    rf"|(?P<day>\d{{1,2}})(?:er)? ?[/.-] ?(?P<month>\d{{1,2}})(?: ?[/.-] ?(?P<year>\d{{4}}|\d\d))?(?![\d/])"
    rf"|(?P<day2>\d{{1,2}})(?: ?er|st|nd|rd|th)? (?:of )?(?P<name>{_MONTH})\b\.?(?:,? (?P<year2>20\d\d))?"
    rf"|(?P<name3>{_MONTH})\.? (?P<day3>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year3>20\d\d))?"
    rf"|(?P<end>(?:la )?fin|(?:the )?end of) (?:du mois d[e'] ?|d[e'] ?)?(?P<name4>{_MONTH})\b"
    rf"|(?P<alone>{_WEEKDAY})\b)"
)
_BACK = (
    r"(?:(?:de |notre |mon )?retour|repris\w*|reprend\w*|reprendr\w+|revien\w+|reviendr\w+|rentr\w+"
    r"|joignable|disponible"
    r"|r[ée]?ouver\w+|r[ée]?ouvr\w+|rouvr\w+|back|return\w*|resum\w+|reopen\w*|available)"
)
#: What stands before a date, nearest first; `back`: it is the first day after the absence.
_UNTIL = re.compile(
    rf"(?P<back>{_BACK}(?:\s|[^\n.;!?]{{0,40}}?\b(?:le|d[èe]s(?: le)?|[àa] (?:partir|compter) du|au|on"
    rf"|from|by|as of)\s))$"
    r"|(?P<until>jusqu['e] ?(?:au|[àa]|en|le)?(?: et y compris)?(?: le)?(?: matin| soir)?|\buntil|\btill"
    r"|\bthrough|\bthru)\s?$"
    r"|(?P<span>\b(?:du|entre le|from|between)\s[^\n;!?]{1,40}?\s(?:au|et le|to|and)\s?)$"
    r"|(?P<single>\b(?:ferm[ée]e?s?|absente?s?|indisponible|closed"
    r"|away)(?: exceptionnellement)?[^\n.;!?0-9]{0,25}\ble\s?)$"
)
_NEAR = 100  # characters before a date in which its sense is looked for


def until(subject: str, text: str, day: date) -> date | None:
    """The last day of the absence; `day` is that of the mail."""
    for place in (subject, text[:MAX_TEXT]):
        ends = list(_ends(_plain(place), day))
        if ends:
            return max(ends)
    return None


def _plain(text: str) -> str:
    text = re.sub(r"[ \t\u00a0\u202f]+", " ", text.replace("’", "'").lower())
    return re.sub(r"(?<![\n.;:!?]) ?\n(?!\n) ?", " ", text)  # sentences are wrapped


def _ends(text: str, day: date) -> list[date]:
    found: list[date] = []
    for written in _DATE.finditer(text):
        sense = _UNTIL.search(text[max(0, written.start() - _NEAR) : written.start()])
        moment = _moment(written, day) if sense else None
        if sense is None or moment is None:
            continue
        last = moment - timedelta(days=1) if sense.group("back") else moment
        if last >= day - timedelta(days=1) and (last - day).days <= _LONGEST:
            found.append(last)
    return found


def _moment(written: re.Match[str], day: date) -> date | None:
    parts = written.groupdict()
    if parts["alone"]:
        days = _DAYS if parts["alone"] in _DAYS else _ENGLISH_DAYS
        return day + timedelta(days=(days.index(parts["alone"]) - day.weekday() - 1) % 7 + 1)
    name = parts["name"] or parts["name3"] or parts["name4"] or ""
    month = _MONTHS[name] if name else int(parts["month"] or parts["iso_month"])
    year = parts["iso"] or parts["year"] or parts["year2"] or parts["year3"]
    number = parts["iso_day"] or parts["day"] or parts["day2"] or parts["day3"]
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, int(number))
        for candidate in (day.year, day.year + 1):
            moment = date(candidate, month, int(number)) if number else _last_of(candidate, month)
            if moment >= day - timedelta(days=_PAST):
                return moment
    except ValueError:
        pass  # the 31st of a short month: no date
    return None


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
