"""What a mail says besides greetings, thanks, the end of a letter and the name below it. Pure; never raises.

For the short mails of which each word counts: an answer to "oui ou non ?", a question in our words. What could be part
of the answer is no courtesy: a piece in which a word decides something stays, wherever it stands.
"""

from __future__ import annotations

import re

from mailbot.parsers.mail import spelling

MAX_LINES = 200

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
    r"(?:re ?)?bonjour|bonsoir|hello|salut|chere?s?"
    r"|(?:mesdames|madame|mme|messieurs|monsieur|m|mr|docteur|dr|confreres?|consoeurs?|collegues?)"
)
_CLOSING = (
    r"(?:bien|tres)? ?(?:cordialement|sincerement|confraternellement|amicalement|respectueusement)(?: votre)?"
    r"|bien a vous|cdt|cdlt|crdt|(?:avec )?(?:mes |nos |bonnes |sinceres )*(?:meilleures |sinceres |respectueuses )?"
    r"(?:salutations|sentiments)(?: .{0,40})?"
    r"|(?:veuillez|je vous prie|nous vous prions) (?:d')?(?:agreer|recevoir|croire).{0,90}"
    r"|(?:tres )?(?:bonne? )(?:journee|soiree|fin|week|apres|reception|continuation)\b.{0,25}|a bientot|belle journee"
)
#: What thanks are for. Nothing else: "merci de votre appel avant toute modification" is a condition.
_FOR = (
    r"(?:pour|de) (?:votre|vos|cette|ce|tout|tous|tout le|le) (?:bonne? |prompte? |precieu(?:x|se) )?"
    r"(?:messages?|mails?|e-?mails?|courriels?|courriers?|lettres?|envois?|reponses?|retours?|aides?|attention|vigilance"
    r"|patience|comprehension|confiance|collaboration|cooperation|diligence|reactivite|rapidite|efficacite|travail"
    r"|informations?|infos?|precisions?|disponibilite|accueil|soutien|suivi|temps|prise en compte)"
    r"(?: (?:rapide|prompt|precieu(?:x|se)|et .{0,30}))?"
)
_THANKS = (
    r"(?:un grand |et )?merci(?: (?:beaucoup|bien|encore|infiniment|a vous|d'avance|par avance))*"
    rf"(?: {_FOR})?"
    rf"|(?:je |nous )?(?:vous )?(?:en )?remerci(?:e|ons)(?: (?:par avance|d'avance|beaucoup|{_FOR}))?"
    r"|(?:dans|en) l'attente de (?:vous lire"
    r"|(?:votre|vos|une) (?:prompte? |bonne )?(?:retour|reponse|nouvelles|lecture))"
    r"|(?:restant|je reste|nous restons) a votre (?:entiere )?(?:disposition|ecoute)(?: .{0,40})?"
)
_IS_COURTEOUS = re.compile(
    rf"(?:(?:{_GREETING})(?: (?:a (?:vous|tous|toutes)|et|{_GREETING})){{0,6}}|{_THANKS}|{_CLOSING})"
)
_IS_CLOSING = re.compile(_CLOSING)
_PIECES = re.compile(r"[.,;:!…\n]+|\s[-–—]+\s")
_POLITE_NEGATION = re.compile(r"d'avance|(?:veuillez|prie|prions) d'agreer|l'attente|n'hesitez pas.{0,60}")
#: The words of a name, an office and its address.
_TITLE = re.compile(
    r"(?:dr|docteur|mme|mlle|madame|m|mr|monsieur|pr|pharmacie|cabinet|centre|laboratoire|selarl|scm|scp|ide"
    r"|infirmier\w*"
    r"|kine\w*|masseur\w*|sage|orthophoniste|orthoptiste|ambulances?|secretariat|secretaire|comptabilite|gerante?"
    r"|pharmacienne?|titulaire|medecin|dentiste|chirurgienn?e?)\b"
)
_OF_A_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w'’.&/-]{0,40}|[\d()+./-]+[a-zA-Z]{0,4}|\S+@\S+|(?:www\.|https?:)\S+|[dl]['’]\w+|[&|/:–—-]+"
    r"|d[eu]s?|la|les?|et|à|au|aux|en|rue|avenue|av\.?|bd|boulevard|place|allée|chemin|route|cedex|bis|ter|tél\w*\.?"
    r"|tel\w*\.?"
    r"|fax|mobile|port\w*\.?|mail|e-?mail|courriel|n°|ps|am|finess|rpps|adeli|diplômée?s?|libérale?s?|pharmacien\w*"
    r"|infirmi\w+|secr[ée]tai?r\w*|comptabilité|service|équipe|m[ée]dical\w*|santé|docteur|dr|mme"
)


def without(text: str) -> str:
    """What is left of a text, its pieces (between commas and full stops) folded, one a line; "" for courtesies only.

    `text` is new text; only its first `MAX_LINES` filled lines are put aside, the others are left.
    """
    lines = [line.strip() for line in spelling.composed(text).split("\n") if line.strip()]
    beyond, lines = lines[MAX_LINES:], lines[:MAX_LINES]
    lines = _unsigned(lines)
    pieces = (piece.strip(" \"'«»*_()[]") for line in lines for piece in _PIECES.split(line))
    left = (spelling.folded(piece) for piece in pieces if piece and not _is_titled(piece))
    return "\n".join([*(piece for piece in left if not is_courteous(piece)), *map(spelling.folded, beyond)])


def is_courteous(piece: str) -> bool:
    """Is this folded piece a greeting, thanks or the end of a letter?"""
    return not DECIDES.search(_POLITE_NEGATION.sub(" ", piece)) and _IS_COURTEOUS.fullmatch(piece.strip()) is not None


def _unsigned(lines: list[str]) -> list[str]:
    """Without the name at the end: below "Cordialement" whatever looks like one, else what surely is."""
    closings = [place for place, line in enumerate(lines) if _IS_CLOSING.fullmatch(spelling.folded(line).strip(" ,.!"))]
    if closings:
        below = closings[-1] + 1
        return [*lines[:below], *(line for line in lines[below:] if not _like_a_name(line))]
    end = len(lines)
    while end and _is_a_name(lines[end - 1]):
        end -= 1
    return lines[:end]


def _like_a_name(line: str) -> bool:
    words = line[:200].replace(",", " ").split()
    return not DECIDES.search(spelling.folded(line)) and all(_OF_A_NAME.fullmatch(word) for word in words)


def _is_a_name(line: str) -> bool:
    """A title with a name, or two or three words that all begin with a capital."""
    words = line.split()
    capitals = 2 <= len(words) <= 3 and all(word[:1].isupper() for word in words)
    return _is_titled(line) or (capitals and _like_a_name(line))


def _is_titled(line: str) -> bool:
    return len(line.split()) > 1 and _TITLE.match(spelling.folded(line)) is not None and _like_a_name(line)
