"""The four passes in turn, once or for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailbot.errors import Later, Never
from mailbot.ledger import instant, upkeep
from mailbot.passes import cut as cutting
from mailbot.passes import deliver as delivering
from mailbot.passes import receive as receiving
from mailbot.passes import settle as settling
from mailbot.passes import texts
from mailbot.passes.service import Edges, Service

#: Seconds between two looks at a mailbox that could not be reached, when the configuration polls less often.
_RETRY_SECONDS = 30.0

#: Mails that the service settles before it sends what came of them.
_MAILS_A_ROUND = 500


@dataclass(slots=True)
class Round:
    """What one round of the passes came to. `away`: what could not be reached; `attention`: what a human must see;
    `left`: mails that were not looked at yet."""

    away: list[str]
    attention: int = 0
    left: int = 0


def once(service: Service, edges: Edges, most: int | None = None) -> Round:
    """Each pass once. A server that is away ends its own pass only: the others go on with what is there.

    `most`: mails that are settled in this round, all by default.
    """
    round_ = Round([])

    def receive() -> None:
        report = receiving.receive(service, edges.inboxes, edges.drop)
        round_.away += report.away
        round_.attention += report.refused_files
        service.say(report.told())

    def settle() -> None:
        report = settling.settle(service, most)
        round_.attention += report.parked
        round_.left = report.left
        service.say(report.told())

    def cut() -> None:
        report = cutting.cut(service)
        service.say(report.told())

    def deliver() -> None:
        report = delivering.deliver(service, edges.outbox)
        round_.attention += report.attention
        if report.away:
            round_.away.append(report.away)
        held = service.ledger.holds.everything()
        service.say(report.told() + (f" — envoi suspendu : {held}" if held else ""))

    passes = {"receive": receive, "settle": settle, "cut": cut, "deliver": deliver, "purge": lambda: _purge(service)}
    for name, one_pass in passes.items():
        if service.stopping():
            break
        _guarded(service, round_, name, one_pass)
    return round_


def _purge(service: Service) -> None:
    """What has passed its retention goes, once a day."""
    now = service.clock()
    if service.ledger.last_passes().get("purge", "")[:10] == instant(now)[:10]:
        return
    kept = service.configuration.settings.ledger
    upkeep.purge(service.ledger.store, now, service.who, kept.retention_months, kept.log_retention_months)


def _guarded(service: Service, round_: Round, name: str, one_pass: Callable[[], None]) -> None:
    away_before = len(round_.away)
    try:
        one_pass()
    except (Later, Never) as error:
        round_.away.append(error.reason)
    if len(round_.away) == away_before:
        service.ledger.note_pass(name, service.clock())
    for reason in round_.away[away_before:]:
        service.say(f"à réessayer : {reason}")


def forever(service: Service, edges: Edges) -> None:
    """Rounds until asked to stop; between two of them waits for mail (IDLE), never longer than `poll_seconds`."""
    inbox_settings = service.configuration.settings.inbox
    seconds = float(min(inbox.poll_seconds for inbox in inbox_settings))
    while not service.stopping():
        service = texts.refreshed(service)
        round_ = once(service, edges, _MAILS_A_ROUND)
        if service.stopping():
            return
        if round_.left and not round_.away:
            continue
        if round_.away or len(edges.inboxes) != 1:
            # With several mailboxes waiting on one would starve the others: all are polled.
            service.pause(min(seconds, _RETRY_SECONDS) if round_.away else seconds)
            continue
        try:
            edges.inboxes[0].wait(seconds, service.stopping)
        except Later as error:
            service.say(f"à réessayer : {error.reason}")
            service.pause(min(seconds, _RETRY_SECONDS))
