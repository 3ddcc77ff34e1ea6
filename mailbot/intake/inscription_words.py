"""What the words of a mail mean for the register, where more than yes or no counts. Pure; never raises.

Beside a code from paper, in an answer to a letter that only tells something, in a mail of a PS that names an address,
in a mail that asks for several numbers. Where the words leave a doubt, none of these functions finds them harmless.
Yes and no themselves stand in `parsers.mail.consent`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailbot.model.inscriptions import Consent
from mailbot.parsers.mail import consent, courtesy, roles, spelling

_MAX_TEXT = 20_000
_GAP = r"[^A-Za-z0-9]{0,6}"
#: How a sign of a code may have been copied from paper.
_ALIKE = {"o": "[o0]", "i": "[i1]", "b": "[b8]"}
#: All that somebody says who hands over a code.
_HANDS_OVER = re.compile(
    r"(?:\b(?:voici|ci-joint|ci-dessous|le|la|les|l|d|du|de|des|un|a|au|aux|en|ce|cette|par|pour|sur|dans|avec|et|est"
    r"|je|nous|vous|ai|avons|bien|mon|ma|mes|notre|nos|votre|vos|codes?|recue?s?|recois|recu|arrivee?|courriers?"
    r"|courriels?|postale?|poste|lettres?|papier|envoyee?|envoie|envoyons|transmets|transmettons|communique"
    r"|communiquons|retourne|renvoie|inscription|enregistrement|adresse|mail|e-mail|email|electronique"
    r"|confirmation|confirme|confirmons|confirmer|valide|valider|validation|activer|activation|demandee?|reponse"
    r"|suite|comme|convenu|prevu|figurant|indique|oui|ok|numero|n|ps|am|finess|cabinet|pharmacie|service|tiers"
    r"|payant|bordereaux|merci|bonjour|aujourd'hui|hier|matin|jour)\b|[\W\d_])*"
)
_ACKNOWLEDGES = re.compile(
    r"(?:(?:ok|okay|oui|merci|d'accord|tres bien|parfait|entendu|compris|super"
    r"|c'est (?:bien )?(?:note|bon|correct|exact)|bien (?:note|recu|compris)|note|recu|exact"
    r"|(?:nous avons|j'ai|c'est) bien (?:note|recu|compris)"
    r"|(?:pas de|aucun) (?:probleme|souci)|bonne reception|message (?:bien )?recu|avec plaisir)\b[\s,]*)+"
)
_MACHINE = re.compile(
    r"\babsente?s?\b|\babsence\b|\bconges?\b|\bvacances\b|\bferme(?:e|s|es|ture)?\b|\bde retour\b|\bout of\b"
    r"|\bautomat\w*|\baccus\w* (?:bonne )?(?:de )?reception|\bbien recu votre\b|\bne pas repondre\b|\bticket\b"
    r"|\bbrefs delais\b"
)
_AGAINST = re.compile(
    r"\?|\bn'|\b(?:non|no|nan|pas|ne|ni|jamais|aucun\w*|rien|erreur\w*|erron\w*|tromp\w*|annul\w*|refus\w*|retir\w*"
    r"|supprim\w*|enlev\w*|desinscri\w*|inconnu\w*|fraud\w*|arret\w*|stop\w*|cess\w*|contest\w*|oppos\w*|opposition"
    r"|pirat\w*|usurp\w*|arnaq\w*|suspect\w*|bloqu\w*|sauf|plutot|attend\w*|finalement|fausse?|faux|tort)\b"
)
_REGISTER = re.compile(
    r"\b(?:des|re)?(?:inscri\w*|enregistr\w*)|\badresses?\b|\bautoris\w*|\baccord\w*|\brepondu oui\b|\bconnai\w*"
    r"|\bfraud\w*|\bpirat\w*|\busurp\w*"
)
_SENTENCES = re.compile(r"[!?;\n]+|\.(?=\s)")
_REMOVES = re.compile(
    r"\b(?:desinscri\w*|retir\w*|retrait|supprim\w*|suppression|enlev\w*|radi\w*|arret\w*|annul\w*|stop\w*|resili\w*"
    r"|desabon\w*|(?:ne |n')?plus)\b"
)
_KEEPS = re.compile(r"\b(?:continu\w*|gard\w*|conserv\w*|rest\w*|toujours|maint\w*|laiss\w*|desormais|sauf)\b")
_SPLIT = re.compile(r"[.;:,()\n]|\d{6,}|\bet\b")


def beside_code(new_text: str, codes: Iterable[str]) -> Consent:
    """What the words around a code say: `EMPTY` where they only hand it over. `codes` as `parsers.mail.codes` gives."""
    left = spelling.composed(new_text[:_MAX_TEXT])
    for code in codes:
        written = _GAP.join(_ALIKE.get(sign, re.escape(sign)) for sign in code)
        left = re.sub(rf"(?:\bmb{_GAP})?{written}", " ", left, flags=re.IGNORECASE)
    said = consent.read(left)
    if said is not Consent.UNCLEAR:
        return said
    plain = "?" not in left and _HANDS_OVER.fullmatch(courtesy.without(left)) is not None
    return Consent.EMPTY if plain else Consent.UNCLEAR


def acknowledges(new_text: str) -> bool:
    """Nothing but thanks, or that it was read: no objection, and nothing to do."""
    if "?" in new_text:
        return False
    pieces = courtesy.without(new_text[:_MAX_TEXT]).split("\n")
    return all(not piece.strip() or _ACKNOWLEDGES.fullmatch(piece.strip()) for piece in pieces)


def is_of_a_machine(new_text: str) -> bool:
    """Does it read like an absence or an acknowledgement that nobody wrote?"""
    return _MACHINE.search(_plain(new_text)) is not None


def is_against(new_text: str, subject: str) -> bool:
    """May these words of a PS that names an address be against it? Anything but a plain request may."""
    return any(_AGAINST.search(_plain(text)) for text in (new_text, subject))


def is_of_the_register(new_text: str, subject: str) -> bool:
    """Do they speak of addresses and their registration at all?"""
    return any(_REGISTER.search(_plain(text)) for text in (new_text, subject))


def removes(new_text: str, address: str) -> bool:
    """Does the sentence that names this address ask to take it out, and not to keep it?"""
    text = spelling.composed(new_text[:_MAX_TEXT])
    named = [_plain(one) for one in _SENTENCES.split(text) if address in one.lower()]
    return any(_REMOVES.search(one) for one in named) and not any(_KEEPS.search(one) for one in named)


def mixes_roles(new_text: str) -> bool:
    """Does it ask for more than one role?"""
    return len({role for piece in _SPLIT.split(_plain(new_text)) if (role := roles.said(piece))}) > 1


def _plain(text: str) -> str:
    return spelling.folded(spelling.composed(text[:_MAX_TEXT]))
