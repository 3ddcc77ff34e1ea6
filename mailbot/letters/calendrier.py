"""The French calendar: public holidays and working days. Pure arithmetic.

The eleven days of metropolitan France (Code du travail, L3133-1), by date or by Easter; those of Alsace-Moselle and
overseas are not in it, nor is the “journée de solidarité”. `PARIS`: the time that PS and gestionnaires live in.
"""

from __future__ import annotations

import zoneinfo
from datetime import date, timedelta
from functools import lru_cache

PARIS = zoneinfo.ZoneInfo("Europe/Paris")

#: (month, day): jour de l’An, fête du Travail, Victoire 1945, fête nationale, Assomption, Toussaint, Armistice, Noël.
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
#: Days after Easter Sunday: lundi de Pâques, Ascension, lundi de Pentecôte.
_AFTER_EASTER = (1, 39, 50)


def paques(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Butcher’s algorithm, Nature 13, 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


@lru_cache(maxsize=64)
def jours_feries(year: int) -> frozenset[date]:
    easter = paques(year)
    moving = (easter + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *moving))


def ouvre(day: date) -> bool:
    """A working day: Monday to Friday, and no public holiday."""
    return day.weekday() < 5 and day not in jours_feries(day.year)
