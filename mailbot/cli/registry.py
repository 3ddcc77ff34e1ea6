"""The ledger for those who answer for it: export, verification, backup, restore, purge, access; and the status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.ledger import export, instance_lock, retours, upkeep
from mailbot.letters import words
from mailbot.model.inscriptions import InscriptionState
from mailbot.parsers import identifiers
from mailbot.passes import deliver, review_queue

_STATES = {
    "mails": "mails",
    "lot_files": "fichiers de lots",
    "factures": "factures",
    "rejets": "rejets",
    "retours": "retours de paiement",
    "letters": "courriers",
    "contacts": "adresses",
}

#: Codes without consigne that `status` names.
_SHOWN_CODES = 10
#: Contested PS that it names.
_SHOWN_PS = 5


@click.group()
def ledger() -> None:
    """Le registre : exporter, vérifier, sauvegarder, restaurer, purger, droit d’accès."""


@ledger.command("export")
@click.pass_obj
def export_(invocation: Invocation) -> None:
    """Tout le registre, un objet JSON par ligne."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as opened:
        for row in export.rows(opened.store):
            click.echo(json.dumps(row, ensure_ascii=False))
        opened.journal.write(invocation.clock(), invocation.who(), "ledger exported", "ledger")


@ledger.command("verify")
@click.pass_obj
def verify(invocation: Invocation) -> int:
    """Vérifie le fichier et la chaîne du journal."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as opened:
        integrity = opened.store.value("PRAGMA integrity_check")
        broken = opened.journal.verify()
    if integrity != "ok":
        context.say(f"le fichier du registre est abîmé : {integrity}")
        return ATTENTION
    if broken is not None:
        context.say(f"le journal a été modifié : la ligne {broken} ne suit pas la précédente")
        return ATTENTION
    context.say("registre intact, journal complet")
    return 0


@ledger.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(invocation: Invocation, target: Path) -> None:
    """Copie complète du registre, même en service."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as opened:
        upkeep.backup(opened.store, target)
        opened.journal.write(invocation.clock(), invocation.who(), "ledger backed up", "ledger")
    context.say(f"sauvegarde écrite : {target}")


@ledger.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore(invocation: Invocation, source: Path) -> None:
    """Remet une sauvegarde en place ; rien ne part avant « outbox release --all »."""
    configuration = invocation.configuration()
    path = configuration.settings.ledger.path
    with instance_lock(path):
        upkeep.restore(source, path, invocation.clock(), invocation.who())
    context.say("registre restauré ; l’envoi est suspendu jusqu’à « mailbot outbox release --all »")


@ledger.command("purge")
@click.pass_obj
def purge(invocation: Invocation) -> None:
    """Efface ce qui a passé sa durée de conservation (le service le fait aussi de lui-même)."""
    configuration = invocation.configuration()
    kept = configuration.settings.ledger
    with instance_lock(kept.path), invocation.ledger(configuration) as opened:
        gone = upkeep.purge(
            opened.store, invocation.clock(), invocation.who(), kept.retention_months, kept.log_retention_months
        )
    total = sum(gone.values())
    context.say(f"{total} lignes effacées" if total else "rien à effacer")


