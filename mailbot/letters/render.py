"""Templates of letters: MJML and text in, HTML and text out, in a closed sandbox.

A letter kind is a pair `KIND.mjml` + `KIND.txt`; files that begin with `_` are shared parts. An MJML template is
compiled **once**: its Jinja marks become neutral tokens, MJML and premailer make the page, the tokens become Jinja
again, and each mail only fills it (45 times cheaper than MJML and premailer for each mail; a test proves both equal).

Owns: compiling, filling, and saying what is wrong with a template. Never reads a file, never fetches anything: includes
are looked up in the mapping only. A broken override never stops a letter: the shipped template is used, and the fault
is in `faults` (static) or comes out of `check` (on sample data). Raises ConfigError for a broken *shipped* template.
Known limit: `{% … %}` may stand between sections and inside mj-text, mj-raw and mj-table, not inside an attribute.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import mjml
from jinja2 import Template, TemplateError
from premailer import Premailer

from mailbot.errors import ConfigError, Fault
from mailbot.letters import lint, sandbox, words

_MAX_INCLUDES = 8
#: What MJML's resets say again on each element: a page of ten invoices is a quarter lighter without.
_NOISE = re.compile(
    r" ?mso-table-[lr]space:0;?|(?<=<p style=\")display:block; |display:block; (?=margin)|"
    r"(?<=<td style=\")border-collapse:collapse; |border-collapse:collapse; (?=padding|vertical)"
)
_TOKEN = re.compile(r"<!--zj(\d+)z-->|zj(\d+)z")


@dataclass(frozen=True, slots=True)
class _Pair:
    html: Template
    text: Template


@dataclass(frozen=True, slots=True)
class Templates:
    """The compiled templates. `faults`: what was found wrong in overrides while compiling them."""

    active: Mapping[str, _Pair] = field(repr=False)
    shipped: Mapping[str, _Pair] = field(repr=False)
    sources: Mapping[str, str] = field(repr=False)
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, shipped: Mapping[str, str], overrides: Mapping[str, str]) -> Templates:
        """From file name (`bordereau.mjml`, `_style.mjml`, …) -> text. Raises ConfigError if a shipped one is broken.

        An override with a fault is left out as a file; the others count.
        """
        faults: list[Fault] = []
        base = _compile_all(dict(shipped))
        files = dict(shipped)
        for name, text in overrides.items():
            found = lint.faults(name, text, {**shipped, **overrides}, known=shipped)
            if not found:
                try:
                    _compile_all({**files, name: text})
                except ConfigError as error:
                    found = list(error.faults)
            faults.extend(found)
            if not found:
                files[name] = text
        active = _compile_all(files) if files != dict(shipped) else base
        return cls(active, base, files, tuple(faults))

    def html(self, kind: str, context: Mapping[str, Any]) -> str:
        """The page; with the shipped template where the override fails on this context."""
        return self._render(kind, "html", context)

    def text(self, kind: str, context: Mapping[str, Any]) -> str:
        """The plain-text part; no trailing blanks, at most two empty lines in a row, one line end at the end."""
        text = "\n".join(line.rstrip() for line in self._render(kind, "text", context).split("\n"))
        return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"

    def check(self, samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Fault]:
        """Renders every kind on every sample context; faults name the template, and the nearest known name."""
        faults: list[Fault] = list(self.faults)
        for kind, contexts in samples.items():
            pair = self.active[kind]
            for template, name in ((pair.html, f"{kind}.mjml"), (pair.text, f"{kind}.txt")):
                for context in contexts:
                    fault = self._try(template, name, context)
                    if fault and fault not in faults:
                        faults.append(fault)
        return faults

    def _render(self, kind: str, part: str, context: Mapping[str, Any]) -> str:
        try:
            return str(getattr(self.active[kind], part).render(context))
        except (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
            if self.active[kind] is self.shipped[kind]:
                raise
            return str(getattr(self.shipped[kind], part).render(context))

    def _try(self, template: Template, name: str, context: Mapping[str, Any]) -> Fault | None:
        try:
            rendered = template.render(context)
        except TemplateError as error:
            return self._explain(name, str(error.message or error), context)
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            return Fault(f"templates/{name}", 0, 0, f"le modèle échoue sur un exemple ({type(error).__name__})")
        if name.endswith(".mjml") and len(rendered.encode()) > 100_000:
            size = f"{len(rendered.encode()) // 1000} Ko"
            return Fault(f"templates/{name}", 0, 0, f"la page pèse {size}", "restez sous 100 Ko : Gmail coupe au-delà")
        return None

    def _explain(self, name: str, message: str, context: Mapping[str, Any]) -> Fault:
        """The place of an undefined name: Jinja's line is that of the compiled page, so the sources are searched."""
        named = re.search(r"has no attribute '(\w+)'|'(\w+)' is undefined", message)
        if named is None:
            refused = "unsafe" in message or "not safely callable" in message
            said = "appel ou accès refusé dans un modèle" if refused else message
            hint = "un modèle montre des valeurs, il n’appelle rien" if refused else ""
            return Fault(f"templates/{name}", 0, 0, f"le modèle échoue sur un exemple : {said}", hint)
        word = named[1] or named[2]
        suffix = name.rpartition(".")[2]
        for file in (name, *sorted(file for file in self.sources if file.startswith("_") and file.endswith(suffix))):
            for found in re.finditer(rf"\b{word}\b", self.sources.get(file, "")):
                if any(m.start() <= found.start() < m.end() for m in lint.JINJA.finditer(self.sources[file])):
                    line, column = lint.place(self.sources[file], found.start())
                    hint = words.nearest(word, lint.names(context))
                    return Fault(f"templates/{file}", line, column, f"nom inconnu « {word} »", hint)
        return Fault(f"templates/{name}", 0, 0, f"nom inconnu « {word} »", words.nearest(word, lint.names(context)))


