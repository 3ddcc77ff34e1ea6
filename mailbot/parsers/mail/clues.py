"""Identifiers named in free text: PS numbers, invoice numbers, NIRs, reference tokens. Pure; never raises.

Rules, strictest first, so that one run of digits has one meaning:
1. NIR: 13 or 15 characters that read as a NIR with a plausible month, spaces and points allowed, key right where given.
2. Invoice numbers: what follows "facture(s)", "n° de facture", "FSE", "invoice", with lists ("123, 124 et 125"), and
   the number that an invoice is given ("elle porte le n° 126").
3. PS numbers: nine digits after "n° PS", AM, FINESS, ADELI … (spaces allowed), or nine digits that stand alone and
   either have a right Luhn key or a line for themselves. Nine digits that are an invoice number are no PS number.
Every expression is linear, on lines cut at `MAX_LINE`; at most `MAX_FOUND` of a sort are kept. Most lines name nothing:
plain searches in a sketch of the text tell which ones deserve an expression. Digits are those of ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.model.mails import Clues
from mailbot.parsers import identifiers

MAX_LINE = 2_000  # characters of a line that are looked at
MAX_TEXT = 400_000
MAX_FOUND = 200
_TOLD = 10  # identifiers of a sort that a sentence of evidence names

#: The sketch of a text: "0" for a digit, "a" for the letters of Corsica, a space for a point.
_SKETCH = bytes.maketrans(b"123456789bAB.", b"000000000aaa ")
_NINE_DIGITS = (b"0" * 9, b"0a" + b"0" * 7)
_NINE_TOGETHER = (*_NINE_DIGITS, b"0 0 00000 0")
_THIRTEEN_DIGITS = (b"0" * 13, b"0" * 5 + b"0a" + b"0" * 6)

_TOKEN = re.compile(r"(?<![a-z0-9])mb-([a-z2-7]{26})(?![a-z0-9])", re.IGNORECASE | re.ASCII)
# A pattern that begins with the digit itself, and looks back afterwards, lets `re` skip to the next digit.
_NIR = re.compile(
    r"([1-8])(?<![\dA-Za-z]\d)[ .]?(\d\d)[ .]?(\d\d)[ .]?(\d\d"
    r"|2[AaBb])[ .]?(\d{3})[ .]?(\d{3})(?:[ ./-]{0,3}(\d\d))?(?!\d)"
)
_MARK = r"(?:n\s?[°ºo˚]s?|no\.|num[ée]ros?|num\.|nos|#|ref\.?|r[ée]f[ée]rences?)"
#: An invoice number, as people write one.
NUMBER = r"(?=[A-Za-z/_.-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9/_-]|\.(?=[A-Za-z0-9])){0,29}"
_WORD = r"(?:factures?(?:\(s\))?|fact\.|fse|feuilles? de soins|invoices?)"
_THEN = rf"\s{{0,3}}[:=]?\s{{0,3}}(?:{_MARK}\s{{0,3}}:?\s{{0,3}})?({NUMBER})"
#: Where a number may begin, by the word that is searched first; `str.find` for these words, then one expression there.
_INVOICE_WORDS = (*(b"fact", b"fse", b"feuille", b"invoice", b"nouveau", b"sous le", b"porte", b"remplac", b"devient"),)
_INVOICE = re.compile(
    rf"(?<![A-Za-z])(?:{_WORD}(?:[^\d\n.;:]{{0,60}}?{_MARK})?"
    rf"|(?:nouveau|sous le|porte (?:maintenant |d[ée]sormais )?le|remplac[ée]\w{{0,2}} par le|devient le) {_MARK})"
    rf"{_THEN}",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    rf"(?<![A-Za-z]){_MARK}\s{{0,3}}(?:de\s|des\s|d['’])?(?:la\s|ma\s|vos?\s|votre\s|notre\s|nos\s)?$", re.IGNORECASE
)
_IS = re.compile(rf"{_WORD}\s(?:est|sera|devient)(?:\sle)?{_THEN}", re.IGNORECASE)
_DIGIT = re.compile(rb"[0-9]")
#: The ends of `_MARK`, `_WORD` and `_IS`, and what may stand between them and a number; "?" is any foreign character.
_ASKS_FOR_A_NUMBER = (
    *(b"\xb0", b"\xba", b"?", b"o", b"s", b"#", b"f", b"e", b")", b":", b"=", b"no.", b"num.", b"ref.", b"r\xe9f."),
    *(b"fact.", b"est", b"sera", b"devient"),
)
_BEFORE_WORD = 40  # characters before "facture" in which "n° de la" stands
_NEXT = re.compile(
    rf"\s{{0,3}}(?:,|;|&|\+|\bet\b|\bou\b|\band\b|\bainsi que\b)\s{{0,3}}(?:et\s|la\s|les\s|(?:la\s)?facture\s)?"
    rf"(?:{_MARK}\s{{0,3}})?({NUMBER})",
    re.IGNORECASE,
)
_AMOUNT_AFTER = re.compile(
    r",\d|[ \t]{0,2}(?:€|euros?\b|eur\b|%|ans?\b|jours?\b|mois\b|patients?\b|factures?\b)", re.IGNORECASE
)
_COUNTED = re.compile(r"[ \t]{0,2}(?:accept|refus|rejet|re[çc]ue|trait|en cours|impay|pay)", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{4}-\d\d-\d\d")
_NINE = r"(\d(?:[ .]?\d){8}|2[AaBb][ .]?\d(?:[ .]?\d){6})"
_PS_WORD = (
    r"(?:ps|p\.s\.|am|finess|adeli|assurance maladie|professionnel(?: de sant[ée])?|identifiant"
    r"|prescripteur|idps|pharmacie|cabinet)"
)
_NINE_ALONE = re.compile(r"(\d(?<!\d\d)(?:(?:[ .]?\d){8}|(?<=2)[AaBb][ .]?\d(?:[ .]?\d){6}))(?!\d)")
_PS_BEFORE = re.compile(rf"(?<![A-Za-z]){_PS_WORD}(?![A-Za-z])[^\d\n]{{0,30}}$", re.IGNORECASE)
_PS_NEXT = re.compile(rf"\s{{0,2}}(?:,|;|/|&|\bet\b|\bou\b)\s{{0,2}}{_NINE}(?!\d)", re.IGNORECASE)
_BARE = re.compile(r"(\d(?<![\w@./=+°-]\d)(?<!\d \d)(?:\d{8}|(?<=2)[AaBb]\d{7}|\d \d \d{5} \d))(?![\w@/=]|[.,-]\d| \d)")
_NOT_PS = re.compile(
    r"(?:siren|siret|lot|dossier|t[ée]l|t[ée]l[ée]phone|\+33|0033|facture|iban|rpps|contrat"
    r"|adh[ée]rent)\W{0,6}(?:n\s?[°ºo]\W{0,3})?$",
    re.IGNORECASE,
)


def find(text: str) -> Clues:
    """Everything that a text names, each once by value, in order of appearance."""
    whole, nirs = _nirs(_cut(text))
    whole, factures = _factures(whole)
    return Clues(
        numeros_ps=_numeros_ps(whole),
        numeros_facture=factures,
        nirs=nirs,
        tokens=tokens(text),
    )


def blanked(text: str) -> str:
    """A text of short lines without its NIRs and invoice numbers, for who looks for other numbers: places stay."""
    return _factures(_nirs(_cut(text))[0])[0]


def is_date(written: str) -> bool:
    """Would this be an invoice number, if it were no date?"""
    return _DATE.fullmatch(written) is not None


def tokens(text: str) -> tuple[str, ...]:
    """The reference tokens of our letters that a text names."""
    text = text[:MAX_TEXT]
    found = (_TOKEN.match(text, place) for place in _places(_small(text), b"mb-"))
    return tuple(dict.fromkeys(token.group(1).lower() for token in found if token))[:MAX_FOUND]


def told(found: Clues) -> str:
    """What was found, for people (French); a NIR is counted, never shown. "" for nothing."""
    factures, ps = found.numeros_facture[:_TOLD], found.numeros_ps[:_TOLD]
    said = [
        *([f"facture{'s' * (len(factures) > 1)} {', '.join(factures)}"] if factures else []),
        *([f"n° PS {', '.join(ps)}"] if ps else []),
        *([f"{len(found.nirs)} NIR"] if found.nirs else []),
        *([f"référence {', '.join(token[:6] + '…' for token in found.tokens[:_TOLD])}"] if found.tokens else []),
    ]
    return " ; ".join(said)


def _cut(text: str) -> str:
    whole = text[:MAX_TEXT].replace("\u00a0", " ").replace("\u202f", " ")
    lines = whole.split("\n")
    if len(max(lines, key=len)) > MAX_LINE:
        whole = "\n".join(line[:MAX_LINE] for line in lines)
    return whole


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

    pieces: list[str] = []
    position = 0
    for start, end in _lines_with(text, _THIRTEEN_DIGITS):
        pieces += [text[position:start], _NIR.sub(blank, text[start:end])]
        position = end
    return "".join([*pieces, text[position:]]), tuple(found)[:MAX_FOUND]


def _plausible_month(month: str) -> bool:
    """1 to 12, or the codes of those whose birth month is unknown (20 to 42, 50 to 99)."""
    return 1 <= int(month) <= 12 or 20 <= int(month) <= 42 or int(month) >= 50


def _factures(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with its invoice numbers blanked out, and the numbers as first written, each once by value."""
    found: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    for match in _invoices(text):
        number: re.Match[str] | None = match
        while number is not None and _is_number(text, number):
            written = number.group(1).rstrip("./_-")
            if identifiers.numero_facture(written):
                found.setdefault(identifiers.numero_facture(written), written)
            spans.append(number.span(1))
            number = _NEXT.match(text, number.end(1)) if len(spans) < MAX_FOUND else None
        if len(spans) >= MAX_FOUND:
            break
    pieces: list[str] = []
    position = 0
    for start, end in sorted(spans):
        if start >= position:
            pieces += [text[position:start], "x" * (end - start)]
            position = end
    return "".join([*pieces, text[position:]]), tuple(found.values())


