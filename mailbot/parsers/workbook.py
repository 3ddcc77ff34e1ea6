"""XLSX -> rows of text, as a CSV of the same sheet would hold them. The only module that knows python-calamine.

Owns: the bounds of a workbook (members, ratio, total size, cells) and the text of a cell. The archive is unpacked
here under those bounds and packed again, so that calamine only ever sees what was counted. Raises `Never` with a
French reason, nothing else. Known limits: the first sheet only; formulas count as their last computed value; leading
zeros that the workbook itself lost (numbers instead of text) cannot be found again.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook

from mailbot.errors import Never

MAX_MEMBERS = 1_000
MAX_BYTES = 200_000_000
MAX_RATIO = 200
#: Under this size an archive may be as repetitive as it likes.
SMALL = 16_000_000
MAX_CELLS = 5_000_000
#: Characters that all cells together may take when shared strings are written out.
MAX_TEXT = 400_000_000

_PLACE = re.compile(rb"""\br\s*=\s*["']\$?([A-Za-z]*)\$?([0-9]+)["']""")
_CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
_ERROR = re.compile(rb"""(<c\s[^<>]*?\bt=)(?:"e"|'e')""")
_SHARED = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_INDEX = re.compile(rb">\s*([0-9]{1,9})\s*<")


def rows(raw: bytes, fichier: str) -> list[list[str]]:
    """All rows of the first sheet from its first line on, rectangular, each cell as text ("" when empty)."""
    packed = _repacked(raw, fichier)
    try:
        cells = (
            CalamineWorkbook.from_filelike(io.BytesIO(packed)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except (CalamineError, ValueError, ArithmeticError, LookupError, TypeError, OSError) as fault:
        raise _never(fichier, "classeur illisible", "enregistrez-le de nouveau au format .xlsx") from fault
    except BaseException as fault:
        # A panic of the Rust library is a BaseException of a class that it does not export.
        if type(fault).__name__ != "PanicException":
            raise
        raise _never(fichier, "classeur illisible", "enregistrez-le de nouveau au format .xlsx") from fault
    return [[cell if cell.__class__ is str else _text(cell) for cell in row] for row in cells]


def _text(cell: object) -> str:
    """The canonical text of a cell: ISO dates, whole numbers without decimals, other numbers as Excel shows them."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        shortest = repr(cell)
        if len(shortest.strip("-0.").replace(".", "")) > 15:
            # Excel calculates with 15 digits; what follows is noise of binary fractions (0.1 + 0.2).
            shortest = f"{cell:.15g}"
        return format(Decimal(shortest), "f")
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _repacked(raw: bytes, fichier: str) -> bytes:
    """The XML members of the archive, read under the bounds and stored again without compression."""
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(target, "w") as copy:
            members = source.infolist()
            _bound(members, len(raw), fichier)
            left = MAX_BYTES
            strings: bytes = b""
            sheets: list[bytes] = []
            for member in members:
                if not member.filename.lower().endswith((".xml", ".rels")):
                    continue
                with source.open(member) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise _too_big(fichier)
                _count_cells(content, fichier)
                if _SHARED.search(content):
                    strings += content
                else:
                    sheets.append(content)
                copy.writestr(member.filename, _ERROR.sub(rb'\1"str"', content))
            longest = max((len(part) for part in _SHARED.split(strings)), default=0)
            _bound_text(strings, sheets, longest, fichier)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as fault:
        # RuntimeError is how zipfile says that a member is encrypted.
        raise _never(
            fichier, "classeur illisible ou protégé par mot de passe", "enregistrez-le au format .xlsx"
        ) from fault
    return target.getvalue()


def _bound(members: list[zipfile.ZipInfo], size: int, fichier: str) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS:
        raise _never(
            fichier, f"plus de {MAX_MEMBERS} éléments dans le classeur", "déposez un classeur simple, ou un CSV"
        )
    if total > MAX_BYTES or (total > SMALL and total > size * MAX_RATIO):
        raise _too_big(fichier)


def _count_cells(content: bytes, fichier: str) -> None:
    """Refuse a sheet whose used rectangle is too large: calamine would allocate all of it.

    A cell without a place of its own stands after the one before it; then any row may be as long as all cells.
    """
    places = 0
    height = width = 0
    for found in _PLACE.finditer(content):
        letters, line = found.groups()
        if len(letters) > 3 or len(line) > 7:
            raise _too_big(fichier)
        height = max(height, int(line))
        if letters:
            places += 1
            column = 0
            for letter in letters.upper():
                column = column * 26 + letter - 64
            width = max(width, column)
    cells = sum(1 for _ in _CELL.finditer(content))
    if cells > places:
        height = max(height, sum(1 for _ in _ROW.finditer(content)))
        width = max(width, cells)
    if height * width > MAX_CELLS:
        raise _too_big(fichier)


def _bound_text(strings: bytes, sheets: list[bytes], longest: int, fichier: str) -> None:
    """Refuse shared strings that would fill memory when each cell gets its own copy (a bomb that no ratio shows)."""
    if longest * sum(map(len, sheets)) // 10 <= MAX_TEXT:
        return
    lengths = [len(part) for part in _SHARED.split(strings)[1:]]
    total = 0
    for sheet in sheets:
        for found in _INDEX.finditer(sheet):
            index = int(found[1])
            total += lengths[index] if index < len(lengths) else 0
        if total > MAX_TEXT:
            raise _too_big(fichier)


def _too_big(fichier: str) -> Never:
    return _never(fichier, "classeur trop grand une fois ouvert", "déposez un fichier CSV, ou plusieurs classeurs")


def _never(fichier: str, what: str, remedy: str) -> Never:
    return Never(f"{fichier} : {what} ; {remedy}")
