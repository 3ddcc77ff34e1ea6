"""Which speciality an invoice of B2 has: the table `config/formats/b2_specialites.csv`.

Columns `type,code,specialite` (others are for the reader of the file). The first line whose type is that of the first
line of acts (3 or 4) and whose code is its act code decides; a code that ends in `*` stands for all that begin so.
No line: the invoice has no speciality (rule F1b). Never reads a file; raises `ConfigError` with every fault.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection
from functools import lru_cache

from mailbot.errors import ConfigError, Fault

_COLUMNS = ("type", "code", "specialite")
_TYPES = ("3", "4")


class Specialites:
    """`rows`: (type, code, speciality) in the order of the file."""

    def __init__(self, rows: Collection[tuple[str, str, str]]) -> None:
        self._rows = tuple(rows)
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, record: str, code: str) -> str:
        """The speciality of an invoice by its first line; "" for none."""
        for kind, wanted, specialite in self._rows:
            if kind == record and (code == wanted or (wanted[-1] == "*" and code.startswith(wanted[:-1]))):
                return specialite
        return ""


def read(text: str, file: str, known: Collection[str]) -> Specialites:
    """The table of `text`; `known` are the specialities that there are."""
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    header = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = header
    hint = f"première ligne attendue : {','.join(_COLUMNS)}"
    missing = [Fault(file, 1, 1, f"colonne « {name} » absente", hint) for name in _COLUMNS if name not in header]
    if missing:
        raise ConfigError(*missing)
    faults: list[Fault] = []
    found: list[tuple[str, str, str]] = []
    for row in rows:
        kind, code, specialite = ((row.get(name) or "").strip() for name in _COLUMNS)
        trouble = _trouble(kind, code, specialite, known)
        if trouble:
            column, message, remedy = trouble
            faults.append(Fault(file, rows.line_num, header.index(column) + 1, message, remedy))
        found.append((kind, code, specialite))
    if faults:
        raise ConfigError(*faults)
    return Specialites(found)


def _trouble(kind: str, code: str, specialite: str, known: Collection[str]) -> tuple[str, str, str] | None:
    """The column, the mistake and the remedy of a line that cannot be used."""
    if kind not in _TYPES:
        return "type", f"type « {kind[:20]} » inconnu", "3 (prestation hospitalière) ou 4 (acte)"
    if not code or "*" in code[:-1]:
        return "code", f"code d’acte « {code[:20]} »", "un code, ou son début suivi de * (« * » seul : tous les codes)"
    if specialite not in known:
        close = difflib.get_close_matches(specialite, known, n=1)
        hint = f"vouliez-vous dire « {close[0]} » ?" if close else f"spécialités : {', '.join(known)}"
        return "specialite", f"spécialité « {specialite[:20]} » inconnue", hint
    return None
