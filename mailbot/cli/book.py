"""The rules on the command line: decide without a ledger."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from mailbot.cli import context, pair
from mailbot.cli.context import Invocation, read_file, say_refused
from mailbot.cli.main import ATTENTION
from mailbot.configuration.folder import Configuration
from mailbot.model import Decision, Facture, LotFile, Refus, Status
from mailbot.parsers import lot_table, lots
from mailbot.passes import reference_files
from mailbot.rules import completion, judge
from mailbot.rules.references import References

_STATUS = {Status.REFUSEE: "refusée", Status.ACCEPTEE: "acceptée", Status.A_SAISIR: "à saisir"}


@click.command()
@click.argument("paths", metavar="LOT…", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--references", "folder", required=True, type=click.Path(path_type=Path), help="Dossier des tables de référence."
)
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par facture, avec son explication.")
@click.pass_obj
def decide(invocation: Invocation, paths: tuple[Path, ...], folder: Path, as_json: bool) -> int:
    """Applique les règles à des lots, sans registre ni courrier."""
    configuration = invocation.configuration(shipped_will_do=True)
    # Millions of rows without a cycle among them: the collector would walk them again and again.
    gc.disable()
    lot_file = lot_table.merge([_lot(path, configuration) for path in paths])
    tables: dict[str, list[Any]] = {}
    refused = list(lot_file.refus)
    warnings = lots.warnings(lot_file)
    warnings += reference_files.strangers([folder])
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
        out.flush()
        for lines in pair.in_order(
            lot_file.factures, lambda factures: _decided_json(factures, references, configuration)
        ):
            out.write(lines)
        out.flush()
    else:
        say_refused(refused)
        for facture in lot_file.factures:
            named = completion.completed(facture, references)
            click.echo(_line(named, judge.decide(named, references, configuration.book).decision))
    return ATTENTION if refused or lots.differ(lot_file) else 0


def _lot(path: Path, configuration: Configuration) -> LotFile:
    return lots.read(read_file(path), path.name, configuration.colonnes.get("lots", {}), configuration.b2)


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


def _decided_json(factures: Sequence[Facture], references: References, configuration: Configuration) -> bytes:
    """The contract's objects, one a line."""
    book, convention = configuration.book, configuration.settings.organisation.convention
    lines: list[bytes] = []
    for facture in (completion.completed(one, references) for one in factures):
        judgement = judge.decide(facture, references, book)
        contact = judge.contact(facture.numero_ps, references, convention)
        lines.append(
            orjson.dumps(
                {
                    "numero_lot": facture.numero_lot,
                    "date_reception": facture.date_reception,
                    "numero_ps": facture.numero_ps,
                    "numero_facture": facture.numero_facture,
                    "nir": facture.nir,
                    **decision_json(judgement.decision),
                    "contact": {"mail": contact.mail, "source": contact.source} if contact else None,
                    "explication": orjson.Fragment(judgement.explication_bytes()),
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
        )
    return b"".join(lines)


def decision_json(decision: Decision) -> dict[str, Any]:
    """A decision with the keys of the contract."""
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
