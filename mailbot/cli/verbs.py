"""Every verb, in the order of the help page, and where it is: a module is loaded when its verb is called.

Loading all of them takes seconds where no compiled code is kept, and a verb needs one.
"""

from __future__ import annotations

import importlib

import click

from mailbot.cli import french

#: Verb -> its module in this package; there it has the same name.
VERBS: dict[str, str] = {
    "init": "setup",
    "demo": "demo",
    "check": "setup",
    "run": "service",
    "receive": "service",
    "settle": "service",
    "cut": "service",
    "deliver": "service",
    "lots": "data",
    "references": "data",
    "decide": "book",
    "explain": "explain",
    "rules": "rules",
    "inspect": "inspect",
    "replay": "replay",
    "preview": "preview",
    "review": "review",
    "outbox": "outbox",
    "contacts": "contacts",
    "retours": "retours",
    "trame": "data",
    "consigne": "consigne",
    "ledger": "registry",
    "status": "registry",
    "bench": "bench",
}

#: Verbs of a group that stand in a file of their own: group -> (module, name).
MORE: dict[str, tuple[tuple[str, str], ...]] = {
    "outbox": (("outbox_list", "listed"), ("outbox_hold", "hold"), ("outbox_hold", "release"), ("notice", "notice")),
    "contacts": (("contacts_prefer", "prefer"), ("contacts_prefer", "phrase")),
}


def load(name: str) -> click.Command:
    """The verb of this name, which is one of `VERBS`."""
    verb = _found(VERBS[name], name)
    if isinstance(verb, click.Group):
        for module, inner in MORE.get(name, ()):
            verb.add_command(_found(module, inner))
    return french.dressed(verb)


def _found(module: str, name: str) -> click.Command:
    found = getattr(importlib.import_module(f"mailbot.cli.{module}"), name)
    assert isinstance(found, click.Command)
    return found
