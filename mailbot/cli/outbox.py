"""Letters, one at a time, seen and moved by an agent; each act stands in the journal with its agent.

The list is `outbox_list.py`'s, what is held and released `outbox_hold.py`'s.
"""

from __future__ import annotations

import sys

import click

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG


@click.group()
def outbox() -> None:
    """Les courriers : voir, retenter, annuler, retenir, libérer."""


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
