"""What a mail says besides greetings, thanks, the end of a letter and the name below it. Pure; never raises.

For the short mails of which each word counts: an answer to "oui ou non ?", a question in our words. What could be part
of the answer is no courtesy: a piece in which a word decides something stays, wherever it stands.
"""

from __future__ import annotations

import re

from mailbot.parsers.mail import spelling

MAX_LINES = 200
_MAX_LINE = 200  # characters beyond which a line is no name

#: Words that may turn an answer round: nothing that holds one is put aside. Folded.
DECIDES = re.compile(
    r"\b(?:oui|ouais|yes|ok|okay|non|no|pas|ne|ni|point|jamais|aucun\w*|rien|sans|mais|sauf|si|contre|annul\w*|stop\w*"
    r"|(?:de)?sacc?ord\w*|d?accord\w*|confirm\w*|accept\w*|valid\w*|refus\w*|rejet\w*|autoris\w*|erreurs?|erron\w*|faux"
    r"|fausse\w*|attend\w*|plus|tard|demain|inconnu\w*|connai\w*|contest\w*|oppos\w*|suspen\w*|bloqu\w*|supprim\w*"
    r"|arret\w*|frau\w*|usurp\w*|arnaqu\w*|pirat\w*|impossible|interdi\w*|retir\w*|moi|demand\w*|reserves?"
    r"|verifi\w*|avant|avis|absent\w*|prealable\w*|provisoire\w*|temporaire\w*|conditions?|discut\w*|(?:r?appel\w*)"
    r"|seul\w*|uniquement|exception\w*|suspens|voir)\b|\b[nd]'"
)
_GREETING = (
    r"(?:re ?)?bonjour|bonsoir|bjr|hello|salut|chere?s?"
    r"|(?:mesdames|madame|mme|messieurs|monsieur|m|mr|docteur|dr|confreres?|consoeurs?|collegues?)"
)
_REGARDS = (
    r"(?:mes |nos |ma |notre |sinceres |meilleur[es]{1,3} |respectueu(?:x|ses) |bonnes |cordiales |confraternelles )*"
    r"(?:salutations|sentiments|consideration)(?: (?:distingue[es]{0,2}|cordiales|confraternel(?:le)?s"
    r"|respectueu(?:x|ses)"
    r"|devoues|amicales|sinceres|(?:les )?meilleure?s|les plus (?:distingue[es]{0,2}|respectueu(?:x|ses)|cordiales"
    r"|sinceres)))*"
)
_EXPRESSED = rf"(?:(?:a |en )?l'(?:expression|assurance) de |(?:avec )?){_REGARDS}"
_CLOSING = (
    r"(?:bien|tres)? ?(?:cordialement|sincerement|confraternellement|amicalement|respectueusement)(?: (?:votre"
    r"|a vous))?"
    rf"|bien a vous|cdt|cdlt|crdt|{_EXPRESSED}"
    r"|(?:veuillez|je vous prie|nous vous prions|vous prie) (?:d'|de )?(?:agreer|recevoir|croire|accepter)"
    rf"(?: (?:cher|chere|chers|madame|monsieur|mesdames|messieurs|docteur|confrere|consoeur|et))*(?: {_EXPRESSED})?"
    r"|(?:je|nous) vous (?:souhaite|souhaitons) une (?:bonne|agreable) (?:journee|soiree|semaine)"
    r"|(?:tres )?(?:bonne?|belle) (?:(?:fin|debut) (?:de |d')(?:journee|matinee|semaine|apres[- ]midi)|journee|soiree"
    r"|matinee|semaine|week[- ]?end|apres[- ]midi|reception|continuation)(?: (?:a (?:vous|tous|toutes)|et a bientot))?"
    r"|a bientot"
)
_WHAT_FOR = (
    r"(?:messages?|mails?|e-?mails?|courriels?|courriers?|lettres?|envois?|reponses?|retours?|aides?|attention"
    r"|vigilance"
    r"|patience|comprehension|confiance|collaboration|cooperation|diligence|reactivite|rapidite|efficacite|travail"
    r"|informations?|infos?|precisions?|disponibilite|accueil|soutien|suivi|temps|prise en compte)"
)
#: What thanks are for. Nothing else: "merci de votre appel avant toute modification" is a condition.
_FOR = (
    r"(?:pour|de) (?:votre|vos|cette|ce|tout|tous|tout le|le) (?:bonne? |prompte? |precieu(?:x|se) )?"
    rf"{_WHAT_FOR}(?: (?:rapide|prompt|precieu(?:x|se)))?(?: et (?:(?:pour|de) )?(?:votre|vos) {_WHAT_FOR})?"
)
_THANKS = (
    r"(?:un grand |et )?merci(?: (?:beaucoup|bien|encore|infiniment|a vous|d'avance|par avance))*"
    rf"(?: {_FOR})?"
    rf"|(?:je |nous )?(?:vous )?(?:en )?remerci(?:e|ons)(?: (?:par avance|d'avance|beaucoup|{_FOR}))?"
    r"|(?:dans|en) l'attente de (?:vous lire"
    r"|(?:votre|vos|une) (?:prompte? |bonne )?(?:retour|reponse|nouvelles|lecture))"
    r"|(?:restant|je reste|nous restons) a votre (?:entiere )?(?:disposition|ecoute)"
    r"(?: pour (?:toute?|tous) (?:renseignements?|informations?|precisions?|questions?)(?: (?:complement"
    r"|supplement)aires?)?)?"
    r"|(?:(?:je fais|comme) )?suite a (?:votre|notre) (?:mail|e-?mail|message|courriel|courrier|demande)"
    r"|en reponse a votre (?:mail|e-?mail|message|courriel|courrier|demande)"
)
_IS_COURTEOUS = re.compile(
    rf"(?:(?:{_GREETING})(?: (?:a (?:vous|tous|toutes)|et|{_GREETING})){{0,6}}|{_THANKS}|{_CLOSING})"
)
_IS_CLOSING = re.compile(_CLOSING)
#: A greeting that no comma parts from what follows.
_GREETED = re.compile(
    r"(?:bonjour|bonsoir|bjr)(?: (?:madame|monsieur|docteur|a tous))? (?!madame\b|monsieur\b|a\b|et\b)"
)
_BEFORE_A_NAME = re.compile(r"(?:oui|ok|d'accord|non|stop|(?:bien )?cordialement|bien a vous|merci) ")
_PIECES = re.compile(r"[.,;:!…\n]+|\s[-–—]+\s")
_POLITE_NEGATION = re.compile(r"d'avance|(?:veuillez|prie|prions) d'agreer|l'attente|votre demande$")
#: The words of a name, an office and its address.
_TITLE = re.compile(
    r"(?:dr|docteur|mme|mlle|madame|m|mr|monsieur|pr|pharmacie|cabinet|centre|laboratoire|selarl|scm|scp|ide"
    r"|infirmier\w*"
    r"|kine\w*|masseur\w*|sage|orthophoniste|orthoptiste|ambulances?|secretariat|secretaire|comptabilite|gerante?"
    r"|pharmacienne?|titulaire|medecin|dentiste|chirurgienn?e?)\b"
)
_TRADE = (
    r"pharmacien(?:ne)?s?|titulaires?|adjointe?s?|medecins?|generalistes?|specialistes?|infirmier[es]{0,2}|liberale?s?"
    r"|dentistes?|chirurgien(?:ne)?s?(?:-dentistes?)?|masseur[es]{0,3}|kine(?:sitherapeute)?s?"
    r"|masseur[es]{0,3}-kinesitherapeutes?|sages?-femmes?|orthophonistes?|orthoptistes?|pedicures?|podologues?"
    r"|pedicures?-podologues?|opticien(?:ne)?s?|audioprothesistes?|ambulancier[es]{0,2}|biologistes?|cardiologues?"
    r"|gynecologues?|ophtalmologues?|dermatologues?|pediatres?|psychiatres?|radiologues?|osteopathes?|preparat\w{3,5}"
    r"|gerante?s?|directeur|directrice|responsable|comptables?|comptabilite|facturation|secret\w{4,7}|assistante?s?"
    r"|medica(?:le?|ux)|dentaires?|officinale?|service|equipe|sante|tiers|payant|cabinet|pharmacie|officine|centre"
    r"|laboratoire|diplomee?s?"
)
_LINKS = r"d[eu]s?|la|les?|et|a|aux?|en|rue|avenue|av\.?|bd|boulevard|place|allee|chemin|route|cedex|bis|ter"
_REACHED = r"tel\w*\.?|fax|mobile|port(?:able)?\.?|mail|e-?mail|courriel|n°|ps|am|finess|rpps|adeli|docteur|dr|mme"
_OF_A_NAME = re.compile(
    rf"[A-ZÀ-ÖØ-Þ][\w'’.&/-]{{0,40}}|[\d()+./-]+[a-zA-Z]{{0,4}}|\S+@\S+|(?:www\.|https?:)\S+|[&|/:–—-]+"
    rf"|[dl]['’][A-ZÀ-ÖØ-Þ]\w+|(?i:{_LINKS}|{_REACHED})"
)
#: "Rappelez Mme Durand", "Examinera …": an order or a promise, not in capitals, at the head of a line. Who signs
#: "Martinez Sophie" waits for a human; "Sophie Martinez" and "MARTINEZ Sophie" do not.
_VERB = re.compile(r"\w[a-zà-öø-ÿ]+(?:ez|ra|ons|ront)")
#: Ends no name: "Fournissez le".
_DANGLING = re.compile(r"d[eu]s?|la|les?|et|a|à|aux?|en")
_OF_A_TRADE = re.compile(rf"(?:[dl]')?(?:{_TRADE})")
#: Words of a sentence, which no name and no address holds: "Sous Contrôle Médical", "C'est Une Blague".
_OF_A_SENTENCE = re.compile(
    r"\b(?:que|qui|quand|dont|par|pour|avec|apres|selon|sous|chez|vers|une?|ces?|cet|cette|il|elle|ils|elles|on|nous"
    r"|vous|je|me|te|se|ca|cela|est|es|sont|etre|sera|serait|ete|ai|avons|avez|ont|avoir|doi(?:t|vent)|faut|peut"
    r"|peu[tx]"
    r"|pouvez|vais|va|allez|fait|faire|vu|tout|toute|tous|trop|tres|encore|deja|bientot|urgent|attention|note|controle"
    r"|blague|test|essai|jusqu\w*|depuis|pendant|durant|lors|aucun|vite|veuillez|merci|prevenir|telephone[rz]"
    r"|contacte[rz]?|ecri\w+|envoye[rz]|pourquoi|comment|ou)\b|\b(?:j|c|qu|s|m|t)'|[!?]"
)
FIRST_NAME = (
    r"(?:adele|agnes|alain|alice|amelie|anais|andre|anne|antoine|arthur|aurelie|beatrice|benoit|"
    r"bernard|brigitte|camille|caroline|catherine|cecile|celine|chantal|charles|charlotte|chloe|"
    r"christelle|christian|christine|christophe|claire|claude|claudine|clement|corinne|cyril|"
    r"damien|daniel|david|delphine|denis|dominique|elisabeth|elodie|emilie|emma|emmanuel|eric|"
    r"estelle|etienne|fabien|fabienne|florence|florian|francois|francoise|frederic|gaelle|"
    r"gerard|guillaume|helene|henri|hugo|isabelle|jacqueline|jacques|jean|jerome|jessica|"
    r"joelle|josiane|julie|julien|juliette|karine|laetitia|laure|laurence|laurent|lea|louis|"
    r"louise|luc|lucie|ludovic|magali|manon|marc|margaux|marie|marine|martine|mathieu|"
    r"mathilde|maud|maxime|melanie|michel|michele|monique|morgane|muriel|nadia|nadine|nathalie|"
    r"nicolas|nicole|olivier|pascal|pascale|patricia|patrick|paul|pauline|philippe|pierre|"
    r"quentin|rachel|raphael|romain|sabrina|samuel|sandra|sandrine|sarah|sebastien|serge|simon|"
    r"solene|sonia|sophie|stephane|stephanie|sylvie|thierry|thomas|valerie|veronique|vincent|"
    r"virginie|xavier|yann|yves|yvette)"
)
_SMALL_NAME = re.compile(rf"{FIRST_NAME}(?:-{FIRST_NAME})?(?: [a-z-]{{2,20}})?")
#: At the foot of many a mail of a PS, as the tax law asks it.
_TAXES = re.compile(
    r"(?:membre d'une?|(?:acceptant )?le reglement des honoraires)\b(?:[ ,.;-]|\b(?:association|de|gestion|centre"
    r"|agreee?"
    r"|aga|cga|le|la|les|reglements?|des|sommes|dues|honoraires|par|cheques?|carte|bancaire|cb|libelles?|a|son|nom"
    r"|est|sont|acceptee?s?|acceptant)\b)*+"
)


