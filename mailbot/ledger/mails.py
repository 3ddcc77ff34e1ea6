"""Mails in the ledger: stored raw first, then settled or parked. States: `mailbot/model/mails.py`."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from mailbot.errors import Later
from mailbot.ledger.store import Store, instant
from mailbot.model import MailState, Position, Seen


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail of the ledger. `evidence`: French sentences, without personal data."""

    id: int
    sha256: str
    raw: bytes
    received_at: str
    state: MailState
    tries: int
    message_id: str
    kind: str
    sender: str
    numero_ps: str
    reason: str
    evidence: tuple[str, ...]


class Mails:
    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, position: Position) -> bool:
        """Was the mail at this position stored before? One that was only refused by size was not."""
        return (
            self._store.row(
                "SELECT 1 FROM sightings WHERE mailbox = ? AND folder = ? AND uidvalidity = ? AND uid = ? "
                "AND fate = 'stored'",
                position.mailbox, position.folder, position.uidvalidity, position.uid,
            )
            is not None
        )  # fmt: skip

    def store(self, now: datetime, position: Position, raw: bytes) -> bool:
        """Stores the bytes and where they stood; True when these bytes are new. Same bytes twice are one mail."""
        digest = hashlib.sha256(raw).hexdigest()
        with self._store.transaction():
            mail_id = self._store.value("SELECT id FROM mails WHERE sha256 = ?", digest)
            new = mail_id is None
            if new:
                mail_id = self._store.insert(
                    "mails", sha256=digest, raw=raw, size=len(raw), received_at=instant(now), state=MailState.RECEIVED
                )
            self._sighting(now, position, mail_id, "stored", len(raw))
        return new

    def refuse_by_size(self, now: datetime, position: Position, size: int) -> None:
        """Notes a mail that is too large to be taken in; it goes to the review folder of its mailbox."""
        with self._store.transaction():
            self._sighting(now, position, None, "too_large", size)

    def _sighting(self, now: datetime, position: Position, mail_id: int | None, fate: str, size: int) -> None:
        self._store.run(
            "INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET mail_id = excluded.mail_id, fate = excluded.fate, size = excluded.size WHERE fate = 'too_large'",
            position.mailbox, position.folder, position.uidvalidity, position.uid, mail_id, fate, size, instant(now),
        )  # fmt: skip

    def waiting(self) -> list[int]:
        """Ids of the mails to settle, oldest first."""
        return [row[0] for row in self._store.rows("SELECT id FROM mails WHERE state = 'received' ORDER BY id")]

    def heads(self, size: int) -> Iterator[tuple[int, bytes]]:
        """(id, the first `size` bytes) of the mails to settle, oldest first; one at a time in memory."""
        for mail_id in self.waiting():
            yield mail_id, bytes(self._store.value("SELECT substr(raw, 1, ?) FROM mails WHERE id = ?", size, mail_id))

    def done(self, since: datetime | None) -> list[int]:
        """Ids of the mails that were settled or parked, received at this instant or later, oldest first."""
        at = instant(since) if since else ""
        rows = self._store.rows("SELECT id FROM mails WHERE state <> 'received' AND received_at >= ? ORDER BY id", at)
        return [row[0] for row in rows]

    def settled_at(self, mail_id: int) -> datetime | None:
        """When a mail got its state; None while it waits."""
        found = self._store.value("SELECT settled_at FROM mails WHERE id = ?", mail_id)
        return datetime.fromisoformat(found) if found else None

    def parked(self) -> list[StoredMail]:
        return [_mail(row) for row in self._store.rows("SELECT * FROM mails WHERE state = 'parked' ORDER BY id")]

    def take(self, mail_id: int) -> StoredMail:
        """The mail with this id, which is known to exist."""
        return _mail(self._store.rows("SELECT * FROM mails WHERE id = ?", mail_id)[0])

    def get(self, mail_id: int) -> StoredMail | None:
        row = self._store.row("SELECT * FROM mails WHERE id = ?", mail_id)
        return _mail(row) if row else None

    def mailbox(self, mail_id: int) -> str:
        """The label of the mailbox in which a mail was first seen."""
        found = self._store.value("SELECT mailbox FROM sightings WHERE mail_id = ? ORDER BY seen_at LIMIT 1", mail_id)
        return str(found or "")

    def settle(self, mail_id: int, now: datetime, seen: Seen) -> None:
        """received (or parked, by an agent) -> settled."""
        self._store.move("mails", mail_id, ("received", "parked"), "settled", settled_at=instant(now), **_seen(seen))

    def park(self, mail_id: int, now: datetime, reason: str, seen: Seen) -> None:
        """received -> parked, with the reason a human reads."""
        self._store.move(
            "mails", mail_id, ("received",), "parked", settled_at=instant(now), reason=reason, **_seen(seen)
        )

    def unsettle(self, mail_id: int, now: datetime) -> None:
        """settled -> parked: an agent takes back what an agent did; the reason of its parking stood all the while."""
        self._store.move("mails", mail_id, ("settled",), "parked", settled_at=instant(now))

    def reopen(self, mail_id: int) -> None:
        """parked -> received: it is settled anew on the next pass."""
        self._store.move("mails", mail_id, ("parked",), "received", reason="", tries=0)

    def tried(self, mail_id: int) -> int:
        """Counts a try before the mail is read, so that a mail that kills its reader is noticed; gives the count."""
        self._store.run("UPDATE mails SET tries = tries + 1 WHERE id = ?", mail_id)
        return int(self._store.value("SELECT tries FROM mails WHERE id = ?", mail_id))

    def untry(self, mail_id: int) -> None:
        """Takes a try back that ended for a reason outside the mail. Best effort: the disk may still be full."""
        with contextlib.suppress(Later):
            self._store.run("UPDATE mails SET tries = tries - 1 WHERE id = ? AND tries > 0", mail_id)

    def answers_today(self, address: str, since: datetime) -> int:
        """Automatic answers queued for `address` since then: confirmations and receipts, not bordereaux."""
        return int(
            self._store.value(
                "SELECT count(*) FROM letters WHERE recipient = ? AND answers IS NOT NULL AND created_at >= ?",
                address, instant(since),
            )
        )  # fmt: skip


def _seen(seen: Seen) -> dict[str, object]:
    """As columns; nothing is overwritten when nothing was learned."""
    if seen.kind is None:
        return {}
    return {
        "message_id": seen.message_id, "kind": str(seen.kind), "sender": seen.sender, "numero_ps": seen.numero_ps,
        "evidence": json.dumps(list(seen.evidence), ensure_ascii=False),
    }  # fmt: skip


def _mail(row: Row) -> StoredMail:
    return StoredMail(
        id=row["id"],
        sha256=row["sha256"],
        raw=row["raw"],
        received_at=row["received_at"],
        state=MailState(row["state"]),
        tries=row["tries"],
        message_id=row["message_id"],
        kind=row["kind"] or "",
        sender=row["sender"],
        numero_ps=row["numero_ps"],
        reason=row["reason"],
        evidence=tuple(json.loads(row["evidence"])),
    )
