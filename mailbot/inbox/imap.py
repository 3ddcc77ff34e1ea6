"""An IMAP mailbox as an inbox. Flags are never the work queue: position is (folder, UIDVALIDITY, UID).

Owns listing, fetching in batches, filing away and IDLE. Size first, then `BODY.PEEK[]`; reading marks nothing. Only
UIDs, folder names of the configuration and fixed words go into commands. A connection that is lost in the middle is
dialled again a few times in a pass; a mail that cannot be had twice in a row is left for the next pass (its `fetch`
raises `Later`) and the others go on. Raises `Later`, `Never` (login refused), `ConfigError`.
Known limits: without MOVE a crash between COPY and EXPUNGE leaves a second copy in the done folder; IDLE may miss a
mail that comes in the very instant it starts, and polling (the end of `wait`) is the floor under that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from mailbot import connection, errors
from mailbot.configuration import settings
from mailbot.inbox import imap_link, imap_session
from mailbot.inbox.arrival import Arrival, Where
from mailbot.model import Position

T = TypeVar("T")

#: Sequence numbers in one SEARCH: imaplib refuses a line of a million bytes.
SEARCH_WINDOW = 50_000
#: UIDs in one command; a command line stays under 8,000 bytes even with ten-digit UIDs.
LISTING = 500
#: Mails and bytes of one batch of bodies.
BATCH_MAILS = 200
BATCH_BYTES = 8_000_000
#: Seconds of one look while waiting, and after which IDLE is left and entered again (RFC 2177: before 29 minutes).
LOOK = 0.5
IDLE_SECONDS = 10 * 60.0


class ImapInbox:
    """See `arrival.Inbox`."""

    def __init__(
        self,
        section: settings.Inbox,
        *,
        timeouts: connection.Timeouts | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._section = section
        self._sleep = sleep
        self._clock = clock
        self._link = imap_link.Link(section, timeouts or connection.Timeouts(), sleep, clock)
        #: UIDVALIDITY and the highest UID of the last listing: what lies above is new.
        self._seen = (0, 0)
        self._idle_failures = 0

    @property
    def name(self) -> str:
        return self._section.label

    def check(self) -> None:
        self._link.begin()
        self._link.again(lambda client: client.noop())

    def pending(self, known: Callable[[Position], bool]) -> Iterator[Arrival]:
        self._link.begin()
        uids = self._list()
        validity = self._link.validity
        before = self._seen[1] if self._seen[0] == validity else 0
        self._seen = (validity, max(uids, default=before))
        for chunk in _chunks(uids, LISTING):
            found = self._same(validity, partial(_sizes, uids=chunk))
            listed = [self._listed(validity, uid, found[uid], known) for uid in chunk if uid in found]
            for batch in _batches(listed):
                yield from self._filled(validity, batch)

    def file_away(self, positions: Sequence[Position], where: Where) -> None:
        folder = self._section.done_folder if where == "done" else self._section.review_folder
        self._link.begin()
        mine = [p for p in positions if (p.mailbox, p.folder) == (self.name, self._section.folder)]
        if not mine:
            return
        self._link.connected()
        # Positions of an older UIDVALIDITY name nothing any more: those mails stand under new ones, if at all.
        uids = sorted({int(p.uid) for p in mine if p.uidvalidity == self._link.validity})
        validity = self._link.validity
        for chunk in _chunks(uids, LISTING):
            move = partial(self._move, uids=chunk, folder=folder)
            try:
                self._same(validity, move)
            except imap_session.Refused:
                # The folder may have been removed under us: made again, once.
                self._link.forget_folder(folder)
                self._same(validity, move)

    def wait(self, seconds: float, stopping: Callable[[], bool]) -> None:
        until = self._clock() + seconds
        while not stopping() and (left := until - self._clock()) > 0:
            if self._can_idle():
                if self._idle(min(left, IDLE_SECONDS), stopping):
                    return
            else:
                self._sleep(min(LOOK, left))

    def close(self) -> None:
        self._link.close()

    def _same(self, validity: int, work: Callable[[Any], T]) -> T:
        """A command with UIDs that may be repeated."""
        return self._link.again(self._link.under(validity, work))

    # -- reading -------------------------------------------------------------------------------------------------

    def _list(self) -> list[int]:
        """All UIDs of the folder, ascending, on a view that is fresh."""

        def listing(client: Any) -> list[int]:
            self._link.select()
            found: set[int] = set()
            for first in range(1, self._link.exists + 1, SEARCH_WINDOW):
                last = min(first + SEARCH_WINDOW - 1, self._link.exists)
                found.update(client.search(f"{first}:{last}"))
            return sorted(found)

        return self._link.again(listing)

    def _listed(self, validity: int, uid: int, size: int, known: Callable[[Position], bool]) -> Arrival:
        position = Position(self.name, self._section.folder, validity, str(uid))
        return Arrival(position, size, known(position), too_big=size > self._section.max_message_bytes)

    def _filled(self, validity: int, batch: Sequence[Arrival]) -> Iterator[Arrival]:
        bodies = self._bodies(validity, {int(a.position.uid): a.size for a in batch if _wanted(a)})
        for arrival in batch:
            uid = int(arrival.position.uid)
            if not _wanted(arrival):
                yield arrival
            elif uid in bodies:
                yield self._read(arrival, bodies[uid])

    def _read(self, arrival: Arrival, raw: bytes | None) -> Arrival:
        if raw is None:
            return Arrival(arrival.position, arrival.size, trouble="le serveur IMAP ne donne pas ce message")
        if len(raw) > self._section.max_message_bytes:
            return Arrival(arrival.position, len(raw), too_big=True)
        return Arrival(arrival.position, len(raw), raw=raw)

    def _bodies(self, validity: int, sizes: dict[int, int]) -> dict[int, bytes | None]:
        """Bodies by UID: absent for a mail that is gone, None for one that the server failed to give."""
        if not sizes:
            return {}
        try:
            return self._link.once(self._link.under(validity, partial(_fetch, sizes=sizes)))
        except (imap_session.Lost, imap_session.Refused):
            # One of them may be the reason: each alone, so that it holds up no other.
            bodies: dict[int, bytes | None] = {}
            for uid, size in sizes.items():
                try:
                    bodies.update(self._same(validity, partial(_fetch, sizes={uid: size})))
                except (imap_session.Lost, imap_session.Refused):
                    bodies[uid] = None
            return bodies

    # -- filing --------------------------------------------------------------------------------------------------

    def _move(self, client: Any, uids: Sequence[int], folder: str) -> None:
        target = self._link.folder(client, folder)
        if client.has_capability("MOVE"):
            client.move(uids, target)
            return
        client.copy(uids, target)
        client.add_flags(uids, [b"\\Deleted"], silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)
            return
        # Plain EXPUNGE removes every mail marked for deletion: other people's marks are lifted for that moment.
        # A crash in it leaves their mails unmarked, never removed.
        others = sorted(set(client.search("DELETED")) - set(uids))
        if others:
            client.remove_flags(others, [b"\\Deleted"], silent=True)
        client.expunge()
        if others:
            client.add_flags(others, [b"\\Deleted"], silent=True)

    # -- waiting -------------------------------------------------------------------------------------------------

    def _can_idle(self) -> bool:
        if self._link.client is None or not self._section.idle:
            return False
        try:
            with imap_session.translated(self._link.server):
                return bool(self._link.client.has_capability("IDLE"))
        except errors.Later:
            self._link.drop()
            return False

    def _idle(self, seconds: float, stopping: Callable[[], bool]) -> bool:
        """Idles for at most `seconds`. True when `pending` is worth a call: new mail, or the connection was lost."""
        try:
            with imap_session.translated(self._link.server):
                news = self._idle_once(self._link.client, seconds, stopping)
        except errors.Later:
            self._link.drop()
            self._idle_failures += 1
            # A server that fails at each IDLE must not make the passes follow each other without a pause.
            return self._idle_failures == 1
        self._idle_failures = 0
        return news

    def _idle_once(self, client: Any, seconds: float, stopping: Callable[[], bool]) -> bool:
        until = self._clock() + seconds
        # Mail that came during the pass is announced no more. `n:*` always gives the last mail, even one below n.
        last = self._seen[1] if self._seen[0] == self._link.validity else 0
        if any(uid > last for uid in client.search(f"UID {last + 1}:*")):
            return True
        client.idle()
        news = False
        while not news and not stopping() and (left := until - self._clock()) > 0:
            started, look = self._clock(), min(LOOK, left)
            answers = client.idle_check(timeout=look)
            news = _announces(answers)
            if not answers and self._clock() - started < look / 2:
                # A dead connection is readable at once and says nothing, for ever: the commands below find out.
                break
        _, answers = client.idle_done()
        client.noop()
        return news or _announces(answers)


def _sizes(client: Any, uids: Sequence[int]) -> dict[int, int]:
    answer = client.fetch(uids, ["RFC822.SIZE"])
    return {uid: int(facts[b"RFC822.SIZE"]) for uid, facts in answer.items() if b"RFC822.SIZE" in facts}


def _fetch(client: Any, sizes: dict[int, int]) -> dict[int, bytes | None]:
    answer = client.fetch(list(sizes), ["BODY.PEEK[]"])
    bodies: dict[int, bytes | None] = {uid: facts[b"BODY[]"] for uid, facts in answer.items() if b"BODY[]" in facts}
    # Dovecot gives an empty body for a mail that another program removed meanwhile: never to be taken for a mail.
    empty = [uid for uid, body in bodies.items() if body is None or (not body and sizes[uid])]
    if empty:
        client.noop()
        there = set(client.search("UID " + ",".join(map(str, empty))))
        for uid in empty:
            bodies.pop(uid)
        bodies.update(dict.fromkeys(there.intersection(empty)))
    return bodies


def _announces(answers: Iterable[Any]) -> bool:
    return any(len(answer) > 1 and answer[1] in (b"EXISTS", b"RECENT") for answer in answers)


def _wanted(arrival: Arrival) -> bool:
    return not arrival.known and not arrival.too_big


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _batches(listed: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Runs of arrivals whose wanted bodies stay within `BATCH_MAILS` and `BATCH_BYTES` (one big mail goes alone)."""
    batch: list[Arrival] = []
    size = 0
    for arrival in listed:
        weight = arrival.size if _wanted(arrival) else 0
        if batch and (len(batch) >= BATCH_MAILS or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += weight
    if batch:
        yield batch
