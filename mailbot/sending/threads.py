"""Connections as threads of this process: at hand at once, and they share its interpreter. For few letters."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mailbot.model import Envelope, Sent
from mailbot.outbox import Outbox
from mailbot.sending.pool import Ended, Job, Pool, Withheld


class Threads(Pool):
    """`first` is the caller's and stays open; its siblings are closed at the end. `envelope` gives a letter's bytes, on
    the thread that owns the ledger."""

    def __init__(self, first: Outbox, connections: int, envelope: Callable[[int], Envelope]) -> None:
        self._siblings = [first.another() for _ in range(connections - 1)]
        self._idle: queue.SimpleQueue[Outbox] = queue.SimpleQueue()
        for outbox in (first, *self._siblings):
            self._idle.put(outbox)
        self._envelope = envelope
        self._events: queue.SimpleQueue[Job | Ended] = queue.SimpleQueue()
        self._points: dict[Job, _Point] = {}
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="envoi")
        self._halted = False

    def send(self, job: Job) -> None:
        point = self._points[job] = _Point(job, self._events)
        future = self._threads.submit(self._sent, self._envelope(job.letter_id), point)
        future.add_done_callback(lambda done: self._events.put(Ended(job, done.exception() or done.result())))

    def answer(self, job: Job, *, may_go: bool) -> None:
        if job in self._points:
            self._points[job].answers.put(may_go)

    def halt(self) -> None:
        self._halted = True

    def events(self, seconds: float | None) -> list[Job | Ended]:
        found: list[Job | Ended] = []
        try:
            found.append(self._events.get(timeout=seconds))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            pass
        for one in found:
            if isinstance(one, Ended):
                self._points.pop(one.job, None)
        return found

    def close(self) -> None:
        self.halt()
        for point in self._points.values():
            point.answers.put(False)
        self._threads.shutdown()
        for outbox in self._siblings:
            outbox.close()

    def _sent(self, envelope: Envelope, point: _Point) -> Sent:
        if self._halted:
            raise Withheld("pas commencé")
        outbox = self._idle.get()
        try:
            return outbox.send(envelope, point)
        finally:
            self._idle.put(outbox)


class _Point:
    """The point of no return of one job: asked for as soon as its lines go, waited for before the final dot."""

    def __init__(self, job: Job, events: queue.SimpleQueue[Job | Ended]) -> None:
        self._job = job
        self._events = events
        self._asked = False
        self.answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def announce(self) -> None:
        if not self._asked:
            self._asked = True
            self._events.put(self._job)

    def __call__(self) -> None:
        self.announce()
        if not self.answers.get():
            raise Withheld("retenu entre-temps")
