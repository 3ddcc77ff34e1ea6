"""The reference tables, indexed once for the facts.

Owns the indexes; the rows stay the NamedTuples of `model/references.py`, never copied. Knows nothing of invoices
except what a trace is. Built from whole tables (`decide`, benches) or from only the rows that one lot can need (the
ledger: rows under its NIRs, under its birth dates, the cards and rights of those references, its PS, its lot).
Raises nothing. An index maps a key to its one row, or to a list of rows in file order, so that a million keys with one
row each cost no lists. Empty keys are left out: an empty NIR or reference matches nothing (data.md).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from mailbot.model.references import (
    Agaps,
    AgapsMail,
    Agica,
    AgicaActe,
    Beneficiaire,
    Carte,
    Droit,
    HistoClient,
    Nomenclature,
    Valorisation,
)
from mailbot.rules import text

Row = TypeVar("Row")
Index = dict[str, Row | list[Row]]

#: Amounts are equal when they differ by at most this many centimes (motifs.md §3).
TOLERANCE = 1


class References:
    """Indexed reference tables. `loaded` names the tables that were ever loaded (A0); an empty one is loaded."""

    def __init__(self, tables: Mapping[str, Iterable[tuple[Any, ...]]], en_cours: Iterable[Agica] = ()) -> None:
        rows = {name: table if isinstance(table, list) else list(table) for name, table in tables.items()}
        self.loaded: frozenset[str] = frozenset(rows)
        self._beneficiaires: list[Beneficiaire] = cast("list[Beneficiaire]", rows.get("beneficiaires", []))
        self._nes_le: Index[Beneficiaire] | None = None
        self.beneficiaires: Index[Beneficiaire] = _index(self._beneficiaires, 1)
        self._cartes: list[Carte] = cast("list[Carte]", rows.get("cartes", []))
        self._cartes_de = _positions(self._cartes)
        self._droits: list[Droit] = cast("list[Droit]", rows.get("droits", []))
        self._droits_de = _positions(self._droits)
        self.agica: Index[Agica] = _index(cast("list[Agica]", rows.get("agica", [])), 1)
        self.agica_actes: Index[AgicaActe] = _index(cast("list[AgicaActe]", rows.get("agica_actes", [])), 1)
        self.histo_client: Index[HistoClient] = _index(cast("list[HistoClient]", rows.get("histo_client", [])), 1)
        self.agaps: Index[Agaps] = _index(cast("list[Agaps]", rows.get("agaps", [])), 0)
        self.agaps_mails: Index[AgapsMail] = _index(cast("list[AgapsMail]", rows.get("agaps_mails", [])), 0)
        self.nomenclature: dict[str, Nomenclature] = {}
        for code_row in cast("list[Nomenclature]", rows.get("nomenclature", [])):
            if code_row.code_acte:
                self.nomenclature.setdefault(code_row.code_acte, code_row)  # of two rows the first counts (data.md)
        #: Codes of the nomenclature, and those of them that are a majoration.
        self.codes = frozenset(self.nomenclature)
        self.majorations = frozenset(code for code, row in self.nomenclature.items() if row.majoration)
        # Of several valuations the lowest row counts (H1): later rows overwrite.
        self.valorisations: dict[tuple[str, str, str], Valorisation] = {
            (row.numero_lot, row.numero_ps, text.number(row.numero_facture)): row
            for row in cast("list[Valorisation]", rows.get("valorisations", []))
        }
        #: Ledger decisions that count as EN_COURS traces, of invoices of the same PS and number only.
        self.en_cours: Index[Agica] = _index(self._untraced(en_cours), 1)
        #: Memo of `judge.contact`, by PS, convention and registration: addresses are costly to check.
        self.contacts: dict[tuple[str, str, str | None], Any] = {}

    @classmethod
    def of(cls, tables: Mapping[str, Iterable[tuple[Any, ...]]], en_cours: Iterable[Agica] = ()) -> References:
        """Tables by name; a name that is absent was never loaded.

        `en_cours`: decisions of the ledger that count as EN_COURS traces (motifs.md §3, Trace). Those of which agica
        holds a trace of the same PS are dropped.
        """
        return cls(tables, en_cours)

    def with_en_cours(self, en_cours: Iterable[Agica]) -> References:
        """The same tables, indexed once, beside other decisions of the ledger."""
        other = copy.copy(self)
        other.en_cours = _index(self._untraced(en_cours), 1)
        return other

    def _untraced(self, en_cours: Iterable[Agica]) -> list[Agica]:
        """Those of which agica holds no trace of the same PS."""
        return [
            row
            for row in en_cours
            if not any(
                held.numero_ps == row.numero_ps
                and is_trace(held, text.number(row.numero_facture), row.date_debut_soins, row.montant_rc)
                for held in rows_under(self.agica, row.nir)
            )
        ]

    def born_on(self, date_naissance: str) -> list[Beneficiaire]:
        """Everybody with this birth date; the index is built when the first patient is not found by NIR."""
        if self._nes_le is None:
            self._nes_le = _index(self._beneficiaires, 2)
        return rows_under(self._nes_le, date_naissance)

    def cards_of(self, references: list[str]) -> list[Carte]:
        """The cards of one patient, in file order."""
        return _merged(self._cartes, self._cartes_de, references)

    def rights_of(self, references: list[str]) -> list[Droit]:
        """The contract rights of one patient, in file order."""
        return _merged(self._droits, self._droits_de, references)


def is_trace(row: Agica, numero: str, debut: date | None, part_rc: int | None) -> bool:
    """Is `row`, already of the same NIR, a trace of the invoice with this compared number, start of care and RC share?

    With a number: same number, and of date and RC share those that both sides have are compared; one that agrees is
    enough, nothing to compare is enough. Without: date and RC share must both be there and agree (motifs.md §3).
    """
    if numero and row.numero_facture.lstrip("0") != numero:
        return False
    same_day = None if debut is None or row.date_debut_soins is None else debut == row.date_debut_soins
    same_share = None if part_rc is None or row.montant_rc is None else abs(part_rc - row.montant_rc) <= TOLERANCE
    if not numero:
        return bool(same_day and same_share)
    return bool(same_day or same_share) or (same_day is None and same_share is None)


#: Shared by all who find nothing; nobody changes what an index gives.
_NOBODY: list[Any] = []


def rows_under(index: Index[Row], key: str) -> list[Row]:
    """Rows under a key, in file order; none for a key that is not there."""
    found = index.get(key)
    if found is None:
        return _NOBODY
    return found if type(found) is list else [cast(Row, found)]


def _index(rows: list[Row], column: int) -> Index[Row]:
    result: Index[Row] = {}
    place = result.setdefault
    for row in rows:
        key = cast("tuple[str, ...]", row)[column]
        first = place(key, row)
        if first is not row:
            if type(first) is list:
                first.append(row)
            else:
                result[key] = [cast(Row, first), row]
    result.pop("", None)
    return result


def _positions(rows: list[Any]) -> Index[int]:
    """Positions of the rows by their reference (column 0): file order must survive across references."""
    index: Index[int] = {}
    for at, row in enumerate(rows):
        key = row[0]
        first = index.setdefault(key, at)
        if first is not at:
            if type(first) is list:
                first.append(at)
            else:
                index[key] = [cast(int, first), at]
    index.pop("", None)
    return index


def _merged(rows: list[Row], index: Index[int], references: list[str]) -> list[Row]:
    """The rows of all these references, in file order."""
    if len(references) == 1:
        at = index.get(references[0])
        if at is None:
            return []
        return [rows[place] for place in at] if type(at) is list else [rows[cast(int, at)]]
    return [rows[place] for place in sorted(at for reference in references for at in rows_under(index, reference))]
