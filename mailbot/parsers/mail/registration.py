"""What a person asks for: to have an address registered, or to get nothing more. Pure; never raises.

Only the new text and the subject are looked at, never quoted text: the footer of our own letters, quoted below a reply,
asks for nothing. An answer is the French evidence, "" where nothing is asked.
"""

from __future__ import annotations

import re

MAX_TEXT = 20_000

_ADDRESS = r"(?<!par )(?:adresses?|mails?|e-?mails?|m[ée]ls?|courriels?|bo[îi]te)"
_UNSUBSCRIBE = re.compile(
    r"d[ée]s(?:in|ins)scri|d[ée]sinscri|d[ée]sabonn|unsubscribe|n['’]exer(?:ce|cons|çons) plus|cess(?:e|é|ation"
    r"|er) (?:mon |toute |d['’]|l['’])?activit"
    r"|(?:ne |n['’]?)(?:plus |souhait\w+ plus |veux plus |voulons plus |d[ée]sir\w+ plus )(?:rien )?(?:recevoir"
    r"|[êe]tre (?:destinataire|inform))"
    r"|ne (?:m['’]|nous )(?:envoye[rz]|[ée]cri\w+|adresse[rz]) plus"
    r"|(?:arr[êe]te[rz]|cesse[rz]|suspend\w+|stopp\w+) (?:de m['’]|de nous |l['’]|les |vos |ces |tout )?(?:envo"
    r"|mail|message|courriel)"
    rf"|(?:retir|supprim|enlev|radi|effac)(?:e[rz]?|ation|er) (?:de )?(?:vos |la )?(?:mon|notre|cette|ma"
    rf"|l['’]) ?{_ADDRESS}"
    rf"|(?:suppression|retrait|r[ée]siliation) (?:de )?(?:mon|notre|cette|l['’]) ?(?:{_ADDRESS}|inscription)"
    rf"|r[ée]sili\w+ (?:mon|notre) inscription"
    r"|^\s*stop\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_PAPER = re.compile(
    r"[^\n.]{0,60}(?:papiers?|courriers? post|par (?:courrier|fax|la poste)|t[ée]l[ée]copie|\bfax\b)", re.IGNORECASE
)
_NEGATED = re.compile(r"(?:\bpas|\bni|surtout pas) (?:me |nous |de |à )?(?:me |nous )?$", re.IGNORECASE)
_CHANGE = re.compile(
    rf"(?:nouvelle|nouveau) {_ADDRESS}|chang\w+ (?:de |d['’]|notre |mon |l['’])?{_ADDRESS}"
    rf"|remplac\w+ [^\n.]{{0,60}}{_ADDRESS}|{_ADDRESS} [^\n.]{{0,40}}(?:a chang|remplace)",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"(?:r[ée]-?)?(?:enregistr|inscri|d[ée]clar|ajout|communiqu|rattach|associ|actualis|modifi"
    r"|prendre en compte|prenez en compte|not)"
    rf"(?:e[rz]?|re|vez|ver|s)?(?:[- ]moi)?,? [^\n.]{{0,60}}?{_ADDRESS}|mettre [àa] jour [^\n.]{{0,60}}{_ADDRESS}"
    rf"|(?:enregistrement|inscription|rattachement|mise [àa] jour|actualisation)[^\n.]{{0,60}}{_ADDRESS}"
    r"|(?:demande|formulaire|bulletin) d['’](?:inscription|enregistrement|adh[ée]sion)"
    r"|(?:inscri(?:re|ption|vez)|m['’]inscrire|enregistrement)[^\n.]{0,40}(?:flux|service|bordereau|tiers"
    r"|\bps\b|finess|\d{9})"
    r"|^\s*(?:re ?: ?)?(?:inscription|enregistrement)\s*\W?\s*(?:\d|$|n\s?°)"
    r"|(?:souhait|voudr|aimer|d[ée]sir|veu[xt]|voul|merci de)\w* [^\n.]{0,40}(?:recevoir|(?:m|nous) (?:adresser"
    r"|envoyer|transmettre))"
    r"[^\n.]{0,80}(?:bordereau|retours?|rejets?|flux|notifications?|[àa] (?:cette|l['’]) ?(?:adresse|mail))"
    r"|register [^\n.]{0,40}(?:address|e-?mail)",
    re.IGNORECASE | re.MULTILINE,
)
#: One of these stands in everything that the expression of the same name finds: most texts are done with at this look.
_WORDS_OF_FAREWELL = (
    *("scri", "abonn", "plus", "cess", "arrêt", "arret", "suspend", "stop", "retir", "supprim", "enlev", "radi"),
    *("effac", "suppression", "retrait", "résili", "resili"),
)
_WORDS_OF_CHANGE = ("nouvel", "nouveau", "chang", "remplac")
_WORDS_OF_REGISTRATION = (
    *("adresse", "address", "mail", "mel", "mél", "courriel", "boîte", "boite", "inscri", "enregistr", "adhesion"),
    *("adhésion", "recevoir", "envoyer", "transmettre"),
)
_PATIENT = re.compile(
    r"[^\n.]{0,30}(?:de l['’]assur|d[ue] (?:la )?patient|du b[ée]n[ée]ficiaire|postale)", re.IGNORECASE
)


def unsubscribe(subject: str, new_text: str) -> str:
    """Evidence that the sender wants to get nothing more. A change of address is no farewell; neither is "no paper"."""
    for place, name in ((new_text[:MAX_TEXT], "le texte"), (subject, "l’objet")):
        small = place.lower()
        if _says(small, _WORDS_OF_CHANGE) and _CHANGE.search(place):
            return ""
        if not _says(small, _WORDS_OF_FAREWELL):
            continue
        for found in _UNSUBSCRIBE.finditer(place):
            negated = _NEGATED.search(place[max(0, found.start() - 30) : found.start()])
            if not negated and not _PAPER.match(place, found.end()):
                return f"{name} demande de ne plus rien recevoir"
    return ""


def register(subject: str, new_text: str) -> str:
    """Evidence that the sender asks to have an e-mail address registered."""
    for place, name in ((new_text[:MAX_TEXT], "le texte"), (subject, "l’objet")):
        small = place.lower()
        for pattern, needed in ((_REGISTER, _WORDS_OF_REGISTRATION), (_CHANGE, _WORDS_OF_CHANGE)):
            found = pattern.search(place) if _says(small, needed) else None
            if found and not _PATIENT.match(place, found.end()):
                return f"{name} demande d’enregistrer une adresse"
    return ""


def _says(small: str, words: tuple[str, ...]) -> bool:
    return any(word in small for word in words)
