"""`rules`: what an admin needs to edit the rule book."""

from __future__ import annotations

import json

import click

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.rules.facts import FACTS, NAMED


@click.group()
def rules() -> None:
    """Le livre des règles : le vérifier, connaître les faits qu’il peut nommer."""


@rules.command("check")
@click.pass_obj
def check(invocation: Invocation) -> None:
    """Vérifie motifs, règles, spécialités et textes ; chaque faute avec fichier, ligne et colonne."""
    book = invocation.configuration(shipped_will_do=True).book
    context.say(f"livre des règles sans faute : {len(book.rules)} règles, {len(book.motifs)} motifs")


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
