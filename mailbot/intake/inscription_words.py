"""What the words of a mail mean for the register, where more than yes or no counts. Pure; never raises.

Beside a code from paper, in an answer to a letter that only tells something, in a mail of a PS that names an address or
speaks of none, in a mail that asks for several numbers. Where the words leave a doubt, none of these functions finds
them harmless. Yes and no themselves stand in `parsers.mail.consent`.
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
#: Against a change or one's own yes, in a mail that names no address.
_OBJECTS = re.compile(
    r"\bcontest\w*|\boppos\w*|\bopposition\b|\berreurs?\b|\btromp\w*|\bannul\w*|\bfraud\w*|\bpirat\w*|\busurp\w*"
    r"|\barnaqu?\w*|\bescroqu?\w*|\bsuspect\w*|\btrop vite\b|\bpar megarde\b|\bhameconn\w*|\bphishing\b"
    r"|\b(?:rien|jamais|pas) (?:ete )?(?:demande|autorise|donne|accepte|valide|change|signe|souhaite)\w*"
    r"|\bqui (?:vous )?a (?:donc )?(?:demande|change|modifie|fait)"
    r"|\b(?:pas|n'est plus|jamais ete) (?:a nous|(?:de chez )?nous\b|moi\b|(?:la |le |les )?(?:notre|mienn?e?|nos|mon"
    r"|ma)\b)"
    r"|\b(?:remet|retabli|restitu|redonn)\w*"
    r"|\bne (?:la |le |les |l' ?)?connai\w+ (?:pas|rien)|\binconnue? (?:de|chez|a|au)\b"
    r"|\b(?:revoqu|bloqu)\w*|\b(?:retir|repren)\w* (?:mon|notre|cet) accord|\bn'utilis\w+ (?:pas|plus)"
)
#: Of a case, not of the register: a sentence with one of these objects to something else.
_OF_A_CASE = re.compile(
    r"\b(?:factures?|facturation|rejet\w*|assuree?s?|patiente?s?|beneficiaires?|ordonnances?|dossiers?|paiements?|lots?"
    r"|montants?|actes?|nir|regl\w+|vir\w+|remboursement\w*|anomalies?|motifs?|postale)\b"
)
_FORBIDS = re.compile(
    r"\b(?:n'|ne )(?:l'|la |le |les |y |m'|me |nous |vous )?(?:surtout )?"
    r"(?:enregistr|inscri|ajout|activ|valid|rattach|associ)\w* (?:surtout |donc |svp |absolument )?"
    r"(?:pas|rien|jamais|plus)\b"
    r"|\bne (?:surtout )?(?:pas|rien|jamais|plus) (?:l'|la |le |les |y |m'|me |nous )?"
    r"(?:enregistr|inscri|ajout|activ|valid|rattach|associ)\w*"
    r"|\bnon a (?:l'|cette |la )(?:inscri|enregistr)\w*"
)
_BEGINS_NO = re.compile(r"\W*(?:(?:bonjour|madame|monsieur)\W+)*n+o+n+\b")
_SENTENCES = re.compile(r"[!?;\n]+|\.(?=\s)")
_REMOVES = re.compile(
    r"\b(?:desinscri\w*|retir\w*|retrait|supprim\w*|suppression|enlev\w*|radi\w*|arret\w*|annul\w*|stop\w*|resili\w*"
    r"|desabon\w*|(?:ne |n')?plus)\b"
)
_KEEPS = re.compile(r"\b(?:continu\w*|gard\w*|conserv\w*|rest\w*|toujours|maint\w*|laiss\w*|desormais|sauf)\b")
_SPLIT = re.compile(r"[.;:,()/\n]|\d{6,}|\b(?:et|puis|ainsi que|plus|pour)\b| [-–] ")


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


def forbids(new_text: str, subject: str) -> bool:
    """Do they ask not to register something?"""
    return any(_FORBIDS.search(_plain(text)) for text in (new_text, subject))


def objects(new_text: str, subject: str) -> bool:
    """May these words of a PS, which name no address, be against an address that it was asked or told about? They speak
    of the register, and a sentence that is not about a case says no, contests, takes back, or speaks of an error."""
    if not is_of_the_register(new_text, subject):
        return False
    pieces = [one for text in (new_text, subject) for one in _SENTENCES.split(spelling.composed(text[:_MAX_TEXT]))]
    said = [piece for piece in map(_plain, pieces) if not _OF_A_CASE.search(piece)]
    return any(_OBJECTS.search(one) or _FORBIDS.search(one) or _BEGINS_NO.match(one) for one in said)


def begins_with_no(new_text: str) -> bool:
    """Is a plain no the first thing that is said?"""
    return _BEGINS_NO.match(_plain(new_text)) is not None


def removes(new_text: str, address: str) -> bool:
    """Does the sentence that names this address ask to take it out, and not to keep it?"""
    text = spelling.composed(new_text[:_MAX_TEXT])
    named = [_plain(one) for one in _SENTENCES.split(text) if address in one.lower()]
    return any(_REMOVES.search(one) for one in named) and not any(_KEEPS.search(one) for one in named)


def mixes_roles(new_text: str) -> bool:
    """Does it ask for more than one role?"""
    pieces = _SPLIT.split(_plain(new_text))
    return len({role for piece in pieces for role in (roles.said(piece), roles.filled(piece)) if role}) > 1


def _plain(text: str) -> str:
    return spelling.folded(spelling.composed(text[:_MAX_TEXT]))
