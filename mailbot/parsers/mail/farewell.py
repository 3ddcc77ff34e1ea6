"""The plain sentences of who wants nothing more: a small closed grammar. Pure; never raises.

Whoever is taken out may not notice for weeks, so the list is of what ends, never of what speaks against it: a text in
which one sentence is not known here says no plain end. Folded text; sentences may follow one another without a stop.
Known limit: plain ends in other words exist; they are read by a human.
"""

from __future__ import annotations

import re

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_WHEN = (
    rf"(?:(?:le |la |debut |fin |mi-)?(?:\d{{1,2}}(?:er)? ?)?(?:{_MONTHS})(?: \d{{4}})?"
    r"|(?:le )?\d{1,2}[/. -]\d{1,2}[/. -](?:\d{4}|\d\d)|20\d\d|hier|ce jour|aujourd'?hui|peu|longtemps)"
)
_SINCE = rf"(?: depuis {_WHEN})?"
_AT = rf"(?: (?:depuis|au|en|des)? ?{_WHEN})?"
_OFFICE = r"(?:cabinet|pharmacie|officine|centre|etablissement|laboratoire|patientele|clientele)"
_NOW = r"(?: (?:definitivement|desormais|maintenant|a present))?"
_LETTERS = (
    r"(?:(?:tous |toutes )?(?:vos |les |des |ces |aucun |de |d')?"
    r"(?:e-?mails?|mails?|messages?|courriels?|envois?|bordereaux?|notifications?)(?: de (?:bordereaux|votre part))?)"
)
_HERE = r"(?: (?:a|sur) (?:cette|mon|notre) (?:adresse|boite)(?: (?:e-?mail|mail|electronique))?)?"
_MINE = (
    r"(?:(?:mon |notre |cette |la presente |l'? ?)?(?:adresse|e-?mail|mail|courriel|boite|messagerie)"
    r"(?: (?:e-?mail|mail|electronique))?(?: cette adresse)?|(?:mon |notre |l')inscription|mes coordonnees)"
)
_LIST = (
    r"(?: (?:de|du|des|a|au|sur) ?(?:la |l'|votre |vos |cette |ce |toutes vos )?(?:listes?|service|fichiers?|bases?"
    r"|flux(?: tiers)?|mailing|envois|mails|bordereaux)(?: (?:de diffusion|d'envois?|de donnees|de contacts?"
    r"|flux tiers))?)"
)
_PLEASE = (
    r"(?:merci (?:de |d' ?|d )(?:bien vouloir )?|veuillez |priere de |svp |(?:je|nous) vous (?:prie|prions|demande"
    r"|demandons|remercie|remercions) (?:de |d')(?:bien vouloir )?"
    r"|(?:je |nous )?(?:souhaite|souhaitons|voudrais|voudrions|veux|voulons|desire|desirons|demande a|demandons a) "
    r"|j'? ?aimerais )"
)
_NO_MORE = (
    rf"(?:recevoir (?:rien|{_LETTERS}){_HERE}|rien recevoir{_HERE}"
    rf"|etre (?:inscrite?s?|contactee?s?|destinataires?)(?:{_LIST}| de {_LETTERS})?)"
)
#: What may be asked, behind "merci de" and by itself.
_ACTION = (
    rf"(?:(?:me |nous |m' ?)(?:desinscrire|desabonner){_LIST}?"
    rf"|(?:desinscrivez|desabonnez)(?:[ -](?:moi|nous))?{_LIST}?"
    rf"|(?:me |nous )(?:retirer|enlever|rayer|supprimer|sortir|radier){_LIST}"
    rf"|(?:retirez|enlevez|rayez|supprimez|radiez)[ -](?:moi|nous){_LIST}"
    rf"|(?:desinscri(?:re|vez)|desabonne[rz]|desactive[rz]|supprime[rz]|retire[rz]|enleve[rz]|radie[rz]|efface[rz]"
    rf"|resilie[rz]) {_MINE}{_LIST}?"
    rf"|mettre (?:fin|un terme) a {_MINE}"
    rf"|ne plus (?:rien )?(?:m'? ?|me |nous )?(?:rien )?(?:envoyer|adresser|transmettre|ecrire|contacter)"
    rf"(?: {_LETTERS})?{_HERE}"
    rf"|ne (?:m'? ?|nous )(?:envoyez|ecrivez|adressez) plus(?: rien| {_LETTERS})?{_HERE}"
    rf"|ne plus {_NO_MORE}"
    rf"|(?:arrete[rz]|cesse[rz]|stoppe[rz])(?: tout| (?:de m'? ?envoyer |de nous envoyer )?{_LETTERS})?{_HERE})"
)
_WISH = (
    rf"(?:{_PLEASE}?{_ACTION}"
    rf"|(?:(?:je|nous|on) )?(?:ne |n')?(?:souhaite|souhaitons|veux|veut|voulons|desire|desirons"
    rf"|voudrais) plus {_NO_MORE}"
    rf"|(?:(?:ma |notre )?demande de |{_PLEASE}(?:ma |notre )?)?(?:desinscription|desabonnement)(?: de {_MINE}"
    rf"|{_LIST})?"
    rf"|(?:suppression|retrait|resiliation|radiation|fin) (?:de |d')(?:{_MINE}|inscription){_LIST}?"
    rf"|stop(?: (?:aux |a )?{_LETTERS})?|unsubscribe"
    r"|(?:je|nous) ne (?:suis|sommes) plus concernee?s?(?: par vos envois)?)"
)
_OVER = (
    rf"(?:(?:je |nous |j' ?|j)?(?:n'? ?|ne )?exerc(?:e|ons) plus{_NOW}(?: en liberal"
    rf"| d'activite(?: liberale)?)?{_SINCE}"
    rf"|(?:j'? ?ai|nous avons) (?:definitivement )?(?:cesse|arrete) (?:mon|notre|toute) activite"
    rf"(?: (?:liberale|professionnelle))?{_NOW}{_AT}"
    rf"|je (?:suis|ne suis plus en activite et suis)(?: desormais| maintenant| a present)? (?:(?:a la|en) retraite"
    rf"|retraitee?){_AT}|nous sommes (?:a la|en) retraite{_AT}"
    rf"|(?:je|nous) n'? ?(?:ai|avons|suis|sommes) plus (?:d'activite|en activite){_SINCE}"
    rf"|(?:mon |notre |ma |le |la |l'){_OFFICE} (?:a (?:definitivement ferme|ferme definitivement)"
    rf"|est (?:definitivement fermee?|fermee? definitivement)){_AT})"
)
#: Says why, and ends nothing by itself: an office that was sold may go on elsewhere.
_WHY = (
    rf"(?:(?:j'? ?ai|nous avons) (?:vendu|cede) (?:mon|notre|ma|le|la|l') ?{_OFFICE}{_AT}"
    rf"|(?:le |la |l'|mon |notre |ma ){_OFFICE} (?:a ete (?:vendue?|cedee?)|est fermee?){_AT}"
    rf"|(?:je|nous) (?:pars|partons|prends ma) (?:(?:a la|en) )?retraite{_AT}"
    rf"|(?:suite a )?(?:mon |notre )?depart (?:a la|en) retraite{_AT}|retraite|cessation d'activite{_AT}"
    rf"|(?:je|nous) (?:cesse|cessons|arrete|arretons) (?:mon|notre) activite"
    rf"|mon remplacement (?:est|s'est) (?:termine|acheve|fini){_AT}|fin de mon remplacement"
    rf"|je quitte (?:le|mon) cabinet)"
)
_FILLER = (
    r"(?:(?:merci de |veuillez )?(?:bien vouloir )?(?:prendre|prenez) en compte (?:ma|notre|cette) demande"
    r"|(?:merci de )?(?:faire|effectuer) le necessaire|(?:ma|notre|cette) demande|voir objet|cf objet"
    r"|bonjour|bonsoir|bjr|madame|monsieur|merci(?: (?:beaucoup|d'avance|par avance))?|svp|s'? ?il vous plait|et|donc"
    r"|a (?:partir|compter) (?:de ce jour|d'aujourd'hui|de maintenant)|des (?:maintenant|aujourd'hui|a present"
    r"|reception)"
    r"|(?:(?:pour|de|du) )?(?:le |mon |notre )?(?:n ?[°o]? ?|numero (?:de )?)?(?:ps|am|finess|adeli|rpps)[ :°no]{0,5}"
    r"\d[\d ]{6,12}\d)"
)
_STEP = re.compile(rf"(?:(?P<ends>{_WISH}|{_OVER})|{_WHY}|{_FILLER})(?=\s|$)[\s:'-]*")


def is_plain(said: str) -> bool:
    """Is each sentence of this folded text (pieces as `courtesy.without` leaves them) known, and does one of them end?

    Read from left to right, never back: time grows with the length of the text.
    """
    place, ends = 0, False
    said = " ".join(said.split())
    while place < len(said):
        step = _STEP.match(said, place)
        if not step:
            return False
        place, ends = step.end(), ends or step["ends"] is not None
    return ends
