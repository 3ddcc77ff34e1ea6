"""`outbox hold` and `outbox release`: what an agent keeps from leaving, and lets go again.

Stopping is easy, letting go is asked for by name: a bare `release` says what it would let go and does nothing. A domain
is held alone: what stands below it is another domain, with other servers, and is named when letters to it wait.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.configuration import settings
from mailbot.ledger import Ledger, Line
from mailbot.letters import words
from mailbot.model import LetterState
from mailbot.parsers import identifiers

#: Domains that one sentence names.
_NAMED = 5

_SCOPE = (
    click.argument("number", type=int, required=False),
    click.option("--ps", "numero_ps", metavar="PS", help="Tous les courriers de ce PS, présents et à venir."),
    click.option(
        "--domain",
        metavar="DOMAINE",
        help="Tous les courriers à ce domaine (cabinet.example.fr) ; ceux d’en dessous sont d’autres domaines.",
    ),
    click.option("--all", "everything", is_flag=True, help="Tout l’envoi."),
)


def _scoped(command: Callable[..., object]) -> Callable[..., object]:
    """The argument and the options that say what is held or released."""
    for decorate in reversed(_SCOPE):
        command = decorate(command)
    return command


class _What(NamedTuple):
    """What is held or released; `scope` is "letter", "ps", "domain" or "" for everything."""

    scope: str
    value: str
    subject: str
    told: str


@click.command("hold")
@_scoped
@click.option("--reason", metavar="TEXTE", default="décision d’un agent", help="Pourquoi, pour la liste et le journal.")
@click.pass_obj
def hold(
    invocation: Invocation,
    number: int | None,
    numero_ps: str | None,
    domain: str | None,
    everything: bool,
    reason: str,
) -> None:
    """Retient un courrier, un PS ou un domaine ; sans rien, tout l’envoi."""
    what = _one_of(number, numero_ps, domain, everything)
    _whole(what)
    now = invocation.clock()
    lines: list[Line] = []

    def move(ledger: Ledger) -> None:
        if what.scope == "letter":
            ledger.letters.hold(int(what.value), reason)
        elif what.scope:
            ledger.holds.hold(now, what.scope, what.value, reason)
        else:
            ledger.holds.hold_all(reason)
        lines.extend(one for one in ledger.letters.lines() if one.state is LetterState.QUEUED)

    context.act(invocation, "held", what.subject, move, reason=reason)
    context.say(f"{what.told} : retenu{_waiting(what, lines)}" if what.scope else "envoi suspendu")
    below = Counter(one.domain for one in lines if what.scope == "domain" and one.domain.endswith(f".{what.value}"))
    if below:
        named = ", ".join(f"{name} ({count})" for name, count in below.most_common(_NAMED))
        context.say(f"pas retenus, car ce sont d’autres domaines : {named}{' …' if len(below) > _NAMED else ''}")


@click.command("release")
@_scoped
@click.pass_obj
def release(
    invocation: Invocation, number: int | None, numero_ps: str | None, domain: str | None, everything: bool
) -> int:
    """Libère un courrier, un PS ou un domaine ; tout l’envoi avec --all."""
    what = _one_of(number, numero_ps, domain, everything)
    if not what.scope and not everything:
        return _asked(invocation)

    def move(ledger: Ledger) -> None:
        if what.scope == "letter":
            ledger.letters.release(int(what.value))
        elif what.scope:
            ledger.holds.release(what.scope, what.value)
        else:
            ledger.holds.release_all()

    context.act(invocation, "released", what.subject, move)
    context.say(f"{what.told} : libéré" if what.scope else "envoi repris")
    return 0


def _asked(invocation: Invocation) -> int:
    """What `release --all` would let go; nothing is written."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        held, holds = ledger.holds.everything(), ledger.holds.listed()
        queued = sum(one.state is LetterState.QUEUED for one in ledger.letters.lines())
    if held:
        waiting = words.pluriel(queued, "courrier attend", "courriers attendent")
        context.say(f"tout l’envoi est suspendu : {held} ({waiting})")
        context.say("pour le reprendre : « mailbot outbox release --all »")
    else:
        context.say("l’envoi n’est pas suspendu")
    for one in holds:
        context.say(f"pour libérer seulement cela : « mailbot outbox release --{one.scope} {wording.safe(one.value)} »")
    return WRONG


def _one_of(number: int | None, numero_ps: str | None, domain: str | None, everything: bool) -> _What:
    if sum((number is not None, numero_ps is not None, domain is not None, everything)) > 1:
        raise click.UsageError("un seul de NUMÉRO, --ps, --domain et --all.")
    if number is not None:
        return _What("letter", str(number), f"letter {number}", f"courrier {number}")
    if numero_ps is not None:
        known = identifiers.numero_ps(numero_ps)
        return _What("ps", known, f"ps {known}", f"PS {known}")
    if domain is not None:
        name = domain.strip().rpartition("@")[2].lower().rstrip(".")
        return _What("domain", name, f"domain {name}", f"domaine {name}")
    return _What("", "", "outbox", "envoi")


def _whole(what: _What) -> None:
    """Refuses what is no PS number and no domain. (What was held before this was asked is released all the same.)"""
    if what.scope == "ps" and (not re.fullmatch(r"[0-9]{9}", what.value) or not what.value.strip("0")):
        raise click.UsageError(f"« {what.value} » n’est pas un n° PS : neuf chiffres, ou 2A ou 2B et sept chiffres")
    if what.scope == "domain" and not settings.whole_domain(what.value):
        raise click.UsageError(f"« {what.value} » n’est pas un domaine entier (exemple : cabinet.example.fr)")


def _waiting(what: _What, lines: list[Line]) -> str:
    """How many letters that keeps now."""
    if what.scope == "letter":
        return ""
    count = sum(what.value == (one.numero_ps if what.scope == "ps" else one.domain) for one in lines)
    if not count:
        return ", aucun courrier n’attend"
    return f", {words.pluriel(count, 'courrier attend', 'courriers attendent')}"
