"""MJML of a whole page against the table of components: tags, parents, attributes, values, what must be there.

Pure; never raises. What a component is and takes stands in `mjml.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mailbot.errors import Fault
from mailbot.letters import words
from mailbot.letters.lint import colours, css, mjml
from mailbot.letters.lint.source import JINJA, Source
from mailbot.letters.lint.tree import Element

Say = Callable[[int, str, str], Fault]
_COMPONENTS = (*mjml.ATTRIBUTES, *mjml.FORBIDDEN)
_HTML_COLOURS = frozenset({"bgcolor", "color"})


def faults(whole: Source, root: Element) -> Iterator[Fault]:
    """Everything that is wrong with the tags of a page."""
    yield from _frame(whole, root)
    for element in root.inside():
        yield from _element(whole, element)


def _frame(whole: Source, root: Element) -> Iterator[Fault]:
    top = [child for child in root.children if child.tag == "mjml"]
    if len(top) != 1 or len(root.children) != 1:
        yield whole.fault(
            0, "une page est une seule balise <mjml>", 'commencez par <mjml lang="fr"> et finissez par </mjml>'
        )
        return
    bodies = [child for child in top[0].children if child.tag == "mj-body"]
    if len(bodies) != 1:
        said = "la page n’a pas de <mj-body>" if not bodies else "la page a deux <mj-body>"
        at = bodies[1].start if bodies else top[0].start
        yield whole.fault(at, said, "mettez les sections dans un seul <mj-body> … </mj-body>")


def _element(whole: Source, element: Element) -> Iterator[Fault]:
    statement = whole.text.find("{%", element.start, element.opened)
    if statement >= 0:
        hint = "écrivez la balise deux fois, entre {% if … %}, {% else %} et {% endif %}"
        yield whole.fault(statement, "instruction {% … %} dans une balise", hint)
    within = next((one.tag for one in element.above() if one.tag in mjml.ENDING | mjml.TEXTUAL), "")
    tag = element.tag
    if tag in mjml.FORBIDDEN:
        yield whole.fault(element.start, f"<{tag}> n’est pas permis ici", mjml.FORBIDDEN[tag])
    elif within in mjml.TEXTUAL:
        yield whole.fault(element.start, f"<{tag}> dans <{within}>", f"<{within}> ne contient que du texte")
    elif tag in mjml.ATTRIBUTES:
        yield from _component(whole, element, within)
    elif within:
        yield from _html(whole, element, within)
    else:
        yield _stray(whole, element)


def _stray(whole: Source, element: Element) -> Fault:
    """Neither a component nor inside text."""
    tag = element.tag
    if tag in mjml.HTML | mjml.UNSAFE:
        hint = "mettez le texte et le HTML dans <mj-text>, <mj-table> ou <mj-raw>"
        return whole.fault(element.start, f"<{tag}> hors de <mj-text>", hint)
    return whole.fault(element.start, f"balise inconnue <{tag}>", words.nearest(tag, _COMPONENTS))


def _component(whole: Source, element: Element, within: str) -> Iterator[Fault]:
    tag, parent = element.tag, element.parent.tag if element.parent else ""
    allowed = mjml.PARENTS.get(tag)
    if within:
        yield whole.fault(element.start, f"<{tag}> dans <{within}>", f"<{within}> contient du HTML : fermez-la avant")
    elif allowed is not None and parent not in allowed and not (element.parent and parent == "mj-attributes"):
        places = ", ".join(f"<{one}>" for one in allowed if one) or "le début de la page"
        yield whole.fault(
            element.start, f"<{tag}> dans <{parent}>" if parent else f"<{tag}> seule", f"sa place : {places}"
        )
    defaults = parent == "mj-attributes"
    known = {**mjml.ATTRIBUTES[tag], **(mjml.COMMON if tag.startswith("mj-") else {})}
    if defaults and tag in ("mj-all", "mj-class"):
        known = {name: kind for names in mjml.ATTRIBUTES.values() for name, kind in names.items()} | known
    for name, (at, value_at, value) in element.attributes.items():
        if name not in known:
            yield whole.fault(at, f"attribut inconnu « {name} » de <{tag}>", words.nearest(name, known))
        else:
            yield from _value(whole, value_at, f"{name} de <{tag}>", value, known[name])


def _value(whole: Source, at: int, name: str, value: str, kind: str) -> Iterator[Fault]:
    if JINJA.search(value):
        return
    if kind == mjml.COLOUR:
        if colours.read(value) is None:
            yield whole.fault(at, f"{name} : « {value} » n’est pas une couleur", colours.HINT)
    elif kind in mjml.KINDS:
        pattern, wanted = mjml.KINDS[kind]
        if not re.fullmatch(pattern, value.strip()):
            yield whole.fault(at, f"{name} : « {value} » ne convient pas", f"attendu : {wanted}")


def _html(whole: Source, element: Element, within: str) -> Iterator[Fault]:
    tag = element.tag
    if tag in mjml.UNSAFE:
        yield whole.fault(
            element.start, f"<{tag}> n’est pas permis dans un message", "une page montre, elle n’exécute rien"
        )
    elif tag not in mjml.HTML:
        known = mjml.HTML | frozenset(mjml.ATTRIBUTES)
        yield whole.fault(element.start, f"balise inconnue <{tag}>", words.nearest(tag, known))
    elif tag in ("meta", "style") and within != "mj-raw":
        yield whole.fault(element.start, f"<{tag}> dans <{within}>", "sa place : <mj-raw>, ou <mj-style> pour un style")
    for name, (at, value_at, value) in element.attributes.items():
        if re.match(r"on\w+$", name, re.IGNORECASE):
            yield whole.fault(at, f"attribut « {name} » refusé", "une page n’exécute rien")
        elif name not in mjml.HTML_ATTRIBUTES and not name.startswith(("aria-", "data-", "xmlns")):
            yield whole.fault(at, f"attribut inconnu « {name} » de <{tag}>", words.nearest(name, mjml.HTML_ATTRIBUTES))
        elif name == "style":
            yield from css.declarations(whole, value_at, value)
        elif name in _HTML_COLOURS:
            yield from _value(whole, value_at, f"{name} de <{tag}>", value, mjml.COLOUR)
