"""Mails inside one closed part: S/MIME signatures and winmail.dat are opened, encrypted mail is reported. Pure.

Owns the replacement of such a part by the parts that it holds, within the limits of `mime`. Never raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mailbot.parsers.mail import mime, smime, tnef
from mailbot.parsers.mail.headers import Content, Headers
from mailbot.parsers.mail.mime import Mail, Part

_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
MAX_NESTED = 3  # signed in signed, and what else people do


def open_all(mail: Mail) -> None:
    """Replace the closed parts of a mail by what they hold; what stays closed stays an attachment, with a warning."""
    for _ in range(MAX_NESTED):
        parts = [inner for part in mail.parts for inner in _opened(mail, part)]
        if parts == mail.parts:
            return
        if len(parts) > mime.MAX_PARTS:
            _warn(mail.exceeded, f"plus de {mime.MAX_PARTS} parties")
        mail.parts[:] = parts[: mime.MAX_PARTS]


def _opened(mail: Mail, part: Part) -> Iterator[Part]:
    if part.content.type in _SMIME:
        return _smime(mail, part)
    if part.content.type in _TNEF or part.content.filename.lower() == "winmail.dat":
        return _tnef(mail, part)
    if part.content.type == "application/pgp-encrypted":
        _warn(mail.warnings, "message chiffré (PGP) : son texte ne peut pas être lu")
    return iter((part,))


def _smime(mail: Mail, part: Part) -> Iterator[Part]:
    signed = smime.signed_content(part.body)
    if not signed:
        if smime.is_encrypted(part.body):
            _warn(mail.warnings, "message chiffré (S/MIME) : son texte ne peut pas être lu")
        yield part
        return
    inside = mime.open_mail(signed)
    for reason in inside.exceeded:
        _warn(mail.exceeded, reason)
    for one in inside.parts:
        group = one.group + mail.groups if one.group else 0
        yield replace(one, group=group, depth_of_mail=one.depth_of_mail + part.depth_of_mail)
    mail.groups += inside.groups


def _tnef(mail: Mail, part: Part) -> Iterator[Part]:
    package = tnef.read(part.body)
    if package is None:
        yield part
        return
    said = any(one.content.type.startswith("text/") and one.body.strip() for one in mail.parts)
    if not said and package.text.strip():
        yield _part(part, "text/plain", "", package.text.encode("utf-8", "replace"))
    elif not said and package.html:
        yield _part(part, "text/html", "", package.html)
    elif not said and package.rtf_only:
        _warn(mail.warnings, "texte au format RTF dans winmail.dat : il n’a pas été lu")
    for file in package.files:
        yield _part(part, "application/octet-stream", file.name[:255] or "pièce jointe", file.content)
    if not package.files:
        yield part


def _part(part: Part, kind: str, filename: str, body: bytes) -> Part:
    charset = "utf-8" if kind == "text/plain" else ""
    disposition = "attachment" if filename else ""
    return Part(Headers(()), Content(kind, charset, "", filename, disposition, ""), body, 0, part.depth_of_mail)


def _warn(reasons: list[str], reason: str) -> None:
    if reason not in reasons:
        reasons.append(reason)
