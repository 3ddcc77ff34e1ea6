"""The connections of one run, a thread each. Threads send; only the thread that owns the ledger writes to it.

A thread asks for the point of no return when the lines of its letter begin to go, and waits for the answer (`Job.go`)
before the final dot; the ledger's thread gives it when that point is durable. Everything that a thread has to say
arrives in `events`: a job that asks, or one that has ended.
"""

from __future__ import annotations

import queue
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from mailbot.errors import Later
from mailbot.model import Envelope, Sent
from mailbot.outbox import Outbox


@dataclass(slots=True, eq=False)
class Job:
    """One letter on its way. `go` carries one answer: may the final dot be sent?"""

    letter_id: int
    attempt_id: int
    tries: int
    domain: str
    envelope: Envelope
    go: queue.SimpleQueue[bool] = field(default_factory=queue.SimpleQueue)


class Withheld(Later):
    """The letter was not sent because we did not want it to be."""


@dataclass(slots=True, eq=False)
class Ended:
    """A job, and the future that holds its answer or its fate."""

    job: Job
    future: Future[Sent]


class Pool:
    """`first` is the caller's and stays open; its siblings are closed at the end."""

    def __init__(self, first: Outbox, connections: int) -> None:
        self._siblings = [first.another() for _ in range(connections - 1)]
        self._idle: queue.SimpleQueue[Outbox] = queue.SimpleQueue()
        for outbox in (first, *self._siblings):
            self._idle.put(outbox)
        self._events: queue.SimpleQueue[Job | Ended] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="envoi")
        self._halted = False

    def send(self, job: Job) -> None:
        """Its attempt is durable: it goes as soon as a connection is free."""
        future = self._threads.submit(self._run, job)
        future.add_done_callback(lambda done: self._events.put(Ended(job, done)))

    def halt(self) -> None:
        """Jobs that have not reached a connection come back `Withheld`."""
        self._halted = True

    def events(self, seconds: float | None) -> list[Job | Ended]:
        """What happened; waits for something, at most so many seconds (None: as long as it takes)."""
        found: list[Job | Ended] = []
        try:
            found.append(self._events.get(timeout=seconds))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            return found

    def close(self) -> None:
        """Waits for what is on its way; every job must have its answer by now."""
        self._threads.shutdown()
        for outbox in self._siblings:
            outbox.close()

    def _run(self, job: Job) -> Sent:
        if self._halted:
            raise Withheld("pas commencé")
        outbox = self._idle.get()
        try:
            return outbox.send(job.envelope, _Point(job, self._events))
        finally:
            self._idle.put(outbox)


class _Point:
    """The point of no return of one job: asked for as soon as its lines go, waited for before the final dot."""

    def __init__(self, job: Job, events: queue.SimpleQueue[Job | Ended]) -> None:
        self._job = job
        self._events = events
        self._asked = False

    def announce(self) -> None:
        if not self._asked:
            self._asked = True
            self._events.put(self._job)

    def __call__(self) -> None:
        self.announce()
        if not self._job.go.get():
            raise Withheld("retenu entre-temps")
