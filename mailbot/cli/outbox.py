"""Letters, seen and moved by an agent; each act stands in the journal with its agent."""

from __future__ import annotations

import json
import sys

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import StoredLetter
from mailbot.letters import words


@click.group()
def outbox() -> None:
    """Les courriers : voir, retenter, annuler, retenir, libérer."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def outbox_list(invocation: Invocation, as_json: bool) -> None:
    """Tous les courriers et leur état."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        letters, held = ledger.letters.listed(), ledger.letters.held()
    for letter in letters:
        if as_json:
            click.echo(json.dumps(_letter_json(letter), ensure_ascii=False))
        else:
            problem = f" — {letter.last_text}" if letter.last_text and letter.state != "sent" else ""
            click.echo(
                f"{letter.id}  {wording.kind(letter.kind)}  PS {letter.numero_ps}  {wording.state(letter.state)}  "
                f"{words.pluriel(letter.attempts, 'essai')}{wording.safe(problem)}"
            )
    if held:
        context.say(f"envoi suspendu : {held} — « mailbot outbox release » le reprend")


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
    sys.stdout.buffer.write(letter.raw)
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


@outbox.command("hold")
@click.argument("number", type=int, required=False)
@click.option("--reason", default="décision d’un agent", help="Pourquoi, pour le journal.")
@click.pass_obj
def outbox_hold(invocation: Invocation, number: int | None, reason: str) -> None:
    """Retient un courrier, ou tout l’envoi sans numéro."""
    subject = "outbox" if number is None else f"letter {number}"
    context.act(
        invocation, "held", subject,
        lambda ledger: ledger.letters.hold_all(reason) if number is None else ledger.letters.hold(number),
        reason=reason,
    )  # fmt: skip
    context.say("envoi suspendu" if number is None else f"courrier {number} : retenu")


@outbox.command("release")
@click.argument("number", type=int, required=False)
@click.pass_obj
def outbox_release(invocation: Invocation, number: int | None) -> None:
    """Libère un courrier, ou tout l’envoi sans numéro."""
    subject = "outbox" if number is None else f"letter {number}"
    context.act(
        invocation, "released", subject,
        lambda ledger: ledger.letters.release_all() if number is None else ledger.letters.release(number),
    )  # fmt: skip
    context.say("envoi repris" if number is None else f"courrier {number} : libéré")


def _letter_json(letter: StoredLetter) -> dict[str, object]:
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
