"""What an answer to "oui ou non ?" says. Pure; never raises.

A yes binds health data to an address, so it is believed only where every word of the mail agrees: each piece of the new
text is a courtesy or holds nothing but words of consent. A no stops or refuses, which is always safe: it may be given
in any words, beside questions ("Non, qui est-ce ?") and as one ("Qui a demandé ça ?"), as long as nothing says yes. A
condition ("oui, mais…"), both at once, a word that is not known here: `UNCLEAR`, and an agent reads the mail.

`read` hears a yes of whoever was asked; `is_about_another` is narrower, for who was asked about somebody else.
"""

from __future__ import annotations

import re

from mailbot.model.inscriptions import Consent, Role
from mailbot.parsers.mail import courtesy, refusal, spelling

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
#: An affirmation that counts beside a refusal, whatever follows it: "non, enfin oui", "oui pour Paris, non pour Lyon".
_STILL_YES = re.compile(
    r"\b(?:oui|ouais|yes|j[' ]?accepte|nous acceptons|(?:suis|sommes) d[' ]?accord)\b"
    r"(?! (?:celle|la notre|la mienne|la meme))|^(?:enfin |plutot |en fait |finalement |bon )?"
    r"(?:ok|okay|d[' ]?accord)\b"
)
#: Words that change nothing beside an affirmation.
_BESIDE = re.compile(
    r"(?:\b[ljcdsm]'|\b(?:je|nous|j|il|elle|on|me|moi|vous|le|la|les|l|un|une|de|du|des|a|au|aux|en|et|ce|cette|ces|c"
    r"|ma|mon|mes|notre|nos|votre|vos|est|ai|avons|suis|sommes|qui|qu'il|s'agit|bien|tres|tout|toutes|totalement"
    r"|fait|faite|effectue|effectuee|envoye|envoyee|demande|demandes|demander|demandee?|inscription|enregistrement"
    r"|activation"
    r"|changement|modification|confirmation|recevoir|adresse|adresses|mail|mails|e-mail|email|courriel|messagerie"
    r"|electronique|bordereaux|bordereau|retours|rejets|flux|tiers|payant|service|cabinet|pharmacie|centre|officine"
    r"|secretariat|secretaire|comptabilite|facturation|gestion|remplacante?|collegue|collaboratrice|collaborateur"
    r"|associee?|personne|connais|connaissons"
    r"|titulaires?|nouvelle|nouveau|c'est|voici|accord|donne|donner|donnons|pour|sur|par|dans|enregistrer|inscrire"
    r"|valider|activer|confirmer|proceder|pouvez|parfaitement|d'avance|sans reserve|d'accord|merci|madame|monsieur"
    r"|bonjour|ok|oui)\b"
    r"|[\s\"'«»*_()-]++)*"
)
_ANSWERS = re.compile(r"\s*(?:re|ref|tr|fwd?|rep|aw|wg)\s*:", re.IGNORECASE)

# -- the yes of who was asked about somebody else's address ------------------------------------------------------------

_THAT = (
    r"(?:cette|cet|ce|la|l'|l|le|votre|a cette|a l'|a la|de cette|de l'|de la|pour cette|pour l'|pour la|pour ce) ?"
    r"(?:nouvelle )?(?:adresse|demande|inscription|enregistrement|changement|modification|mail|e-?mail|activation)"
    r"(?: (?:de|a) (?:cette (?:nouvelle )?(?:adresse|demande|personne)|l'adresse))?(?: (?:e-?mail|mail|electronique))?"
)
_SAYS_YES = (
    r"(?:oui|ouais|yes|affirmatif|(?:je|nous) (?:vous |le |la |l'|vous le |vous l')?(?:confirm|accept|valid|autoris"
    r"|approuv|consen)(?:e|ons|s|tons)|j[' ]?(?:accepte|approuve|autorise)|confirme|accepte|valide|approuve|autorise"
    r"|bon pour accord|(?:mon |notre |avec (?:mon|notre) )accord|accord (?:donne|de (?:ma|notre) part|total)"
    r"|vous pouvez (?:l'|la |le |y )?(?:enregistrer|inscrire|valider|activer|proceder)"
    r"|(?:je|nous|on) (?:la |l'|le )?connai(?:s|ssons|t)(?: (?:tres )?bien)?"
    r"(?: (?:cette|l'|la) ?(?:adresse|personne))?)"
)
#: Also what somebody says who has only read a message.
_NODS = (
    r"(?:ok|okay|(?:c'est |je suis |nous sommes |on est )?(?:tout a fait |bien )?d[' ]?accord"
    r"|c'est (?:bon|ok|okay|exact|correct)|tout a fait|bien sur|absolument|certainement|volontiers|exact)"
)
_ADDRESSED = r"(?:madame|monsieur|docteur|bonjour|svp|s'il vous plait|merci(?: (?:beaucoup|d'avance|bien))?)"
_TAIL = rf"(?:(?:pour|de la part de|par|a) (?:moi|nous)|sans reserve|parfaitement|{_THAT})"
_ASSENT = re.compile(rf"(?:(?:{_NODS}|{_SAYS_YES}|{_TAIL}|{_ADDRESSED}|bien)(?!\w)|[\s\"'«»*_()-]++)++")
_ALL_IN_ONE = re.compile(rf"(?<![\w'])(?:{_SAYS_YES}|(?:{_NODS}|oui) {_TAIL})(?![\w'])")
_THANKED = re.compile(r"\b(?:merci|remerci)")
_WHOSE = r"(?:c'est |c'est bien |pour |de |il s'agit (?:bien )?de |celle de )?(?:l'adresse (?:de |du |d')?)?"
#: The one who may be named beside the yes: whom the letter asked about.
_PERSON = {
    Role.RETOURS: re.compile(
        r"\bc'est (?:bien )?(?:notre|mon|le) service (?:de |de la )?(?:facturation|comptabilite|tiers payant)\b"
    ),
    Role.REMPLACANT: re.compile(rf"\b{_WHOSE}(?:ma|mon|notre|la|le|son) (?:remplacante?|remplacement)\b"),
    Role.SECRETARIAT: re.compile(rf"\b{_WHOSE}(?:ma|mon|notre|la|le|du) (?:secretaires?|secretariat)\b"),
    Role.PRISES_EN_CHARGE: re.compile(r"\bpour (?:les|nos|mes) (?:prises en charge|pec)\b"),
}


