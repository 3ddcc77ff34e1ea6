"""`rules`: what an admin needs to edit the rule book."""

from __future__ import annotations

import json

import click

from mailbot.cli import context, findings, what_if
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION, WRONG
from mailbot.rules.facts import FACTS, NAMED


@click.group()
def rules() -> None:
    """Le livre des règles : le vérifier, connaître les faits qu’il peut nommer."""


rules.add_command(what_if.diff)


@rules.command("check")
@click.pass_obj
def check(invocation: Invocation) -> int:
    """Relit motifs, règles, spécialités et textes : chaque faute et remarque avec fichier, ligne et colonne."""
    found = invocation.examine(shipped_will_do=True)
    count = findings.tell(found)
    if found.configuration and not any(count):
        book = found.configuration.book
        context.say(f"livre des règles sans faute : {len(book.rules)} règles, {len(book.motifs)} motifs")
    return WRONG if count.faults else ATTENTION if count.remarks else 0


@rules.command("facts")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par fait.")
def facts(as_json: bool) -> None:
    """Les faits que regles.yaml peut nommer, et les valeurs pour ses commentaires."""
    for fact in FACTS.values():
        if as_json:
            told = {"fait": fact.name, "description": fact.description, "referentiels": fact.tables}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            needs = f" (référentiels : {', '.join(fact.tables)})" if fact.tables else ""
            click.echo(f"{fact.name}\n    {fact.description}{needs}")
    if not as_json:
        click.echo("\nValeurs pour {…} dans un commentaire, une date ou un détail :")
        for named in NAMED.values():
            click.echo(f"{{{named.name}}}\n    {named.description}")
