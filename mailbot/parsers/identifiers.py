"""Identifiers of the field: NIR, FINESS, n° AM, PS number, invoice number, and their masks.

Owns: the compared form of each identifier and its check digit (formats.md, "Identifiers"; motifs.md §3). Only ASCII
digits count. Never refuses and never raises: the caller decides what a wrong one means.
"""

from __future__ import annotations

import re

_NIR = re.compile(r"([1-8][0-9]{4}(?:[0-9]{2}|2[ABab])[0-9]{6})([0-9]{2})?")
_CORSE = re.compile(r"2([AaBb])[0-9]{2}([0-9]{5})")
#: Digits side by side, or with blanks, dots or dashes between; 2A and 2B among them.
_RUN = re.compile(r"[0-9](?:[\s.\-]{0,3}[0-9]|(?<=2)[ABab](?=[\s.\-]{0,3}[0-9]))+")
_GAPS = re.compile(r"[\s.\-]")
#: Each digit -> the sum of the digits of its double.
_DOUBLED = str.maketrans("0123456789", "0246813579")
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


#: An address, and a cell that holds one: nothing around it, "mailto:", or a name before its angle brackets.
_ADDRESS = r"[^\s@<>()\[\],;:\"/|]+@[^\s@<>()\[\],;:\"/|]+\.[^\s@<>()\[\],;:\"/|.]{2,}"
_ADDRESSES = re.compile(_ADDRESS)
_AROUND = re.compile(rf"(?i:mailto:)?{_ADDRESS}|[^@<>]{{0,80}}<\s?(?i:mailto:)?{_ADDRESS}\s?>")


def mail(text: str) -> str:
    """The one address that a cell holds, without "mailto:" or a name around it; "" for none, for several, and for what
    is no address: nobody guesses which of two people is meant, or where a broken address would lead."""
    found = _ADDRESSES.findall(text)
    whole = _AROUND.fullmatch(text.strip())
    return found[0] if len(found) == 1 and whole else ""


def finess_ok(text: str) -> bool:
    """Nine digits (2A…/2B… read as 2001…/2002…) whose Luhn sum is right."""
    return luhn_ok(numero_ps(text), 9)


def luhn_ok(text: str, length: int) -> bool:
    """Exactly `length` digits whose Luhn sum is right: FINESS, n° AM and ADELI have 9, RPPS 11, AMC 8.

    For AM, ADELI and RPPS the key is likely, not sure: False is worth a warning only.
    """
    if len(text) != length or not (text.isascii() and text.isdigit()):
        return False
    return (sum(map(int, text[::-2])) + sum(map(int, text[-2::-2].translate(_DOUBLED)))) % 10 == 0


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


def without_nirs(text: str) -> str:
    """Free text in which every run of digits that holds a NIR, spaced or with its key, is masked whole."""
    return _RUN.sub(lambda run: masked(run[0]) if _NIR.search(_GAPS.sub("", run[0])) else run[0], text)


def masked(text: str) -> str:
    """What may be shown of a NIR, name, birth date or address: first and last character, bullets between.

    A text under five characters shows nothing. A long one shows a mask of fixed length.
    """
    trimmed = text.strip()
    if len(trimmed) < 5:
        return _BULLET * 3 if trimmed else ""
    first, last = (end if end.isprintable() else _BULLET for end in (trimmed[0], trimmed[-1]))
    return first + _BULLET * (min(len(trimmed), _LONGEST_MASK) - 2) + last
