"""What an SMTP reply before or after the final dot means for a letter: one table of phases and codes, no I/O.

```
                 4xx                                        5xx
MAIL             Busy: the server’s affair                  Later: it refuses us; nothing more goes in this run
                                                            (552, x.3.4: Never, this letter is too large)
RCPT             Later: this recipient                      Never (a refusal to relay: Later, it refuses us)
DATA, final dot  Later (452, 4.3.x disk full: Busy)         Never
any              421: Busy, it hangs up        530, 534, 535, 538: Later, it wants a login
```
A `Later` with a code counts as a try of the letter; without one the run stops (see `envelope.Busy`). Reasons are French
and hold no address.
"""

from __future__ import annotations

import re

from mailbot import connection, errors
from mailbot.outbox import smtp_session
from mailbot.outbox.envelope import Busy

DOT = "point final"

_STATUS = re.compile(r"\s*[245]\.(\d{1,3}\.\d{1,3})\b")
_RELAY = re.compile(r"\brelay", re.IGNORECASE)
_TOO_LARGE = "3.4"


def said(server: str, phase: str, code: int, text: bytes | str) -> str:
    return f"{server}, {phase} : {code} {connection.words(text)}".rstrip()


def broken(server: str, phase: str, error: Exception) -> Busy:
    """Silence or a lost connection before the final dot: nothing was delivered."""
    why = (
        "le serveur ne répond pas à temps"
        if isinstance(error.__cause__ or error.__context__ or error, TimeoutError)
        else f"connexion perdue ({connection.words(str(error))})"
    )
    return Busy(f"{server}, {phase} : {why}")


def refusal(server: str, phase: str, code: int, text: bytes | str) -> errors.Later | errors.Never:
    """The fate of a letter whose phase was answered with something else than success."""
    reason = said(server, phase, code, text)
    if code in smtp_session.LOGIN_CODES:
        return errors.Later(f"{reason} : le serveur demande une identification, vérifiez username et le mot de passe")
    if code == 421 or not 400 <= code < 600:
        return Busy(reason, code)
    status = _STATUS.match(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
    if code < 500:
        return _temporary(phase, code, status[1] if status else "", reason)
    if phase == "MAIL" and code != 552 and not (status and status[1] == _TOO_LARGE):
        return errors.Later(
            f"le serveur refuse notre expéditeur ({reason}) : vérifiez bounce_address et from_address ; "
            "les courriers restent en attente"
        )
    if phase == "RCPT" and _RELAY.search(reason):
        return errors.Later(
            f"le serveur refuse de relayer nos courriers ({reason}) : vérifiez host, port et username ; "
            "les courriers restent en attente"
        )
    return errors.Never(reason, code)


def _temporary(phase: str, code: int, status: str, reason: str) -> errors.Later:
    whole_server = phase == "MAIL" or status.startswith("3.") or (code == 452 and phase != "RCPT")
    return Busy(reason, code) if whole_server else errors.Later(reason, code)
