"""What a person asks for: to have an address registered, to get nothing more, to see what is kept. Pure; never raises.

Only the new text and the subject are looked at, never quoted text: the footer of our own letters, quoted below a reply,
asks for nothing. They are read folded (`spelling`), for telephones write without accents and apostrophes. An answer is
the French evidence, "" where nothing is asked. The expressions are linear; each has words of which one stands in
everything that it finds, so that most texts are done with at that look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.parsers.mail import spelling

MAX_TEXT = 20_000

_ADDRESS = r"(?<!par )(?:adresses?|mails?|e-?mails?|mels?|courriels?|boites?|messageries?|coordonnees)"
_LETTERS = r"(?:mails?|e-?mails?|messages?|courriels?|envois?|bordereaux?|notifications?)"
_OFFICE = r"(?:cabinet|pharmacie|officine|centre|etablissement|laboratoire|structure|patientele|clientele|fonds)"
_MEMBERSHIP = r"(?:inscription|abonnement|adhesion|souscription|enregistrement)"
_OURS = r"(?:mon |ma |notre |nos |cette |l'? ?|le |la )?"
_WANT = r"(?:souhait|voudr|aimer|desir|veu[xt]|voul)\w*"

_UNSUBSCRIBE = re.compile(
    rf"des(?:in|ins)?scri|desinscri|desabonn|unsubscribe"
    # the end of the practice
    r"|(?<!patient )(?<!patiente )(?<!assure )(?<!assuree )(?<!ficiaire )(?<!scripteur )"
    r"\b(?:j'?|n'? ?|ne )exer(?:ce|cons|cerai)\w* plus(?! de\b| d')"
    r"|cess(?:e|ee|ation|er|erai|ons) (?:mon |toute |d'? ?|l'|notre |de mon |de notre )?activit"
    r"|\bj[' ]?(?:ai )?arrete (?:mon |d'|l'|toute )activit|\barrets? (?:d'? ?|de mon |de notre )activit(?!\w* du\b)"
    r"|\b(?:je|nous) n'? ?(?:ai|avons|suis|sommes) plus (?:d'? ?|en )activite"
    r"|\b(?:mon|notre) (?:prochain )?depart (?:a|en) (?:la )?retraite|^[^\w\n]{0,9}depart (?:a|en) (?:la )?retraite"
    r"|\b(?:je|nous) (?:pars|partons|partirai|suis|sommes|serai|serons|vais partir|prends|prendrai)"
    r"(?: \w{1,12})? (?:a |en |ma |a la |la )retraite|\bje suis (?:desormais |maintenant |a present )?retraitee?\b"
    r"|\bferm\w+ (?:\w{1,12} ){0,3}definiti|\bdefinitivement ferme"
    rf"|\bfermeture (?:de |du |de la |de l'|de notre |de mon |prochaine du ){{0,2}}{_OFFICE}\b"
    r"(?![^\n]{0,40}(?:\b(?:du|entre|jusqu\w*|conges?|vacances?|pour|le) |exception|annuel|estival|inclus))"
    rf"|\b(?:j'ai|nous avons|on a) (?:\w{{1,10}} )?(?:vend|ced)\w* {_OURS}{_OFFICE}|\b{_OFFICE} a ete (?:vendu|cede)"
    rf"|\b(?:vente|cession) (?:de |du ){_OURS}{_OFFICE}"
    rf"|\b(?:je|nous) quitt\w+ {_OURS}{_OFFICE}|\bne travaill\w+ plus (?:au|a la|dans|pour|chez)\b"
    r"|\bfin (?:de |du )(?:mon )?remplacement|\bremplacement (?:est |s'est )?(?:termin|achev|fini)"
    # nothing more, please
    r"|(?:\bn[e']? ?plus|\b(?:souhait|desir|veu|voul)\w+ plus) (?:rien )?(?:recevoir|etre (?:destinataire|inform"
    r"|inscri|contact))"
    r"|\bne (?:suis|sommes) plus concern"
    r"|\bne (?:m'? ?|nous )(?:envoye[rz]|ecri\w+|adresse[rz]) plus"
    r"|\bne plus (?:rien )?(?:m'? ?|nous |rien )(?:envoy|adress|ecri|transmet|contact)"
    rf"|\bne plus (?:envoy|adress|ecri|transmet)\w*(?: (?:de |vos |ces |les |d'|a ){_LETTERS}| a cette| (?:a|sur) mon"
    rf"|[^\w\n]{{0,9}}$)"
    rf"|^[^\w\n]{{0,9}}plus (?:de |aucun ){_LETTERS}"
    rf"|(?:arrete[rz]?|cesse[rz]?|suspend\w+|stopp\w+) (?:de m'? ?|de nous |l'|les |vos |ces |tout |tous (?:vos "
    rf"|les ))?"
    r"(?:envo|mail|message|courriel)"
    rf"|(?:retir|supprim|enlev|radi|effac)(?:e[rz]?|ation) (?:de )?(?:vos |la )?"
    rf"(?:mon|notre|cette|ma|son|leur|l'ancienne|l'|la) ?{_ADDRESS}"
    r"|(?:retire|enleve|raye|supprime)[rz]?[ -](?:moi|nous) (?:de|d')"
    r"|\b(?:me|nous) (?:retirer|enlever|rayer|supprimer|sortir|radier) de (?:la|votre|vos|cette)"
    rf"|(?:suppression|retrait|resiliation|fin|annulation) (?:de |d'? ?|a )?{_OURS}(?:{_ADDRESS}|{_MEMBERSHIP})"
    rf"|resili\w+ {_OURS}{_MEMBERSHIP}|{_WANT} resili|\bmettre (?:fin|un terme) a {_OURS}{_MEMBERSHIP}"
    rf"|^[^\w\n]{{0,9}}stop\b(?: (?:aux? |a vos |a tous |vos |les |tous )?{_LETTERS}\b)?(?:[^\w\n]|svp|merci"
    rf"|s'il vous plait){{0,12}}$",
    re.MULTILINE,
)
_PAPER = re.compile(r"[^\n.]{0,60}(?:papiers?|courriers? post|par (?:courrier|fax|la poste)|telecopie|\bfax\b)")
_NEGATED = re.compile(r"(?:\bpas|\bni|surtout pas) (?:me |nous |de |a )?(?:me |nous )?$")
_CHANGE = re.compile(
    rf"(?:nouvelle|nouveau) {_ADDRESS}|chang\w+ (?:de |d'? ?|notre |mon |l')?{_ADDRESS}|\bancien(?:ne)? {_ADDRESS}"
    rf"|remplac\w+ [^\n.]{{0,60}}{_ADDRESS}|{_ADDRESS} [^\n.]{{0,40}}(?:a chang|remplace)"
)
_REGISTER = re.compile(
    r"(?:re-?)?(?:enregistr|inscri|declar|ajout|communiqu|rattach|associ|actualis|modifi"
    r"|prendre (?:en compte|note)|prenez (?:en compte|note)|not)"
    rf"(?:e[rz]?|re|vez|ver|s)?(?:[- ]moi)?,? [^\n.]{{0,60}}?{_ADDRESS}|mettre a jour [^\n.]{{0,60}}{_ADDRESS}"
    rf"|(?:enregistrement|inscription|rattachement|mise a jour|actualisation)[^\n.]{{0,60}}{_ADDRESS}"
    rf"|(?:transme|donn|indiqu|fourni)\w* (?:\w{{1,12}} ){{0,3}}(?:mon|notre|nos|ma|mes|l'"
    rf"|une nouvelle) ?{_ADDRESS}(?! d[ue])"
    r"|(?:ajout|enregistr|inscri|not)(?:er|ez|re|vez)\b[^\n]{0,60}?\S@\S|ajout\w* [^\n.]{0,40}\bliste"
    rf"|(?:utilis|mettre|retenir)\w* (?:\w{{1,12}} ){{0,2}}(?:cette|notre|mon|celle-ci|la presente"
    rf"|la nouvelle) ?(?:{_ADDRESS}|\W|$)"
    rf"|\b(?:voici|ci-(?:dessous|apres)) (?:mon|notre|nos|mes|l'|une) ?{_ADDRESS}[^\n]{{0,40}}(?:@|\bpour\b)"
    r"|(?:demande|formulaire|bulletin) d'? ?(?:inscription|enregistrement|adhesion)"
    r"|(?:inscri(?:re|ption|vez)|m'? ?inscrire|enregistrement)[^\n.]{0,40}(?:flux|service|bordereau|tiers"
    r"|\bps\b|finess|\d{9})"
    rf"|\b(?:nous |m'? ?)inscrire\b|\binscrivez[ -](?:moi|nous|notre|mon)|{_WANT} (?:\w{{1,12}} )?etre (?:inscrit"
    rf"|enregistr|destinataire)"
    r"|^ {0,9}(?:re ?: ?)?(?:inscription|enregistrement) {0,3}[^\w\n]? {0,3}(?:\d|$|n\s?°)"
    r"|\badher\w+ (?:a|au) [^\n.]{0,20}(?:flux|service)|\bsouscri\w+ (?:a|au) [^\n.]{0,20}(?:flux|service)"
    r"|\b(?:creation|ouverture|activation|creer|ouvrir|activer)\b[^\n.]{0,30}(?:compte|acces|envoi|reception)"
    r"[^\n.]{0,30}(?:flux|mail|bordereau)"
    rf"|(?:{_WANT}|merci d[e']) [^\n.]{{0,40}}(?:recevoir|nous (?:adresser|envoyer|transmettre))"
    r"[^\n.]{0,80}(?:bordereau|retours?|rejets?|flux|notifications?|a (?:cette|l') ?(?:adresse|mail))"
    r"|\bm'? ?(?:adresser|envoyer|transmettre) (?:ses|les|vos|nos|mes) (?:bordereaux|retours|rejets)(?![^\n.]{0,30}\d)"
    r"|\b(?:recevoir|avoir)\b[^\n.]{0,40}(?:bordereaux?|retours|rejets)[^\n.]{0,30}\bpar (?:(?:e-?)?mail|courriel)"
    rf"|(?:correspondances?|bordereaux|retours|rejets)[^\n.]{{0,60}}\b(?:a|sur) (?:cette|l'|notre|mon) ?{_ADDRESS}"
    rf"|\b(?:remett(?:ez|re)|reactiv\w+|retabli\w*) (?:mon|ma|notre|cette|l') ?(?:\w{{1,9}} )?"
    rf"(?:{_ADDRESS}|inscription)"
    r"|\bremettez[- ](?:moi|nous)[^\w\n]{0,9}$|\breinscri\w+[- ](?:moi|nous)\b|\b(?:me|nous) reinscrire"
    r"|register [^\n.]{0,40}(?:address|e-?mail)",
    re.MULTILINE,
)
_WORDS_OF_FAREWELL = (
    *("scri", "abonn", "plus", "cess", "arret", "suspend", "stop", "retir", "supprim", "enlev", "radi", "effac"),
    *("suppression", "retrait", "resili", "fermeture", "definiti", "vend", "vente", "ced", "cession", "quitt"),
    *("annul", "terme"),
    *("remplacement", "raye", "fin ", "sortir"),
)
_WORDS_OF_CHANGE = ("nouvel", "nouveau", "chang", "remplac", "ancien")
_WORDS_OF_REGISTRATION = (
    *("adresse", "address", "mail", "mel", "courriel", "boite", "inscri", "enregistr", "adhesion", "adher"),
    *("recevoir", "envoyer", "transmettre", "messagerie", "coordonnees", "souscri", "compte", "acces", "@"),
    *(
        "utilis",
        "retenir",
        "mettre",
        "remettez",
        "reactiv",
        "retabli",
        "destinataire",
        "liste",
        "creation",
        "ouverture",
        "activ",
        "creer",
        "ouvrir",
    ),
)
#: What programs write before the subject of an answer; filters write before it ("SPAM - Re:", "[EXTERNE] TR:").
_ANSWERS = re.compile(
    r"(?:[^:\n]{0,40}[^\w\n:])?"
    r"(?:re|r|ref|res|tr|fwd?|fw|rep|reponse|rpse?|aw|antw|antwort|wg|rv|enc|sv|vs|i|transfere?|forwarded)"
    r"\s{0,3}(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,3}:"
)
_PATIENT = re.compile(r"[^\n.]{0,30}(?:de l'assur|d[ue] (?:la )?patient|du beneficiaire|postale)")
_RIGHTS = re.compile(
    r"\bdroits? (?:d'? ?acces|de rectification|de suppression|a l'? ?(?:effacement|oubli)|d'? ?opposition"
    r"|a la portabilite)"
    r"|\barticles? (?:1[5-8]|2[01])\b[^.]{0,40}(?:rgpd|gdpr|reglement|donnees)|\b(?:rgpd"
    r"|gdpr)\b[^.]{0,30}\barticles? (?:1[5-8]|2[01])\b"
    r"|\b(?:demande|requete|exercice)\b[^.]{0,30}\b(?:rgpd|gdpr)\b|^[^\w\n]{0,9}(?:rgpd|gdpr)[^\w\n]{0,9}$"
    r"|\b(?:mes|nos) donnees (?:personnelles|a caractere personnel)"
    r"|\b(?:acces|copie|effac|suppr|rectif|communi|portabilite|oppos|traitement)\w*[^.]{0,40}\b(?:mes|nos) donnees\b"
    r"|\b(?:donnees|infos|informations?) (?:personnelles )?(?:que )?vous (?:detenez|conservez|possedez|stockez"
    r"|avez (?:sur|concern))"
    r"|\bquelles? (?:donnees|infos?|informations?)\b[^.]{0,30}(?:detene|avez|possede|conserve)\w*[- ](?:vous )?(?:sur"
    r"|concern|a mon)"
    r"|\ba l'? ?attention (?:du |de la |de votre |de )?(?:dpo\b|delegue\w* a la protection)|^[^\w\n]{0,9}(?:dpo"
    r"|delegue\w* a la protection des donnees)[^\w\n]{0,9}$"
    r"|\bmes droits\b[^.]{0,30}(?:informatique et libertes|rgpd|gdpr|donnees)",
    re.MULTILINE,
)
_WORDS_OF_RIGHTS = ("droit", "rgpd", "gdpr", "donnees", "infos", "information", "dpo", "delegue")
#: A notice that tells its reader of the reader's rights asks for nothing.
_NOTICE = re.compile(
    r"\bvous (?:disposez|beneficiez|pouvez|avez (?:le|un) droit)|\bvos (?:donnees|droits)|\bvotre droit"
    r"|\bdispose[nt]* d'"
    r"|\bpour exercer (?:ces?|vos|votre|leurs?)|\bc(?:e|et) (?:message|mail|e-?mail|courriel)\b|\bsont (?:traitees"
    r"|protegees)"
)
_FIRST_PERSON = re.compile(r"\b(?:je|j'|mes|mon|me|nous (?:souhait|demand|voul|voudr|exer))")
_SENTENCE = 300  # characters around a right that are looked at for whose it is


def is_answer(subject: str) -> bool:
    """Is this the subject of an answer or a forwarded mail? Its words are then those of whoever wrote before."""
    return _ANSWERS.match(spelling.plain(subject[:200])) is not None


def unsubscribe(subject: str, new_text: str) -> str:
    """Evidence that the sender wants to get nothing more. A change of address is no farewell; neither is "no paper"."""
    for place, name in _places(subject, new_text):
        if _says(place, _WORDS_OF_CHANGE) and _CHANGE.search(place):
            return ""
        if not _says(place, _WORDS_OF_FAREWELL):
            continue
        for found in _UNSUBSCRIBE.finditer(place):
            negated = _NEGATED.search(place[max(0, found.start() - 30) : found.start()])
            if not negated and not _PAPER.match(place, found.end()):
                return f"{name} demande de ne plus rien recevoir"
    return ""


def register(subject: str, new_text: str) -> str:
    """Evidence that the sender asks to have an e-mail address registered."""
    for place, name in _places(subject, new_text):
        for pattern, needed in ((_REGISTER, _WORDS_OF_REGISTRATION), (_CHANGE, _WORDS_OF_CHANGE)):
            found = pattern.search(place) if _says(place, needed) else None
            if found and not _PATIENT.match(place, found.end()):
                return f"{name} demande d’enregistrer une adresse"
    return ""


def access(subject: str, new_text: str) -> str:
    """Evidence that the sender uses a right over the data kept about them (GDPR, articles 15 to 21): to see them, to
    correct them, to delete them. A privacy notice at the foot of a mail asks for nothing."""
    for place, name in _places(subject, new_text):
        if not _says(place, _WORDS_OF_RIGHTS):
            continue
        for found in _RIGHTS.finditer(place):
            before = re.split(r"[.!?]|\n *\n", place[max(0, found.start() - _SENTENCE) : found.start()])[-1]
            after = re.split(r"[.!?]|\n *\n", place[found.end() : found.end() + _SENTENCE], maxsplit=1)[0]
            sentence = f"{before}{found[0]}{after}"
            if not _NOTICE.search(sentence) or _FIRST_PERSON.search(sentence):
                return f"{name} exerce un droit sur des données personnelles (RGPD)"
    return ""


def _places(subject: str, new_text: str) -> Iterator[tuple[str, str]]:
    yield spelling.plain(new_text[:MAX_TEXT]), "le texte"
    if not is_answer(subject):
        yield spelling.plain(subject), "l’objet"


def _says(place: str, words: tuple[str, ...]) -> bool:
    return any(word in place for word in words)
