"""What the next `deliver` would do, counted: for an agent who wants to look before letters leave. Writes nothing.

It asks what `deliver` asks (what is ready, the hours of bordereaux, the limits, whether each may go to its recipient),
but not the server: what a domain would answer is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from mailbot.ledger import Due, Hold, Line
from mailbot.ledger.store import instant
from mailbot.model import LetterKind, LetterState
from mailbot.passes import deliver, recipient, send_window
from mailbot.passes.contact import PARIS
from mailbot.passes.service import Service

#: Domains that are named.
DOMAINS = 10


@dataclass(frozen=True, slots=True)
class Yesterday:
    """What left on the day before, in France."""

    letters: int
    ps: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`letters` would leave, to `ps` PS; `oldest`: ISO instant of the oldest of them; `left`: over the cap;
    `outside_hours`: bordereaux and their like that wait for their hours, until `leaves_at` at the earliest;
    `waiting`: what else is not due, of which `kept` are held with all of the outbox, their PS or domain, and the others
    are tried again from `next_try` on; `misdirected`: reason to letters. Instants are ISO texts, "" for none."""

    letters: int
    ps: int
    yesterday: Yesterday
    kinds: dict[str, int]
    domains: dict[str, int]
    oldest: str
    left: int
    outside_hours: int
    leaves_at: str
    waiting: int
    kept: int
    next_try: str
    misdirected: dict[str, int]
    in_doubt: int
    held: int
    holds: tuple[Hold, ...]
    suspended: str


def forecast(service: Service) -> Forecast:
    """Counts what stands in the ledger now."""
    ledger, now = service.ledger, service.clock()
    lines = {one.id: one for one in ledger.letters.lines()}
    open_now, free = deliver.ready(service), ledger.letters.ready(now)
    rest = _rest(service, lines, open_now, free)
    suspended = ledger.holds.everything() or deliver.too_many(service, open_now)
    letters, wrong = _checked(service, [] if suspended else open_now)
    cap = service.configuration.settings.limits.max_letters_per_run
    going = [lines[one.id] for one in letters[:cap]]
    states = Counter(one.state for one in lines.values())
    return Forecast(
        letters=len(going),
        ps=len({one.numero_ps for one in going if one.kind is not LetterKind.COPY} - {""}),
        yesterday=_yesterday(service, now),
        kinds=dict(Counter(str(one.kind) for one in going).most_common()),
        domains=dict(Counter(one.domain for one in going).most_common(DOMAINS)),
        oldest=min((one.created_at for one in going), default=""),
        left=max(0, len(letters) - cap),
        outside_hours=len(rest.hours),
        leaves_at=min(rest.hours, default=""),
        waiting=rest.kept + len(rest.tries),
        kept=rest.kept,
        next_try=min(rest.tries, default=""),
        misdirected=dict(wrong.most_common()),
        in_doubt=states[LetterState.UNKNOWN],
        held=states[LetterState.HELD],
        holds=tuple(ledger.holds.listed()),
        suspended=suspended,
    )


def _checked(service: Service, ready: list[Due]) -> tuple[list[Due], Counter[str]]:
    """Those that may go to their recipient, and why the others may not."""
    wrong: Counter[str] = Counter()
    letters: list[Due] = []
    for one in ready:
        letter = service.ledger.letters.get(one.id)
        why = recipient.misdirected(service, letter) if letter else ""
        if why:
            wrong[why] += 1
        else:
            letters.append(one)
    return letters, wrong


class _Rest(NamedTuple):
    """Queued letters that do not go now: when their hours open, when they are tried again, how many are held."""

    hours: list[str]
    tries: list[str]
    kept: int


def _rest(service: Service, lines: Mapping[int, Line], open_now: list[Due], free: list[Due]) -> _Rest:
    now, hours = service.clock(), service.configuration.settings.bordereau
    going, not_held = {one.id for one in open_now}, {one.id for one in free}
    opening: list[str] = []
    tries: list[str] = []
    kept = 0
    for one in lines.values():
        if one.state is not LetterState.QUEUED or one.id in going:
            continue
        due = datetime.fromisoformat(one.next_at)
        if due <= now and one.id not in not_held:
            kept += 1
        elif one.kind in deliver.WINDOWED and (due <= now or not one.last_text):
            opening.append(instant(send_window.opens(hours, max(due, now))))
        else:
            tries.append(one.next_at)
    return _Rest(opening, tries, kept)


def _yesterday(service: Service, now: datetime) -> Yesterday:
    today = datetime.combine(now.astimezone(PARIS).date(), time(), PARIS)
    before = datetime.combine(today.date() - timedelta(days=1), time(), PARIS)
    return Yesterday(*service.ledger.letters.sent_between(before, today))
