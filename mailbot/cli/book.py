"""The rules on the command line: decide without a ledger, explain a decision, look a consigne up."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.cli.data import read_file, say_refused
from mailbot.cli.main import ATTENTION, WRONG
from mailbot.configuration.document import nearest
from mailbot.configuration.folder import Configuration
from mailbot.ledger import Decided
from mailbot.model import Decision, Facture, LotFile, Refus, Status
from mailbot.parsers import lot_table
from mailbot.passes import reference_files
from mailbot.rules import judge
from mailbot.rules.references import References

_STATUS = {Status.REFUSEE: "refusée", Status.ACCEPTEE: "acceptée", Status.A_SAISIR: "à saisir"}
#: Decisions written to stdout at once, in invoices.
_BATCH = 500


@click.command()
@click.argument("lots", metavar="LOT…", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--references", "folder", required=True, type=click.Path(path_type=Path), help="Dossier des tables de référence."
)
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par facture, avec son explication.")
@click.pass_obj
def decide(invocation: Invocation, lots: tuple[Path, ...], folder: Path, as_json: bool) -> int:
    """Applique les règles à des lots, sans registre ni courrier."""
    configuration = invocation.configuration(shipped_will_do=True)
    read = [_lot(path, configuration.colonnes.get("lots", {})) for path in lots]
    lot_file = lot_table.merge(read)
    # Millions of rows without a cycle among them: the collector would walk them again and again.
    gc.disable()
    tables: dict[str, list[Any]] = {}
    refused = list(lot_file.refus)
    warnings = list(lot_file.warnings)
    for table in reference_files.read_all([folder], configuration.colonnes):
        refused += table.refus
        warnings += table.warnings
        if table.rows is not None:
            tables[table.name] = table.rows
    for warning in warnings:
        context.say(warning)
    references = References.of(tables)
    out = sys.stdout.buffer
    if as_json:
        out.writelines(_refus_json(one) for one in refused)
        for batch in _decided_json(lot_file, references, configuration):
            out.write(batch)
        out.flush()
    else:
        say_refused(refused)
        for facture in lot_file.factures:
            click.echo(_line(facture, judge.decide(facture, references, configuration.book).decision))
    return ATTENTION if refused else 0


def _lot(path: Path, aliases: Mapping[str, str]) -> LotFile:
    return lot_table.read_lot(read_file(path), path.name, aliases)


def _refus_json(refus: Refus) -> bytes:
    return orjson.dumps(
        {
            "refus": {
                "fichier": refus.fichier,
                "ligne": refus.ligne,
                "colonne": refus.colonne,
                "valeur": refus.valeur,
                "raison": refus.raison,
            }
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def _decided_json(lot_file: LotFile, references: References, configuration: Configuration) -> Iterator[bytes]:
    """The contract's objects, one a line, in batches."""
    book, convention = configuration.book, configuration.settings.organisation.convention
    lines: list[bytes] = []
    for facture in lot_file.factures:
        judgement = judge.decide(facture, references, book)
        decision = judgement.decision
        contact = judge.contact(facture.numero_ps, references, convention)
        lines.append(
            orjson.dumps(
                {
                    "numero_lot": facture.numero_lot,
                    "date_reception": facture.date_reception,
                    "numero_ps": facture.numero_ps,
                    "numero_facture": facture.numero_facture,
                    "nir": facture.nir,
                    **_decision_json(decision),
                    "contact": {"mail": contact.mail, "source": contact.source} if contact else None,
                    "explication": judgement.explication_json(),
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
        )
        if len(lines) >= _BATCH:
            yield b"".join(lines)
            lines.clear()
    yield b"".join(lines)


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "status": decision.status,
        "regle": decision.regle,
        "motif": decision.motif,
        "route": decision.route,
        "detail": decision.detail,
        "erreur": decision.erreur,
        "date": decision.date,
        "commentaire": decision.commentaire,
        "saisie": decision.saisie,
    }


def _line(facture: Facture, decision: Decision) -> str:
    what = f"{_STATUS[decision.status]:9} {decision.regle:4}"
    parts = [part for part in (decision.motif, decision.detail, decision.erreur, decision.commentaire) if part]
    route = f" → {decision.route}" if decision.route else ""
    where = f"lot {facture.numero_lot}  PS {facture.numero_ps}  facture {facture.nom_facture:12}"
    return f"{where} {what} {' · '.join(parts)}{route}"


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par facture.")
@click.pass_obj
def explain(invocation: Invocation, reference: str, as_json: bool) -> int:
    """Pourquoi une décision : règles regardées, valeurs vues. REF : facture, lot/facture ou PS/lot/facture."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found = ledger.lots.find(reference)
        if found:
            ledger.journal.write(
                invocation.clock(), invocation.who(), "decision explained", f"facture {found[0].facture_id}"
            )
    if not found:
        context.say(f"aucune facture « {reference} » dans le registre : essayez lot/facture ou PS/lot/facture")
        return WRONG
    for one in found:
        if as_json:
            click.echo(orjson.dumps(_explained_json(one)).decode())
        else:
            _explain(one, configuration)
    return 0


def _explained_json(one: Decided) -> dict[str, Any]:
    return {
        "numero_lot": one.facture.numero_lot,
        "numero_ps": one.facture.numero_ps,
        "numero_facture": one.facture.numero_facture,
        "version": one.version,
        "decided_at": one.decided_at,
        "state": one.state,
        **_decision_json(one.decision),
        "explication": orjson.loads(one.explication),
    }


def _explain(one: Decided, configuration: Configuration) -> None:
    facture, decision = one.facture, one.decision
    libelles = configuration.house.libelles
    click.echo(f"Facture {one.nom_facture}, lot {facture.numero_lot}, PS {facture.numero_ps} (version {one.version})")
    motif = f" : {libelles.motifs.get(decision.motif, decision.motif)}" if decision.motif else ""
    click.echo(f"{_STATUS[decision.status].capitalize()}{motif}, par la règle {decision.regle}")
    for label, value in (
        ("détail", libelles.details.get(decision.detail or "", decision.detail)),
        ("erreur", libelles.erreurs.get(decision.erreur or "", decision.erreur)),
        ("date", decision.date and f"{decision.date:%d/%m/%Y}"),
        ("commentaire", decision.commentaire),
        ("répond", {"ps": "le PS, par mail", "gestionnaire": "un gestionnaire"}.get(decision.route or "")),
    ):
        if value:
            click.echo(f"  {label} : {value}")
    click.echo("Règles regardées, dans l’ordre :")
    for step in orjson.loads(one.explication):
        seen = ", ".join(f"{name} = {_value(value)}" for name, value in step["valeurs"].items())
        click.echo(f"  {'→' if step['tenue'] else ' '} {step['regle']:4} {'oui' if step['tenue'] else 'non'}  {seen}")


def _value(value: Any) -> str:
    if value is True or value is False:
        return "oui" if value else "non"
    if value in (None, "", []):
        return "vide"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@click.command()
@click.argument("numero")
@click.pass_obj
def consigne(invocation: Invocation, numero: str) -> int:
    """Ce que dit le dictionnaire pour un numéro d’anomalie."""
    dictionary = invocation.configuration(shipped_will_do=True).house.consignes
    found = dictionary.par_numero.get(numero)
    if found is None:
        context.say(f"aucune consigne n° {numero} — {nearest(numero, dictionary.par_numero)}")
        return WRONG
    click.echo(f"{found.numero} — {found.libelle}\n{found.consigne}")
    return 0
