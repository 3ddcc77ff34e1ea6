"""Every verb, in the order of the help page."""

from __future__ import annotations

import click

from mailbot.cli import (
    bench,
    book,
    consigne,
    contacts,
    contacts_prefer,
    data,
    demo,
    explain,
    inspect,
    notice,
    outbox,
    preview,
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
    preview.preview,
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


#: Verbs of a group that stand in a file of their own.
MORE: tuple[tuple[click.Group, click.Command], ...] = (
    (outbox.outbox, notice.notice),
    (contacts.contacts, contacts_prefer.prefer),
    (contacts.contacts, contacts_prefer.phrase),
)


def attach(group: click.Group) -> None:
    for verb in VERBS:
        group.add_command(verb)
    for part, verb in MORE:
        part.add_command(verb)
