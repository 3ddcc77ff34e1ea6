"""The national directories in the ledger: a layer under `agaps`, one part a source, each replaced as a whole.

Owns: the table `annuaire`, and how it completes `agaps` when a PS is looked up. Never writes `agaps`, so that a new
load of it and a new extract may come in any order. What `agaps` holds always counts; the directories add the PS that
it lacks and fill the cells that it leaves empty, in the order of `ANNUAIRES`. A street is filled as one: the number of
one source never meets the street of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.ledger.store import Store, instant
from mailbot.model.references import ANNUAIRES, Agaps

_CELLS = Agaps._fields[1:]
_STREET = frozenset(("numero_voie", "complement_numero", "type_voie", "libelle_voie"))
#: The row of one source that says exactly what was staged.
_SAME = "EXISTS (SELECT 1 FROM annuaire a WHERE a.numero_ps = e.numero_ps AND a.source = ? AND ({}) = ({}))".format(
    ", ".join(f"a.{name}" for name in _CELLS), ", ".join(f"e.{name}" for name in _CELLS)
)
_KNOWN = "(e.numero_ps IN (SELECT numero_ps FROM ref_agaps) OR e.numero_ps IN (SELECT numero_ps FROM annuaire))"
_SLICE = 500

#: Source -> what it says of one PS.
Parts = dict[str, Agaps]


@dataclass(frozen=True, slots=True)
class AnnuaireCounts:
    """PS of an extract against what was known before: `added` were unknown, `completed` had an empty cell filled,
    `updated` have another value than this source gave before. `removed` stood in its last extract and are gone."""

    added: int
    completed: int
    updated: int
    unchanged: int
    removed: int

    @property
    def total(self) -> int:
        """The PS of the extract."""
        return self.added + self.completed + self.updated + self.unchanged


class Annuaire:
    def __init__(self, store: Store) -> None:
        self._store = store

    def loaded(self) -> bool:
        """Was a directory ever loaded?"""
        return bool(self._store.rows_in("SELECT 1 FROM loads WHERE name IN (?*)", ANNUAIRES))

    def complete(self, rows: Sequence[Agaps], numeros_ps: Sequence[str]) -> list[Agaps]:
        """`rows` of `agaps` of these PS, completed, and after them the PS that only a directory knows."""
        parts = self._parts(numeros_ps)
        held = _by_ps(rows)
        firsts = {numero: _completed(held.get(numero, ()), said) for numero, said in parts.items()}
        completed = [firsts.pop(row.numero_ps, row) for row in rows]
        return completed + list(firsts.values())

    def stage(self, entries: Iterable[tuple[str, Agaps]], afresh: bool = False) -> None:
        """Puts (rank, row) aside in a temporary table, emptied first with `afresh`; nothing counts before `swap`.

        Of several rows of one PS the lowest rank stays, then the first.
        """
        columns = ", ".join(f"{name} TEXT NOT NULL" for name in (*_CELLS, "rank"))
        sets = ", ".join(f"{name} = excluded.{name}" for name in (*_CELLS, "rank"))
        marks = ", ".join("?" * (len(_CELLS) + 2))
        with self._store.transaction():
            if afresh:
                self._store.run("DROP TABLE IF EXISTS temp.extrait")
                self._store.run(f"CREATE TEMP TABLE extrait (numero_ps TEXT PRIMARY KEY, {columns}) WITHOUT ROWID")
            self._store.connection.executemany(
                f"INSERT INTO temp.extrait VALUES ({marks}) "
                f"ON CONFLICT (numero_ps) DO UPDATE SET {sets} WHERE excluded.rank < rank",
                ((*row, rank) for rank, row in entries),
            )

    def swap(self, now: datetime, source: str, fichier: str, sha256: str) -> AnnuaireCounts:
        """What was staged becomes the part of `source`, in one transaction; gives how it compares with before."""
        names = ", ".join(("numero_ps", *_CELLS))
        with self._store.transaction():
            counts = self._counts(source)
            self._store.run("DELETE FROM annuaire WHERE source = ?", source)
            self._store.run(
                f"INSERT INTO annuaire (source, {names}) SELECT ?, {names} FROM temp.extrait ORDER BY numero_ps", source
            )
            self._store.run(
                "INSERT OR REPLACE INTO loads VALUES (?, ?, ?, ?, ?)",
                source,
                instant(now),
                fichier,
                sha256,
                counts.total,
            )
            self._store.run("DROP TABLE temp.extrait")
        return counts

    def _counts(self, source: str) -> AnnuaireCounts:
        total = int(self._store.value("SELECT count(*) FROM temp.extrait"))
        unchanged = int(self._store.value(f"SELECT count(*) FROM temp.extrait e WHERE {_SAME}", source))
        completed = updated = 0
        for held, before, new in self._compared(source):
            old_row, new_row = _completed(held, before), _completed(held, {**before, source: new})
            if old_row == new_row:
                unchanged += 1
            elif any(theirs and not ours for ours, theirs in zip(old_row, new_row, strict=True)):
                completed += 1
            else:
                updated += 1
        removed = self._store.value(
            "SELECT count(*) FROM annuaire WHERE source = ? AND numero_ps NOT IN (SELECT numero_ps FROM temp.extrait)",
            source,
        )
        return AnnuaireCounts(total - completed - updated - unchanged, completed, updated, unchanged, int(removed))

    def _compared(self, source: str) -> Iterator[tuple[Sequence[Agaps], Parts, Agaps]]:
        """Of each staged PS that was known, and of which this source said something else: its rows of `agaps`, what
        the directories said, what this one says now."""
        names = ", ".join(f"e.{name}" for name in ("numero_ps", *_CELLS))
        cursor = self._store.connection.execute(
            f"SELECT {names} FROM temp.extrait e WHERE {_KNOWN} AND NOT {_SAME}", (source,)
        )
        while part := [Agaps(*row) for row in cursor.fetchmany(_SLICE)]:
            numeros = [row.numero_ps for row in part]
            held = _by_ps(
                Agaps(*row)
                for row in self._store.rows_in(
                    "SELECT * FROM ref_agaps WHERE numero_ps IN (?*) ORDER BY rowid", numeros
                )
            )
            parts = self._parts(numeros)
            yield from ((held.get(row.numero_ps, ()), parts.get(row.numero_ps, {}), row) for row in part)

    def _parts(self, numeros_ps: Sequence[str]) -> dict[str, Parts]:
        found: dict[str, Parts] = {}
        for row in self._store.rows_in("SELECT * FROM annuaire WHERE numero_ps IN (?*)", numeros_ps):
            said = Agaps(*(row[name] for name in Agaps._fields))
            found.setdefault(said.numero_ps, {})[row["source"]] = said
        return found


def _by_ps(rows: Iterable[Agaps]) -> dict[str, list[Agaps]]:
    found: dict[str, list[Agaps]] = {}
    for row in rows:
        found.setdefault(row.numero_ps, []).append(row)
    return found


def _completed(rows: Sequence[Agaps], parts: Parts) -> Agaps:
    """The first row of one PS, with the cells filled that all its rows leave empty; without rows what a directory says.

    `rows` and `parts` are not both empty.
    """
    said = [parts[source] for source in ANNUAIRES if source in parts]
    first, *others = rows or said[:1]
    for other in said:
        held = {name for row in (first, *others) for name in _CELLS if getattr(row, name)}
        if held & _STREET:
            held |= _STREET
        filled = {name: getattr(other, name) for name in _CELLS if name not in held and getattr(other, name)}
        first = first._replace(**filled)
    return first