def _invoices(text: str) -> Iterator[re.Match[str]]:
    """Each place that names an invoice: "facture n° 12", "le n° de la facture est 12", "sous le n° 12"."""
    small = _small(text)
    position = 0
    for place in sorted(place for word in _INVOICE_WORDS for place in _places(small, word)):
        if place < position or not _a_number_may_follow(small, place):
            continue
        found = _INVOICE.match(text, place)
        if found is None and _NUMBER_OF.search(text[max(0, place - _BEFORE_WORD) : place]):
            found = _IS.match(text, place)
        if found is not None:
            yield found
            position = found.end()


def _a_number_may_follow(small: bytes, place: int) -> bool:
    """A digit on the rest of this line, or an end of line that asks for one on the next."""
    end = small.find(b"\n", place)
    if end < 0:
        end = len(small)
    return _DIGIT.search(small, place, end) is not None or small[place:end].rstrip().endswith(_ASKS_FOR_A_NUMBER)


def _small(text: str) -> bytes:
    """A byte a character, ASCII letters small: quicker to search than the text, and places agree."""
    return text.encode("latin-1", "replace").lower()


def _places(small: bytes, word: bytes) -> Iterator[int]:
    place = small.find(word)
    while place >= 0:
        yield place
        place = small.find(word, place + 1)


