"""The fourth pass: letters that are due go out, one at a time, each attempt in the ledger before the dial."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta

from mailbot.errors import InDoubt, Later, Never
from mailbot.ledger import StoredLetter
from mailbot.letters import words
from mailbot.model import LetterState, Sent
from mailbot.outbox import Outbox
from mailbot.passes import recipient
from mailbot.passes.service import Service


@dataclass(slots=True)
class Delivered:
    """What one pass did, in letters. `away`: why the server could not be reached, "" when it could."""

    sent: int = 0
    later: int = 0
    dead: int = 0
    in_doubt: int = 0
    held: int = 0
    away: str = ""

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


def deliver(service: Service, outbox: Outbox) -> Delivered:
    """Sends what is due until nothing is left, the cap of the run is reached, or the server is away."""
    report = Delivered()
    resume(service, outbox)
    settings = service.configuration.settings
    # Pace is of the wall clock, also when a rehearsal fixes the time.
    started = time.monotonic()
    due = service.ledger.letters.due(service.clock(), settings.limits.max_letters_per_run)
    for count, letter_id in enumerate(due):
        if service.stopping() or report.away:
            break
        if settings.outbox.type == "smtp":
            ahead = count * 60 / settings.outbox.max_per_minute - (time.monotonic() - started)
            if ahead > 0:
                service.pause(ahead)
        letter = service.ledger.letters.get(letter_id)
        assert letter is not None
        _send(service, outbox, letter, report)
    return report


def resume(service: Service, outbox: Outbox) -> None:
    """Letters that a stop caught while sending: certain ones go on, the others are in doubt and wait for an agent."""
    for letter, attempt_id, phase in service.ledger.letters.interrupted():
        now = service.clock()
        arrived = outbox.delivered(letter.envelope) if phase == "data" else False
        with service.ledger.transaction():
            if arrived is None:
                service.ledger.letters.in_doubt(letter.id, attempt_id, now, "interrompu pendant l’envoi")
            elif arrived:
                service.ledger.letters.sent(letter.id, attempt_id, now, Sent(250, "retrouvé après une interruption"))
            else:
                service.ledger.letters.later(letter.id, attempt_id, now, 0, "interrompu avant l’envoi", timedelta())
            outcome = {None: "in doubt", True: "sent", False: "queued"}[arrived]
            service.ledger.journal.write(now, service.who, "letter resumed", f"letter {letter.id}", outcome=outcome)


def _send(service: Service, outbox: Outbox, letter: StoredLetter, report: Delivered) -> None:
    wrong = recipient.misdirected(service, letter)
    if wrong:
        with service.ledger.transaction():
            if service.ledger.letters.state(letter.id) is not LetterState.QUEUED:
                return
            service.ledger.letters.hold(letter.id)
            service.ledger.journal.write(service.clock(), service.who, "letter held", f"letter {letter.id}", why=wrong)
        service.say(f"courrier {letter.id} retenu : {wrong}")
        report.held += 1
        return
    letters = service.ledger.letters
    attempt = letters.begin(letter.id, service.clock())
    if attempt is None:
        return
    try:
        answer = outbox.send(letter.envelope, lambda: letters.before_data(attempt))
    except InDoubt as error:
        letters.in_doubt(letter.id, attempt, service.clock(), error.reason)
        report.in_doubt += 1
        outcome, code = "in doubt", 0
    except Never as error:
        letters.dead(letter.id, attempt, service.clock(), error.code, error.reason)
        report.dead += 1
        outcome, code = "dead", error.code
    except Later as error:
        outcome, code = _later(service, letter, attempt, error, report), error.code
    else:
        letters.sent(letter.id, attempt, service.clock(), answer)
        report.sent += 1
        outcome, code = "sent", answer.code
    service.ledger.journal.write(
        service.clock(), service.who, "letter attempt", f"letter {letter.id}", outcome=outcome, code=code
    )


def _later(service: Service, letter: StoredLetter, attempt: int, error: Later, report: Delivered) -> str:
    """A 4xx waits, twice as long each time, and ends after `limits.max_tries`; a server that is away never ends it."""
    letters = service.ledger.letters
    tries = letter.attempts + 1
    if error.code and tries >= service.configuration.settings.limits.max_tries:
        letters.dead(
            letter.id, attempt, service.clock(), error.code, f"abandonné après {tries} essais : {error.reason}"
        )
        report.dead += 1
        return "dead"
    letters.later(letter.id, attempt, service.clock(), error.code, error.reason, waiting_time(tries))
    report.later += 1
    if not error.code:
        report.away = error.reason
    return "later"


def waiting_time(tries: int) -> timedelta:
    """1, 2, 4 … minutes up to four hours, with a tenth of jitter so that retries do not come in step."""
    minutes = min(2 ** min(tries - 1, 8), 240)
    return timedelta(minutes=minutes * random.uniform(0.9, 1.1))  # noqa: S311  # not a secret
