"""The sample day as files, each in another of the forms that real ones come in.

Owns names, separators and encodings. One row of the pharmacies' file is broken on purpose.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from mailbot.demo import cases_cabinets, cases_etablissements, cases_pharmacies, tables
from mailbot.demo.acts import acte, jour
from mailbot.demo.people import ESTEVENIN
from mailbot.demo.sample import Cas, Lot
from mailbot.demo.tables import Row

PHARMACIES = (cases_pharmacies.VIEUX_PONT, cases_pharmacies.HALTE)
CABINETS = (cases_cabinets.INFIRMIERES, cases_cabinets.KINE, cases_cabinets.DENTISTE, cases_cabinets.GENERALISTE)
ETABLISSEMENTS = (
    cases_etablissements.TILLEULS, cases_etablissements.LABO,
    cases_etablissements.HOPITAL, cases_etablissements.IMAGERIE,
)  # fmt: skip
DIVERS = (cases_etablissements.OPTIQUE, cases_etablissements.AMBULANCES, cases_cabinets.SANS_NUMERO)

MATIN: tuple[Lot, ...] = (*PHARMACIES, *CABINETS, *ETABLISSEMENTS, *DIVERS)
#: The file that the pharmacy attaches to its reply.
RETOUR = "lot-26-0119.csv"
#: An invoice that is refused at the door: its day of care is no day of any calendar.
_CASSE = Cas("", "", "900417", ESTEVENIN, (acte("PH7", jour(2, 18), prix=1260),), {"date_soins": "31/02/2026"})


def write_references(folder: Path) -> None:
    """One CSV a table, separator `;`, UTF-8 with BOM, as Excel saves them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.references((*MATIN, cases_pharmacies.RETOUR)).items():
        (folder / f"{name}.csv").write_bytes(_csv(tables.columns(name), rows, ";", "utf-8-sig"))


def write_lots(folder: Path) -> list[Path]:
    """The four lot files of the morning; gives their paths, in order of name."""
    folder.mkdir(parents=True, exist_ok=True)
    broken = Lot(cases_pharmacies.HALTE.ps, cases_pharmacies.HALTE.numero, "PHAR", (_CASSE,))
    files = {
        "lots-cabinets.csv": _csv(tables.COLONNES, _rows(CABINETS), ";", "cp1252"),
        "lots-divers.csv": _csv(tables.COLONNES, _rows(DIVERS), ",", "utf-8"),
        "lots-etablissements.xlsx": _workbook(_rows(ETABLISSEMENTS)),
        "lots-pharmacies.csv": _csv(tables.COLONNES, _rows((*PHARMACIES, broken)), ";", "utf-8"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def corrected_lot() -> bytes:
    """The lot that the pharmacy sends back, as its software exports it."""
    return _csv(tables.COLONNES, _rows((cases_pharmacies.RETOUR,)), ";", "cp1252")


def _rows(lots: Iterable[Lot]) -> list[Row]:
    return [row for lot in lots for row in tables.lignes(lot)]


def _csv(columns: Sequence[str], rows: Iterable[Row], separator: str, encoding: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(
        text, columns, restval="", extrasaction="ignore", delimiter=separator, lineterminator="\r\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def _workbook(rows: Sequence[Row]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Lots")
        sheet.write_row(0, 0, tables.COLONNES)
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(tables.COLONNES):
                sheet.write_string(number, column, row[name])
    return content.getvalue()
