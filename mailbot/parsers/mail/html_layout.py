"""HTML laid out as lines while it is parsed: blocks, breaks, tables, lists, spaces. Pure; raises `TooMuch` only.

`Page` takes the elements and words as the parser of lxml meets them: no tree is built. The same markup stands around
every line of a mail, so that what it means is asked once a page.

Each line begins with the marks of `quoting` that the markup gives it. A line break is due before and after a block, an
empty line around a paragraph with margins; neither is written before there are words. A row of a table is one line, its
cells two spaces apart. Known limit: of styles, only what `html_meaning` names is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.parsers.mail import html_meaning, quoting
from mailbot.parsers.mail.html_meaning import Meaning, State

MAX_TAGS = 40_000
MAX_NESTING = 250  # a tree of libxml2 holds no more

_SKIPPED = {"head", "script", "style", "title", "template", "noscript", "object", "svg", "select", "textarea"}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "footer"),
    *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table"),
    *("tbody", "tfoot", "thead", "tr", "ul"),
}
_LAID_OUT = {*_BLOCKS, "br", "td", "th"}
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "dl"}  # an empty line before and after
_WHITE = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")  # all but a space alone
_BLANKS = re.compile(r"\n{3,}")


class TooMuch(Exception):
    """The page is beyond a limit."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the name and the attributes of an element say."""

    hidden: bool
    tight: bool
    meaning: Meaning | None


_SAYS_NOTHING = _Said(hidden=False, tight=False, meaning=None)


class Page:
    """A target of the parser: finished lines, the words of the line that is being written, the breaks due before more.

    `start`, `end`, `data` and `close` are called by lxml.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._words: list[str] = []
        self._heard: list[str] = []
        self._prefix = self._next_prefix = ""
        self._break = self._space = self._hard = False
        self._state = State()
        self._below_cut = self._fresh_cell = False
        self._rows: list[bool] = []  # of each open row: has it a cell already
        #: Of each open element: the state before it, and is it tight; None for one that changes nothing.
        self._open: list[tuple[State, bool] | None] = []
        self._skipping = self._count = 0
        self._known: dict[tuple[object, ...], _Said] = {}
        self.data = self._heard.append

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._heard:
            self._hear()
        self._count += 1
        if len(self._open) + self._skipping + 1 >= MAX_NESTING or self._count > MAX_TAGS:
            raise TooMuch
        if self._skipping or name in _SKIPPED:
            self._skipping += 1
            return
        said = self._said(name, attributes) if attributes or name in html_meaning.SPEAKING else _SAYS_NOTHING
        if said.meaning is None and not said.hidden and name not in _LAID_OUT:
            self._open.append(None)
            return
        if said.hidden:
            self._skipping += 1
            return
        self._open.append((self._state, said.tight))
        if name == "br":
            self._line_feed()
        elif name in _BLOCKS:
            self._due(name, said.tight)
            if name == "tr":
                self._rows.append(False)
        elif name in ("td", "th"):
            self._open_cell()
        if said.meaning is not None:
            self._means(said.meaning)
        if name == "li":
            self._say("* ")
            self._fresh_cell = True  # its paragraph begins on the line of the bullet

    def end(self, name: str) -> None:
        if self._heard:
            self._hear()
        if self._skipping:
            self._skipping -= 1
            return
        opened = self._open.pop()
        if opened is None:
            return
        before, tight = opened
        if name in _BLOCKS:
            self._due(name, tight)
            if name == "tr" and self._rows:
                self._rows.pop()
        elif name in ("td", "th"):
            self._fresh_cell = False
        self._enter(before)

    def close(self) -> str:
        """The visible text with its marks."""
        if self._heard:
            self._hear()
        self._flush()
        return _BLANKS.sub("\n\n", "\n".join(self._lines)).strip("\n")

    def _said(self, name: str, attributes: dict[str, str]) -> _Said:
        quoted_here = bool(self._state.quoted or self._below_cut)
        key = (name, quoted_here, *attributes.items())
        said = self._known.get(key)
        if said is None:
            said = _Said(
                html_meaning.hidden(attributes),
                html_meaning.tight(attributes),
                html_meaning.of(name, attributes, quoted_here),
            )
            self._known[key] = said
        return said

    def _means(self, meaning: Meaning) -> None:
        if meaning.cut and not self._state.quoted:
            self._flush()
            self._lines.append(quoting.CUT)
            self._below_cut = True
        self._enter(self._state.within(meaning))

    def _enter(self, state: State) -> None:
        """From here on words stand elsewhere: what makes another prefix makes another line."""
        if state is not self._state:
            prefix = state.prefix()
            self._hard = self._hard or prefix != self._next_prefix
            self._state, self._next_prefix = state, prefix

    def _due(self, name: str, tight: bool) -> None:
        """A block begins or ends: a line break is due before the next words, unless its cell is still empty."""
        if not self._fresh_cell:
            self._break = True
            self._space = self._space or (name in _SPACED and not tight)

    def _open_cell(self) -> None:
        if self._rows and self._rows[-1] and not self._hard:
            self._break = self._space = False
            if self._words:
                self._words[-1] = f"{self._words[-1].rstrip(' ')}  "
        if self._rows:
            self._rows[-1] = True
        self._fresh_cell = True

    def _hear(self) -> None:
        """The words since the last tag: the parser gives them in pieces."""
        text = self._heard[0] if len(self._heard) == 1 else "".join(self._heard)
        self._heard.clear()
        if self._skipping:
            return
        if self._state.preformatted:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._line_feed()
                self._say(line.rstrip("\r").replace(" ", "\u00a0"))
        elif "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text:
            self._say(_WHITE.sub(" ", text))
        else:
            self._say(text)

    def _say(self, words: str) -> None:
        if words == " " or not words:
            if words and self._words and not (self._break or self._space):
                self._words.append(words)
            return
        if self._break or self._space or self._hard:
            self._settle_breaks()
        if not self._words:
            self._prefix = self._next_prefix
        if words[0] == " " and (not self._words or self._words[-1].endswith(" ")):
            words = words[1:]
        self._words.append(words)
        self._fresh_cell = False

    def _settle_breaks(self) -> None:
        if self._break or self._space or self._hard:
            self._flush()
            if self._space and self._lines and self._lines[-1]:
                self._lines.append("")
            self._break = self._space = self._hard = False

    def _line_feed(self) -> None:
        self._settle_breaks()
        if self._words:
            self._flush()
        else:
            self._lines.append("")

    def _flush(self) -> None:
        if self._words:
            line = "".join(self._words).rstrip(" \u00a0")
            self._lines.append(self._prefix + line if line else "")
            self._words.clear()
