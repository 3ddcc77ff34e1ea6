"""The filters of the plain-text templates: wrapping and rules, so that the text part reads as well as the page.

Owns: lines of at most `WIDTH` characters. A word longer than a line (an address, a reference) is never cut, so that it
can still be clicked or copied. Pure.
"""

from __future__ import annotations

WIDTH = 72


def plier(text: object, retrait: int = 0, premier: str = "") -> str:
    """`text` wrapped, indented by `retrait`; `premier` (as "- ") stands before the first line, the others align.

    Breaks at ASCII blanks only: a no-break space holds its words together.
    """
    lead = " " * (retrait + len(premier))
    room = WIDTH - len(lead)
    lines: list[str] = []
    for paragraph in str(text).split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + 1 + len(word) > room:
                lines.append(line)
                line = word
            elif word:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return " " * retrait + premier + f"\n{lead}".join(lines)


def souligner(text: object, signe: str = "-") -> str:
    """`text` with a rule of its own length under it."""
    return f"{text}\n{signe * min(len(str(text)), WIDTH)}"
