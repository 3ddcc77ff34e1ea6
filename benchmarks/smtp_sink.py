"""An SMTP server that takes everything and keeps nothing, for benches: several processes, STARTTLS where asked for.

It checks no address and looks for the final dot only where a client may send it: at the end of what has arrived. It is
there to be faster than what is measured against it. `taken()` counts the letters whose final dot was answered.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
_END = b"\r\n.\r\n"
_SLOT = struct.Struct("q")


@contextmanager
def running(processes: int, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, Callable[[], int]]]:
    """(port, taken) of a sink that serves so many connections at a time; `context`: offers STARTTLS."""
    counts = mmap.mmap(-1, _SLOT.size * processes)
    with socket.create_server((HOST, 0), backlog=200) as listener:
        children = []
        for number in range(processes):
            child = os.fork()
            if child == 0:
                try:
                    _serve(listener, context, counts, number)
                finally:
                    os._exit(1)
            children.append(child)
        try:
            yield (
                listener.getsockname()[1],
                lambda: sum(_SLOT.unpack_from(counts, _SLOT.size * n)[0] for n in range(processes)),
            )
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _serve(listener: socket.socket, context: ssl.SSLContext | None, counts: mmap.mmap, number: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    taken = 0
    while True:
        connection = listener.accept()[0]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):
            for _ in _letters(connection, context):
                taken += 1
                _SLOT.pack_into(counts, _SLOT.size * number, taken)
        connection.close()


def _letters(connection: socket.socket, context: ssl.SSLContext | None) -> Iterator[None]:
    """One connection to its end; yields at each letter, just before it is answered."""
    features = [b"PIPELINING", b"SIZE 50000000", b"8BITMIME"]
    offered = features + ([b"STARTTLS"] if context else [])
    connection.sendall(b"220 sink.test ESMTP\r\n")
    pending = b""
    while True:
        while b"\n" not in pending:
            arrived = connection.recv(65536)
            if not arrived:
                return
            pending += arrived
        line, _, pending = pending.partition(b"\n")
        verb = line[:4].upper()
        if verb == b"EHLO":
            lines = [b"sink.test", *offered]
            connection.sendall(b"".join(b"250-" + one + b"\r\n" for one in lines[:-1]) + b"250 " + lines[-1] + b"\r\n")
        elif verb == b"STAR" and context:
            connection.sendall(b"220 go\r\n")
            connection = context.wrap_socket(connection, server_side=True)
            pending, offered = b"", features
        elif verb == b"DATA":
            connection.sendall(b"354 go\r\n")
            tail, pending = pending, b""
            while not tail.endswith(_END):
                arrived = connection.recv(262144)
                if not arrived:
                    return
                tail = (tail + arrived)[-len(_END) :] if len(arrived) < len(_END) else arrived[-len(_END) :]
            yield
            connection.sendall(b"250 2.0.0 taken\r\n")
        elif verb == b"QUIT":
            connection.sendall(b"221 bye\r\n")
            return
        else:
            connection.sendall(b"250 ok\r\n")
