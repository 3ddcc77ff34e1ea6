"""One IMAP connection: dialled, encrypted, logged in; its errors become fates here and nowhere else.

Owns IMAPClient's construction, STARTTLS, the login (password, OAuth2 token, or client certificate alone), the names of
folders on this server, and `translated`. Knows nothing of mails. Raises `Lost` and `Refused` (both `Later`), `Never`
for a refused login, `ConfigError` for values that cannot go into a command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import imapclient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from mailbot import connection, errors
from mailbot.configuration import settings

#: Codes of RFC 5530 that a server gives for a login that may work later.
_LATER_CODES = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")


class Lost(errors.Later):
    """The connection is gone or out of step: it must be closed."""


class Refused(errors.Later):
    """The server answered NO or BAD; the connection is good."""


@contextmanager
def translated(server: str) -> Iterator[None]:
    """The one translation point of the IMAP edge."""
    try:
        yield
    except CapabilityError as error:
        raise Refused(f"{server} : le serveur ne sait pas faire ({connection.words(str(error))})") from None
    except (IMAPClientAbortError, ProtocolError) as error:
        raise Lost(f"{server} : connexion perdue ({connection.words(str(error))})") from None
    except IMAPClientError as error:
        # imaplib gives up in the middle of a line that is too long: what follows would be read as the next answer.
        fate = Lost if "got more than" in str(error) else Refused
        raise fate(f"{server} : refus du serveur ({connection.words(str(error))})") from None
    except OSError as error:
        raise Lost(f"{server} : {connection.failure(error)}") from None
    except ValueError as error:
        raise Lost(f"{server} : réponse illisible ({connection.words(str(error))})") from None


def dial(
    section: settings.Inbox,
    timeouts: connection.Timeouts,
    pause: connection.LoginPause,
    sleep: Callable[[float], None],
) -> Any:
    """A logged-in IMAPClient. The secret is read first, so that none is asked for while a connection waits."""
    server = f"IMAP {section.label}"
    token = connection.oauth2_token(section)
    password = None if token else connection.password(section)
    # A token is new at each call; the user name stands for it, so that a refusal is not repeated at each poll.
    secret = f"token:{section.username}" if token else f"password:{password}"
    if not pause.over(secret):
        raise errors.Never(f"{server} : identification refusée récemment, pas de nouvel essai avant 15 minutes")
    with translated(server):
        client = connection.patiently(lambda: _connect(section, timeouts), _transient, sleep)
        try:
            _login(client, section, token, password)
        except LoginError as error:
            hang_up(client)
            if isinstance(error.__context__, IMAPClientAbortError) or any(c in str(error) for c in _LATER_CODES):
                raise Lost(f"{server} : identification impossible ({connection.words(str(error))})") from None
            pause.refused(secret)
            raise errors.Never(
                f"{server} : identification refusée ({connection.words(str(error))}) ; "
                "vérifiez username et le mot de passe ou le jeton"
            ) from None
        except BaseException:
            hang_up(client)
            raise
    return client


def _transient(error: BaseException) -> bool:
    return isinstance(error, (OSError, IMAPClientAbortError))


def _connect(section: settings.Inbox, timeouts: connection.Timeouts) -> Any:
    context = connection.tls_context(section)
    implicit = section.tls == "implicit"
    client = imapclient.IMAPClient(
        section.host,
        port=section.port or (993 if implicit else 143),
        ssl=implicit,
        ssl_context=context if implicit else None,
        timeout=imapclient.SocketTimeout(connect=timeouts.connect, read=timeouts.read),
    )
    # IMAPClient logs each line through its own logger, which takes four times as long as the reading itself.
    client._imap.debug = 0
    try:
        if section.tls == "starttls":
            client.starttls(context)
    except BaseException:
        hang_up(client)
        raise
    return client


def _login(client: Any, section: settings.Inbox, token: str | None, password: str | None) -> None:
    user = connection.single_line(section.username or "", "username")
    if token:
        bearer = connection.single_line(token, "le jeton OAuth2")
        if client.has_capability("AUTH=XOAUTH2"):
            _sasl(client, "XOAUTH2", f"user={user}\1auth=Bearer {bearer}\1\1", b"")
        else:
            name = user.replace("=", "=3D").replace(",", "=2C")
            _sasl(client, "OAUTHBEARER", f"n,a={name},\1auth=Bearer {bearer}\1\1", b"\1")
    elif password is None:
        _sasl(client, "EXTERNAL", user, b"")
    elif client.has_capability("AUTH=PLAIN"):
        # LOGIN knows ASCII only; PLAIN takes any password.
        client.plain_login(user, connection.single_line(password, "le mot de passe"))
    else:
        client.login(user, connection.single_line(password, "le mot de passe"))


def _sasl(client: Any, mechanism: str, first: str, after_refusal: bytes) -> None:
    """`after_refusal` answers the challenge in which a server explains its refusal (RFC 7628 §3.2.3)."""
    answers = iter([first.encode()])
    client.sasl_login(mechanism, lambda _challenge: next(answers, after_refusal))


def hang_up(client: Any) -> None:
    """Closes the socket without a word."""
    with suppress(OSError, IMAPClientError):
        client.shutdown()


def say_goodbye(client: Any) -> None:
    """LOGOUT where the server still listens, then closes."""
    with suppress(OSError, IMAPClientError, ValueError):
        client.logout()
    hang_up(client)


def folder_name(client: Any, name: str) -> str:
    """The name on this server: `/` becomes its delimiter, and the personal namespace (as `INBOX.`) goes in front."""
    connection.single_line(name, "un nom de dossier")
    prefix, delimiter = "", ""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            prefix, delimiter = personal[0][0] or "", personal[0][1] or ""
    if not delimiter:
        root = client.list_folders("", "")
        delimiter = root[0][1].decode("ascii") if root and root[0][1] else "/"
    full = name.replace("/", delimiter)
    if full.upper() == "INBOX" or full.startswith(prefix):
        return full
    return prefix + full


def ensure_folder(client: Any, full: str) -> None:
    """Makes the folder when absent, and subscribes to it so that people see it in their mail program."""
    if client.folder_exists(full):
        return
    try:
        client.create_folder(full)
    except IMAPClientError as error:
        if "ALREADYEXISTS" not in str(error):
            raise
    with suppress(IMAPClientError):
        client.subscribe_folder(full)
