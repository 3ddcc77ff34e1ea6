"""The fourth pass: letters that are due go out, one recipient a transaction, each attempt durable before the dial.

`deliver_run.py` keeps the ledger while connections work (`mailbot/sending/`); `deliver_pace.py` says which letter goes
next and when; `recipient.py` asks again whether it may go to its recipient.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mailbot.errors import Later
from mailbot.ledger import Due
from mailbot.letters import words
from mailbot.model import LetterKind, Sent
from mailbot.outbox import Outbox
from mailbot.passes import send_window
from mailbot.passes.deliver_pace import Lanes, Pace
from mailbot.passes.deliver_run import Delivered, Run
from mailbot.passes.service import Service
from mailbot.sending import Pool, Processes, Threads

#: What waits for the hours of sending; answers, receipts and steps of a registration leave at once.
WINDOWED = (LetterKind.BORDEREAU, LetterKind.COPY, LetterKind.REPORT, LetterKind.REMINDER)
#: So many letters are worth the second that processes take to start.
MANY = 200
#: The name under which the ledger keeps what the last run could not send for its cap, for `status`.
ALERT = "deliver alert"


def deliver(service: Service, outbox: Outbox) -> Delivered:
    """Sends what is due until nothing is left, the cap of the run is reached, or the server is away."""
    report = Delivered()
    resume(service, outbox)
    letters = _within_limits(service, ready(service), report)
    if not letters:
        return report
    settings = service.configuration.settings.outbox
    # A Maildir has no rate, and two writers to one folder gain nothing.
    connections = settings.connections if settings.type == "smtp" else 1
    pace = Pace(settings.max_per_minute if settings.type == "smtp" else float("inf"))
    lanes = Lanes(letters, min(connections, settings.connections_per_domain or connections))
    try:
        pool = _pool(service, outbox, connections, len(letters))
    except Later as error:
        report.away = error.reason
        return report
    try:
        Run(service, pool, connections, lanes, pace, report).work()
    finally:
        pool.close()
    return report


def _pool(service: Service, outbox: Outbox, connections: int, letters: int) -> Pool:
    """The connections of this run. Raises `Later` when the server is away or refuses our login."""
    description = outbox.description() if connections > 1 and letters >= MANY else ""
    if not description:
        return Threads(outbox, connections, service.ledger.letters.envelope)
    # From here first: a wrong password is offered once, and then not for a while, not by each process.
    outbox.check()
    outbox.close()
    return Processes(description, service.ledger.store.path, connections)


def ready(service: Service) -> list[Due]:
    """What may leave now, oldest first; bordereaux only within their hours."""
    now = service.clock()
    found = service.ledger.letters.ready(now)
    if send_window.opens(service.configuration.settings.bordereau, now) > now:
        return [one for one in found if one.kind not in WINDOWED]
    return found


def too_many(service: Service, letters: Sequence[Due]) -> str:
    """Why an agent has to look before so many letters leave (`limits.hold_above`), "" when none has to."""
    most = service.configuration.settings.limits.hold_above
    released = service.ledger.holds.released_up_to()
    new = sum(one.id > released for one in letters)
    if most is None or new <= most:
        return ""
    return (
        f"{words.pluriel(new, 'courrier')} à envoyer en un passage, plus que hold_above ({words.nombre(most)}) : "
        "« mailbot deliver --dry-run » les compte, « mailbot outbox release --all » les laisse partir"
    )


def _within_limits(service: Service, letters: list[Due], report: Delivered) -> list[Due]:
    """What of these goes in this run; says what does not."""
    ledger = service.ledger
    why = too_many(service, letters)
    if why:
        with ledger.transaction():
            ledger.holds.hold_all(why)
            ledger.journal.write(service.clock(), service.who, "held", "outbox", reason=why)
        report.alert = f"envoi suspendu : {why}"
        letters = []
    cap = service.configuration.settings.limits.max_letters_per_run
    left = len(letters) - cap
    capped = ""
    if left > 0:
        capped = (
            f"plafond de {words.pluriel(cap, 'courrier')} par passage atteint (max_letters_per_run) : "
            f"{words.pluriel(left, 'courrier attend', 'courriers attendent')} le passage suivant"
        )
        report.alert = capped
    if ledger.noted(ALERT) != capped:
        ledger.note(ALERT, capped)
    if report.alert:
        service.say(report.alert)
    return letters[:cap]


def resume(service: Service, outbox: Outbox) -> None:
    """Letters that a stop caught while sending: certain ones go on, the others are in doubt and wait for an agent."""
    for letter, attempt_id, phase in service.ledger.letters.interrupted():
        now = service.clock()
        arrived = outbox.delivered(service.ledger.letters.envelope(letter.id)) if phase == "data" else False
        with service.ledger.transaction():
            if arrived is None:
                service.ledger.letters.in_doubt(letter.id, attempt_id, now, "interrompu pendant l’envoi")
            elif arrived:
                service.ledger.letters.sent(letter.id, attempt_id, now, Sent(250, "retrouvé après une interruption"))
            else:
                service.ledger.letters.later(letter.id, attempt_id, now, 0, "interrompu avant l’envoi", timedelta())
            outcome = {None: "in doubt", True: "sent", False: "queued"}[arrived]
            service.ledger.journal.write(now, service.who, "letter resumed", f"letter {letter.id}", outcome=outcome)
