"""`explain`: why a decision, a match or a classification came out as it did."""

from __future__ import annotations

import re
from typing import Any

import click
import orjson

from mailbot.cli import book, context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.configuration.folder import Configuration
from mailbot.ledger import Decided, Ledger
from mailbot.model import RejetState, Status

_STATUS = {Status.REFUSEE: "Refusée", Status.ACCEPTEE: "Acceptée", Status.A_SAISIR: "À saisir"}
_WHO = {"ps": "le PS, par mail", "gestionnaire": "un gestionnaire"}


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par facture ou mail.")
@click.pass_obj
def explain(invocation: Invocation, reference: str, as_json: bool) -> int:
    """Pourquoi une décision ou un mail a été compris ainsi. REF : facture, lot/facture, PS/lot/facture, ou mail-N."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        mail = re.fullmatch(r"mail[ -]?(\d+)", reference.strip())
        if mail:
            return _mail(ledger, int(mail[1]), as_json)
        found = ledger.lots.find(reference)
        for one in found:
            ledger.journal.write(
                invocation.clock(), invocation.who(), "decision explained", f"facture {one.facture_id}"
            )
            if as_json:
                click.echo(orjson.dumps(_as_json(one)).decode())
            else:
                _tell(ledger, one, configuration)
    if not found:
        context.say(f"aucune facture « {reference} » dans le registre : essayez lot/facture, PS/lot/facture ou mail-N")
        return WRONG
    return 0


def _mail(ledger: Ledger, number: int, as_json: bool) -> int:
    mail = ledger.mails.get(number)
    if mail is None:
        context.say(f"aucun mail {number} dans le registre")
        return WRONG
    if as_json:
        told = {"mail": number, "kind": mail.kind, "state": mail.state, "reason": mail.reason}
        click.echo(orjson.dumps({**told, "evidence": mail.evidence}).decode())
        return 0
    click.echo(f"Mail {number} : {wording.kind(mail.kind)}, {wording.state(mail.state)}")
    if mail.reason:
        click.echo(f"  raison : {wording.safe(mail.reason)}")
    for line in mail.evidence:
        click.echo(f"  indice : {wording.safe(line)}")
    return 0


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


def _tell(ledger: Ledger, one: Decided, configuration: Configuration) -> None:
    facture, decision = one.facture, one.decision
    libelles = configuration.house.libelles
    click.echo(f"Facture {one.nom_facture}, lot {facture.numero_lot}, PS {facture.numero_ps} (version {one.version})")
    motif = f" : {libelles.motifs.get(decision.motif, decision.motif)}" if decision.motif else ""
    click.echo(f"{_STATUS[decision.status]}{motif}, par la règle {decision.regle}, le {wording.moment(one.decided_at)}")
    for label, value in (
        ("détail", libelles.details.get(decision.detail or "", decision.detail)),
        ("erreur", libelles.erreurs.get(decision.erreur or "", decision.erreur)),
        ("date", decision.date and f"{decision.date:%d/%m/%Y}"),
        ("commentaire", decision.commentaire),
        ("répond", _WHO.get(decision.route or "")),
        ("suite", _since(ledger, one)),
    ):
        if value:
            click.echo(f"  {label} : {value}")
    click.echo("Règles regardées, dans l’ordre :")
    for step in orjson.loads(one.explication):
        seen = ", ".join(f"{name} = {_value(value)}" for name, value in step["valeurs"].items())
        click.echo(f"  {'→' if step['tenue'] else ' '} {step['regle']:4} {'oui' if step['tenue'] else 'non'}  {seen}")


def _since(ledger: Ledger, one: Decided) -> str:
    """What became of a refusal."""
    if one.rejet_id is None:
        return ""
    if one.rejet_state is RejetState.CLOS:
        by = ledger.lots.closed_by(one.rejet_id)
        if by:
            corrected = f"la facture {by.nom_facture} (lot {by.facture.numero_lot})"
            return f"refus clos par {corrected}, {_STATUS[by.decision.status].lower()}"
        return "refus clos par un agent"
    if one.rejet_state is RejetState.REPONDU:
        return "le PS a répondu, un gestionnaire doit lire sa réponse"
    if one.letter_id:
        return "le PS est informé, sa réponse est attendue"
    return "dans la Trame des gestionnaires" if one.cut else "à annoncer au prochain passage"


def _value(value: Any) -> str:
    if value is True or value is False:
        return "oui" if value else "non"
    if value in (None, "", []):
        return "vide"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
