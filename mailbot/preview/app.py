"""Path -> answer: the whole web application as one function without a socket.

Every route reads. The name by which we were called must be the loopback's: a page elsewhere that makes a browser take
its own name for 127.0.0.1 (DNS rebinding) gets nothing. Pages load nothing but our own style and script, mails nothing
at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from mailbot.preview import dark, views
from mailbot.preview.gallery import Gallery, View

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_HTML = "text/html; charset=utf-8"
_APP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: A mail: its own styles, pictures that it carries itself, and nothing else.
_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)
_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(gallery: Gallery, method: str, target: str, host: str, port: int) -> Answer:
    """What to say to one request. `host` is the Host header, `port` the one that we listen on."""
    if host.lower() not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return _answer(421, "text/plain; charset=utf-8", f"Ouvrez http://127.0.0.1:{port}/\n", _APP)
    if method not in ("GET", "HEAD"):
        return _answer(405, "text/plain; charset=utf-8", "Cet aperçu ne fait que montrer.\n", _APP, Allow="GET, HEAD")
    parts = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    path = unquote(parts.path)
    for pattern, route in _ROUTES:
        found = re.fullmatch(pattern, path)
        if found:
            try:
                return route(gallery.view(), found.groups(), query)
            except LookupError:
                break
    return _answer(404, _HTML, views.missing(gallery.view()), _APP)


def _overview(view: View, _: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    return _answer(200, _HTML, views.overview(view), _APP)


def _kind(view: View, parts: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    view.context(parts[0], int(parts[1]))
    return _answer(200, _HTML, views.letter(view, parts[0], int(parts[1])), _APP)


def _mail(view: View, parts: tuple[str, ...], query: Mapping[str, str]) -> Answer:
    page = view.html(parts[0], int(parts[1]))
    return _answer(200, _HTML, dark.switched(page, query.get("mode") == "sombre"), _MAIL)


def _text(view: View, parts: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    return _answer(200, "text/plain; charset=utf-8", view.text(parts[0], int(parts[1])), _MAIL)


def _pdf(view: View, parts: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    # A browser shows a PDF with a viewer of its own, which a policy would stop.
    return Answer(200, "application/pdf", view.pdf(parts[0], int(parts[1])), dict(_ALWAYS))


def _difference(view: View, parts: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    return _answer(200, _HTML, views.difference(view, view.difference(parts[0])), _APP)


def _state(view: View, _: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    return _answer(200, "application/json", json.dumps({"version": view.version}), _APP)


def _static(_view: View, parts: tuple[str, ...], _query: Mapping[str, str]) -> Answer:
    path = _STATIC / parts[0]
    return _answer(200, _TYPES[path.suffix], path.read_text(encoding="utf-8"), _APP)


_SAMPLE = r"([a-z_]{1,40})/([0-9]{1,4})"
_ROUTES: tuple[tuple[str, Callable[[View, tuple[str, ...], Mapping[str, str]], Answer]], ...] = (
    (r"/", _overview),
    (rf"/courrier/{_SAMPLE}", _kind),
    (rf"/page/{_SAMPLE}", _mail),
    (rf"/texte/{_SAMPLE}", _text),
    (rf"/pdf/{_SAMPLE}", _pdf),
    (r"/ecart/((?:reponses|textes|templates)/[^/]{1,100})", _difference),
    (r"/etat", _state),
    (r"/(apercu\.(?:css|js))", _static),
)


def _answer(status: int, content_type: str, body: str, policy: str, **more: str) -> Answer:
    return Answer(status, content_type, body.encode(), {**_ALWAYS, "Content-Security-Policy": policy, **more})
