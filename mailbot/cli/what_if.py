"""`rules diff`: what the edited rule book would have decided, shown before it goes live. Writes nothing.

The work is shared by two processes (`pair.py`), each with its own look at the ledger: a connection must not cross a
fork.
"""

from __future__ import annotations

import gc
import itertools
import pickle
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from mailbot.cli import book, moments, pair, progress, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.configuration.folder import Configuration
from mailbot.ledger.past import Load, Past
from mailbot.letters import words
from mailbot.letters.bordereau import Libelles
from mailbot.passes.what_if import Again, Cause, Difference, Line, Report, Said, Slice

#: Examples of one line where `--all` is not asked for.
_EXAMPLES = 5
_EDIT = (Cause.EDITION, Cause.LES_DEUX)
_HEADINGS = {
    Cause.EDITION: "Par l’édition du livre :",
    Cause.LES_DEUX: "Par l’édition, alors que les tables d’aujourd’hui changent aussi la réponse :",
    Cause.INCONNUE: "Sans que l’on sache si l’édition en est la cause, car le livre de l’époque n’a pas été gardé :",
    Cause.AUTRE: "Pour une autre raison : le livre de l’époque donnerait aujourd’hui la même réponse que le vôtre :",
}
_STATUS = {"acceptee": "Acceptée", "a_saisir": "À saisir", "refusee": "Refusée"}
_FIELDS = {
    "detail": "détail",
    "erreur": "erreur",
    "date": "date",
    "commentaire": "commentaire",
    "saisie": "saisie",
}


@click.command("diff")
@click.option("--since", metavar="DATE", callback=moments.day, help="Seulement ce qui a été décidé depuis ce jour.")
@click.option("--all", "everything", is_flag=True, help="Toutes les factures de chaque ligne, et toutes les causes.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par décision différente, puis un bilan.")
@click.pass_obj
def diff(invocation: Invocation, since: datetime | None, everything: bool, as_json: bool) -> int:
    """Décide de nouveau les factures passées avec le livre modifié et montre ce qui changerait. N’écrit rien."""
    configuration = invocation.configuration()
    path = configuration.settings.ledger.path
    with Past(path) as past:
        facture_ids, announced, loads = past.since(since), past.announced(), past.loads()
    # A million values without a cycle among them: the collector would walk them again and again.
    gc.disable()
    report = Report(announced, None if everything else _EXAMPLES)
    for part in _slices(facture_ids, _Work(path, configuration)):
        report.add(part)
        if as_json:
            for one in part.differences:
                click.echo(_as_json(one, report.is_announced(one)))
    reloaded = [load for load in loads if report.oldest and load.loaded_at > report.oldest]
    if as_json:
        click.echo(_summary(report, reloaded))
    else:
        _tell(report, reloaded, configuration.house.libelles, everything)
    return ATTENTION if report.count(*_EDIT, Cause.INCONNUE) else 0


class _Work:
    """Decides a slice again, as bytes for the pipe. Opens the ledger at the first call, in whichever process that is;
    the end of the process closes it."""

    def __init__(self, path: Path, configuration: Configuration) -> None:
        self._path = path
        self._configuration = configuration
        self._again: Again | None = None

    def __call__(self, facture_ids: Sequence[int]) -> bytes:
        if self._again is None:
            self._again = Again(Past(self._path), self._configuration)
        return pickle.dumps(self._again.slice(facture_ids))


def _slices(facture_ids: Sequence[int], work: _Work) -> Iterator[Slice]:
    """The slices in order, with a progress bar where somebody watches."""
    # Written by this program or its own second process.
    parts: Iterator[Slice] = (pickle.loads(done) for done in pair.in_order(facture_ids, work))  # noqa: S301
    # The first slice starts the second process: the bar's own thread must not be caught by that fork.
    first = list(itertools.islice(parts, 1))
    done = 0
    with progress.bar("décisions reprises") as update:
        for part in itertools.chain(first, parts):
            yield part
            done += part.compared
            update(done, len(facture_ids))


# -- what is shown -----------------------------------------------------------------------------------------------


