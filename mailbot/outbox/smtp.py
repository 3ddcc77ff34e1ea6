"""SMTP as an outbox: one recipient a transaction, and a fate that depends on the phase in which something broke.

```
MAIL, RCPT, DATA, the lines of the letter    refused, silence, hang-up: certainly not delivered (`smtp_fates.py`)
────────────────────────────────────────────────── before_data() ──────────────────────────────
the final dot and its answer                 2xx: Sent   4xx, 5xx: not delivered   anything else: InDoubt
```
The letter's lines are on their way before `before_data` is called; a server acts on nothing before the final dot. The
connection serves many letters; one that has been idle is asked (NOOP) first, and a stale one is dialled again only as
long as MAIL FROM was not accepted. Where the server offers PIPELINING the commands go together (RFC 2920); should it
then ask for the lines of a letter whose recipient it refused, it gets none: the connection ends. Bytes are sent as they
are, with dots doubled; only a stray CR or LF is made CRLF, since servers disagree on what such a line end means (SMTP
smuggling). Known limit: no SMTPUTF8.
"""

from __future__ import annotations

import dataclasses
import json
import re
import select
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailbot import connection, errors
from mailbot.model import Envelope, Sent
from mailbot.outbox import envelope as envelopes
from mailbot.outbox import smtp_fates, smtp_session

#: Seconds without a letter after which the connection is asked before it is used.
IDLE_SECONDS = 5.0

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LF = 10


