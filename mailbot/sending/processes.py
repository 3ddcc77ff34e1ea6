"""Connections as processes of their own: each has an interpreter to itself. For many letters, since a start takes time.

Only numbers and answers pass through the pipes; a process fetches a letter's bytes from the ledger itself. A process
that dies takes no letter with it: what had no leave for its final dot was not delivered, what had it is in doubt. Its
place is taken by a new one.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from mailbot.errors import InDoubt
from mailbot.outbox import Busy
from mailbot.sending import fates
from mailbot.sending.pool import Ended, Job, Pool

_COMMAND = (sys.executable, "-m", "mailbot.sending.child")
_CHUNK = 1 << 16


class Processes(Pool):
    """`outbox` is what `Outbox.description` gave; `ledger` the path of the ledger file."""

    def __init__(self, outbox: str, ledger: Path, connections: int) -> None:
        self._setup = {"outbox": outbox, "ledger": str(ledger.resolve())}
        self._selector = selectors.DefaultSelector()
        self._halted = False
        self._lines = [self._started() for _ in range(connections)]

    def send(self, job: Job) -> None:
        line = min(self._lines, key=lambda line: len(line.jobs))
        line.jobs[job.attempt_id] = job
        line.say("letter", job.letter_id, job.attempt_id)

    def answer(self, job: Job, *, may_go: bool) -> None:
        for line in self._lines:
            if job.attempt_id in line.jobs:
                if may_go:
                    line.granted.add(job.attempt_id)
                line.say("answer", job.attempt_id, may_go)

    def halt(self) -> None:
        self._halted = True
        for line in self._lines:
            line.say("halt")

    def events(self, seconds: float | None) -> list[Job | Ended]:
        found: list[Job | Ended] = []
        for key, _ in self._selector.select(seconds):
            line: _Line = key.data
            said = line.heard()
            if said is None:
                found += self._replaced(line)
                continue
            for what, attempt_id, *fate in said:
                found.append(
                    line.jobs[attempt_id] if what == "asks" else Ended(line.ended(attempt_id), fates.heard(*fate))
                )
        return found

    def close(self) -> None:
        for line in self._lines:
            line.close()
        for line in self._lines:
            line.process.wait()
            assert line.process.stdout is not None
            line.process.stdout.close()
        self._selector.close()

    def _started(self) -> _Line:
        line = _Line(self._setup)
        assert line.process.stdout is not None
        self._selector.register(line.process.stdout, selectors.EVENT_READ, line)
        return line

    def _replaced(self, line: _Line) -> list[Ended]:
        """The fates of what a process had when it died."""
        assert line.process.stdout is not None
        self._selector.unregister(line.process.stdout)
        line.process.stdout.close()
        line.close()
        why = f"le processus d’envoi s’est arrêté ({_end(line.process.wait())})"
        self._lines.remove(line)
        if not self._halted:
            self._lines.append(self._started())
        return [
            Ended(job, InDoubt(f"{why} pendant l’envoi") if attempt_id in line.granted else Busy(why))
            for attempt_id, job in line.jobs.items()
        ]


class _Line:
    """One process, and what it has to do. `granted`: attempts whose final dot may be on its way."""

    def __init__(self, setup: dict[str, str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own module, no text from outside
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.jobs: dict[int, Job] = {}
        self.granted: set[int] = set()
        self._pending = b""
        self._write(setup)

    def say(self, *what: Any) -> None:
        self._write(what)

    def heard(self) -> list[list[Any]] | None:
        """The lines that have arrived; None when the process has ended."""
        assert self.process.stdout is not None
        arrived = self.process.stdout.read(_CHUNK)
        if not arrived:
            return None
        *lines, self._pending = (self._pending + arrived).split(b"\n")
        return [json.loads(line) for line in lines]

    def ended(self, attempt_id: int) -> Job:
        self.granted.discard(attempt_id)
        return self.jobs.pop(attempt_id)

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def _write(self, what: Any) -> None:
        # One that is dead is noticed where its words are awaited. The pipe holds far more than a line has to do.
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(what).encode("ascii") + b"\n")


def _end(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
