"""`preview`: what letters look like, on samples or as they were sent; in a browser while an admin edits them."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import click

from mailbot import files
from mailbot.cli import context, explain
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION, WRONG
from mailbot.configuration.folder import Configuration
from mailbot.letters import page, samples, words
from mailbot.letters.lignes import House
from mailbot.letters.verdict import Contexts
from mailbot.preview import names

_PORT = 8025


@click.command()
@click.argument("kind", metavar="[MODÈLE]", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Fichier à écrire.")
@click.option("--texte", "as_text", is_flag=True, help="La partie texte au lieu de la page.")
@click.option("--exemple", "number", type=click.IntRange(1), default=1, help="Le combientième exemple (1 sinon).")
@click.option("--liste", "listed", is_flag=True, help="Les exemples de ce modèle, chacun par son nom.")
@click.option("--code", default="", help="Le bordereau d’un seul motif : --code 100_RO.")
@click.option("--lettre", "reference", default="", help="Un vrai courrier du registre : lettre-N ou mb-…")
@click.option("--serve", is_flag=True, help="Montre tout dans un navigateur, et recharge à chaque enregistrement.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=_PORT, help=f"Le port de --serve ({_PORT} ; 0 : un libre)."
)
@click.pass_obj
def preview(
    invocation: Invocation,
    kind: str | None,
    output: Path | None,
    as_text: bool,
    number: int,
    listed: bool,
    code: str,
    reference: str,
    serve: bool,
    port: int,
) -> int:
    """Un courrier sur des exemples, ou tel qu’il est parti ; --serve les montre tous. Sans rien : la liste."""
    configuration = invocation.configuration(shipped_will_do=not reference)
    attention = ATTENTION if configuration.warnings else 0
    if serve:
        return _serve(invocation, configuration, port)
    if reference:
        shown = _sent(invocation, configuration, reference, as_text)
    elif code:
        shown = _of_motif(configuration.house, code, as_text)
    elif kind is None or listed:
        return attention if _list(configuration.house, kind) else WRONG
    else:
        shown = _sample(configuration.house, kind, number, as_text)
    if shown is None:
        return WRONG
    if output is None:
        click.echo(shown, nl=False)
    else:
        files.write_private(output, shown.encode())
        context.say(f"aperçu écrit : {output}")
    return attention


def _list(house: House, kind: str | None) -> bool:
    """The kinds, or the samples of one by name; False where there is no such kind."""
    contexts = samples.contexts(house)
    if kind is None:
        for name, some in contexts.items():
            click.echo(f"{name:14} {words.pluriel(len(some), 'exemple')}")
        return True
    if not _known(kind, contexts):
        return False
    for number, one in enumerate(names.of(contexts)[kind], 1):
        click.echo(f"{number:3}  {one}")
    return True


def _known(kind: str, contexts: Contexts) -> bool:
    if kind not in contexts:
        context.say(f"aucun modèle « {kind} » : {words.nearest(kind, contexts)}")
    return kind in contexts


def _sample(house: House, kind: str, number: int, as_text: bool) -> str | None:
    contexts = samples.contexts(house)
    if not _known(kind, contexts):
        return None
    if number > len(contexts[kind]):
        context.say(f"« {kind} » a {words.pluriel(len(contexts[kind]), 'exemple')}")
        return None
    written = house.templates.text if as_text else house.templates.html
    return written(kind, contexts[kind][number - 1])


def _of_motif(house: House, code: str, as_text: bool) -> str | None:
    """A bordereau with the samples of one motif: each of its détails or erreurs."""
    rows = [ligne for ligne in samples.lignes(house) if ligne.motif == code]
    if not rows:
        context.say(f"aucun motif « {code} » : {words.nearest(code, house.libelles.motifs)}")
        return None
    shown = page.context(
        house, contact=samples.ADRESSE, numero_ps=samples.NUMERO_PS, raison_sociale=samples.RAISON_SOCIALE,
        lignes=rows, bilans=(), index=1, total=1, token=samples.TOKEN, now=samples.NOW,
    )  # fmt: skip
    return (house.templates.text if as_text else house.templates.html)("bordereau", shown)


def _sent(invocation: Invocation, configuration: Configuration, reference: str, as_text: bool) -> str | None:
    """A letter of the ledger as it was frozen; that it was looked at stands in the journal."""
    with invocation.ledger(configuration) as ledger:
        letter = explain.named_letter(ledger, reference)
        if letter is None:
            context.say(f"aucun courrier « {reference} » dans le registre : « mailbot outbox list » les montre")
            return None
        ledger.journal.write(invocation.clock(), invocation.who(), "letter shown", f"lettre {letter.id}")
        raw = ledger.letters.envelope(letter.id).raw
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    part = mail.get_body(("plain",) if as_text else ("html",))
    if part is None:
        context.say("ce courrier n’a pas cette partie")
        return None
    return str(part.get_content())


def _serve(invocation: Invocation, configuration: Configuration, port: int) -> int:
    from mailbot.preview import server
    from mailbot.preview.gallery import Gallery

    gallery = Gallery(configuration, invocation.reader.templates)
    with server.opened(gallery, port) as opened:
        context.say(f"aperçu sur {server.address(opened)} — Ctrl-C pour arrêter")
        try:
            opened.serve_forever()
        except KeyboardInterrupt:
            context.say("aperçu arrêté")
    return 0
