"""Bounces: which address did not get our letter, whether for good, and which letter it was. Pure; never raises.

Two sources: a `message/delivery-status` part (RFC 3464), and the words of a mail system (`report_text`). The bounced
letter is known by the Message-ID in the returned header. An address in a bounce is evidence, never an identity. A
report that everything arrived ("delivered", "relayed") is no bounce. A report inside an attached mail is somebody
else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.model.mails import BounceRecipient
from mailbot.parsers.mail import headers as header_fields
from mailbot.parsers.mail import report_text
from mailbot.parsers.mail.headers import Headers
from mailbot.parsers.mail.mime import Mail
from mailbot.parsers.mail.own import Own

MAX_RECIPIENTS = 100
MAX_TEXT = 60_000
_ARRIVED = {"delivered", "relayed", "expanded"}
_RETURNED = {"text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"}
_OUR_ID = re.compile(r"mb-[a-z2-7]{26}@[A-Za-z0-9.-]{1,255}", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounce, read. `evidence` is French."""

    recipients: tuple[BounceRecipient, ...]
    message_ids: tuple[str, ...]
    evidence: str


def read(mail: Mail, text: str, own: Own) -> Bounce | None:
    """The bounce that this mail is, or None."""
    shown, subject = text[:MAX_TEXT], mail.headers.shown("subject")
    failed = mail.headers.get("x-failed-recipients")
    parts = [part for part in mail.parts if part.depth_of_mail == 0]
    statuses = [part.body for part in parts if part.content.type.endswith("/delivery-status")]
    if statuses:
        recipients = tuple(_recipients(statuses))[:MAX_RECIPIENTS]
        if recipients and all(recipient.action in _ARRIVED for recipient in recipients):
            return None
        recipients = recipients or report_text.recipients(shown, subject, failed, own)
        return Bounce(recipients, _message_ids(mail, text), "avis de remise (message/delivery-status, RFC 3464)")
    if not from_mail_system(mail.headers) or not report_text.tells(shown, subject, bool(failed)):
        return None
    evidence = "message d’un système de messagerie qui dit une remise impossible (texte libre)"
    return Bounce(report_text.recipients(shown, subject, failed, own), _message_ids(mail, text), evidence)


def from_mail_system(headers: Headers) -> bool:
    """True for an empty return path or a From that only mail systems have."""
    shown = header_fields.words(headers.get("from"))[:500]
    address = header_fields.strict_sender(headers) or shown.rpartition("<")[2]
    return null_return_path(headers) or report_text.is_mail_system(address.strip(' "<>'), shown)


def null_return_path(headers: Headers) -> bool:
    return headers.get("return-path").replace(" ", "") == "<>"


def _recipients(statuses: list[bytes]) -> Iterable[BounceRecipient]:
    for status in statuses:
        groups = re.split(rb"(?:\r?\n){2,}", status[:MAX_TEXT].strip())
        for group in groups[: MAX_RECIPIENTS + 1]:
            fields = header_fields.split(group).headers
            address = fields.get("final-recipient") or fields.get("original-recipient")
            if not address:
                continue
            action = fields.get("action").partition("(")[0].strip().lower()
            number = report_text.status(fields.get("status")[:100]) or report_text.status(
                fields.get("diagnostic-code")[:1000]
            )
            yield report_text.recipient(_recipient(address), action, number)


def _recipient(field: str) -> str:
    address = field.partition(";")[2] or field
    return address.strip().strip("<>").strip().lower()[:320]


def _message_ids(mail: Mail, text: str) -> tuple[str, ...]:
    """The Message-IDs of the returned letters: their headers first, then what our own look like in the text."""
    found: dict[str, None] = {}
    for part in mail.parts:
        if part.content.type in _RETURNED:
            value = header_fields.split(part.body.lstrip(b"\r\n")).headers.get("message-id")
            for message_id in _MESSAGE_ID.findall(value)[:1] or value.split()[:1]:
                found.setdefault(message_id)
    for message_id in _OUR_ID.findall(text):
        found.setdefault(message_id)
    return tuple(found)[:MAX_RECIPIENTS]
