"""`retours`: what NOEMIE returns say of invoices, per payment state, and what was seen to."""

from __future__ import annotations

import json

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.ledger import StoredRetour
from mailbot.letters import words
from mailbot.model.retours import EtatPaiement, Part, RetourState


@click.group()
def retours() -> None:
    """Les retours de paiement NOEMIE."""


@retours.command("list")
@click.option("--etat", type=click.Choice(list(EtatPaiement)), help="Un seul état de paiement.")
@click.option("--open", "open_only", is_flag=True, help="Seulement ce que quelqu’un doit voir.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def retours_list(invocation: Invocation, etat: str | None, open_only: bool, as_json: bool) -> None:
    """Ce que disent les retours, facture par facture (le dernier retour de chacune)."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found = ledger.retours.listed(EtatPaiement(etat) if etat else None)
    if open_only:
        found = [one for one in found if one.state is RetourState.OUVERT]
    if as_json:
        for one in found:
            click.echo(json.dumps(_as_json(one), ensure_ascii=False))
        return
    for state in EtatPaiement:
        group = [one for one in found if one.etat is state]
        if group:
            click.echo(f"{words.ETATS_PAIEMENT[state]} : {words.pluriel(len(group), 'facture')}")
        for one in group:
            click.echo(f"  {_line(one)}")
    if not found:
        context.say("aucun retour de paiement")


@retours.command("close")
@click.argument("number", metavar="RETOUR", type=int)
@click.option("--reason", required=True, help="Ce qui a été fait, pour le journal.")
@click.pass_obj
def retours_close(invocation: Invocation, number: int, reason: str) -> None:
    """Clôt un retour à voir : il quitte la Trame."""
    context.act(
        invocation, "return closed", f"retour {number}",
        lambda ledger: ledger.retours.close(number, invocation.clock()), reason=reason,
    )  # fmt: skip
    context.say(f"retour {number} clos")


def _line(one: StoredRetour) -> str:
    retour = one.retour
    lot = f", lot {retour.numero_lot}" if retour.numero_lot else ""
    parts = [f"retour {one.id} : facture {retour.numero_facture}{lot}, PS {retour.numero_ps or 'non dit'}"]
    parts += [f"{name} {_part(part)}" for name, part in (("RO", retour.ro), ("RC", retour.rc)) if part]
    parts += [f"{raison.code} {raison.libelle}".strip() for raison in retour.raisons]
    if one.why:
        parts.append(one.why)
    elif one.state is RetourState.OUVERT:
        parts.append("PS informé" if one.told else "à voir")
    return wording.safe(" ; ".join(parts))


def _part(part: Part) -> str:
    asked = f"demandé {words.montant(part.demande)}" if part.demande is not None else ""
    paid = f"payé {words.montant(part.paye)}" if part.paye is not None else ""
    return ", ".join(text for text in (asked, paid) if text) or "sans montant"


def _as_json(one: StoredRetour) -> dict[str, object]:
    retour = one.retour
    return {
        "retour": one.id,
        "etat": one.etat,
        "state": one.state,
        "numero_ps": retour.numero_ps,
        "numero_lot": retour.numero_lot,
        "numero_facture": retour.numero_facture,
        "jour": retour.jour.isoformat() if retour.jour else None,
        "fichier": one.fichier,
        "ro": _part_json(retour.ro),
        "rc": _part_json(retour.rc),
        "raisons": [
            {"code": raison.code, "libelle": raison.libelle, "niveau": raison.niveau, "part": raison.part}
            for raison in retour.raisons
        ],
        "inconnue": one.why or None,
    }


def _part_json(part: Part | None) -> dict[str, object] | None:
    return None if part is None else {"demande": part.demande, "etat": part.etat, "paye": part.paye}
