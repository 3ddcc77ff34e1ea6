"""The hours at which bordereaux leave (`bordereau.send_at`, `send_until`, `send_days`), in French time. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from mailbot.configuration import settings
from mailbot.letters import calendrier
from mailbot.passes.contact import PARIS


def opens(section: settings.Bordereau, now: datetime) -> datetime:
    """The next moment at which bordereaux may leave; `now` itself within their hours.

    `send_at` is a beginning, not an appointment: after it letters leave at once, until `send_until` (itself excluded).
    """
    local = now.astimezone(PARIS)
    start = section.send_at or time()
    day = local.date()
    if section.send_until and local.time() >= section.send_until:
        day += timedelta(days=1)
    while section.send_days == "ouvres" and not calendrier.ouvre(day):
        day += timedelta(days=1)
    opening = datetime.combine(day, start, PARIS)
    return max(now, opening)
