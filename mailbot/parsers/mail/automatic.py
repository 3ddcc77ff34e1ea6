"""Mail that no person wrote now: automatic replies, receipts, lists, notifications. Pure; never raises.

Two answers: must it never be answered (RFC 3834, and everything that looks like it), and is it an automatic *reply*.
A list or a newsletter is the first without being the second; so is the mail of a scanner, which brings a document.
Until when an absent correspondent is away stands in `absence`.
"""

from __future__ import annotations

import re

from mailbot.parsers.mail.headers import Headers

MAX_TEXT = 5_000

_REPORTS = {
    "disposition-notification": "accusé de lecture (RFC 8098)",
    "delivery-status": "accusé de remise (RFC 3464)",  # a bounce is decided before
    "feedback-report": "signalement comme indésirable (RFC 5965)",
}
_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:auto(?:matic|matique)?(?:[ -]?r[ée](?:ply|ponse))?\s*:"
    r"|(?:r[ée]ponse|message|r[ée]pondeur|accus[ée] de r[ée]ception|notification) (?:automatique|d['’]absence)"
    r"|automatic reply|auto-?reply|autoreply|automatische antwort|out[ -]of[ -](?:the[ -])?office"
    r"|out of office|vacation"
    r"|(?:avis|message|notification) d['’]absence|absence (?:du (?:bureau|cabinet|secr)|pour cong|jusqu)"
    r"|(?:absence|(?:(?:je suis|nous sommes"
    r"|actuellement) ){0,2}absente?s?(?:\(e\))?(?: du cabinet)?) ?(?::|$|jusqu|ce jour"
    r"|aujourd|(?:du|de|pour|le|les)? ?(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?\d)"
    r"|(?:je suis|nous sommes) (?:actuellement )?absent"
    r"|en (?:cong[ée]s?|vacances|arr[êe]t maladie)\b|cong[ée]s? (?:annuels?|d['’]|maternit|mat)"
    r"|fermeture (?:annuelle|estivale|du (?:cabinet|secr|centre)|de la pharmacie|exceptionnelle|pour cong)"
    r"|(?:cabinet|pharmacie|secr[ée]tariat) ferm[ée]"
    r"|(?:i am |i['’]m )?(?:currently )?(?:away|on leave)\b|(?:read|lu|not read|non lu)\s?:"
    r"|accus[ée] de (?:lecture|remise)|accus[ée] de r[ée]ception\s*(?:$|[-:–])"
    r"|cong[ée]s?\s*(?:$|[-:–]|re\s*:|du\b|jusqu)"
    r"|accus[ée] (?:de )?r[ée]ception de votre (?:message|mail|demande)"
    r"|(?:nous avons bien re[çc]u )?votre (?:message|mail|demande) (?:a bien [ée]t[ée] re[çc]u"
    r"|a [ée]t[ée] prise? en compte))",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:ceci est |this is )(?:un |an )?(?:message|r[ée]ponse|email|e-mail|automat\w+)\s?(?:automati|reply"
    r"|response|message)"
    r"|r[ée]ponse automatique|message (?:automatique|g[ée]n[ée]r[ée] automatiquement)"
    r"|(?:je (?:suis|serai)|nous (?:sommes|serons)|i am|i['’]m)\s(?:actuellement |currently )?(?:absente?s?(?:\(e\))?"
    r"|en (?:cong[ée]s?|vacances|arr[êe]t)|out of (?:the )?office|away|on leave)"
    r"|(?:je serai|nous serons|de) (?:de )?retour (?:le|[àa] partir du|lundi|mardi|mercredi|jeudi|vendredi)"
    r"|accusons (?:bonne )?r[ée]ception de votre|(?:bien )?(?:[ée]t[ée] )?enregistr[ée]e? sous le (?:num|n°)"
    r"|(?:cabinet|pharmacie|laboratoire|centre|secr[ée]tariat|bureau) (?:est|sera) (?:actuellement )?ferm[ée]",
    re.IGNORECASE,
)
_RECEIVED = re.compile(
    r"(?:nous avons|j['’]ai) bien (?:re[çc]u|pris en compte) votre (?:message|mail|e-mail|courriel"
    r"|demande)[^\n]{0,80}\n?"
    r"[^\n]{0,120}(?:(?:meilleurs|plus brefs) d[ée]lais|sous \d+ (?:h|jour)|un num[ée]ro de ticket)",
    re.IGNORECASE,
)
#: What no person writes who wants to be understood: it counts whatever else the mail names.
_NO_ANSWER = re.compile(
    r"(?:ne pas|inutile de|please do not) (?:y )?(?:r[ée]pondre|reply)(?: (?:directement )?[àa] (?:ce|cette|cet) "
    r"(?:message|mail|courriel|e-mail|adresse)| to this (?:message|e?-?mail))"
    r"|(?:adresse|bo[îi]te)[^\n]{0,40} n['’]est plus (?:consult|utilis|activ|relev|en service|valide)",
    re.IGNORECASE,
)
#: Filters that hold a mail back until its sender proves to be a person (Mailinblack and its like).
_HELD_BACK = re.compile(
    r"(?:cliqu|clic)[^\n]{0,120}(?:authentifi|lib[ée]r|valid|confirm)\w*[^\n]{0,80}(?:message|mail"
    r"|exp[ée]diteur|identit)"
    r"|(?:message|mail)[^\n]{0,60}en attente d['’](?:authentification|autorisation)",
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


def reply_evidence(
    headers: Headers, subject: str, new_text: str, *, names_something: bool, brings_document: bool, report_type: str
) -> str:
    """Why this is an automatic reply (French), or "".

    Words of the body count only in a mail that names no identifier (`names_something`): a person may be away and write
    about an invoice in the same mail. A machine that sends a document of its own accord (`brings_document`: a scanner,
    a billing program) replies to nothing.
    """
    if report_type in _REPORTS:
        return _REPORTS[report_type]
    if headers.has("x-autoreply") or headers.has("x-autorespond") or headers.has("x-autoresponder"):
        return "en-tête de réponse automatique"
    if not (brings_document and _of_its_own_accord(headers)):
        reason = never_answered(headers)
        if reason and not is_list(headers) and reason != "en-tête de réponse automatique":
            return reason
    if _SUBJECT.match(subject):
        return "objet d’une réponse automatique"
    if _NO_ANSWER.search(new_text[:MAX_TEXT]):
        return "le texte demande de ne pas répondre"
    if names_something:
        return ""
    if _HELD_BACK.search(new_text[:MAX_TEXT]):
        return "filtre qui retient notre message et demande une authentification"
    said = _BODY.search(new_text[:MAX_TEXT]) or _RECEIVED.search(new_text[:MAX_TEXT])
    return "texte d’une réponse automatique" if said else ""


def _of_its_own_accord(headers: Headers) -> bool:
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    return submitted == "auto-generated" and not headers.has("in-reply-to") and not headers.has("references")
