"""Mail that no person wrote now: automatic replies, lists, notifications. Pure; never raises.

Two answers: must it never be answered (RFC 3834, and everything that looks like it), and is it an automatic *reply*.
A list or a newsletter is the first without being the second. Also the day until which an absent correspondent is away.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mailbot.parsers.headers import Headers

MAX_TEXT = 5_000

_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:auto(?:matic|matique)?(?:[ -]?r[ée](?:ply|ponse))?\s*:"
    r"|(?:r[ée]ponse|message|r[ée]pondeur|accus[ée] de r[ée]ception|notification) (?:automatique|d['’]absence)"
    r"|automatic reply|auto-?reply|autoreply"
    r"|out[ -]of[ -](?:the[ -])?office|absence (?:du|de) |absente?(?:\(e\))? (?:du|jusqu|pour|de)|(?:je suis "
    r"|actuellement )+absent"
    r"|absence du bureau|en (?:cong[ée]s?|vacances)|cong[ée]s? (?:annuels?|d['’])|vacation"
    r"|fermeture (?:annuelle|estivale|du cabinet|exceptionnelle)"
    r"|(?:read|lu|not read|non lu)\s?:|accus[ée] de lecture)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:ceci est |this is )(?:un |an )?(?:message|r[ée]ponse|email|e-mail|automat\w+)\s?(?:automati|reply"
    r"|response|message)"
    r"|r[ée]ponse automatique|message (?:automatique|g[ée]n[ée]r[ée] automatiquement)"
    r"|(?:je suis|nous sommes|serai|i am|i['’]m)\s(?:actuellement |currently )?(?:absente?s?(?:\(e\))?"
    r"|en cong[ée]s?|out of (?:the )?office|away)"
    r"|(?:cabinet|pharmacie|laboratoire|centre|secr[ée]tariat|bureau) (?:est|sera) (?:actuellement )?ferm[ée]",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "january", "jan"),
            ("février", "fevrier", "févr", "fev", "february", "feb"),
            ("mars", "march", "mar"),
            ("avril", "avr", "april", "apr"),
            ("mai", "may"),
            ("juin", "june", "jun"),
            ("juillet", "juil", "july", "jul"),
            ("août", "aout", "august", "aug"),
            ("septembre", "sept", "september", "sep"),
            ("octobre", "oct", "october"),
            ("novembre", "nov", "november"),
            ("décembre", "decembre", "déc", "dec", "december"),
        ),
        1,
    )
    for name in names
}
_UNTIL = re.compile(
    r"(?P<back>(?:de )?retour|reprise|back|r[ée]ouver\w+)?[^\n]{0,20}?(?P<until>jusqu['’]?\s?(?:au|[àa])|\bau\b"
    r"|\buntil|\ble\b|\bon\b)\s"
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?,?\s)?"
    r"(?:(?P<d>\d{1,2})(?:er)?[/.-](?P<m>\d{1,2})(?:[/.-](?P<y>\d{4}|\d\d))?(?!\d)"
    r"|(?P<d2>\d{1,2})(?:er|st|nd|rd|th)?\s(?P<name>[a-zéûA-ZÉÛ]{3,9})\.?(?:\s(?P<y2>\d{4}))?"
    r"|(?P<name3>[a-zA-Z]{3,9})\s(?P<d3>\d{1,2})(?:st|nd|rd|th)?(?:,?\s(?P<y3>\d{4}))?)",
    re.IGNORECASE,
)


def never_answered(headers: Headers) -> str:
    """Why this mail must never be answered (French), or ""."""
    submitted = headers.get("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    precedence = headers.get("precedence").strip().lower()
    if submitted and submitted != "no":
        return "en-tête Auto-Submitted"
    if any(
        headers.has(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress")
    ):
        return "en-tête de réponse automatique"
    if precedence in {"auto_reply", "auto-reply", "bulk", "junk", "list"}:
        return "en-tête Precedence"
    if is_list(headers):
        return "liste de diffusion"
    if headers.get("return-path").replace(" ", "") == "<>":
        return "chemin de retour vide"
    return ""


def is_list(headers: Headers) -> bool:
    """A mailing list or a newsletter: never answered, and nothing that its text says is a request to us."""
    names = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list", "x-campaign-id")
    return any(headers.has(name) for name in names) or headers.get("precedence").strip().lower() == "list"


def reply_evidence(headers: Headers, subject: str, new_text: str, names_something: bool, report_type: str) -> str:
    """Why this is an automatic reply (French), or "".

    Words of the body count only in a mail that names no identifier (`names_something`): a person may be away and write
    about an invoice in the same mail.
    """
    if report_type == "disposition-notification":
        return "accusé de lecture (RFC 8098)"
    reason = never_answered(headers)
    if reason and not is_list(headers) and reason != "en-tête de réponse automatique":
        return reason
    if headers.has("x-autoreply") or headers.has("x-autorespond") or headers.has("x-autoresponder"):
        return reason
    if _SUBJECT.match(subject):
        return "objet d’une réponse automatique"
    if not names_something and _BODY.search(new_text[:MAX_TEXT]):
        return "texte d’une réponse automatique"
    return ""


def absent_until(subject: str, text: str, day: date) -> date | None:
    """The last day of absence that an automatic reply names; a date without a year is the next one from `day` on."""
    for place in (subject, text[:MAX_TEXT]):
        ends = [(found, _date(found, day)) for found in _UNTIL.finditer(place)]
        last = [_last_day(found, moment) for found, moment in ends if moment and _counts(found)]
        if last:
            return max(last)
    return None


def _counts(found: re.Match[str]) -> bool:
    """« le 24/08 » alone is any date; after « de retour » it is the end of an absence."""
    return bool(found.group("back")) or found.group("until").lower() not in {"le", "on"}


def _last_day(found: re.Match[str], moment: date) -> date:
    until = found.group("until").lower()
    returns = found.group("back") and not until.startswith(("jusqu", "until"))
    return moment - timedelta(days=1) if returns else moment


def _date(found: re.Match[str], day: date) -> date | None:
    parts = found.groupdict()
    number = int(parts["d"] or parts["d2"] or parts["d3"])
    word = (parts["name"] or parts["name3"] or "").lower()
    month = int(parts["m"]) if parts["m"] else _MONTHS.get(word, 0)
    written = parts["y"] or parts["y2"] or parts["y3"]
    try:
        if written:
            return date(int(written) + (2000 if len(written) == 2 else 0), month, number)
        this_year = date(day.year, month, number)
        return this_year if this_year >= day - timedelta(days=31) else date(day.year + 1, month, number)
    except ValueError:
        return None
