"""The reading process: takes one task at a time from its standard input, answers on its standard output.

Started by `reader.Child` as `python -m mailbot.reading.child`; ends when its input ends. Never writes a file, opens no
socket. Limits: memory by RLIMIT_AS (Linux; other systems rely on the limits of the parsers), processor time by
RLIMIT_CPU as a second line, should the parent that watches the clock be gone.
Frames: 8 bytes of length, then a pickle. Requests come from the parent and are trusted; answers are values only.
"""

from __future__ import annotations

import gc
import math
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from mailbot.errors import Never, Park
from mailbot.reading.tasks import LENGTH, TASKS, Limits

_COLLECTED = 100_000  # new objects after which cycles are looked for
_ONE_MORE = 2  # seconds of processor time beyond the limit of the clock


def main() -> None:
    """Answers until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who closes our input
    requests, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between two answers, nor fill anybody's log: of a broken picture some
    # tell every line. What goes wrong is told in the answer.
    for printed in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), printed)
    gc.freeze()  # the modules stay; of values in cycles there are few, and a lot of 100,000 invoices holds none
    gc.set_threshold(_COLLECTED)
    held = _memory()
    while header := requests.read(LENGTH):
        name, values = pickle.loads(requests.read(int.from_bytes(header, "big")))  # noqa: S301 - from our own parent
        answer = _answer(name, values, held)
        _send(answers, answer)
        if answer[0] == "memory":
            return  # what is left of this process is in pieces: the next task gets a fresh one


def _answer(name: str, values: tuple[Any, ...], held: int) -> tuple[str, Any]:
    """("value", it), or what went wrong: ("park" or "never", reason), ("memory", ""), ("broken", kind of error)."""
    task = TASKS[name]
    _limit(task.limits, held)
    try:
        return "value", task.work(*values)
    except Park as error:
        return "park", error.reason
    except Never as error:
        return "never", error.reason
    except MemoryError:
        return "memory", ""
    except Exception as error:
        # Whatever hostile input does to a parser stays here. Only the kind is told: the text may hold what was read.
        return "broken", type(error).__name__
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _limit(limits: Limits, held: int) -> None:
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (held + limits.memory, resource.RLIM_INFINITY))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(spent.ru_utime + spent.ru_stime + limits.seconds) + _ONE_MORE
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _memory() -> int:
    """Bytes of address space of this process before its first task; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _send(answers: BinaryIO, answer: tuple[str, Any]) -> None:
    frame = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    answers.write(len(frame).to_bytes(LENGTH, "big") + frame)
    answers.flush()


if __name__ == "__main__":
    main()
