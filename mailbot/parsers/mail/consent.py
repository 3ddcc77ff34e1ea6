"""What an answer to "oui ou non ?" says. Pure; never raises.

A yes binds health data to an address, so it is believed only where every word of the mail agrees: each piece of the new
text is a courtesy or holds nothing but words of consent. A no may be given in any words, as long as nothing in the mail
says yes. A question, a condition ("oui, mais…"), a word that is not known here: `UNCLEAR`, and an agent reads the mail.
"""

from __future__ import annotations

import re

from mailbot.model.inscriptions import Consent, Role
from mailbot.parsers.mail import courtesy, roles, spelling

MAX_TEXT = 3_000  # characters: nobody says yes in more
_MAX_SUBJECT = 200

_AFFIRMS = (
    r"(?:oui|ouais|yes|ok|okay|affirmatif|absolument|certainement|volontiers|exact|tout a fait|bien sur"
    r"|(?<!demande )d[' ]?accord"
    r"|(?:je|nous) (?:vous |le |la |l'|y |vous l'|vous le |vous la )?(?:re)?(?:confirm|accept|valid|autoris|approuv"
    r"|consen)"
    r"(?:e|ons|s|tons)?(?: (?:bien )?que)?"
    r"|confirmee?s?|confirme|confirmons|acceptee?s?|accepte|validee?s?|valide|approuvee?s?|autorisee?s?"
    r"|(?:bon pour |mon |notre |avec mon |avec notre )accord|accord (?:donne|de (?:ma|notre) part|total|ok)|(?:j'ai"
    r"|avons) donne mon accord"
    r"|c[' ]?est (?:bien )?(?:moi|nous|exact|correct|le cas|bon|(?:mon|notre|ma) (?:adresse|mail|e-mail|email|demande"
    r"|boite))"
    r"|j[' ]?(?:accepte|approuve|autorise)"
    r"|vous pouvez (?:l'|la |le |y )?(?:enregistrer|inscrire|valider|activer|proceder))"
)
_AFFIRMED = re.compile(rf"(?<![\w']){_AFFIRMS}(?![\w'])")
#: Words that change nothing beside an affirmation.
_BESIDE = re.compile(
    r"(?:\b[ljcdsm]'|\b(?:je|nous|j|il|elle|on|me|moi|vous|le|la|les|l|un|une|de|du|des|a|au|aux|en|et|ce|cette|ces|c"
    r"|ma|mon|mes|notre|nos|votre|vos|est|ai|avons|suis|sommes|qui|qu'il|s'agit|bien|tres|tout|toutes|totalement"
    r"|fait|faite|effectue|effectuee|envoye|envoyee|demande|demandes|demander|demandee?|inscription|enregistrement"
    r"|activation"
    r"|changement|modification|confirmation|recevoir|adresse|adresses|mail|mails|e-mail|email|courriel|messagerie"
    r"|electronique|bordereaux|bordereau|retours|rejets|flux|tiers|payant|service|cabinet|pharmacie|centre|officine"
    r"|secretariat|secretaire|comptabilite|facturation|gestion|remplacante?|collegue|collaboratrice|collaborateur"
    r"|associee?"
    r"|titulaires?|nouvelle|nouveau|c'est|voici|accord|donne|donner|donnons|pour|sur|par|dans|enregistrer|inscrire"
    r"|valider|activer|confirmer|proceder|pouvez|parfaitement|d'avance|sans reserve|d'accord|merci|madame|monsieur"
    r"|bonjour|ok|oui)\b"
    r"|[\s\"'«»*_()-]++)*"
)
#: "Pas de problème": what looks like a denial and is none.
_NO_TROUBLE = re.compile(
    r"\b(?:il )?(?:n'?y a |je n'ai |nous n'avons )?(?:pas|aucun|aucune|sans)(?: d'| de)? ?"
    r"(?:probleme|souci|objection|reserve|inconvenient)s?(?: (?:pour|de) (?:moi|nous|(?:ma|notre) part))?(?= *(?:$|\n))"
)
_DENIED = (
    r"(?:confirm|accept|valid|autoris|approuv|consen|reconn|connai|souhait|veux|veut|voul|desir|demand|sollicit)\w*"
)
_REFUSES = re.compile(
    r"(?:^|(?<=\n))(?:non|no|nan)\b(?! (?:seulement|negligeable))"
    rf"|(?:\bne |\bn'|\b(?:je|nous|j')(?: |'|\b)?)(?:vous |le |la |l'|les |en |y )?{_DENIED} (?:\w{{1,12}} )?"
    r"(?:pas|aucunement|nullement|point|rien|jamais|en aucun cas)\b"
    rf"|\b(?:ai|avons|a|ont) (?:\w{{1,10}} )?(?:pas|rien|jamais|aucunement|nullement) (?:\w{{1,12}} )?"
    r"(?:demand|fait|sollicit|envoy|ecrit|effectu|donn|autoris|valid|confirm|accept)\w*"
    r"|\b(?:est|etait|sont|vient|provient|emane) (?:absolument |surement |certainement )?pas (?:du tout )?(?:de )?"
    r"(?:moi|nous|notre|mon|ma|mes|nos|chez nous|le notre|la notre)\b"
    r"|\b(?:pas|plus)(?: du tout)? d'?accord\b|\b(?:surtout|certainement|absolument|bien sur que|evidemment) (?:pas"
    r"|non)\b"
    r"|\bpas (?:du tout|question)\b|\bhors de question\b|\ben aucun cas\b|\bjamais de la vie\b"
    r"|\b(?:je|nous|on) (?:le |la |l'|les |vous )?refus(?:e|ons)\b|^refus\w*$|\bm'(?:y )?oppose\b|\bnous opposons\b"
    r"|\bdesaccord\b"
    r"|\b(?:suis|sommes|est) pas (?:du tout )?(?:a l'? ?origine|l'? ?auteur|concern\w*|au courant)\b"
    r"|\bne (?:surtout )?pas (?:l'|la |le |les )?(?:enregistr|inscri|valid|activ|confirm|modifi|chang|donner suite)"
    r"|\bne rien (?:enregistr|inscri|valid|activ|modifi|chang|faire)"
    r"|\b(?:fraud|usurp|arnaq|escro|phish|hameconn|pirat)\w*|\binconnue?s? (?:de|au|chez|pour)\b|\bconnais pas\b"
    r"|\bannule[rz]? (?:la|cette|ma|notre|votre|l') ?\w+",
    re.MULTILINE,
)
_OWN = re.compile(
    r"\b(?:mon|ma|mes|notre|nos)\s(?:propre\s|bonne\s|nouvelle\s)?(?:adresse|mail|e-mail|email|courriel|boite|messagerie)"
)
_LATER = re.compile(
    r"\b(?:je|nous|j') ?(?:vais|allons|demand|verrai|verrons|vois|regard|verifi|transmet|attend|rappel|reviens)"
)
_ANSWERS = re.compile(r"\s*(?:re|ref|tr|fwd?|rep|aw|wg)\s*:", re.IGNORECASE)


