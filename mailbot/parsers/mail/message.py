"""A mail, from its bytes to a `Message`: the one entry to the reading of mail. Start here.

Owns the composition: `mime` cuts the parts, `html` and `headers` give text, `quoting` the new text, `clues` the
identifiers, `report`, `automatic`, `registration` the evidence, `kinds` the kind, `verdict` what our mail exchanger
says. Pure: no clock (`now` is an argument), no file, no network. Never raises, whatever the bytes: a mail that cannot
be read is `Kind.MALFORMED` with a French warning, and shows what could be read. Limits stand in the modules that owe
them; a mail beyond a limit of structure is malformed, a text beyond `MAX_TEXT` is cut with a warning.
Warnings hold no personal data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from mailbot.model.mails import Clues, Kind, Message
from mailbot.parsers import identifiers
from mailbot.parsers.mail import absence, automatic, body, clues, containers, kinds, mime, quoting, report, verdict
from mailbot.parsers.mail import headers as header_fields
from mailbot.parsers.mail.headers import Headers
from mailbot.parsers.mail.mime import Mail
from mailbot.parsers.mail.own import Own

__all__ = ["Own", "as_json", "as_json_bytes", "damaged", "read"]

MAX_TEXT = body.MAX_TEXT
MAX_REFERENCES = 200
_MAX_QUOTED = 60_000  # characters of quoted text in which identifiers are looked for: three of our longest letters
_DAMAGED = 160 * 1024  # bytes of a mail that could not be read that are shown

_ID = re.compile(r"<([^<>]{1,998})>")
_NO_DOCUMENT = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "message/rfc822",
}
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read(raw: bytes, now: datetime, own: Own) -> Message:
    """Read a mail. `now` only completes dates without a year; `own` are our addresses."""
    mail = mime.open_mail(raw)
    containers.open_all(mail)
    headers = mail.headers
    text, warnings = body.marked_text(mail)
    plain = quoting.unmarked(text)
    facts = _facts(mail, text, plain, own)
    kind, evidence = kinds.decide(facts)
    sent = header_fields.sent_at(headers)
    away = kind is Kind.AUTO_REPLY
    return Message(
        message_id=facts.message_id,
        from_=header_fields.shown_from(headers),
        sender=facts.sender,
        to=header_fields.addresses(headers, "to"),
        subject=facts.subject,
        date=sent,
        kind=kind,
        text=plain,
        reply_text=facts.new_text,
        attachments=facts.attachments,
        bounce=facts.bounce.recipients if facts.bounce else None,
        bounced_message_ids=facts.bounce.message_ids if facts.bounce else (),
        numeros_ps=facts.all.numeros_ps,
        numeros_facture=facts.all.numeros_facture,
        nirs=facts.all.nirs,
        tokens=facts.all.tokens,
        references=facts.references,
        auto_submitted=_never_answered(kind, headers),
        absent_until=absence.until(facts.subject, facts.new_text, (sent or now).date()) if away else None,
        verified=verdict.verified(headers, facts.sender, own.authserv_id),
        warnings=(*(f"illisible en entier : {reason}" for reason in facts.unreadable), *mail.warnings, *warnings),
        in_new_text=facts.new,
        in_subject=facts.in_subject,
        in_route=facts.in_route,
        in_quoted=facts.in_quoted,
        evidence=(evidence, *_places(facts)),
        signature=facts.signature,
    )


def damaged(raw: bytes, reason: str) -> Message:
    """What can be shown of a mail that could not be read (`reason`, French): sender, subject, the start of its text.

    Looks at a bounded part of the bytes only, in one walk: safe for whatever made the reading fail.
    """
    block = header_fields.split(raw[:_DAMAGED])
    headers = block.headers
    return Message(
        message_id=headers.get("message-id").strip(),
        from_=header_fields.shown_from(headers),
        sender=header_fields.strict_sender(headers),
        to=header_fields.addresses(headers, "to"),
        subject=headers.shown("subject"),
        date=header_fields.sent_at(headers),
        kind=Kind.MALFORMED,
        text=header_fields.printable(header_fields.eight_bit(block.body)).replace("\r\n", "\n").strip(),
        reply_text="",
        attachments=(),
        bounce=None,
        bounced_message_ids=(),
        numeros_ps=(),
        numeros_facture=(),
        nirs=(),
        tokens=(),
        references=(),
        auto_submitted=True,
        absent_until=None,
        verified=None,
        warnings=(f"illisible en entier : {reason}",),
    )


def _facts(mail: Mail, text: str, plain: str, own: Own) -> kinds.Facts:
    """What the kind is decided from. Identifiers: new text, subject, headers of the route, then quoted text.

    `text` bears the marks of HTML, `plain` does not.
    """
    headers = mail.headers
    written = _split(mail, text)
    subject = headers.shown("subject")
    recipients = header_fields.addresses(headers, "to", "cc", *_DELIVERED)
    references = _ids(headers.all("in-reply-to") + headers.all("references"))
    new, in_subject = clues.find(written.new), clues.find(subject)
    routed = Clues(tokens=tuple(dict.fromkeys(_header_tokens(references, recipients, own))))
    below = clues.find("\n".join((written.rest[:_MAX_QUOTED], *body.forwarded(mail)))[: 2 * _MAX_QUOTED])
    attachments = tuple(body.attachments(mail))
    return kinds.Facts(
        headers=headers,
        own=own,
        message_id=headers.get("message-id").strip(),
        sender=header_fields.strict_sender(headers),
        recipients=recipients,
        subject=subject,
        new_text=written.new,
        signature=written.signature,
        report_type=mail.content.report_type,
        brings_document=any(item.content_type not in _NO_DOCUMENT for item in attachments),
        attachments=attachments,
        bounce=report.read(mail, plain, own),
        unreadable=_unreadable(mail),
        new=new,
        in_subject=in_subject,
        in_route=routed,
        in_quoted=below,
        all=_joined(new, in_subject, routed, below),
        references=references,
    )


def _split(mail: Mail, text: str) -> quoting.Written:
    """The text taken apart. Where the sender announces answers inside the quoted mail, its HTML shows their colours."""
    written = quoting.split(text)
    if quoting.announces(written.new):
        coloured, _ = body.marked_text(mail, prefer_html=True)
        if quoting.COLOURED in coloured:
            return quoting.split(coloured)
    return written


def _places(facts: kinds.Facts) -> Iterable[str]:
    """Evidence: what was named, and where it was found first."""
    known = Clues()
    named = (
        ("dans le texte nouveau", facts.new),
        ("dans l’objet", facts.in_subject),
        ("dans les en-têtes", facts.in_route),
        ("dans le texte cité", facts.in_quoted),
    )
    for place, found in named:
        more = clues.told(_without(found, known))
        if more:
            yield f"{place} : {more}"
        known = _joined(known, found)


def _without(found: Clues, known: Clues) -> Clues:
    """What is not known already, invoice numbers compared as numbers."""
    numbers = {identifiers.numero_facture(number) for number in known.numeros_facture}
    return Clues(
        numeros_ps=tuple(one for one in found.numeros_ps if one not in known.numeros_ps),
        numeros_facture=tuple(one for one in found.numeros_facture if identifiers.numero_facture(one) not in numbers),
        nirs=tuple(one for one in found.nirs if one not in known.nirs),
        tokens=tuple(one for one in found.tokens if one not in known.tokens),
    )


def _never_answered(kind: Kind, headers: Headers) -> bool:
    automatic_kind = kind in (Kind.BOUNCE, Kind.AUTO_REPLY, Kind.LOOP)
    return automatic_kind or bool(automatic.never_answered(headers)) or report.from_mail_system(headers)


def as_json(message: Message) -> dict[str, Any]:
    """The `inspect` object of contracts.md: JSON-ready values, attachments without their content."""
    bounce = None
    if message.bounce is not None:
        names = ("address", "action", "status", "permanent")
        bounce = {"recipients": [{name: getattr(found, name) for name in names} for found in message.bounce]}
    return {
        "message_id": message.message_id,
        "from": message.from_,
        "to": list(message.to),
        "subject": message.subject,
        "date": message.date.isoformat() if message.date else None,
        "kind": message.kind.value,
        "text": message.text,
        "reply_text": message.reply_text,
        "attachments": [
            {"filename": item.filename, "content_type": item.content_type, "size": item.size, "sha256": item.sha256}
            for item in message.attachments
        ],
        "bounce": bounce,
        "numeros_ps": list(message.numeros_ps),
        "numeros_facture": list(message.numeros_facture),
        "nirs": list(message.nirs),
        "tokens": list(message.tokens),
        "warnings": list(message.warnings),
    }


def as_json_bytes(message: Message) -> bytes:
    """The same as UTF-8 text."""
    told = as_json(message)
    try:
        return orjson.dumps(told)
    except TypeError:  # half a surrogate pair, which UTF-8 has no bytes for
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _unreadable(mail: Mail) -> tuple[str, ...]:
    """Why the mail counts as malformed (French): no header at all, or a limit of structure was passed."""
    return (*(("aucun en-tête",) if not mail.headers.fields else ()), *mail.exceeded)


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    """Message-IDs without their brackets, each once, odd ones as they are."""
    found: dict[str, None] = {}
    for value in values:
        for message_id in _ID.findall(value):
            found.setdefault(message_id.strip())
    return tuple(found)[:MAX_REFERENCES]


def _header_tokens(references: Iterable[str], recipients: Iterable[str], own: Own) -> Iterable[str]:
    """Reference tokens that our letters put where a reply brings them back: Message-IDs and addresses of ours."""
    for reference in references:
        yield from clues.tokens(reference)
    for address in recipients:
        token = own.token(address)
        if token:
            yield token
        else:
            yield from clues.tokens(address)


def _joined(*places: Clues) -> Clues:
    """The clues of several places, each once by value, in the order of the places."""
    factures: dict[str, str] = {}
    for place in places:
        for written in place.numeros_facture:
            factures.setdefault(identifiers.numero_facture(written), written)
    return Clues(
        numeros_ps=tuple(dict.fromkeys(number for place in places for number in place.numeros_ps)),
        numeros_facture=tuple(factures.values()),
        nirs=tuple(dict.fromkeys(number for place in places for number in place.nirs)),
        tokens=tuple(dict.fromkeys(token for place in places for token in place.tokens)),
    )
