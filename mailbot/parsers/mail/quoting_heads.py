"""What mail programs write above the mail that they quote. Pure; never raises.

Three sorts: an *attribution* ("Le … a écrit :", also wrapped over several lines), a *separator* ("-----Message
d'origine-----"), a *block* of header lines ("De : … / Envoyé : … / À : … / Objet : …", in any order, on one line each
or all on one). The shapes were taken from what Outlook, Gmail, Apple Mail, Thunderbird, Orange, Free, SFR, La Poste,
Yahoo, Zimbra, SOGo, Horde, Samsung, Proton and Roundcube write, in French and in English.
What people write about their care looks alike ("De : Lyon / À : Bron / Date : 12/03/2026" is a transport): a block
counts with an address or a subject in it only, an attribution with a time and a date or an address, or above ">" lines.
"""

from __future__ import annotations

import re

MAX_LINE = 1_000  # characters of a line that are looked at
_WRAP = 5  # lines over which an attribution may be wrapped
_BLOCK = 16  # lines in which the header lines of a quoted mail stand
_FOLDED = 3  # lines over which one header line (many recipients) may be wrapped

_START = re.compile(
    r"(?:[-–—*]{1,10} ?)?(?:le|on|au|selon|am|el|il|op|em|quoting|citando)\b.{0,40}?(?:\d|@)", re.IGNORECASE
)
_WROTE = re.compile(
    r"\b(?:(?:a|ont|à) [ée]crit|wrote|schrieb|ha scritto|escribi[óo]"
    r"|schreef)(?: le .{4,60})?(?P<colon> ?:)?[ *-]{0,12}$",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"(?:selon|quoting|citando|zitat von) .{1,200}:", re.IGNORECASE)
_ABOUT_PEOPLE = re.compile(r"(?:\b(?:nous|vous|lui|leur|qui|que|on|il|elle)|['’]on|\b[mtsl]['’])\s?$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:voici|voil[àa]|votre|notre|nos|vos|ce que|comme|quand|selon ce)\b", re.IGNORECASE)
_TIME = re.compile(r"(?<!\d)\d{1,2} ?(?::|h) ?\d\d(?!\d)")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d\d(?!\d)")
_ADDRESS = re.compile(r"[<\[(](?:mailto:)?[^<>\[\]()\s@]{1,100}@[^<>\[\]()\s@]{1,200}[>\])]")
_AN_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,60}\.\w")
_SEPARATOR = re.compile(
    r"[-_=*—> ]{0,60}(?:message d['’]origine|message original|message initial|mail original|e-?mail d['’]origine"
    r"|courriel original|message pr[ée]c[ée]dent|original (?:message|e-?mail|appointment)|message transf[ée]r[ée]"
    r"|message r[ée]exp[ée]di[ée]|mail transf[ée]r[ée]|reply message|forwarded message|message de|d[ée]but du message"
    r"(?: transf[ée]r[ée]| r[ée]exp[ée]di[ée])?|begin forwarded message)(?: ?: ?|[-_=*— ]{2,60})",
    re.IGNORECASE,
)
_MESSAGE_OF = re.compile(r"(?:en date du|message (?:du|re[çc]u le)) ?:? .{0,20}\d.{0,60}", re.IGNORECASE)
_RULE = re.compile(r"[-_=*—]{5,200}")
_FAMILIES = {
    name: family
    for family, names in {
        "from": ("de", "from", "expéditeur", "expediteur", "émetteur", "envoyé par", "von", "message de", "sender"),
        "date": (
            *("envoyé", "envoye", "envoyé le", "envoye le", "sent", "date", "date d'envoi", "date d’envoi"),
            *("reçu", "reçu le", "gesendet", "message du"),
        ),
        "to": ("à", "a", "to", "pour", "destinataire", "destinataires", "destinataire(s)", "vers", "an"),
        "copy": ("cc", "copie", "copie à", "copie a", "cci", "bcc"),
        "subject": ("objet", "subject", "sujet", "obj", "betreff"),
        "other": (
            *("répondre à", "repondre a", "reply-to", "importance", "priorité", "priorite", "pièces jointes"),
            *("pièce jointe", "attachments"),
        ),
    }.items()
    for name in names
}
_DATE_ON_LINE = (" envoyé :", " envoyé:", " envoye :", " sent:", " sent :", " date :", " date:", " envoyé le :")
_SUBJECT_ON_LINE = (" objet :", " objet:", " subject:", " subject :", " sujet :", " sujet:")
_WORDS_OF_WRITING = ("crit", "wrote", "schrieb", "scritto", "schreef")


def end(lines: list[str], quoted: list[bool], place: int) -> int:
    """The line after the head that begins at line `place`, or 0 where none begins."""
    if place >= len(lines):
        return 0
    line = lines[place][:MAX_LINE].strip()
    if not line:
        return 0
    if line[0] in "-_=*—" and _RULE.fullmatch(line):
        start = next_filled(lines, place + 1)
        if start < len(lines) and _SEPARATOR.fullmatch(lines[start][:MAX_LINE].strip()):
            return end(lines, quoted, start)
        return _below(lines, quoted, start)
    if line[-1] in "-_=*—: e" and _SEPARATOR.fullmatch(line):
        start = next_filled(lines, place + 1)
        return _below(lines, quoted, start) or _header_lines(lines, start) or place + 1
    return _below(lines, quoted, place)


