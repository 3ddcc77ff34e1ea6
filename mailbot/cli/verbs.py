"""Every verb, in the order of the help page."""

from __future__ import annotations

import click

from mailbot.cli import bench, book, contacts, data, demo, explain, outbox, registry, review, rules, service, setup

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
    data.inspect,
    review.review,
    outbox.outbox,
    contacts.contacts,
    data.trame,
    book.consigne,
    registry.ledger,
    registry.status,
    bench.bench,
)


def attach(group: click.Group) -> None:
    for verb in VERBS:
        group.add_command(verb)
