"""Who reads what came from outside, or tries what an admin wrote: `Child`, a process of its own under limits, or
`Here`, this process.

Raises `Park` (a human must look: too slow, too large, its reader died) and `Never` (the parser says so itself). Values
from the child are taken apart by an unpickler that knows only our own values: a child that hostile input took over
could lie about what it read, not run anything here.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from mailbot.errors import Fault, Never, Park
from mailbot.letters.verdict import Contexts, Verdict
from mailbot.model import Attachment, Kind, LotFile, Message
from mailbot.model.documents import Document
from mailbot.parsers.b2.format import Format
from mailbot.parsers.mail.own import Own
from mailbot.reading import documents
from mailbot.reading.tasks import LENGTH, TASKS, Limits

_MOST = 2 * 1024**3  # bytes of one answer
_CHUNK = 1 << 20
_PIPE = 1 << 20  # bytes that a pipe holds where the system lets us choose: most mails pass at one go
#: One handle at a time: poll needs no handle of its own, which epoll opens and closes at each turn.
_SELECTOR = getattr(selectors, "PollSelector", selectors.DefaultSelector)
_COMMAND = (sys.executable, "-m", "mailbot.reading.child")
_PLAIN = {("datetime", "date"), ("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone")}
_PLAIN |= {("decimal", "Decimal")}


class Reader(ABC):
    """Reads bytes from outside; all its methods raise `Park` for what cannot be read."""

    def mail(self, raw: bytes, now: datetime, own: Own) -> Message:
        """See `parsers.message.read`."""
        message: Message = self._run("mail", raw, now, own)
        return message

    def inspected(self, raw: bytes, now: datetime, own: Own) -> tuple[Kind, bytes]:
        """The kind of a mail, and the `inspect` object of contracts.md without its path as JSON."""
        told: tuple[Kind, bytes] = self._run("inspected", raw, now, own)
        return told

    def lot(
        self, raw: bytes, fichier: str, aliases: Mapping[str, str], b2_format: Format, *, from_mail: bool
    ) -> LotFile:
        """See `parsers.lots.read`. What a mail brought has the limits of mails; also raises `Never` for no lot."""
        read: LotFile = self._run("lot of a mail" if from_mail else "lot", raw, fichier, dict(aliases), b2_format)
        return read

    def documents(
        self,
        attachments: Sequence[Attachment],
        aliases: Mapping[str, str],
        b2_format: Format,
        seconds: float = documents.SECONDS,
    ) -> tuple[Document, ...]:
        """Every attachment, each followed by what it holds; `aliases` and `b2_format` are those of lots. Raises
        nothing: what cannot be read, or not within so many seconds in all, has a warning."""
        return documents.read(self._run, attachments, aliases, b2_format, seconds)

    def templates(self, files: Mapping[str, str], changed: Sequence[str], contexts: Contexts) -> Verdict:
        """See `letters.trial.judge`. Raises nothing: templates that pass the limits have a fault."""
        try:
            faults, remarks = self._run("templates", dict(files), list(changed), dict(contexts))
        except Park as error:
            message = f"ce modèle ne se rend pas : {error.reason.replace('sa lecture', 'l’essai')}"
            hint = "simplifiez-le : moins de boucles l’une dans l’autre, moins de balises"
            return Verdict(tuple(Fault(f"templates/{name}", 0, 0, message, hint) for name in changed))
        return Verdict(*(tuple(Fault(*one) for one in told) for told in (faults, remarks)))

    @abstractmethod
    def _run(self, task: str, *values: object, within: float | None = None) -> Any:
        """The value of a task. `within`: seconds, where fewer are left than the task may take."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of the process, where there is one; the next task starts another."""


class Here(Reader):
    """In this process, without limits: for tests and rehearsals on one's own bytes."""

    def _run(self, task: str, *values: object, within: float | None = None) -> Any:
        return TASKS[task].work(*values)

    def close(self) -> None:
        pass


class Child(Reader):
    """In a process of its own, started at the first task, killed when a task passes its limits, then started again."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def _run(self, task: str, *values: object, within: float | None = None) -> Any:
        process = self._started()
        limits = TASKS[task].limits
        if within is not None:
            limits = replace(limits, seconds=min(within, limits.seconds))
        try:
            kind, said = self._asked(process, pickle.dumps((task, values), pickle.HIGHEST_PROTOCOL), limits)
        except BaseException:
            # Between a question and its answer a process cannot be used again: the next answer would be the old one.
            self._kill()
            raise
        if kind == "value":
            return said
        if kind == "memory":
            self._kill()
            raise Park(f"sa lecture demande plus de {limits.memory // 1024**2} Mo de mémoire")
        if kind == "never":
            raise Never(said)
        raise Park(said if kind == "park" else f"sa lecture a échoué ({said})")

    def close(self) -> None:
        if self._process is not None:
            self._kill()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no text from outside
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, pipesize=_PIPE
            )
        return self._process

    def _asked(self, process: subprocess.Popen[bytes], request: bytes, limits: Limits) -> tuple[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        until = time.monotonic() + limits.seconds
        try:
            process.stdin.write(len(request).to_bytes(LENGTH, "big"))
            for at in range(0, len(request), _CHUNK):
                _write_all(process.stdin.fileno(), request[at : at + _CHUNK])
            length = int.from_bytes(_received(process.stdout.fileno(), LENGTH, until), "big")
            if length > _MOST:
                raise Park("son lecteur rend plus de données qu’il n’est permis")
            return _value(_received(process.stdout.fileno(), length, until))
        except TimeoutError:
            raise Park(f"sa lecture dure plus de {limits.seconds:.0f} secondes") from None
        except (EOFError, BrokenPipeError):
            raise Park(f"son lecteur s’est arrêté ({_ended(process)})") from None

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.kill()
        process.wait()


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _received(handle: int, length: int, until: float) -> bytes:
    """So many bytes; TimeoutError when they are not there in time, EOFError when they never will be."""
    parts: list[bytes] = []
    with _SELECTOR() as selector:
        selector.register(handle, selectors.EVENT_READ)
        while length:
            if not selector.select(max(until - time.monotonic(), 0)):
                raise TimeoutError
            part = os.read(handle, min(length, _CHUNK))
            if not part:
                raise EOFError
            parts.append(part)
            length -= len(part)
    return b"".join(parts)


def _ended(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return signal.Signals(-code).name if code < 0 else f"code {code}"


class _Values(pickle.Unpickler):
    """Knows only the values that tasks return."""

    def find_class(self, module: str, name: str) -> Any:
        ours = module.startswith(("mailbot.model", "mailbot.parsers"))
        if ours or (module, name) in _PLAIN:
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _value(frame: bytes) -> tuple[str, Any]:
    try:
        kind, said = _Values(io.BytesIO(frame)).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError):
        raise Park("son lecteur a rendu une réponse illisible") from None
    return kind, said
