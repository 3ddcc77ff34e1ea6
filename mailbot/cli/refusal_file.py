"""Every refused row of a load, as a CSV for whoever corrects them: written as they come, private, inert in a sheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.errors import Later
from mailbot.folders import why
from mailbot.model import Refus

_HEADER = ("fichier", "ligne", "colonne", "valeur", "raison")
#: A cell that begins so would be a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def opened(path: Path | None) -> Iterator[Callable[[Refus], None]]:
    """Gives what writes one refusal; without a path it does nothing. Raises `Later` where the disk refuses."""
    if path is None:
        yield lambda _one: None
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Later(f"{path.name} ne s’écrit pas : {why(error)}") from None
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file, delimiter=";")
        sheet.writerow(_HEADER)

        def write(one: Refus) -> None:
            try:
                sheet.writerow((_inert(one.fichier), one.ligne, one.colonne, _inert(one.valeur), one.raison))
            except OSError as error:
                raise Later(f"{path.name} ne s’écrit pas : {why(error)}") from None

        yield write


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
