"""Words without their spelling: accents, capitals, apostrophes and spaces put aside. Pure; never raises.

People write "ÉTAT", "Etat" and "etat"; telephones leave accents out, PDF files take them apart. Who looks for words
looks in `folded` text. `composed` comes first: then a place in the folded text is a place in the text too.
"""

from __future__ import annotations

import unicodedata

#: Latin letters with their accents, and the signs that stand for an apostrophe, a hyphen, a space. One for one.
_PLAIN = {
    code: bare[0]
    for code in range(0xC0, 0x250)
    if len(bare := unicodedata.normalize("NFD", chr(code)).lower()) > 0 and bare[0].isascii()
}
_PLAIN |= dict.fromkeys(map(ord, "’‘ʼ´`′"), "'")
_PLAIN |= dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_PLAIN |= dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\t"), " ")
_PLAIN |= {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
#: Replaced first, one by one: `str.translate` takes thirty times as long, but on ASCII.
_FREQUENT = [(letter, _PLAIN[ord(letter)]) for letter in "éèàêçùâîôûëïœ’\u00a0\u202f" if ord(letter) in _PLAIN]
_INVISIBLE = ("\u200b", "\ufeff", "\u200e", "\u00ad")


def composed(text: str) -> str:
    """The text with each accent in its letter, without invisible characters, with line feeds only."""
    for sign in _INVISIBLE:
        text = text.replace(sign, "")
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def folded(text: str) -> str:
    """Small letters without accents, plain apostrophes, hyphens and spaces: one character for each of the text."""
    small = text.lower()
    if small.isascii():
        return small.replace("\t", " ")
    if len(small) != len(text):  # a few capitals of the world have two small characters
        small = text
    for written, read in _FREQUENT:
        small = small.replace(written, read)
    return small.translate(_PLAIN)


def plain(text: str) -> str:
    """The text composed and folded, for who does not look back into it."""
    return folded(composed(text))