def without(text: str) -> str:
    """What is left of a text, its pieces (between commas and full stops) folded, one a line; "" for courtesies only.

    `text` is new text; only its first `MAX_LINES` filled lines are put aside, the others are left.
    """
    lines = [line.strip() for line in spelling.composed(text).split("\n") if line.strip()]
    beyond, lines = lines[MAX_LINES:], lines[:MAX_LINES]
    lines = _unsigned([line for line in lines if not _TAXES.fullmatch(spelling.folded(line))])
    pieces = (piece.strip(" \"'«»*_()[]") for line in lines for piece in _PIECES.split(line))
    left = (spelling.folded(piece) for piece in map(_unnamed, pieces) if piece and not _is_titled(piece))
    return "\n".join([*(piece for piece in left if not is_courteous(piece)), *map(spelling.folded, beyond)])


def is_courteous(piece: str) -> bool:
    """Is this folded piece a greeting, thanks or the end of a letter?"""
    return not DECIDES.search(_POLITE_NEGATION.sub(" ", piece)) and _IS_COURTEOUS.fullmatch(piece.strip()) is not None


def _unsigned(lines: list[str]) -> list[str]:
    """Without the name at the end: below "Cordialement" whatever looks like one, else what surely is."""
    closings = [place for place, line in enumerate(lines) if _IS_CLOSING.fullmatch(spelling.folded(line).strip(" ,.!"))]
    if closings:
        below = closings[-1] + 1
        return [*lines[:below], *(line for line in lines[below:] if not _signs(line))]
    end = len(lines)
    while end and _is_a_name(lines[end - 1]):
        end -= 1
    return lines[:end]


