"""Does a mail that speaks of an end say clearly that its own sender wants nothing more, from today? Pure; never raises.

`registration.unsubscribe` finds the words of an end; who is meant, and when, stands around them. An address is ended at
once only where the whole new text, courtesies aside, is made of the sentences of `farewell`, or says which address is
to end. In doubt an agent reads the mail, and is told what to look at.
"""

from __future__ import annotations

import re
from datetime import date

from mailbot.parsers.mail import courtesy, dates, farewell, registration, spelling

_MAX_TEXT = 1_500  # characters beyond which a human reads what else it says

_QUESTION = re.compile(
    r"\?|\bcomment\b|\best-ce que\b|\bfaut-il\b|\bpeut-on\b|\bsavoir\b|\bsi\b|\bpossible\b|\bpourquoi\b|\bprocedure\b"
)
#: "Il" is nobody, and this day is not to come.
_POLITE = re.compile(
    r"\bs'? ?il (?:vous|te) plait\b|\b(?:a (?:partir|compter) (?:de ce jour|d'aujourd'hui|de maintenant)"
    r"|des (?:maintenant|aujourd'hui|a present|reception))\b"
)
_PERSON = (
    r"(?:remplacante?s?|secretair\w+|secretariat|collegues?|associee?s?|collaborat\w+|confreres?|consoeurs?"
    r"|assistante?s?"
    r"|comptab\w+|stagiaires?|employee?s?|salariee?s?|docteur|dr|pr|mme|mlle|madame|monsieur|mr|medecin|praticiens?"
    r"|infirmi\w+|kine\w*|titulaire|patiente?s?|mari|femme|pere|mere|predecesseur|successeur|personne)"
)
_SOMEBODY_ELSE = re.compile(
    rf"\b{_PERSON}\b|\b(?:il|elle|ils|elles|lui|leurs?|son|sa|ses|celui|celle|ancien(?:ne)?)\b"
    r"|\b(?:la|le|les|l') ?(?:desinscri|desabonn|retir|supprim|enlev|radi)\w*|(?<!mon )\bremplacement\b"
)
_TO_COME = re.compile(
    r"\b(?:a (?:partir|compter) d|des (?:le|que|la) |prochain|bientot|demain|d'ici|au plus tard"
    r"|fin (?:de |du |d'|de l')?(?:mois|annee|semestre|trimestre|semaine)"
    r"|(?:en|debut|courant|mi|mi-) ?(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre"
    r"|decembre|20\d\d)\b)"
    r"|\b(?:exercer|partir|prendr|cesser|arreter|quitter|fermer|ser|aur|aller)(?:ai|a|ons|ont|ez)\b"
    r"|\b(?:vais|allons|va|vont) \w"
)
_SINCE = re.compile(r"(?:depuis|des) (?:le |la |ce )?$")
_KEEPS = re.compile(r"\b(?:continu|gard|conserv|laiss|maintenez|maintenir|ecrivez|envoyez|utilis)\w*")
_ADDRESS = re.compile(r"\S@\S")
_ENDS_ADDRESS = re.compile(
    r"(?:desinscri|desabonn|supprim|suppression|retir|retrait|enlev|radi|effac|resili)\w*"
    r"(?: (?:svp|merci|de|du|d'|a|aussi|votre|vos|fichiers?|listes?|l'|la|cette|l'ancienne"
    r"|adresse|mail|e-?mail|courriel|suivante|:)| ?:| ?l'(?:adresse|e-?mail)| ?d'){0,6} ?<?[^\s@]+@"
)
_NOTHING_ELSE = re.compile(r"(?:\W|\b(?:e-?mail|mail|courriel|adresse)\b)*+")


def doubt(subject: str, new_text: str, day: date | None, sender: str = "") -> str:
    """Why an end is not done at once (French, goes on after "à lire :"), or "". `day` is that of the mail.

    Of a mail that names another address than that of its `sender`, the question is whether that one is plainly meant.
    """
    text = _with_this_address(new_text[: registration.MAX_TEXT], sender)
    plain = dates.plain(spelling.plain(text))
    if len(plain) > _MAX_TEXT or len(new_text) > registration.MAX_TEXT:
        return "le message est long"
    title = "" if registration.is_answer(subject) else spelling.plain(subject)
    said = courtesy.without(text)
    by_subject = not registration.unsubscribe("", new_text)
    if by_subject:
        said = "\n".join((*re.split(r"[.,;:!…]", title), said))
    told = _POLITE.sub(" ", f"{title}\n{said}")
    if _QUESTION.search(said) or "?" in plain:
        return "il pose une question"
    to_come = _day_to_come(f"{title}\n{plain}", day)
    if to_come or _TO_COME.search(told):
        return f"il parle d’un jour à venir{to_come}"
    if _ADDRESS.search(plain):
        plainly = _ENDS_ADDRESS.search(plain) and not _KEEPS.search(plain)
        return "" if plainly else "il nomme une adresse sans dire que c’est elle qui prend fin"
    if _SOMEBODY_ELSE.search(told):
        return "il parle peut-être de quelqu’un d’autre que de son expéditeur"
    asks = bool(registration.unsubscribe(title, "")) and not farewell.is_plain(title)
    return _OPEN if asks or not farewell.is_plain(said) else ""


_OPEN = "il dit plus, ou autre chose, qu’une fin de tous les envois à son expéditeur"


def _with_this_address(text: str, sender: str) -> str:
    """The text with the sender's own address told in words; a line that is nothing else goes."""
    if not sender:
        return text
    own = re.compile(re.escape(sender), re.IGNORECASE)
    lines = (line for line in text.split("\n") if not (own.search(line) and _NOTHING_ELSE.fullmatch(own.sub("", line))))
    return own.sub("cette adresse", "\n".join(lines))


def _day_to_come(text: str, day: date | None) -> str:
    """ " : le 30/06/2026" for the first day that is not over yet; one that cannot be told apart counts as such."""
    text = dates.plain(text)
    for written in dates.DATE.finditer(text):
        if _SINCE.search(text[: written.start()][-20:]):
            continue
        meant = dates.moment(written, day)
        if meant and (day is None or meant > day):
            return f", le {meant:%d/%m/%Y}"
    return ""
