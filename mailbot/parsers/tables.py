"""CSV and XLSX -> columns of cells, chunk by chunk: the door of every table that comes in (data.md, first paragraph).

Owns: encoding (UTF-8 with or without BOM, else cp1252), separator, header names and their aliases, physical line
numbers, rows whose cells cannot be trusted, and the conversion of columns to values. Never knows a table by name,
never keeps a file. Raises `Never` (French, with the file's name) when a file is no table at all; anything less is a
fault of the header, of a row or of a cell, and is handed to the caller.

Speed: a chunk is transposed once and converted column by column (`cells.Memo`), so that Python code runs per different
value and not per cell. A quoted cell that spans lines, or a stray quote, sends the rest of that file through
`_careful`, which costs 3 microseconds a row and never loses more than the broken line itself.

Known limits: a cell has at most 131,072 characters (the csv module's own bound); a quoted cell spans at most 50 lines.
"""

from __future__ import annotations

import csv
import gc
import io

#: Rows a chunk: few enough to stay in the processor's cache while its columns are read one after the other.
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from mailbot.errors import Never
from mailbot.parsers import cells, workbook

_CHUNK = 300
_SEPARATORS = (";", ",", "\t")
_SPAN = 50
#: Files that people send instead of a table, by their first bytes.
_OTHERS = (
    (b"%PDF", "c’est un PDF"),
    (b"\xd0\xcf\x11\xe0", "c’est un classeur de l’ancien format .xls, ou protégé par mot de passe"),
    (b"\xff\xfe", "le texte est en UTF-16"),
    (b"\xfe\xff", "le texte est en UTF-16"),
)
_UNREADABLE = "caractère illisible (octet nul, ou encodage autre que UTF-8 et cp1252) ; corrigez cette cellule"

Numbered = tuple[int, Sequence[str], str]


class Row(NamedTuple):
    """Why a row is refused: its first bad column, the cell as written, and the French reason with its remedy."""

    colonne: str
    valeur: str
    raison: str


