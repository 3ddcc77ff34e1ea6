"""Bounces: which address did not get our letter, whether for good, and which letter it was. Pure; never raises.

Three sources, the surest first: a `message/delivery-status` part (RFC 3464); a text with its status code from a mail
system (empty return path, or MAILER-DAEMON, postmaster …); a text in French or English words only. The bounced letter
is known by the Message-ID in the returned header. An address in such a text is evidence, never an identity.
Known limit: the address of a free-text bounce is the first one that is neither the mail system's nor ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.model.mails import BounceRecipient
from mailbot.parsers import headers as header_fields
from mailbot.parsers.headers import Headers
from mailbot.parsers.mime import Mail
from mailbot.parsers.own import Own

MAX_RECIPIENTS = 100
MAX_TEXT = 60_000

_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*|maildaemon)", re.IGNORECASE)
_DAEMON_NAME = re.compile(r"mail delivery (?:sub)?system|microsoft outlook|mail administrator", re.IGNORECASE)
_FAILED_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|failed)|failure notice|returned mail|mail delivery"
    r"|could not be delivered|non remis|non distribu|[ée]chec (?:de )?(?:la |de )?(?:remise|distribution"
    r"|livraison|l['’]envoi)"
    r"|impossible de remettre|remise impossible|message retourn[ée]|retour de mail|undelivered",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|warning: could not send|retard[ée]|diff[ée]r[ée]e?s?\b|temporairement|still trying", re.IGNORECASE
)
_FAILED_BODY = re.compile(
    r"n['’]a pas pu (?:[êe]tre )?(?:remis|distribu|d[ée]livr|livr|achemin)|n['’]ont pas pu [êe]tre (?:remis|distribu)"
    r"|(?:adresse|destinataire|bo[îi]te|utilisateur)[^\n]{0,60}(?:inconnue?|n['’]existe p|introuvable|pleine"
    r"|satur[ée]e|inexistante?)"
    r"|could not be delivered|couldn['’]t be delivered|user unknown|no such user|mailbox (?:is )?full|does not exist"
    r"|permanent(?:ly)? (?:fatal )?(?:errors?|failed|failure)|[ée]chec de la remise|non remis",
    re.IGNORECASE,
)
_FULL = re.compile(r"pleine|satur[ée]e|mailbox (?:is )?full|over ?quota|quota", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.])([45])(\d\d)(?=[ -])")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}[A-Za-z0-9]")
_OUR_ID = re.compile(r"mb-[a-z2-7]{26}@[A-Za-z0-9.-]{1,255}", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")
_RETURNED = re.compile(
    r"^.{0,20}(?:included is a copy|copy of the (?:message|original)|original message|message d['’]origine"
    r"|return-path:|received:"
    r"|en-t[êe]tes? (?:du|de) message|message headers)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounce, read. `evidence` is French."""

    recipients: tuple[BounceRecipient, ...]
    message_ids: tuple[str, ...]
    evidence: str


def read(mail: Mail, text: str, own: Own) -> Bounce | None:
    """The bounce that this mail is, or None."""
    statuses = [part.body for part in mail.parts if part.content.type.endswith("/delivery-status")]
    if statuses:
        recipients = tuple(_recipients(statuses))[:MAX_RECIPIENTS]
        return Bounce(recipients, _message_ids(mail, text), "avis de remise (message/delivery-status, RFC 3464)")
    text = text[:MAX_TEXT]
    subject = mail.headers.shown("subject")
    failed = _FAILED_SUBJECT.search(subject) or _DELAYED.search(subject)
    said = _FAILED_BODY.search(text)
    if not from_mail_system(mail.headers) or not (failed or said):
        return None
    evidence = "message d’un système de messagerie qui dit une remise impossible (texte libre)"
    return Bounce(_free_text(text, subject, own), _message_ids(mail, text), evidence)


def from_mail_system(headers: Headers) -> bool:
    """True for an empty return path or a From that only mail systems have."""
    shown = header_fields.words(headers.get("from"))[:500]
    address = header_fields.strict_sender(headers) or shown
    return (
        null_return_path(headers)
        or _DAEMON.match(address.strip(' "<').rpartition("<")[2]) is not None
        or _DAEMON.match(address) is not None
        or _DAEMON_NAME.search(shown) is not None
    )


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
            code = _STATUS.search(fields.get("status")[:100]) or _STATUS.search(fields.get("diagnostic-code")[:1000])
            number = code.group(1) if code else ""
            yield BounceRecipient(_recipient(address), action, number, _permanent(action, number))


def _recipient(field: str) -> str:
    address = field.partition(";")[2] or field
    return address.strip().strip("<>").strip().lower()[:320]


def _permanent(action: str, status: str) -> bool:
    return status.startswith("5") if status else action == "failed"


def _free_text(text: str, subject: str, own: Own) -> tuple[BounceRecipient, ...]:
    returned = _RETURNED.search(text)
    said = text[: returned.start()] if returned and returned.start() > 0 else text
    address = next((found for found in _ADDRESS.findall(said) if _is_recipient(found, own)), "")
    delayed = _DELAYED.search(subject) or (not _FAILED_SUBJECT.search(subject) and _DELAYED.search(said))
    code = _STATUS.search(said)
    smtp = None if code else _SMTP_CODE.search(said)
    status = code.group(1) if code else f"{smtp.group(1)}.0.0" if smtp else ""
    if not status and not delayed and _FULL.search(said):
        status = "4.2.2"
    action = "delayed" if delayed or status.startswith("4") else "failed"
    if not address and not status:
        return ()
    return (BounceRecipient(address.lower(), action, status, _permanent(action, status)),)


def _is_recipient(address: str, own: Own) -> bool:
    return not _DAEMON.match(address) and not own.is_ours(address) and not _OUR_ID.fullmatch(address)


def _message_ids(mail: Mail, text: str) -> tuple[str, ...]:
    """The Message-IDs of the returned letters: their headers first, then what our own look like in the text."""
    found: dict[str, None] = {}
    for part in mail.parts:
        if part.content.type in {"text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"}:
            value = header_fields.split(part.body.lstrip(b"\r\n")).headers.get("message-id")
            for message_id in _MESSAGE_ID.findall(value)[:1] or value.split()[:1]:
                found.setdefault(message_id)
    for message_id in _OUR_ID.findall(text):
        found.setdefault(message_id)
    return tuple(found)[:MAX_RECIPIENTS]
