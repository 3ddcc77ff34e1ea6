"""Long work on a list, done by two processes, with the results in order.

The second process is a fork: it sees everything that was loaded, and nothing is copied to it. It takes every second
slice; its results come back through a pipe, slice by slice, so that neither side runs far ahead. On a machine with one
processor, or for a short list, one process does all. A second process that dies (killed, out of memory) loses nothing:
the first one does the rest of its work.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

Item = TypeVar("Item")

#: Items of one slice, and from how many items on a second process pays.
_SLICE = 500
_WORTH_IT = 4 * _SLICE
#: Bytes before each slice in the pipe: its length.
_LENGTH = 8


def in_order(items: Sequence[Item], work: Callable[[Sequence[Item]], bytes]) -> Iterator[bytes]:
    """`work` of each slice of `items`, in their order."""
    slices = [items[at : at + _SLICE] for at in range(0, len(items), _SLICE)]
    if len(items) < _WORTH_IT or len(os.sched_getaffinity(0)) < 2:
        yield from map(work, slices)
        return
    # What is frozen is never looked at by a collector again, so that its memory stays shared.
    gc.freeze()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _second(slices[1::2], work, write)
    os.close(write)
    try:
        with os.fdopen(read, "rb") as pipe:
            for at, one in enumerate(slices):
                yield _received(pipe) or work(one) if at % 2 else work(one)
    finally:
        # The pipe is closed: a second process that still writes ends by itself.
        os.waitpid(child, 0)


def _second(slices: Sequence[Sequence[Item]], work: Callable[[Sequence[Item]], bytes], write: int) -> None:
    """The life of the second process; never returns."""
    try:
        with os.fdopen(write, "wb") as pipe:
            for one in slices:
                done = work(one)
                pipe.write(len(done).to_bytes(_LENGTH, "big") + done)
                pipe.flush()
    finally:
        os._exit(0)


def _received(pipe: BinaryIO) -> bytes:
    """The next slice of the second process; b"" when it is gone."""
    length = int.from_bytes(pipe.read(_LENGTH), "big")
    done = pipe.read(length)
    return done if length and len(done) == length else b""
