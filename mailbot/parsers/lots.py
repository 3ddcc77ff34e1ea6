"""The one door of lot files: bytes -> invoices, whatever the format, told by content and never by file name.

A B2 file is read by `b2.py`; everything else is taken for a table (`lot_table.py`), whose refusal then says what was
expected. Never raises for what a file holds. A new lot format is one more line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.model import LotFile
from mailbot.parsers import b2, cells, lot_table
from mailbot.parsers.b2.format import Format

#: Warnings on single invoices that are told for one file; all of them stay with their invoices.
_MOST_TOLD = 20


def read(raw: bytes, fichier: str, aliases: Mapping[str, str], b2_format: Format) -> LotFile:
    """Reads one lot file. `fichier` is how messages call it; `aliases` maps header names of tables to ours."""
    if b2.looks_like(raw, b2_format):
        return b2.read(raw, fichier, b2_format)
    return lot_table.read_lot(raw, fichier, aliases)


def warnings(lot: LotFile) -> list[str]:
    """What is worth a word although nothing was refused for it: of the file, then of its invoices (the first ones)."""
    of_invoices = [
        f"facture n° {cells.shown(facture.nom_facture)} (lot {cells.shown(facture.numero_lot)}) : {text}"
        for facture in lot.factures
        for text in facture.avertissements
    ]
    more = len(of_invoices) - _MOST_TOLD
    end = [f"… et {more} autres avertissements sur des factures"] if more > 0 else []
    return [*lot.warnings, *of_invoices[:_MOST_TOLD], *end]