class Chunk(NamedTuple):
    """Rows of a file. `columns` holds one sequence of raw cells a wanted column, in the order asked for.

    `lines` are the 1-based physical lines on which the rows begin. `faults` are the rows, by index, whose cells
    cannot be trusted; `short` are, for those that end too early, the columns that they do not reach.
    """

    lines: Sequence[int]
    columns: list[Sequence[str]]
    faults: dict[int, Row]
    short: dict[int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that was opened: the fault of its header (column, reason), warnings, and its rows, to be read once."""

    header_line: int
    header_faults: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    chunks: Iterator[Chunk]


def open_sheet(
    raw: bytes, fichier: str, wanted: Sequence[str], mandatory: Iterable[str], aliases: Mapping[str, str]
) -> Sheet:
    """Read the header and get ready for the rows.

    `wanted` are the columns to hand out, in that order; one that is neither in the file nor in `mandatory` comes out
    as empty cells. `aliases` maps other header names to ours; both are compared without case and accents.
    """
    if raw.startswith(b"PK\x03\x04"):
        source: _Csv | _Xlsx = _Xlsx(workbook.rows(raw, fichier))
    else:
        source = _Csv(raw, fichier, _names(wanted, aliases))
    header = list(source.header)
    while header and not header[-1].strip():
        header.pop()
    if not header:
        raise Never(f"{fichier} : le fichier est vide ; une ligne d’en-tête avec les noms des colonnes est attendue")
    names = _names(wanted, aliases)
    found = [names.get(normal(cell)) for cell in header]
    faults = _header_faults(found, header, mandatory)
    unknown = [
        cells.shown(cell) or f"(sans nom, n° {place})" for place, cell in enumerate(header, 1) if not found[place - 1]
    ]
    warnings = []
    # Without any known name the first line is probably data: nothing of it is shown.
    if unknown and any(found):
        more = f" et {len(unknown) - 30} autres" if len(unknown) > 30 else ""
        warnings.append(f"{fichier} : colonnes inconnues laissées de côté : {', '.join(unknown[:30])}{more}")
    places = [found.index(name) if name in found else None for name in wanted]
    chunks = _chunks(source.rows(len(header)), len(header), wanted, places, source.suspicious)
    return Sheet(source.header_line, faults, tuple(warnings), chunks)


def convert(
    names: Sequence[str], memos: Sequence[cells.Memo], columns: Sequence[Sequence[str]]
) -> tuple[list[list[Any]], dict[int, Row]]:
    """The values of some columns of a chunk, and the rows to refuse by index (their bad values are `cells.Bad`)."""
    values = []
    found: dict[int, list[tuple[str, str, str]]] = {}
    for name, memo, raw in zip(names, memos, columns, strict=True):
        before = memo.bad
        column = memo.column(raw)
        if memo.bad != before:
            for index, value in enumerate(column):
                if value.__class__ is cells.Bad:
                    found.setdefault(index, []).append((name, raw[index], value.raison))
        values.append(column)
    return values, {index: _first(faults) for index, faults in found.items()}


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage collection while millions of values are built that all stay: it would only walk them again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def normal(header: str) -> str:
    """A header name as it is compared: trimmed, without case and accents."""
    return cells.plain(header.strip()).casefold()


def _first(faults: list[tuple[str, str, str]]) -> Row:
    colonne, valeur, raison = faults[0]
    if len(faults) > 1:
        raison += f" (aussi en erreur sur cette ligne : {', '.join(name for name, _, _ in faults[1:])})"
    return Row(colonne, valeur, raison)


def _names(wanted: Iterable[str], aliases: Mapping[str, str]) -> dict[str, str]:
    own = {normal(name): name for name in wanted}
    return own | {normal(other): own[normal(name)] for other, name in aliases.items() if normal(name) in own}


def _header_faults(
    found: Sequence[str | None], header: Sequence[str], mandatory: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    faults = []
    for name in dict.fromkeys(name for name in found if name):
        places = [place for place, other in enumerate(found, 1) if other == name]
        if len(places) > 1:
            where = " et ".join(f"n° {place}" for place in places)
            faults.append((name, f"colonne donnée {len(places)} fois ({where}) ; gardez-en une"))
    for name in mandatory:
        if name not in found:
            remedy = "ajoutez-la, ou indiquez dans colonnes.yaml le nom qu’elle porte dans le fichier"
            faults.append((name, f"colonne obligatoire absente ; {remedy}"))
    return tuple(faults)


class _Xlsx:
    """Rows of a workbook; line numbers are those of the sheet."""

    suspicious = False

    def __init__(self, rows: list[list[str]]) -> None:
        first = next((place for place, row in enumerate(rows) if any(map(str.strip, row))), len(rows))
        self.header: Sequence[str] = rows[first] if first < len(rows) else ()
        self.header_line = first + 1
        self._rows = rows

    def rows(self, width: int) -> Iterator[tuple[Sequence[int], list[Sequence[str]], dict[int, str]]]:
        for start in range(self.header_line, len(self._rows), _CHUNK):
            part: list[Sequence[str]] = list(self._rows[start : start + _CHUNK])
            yield range(start + 1, start + 1 + len(part)), part, {}


class _Csv:
    """Rows of a text file. It is decoded line by line: the whole text never stands in memory beside the bytes."""

    def __init__(self, raw: bytes, fichier: str, names: Mapping[str, str]) -> None:
        for start, what in _OTHERS:
            if raw.startswith(start):
                raise Never(f"{fichier} : {what} ; enregistrez le tableau en CSV (UTF-8) ou en .xlsx")
        self._raw = raw
        self._encoding, broken = _encoding(raw)
        self.suspicious = broken or b"\0" in raw
        self._separator, self.header, self.header_line, self._after = max(
            (self._header(separator) for separator in _SEPARATORS),
            key=lambda tried: (sum(normal(cell) in names for cell in tried[1]), len(tried[1])),
        )

    def rows(self, width: int) -> Iterator[tuple[Sequence[int], list[Sequence[str]], dict[int, str]]]:
        done = self._after
        reader = csv.reader(islice(self._lines(), done, None), delimiter=self._separator, strict=True)
        while True:
            try:
                part: list[Sequence[str]] = list(islice(reader, _CHUNK))
            except csv.Error:
                break
            if not part:
                return
            if done + len(part) != self._after + reader.line_num:
                break
            yield range(done + 1, done + 1 + len(part)), part, {}
            done += len(part)
        careful = _careful(islice(self._lines(), done, None), done + 1, self._separator, width)
        while numbered := list(islice(careful, _CHUNK)):
            faults = {index: fault for index, (_, _, fault) in enumerate(numbered) if fault}
            yield [line for line, _, _ in numbered], [row for _, row, _ in numbered], faults

    def _lines(self) -> Iterator[str]:
        return io.TextIOWrapper(io.BytesIO(self._raw), self._encoding, errors="replace", newline="")

    def _header(self, separator: str) -> tuple[str, Sequence[str], int, int]:
        """The separator, the first row that is not blank, its line, and the line on which it ends."""
        reader = csv.reader(self._lines(), delimiter=separator, strict=True)
        before = 0
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    return separator, row, before + 1, reader.line_num
                before = reader.line_num
        except csv.Error:
            return separator, next(self._lines()).split(separator), 1, 1
        return separator, (), 1, before


def _encoding(raw: bytes) -> tuple[str, bool]:
    """Name of the encoding, and whether some bytes mean nothing in it (their rows are then refused)."""
    signed = raw.startswith(b"\xef\xbb\xbf")
    for encoding in ("utf-8-sig",) if signed else ("utf-8", "cp1252"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding, False
    return ("utf-8-sig" if signed else "cp1252"), True


def _careful(lines: Iterator[str], number: int, separator: str, width: int) -> Iterator[Numbered]:
    """Rows one at a time: (line, cells, fault or ""). What goes wrong costs its first line only, not the ones below."""
    window: deque[str] = deque()
    while True:
        window.extend(islice(lines, _SPAN - len(window)))
        if not window:
            return
        reader = csv.reader(iter(window), delimiter=separator, strict=True)
        fault = ""
        try:
            row = next(reader)
            used = reader.line_num
            if used > 1 and len(row) != width:
                fault = "guillemet ouvert et jamais fermé ; fermez-le, ou doublez-le s’il fait partie du texte"
        except csv.Error as error:
            fault = _quoting(error)
        if fault:
            # The cells of a line with a stray quote are only good for saying which invoice it belonged to.
            row, used = window[0].rstrip("\r\n").replace('"', "").split(separator), 1
        yield number, row, fault
        number += used
        for _ in range(used):
            window.popleft()


def _quoting(error: csv.Error) -> str:
    if "field limit" in str(error):
        return "cellule trop longue (plus de 131 072 caractères) ; un guillemet est sans doute resté ouvert"
    return "guillemet mal placé ou jamais fermé ; fermez-le, ou doublez-le s’il fait partie du texte"


def _chunks(
    parts: Iterable[tuple[Sequence[int], list[Sequence[str]], dict[int, str]]],
    width: int,
    wanted: Sequence[str],
    places: Sequence[int | None],
    suspicious: bool,
) -> Iterator[Chunk]:
    columns_at = {name: place for name, place in zip(wanted, places, strict=True) if place is not None}
    for lines, rows, broken in parts:
        faults = {index: Row("", "", reason) for index, reason in broken.items()}
        short: dict[int, frozenset[str]] = {}
        straight = set(map(len, rows)) == {width}
        if not straight or not all(map(str.strip, next(zip(*rows, strict=True)))):
            lines, rows, faults, short = _straightened(lines, rows, faults, width, columns_at)
        if not rows:
            continue
        across: list[Sequence[str]] = list(zip(*rows, strict=True))
        empty = ("",) * len(rows)
        columns = [empty if place is None else across[place] for place in places]
        if suspicious:
            _suspect(columns, wanted, faults)
        yield Chunk(lines, columns, faults, short)


def _straightened(
    lines: Sequence[int],
    rows: Sequence[Sequence[str]],
    faults: Mapping[int, Row],
    width: int,
    places: Mapping[str, int],
) -> tuple[list[int], list[Sequence[str]], dict[int, Row], dict[int, frozenset[str]]]:
    """The rows without the blank ones, all of the same width, with a fault for each that was not."""
    kept: list[Sequence[str]] = []
    kept_lines: list[int] = []
    kept_faults: dict[int, Row] = {}
    short: dict[int, frozenset[str]] = {}
    for index, row in enumerate(rows):
        if _is_blank(row):
            continue
        place = len(kept)
        if index in faults:
            kept_faults[place] = faults[index]
        elif len(row) < width:
            kept_faults[place] = Row("", "", f"{_count(row)} au lieu de {width} ; complétez la ligne")
        elif not _is_blank(row[width:]):
            remedy = "un séparateur est en trop, ou des guillemets manquent"
            kept_faults[place] = Row("", "", f"{_count(row)} au lieu de {width} ; {remedy}")
        if len(row) < width:
            short[place] = frozenset(name for name, column in places.items() if column >= len(row))
        kept.append([*row, *[""] * (width - len(row))] if len(row) < width else row[:width])
        kept_lines.append(lines[index])
    return kept_lines, kept, kept_faults, short


def _count(row: Sequence[str]) -> str:
    return f"{len(row)} cellule{'s' if len(row) > 1 else ''}"


def _is_blank(row: Sequence[str]) -> bool:
    return not any(map(str.strip, row))


def _suspect(columns: Sequence[Sequence[str]], wanted: Sequence[str], faults: dict[int, Row]) -> None:
    for name, column in zip(wanted, columns, strict=True):
        for index, cell in enumerate(column):
            if "\0" in cell or "\ufffd" in cell:
                faults.setdefault(index, Row(name, cell, _UNREADABLE))