def read(new_text: str, subject: str = "", *, stopping: bool = False) -> Consent:
    """What the sender answers. The subject counts where nothing else was written, and only one that is not an answer
    to ours ("Re: …"). `stopping`: the question was whether to stop; then "stop" says yes."""
    if len(new_text) > MAX_TEXT:
        return Consent.UNCLEAR
    said = courtesy.without(new_text)
    if said:
        return _meaning(said, stopping)
    plain = spelling.folded(spelling.composed(subject[:_MAX_SUBJECT]))
    if _ANSWERS.match(plain) or not courtesy.DECIDES.search(plain):
        return Consent.EMPTY
    return Consent.UNCLEAR if len(subject) > _MAX_SUBJECT else _meaning(courtesy.without(subject), stopping)


def is_about_another(new_text: str, role: Role | None) -> bool:
    """May this yes be the answer of who was asked about somebody else's address in this role?

    It holds nothing but a clear yes to that, thanks, and at most the one that was asked about. "C’est bien moi" and "je
    confirme mon inscription" speak of oneself, "oui pour ma secrétaire" of another role than that of a remplaçant, "ok
    merci" only says that the letter was read.
    """
    person = _PERSON.get(role) if role else None
    said = refusal.NO_TROUBLE.sub(" ", courtesy.without(new_text[:MAX_TEXT]))
    pieces = [person.sub(" ", piece) if person else piece for piece in said.split("\n")]
    if not all(not piece.strip() or _ASSENT.fullmatch(piece) for piece in pieces):
        return False
    thanked = _THANKED.search(spelling.plain(new_text[:MAX_TEXT])) is not None
    return not thanked or any(_ALL_IN_ONE.search(piece) for piece in pieces)


def _meaning(said: str, stopping: bool) -> Consent:
    """The meaning of folded pieces, one a line."""
    said = refusal.NO_TROUBLE.sub(" ", said)
    asked, told = refusal.parted(said)
    if stopping and refusal.STOPS.search(told):
        return Consent.YES if not asked and refusal.only_stops(told) else Consent.UNCLEAR
    left = refusal.left(told)
    if left != told or refusal.WHO.search(said):
        # What a question affirms ("…, ok ?") is an answer only where nothing began with a no.
        heard = left if refusal.begins(told) else f"{left}\n{asked}"
        return Consent.UNCLEAR if any(map(_says_yes, heard.split("\n"))) else Consent.NO
    affirms = not asked and _AFFIRMED.search(told) is not None
    return Consent.YES if affirms and all(map(_agrees, told.split("\n"))) else Consent.UNCLEAR


def _says_yes(piece: str) -> bool:
    """Beside a refusal: does this piece affirm for all that? "Je confirme que je n’ai rien demandé" does not."""
    if not _AFFIRMED.search(piece):
        return False
    return _STILL_YES.search(piece.strip()) is not None or _agrees(piece)


def _agrees(piece: str) -> bool:
    return _BESIDE.fullmatch(_AFFIRMED.sub(" ", piece)) is not None
