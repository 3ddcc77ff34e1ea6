"""Real servers for tests, on 127.0.0.1 only: Dovecot, a scripted SMTP server (aiosmtpd), a faulty TCP proxy.

Each is a context manager that stops what it started by its own process id or thread, and each waits for readiness on
the thing itself (a socket, a line, an event) with a deadline.
"""

# The names of methods are those that aiosmtpd and http.server call.
# ruff: noqa: N802

from __future__ import annotations

import asyncio
import base64
import getpass
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import imapclient
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

#: Seconds after which a server that should have answered is a failure of the test.
DEADLINE = 60.0
HOST = "127.0.0.1"
#: Where servers are installed; an ordinary user's PATH leaves sbin out.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
USER, PASSWORD = "flux@mutuelle.test", "sésame-ouvre-toi"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for the condition; fails after the deadline."""
    end, pause = time.monotonic() + DEADLINE, threading.Event()
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        pause.wait(0.01)


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, port)) == 0


@dataclass(frozen=True)
class Certificates:
    """A private authority, the server's certificate for 127.0.0.1 and one for a client, as PEM files."""

    authority: trustme.CA
    ca: Path
    server_cert: Path
    server_key: Path
    client_cert: Path
    client_key: Path

    @classmethod
    def made_in(cls, folder: Path) -> Certificates:
        authority = trustme.CA()
        made = cls(
            authority, *(folder / f"{name}.pem" for name in ("ca", "server", "server-key", "client", "client-key"))
        )
        authority.cert_pem.write_to_path(str(made.ca))
        server = authority.issue_cert(HOST, "localhost")
        server.cert_chain_pems[0].write_to_path(str(made.server_cert))
        server.private_key_pem.write_to_path(str(made.server_key))
        client = authority.issue_cert(USER, common_name=USER)
        client.cert_chain_pems[0].write_to_path(str(made.client_cert))
        client.private_key_pem.write_to_path(str(made.client_key))
        return made

    def server_context(self, ask_client: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca)
        context.load_cert_chain(self.server_cert, self.server_key)
        context.verify_mode = ssl.CERT_REQUIRED if ask_client else ssl.CERT_NONE
        return context


# -- Dovecot ---------------------------------------------------------------------------------------------------------

_DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
login_greeting = ready
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 1
first_valid_gid = 0
mail_home = {folder}/mail/%u
mail_location = {location}
mail_max_userip_connections = 0
auth_failure_delay = 0
auth_mechanisms = plain login external xoauth2 oauthbearer
auth_verbose = yes
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
ssl_ca = <{ca}
ssl_require_crl = no
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
passdb {{
  driver = static
  mechanisms = plain login external
  args = {passdb}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
{extra}
"""


@dataclass
class Dovecot:
    """A running Dovecot. `port` speaks plain text and STARTTLS, `tls_port` implicit TLS. Any user has PASSWORD."""

    folder: Path
    port: int
    tls_port: int
    user: str = USER

    def mailbox_of(self, user: str) -> Dovecot:
        """The same server, seen by another (empty) account."""
        return replace(self, user=user)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """What another mail program sees."""
        with imapclient.IMAPClient(HOST, self.port, ssl=False) as client:
            client.plain_login(self.user, PASSWORD)
            yield client

    def deliver(self, *mails: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            if len(mails) > 1 and not flags:
                client.multiappend(folder, mails)
            else:
                for mail in mails:
                    client.append(folder, mail, flags)

    def content(self, folder: str) -> list[bytes]:
        with self.client() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            uids = client.search()
            found = client.fetch(uids, ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in uids]

    def doveadm(self, *words: str) -> None:
        subprocess.run(
            ["doveadm", "-c", str(self.folder / "dovecot.conf"), *words],
            check=True,
            capture_output=True,
            timeout=DEADLINE,
        )


@contextmanager
def dovecot(
    folder: Path,
    certificates: Certificates,
    *,
    capability: str = "",
    prefix: str = "",
    separator: str = "/",
    client_certificate: bool = False,
    token_url: str = "http://127.0.0.1:1/",
) -> Iterator[Dovecot]:
    """Runs Dovecot with its own configuration; as root with its own users, else wholly as the user that runs it."""
    found = Dovecot(folder, free_port(), free_port())
    me = getpass.getuser()
    group = grp.getgrgid(pwd.getpwuid(os.getuid()).pw_gid).gr_name
    root = os.getuid() == 0
    extra = [f"protocol imap {{\n  imap_capability = {capability}\n}}"] if capability else []
    if client_certificate:
        extra += [
            "ssl_verify_client_cert = yes",
            "auth_ssl_require_client_cert = yes",
            "auth_ssl_username_from_cert = yes",
        ]
    if not root:
        extra.append("service imap {\n  chroot =\n}")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "mail").mkdir(mode=0o777)
    (folder / "mail").chmod(0o777)
    (folder / "oauth2.conf").write_text(
        f"introspection_url = {token_url}\nintrospection_mode = auth\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n",
        encoding="ascii",
    )
    (folder / "dovecot.conf").write_text(
        _DOVECOT.format(
            folder=folder,
            internal="dovecot" if root else me,
            internal_group="dovecot" if root else group,
            login="dovenull" if root else me,
            mail="mail" if root else me,
            mail_group="mail" if root else group,
            location="maildir:~/Maildir",
            passdb="nopassword=y" if client_certificate else f"password={PASSWORD}",
            prefix=prefix,
            separator=separator,
            cert=certificates.server_cert,
            key=certificates.server_key,
            ca=certificates.ca,
            port=found.port,
            tls_port=found.tls_port,
            extra="\n".join(extra),
        ),
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [str(shutil.which("dovecot", path=PATH)), "-F", "-c", str(folder / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        until(lambda: process.poll() is not None or listens(found.tls_port), "Dovecot")
        assert process.poll() is None, process.communicate()[1].decode()
        yield found
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)


@contextmanager
def token_server(good: str) -> Iterator[str]:
    """The introspection endpoint of an OAuth2 provider: says whose token `good` is."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == f"Bearer {good}"
            body = json.dumps({"username": USER, "active": known}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}/introspect"
        finally:
            server.shutdown()
            thread.join(DEADLINE)


# -- SMTP ------------------------------------------------------------------------------------------------------------


@dataclass
class ScriptedSmtp:
    """An SMTP server that answers by the script: phase (banner, EHLO, MAIL, RCPT, DATA, dot) to its replies, in turn.

    A reply of "hang up" closes the connection instead, "silence" never comes; without a reply left the phase goes well.
    `by_sender` holds scripts for the letters of one envelope sender, which come first. `taken` are the letters whose
    final dot was answered with 250 or not answered at all. `dials` counts connections.
    """

    script: dict[str, list[str]] = field(default_factory=dict)
    by_sender: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    pipelining: bool = False
    port: int = 0
    dials: int = 0
    taken: list[Any] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def _reply(self, phase: str, server: SMTP, good: str) -> str:
        self.commands.append(phase)
        own = self.by_sender.get(getattr(server, "sender", ""), {})
        script = own if own.get(phase) else self.script
        reply = script[phase].pop(0) if script.get(phase) else good
        if reply == "hang up":
            server.transport.abort()
        return reply

    async def handle_EHLO(
        self, server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        reply = self._reply("EHLO", server, "")
        if reply:
            return [reply]
        return [responses[0], *(["250-PIPELINING"] if self.pipelining else []), *responses[1:]]

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        server.sender = address  # type: ignore[attr-defined]
        reply = self._reply("MAIL", server, "250 2.1.0 ok")
        if reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        reply = self._reply("RCPT", server, "250 2.1.5 ok")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        reply = self._reply("dot", server, "250 2.0.0 queued as 4F2A")
        if reply.startswith(("250", "hang up", "silence")):
            self.taken.append(envelope)
        return reply

    async def handle_NOOP(self, server: SMTP, _session: Any, _envelope: Any, _arg: str) -> str:
        return self._reply("NOOP", server, "250 ok")

    async def handle_RSET(self, server: SMTP, _session: Any, _envelope: Any) -> str:
        return self._reply("RSET", server, "250 ok")

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        self.tokens.append(base64.b64decode(args[1]).decode())
        if self.tokens[-1].startswith(f"user={USER}\1auth=Bearer good"):
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)


class _Scripted(SMTP):
    """The banner and DATA itself can be refused, which aiosmtpd has no hook for, and any answer can stay away."""

    greeted = False
    sender = ""

    async def push(self, status: str | bytes) -> None:
        if not self.greeted:
            self.greeted = True
            status = self.event_handler._reply("banner", self, status)
        if status == "silence":
            await asyncio.Event().wait()
        if status != "hang up":
            await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:
        reply = self.event_handler._reply("DATA", self, "")
        if reply:
            await self.push(reply)
            return
        await super().smtp_DATA(arg)


@contextmanager
def scripted_smtp(
    *,
    implicit: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
    pipelining: bool = False,
    **script: list[str],
) -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp(script, pipelining=pipelining)
    loop = asyncio.new_event_loop()
    connections: list[_Scripted] = []

    def check(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    def factory() -> _Scripted:
        server.dials += 1
        made = _Scripted(
            server,
            hostname="mx.test",
            loop=loop,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if login else None,
            auth_required=login,
            auth_require_tls=False,
        )
        connections.append(made)
        return made

    sock = socket.create_server((HOST, 0))
    server.port = sock.getsockname()[1]
    listener = loop.run_until_complete(loop.create_server(factory, sock=sock, ssl=implicit))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def stop() -> None:
        listener.close()
        for connection in connections:
            if connection.transport is not None:
                connection.transport.abort()
        await listener.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(DEADLINE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(DEADLINE)
        loop.close()


# -- faults ----------------------------------------------------------------------------------------------------------


class Proxy:
    """A TCP proxy that breaks on demand. `up` and `down` see each piece of bytes (client to server, server to client)
    with the connection's number and return what is passed on; None cuts both sides at once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.dials = 0
        self.up: Callable[[int, bytes], bytes | None] = lambda _number, data: data
        self.down: Callable[[int, bytes], bytes | None] = lambda _number, data: data
        self._threads: list[threading.Thread] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Proxy:
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(DEADLINE)
        self.cut()
        for thread in self._threads:
            thread.join(DEADLINE)
        for end in (self._listener, *(end for pair in self._pairs for end in pair)):
            end.close()

    def cut(self) -> None:
        """Ends every connection that stands."""
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        self._threads.append(threading.Thread(target=work, args=args))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                self.dials += 1
                try:
                    server = socket.create_connection((HOST, self._target))
                except OSError:
                    client.close()
                    continue
                self._pairs.append((client, server))
                self._start(self._pump, self.dials, client, server, lambda number, data: self.up(number, data))
                self._start(self._pump, self.dials, server, client, lambda number, data: self.down(number, data))

    def _pump(
        self, number: int, source: socket.socket, target: socket.socket, change: Callable[[int, bytes], bytes | None]
    ) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and (passed := change(number, data)) is not None:
                target.sendall(passed)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