class SmtpOutbox:
    """See `envelope.Outbox`."""

    def __init__(
        self,
        section: smtp_session.Section,
        *,
        timeouts: connection.Timeouts | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        pause: connection.LoginPause | None = None,
    ) -> None:
        self._section = section
        self._server = f"SMTP {section.host}"
        self._timeouts = timeouts or connection.Timeouts()
        self._sleep = sleep
        self._clock = clock
        self._pause = pause or connection.LoginPause(clock)
        self._client: smtplib.SMTP | None = None
        self._used_at = 0.0

    def another(self) -> SmtpOutbox:
        """The pause after a refused login is shared: a wrong password is offered once, not once a connection."""
        return SmtpOutbox(
            self._section, timeouts=self._timeouts, sleep=self._sleep, clock=self._clock, pause=self._pause
        )

    def description(self) -> str:
        """JSON; holds where a password is found, never the password."""
        section = {field.name: getattr(self._section, field.name) for field in dataclasses.fields(_Described)}
        return json.dumps({"section": section, "timeouts": dataclasses.asdict(self._timeouts)}, default=str)

    @classmethod
    def described(cls, description: str) -> SmtpOutbox:
        """One of the same, in a process of its own."""
        said = json.loads(description)
        files = {name: value and Path(value) for name, value in said["section"].items() if name in _FILES}
        return cls(_Described(**said["section"] | files), timeouts=connection.Timeouts(**said["timeouts"]))

    def send(self, envelope: Envelope, before_data: Callable[[], object]) -> Sent:
        envelopes.check_addresses(envelope)
        done = False
        try:
            client = self._introduced(envelope)
            envelopes.announce(before_data)
            self._lines(client, _stuffed(envelope.raw if envelope.canonical else _with_crlf(envelope.raw)))
            before_data()
            sent = self._dot(client)
            done = True
        except _Stopped as stopped:
            # A server that refused this letter waits for the next: the connection is good when RSET says so.
            done = stopped.usable and self._alive("RSET")
            raise stopped.fate from None
        finally:
            if not done:
                self._drop()
            self._used_at = self._clock()
        return sent

    def delivered(self, envelope: Envelope) -> bool | None:
        return None

    def check(self) -> None:
        self._connected()

    def close(self) -> None:
        if self._client is not None:
            smtp_session.say_goodbye(self._client)
            self._client = None

    # -- the connection ------------------------------------------------------------------------------------------

    def _drop(self) -> None:
        if self._client is not None:
            smtp_session.hang_up(self._client)
            self._client = None

    def _connected(self) -> smtplib.SMTP:
        if self._client is not None and self._clock() - self._used_at > IDLE_SECONDS and not self._alive("NOOP"):
            self._drop()
        if self._client is None:
            self._client = smtp_session.dial(self._section, self._timeouts, self._pause, self._sleep)
        return self._client

    def _alive(self, command: str) -> bool:
        try:
            return self._client is not None and self._client.docmd(command)[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    # -- the phases ----------------------------------------------------------------------------------------------

    def _introduced(self, envelope: Envelope) -> smtplib.SMTP:
        """MAIL, RCPT and DATA, on a new connection when the old one turns out to be stale."""
        reused = self._client is not None
        client = self._connected()
        try:
            self._introduce(client, envelope)
        except _Stopped as stopped:
            if not (reused and stopped.phase == "MAIL" and stopped.fate.code in (0, 421) and not stopped.usable):
                raise
            self._drop()
            client = self._connected()
            self._introduce(client, envelope)
        return client

    def _introduce(self, client: smtplib.SMTP, envelope: Envelope) -> None:
        """Everything up to the lines. Replies are read in the order of the commands; the first refusal counts."""
        size = f" SIZE={len(envelope.raw)}" if client.has_extn("size") else ""
        commands = (f"MAIL FROM:<{envelope.sender}>{size}", f"RCPT TO:<{envelope.to}>", "DATA")
        together = client.has_extn("pipelining")
        refused: _Stopped | None = None
        for number, command in enumerate(commands):
            phase = command[:4]
            try:
                if not together:
                    client.send(f"{command}\r\n")
                elif number == 0:
                    client.send("\r\n".join(commands) + "\r\n")
                code, text = client.getreply()
            except (smtplib.SMTPException, OSError) as error:
                raise refused or _Stopped(phase, smtp_fates.broken(self._server, phase, error), usable=False) from None
            if code // 100 == (3 if phase == "DATA" else 2):
                if refused and phase == "DATA":
                    refused.usable = False  # It waits for lines that it must not get.
                continue
            if refused is None:
                fate = smtp_fates.refusal(self._server, phase, code, text)
                refused = _Stopped(phase, fate, usable=400 <= code < 600 and code != 421)
            if not together or not refused.usable:
                break
        if refused:
            raise refused

    def _lines(self, client: smtplib.SMTP, lines: bytes) -> None:
        """The letter without its final dot. A server that speaks or hangs up now has not taken it."""
        assert client.sock is not None
        try:
            client.send(lines)
            if select.select([client.sock], [], [], 0)[0]:
                code, text = client.getreply()
                raise _Stopped("DATA", smtp_fates.refusal(self._server, "DATA", code, text), usable=False)
        except (smtplib.SMTPException, OSError) as error:
            raise _Stopped("DATA", smtp_fates.broken(self._server, "DATA", error), usable=False) from None

    def _dot(self, client: smtplib.SMTP) -> Sent:
        assert client.sock is not None
        try:
            client.sock.settimeout(self._timeouts.final)
            client.send(b".\r\n")
            code, text = client.getreply()
            client.sock.settimeout(self._timeouts.read)
        except (smtplib.SMTPException, OSError) as error:
            raise errors.InDoubt(
                f"{self._server} : réponse perdue après l’envoi ({connection.words(str(error))})"
            ) from None
        if 200 <= code < 300:
            return Sent(code, connection.words(text))
        if 400 <= code < 600:
            fate = smtp_fates.refusal(self._server, smtp_fates.DOT, code, text)
            raise _Stopped(smtp_fates.DOT, fate, usable=code != 421)
        raise errors.InDoubt(f"{self._server} : réponse incompréhensible après l’envoi ({code})")


class _Stopped(Exception):
    """A transaction ended before it was accepted; `fate` is for the pipeline. Never leaves this module.

    `usable`: the server refused by the book and is still there."""

    def __init__(self, phase: str, fate: errors.Later | errors.Never, *, usable: bool) -> None:
        super().__init__(fate.reason)
        self.phase = phase
        self.fate = fate
        self.usable = usable


_FILES = ("password_file", "ca_file", "client_cert", "client_key")


@dataclass(frozen=True, slots=True)
class _Described:
    """A section that came through a pipe: the settings themselves take half a second to import."""

    host: str | None
    port: int | None
    tls: str
    username: str | None
    password_file: Path | None
    password_env: str | None
    oauth2_token_command: str | None
    ca_file: Path | None
    client_cert: Path | None
    client_key: Path | None
    from_address: str


def _with_crlf(raw: bytes) -> bytes:
    """CRLF line ends, and one at the end."""
    raw = _LINE_END.sub(b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _stuffed(raw: bytes) -> bytes:
    """Dots doubled at the start of lines (RFC 5321 §4.5.2); `raw` has CRLF line ends only."""
    # Few characters of a letter are dots, base64 has none: going from dot to dot is three times as fast as to look for
    # line ends, while no other connection can work.
    pieces: list[bytes] = []
    start, at = 0, raw.find(b".")
    while at >= 0:
        if at == 0 or raw[at - 1] == _LF:
            pieces.append(raw[start:at])
            start = at
        at = raw.find(b".", at + 1)
    return b".".join((*pieces, raw[start:])) if pieces else raw
