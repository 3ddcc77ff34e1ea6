"""The HTML of a mail as text. Nothing is fetched, nothing is run: the markup is laid out as lines and thrown away.

Owns the limits on HTML, and the marking of quoted blocks: what stands in a `blockquote` comes out with "> " before each
line, so that `quoting` has one kind of quotation to know. Never raises. inscriptis lays the text out; HTML that is too
deep or that it cannot read loses its tags by a plain regular expression instead.
"""

from __future__ import annotations

import html
import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no types; one name is used

MAX_HTML = 1_000_000  # characters
MAX_NESTING = 200
MAX_TAGS = 40_000

_HIDDEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<head", "</head"), ("<title", "</title"))
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_QUOTE_TAG = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "o:p", "source", "param"}
_OPEN, _CLOSE = "\ue000", "\ue001"  # private characters: a quoted block opens, closes
_LAYOUT = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)


def to_text(source: str) -> str:
    """The visible text, one line a block, quoted blocks with "> " before their lines."""
    source = source[:MAX_HTML].replace(_OPEN, " ").replace(_CLOSE, " ")
    marked = _QUOTE_TAG.sub(lambda tag: f"<div>{_CLOSE if tag.group(1) else _OPEN}</div>", source)
    text = _laid_out(marked)
    if not text.strip():
        text = _stripped(marked)
    return _quote_prefixed(text)


def _laid_out(source: str) -> str:
    if not source.strip() or not _shallow(source):
        return ""
    try:
        return str(get_text(source, _LAYOUT))
    except (LxmlError, ValueError, RecursionError, AttributeError, IndexError, KeyError, TypeError):
        return ""  # inscriptis walks a tree that hostile HTML shapes: what it trips over loses its tags instead


def _shallow(source: str) -> bool:
    depth = 0
    for count, tag in enumerate(_TAG.finditer(source), 1):
        if tag.group(2).lower() not in _VOID:
            depth = max(depth - 1, 0) if tag.group(1) else depth + 1
        if depth > MAX_NESTING or count > MAX_TAGS:
            return False
    return True


def _stripped(source: str) -> str:
    return html.unescape(_ANY_TAG.sub("", _BREAK.sub("\n", _without_hidden(source))))


def _without_hidden(source: str) -> str:
    """Comments, scripts and styles taken out, in one walk each: an open one without its end hides the rest."""
    for opening, closing in _HIDDEN:
        small = source.lower()
        if len(small) != len(source):  # some capital letters outside ASCII grow: places would no longer agree
            return source
        kept: list[str] = []
        position = 0
        while (start := small.find(opening, position)) >= 0:
            kept.append(source[position:start])
            end = small.find(closing, start)
            position = end + len(closing) if end >= 0 else len(source)
        source = "".join((*kept, source[position:]))
    return source


def _quote_prefixed(text: str) -> str:
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        opened, closed = line.count(_OPEN), line.count(_CLOSE)
        depth += opened
        shown = line.replace(_OPEN, "").replace(_CLOSE, "").rstrip() if opened or closed else line.rstrip()
        if shown.strip() or not (opened or closed):
            lines.append("> " * min(depth, 5) + shown if depth else shown)
        depth = max(depth - closed, 0)
    return "\n".join(lines)
