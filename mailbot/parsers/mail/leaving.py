"""Does a mail that speaks of an end say clearly that its own sender wants nothing more, from today? Pure; never raises.

`registration.unsubscribe` finds the words of an end; who is meant, and when, stands around them. An address is ended at
once only where nothing of the new text speaks against it: no question, no denial, nobody else, no day to come, no part
of what is sent. In doubt an agent reads the mail: who gets nothing more may not notice for weeks.
"""

from __future__ import annotations

import re
from datetime import date

from mailbot.parsers.mail import courtesy, dates, registration, spelling

_MAX_TEXT = 1_500  # characters beyond which a human reads what else it says

_POLITE = re.compile(
    r"\bs'? ?il (?:vous|te) plait\b|\b(?:a (?:partir|compter) (?:de ce jour|d'aujourd'hui|de maintenant)"
    r"|des (?:maintenant|aujourd'hui|a present|reception))\b|\bn'?hesitez pas\b"
    r"|\b(?:je suis|j'etais|etant) (?:une? |la |le )?(?:\w+ )?(?:infirmi|medecin|kine|pharmacien|dentiste|orthopho)\w*"
)
_QUESTION = re.compile(
    r"\?|\bcomment\b|\best-ce que\b|\bfaut-il\b|\bpeut-on\b|\bsavoir\b|\bsi\b|\bpossible\b|\bpourquoi\b|\bprocedure\b"
)
_CONTRARY = re.compile(
    r"\b(?:pas|ni|non|mais|sauf|surtout|toujours)\b|\berreurs?\b|\b(?:gard|conserv|continu|laiss)\w+|\bmaint(?:en(?!ant)"
    r"|ien)\w*|\brest(?:e|er|ons|ez)\b|\breprend\w*|\bde retour\b|\b(?:ete|suis|sommes|avez|m'a|nous a|plus etre)"
    r" (?:desinscri|desabonn)\w*"
)
_PERSON = (
    r"(?:remplacante?s?|secretair\w+|secretariat|collegues?|associee?s?|collaborat\w+|confreres?|consoeurs?|assistante?s?"
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
_A_PART = re.compile(
    r"\b(?:rappels?|relances?|papiers?|courriers?|postal|poste|fax|newsletters?|publicites?|prises? en charge|seulement"
    r"|uniquement|temporaire\w*|pendant|conges?|vacances|demenag\w*|rue|meme (?:adresse|mail|e-?mail))\b"
    r"|\bexer(?:ce|cons) plus (?:a|au|dans|en|ici|la|sur|chez)\b"
)
_KEEPS = re.compile(r"\b(?:continu|gard|conserv|laiss|maintenez|maintenir|ecrivez|envoyez|utilis)\w*")
_ADDRESS = re.compile(r"\S@\S")
_ENDS_ADDRESS = re.compile(
    r"(?:desinscri|desabonn|supprim|suppression|retir|retrait|enlev|radi|effac|resili)\w*"
    r"(?: (?:svp|merci|de|du|d'|a|aussi|votre|vos|fichiers?|listes?|l'|la|cette|l'ancienne"
    r"|adresse|mail|e-?mail|courriel|suivante|:)| ?:| ?l'(?:adresse|e-?mail)| ?d'){0,6} ?<?[^\s@]+@"
)
#: What may stand beside a subject that asks.
_NEUTRAL = re.compile(
    r"(?:\b(?:n|no|numero|ps|am|finess|adeli|rpps|pour|du|de|le|la|mon|ma|notre|cabinet|pharmacie|demande|prendre|prenez"
    r"|en|compte|effectuer|faire|necessaire|svp|merci|bien|vouloir|veuillez|ci-dessus|objet|voir|cf|cette|adresse|d)\b"
    r"|[\s\d°'().:/-]++)++"
)


def doubt(subject: str, new_text: str, day: date | None) -> str:
    """Why an end is not done at once (French, goes on after "à lire :"), or "". `day` is that of the mail.

    Of a mail that names an address, the question is whether that address is plainly the one that is to end.
    """
    plain = dates.plain(spelling.plain(new_text[: registration.MAX_TEXT]))
    if len(plain) > _MAX_TEXT:
        return "le message est long"
    said = courtesy.without(new_text)
    by_subject = not registration.unsubscribe("", new_text)
    if by_subject:
        if said and not all(map(_NEUTRAL.fullmatch, said.split("\n"))):
            return "l’objet demande une fin, le texte dit autre chose"
        said = f"{spelling.plain(subject)}\n{said}"
    said = _POLITE.sub(" ", said)
    if _QUESTION.search(said) or "?" in plain:
        return "il pose une question"
    to_come = _day_to_come(f"{subject}\n{plain}" if by_subject else plain, day)
    if to_come or _TO_COME.search(said):
        return f"il parle d’un jour à venir{to_come}"
    if _ADDRESS.search(plain):
        plainly = _ENDS_ADDRESS.search(plain) and not _KEEPS.search(plain)
        return "" if plainly else "il nomme une adresse sans dire que c’est elle qui prend fin"
    return next((why for words, why in _AGAINST if words.search(said)), "")


_AGAINST = (
    (_CONTRARY, "il dit aussi le contraire, ou ce qui doit rester"),
    (_SOMEBODY_ELSE, "il parle peut-être de quelqu’un d’autre que de son expéditeur"),
    (_A_PART, "il ne parle peut-être que d’une partie des envois, ou d’un lieu"),
)


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
