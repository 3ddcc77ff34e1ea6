"""What a page may not do to its reader: fetch, follow, run, show a patient where others see it, shut anybody out.

Owns: links and resources, values about patients outside the body, and what screen readers need (lang, title, alt,
header cells). Pure; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.errors import Fault
from mailbot.letters.lint import shapes
from mailbot.letters.lint.source import JINJA, Source
from mailbot.letters.lint.tree import Element

_CSS = re.compile(r"\burl\s*\(|@import\b|@font-face\b|\bexpression\s*\(|\bbehavior\s*:", re.IGNORECASE)
_HOLD = {"background", "background-url", "srcset", "action", "poster", "longdesc", "xlink:href"}
_FETCH = "une page n’appelle ni image, ni police, ni script d’ailleurs"
_DATA = re.compile(r"data:image/(?:png|gif|jpeg);base64,[A-Za-z0-9+/=\s]+\Z")
_LINK = "un lien commence par https:, mailto: ou tel:"


def faults(whole: Source, root: Element, about_patients: set[str]) -> Iterator[Fault]:
    """`about_patients`: names that the page gave to values about a patient."""
    for found in _CSS.finditer(whole.text):
        yield whole.fault(found.start(), f"ressource extérieure « {found[0].strip()} »", _FETCH)
    private = re.compile(rf"\b(?:{'|'.join(sorted(shapes.PATIENT | about_patients))})\b")
    for element in root.inside():
        yield from _fetched(whole, element)
        yield from _private(whole, element, private)
        yield from _shown(whole, element)
    yield from _page(whole, root)


def _fetched(whole: Source, element: Element) -> Iterator[Fault]:
    for name, (at, value_at, value) in element.attributes.items():
        small = name.lower()
        if small in _HOLD:
            yield whole.fault(at, f"ressource extérieure « {name}= »", _FETCH)
        elif small == "src":
            if not _DATA.match(value):
                yield whole.fault(value_at, f"ressource extérieure « src= » : {value[:60]}", _FETCH)
        elif small in ("href", "base-url") and element.tag != "meta":
            yield from _link(whole, value_at, value)
    sides = [element.attributes[side][2].strip(" px") for side in ("width", "height") if side in element.attributes]
    if element.tag in ("img", "mj-image") and len(sides) == 2 and all(side in ("0", "1") for side in sides):
        yield whole.fault(element.start, "image d’un point, comme un pixel espion", "effacez-la")


def _link(whole: Source, at: int, value: str) -> Iterator[Fault]:
    written = value.strip()
    if not written or written == "#":
        yield whole.fault(at, "lien vide", _LINK)
    elif re.match(r"https:", written, re.IGNORECASE):
        if JINJA.search(written):
            hint = "un lien vers un site est le même pour tous : une valeur y suivrait le lecteur"
            yield whole.fault(at, "valeur {{ … }} dans un lien https", hint)
    elif not re.match(r"(?:mailto:|tel:|\{\{)", written, re.IGNORECASE):
        secure = "écrivez https:" if re.match(r"http:", written, re.IGNORECASE) else _LINK
        yield whole.fault(at, f"lien refusé « {written[:60]} »", secure)


def _private(whole: Source, element: Element, private: re.Pattern[str]) -> Iterator[Fault]:
    """A patient is named in the body only: the title and the preview stand in notifications, a link goes elsewhere."""
    marks = [
        (f"dans l’attribut {name} de <{element.tag}>", value_at, value)
        for name, (_, value_at, value) in element.attributes.items()
    ]
    if element.tag in ("mj-title", "mj-preview"):
        marks.append((f"dans <{element.tag}>", element.opened, whole.text[element.opened : element.end]))
    for where, at, text in marks:
        for mark in JINJA.finditer(text):
            found = None if mark[0].startswith("{#") else private.search(mark[0])
            if found:
                hint = "le patient, son NIR et sa date de naissance ne se montrent que dans le corps du message"
                yield whole.fault(at + mark.start() + found.start(), f"donnée de patient « {found[0]} » {where}", hint)


def _shown(whole: Source, element: Element) -> Iterator[Fault]:
    if element.tag in ("img", "mj-image") and "alt" not in element.attributes:
        hint = 'alt="…" dit ce que l’image montre ; alt="" si elle ne fait que décorer'
        yield whole.fault(element.start, f"<{element.tag}> sans alt", hint)
    if element.tag == "th" and element.attributes.get("scope", (0, 0, ""))[2] not in (
        "row",
        "col",
        "rowgroup",
        "colgroup",
    ):
        yield whole.fault(element.start, "<th> sans scope", 'scope="row" pour une ligne, scope="col" pour une colonne')
    if element.tag == "table":
        nearest = [one for one in element.inside() if next(a for a in one.above() if a.tag == "table") is element]
        headed = any(one.tag == "th" for one in nearest)
        if not headed and element.attributes.get("role", (0, 0, ""))[2] not in ("presentation", "none"):
            hint = 'role="presentation" pour la mise en page ; <th scope="row"> pour un tableau de données'
            yield whole.fault(element.start, "tableau sans rôle ni en-tête", hint)
    if element.tag == "a" and not whole.text[element.opened : element.end].partition("</a")[0].strip():
        yield whole.fault(element.start, "lien sans texte", "écrivez ce qui s’ouvre quand on le touche")


def _page(whole: Source, root: Element) -> Iterator[Fault]:
    top = next((child for child in root.children if child.tag == "mjml"), None)
    if top is None:
        return
    if not top.attributes.get("lang", (0, 0, ""))[2]:
        yield whole.fault(top.start, "la langue manque", 'écrivez <mjml lang="fr">')
    titles = [one for one in top.inside() if one.tag == "mj-title"]
    if not any(whole.text[one.opened : one.end].partition("</")[0].strip() for one in titles):
        heads = [one for one in top.children if one.tag == "mj-head"]
        at = (titles or heads or [top])[0].start
        yield whole.fault(at, "le titre de la page manque", "écrivez <mj-title>{{ titre }}</mj-title> dans <mj-head>")
