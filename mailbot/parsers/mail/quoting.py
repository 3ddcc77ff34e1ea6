"""What this sender wrote now: the text of a mail without quoted mails, without signature. Pure; never raises.

The text is read line by line. A line is quoted when it begins with ">". A *head* (`quoting_heads`) is what a mail
program writes above the mail that it quotes. When quoted lines follow a head, only these go, and what the sender wrote
between and below them stays; when none follow, everything below the head goes, up to the end of a letter of ours, which
we know. Then signatures, mobile signatures and disclaimers go (`quoting_tails`). No-break spaces are read as spaces.

HTML says more than text: a line may begin with a mark (`CUT`, `SIGNED`, `COLOURED`; private characters that `unmarked`
takes away). Answers written in colour or behind an arrow *inside* a quoted mail count when the sender announced them
("mes réponses en rouge"), or wrote nothing else.
The work is linear in the text: each line is looked at up to `MAX_LINE` characters, with as many lines as a head takes.
Known limits: a reply below an unmarked quotation of somebody else's mail goes with it; words that the sender changed
inside a quoted line are seen only behind an arrow or in a colour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress
from operator import not_

from mailbot.parsers.mail import quoting_heads, quoting_tails

MAX_LINES = 50_000

CUT = "\ue002"  # an earlier mail begins here
SIGNED = "\ue003"  # this line stands in a signature
COLOURED = "\ue004"  # this line of a quoted mail has a loud colour of its own
_MARKS_OF_HTML = CUT + SIGNED + COLOURED

#: What is read as something else. `str.replace` one by one: `str.translate` takes thirty times as long.
_READ_AS = (
    *(("\r\n", "\n"), ("\r", "\n"), ("\u00a0", " "), ("\u202f", " "), ("\u2007", " ")),
    *(("\u200b", ""), ("\ufeff", ""), ("\u200e", "")),
)
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")
_QUOTE_MARKS = re.compile(r"\s{0,3}(?:(?:>|&gt;)\s{0,3}){1,40}")
_MORE_MARKS = ("", " ", ">", "&")  # behind "> ": there may be another mark
_ARROW = re.compile(r"(?:^|\s)(?:=+>|--?>|→|➔|➜|⇒|<==?|<--)\s{0,3}(\S.*)")
_ARROW_SIGNS = ("=>", "->", "→", "➔", "➜", "⇒", "<=", "<-")
_ANNOUNCED = re.compile(
    r"ci[- ](?:dessous|apr[èe]s)|plus bas|en (?:rouge|bleu|vert|jaune|gras|couleur|surlign)|sous chaque|en face"
    r"|dans (?:le|votre|vos|ce|l['’]) ?(?:texte|message|mails?|e-?mails?|courriel|corps|tableau|bordereau|original)"
    r"|\bbelow\b|\bin-?line\b|\bin (?:red|blue|green)\b",
    re.IGNORECASE,
)
_OUR_REFERENCE = re.compile(r"\s{0,3}r[ée]f\.? ?:? ?mb-[a-z2-7]{26}", re.IGNORECASE)
_OUR_LAST_WORDS = "ne les remplace pas."
_OUR_FOOTER = 12  # lines between the reference of our letters and their last words


@dataclass(frozen=True, slots=True)
class Written:
    """A text taken apart, each piece as lines in their order. `new`: what the sender wrote now. `signature`: what
    stands below it in the sender's own name, without disclaimers and mobile signatures; where HTML shows nothing but a
    signature, that is `new`. `rest`: all that is not new (quoted mails, their heads, signatures and what is below)."""

    new: str
    signature: str
    rest: str


def normalise(text: str) -> str:
    """No-break spaces as spaces, invisible characters gone, line feeds only."""
    for written, read in _READ_AS:
        if written[0] in text:  # one character is found faster than two
            text = text.replace(written, read)
    return text


def unmarked(text: str) -> str:
    """Without the marks of HTML."""
    if not _bears_marks(text):
        return text
    return text.replace(CUT + "\n", "").replace(CUT, "").replace(SIGNED, "").replace(COLOURED, "")


def _bears_marks(text: str) -> bool:
    return not text.isascii() and (CUT in text or SIGNED in text or COLOURED in text)


def reply_text(text: str) -> str:
    """What the sender wrote now. "" when the mail holds only quoted text."""
    return split(text).new


def announces(new_text: str) -> bool:
    """The sender says that answers stand inside the quoted mail."""
    return _ANNOUNCED.search(new_text[:5_000]) is not None


def split(text: str) -> Written:
    """Take a text, with the marks of HTML or without, apart."""
    text = normalise(text)
    marked, beyond = text.split("\n"), ""
    if len(marked) > MAX_LINES:
        marked, beyond = marked[:MAX_LINES], "\n".join(marked[MAX_LINES:])
    if _bears_marks(text):
        marks = [line[0] if line[:1] and line[0] in _MARKS_OF_HTML else "" for line in marked]
        lines = [(line[1:] if mark else line).rstrip() for line, mark in zip(marked, marks, strict=True)]
    else:
        marks, lines = [""] * len(marked), list(map(str.rstrip, marked))
    quoted = _quoted_lines(lines, marks)
    gone, signed = quoting_tails.without(lines, quoted, [mark == SIGNED for mark in marks])
    signature = quoting_tails.trimmed([lines[place] for place in signed])
    own = _answers_inside(text, lines, marks, quoted, gone)
    for place, line in own.items():
        lines[place], gone[place] = line, False
    rest = [
        line[2:] if line[:2] == "> " and line[2:3] not in _MORE_MARKS else _without_marks(line)
        for line in compress(lines, gone)
    ]
    new = list(compress(lines, map(not_, gone)))
    return Written(quoting_tails.trimmed(new), signature, "\n".join([*rest, beyond]).strip())


def _quoted_lines(lines: list[str], marks: list[str]) -> list[bool]:
    quoted = [line[:1] == ">" or _QUOTED.match(line) is not None for line in lines]
    cut = CUT in marks
    place = 0
    while place < len(lines):
        if quoted[place] and not cut:
            place = quoting_tails.next_not(quoted, place)
            continue
        end = 0
        if marks[place] == CUT:
            end = quoting_heads.end(lines, quoted, quoting_heads.next_filled(lines, place + 1)) or place + 1
        elif not quoted[place]:
            end = quoting_heads.end(lines, quoted, place)
        if not end:
            place += 1
            continue
        below = quoting_heads.next_filled(lines, end)
        if below < len(lines) and quoted[below]:
            quoted[place:below] = [True] * (below - place)
            place = below
            continue
        last = _end_of_our_letter(lines, end)
        quoted[place:last] = [True] * (last - place)
        place = last
    return quoted


def _end_of_our_letter(lines: list[str], start: int) -> int:
    """Where an unmarked quotation ends: below the last words of a letter of ours, else at the end of the mail."""
    for place in range(len(lines) - 1, start - 1, -1):
        if "-" in lines[place] and _OUR_REFERENCE.match(lines[place][:100]):
            for last in range(place, min(place + _OUR_FOOTER, len(lines))):
                if lines[last].rstrip().endswith(_OUR_LAST_WORDS):
                    return last + 1
            break
    return len(lines)


def _answers_inside(
    text: str, lines: list[str], marks: list[str], quoted: list[bool], gone: list[bool]
) -> dict[int, str]:
    """What the sender wrote inside the quoted mail, by line: in a colour, or behind an arrow."""
    found: dict[int, str] = {}
    signs = tuple(sign for sign in _ARROW_SIGNS if sign[0] in text and sign in text)  # one character is found faster
    for place, line in enumerate(lines) if signs or COLOURED in marks else ():
        if not quoted[place]:
            continue
        if marks[place] == COLOURED:
            found[place] = _without_marks(line)
        elif any(sign in line for sign in signs) and line.count(">", 0, 8) < 3:
            arrow = _ARROW.search(_without_marks(line)[: quoting_heads.MAX_LINE])
            if arrow:
                found[place] = arrow.group(1)
    if not found:
        return {}
    outside = "\n".join(line for place, line in enumerate(lines) if not gone[place]).strip()
    return found if not outside or announces(outside) else {}


def _without_marks(line: str) -> str:
    if line.startswith("> ") and line[2:3] not in _MORE_MARKS:
        return line[2:]
    return _QUOTE_MARKS.sub("", line, count=1) if ">" in line or "&gt;" in line else line
