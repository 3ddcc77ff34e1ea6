"""What every inbox gives to the pipeline, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mailbot import errors
from mailbot.model import Position

Where = Literal["done", "review"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that stands in the mailbox. `size` in bytes.

    `known`: the ledger has this position already; only filing away is left to do. `too_big`: over
    `max_message_bytes`, its bytes were not asked for. `raw` are the exact bytes, None for these two and for a mail
    that the server failed to give (`trouble`: one French sentence).
    """

    position: Position
    size: int
    known: bool = False
    too_big: bool = False
    raw: bytes | None = field(default=None, repr=False)
    trouble: str = ""

    def fetch(self) -> bytes:
        """The exact bytes. Raises `Later` for this one mail only: it stays in the mailbox, the others go on."""
        if self.raw is None:
            raise errors.Later(self.trouble or "ce message n’a pas été lu")
        return self.raw


class Inbox(Protocol):
    """A mailbox that is read. Not thread-safe: one instance, one thread."""

    @property
    def name(self) -> str:
        """The label of the mailbox: `Position.mailbox` of what it gives."""

    def pending(self, known: Callable[[Position], bool]) -> Iterator[Arrival]:
        """Every mail of the folder, oldest first, whatever its flags.

        Raises `Later` (server or disk away: a later pass finds the rest) and `Never` (login refused: an admin must
        act). A mail that vanishes meanwhile is passed over. `file_away` may be called between two arrivals.
        """

    def file_away(self, positions: Sequence[Position], where: Where) -> None:
        """Moves mails to the done or the review folder. Idempotent: what is gone already is fine.

        Call it with many positions at once: each call is one or two commands for 500 mails.
        """

    def wait(self, seconds: float, stopping: Callable[[], bool]) -> None:
        """Returns after `seconds`, at once on new mail where that can be known, and soon after `stopping()`.

        Never dials and never raises for a server that is away: `pending` will say so.
        """

    def check(self) -> None:
        """Opens the mailbox and changes nothing in it; raises as `pending` does (for `check --live`)."""

    def close(self) -> None:
        """Ends the connection; the next call opens it again."""
