"""Templates of letters: MJML and text in, HTML and text out, in a closed sandbox.

A letter kind is a pair `KIND.mjml` + `KIND.txt`; files that begin with `_` are shared parts. An MJML template is
compiled **once**, when its first letter is written: its Jinja marks become neutral tokens, MJML and premailer make the
page, the tokens become Jinja again, and each mail only fills it (fifty times cheaper than MJML and premailer for each
mail; a test proves both equal).

Owns: compiling and filling. Never reads a file, never fetches anything: includes are looked up in the mapping only.
Which version of an override is used is `choice.py`'s; what can be said against one, `trial.py`'s. Should an override
fail on a real letter, the shipped template writes that letter, and `failed` says so. Raises ConfigError for a broken
*shipped* template.
Known limit: `{% … %}` may stand between sections and inside mj-text, mj-raw and mj-table, not inside an attribute.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Template, TemplateError

from mailbot.errors import ConfigError, Fault
from mailbot.letters import sandbox
from mailbot.letters.lint import source
from mailbot.letters.lint.source import FOLDER, JINJA, Source

#: What a template of an admin can do wrong while it is filled.
MISHAPS = (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
#: What MJML's resets say again on each element: a page of ten invoices is a quarter lighter without.
_NOISE = re.compile(
    r" ?mso-table-[lr]space:0;?|(?<=<p style=\")display:block; |display:block; (?=margin)|"
    r"(?<=<td style=\")border-collapse:collapse; |border-collapse:collapse; (?=padding|vertical)"
)
_TOKEN = re.compile(r"<!--zj(\d+)z-->|zj(\d+)z")


@dataclass(frozen=True, slots=True)
class Pair:
    """A kind, compiled."""

    html: Template
    text: Template


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates in use. `files`: file name -> text, with the overrides that count; `shipped`: without any.

    `faults` and `remarks`: what was said against the overrides. `failed`: kind -> an override that failed on a letter.
    """

    files: Mapping[str, str] = field(repr=False)
    shipped: Mapping[str, str] = field(repr=False)
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    failed: dict[str, Fault] = field(default_factory=dict, compare=False)
    _pairs: dict[tuple[bool, str], Pair] = field(default_factory=dict, repr=False, compare=False)

    @property
    def overridden(self) -> bool:
        """Does an override count?"""
        return self.files != self.shipped

    def html(self, kind: str, context: Mapping[str, Any]) -> str:
        """The page; with the shipped template where the override fails on this context."""
        return "".join(self.pieces(kind, context))

    def pieces(self, kind: str, context: Mapping[str, Any]) -> tuple[str, ...]:
        """The page in pieces: the words of the template (`str`, the same in every letter) and values (`Markup`)."""
        return self._render(kind, "html", context)

    def text(self, kind: str, context: Mapping[str, Any]) -> str:
        """The plain-text part; no trailing blanks, at most two empty lines in a row, one line end at the end."""
        return tidy("".join(self._render(kind, "text", context)))

    def _render(self, kind: str, part: str, context: Mapping[str, Any]) -> tuple[str, ...]:
        try:
            return tuple(getattr(self._pair(kind), part).generate(context))
        except MISHAPS as error:
            if not self.overridden:
                raise
            file = f"{kind}.{'mjml' if part == 'html' else 'txt'}"
            message = f"ce modèle a échoué sur un vrai message ({type(error).__name__}) : le modèle livré l’a écrit"
            self.failed[kind] = Fault(
                f"{FOLDER}/{file}", 0, 0, message, "« mailbot preview » le montre sur des exemples"
            )
            return tuple(getattr(self._pair(kind, shipped=True), part).generate(context))

    def _pair(self, kind: str, shipped: bool = False) -> Pair:
        if (shipped, kind) not in self._pairs:
            self._pairs[shipped, kind] = compiled(kind, self.shipped if shipped else self.files)
        return self._pairs[shipped, kind]


def tidy(text: str) -> str:
    """See `Templates.text`."""
    text = "\n".join(map(str.rstrip, text.split("\n")))
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.strip("\n") + "\n"


def slow_html(files: Mapping[str, str], kind: str, context: Mapping[str, Any]) -> str:
    """The same page the long way (Jinja, then MJML, then premailer): the yardstick that `Templates.html` is tested and
    measured against."""
    whole = source.expanded(f"{kind}.mjml", files)
    return _page(sandbox.environment(files, html=True).from_string(whole.text).render(context), whole)


def compiled(kind: str, files: Mapping[str, str]) -> Pair:
    """Page and text of a kind. Raises ConfigError for what MJML or Jinja refuse."""
    page, _, marks = skeleton(kind, files)
    return Pair(page_of(kind, files, page, marks), text_of(kind, files))


def page_of(kind: str, files: Mapping[str, str], page: str, marks: Sequence[re.Match[str]]) -> Template:
    """What a skeleton becomes when its tokens are Jinja again. Raises ConfigError."""
    filled = _TOKEN.sub(lambda match: marks[int(match[1] or match[2])][0], page)
    return _coherent(f"{kind}.mjml", lambda: sandbox.environment(files, html=True).from_string(filled))


def text_of(kind: str, files: Mapping[str, str]) -> Template:
    """The text part of a kind. Raises ConfigError."""
    return _coherent(f"{kind}.txt", lambda: sandbox.environment(files, html=False).get_template(f"{kind}.txt"))


def _coherent(name: str, compile_it: Callable[[], Template]) -> Template:
    try:
        return compile_it()
    except (TemplateError, SyntaxError, RecursionError) as error:
        # SyntaxError: Python’s own, for more loops in loops than it can nest.
        fault = Fault(f"{FOLDER}/{name}", 0, 0, f"modèle incohérent : {error}", "comparez avec le modèle livré")
        raise ConfigError(fault) from None


def skeleton(kind: str, files: Mapping[str, str]) -> tuple[str, Source, list[re.Match[str]]]:
    """MJML with Jinja -> page with tokens `zjNz` for its marks; the whole it was made of; the marks by number."""
    whole = source.expanded(f"{kind}.mjml", files)
    marks: list[re.Match[str]] = []

    def hide(match: re.Match[str]) -> str:
        marks.append(match)
        token = f"zj{len(marks) - 1}z"
        return token if match[0].startswith("{{") else "" if match[0].startswith("{#") else f"<!--{token}-->"

    page = _page(JINJA.sub(hide, whole.text), whole)
    statements = [int(number) for number, _ in _TOKEN.findall(page) if number]
    wanted = [number for number, mark in enumerate(marks) if mark[0].startswith("{%")]
    if statements != wanted:
        lost = next((number for number in wanted if number not in statements), wanted[0] if wanted else 0)
        at = marks[lost].start() if marks else 0
        hint = "mettez {% … %} entre deux mj-section, ou dans mj-text, mj-raw ou mj-table"
        raise ConfigError(whole.fault(at, "une instruction {% … %} s’est perdue dans la page", hint))
    return page, whole, marks


def _page(written: str, whole: Source) -> str:
    """MJML -> HTML with styles inlined, doctype first. No network, no font service."""
    # The two libraries take a second to load where no compiled code is kept: the first page pays, small verbs do not.
    import mjml
    from premailer import Premailer

    try:
        page = mjml.mjml2html(written, fonts={})
    except (ValueError, OSError) as error:
        hint = "comparez avec le modèle livré"
        raise ConfigError(Fault(f"{FOLDER}/{whole.name}", 0, 0, f"MJML refusé : {error}", hint)) from None
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
