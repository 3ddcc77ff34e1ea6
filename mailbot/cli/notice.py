"""`outbox notice`: a text of the house to contacts; it counts first and sends only when told to."""

from __future__ import annotations

import click

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.letters import words
from mailbot.passes import notices


@click.command("notice")
@click.argument("text", metavar="TEXTE")
@click.option("--ps", "numeros_ps", multiple=True, metavar="N", help="Seulement ce PS (plusieurs fois possible).")
@click.option("--reason", required=True, help="Pourquoi ce message part, pour le journal.")
@click.option("--send", is_flag=True, help="Envoie ; sans cette option, compte seulement.")
@click.pass_obj
def notice(invocation: Invocation, text: str, numeros_ps: tuple[str, ...], reason: str, send: bool) -> int:
    """Envoie un texte de config/textes/ aux contacts enregistrés, ou à certains PS."""
    configuration = invocation.configuration()
    configuration.house.textes.named(text)
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        found, without = notices.recipients(service, numeros_ps)
        for numero_ps in without:
            context.say(f"PS {numero_ps} : aucune adresse où écrire")
        if send:
            queued = notices.queue(service, text, found, reason)
            again = len(found) - queued
            said = f" ; déjà prêts ou envoyés aujourd’hui : {words.nombre(again)}" if again else ""
            context.say(f"« {text} » : {words.pluriel(queued, 'courrier prêt', 'courriers prêts')}{said}")
        else:
            context.say(f"« {text} » partirait à {words.nombre(len(found))} PS ; ajoutez --send pour l’envoyer")
    return ATTENTION if without else 0
