"""Letters in the ledger: frozen bytes, their states and every attempt. States: `mailbot/model/letters.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import NamedTuple

from mailbot.errors import Never
from mailbot.ledger import holds
from mailbot.ledger.store import Store, instant
from mailbot.model import Draft, Envelope, LetterKind, LetterState, Sent, letters

#: The outcome of an attempt that failed by the server's own trouble.
BUSY = "busy"
#: Bytes in which the headers that we write all stand.
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter of the ledger, without its bytes."""

    id: int
    key: str
    kind: LetterKind
    numero_ps: str
    recipient: str
    sender: str
    message_id: str
    token_hash: str
    state: LetterState
    created_at: str
    next_at: str
    attempts: int
    last_code: int
    last_text: str
    others: tuple[str, ...]


class Due(NamedTuple):
    """A letter that may leave now; `domain` is that of its recipient, in lower case."""

    id: int
    kind: LetterKind
    domain: str


@dataclass(frozen=True, slots=True)
class Line:
    """A letter as it stands in a list: everything but its bytes."""

    id: int
    kind: LetterKind
    numero_ps: str
    recipient: str
    domain: str
    state: LetterState
    attempts: int
    last_code: int
    last_text: str
    message_id: str
    created_at: str
    next_at: str


class Letters:
    def __init__(self, store: Store) -> None:
        self._store = store

    def queue(self, now: datetime, draft: Draft, answers: int | None = None) -> int | None:
        """Freezes a letter; its id, or None when its key was queued before. `answers`: the mail it answers."""
        if self._store.row("SELECT 1 FROM letters WHERE key = ?", draft.key):
            return None
        with self._store.transaction():
            letter_id = self._store.insert(
                "letters", key=draft.key, kind=draft.kind, numero_ps=draft.numero_ps, recipient=draft.to,
                sender=draft.sender, message_id=draft.message_id, token_hash=draft.token_hash,
                state=LetterState.QUEUED, created_at=instant(now), next_at=instant(max(now, draft.not_before)),
                answers=answers, others=json.dumps(draft.others),
            )  # fmt: skip
            # Looked at once, here, and not again at each sending.
            canonical = letters.canonical(draft.raw)
            self._store.insert("letter_bytes", letter_id=letter_id, canonical=int(canonical), raw=draft.raw)
        return letter_id

    def ready(self, now: datetime) -> list[Due]:
        """Every letter that may leave now, oldest first; none that is held."""
        rows = self._store.rows(
            f"SELECT id, kind, domain FROM letters WHERE state = 'queued' AND next_at <= ? AND {holds.FREE} "
            "ORDER BY next_at, id",
            instant(now),
        )
        return [Due(row["id"], LetterKind(row["kind"]), row["domain"]) for row in rows]

    def due(self, now: datetime, limit: int) -> list[int]:
        """Ids of the first of them."""
        return [one.id for one in self.ready(now)[:limit]]

    def get(self, letter_id: int) -> StoredLetter | None:
        row = self._store.row("SELECT * FROM letters WHERE id = ?", letter_id)
        return _letter(row) if row else None

    def envelope(self, letter_id: int) -> Envelope:
        """The frozen bytes of a letter, and who they go to. Raises `Never` where there is no such letter."""
        row = self._store.row(
            "SELECT l.key, l.sender, l.recipient, b.raw, b.canonical FROM letters l "
            "JOIN letter_bytes b ON b.letter_id = l.id WHERE l.id = ?",
            letter_id,
        )
        if row is None:
            raise Never(f"courrier {letter_id} : ce numéro n’existe pas")
        return Envelope(row["key"], row["sender"], row["recipient"], row["raw"], bool(row["canonical"]))

    def state(self, letter_id: int) -> LetterState:
        return LetterState(self._store.value("SELECT state FROM letters WHERE id = ?", letter_id))

    def listed(self, state: LetterState | None = None) -> list[StoredLetter]:
        rows = self._store.rows("SELECT * FROM letters WHERE ? IS NULL OR state = ? ORDER BY id", state, state)
        return [_letter(row) for row in rows]

    def lines(self) -> list[Line]:
        """Every letter without its bytes, oldest first."""
        rows = self._store.rows(
            "SELECT id, kind, numero_ps, recipient, domain, state, attempts, last_code, last_text, message_id, "
            "created_at, next_at FROM letters ORDER BY id"
        )
        return [
            Line(**{**dict(row), "kind": LetterKind(row["kind"]), "state": LetterState(row["state"])}) for row in rows
        ]

    def heads(self, letter_ids: Sequence[int]) -> dict[int, bytes]:
        """The first bytes of these letters, in which the headers stand."""
        rows = self._store.rows_in(
            f"SELECT letter_id, substr(raw, 1, {_HEAD}) FROM letter_bytes WHERE letter_id IN (?*)", letter_ids
        )
        return {row[0]: bytes(row[1]) for row in rows}

    def by_reference(self, token_hash: str = "", message_id: str = "") -> list[StoredLetter]:
        """Letters that carry this token, or this Message-ID."""
        rows = self._store.rows(
            "SELECT * FROM letters WHERE (token_hash = ? AND ? <> '') OR (message_id = ? AND ? <> '') ORDER BY id",
            token_hash, token_hash, message_id, message_id,
        )  # fmt: skip
        return [_letter(row) for row in rows]

    def last_bordereau(self, numero_ps: str) -> str:
        """Instant at which the last bordereau or report of this PS was cut; "" for none."""
        return str(
            self._store.value(
                "SELECT max(created_at) FROM letters WHERE numero_ps = ? AND kind IN ('bordereau', 'report')",
                numero_ps,
            )
            or ""
        )

    def rounds_since(self, numero_ps: str, since: datetime) -> int:
        """How many times bordereaux were cut for this PS since then (1/3, 2/3 and 3/3 are one round)."""
        return int(
            self._store.value(
                "SELECT count(DISTINCT created_at) FROM letters WHERE numero_ps = ? AND kind = 'bordereau' "
                "AND created_at > ?",
                numero_ps, instant(since),
            )
        )  # fmt: skip

    def rows_of(self, letter_id: int) -> set[str]:
        """The PS numbers whose refusals and payment returns this letter holds."""
        rows = self._store.rows(
            "SELECT numero_ps FROM rejets WHERE letter_id = ? UNION "
            "SELECT f.numero_ps FROM retours r JOIN factures f ON f.id = r.facture_id WHERE r.letter_id = ?",
            letter_id, letter_id,
        )  # fmt: skip
        return {row[0] for row in rows}

    def answered_sender(self, letter_id: int) -> str:
        """The sender of the mail that a letter answers; "" where it answers none."""
        found = self._store.value(
            "SELECT m.sender FROM letters l JOIN mails m ON m.id = l.answers WHERE l.id = ?", letter_id
        )
        return str(found or "")

    # -- one attempt ---------------------------------------------------------------------------------------------

    def begin(self, letter_id: int, now: datetime) -> int | None:
        """queued -> sending, with the attempt committed before the dial; gives the attempt's id.

        None when an agent held or cancelled it since it was found due. In the caller's transaction where there is one.
        """
        with self._store.transaction():
            begun = self._store.run(
                "UPDATE letters SET state = 'sending', attempts = attempts + 1 "
                f"WHERE id = ? AND state = 'queued' AND {holds.FREE}",
                letter_id,
            )
            if not begun:
                return None
            return self._store.insert("attempts", letter_id=letter_id, started_at=instant(now), phase="dialled")

    def before_data(self, *attempt_ids: int) -> set[int]:
        """From here on a lost answer leaves these letters in doubt; committed before the bytes go.

        Gives the attempts that may go on: not those whose letter an agent held since it was begun.
        """
        rows = self._store.rows_in(
            "UPDATE attempts SET phase = 'data' WHERE id IN (?*) "
            f"AND EXISTS (SELECT 1 FROM letters WHERE id = attempts.letter_id AND {holds.FREE}) RETURNING id",
            attempt_ids,
        )
        return {row[0] for row in rows}

    def sent(self, letter_id: int, attempt_id: int, now: datetime, answer: Sent) -> None:
        self._end(letter_id, attempt_id, now, LetterState.SENT, answer.code, answer.text)

    def later(
        self,
        letter_id: int,
        attempt_id: int,
        now: datetime,
        code: int,
        text: str,
        wait: timedelta,
        *,
        busy: bool = False,
    ) -> None:
        """sending -> queued, due again after `wait`. `busy`: it was trouble of the server, not of this letter."""
        self._end(letter_id, attempt_id, now, LetterState.QUEUED, code, text, next_at=instant(now + wait))
        if busy:
            self._store.run("UPDATE attempts SET outcome = ? WHERE id = ?", BUSY, attempt_id)

    def refusals(self, letter_id: int) -> int:
        """How often a server put this letter off for its own sake."""
        return int(
            self._store.value(
                "SELECT count(*) FROM attempts WHERE letter_id = ? AND outcome = 'queued' AND code <> 0", letter_id
            )
        )

    def dead(self, letter_id: int, attempt_id: int, now: datetime, code: int, text: str) -> None:
        self._end(letter_id, attempt_id, now, LetterState.DEAD, code, text)

    def in_doubt(self, letter_id: int, attempt_id: int, now: datetime, text: str) -> None:
        self._end(letter_id, attempt_id, now, LetterState.UNKNOWN, 0, text)

    def _end(
        self,
        letter_id: int,
        attempt_id: int,
        now: datetime,
        state: LetterState,
        code: int,
        text: str,
        **columns: object,
    ) -> None:
        with self._store.transaction():
            self._store.move("letters", letter_id, ("sending",), state, last_code=code, last_text=text[:500], **columns)
            self._store.run(
                "UPDATE attempts SET ended_at = ?, outcome = ?, code = ?, text = ? WHERE id = ?",
                instant(now), str(state), code, text[:500], attempt_id,
            )  # fmt: skip

    def postpone(self, letter_ids: Iterable[int], until: datetime, why: str) -> int:
        """They stay queued and wait; gives how many were still queued. No try is counted."""
        sql = "UPDATE letters SET next_at = ?, last_text = ? WHERE id = ? AND state = 'queued'"
        return sum(self._store.run(sql, instant(until), why[:500], letter_id) for letter_id in letter_ids)

    def sent_between(self, start: datetime, end: datetime) -> tuple[int, int]:
        """(letters, PS) that were sent from `start` on and before `end`."""
        row = self._store.row(
            "SELECT count(*), count(DISTINCT CASE WHEN kind <> 'copy' THEN nullif(numero_ps, '') END) FROM letters "
            "WHERE id IN (SELECT letter_id FROM attempts WHERE outcome = 'sent' AND ended_at >= ? AND ended_at < ?)",
            instant(start), instant(end),
        )  # fmt: skip
        assert row is not None
        return row[0], row[1]

    def interrupted(self) -> list[tuple[StoredLetter, int, str]]:
        """Letters that a stop caught while sending: (letter, attempt, phase)."""
        rows = self._store.rows(
            "SELECT l.*, a.id AS attempt_id, a.phase FROM letters l "
            "JOIN attempts a ON a.letter_id = l.id WHERE l.state = 'sending' "
            "AND a.id = (SELECT max(id) FROM attempts WHERE letter_id = l.id) ORDER BY l.id"
        )
        return [(_letter(row), row["attempt_id"], row["phase"]) for row in rows]

    # -- agents and bounces --------------------------------------------------------------------------------------

    def bounce(self, letter_id: int, text: str) -> None:
        """sent or unknown -> bounced."""
        self._store.move("letters", letter_id, ("sent", "unknown"), LetterState.BOUNCED, last_text=text[:500])

    def retry(self, letter_id: int, now: datetime) -> None:
        """unknown, dead or queued -> queued, due now: an agent decided so."""
        self._store.move(
            "letters", letter_id, ("unknown", "dead", "queued", "held"), LetterState.QUEUED, next_at=instant(now)
        )

    def confirm(self, letter_id: int) -> None:
        """unknown -> sent: an agent found that it arrived."""
        self._store.move("letters", letter_id, ("unknown",), LetterState.SENT)

    def cancel(self, letter_id: int) -> None:
        """queued, held or unknown -> dead."""
        self._store.move("letters", letter_id, ("queued", "held", "unknown"), LetterState.DEAD)

    def hold(self, letter_id: int, why: str) -> None:
        """queued -> held; `why` is shown with it."""
        self._store.move("letters", letter_id, ("queued",), LetterState.HELD, last_text=why[:500])

    def release(self, letter_id: int) -> None:
        self._store.move("letters", letter_id, ("held",), LetterState.QUEUED, last_text="")


def _letter(row: Row) -> StoredLetter:
    return StoredLetter(
        id=row["id"],
        key=row["key"],
        kind=LetterKind(row["kind"]),
        numero_ps=row["numero_ps"],
        recipient=row["recipient"],
        sender=row["sender"],
        message_id=row["message_id"],
        token_hash=row["token_hash"],
        state=LetterState(row["state"]),
        created_at=row["created_at"],
        next_at=row["next_at"],
        attempts=row["attempts"],
        last_code=row["last_code"],
        last_text=row["last_text"],
        others=tuple(json.loads(row["others"])),
    )
