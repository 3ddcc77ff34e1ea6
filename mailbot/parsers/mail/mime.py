"""The bytes of a mail as a flat list of its parts, under limits. Owns the splitting of MIME and the transfer encodings.

The parts are cut by hand rather than by the standard library: its parser recurses as deep as the mail says, reads every
header of every part in full and is quadratic in several places, so that limits would have to be guessed beforehand.
Here each limit stands where the thing happens. Never raises; a mail beyond a limit says so in `Mail.exceeded` and still
shows what was read before it. Received mail is never written again: an attached mail keeps its bytes.
Known limits: uuencode inside a text stays text; what `containers` opens is one closed part here.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.parsers.mail import headers as header_fields
from mailbot.parsers.mail.headers import Content, Headers

MAX_RAW = 64 * 1024 * 1024  # bytes of a mail that are looked at
MAX_DEPTH = 12  # multipart in multipart; mails attached to mails included
MAX_PARTS = 250
_LINE_REST = re.compile(rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail. `group` names the nearest multipart/alternative around it (0: none).

    `depth_of_mail` counts the attached mails around it: 0 for what this mail says itself.
    """

    headers: Headers
    content: Content
    body: bytes  # transfer encoding undone
    group: int
    depth_of_mail: int


@dataclass(slots=True)
class Mail:
    """The fields of the mail, its leaves in file order, the limits it broke and other warnings (French)."""

    headers: Headers
    content: Content
    parts: list[Part] = field(default_factory=list)
    exceeded: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    groups: int = 0


def open_mail(raw: bytes) -> Mail:
    """Split a mail into its parts."""
    block = header_fields.split(raw[:MAX_RAW])
    mail = Mail(block.headers, header_fields.content(block.headers))
    mail.exceeded.extend(block.exceeded)
    mail.warnings.extend(block.warnings)
    if len(raw) > MAX_RAW:
        mail.exceeded.append(f"message de plus de {MAX_RAW // 1024 // 1024} Mo")
    _walk(mail, block.headers, mail.content, block.body, depth=0, group=0, depth_of_mail=0)
    return mail


def _walk(
    mail: Mail, headers: Headers, content: Content, body: bytes, *, depth: int, group: int, depth_of_mail: int
) -> None:
    if len(mail.parts) >= MAX_PARTS:
        _once(mail.exceeded, f"plus de {MAX_PARTS} parties")
        return
    if depth > MAX_DEPTH:
        _once(mail.exceeded, f"plus de {MAX_DEPTH} niveaux de parties imbriquées")
        return
    if content.type.startswith("multipart/"):
        pieces = _pieces(mail, content.boundary, body)
        if pieces is not None:
            if content.type == "multipart/alternative":
                mail.groups += 1
                group = mail.groups
            for piece in pieces:
                block = header_fields.split(piece)
                _note(mail, block.exceeded)
                inner = header_fields.content(block.headers)
                _walk(mail, block.headers, inner, block.body, depth=depth + 1, group=group, depth_of_mail=depth_of_mail)
            return
        _once(mail.warnings, "parties annoncées mais introuvables : le message est lu comme un texte")
        content = Content("text/plain", content.charset, "", "", "", "")
    encoding = headers.get("content-transfer-encoding").strip().lower()
    decoded = _undo(encoding, body)
    mail.parts.append(Part(headers, content, decoded, group, depth_of_mail))
    if content.type == "message/rfc822":
        block = header_fields.split(decoded)
        _note(mail, block.exceeded)
        inner = header_fields.content(block.headers)
        _walk(mail, block.headers, inner, block.body, depth=depth + 1, group=0, depth_of_mail=depth_of_mail + 1)


def _pieces(mail: Mail, boundary: str, body: bytes) -> list[bytes] | None:
    """The bodies between the boundary lines; None when there is no such line. A missing end line is forgiven."""
    mark = boundary.encode("utf-8", "replace")
    if not mark or len(mark) > 300:
        return None
    pieces: list[bytes] = []
    start: int | None = None
    for line_start, line_end, is_last in _boundary_lines(mark, body):
        if start is not None:
            pieces.append(_without_last_line_end(body[start:line_start]))
        start = line_end
        if is_last:
            return pieces
        if len(pieces) > MAX_PARTS:
            _once(mail.exceeded, f"plus de {MAX_PARTS} parties")
            return pieces
    if start is None:
        return None
    pieces.append(body[start:])
    _once(mail.warnings, "message tronqué : la fin de la dernière partie manque")
    return pieces


def _boundary_lines(mark: bytes, body: bytes) -> Iterator[tuple[int, int, bool]]:
    """The lines that hold the boundary alone: start, end, and whether it is the last (RFC 2046 §5.1.1).

    A plain search for the mark, not one expression for the line: the mark is rare, line starts are everywhere.
    """
    mark = b"--" + mark
    at = body.find(mark)
    while at >= 0:
        if at == 0 or body[at - 1] in b"\r\n":
            rest = _LINE_REST.match(body, at + len(mark))
            if rest:
                yield at, rest.end(), bool(rest.group(1))
        at = body.find(mark, at + len(mark))


def _without_last_line_end(piece: bytes) -> bytes:
    for end in (b"\r\n", b"\n", b"\r"):
        if piece.endswith(end):
            return piece[: -len(end)]
    return piece


def _undo(encoding: str, body: bytes) -> bytes:
    if encoding == "base64":
        return header_fields.base64(body)
    if encoding == "quoted-printable":
        return a2b_qp(body)
    return body


def _note(mail: Mail, exceeded: tuple[str, ...]) -> None:
    for reason in exceeded:
        _once(mail.exceeded, reason)


def _once(reasons: list[str], reason: str) -> None:
    if reason not in reasons:
        reasons.append(reason)
