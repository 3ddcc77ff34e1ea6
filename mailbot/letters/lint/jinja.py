"""Jinja in a template: its grammar, its names down to the attributes of what a loop gives, what it may not do.

Owns: syntax, unknown filters and tests, inclusions, names against the shapes of sample values, calls, and values about
a patient where nobody may put one. Never renders and never raises. Known limit: what a macro's parameters stand for is
not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes

from mailbot.errors import Fault
from mailbot.letters import sandbox, words
from mailbot.letters.lint import shapes, source
from mailbot.letters.lint.shapes import ANY, TEXT, Shape
from mailbot.letters.lint.source import FOLDER, INCLUDE, JINJA, Source

_CLOSED = "comparez avec le modèle livré"
#: What Jinja says when blocks do not match.
_BLOCKS = r"Unexpected end of template|Encountered unknown tag 'end"
#: What Jinja says in English (the beginning), and what an admin reads.
_SAID = (
    (r"Encountered unknown tag '(\w+)'", "instruction inconnue ou mal placée « {% {0} %} »"),
    (r"unexpected char '(.)'", "signe inattendu « {0} »"),
    (r"expected token '(.+?)', got '(.+?)'", "« {0} » est attendu, « {1} » est écrit"),
    (r"unexpected '(.+?)'", "« {0} » inattendu"),
    (r"Expected an expression, got '(.+?)'", "une valeur est attendue avant « {0} »"),
)


def grammar(name: str, text: str, files: Mapping[str, str]) -> Iterator[Fault]:
    """What Jinja itself refuses in one file, and inclusions."""
    file = f"{FOLDER}/{name}"
    env = sandbox.environment(files, html=name.endswith(".mjml"))
    try:
        tree = env.parse(text)
    except TemplateSyntaxError as error:
        yield _syntax(file, text, error)
        return
    except RecursionError:
        yield Fault(file, 0, 0, "une expression Jinja est trop profonde", "simplifiez-la")
        return
    yield from _inclusions(name, text, files)
    yield from _tools(file, text, tree)
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name in macros):
            line, column = _at(text, call.lineno, r"[\w.]+\s*\(")
            yield Fault(
                file, line, column, "appel refusé dans un modèle", "un modèle montre des valeurs, il n’appelle rien"
            )


def _tools(file: str, text: str, tree: nodes.Template) -> Iterator[Fault]:
    """Filters and tests that are not there: inside a condition Jinja itself would say so only when it gets there."""
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        known = sandbox.FILTERS if isinstance(node, nodes.Filter) else sandbox.TESTS
        if node.name not in known:
            called = "filtre inconnu" if isinstance(node, nodes.Filter) else "test inconnu"
            line, column = _at(text, node.lineno, rf"\b{re.escape(node.name)}\b")
            yield Fault(file, line, column, f"{called} « {node.name} »", words.nearest(node.name, known))


def _syntax(file: str, text: str, error: TemplateSyntaxError) -> Fault:
    message = " ".join((error.message or "").split())
    told = _unclosed_mark(text, error.lineno) or (_unbalanced(text) if re.match(_BLOCKS, message) else None)
    if told:
        return Fault(file, *source.place(text, told[0]), *told[1:])
    said = next((_told(message, *pair) for pair in _SAID if re.match(pair[0], message)), message)
    return Fault(file, *_at(text, error.lineno, r"\{[{%#]"), f"Jinja : {said}", _CLOSED)


def _unclosed_mark(text: str, lineno: int) -> tuple[int, str, str] | None:
    """A mark on this line or the one above that ends with its line, or where another begins."""
    start = 0
    for _ in range(lineno - 2):
        start = text.find("\n", start) + 1
    for found in re.compile(r"(\{\{|\{%)(?:(?!\}\}|%\}|\{\{|\{%|\n).)*").finditer(text, start):
        if source.place(text, found.start())[0] > lineno:
            return None
        close = "}}" if found[1] == "{{" else "%}"
        if not text.startswith(close, found.end()):
            return found.start(), f"« {found[1]} » sans « {close} »", f"fermez-le par « {close} »"
    return None


def _unbalanced(text: str) -> tuple[int, str, str] | None:
    """The first end without its beginning, or the last beginning without its end: Jinja names neither's place."""
    opened: list[tuple[str, int]] = []
    for mark in re.finditer(r"\{%-?\s*(end)?(if|for|macro|with|filter|call|block)\b", text):
        word = mark[2]
        if not mark[1]:
            opened.append((word, mark.start()))
        elif opened and opened[-1][0] == word:
            opened.pop()
        else:
            hint = "effacez-le, ou ouvrez-le plus haut"
            if opened:
                line = source.place(text, opened[-1][1])[0]
                hint = f"fermez d’abord « {{% {opened[-1][0]} %}} », ouvert ligne {line}"
            return mark.start(), f"« {{% end{word} %}} » sans « {{% {word} %}} » devant", hint
    if not opened:
        return None
    word, at = opened[-1]
    return at, f"« {{% {word} %}} » n’est pas fermé", f"ajoutez « {{% end{word} %}} »"


