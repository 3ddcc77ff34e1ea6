"""One SMTP connection: dialled, encrypted, logged in. What goes wrong here concerns the server, never a letter.

Owns smtplib's construction, STARTTLS, AUTH and timeouts. Raises `Later` with a clear reason for everything, a refused
login included, always with code 0: the code of a reply counts the tries of a letter, and a wrong password must not make
letters dead. Raises `ConfigError` for files that cannot be used.
"""

from __future__ import annotations

import base64
import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from mailbot import connection, errors


class Section(connection.Account, Protocol):
    """What a connection needs of `settings.Outbox`."""

    @property
    def from_address(self) -> str: ...


#: Replies to AUTH that an admin must act on, and those to MAIL or RCPT that ask for it.
LOGIN_CODES = (530, 534, 535, 538)


def dial(
    section: Section,
    timeouts: connection.Timeouts,
    pause: connection.LoginPause,
    sleep: Callable[[float], None],
) -> smtplib.SMTP:
    """A connection that is ready for MAIL FROM."""
    server = f"SMTP {section.host}"
    token = connection.oauth2_token(section)
    password = None if token else connection.password(section)
    # A token is new at each call; the user name stands for it, so that a refusal is not repeated at each letter.
    secret = f"token:{section.username}" if token else f"password:{password}"
    if not pause.over(secret):
        raise errors.Later(f"{server} : identification refusée récemment, pas de nouvel essai avant 15 minutes")
    try:
        client = connection.patiently(lambda: _connect(section, timeouts), _transient, sleep)
    except smtplib.SMTPResponseException as error:
        raise errors.Later(f"{server} : {_said(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPException as error:
        raise errors.Later(f"{server} : {connection.words(str(error))}") from None
    except OSError as error:
        raise errors.Later(f"{server} : {connection.failure(error)}") from None
    try:
        if token or password is not None:
            _login(client, section.username or "", token, password)
    except smtplib.SMTPAuthenticationError as error:
        hang_up(client)
        if error.smtp_code >= 500:
            pause.refused(secret)
        raise errors.Later(
            f"{server} : identification refusée ({_said(error.smtp_code, error.smtp_error)}) ; "
            "vérifiez username et le mot de passe ou le jeton"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        hang_up(client)
        raise errors.Later(f"{server} : identification impossible ({connection.words(str(error))})") from None
    except BaseException:
        hang_up(client)
        raise
    return client


def _transient(error: BaseException) -> bool:
    """Network failures and 4xx greetings. smtplib's errors are OSErrors too: most of them will not pass in seconds."""
    if isinstance(error, smtplib.SMTPConnectError):
        return error.smtp_code < 500
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _connect(section: Section, timeouts: connection.Timeouts) -> smtplib.SMTP:
    context = connection.tls_context(section)
    # The domain that we write from: getfqdn() may ask the DNS for a minute.
    greeting = section.from_address.rpartition("@")[2]
    host = section.host or ""
    client: smtplib.SMTP
    if section.tls == "implicit":
        client = smtplib.SMTP_SSL(local_hostname=greeting, timeout=timeouts.connect, context=context)
    else:
        client = smtplib.SMTP(local_hostname=greeting, timeout=timeouts.connect)
    # Given by hand because the constructor with a host leaves the socket open when the greeting is a refusal.
    client._host = host  # type: ignore[attr-defined]
    try:
        code, text = client.connect(host, section.port or {"implicit": 465, "starttls": 587, "none": 25}[section.tls])
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        assert client.sock is not None
        # Without it a reused STARTTLS connection waits 40 ms for an ACK at each letter.
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sock.settimeout(timeouts.read)
        if section.tls == "starttls":
            client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
    except BaseException:
        hang_up(client)
        raise
    return client


def _login(client: smtplib.SMTP, user: str, token: str | None, password: str | None) -> None:
    """AUTH by hand: smtplib's own fails on passwords that are not ASCII and on the challenge of a refused token."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    connection.single_line(user, "username")
    connection.single_line(token or password or "", "le mot de passe ou le jeton")
    if token and "XOAUTH2" in offered:
        code, text = client.docmd("AUTH", "XOAUTH2 " + _b64(f"user={user}\1auth=Bearer {token}\1\1"))
        if code == 334:
            code, text = client.docmd("")
    elif token and "OAUTHBEARER" in offered:
        name = user.replace("=", "=3D").replace(",", "=2C")
        code, text = client.docmd("AUTH", "OAUTHBEARER " + _b64(f"n,a={name},\1auth=Bearer {token}\1\1"))
        if code == 334:
            code, text = client.docmd(_b64("\1"))
    elif password is not None and "PLAIN" in offered:
        code, text = client.docmd("AUTH", "PLAIN " + _b64(f"\0{user}\0{password}"))
    elif password is not None and "LOGIN" in offered:
        code, text = client.docmd("AUTH", "LOGIN")
        for answer in (user, password):
            if code == 334:
                code, text = client.docmd(_b64(answer))
    else:
        raise smtplib.SMTPNotSupportedError(f"AUTH : {' '.join(offered) or 'rien'} (PLAIN, LOGIN, XOAUTH2)")
    if not 200 <= code < 300:
        raise smtplib.SMTPAuthenticationError(code, text)


def hang_up(client: smtplib.SMTP) -> None:
    """Closes the socket without a word: whatever was not ended by a final dot is dropped by the server."""
    with suppress(OSError):
        client.close()


def say_goodbye(client: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        client.quit()
    hang_up(client)


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {connection.words(text)}".strip()


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
