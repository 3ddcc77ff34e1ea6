"""The drop folder: lot files that another program, or a person, puts there.

The rule for whoever writes: write under a name that starts with a dot or ends in `.tmp`, `.part` or `.filepart`, then
rename into place. A file that changes while it is read is left for the next pass, but a slow copy straight under its
final name cannot be told from a finished one. Files are taken in the order of their names; sub-folders are not looked
into; links are never followed. File names are text from outside: shown, and kept only as the last part of a path.
Raises `Later` for what the file system refuses on the folder as a whole; a fault of one file stands in `trouble`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from mailbot import folders

#: Names of files that are still being written.
UNFINISHED = (".tmp", ".part", ".filepart")
#: A lot of a million rows is about 200 MB of CSV; more than this is not read into memory.
MAX_FILE_BYTES = 512_000_000

Outcome = Literal["traites", "refuses"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """One finished file. `raw` is None exactly when `trouble` says why (one French sentence for the gestionnaire)."""

    name: str
    path: Path
    size: int
    raw: bytes | None = field(repr=False)
    trouble: str = ""


class DropFolder:
    """Not thread-safe; two services on one folder would take the same files."""

    def __init__(self, folder: Path, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes

    def pending(self) -> Iterator[Dropped]:
        """The finished files, one in memory at a time; makes the folder when absent."""
        with folders.translated("le dossier de dépôt ne se lit pas"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            names = sorted(folders.names(self._folder))
        for name in names:
            ours = name in get_args(Outcome) or name.lower().endswith(UNFINISHED)
            dropped = None if ours else self._read(name)
            if dropped:
                yield dropped

    def file_away(self, dropped: Dropped, outcome: Outcome) -> Path | None:
        """Moves the file to `traites/` or `refuses/` under a name that is free; None when it is gone already."""
        target = self._folder / outcome
        with folders.translated(f"le classement dans {outcome}/ a échoué"):
            target.mkdir(mode=0o700, exist_ok=True)
            folders.sync(target)  # Refuses a link in its place before anything is moved through it.
            place = _free_name(target, Path(dropped.name).name)
            try:
                (self._folder / dropped.path.name).rename(place)
            except FileNotFoundError:
                return None
            folders.sync(target)
            folders.sync(self._folder)
        return place

    def _read(self, name: str) -> Dropped | None:
        path = self._folder / name
        try:
            taken = folders.take(path, self._max_file_bytes)
        except OSError as error:
            why = folders.why(error)
            return Dropped(name, path, 0, None, f"fichier illisible ({why}) : déposez le fichier lui-même")
        if taken is None:
            return None
        size, raw = taken
        most = self._max_file_bytes // 1_000_000
        trouble = f"fichier de plus de {most} Mo : partagez le lot en plusieurs fichiers" if raw is None else ""
        return Dropped(name, path, size, raw, trouble)


def _free_name(folder: Path, name: str) -> Path:
    place, number = folder / name, 1
    while os.path.lexists(place):
        number += 1
        place = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return place