def _told(message: str, pattern: str, french: str) -> str:
    found = re.match(pattern, message)
    parts = found.groups() if found else ()
    for number, part in enumerate(parts):
        french = french.replace(f"{{{number}}}", part)
    return french


def _at(text: str, lineno: int, pattern: str) -> tuple[int, int]:
    """The first such thing inside a Jinja mark on this line; the first column where there is none."""
    start = 0
    for _ in range(lineno - 1):
        start = text.find("\n", start) + 1
    end = text.find("\n", start)
    found = re.search(pattern, text[start : end if end >= 0 else len(text)])
    return lineno, found.start() + 1 if found else 1


def _inclusions(name: str, text: str, files: Mapping[str, str]) -> Iterator[Fault]:
    file, page = f"{FOLDER}/{name}", name.endswith(".mjml")
    right = '<mj-include path="_nom.mjml" />' if page else '{% include "_nom.txt" %}'
    suffix = name.rpartition(".")[2]
    parts = [part for part in files if part.startswith("_") and part.endswith(suffix)]
    for found in re.finditer(r"<mj-include\b[^>]*>|\{%-?\s*(?:include|extends|import|from)\s+(.*?)%\}", text):
        line, column = source.place(text, found.start())
        path = re.search(r"[\"']([^\"']*)[\"']", found[0])
        if found[1] is not None and page:
            yield Fault(file, line, column, "inclusion Jinja dans une page", f"écrivez {right}")
        elif path is not None and path[1] not in parts:
            yield Fault(file, line, column, f"partie inconnue « {path[1]} »", words.nearest(path[1], parts))
        elif not INCLUDE.fullmatch(found[0]):
            yield Fault(file, line, column, "inclusion illisible", f"écrivez {right}")
        elif name.startswith("_"):
            hint = "mettez l’inclusion au-dessus"
            yield Fault(file, line, column, "une partie commune n’en inclut pas d’autre", hint)


