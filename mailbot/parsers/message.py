"""A mail, from its bytes to a `Message`: the one entry to the reading of mail. Start here.

Owns the composition: `mime` cuts the parts, `html` and `headers` give text, `quoting` the new text, `clues` the
identifiers, `report`, `automatic`, `registration` the evidence, `kinds` the kind, `verdict` what our mail exchanger
says. Pure: no clock (`now` is an argument), no file, no network. Never raises, whatever the bytes: a mail that cannot
be read is `Kind.MALFORMED` with a French warning, and shows what could be read. Limits stand in the modules that owe
them; a mail beyond a limit of structure is malformed, a text beyond `MAX_TEXT` is cut with a warning.
Warnings hold no personal data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mailbot.model.mails import Attachment, Clues, Kind, Message
from mailbot.parsers import automatic, clues, html, identifiers, kinds, mime, quoting, report, verdict
from mailbot.parsers import headers as header_fields
from mailbot.parsers.headers import Headers
from mailbot.parsers.mime import Mail, Part
from mailbot.parsers.own import Own

__all__ = ["Own", "as_json", "read"]

MAX_TEXT = 400_000  # characters of text kept of one mail
MAX_REFERENCES = 200

_ID = re.compile(r"<([^<>]{1,998})>")
_STUB = re.compile(r"\bhtml\b", re.IGNORECASE)
_REPORT_PARTS = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/global-headers"}
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read(raw: bytes, now: datetime, own: Own) -> Message:
    """Read a mail. `now` only completes dates without a year; `own` are our addresses."""
    mail = mime.open_mail(raw)
    headers = mail.headers
    text, warnings = _text(mail)
    facts = _facts(mail, text, own)
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
        text=text,
        reply_text=facts.new_text,
        attachments=tuple(_attachments(mail)),
        bounce=facts.bounce.recipients if facts.bounce else None,
        bounced_message_ids=facts.bounce.message_ids if facts.bounce else (),
        numeros_ps=facts.all.numeros_ps,
        numeros_facture=facts.all.numeros_facture,
        nirs=facts.all.nirs,
        tokens=facts.all.tokens,
        references=facts.references,
        auto_submitted=_never_answered(kind, headers),
        absent_until=automatic.absent_until(facts.subject, facts.new_text, (sent or now).date()) if away else None,
        verified=verdict.verified(headers, facts.sender, own.authserv_id),
        warnings=(*(f"illisible en entier : {reason}" for reason in facts.unreadable), *mail.warnings, *warnings),
        in_new_text=facts.new,
        in_subject=facts.in_subject,
        evidence=(evidence,),
    )


def _facts(mail: Mail, text: str, own: Own) -> kinds.Facts:
    """What the kind is decided from. Identifiers: new text, subject, headers of the route, then quoted text."""
    headers = mail.headers
    new_text, quoted = quoting.split(text)
    subject = headers.shown("subject")
    recipients = header_fields.addresses(headers, "to", "cc", *_DELIVERED)
    references = _ids(headers.all("in-reply-to") + headers.all("references"))
    new, in_subject = clues.find(new_text), clues.find(subject)
    routed = Clues(tokens=tuple(_header_tokens(references, recipients, own)))
    below = clues.find("\n".join((quoted, *_forwarded(mail))))
    return kinds.Facts(
        headers=headers,
        own=own,
        message_id=headers.get("message-id").strip(),
        sender=header_fields.strict_sender(headers),
        recipients=recipients,
        subject=subject,
        new_text=new_text,
        report_type=mail.content.report_type,
        bounce=report.read(mail, text, own),
        unreadable=_unreadable(mail),
        new=new,
        in_subject=in_subject,
        all=_joined(new, in_subject, routed, below),
        references=references,
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


def _unreadable(mail: Mail) -> tuple[str, ...]:
    """Why the mail counts as malformed (French): no header at all, or a limit of structure was passed."""
    return (*(("aucun en-tête",) if not mail.headers.fields else ()), *mail.exceeded)


def _text(mail: Mail) -> tuple[str, tuple[str, ...]]:
    """The whole body as text: of an alternative the plain text, else the HTML; other texts in their order."""
    own_parts = [part for part in mail.parts if part.depth_of_mail == 0 and _is_text(part)]
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
    text = html.to_text(text) if part.content.type == "text/html" else text
    return header_fields.printable(text.replace("\r\n", "\n").replace("\r", "\n"))


def _forwarded(mail: Mail) -> Iterable[str]:
    """The texts of mails attached to this one: quoted text, as far as identifiers are concerned."""
    for part in mail.parts:
        if part.depth_of_mail and _is_text(part):
            yield _part_text(part)


def _attachments(mail: Mail) -> Iterable[Attachment]:
    """Everything that is neither the text of this mail nor the machine part of a report."""
    for part in mail.parts:
        if part.depth_of_mail or _is_text(part) or part.content.type in _REPORT_PARTS | _RETURNED_HEADERS:
            continue
        if not part.body and not part.content.filename:
            continue
        digest = hashlib.sha256(part.body).hexdigest()
        yield Attachment(part.content.filename, part.content.type, len(part.body), digest, part.body)


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
        yield from clues.find(reference).tokens
    for address in recipients:
        token = own.token(address)
        if token:
            yield token
        else:
            yield from clues.find(address).tokens


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
