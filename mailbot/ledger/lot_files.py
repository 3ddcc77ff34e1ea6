"""Lot files as they came, and the rows of them that were refused at the door.

States: received ─> settled | parked; parked ─> received when an agent sends it back.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailbot.errors import Later
from mailbot.ledger.store import Store, instant
from mailbot.model import Refus


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A lot file as it came; `mail_id` when it came with a mail."""

    id: int
    name: str
    raw: bytes
    mail_id: int | None
    tries: int


@dataclass(frozen=True, slots=True)
class ParkedFile:
    """A lot file of which nothing could be used."""

    id: int
    name: str
    received_at: str
    reason: str


class LotFiles:
    def __init__(self, store: Store) -> None:
        self._store = store

    def store(self, now: datetime, name: str, raw: bytes, mail_id: int | None = None) -> int | None:
        """Takes a lot file in; its id, or None when the very same bytes were taken in before."""
        digest = hashlib.sha256(raw).hexdigest()
        with self._store.transaction():
            if self._store.row("SELECT 1 FROM lot_files WHERE sha256 = ?", digest):
                return None
            return self._store.insert(
                "lot_files", sha256=digest, name=name, mail_id=mail_id, raw=raw,
                received_at=instant(now), state="received",
            )  # fmt: skip

    def waiting(self) -> list[int]:
        return [row[0] for row in self._store.rows("SELECT id FROM lot_files WHERE state = 'received' ORDER BY id")]

    def get(self, file_id: int) -> StoredFile:
        row = self._store.row("SELECT * FROM lot_files WHERE id = ?", file_id)
        assert row is not None
        return StoredFile(row["id"], row["name"], row["raw"], row["mail_id"], row["tries"])

    def tried(self, file_id: int) -> int:
        """Counts a try before the file is read; gives the count."""
        self._store.run("UPDATE lot_files SET tries = tries + 1 WHERE id = ?", file_id)
        return int(self._store.value("SELECT tries FROM lot_files WHERE id = ?", file_id))

    def untry(self, file_id: int) -> None:
        """Takes a try back that ended for a reason outside the file. Best effort: the disk may still be full."""
        with contextlib.suppress(Later):
            self._store.run("UPDATE lot_files SET tries = tries - 1 WHERE id = ? AND tries > 0", file_id)

    def settle(self, file_id: int, now: datetime, refus: Iterable[Refus]) -> None:
        """received -> settled, with what was refused at the door."""
        self._store.move("lot_files", file_id, ("received",), "settled", settled_at=instant(now))
        self._refuse(file_id, refus)

    def park(self, file_id: int, now: datetime, reason: str, refus: Iterable[Refus] = ()) -> None:
        """received -> parked: nothing of it could be used."""
        self._store.move("lot_files", file_id, ("received",), "parked", settled_at=instant(now), reason=reason)
        self._refuse(file_id, refus)

    def _refuse(self, file_id: int, refus: Iterable[Refus]) -> None:
        self._store.run("DELETE FROM refus WHERE lot_file_id = ?", file_id)
        for one in refus:
            self._store.insert(
                "refus", lot_file_id=file_id, fichier=one.fichier, ligne=one.ligne, colonne=one.colonne,
                valeur=one.valeur, raison=one.raison, facture=one.facture,
            )  # fmt: skip

    def state(self, file_id: int) -> tuple[str, str] | None:
        """(state, reason) of a lot file; None for one that is not there."""
        row = self._store.row("SELECT state, reason FROM lot_files WHERE id = ?", file_id)
        return (row["state"], row["reason"]) if row else None

    def reopen(self, file_id: int) -> None:
        """parked -> received: an agent sends the file back to be settled."""
        self._store.move("lot_files", file_id, ("parked",), "received", reason="", tries=0)

    def parked(self) -> list[ParkedFile]:
        sql = "SELECT id, name, received_at, reason FROM lot_files WHERE state = 'parked' ORDER BY id"
        return [ParkedFile(*row) for row in self._store.rows(sql)]

    def refus(self, file_id: int | None = None) -> list[Refus]:
        """The rows refused at the door: of one file, or all."""
        rows = self._store.rows("SELECT * FROM refus WHERE ? IS NULL OR lot_file_id = ? ORDER BY id", file_id, file_id)
        return [
            Refus(row["fichier"], row["ligne"], row["colonne"], row["valeur"], row["raison"], row["facture"])
            for row in rows
        ]
