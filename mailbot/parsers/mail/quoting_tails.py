"""What mail programs and offices put below a text: signatures, "Envoyé de mon iPhone", disclaimers. Pure; never raises.

A signature begins at its delimiter ("-- ") and ends at the next quoted line; what names an invoice is no signature.
Of what goes, only that is the sender's own signature which is neither quoted nor a disclaimer nor an advertisement.
What only *looks* like a signature (a name and an address below "Cordialement") stays: it may hold the PS number that we
look for. Where nothing but a signature was written, it is the text.
"""

from __future__ import annotations

import re
from itertools import compress
from operator import not_

MAX_LINE = 1_000  # characters of a line that are looked at
_MAX_SIGNATURE = 25  # filled lines of a signature

_DELIMITER = re.compile(r"--|__|—|-- —")
_AN_INVOICE = re.compile(r"\b(?:factures?|fse|lot|nir)\b.{0,30}\d", re.IGNORECASE)
_MOBILE = re.compile(
    r"(?:envoy[ée]e? |message envoy[ée] |r[ée]dig[ée] |[ée]crit )(?:de|depuis|[àa] partir d[eu']|avec|via"
    r"|par|sur)\b ?.{0,60}?"
    r"(?:iphone|ipad|mobile|smartphone|t[ée]l[ée]phone|portable|android|galaxy|samsung|huawei|xiaomi"
    r"|redmi|outlook|yahoo"
    r"|orange|sfr|free|laposte|la poste|proton|appareil|courrier|bo[îi]te|gmail|zimbra|bouygues|blackberry|windows"
    r"|tablette|mail).{0,60}"
    r"|t[ée]l[ée]charger .{1,30} pour (?:android|ios|iphone|windows|mac).{0,80}"
    r"|(?:t[ée]l[ée]charg(?:er|ez)|obten(?:ir|ez)|t[ée]l[ée]chargement d[e']) ?(?:outlook|l['’]application).{0,80}"
    r"|sent (?:from|via|with) .{0,80}|get (?:outlook|bluemail) for .{0,80}|provenance ?: ?(?:courrier"
    r"|outlook|orange).{0,60}"
    r"|envoy[ée] par .{0,30}(?:outlook|mail|smartphone|mobile).{0,40}",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r".{0,20}(?:sans virus|virus-free|garanti sans virus|no virus)\b.{0,80}"
    r"|.{0,20}(?:ce (?:message|courriel)|cet e-?mail) a [ée]t[ée] (?:v[ée]rifi[ée]|analys[ée]|contr[ôo]l[ée]).{0,120}"
    r"|.{0,20}(?:pensez|pensons) .{0,20}(?:environnement|plan[èe]te).{0,120}"
    r"|.{0,20}avant d['’]imprimer.{0,120}|.{0,20}n['’]imprimez (?:ce|cet|que).{0,120}|.{0,10}www\.avast\.com.{0,40}"
    r"|.{0,20}please consider the environment.{0,120}",
    re.IGNORECASE,
)
#: One of these stands in every mobile signature and footer: most lines, and most mails, are done with at this look.
_WORDS_OF_FOOTERS = (
    *("envoy", "rédig", "redig", "écrit", "ecrit", "télécharg", "telecharg", "obten", "sent ", "get ", "provenance"),
    *("virus", "vérifié", "verifi", "analys", "contr", "environ", "planet", "planèt", "imprim", "avast"),
)
_DISCLAIMER_HEAD = re.compile(
    r"[\W_]{0,6}(?:avertissement|confidentialit[ée]|confidentiality(?: notice)?|disclaimer|mentions? l[ée]gales?"
    r"|(?:clause|avis|note|message) (?:de )?confidenti\w{1,8}|important)[\W_]{0,6}",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"[\W_]{0,6}(?:(?:avertissement|confidentialit[ée]|confidentiality(?: notice)?|disclaimer|important) ?[:.-] ?)?"
    r"(?:ce (?:message|courriel|mail|courrier)|cet e-?mail|le pr[ée]sent (?:message|courriel)|le contenu de ce"
    r"|les informations (?:contenues|figurant)|l['’]information contenue|this (?:message|e-?mail)"
    r"|the information (?:contained )?in this|si vous (?:n['’][êe]tes pas|avez re[çc]u))\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confiden|destinataires? (?:pr[ée]vu|d[ée]sign)|intended (?:recipient|solely|only)"
    r"|re[çc]u (?:ce .{0,20})?par erreur"
    r"|usage exclusif|received .{0,30}in error",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(r"[-_=*~•·.—]{3,}|-- ?|__")


def without(lines: list[str], quoted: list[bool], signed: list[bool]) -> tuple[list[bool], list[int]]:
    """Which lines are not the sender's text (the quoted ones, and the tails), and the numbers of those among them that
    are the sender's own signature. `signed`: HTML calls it a signature."""
    gone = list(quoted)
    own: list[int] = []
    small = "\n".join(compress(lines, map(not_, quoted))).lower()
    words = tuple(word for word in _WORDS_OF_FOOTERS if word in small)
    place = 0
    while place < len(lines):
        if quoted[place]:
            place = next_not(quoted, place)
            continue
        line = lines[place][:MAX_LINE].strip()
        stop = place + 1
        footer = bool(line) and _is_footer(line, words)
        if line and (signed[place] or footer):
            gone[place] = True
            own += [] if footer else [place]
        elif line and (_begins_disclaimer(lines, place, line) or _begins_signature(lines, quoted, place, line)):
            stop = _next_quoted(quoted, place)
            gone[place:stop] = [True] * (stop - place)
            own += _signature(lines, place, stop, words)
        place = stop
    if any(signed) and not _filled(lines, gone):
        own = []
        for place, line in enumerate(lines):
            gone[place] = gone[place] and (not signed[place] or quoted[place] or bool(_MOBILE.fullmatch(line.strip())))
    return gone, own


def _signature(lines: list[str], start: int, stop: int, words: tuple[str, ...]) -> list[int]:
    """The lines of the signature that begins at `start`, up to a disclaimer, without its delimiter and footers."""
    found: list[int] = []
    for place in range(start, stop):
        line = lines[place][:MAX_LINE].strip()
        if line and _begins_disclaimer(lines, place, line):
            break
        if not _DELIMITER.fullmatch(line) and not _is_footer(line, words):
            found.append(place)
    return found


def _is_footer(line: str, words: tuple[str, ...]) -> bool:
    small = line.lower()
    if not any(word in small for word in words):
        return False
    return _MOBILE.fullmatch(line) is not None or _FOOTER.fullmatch(line) is not None


def trimmed(lines: list[str]) -> str:
    """The sender's lines as text: no blank or ornamental lines at either end, one blank line between paragraphs."""
    first, last = 0, len(lines)
    while last > first and _bare(lines[last - 1]):
        last -= 1
    while first < last and not lines[first].strip():
        first += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines[first:last])).strip()


