"""Which refusals does this reply answer, and how? Pure: a mail, its documents, what the ledger knows; a decision.

Evidence comes in tiers, never in scores.
1. A letter of ours is cited (token or Message-ID), and the sender is the address that it was sent to, or the contact
   of its PS. The reply may answer the refusals of that letter.
2. No letter is cited; the sender is confirmed by our mail exchanger and is the active contact of a PS. The reply may
   answer the open refusals of that PS that it names.
Within them each invoice is answered by what names it: the words (`acts`), a lot (`corrections`), a document or our form
(`papers`). A letter with one refusal needs no name; with several, what names none answers none, but for "toutes".
What is certain is a `Match`; what is left of the same mail is its `waiting`, with candidates, for a human. A token or a
Message-ID finds a case; it authorises nobody. Contradictions of the whole (another address, a reference that we do not
know, a lot of another PS) park the whole mail. Never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mailbot.intake import acts, claims, lexicon, papers, statements
from mailbot.intake.claims import Answer, KnownRejet
from mailbot.intake.outcome import Candidate, Parked
from mailbot.model.decisions import Missing, RejetState
from mailbot.model.documents import Document
from mailbot.model.factures import Facture
from mailbot.model.mails import Message

__all__ = ["Answer", "KnownCase", "KnownLetter", "KnownRejet", "Match", "Noted", "match"]


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """A letter of ours that the mail cites, the address it was sent to, and the refusals that it told or answers."""

    key: str
    numero_ps: str
    to: str
    rejets: tuple[KnownRejet, ...]


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What the ledger knows about the references and the sender of a mail.

    `letters`: found by token or Message-ID. `unknown_references`: tokens and Message-IDs in the shape of ours that
    found none. `contacts`: PS number -> its contact today, for the PS of the letters. `sender_ps`: PS numbers whose
    active registration is the sender. `open_rejets`: the open refusals of those PS and the letters' PS. `done`:
    refusals that this very mail answered before (an agent sent it back). `received`: the ledger's invoices under a
    compared number that it first decided after the refusal with this id, of the same PS.
    """

    letters: tuple[KnownLetter, ...] = ()
    unknown_references: int = 0
    contacts: Mapping[str, str] = field(default_factory=dict)
    sender_ps: tuple[str, ...] = ()
    open_rejets: tuple[KnownRejet, ...] = ()
    verdict_required: bool = False
    done: frozenset[int] = frozenset()
    received: Callable[[int, str], Sequence[Facture]] = field(default=lambda _rejet, _number: ())


@dataclass(frozen=True, slots=True)
class Match:
    """The reply is tied to these refusals of one PS. `tier` is 1 or 2; `letter` the key of the cited letter or "".

    `announced`: refusals whose correction is only promised: they stay open. `done`: those that this mail had answered
    before. `takes_lots`: the attached lots are to be taken in. `waiting`: what of the mail is left to a human.
    `left`: how many refusals of the letter are still open after it.
    """

    numero_ps: str
    answers: tuple[Answer, ...]
    tier: int
    letter: str
    evidence: tuple[str, ...]
    announced: tuple[int, ...] = ()
    done: tuple[int, ...] = ()
    takes_lots: bool = False
    waiting: Parked | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """The reply asks for nothing and says nothing about an invoice."""

    numero_ps: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """The refusals of one PS that the mail may answer. `every`: also those that are closed; `others`: open ones that
    another letter told, which count when the words name them exactly."""

    numero_ps: str
    every: tuple[KnownRejet, ...]
    tier: int
    letter: str
    evidence: str
    done: frozenset[int]
    received: Callable[[int, str], Sequence[Facture]]
    others: tuple[KnownRejet, ...] = ()

    @property
    def pending(self) -> list[KnownRejet]:
        """Open or answered: a human has not closed them."""
        return [one for one in self.every if one.state is not RejetState.CLOS and one.rejet not in self.done]

    @property
    def open(self) -> list[KnownRejet]:
        return [one for one in self.pending if one.state is RejetState.OUVERT]


