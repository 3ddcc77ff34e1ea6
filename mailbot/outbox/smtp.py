"""SMTP as an outbox: one recipient a transaction, and a fate that depends on the phase in which something broke.

```
MAIL, RCPT, DATA, the lines of the letter    4xx, 421, silence, hang-up: Later     5xx: Never
────────────────────────────────────────────────── before_data() ──────────────────────────────
the final dot and its answer                 2xx: Sent   4xx: Later   5xx: Never   anything else: InDoubt
```
The letter's lines are on their way before `before_data` is called; a server acts on nothing before the final dot. The
connection serves many letters; one that has been idle is asked (NOOP) first, and a stale one is dialled again only as
long as MAIL FROM was not accepted. Bytes are sent as they are, with dots doubled; only a stray CR or LF is made CRLF,
since servers disagree on what such a line end means (SMTP smuggling).
Known limits: no PIPELINING, no SMTPUTF8; where a server says 5xx to MAIL for a reason of its own, the letter is dead
and an agent sends it again.
"""

from __future__ import annotations

import re
import select
import smtplib
import time
from collections.abc import Callable

from mailbot import connection, errors
from mailbot.configuration import settings
from mailbot.model import Envelope, Sent
from mailbot.outbox import envelope as envelopes
from mailbot.outbox import smtp_session

#: Seconds without a letter after which the connection is asked before it is used.
IDLE_SECONDS = 5.0

_LINE_END = re.compile(rb"\r\n|\r|\n")


class SmtpOutbox:
    """See `envelope.Outbox`."""

    def __init__(
        self,
        section: settings.Outbox,
        *,
        timeouts: connection.Timeouts | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._section = section
        self._server = f"SMTP {section.host}"
        self._timeouts = timeouts or connection.Timeouts()
        self._sleep = sleep
        self._clock = clock
        self._pause = connection.LoginPause(clock)
        self._client: smtplib.SMTP | None = None
        self._used_at = 0.0

    def send(self, envelope: Envelope, before_data: Callable[[], None]) -> Sent:
        envelopes.check_addresses(envelope)
        done = False
        try:
            client = self._start(envelope)
            self._expect(client, "RCPT", f"TO:<{envelope.to}>", 2)
            self._expect(client, "DATA", "", 3)
            self._lines(client, envelope.raw)
            before_data()
            sent = self._dot(client)
            done = True
        except _Answered as answer:
            # The server refused this letter and waits for the next: the connection is good when RSET says so.
            done = self._reset()
            raise answer.fate from None
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

    def _reset(self) -> bool:
        return self._alive("RSET")

    # -- the phases ----------------------------------------------------------------------------------------------

    def _start(self, envelope: Envelope) -> smtplib.SMTP:
        """MAIL FROM, on a new connection when the old one turns out to be stale."""
        reused = self._client is not None
        client = self._connected()
        size = f" SIZE={len(envelope.raw)}" if client.has_extn("size") else ""
        try:
            self._expect(client, "MAIL", f"FROM:<{envelope.sender}>{size}", 2)
        except errors.Later as later:
            if not reused or later.code not in (0, 421):
                raise
            self._drop()
            client = self._connected()
            self._expect(client, "MAIL", f"FROM:<{envelope.sender}>{size}", 2)
        return client

    def _expect(self, client: smtplib.SMTP, command: str, argument: str, first_digit: int) -> None:
        """One command before the final dot."""
        try:
            code, text = client.docmd(command, argument)
        except (smtplib.SMTPException, OSError) as error:
            raise self._broken(command, error) from None
        if code // 100 != first_digit:
            raise self._refusal(command, code, text)

    def _lines(self, client: smtplib.SMTP, raw: bytes) -> None:
        """The letter without its final dot. A server that speaks or hangs up now has not taken it."""
        assert client.sock is not None
        try:
            client.send(_stuffed(raw))
            if select.select([client.sock], [], [], 0)[0]:
                code, text = client.getreply()
                raise errors.Later(self._said("DATA", code, text), code)
        except (smtplib.SMTPException, OSError) as error:
            raise self._broken("DATA", error) from None

    def _dot(self, client: smtplib.SMTP) -> Sent:
        assert client.sock is not None
        try:
            client.sock.settimeout(self._timeouts.final)
            client.send(b".\r\n")
            code, text = client.getreply()
            client.sock.settimeout(self._timeouts.read)
        except (smtplib.SMTPException, OSError) as error:
            raise errors.InDoubt(
                f"{self._server} : réponse perdue après l’envoi ({connection.words(str(error))})"
            ) from None
        if 200 <= code < 300:
            return Sent(code, connection.words(text))
        if 400 <= code < 600:
            raise self._refusal("point final", code, text)
        raise errors.InDoubt(f"{self._server} : réponse incompréhensible après l’envoi ({code})")

    # -- words and fates -----------------------------------------------------------------------------------------

    def _said(self, command: str, code: int, text: bytes | str) -> str:
        return f"{self._server}, {command} : {code} {connection.words(text)}".rstrip()

    def _broken(self, command: str, error: Exception) -> errors.Later:
        return errors.Later(f"{self._server}, {command} : connexion perdue ({connection.words(str(error))})")

    def _refusal(self, command: str, code: int, text: bytes | str) -> Exception:
        """4xx is later, 5xx is never; except 421 (the server closes) and a missing login (no fault of the letter).

        Code 0 means that the letter had no part in it: its tries are not counted.
        """
        reason = self._said(command, code, text)
        if code == 421 or not 400 <= code < 600:
            return errors.Later(reason, code)
        if code in smtp_session.LOGIN_CODES:
            return _Answered(errors.Later(reason))
        return _Answered(errors.Later(reason, code) if code < 500 else errors.Never(reason, code))


class _Answered(Exception):
    """The server refused by the book and is still there; `fate` is for the pipeline. Never leaves this module."""

    def __init__(self, fate: errors.Later | errors.Never) -> None:
        super().__init__(fate.reason)
        self.fate = fate


def _stuffed(raw: bytes) -> bytes:
    """CRLF line ends, a CRLF at the end, and dots doubled at the start of lines (RFC 5321 §4.5.2)."""
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raw = _LINE_END.sub(b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    raw = raw.replace(b"\r\n.", b"\r\n..")
    return b"." + raw if raw.startswith(b".") else raw
