"""Identifiers named in free text: PS numbers, invoice numbers, NIRs, reference tokens. Pure; never raises.

Rules, strictest first, so that one run of digits has one meaning:
1. NIR: 13 or 15 characters that read as a NIR with a plausible month, spaces and points allowed, key right where given.
2. Invoice numbers: what follows "facture(s)", "n° de facture", "FSE", "invoice", with lists ("123, 124 et 125").
3. PS numbers: nine digits after "n° PS", AM, FINESS, ADELI … (spaces allowed), or nine digits that stand alone and
   either have a right Luhn key or a line for themselves. Nine digits that are an invoice number are no PS number.
Every expression is linear, on lines cut at `MAX_LINE`; at most `MAX_FOUND` of a sort are kept.
"""

from __future__ import annotations

import re

from mailbot.model.mails import Clues
from mailbot.parsers import identifiers

MAX_LINE = 2_000  # characters of a line that are looked at
MAX_TEXT = 400_000
MAX_FOUND = 200

_TOKEN = re.compile(r"(?<![a-z0-9])mb-([a-z2-7]{26})(?![a-z0-9])", re.IGNORECASE)
_NIR = re.compile(
    r"(?<![\dA-Za-z])([1-8])[ .]?(\d\d)[ .]?(\d\d)[ .]?(\d\d"
    r"|2[AaBb])[ .]?(\d{3})[ .]?(\d{3})(?:[ ./-]{0,3}(\d\d))?(?!\d)"
)
_MARK = r"(?:n\s?[°ºo˚]s?|no\.|num[ée]ros?|num\.|nos|#|ref\.?|r[ée]f[ée]rences?)"
_NUMBER = r"(?=[A-Za-z/_.-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9/_-]|\.(?=[A-Za-z0-9])){0,29}"
_WORD = r"(?:factures?(?:\(s\))?|fact\.|fse|feuilles? de soins|invoices?)"
_INVOICE = re.compile(
    rf"(?<![A-Za-z])(?:"
    rf"{_MARK}\s{{0,3}}(?:de\s|des\s|d['’])?(?:la\s|ma\s|vos?\s|votre\s|notre\s|nos\s)?{_WORD}"
    rf"|{_WORD}[^\d\n.;:]{{0,60}}?{_MARK}"
    rf"|{_WORD}"
    rf")\s{{0,3}}[:=]?\s{{0,3}}(?:{_MARK}\s{{0,3}}:?\s{{0,3}})?({_NUMBER})",
    re.IGNORECASE,
)
_NEXT = re.compile(
    rf"\s{{0,3}}(?:,|;|&|\+|\bet\b|\bou\b|\band\b|\bainsi que\b)\s{{0,3}}(?:et\s|la\s|les\s|(?:la\s)?facture\s)?"
    rf"(?:{_MARK}\s{{0,3}})?({_NUMBER})",
    re.IGNORECASE,
)
_AMOUNT_AFTER = re.compile(
    r",\d|\s{0,2}(?:€|euros?\b|eur\b|%|ans?\b|jours?\b|mois\b|patients?\b|factures?\b)", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{4}-\d\d-\d\d")
_NINE = r"(\d(?:[ .]?\d){8}|2[AaBb][ .]?\d(?:[ .]?\d){6})"
_PS_WORD = (
    r"(?:ps|p\.s\.|am|finess|adeli|assurance maladie|professionnel(?: de sant[ée])?|identifiant"
    r"|prescripteur|idps|pharmacie|cabinet)"
)
_PS = re.compile(rf"(?<![A-Za-z]){_PS_WORD}(?![A-Za-z])[^\d\n]{{0,30}}?(?<!\d){_NINE}(?![\d])", re.IGNORECASE)
_PS_NEXT = re.compile(rf"\s{{0,2}}(?:,|;|/|&|\bet\b|\bou\b)\s{{0,2}}{_NINE}(?!\d)", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@./=+°-])(?<![\d] )(\d{9}|2[AaBb]\d{7}|\d\d \d \d{5} \d)(?![\w@/=]|[.,-]\d| \d)")
_NOT_PS = re.compile(
    r"(?:siren|siret|lot|dossier|t[ée]l|t[ée]l[ée]phone|\+33|0033|facture|iban|rpps|contrat"
    r"|adh[ée]rent)\W{0,6}(?:n\s?[°ºo]\W{0,3})?$",
    re.IGNORECASE,
)