def match(message: Message, known: KnownCase, documents: Sequence[Document] = ()) -> Match | Parked | Noted:
    """Tie a mail of kind `reply` to refusals. `documents` are its attachments, read; lots among them."""
    letters = {letter.key: letter for letter in known.letters}
    pool = [rejet for letter in letters.values() for rejet in letter.rejets] or list(known.open_rejets)
    reason = _nobody(message, known)
    if not reason and known.unknown_references:
        reason = "La réponse porte une référence que nous ne connaissons pas."
    if reason:
        return _parked(reason, pool)
    papers_brought = papers.of(documents)
    if not message.reply_text.strip() and not papers_brought.anything:
        reason = "La réponse est vide : ni texte nouveau, ni pièce jointe."
        return _parked(reason, pool, Missing.TEXT)
    # A letter without refusals (a confirmation) is no case: what names one is looked for among those of the sender.
    by_letter = any(letter.rejets for letter in letters.values()) or (letters and not known.sender_ps)
    found = _by_letter(message, known, tuple(letters.values())) if by_letter else _by_sender(message, known, documents)
    if isinstance(found, Parked | Noted):
        return found
    return _read(message, found, papers_brought)


def _nobody(message: Message, known: KnownCase) -> str:
    if message.auto_submitted:
        return "Message automatique : il n’est rattaché à rien."
    if not message.sender:
        return "L’expéditeur n’est pas une adresse unique et sans défaut."
    if known.verdict_required and message.verified is not True:
        return "L’expéditeur n’est pas confirmé par notre serveur de messagerie."
    return ""


def _by_letter(message: Message, known: KnownCase, letters: Sequence[KnownLetter]) -> _Case | Parked:
    """Tier 1."""
    every = {rejet.rejet: rejet for letter in letters for rejet in letter.rejets}
    if len({letter.numero_ps for letter in letters}) > 1:
        return _parked(f"La réponse cite {len(letters)} lettres de PS différents.", every.values())
    numero_ps = letters[0].numero_ps
    for letter in letters:
        allowed = {letter.to.strip().casefold(), known.contacts.get(numero_ps, "").strip().casefold()} - {""}
        if message.sender.casefold() not in allowed:
            reason = "La réponse cite une de nos lettres, mais ne vient ni de son destinataire ni du contact du PS."
            return _parked(reason, every.values())
    cited = letters[0].key if len(letters) == 1 else ""
    evidence = f"Palier 1 : cite notre lettre au PS {numero_ps} et vient de son contact."
    told = {lexicon.compared(rejet.numero_facture) for rejet in every.values()}
    mine = (one for one in known.open_rejets if one.numero_ps == numero_ps and one.rejet not in every)
    others = tuple(one for one in mine if every and lexicon.compared(one.numero_facture) not in told)
    return _Case(numero_ps, tuple(every.values()), 1, cited, evidence, known.done, known.received, others)


def _by_sender(message: Message, known: KnownCase, documents: Sequence[Document]) -> _Case | Parked | Noted:
    """Tier 2."""
    pool = [rejet for rejet in known.open_rejets if rejet.numero_ps in known.sender_ps]
    if message.verified is not True or not known.sender_ps:
        return _parked("Aucune référence à nos lettres, et l’expéditeur n’est pas un contact confirmé.", pool)
    wanted = {lexicon.compared(rejet.numero_facture) for rejet in pool} - {""}
    new = statements.read(message, wanted)
    numbers = {number for one in new for number in one.named}
    numbers = numbers or set(statements.of_text(message.subject, wanted).named)
    named = [rejet for rejet in pool if lexicon.compared(rejet.numero_facture) in numbers]
    factures = [facture for document in documents if document.lot for facture in document.lot.factures]
    owners = {facture.numero_ps for facture in factures} or {rejet.numero_ps for rejet in named}
    if len(owners) > 1 or not owners <= set(known.sender_ps):
        reason = "Les factures ne sont pas toutes d’un même PS dont l’expéditeur est le contact."
        return _parked(reason, named or pool, Missing.NUMBER)
    if not owners:
        if not documents and acts.read(message, wanted, 0).courteous:
            return _thanks(known.sender_ps[0], "Expéditeur confirmé, contact actif d’un PS.")
        unknown = tuple(dict.fromkeys(number for one in new for number in one.unknown))
        reason = "Aucun refus ouvert ne porte un n° de facture nommé dans le message."
        return _parked(reason, pool, Missing.NUMBER, unknown)
    (numero_ps,) = owners
    mine = tuple(rejet for rejet in pool if rejet.numero_ps == numero_ps)
    evidence = f"Palier 2 : expéditeur confirmé, contact actif du PS {numero_ps}."
    return _Case(numero_ps, mine, 2, "", evidence, known.done, known.received)


