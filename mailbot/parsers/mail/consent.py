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
from mailbot.parsers.mail import courtesy, farewell, refusal, registration, spelling

MAX_TEXT = 3_000  # characters: nobody says yes in more
_MAX_SUBJECT = 200

_AFFIRMS = (
    r"(?:oui|ouais|yes|ok|okay|affirmatif|absolument|certainement|volontiers|exact|tout a fait|bien sur"
    r"|exactement|allez-y|c[' ]?est (?:tout a fait |bien )?normal"
    r"|(?<!demande )d[' ]?accord(?: avec (?:cette|la|votre|ce|l'|le) ?(?:demande|inscription|changement|modification))?"
    r"|(?:je|nous) (?:vous |le |la |l'|y |vous l'|vous le |vous la )?(?:re)?(?:confirm|accept|valid|autoris|approuv"
    r"|consen)"
    r"(?:e|ons|s|tons)?(?: (?:bien )?que)?"
    r"|confirmee?s?|confirme|confirmons|acceptee?s?|accepte|validee?s?|valide|approuvee?s?|autorisee?s?"
    r"|(?:bon pour |mon |notre |avec mon |avec notre )accord|accord (?:donne|de (?:ma|notre) part|total|ok)|(?:j'ai"
    r"|avons) donne mon accord"
    r"|c[' ]?est (?:bien )?(?:moi|nous|exact|correct|le cas|ca|cela|bon|(?:mon|notre|ma|(?:la|ma"
    r"|notre) nouvelle) (?:adresse|mail|e-mail|email|demande"
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
_THUMBS = "👍👌🙂😊\ufe0f\U0001f3fb-\U0001f3ff"
_REPLACES = r"\b(?:elle|il|(?:mme|mlle|mr?|dr|madame|monsieur|docteur) [a-z'-]{2,25}) (?:me|nous) remplace(?: bien)?\b"
#: Read: what changes nothing beside an answer that is clear without it.
_RECEIVED = re.compile(r"^(?:(?:c'est |message |mail )?(?:bien recu|bien note)|recu)$\n?", re.MULTILINE)
#: Words that change nothing beside an affirmation.
_BESIDE = re.compile(
    r"(?:\b[ljcdsm]'|\b(?:je|nous|j|il|elle|on|me|moi|vous|le|la|les|l|un|une|de|du|des|a|au|aux|en|et|ce|cette|ces|c"
    r"|ma|mon|mes|notre|nos|votre|vos|est|ai|avons|suis|sommes|qui|qu'il|s'agit|bien|tres|tout|toutes|totalement"
    r"|fait|faite|effectue|effectuee|envoye|envoyee|demande|demandes|demander|demandee?|inscription|enregistrement"
    r"|activation"
    r"|changement|modification|confirmation|recevoir|adresse|adresses|mail|mails|e-mail|email|courriel|messagerie"
    r"|electronique|bordereaux|bordereau|retours|rejets|flux|tiers|payant|service|cabinet|pharmacie|centre|officine"
    r"|secretariat|secretaire|comptabilite|facturation|gestion|remplacante?|remplacement|son|collegue"
    r"|collaboratrice|collaborateur"
    r"|associee?|personne|connais|connaissons"
    r"|titulaires?|nouvelle|nouveau|c'est|voici|accord|donne|donner|donnons|pour|sur|par|dans|enregistrer|inscrire"
    r"|valider|activer|confirmer|proceder|pouvez|parfaitement|d'avance|sans reserve|d'accord|merci|madame|monsieur"
    r"|bonjour|ok|oui)\b"
    rf"|(?<=secretaire ){courtesy.FIRST_NAME}\b|{_REPLACES}|nous avons (?:bien )?change d'(?:adresse|e-?mail)\b"
    rf"|[\s\"'«»*_(){_THUMBS}-]++)*"
)

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
    r"|vous pouvez (?:l'|la |le |y )?(?:enregistrer|inscrire|valider|activer|proceder)|allez-y"
    r"|(?:je|nous) (?:vous )?(?:donne|donnons)(?: bien)? (?:mon|notre) accord"
    r"|merci de (?:bien vouloir )?(?:l'|la |le )(?:enregistrer|inscrire|valider|activer)"
    r"|(?:je|nous|on) (?:la |l'|le )?connai(?:s|ssons|t)(?: (?:tres )?bien)?"
    r"(?: (?:cette|l'|la) ?(?:adresse|personne))?)"
)
#: Also what somebody says who has only read a message.
_NODS = (
    r"(?:ok|okay|(?:c'est |je suis |nous sommes |on est )?(?:tout a fait |bien )?d[' ]?accord"
    r"|c'est (?:bon|ok|okay|exact|correct|bien (?:ca|cela))|exactement|tout a fait|bien sur|absolument|certainement"
    r"|volontiers|exact)"
)
_ADDRESSED = r"(?:madame|monsieur|docteur|bonjour|svp|s'il vous plait|merci(?: (?:beaucoup|d'avance|bien))?)"
_TAIL = rf"(?:(?:pour|de la part de|par|a) (?:moi|nous)|sans reserve|parfaitement|(?:avec )?{_THAT})"
_ASSENT = re.compile(rf"(?:(?:{_NODS}|{_SAYS_YES}|{_TAIL}|{_ADDRESSED}|bien)(?!\w)|[\s\"'«»*_(){_THUMBS}-]++)++")
_ALL_IN_ONE = re.compile(rf"(?<![\w'])(?:{_SAYS_YES}|(?:{_NODS}|oui) {_TAIL})(?![\w'])")
#: More than a nod that it was read.
_CLEAR = re.compile(r"\b(?:oui|(?:je|nous) (?:vous )?(?:le |la |l')?(?:confirm|accept|valid|autoris)\w*)\b")
#: To the question whether to stop.
_BARE_YES = re.compile(
    r"^(?:(?:oui|ouais|yes|confirme|arrete[rz]?(?= *$)|(?:je|nous) (?:vous )?(?:le |la )?confirm(?:e|ons)"
    r"(?: (?:bien )?(?:la |ma |l'|mon |notre )(?:demande de )?(?:desinscription|arret(?: des envois)?"
    r"|fin des envois))?)"
    r"(?!\w) ?(?:(?:merci(?: (?:beaucoup|d'avance))?|svp)\b ?)?)++",
    re.MULTILINE,
)
_SPEAKS_OF_IT = re.compile(
    r"\b(?:valid(?:e|ons|ees?|er|ation)|confirm(?:e|ons|ees?|er|ation)|accord|enregistr\w+|inscri\w+|changements?"
    r"|modifications?|refus\w*|annul\w*|oui|non)\b"
)
_NOTICE = re.compile(
    r"\b(?:confidenti\w+|destinataires?|diffusion|interdit\w*|imprim\w+|virus|environnement|integrite|altere\w*"
    r"|responsabilite|reproduction|publication|rcs|siren|siret)\b"
)
_SENTENCE_END = re.compile(r"\.(?=\s)|[!?]|\n[ \t]*\n")
_THANKED = re.compile(r"\b(?:merci|remerci)")
_WHOSE = r"(?:c'est |c'est bien |pour |de |il s'agit (?:bien )?de |celle de )?(?:l'adresse (?:de |du |d')?)?"
#: The one who may be named beside the yes: whom the letter asked about.
_PERSON = {
    Role.RETOURS: re.compile(
        r"\bc'est (?:bien )?(?:(?:notre|mon|le) service (?:de |de la )?(?:facturation|comptabilite|tiers payant)"
        r"|(?:notre|ma|mon|la) nouvelle adresse(?: (?:e-?mail|mail))?"
        r"(?: (?:du |de la |de l'|de notre |de mon )(?:cabinet|pharmacie|officine|centre|laboratoire))?)(?=$|\n)"
    ),
    Role.REMPLACANT: re.compile(rf"\b{_WHOSE}(?:ma|mon|notre|la|le|son) (?:remplacante?|remplacement)\b|{_REPLACES}"),
    Role.SECRETARIAT: re.compile(
        rf"\b{_WHOSE}(?:ma|mon|notre|la|le|du) (?:secretaires?|secretariat)\b(?: {courtesy.FIRST_NAME}\b)?"
    ),
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
    if registration.is_answer(subject) or not courtesy.DECIDES.search(plain):
        return Consent.EMPTY
    return Consent.UNCLEAR if len(subject) > _MAX_SUBJECT else _meaning(courtesy.without(subject), stopping)


def is_about_another(new_text: str, role: Role | None) -> bool:
    """May this yes be the answer of who was asked about somebody else's address in this role?

    It holds nothing but a clear yes to that, thanks, and at most the one that was asked about. "C’est bien moi" and "je
    confirme mon inscription" speak of oneself, "oui pour ma secrétaire" of another role than that of a remplaçant, "ok
    merci" only says that the letter was read.
    """
    person = _PERSON.get(role) if role else None
    said = _RECEIVED.sub("", refusal.NO_TROUBLE.sub(" ", courtesy.without(new_text[:MAX_TEXT])))
    pieces = [person.sub(" ", piece) if person else piece for piece in said.split("\n")]
    if not all(not piece.strip() or _ASSENT.fullmatch(piece) for piece in pieces):
        return False
    thanked = _THANKED.search(spelling.plain(new_text[:MAX_TEXT])) is not None
    return not thanked or any(_ALL_IN_ONE.search(piece) for piece in pieces)


def is_conditioned(signature: str) -> bool:
    """Does what stands below "-- " speak of consent and changes, where a notice of confidentiality does not?

    "Nous ne validons que par téléphone" takes from a yes above it what makes it clear.
    """
    folded = spelling.plain(signature[:MAX_TEXT])
    return any(_SPEAKS_OF_IT.search(one) and not _NOTICE.search(one) for one in _SENTENCE_END.split(folded))


def _meaning(said: str, stopping: bool) -> Consent:
    """The meaning of folded pieces, one a line."""
    said = refusal.NO_TROUBLE.sub(" ", said)
    asked, told = refusal.parted(said)
    if stopping and refusal.STOPS.search(told):
        return Consent.YES if not asked and _ends(told) else Consent.UNCLEAR
    left = refusal.left(told)
    if left != told or refusal.WHO.search(said):
        # What a question affirms ("…, ok ?") is an answer only where nothing began with a no.
        heard = left if refusal.begins(told) else f"{left}\n{asked}"
        return Consent.UNCLEAR if any(map(_says_yes, heard.split("\n"))) else Consent.NO
    if stopping:
        return Consent.YES if not asked and _ends(told) else Consent.UNCLEAR
    clear = _RECEIVED.sub("", told)
    told = clear if _CLEAR.search(clear) else told
    affirms = not asked and _AFFIRMED.search(told) is not None
    return Consent.YES if affirms and all(map(_agrees, told.split("\n"))) else Consent.UNCLEAR


def _ends(told: str) -> bool:
    """To "faut-il arrêter ?": a bare yes, or that it is to stop; not "c’est bien notre adresse", not "annulez"."""
    rest = _BARE_YES.sub(" ", told)
    return (rest != told and not rest.strip()) or farewell.is_plain(rest)


def _says_yes(piece: str) -> bool:
    """Beside a refusal: does this piece affirm for all that? "Je confirme que je n’ai rien demandé" does not."""
    if not _AFFIRMED.search(piece):
        return False
    return _STILL_YES.search(piece.strip()) is not None or _agrees(piece)


def _agrees(piece: str) -> bool:
    return _BESIDE.fullmatch(_AFFIRMED.sub(" ", piece)) is not None
