"""`deliver --dry-run`: the forecast as an agent reads it."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime

import click

from mailbot.cli import wording
from mailbot.cli.main import ATTENTION
from mailbot.letters import words
from mailbot.passes.forecast import Forecast


def told(found: Forecast, as_json: bool, now: datetime) -> int:
    """Prints it; 1 when something needs a look."""
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        for line in _lines(found, now):
            click.echo(wording.safe(line))
    return ATTENTION if found.suspended or found.left or found.misdirected or found.in_doubt or found.held else 0


_HOURS = "send_at, send_until, send_days"


def _from(at: str) -> str:
    return f", à partir du {wording.moment(at)}" if at else ""


def _lines(found: Forecast, now: datetime) -> list[str]:
    lines = [
        f"enverrait {words.pluriel(found.letters, 'courrier')} à {words.pluriel(found.ps, 'PS', 'PS')} "
        f"(hier : {words.pluriel(found.yesterday.letters, 'courrier')} à {words.nombre(found.yesterday.ps)} PS)"
    ]
    lines += [f"  {wording.kind(kind):24} {words.nombre(count)}" for kind, count in found.kinds.items()]
    if found.domains:
        lines.append("domaines :")
        lines += [f"  {domain:32} {words.nombre(count)}" for domain, count in found.domains.items()]
    if found.oldest:
        lines.append(f"le plus ancien : {wording.age(found.oldest, now)}")
    kept = [
        (found.left, "attendrait le passage suivant (max_letters_per_run)"),
        (found.outside_hours, f"attend les heures d’envoi des bordereaux{_from(found.leaves_at)} ({_HOURS})"),
        (found.kept, "retenu avec son PS, son domaine ou tout l’envoi (mailbot outbox list)"),
        (found.waiting - found.kept, f"nouvel essai plus tard{_from(found.next_try)}"),
        (found.in_doubt, "en doute (mailbot outbox list)"),
        (found.held, "retenu (mailbot outbox list)"),
        *((count, f"serait retenu : {why}") for why, count in found.misdirected.items()),
    ]
    lines += [f"ne part pas : {words.nombre(count)} — {why}" for count, why in kept if count]
    for one in found.holds:
        what = "PS" if one.scope == "ps" else "domaine"
        lines.append(f"{what} {one.value} retenu : {one.reason} ({words.pluriel(one.waiting, 'courrier')})")
    if found.suspended:
        lines.append(f"rien ne part : {found.suspended}")
    return lines
