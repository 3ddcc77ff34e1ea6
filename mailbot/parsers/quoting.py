"""What this sender wrote now: the text of a mail without quoted mails, without signature. Pure; never raises.

The text is read line by line. A line is quoted when it begins with ">". A *cutter* is what a mail program writes above
the mail that it quotes: an attribution ("Le … a écrit :", also wrapped over four lines), a separator
("-----Message d'origine-----"), or a block of header lines ("De : … / Envoyé : … / À : … / Objet : …"). When quoted
lines follow a cutter, only these go, and what the sender wrote between and below them stays; when none follow,
everything below the cutter goes. Then signatures, mobile signatures and disclaimers go. No-break spaces are read as
spaces. The shapes were taken from what Outlook, Gmail, Apple Mail, Thunderbird, Orange, Free, SFR, La Poste, Zimbra and
Roundcube write, in French and in English; every expression is linear, on lines cut at `MAX_LINE`.
Known limits: a reply written below an unmarked quotation (no ">") cannot be told from it, and goes with it.
"""

from __future__ import annotations

import re

MAX_LINE = 1_000
MAX_LINES = 20_000
_WRAP = 4  # lines over which an attribution may be wrapped
_HEADER_BLOCK = 12  # lines in which the header lines of a quoted mail stand

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u200b": None, "\ufeff": None, "\u200e": None})
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")
_MARKS = re.compile(r"^(?:\s{0,3}>)+ ?")
_ATTRIBUTION = (
    re.compile(r"(?:Le|Au)\b.*\d.*\b(?:a|ont|à) [ée]crit ?:?", re.IGNORECASE),
    re.compile(r"On\b.*\d.*\bwrote ?:", re.IGNORECASE),
    re.compile(r".{1,200}(?:<[^<>@\s]+@[^<>\s]+>|\d{4}).{0,60}\ba [ée]crit ?:", re.IGNORECASE),
    re.compile(r"\d{4}-\d\d-\d\d.{0,80}<[^<>@\s]+@[^<>\s]+> ?:"),
    re.compile(r".{1,200} (?:wrote|a [ée]crit)(?: le .{0,60}\d.{0,60})? ?:", re.IGNORECASE),
)
_ATTRIBUTION_START = re.compile(r"(?:Le|On|Au)\b.*", re.IGNORECASE)
_ATTRIBUTION_END = re.compile(r"(?:[ée]crit|wrote) ?:?\s*$", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"[-_=*\s]{0,40}(?:message d['’]origine|message original|message initial|mail original|e-mail d['’]origine"
    r"|original message|original e-?mail|message transf[ée]r[ée]|message r[ée]exp[ée]di[ée]|forwarded message"
    r"|message de|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|begin forwarded message)"
    r"(?: ?: ?|[-_=*\s]{2,40})",
    re.IGNORECASE,
)
_MESSAGE_OF = re.compile(r"message (?:du|re[çc]u le) ?:? .{0,20}\d.{0,60}", re.IGNORECASE)
_HEADER = re.compile(
    r"\*?(?P<name>de|from|exp[ée]diteur|envoy[ée](?: le| par)?|sent|date|[àa]|to|pour|destinataires?|cc"
    r"|copie(?: [àa])?"
    r"|objet|subject|sujet|r[ée]pondre [àa]|reply-to|importance|pi[èe]ces jointes|r[ée]f"
    r"|message du)\*? ?:\*? ?(?P<value>.*)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=*]{5,}")
_SIGNATURE = re.compile(r"-- ?|--\s?\u00a0?|__ ?")
_MOBILE = re.compile(
    r"(?:envoy[ée]e? (?:de|depuis|[àa] partir d[eu']|avec|via|par) ?.{0,60}?(?:iphone|ipad|mobile|smartphone"
    r"|t[ée]l[ée]phone"
    r"|android|galaxy|samsung|huawei|xiaomi|outlook|yahoo|orange|sfr|free|laposte|la poste|proton|appareil"
    r"|courrier|bo[îi]te|gmail"
    r"|zimbra|bouygues|blackberry|windows|tablette).{0,60}"
    r"|(?:t[ée]l[ée]charg(?:er|ez)|obten(?:ir|ez)) (?:outlook|l['’]application).{0,60}"
    r"|sent (?:from|via|with) .{0,60}|get outlook for .{0,40}|provenance ?: ?(?:courrier|outlook).{0,40})\.?",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:ce (?:message|courriel|mail|e-mail)|le pr[ée]sent (?:message|courriel)|this (?:message|e-?mail))\b.{0,200}?"
    r"(?:confidentiel|confidential|destin[ée]|intended|pi[èe]ces? jointes?)",
    re.IGNORECASE,
)
_DISCLAIMER_HEAD = re.compile(
    r"(?:avertissement|confidentialit[ée]|disclaimer|clause de confidentialit[ée])\W{0,4}", re.IGNORECASE
)


