"""The tags of a page as elements that know where they were written; what is not well formed is told with its place.

Owns: reading a text as XML through expat, which gives places (MJML gives none), without ever resolving anything. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mailbot.letters import words
from mailbot.letters.lint import mjml, source

#: 10,000 nested tags would end the process inside MJML.
MOST_DEPTH = 60
_NAME = re.compile(r"</?([\w:-]*)")
_ATTRIBUTE = re.compile(r"([^\s=<>\"'/]+)\s*=\s*(\"[^\"]*\"|'[^']*')")


@dataclass(slots=True)
class Element:
    """`start` and `opened` are the offsets of `<` and just behind the opening tag; `attributes` name -> (offset of the
    name, offset of the value, value as written, Jinja marks included); `end` is behind the closing tag."""

    tag: str
    start: int
    opened: int
    parent: Element | None
    attributes: dict[str, tuple[int, int, str]]
    children: list[Element] = field(default_factory=list)
    end: int = 0

    def above(self) -> Iterator[Element]:
        """The elements that it stands in, from the nearest."""
        one = self.parent
        while one is not None:
            yield one
            one = one.parent

    def inside(self) -> Iterator[Element]:
        """The elements below it, in the order in which they are written."""
        for child in self.children:
            yield child
            yield from child.inside()


@dataclass(frozen=True, slots=True)
class Broken:
    """Not well formed, or too deep: where, what, remedy."""

    offset: int
    message: str
    hint: str


def read(text: str) -> Element | Broken:
    """A root element (its tag is "") that holds those of `text`."""
    hidden = source.plain(text)
    wrapped = len("<r>")
    root = Element("", 0, 0, None, {}, end=len(text))
    current, depth, broken = root, -1, None
    parser = expat.ParserCreate()
    parser.UseForeignDTD(False)

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal current, depth, broken
        depth += 1
        if depth == 0 or broken:
            return
        at = parser.CurrentByteIndex - wrapped
        if depth > MOST_DEPTH:
            broken = Broken(at, f"plus de {MOST_DEPTH} balises l’une dans l’autre", "simplifiez le modèle")
            return
        close = _tag_end(hidden, at)
        element = Element(tag, at, close, current, _attributes_of(text, hidden, at, close))
        current.children.append(element)
        current = element

    def end(_tag: str) -> None:
        nonlocal current, depth
        depth -= 1
        if depth < 0 or broken or current.parent is None:
            return
        current.end = hidden.find(">", max(parser.CurrentByteIndex - wrapped, 0)) + 1
        current = current.parent

    def doctype(*_: object) -> None:
        nonlocal broken
        broken = broken or Broken(0, "déclaration <!DOCTYPE …> dans un modèle", "effacez-la : mailbot l’écrit")

    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, doctype
    try:
        # Shared parts have several roots.
        parser.Parse("<r>" + hidden + "</r>", True)
    except expat.ExpatError as error:
        return broken or _explained(text, hidden, current, error, parser.ErrorByteIndex - wrapped)
    return broken or root


def _tag_end(hidden: str, at: int) -> int:
    """Behind the `>` of an opening tag; a `>` inside a value does not count."""
    found = re.compile(r"<[^\s<>\"'/]+(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>").match(hidden, at)
    return found.end() if found else hidden.find(">", at) + 1


def _attributes_of(text: str, hidden: str, start: int, end: int) -> dict[str, tuple[int, int, str]]:
    found: dict[str, tuple[int, int, str]] = {}
    for match in _ATTRIBUTE.finditer(hidden, start, end):
        value = text[match.start(2) + 1 : match.end(2) - 1]
        found[match[1]] = (match.start(1), match.start(2) + 1, value)
    return found


def _explained(text: str, hidden: str, current: Element, error: expat.ExpatError, at: int) -> Broken:
    at = max(0, min(at, len(text)))
    what = expat.errors.messages.get(error.code, "")
    line = source.place(text, current.start)[0]
    closing = _NAME.match(hidden, hidden.rfind("<", 0, at + 1) if hidden[at : at + 1] != "<" else at)
    if what == expat.errors.XML_ERROR_TAG_MISMATCH and closing:
        begin = closing.start()
        known = (*mjml.ATTRIBUTES, *mjml.HTML)
        if current.tag and current.tag not in known:
            return Broken(current.start, f"balise inconnue <{current.tag}>", words.nearest(current.tag, known))
        if closing[1] not in {current.tag, *(one.tag for one in current.above())} and at < len(text):
            hint = f"la balise ouverte est <{current.tag}>, ligne {line}" if current.tag else "effacez-la"
            return Broken(begin, f"« </{closing[1]}> » ferme une balise qui n’est pas ouverte", hint)
        hint = f"fermez-la par « </{current.tag}> »"
        if current.tag in ("br", "hr", "img", "meta", "col", "wbr"):
            hint = f"écrivez « <{current.tag} … /> »"
        # “</r>” is our own: the text has ended.
        ended = at >= len(text)
        where = "avant la fin du fichier" if ended else f"avant « {closing[0]}> » ligne {source.place(text, begin)[0]}"
        return Broken(current.start, f"balise mal fermée : <{current.tag}> n’est pas fermée {where}", hint)
    if hidden[at - 1 : at] in ("&", "<"):
        at -= 1
    french = {
        expat.errors.XML_ERROR_INVALID_TOKEN: "signe « < » ou « & » de trop, ou balise mal écrite",
        expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "attribut écrit deux fois",
        expat.errors.XML_ERROR_UNCLOSED_TOKEN: "balise sans son « > »",
    }.get(what, what)
    hint = "un « < » seul s’écrit &lt; ; un « & » seul s’écrit &amp; ; une valeur se met entre guillemets droits"
    return Broken(at, f"balise mal fermée ou mal écrite : {french}", hint)
