"""The text of one B2 zone -> its value, by its kind (`b2_layout.Kind`); and the sliding window of two-digit years.

Numbers are digits only, or blank (None); an amount is centimes. Dates are AAMMJJ, zeros and blanks are none; a birth
date that is no calendar date stays as written. A parse function raises ValueError, never anything else. Source:
formats.md, "B2".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2.layout import Kind
from mailbot.parsers.layouts import Zone

Parse = Callable[[str], Any]

#: Creation dates are of this century: the norm that is laid out is of 2007.
OF_THE_NORM = date(2099, 12, 31)
#: MMJJ -> the end of an ISO date, for the days that every year has.
SURE_DAYS = {f"{day:%m%d}": f"{day:-%m-%d}" for day in (date(2001, 1, 1) + timedelta(n) for n in range(365))}
_NO_DAY = "000000"


class Window:
    """Two-digit years, none of them after `reference`."""

    def __init__(self, reference: date) -> None:
        self._latest = f"{reference:%y%m%d}"
        self._century = str(reference.year // 100)
        self._before = str(reference.year // 100 - 1)

    def sure_years(self) -> dict[str, str]:
        """The two-digit years that can be one year only, whatever the day."""
        last = int(self._century + self._latest[:2])
        return {f"{year % 100:02d}": str(year) for year in range(last - 99, last)}

    def day(self, text: str) -> date | None:
        if not text.isdecimal():
            if text.strip(" 0"):
                raise ValueError(text)
            return None
        return None if text == _NO_DAY else date.fromisoformat(self._whole(text))

    def birth(self, text: str) -> str:
        """ISO text of the latest day that AAMMJJ can be; as written where it is none."""
        if not text.strip(" 0"):
            return ""
        try:
            return date.fromisoformat(self._whole(text)).isoformat() if text.isdecimal() else text.strip()
        except ValueError:
            return text

    def _whole(self, text: str) -> str:
        return (self._century if text <= self._latest else self._before) + text


def parse(zone: Zone, window: Window) -> Parse:
    """What reads the text of a zone."""
    kind = b2_layout.kind(zone)
    if kind is Kind.DECIMAL:
        return lambda text: _decimal(text, zone.decimals)
    parsers: dict[Kind, Parse] = {
        Kind.TEXT: str.strip,
        Kind.NUMBER: _number,
        Kind.DIGITS: _digits,
        Kind.DAY: window.day,
        Kind.BIRTH: window.birth,
    }
    return parsers[kind]


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    digits = text.strip()
    if digits and not digits.isdecimal():
        raise ValueError(text)
    return int(digits) if digits else None


def _digits(text: str) -> str:
    if not text.isdecimal():
        _number(text)
    return text.strip()


def _decimal(text: str, decimals: int) -> Decimal | None:
    found = _number(text)
    return None if found is None else Decimal(found).scaleb(-decimals)
