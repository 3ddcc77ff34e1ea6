"""`references load --from-finess | --from-mssante`: loads an extract and tells in French what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mailbot.cli import context, progress
from mailbot.errors import Never
from mailbot.ledger import AnnuaireCounts
from mailbot.letters import words
from mailbot.model import Refus
from mailbot.parsers.directories.forms import NAMES
from mailbot.passes import directory_files
from mailbot.passes.directory_files import Tally
from mailbot.passes.service import Service

_DOUBLED = {
    "finess": "d’un n° FINESS déjà donné plus haut : la première ligne compte",
    "mssante": "d’une structure à plusieurs boîtes : compte celle sans service, puis la première de l’alphabet",
}

#: An extract that lost more than one PS for so many that it holds was perhaps cut off on its way.
_SHRUNK = 10


def load(service: Service, source: str, path: Path, refused: Callable[[Refus], object]) -> bool:
    """Loads one extract. False when lines, or the file as a whole, were refused, or when much has gone."""
    shown: list[Refus] = []

    def refuse(one: Refus) -> None:
        refused(one)
        if len(shown) < context.SHOWN:
            shown.append(one)

    try:
        with progress.bar(NAMES[source]) as update:
            counts, tally = directory_files.load(service, source, path, refuse, update)
    except Never as error:
        context.say(f"{error.reason} — fichier refusé, l’annuaire {NAMES[source]} reste comme il était")
        context.say_refused(shown)
        return False
    _tell(source, path.name, counts, tally)
    context.say_refused(shown, tally.refused)
    if "agaps" not in service.ledger.references.loaded_files():
        context.say(
            "la table agaps n’est pas chargée : un PS qui n’est pas dans cet annuaire passe pour inconnu "
            "(règle A3, « Manque PS ou PS inconnu »)"
        )
    shrunk = counts.removed > counts.total // _SHRUNK
    if shrunk:
        context.say(f"beaucoup de PS ont disparu de l’annuaire {NAMES[source]} : vérifiez que {path.name} est complet")
    return not tally.refused and not shrunk


def _tell(source: str, fichier: str, counts: AnnuaireCounts, tally: Tally) -> None:
    told = [
        words.pluriel(counts.added, "ajouté"),
        words.pluriel(counts.completed, "complété"),
        words.pluriel(counts.unchanged, "inchangé"),
        words.pluriel(tally.refused, "refusé"),
    ]
    if counts.updated:
        told.append(f"{words.nombre(counts.updated)}{words.NBSP}mis à jour")
    if counts.removed:
        told.append(f"{words.pluriel(counts.removed, 'retiré')} (dans l’extraction précédente, plus dans celle-ci)")
    context.say(f"{NAMES[source]}, {fichier} : {', '.join(told)}")
    for reason, count in sorted(tally.left_out.items()):
        context.say(f"laissé de côté — {reason} : {words.nombre(count)}")
    if tally.entries > counts.total:
        context.say(f"{words.pluriel(tally.entries - counts.total, 'ligne')} {_DOUBLED[source]}")
    for reason, (count, first) in sorted(tally.doubts.items()):
        lines = f"ligne {first}" if count == 1 else f"{words.nombre(count)} lignes, la première : ligne {first}"
        context.say(f"à vérifier, pris quand même — {reason} : {lines}")