def _signs(line: str) -> bool:
    """Below the end of a letter: a name, also one in small letters."""
    return _like_a_name(line) or _is_small_name(spelling.folded(line))


def _is_small_name(folded: str) -> bool:
    plain = not DECIDES.search(folded) and not _OF_A_SENTENCE.search(folded)
    return plain and _SMALL_NAME.fullmatch(folded) is not None and not re.search(r"(?:ra|ez|ai|ons)$", folded)


def _like_a_name(line: str) -> bool:
    folded = spelling.folded(line)
    if DECIDES.search(folded) or _OF_A_SENTENCE.search(folded) or len(line) > _MAX_LINE:
        return False
    words = line.replace(",", " ").split()
    if len(words) > 1 and (_VERB.fullmatch(words[0]) or _DANGLING.fullmatch(words[-1].lower())):
        return False
    return all(_OF_A_NAME.fullmatch(word) or _OF_A_TRADE.fullmatch(spelling.folded(word)) for word in words)


def _is_a_name(line: str) -> bool:
    """A title with a name, or two or three words that all begin with a capital."""
    words = line.split()
    capitals = 2 <= len(words) <= 3 and all(word[:1].isupper() for word in words)
    return _is_titled(line) or (capitals and _like_a_name(line))


def _is_titled(line: str) -> bool:
    return len(line.split()) > 1 and _TITLE.match(spelling.folded(line)) is not None and _like_a_name(line)


def _unnamed(piece: str) -> str:
    """Without the name behind a greeting, a closing or the shortest of answers: "oui Dr Martin"."""
    found = _BEFORE_A_NAME.match(spelling.folded(piece))
    if found and piece[found.end() :] and _is_titled(piece[found.end() :]):
        return piece[: found.end()].strip()
    greeted = _GREETED.match(spelling.folded(piece))
    return piece[greeted.end() :] if greeted else piece
