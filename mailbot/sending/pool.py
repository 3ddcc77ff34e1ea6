"""What a run of sending asks of its connections, whichever kind they are. They send; they never write to the ledger.

A connection asks for the point of no return when the lines of its letter begin to go, and waits for the answer before
the final dot; whoever owns the ledger gives it when that point is durable. Everything that a connection has to say
arrives in `events`: a job that asks, or one that has ended. No answer means no: a connection that is left alone ends
its letter without the final dot.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mailbot.errors import Later
from mailbot.model import Sent


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One attempt at one letter. `tries` counts this one; `domain` is that of the recipient."""

    letter_id: int
    attempt_id: int
    tries: int
    domain: str


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """A job, and the server's answer or what `outbox.Outbox.send` raised."""

    job: Job
    fate: Sent | BaseException


class Withheld(Later):
    """The letter was not sent because we did not want it to be."""


class Pool(ABC):
    """Used by one thread: the one that owns the ledger."""

    @abstractmethod
    def send(self, job: Job) -> None:
        """Its attempt is durable: it goes as soon as a connection is free. Never waits."""

    @abstractmethod
    def answer(self, job: Job, *, may_go: bool) -> None:
        """The answer to a job that asked; a second answer changes nothing."""

    @abstractmethod
    def halt(self) -> None:
        """Jobs that have not reached a connection come back `Withheld`."""

    @abstractmethod
    def events(self, seconds: float | None) -> list[Job | Ended]:
        """What happened; waits for something, at most so many seconds (None: as long as it takes)."""

    @abstractmethod
    def close(self) -> None:
        """Ends the connections once what is on its way has ended; no new answer is given."""