def slow_html(files: Mapping[str, str], kind: str, context: Mapping[str, Any]) -> str:
    """The same page the long way (Jinja, then MJML, then premailer): the yardstick that `Templates.html` is tested
    against, and the one to use for a text that is being edited."""
    source = _expand(f"{kind}.mjml", files)
    return _page(sandbox.environment(files, html=True).from_string(source).render(context))


def _compile_all(files: dict[str, str]) -> dict[str, _Pair]:
    """Raises ConfigError with the faults of any of them."""
    faults = [fault for name, text in files.items() for fault in lint.faults(name, text, files, known=files)]
    if faults:
        raise ConfigError(*faults)
    html_env, text_env = sandbox.environment(files, html=True), sandbox.environment(files, html=False)
    pairs: dict[str, _Pair] = {}
    for kind in sandbox.KINDS:
        page = _compile_html(f"{kind}.mjml", files)
        try:
            pairs[kind] = _Pair(html_env.from_string(page), text_env.get_template(f"{kind}.txt"))
        except TemplateError as error:
            raise ConfigError(Fault(f"templates/{kind}.mjml", 0, 0, f"modèle incohérent : {error}")) from None
    return pairs


def _compile_html(name: str, files: Mapping[str, str]) -> str:
    """MJML with Jinja -> page with Jinja."""
    marks: list[str] = []

    def hide(match: re.Match[str]) -> str:
        if match[0].startswith("{#"):
            return ""
        marks.append(match[0])
        token = f"zj{len(marks) - 1}z"
        return token if match[0].startswith("{{") else f"<!--{token}-->"

    source = lint.JINJA.sub(hide, _expand(name, files))
    page = _page(source, name)
    statements = [int(n) for n, _ in _TOKEN.findall(page) if n]
    wanted = [number for number, mark in enumerate(marks) if mark.startswith("{%")]
    if statements != wanted:
        hint = "mettez {% … %} entre deux mj-section, ou dans mj-text, mj-raw ou mj-table"
        raise ConfigError(Fault(f"templates/{name}", 0, 0, "une instruction {% … %} s’est perdue dans la page", hint))
    return _TOKEN.sub(lambda match: marks[int(match[1] or match[2])], page)


def _page(source: str, name: str = "") -> str:
    """MJML -> HTML with styles inlined, doctype first. No network, no font service."""
    try:
        page = mjml.mjml2html(source, fonts={})
    except (ValueError, OSError) as error:
        raise ConfigError(Fault(f"templates/{name}", 0, 0, f"MJML refusé : {error}")) from None
    inlined = Premailer(
        page,
        allow_network=False,
        keep_style_tags=True,
        strip_important=False,
        disable_validation=True,
        disable_leftover_css=True,
        disable_basic_attributes=["align", "valign", "height"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform()
    return "<!doctype html>\n" + _NOISE.sub("", inlined)


def _expand(name: str, files: Mapping[str, str], depth: int = 0) -> str:
    """Puts the shared parts in. Includes were linted before: they exist and do not go round."""
    if depth > _MAX_INCLUDES:
        hint = "une partie s’inclut elle-même"
        raise ConfigError(Fault(f"templates/{name}", 0, 0, "trop d’inclusions l’une dans l’autre", hint))
    return lint.INCLUDE.sub(lambda match: _expand(match[1], files, depth + 1), files[name])
