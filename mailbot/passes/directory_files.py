"""A national directory from its extract into the ledger: read as a stream, put aside, then swapped in at once.

The ledger changes in one short transaction at the end, with its journal line: whatever stops the reading (a file that
is no extract, a signal, a kill) leaves the old content. Memory holds one block of the file at a time.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from mailbot import folders
from mailbot.errors import Later, Never
from mailbot.ledger import AnnuaireCounts
from mailbot.model import Refus
from mailbot.parsers import directories
from mailbot.parsers.directories import Batch
from mailbot.passes.service import Service
from mailbot.rules import judge

_BLOCK = 1 << 20
#: Nearly every address: for these the verdict on the domain is that on the address.
_PLAIN = re.compile(r"(?!.{65})[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(slots=True)
class Tally:
    """What came of the lines of an extract. `entries` speak of a PS; `doubts`: French reason -> (lines, the first)."""

    entries: int = 0
    refused: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    doubts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        self.entries += len(batch.entries)
        self.refused += len(batch.refus)
        self.left_out += batch.left_out
        for line, reason in batch.doubts:
            count, first = self.doubts.get(reason, (0, line))
            self.doubts[reason] = (count + 1, first)


def load(
    service: Service,
    source: str,
    path: Path,
    refused: Callable[[Refus], object],
    progress: Callable[[int, int], object],
) -> tuple[AnnuaireCounts, Tally]:
    """Reads the extract of `source` and makes it its part of the directories; gives what changed for which PS.

    `refused` is told each refused line, `progress` the bytes read and the size of the file. Raises `Never` for a file
    that is no such extract, `Later` when the service is asked to stop; the ledger is then as it was.
    """
    tally = Tally()
    digest = hashlib.sha256()
    annuaire = service.ledger.annuaire
    try:
        with path.open("rb") as file:
            blocks = _blocks(service, file, digest.update, lambda done: progress(done, path.stat().st_size))
            annuaire.stage((), afresh=True)
            for batch in directories.read(source, blocks, path.name, usable):
                annuaire.stage(batch.entries)
                tally.add(batch)
                for one in batch.refus:
                    refused(one)
    except OSError as error:
        raise Never(f"{path.name} : fichier illisible : {folders.why(error)}") from None
    now = service.clock()
    with service.ledger.transaction():
        counts = annuaire.swap(now, source, path.name, digest.hexdigest())
        service.ledger.journal.write(
            now, service.who, "directory loaded", f"directory {source}", fichier=path.name, sha256=digest.hexdigest(),
            added=counts.added, completed=counts.completed, updated=counts.updated, unchanged=counts.unchanged,
            removed=counts.removed, refused_rows=tally.refused,
        )  # fmt: skip
    return counts, tally


def usable(mail: str) -> bool:
    """`judge.usable`, whose verdict on a domain is remembered: a directory has few of them and many addresses."""
    local, _, domain = mail.rpartition("@")
    if len(mail) <= 200 and _PLAIN.fullmatch(local) is not None:
        return _domain_usable(domain)
    return judge.usable(mail)


@lru_cache(maxsize=4096)
def _domain_usable(domain: str) -> bool:
    return judge.usable(f"ps@{domain}")


def _blocks(
    service: Service, file: BinaryIO, digest: Callable[[bytes], object], progress: Callable[[int], object]
) -> Iterator[bytes]:
    done = 0
    while block := file.read(_BLOCK):
        if service.stopping():
            raise Later("chargement arrêté ; l’annuaire reste comme il était")
        digest(block)
        yield block
        done += len(block)
        progress(done)