def _tell(report: Report, reloaded: Sequence[Load], libelles: Libelles, everything: bool) -> None:
    if not report.compared:
        click.echo("aucune décision à comparer")
        return
    if reloaded:
        click.echo(
            f"Attention : tables chargées depuis la plus ancienne de ces décisions ({wording.moment(report.oldest)}) : "
            f"{_tables(reloaded)}"
        )
    changed, announced = report.count(*_EDIT), report.announced(*_EDIT)
    told = f", dont {words.pluriel(announced, 'déjà annoncée', 'déjà annoncées')} à un PS par courrier"
    would = "changerait" if changed < 2 else "changeraient"
    click.echo(
        f"{words.pluriel(changed, 'décision')} sur {words.nombre(report.compared)} {would}{told if announced else ''}"
    )
    for cause in (*_EDIT, Cause.INCONNUE):
        _section(cause, report, libelles, everything)
    other = report.count(Cause.AUTRE)
    if other and everything:
        _section(Cause.AUTRE, report, libelles, everything)
    elif other:
        why = (
            f"tables rechargées depuis : {_tables(reloaded)}"
            if reloaded
            else "aucune table n’a été rechargée ; mailbot a changé de version, ou des décisions ont été purgées"
        )
        different = words.pluriel(other, "décision différente", "décisions différentes")
        click.echo(f"{different} pour une autre raison, sans lien avec l’édition — {why} (« --all » les montre)")
    if report.other_rule:
        same = words.pluriel(report.other_rule, "décision", "décisions")
        click.echo(f"{same} : même réponse, autre règle")


def _tables(loads: Sequence[Load]) -> str:
    return ", ".join(f"{load.name} ({wording.moment(load.loaded_at)})" for load in loads)


def _section(cause: Cause, report: Report, libelles: Libelles, everything: bool) -> None:
    lines = report.of(cause)
    if lines:
        click.echo(f"\n{_HEADINGS[cause]}")
    for before, after, line in lines:
        _line(before, after, line, libelles, everything)
    if lines:
        click.echo()


def _line(before: Said, after: Said, line: Line, libelles: Libelles, everything: bool) -> None:
    click.echo(f"{words.nombre(line.count):>9}  {_said(before, libelles)}  →  {_said(after, libelles)}")
    rules = ", ".join(
        f"{old} → {new}" + (f" ({words.nombre(count)})" if len(line.rules) > 1 else "")
        for (old, new), count in line.rules.most_common()
    )
    click.echo(f"{'':11}{'règle' if len(line.rules) == 1 else 'règles'} {rules}")
    if before == after:
        changed = ", ".join(f"{_FIELDS[name]} ({words.nombre(count)})" for name, count in line.changed.most_common())
        click.echo(f"{'':11}même motif, autre contenu : {changed}")
    if line.announced:
        click.echo(f"{'':11}dont {words.pluriel(line.announced, 'déjà annoncée', 'déjà annoncées')} à un PS")
    examples = ", ".join(wording.safe(one) for one in line.examples)
    click.echo(f"{'':11}{'' if everything or line.count <= _EXAMPLES else 'par exemple '}{examples}")


def _said(said: Said, libelles: Libelles) -> str:
    """What an answer says, and to whom: « 100% RO (ps) », « Acceptée »."""
    status, motif, route = said
    if motif is None:
        return _STATUS[status]
    return f"{libelles.motifs.get(motif, motif)} ({route})"


def _as_json(one: Difference, announced: bool) -> str:
    told: dict[str, Any] = {
        "reference": one.reference,
        "numero_ps": one.numero_ps,
        "numero_lot": one.numero_lot,
        "numero_facture": one.nom_facture,
        "version": one.version,
        "decided_at": one.decided_at,
        "cause": one.cause,
        "annoncee": announced,
        "avant": book.decision_json(one.before),
        "apres": book.decision_json(one.after),
    }
    return orjson.dumps(told).decode()


def _summary(report: Report, reloaded: Sequence[Load]) -> str:
    told = {
        "comparees": report.compared,
        "changeraient": report.count(*_EDIT),
        "annoncees": report.announced(*_EDIT),
        "autre_raison": report.count(Cause.AUTRE),
        "cause_inconnue": report.count(Cause.INCONNUE),
        "meme_reponse_autre_regle": report.other_rule,
        "tables_rechargees": {load.name: load.loaded_at for load in reloaded},
    }
    return orjson.dumps({"bilan": told}).decode()
