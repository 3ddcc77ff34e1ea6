"""The words by which a French reply does something about a refused invoice. Pure; every function is total.

Owns the lists of words. Each expression is linear on the short texts that it is given (`statements` cuts them).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from mailbot.model.decisions import ReplyAct
from mailbot.parsers import identifiers


def compared(number: str) -> str:
    """An invoice number as words are compared with it: without leading zeros, and people write k312 for K312."""
    return identifiers.numero_facture(number).upper()


def _folded(text: str) -> str:
    """Without accents: capital letters often have none, and neither have telephones in a hurry."""
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


@dataclass(frozen=True, slots=True)
class Words:
    """An expression that is looked for without regard to case and accents."""

    pattern: re.Pattern[str]

    def found(self, text: str) -> bool:
        return self.pattern.search(_folded(text)) is not None

    def whole(self, text: str) -> bool:
        return self.pattern.fullmatch(_folded(text)) is not None


def _any(*words: str) -> Words:
    return Words(re.compile(_folded("|".join(words)), re.IGNORECASE))


_NOT = r"(?:\bne\b|\bn['’])[^.!?]{0,25}\b(?:pas|rien|point|jamais|plus)\b"
_NEGATED = _any(
    rf"(?:{_NOT}|\bpas (?:encore )?(?:été )?|\bimpossible (?:de|d['’])|\brefus\w{{1,4}} de)"
    # "Je ne suis pas d'accord et je conteste": what is denied ends where somebody else, or something more, begins.
    r"(?:(?!\b(?:et|mais|donc|car|je|j['’]|nous)\b)[^.!?,;]){0,25}\b(?:corrig|rectifi|modifi|contest|maint|joint?)",
    r"\bnon[ -](?:encore )?(?:corrig|rectifi|modifi|contest|régularis)",
    r"(?:\bne\b|\bn['’])[^.!?,;]{0,15}\b(?:corrig|rectifi|contest|mainten|maintien)[^.!?,;]{0,12}\bpas\b",
)
_LATER = _any(
    r"\b(?:sera|seront|allons|vais|vont|ferons|ferai|corrigerons|corrigerai|rectifierons|enverrons|enverrai)\b",
    r"\b(?:renverrons|renverrai|suivra|suivront|bientôt|prochainement|dès que|à venir|ultérieurement|demain)\b",
    r"\ben cours de (?:correction|traitement|rectification)\b|\bsemaine prochaine\b",
    r"\bdans les (?:prochains )?(?:jours|meilleurs délais)\b",
)
#: Pieces between commas and full stops, each a whole.
_COURTEOUS = _any(
    r"(?:re)?bonjour|bonsoir|(?:chère?s? )?(?:mesdames|madame|messieurs|monsieur|docteur)"
    r"|(?:un grand )?merci(?: (?:beaucoup|bien|encore|infiniment|à vous|d['’]avance|par avance))*"
    r"(?: (?:pour|de) (?:votre|vos|cette|ce|ces|le|la|les|tout) .{0,50})?"
    r"|(?:je|nous) vous (?:en )?remerci(?:e|ons)(?: .{0,50})?"
    r"|(?:c['’]est |bien )?(?:noté|reçu)(?: pour .{0,25}| merci)?"
    r"|ok(?: merci| vu)?|d['’]accord|parfait|entendu|très bien|bonne? (?:réception|journée|soirée|fin|week)\b.{0,20}"
    r"|bien à (?:vous|toi)|(?:(?:très|bien) )?(?:cordialement|sincèrement|confraternellement)(?: vôtre)?|cdlt|crdt"
    r"|(?:avec )?(?:mes |nos )?(?:meilleures |sincères |respectueuses )?(?:salutations|remerciements)(?: .{0,30})?"
    r"|(?:dans|en) l['’]attente .{0,60}|(?:restant|je reste|nous restons) à votre .{0,40}|à bientôt"
    r"|(?:veuillez|je vous prie|nous vous prions) (?:d['’])?(?:agréer|recevoir|croire).{0,80}",
)
_PIECES = re.compile(r"\s*[,.!…]+\s*|\s+[-–—]+\s+")
_BUT = _any(r"\bmais\b|\bne\b|\bn['’]|\bpas\b|\berreur|\d|\?")
_GREETING = _any(r"(?:(?:re)?bonjour|bonsoir|mesdames|madame|messieurs|monsieur|chère?s?|et|[\s,.!])+")
_WORD_OF_NAME = re.compile(
    r"[A-ZÀ-Ý][\w'’.&-]{0,40},?|d[eu]s?|la|les?|et|d['’]\w{1,40}|pharmacie|cabinet|centre|laboratoire|secrétari\w{1,4}"
    r"|service|docteur|infirmi[èe]re?s?|comptabilité|facturation|tiers|payant|[,&–—-]"
)
#: In this order: the first that is found is the act of a sentence.
_ACTS: tuple[tuple[ReplyAct, Words], ...] = (
    (
        ReplyAct.CONTESTATION,
        _any(
            r"\bcontest|\bmainten(?:ons|ir)\b|\bmaintiens\b|\bréclamation|\bdésaccord|\bpas d['’]accord|\bà tort\b",
            r"\binjustifi|\berreur de votre part|\bvotre erreur\b|\baucun (?:paiement|règlement|versement)",
            r"\b(?:jamais|pas)\b[^.!?,;]{0,20}\b(?:pay[ée]|réglé|rembours|perçu|encaissé)",
            r"\brefus(?:ons|e) (?:ce|cette|votre|vos|le|ces) (?:rejet|refus|déci)",
        ),
    ),
    (
        ReplyAct.QUESTION,
        _any(
            r"\?|\b(?:pourquoi|comment faire|que (?:faut|dois|devons|faire)|faut-il|dois-je|devons-nous)\b",
            r"\b(?:pouvez-vous|pourriez-vous|quel(?:le)?s? (?:est|sont)|comprend(?:s|ons) pas|rappele[rz])\b",
            r"(?:\bnous |\bme |\bm['’])(?:re)?contacter\b|\bj['’]aimerais\b|\bje voudrais\b|\bnous voudrions\b",
            r"\b(?:je|nous) souhait(?:e|ons|erais|erions)\b",
            r"\bmerci de (?:bien vouloir )?(?:me |nous |m['’])?(?:dire|indiquer|préciser|expliquer|confirmer|rappeler"
            r"|contacter|répondre|faire|revoir|vérifier|traiter)\b",
            # What we are asked to do has not been done.
            r"\b(?:merci (?:de|d['’])|veuillez|prière de|demand(?:e|ons) de) ?(?:bien vouloir )?"
            r"(?:me |nous |la |les |le |l['’])?(?:corriger|rectifier|modifier"
            r"|régulariser|payer|régler|rembourser|reprendre|annuler|recycler)\b",
        ),
    ),
    (
        ReplyAct.CORRIGEE,
        _any(
            # An infinitive is to be done, not done, but for "nous venons de la corriger".
            r"\b(?:corrig|rectifi|renvoy|régularis)(?!(?:er|ez)\b)|\b(?:viens|venons|vient) de "
            r"(?:\w{2,4} |l['’])?(?:corrig|rectifi|modifi|renvoy|régularis)",
            r"\bcorrection|\bmodifi[ée]e?s?\b|\brefaite?s?\b|\bréémi|\brééd|\br(?:e|é-?)télétrans",
            r"\bnouvelle facture|\bnouvelle version|\bmises? à jour|\bsous le n|\bremplac|\bnouveau n",
            r"\bporte (?:maintenant |désormais )?le n|\bdevient le n",
        ),
    ),
    (
        ReplyAct.DOCUMENT,
        _any(
            r"\bci[- ]joint|\bpièces? (?:ci-)?jointe|\bpj\b|\bp\.j\.|\ben annexe|\bjoins\b|\bjoignons|\bvous trouverez",
            r"\bveuillez trouver|\bvous (?:envo(?:ie|yons)|transmet(?:s|tons)|adress(?:e|ons)|fais parvenir)",
            r"\battestation|\bcopie d|\bduplicata|\bjustificatif",
        ),
    ),
    (
        ReplyAct.DETAIL,
        _any(
            r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d[,.]\d\d\b|€|\beuros?\b|\bil s['’]agi|\bdate\b|\bmontant|\bparts?\b",
            r"\bnée? le|\bprescri|\bréalisé|\beffectué|\bdispensé|\bnir\b|\bn° (?:de )?sécu|\bsécurité sociale",
            r"\bquantité|\bcoefficient|\bactes?\b|\bbénéficiaire|\bpatiente?\b|\bassurée?\b|\btiers[- ]payant",
            r"\bdestinataire|\bamo\b|\bamc\b|\br[co]\b|\bnom\b|\bprénom|\brang\b|\bcaisse\b|\bcontrat|\bmutuelle",
            r"\bmédecin|\btraitant|\bparcours",
        ),
    ),
)
_RECEIVED = _any(r"\b(?:accuser|confirmer|accusé)\b[^.]{0,30}\bréception")

_NUMBER = r"[:\s]{0,3}([A-Za-z0-9][A-Za-z0-9/_.-]{0,29})"
_CALLED = r"(?:(?:n\s?[°ºo]|num[ée]ros?|r[ée]f[ée]rence|facture)[\s:]{1,3}|n\s?[°º]){0,2}"
#: Says that an invoice has another number now; the number is the group that is found.
_NEW_NUMBER = _any(
    rf"\bsous (?:le |la )?(?:nouve(?:au|lle) )?{_CALLED}{_NUMBER}",
    rf"\b(?:remplac|corrig|rectifi)[ée]?e?s? par (?:la |le |une |notre )?(?:nouvelle )?{_CALLED}{_NUMBER}",
    rf"\b(?:nouveau (?=n)|nouvelle (?=facture))(?:facture (?=n))?{_CALLED}(?:est |de facture )?{_NUMBER}",
    rf"\b(?:porte|devient) (?:maintenant |désormais )?(?:le |la )?(?:nouveau )?{_CALLED}{_NUMBER}",
    r"\b([A-Za-z0-9][A-Za-z0-9/_.-]{0,29}) (?:annule et )?remplace(?! par)\b",
)
#: Speaks of all refusals.
ALL = _any(
    r"\btoutes?,? (?:les|vos|nos|mes|ces)(?: autres)?(?: \w{1,6})? (?:factures?|demandes|lignes|corrections|anomalies)",
    r"\btoutes?,? (?:(?:sont|ont|ne|ces factures)\b|(?:été )?(?:corrig|rectifi|renvoy|modifi|contest))",
    r"\b(?:ai|avons|sont|ont) (?:été )?tou(?:te)?s\b|\btoutes\s{0,2}(?:[,;:.]|$|sauf|hormis|except|hors)",
    r"\btous (?:les|vos|nos|ces|mes) (?:refus|rejets|dossiers)|\bla totalité des (?:factures|refus|rejets)",
    r"\bl['’]ensemble (?:des|de (?:vos|nos|ces|mes)) (?:factures|refus|rejets|dossiers|demandes)",
    r"\btout (?:est|a été|a bien été) (?:bien |donc )?(?:corrig|rectifi|renvoy|modifi|refait|régularis|en règle)",
)
#: Speaks of those that were not named.
OTHERS = _any(r"\bles (?:\w{1,6} )?autres\b|\ble reste\b")
#: "Toutes ne sont pas …" could be read two ways.
NEGATION = _any(r"\bpas toutes\b|\bne\b|\bn['’]")
_COUNTED = _any(
    r"\b(?:les|ces|vos|nos|mes) (\d{1,3}|deux|trois|quatre|cinq|six|sept|huit|neuf|dix) (?:factures|refus|rejets)"
)
_NUMERALS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_BARE = re.compile(r"\([^)]{0,60}\)|\b(?:aussi|egalement|idem|de meme|et|la|les)\b", re.IGNORECASE)
_EXCEPT = _any(r"\b(?:sauf|except[ée]e?s?|hormis|hors|à l['’]exception (?:de|du|des|d['’]))\b")


def act_of(text: str) -> ReplyAct | None:
    """What a sentence does, None where it does nothing that we know."""
    found = next((act for act, words in _ACTS if words.found(text)), None)
    if found is ReplyAct.QUESTION and _RECEIVED.found(text):
        return None
    if found is ReplyAct.CORRIGEE and _NEGATED.found(text):
        return None
    # "N'a jamais été payée" is a denial that contests.
    if found is ReplyAct.CONTESTATION and _NEGATED.found(text) and "jamais" not in text.lower():
        return None
    return found


def announced(text: str) -> bool:
    """Something that the sender is going to do."""
    return _LATER.found(text) and act_of(text) not in (ReplyAct.CONTESTATION, ReplyAct.QUESTION)


def courteous(text: str) -> bool:
    """A greeting, thanks, an end of a letter."""
    if act_of(text) is not None or _BUT.found(text):
        return False
    return all(_COURTEOUS.whole(piece) for piece in _PIECES.split(text.strip()) if piece)


def greeting(text: str) -> bool:
    """ "Bonjour" and the like, and nothing else."""
    return _GREETING.whole(text)


def like_a_name(text: str) -> bool:
    """A name, a shop, an office below a letter."""
    words = text.split()
    return len(words) <= 7 and all(_WORD_OF_NAME.fullmatch(word) for word in words)


def new_numbers(text: str) -> frozenset[str]:
    """The words, compared as invoice numbers, that a refused invoice is said to have now ("remplacée par …")."""
    every = (found for match in _NEW_NUMBER.pattern.finditer(_folded(text)) for found in match.groups() if found)
    return frozenset(compared(word.strip("./_-")) for word in every)


def goes_on(text: str) -> bool:
    """Does a part of a sentence say something more of the number that it ends on, or is it bare ("la 18806 aussi")?"""
    return (
        re.search(r"[^\W\d_]", _BARE.sub("", re.sub(r"^.*\d[\w/.-]*", "", _folded(text), flags=re.DOTALL))) is not None
    )


def counted(text: str) -> int:
    """The number in "les trois factures", 0 without one."""
    found = _COUNTED.pattern.search(text)
    if not found:
        return 0
    return int(found[1]) if found[1].isdigit() else _NUMERALS.index(found[1].lower())


def spared(text: str) -> tuple[str, str] | None:
    """What stands before and after "sauf" (without accents); None without such a word."""
    text = _folded(text)
    cut = _EXCEPT.pattern.search(text)
    return (text[: cut.start()], text[cut.end() :]) if cut else None