class Names:
    """The names of one whole page or text, looked up in the shape of its values."""

    def __init__(self, whole: Source, known: Shape, *, html: bool) -> None:
        self._whole, self._known = whole, known
        self._seen: dict[tuple[int, str], int] = {}
        self.tree = sandbox.environment({}, html=html).parse(whole.text)
        #: Names that a template gave to a value about a patient.
        self.about_patients: set[str] = set()

    def faults(self) -> Iterator[Fault]:
        yield from self._block(self.tree.body, dict(self._known.names))

    def _block(self, body: list[nodes.Node], scope: dict[str, Shape]) -> Iterator[Fault]:
        for node in body:
            yield from self._node(node, scope)

    def _node(self, node: nodes.Node, scope: dict[str, Shape]) -> Iterator[Fault]:
        """One node in the order in which it is written; a loop, a macro and a part have a scope of their own."""
        if isinstance(node, nodes.For):
            yield from self._loop(node, scope)
        elif isinstance(node, nodes.Assign):
            yield from self._node(node.node, scope)
            self._bind(node.target, self._shape(node.node, scope), scope, node.node)
        elif isinstance(node, nodes.Macro):
            scope[node.name] = ANY
            inner = {**scope, **{str(arg.name): ANY for arg in node.args}, "caller": ANY, "varargs": ANY, "kwargs": ANY}
            yield from self._block(node.body, inner)
        elif isinstance(node, nodes.With):
            inner = dict(scope)
            for target, value in zip(node.targets, node.values, strict=True):
                yield from self._node(value, scope)
                self._bind(target, self._shape(value, scope), inner, value)
            yield from self._block(node.body, inner)
        elif isinstance(node, nodes.Test) and node.name == "defined":
            return
        elif isinstance(node, nodes.Name) and node.ctx == "load":
            yield from self._name(node, scope)
        elif isinstance(node, nodes.Getattr | nodes.Getitem):
            yield from self._behind(node, scope)
        else:
            for child in node.iter_child_nodes():
                yield from self._node(child, scope)

    def _name(self, node: nodes.Name, scope: Mapping[str, Shape], before: str = r"(?<![\w.])") -> Iterator[Fault]:
        if node.name not in scope and not self._known.open:
            yield self._unknown(node.lineno, node.name, rf"{before}(?P<word>{re.escape(node.name)})\b", scope)

    def _loop(self, node: nodes.For, scope: dict[str, Shape]) -> Iterator[Fault]:
        if isinstance(node.iter, nodes.Name):
            yield from self._name(node.iter, scope, r"\bin\s+")
        else:
            yield from self._node(node.iter, scope)
        over = self._shape(node.iter, scope)
        inner = {**scope, "loop": ANY}
        self._bind(node.target, over.item or ANY, inner, node.iter)
        if not over.open and over.item is None and isinstance(node.iter, nodes.Name | nodes.Getattr):
            word = node.iter.name if isinstance(node.iter, nodes.Name) else node.iter.attr
            offset = self._offset(node.iter.lineno, rf"\bin\s.*?(?P<word>\b{re.escape(word)})\b")
            lists = sorted(name for name, shape in scope.items() if shape.item is not None)
            hint = f"listes : {', '.join(lists)}" if lists else ""
            yield self._whole.fault(offset, f"« {word} » n’est pas une liste", hint)
        if node.test is not None:
            yield from self._node(node.test, inner)
        yield from self._block([*node.body], inner)
        yield from self._block([*node.else_], dict(scope))

    def _behind(self, node: nodes.Getattr | nodes.Getitem, scope: dict[str, Shape]) -> Iterator[Fault]:
        yield from self._node(node.node, scope)
        if isinstance(node, nodes.Getitem):
            yield from self._node(node.arg, scope)
        word, before = _attribute(node), self._shape(node.node, scope)
        if word is None or before.open or word in before.names:
            return
        base = node.node.name if isinstance(node.node, nodes.Name) else getattr(node.node, "attr", "")
        pattern = rf"{re.escape(str(base))}\s*(?:\.|\[\s*[\"'])\s*(?P<word>{re.escape(word)})\b"
        if before.names:
            yield self._unknown(node.lineno, word, pattern, before.names)
        else:
            what = (
                "une liste : {% for … %} en montre chaque élément" if before.item else "un texte : rien ne suit son nom"
            )
            yield self._whole.fault(
                self._offset(node.lineno, pattern), f"nom inconnu « {word} »", f"« {base} » est {what}"
            )

    def _shape(self, node: nodes.Node, scope: Mapping[str, Shape]) -> Shape:
        if isinstance(node, nodes.Name):
            return scope.get(node.name, ANY)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            before, word = self._shape(node.node, scope), _attribute(node)
            if word is None:
                return before.item or ANY
            return before.names.get(word, ANY)
        return TEXT if isinstance(node, nodes.Const | nodes.Concat) else ANY

    def _bind(self, target: nodes.Node, shape: Shape, scope: dict[str, Shape], value: nodes.Node) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = shape
            if patient(value, self.about_patients):
                self.about_patients.add(target.name)
        else:
            for name in target.find_all(nodes.Name):
                scope[name.name] = ANY

    def _unknown(self, lineno: int, word: str, pattern: str, known: Mapping[str, Shape]) -> Fault:
        offset = self._offset(lineno, pattern)
        return self._whole.fault(offset, f"nom inconnu « {word} »", words.nearest(word, known))

    def _offset(self, lineno: int, pattern: str) -> int:
        """Where such a thing stands in a Jinja mark that begins on this line: each time asked, the next one."""
        start = self._whole.line_start(lineno)
        found = [
            match.start("word" if "word" in match.groupdict() else 0)
            for mark in JINJA.finditer(self._whole.text)
            if mark.end() > start and not mark[0].startswith("{#")
            for match in re.compile(pattern).finditer(self._whole.text, mark.start(), mark.end())
            if match.start() >= start
        ]
        number = self._seen[lineno, pattern] = self._seen.get((lineno, pattern), -1) + 1
        return found[min(number, len(found) - 1)] if found else start


def patient(node: nodes.Node, renamed: set[str]) -> bool:
    """Does this expression say something about a patient?"""
    attributes = {_attribute(one) for one in (node, *node.find_all((nodes.Getattr, nodes.Getitem)))}
    names = {one.name for one in (node, *node.find_all(nodes.Name)) if isinstance(one, nodes.Name)}
    return bool(attributes & shapes.PATIENT or names & renamed)


def _attribute(node: nodes.Node) -> str | None:
    """What stands behind the dot; None for an index that is no name."""
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return node.arg.value
    return None
