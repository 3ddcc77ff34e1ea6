"""One run of sending, on the thread that owns the ledger: what the connections did is written, what goes next is begun.

All that happened since the last look is written in one transaction (a group commit), and nothing goes on before it is
durable: an attempt is committed before its letter reaches a connection, the point of no return before the final dot.
A few letters are begun ahead, so that no connection waits for the disk; they are not in doubt when a stop catches them.
A run ends early when the server cannot be reached, refuses us, or was busy `BUSY` times in a row.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.errors import InDoubt, Later, Never
from mailbot.letters import words
from mailbot.model import LetterState, Sent
from mailbot.outbox import Busy
from mailbot.passes import recipient
from mailbot.passes.deliver_pace import Lanes, Pace
from mailbot.passes.service import Service
from mailbot.sending import Ended, Job, Pool, Withheld

#: Times in a row that the server hung up or had no room, after which the run ends.
BUSY = 3
#: How long the letters of a domain wait that answered 4xx too often.
DOMAIN_WAIT = timedelta(minutes=15)


@dataclass(slots=True)
class Delivered:
    """What one pass did, in letters. `away`: why the server could not be reached, "" when it could; `alert`: what
    somebody must know of the run as a whole."""

    sent: int = 0
    later: int = 0
    dead: int = 0
    in_doubt: int = 0
    held: int = 0
    away: str = ""
    alert: str = ""

    @property
    def attention(self) -> int:
        """How many things a human must see."""
        return self.dead + self.in_doubt + self.held + bool(self.alert)

    def told(self) -> str:
        parts = [words.pluriel(self.sent, "courrier")]
        for count, one, many in (
            (self.later, "remis à plus tard", "remis à plus tard"),
            (self.dead, "impossible", "impossibles"),
            (self.in_doubt, "en doute", "en doute"),
            (self.held, "retenu", "retenus"),
        ):
            if count:
                parts.append(words.pluriel(count, one, many))
        return f"envoyé : {', '.join(parts)}"


class Run:
    def __init__(
        self, service: Service, pool: Pool, connections: int, lanes: Lanes, pace: Pace, report: Delivered
    ) -> None:
        self._service = service
        self._ledger = service.ledger
        self._pool = pool
        # One connection alone has its next letter begun with the outcome of the last: an agent sees each one's state.
        self._most = connections if connections == 1 else 2 * connections
        self._lanes = lanes
        self._pace = pace
        self._report = report
        self._flying: set[Job] = set()
        self._busy = 0
        self._broken: BaseException | None = None

    def work(self) -> None:
        """Until nothing is on its way and nothing more may begin."""
        events: list[Job | Ended] = []
        try:
            while True:
                with self._ledger.transaction():
                    now = self._service.clock()
                    asking = [event for event in events if isinstance(event, Job)]
                    may_go = self._ledger.letters.before_data(*(job.attempt_id for job in asking))
                    self._note([event for event in events if isinstance(event, Ended)], now)
                    begun = self._begin(now)
                for job in asking:
                    self._pool.answer(job, may_go=job.attempt_id in may_go)
                for job in begun:
                    self._pool.send(job)
                if self._broken:
                    raise self._broken
                if self._flying:
                    events = self._pool.events(self._patience())
                elif self._going_on() and self._lanes.left():
                    events = []
                    self._service.pause(self._pace.wait(time.monotonic()))
                    self._pace.waited(time.monotonic())
                else:
                    return
        finally:
            self._pool.halt()
            for job in self._flying:
                self._pool.answer(job, may_go=False)

    # -- what goes next ------------------------------------------------------------------------------------------

    def _going_on(self) -> bool:
        return not (self._service.stopping() or self._report.away)

    def _patience(self) -> float | None:
        """Seconds after which the next letter may begin whatever happens; None when something must happen first."""
        if len(self._flying) < self._most and self._lanes.left() and self._going_on():
            return self._pace.wait(time.monotonic()) or None
        return None

    def _begin(self, now: datetime) -> list[Job]:
        begun: list[Job] = []
        while len(self._flying) < self._most and self._going_on() and not self._pace.wait(time.monotonic()):
            turn = self._lanes.next()
            if turn is None:
                break
            job = self._begun(*turn, now)
            if job is None:
                self._lanes.ended(turn[1])
                continue
            # Pace is of the wall clock, also when a rehearsal fixes the time.
            self._pace.take(time.monotonic())
            self._flying.add(job)
            begun.append(job)
        return begun

    def _begun(self, letter_id: int, domain: str, now: datetime) -> Job | None:
        """None for a letter that must not go, or that an agent held or cancelled meanwhile."""
        letters = self._ledger.letters
        letter = letters.get(letter_id)
        if letter is None or letter.state is not LetterState.QUEUED:
            return None
        wrong = recipient.misdirected(self._service, letter)
        if wrong:
            letters.hold(letter_id, wrong)
            self._ledger.journal.write(now, self._service.who, "letter held", f"letter {letter_id}", why=wrong)
            self._service.say(f"courrier {letter_id} retenu : {wrong}")
            self._report.held += 1
            return None
        attempt = letters.begin(letter_id, now)
        return Job(letter_id, attempt, letter.attempts + 1, domain) if attempt else None

    # -- what happened -------------------------------------------------------------------------------------------

    def _note(self, ended: list[Ended], now: datetime) -> None:
        """The outcomes of attempts, and their lines in the journal."""
        outcomes = [(one.job, self._outcome(one, now)) for one in ended]
        lines = [
            (f"letter {job.letter_id}", {"outcome": outcome[0], "code": outcome[1]})
            for job, outcome in outcomes
            if outcome
        ]
        if lines:
            self._ledger.journal.write_all(now, self._service.who, "letter attempt", lines)

    def _outcome(self, ended: Ended, now: datetime) -> tuple[str, int] | None:
        """(outcome, code) of one attempt, written; None when nothing is known of it."""
        job, fate = ended.job, ended.fate
        self._flying.discard(job)
        self._lanes.ended(job.domain)
        letters, report = self._ledger.letters, self._report
        if isinstance(fate, Sent):
            letters.sent(job.letter_id, job.attempt_id, now, fate)
            report.sent += 1
            self._busy = 0
            self._lanes.took(job.domain)
            return "sent", fate.code
        if isinstance(fate, InDoubt):
            letters.in_doubt(job.letter_id, job.attempt_id, now, fate.reason)
            report.in_doubt += 1
            return "in doubt", 0
        if isinstance(fate, Never):
            letters.dead(job.letter_id, job.attempt_id, now, fate.code, fate.reason)
            report.dead += 1
            self._busy = 0
            self._lanes.took(job.domain)
            return "dead", fate.code
        if isinstance(fate, Withheld):
            letters.later(job.letter_id, job.attempt_id, now, 0, fate.reason, timedelta())
            return "withheld", 0
        if isinstance(fate, Later):
            return self._later(job, fate, now), fate.code
        # It stays `sending`, and the next run sees how far it came.
        self._broken = fate
        return None

    def _later(self, job: Job, error: Later, now: datetime) -> str:
        """A 4xx waits, twice as long each time, and ends after `limits.max_tries`; trouble of the server does not."""
        letters, report = self._ledger.letters, self._report
        counts = bool(error.code) and not isinstance(error, Busy)
        refused = letters.refusals(job.letter_id) + 1 if counts else 0
        if refused >= self._service.configuration.settings.limits.max_tries:
            why = f"abandonné après {words.pluriel(refused, 'essai')} : {error.reason}"
            letters.dead(job.letter_id, job.attempt_id, now, error.code, why)
            report.dead += 1
            return "dead"
        wait = waiting_time(job.tries)
        letters.later(job.letter_id, job.attempt_id, now, error.code, error.reason, wait, busy=not counts)
        report.later += 1
        if counts:
            self._slow(job, error, now)
            return "later"
        self._busy += 1
        if not isinstance(error, Busy) or self._busy >= BUSY:
            report.away = report.away or error.reason
            self._pool.halt()
        return "later"

    def _slow(self, job: Job, error: Later, now: datetime) -> None:
        """After too many 4xx in a row the other letters of the domain wait, and those of other domains go on."""
        given_up = self._lanes.slow(job.domain)
        if not given_up:
            return
        why = f"refus répétés de ce domaine ({error.reason})"
        waiting = self._ledger.letters.postpone(given_up, now + DOMAIN_WAIT, why)
        self._report.later += waiting
        wait = words.pluriel(int(DOMAIN_WAIT.total_seconds()) // 60, "minute")
        self._service.say(
            f"le domaine du courrier {job.letter_id} refuse pour l’instant : "
            f"{words.pluriel(waiting, 'autre courrier attend', 'autres courriers attendent')} {wait}"
        )


def waiting_time(tries: int) -> timedelta:
    """1, 2, 4 … minutes up to four hours, with a tenth of jitter so that retries do not come in step."""
    minutes = min(2 ** min(tries - 1, 8), 240)
    return timedelta(minutes=minutes * random.uniform(0.9, 1.1))  # noqa: S311  # not a secret
