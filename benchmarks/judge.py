"""The judge against the same table written by hand, and against rule-engine libraries: the limits of issue 3.

1,000,000 invoices are decided in one process: the 100,000 of generate.py, ten times over, against reference tables of
1,000,000 rows. Before each of the ten passes the memos of names, codes and guarantees are emptied, for both sides, so
that a pass costs what other invoices would; together they are far larger than any cache of the processor. Both sides
take their passes in turns, three times over; the best turn of each counts. The collector of Python runs as it does by
itself, over nothing but what is made while deciding. The libraries decide a sample, spread over all invoices; their
time is told per invoice. Reading and indexing is not measured, nor is the explanation, which is told on demand.

Before anything is measured, every decision is compared: all fields with by_hand.py, the rule with the libraries.
`--keep DIR` writes (or uses again) the data in DIR. Exit code 1 when a limit is missed or a decision differs.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import by_engine
import by_hand
import generate

from mailbot.configuration import folder
from mailbot.model import Facture
from mailbot.parsers import lot_table
from mailbot.passes import reference_files
from mailbot.rules import judge, text
from mailbot.rules.book import Book
from mailbot.rules.references import References

MAX_BY_HAND = 3.0
MIN_BY_ENGINE = 5.0
#: The library that the limit is held against. zen-engine is told without one: most of its time goes into its input,
#: all facts of an invoice, which the product's own functions work out for it.
LIMITED = "rule-engine"
PASSES = 10
RUNS = 3
#: One invoice in so many is given to the libraries.
SAMPLE = 50
_MEMOS = (text.words, text.code, text.first_word, text.guarantees, text.euros)


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure le juge face à la même table écrite à la main.")
    parser.add_argument(
        "--keep", metavar="DOSSIER", type=Path, help="garde les données ici (ou reprend celles d’avant)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailbot-bench-") as name:
        factures, references = _read(generate.written(options.keep or Path(name)))
    book = folder.load(folder.shipped()).book
    engines = _engines(book, references)
    if not _alike(factures, references, book, engines):
        return 1
    return _measure(factures, references, book, engines)


def _read(data: generate.Written) -> tuple[Sequence[Facture], References]:
    gc.disable()
    lots = lot_table.merge([lot_table.read_lot(path.read_bytes(), path.name, {}) for path in data.lots])
    tables = reference_files.read_all([data.references], {})
    references = References.of({table.name: table.rows for table in tables if table.rows is not None})
    references.born_on("")  # this index is made when it is first needed; here it belongs to nobody's time
    gc.enable()
    gc.collect()
    gc.freeze()
    return lots.factures, references


def _engines(book: Book, references: References) -> dict[str, by_engine.Names]:
    engines = {}
    for name, make in by_engine.ENGINES.items():
        try:
            engines[name] = make(book, references)
        except ImportError:
            say(f"{name} n’est pas installé : la mesure se fait sans lui (make setup l’installe)")
    return engines


def _alike(
    factures: Sequence[Facture], references: References, book: Book, engines: dict[str, by_engine.Names]
) -> bool:
    """Is every decision the same on all sides? Says which rules were met."""
    decided = [judge.decide(facture, references, book).decision for facture in factures]
    rules = Counter(decision.regle for decision in decided)
    say(f"{len(factures)} factures décidées par {len(rules)} règles différentes")
    by_the_hand = [by_hand.decide(facture, references) for facture in factures]
    differing = {"à la main": sum(one != other for one, other in zip(decided, by_the_hand, strict=True))}
    for name, engine in engines.items():
        sample = zip(factures[::SAMPLE], decided[::SAMPLE], strict=True)
        differing[name] = sum(engine(facture) != decision.regle for facture, decision in sample)
    for name, count in differing.items():
        if count:
            say(f"{name} : {count} factures décidées autrement ; rien n’est mesuré")
    return not any(differing.values())


def _measure(
    factures: Sequence[Facture], references: References, book: Book, engines: dict[str, by_engine.Names]
) -> int:
    decide, in_hand = judge.decide, by_hand.decide
    best: dict[str, float] = {}
    for turn in range(1, RUNS + 1):
        seconds = {"judge": 0.0, "hand": 0.0}
        for _ in range(PASSES):
            seconds["hand"] += _seconds(lambda facture: in_hand(facture, references), factures)
            seconds["judge"] += _seconds(lambda facture: decide(facture, references, book).decision, factures)
        per_invoice = {name: total / (PASSES * len(factures)) for name, total in seconds.items()}
        for name, engine in engines.items():
            sample = factures[::SAMPLE]
            per_invoice[name] = _seconds(engine, sample) / len(sample)
        best = {name: min(each, best.get(name, each)) for name, each in per_invoice.items()}
        told = ", ".join(f"{name} {per_invoice[name] * 1e6:.0f}" for name in engines)
        say(
            f"  tour {turn} : à la main {seconds['hand']:.1f} s, le juge {seconds['judge']:.1f} s"
            f" pour {PASSES * len(factures)} factures" + (f" ; en µs par facture : {told}" if told else "")
        )
    return _verdict(best, len(factures) // SAMPLE)


def _seconds(decide: Callable[[Facture], Any], factures: Sequence[Facture]) -> float:
    for memo in _MEMOS:
        memo.cache_clear()
    started = time.perf_counter()
    for facture in factures:
        decide(facture)
    return time.perf_counter() - started


def _verdict(best: dict[str, float], sample: int) -> int:
    by_the_hand = best["judge"] / best["hand"]
    say(f"à la main    {best['hand'] * 1e6:6.1f} µs par facture")
    say(f"le juge      {best['judge'] * 1e6:6.1f} µs, soit {by_the_hand:.2f} fois (limite : {MAX_BY_HAND:.0f})")
    missed = ["trop lent face à la table écrite à la main"] if by_the_hand > MAX_BY_HAND else []
    for name in by_engine.ENGINES:
        if name not in best:
            continue
        faster = best[name] / best["judge"]
        limit = f" (limite : {MIN_BY_ENGINE:.0f})" if name == LIMITED else ""
        faster_by = f"le juge va {faster:.1f} fois plus vite{limit}"
        say(f"{name:12} {best[name] * 1e6:6.1f} µs ({sample} factures), {faster_by}")
        if name == LIMITED and faster < MIN_BY_ENGINE:
            missed.append(f"trop lent face à {name}")
    say(f"limites manquées : {', '.join(missed)}" if missed else "les limites sont tenues")
    return 1 if missed else 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