def _bare(line: str) -> bool:
    line = line.strip()
    return not line or (len(line) < 200 and _ORNAMENT.fullmatch(line) is not None)


def _filled(lines: list[str], gone: list[bool]) -> bool:
    return any(not away and not _bare(line) for line, away in zip(lines, gone, strict=True))


def next_not(quoted: list[bool], place: int) -> int:
    """The first line from `place` on that is not quoted, or their number."""
    try:
        return quoted.index(False, place)
    except ValueError:
        return len(quoted)


def _next_quoted(quoted: list[bool], place: int) -> int:
    while place < len(quoted) and not quoted[place]:
        place += 1
    return place


def _begins_signature(lines: list[str], quoted: list[bool], place: int, line: str) -> bool:
    if not _DELIMITER.fullmatch(line):
        return False
    filled = 0
    for number in range(place + 1, min(place + 4 * _MAX_SIGNATURE, len(lines))):
        if quoted[number]:
            break
        filled += bool(lines[number].strip())
        if filled > _MAX_SIGNATURE or _AN_INVOICE.search(lines[number][:MAX_LINE]):
            return False
    return True


def _begins_disclaimer(lines: list[str], place: int, line: str) -> bool:
    """A notice of confidentiality: its words may be wrapped over several lines."""
    begins = _DISCLAIMER_HEAD.fullmatch(line) or _DISCLAIMER.match(line)
    return (
        begins is not None and _LEGAL.search(" ".join(one[:MAX_LINE] for one in lines[place : place + 8])) is not None
    )
