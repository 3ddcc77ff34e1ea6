"""What a reply says, cut into statements: the sender's sentences, each with the invoices that it names. Pure.

The sender's own lines are found again in the whole text, so that it is known which quoted row of our letter a line
stands under. Sentences end at full stops, semicolons, "mais" and the like; a line of a list is a sentence of its own.
An invoice is named by the word "facture" and its number, by a number too long for chance, or by the patient's NIR; the
numbers asked for are those of `wanted`, and a number that is none of them is kept as unknown. Never raises.
Known limits: a number alone of three digits or less, or one that reads as a year, needs the word "facture" or the
beginning of a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from mailbot.intake import lexicon
from mailbot.model.mails import Message
from mailbot.parsers.mail import clues, quoting

_MAX_LINES = 400  # of the sender's own text; what is longer is no reply about invoices
_MAX_WHOLE = 5_000  # lines of the whole text among which they are found again
_MAX_STATEMENT = 1_000  # characters
_SURE_LENGTH = 4  # characters from which an invoice number without the word "facture" is more than a coincidence

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9/_.-]{0,28}[A-Za-z0-9])?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONEY = re.compile(r"(?:[.,]\d)?\s{0,2}(?:€|euros?\b|eur\b|%)", re.IGNORECASE)
_QUOTE_MARK = re.compile(r"^(?:\s{0,3}(?:>|&gt;))+\s?")
_ITEM = re.compile(r"\s{0,8}(?:[-–—•*·+]|\d{1,2}[.)](?=\s)|[a-z]\))\s{0,4}")
_NAMES_FIRST = re.compile(
    r"\s{0,4}(?:(?:pour|la|les|sur|concernant)\s){0,2}(?:factures?|fact\.|fse|dossiers?)?\s{0,2}(?:n\s?[°ºo]\s{0,2})?"
    r"([A-Za-z0-9][A-Za-z0-9/_.-]{0,29})\s{0,3}(?:[:=–—-]|$|est\b|a\b|:)",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?<=[!?…])\s+|(?<=[.])(?<![\s.][A-Za-z]\.)(?<!\bno\.)(?<!fact\.)(?<!\bDr\.)\s+(?=[\"«(A-ZÀ-Ý0-9])|\s{0,9};\s+",
    re.IGNORECASE,
)
_TURN = re.compile(
    r",?\s+(?=(?:mais|par contre|en revanche|alors que|tandis que|quant (?:à|au|aux)|cependant|toutefois)\b)",
    re.IGNORECASE,
)
#: A line that begins with this is about another invoice than the line before.
_FOR_FIRST = re.compile(
    r"\s{0,4}(?:pour|concernant|sur|quant à)\s(?:(?:la|le|les|notre|votre)\s)?(?:factures?\s|dossiers?\s)?"
    r"(?:n\s?[°ºo]\s{0,2})?([A-Za-z0-9][A-Za-z0-9/_.-]{0,29})\s{0,3},",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?<![\w/.-])([A-Za-z]{0,4})(\d{1,12})(?:\s{1,2}(?:à|au|jusqu['’](?:à|au))\s{1,2}(?:la\s|n\s?[°º]\s?)?|-)"
    r"\1(\d{1,12})(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?<![\w/.-])[A-Za-z0-9]{4,29}(?:/[A-Za-z0-9]{4,29}){1,9}(?![\w/-])")
_MAX_RANGE = 50  # invoices that "de … à …" may mean
_PIECE = re.compile(r"\s*,\s+|\s+(?=et\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the sender. `named` are compared numbers that were asked for, `unknown` those that were not;
    `nirs` as clues give them; `row` is the compared number of the quoted row right above ("" for none); `paragraph`
    counts from 0; `opens` when it announces what follows (it ends with a colon); `unsure`: it names a range or a list
    ("18805 à 18809", "18805/18806") of which not every member was asked for."""

    text: str
    paragraph: int
    named: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    nirs: tuple[str, ...] = ()
    row: str = ""
    unsure: bool = False

    @property
    def opens(self) -> bool:
        return self.text.rstrip().endswith(":")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    row: str
    after_gap: bool


def read(message: Message, wanted: Collection[str]) -> tuple[Statement, ...]:
    """The statements of the new text. `wanted`: compared numbers of the refusals that it may be about."""
    found: list[Statement] = []
    for number, (row, sentences) in enumerate(_paragraphs(_lines(message, wanted), wanted)):
        found += [replace(_named(one[:_MAX_STATEMENT], number, wanted), row=row) for one in sentences]
    return tuple(found)


def pieces(statement: Statement, wanted: Collection[str]) -> tuple[Statement, ...]:
    """The parts of a sentence between commas and "et", each with the numbers that it names itself."""
    parts = [part for part in _PIECE.split(statement.text) if part.strip()]
    named = [_named(part, statement.paragraph, wanted, among=statement.named) for part in parts]
    return tuple(replace(one, row=statement.row) for one in named)


def of_text(text: str, wanted: Collection[str]) -> Statement:
    """A subject, or another line for itself."""
    return _named(text[:_MAX_STATEMENT], 0, wanted)