def normalise(text: str) -> str:
    """No-break spaces as spaces, invisible characters gone, line feeds only."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_SPACES)


def reply_text(text: str) -> str:
    """What the sender wrote now. "" when the mail holds only quoted text."""
    return split(text)[0]


def split(text: str) -> tuple[str, str]:
    """(new text, the rest: quoted mails, their attributions, signatures), both as lines in their order."""
    lines = [line[:MAX_LINE].rstrip() for line in normalise(text).split("\n")[:MAX_LINES]]
    quoted = _quoted_lines(lines)
    _mark_signatures(lines, quoted)
    new = [line for line, gone in zip(lines, quoted, strict=True) if not gone]
    rest = [_MARKS.sub("", line) for line, gone in zip(lines, quoted, strict=True) if gone]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(new)).strip(), "\n".join(rest).strip()


def _quoted_lines(lines: list[str]) -> list[bool]:
    quoted = [_QUOTED.match(line) is not None for line in lines]
    place = 0
    while place < len(lines):
        end = 0 if quoted[place] else _cutter(lines, quoted, place)
        if not end:
            place += 1
            continue
        below = _next_filled(lines, end)
        everything = below >= len(lines) or not quoted[below]
        last = len(lines) if everything else below
        quoted[place:last] = [True] * (last - place)
        place = last
    return quoted


def _cutter(lines: list[str], quoted: list[bool], place: int) -> int:
    """The line after the cutter that begins at `place`, or 0."""
    line = lines[place].strip()
    if not line:
        return 0
    start = place
    if _SEPARATOR.fullmatch(line) or _RULE.fullmatch(line):
        ruled = _SEPARATOR.fullmatch(line) is None
        start = _next_filled(lines, place + 1)
        end = _header_block(lines, start) or _message_of(lines, start)
        return end or (0 if ruled else place + 1)
    return _header_block(lines, start) or _message_of(lines, start) or _attribution(lines, quoted, place)


def _attribution(lines: list[str], quoted: list[bool], place: int) -> int:
    line = lines[place].strip()
    following = _next_filled(lines, place + 1)
    before_quote = following < len(lines) and quoted[following]
    for number, pattern in enumerate(_ATTRIBUTION):
        # The looser shapes count only where a quotation really follows.
        if pattern.fullmatch(line) and (number < 4 or before_quote):
            return place + 1
    if not _ATTRIBUTION_START.fullmatch(line):
        return 0
    joined = line
    for end in range(place + 1, min(place + _WRAP, len(lines))):
        if not lines[end].strip() or quoted[end]:
            return 0
        joined = f"{joined} {lines[end].strip()}"
        if _ATTRIBUTION_END.search(joined):
            return end + 1 if any(pattern.fullmatch(joined) for pattern in _ATTRIBUTION[:2]) else 0
    return 0


def _header_block(lines: list[str], place: int) -> int:
    """The line after a block of header lines (sender, and two of date, recipient, subject), or 0."""
    families: set[str] = set()
    end = place
    for number in range(place, min(place + _HEADER_BLOCK, len(lines))):
        line = lines[number].strip()
        found = _HEADER.fullmatch(line)
        if found:
            families.add(_family(found.group("name")))
            end = number + 1
        elif not line and len(families) < 2 and families:
            continue
        elif not line or not families or number > end + 1:
            break
        if number == place and not families & {"from", "date"}:
            return 0
    return end if "from" in families and len(families) >= 3 else 0


def _family(name: str) -> str:
    name = name.lower()
    if name.startswith("envoy"):
        return "from" if name.endswith("par") else "date"
    if name.startswith(("date", "message du", "sent")):
        return "date"
    if name.startswith(("de", "from", "exp")) and not name.startswith("dest"):
        return "from"
    return "subject" if name.startswith(("objet", "sub", "suj")) else "to"


def _message_of(lines: list[str], place: int) -> int:
    """Orange, La Poste and SFR: "Message du 12/03/2026 10:12", then header lines."""
    if place >= len(lines) or not _MESSAGE_OF.fullmatch(lines[place].strip()):
        return 0
    following = _next_filled(lines, place + 1)
    return _header_block(lines, following)


def _next_filled(lines: list[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _mark_signatures(lines: list[str], quoted: list[bool]) -> None:
    """Mark what a signature delimiter, a mobile signature or a disclaimer takes out of the sender's own lines."""
    signed = False
    for place, line in enumerate(lines):
        if quoted[place]:
            signed = False
            continue
        bare = line.strip()
        if _SIGNATURE.fullmatch(bare) or _DISCLAIMER_HEAD.fullmatch(bare) or _disclaims(lines, place):
            signed = True
        quoted[place] = signed or _MOBILE.fullmatch(bare) is not None


def _disclaims(lines: list[str], place: int) -> bool:
    """A confidentiality notice begins here: its words may be wrapped over three lines."""
    if not re.match(r"\s*(?:ce |le pr|this )", lines[place], re.IGNORECASE):
        return False
    joined = " ".join(line.strip() for line in lines[place : place + 3])
    return _DISCLAIMER.match(joined) is not None and "confiden" in " ".join(lines[place : place + 8]).lower()
