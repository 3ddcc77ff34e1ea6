"""What became of a letter, as one JSON value: how the process of a connection tells it, and how it is heard."""

from __future__ import annotations

from typing import Any

from mailbot.errors import ConfigError, Fault, InDoubt, Later, Never
from mailbot.model import Sent
from mailbot.outbox import Busy
from mailbot.sending.pool import Withheld

_LATER: dict[str, type[Later]] = {"withheld": Withheld, "busy": Busy, "later": Later}


def told(fate: Sent | Exception) -> list[Any]:
    """Raises the fate itself when it is none that `outbox.Outbox.send` promises."""
    match fate:
        case Sent(code=code, text=text):
            return ["sent", text, code]
        case Later():
            name = next(name for name, kind in _LATER.items() if isinstance(fate, kind))
            return [name, fate.reason, fate.code]
        case Never():
            return ["never", fate.reason, fate.code]
        case InDoubt():
            return ["in doubt", fate.reason, 0]
        case ConfigError():
            return ["config", [[one.file, one.line, one.column, one.message, one.hint] for one in fate.faults], 0]
    raise fate


def heard(said: list[Any]) -> Sent | Exception:
    """The fate that `told` told."""
    name, what, code = said
    if name in _LATER:
        return _LATER[name](what, code)
    match name:
        case "sent":
            return Sent(code, what)
        case "never":
            return Never(what, code)
        case "in doubt":
            return InDoubt(what)
        case "config":
            return ConfigError(*(Fault(*one) for one in what))
    raise ValueError(f"no fate of a letter: {name}")
