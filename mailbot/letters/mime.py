"""How a letter becomes frozen bytes: headers, text and HTML parts, the PDF copy, the table.

Owns: our headers, and the promise that text from outside is inert in them. What is written by hand for speed is what
the standard library would write (headers) and reads (quoted-printable): tests/test_mime.py lets it judge. The bytes
depend on nothing but the arguments: same values, same token, same time, same bytes (boundaries come from the token).
Line ends are CRLF. There is never a Cc or Bcc: the blind copy is a transaction of its own. Raises `Never` for an
address that cannot be written.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol

from mailbot.errors import Never
from mailbot.letters import words
from mailbot.model import Draft, LetterKind

_ATEXT = r"[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+"
#: An address of plain signs stands in a header as it is (RFC 5322 §3.2.3, dot-atom).
_PLAIN = re.compile(rf"{_ATEXT}(\.{_ATEXT})*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*")
#: Longest line of a header, and of quoted-printable, in signs.
_LINE, _QP_LINE = 78, 76
#: Ends a line of quoted-printable that goes on in the next one (RFC 2045 §6.7).
_SOFT = b"=\r\n"
#: What every letter of ours says of itself.
_ALWAYS = (
    b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nContent-Language: fr\r\nMIME-Version: 1.0\r\n"
)


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
    """What one letter says. `html` is the page in pieces (`Templates.pieces`); `pdf` and `csv` are (file name, bytes),
    or None."""

    subject: str
    text: str
    html: tuple[str, ...]
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
    headers = _headers(to, contents.subject, organisation, outbox, token, message_id, now)
    content_type, body = _body(contents, token)
    return Draft(
        key=key,
        kind=kind,
        numero_ps=numero_ps,
        to=to,
        sender=sender,
        message_id=message_id,
        token_hash=hashlib.sha256(token.encode("ascii")).hexdigest(),
        raw=headers + f"Content-Type: {content_type}\r\n\r\n".encode("ascii") + body,
        not_before=now,
    )


def _headers(
    to: str, subject: str, organisation: Organisation, outbox: Outbox, token: str, message_id: str, now: datetime
) -> bytes:
    try:
        name = words.inert(organisation.name, 80)
        addresses = _folded("From", with_token(outbox.from_address, token), name) + _address("To", to)
        if outbox.reply_address:
            addresses += _address("Reply-To", with_token(outbox.reply_address, token))
        dated = f"Date: {format_datetime(now)}\r\nMessage-ID: {message_id}\r\n".encode("ascii")
    except (MessageError, ValueError, IndexError):
        # The parser of the standard library raises any of these for an address that is none.
        raise Never("l’adresse du destinataire ou de l’expéditeur ne peut pas être écrite dans un en-tête") from None
    return addresses + _subject(words.inert(subject, 200)) + dated + _ALWAYS


def _address(field: str, address: str) -> bytes:
    if len(field) + 2 + len(address) <= _LINE and _PLAIN.fullmatch(address):
        return f"{field}: {address}\r\n".encode("ascii")
    return _folded(field, address, "")


def _subject(text: str) -> bytes:
    """A number at its end, our own habit, makes each subject another one: it is written with noughts, and the number
    then takes their place, unless the library hid it in an encoded word."""
    number = text.rpartition(" ")[2]
    if number.isascii() and number.isdigit():
        noughts = "0" * len(number)
        written = _folded("Subject", text[: -len(number)] + noughts)
        if written.endswith(f" {noughts}\r\n".encode("ascii")):
            return written[: -len(number) - 2] + f"{number}\r\n".encode("ascii")
    return _folded("Subject", text)


@lru_cache(maxsize=256)
def _folded(field: str, value: str, display_name: str | None = None) -> bytes:
    """The header as the standard library writes it, which takes as long as half a page: what comes back in the next
    letter is remembered. `display_name` ("" for none) makes `value` an address."""
    message = EmailMessage(policy=SMTP)
    message[field] = value if display_name is None else Address(display_name=display_name, addr_spec=value)
    return message.as_bytes().removesuffix(b"\r\n")


def _body(contents: Contents, token: str) -> tuple[str, bytes]:
    """Content-Type and body. Written by hand: the standard library's generator goes through a long text line by line,
    which takes longer than all the rest of the letter."""
    parts = [_text_part("plain", _quoted(contents.text)), _text_part("html", _page(contents.html))]
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
    lines = [piece for part in parts for piece in (line, part)]
    return f'multipart/{subtype};\r\n boundary="{boundary}"', b"\r\n".join((*lines, line + b"--\r\n"))


def _text_part(subtype: str, encoded: bytes) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + encoded.removesuffix(_SOFT)


def _page(pieces: tuple[str, ...]) -> bytes:
    """Each piece for itself: what the template says comes back in every letter and is encoded once, most values need no
    encoding."""
    encoded = []
    for piece in pieces:
        if type(piece) is str:
            # Jinja escapes a value, which makes it a `Markup`; only its own words stay a plain `str`.
            encoded.append(_known(piece))
        elif piece.isascii() and "=" not in piece and len(piece) < _QP_LINE and piece.isprintable():
            encoded.append(piece.encode("ascii") + _SOFT)
        else:
            encoded.append(_quoted(str(piece)))
    return b"".join(encoded)


def _quoted(text: str) -> bytes:
    """Quoted-printable, in lines of its own: the last one ends softly where the text does not end a line."""
    ended = text.endswith("\n")
    # The hyphen keeps the place of the “=” that ends a line softly.
    signs = text.replace("\r\n", "\n") + ("" if ended else "-")
    lines = binascii.b2a_qp(signs.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
    return lines if ended else lines[:-1] + _SOFT


_known = lru_cache(maxsize=4096)(_quoted)


def _attachment(media: str, filename: str, content: bytes) -> bytes:
    head = (
        f"Content-Type: {media}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{filename}"\r\n\r\n'
    )
    lines = (binascii.b2a_base64(content[at : at + 57], newline=False) for at in range(0, len(content), 57))
    return head.encode("ascii") + b"\r\n".join(lines) + b"\r\n"
