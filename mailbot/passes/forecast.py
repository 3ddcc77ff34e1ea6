"""What the next `deliver` would do, counted: for an agent who wants to look before letters leave. Writes nothing.

It asks what `deliver` asks (what is ready, the hours of bordereaux, the limits, whether each may go to its recipient),
but not the server: what a domain would answer is not known.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from mailbot.ledger import Due, Hold, Line
from mailbot.model import LetterKind, LetterState
from mailbot.passes import deliver, recipient
from mailbot.passes.contact import PARIS
from mailbot.passes.service import Service

#: Domains that are named.
DOMAINS = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """`letters` would leave, to `ps` PS; `yesterday`: (letters, PS) of the day before in France; `oldest`: ISO instant
    of the oldest of them; `left`: over the cap; `misdirected`: reason to letters; `waiting`: not due yet."""

    letters: int
    ps: int
    yesterday: tuple[int, int]
    kinds: dict[str, int]
    domains: dict[str, int]
    oldest: str
    left: int
    waiting: int
    outside_hours: int
    misdirected: dict[str, int]
    in_doubt: int
    held: int
    holds: tuple[Hold, ...]
    suspended: str


def forecast(service: Service) -> Forecast:
    """Counts what stands in the ledger now."""
    ledger, now = service.ledger, service.clock()
    lines = {one.id: one for one in ledger.letters.lines()}
    open_now, closed = deliver.ready(service), ledger.letters.ready(now)
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
        waiting=_waiting(lines, closed),
        outside_hours=len(closed) - len(open_now),
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


def _waiting(lines: dict[int, Line], ready: list[Due]) -> int:
    """Queued letters that are not ready: of a later hour, after a refusal, or held with their PS or domain."""
    return sum(one.state is LetterState.QUEUED for one in lines.values()) - len(ready)


def _yesterday(service: Service, now: datetime) -> tuple[int, int]:
    today = datetime.combine(now.astimezone(PARIS).date(), time(), PARIS)
    before = datetime.combine(today.date() - timedelta(days=1), time(), PARIS)
    return service.ledger.letters.sent_between(before, today)
