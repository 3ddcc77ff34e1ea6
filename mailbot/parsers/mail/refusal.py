"""The words of a no: to an address, to a change, to a request that somebody says not to have made. Pure; never raises.

All expressions are for the folded pieces of `courtesy.without`, one a line. What only looks like a denial ("pas de
problème", "je ne m’y oppose pas") is `NO_TROUBLE`; it goes before anything else is looked at.
"""

from __future__ import annotations

import re

#: "Pas de problème", "je n’ai pas d’objection", "non, pas d’objection", "je ne m’y oppose pas".
NO_TROUBLE = re.compile(
    r"(?:^non\s)?(?:\b(?:il )?(?:n'?y a |je n'ai |nous n'avons |je n'y vois |nous n'y voyons )?"
    r"(?:pas|aucun|aucune|sans)(?: d'| de)? ?"
    r"(?:probleme|souci|objection|reserve|inconvenient|opposition)s?"
    r"(?: (?:pour|de) (?:moi|nous|(?:ma|notre) part))?"
    r"|\b(?:(?:je|nous|on) )?(?:ne |n')?(?:m'|nous |l'|le |la )?(?:y )?(?:oppos|contest|refus)\w*"
    r" (?:pas|rien|nullement)"
    r"(?: (?:a )?(?:cette|ce|l'|la) ?(?:\w{1,15}))?)(?= *(?:$|\n))",
    re.MULTILINE,
)
_DENIED = (
    r"(?:confirm|accept|valid|autoris|approuv|consen|reconn|connai|souhait|veux|veut|voul|desir|demand|sollicit)\w*"
)
_ADDRESS = r"(?:adresse|mail|e-?mail|courriel|boite|messagerie|inscription)"
_THAT = rf"(?:cette|cet|ce|l'autre|la nouvelle|l'|la|le) ?(?:{_ADDRESS}|changement|modification|demande|enregistrement)"
_STOP_WORDS = (
    rf"^(?:on )?stop+\b|\b(?:arrete[rz]?|cesse[rz]?|suspende[zr]|bloque[rz]?)\b"
    rf"|\b(?:desinscri|desactiv|supprim|retir|enlev|radi|resili)\w* (?:{_THAT}|de suite|tout)"
    rf"|^(?:svp |veuillez |merci de )?(?:me |nous )?(?:desinscri|desabonn)\w*"
    r"|\bannul(?:e[rz]|ation|ons)\b|^annule\b"
)
#: "Stop", "annulez", "désinscrivez cette adresse": a no to a change, a yes to an end.
STOPS = re.compile(_STOP_WORDS, re.MULTILINE)
REFUSES = re.compile(
    r"(?:^|(?<=\n))(?:n+o+n+|no|nan|nn|nope|niet)\b(?! (?:seulement|negligeable))"
    rf"|(?:\bne |\bn'|\b(?:je|nous|j')(?: |'|\b)?)(?:vous |le |la |l'|les |en |y )?{_DENIED} (?:\w{{1,12}} )?"
    r"(?:pas|aucunement|nullement|point|rien|jamais|en aucun cas)\b"
    rf"|\b(?:n'?ai|j'?ai|g|ai|avons|a|ont) (?:\w{{1,10}} )?(?:pas|rien|jamais|aucunement|nullement) (?:\w{{1,12}} )?"
    r"(?:demand|fait|sollicit|envoy|ecrit|effectu|donn|autoris|valid|confirm|accept|chang|modifi|souhait|voulu)\w*"
    r"|\b(?:est|etait|sont|vient|provient|emane) (?:absolument |surement |certainement )?pas (?:du tout )?(?:de )?"
    r"(?:moi|nous|notre|mon|ma|mes|nos|chez nous|le notre|la notre)\b"
    r"|\b(?:pas|plus)(?: du tout)? d'?accord\b|\b(?:surtout|certainement|absolument|bien sur que|evidemment) (?:pas"
    r"|non)\b"
    r"|\bpas (?:du tout|question)\b|\bhors de question\b|\ben aucun cas\b|\bjamais de la vie\b"
    r"|\b(?:je|nous|on) (?:le |la |l'|les |vous )?(?:refus|contest|rejet|denonc)\w*|^(?:refus|contest)\w*$"
    r"|\bm'? ?(?:y )?oppose\b|\bnous opposons\b|^opposition\b|\bdesaccord\b"
    r"|\bpas (?:du tout )?(?:etre )?(?:a l'? ?origine|l'? ?auteur|concern\w*|au courant)\b"
    r"|\bne (?:surtout )?pas (?:l'|la |le |les )?(?:enregistr|inscri|valid|activ|confirm|modifi|chang|donner suite)"
    r"|\bn'? ?(?:enregistr|inscri|activ|chang|modifi)\w* (?:surtout )?(?:pas|rien)\b"
    r"|\bne rien (?:enregistr|inscri|valid|activ|modifi|chang|faire)"
    r"|\b(?:fraud|usurp|arnaq|escro|phish|hameconn|pirat)\w*|\binconnue?s? (?:de|au|chez|pour|a)\b|^inconnue?s?$"
    r"|\bconnais pas\b|\b(?:est|sont) inconnue?s?\b|\bsais pas (?:qui|ce que)\b"
    r"|^(?:(?:c'est|ce sont|il s'agit d'|ceci est|attention) ?)?(?:une |un |d'une )?(?:erreurs?|faux|mensonge)\b"
    r"|\b(?:repondu|dit|ecrit|clique|valide|accepte) (?:oui )?par erreur\b"
    rf"|\b(?:garde[rz]|laisse[rz]|conserve[rz]|maintene[rz]|maintenir|remett(?:ez|re)|retabli\w*|repren(?:ez|dre)) "
    rf"(?:\w{{1,9}} )?(?:notre|nos|mon|ma|mes|l'ancienne|l') ?(?:\w{{1,9}} )?{_ADDRESS}"
    rf"|{_STOP_WORDS}",
    re.MULTILINE,
)
#: A question of who does not know what this is about: an address that nobody knows is not accepted.
WHO = re.compile(
    r"^(?:(?:mais|et) )?(?:qui (?:(?:vous )?(?:a|ont) (?:bien pu )?(?:demand|fait|chang|donn|autoris|envoy)\w*"
    r"|est-ce|etes|est (?:cette|ce|la))|c'est (?:qui|quoi (?:cette|ce))|quelle est cette|a qui (?:est|appartient)"
    r"|d'ou (?:vient|sort))",
    re.MULTILINE,
)
_BEGINS = re.compile(r"\s*(?:n+o+n+|no|nan|nn)\b")


def parted(said: str) -> tuple[str, str]:
    """The questions among the pieces, and what is told."""
    asked: list[str] = []
    told: list[str] = []
    for piece in said.split("\n"):
        *questions, rest = piece.split("?")
        asked += [one.strip() for one in questions]
        # What follows a question mark is told; nothing does where the piece ended there.
        if rest.strip() or not questions:
            told.append(rest.strip() if questions else rest)
    return "\n".join(asked), "\n".join(told)


def left(told: str) -> str:
    """The pieces without their refusals; where one stood, nothing agrees any more, but beside a plain no ("non ok")."""
    return REFUSES.sub(lambda found: " " if _BEGINS.match(found[0]) else " # ", told)


def begins(told: str) -> bool:
    """Does it begin with a plain no?"""
    return _BEGINS.match(told) is not None