def _lines(message: Message, wanted: Collection[str]) -> Iterator[_Line]:
    """The sender's own lines, each with the quoted row that it stands under."""
    own = [line.rstrip() for line in quoting.normalise(message.reply_text).split("\n")][:_MAX_LINES]
    whole = [line.rstrip() for line in quoting.normalise(message.text).split("\n")][:_MAX_WHOLE]
    last_quoted = _last_quoted(whole, own)
    place = 0
    for line in own:
        at = _find(whole, line, place) if line.strip() else -1
        if at < 0:
            yield _Line(line, "", False)
            continue
        above = _rows(whole[place:at], wanted)
        # Below everything that was quoted, a line is about the letter as a whole, unless one row only was quoted.
        row = above[-1] if above and (at < last_quoted or len(set(above)) == 1) else ""
        yield _Line(line, row, bool(above))
        place = at + 1


def _find(whole: Sequence[str], line: str, start: int) -> int:
    try:
        return whole.index(line, start)
    except ValueError:
        # An answer behind an arrow is the end of a quoted line.
        ends = (at for at in range(start, len(whole)) if len(line) > 2 and whole[at].endswith(line))
        return next(ends, -1)


def _last_quoted(whole: Sequence[str], own: Sequence[str]) -> int:
    """The place of the last line that is not the sender's."""
    mine = {line for line in own if line.strip()}
    quoted = (at for at in range(len(whole) - 1, -1, -1) if whole[at].strip() and whole[at] not in mine)
    return next(quoted, -1)


def _rows(lines: Sequence[str], wanted: Collection[str]) -> list[str]:
    """The rows of our letter that stand in these quoted lines: "Facture n° 26001 — …"."""
    found: list[str] = []
    for line in lines:
        bare = _QUOTE_MARK.sub("", line)[:200].lstrip()
        if bare.lower().startswith(("facture", "n° de facture")):
            found += [one for one in map(lexicon.compared, clues.find(bare).numeros_facture[:1]) if one in wanted]
    return found


def _paragraphs(lines: Iterator[_Line], wanted: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Paragraphs as (row that they stand under, sentences). Wrapped lines are joined again."""
    row, items = "", list[str]()
    for line in lines:
        text = line.text.strip()
        if (not text or line.after_gap) and items:
            yield row, _sentences(items)
            row, items = "", []
        if not text:
            continue
        row = line.row or row
        if items and not _begins(text, items[-1], wanted):
            items[-1] += f" {text}"
        else:
            items.append(_ITEM.sub("", text, count=1) if _ITEM.match(text) else text)
    if items:
        yield row, _sentences(items)


def _begins(text: str, before: str, wanted: Collection[str]) -> bool:
    """Does this line begin a sentence of its own, or go on with the one before?"""
    if _ITEM.match(text) or before.endswith((":", ".", "!", "?", ";")):
        return True
    for first in (_NAMES_FIRST.match(text), _FOR_FIRST.match(text)):
        if first and (lexicon.compared(first[1]) in wanted or any(_alike(first[1], wanted))):
            return True
    return len(before) < 40 and text[:1].isupper()


def _sentences(items: Sequence[str]) -> list[str]:
    return [part.strip() for item in items for one in _END.split(item) for part in _TURN.split(one) if part.strip()]


def _named(text: str, paragraph: int, wanted: Collection[str], among: Collection[str] | None = None) -> Statement:
    """The statement with what it names; `among`: what the sentence that it is a part of was found to name."""
    found = clues.find(text)
    by_word = tuple(dict.fromkeys(map(lexicon.compared, found.numeros_facture)))
    sure = dict.fromkeys(one for one in by_word if one in wanted)
    first = _NAMES_FIRST.match(text)
    for word in _WORD.finditer(text):
        number = lexicon.compared(word[0])
        if number not in wanted or _MONEY.match(text, word.end()):
            continue
        alone = len(word[0]) >= _SURE_LENGTH and not _YEAR.fullmatch(word[0])
        if alone or number in (among or ()) or (first and first.start(1) == word.start()):
            sure.setdefault(number)
    unknown = dict.fromkeys(one for one in by_word if one not in wanted)
    unknown |= dict.fromkeys(_alike(text, wanted))
    together = [(written, members) for written, members in _together(text) if members & set(wanted)]
    for written, members in together:
        sure |= dict.fromkeys(sorted(members & set(wanted)))
        unknown.pop(lexicon.compared(written), None)
    unsure = any(not members <= set(wanted) for _, members in together)
    return Statement(text, paragraph, tuple(sure), tuple(unknown), found.nirs, unsure=unsure)


def _together(text: str) -> Iterator[tuple[str, set[str]]]:
    """Ranges and lists with strokes, as written, each with all the numbers that it means."""
    for found in _RANGE.finditer(text):
        first, last = int(found[2]), int(found[3])
        if len(found[2]) == len(found[3]) >= _SURE_LENGTH - len(found[1]) and 0 < last - first < _MAX_RANGE:
            numbers = (f"{found[1]}{number:0{len(found[2])}}" for number in range(first, last + 1))
            yield found[0], {lexicon.compared(number) for number in numbers}
    for found in _LIST.finditer(text):
        words = found[0].split("/")
        if len({len(word) for word in words}) == 1:
            yield found[0], {lexicon.compared(word) for word in words}


def _alike(text: str, wanted: Collection[str]) -> Iterator[str]:
    """Words that look like the numbers asked for, and are none of them: "la 18899" beside 18807 and 18808."""
    shapes = {(len(one), one[:2]) for one in wanted if len(one) >= _SURE_LENGTH}
    for word in _WORD.finditer(text) if shapes else ():
        number = lexicon.compared(word[0])
        alike = (len(number), number[:2]) in shapes and number not in wanted
        if alike and not _YEAR.fullmatch(number) and not _MONEY.match(text, word.end()):
            yield number