@ledger.command("access")
@click.option("--ps", "numero_ps", default="", help="Numéro du PS.")
@click.option("--nir", default="", help="NIR du patient.")
@click.pass_obj
def access(invocation: Invocation, numero_ps: str, nir: str) -> None:
    """Tout ce que le registre contient sur un PS ou un patient (droit d’accès) ; l’accès est inscrit au journal."""
    if bool(numero_ps) == bool(nir):
        raise click.UsageError("indiquez --ps ou --nir, l’un des deux.")
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as opened:
        found = export.held_about(opened.store, identifiers.numero_ps(numero_ps), identifiers.nir(nir)[0])
        opened.journal.write(
            invocation.clock(), invocation.who(), "access", f"ps {numero_ps}" if numero_ps else "patient",
            factures=len(found["factures"]),
        )  # fmt: skip
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> int:
    """Où en est tout : comptes, âges, derniers passages, ce qui attend quelqu’un."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as opened:
        found = export.status(opened.store)
        found["last_passes"] = opened.last_passes()
        found["held"] = opened.holds.everything()
        found["holds"] = [
            {"scope": one.scope, "value": one.value, "reason": one.reason} for one in opened.holds.listed()
        ]
        found["alert"] = opened.noted(deliver.ALERT)
        known = configuration.house.consignes.par_numero
        found["codes_sans_consigne"] = [one.code for one in opened.retours.codes() if one.code not in known]
        returns = retours.to_see(opened.store)
        addresses = opened.contacts.listed()
        found["adresses_a_decider"] = sum(one.pending and not one.expires_at for one in addresses)
        contested = (one.numero_ps for one in addresses if one.state is InscriptionState.CONTESTEE)
        found["ps_contestes"] = list(dict.fromkeys(contested))
        found["mails_urgents"] = sum(review_queue.urgent(one.reason) for one in opened.review.waiting())
        found["inscriptions_en_cours"] = opened.contacts.pending()
        found["absents"] = opened.addresses.absent(invocation.clock().date())
    post = configuration.settings.registration.post_folder
    found["courriers_a_imprimer"] = len(list(post.glob("courrier-*.pdf")))
    found["textes"] = [str(fault) for fault in configuration.warnings]
    found["attention"] = _attention(found, returns)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return ATTENTION if found["attention"] else 0
    for table, name in _STATES.items():
        states = ", ".join(f"{count} {wording.state(state)}" for state, count in sorted(found["states"][table].items()))
        click.echo(f"{name:19} {states or 'aucun'}")
    paid = ", ".join(f"{count} {wording.payment(etat)}" for etat, count in found["paiements"].items())
    click.echo(f"{'paiements':19} {paid or 'aucun'}")
    balance = found["balance"]
    click.echo(
        f"\nvus sur les serveurs {balance['seen']} = traités {balance['settled']} + à revoir {balance['parked']} "
        f"+ en attente {balance['waiting']} + déjà connus {balance['seen_again']} "
        f"+ trop gros {balance['refused_by_size']}"
    )
    if found["inscriptions_en_cours"]:
        click.echo(f"{words.pluriel(found['inscriptions_en_cours'], 'inscription en cours', 'inscriptions en cours')}")
    if found["absents"]:
        click.echo(f"{words.pluriel(found['absents'], 'PS absent', 'PS absents')} (réponse automatique)")
    for name, at in found["oldest"].items():
        click.echo(f"le plus ancien {name} : {wording.age(at, invocation.clock())}")
    for name, at in sorted(found["last_passes"].items()):
        click.echo(f"dernier passage, {wording.one_pass(name)} : {wording.age(at, invocation.clock())}")
    for line in found["attention"]:
        click.echo(f"à voir : {line}")
    return ATTENTION if found["attention"] else 0


def _urgent(status: dict[str, Any]) -> Iterator[str]:
    """What must not wait."""
    contested, mails = status["ps_contestes"], status["mails_urgents"]
    if contested:
        named = ", ".join(contested[:_SHOWN_PS]) + (" …" if len(contested) > _SHOWN_PS else "")
        what = words.pluriel(len(contested), "PS dont une adresse est contestée", "PS dont une adresse est contestée")
        yield f"URGENT : {what}, plus rien ne leur part : {named} (mailbot contacts show PS)"
    if mails:
        yield f"URGENT : {words.pluriel(mails, 'mail à lire', 'mails à lire')} (mailbot review list --raison URGENT)"


def _attention(status: dict[str, Any], returns: int) -> list[str]:
    """What waits for somebody, one French line each."""
    states, held, codes = status["states"], status["held"], status["codes_sans_consigne"]
    suspended = status["suspended_addresses"]
    lines = [
        (states["mails"].get("parked", 0), "mail à revoir", "mails à revoir", "review list"),
        (states["lot_files"].get("parked", 0), "fichier de lots à revoir", "fichiers de lots à revoir", "review list"),
        (states["rejets"].get("repondu", 0), "réponse de PS à lire", "réponses de PS à lire", "review list"),
        (states["letters"].get("unknown", 0), "courrier en doute", "courriers en doute", "outbox list"),
        (states["letters"].get("dead", 0), "courrier impossible", "courriers impossibles", "outbox list"),
        (states["letters"].get("held", 0), "courrier retenu", "courriers retenus", "outbox list"),
        (states["letters"].get("bounced", 0), "courrier revenu", "courriers revenus", "outbox list"),
        (status["courriers_a_imprimer"], "courrier postal à imprimer", "courriers postaux à imprimer", ""),
        (status["adresses_a_decider"], "adresse à approuver", "adresses à approuver", "contacts list --attente"),
        (suspended, "adresse suspendue", "adresses suspendues", "contacts list"),
        (returns, "retour de paiement à voir", "retours de paiement à voir", "retours list --open"),
        (len(status["textes"]), "faute dans les textes et modèles", "fautes dans les textes et modèles", "check"),
    ]
    found = [*_urgent(status)]
    for count, one, many, verb in lines:
        if count:
            found.append(words.pluriel(count, one, many) + (f" (mailbot {verb})" if verb else ""))
    if codes:
        shown = ", ".join(map(wording.safe, codes[:_SHOWN_CODES])) + (" …" if len(codes) > _SHOWN_CODES else "")
        missing = words.pluriel(len(codes), "code NOEMIE sans consigne", "codes NOEMIE sans consigne")
        found.append(f"{missing} : {shown} (à expliquer dans consignes.csv)")
    if status["holds"]:
        kept = words.pluriel(len(status["holds"]), "PS ou domaine retenu", "PS ou domaines retenus")
        found.append(f"{kept} (mailbot outbox list)")
    if status["alert"]:
        found.append(status["alert"])
    return [*found, f"envoi suspendu : {held}"] if held else found
