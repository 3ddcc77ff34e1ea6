"""`explain`: why a decision, a match or a classification came out as it did."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import textwrap
from typing import Any

import click
import orjson

from mailbot.cli import book, context, story, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.configuration.folder import Configuration
from mailbot.ledger import Decided, Ledger, StoredLetter, threads
from mailbot.rules import telling

_MAIL = re.compile(r"mail[ -]?(\d+)", re.IGNORECASE)
_LETTER = re.compile(r"(?:lettre|courrier|letter)[ -]?(\d+)", re.IGNORECASE)
_TOKEN = re.compile(r"(?:mb-)?([a-z2-7]{26})", re.IGNORECASE)
_KEY = re.compile(r"[0-9a-f]{64}")
#: Beyond this a line is hard to read, however wide the terminal.
_WIDEST = 110


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--tout", "--all", "everything", is_flag=True, help="Chaque règle regardée et chaque valeur vue.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par facture, mail ou courrier.")
@click.pass_obj
def explain(invocation: Invocation, reference: str, everything: bool, as_json: bool) -> int:
    """Pourquoi une décision ou un mail a été compris ainsi. REF : facture, lot/facture, PS/lot/facture, mail-N,
    lettre-N, ou la référence mb-… d’un courrier."""
    configuration = invocation.configuration()
    reference = reference.strip()
    with invocation.ledger(configuration) as ledger:
        mail = _MAIL.fullmatch(reference)
        if mail:
            return _mail(ledger, int(mail[1]), as_json)
        if any(shape.fullmatch(reference) for shape in (_LETTER, _TOKEN, _KEY)):
            return _letter(ledger, reference, as_json)
        found = ledger.lots.find(reference)
        for place, one in enumerate(found):
            ledger.journal.write(
                invocation.clock(), invocation.who(), "decision explained", f"facture {one.facture_id}"
            )
            if place and not as_json:
                click.echo("")
            if as_json:
                click.echo(orjson.dumps(_as_json(one)).decode())
            elif everything:
                _list(ledger, one, configuration)
            else:
                _tell(ledger, one, configuration)
    if not found:
        hint = "essayez lot/facture, PS/lot/facture, mail-N ou lettre-N"
        context.say(f"aucune facture « {reference} » dans le registre : {hint}")
        return WRONG
    return 0


# -- an invoice ----------------------------------------------------------------------------------------------------


def _tell(ledger: Ledger, one: Decided, configuration: Configuration) -> None:
    """The decision and its reason, what happens next, the path to it, and the rule that held."""
    told = telling.tell(orjson.loads(one.explication), configuration.book)
    facture = one.facture
    received = f"reçue le {facture.date_reception:%d/%m/%Y}"
    version = f", version {one.version}" if one.version > 1 else ""
    _say(f"Facture {one.nom_facture} du lot {facture.numero_lot}, PS {facture.numero_ps}, {received}{version}")
    _say(story.decision(one, configuration.house.libelles))
    _say(told.reason)
    click.echo("\nLa suite")
    for sentence in story.next_steps(ledger, one):
        _say(sentence, 2)
    if told.path:
        click.echo("\nCe qui a été vérifié avant")
    for theme, sentences in told.path:
        _say(f"{theme} : {' '.join(sentences)}", 2)
    click.echo("")
    _say(f"Règle {told.rule} : {telling.lowered(told.reason)}")


def _say(sentence: str, indent: int = 0) -> None:
    """A sentence, folded for a terminal; whole in a pipe."""
    text = wording.safe(sentence)
    if sys.stdout.isatty():
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        begin, rest = " " * indent, " " * (indent + 2 if indent else 0)
        text = textwrap.fill(
            text, width, initial_indent=begin, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
    else:
        text = " " * indent + text
    click.echo(text)


def _list(ledger: Ledger, one: Decided, configuration: Configuration) -> None:
    """Every rule that was looked at, with every value that it saw."""
    _say(f"Facture {one.nom_facture}, lot {one.facture.numero_lot}, PS {one.facture.numero_ps} (version {one.version})")
    _say(story.decision(one, configuration.house.libelles))
    for sentence in story.next_steps(ledger, one):
        _say(sentence, 2)
    click.echo("Règles regardées, dans l’ordre :")
    for step in orjson.loads(one.explication):
        seen = ", ".join(f"{name} = {_value(value)}" for name, value in step["valeurs"].items())
        held = "oui" if step["tenue"] else "non"
        click.echo(wording.safe(f"  {'→' if step['tenue'] else ' '} {step['regle']:4} {held}  {seen}"))


def _value(value: Any) -> str:
    if value is True or value is False:
        return "oui" if value else "non"
    if value in (None, "", []):
        return "vide"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _as_json(one: Decided) -> dict[str, Any]:
    return {
        "numero_lot": one.facture.numero_lot,
        "numero_ps": one.facture.numero_ps,
        "numero_facture": one.facture.numero_facture,
        "version": one.version,
        "decided_at": one.decided_at,
        "state": one.state,
        **book.decision_json(one.decision),
        "explication": orjson.loads(one.explication),
    }


# -- a mail, a letter ----------------------------------------------------------------------------------------------


def _mail(ledger: Ledger, number: int, as_json: bool) -> int:
    mail = ledger.mails.get(number)
    if mail is None:
        context.say(f"aucun mail {number} dans le registre")
        return WRONG
    if as_json:
        told = {"mail": number, "kind": mail.kind, "state": mail.state, "reason": mail.reason}
        click.echo(orjson.dumps({**told, "evidence": mail.evidence}).decode())
        return 0
    for sentence in story.of_mail(ledger, mail):
        _say(sentence)
    return 0


def _letter(ledger: Ledger, reference: str, as_json: bool) -> int:
    letter = named_letter(ledger, reference)
    if letter is None:
        context.say(f"aucun courrier « {reference} » dans le registre : « mailbot outbox list » les montre")
        return WRONG
    if as_json:
        told = {"lettre": letter.id, "kind": letter.kind, "numero_ps": letter.numero_ps, "state": letter.state}
        factures = [
            {"numero_lot": one.facture.numero_lot, "numero_facture": one.nom_facture, "state": one.rejet_state}
            for one in ledger.lots.of_letter(letter.id)
        ]
        tries = threads.attempts(ledger.store, letter.id)
        click.echo(orjson.dumps({**told, "attempts": tries, "factures": factures}).decode())
        return 0
    for sentence in story.of_letter(ledger, letter):
        _say(sentence)
    return 0


def named_letter(ledger: Ledger, reference: str) -> StoredLetter | None:
    """By its number, its token (the blind copy does not carry it) or its business key."""
    number = _LETTER.fullmatch(reference)
    if number:
        return ledger.letters.get(int(number[1]))
    token = _TOKEN.fullmatch(reference)
    if token:
        digest = hashlib.sha256(token[1].lower().encode("ascii")).hexdigest()
        return next(iter(ledger.letters.by_reference(token_hash=digest)), None)
    found = threads.letter_of_key(ledger.store, reference)
    return None if found is None else ledger.letters.get(found)
