"""How a letter becomes frozen bytes: headers, text and HTML parts, the PDF copy, the table.

Owns: our headers, and the promise that text from outside is inert in them. The bytes depend on nothing but the
arguments: same values, same token, same time, same bytes (boundaries come from the token). Line ends are CRLF. There is
never a Cc or Bcc: the blind copy is a transaction of its own. Raises `Never` for an address that cannot be written.
"""

from __future__ import annotations

import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from mailbot.errors import Never
from mailbot.letters import words
from mailbot.model import Draft, LetterKind


class Organisation(Protocol):
    """What letters need of `settings.Organisation`."""

    @property
    def name(self) -> str: ...
    @property
    def convention(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def postal_address(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Outbox(Protocol):
    """What letters need of `settings.Outbox`. Each address may contain `{token}`."""

    @property
    def from_address(self) -> str: ...
    @property
    def reply_address(self) -> str: ...
    @property
    def bounce_address(self) -> str: ...


class Privacy(Protocol):
    """What letters need of `settings.Privacy`."""

    @property
    def plain(self) -> str: ...
    @property
    def full_domains(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Contents:
    """What one letter says. `pdf` and `csv` are (file name, bytes), or None."""

    subject: str
    text: str
    html: str
    pdf: tuple[str, bytes] | None = None
    csv: tuple[str, bytes] | None = None


def with_token(address: str, token: str) -> str:
    """The address with `{token}` replaced."""
    return address.replace("{token}", token)


def draft(
    kind: LetterKind,
    key: str,
    numero_ps: str,
    to: str,
    contents: Contents,
    organisation: Organisation,
    outbox: Outbox,
    token: str,
    now: datetime,
) -> Draft:
    """The letter, frozen. `token` is 26 characters [a-z2-7]; `now` an aware instant."""
    sender = with_token(outbox.bounce_address or outbox.from_address, token)
    message_id = f"<mb-{token}@{outbox.from_address.rpartition('@')[2].lower()}>"
    message = EmailMessage(policy=SMTP)
    _headers(message, to, contents.subject, organisation, outbox, token, message_id, now)
    content_type, body = _body(contents, token)
    return Draft(
        key=key,
        kind=kind,
        numero_ps=numero_ps,
        to=to,
        sender=sender,
        message_id=message_id,
        token_hash=hashlib.sha256(token.encode("ascii")).hexdigest(),
        raw=message.as_bytes().removesuffix(b"\r\n") + f"Content-Type: {content_type}\r\n\r\n".encode("ascii") + body,
        not_before=now,
    )


def _headers(
    message: EmailMessage,
    to: str,
    subject: str,
    organisation: Organisation,
    outbox: Outbox,
    token: str,
    message_id: str,
    now: datetime,
) -> None:
    try:
        name = words.inert(organisation.name, 80)
        message["From"] = Address(display_name=name, addr_spec=with_token(outbox.from_address, token))
        message["To"] = Address(addr_spec=to)
        if outbox.reply_address:
            message["Reply-To"] = Address(addr_spec=with_token(outbox.reply_address, token))
    except (MessageError, ValueError, IndexError):
        # The parser of the standard library raises any of these for an address that is none.
        raise Never("l’adresse du destinataire ou de l’expéditeur ne peut pas être écrite dans un en-tête") from None
    message["Subject"] = words.inert(subject, 200)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "fr"
    message["MIME-Version"] = "1.0"


def _body(contents: Contents, token: str) -> tuple[str, bytes]:
    """Content-Type and body. Written by hand: the standard library's generator goes through a long text line by line,
    which takes longer than all the rest of the letter."""
    parts = [_text_part(contents.text, "plain"), _text_part(contents.html, "html")]
    content_type, body = _multipart("alternative", f"=_mb-{token}-a", parts)
    attached = [
        _attachment(media, *piece)
        for media, piece in (("application/pdf", contents.pdf), ("text/csv; charset=utf-8", contents.csv))
        if piece
    ]
    if not attached:
        return content_type, body
    inner = f"Content-Type: {content_type}\r\n\r\n".encode("ascii") + body
    return _multipart("mixed", f"=_mb-{token}-m", [inner, *attached])


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> tuple[str, bytes]:
    # A boundary with “=_” cannot stand in quoted-printable or base64 text (RFC 2045 §6.7).
    line = b"--" + boundary.encode("ascii")
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return f'multipart/{subtype};\r\n boundary="{boundary}"', body + line + b"--\r\n"


def _text_part(text: str, subtype: str) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    encoded = binascii.b2a_qp(text.replace("\r\n", "\n").encode("utf-8", "replace"), istext=True)
    return head.encode("ascii") + encoded.replace(b"\n", b"\r\n")


def _attachment(media: str, filename: str, content: bytes) -> bytes:
    head = (
        f"Content-Type: {media}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{filename}"\r\n\r\n'
    )
    lines = (binascii.b2a_base64(content[at : at + 57], newline=False) for at in range(0, len(content), 57))
    return head.encode("ascii") + b"\r\n".join(lines) + b"\r\n"