def _read(message: Message, case: _Case, brought: papers.Papers) -> Match | Parked | Noted:
    """Everything that the mail says, shows and brings about the refusals of the case."""
    wanted = {lexicon.compared(one.numero_facture) for one in (*case.every, *case.others)}
    said = acts.read(message, wanted, len(case.open))
    for facture in brought.factures:  # the sender speaks of the new invoices that he attached: they are not unknown
        said.unknown.pop(lexicon.compared(facture.numero_facture), None)
    named = tuple(one for one in case.others if lexicon.compared(one.numero_facture) in said.invoices)
    rest = tuple(one for one in case.others if one not in named)
    case = replace(case, every=(*case.every, *named), others=rest)
    if said.courteous and not brought.anything:
        return _thanks(case.numero_ps, case.evidence)
    if not case.pending and not case.done:
        why = (
            "Plus aucun refus de la lettre citée n’est ouvert." if case.every else "La lettre citée ne dit aucun refus."
        )
        return _parked(why, case.every)
    if any(facture.numero_ps != case.numero_ps for facture in brought.factures):
        reason = "Le lot joint contient des factures d’un autre PS que celui de l’expéditeur."
        return _parked(reason, case.pending, Missing.LOT)
    subject = statements.of_text(message.subject, {lexicon.compared(one.numero_facture) for one in case.pending}).named
    book = claims.Claims(case.every, case.done)
    book.take_words(said, whole=bool(case.letter))
    book.take_lots(brought)
    book.take_loose(said, subject, of_one=case.tier == 1)
    book.take_renamed(case.received)
    book.take_papers(brought, said)
    return _told(case, book)


def _told(case: _Case, book: claims.Claims) -> Match | Parked:
    answers = book.answers()
    left = [rejet for rejet in case.open if rejet.rejet not in {answer.rejet for answer in answers}]
    left = [rejet for rejet in left if rejet.rejet not in book.announced]
    waiting: Parked | None = None
    if book.doubts or not (answers or book.announced or book.done):
        reason = " ".join(dict.fromkeys(book.doubts)) or _nothing_named(case)
        if answers:
            reason += f" Le reste du message est réglé (factures rattachées : {len(answers)})."
        missing = book.missing if book.doubts else Missing.NUMBER
        evidence = (case.evidence, *book.evidence)
        candidates = book.candidates([*(left or case.pending), *case.others])
        waiting = Parked(reason, candidates, evidence, missing, tuple(book.unknown))
    if waiting and not (answers or book.announced):
        return waiting
    told = (case.evidence, *book.evidence)
    return Match(
        case.numero_ps, answers, case.tier, case.letter, told, tuple(book.announced), tuple(book.done),
        book.takes_lots, waiting, len(left) if case.tier == 1 else 0,
    )  # fmt: skip


def _nothing_named(case: _Case) -> str:
    if not case.open:
        return "La réponse ne dit pas de quelle facture elle parle : toutes celles de la lettre ont déjà une réponse."
    return f"La réponse ne dit pas de quelle facture elle parle : {len(case.open)} refus sont ouverts."


def _thanks(numero_ps: str, evidence: str) -> Noted:
    return Noted(numero_ps, (evidence, "La réponse remercie ou accuse réception, sans rien demander."))


def _parked(
    reason: str, pool: Iterable[KnownRejet], missing: Missing = Missing.NOTHING, unknown: tuple[str, ...] = ()
) -> Parked:
    """Candidates are the refusals of the pool that are not closed."""
    still = [rejet for rejet in pool if rejet.state is not RejetState.CLOS]
    candidates = tuple(Candidate(rejet.rejet, claims.called(rejet)) for rejet in still)
    return Parked(reason, candidates, missing=missing, unknown=unknown)
