"""Past decisions, with all that is needed to make them again: what the ledger knew when each was made.

A look, never a write: the ledger is opened as it stands, beside a running service, without its lock. Of each invoice
the current decision counts. Decisions carry growing ids in the order in which they were made, so that "before" is a
smaller id. Known limit: what an earlier version of an invoice said is known since the migration `rule_books`; of older
ones the present text stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Row

from mailbot.ledger import factures
from mailbot.ledger.references import References
from mailbot.ledger.rows import decision_of, trace_of
from mailbot.ledger.store import Store, instant
from mailbot.model import Decision, Facture
from mailbot.model.references import Agica


@dataclass(frozen=True, slots=True)
class PastDecision:
    """An invoice as it stands, and its decision as it was recorded."""

    id: int
    facture: Facture
    facture_id: int
    version: int
    decided_at: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Load:
    """A reference table and the instant of its last load."""

    name: str
    loaded_at: str


class Past:
    """One look at the ledger at `path`; see `Store.looked_at` for what it raises."""

    def __init__(self, path: Path) -> None:
        self._store = Store.looked_at(path)
        self.references = References(self._store)

    def __enter__(self) -> Past:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def since(self, moment: datetime | None) -> list[int]:
        """Ids of the invoices whose current decision was made at this instant or later (None: ever), oldest first."""
        at = instant(moment) if moment else ""
        rows = self._store.rows("SELECT DISTINCT facture_id FROM decisions WHERE decided_at >= ?", at)
        return sorted(row[0] for row in rows)

    def decisions(self, facture_ids: Sequence[int]) -> list[PastDecision]:
        """The current decisions of these invoices, in the order of their ids; those that a purge took are left out."""
        rows = self._store.rows_in(
            "SELECT f.id AS facture_id, f.content, d.id, d.version, d.decided_at, d.status, d.regle, d.motif, d.route, "
            "d.detail, d.erreur, d.date, d.commentaire, d.saisie "
            "FROM factures f JOIN decisions d ON d.id = f.decision_id WHERE f.id IN (?*)",
            facture_ids,
        )
        return [
            PastDecision(
                row["id"], factures.from_text(row["content"]), row["facture_id"], row["version"], row["decided_at"],
                decision_of(row),
            )
            for row in rows
        ]  # fmt: skip

    def en_cours(self, past: Sequence[PastDecision], nirs: Iterable[str]) -> dict[int, list[Agica]]:
        """Decision id -> the EN_COURS traces that the ledger held when that decision was made, under any of `nirs`.

        As in `Lots.en_cours`: accepted or to-enter decisions of other lots of the PS. Only those of the same number,
        for no other can be a trace (motifs.md §3).
        """
        wanted = sorted({nir for nir in nirs if nir})
        held: dict[tuple[str, str], list[int]] = {}
        for row in self._store.rows_in("SELECT id, numero_ps, numero FROM factures WHERE nir IN (?*)", wanted):
            held.setdefault((row[1], row[2]), []).append(row[0])
        others: dict[int, list[int]] = {}
        for one in past:
            alike = held.get((one.facture.numero_ps, one.facture.numero), ())
            found = [facture_id for facture_id in alike if facture_id != one.facture_id]
            if found:
                others[one.id] = found
        versions = self._versions({facture_id for found in others.values() for facture_id in found})
        lots = {one.id: one.facture.lot for one in past if one.id in others}
        traces: dict[int, list[Agica]] = {}
        for decision_id, found in others.items():
            seen = [_before(versions.get(facture_id, ()), decision_id) for facture_id in sorted(found)]
            traces[decision_id] = [
                trace_of(facture)
                for facture in seen
                if facture is not None and facture.lot != lots[decision_id] and facture.nir_valide
            ]
        return traces

    def _versions(self, facture_ids: set[int]) -> Mapping[int, list[Row]]:
        """Invoice id -> its decisions in order, each with what the invoice said then."""
        rows = self._store.rows_in(
            "SELECT d.facture_id, d.id, d.status, coalesce(s.content, f.content) AS content FROM decisions d "
            "JOIN factures f ON f.id = d.facture_id LEFT JOIN superseded s ON s.decision_id = d.id "
            "WHERE d.facture_id IN (?*) ORDER BY d.id",
            sorted(facture_ids),
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["facture_id"], []).append(row)
        return found

    def books_of(self, decision_ids: Sequence[int]) -> dict[int, int | None]:
        """Decision id -> the id of the book it was made with (None: unknown, from before books were kept)."""
        rows = self._store.rows_in("SELECT id, book_id FROM decisions WHERE id IN (?*)", decision_ids)
        return {row[0]: row[1] for row in rows}

    def book_text(self, book_id: int) -> str:
        return str(self._store.value("SELECT text FROM books WHERE id = ?", book_id))

    def announced(self) -> frozenset[int]:
        """Ids of the decisions that a PS was told of: their letter left, or may have (in doubt)."""
        rows = self._store.rows(
            "SELECT decision_id FROM rejets WHERE letter_id IN "
            "(SELECT id FROM letters WHERE state IN ('sent', 'unknown'))"
        )
        return frozenset(row[0] for row in rows)

    def loads(self) -> list[Load]:
        """The reference tables, by the instant of their last load."""
        return [Load(row[0], row[1]) for row in self._store.rows("SELECT name, loaded_at FROM loads ORDER BY 2, 1")]


def _before(versions: Sequence[Row], decision_id: int) -> Facture | None:
    """The invoice as it was last decided before that decision, if it was accepted or to enter then."""
    last = next((row for row in reversed(versions) if row["id"] < decision_id), None)
    if last is None or last["status"] not in ("acceptee", "a_saisir"):
        return None
    return factures.from_text(last["content"])
