"""Can the text be read on what lies behind it? Looked at on the compiled page, where every class, default and
attribute has become a style on a tag; in daylight and with the rules of the dark mode.

Owns: WCAG AA (4.5 to 1; 3 to 1 for large text). Every branch of every `{% if %}` is looked at, because the page is
taken before it is filled. Pure. Known limits: backgrounds that are pictures, and dark rules with more than tags,
classes and descendants in their selectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cssselect import SelectorError
from lxml import etree  # type: ignore[import-untyped]  # the library has no types
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]  # the library has no types

from mailbot.errors import Fault
from mailbot.letters.lint import colours
from mailbot.letters.lint.colours import Colour
from mailbot.letters.lint.source import Source

_ENOUGH, _ENOUGH_LARGE = 4.5, 3.0
_LARGE, _LARGE_BOLD = 24.0, 18.66
_DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TOKEN = re.compile(r"zj(\d+)z")
_COLOUR = re.compile(r"#\w+|rgba?\([^)]*\)|[a-zA-Z]+")
_SKIPPED = ("script", "style", "title", "head", "noscript")


@dataclass(frozen=True, slots=True)
class _Look:
    """How a text looks: colour and background as written and as seen, size in pixels, bold or not."""

    front: Colour
    back: Colour
    front_text: str
    back_text: str
    size: float = 16.0
    bold: bool = False
    hidden: bool = False

    @property
    def wanted(self) -> float:
        """The least contrast that WCAG AA asks for at this size."""
        large = self.size >= _LARGE or (self.bold and self.size >= _LARGE_BOLD)
        return _ENOUGH_LARGE if large else _ENOUGH


Styles = Mapping[etree._Element, dict[str, str]]


def faults(whole: Source, page: str, marks: Sequence[re.Match[str]], changed: set[str]) -> Iterator[Fault]:
    """`page`: compiled, with tokens `zjNz` for the Jinja `marks` of `whole`; `changed`: the files on trial, in which a
    place is looked for first."""
    root = lxml_html.document_fromstring(page.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    bright = {element: _style(element.get("style", "")) for element in root.iter() if isinstance(element.tag, str)}
    schemes = [("", bright), (" en mode sombre", _darkened(root, page, bright))]
    seen: set[tuple[str, str, str]] = set()
    for scheme, styles in schemes:
        for text, look in _texts(root, styles):
            ratio = colours.contrast(look.front, look.back)
            key = (scheme, look.front_text, look.back_text)
            if ratio < look.wanted and key not in seen:
                seen.add(key)
                places = list(_places(whole, text, look, marks))
                at = next((at for at in places if whole.place(at)[0] in changed), places[0])
                shown = " ".join(_TOKEN.sub(lambda token: marks[int(token[1])][0], text).split())
                yield _fault(whole, at, shown, look, ratio, scheme)


def _fault(whole: Source, at: int, shown: str, look: _Look, ratio: float, scheme: str) -> Fault:
    said, wanted = (f"{number:.2g}".replace(".", ",") for number in (ratio, look.wanted))
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    message = f"contraste {said} au lieu de {wanted}{scheme} : texte {look.front_text} sur fond {look.back_text}"
    hint = "foncez le texte ou éclaircissez le fond"
    if scheme:
        hint = "ajoutez cette classe aux règles de « @media (prefers-color-scheme: dark) »"
    # The text stands in the hint: the same two colours at the same place are one fault, whatever they make illegible.
    return whole.fault(at, message, f"{hint} (par exemple « {shown} »)")


def _places(whole: Source, text: str, look: _Look, marks: Sequence[re.Match[str]]) -> Iterator[int]:
    """Where the colour was written, where the background, where the text that cannot be read."""
    for written, name in ((look.front_text, r"(?<!-)color"), (look.back_text, r"background(?:-color)?|bgcolor")):
        pattern = rf"(?:{name})\s*(?::|=)\s*[\"']?\s*({re.escape(written)})\b"
        yield from (found.start(1) for found in re.finditer(pattern, whole.text, re.IGNORECASE))
    token = _TOKEN.search(text)
    yield marks[int(token[1])].start() if token else max(whole.text.find(text.strip()[:40]), 0)


def _texts(root: etree._Element, styles: Styles) -> Iterator[tuple[str, _Look]]:
    """Every text of the page that is shown, with how it looks."""
    stack = [(root, _Look(colours.BLACK, colours.WHITE, "black", "white"))]
    while stack:
        element, above = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        look = _seen(element, styles.get(element, {}), above)
        if look.hidden:
            continue
        for text in (element.text, *(child.tail for child in element)):
            if text and text.strip():
                yield text, look
        stack += [(child, look) for child in element]


def _seen(element: etree._Element, style: Mapping[str, str], above: _Look) -> _Look:
    front, front_text, back, back_text = above.front, above.front_text, above.back, above.back_text
    for written in (element.get("bgcolor"), style.get("background"), style.get("background-color")):
        for part in _COLOUR.findall(written or ""):
            colour = colours.read(part)
            if colour and colour[3] > 0:
                back, back_text = colours.over(colour, back), part
                break
    written = style.get("color", "")
    colour = colours.read(written) if written else None
    if colour:
        front, front_text = colour, written
    size = re.match(r"([\d.]+)px", style.get("font-size", ""))
    weight = style.get("font-weight", "")
    bold = above.bold if not weight else weight in ("bold", "bolder", "600", "700", "800", "900")
    hidden = style.get("display") == "none" or style.get("visibility") == "hidden"
    shown = colours.over(front, back) if colour else front
    return _Look(
        shown, back, front_text, back_text, float(size[1]) if size else above.size,
        bold or element.tag in ("b", "strong", "h1", "h2", "h3", "th"), hidden,
    )  # fmt: skip


def _style(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition(":")
        if value.strip():
            found[name.strip().lower()] = value.split("!")[0].strip()
    return found


def _darkened(root: etree._Element, page: str, bright: Styles) -> Styles:
    """The styles with the dark rules over them: an `!important` one wins over what stands on the tag."""
    dark = {element: dict(style) for element, style in bright.items()}
    for block in _DARK.finditer(page):
        for selectors, body in _RULE.findall(block[1]):
            strong = {name: "important" in part for part in body.split(";") for name in _style(part)}
            declared = _style(body)
            for element in _selected(root, selectors):
                for name, value in declared.items():
                    if strong[name] or name not in bright.get(element, {}):
                        dark[element][name] = value
    return dark


def _selected(root: etree._Element, selectors: str) -> list[etree._Element]:
    found: list[etree._Element] = []
    for selector in selectors.split(","):
        try:
            found += CSSSelector(selector.strip())(root)
        except SelectorError:
            continue  # what we cannot read says nothing about the contrast
    return found
