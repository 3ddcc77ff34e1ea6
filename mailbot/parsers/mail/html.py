"""The HTML of a mail as text, quoted lines with "> " before them. Nothing is fetched, nothing is run.

Owns the limits on HTML. lxml parses it, `html_layout` lays it out, `html_meaning` knows what mail programs mark up as
quoted or as a signature. HTML that is too deep, too large or too broken for that loses its tags by plain expressions
instead. Never raises.
"""

from __future__ import annotations

import html
import re

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from mailbot.parsers.mail import html_layout, quoting

MAX_HTML = 1_000_000  # characters

_HIDDEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<head", "</head"), ("<title", "</title"))
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")


def to_text(source: str) -> str:
    """The visible text, a line a block, quoted lines with "> " before them."""
    return quoting.unmarked(to_marked(source))


def to_marked(source: str) -> str:
    """The same, with the marks of `quoting` at the lines of which the markup says more than the text does."""
    source = quoting.unmarked(source[:MAX_HTML])
    return _laid_out(source) or _stripped(source)


def _laid_out(source: str) -> str:
    """ "" for what is no HTML, holds no text, or passes a limit."""
    page = html_layout.Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        text: str = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, html_layout.TooMuch, ValueError):
        return ""
    return text


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
