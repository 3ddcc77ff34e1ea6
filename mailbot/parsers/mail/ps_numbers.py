"""The PS and RPPS numbers by which somebody asks to be registered. Pure; never raises.

`clues` finds the identifiers of any mail and must not take an amount for a number. Here the mail is known to be about
its sender's own numbers: lists, tables and numbers in groups ("75 2000 019") count without a word before each. What a
number is tells the nearest word before it on its line, or else on the line above: a telephone, a SIREN, a SIRET, an
account, a contract is no PS number. Without any word a number counts with a right Luhn key or on a line of its own.
What stands behind "n° PS :" and is none is given apart, as written, to be asked about.
Every expression is linear on lines cut at `clues.MAX_LINE`. Digits are those of ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.parsers import identifiers
from mailbot.parsers.mail import clues, spelling

MAX_DOUBTFUL = 5
MAX_WRITTEN = 40  # characters of a doubtful number that are kept
_NINE, _RPPS = 9, 11

#: One number, or several that only a space parts: maximal, so that nothing inside a longer one counts.
_RUN = re.compile(r"(?<![\w@/=+])(?:2[ab]|[0-9])(?:[ .-]?[0-9])*+(?![\w@/=]|[.,][0-9]|\s?(?:€|euros?\b))")
_DAY = re.compile(r"\b(?:0?[1-9]|[12][0-9]|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:[0-9]{4}|[0-9]{2})\b(?![ .-]?[0-9]{3})")
#: A telephone with the number of its country.
_ABROAD = re.compile(r"(?:\+|\b00)[0-9]{2}[ .-]?(?:\(0\)[ .-]?)?[0-9](?:[ .-]?[0-9]{2}){4}(?![0-9])")
_PS_WORD = (
    r"p\.?s\.?|a\.?m\.?|finess|adeli|assurance maladie|professionnel\w*|identifiants?|identification|prescripteurs?"
    r"|idps"
    r"|executante?s?"
)
_OFFICE_WORD = (
    r"pharmacies?|cabinets?|officines?|etablissements?|centres?|structures?|praticiens?|associe\w*|inscri\w*"
    r"|enregistr\w*|remplacante?s?|secretariat|adresse|mail|docteur|dr"
)
_OTHER_WORD = (
    r"sire[nt]|rcs|tva|naf|ape|lots?|dossiers?|tel\w*|fax|port(?:able)?|mobile|gsm|standard|factures?|fse|iban|rib|bic"
    r"|comptes?|contrats?|adherente?s?|assuree?s?|nir|nni|secu\w*|matricules?|clients?|ordre|amc|organisme|appele\w*"
    r"|rappele\w*|joindre|bordereaux?|ticket|commande|reference|ref"
)
_WORD = re.compile(
    rf"(?<![a-z])(?:(?P<ps>{_PS_WORD})|(?P<office>{_OFFICE_WORD})|(?P<rpps>rpps)|(?P<other>{_OTHER_WORD}))(?![a-z])"
)
_NEAR = 60  # characters between a word and the number that it is about
_SAME = 5  # characters between two words that are about the same number: "AM / RPPS"
#: What announces a number beyond doubt, up to the number.
_ANNOUNCED = re.compile(
    r"(?<![a-z])(?:(?:n\s?[°ºo]s?|nos|num(?:ero)?s?(?:\(s\))?\.?|codes?|identifiants?)\s?(?:de\s|d'|du\s)?"
    r"(?:ps|p\.s\.|am|a\.m\.|finess|adeli|rpps|professionnel|assurance maladie|identification|etablissement)"
    r"|finess|adeli|rpps|idps|identifiants?(?=\s?(?::|=|n\s?°)))(?![a-z])"
    r"(?:\s?[-/(]?\s?(?:am|finess|adeli|rpps|ps|geographique|juridique|ou am|ou finess)\)?){0,3}"
    r"\s{0,3}(?P<sign>:|=|est|sont|n\s?°)?[\s:=]{0,4}"
)
_ITEM = re.compile(r"[^\s,;:()]{1,60}(?: [^\s,;:()]{1,60}){0,12}")
#: How people group the nine: "75 2000 019", "75 2 00001 9", "752 000 019" …
_GROUPED = ((2, 4, 3), (2, 1, 5, 1), (3, 3, 3), (2, 6, 1), (2, 7), (2, 3, 4), (8, 1))
_OF_A_SENTENCE = re.compile(r"\b(?!(?:et|ou)\b)\w")
_GOES_ON = re.compile(r"(?:[,;:/&]|\bet)\s*$")
_NEXT = re.compile(r"\s{0,2}(?:,|;|/|&|\bet\b|\bou\b)\s{0,2}")
_TELEPHONE = re.compile(r"0[1-9][0-9]{8}")
_GAPS = re.compile(r"[ .-]")


@dataclass(slots=True)
class Found:
    """`numeros_ps`: 9 characters, 2A…/2B… read as 2001…/2002…; `rpps`: 11 digits with a right key; `doubtful`: as
    written. Each once, in order of appearance."""

    numeros_ps: dict[str, None] = field(default_factory=dict)
    rpps: dict[str, None] = field(default_factory=dict)
    doubtful: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of digits, or a part of one, that may be a number. `regular`: written in one go, or grouped as one."""

    start: int
    end: int
    number: str
    regular: bool


