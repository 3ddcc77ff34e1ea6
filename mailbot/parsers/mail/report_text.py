"""Bounces in words: what Postfix, Exim, qmail, Exchange, Gmail, Orange, Free, La Poste, OVH, Domino … write. Pure.

Owns the French and English words of mail systems, the recipients that such a text names, and what a status means. A
recipient's own lines, from its address to the next one, tell its status; without a code the words decide ("boîte
pleine" is 4.2.2, "différée" is a delay). Never raises. Known limit: of a text that names nobody at the start of a line
only the first address counts.
"""

from __future__ import annotations

import re

from mailbot.model.mails import BounceRecipient
from mailbot.parsers.mail.own import Own

MAX_RECIPIENTS = 100

_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|mail[-_.]?daemon|maildaemon|microsoftexchange\w*|mail-?system"
    r"|bounce-?handler)@",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail delivery (?:sub)?system|microsoft (?:outlook|exchange)|mail administrator|mailer[- ]?daemon"
    r"|(?:administrateur|system) (?:syst[èe]me|administrator)|syst[èe]me de (?:messagerie|distribution)"
    r"|delivery subsystem"
    r"|service de remise",
    re.IGNORECASE,
)
_FAILED_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|failed|report|error)|failure notice|returned mail"
    r"|mail delivery|could not be delivered|delivery unsuccessful|mail system error|non[ -](?:remis"
    r"|distribu|d[ée]livr)"
    r"|[ée]chec (?:de |d['’]|dans )?(?:la |l['’])?(?:remise|distribution|livraison|envoi|acheminement|transmission)"
    r"|impossible de (?:remettre|distribuer|d[ée]livrer|livrer)|remise impossible|message (?:retourn|refus|rejet)"
    r"|retour (?:de mail|[àa] l['’]exp[ée]diteur)|n['’]a (?:pas )?pu [êe]tre"
    r"|notification d['’][ée]tat d[e'] ?(?:la )?remise"
    r"|(?:avis|rapport|notification) de non[- ]?(?:remise|distribution)",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|delivery delay|\(delay\)|warning: (?:could not send|message)|not yet been delivered|still trying"
    r"|will (?:keep|retry)"
    r"|temporary (?:problem|failure|error)|(?<!non )retard[ée]e?|\bretard\b|diff[ée]r[ée]e?s?\b"
    r"|temporairement|temporaire\b"
    r"|sera (?:de nouveau )?(?:retent|r[ée]essay)|va r[ée]essayer|nouvelles? tentatives?"
    r"|tentative de remise se poursuit"
    r"|toujours pas (?:pu )?[êe]tre|incompl[èe]te",
    re.IGNORECASE,
)
_FAILED_BODY = re.compile(
    r"n['’](?:a|ont) (?:pas |toujours pas )?pu (?:[êe]tre )?(?:remis|distribu|d[ée]livr|livr|achemin|transmis|envoy)"
    r"|n['’]est pas parvenu|n['’]a pas atteint|pas (?:[ée]t[ée]|pu [êe]tre) (?:remis|distribu|d[ée]livr)"
    r"|(?:adresse|destinataire|bo[îi]te|utilisateur|compte|domaine)[^\n]{0,60}(?:inconnue?s?"
    r"|n['’]existe p|introuvable"
    r"|pleine|satur[ée]e|inexistante?|invalide|d[ée]sactiv|archiv|suspendu)"
    r"|could not be delivered|couldn['’]t be delivered|wasn['’]t able to deliver|unable to deliver"
    r"|delivery has failed"
    r"|user unknown|no such user|mailbox (?:is )?(?:full|unavailable)|does not exist|not listed in"
    r"|did not reach|has not yet been delivered|permanent(?:ly)? (?:fatal )?(?:errors?|failed|failure)"
    r"|[ée]chec de la (?:remise|distribution)|non remis|recipient address rejected|over ?quota",
    re.IGNORECASE,
)
_FULL = re.compile(r"pleine|satur[ée]e|mailbox (?:is )?full|over ?quota|quota", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.@])([45])\d\d(?=[ -](?![\d.]{7}))")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}[A-Za-z0-9]")
_AT_LINE_START = re.compile(
    r"^[ \t]{0,12}(?:[-*•>][ \t]?)?(?:final-recipient: ?rfc822; ?|destinataires? ?:[ \t]?|recipients?(?: address)?: ?"
    r"|to: ?|[àa] ?: ?|rcpt to:? ?)?[\"'(]?<?(?:mailto:)?(" + _ADDRESS.pattern + r")",
    re.IGNORECASE | re.MULTILINE,
)
_OUR_ID = re.compile(r"mb-[a-z2-7]{26}@.*", re.IGNORECASE)
_HELPERS = re.compile(r"(?:abuse|support|helpdesk|assistance|noc|hostmaster|admin|administrateur)@", re.IGNORECASE)
#: Where the letter that came back begins: what stands below is ours.
_RETURNED = re.compile(
    r"^.{0,20}(?:included is a copy|below this line is a copy|copy of the (?:message|original)|original message"
    r"|this is a copy of|message d['’]origine|message original|return-path:|received:"
    r"|en-t[êe]tes? (?:du|de) message|message headers|copie (?:du|de votre) message)",
    re.IGNORECASE | re.MULTILINE,
)


