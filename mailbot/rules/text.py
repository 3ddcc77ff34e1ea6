"""How the rules read text: names as sets of words, codes, first words, cards' guarantees, amounts for people.

Pure functions of one text, kept in bounded memos because a lot names the same people, insurers and cards again and
again. Source: motifs.md §3 (Names, Codes in text) and §4 (Speciality on the card).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_MEMO = 1 << 16

#: Hyphens and apostrophes, straight or curly, separate words as a space does.
_SEPARATORS = str.maketrans(dict.fromkeys("-\u2010\u2011'\u2018\u2019", " "))
#: Hyphens in a code read as a space, which reads as `_`.
_CODE_SEPARATORS = str.maketrans(dict.fromkeys("-\u2010\u2011_", " "))


def folded(text: str) -> str:
    """Without case and accents; œ = oe, æ = ae."""
    plain = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return plain.replace("œ", "oe").replace("æ", "ae")


@lru_cache(_MEMO)
def words(name: str) -> frozenset[str]:
    """The words of a surname or first name, as names are compared."""
    return frozenset(folded(name).translate(_SEPARATORS).split())


def same_name(one: str, other: str) -> bool:
    """Two surnames (or two first names) match when the words of one contain those of the other; empty never matches."""
    if one == other and one[:1].isalnum():
        return True  # not empty: a letter or digit at the beginning is a word
    mine, theirs = words(one), words(other)
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


@lru_cache(_MEMO)
def code(text: str) -> str:
    """A code in text: capitals without accents, `_` for spaces and hyphens ("Liquidé nul" = LIQUIDE_NUL)."""
    return "_".join(folded(text).translate(_CODE_SEPARATORS).split()).upper()


@lru_cache(_MEMO)
def first_word(mutuelle: str) -> str:
    """First word of an insurer's name, folded; it ends at a space, hyphen or apostrophe."""
    parts = folded(mutuelle).translate(_SEPARATORS).split()
    return parts[0] if parts else ""


@lru_cache(_MEMO)
def guarantees(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """`garanties` of a card as (columns that cover, those of them that say PEC)."""
    covers, pec = set(), set()
    for part in text.split("|"):
        column, _, value = part.partition("=")
        value = value.strip()
        if value in ("", "-"):
            continue
        covers.add(column.strip())
        if value.upper() == "PEC":
            pec.add(column.strip())
    return frozenset(covers), frozenset(pec)


def number(text: str) -> str:
    """An invoice number as it is compared: no leading zeros, "" for zeros only."""
    return text.lstrip("0")


def shown(text: str) -> str:
    """An invoice number as it is shown: as written, "" for zeros only."""
    return text if text.lstrip("0") else ""


@lru_cache(_MEMO)
def euros(centimes: int | None) -> str | None:
    """1271 -> "12,71": two decimals, comma, no unit; None stays None."""
    if centimes is None:
        return None
    whole, cents = divmod(abs(centimes), 100)
    return f"{'-' if centimes < 0 else ''}{whole},{cents:02d}"
