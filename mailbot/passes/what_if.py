"""What if the edited rule book had decided? Past decisions made again, and why they come out differently.

Reads the ledger (`ledger.past`) and decides with the book of the configuration, on the reference tables as they are
now and on the traces that the ledger held when each decision was made. Writes nothing. Where the answer differs, the
book of that time is asked again too: when it still gives the recorded answer, the edit made the difference; when it
does not, something else did (tables loaded since, another version of the program, decisions purged), and the edit is
not blamed. Known limit: an invoice that other tables decide differently today says nothing of what the edit would have
done on the day of its decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from mailbot.configuration.folder import Configuration
from mailbot.errors import ConfigError
from mailbot.ledger.past import Past, PastDecision
from mailbot.model import Decision, Facture
from mailbot.passes import settle_lots
from mailbot.rules import judge, remembered
from mailbot.rules.book import Book
from mailbot.rules.references import References


class Cause(StrEnum):
    """Why a decision would come out differently."""

    EDITION = "edition"  # the book of that time gives the recorded answer, the edited one does not
    LES_DEUX = "edition_et_autre"  # both give another answer than the recorded one, and not the same
    AUTRE = "autre"  # both books give the same new answer: the edit has no part in it
    INCONNUE = "inconnue"  # the book of that time is not known


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that would come out differently. `reference` names the invoice for `explain`."""

    cause: Cause
    decision_id: int
    numero_ps: str
    numero_lot: str
    nom_facture: str
    version: int
    decided_at: str
    before: Decision
    after: Decision

    @property
    def reference(self) -> str:
        return f"{self.numero_ps}/{self.numero_lot}/{self.nom_facture}"


@dataclass(frozen=True, slots=True)
class Slice:
    """What deciding some invoices again came to. `other_rule`: same answer by another rule. `oldest`: the instant of
    the oldest decision among them ("" for none)."""

    compared: int
    other_rule: int
    oldest: str
    differences: tuple[Difference, ...]


class Again:
    """Decides past decisions again; remembers the books of other days."""

    def __init__(self, past: Past, configuration: Configuration) -> None:
        self._past = past
        self._book = configuration.book
        self._text = configuration.book_text
        self._books: dict[int | None, Book | None] = {None: None}

    def slice(self, facture_ids: Sequence[int]) -> Slice:
        """The current decisions of these invoices, made again."""
        past = self._past.decisions(facture_ids)
        rows = self._past.references.relevant([one.facture for one in past], settle_lots.alike)
        tables = References.of(rows)
        nirs = {one.facture.nir for one in past} | {person.nir for person in rows.get("beneficiaires", ())}
        traces = self._past.en_cours(past, nirs)
        other_rule = 0
        differing: list[tuple[PastDecision, References, Decision]] = []
        for one in past:
            seen = traces.get(one.id)
            references = tables.with_en_cours(seen) if seen else tables
            after = judge.decide(one.facture, references, self._book).decision
            if after == one.decision:
                continue
            if _same_answer(after, one.decision):
                other_rule += 1
            else:
                differing.append((one, references, after))
        return Slice(
            len(past), other_rule, min((one.decided_at for one in past), default=""), self._explained(differing)
        )

    def _explained(self, differing: Sequence[tuple[PastDecision, References, Decision]]) -> tuple[Difference, ...]:
        books = self._past.books_of([one.id for one, _, _ in differing])
        return tuple(
            Difference(
                cause=self._cause(one.facture, references, one.decision, after, books.get(one.id)),
                decision_id=one.id,
                numero_ps=one.facture.numero_ps,
                numero_lot=one.facture.numero_lot,
                nom_facture=one.facture.nom_facture,
                version=one.version,
                decided_at=one.decided_at,
                before=one.decision,
                after=after,
            )
            for one, references, after in differing
        )

    def _cause(
        self, facture: Facture, references: References, before: Decision, after: Decision, book_id: int | None
    ) -> Cause:
        book = self._book_of_then(book_id)
        if book is None:
            return Cause.INCONNUE
        then = after if book is self._book else judge.decide(facture, references, book).decision
        if _same_answer(then, before):
            return Cause.EDITION
        return Cause.AUTRE if _same_answer(then, after) else Cause.LES_DEUX

    def _book_of_then(self, book_id: int | None) -> Book | None:
        """The book of that id; None for an unknown one, or one that this version of the program cannot read."""
        if book_id not in self._books:
            assert book_id is not None
            text = self._past.book_text(book_id)
            try:
                self._books[book_id] = self._book if text == self._text else remembered.from_text(text)
            except ConfigError:
                self._books[book_id] = None
        return self._books[book_id]


def _same_answer(one: Decision, other: Decision) -> bool:
    """The same for everybody who is told; only the rule that says it may be another."""
    return replace(one, regle=other.regle) == other


#: What makes a line of the report: who is told what.
_SAID = ("status", "motif", "route")


@dataclass(slots=True)
class Line:
    """Decisions of one old answer that become one new answer, as (status, motif, route). `rules`: old and new rule of
    each; `changed`: what else differs, by field; `examples`: references for `explain`."""

    count: int = 0
    announced: int = 0
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


Said = tuple[str, str | None, str | None]


class Report:
    """The slices together: lines by cause, old answer and new answer. `most`: examples kept of each line."""

    def __init__(self, announced: frozenset[int], most: int | None) -> None:
        self._announced = announced
        self._most = most
        self.compared = 0
        self.other_rule = 0
        self.oldest = ""
        self.lines: dict[tuple[Cause, Said, Said], Line] = {}

    def add(self, part: Slice) -> None:
        self.compared += part.compared
        self.other_rule += part.other_rule
        if part.oldest:
            self.oldest = min(self.oldest or part.oldest, part.oldest)
        for one in part.differences:
            line = self.lines.setdefault((one.cause, _said(one.before), _said(one.after)), Line())
            line.count += 1
            line.announced += self.is_announced(one)
            line.rules[one.before.regle, one.after.regle] += 1
            line.changed.update(_changed(one.before, one.after))
            if self._most is None or len(line.examples) < self._most:
                line.examples.append(one.reference)

    def is_announced(self, one: Difference) -> bool:
        """A PS was told of the recorded decision by mail: another one would contradict a letter."""
        return one.decision_id in self._announced

    def of(self, *causes: Cause) -> list[tuple[Said, Said, Line]]:
        """The lines of these causes, the greatest count first."""
        found = [(before, after, line) for (cause, before, after), line in self.lines.items() if cause in causes]
        return sorted(found, key=lambda one: (-one[2].count, str(one[:2])))

    def count(self, *causes: Cause) -> int:
        return sum(line.count for _, _, line in self.of(*causes))

    def announced(self, *causes: Cause) -> int:
        return sum(line.announced for _, _, line in self.of(*causes))


def _said(decision: Decision) -> Said:
    return decision.status, decision.motif, decision.route


def _changed(before: Decision, after: Decision) -> list[str]:
    """Names of the fields that differ, besides the rule and what makes the line."""
    names = [one.name for one in fields(Decision) if one.name not in (*_SAID, "regle")]
    return [name for name in names if getattr(before, name) != getattr(after, name)]
