"""Reference tables: one CSV or XLSX file -> rows of `mailbot.model.references` (data.md, "Reference tables").

Owns: what each column of each table means, and which rows are refused. All columns are mandatory, their values are
not, but for `etat` and `resultat`. Never indexes rows, never drops a duplicate: order of rows is kept because it
decides ties. Raises `Never` when the file is unreadable or a column is missing; the old table then stays, or counts
as never loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, cast

from mailbot.errors import Never
from mailbot.model import TABLES, Refus
from mailbot.model.references import Valorisation
from mailbot.parsers import cells, identifiers, tables

#: Lines that one warning names.
_NAMED = 10
#: Column -> how its cells are read, whatever the table; a column that is not here is text.
_COLUMNS: dict[str, cells.Parse] = {
    "nir": cells.known_nir,
    "numero_ps": identifiers.numero_ps,
    "mail": identifiers.mail,
    "date_naissance": cells.birth,
    "rang_naissance": cells.rank,
    "date_debut": cells.day,
    "date_fin": cells.day,
    "restituee_le": cells.day,
    "editee_le": cells.day,
    "adhesion": cells.day,
    "radiation": cells.day,
    "date_effet": cells.day,
    "date_debut_soins": cells.day,
    "date_liquidation": cells.day,
    "date_soins": cells.day,
    "date_paiement": cells.day,
    "date_reception": cells.day,
    "montant_rc": cells.amount,
    "montant_calcule": cells.amount,
    "part_rc_calculee": cells.amount,
    "prix_unitaire": cells.amount,
    "majoration": cells.yes,
    "garanties": cells.garanties,
    "etat": cells.code_of("LIQUIDE", "LIQUIDE_NUL", "REJETE", "EN_COURS"),
    "motif_rejet": cells.code,
    "motif_restitution": cells.code,
    "resultat": cells.code_of("VALORISEE", "REFUSEE"),
    "type_piece": cells.one_of("ordonnance", "feuille_de_soins", "facture", "autre"),
    "source": cells.one_of("scor", "papier", "mail"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A reference table, read: its good rows in file order (NamedTuples of `TABLES[name]`), refused rows, warnings."""

    name: str
    rows: list[Any]
    refus: tuple[Refus, ...]
    warnings: tuple[str, ...]


class RefusedTable(Never):
    """A table file of which nothing can be used; `refus` says why, by column where it is one."""

    def __init__(self, reason: str, refus: tuple[Refus, ...]) -> None:
        super().__init__(reason)
        self.refus = refus


def read_table(name: str, raw: bytes, fichier: str, aliases: Mapping[str, str]) -> Table:
    """Read one table. `name` is a key of `TABLES`; `fichier` is how messages call the file.

    Raises `RefusedTable` (a `Never`) for a file that lacks a column, `Never` for one that cannot be read at all.

    `aliases` maps header names of the file to ours. Raises `Never` with a French reason that names the file, and each
    missing column.
    """
    if name not in TABLES:
        raise Never(f"{fichier} : table de référence inconnue ; tables connues : {', '.join(TABLES)}")
    kind = cast(Any, TABLES[name])
    columns: tuple[str, ...] = kind._fields
    sheet = tables.open_sheet(raw, fichier, columns, columns, aliases)
    if sheet.header_faults:
        refused = tuple(Refus(fichier, sheet.header_line, column, "", why) for column, why in sheet.header_faults)
        raise RefusedTable(
            f"{fichier} : " + " ; ".join(f"{column} : {why}" for column, why in sheet.header_faults), refused
        )
    memos = [cells.memo(_COLUMNS.get(column, cells.text)) for column in columns]
    rows: list[Any] = []
    refus: list[Refus] = []
    unusable: list[int] = []
    with tables.no_collection():
        for chunk in sheet.chunks:
            values, bad = tables.convert(columns, memos, chunk.columns)
            bad.update(chunk.faults)
            made = list(map(tuple.__new__, repeat(kind), zip(*values, strict=True)))
            if name == "valorisations":
                _check_valued(made, bad)
            if "mail" in columns:
                unusable += _no_address(columns.index("mail"), chunk, values)
            if bad:
                refus += [cells.refus(fichier, chunk.lines[index], *bad[index]) for index in sorted(bad)]
                made = [row for index, row in enumerate(made) if index not in bad]
            rows += made
    return Table(name, rows, tuple(refus), (*sheet.warnings, *_told(fichier, unusable)))


def _no_address(place: int, chunk: tables.Chunk, values: list[list[Any]]) -> list[int]:
    """The lines whose cell should be an address and is none, or several: the row counts, without an address."""
    pairs = zip(chunk.lines, chunk.columns[place], values[place], strict=True)
    return [line for line, raw, mail in pairs if not mail and "@" in raw]


def _told(fichier: str, lines: list[int]) -> tuple[str, ...]:
    """Which cells give no address, without saying what stands in them."""
    if not lines:
        return ()
    named = ", ".join(map(str, lines[:_NAMED])) + (" …" if len(lines) > _NAMED else "")
    where = f"ligne {named}" if len(lines) == 1 else f"{len(lines)} lignes ({named})"
    return (
        f"{fichier} : {where}, colonne mail : écrivez une seule adresse par case ; d’ici là, aucune n’est utilisée",
    )


def _check_valued(rows: list[Valorisation], bad: dict[int, tables.Row]) -> None:
    for index, row in enumerate(rows):
        if row.resultat != "VALORISEE" or index in bad:
            continue
        for column in ("montant_calcule", "part_rc_calculee"):
            if getattr(row, column) is None:
                reason = "montant absent alors que le résultat est « valorisee » ; les deux montants sont obligatoires"
                bad[index] = tables.Row(column, "", reason)
                break
