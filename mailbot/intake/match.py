"""Which open refusals does this reply answer? Pure: a mail, what the ledger knows, the attached invoices; a decision.

Evidence comes in tiers, never in scores.
1. One letter of ours is cited (token or Message-ID), and the sender is the address that it was sent to, or the contact
   of its PS. The reply answers the open refusals of that letter: those that the new text names, else all of them.
2. No letter is cited; the sender is confirmed by our mail exchanger and is the active contact of a PS, and the mail
   names exactly one open refusal of that PS per invoice number.
Everything else is parked with its candidates. A token or a Message-ID finds a case; it authorises nobody: another
address that quotes it, two letters at once, a reference that we do not know, all wait for a human.
Attached invoices are tied by `corrections`. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailbot.intake import corrections
from mailbot.intake.outcome import Candidate, Parked
from mailbot.model.decisions import RejetState
from mailbot.model.factures import Facture, FactureKey
from mailbot.model.mails import Message

_SURE_LENGTH = 4  # characters from which an invoice number without the word "facture" is more than a coincidence


@dataclass(frozen=True, slots=True)
class KnownRejet:
    """A refusal in the ledger. `numero_facture` is what people call the invoice; `nir` its 13 characters."""

    rejet: int
    numero_ps: str
    numero_lot: str
    numero_facture: str
    nir: str
    debut_soins: date | None
    fin_soins: date | None
    state: RejetState


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """A bordereau of ours that the mail cites, the address it was sent to, and the refusals it told of."""

    key: str
    numero_ps: str
    to: str
    rejets: tuple[KnownRejet, ...]


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What the ledger knows about the references and the sender of a mail.

    `letters`: found by token or Message-ID. `unknown_references`: tokens and Message-IDs in the shape of ours that
    found none. `contacts`: PS number -> its contact today, for the PS of the letters. `sender_ps`: PS numbers whose
    active registration is the sender. `open_rejets`: the open refusals of those PS.
    """

    letters: tuple[KnownLetter, ...] = ()
    unknown_references: int = 0
    contacts: Mapping[str, str] = field(default_factory=dict)
    sender_ps: tuple[str, ...] = ()
    open_rejets: tuple[KnownRejet, ...] = ()
    verdict_required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A refusal that the reply answers; `facture` is the attached invoice that corrects (and closes) it, if any."""

    rejet: int
    facture: FactureKey | None


@dataclass(frozen=True, slots=True)
class Match:
    """The reply is tied to these refusals of one PS. `tier` is 1 or 2; `letter` the key of the cited letter or ""."""

    numero_ps: str
    answers: tuple[Answer, ...]
    tier: int
    letter: str
    evidence: tuple[str, ...]


def match(message: Message, known: KnownCase, factures: Sequence[Facture] = ()) -> Match | Parked:
    """Tie a mail of kind `reply` to open refusals. `factures` are those of the attached lot files."""
    letters = {letter.key: letter for letter in known.letters}
    pool = [rejet for letter in letters.values() for rejet in letter.rejets] or list(known.open_rejets)
    reason = _nobody(message, known)
    if not reason and len(letters) > 1:
        reason = f"La réponse cite {len(letters)} lettres différentes."
    if not reason and known.unknown_references:
        reason = "La réponse porte une référence que nous ne connaissons pas."
    if reason:
        return _parked(message, reason, pool)
    if not message.reply_text.strip() and not message.attachments:
        return _parked(message, "La réponse est vide : ni texte nouveau, ni pièce jointe.", pool)
    if letters:
        return _by_letter(message, known, next(iter(letters.values())), factures)
    return _by_sender(message, known, factures)


def _nobody(message: Message, known: KnownCase) -> str:
    if message.auto_submitted:
        return "Message automatique : il n’est rattaché à rien."
    if not message.sender:
        return "L’expéditeur n’est pas une adresse unique et sans défaut."
    if known.verdict_required and message.verified is not True:
        return "L’expéditeur n’est pas confirmé par notre serveur de messagerie."
    return ""


def _by_letter(message: Message, known: KnownCase, letter: KnownLetter, factures: Sequence[Facture]) -> Match | Parked:
    """Tier 1."""
    allowed = {letter.to.strip().casefold(), known.contacts.get(letter.numero_ps, "").strip().casefold()} - {""}
    if message.sender.casefold() not in allowed:
        reason = "La réponse cite une de nos lettres, mais ne vient ni de son destinataire ni du contact du PS."
        return _parked(message, reason, letter.rejets)
    pool = [rejet for rejet in letter.rejets if rejet.state is RejetState.OUVERT]
    if not pool:
        return _parked(message, "Plus aucun refus de la lettre citée n’est ouvert.", letter.rejets)
    evidence = (f"Palier 1 : cite notre lettre au PS {letter.numero_ps} et vient de son contact.",)
    named = _named(message, pool)
    doubled = _doubled(named)
    if doubled:
        return _parked(message, f"Plusieurs refus ouverts portent le n° de facture {doubled}.", named)
    if factures:
        return _with_lot(message, letter.numero_ps, pool, named, factures, evidence, tier=1, letter=letter.key)
    if not named and message.in_new_text.numeros_facture:
        return _parked(message, "Les factures nommées ne sont pas parmi les refus ouverts de la lettre citée.", pool)
    chosen = named or pool
    how = "nommée dans le texte" if named else "refus ouvert de la lettre, aucune facture nommée"
    said = tuple(f"Facture {rejet.numero_facture} (lot {rejet.numero_lot}) : {how}." for rejet in chosen)
    answers = tuple(Answer(rejet.rejet, None) for rejet in chosen)
    return Match(letter.numero_ps, answers, 1, letter.key, evidence + said)


def _by_sender(message: Message, known: KnownCase, factures: Sequence[Facture]) -> Match | Parked:
    """Tier 2."""
    pool = [
        rejet for rejet in known.open_rejets if rejet.state is RejetState.OUVERT and rejet.numero_ps in known.sender_ps
    ]
    if message.verified is not True or not known.sender_ps:
        return _parked(message, "Aucune référence à nos lettres, et l’expéditeur n’est pas un contact confirmé.", pool)
    numbers = message.in_new_text.numeros_facture or message.in_subject.numeros_facture
    named = [rejet for rejet in pool if any(_same(rejet.numero_facture, number) for number in numbers)]
    doubled = _doubled(named)
    if doubled:
        return _parked(message, f"Plusieurs refus ouverts portent le n° de facture {doubled}.", named)
    owners = {facture.numero_ps for facture in factures} or {rejet.numero_ps for rejet in named}
    if len(owners) > 1 or not owners <= set(known.sender_ps):
        return _parked(
            message, "Les factures ne sont pas toutes d’un même PS dont l’expéditeur est le contact.", named or pool
        )
    if not named and not factures:
        return _parked(message, "Aucun refus ouvert ne porte un n° de facture nommé dans le message.", pool)
    (numero_ps,) = owners
    evidence = (f"Palier 2 : expéditeur confirmé, contact actif du PS {numero_ps}.",)
    if factures:
        mine = [rejet for rejet in pool if rejet.numero_ps == numero_ps]
        return _with_lot(message, numero_ps, mine, named, factures, evidence, tier=2, letter="")
    if len(named) < len({_compared(number) for number in numbers}):
        return _parked(message, "Une partie des factures nommées n’a pas de refus ouvert.", named)
    said = tuple(
        f"Facture {rejet.numero_facture} (lot {rejet.numero_lot}) : seul refus ouvert de ce numéro." for rejet in named
    )
    return Match(numero_ps, tuple(Answer(rejet.rejet, None) for rejet in named), 2, "", evidence + said)


def _with_lot(
    message: Message,
    numero_ps: str,
    pool: Sequence[KnownRejet],
    named: Sequence[KnownRejet],
    factures: Sequence[Facture],
    evidence: tuple[str, ...],
    *,
    tier: int,
    letter: str,
) -> Match | Parked:
    """The attached invoices correct refusals of the pool; what else the text names is answered without a correction."""
    if any(facture.numero_ps != numero_ps for facture in factures):
        return _parked(message, "Le lot joint contient des factures d’un autre PS que celui de l’expéditeur.", pool)
    tied = corrections.tie(factures, pool)
    if tied.doubts:
        found = tuple(Candidate(rejet, why) for rejet, why in tied.candidates)
        return Parked(f"Le lot joint ne se rattache pas avec certitude : {' ; '.join(tied.doubts)}.", found, evidence)
    if not tied.pairs:
        return _parked(message, "Aucune facture du lot joint ne correspond à un refus ouvert.", pool)
    corrected = tuple(Answer(rejet, key) for rejet, key in tied.pairs)
    closed = {rejet for rejet, _ in tied.pairs}
    others = [rejet for rejet in named if rejet.rejet not in closed]
    said = tuple(f"Facture {rejet.numero_facture} : nommée dans le texte." for rejet in others)
    answers = corrected + tuple(Answer(rejet.rejet, None) for rejet in others)
    return Match(numero_ps, answers, tier, letter, evidence + tied.evidence + said)


def _named(message: Message, pool: Sequence[KnownRejet]) -> list[KnownRejet]:
    """The refusals of the pool that the new text names, by the word "facture" or by a number too long for chance."""
    words = {_compared(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9/_.-]*[A-Za-z0-9]", message.reply_text)}
    sure = {word for word in words if len(word) >= _SURE_LENGTH}
    numbers = {_compared(number) for number in message.in_new_text.numeros_facture} | sure
    return [rejet for rejet in pool if _compared(rejet.numero_facture) in numbers]


def _doubled(rejets: Sequence[KnownRejet]) -> str:
    """An invoice number that two refusals share, or ""."""
    seen: set[str] = set()
    for rejet in rejets:
        if _compared(rejet.numero_facture) in seen:
            return rejet.numero_facture
        seen.add(_compared(rejet.numero_facture))
    return ""


def _parked(message: Message, reason: str, rejets: Iterable[KnownRejet]) -> Parked:
    """Parked with the open refusals of the pool; those that the mail names come first and say so."""
    still = [rejet for rejet in rejets if rejet.state is RejetState.OUVERT]
    numbers = {_compared(number) for number in message.numeros_facture}
    named = [rejet for rejet in still if _compared(rejet.numero_facture) in numbers]
    by_nir = [rejet for rejet in still if rejet not in named and rejet.nir and rejet.nir in message.nirs]
    rest = [rejet for rejet in still if rejet not in named and rejet not in by_nir]
    tiers = (
        (named, "n° de facture nommé dans le message"),
        (by_nir, "NIR nommé dans le message"),
        (rest, "refus ouvert de la lettre citée ou du PS"),
    )
    found = tuple(Candidate(rejet.rejet, why) for tier, why in tiers for rejet in tier)
    return Parked(reason, found, message.evidence)


def _same(one: str, other: str) -> bool:
    return _compared(one) == _compared(other)


def _compared(number: str) -> str:
    """An invoice number as it is compared (motifs.md §3): without leading zeros."""
    return number.strip().lstrip("0")
