"""What every outbox does for the pipeline, and the checks that hold for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from mailbot import errors
from mailbot.model import Envelope, Sent

#: An ASCII address as it may stand in an SMTP command: no space, bracket, quote or control character.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")


class Busy(errors.Later):
    """The server has no time or no room, or hung up: not the letter's fault, its tries are not counted.

    The next letter may go. (A plain `Later` without a code says that nothing more can go now; one with a code is about
    this letter or its recipient.)
    """


def announce(before_data: Callable[[], object]) -> None:
    """The letter's lines begin to go, and `before_data` will be called when they have gone.

    Whoever has to make that moment durable may begin now (`before_data.announce`, where it has one): the disk and the
    line then work at the same time."""
    early: Callable[[], object] | None = getattr(before_data, "announce", None)
    if early is not None:
        early()


class Outbox(Protocol):
    """Where letters leave. Not thread-safe: one instance, one thread (one for each of `connections`)."""

    def another(self) -> Outbox:
        """One more of the same, for another thread; whoever asked closes it."""

    def description(self) -> str:
        """What another process needs to make one of the same; "" for one that cannot leave this process."""

    def send(self, envelope: Envelope, before_data: Callable[[], None]) -> Sent:
        """Delivers one letter to its one recipient.

        `before_data` is called exactly once before the letter can take effect, and not at all when the server refuses
        before that; what it raises comes out, and nothing was delivered. Raises `Later` (not delivered, try again),
        `Never` (not delivered, this letter will not be taken) and `InDoubt` (nobody knows). After `Later` and `Never`
        the letter was certainly not delivered.
        """

    def delivered(self, envelope: Envelope) -> bool | None:
        """After a crash: was this letter delivered? None where that cannot be known (SMTP)."""

    def check(self) -> None:
        """Reaches the server or folder and logs in, sends nothing; raises `Later` (for `check --live`)."""

    def close(self) -> None:
        """Ends the connection; the next call opens it again."""


def check_addresses(envelope: Envelope) -> None:
    """Raises `Never` for an envelope address that could be anything but an address. An empty sender is allowed."""
    for what, address in (("d’expédition", envelope.sender), ("du destinataire", envelope.to)):
        if what == "d’expédition" and not address:
            continue
        if len(address) > 254 or not _ADDRESS.match(address):
            raise errors.Never(f"l’adresse {what} n’est pas une adresse e-mail simple : corrigez le contact")
