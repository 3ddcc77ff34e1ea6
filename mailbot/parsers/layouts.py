"""Layouts of files made of fixed zones, as data: what `config/formats/*.csv` says, checked.

Owns: one row of the file = one zone of one record (`start` and `end` 1-based and inclusive, as the norm writes them).
Knows neither B2 nor NOEMIE: the reader of a format names the first column and the zones that it cannot do without.
Never reads a file. Raises `ConfigError` with every fault of the text: line, column (the cell) and what to do.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.errors import ConfigError, Fault

#: Columns after the one that names the record; `decimals` may be left out.
_COLUMNS = ("start", "end", "length", "kind", "required", "field")
_NUMBERS = ("start", "end", "length")
_CHOICES = {"kind": ("A", "N"), "required": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone: `texte[debut:fin]` of its record. `kind` is A (text) or N (digits); `decimals` are implied ones."""

    nom: str
    debut: int
    fin: int
    kind: str
    required: bool
    decimals: int
    ligne: int

    def of(self, texte: str) -> str:
        return texte[self.debut : self.fin]


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of record: its length in characters and its zones by name (of several with one name the first)."""

    nom: str
    longueur: int
    zones: Mapping[str, Zone]


Layout = Mapping[str, Record]


def read(text: str, file: str, key: str, needed: Mapping[str, Iterable[str]]) -> Layout:
    """The layout that a CSV text (separator `,`) describes. `key` is the column that names the record; `needed` are
    the zones, by record, without which the format cannot be read."""
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    header = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = header
    missing = [name for name in (key, *_COLUMNS) if name not in header]
    if missing:
        hint = f"première ligne attendue : {','.join((key, *_COLUMNS))}"
        raise ConfigError(*(Fault(file, 1, 1, f"colonne « {name} » absente", hint) for name in missing))
    faults: list[Fault] = []
    found: dict[str, list[Zone]] = {}
    for row in rows:
        cells = {name: (row.get(name) or "").strip() for name in header}
        trouble = _trouble(cells, key)
        if trouble:
            column, message, hint = trouble
            faults.append(Fault(file, rows.line_num, header.index(column) + 1, message, hint))
            continue
        before = found.setdefault(cells[key], [])
        zone = _zone(cells, rows.line_num)
        expected = before[-1].fin if before else 0
        if zone.debut != expected:
            message = f"{cells[key]}, zone « {zone.nom} » : commence en {zone.debut + 1} au lieu de {expected + 1}"
            hint = "les zones se suivent sans trou ni recouvrement"
            faults.append(Fault(file, rows.line_num, header.index("start") + 1, message, hint))
        before.append(zone)
    faults += _absent(file, found, needed)
    if faults:
        raise ConfigError(*faults)
    return {
        name: Record(name, zones[-1].fin, {zone.nom: zone for zone in reversed(zones)}) for name, zones in found.items()
    }


def _trouble(cells: Mapping[str, str], key: str) -> tuple[str, str, str] | None:
    """The column, the mistake and the remedy of a row that cannot be used."""
    for name in (key, "field"):
        if not cells[name]:
            return name, f"« {name} » est vide", "remplissez la cellule"
    for name in _NUMBERS:
        value = cells[name]
        if not (value.isascii() and value.isdigit()) or not 0 < int(value[:9]) < 10_000:
            return name, f"« {name} » : un nombre de 1 à 9999 est attendu, pas « {value[:20]} »", ""
    if int(cells["end"]) - int(cells["start"]) + 1 != int(cells["length"]):
        return "length", f"longueur {cells['length']} : de {cells['start']} à {cells['end']} il y en a une autre", ""
    for name, allowed in _CHOICES.items():
        if cells[name] not in allowed:
            return (
                name,
                f"« {name} » : valeur « {cells[name][:20]} » inconnue",
                f"valeurs possibles : {', '.join(allowed)}",
            )
    decimals = cells.get("decimals", "")
    if decimals and not (decimals.isascii() and decimals.isdigit() and len(decimals) == 1):
        return "decimals", "« decimals » : un chiffre est attendu", ""
    return None


def _zone(cells: Mapping[str, str], line: int) -> Zone:
    return Zone(
        nom=cells["field"],
        debut=int(cells["start"]) - 1,
        fin=int(cells["end"]),
        kind=cells["kind"],
        required=cells["required"] == "yes",
        decimals=int(cells.get("decimals") or 0),
        ligne=line,
    )


def _absent(file: str, found: Mapping[str, list[Zone]], needed: Mapping[str, Iterable[str]]) -> Iterable[Fault]:
    for record, names in needed.items():
        zones = found.get(record, [])
        if not zones:
            yield Fault(
                file, 0, 0, f"« {record} » n’est pas décrit", "le fichier livré le décrit : recopiez ses lignes"
            )
        known = {zone.nom: zone.ligne for zone in zones}
        for name in names if zones else ():
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                line = known[close[0]] if close else zones[0].ligne
                hint = f"« {close[0]} » est-il cette zone ?" if close else "le fichier livré la décrit"
                yield Fault(file, line, 1, f"{record} : zone « {name} » absente", hint)