def read(found: Found, text: str) -> None:
    """Add what a text names."""
    text = "\n".join(line[: clues.MAX_LINE] for line in spelling.composed(text[: clues.MAX_TEXT]).split("\n"))
    plain = spelling.folded(clues.blanked(text))
    plain = _ABROAD.sub(_blank, _DAY.sub(_blank, plain))
    start = 0
    above = ""
    for line in plain.split("\n"):
        if line.strip():
            above = _read_line(found, text[start : start + len(line)], line, above)
        start += len(line) + 1


def _blank(found: re.Match[str]) -> str:
    return "x" * len(found[0])


def _read_line(found: Found, text: str, line: str, above: str) -> str:
    """Add what one line names; `above` is the sense that the line before hands on. Gives that of this one."""
    words = list(_WORD.finditer(line))
    taken: list[_Piece] = []
    alone = not _OF_A_SENTENCE.search(_RUN.sub(" ", line))
    for run in _RUN.finditer(line):
        senses = _senses(words, run.start(), taken)
        if not senses - {"office"}:
            senses |= {above} - {""}
        for piece in _pieces(run, labelled="ps" in senses):
            if _take(found, piece, senses, alone=alone):
                taken.append(piece)
    _doubt(found, text, line, taken)
    if taken and not _GOES_ON.search(line):
        return above if not any(word.lastgroup == "ps" for word in words) else ""
    return _handed_on([word.lastgroup or "" for word in words])


def _handed_on(kinds: list[str]) -> str:
    """The sense that a line hands on to a number that begins the next one: "nos n° FINESS :", "SIRET :"."""
    if "ps" in kinds:
        return "ps"
    return kinds[-1] if kinds and kinds[-1] != "office" else ""


def _senses(words: list[re.Match[str]], place: int, taken: list[_Piece]) -> set[str]:
    """What the nearest words before a place say of a number there; a number taken in between hands its sense on."""
    before = [word for word in words if word.end() <= place]
    if not before:
        return set()
    reach = max([before[-1].end(), *(piece.end for piece in taken)])
    if place - reach > _NEAR:
        return set()
    senses = {before[-1].lastgroup or ""}
    for last, word in zip(reversed(before), list(reversed(before))[1:], strict=False):
        if last.start() - word.end() > _SAME:
            break
        senses.add(word.lastgroup or "")
    return senses


def _pieces(run: re.Match[str], *, labelled: bool) -> Iterator[_Piece]:
    """The numbers of a run: the whole of it, or its groups of nine, or the first groups that make nine where all do or
    a telephone follows."""
    compact = _GAPS.sub("", run[0])
    groups = list(re.finditer(r"[^ .-]+", run[0]))
    sizes = tuple(len(group[0]) for group in groups)
    if len(compact) == _NINE or identifiers.luhn_ok(compact, _RPPS):
        yield _Piece(run.start(), run.end(), compact, len(sizes) == 1 or sizes in _GROUPED)
        return
    number, start = "", 0
    for group in groups:
        whole = len(group[0]) == _NINE
        number, start = (number + group[0], start) if number and not whole else (group[0], group.start())
        if len(number) == _NINE:
            rest = _GAPS.sub("", run[0][group.end() :])
            if whole or (labelled and (len(rest) % _NINE == 0 or _TELEPHONE.fullmatch(rest))):
                yield _Piece(run.start() + start, run.start() + group.end(), number, whole)
            number = ""


def _take(found: Found, piece: _Piece, senses: set[str], *, alone: bool) -> bool:
    """Is this a PS number or an RPPS number? Then it is added."""
    if len(piece.number) == _RPPS:
        if not senses & {"rpps", "ps"} and ("other" in senses or piece.number[0] not in "18"):
            return False
        found.rpps.setdefault(piece.number)
        return True
    number = identifiers.numero_ps(piece.number)
    sure = "ps" in senses or (piece.regular and ("office" in senses or alone or identifiers.finess_ok(number)))
    if not sure or (senses and not senses & {"ps", "office"}) or not number.isdigit():
        return False
    found.numeros_ps.setdefault(number)
    return True


def _doubt(found: Found, text: str, line: str, taken: list[_Piece]) -> None:
    """Add what is announced as a number and is none."""
    for announced in _ANNOUNCED.finditer(line):
        place, first = announced.end(), True
        while len(found.doubtful) < MAX_DOUBTFUL:
            item = _ITEM.match(line, place)
            known = next((piece for piece in taken if place <= piece.start <= place + 3), None)
            if known is not None:
                end = known.end
            elif item is not None:
                written = _written(text[item.start() : item.end()])
                digits = sum(map(str.isdigit, written))
                if not (digits and (announced["sign"] or digits > 4) if first else 7 <= digits <= 8):
                    break
                found.doubtful.setdefault(_shown(written))
                end = item.start() + len(written)
            else:
                break
            following = _NEXT.match(line, end)
            if following is None:
                break
            place, first = following.end(), False


def _written(item: str) -> str:
    """The first words of an item, each with a digit in it."""
    words = item.split(" ")
    count = next((place for place, word in enumerate(words) if not any(map(str.isdigit, word))), len(words))
    return " ".join(words[:count]).rstrip(".-/")


def _shown(written: str) -> str:
    """A doubtful number as it may be shown: what is as long as a NIR could be one."""
    like_a_nir = len(re.sub(r"\W", "", written)) in (13, 15)
    return identifiers.masked(written) if like_a_nir else written[:MAX_WRITTEN]
