"""The filters of the plain-text templates: wrapping and rules, so that the text part reads as well as the page.

Owns: lines of at most `WIDTH` characters. A word longer than a line (an address, a reference) is never cut, so that it
can still be clicked or copied. Pure.
"""

from __future__ import annotations

import re

WIDTH = 72
_BLANKS = re.compile(" {2,}")


def plier(text: object, retrait: int = 0, premier: str = "") -> str:
    """`text` wrapped, indented by `retrait`; `premier` (as "- ") stands before the first line, the others align.

    Breaks at ASCII blanks only: a no-break space holds its words together.
    """
    lead = " " * (retrait + len(premier))
    room = max(WIDTH - len(lead), 0)
    lines: list[str] = []
    for paragraph in str(text).split("\n"):
        rest = _BLANKS.sub(" ", paragraph).strip(" ") if "  " in paragraph else paragraph.strip(" ")
        while len(rest) > room:
            cut = rest.rfind(" ", 0, room + 1)
            if cut < 0:
                # A word longer than the line has one to itself.
                cut = rest.find(" ")
            if cut < 0:
                break
            lines.append(rest[:cut])
            rest = rest[cut + 1 :]
        lines.append(rest)
    return " " * retrait + premier + f"\n{lead}".join(lines)


def souligner(text: object, signe: str = "-") -> str:
    """`text` with a rule of its own length under it."""
    return f"{text}\n{signe * min(len(str(text)), WIDTH)}"
