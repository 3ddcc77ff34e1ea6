"""The one door of lot files: bytes -> invoices, whatever the format, told by content and never by file name.

A B2 file is read by `b2.py`; everything else is taken for a table (`lot_table.py`), whose refusal then says what was
expected; a file with nothing in it is refused as such. Never raises for what a file holds. A new lot format is one
more line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.model import LotFile, Refus
from mailbot.parsers import b2, cells, lot_table
from mailbot.parsers.b2.format import Format

#: Warnings on single invoices that are told for one file; all of them stay with their invoices.
_MOST_TOLD = 20
#: What a file without content may still consist of.
_NOTHING = b"\x00\x1a\xef\xbb\xbf\xff\xfe \t\r\n\x0b\x0c"


def read(raw: bytes, fichier: str, aliases: Mapping[str, str], b2_format: Format) -> LotFile:
    """Reads one lot file. `fichier` is how messages call it; `aliases` maps header names of tables to ours."""
    if not raw.strip(_NOTHING):
        return LotFile((), (Refus(fichier, 0, "", "", "le fichier est vide : il ne contient aucune facture"),), ())
    if b2.looks_like(raw, b2_format):
        return b2.read(raw, fichier, b2_format)
    return lot_table.read_lot(raw, fichier, aliases)


def differ(lot: LotFile) -> bool:
    """Does somebody have to look at the file, although nothing may have been refused: counts, ends or totals that do
    not hold? Columns that nobody knows are no such thing."""
    return bool(lot.differences) or any(facture.avertissements for facture in lot.factures)


def warnings(lot: LotFile) -> list[str]:
    """What is worth a word although nothing was refused for it: of the file, then of its invoices (the first ones)."""
    of_invoices = [
        f"facture n° {cells.shown(facture.nom_facture)} (lot {cells.shown(facture.numero_lot)}) : {text}"
        for facture in lot.factures
        for text in facture.avertissements
    ]
    more = len(of_invoices) - _MOST_TOLD
    end = [f"… et {more} autres avertissements sur des factures"] if more > 0 else []
    return [*lot.warnings, *lot.differences, *of_invoices[:_MOST_TOLD], *end]
