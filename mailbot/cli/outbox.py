"""Letters, seen and moved by an agent; each act stands in the journal with its agent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import Ledger, Line
from mailbot.letters import words
from mailbot.model import LetterState
from mailbot.parsers import identifiers


@click.group()
def outbox() -> None:
    """Les courriers : voir, retenter, annuler, retenir, libérer."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def outbox_list(invocation: Invocation, as_json: bool) -> None:
    """Tous les courriers et leur état, et ce qui est retenu."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        letters, held, holds = ledger.letters.lines(), ledger.holds.everything(), ledger.holds.listed()
    for letter in letters:
        if as_json:
            click.echo(json.dumps(_letter_json(letter), ensure_ascii=False))
        else:
            click.echo(wording.safe(_told(letter)))
    for one in holds:
        what = f"PS {one.value}" if one.scope == "ps" else f"domaine {one.value}"
        waiting = words.pluriel(one.waiting, "courrier attend", "courriers attendent")
        context.say(
            f"{what} retenu depuis le {wording.moment(one.since)} ({one.reason}) : {waiting} — "
            f"« mailbot outbox release --{one.scope} {one.value} » le libère"
        )
    if held:
        context.say(f"envoi suspendu : {held} — « mailbot outbox release » le reprend")


def _told(letter: Line) -> str:
    problem = f" — {letter.last_text}" if letter.last_text and letter.state is not LetterState.SENT else ""
    if letter.state is LetterState.UNKNOWN:
        problem += (
            f" ; demandez au PS s’il l’a reçu : « mailbot outbox confirm {letter.id} » s’il l’a, "
            f"« mailbot outbox retry {letter.id} » sinon"
        )
    return (
        f"{letter.id}  {wording.kind(letter.kind)}  PS {letter.numero_ps}  {wording.state(letter.state)}  "
        f"{words.pluriel(letter.attempts, 'essai')}{problem}"
    )


@outbox.command("show")
@click.argument("number", type=int)
@click.pass_obj
def outbox_show(invocation: Invocation, number: int) -> int:
    """Les octets exacts d’un courrier."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        letter = ledger.letters.get(number)
        if letter is None:
            context.say(f"aucun courrier {number} : « mailbot outbox list » les montre")
            return WRONG
        ledger.journal.write(invocation.clock(), invocation.who(), "letter read", f"letter {number}")
        raw = ledger.letters.envelope(number).raw
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()
    return 0


@outbox.command("retry")
@click.argument("number", type=int)
@click.pass_obj
def outbox_retry(invocation: Invocation, number: int) -> None:
    """Renvoie un courrier impossible ou en doute (le PS peut le recevoir deux fois)."""
    now = invocation.clock()
    context.act(invocation, "letter retried", f"letter {number}", lambda ledger: ledger.letters.retry(number, now))
    context.say(f"courrier {number} : partira au prochain envoi")


@outbox.command("confirm")
@click.argument("number", type=int)
@click.pass_obj
def outbox_confirm(invocation: Invocation, number: int) -> None:
    """Note qu’un courrier en doute est bien arrivé."""
    context.act(invocation, "letter confirmed", f"letter {number}", lambda ledger: ledger.letters.confirm(number))
    context.say(f"courrier {number} : noté comme arrivé")


@outbox.command("cancel")
@click.argument("number", type=int)
@click.pass_obj
def outbox_cancel(invocation: Invocation, number: int) -> None:
    """Annule un courrier qui n’est pas parti."""
    context.act(invocation, "letter cancelled", f"letter {number}", lambda ledger: ledger.letters.cancel(number))
    context.say(f"courrier {number} : annulé")


_SCOPE = (
    click.argument("number", type=int, required=False),
    click.option("--ps", "numero_ps", default="", help="Tous les courriers de ce PS, présents et à venir."),
    click.option("--domain", default="", help="Tous les courriers à ce domaine (cabinet.example.fr)."),
    click.option("--all", "everything", is_flag=True, help="Tout l’envoi (comme sans rien)."),
)


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and the options that say what is held or released."""
    for decorate in reversed(_SCOPE):
        command = decorate(command)
    return command


@outbox.command("hold")
@_scoped
@click.option("--reason", default="décision d’un agent", help="Pourquoi, pour la liste et le journal.")
@click.pass_obj
def outbox_hold(
    invocation: Invocation, number: int | None, numero_ps: str, domain: str, everything: bool, reason: str
) -> None:
    """Retient un courrier, un PS, un domaine, ou tout l’envoi."""
    what = _one_of(number, numero_ps, domain, everything)
    now = invocation.clock()

    def hold(ledger: Ledger) -> None:
        if what.scope == "letter":
            ledger.letters.hold(int(what.value), reason)
        elif what.scope:
            ledger.holds.hold(now, what.scope, what.value, reason)
        else:
            ledger.holds.hold_all(reason)

    context.act(invocation, "held", what.subject, hold, reason=reason)
    context.say(f"{what.told} : retenu" if what.scope else "envoi suspendu")


@outbox.command("release")
@_scoped
@click.pass_obj
def outbox_release(invocation: Invocation, number: int | None, numero_ps: str, domain: str, everything: bool) -> None:
    """Libère un courrier, un PS, un domaine, ou tout l’envoi."""
    what = _one_of(number, numero_ps, domain, everything)

    def release(ledger: Ledger) -> None:
        if what.scope == "letter":
            ledger.letters.release(int(what.value))
        elif what.scope:
            ledger.holds.release(what.scope, what.value)
        else:
            ledger.holds.release_all()

    context.act(invocation, "released", what.subject, release)
    context.say(f"{what.told} : libéré" if what.scope else "envoi repris")


class _What(NamedTuple):
    """What is held or released; `scope` is "letter", "ps", "domain" or "" for everything."""

    scope: str
    value: str
    subject: str
    told: str


def _one_of(number: int | None, numero_ps: str, domain: str, everything: bool) -> _What:
    if sum((number is not None, bool(numero_ps), bool(domain), everything)) > 1:
        raise click.UsageError("un seul de NUMÉRO, --ps, --domain et --all.")
    if number is not None:
        return _What("letter", str(number), f"letter {number}", f"courrier {number}")
    if numero_ps:
        known = identifiers.numero_ps(numero_ps)
        return _What("ps", known, f"ps {known}", f"PS {known}")
    if domain:
        name = domain.rpartition("@")[2].lower()
        return _What("domain", name, f"domain {name}", f"domaine {name}")
    return _What("", "", "outbox", "envoi")


def _letter_json(letter: Line) -> dict[str, object]:
    return {
        "id": letter.id,
        "kind": letter.kind,
        "numero_ps": letter.numero_ps,
        "state": letter.state,
        "attempts": letter.attempts,
        "last_code": letter.last_code,
        "last_text": letter.last_text,
        "message_id": letter.message_id,
    }
