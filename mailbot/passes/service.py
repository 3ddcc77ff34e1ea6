"""What every pass is given: the configuration, the ledger, a reader, the clock, a voice, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mailbot.configuration.folder import Configuration
from mailbot.ledger import Ledger
from mailbot.reading import Reader

if TYPE_CHECKING:
    # A verb that only looks opens neither: the libraries of the servers take their time to load.
    from mailbot.inbox import Inbox
    from mailbot.inbox.drop import DropFolder
    from mailbot.outbox import Outbox

#: A mail or lot file whose reader died this often is parked with its raw bytes.
MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Service:
    """`reader` reads what came from outside, under limits; `clock` gives aware instants; `say` shows one French line to
    whoever watches; `pause` waits that many seconds or until the service is asked to stop; `who` stands in the
    journal."""

    configuration: Configuration
    ledger: Ledger
    reader: Reader
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    stopping: Callable[[], bool]
    pause: Callable[[float], None]
    who: str = "mailbot"


@dataclass(frozen=True, slots=True)
class Edges:
    """The outside world of one run."""

    inboxes: Sequence[Inbox]
    drop: DropFolder
    outbox: Outbox