def next_filled(lines: list[str], place: int) -> int:
    """The first line from `place` on that is not blank, or their number."""
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _below(lines: list[str], quoted: list[bool], place: int) -> int:
    if place >= len(lines):
        return 0
    return _block(lines, place) or _message_of(lines, place) or _attribution(lines, quoted, place)


# -- attributions --------------------------------------------------------------------------------------------------


def _attribution(lines: list[str], quoted: list[bool], place: int) -> int:
    line = lines[place][:MAX_LINE].strip()
    found = _said(line)
    if found:
        return place + 1 if found == "sure" or _is_quoted(quoted, next_filled(lines, place + 1)) else 0
    if not _START.match(line):
        return 0
    blank = 0
    for last in range(place + 1, min(place + _WRAP, len(lines))):
        more = lines[last][:MAX_LINE].strip()
        blank += not more
        if quoted[last] or blank > 1 or _START.match(more):
            return 0
        if not more:
            continue
        line = f"{line} {more}"
        found = _said(line)
        if found:
            return last + 1 if found == "sure" or _is_quoted(quoted, next_filled(lines, last + 1)) else 0
    return 0


def _is_quoted(quoted: list[bool], place: int) -> bool:
    return place < len(quoted) and quoted[place]


def _said(line: str) -> str:
    """Is this whole line an attribution: "sure", "likely" (it counts above quoted lines), or ""."""
    line = line[-MAX_LINE:]
    tail = line[-120:].lower()
    wrote = None
    if any(word in tail for word in _WORDS_OF_WRITING):
        wrote = _WROTE.search(line, max(0, len(line) - 120))
    if not wrote:
        # "2026-03-12 9:12 X <x@example.fr>:", and the languages that nobody listed
        if not line.endswith(":"):
            return ""
        if _TIME.search(line) and _ADDRESS.search(line):
            return "sure"
        return "likely" if _ACCORDING.fullmatch(line) else ""
    timed = _TIME.search(line) is not None
    who = line[: wrote.start()].rstrip()
    if _ABOUT_PEOPLE.search(who[-20:]) or _SENTENCE.match(who):
        return ""
    dated = _DATE.search(line) is not None or _AN_ADDRESS.search(line) is not None
    if dated and timed and (wrote.group("colon") or _START.match(line)):
        return "sure"
    if _ADDRESS.search(line) and wrote.group("colon"):
        return "sure"
    return "likely" if dated or _START.match(line) or len(who.split()) <= 5 else ""


# -- header lines --------------------------------------------------------------------------------------------------


def _block(lines: list[str], place: int) -> int:
    """The line after a block of header lines that begins at `place`, or 0."""
    first = _header(lines[place])
    if first is None or first[0] not in ("from", "date"):
        return 0
    if _flat(lines[place]):
        return place + 1
    families: set[str] = set()
    address = False
    last = number = place
    while number < min(place + _BLOCK, len(lines)):
        header = _header(lines[number])
        if header is None:
            number = _next_header(lines, number)
            if not number:
                break
            continue
        family, value = header
        families.add(family)
        if " " in value and any(word in value.lower() for word in _SUBJECT_ON_LINE):
            families.add("subject")
        address = address or _AN_ADDRESS.search(value) is not None
        number += 1
        last = number
    said = families & {"date", "to", "subject"}
    sure = "from" in families and (len(said) >= 2 if address or "subject" in said else False)
    return last if sure else 0


def _header_lines(lines: list[str], place: int) -> int:
    """The line after header lines that are no whole block, or 0: enough below a separator."""
    last = place
    while last < min(place + _BLOCK, len(lines)) and _header(lines[last]) is not None:
        last += 1
    return last if last > place else 0


def _header(line: str) -> tuple[str, str] | None:
    """(family, value) of a header line."""
    name, colon, value = line[:MAX_LINE].partition(":")
    if not colon or len(name) > 40:
        return None
    family = _FAMILIES.get(name.strip(" *_\t|•").lower())
    return (family, value.strip(" *")) if family else None


def _next_header(lines: list[str], place: int) -> int:
    """Where the block goes on after blank or wrapped lines, or 0."""
    for number in range(place, min(place + _FOLDED, len(lines))):
        if _header(lines[number]) is not None:
            return number
    return 0


def _flat(line: str) -> bool:
    """A whole block on one line: "De : … Envoyé : … À : … Objet : …"."""
    small = line[:MAX_LINE].lower()
    return any(word in small for word in _DATE_ON_LINE) and any(word in small for word in _SUBJECT_ON_LINE)


def _message_of(lines: list[str], place: int) -> int:
    """Orange, La Poste and SFR: "Message du 12/03/2026 10:12", then header lines."""
    if not _MESSAGE_OF.fullmatch(lines[place][:MAX_LINE].strip()):
        return 0
    following = next_filled(lines, place + 1)
    return _block(lines, following) if following < len(lines) else 0
