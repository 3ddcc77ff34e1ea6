"""What a mail says and brings: its text, the mails attached to it, its attachments. Pure; never raises.

Owns the choice of the parts that are text (of an alternative the plain one, else the HTML), and the limit on text. The
text comes with the marks that `quoting` reads; `quoting.unmarked` takes them away.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from mailbot.model.mails import Attachment
from mailbot.parsers.mail import headers as header_fields
from mailbot.parsers.mail import html, quoting
from mailbot.parsers.mail.mime import Mail, Part

MAX_TEXT = 400_000  # characters of text kept of one mail

_STUB = re.compile(r"\bhtml\b", re.IGNORECASE)
_REPORT_PARTS = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/global-headers"}


def marked_text(mail: Mail, *, prefer_html: bool = False) -> tuple[str, tuple[str, ...]]:
    """The whole body as text, and warnings (French)."""
    own_parts = [part for part in mail.parts if part.depth_of_mail == 0 and _is_text(part)]
    if prefer_html:
        plain_groups = {part.group for part in own_parts} - {
            part.group for part in own_parts if part.content.type == "text/html"
        }
    else:
        plain_groups = {part.group for part in own_parts if part.group and _says_something(part)}
    chosen = [
        part
        for part in own_parts
        if not part.group or (part.content.type == "text/plain") == (part.group in plain_groups)
    ]
    texts: list[str] = []
    room = MAX_TEXT
    for part in chosen:
        text = _part_text(part).strip("\n") if room > 0 else ""
        if text.strip():
            texts.append(text[:room])
            room -= len(text)
    warnings = (f"texte coupé à {MAX_TEXT} caractères",) if room < 0 else ()
    return "\n\n".join(texts).strip(), warnings


def forwarded(mail: Mail) -> Iterable[str]:
    """The texts of mails attached to this one: quoted text, as far as identifiers are concerned."""
    for part in mail.parts:
        if part.depth_of_mail and _is_text(part):
            yield quoting.unmarked(_part_text(part))


def attachments(mail: Mail) -> Iterable[Attachment]:
    """Everything that is neither the text of this mail nor the machine part of a report."""
    for part in mail.parts:
        if part.depth_of_mail or _is_text(part) or part.content.type in _REPORT_PARTS | _RETURNED_HEADERS:
            continue
        if not part.body and not part.content.filename:
            continue
        digest = hashlib.sha256(part.body).hexdigest()
        yield Attachment(part.content.filename, part.content.type, len(part.body), digest, part.body)


def _is_text(part: Part) -> bool:
    content = part.content
    return content.type in {"text/plain", "text/html"} and content.disposition != "attachment" and not content.filename


def _says_something(part: Part) -> bool:
    """A plain text that is more than an apology for HTML."""
    if part.content.type != "text/plain":
        return False
    said = part.body[:400].strip()
    return bool(said) and not (len(said) < 300 and _STUB.search(said.decode("latin-1")))


def _part_text(part: Part) -> str:
    text = header_fields.decode(part.body[: 4 * MAX_TEXT], part.content.charset)
    text = html.to_marked(text) if part.content.type == "text/html" else quoting.unmarked(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return header_fields.printable(text)