def is_mail_system(address: str, shown: str) -> bool:
    """A From that only mail systems have; `shown` is the whole field for people."""
    return _DAEMON.match(address) is not None or _DAEMON_NAME.search(shown) is not None


def tells(text: str, subject: str, names_failed: bool) -> bool:
    """The text or subject of a mail system says that a mail did not arrive, or not yet."""
    searched = (_FAILED_SUBJECT.search(subject), _DELAYED.search(subject), _FAILED_BODY.search(text))
    return names_failed or any(found is not None for found in searched)


def status(text: str) -> str:
    """The first enhanced status code (RFC 3463), or ""."""
    found = _STATUS.search(text)
    return found.group(1) if found else ""


def recipient(address: str, action: str, code: str) -> BounceRecipient:
    """`permanent`: status 5.x that is no delay; without a status, a failure."""
    permanent = code.startswith("5") and action != "delayed" if code else action == "failed"
    return BounceRecipient(address, action, code, permanent)


def recipients(text: str, subject: str, failed: str, own: Own) -> tuple[BounceRecipient, ...]:
    """The recipients that a text names; `failed` is the header X-Failed-Recipients, which Exim and Gmail write."""
    returned = _RETURNED.search(text)
    said = text[: returned.start()] if returned and text[: returned.start()].strip() else text
    late = _DELAYED.search(subject) is not None
    if not late and not _FAILED_SUBJECT.search(subject):
        late = _DELAYED.search(said) is not None
    places = _places(said, failed, own)
    found = []
    for number, (address, start) in enumerate(places):
        stop = places[number + 1][1] if number + 1 < len(places) else len(said)
        code = _code(said[start:stop]) or _code(said)
        action = "delayed" if late or code.startswith("4") else "failed"
        found.append(recipient(address, action, code))
    if found:
        return tuple(found)
    code = _code(said)
    return (recipient("", "delayed" if late or code.startswith("4") else "failed", code),) if code else ()


def _places(said: str, failed: str, own: Own) -> list[tuple[str, int]]:
    """The recipients in the order of the text, each with the place where its own lines begin."""
    small = said.lower()
    named = [address.lower() for address in _ADDRESS.findall(failed[:4_000]) if _is_recipient(address, own)]
    if named:
        return sorted(((one, max(small.find(one), 0)) for one in dict.fromkeys(named)), key=lambda place: place[1])
    found: dict[str, int] = {}
    for line in _AT_LINE_START.finditer(said):
        if _is_recipient(line.group(1), own) and not _HELPERS.match(line.group(1)):
            found.setdefault(line.group(1).lower(), line.start(1))
    for one in _ADDRESS.finditer(said) if not found else ():
        if _is_recipient(one.group(), own):
            found.setdefault(one.group().lower(), one.start())
            break
    return list(found.items())[:MAX_RECIPIENTS]


def _is_recipient(address: str, own: Own) -> bool:
    return not _DAEMON.match(address) and not own.is_ours(address) and not _OUR_ID.fullmatch(address)


def _code(said: str) -> str:
    code = status(said)
    if code:
        return code
    smtp = _SMTP_CODE.search(said)
    if smtp:
        return f"{smtp.group(1)}.0.0"
    return "4.2.2" if _FULL.search(said) else ""
