"""The process of one connection: takes letters one after the other from its input, tells their fates on its output.

Started by `processes.Processes` as `python -m mailbot.sending.child`. It opens the ledger for reading only, and fetches
each letter's frozen bytes there. One JSON value a line:

```
in     {"outbox": …, "ledger": path}     first of all
       ["letter", letter, attempt]       send this one next
       ["answer", attempt, true]         the final dot may go (false: it must not)
       ["halt"]                          letters that have not begun come back withheld
out    ["asks", attempt]                 its lines are going: may the final dot go?
       ["ended", attempt, fate]          see `fates.py`
```
It ends when its input ends: a letter that still waits for its answer is then left without a final dot.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO

from mailbot.errors import MailbotError
from mailbot.ledger.letters import Letters
from mailbot.ledger.store import Store
from mailbot.model import Sent
from mailbot.outbox import SmtpOutbox
from mailbot.sending import fates
from mailbot.sending.pool import Withheld


def main() -> None:
    """Sends until the input ends."""
    # Both are for the parent, who ends what is on its way and then closes our input.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    wanted, told = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever a library prints must not stand between two lines.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    setup = json.loads(wanted.readline())
    talk = _Talk(wanted, told)
    letters = Letters(Store.followed(Path(setup["ledger"])))
    outbox = SmtpOutbox.described(setup["outbox"])
    while turn := talk.next():
        letter_id, attempt_id = turn
        talk.say("ended", attempt_id, _fate(talk, outbox, letters, letter_id, attempt_id))
    outbox.close()


def _fate(talk: _Talk, outbox: SmtpOutbox, letters: Letters, letter_id: int, attempt_id: int) -> list[Any]:
    fate: Sent | Exception
    try:
        if talk.halted:
            raise Withheld("pas commencé")
        fate = outbox.send(letters.envelope(letter_id), _Point(talk, attempt_id))
    except MailbotError as error:
        fate = error
    return fates.told(fate)


class _Talk:
    """The two ends of the pipe to the parent."""

    def __init__(self, wanted: BinaryIO, told: BinaryIO) -> None:
        self._wanted = wanted
        self._told = told
        self._waiting: deque[tuple[int, int]] = deque()
        self.halted = False

    def say(self, *what: Any) -> None:
        # That the parent is gone is noticed where its words are awaited.
        with contextlib.suppress(BrokenPipeError):
            self._told.write(json.dumps(what).encode("ascii") + b"\n")

    def next(self) -> tuple[int, int] | None:
        """(letter, attempt) whose turn it is; None when the input has ended."""
        while not self._waiting:
            if self._hear() is None:
                return None
        return self._waiting.popleft()

    def may_go(self, attempt_id: int) -> bool:
        while heard := self._hear():
            if heard[:2] == ["answer", attempt_id]:
                return bool(heard[2])
        return False

    def _hear(self) -> list[Any] | None:
        """The next line, already minded unless it is an answer; None at the end."""
        line = self._wanted.readline()
        if not line.endswith(b"\n"):
            return None
        heard: list[Any] = json.loads(line)
        if heard[0] == "letter":
            self._waiting.append((heard[1], heard[2]))
        elif heard[0] == "halt":
            self.halted = True
        return heard


class _Point:
    """See `pool.py`."""

    def __init__(self, talk: _Talk, attempt_id: int) -> None:
        self._talk = talk
        self._attempt_id = attempt_id
        self._asked = False

    def announce(self) -> None:
        if not self._asked:
            self._asked = True
            self._talk.say("asks", self._attempt_id)

    def __call__(self) -> None:
        self.announce()
        if not self._talk.may_go(self._attempt_id):
            raise Withheld("retenu entre-temps")


if __name__ == "__main__":
    main()
