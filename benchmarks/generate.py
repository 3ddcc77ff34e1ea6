"""Writes the data of the bench: 100,000 invoices as 300,000 rows of lots, and reference tables of 1,000,000 rows.

Everything follows from one seed. Nobody here exists: NIRs are well-formed with department 99 and a country that does
not exist. Each invoice takes a path through the decision table (`invoices.py`), so that every family of rules has work.
Lots are written in ten files, dates as JJ/MM/AAAA, amounts as 12,71, separator `;`, UTF-8.
"""

from __future__ import annotations

import csv
import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from invoices import INVOICES, LOT_COLUMNS, ROWS, SEED, Invoices
from references import COLUMNS, SIZES, References


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files are: lots in order, one folder of references; rows in all of them, headers left out."""

    lots: tuple[Path, ...]
    references: Path
    rows: int

    def all(self) -> list[Path]:
        return [*self.lots, *sorted(self.references.glob("*.csv"))]


def written(folder: Path) -> Written:
    """What `write` put there before; where there is nothing yet it is written now."""
    lots = folder / "lots"
    if lots.is_dir():
        rows = ROWS + sum(SIZES.values())
        return Written(tuple(sorted(lots.glob("*.csv"))), folder / "references", rows)
    print("génération des données (graine fixe)…", flush=True)
    return write(folder)


def write(folder: Path, count: int = INVOICES) -> Written:
    """Writes everything under `folder`: `count` invoices (a multiple of four, at most one a beneficiary)."""
    made = Invoices(random.Random(SEED), count)
    lots = folder / "lots"
    references = folder / "references"
    lots.mkdir(parents=True)
    references.mkdir()
    paths = tuple(lots / f"lots-{number:02}.csv" for number in range(10))
    with ExitStack() as stack:
        files = [
            csv.writer(stack.enter_context(path.open("w", newline="", encoding="utf-8")), delimiter=";")
            for path in paths
        ]
        for writer in files:
            writer.writerow(LOT_COLUMNS)
        for number in range(count):
            files[number * len(files) // count].writerows(made.rows_of(number))
    tables = References(made)
    rows = sum(_table(references / f"{name}.csv", name, tables) for name in SIZES)
    assert (made.rows, rows) == (ROWS * count // INVOICES, sum(SIZES.values())), "the bench data has its promised size"
    return Written(paths, references, made.rows + rows)


def _table(path: Path, name: str, tables: References) -> int:
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS[name])
        for row in tables.table(name):
            writer.writerow(row)
            count += 1
    return count
