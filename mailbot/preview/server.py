"""The loopback server: reads a request, asks `app.answer`, writes the answer. 127.0.0.1 only.

Raises `Never` where the port is taken. Known limit: whoever has an account on this machine can look too; the people on
the samples do not exist.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mailbot.errors import Never
from mailbot.preview import app
from mailbot.preview.gallery import Gallery

LOOPBACK = "127.0.0.1"
#: Seconds that a browser may hold a connection without asking for anything.
_PATIENCE = 30.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, gallery: Gallery, port: int) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.gallery = gallery


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "mailbot", ""
    timeout = _PATIENCE

    def _reply(self) -> None:
        host = self.headers.get("Host", "")
        answer = app.answer(self.server.gallery, self.command, self.path, host, self.server.server_address[1])
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.command not in ("GET", "HEAD"):
            # What it sent is not read: the connection could not be used again.
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _reply  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing: a preview keeps no log."""


def opened(gallery: Gallery, port: int) -> ThreadingHTTPServer:
    """A server that listens; port 0 takes a free one. The caller serves and closes it."""
    try:
        return _Server(gallery, port)
    except OSError as error:
        raise Never(f"le port {port} ne s’ouvre pas ({error.strerror}) : essayez « --port 0 »") from error


def address(server: ThreadingHTTPServer) -> str:
    return f"http://{LOOPBACK}:{server.server_address[1]}/"
