"""The refusals of one case and what a reply does about each: claims gathered from words, lots, papers. Pure.

Each refusal gets at most one `Answer`. What could be read two ways becomes a doubt (French, for the review queue) and
answers nothing. An invoice closes a refusal only when the ledger or an attached lot has it: same patient, told by the
number, the period or the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailbot.intake import corrections, lexicon
from mailbot.intake.acts import Named, Said
from mailbot.intake.outcome import Candidate
from mailbot.intake.papers import Papers
from mailbot.model.decisions import Missing, RejetState, ReplyAct
from mailbot.model.documents import Document
from mailbot.model.factures import Facture, FactureKey


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
class Answer:
    """What the reply does about one refusal. `words` are the PS's own, `evidence` says (French) what ties them to it;
    `facture` is the invoice that corrects (and closes) it, if any."""

    rejet: int
    act: ReplyAct
    words: str = ""
    evidence: str = ""
    facture: FactureKey | None = None


@dataclass(slots=True)
class Claims:
    """`every`: the refusals of the case, closed ones too; `already`: those that this mail answered before."""

    every: Sequence[KnownRejet]
    already: frozenset[int]
    doubts: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    announced: dict[int, None] = field(default_factory=dict)
    done: dict[int, None] = field(default_factory=dict)
    missing: Missing = Missing.NOTHING
    takes_lots: bool = False
    _found: dict[int, Answer] = field(default_factory=dict)
    _hints: dict[int, str] = field(default_factory=dict)
    _new: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def answers(self) -> tuple[Answer, ...]:
        """In the order of the refusals of the case."""
        return tuple(self._found[one.rejet] for one in self.every if one.rejet in self._found)

    def candidates(self, left: Iterable[KnownRejet]) -> tuple[Candidate, ...]:
        """The refusals that are left, those with a hint first."""
        ordered = sorted(left, key=lambda one: one.rejet not in self._hints)
        return tuple(
            Candidate(one.rejet, called(one) + (f" : {self._hints[one.rejet]}" if one.rejet in self._hints else ""))
            for one in ordered
        )

    # -- words -------------------------------------------------------------------------------------------------

    def take_words(self, said: Said, *, whole: bool) -> None:
        """What the new text names. `whole`: "toutes" means the refusals of the one letter that is cited."""
        for number, named in said.invoices.items():
            how = "sous sa ligne citée" if named.by_row else "nommée dans le texte"
            self._say([one for one in self.every if lexicon.compared(one.numero_facture) == number], named, how)
        for nir, named in said.patients.items():
            self._say([one for one in self.every if one.nir == nir], named, "par le NIR écrit dans le texte")
        if said.everything and whole:
            spoken = set(said.invoices) | said.but
            for one in self._open():
                if lexicon.compared(one.numero_facture) not in spoken:
                    self._say([one], said.everything, "« toutes » les factures de la lettre")
        elif said.everything or said.unclear:
            self._doubt(
                "La réponse parle de « toutes » les factures sans qu’on puisse dire lesquelles.", Missing.NUMBER
            )

    def take_loose(self, said: Said, subject: Sequence[str], *, of_one: bool) -> None:
        """Words that name no refusal: about the one that the subject names or, `of_one`, the only one that is open."""
        about, how = self._only(subject, of_one) if not self._spoken(said) else ([], "")
        act = min((act for act, _ in said.loose), key=tuple(ReplyAct).index, default=None)
        told_new = lexicon.new_numbers(" ".join(words for _, words in said.loose))
        renamed = act is ReplyAct.CORRIGEE and len(said.unknown) == 1 and set(said.unknown) <= told_new
        if about and (renamed or not said.unknown):
            words = " ".join(words for _, words in said.loose) or said.text
            act = act or (None if said.promised else ReplyAct.A_LIRE)
            self._say(about, Named(act, words, tuple(said.unknown)), how)
            return
        if said.unknown:
            self.unknown |= said.unknown
            # The numbers are text from outside, and may be a name, a date, half a NIR: they stay out of the reason.
            which = "le n° de facture nommé" if len(said.unknown) == 1 else "certains des n° de facture nommés"
            self._doubt(f"Aucun refus de ce PS sous {which}.", Missing.NUMBER)
        for act, _ in said.loose:
            if act in _ASKS and not (act is ReplyAct.CORRIGEE and self.takes_lots):
                # A question may be about no invoice at all: then there is none to ask for.
                missing = Missing.NOTHING if act is ReplyAct.QUESTION else Missing.NUMBER
                self._doubt(f"{_ASKS[act]} ne dit pas de quelle facture il s’agit.", missing)

    def _spoken(self, said: Said) -> bool:
        """Is anything tied to a refusal, or said of all of them?"""
        tied = self._found or self.announced or self.done or said.invoices or said.patients
        return bool(tied or said.everything or said.unclear)

    def _only(self, subject: Sequence[str], of_one: bool) -> tuple[list[KnownRejet], str]:
        about = [one for one in self.every if lexicon.compared(one.numero_facture) in subject]
        if about and len({lexicon.compared(one.numero_facture) for one in about}) == 1:
            return about, "nommée dans l’objet"
        return (self._open(), "seul refus ouvert de la lettre") if of_one and len(self._open()) == 1 else ([], "")

    def _say(self, about: Sequence[KnownRejet], named: Named, how: str) -> None:
        """What words do about one invoice; `about` are the refusals that they may mean."""
        self.done |= dict.fromkeys(one.rejet for one in about if one.rejet in self.already)
        pending = [one for one in about if one.rejet not in self.already and one.state is not RejetState.CLOS]
        if len(pending) > 1:
            pending = [one for one in pending if f"lot {one.numero_lot}" in named.words.replace("n° ", "")] or pending
        if len(pending) > 1:
            self._hints |= {one.rejet: "même n° de facture" for one in pending}
            self._doubt(
                f"Plusieurs refus ouverts portent le n° de facture {pending[0].numero_facture}.", Missing.NOTHING
            )
            return
        for one in pending:
            if named.act is None:
                self.announced.setdefault(one.rejet)
                self.evidence.append(f"{called(one)} : correction annoncée, elle reste ouverte.")
                continue
            self._new[one.rejet] = named.new
            self._claim(one, Answer(one.rejet, named.act, named.words, how))
        if about and not pending and not self.done:
            self.evidence.append(f"{called(about[0])} : {how}, déjà close.")
            if named.act in _ASKS:
                self._doubt("La réponse parle d’une facture dont le refus est déjà clos.", Missing.NOTHING)

    # -- lots --------------------------------------------------------------------------------------------------

    def take_lots(self, papers: Papers) -> None:
        """Attached lots correct refusals, or none of them is taken in."""
        for why in papers.useless:
            self._doubt(f"La pièce jointe n’est pas un lot utilisable : {why}.".replace("..", "."), Missing.LOT)
        pending = [one for one in self.every if one.state is not RejetState.CLOS]
        if papers.factures and not papers.useless:
            tied = corrections.tie(papers.factures, pending)
            if tied.doubts:
                self._doubt(f"Le lot joint ne se rattache pas avec certitude : {' ; '.join(tied.doubts)}.", Missing.LOT)
                self._hints |= dict(tied.candidates)
            elif not tied.pairs:
                self._doubt("Aucune facture du lot joint ne correspond à un refus ouvert.", Missing.LOT)
            else:
                self.takes_lots = True
                self.evidence += tied.evidence
                for rejet, key in tied.pairs:
                    self._correct(rejet, key, "corrigée par le lot joint")

    def take_renamed(self, received: Callable[[int, str], Sequence[Facture]]) -> None:
        """Invoices that are said to be corrected under a number that the ledger received after the refusal."""
        for rejet, numbers in self._new.items():
            answer = self._found.get(rejet)
            if numbers and answer and answer.act is ReplyAct.CORRIGEE and answer.facture is None:
                self._by_number(rejet, [facture for number in numbers for facture in received(rejet, number)])

    def _by_number(self, rejet: int, factures: Sequence[Facture]) -> None:
        """The invoice that is said to replace a refused one, where the ledger has it: same patient, same care."""
        refused = next(one for one in self.every if one.rejet == rejet)
        same = [one for one in factures if one.nir_valide and one.nir and one.nir == refused.nir]
        same = [one for one in same if lexicon.compared(one.nom_facture) != lexicon.compared(refused.numero_facture)]
        same = [one for one in same if corrections.same_period(one, refused)]
        if len(same) == 1:
            self._correct(rejet, same[0].key, f"corrigée par la facture {same[0].nom_facture}, déjà reçue")

    def _correct(self, rejet: int, key: FactureKey, how: str) -> None:
        before = self._found.get(rejet)
        if rejet in self.already:
            self.done.setdefault(rejet)
            return
        if before and before.act in (ReplyAct.CONTESTATION, ReplyAct.QUESTION):
            what = "contestation" if before.act is ReplyAct.CONTESTATION else "question"
            number = next(called(one) for one in self.every if one.rejet == rejet)
            self._doubt(f"{number} : corrigée, mais avec une {what} à lire.", Missing.NOTHING)
        self.announced.pop(rejet, None)
        self._found[rejet] = Answer(rejet, ReplyAct.CORRIGEE, before.words if before else "", how, key)

    # -- papers ------------------------------------------------------------------------------------------------

    def take_papers(self, papers: Papers, said: Said) -> None:
        """Our form, field by field, and documents: each is about the refusals that it names."""
        for one in self.every:
            fields = {field.name: field.value for field in papers.fields if field.rejet == one.rejet}
            if fields:
                self._form(one, fields)
        for document in papers.documents:
            self._document(document, said)

    def _form(self, one: KnownRejet, fields: dict[str, str]) -> None:
        """A row of our form. What it says of a new number is a claim; the invoice itself has to come."""
        if one.rejet in self.already:
            self.done.setdefault(one.rejet)
        elif one.state is not RejetState.CLOS:
            corrected = bool(fields.get("numero_facture") or fields.get("numero_lot"))
            words = " · ".join(value for value in fields.values() if value)
            act = ReplyAct.CORRIGEE if corrected else ReplyAct.A_LIRE
            self._claim(one, Answer(one.rejet, act, words, "par le formulaire rempli"))

    def _document(self, document: Document, said: Said) -> None:
        numbers = {lexicon.compared(number) for number in document.found.numeros_facture}
        about = [one for one in self.every if lexicon.compared(one.numero_facture) in numbers]
        about = about or [one for one in self.every if one.nir and one.nir in document.found.nirs]
        how = "document joint qui la nomme"
        if not about and len(said.invoices) == 1 and len(self._found) <= 1:
            about = [one for one in self.every if one.rejet in self._found]
            how = "document joint, seule facture du message"
        if not about and len(self._open()) == 1:
            about, how = self._open(), "document joint, seul refus ouvert de la lettre"
        still = [one for one in about if one.state is not RejetState.CLOS and one.rejet not in self.already]
        self.done |= dict.fromkeys(one.rejet for one in about if one.rejet in self.already)
        same = {lexicon.compared(one.numero_facture) for one in still}
        if len(same) < len(still) or (not about and not self.done):
            self._hints |= {one.rejet: how for one in still}
            self._doubt("Un document joint ne dit pas avec certitude de quelle facture il s’agit.", Missing.NUMBER)
            return
        for one in still:
            self._claim(one, Answer(one.rejet, ReplyAct.DOCUMENT, "", how))

    # -- one refusal -------------------------------------------------------------------------------------------

    def _claim(self, one: KnownRejet, new: Answer) -> None:
        before = self._found.get(one.rejet)
        if before is None:
            self._found[one.rejet] = new
            self.evidence.append(f"{called(one)} : {new.evidence} ({new.act}).")
            return
        # The more telling act counts; what was found first keeps its words.
        urgency = tuple(ReplyAct)
        act = min(before.act, new.act, key=urgency.index)
        words = before.words if new.words in before.words else f"{before.words} {new.words}".strip()
        self._found[one.rejet] = Answer(one.rejet, act, words, before.evidence, before.facture)

    def _doubt(self, reason: str, missing: Missing) -> None:
        self.doubts.append(reason)
        self.missing = self.missing or missing

    def _open(self) -> list[KnownRejet]:
        return [one for one in self.every if one.state is RejetState.OUVERT and one.rejet not in self.already]


#: Loose acts that somebody must see; a loose detail or "ci-joint" says nothing by itself.
_ASKS = {
    ReplyAct.CONTESTATION: "Une contestation",
    ReplyAct.QUESTION: "Une question",
    ReplyAct.CORRIGEE: "Une correction",
}


def called(one: KnownRejet) -> str:
    """An invoice as the review queue names it."""
    return f"Facture {one.numero_facture} (lot {one.numero_lot})"
