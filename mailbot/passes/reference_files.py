"""Reference tables from files: which file is which table, read, and loaded into the ledger one by one.

The name of a file says its table (`agaps.csv`, `Cartes.XLSX`). A refused file leaves its table as it was.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot import folders
from mailbot.configuration.document import nearest
from mailbot.errors import Never
from mailbot.model import TABLES, Refus
from mailbot.parsers import reference_tables
from mailbot.passes.service import Service

_ENDINGS = (".csv", ".xlsx", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Read:
    """One table file, read. `rows` is None when the file was refused as a whole (`refus` says why)."""

    name: str
    fichier: str
    sha256: str
    rows: list[Any] | None
    refus: tuple[Refus, ...]
    warnings: tuple[str, ...]


def read_all(paths: Sequence[Path], aliases: Mapping[str, Mapping[str, str]]) -> Iterator[Read]:
    """The tables of these files and folders. Raises `Never` for a path that is not there or names no table."""
    for name, path in _files(paths):
        yield _read(name, path, aliases.get(name, {}))


def load(service: Service, paths: Sequence[Path]) -> Iterator[Read]:
    """Reads each table and replaces it in the ledger, in one transaction each."""
    for read in read_all(paths, service.configuration.colonnes):
        if read.rows is not None:
            now = service.clock()
            with service.ledger.transaction():
                service.ledger.references.replace(now, read.name, read.rows, read.fichier, read.sha256)
                service.ledger.journal.write(
                    now, service.who, "reference table loaded", f"table {read.name}",
                    rows=len(read.rows), refused_rows=len(read.refus),
                )  # fmt: skip
        yield read


def strangers(paths: Sequence[Path]) -> list[str]:
    """Files in these folders that are no reference table, each with the nearest name: a misspelt one is not loaded."""
    return [
        f"{file.name} : ce nom n’est pas celui d’une table de référence, fichier laissé de côté — "
        + nearest(file.stem.lower(), TABLES)
        for path in paths
        if path.is_dir()
        for file in sorted(path.iterdir())
        if file.suffix.lower() in _ENDINGS and file.stem.lower() not in TABLES and not file.name.startswith(".")
    ]


def _files(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in _ENDINGS)
            found += [(file.stem.lower(), file) for file in inside if file.stem.lower() in TABLES]
        elif not path.exists():
            raise Never(f"{path} : ce fichier ou dossier n’existe pas")
        elif path.stem.lower() in TABLES:
            found.append((path.stem.lower(), path))
        else:
            hint = nearest(path.stem.lower(), TABLES)
            raise Never(f"{path.name} : le nom du fichier n’est pas celui d’une table de référence — {hint}")
    names = [name for name, _ in found]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        both = ", ".join(path.name for name, path in found if name == twice)
        raise Never(f"la table {twice} est donnée deux fois ({both}) : n’en gardez qu’un fichier")
    return found


def _read(name: str, path: Path, aliases: Mapping[str, str]) -> Read:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = f"fichier illisible : {folders.why(error)}"
        return Read(name, path.name, "", None, (Refus(path.name, 0, "", "", reason),), ())
    # A million small tuples and no cycle among them: the collector would walk them over and over for nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        table = reference_tables.read_table(name, raw, path.name, aliases)
    except reference_tables.RefusedTable as error:
        return Read(name, path.name, "", None, error.refus, ())
    except Never as error:
        reason = error.reason.removeprefix(f"{path.name} : ")
        return Read(name, path.name, "", None, (Refus(path.name, 0, "", "", reason),), ())
    finally:
        if collecting:
            gc.enable()
    return Read(name, path.name, hashlib.sha256(raw).hexdigest(), table.rows, table.refus, table.warnings)