def find(text: str) -> Clues:
    """Everything that a text names, each once by value, in order of appearance."""
    lines = [line[:MAX_LINE] for line in text[:MAX_TEXT].replace("\u00a0", " ").replace("\u202f", " ").split("\n")]
    whole = "\n".join(lines)
    whole, nirs = _nirs(whole)
    whole, factures = _factures(whole)
    return Clues(
        numeros_ps=_numeros_ps(whole),
        numeros_facture=factures,
        nirs=nirs,
        tokens=tuple(dict.fromkeys(found.lower() for found in _TOKEN.findall(text[:MAX_TEXT])))[:MAX_FOUND],
    )


def _nirs(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with its NIRs blanked out, and the NIRs (13 characters)."""
    found: dict[str, None] = {}

    def blank(match: re.Match[str]) -> str:
        if not _plausible_month(match.group(3)):
            return match.group()
        number, valid = identifiers.nir("".join(group for group in match.groups() if group))
        if not valid or not number:
            return match.group()
        found.setdefault(number)
        return " " * len(match.group())

    return _NIR.sub(blank, text), tuple(found)[:MAX_FOUND]


def _plausible_month(month: str) -> bool:
    """1 to 12, or the codes of those whose birth month is unknown (20 to 42, 50 to 99)."""
    return 1 <= int(month) <= 12 or 20 <= int(month) <= 42 or int(month) >= 50


def _factures(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with its invoice numbers blanked out, and the numbers as first written, each once by value."""
    found: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    for match in _INVOICE.finditer(text):
        number: re.Match[str] | None = match
        while number is not None and _is_number(text, number):
            written = number.group(1).rstrip("./_-")
            if identifiers.numero_facture(written):
                found.setdefault(identifiers.numero_facture(written), written)
            spans.append(number.span(1))
            number = _NEXT.match(text, number.end(1)) if len(spans) < MAX_FOUND else None
        if len(spans) >= MAX_FOUND:
            break
    for start, end in spans:
        text = f"{text[:start]}{'x' * (end - start)}{text[end:]}"
    return text, tuple(found.values())


def _is_number(text: str, match: re.Match[str]) -> bool:
    """No date, no amount, no quantity."""
    return not _DATE.fullmatch(match.group(1)) and not _AMOUNT_AFTER.match(text, match.end(1))


def _numeros_ps(text: str) -> tuple[str, ...]:
    found: dict[int, str] = {}
    for match in _PS.finditer(text):
        number: re.Match[str] | None = match
        while number is not None and len(found) < MAX_FOUND:
            if not _NOT_PS.search(text[max(0, number.start(1) - 25) : number.start(1)]):
                found[number.start(1)] = _compact(number.group(1))
            number = _PS_NEXT.match(text, number.end(1))
    for match in _BARE.finditer(text):
        if len(found) >= MAX_FOUND:
            break
        if _NOT_PS.search(text[max(0, match.start() - 25) : match.start()]):
            continue
        number_ps = _compact(match.group(1))
        if identifiers.finess_ok(number_ps) or _alone(text, match):
            found.setdefault(match.start(1), number_ps)
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))


def _alone(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 200) : match.start()].rpartition("\n")[2]
    after = text[match.end() : match.end() + 5].partition("\n")[0]
    return not after.strip(" .;,") and not any(character.isdigit() for character in before)


def _compact(written: str) -> str:
    return identifiers.numero_ps(re.sub(r"[ .]", "", written))