def _lines_with(text: str, runs: tuple[bytes, ...], *, joined: bool = True) -> Iterator[tuple[int, int]]:
    """Start and end of the lines that hold one of these runs of digits; `joined`: with or without a space between."""
    sketch = text.encode("latin-1", "replace").translate(_SKETCH)
    searched = sketch.replace(b" 0", b"0") if joined else sketch
    runs = tuple(run for run in runs if run in searched)
    if not runs:
        return
    start = 0
    for line, looked_at in zip(sketch.split(b"\n"), searched.split(b"\n"), strict=True):
        end = start + len(line)
        for run in runs:
            if run in looked_at:
                yield start, end
                break
        start = end + 1


def _is_number(text: str, match: re.Match[str]) -> bool:
    """No date, no amount, no quantity ("4 factures : 1 acceptée, 3 refusées")."""
    if len(match.group(1)) <= 2 and "factures" in match.group().lower() and _COUNTED.match(text, match.end(1)):
        return False
    return not is_date(match.group(1)) and not _AMOUNT_AFTER.match(text, match.end(1))


def _numeros_ps(text: str) -> tuple[str, ...]:
    found: dict[int, str] = {}
    lines = list(_lines_with(text, _NINE_DIGITS))
    for match in (match for line in lines for match in _NINE_ALONE.finditer(text, *line)):
        before = text[max(0, match.start() - 60) : match.start()].rpartition("\n")[2]
        if match.start() in found or not _PS_BEFORE.search(before):
            continue
        number: re.Match[str] | None = match
        while number is not None and len(found) < MAX_FOUND:
            if not _NOT_PS.search(text[max(0, number.start(1) - 25) : number.start(1)]):
                found[number.start(1)] = _compact(number.group(1))
            number = _PS_NEXT.match(text, number.end(1))
    lines = list(_lines_with(text, _NINE_TOGETHER, joined=False)) if lines else []
    for match in (match for line in lines for match in _BARE.finditer(text, *line)):
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
