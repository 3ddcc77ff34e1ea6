"""The corpus of mails: from the YAML of tests/mails/corpus to raw bytes, as each mail program writes them.

A file is a mail program. `text` and `html` are its own forms of a reply: `{{reply}}` is what the PS wrote, `{{letter}}`
our bordereau (letter.txt, letter.html: a real one of the demo), `{{> letter}}` the same with "> " before each line. A
mail gives its reply and what must be understood of it (`expects`, in the words of test_corpus.py); what it does not
give, it has from its file, and what neither gives from `DEFAULTS`. A mail with `raw` is written out whole.
"""

from __future__ import annotations

import base64
import binascii
import html
from dataclasses import dataclass
from email.header import Header
from pathlib import Path
from typing import Any

from mailbot.configuration.document import read_yaml

FOLDER = Path(__file__).parent / "mails" / "corpus"
LETTER = (FOLDER / "letter.txt").read_text("utf-8").rstrip("\n")
LETTER_HTML = (FOLDER / "letter.html").read_text("utf-8").rstrip("\n")
TOKEN = "sml3hd5jrrkybzdrdnskml3y3q"
IN_LETTER = {"factures": ["K312", "K313"], "ps": ["294099668"], "tokens": [TOKEN]}
IN_ROUTE = {"tokens": [TOKEN]}
DEFAULTS: dict[str, Any] = {
    "from": "Cabinet Delaunoy <kine.delaunoy@example.fr>",
    "to": f"reponse+{TOKEN}@example.fr",
    "subject": "Re: 2 factures refusées – PS 294099668",
    "date": "Mon, 02 Mar 2026 10:24:31 +0100",
    "charset": "utf-8",
    "encoding": "quoted-printable",
    "eol": "crlf",
    "boundary": "=_limite_7c1f0e",
    "line": "<div>{}</div>",
    "blank": "<div><br></div>",
    "shape": "both",
    "attached": [],
    "headers": {},
    "thread": True,
}
_EOL = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}


@dataclass(frozen=True, slots=True)
class Case:
    """A mail of the corpus and what must be understood of it. `name` is one readable line."""

    name: str
    raw: bytes
    expects: dict[str, Any]


def cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _cases(path)]


def _cases(path: Path) -> list[Case]:
    book = read_yaml(path.read_text("utf-8"), path.name).data
    return [_case(path.stem, {**DEFAULTS, **book.get("program", {}), **mail}) for mail in book["mails"]]


def _case(style: str, mail: dict[str, Any]) -> Case:
    shapes = "" if "raw" in mail else f" ({mail['shape']})"
    raw = _whole(mail) if "raw" in mail else _reply(mail)
    return Case(f"{style}: {mail['name']}{shapes}", raw, _expects(mail))


def _expects(mail: dict[str, Any]) -> dict[str, Any]:
    """What is said of the mail, with what goes without saying: an ordinary reply that quotes our letter."""
    said = mail.get("expects") or {}
    if "raw" in mail:
        return said
    quotes = "letter" in mail.get("text", "") + mail.get("html", "")
    return {
        "kind": "reply",
        "new": mail.get("reply", "").strip("\n"),
        "in_subject": {"ps": ["294099668"]} if mail["subject"] == DEFAULTS["subject"] else {},
        "in_route": IN_ROUTE if mail["thread"] or TOKEN in mail["to"] else {},
        "in_quoted": IN_LETTER if quotes else {},
        "in_new": {},
        "attached": [one["name"] for one in mail["attached"]],
        "warnings": [],
        **said,
    }


# -- bytes ----------------------------------------------------------------------------------------------------------


def _whole(mail: dict[str, Any]) -> bytes:
    text = _filled(mail["raw"], mail)
    return text.encode(mail["charset"]).replace(b"\n", _EOL[mail["eol"]])


def _reply(mail: dict[str, Any]) -> bytes:
    shape = mail["shape"]
    parts = []
    if shape in ("text", "both"):
        parts.append(_part("text/plain", _filled(mail["text"], mail), mail))
    if shape in ("html", "both"):
        parts.append(_part("text/html", _filled(mail["html"], mail, as_html=True), mail))
    body = _multipart("alternative", parts, mail["boundary"] + "a") if len(parts) > 1 else parts[0]
    if mail["attached"]:
        body = _multipart("mixed", [body, *map(_attachment, mail["attached"])], mail["boundary"])
    return (_headers(mail) + body).replace(b"\r\n", b"\n").replace(b"\n", _EOL[mail["eol"]])


def _headers(mail: dict[str, Any]) -> bytes:
    fields = {
        "From": mail["from"],
        "To": mail["to"],
        "Subject": Header(mail["subject"], mail["charset"]).encode(),
        "Date": mail["date"],
        "Message-ID": mail.get("message_id", "<4f1c2a7e.7060@poste.example.fr>"),
        **({"In-Reply-To": f"<mb-{TOKEN}@example.fr>"} if mail["thread"] else {}),
        **({"References": f"<mb-{TOKEN}@example.fr>"} if mail["thread"] else {}),
        "MIME-Version": "1.0",
        **mail["headers"],
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()).encode("utf-8")


def _part(kind: str, text: str, mail: dict[str, Any]) -> bytes:
    raw = text.encode(mail["charset"], "xmlcharrefreplace")
    declared = mail.get("declared", mail["charset"])
    parameters = f"; charset={declared}" if declared else ""
    head = f"Content-Type: {kind}{parameters}\nContent-Transfer-Encoding: {mail['encoding']}\n\n"
    return head.encode() + _encoded(raw, mail["encoding"])


def _encoded(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(raw)
    return binascii.b2a_qp(raw) if encoding == "quoted-printable" else raw


def _attachment(one: dict[str, Any]) -> bytes:
    kind, name = one.get("type", "application/octet-stream"), Header(one["name"], "utf-8").encode()
    head = f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
    content = one.get("content", "pièce").encode("utf-8")
    if kind == "message/rfc822":
        return f"{head}\n".encode() + content
    return f"{head}Content-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(content)


def _multipart(kind: str, parts: list[bytes], boundary: str) -> bytes:
    lines = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()]
    for part in parts:
        lines.append(f"--{boundary}\n".encode() + part + b"\n")
    return b"".join(lines) + f"--{boundary}--\n".encode()


def _filled(form: str, mail: dict[str, Any], *, as_html: bool = False) -> str:
    reply = mail.get("reply", "").strip("\n")
    if as_html:
        reply = "".join(
            mail["line"].format(html.escape(line, quote=False)) if line.strip() else mail["blank"]
            for line in reply.split("\n")
        )
    quoted = "\n".join(f"> {line}" if line else ">" for line in LETTER.split("\n"))
    return (
        form.replace("{{reply}}", reply)
        .replace("{{> letter}}", quoted)
        .replace("{{letter}}", LETTER_HTML if as_html else LETTER)
    )
