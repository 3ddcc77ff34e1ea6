"""Identifiers of the field: NIR, FINESS, n° AM, PS number, invoice number, and their masks.

Owns: the compared form of each identifier and its check digit (formats.md, "Identifiers"; motifs.md §3). Only ASCII
digits count. Never refuses and never raises: the caller decides what a wrong one means. Known limit: the Luhn key of
an AM number is only likely (formats.md), so a wrong one is a warning, never a refusal.
"""

from __future__ import annotations

import re

_NIR = re.compile(r"([1-8][0-9]{4}(?:[0-9]{2}|2[ABab])[0-9]{6})([0-9]{2})?")
_CORSE = re.compile(r"2([AaBb])[0-9]{2}([0-9]{5})")
_NEUF = re.compile(r"[0-9]{9}")
_BULLET = "•"
#: A mask never shows how long a long text was.
_LONGEST_MASK = 15


def nir(text: str) -> tuple[str, bool]:
    """Read a NIR: its 13 characters in capitals and True, or the text without spaces and False.

    False stands for an ill-formed NIR and for one with a wrong key. Empty and zeros only give `("", True)`: an empty
    NIR is missing (rule D), it is not ill-formed (rule E0).
    """
    compact = "".join(text.split())
    if not compact.strip("0"):
        return "", True
    found = _NIR.fullmatch(compact)
    if found is None:
        return compact, False
    body, key = found.groups()
    body = body.upper()
    if key is not None and int(key) != nir_key(body):
        return compact, False
    return body, True


def nir_key(nir13: str) -> int:
    """The key (1 to 97) of 13 characters in capitals: 97 - (N mod 97), with 2A read as 19 and 2B as 18.

    `nir13` must be well-formed, as `nir` returns it.
    """
    return 97 - int(nir13.replace("2A", "19").replace("2B", "18")) % 97


def finess_ok(text: str) -> bool:
    """Nine digits (2A…/2B… read as 2001…/2002…) whose Luhn sum is right."""
    number = numero_ps(text)
    return _NEUF.fullmatch(number) is not None and _luhn(number)


def am_ok(text: str) -> bool:
    """Nine digits whose Luhn sum is right. The key is likely, not sure: False is worth a warning only."""
    return finess_ok(text)


def numero_ps(text: str) -> str:
    """A PS number, trimmed; 2Ayyxxxxk and 2Byyxxxxk are read as 2001xxxxk and 2002xxxxk. Any other text is kept."""
    trimmed = text.strip()
    found = _CORSE.fullmatch(trimmed)
    if found is None:
        return trimmed
    return ("2001" if found[1] in "Aa" else "2002") + found[2]


def numero_facture(text: str) -> str:
    """An invoice number as it is compared: trimmed, without leading zeros; "" for zeros only."""
    return text.strip().lstrip("0")


def masked(text: str) -> str:
    """What may be shown of a NIR, name, birth date or address: first and last character, bullets between.

    A text under five characters shows nothing. A long one shows a mask of fixed length.
    """
    trimmed = text.strip()
    if len(trimmed) < 5:
        return _BULLET * 3 if trimmed else ""
    first, last = (end if end.isprintable() else _BULLET for end in (trimmed[0], trimmed[-1]))
    return first + _BULLET * (min(len(trimmed), _LONGEST_MASK) - 2) + last


def _luhn(digits: str) -> bool:
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(doubled[value] for value in values[1::2])) % 10 == 0
