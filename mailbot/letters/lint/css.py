"""Styles in a page: properties and colours of mj-style and of style attributes, and braces that do not close.

Pure; never raises. Known limit: values other than colours are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.errors import Fault
from mailbot.letters import words
from mailbot.letters.lint import colours, mjml
from mailbot.letters.lint.source import JINJA, Source

_NOTE = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]*)")
_COLOURED = frozenset(
    {"color", "background-color", "border-color", "outline-color", "text-decoration-color"}
    | {f"border-{side}-color" for side in ("top", "right", "bottom", "left")}
)
_SIDES = ("top", "right", "bottom", "left")
#: What mail programs understand, and what harms none of them. `mso-…` and `-webkit-…` are known by their beginning.
PROPERTIES = _COLOURED.union(
    mjml.listed(
        """background background-clip background-image background-position background-repeat background-size border
        border-bottom border-collapse border-left border-radius border-right border-spacing border-style border-top
        border-width box-shadow box-sizing caption-side clear clip clip-path color-scheme content cursor direction
        display empty-cells float font font-family font-feature-settings font-size font-style font-variant
        font-variant-ligatures font-variant-numeric font-weight forced-color-adjust height hyphens left letter-spacing
        line-height list-style list-style-position list-style-type margin max-height max-width min-height min-width
        opacity outline overflow overflow-wrap padding page-break-after page-break-before page-break-inside position
        print-color-adjust quotes right supported-color-schemes tab-size table-layout text-align text-decoration
        text-decoration-thickness text-indent text-overflow text-rendering text-size-adjust text-transform
        text-underline-offset text-wrap top unicode-bidi vertical-align visibility white-space width word-break
        word-spacing word-wrap z-index"""
    ),
    (f"{box}-{side}" for box in ("margin", "padding") for side in _SIDES),
    (f"border-{side}-{what}" for side in _SIDES for what in ("style", "width")),
    (f"border-{y}-{x}-radius" for y in ("top", "bottom") for x in ("left", "right")),
)


def sheet(whole: Source, start: int, end: int) -> Iterator[Fault]:
    """A style sheet: its braces, then what stands in them."""
    text = _NOTE.sub(lambda found: " " * len(found[0]), whole.text[start:end])
    depth, opened = 0, 0
    for found in re.finditer(r"[{}]", JINJA.sub(lambda mark: " " * len(mark[0]), text)):
        depth += 1 if found[0] == "{" else -1
        if found[0] == "{":
            opened = found.start()
        if depth < 0:
            yield whole.fault(start + found.start(), "accolade « } » de trop dans le style", "effacez-la")
            return
        if depth > 2:
            yield whole.fault(
                start + found.start(), "accolade « { » dans un style déjà ouvert", "fermez le précédent par « } »"
            )
            return
    if depth:
        yield whole.fault(start + opened, "accolade « { » sans « } » dans le style", "fermez le style par « } »")
        return
    for block in re.finditer(r"\{([^{}]*)\}", text):
        yield from declarations(whole, start + block.start(1), block[1])


def declarations(whole: Source, start: int, text: str) -> Iterator[Fault]:
    """`name: value; …` of a rule or of a style attribute that begins at `start`."""
    for found in _DECLARATION.finditer(text):
        name, value = found[1].lower(), found[2].split("!")[0].strip()
        if name not in PROPERTIES and not name.startswith(("mso-", "-webkit-", "-ms-", "-moz-", "--")):
            yield whole.fault(start + found.start(1), f"propriété inconnue « {name} »", words.nearest(name, PROPERTIES))
        elif (name in _COLOURED or (name == "background" and " " not in value)) and not JINJA.search(value):
            usual = value.lower() in ("inherit", "currentcolor", "initial", "unset", "none", "")
            if not usual and any(colours.read(one) is None for one in re.split(r"\s+(?![^(]*\))", value)):
                yield whole.fault(start + found.start(2), f"{name} : « {value} » n’est pas une couleur", colours.HINT)
        if re.search(r"[\w-]+\s*:\s", value) and "(" not in value:
            yield whole.fault(
                start + found.start(2), f"il manque « ; » après « {value.split()[0]} »", "séparez par « ; »"
            )
