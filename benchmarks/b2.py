"""B2 records as typed values against `struct.iter_unpack` over the same bytes, and the memory of reading a stream.

Run it with `make bench`, `mailbot bench` or `python benchmarks/b2.py`. 1,000,000 records of a fixed seed: invoices of 1
to 5 lines, tariffs and dates as a pharmacy, a laboratory and a practice have them. `struct.iter_unpack` gets the bytes
of each record type by themselves and cuts out every zone of the layout, nothing more; the reader finds out which record
each is and gives every zone as text, number, decimal or date. Taken in turns,
the best of three for each, tenth by tenth, with a reader that remembers nothing at first. Then a file of
many lots is read as a stream in a process of its own, and a tenth of it in another: the memory must not grow with the
file. Exit code 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import functools
import gc
import random
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

from mailbot.configuration import folder
from mailbot.parsers import b2, identifiers
from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2.format import Format
from mailbot.parsers.b2.layout import LENGTH

RECORDS = 1_000_000
STREAMED = 200_000
MAX_RATIO = 5.0
RUNS = 3
SEED = 20260301
CREATION = date(2026, 3, 1)
PS = "752000019"
INVOICES_OF_A_LOT = 200
MAX_GROWTH = 8_000_000
_CHUNK = 1 << 16
_CODES = ("PH7", "PH4", "AMI", "AMK", "B", "C", "CS")


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure la lecture des enregistrements B2.")
    parser.add_argument("--stream", type=int, metavar="N", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stream is not None:
        return _stream(options.stream)
    # First, while this process is small: a child's peak counts from what its parent held.
    growth = _memory()
    fmt = shipped()
    say(f"{RECORDS / 1e6:.0f} million d’enregistrements B2 (graine fixe)…")
    text = b"".join(_records(fmt, RECORDS))
    ratio = _speed(fmt, text)
    missed = [
        said
        for said, is_missed in (
            ("trop lent", ratio > MAX_RATIO),
            ("la mémoire croît avec le fichier", growth > MAX_GROWTH),
        )
        if is_missed
    ]
    say(f"limites manquées : {', '.join(missed)}" if missed else "les deux limites sont tenues")
    return 1 if missed else 0


def shipped() -> Format:
    formats = folder.shipped() / "formats"
    layout, specialites = (formats / name for name in ("b2.csv", "b2_specialites.csv"))
    return Format((layout.read_text("utf-8"), layout.name), (specialites.read_text("utf-8"), specialites.name))


# -- speed ---------------------------------------------------------------------------------------------------------


def _speed(fmt: Format, raw: bytes) -> float:
    """Seconds of typed values over seconds of `struct.iter_unpack`: the best of three for each tenth of the records."""
    unpacked = typed = 0.0
    step = len(raw) // 10
    for start in range(0, len(raw), step):
        tenth = raw[start : start + step]
        parts = _alike(fmt, tenth)
        turns = [(_seconds(lambda: _unpack(parts)), _seconds(lambda: _type(fmt, tenth))) for _ in range(RUNS)]  # noqa: B023
        unpacked += min(seconds for seconds, _ in turns)
        typed += min(seconds for _, seconds in turns)
    ratio = typed / unpacked
    say(f"struct.iter_unpack  {unpacked:6.2f} s")
    say(f"valeurs typées      {typed:6.2f} s, soit {ratio:.1f} fois struct.iter_unpack (limite : {MAX_RATIO:.0f})")
    return ratio


def _alike(fmt: Format, raw: bytes) -> list[tuple[struct.Struct, bytes]]:
    """The records of each type by themselves, with the zones to cut out of them."""
    alike: dict[str, list[bytes]] = {}
    for at in range(0, len(raw), LENGTH):
        record = raw[at : at + LENGTH]
        alike.setdefault(fmt.records.name(record.decode("latin-1")), []).append(record)
    return [(struct.Struct(_struct(fmt, name)), b"".join(records)) for name, records in alike.items()]


def _struct(fmt: Format, name: str) -> str:
    """All zones of a record, fillers too, as bytes."""
    zones = sorted({(zone.debut, zone.fin) for zone in fmt.records.layout[name].zones.values()})
    parts, place = [], 0
    for start, end in zones:
        parts += [f"{start - place}s"] if start > place else []
        parts.append(f"{end - start}s")
        place = end
    return "".join(parts) + (f"{LENGTH - place}s" if place < LENGTH else "")


def _unpack(parts: list[tuple[struct.Struct, bytes]]) -> None:
    for zones, raw in parts:
        for _record in zones.iter_unpack(raw):
            pass


def _type(fmt: Format, raw: bytes) -> None:
    readers = fmt.records.readers(CREATION)
    for start in range(0, len(raw), _CHUNK):
        text = raw[start : start + _CHUNK].decode("latin-1")
        for at in range(0, len(text), LENGTH):
            record = text[at : at + LENGTH]
            readers[record[0]](record)


def _seconds(work: object) -> float:
    assert callable(work)
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


# -- memory --------------------------------------------------------------------------------------------------------


def _memory() -> int:
    """By how many bytes ten times the lots need more memory."""
    small, large = (_peak(count) for count in (STREAMED // 10, STREAMED))
    say(f"lecture en continu  {small / 1e6:6.1f} Mo au plus pour {STREAMED // 10} enregistrements")
    growth = f"croissance permise : {MAX_GROWTH / 1e6:.0f} Mo"
    say(f"                    {large / 1e6:6.1f} Mo au plus pour {STREAMED} ({growth})")
    return large - small


def _peak(count: int) -> int:
    done = subprocess.run([sys.executable, __file__, "--stream", str(count)], stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


def _stream(count: int) -> int:
    """Reads lots of `count` records in all as they are made; prints the peak resident bytes of this process."""
    import resource

    fmt = shipped()
    factures = 0
    for lot in b2.lots(_chunks(fmt, count), "lots.b2", fmt):
        assert not lot.refus, lot.refus[0]
        factures += len(lot.factures)
    assert factures, "no invoice was read"
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
    return 0


def _chunks(fmt: Format, count: int) -> Iterator[bytes]:
    """The bytes of a file as they would come from a disk, in lots of the same size."""
    waiting = bytearray(_record(fmt, "000", date_creation=CREATION, norme="CP", version="B2", application="TR"))
    records, lots = iter(_invoices(fmt)), 0
    written = 1
    while written < count:
        lots += 1
        name = f"{lots % 1000:03d}"
        inside = [record for _ in range(INVOICES_OF_A_LOT) for record in next(records)]
        waiting += _record(fmt, "1", n_ps=PS, n_lot=name, norme="CP", date_creation=CREATION)
        waiting += b"".join(inside)
        waiting += _record(fmt, "6", n_ps=PS, n_lot=name, nb_1=INVOICES_OF_A_LOT, nb_2=len(inside))
        written += len(inside) + 2
        while len(waiting) >= _CHUNK:
            yield bytes(waiting[:_CHUNK])
            del waiting[:_CHUNK]
    yield bytes(waiting)


# -- data ----------------------------------------------------------------------------------------------------------


def _records(fmt: Format, count: int) -> Iterator[bytes]:
    made = 0
    for invoice in _invoices(fmt):
        yield from invoice[: count - made]
        made += len(invoice)
        if made >= count:
            return


def _invoices(fmt: Format) -> Iterator[list[bytes]]:
    """Invoices without end: one patient each, tariffs of a nomenclature, care days of two months."""
    chance = random.Random(SEED)
    tariffs = [(chance.choice(_CODES), chance.randrange(100, 9000), chance.choice((30, 65, 100))) for _ in range(1500)]
    prescribers = [f"75{chance.randrange(10**7):07d}" for _ in range(300)]
    number = 0
    while True:
        number += 1
        born = date(1930, 1, 1) + timedelta(chance.randrange(33_000))
        nir = f"{chance.choice('12')}{born:%y%m}75{chance.randrange(10**6):06d}"
        head = {"n_ps": PS, "nir_assure": nir, "cle_nir": identifiers.nir_key(nir), "n_facture": number}
        day = CREATION - timedelta(chance.randrange(60))
        two = {"date_naissance": born, "rang_naissance": 1, "n_entree": 5_000_000 + number, "date_entree": day}
        lines = [
            _line(fmt, head, day, chance.choice(prescribers), tariffs[int(1500 * chance.random() ** 3)])
            for _ in range(chance.randrange(1, 6))
        ]
        totals = _totals([tariff for _, tariff in lines])
        yield [
            _record(fmt, "2", **head, **two, nature_operation=1, code_grand_regime="01", caisse_gestionnaire=751),
            *(record for record, _ in lines),
            _record(fmt, "5", **head, **totals),
        ]


Tariff = tuple[str, int, int]


def _line(fmt: Format, head: dict[str, object], day: date, prescriber: str, tariff: Tariff) -> tuple[bytes, Tariff]:
    code, price, rate = tariff
    record = _record(
        fmt, "4", **head, date_soins=day, code_acte=code, quantite=1, coefficient=100, denombrement=1, taux=rate,
        n_executant=PS, n_prescripteur=prescriber, prix_unitaire=price, base_remb=price, montant_honoraires=price,
        montant_amo=price * rate // 100, montant_amc=price - price * rate // 100,
    )  # fmt: skip
    return record, tariff


def _totals(tariffs: list[Tariff]) -> dict[str, object]:
    fees = sum(price for _, price, _ in tariffs)
    ro = sum(price * rate // 100 for _, price, rate in tariffs)
    return {
        "nb_types_3_4": len(tariffs), "tot_honoraires": fees, "tot_amo_honoraires": ro,
        "tot_participation": fees - ro, "tot_amc_honoraires": fees - ro,
    }  # fmt: skip


def _record(fmt: Format, name: str, **values: object) -> bytes:
    text, places = _blank(fmt, name)
    out = bytearray(text)
    for nom, value in values.items():
        start, end, fill = places[nom]
        said = f"{value:%y%m%d}" if isinstance(value, date) else str(value)
        said = said.rjust(end - start, "0") if fill == "0" else said.ljust(end - start)
        out[start:end] = said.encode("latin-1")
    return bytes(out)


@functools.cache
def _blank(fmt: Format, name: str) -> tuple[bytes, dict[str, tuple[int, int, str]]]:
    """A record of which only the type is written, and where its zones stand and with what they are filled."""
    out = [" "] * LENGTH
    places = {}
    for zone in b2_layout.in_order(fmt.records.layout[name]):
        fill = "0" if zone.kind == "N" and zone.nom != "filler" else " "
        out[zone.debut : zone.fin] = fill * (zone.fin - zone.debut)
        places[zone.nom] = (zone.debut, zone.fin, fill)
    out[: places["type"][1]] = name[: places["type"][1]]
    return "".join(out).encode("latin-1"), places


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
