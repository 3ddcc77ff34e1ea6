"""French for letters: dates, amounts, plurals, typography, masks, and text from outside made inert.

Owns: how a value looks to a PS or a gestionnaire. Never decides what is said. Pure; every function is total: a value
from outside never makes it raise. Known limits: numbers are grouped by U+00A0 where Babel has a narrow no-break space
(U+202F), because some mail readers and reportlab's standard fonts show a box for it; years before 1000 are not padded.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date

from mailbot.model.retours import EtatPaiement

NBSP = "\u00a0"
_LOCALE = "fr_FR"
_BULLET = "•"

#: What became of an invoice according to a return, said of “la facture”.
ETATS_PAIEMENT = {
    EtatPaiement.PAYEE: "payée",
    EtatPaiement.ECART: "payée avec un écart",
    EtatPaiement.PARTIELLE: "partiellement payée",
    EtatPaiement.DIFFEREE: "différée",
    EtatPaiement.REFUSEE: "refusée",
    EtatPaiement.INDETERMINEE: "paiement non précisé",
}

#: Categories that show nothing, or move what stands beside them (Cf holds the bidirectional overrides).
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_PLAIN = re.compile(r"[ !-~\u00a0-\u00ac\u00ae-\u017f’“”«»–—…•]*\Z")

_BLANKS = re.compile(" {2,}")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NIR = re.compile(r"\d{5}(\d\d|2[AB])\d{6}")

_TYPOGRAPHY = (
    (re.compile(r"\.\.\."), "…"),
    (re.compile(r"(?<=\w)'(?=[\w{«\[])"), "’"),
    (re.compile(r"«[ \u00a0\u202f]*"), "«" + NBSP),
    (re.compile(r"[ \u00a0\u202f]*»"), NBSP + "»"),
    (re.compile(r"[ \u00a0\u202f]+(?=[:;?!](?:\s|\Z|[)\]»]))"), NBSP),
    (re.compile(r"(?<=\d)(?=%)|(?<=\d)[ \u202f](?=(?:€|%|ans?\b|jours?\b|mois\b))"), NBSP),
    (re.compile(r"\b([nN])°[ \u00a0\u202f]*(?=\S)"), r"\1°" + NBSP),
    (re.compile(r"(?<=\barticle) (?=\d)"), NBSP),
)


def inert(text: str, limit: int = 300) -> str:
    """Text from outside as one line that can stand in a header, a page or a cell: no control, format or line
    separator character; spaces run together; at most `limit` characters (then “…”)."""
    if not _PLAIN.match(text):
        text = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text)
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


@lru_cache(maxsize=1024)
def typographie(text: str) -> str:
    """French typography for a text that an admin typed on a plain keyboard: no-break spaces before : ; ? ! and
    inside « », curly apostrophes, “…”. Applied to wording, never to values (an invoice number stays as it is)."""
    for pattern, replacement in _TYPOGRAPHY:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=1024)
def libelle(text: str) -> str:
    """The label of a motif as people read it: typeset, with the accent that a capital “A” for “À” has lost. The Trame
    has it as the catalogue writes it."""
    return re.sub(r"\AA(?= [a-zéê])", "À", typographie(text))


def telephone(text: str) -> str:
    """A telephone number that is not broken over two lines."""
    return inert(text, 40).replace(" ", NBSP)


@lru_cache(maxsize=4096)
def date_longue(day: date | datetime | None) -> str:
    """“1er février 2026”, no-break between day and month; "" for None."""
    if day is None:
        return ""
    text = format_date(day, "d MMMM y", locale=_LOCALE)
    if day.day == 1:
        text = text.replace("1 ", "1er ", 1)
    return text.replace(" ", NBSP, 1)


def date_courte(day: date | datetime | None) -> str:
    """“01/02/2026”; "" for None."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}" if day else ""


def montant(centimes: int | None) -> str:
    """“1 234,56 €” from integer centimes; "" for None. As Babel writes it, in a twentieth of its time."""
    if centimes is None:
        return ""
    euros, cents = divmod(abs(centimes), 100)
    return f"{'-' if centimes < 0 else ''}{nombre(euros)},{cents:02}{NBSP}€"


def nombre(count: int) -> str:
    """“1 234”."""
    return f"{count:,}".replace(",", NBSP)


def pluriel(count: int, singular: str, plural: str = "") -> str:
    """“1 facture”, “2 factures”, “0 facture”: French counts from two. Without `plural`, an s is added."""
    return f"{nombre(count)}{NBSP}{singular if abs(count) < 2 else plural or singular + 's'}"


def naissance(text: str, full: bool) -> str:
    """A birth date (ISO, or as written where it is no calendar date) for the mail: “07/03/1957”, or “••/••/1957”."""
    iso = _ISO.fullmatch(text)
    if not text:
        return ""
    if full:
        return f"{iso[3]}/{iso[2]}/{iso[1]}" if iso else inert(text, 20)
    return f"••/••/{iso[1]}" if iso else "••/••/••••"


def nir(text: str, full: bool) -> str:
    """A NIR for the mail: “1 57 03 75 056 123” (as written where it is ill-formed), or its last three characters
    behind a mask of fixed length, enough to recognise a patient in one's own software and to learn nothing."""
    text = inert(text, 30)
    if not text:
        return ""
    if not full:
        return _BULLET * 10 + (text[-3:] if len(text) >= 13 else _BULLET * 3)
    if not _NIR.fullmatch(text):
        return text
    return NBSP.join((text[0], text[1:3], text[3:5], text[5:7], text[7:10], text[10:]))


def shows_all(address: str, plain: str, full_domains: tuple[str, ...]) -> bool:
    """May a letter to `address` show NIR and birth date in full? With `privacy.plain: full`, or where the domain of
    the address is one of `privacy.full_domains` (MSSanté) or stands below one."""
    return plain == "full" or _trusted(address, full_domains)


def closes(address: str, plain: str, full_domains: tuple[str, ...]) -> bool:
    """Do NIR and birth date go to `address` in a closed PDF only? With `privacy.plain: encrypted`, but for a trusted
    domain, which gets them in clear."""
    return plain == "encrypted" and not _trusted(address, full_domains)


def _trusted(address: str, full_domains: tuple[str, ...]) -> bool:
    domain = address.rpartition("@")[2].strip().lower().rstrip(".")
    wanted = (item.strip().lower().lstrip("@").strip(".") for item in full_domains)
    return any(item and (domain == item or domain.endswith("." + item)) for item in wanted)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for an admin: the nearest known word, else the list of what is allowed."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"vouliez-vous dire « {close[0]} » ?"
    return f"noms possibles : {', '.join(choices)}" if choices else ""