def read(new_text: str, subject: str = "") -> Consent:
    """What the sender answers. The subject counts where nothing else was written, and only one that is not an answer
    to ours ("Re: …")."""
    if len(new_text) > MAX_TEXT:
        return Consent.UNCLEAR
    said = courtesy.without(new_text)
    if said:
        return Consent.UNCLEAR if "?" in new_text else _meaning(said)
    plain = spelling.folded(spelling.composed(subject[:_MAX_SUBJECT]))
    if _ANSWERS.match(plain) or not courtesy.DECIDES.search(plain):
        return Consent.EMPTY
    said = courtesy.without(subject[:_MAX_SUBJECT])
    return Consent.UNCLEAR if "?" in plain or len(subject) > _MAX_SUBJECT else _meaning(said)


def is_about_another(new_text: str, role: Role | None) -> bool:
    """May this yes be an answer about somebody else's address in this role? "C’est bien mon adresse" speaks of the
    sender's own, "oui pour le secrétariat" of a role that may be another, "je demande" of what is still to come."""
    plain = spelling.folded(spelling.composed(new_text[:MAX_TEXT]))
    if _OWN.search(plain) or _LATER.search(plain):
        return False
    said = roles.said(plain)
    return said is None or said is role


def _meaning(said: str) -> Consent:
    """The meaning of folded pieces, one a line."""
    said = _NO_TROUBLE.sub(" ", said)
    left = _REFUSES.sub(" ", said)
    affirms = _AFFIRMED.search(left) is not None
    if left != said:
        return Consent.UNCLEAR if affirms else Consent.NO
    agreed = affirms and all(_agrees(piece) for piece in said.split("\n"))
    return Consent.YES if agreed else Consent.UNCLEAR


def _agrees(piece: str) -> bool:
    return _BESIDE.fullmatch(_AFFIRMED.sub(" ", piece)) is not None
