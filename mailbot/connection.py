"""How an edge dials a server: verified TLS, a few patient tries, and words that are safe to repeat.

Owns what IMAP and SMTP share: the secrets, read when they are needed, the TLS context, the retry of the seconds at
connect (the long retry clock is the ledger's), the pause after a refused login, and the cleaning of text that a server
sent before it stands in a reason or a log. Knows neither protocol. Third-party: tenacity only.
Raises `ConfigError` for certificate files that cannot be used and for plain text to a far host.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from mailbot import errors, folders

T = TypeVar("T")

#: Tries of one dial, and the longest pause between two of them in seconds.
TRIES = 3
LONGEST_PAUSE = 4.0
#: After a refused login the server is left alone for so many seconds, so that the account is not locked.
REFUSED_PAUSE = 15 * 60.0

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>]+")
_LONG_NUMBER = re.compile(r"\d[\d ]{8,}\d")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, for one read or write, and for the answer to the final dot (RFC 5321 §4.5.3.2.6: long)."""

    connect: float = 15.0
    read: float = 60.0
    final: float = 300.0


class Account(Protocol):
    """What dialling needs of `settings.Account`."""

    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...
    @property
    def tls(self) -> str: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password_file(self) -> Path | None: ...
    @property
    def password_env(self) -> str | None: ...
    @property
    def oauth2_token_command(self) -> str | None: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def client_cert(self) -> Path | None: ...
    @property
    def client_key(self) -> Path | None: ...


def password(account: Account) -> str | None:
    """The password, read now from its file or environment variable; None when none is configured."""
    if account.password_file:
        try:
            return account.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise errors.Later(f"le fichier du mot de passe ne se lit pas ({error.strerror})") from None
    if account.password_env:
        found = os.environ.get(account.password_env)
        if found is None:
            raise errors.Later(f"la variable d’environnement {account.password_env} n’est pas définie")
        return found
    return None


def oauth2_token(account: Account) -> str | None:
    """A fresh access token from `oauth2_token_command`; None when none is configured."""
    if not account.oauth2_token_command:
        return None
    try:
        # The admin wrote this command into the configuration; nothing from outside reaches it.
        done = subprocess.run(  # noqa: S602
            account.oauth2_token_command, shell=True, capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        raise errors.Later("la commande oauth2_token_command a échoué") from None
    return done.stdout.strip()


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(account: Account) -> ssl.SSLContext | None:
    """A context that verifies certificate and host name; None for `tls: none`, which only loopback may have.

    With `ca_file` only that authority is trusted. Files are read at each dial, so that a renewed certificate counts.
    """
    if account.tls == "none":
        if not is_loopback(account.host or ""):
            raise _fault("tls: none n’est admis que vers la machine elle-même", "choisissez implicit ou starttls")
        return None
    try:
        context = ssl.create_default_context(cafile=account.ca_file)
    except OSError as error:
        raise _fault(f"ca_file ne peut pas servir ({folders.why(error)})", "donnez un fichier PEM lisible") from None
    if account.client_cert:
        try:
            # An empty password instead of the prompt on the terminal that OpenSSL would open for an encrypted key.
            context.load_cert_chain(account.client_cert, account.client_key, password="")
        except OSError as error:
            raise _fault(
                f"client_cert ou client_key ne peut pas servir ({folders.why(error)})",
                "donnez des fichiers PEM lisibles, la clé sans mot de passe",
            ) from None
    return context


def patiently(dial: Callable[[], T], transient: Callable[[BaseException], bool], sleep: Callable[[float], None]) -> T:
    """Dials up to `TRIES` times while what goes wrong is `transient`; the last error comes out as it is.

    A certificate that does not verify is never tried again: it will not get better in seconds.
    """

    def worth_it(error: BaseException) -> bool:
        return transient(error) and not isinstance(error, ssl.SSLCertVerificationError)

    tries = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE),
        retry=retry_if_exception(worth_it),
        sleep=sleep,
        reraise=True,
    )
    return tries(dial)


class LoginPause:
    """Remembers a refused login: the same secret is not offered again before `REFUSED_PAUSE` seconds have passed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refused: tuple[str, float] | None = None

    def refused(self, secret: str) -> None:
        self._refused = (secret, self._clock() + REFUSED_PAUSE)

    def over(self, secret: str) -> bool:
        """May this secret be offered (again)?"""
        return self._refused is None or self._refused[0] != secret or self._clock() >= self._refused[1]


def single_line(text: str, what: str) -> str:
    """`text` as it is, once it is known to hold no control character: it goes into a command."""
    if _CONTROL.search(text):
        raise _fault(f"{what} contient un caractère de contrôle (fin de ligne ?)", "corrigez la valeur")
    return text


def words(text: str | bytes) -> str:
    """What a server said, inert: one line, no address, no long number, at most 200 characters."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    plain = _CONTROL.sub(" ", plain)
    plain = _ADDRESS.sub("…@…", plain)
    return _LONG_NUMBER.sub("…", plain).strip()[:200]


def failure(error: OSError) -> str:
    """French words for what went wrong on the network, for `Later`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificat du serveur refusé ({words(error.verify_message)}) : vérifiez host et ca_file"
    if isinstance(error, ssl.SSLError):
        return f"échec TLS ({words(error.reason or '')}) : vérifiez port et tls"
    if isinstance(error, TimeoutError):
        return "le serveur ne répond pas à temps"
    if isinstance(error, socket.gaierror):
        return "nom de serveur inconnu : vérifiez host"
    return f"connexion impossible ou coupée ({folders.why(error)})"


def _fault(message: str, hint: str) -> errors.ConfigError:
    return errors.ConfigError(errors.Fault("mailbot.yaml", 0, 0, message, hint))
