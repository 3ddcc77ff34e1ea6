"""What can be said against a template before it is rendered: file, line, column, remedy.

Owns: syntax, names, includes, well-formed tags, size and depth. Never renders and never raises. Known limit: MJML's
own tags and attributes are not checked against a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from jinja2 import TemplateSyntaxError, meta

from mailbot.errors import Fault
from mailbot.letters import sandbox, words

_MAX_CHARS = 200_000
_MAX_DEPTH = 60
#: A Jinja mark: note, statement or value.
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_OUTSIDE = re.compile(
    r"<(?:mj-font|mj-image|script|iframe|object|embed|link|base|form)\b"
    r"|\b(?:src|background|background-url|srcset)\s*=|url\(|@import|\son\w+\s*=",
    re.IGNORECASE,
)
#: A shared part of a page.
INCLUDE = re.compile(r"<mj-include\s+path=\"([^\"]*)\"\s*/>")


def faults(name: str, text: str, files: Mapping[str, str], known: Mapping[str, str]) -> list[Fault]:
    """What can be said of one file alone."""
    file = f"templates/{name}"
    if name not in known:
        return [Fault(file, 0, 0, "ce modèle n’existe pas", words.nearest(name, known))]
    if len(text) > _MAX_CHARS:
        return [Fault(file, 0, 0, f"le modèle dépasse {_MAX_CHARS} caractères", "raccourcissez-le")]
    page = name.endswith(".mjml")
    return [
        *_lint_jinja(name, text, files),
        *_lint_includes(name, text, files),
        *(_lint_xml(file, text) if page else ()),
        *(_lint_outside(file, text) if page else ()),
    ]


def _lint_jinja(name: str, text: str, files: Mapping[str, str]) -> Iterator[Fault]:
    file = f"templates/{name}"
    env = sandbox.environment(files, html=name.endswith(".mjml"))
    try:
        tree = env.parse(text)
        env.compile(tree)
    except TemplateSyntaxError as error:
        yield _syntax(file, error)
        return
    except RecursionError:
        yield Fault(file, 0, 0, "une expression Jinja est trop profonde", "simplifiez-la")
        return
    kind = name.rpartition(".")[0]
    allowed = sandbox.KINDS.get(kind, frozenset().union(*sandbox.KINDS.values()))
    for word in sorted(meta.find_undeclared_variables(tree) - allowed):
        line, column = _find(text, word)
        yield Fault(file, line, column, f"nom inconnu « {word} »", words.nearest(word, allowed))


def _syntax(file: str, error: TemplateSyntaxError) -> Fault:
    message = error.message or ""
    unknown = re.match(r"No filter named '(\w+)'", message)
    if unknown:
        hint = words.nearest(unknown[1], sandbox.FILTERS)
        return Fault(file, error.lineno, 1, f"filtre inconnu « {unknown[1]} »", hint)
    return Fault(file, error.lineno, 1, f"Jinja : {message}", "comparez avec le modèle livré")


def _lint_outside(file: str, text: str) -> Iterator[Fault]:
    """Nothing that a reader's mail program would have to fetch, nothing that runs, no statement inside a tag (styles
    are put on the tags before the statements run)."""
    for found in re.finditer(r"<[a-zA-Z][^<>]*?(\{%)", text):
        line, column = place(text, found.start(1))
        hint = "écrivez la balise deux fois, entre {% if … %}, {% else %} et {% endif %}"
        yield Fault(file, line, column, "instruction {% … %} dans une balise", hint)
    for found in _OUTSIDE.finditer(text):
        line, column = place(text, found.start())
        hint = "une page n’appelle ni image, ni police, ni script d’ailleurs"
        yield Fault(file, line, column, f"ressource extérieure « {found[0].strip()} »", hint)


def _lint_includes(name: str, text: str, files: Mapping[str, str]) -> Iterator[Fault]:
    file = f"templates/{name}"
    for found in re.finditer(r"<mj-include\b[^>]*>|\{%-?\s*(?:include|extends|import|from)\s+(.*?)%\}", text):
        line, column = place(text, found.start())
        path = re.search(r"[\"']([^\"']*)[\"']", found[0])
        if found[1] is not None and name.endswith(".mjml"):
            yield Fault(file, line, column, "inclusion Jinja dans une page", 'écrivez <mj-include path="_nom.mjml" />')
        elif found[1] is None and not INCLUDE.fullmatch(found[0]):
            yield Fault(file, line, column, "inclusion illisible", 'écrivez <mj-include path="_nom.mjml" />')
        elif path is None or path[1] not in files or not path[1].startswith("_"):
            parts = [part for part in files if part.startswith("_")]
            what = path[1] if path else found[1].strip()
            yield Fault(file, line, column, f"partie inconnue « {what} »", words.nearest(what, parts))
        elif name.startswith("_"):
            yield Fault(
                file, line, column, "une partie commune n’en inclut pas d’autre", "mettez l’inclusion au-dessus"
            )


def _lint_xml(file: str, text: str) -> Iterator[Fault]:
    """Well-formed and not too deep: MJML itself says no place, and 10,000 nested tags would kill the process."""

    def hide(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "x" if match[0].startswith("{{") else " ", match[0])

    hidden = JINJA.sub(hide, text)
    parser = expat.ParserCreate()
    depth = deepest = 0

    def start(_tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, deepest
        depth += 1
        deepest = max(depth, deepest)

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        # Shared parts have several roots; HTML entities that XML does not know are MJML's business.
        parser.Parse("<r>" + re.sub(r"&(?=\w+;)", "+", hidden) + "</r>", True)
    except expat.ExpatError as error:
        column = error.offset + 1 - (3 if error.lineno == 1 else 0)
        message = expat.errors.messages.get(error.code, str(error.code))
        yield Fault(file, error.lineno, max(column, 1), f"balise mal fermée ou mal écrite ({message})")
    if deepest > _MAX_DEPTH:
        yield Fault(file, 0, 0, f"plus de {_MAX_DEPTH} balises l’une dans l’autre", "simplifiez le modèle")


def _find(text: str, word: str) -> tuple[int, int]:
    for mark in JINJA.finditer(text):
        found = re.search(rf"(?<![\w.]){re.escape(word)}\b", mark[0])
        if found:
            return place(text, mark.start() + found.start())
    return (1, 1)


def place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def names(value: Any, depth: int = 0) -> set[str]:
    """Every name that a template can write on this context."""
    found: set[str] = set()
    if depth > 4:
        return found
    if isinstance(value, Mapping):
        inner = dict(value)
    elif hasattr(value, "__dataclass_fields__"):
        inner = {name: getattr(value, name) for name in value.__dataclass_fields__}
    else:
        inner = {}
        if isinstance(value, tuple | list) and value:
            found |= names(value[0], depth + 1)
    for name, part in inner.items():
        found.add(name)
        found |= names(part, depth + 1)
    return found
