"""The last day of an absence, as automatic replies tell it in French and English. Pure; never raises.

Two sorts of dates end an absence: its last day ("jusqu’au 24/08", "du 1er au 15 août", "fermé le 14 juillet") and the
day after it ("de retour le lundi 3 août 2026", "reprise à partir du 24", "back on Monday, August 24th"). A date without
a year is the next such day, seen from the day of the mail (`dates`). Of several ends the latest counts, of the subject
before the text.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mailbot.parsers.mail import dates

MAX_TEXT = 5_000
_LONGEST = 400  # days: an absence that ends later was misread
_PAST = 31  # days that a date without a year may lie back

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
        ends = list(_ends(dates.plain(place), day))
        if ends:
            return max(ends)
    return None


def _ends(text: str, day: date) -> list[date]:
    found: list[date] = []
    for written in dates.DATE.finditer(text):
        sense = _UNTIL.search(text[max(0, written.start() - _NEAR) : written.start()])
        moment = dates.moment(written, day, past=_PAST) if sense else None
        if sense is None or moment is None:
            continue
        last = moment - timedelta(days=1) if sense.group("back") else moment
        if last >= day - timedelta(days=1) and (last - day).days <= _LONGEST:
            found.append(last)
    return found
