"""Every verb, in the order of the help page."""

from __future__ import annotations

import click

from mailbot.cli import (
    bench,
    book,
    consigne,
    contacts,
    data,
    demo,
    explain,
    inspect,
    outbox,
    registry,
    replay,
    retours,
    review,
    rules,
    service,
    setup,
)

VERBS: tuple[click.Command, ...] = (
    setup.init,
    demo.demo,
    setup.check,
    service.run,
    service.receive,
    service.settle,
    service.cut,
    service.deliver,
    data.lots,
    data.references,
    book.decide,
    explain.explain,
    rules.rules,
    inspect.inspect,
    replay.replay,
    review.review,
    outbox.outbox,
    contacts.contacts,
    retours.retours,
    data.trame,
    consigne.consigne,
    registry.ledger,
    registry.status,
    bench.bench,
)


def attach(group: click.Group) -> None:
    for verb in VERBS:
        group.add_command(verb)
