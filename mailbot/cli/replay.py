"""`replay`: what today's program and configuration would make of a stored mail or lot file. Writes nothing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import click
import orjson

from mailbot.cli import moments, progress, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.ledger.rehearsal import Rehearsal
from mailbot.letters import words
from mailbot.passes import replay as replaying
from mailbot.passes import review_queue
from mailbot.passes.replay import FileOutcome, Line, Outcome, Replay, Replayed, ReplayedFile

_MAIL = re.compile(r"(?:mail[ -]?)?(\d{1,12})", re.IGNORECASE)
_FILE = re.compile(r"(?:fichier|file)[ -]?(\d{1,12})", re.IGNORECASE)
#: Mails named in one line of the count, and rows or invoices of one file, where `--all` is not asked for.
_EXAMPLES = 8


@click.command()
@click.argument("reference", metavar="[REF]", required=False, default="")
@click.option("--tous", is_flag=True, help="Tous les mails du registre, comptés par ce qui changerait.")
@click.option("--depuis", "since", metavar="DATE", callback=moments.day, help="Avec --tous : reçus depuis ce jour.")
@click.option("--all", "everything", is_flag=True, help="Avec --tous : tous les mails de chaque ligne.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON (avec --tous : un par différence, puis un bilan).")
@click.pass_obj
def replay(
    invocation: Invocation, /, reference: str, tous: bool, since: datetime | None, everything: bool, as_json: bool
) -> int:
    """Traite de nouveau un mail gardé (mail-12) ou un fichier de lots (fichier-3) et dit ce qui change, sans rien
    écrire."""
    if bool(reference) == tous or (not tous and (since or everything)):
        raise click.UsageError("indiquez mail-N ou fichier-N, ou --tous (avec --depuis et --all)")
    mail, file = _MAIL.fullmatch(reference.strip()), _FILE.fullmatch(reference.strip())
    if reference and not (mail or file):
        raise click.UsageError(f"« {reference} » n’est ni un mail (mail-12) ni un fichier de lots (fichier-3)")
    configuration = invocation.configuration()
    with Rehearsal(configuration.settings.ledger.path) as stage:
        again = Replay(stage, invocation.service(configuration, stage))
        if tous:
            return _all(again, since, everything, as_json)
        if file:
            return _file(again.file(int(file[1])), as_json)
        assert mail
        return _mail(again.mail(int(mail[1])), as_json)


# -- one mail ------------------------------------------------------------------------------------------------------


def _mail(one: Replayed, as_json: bool) -> int:
    if as_json:
        click.echo(orjson.dumps(_mail_json(one)).decode())
        return ATTENTION if one.differs else 0
    _say(f"Mail {one.mail_id}, reçu le {wording.moment(one.received_at)}")
    if one.differs:
        _say(f"   à l’époque  : {_told(one.before)}")
        _say(f"   aujourd’hui : {_told(one.after)}")
    else:
        _say(f"   rien ne change : {_told(one.after)}")
    if one.by_hand:
        _say("   un agent s’en est occupé depuis : seul ce que le service fait de lui-même est comparé")
    for title, before, after in (
        ("refus", _refusals(one.before), _refusals(one.after)),
        ("adresse pour le PS", one.before.registered, one.after.registered),
        ("peut concerner", one.before.candidates, one.after.candidates),
        ("courrier en réponse", _letters(one.before), _letters(one.after)),
        ("indice", one.before.evidence, one.after.evidence),
    ):  # fmt: skip
        for sign, line in _difference(before, after):
            _say(f"   {sign} {title} : {line}")
    return ATTENTION if one.differs else 0


def _told(one: Outcome) -> str:
    """An outcome in a few words: « réponse, réglée : 2 refus corrigés, 1 répondu »."""
    kind = wording.kind(one.kind)
    if one.parked:
        return f"{kind}, à revoir : {one.reason.rstrip('.')}"
    corrected = sum(corrected for _, corrected in one.refusals)
    done = [
        words.pluriel(count, what, many)
        for count, what, many in (
            (corrected, "refus corrigé", "refus corrigés"),
            (len(one.refusals) - corrected, "refus répondu", "refus répondus"),
            (len(one.registered), "adresse enregistrée", "adresses enregistrées"),
        )
        if count
    ]
    return f"{kind}, réglé{' : ' + ', '.join(done) if done else ''}"


def _refusals(one: Outcome) -> tuple[str, ...]:
    return tuple(f"{name}, {'corrigé' if corrected else 'répondu'}" for name, corrected in one.refusals)


def _letters(one: Outcome) -> tuple[str, ...]:
    return tuple(wording.kind(letter) for letter in one.answers)


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is gone (−) and what is new (+)."""
    yield from (("−", line) for line in before if line not in after)
    yield from (("+", line) for line in after if line not in before)


def _mail_json(one: Replayed) -> dict[str, object]:
    return {
        "ref": f"mail {one.mail_id}",
        "differs": one.differs,
        "by_hand": one.by_hand,
        "before": _outcome_json(one.before),
        "after": _outcome_json(one.after),
    }


def _outcome_json(one: Outcome) -> dict[str, object]:
    return {
        "kind": one.kind,
        "state": "parked" if one.parked else "settled",
        "reason": one.reason,
        "numero_ps": one.numero_ps,
        "refusals": [{"ref": name, "corrected": corrected} for name, corrected in one.refusals],
        "registered": one.registered,
        "candidates": one.candidates,
        "answers": one.answers,
        "evidence": one.evidence,
    }


# -- all mails -----------------------------------------------------------------------------------------------------


def _all(again: Replay, since: datetime | None, everything: bool, as_json: bool) -> int:
    mails = again.mails(since)
    different: list[Replayed] = []
    with progress.bar("mails repris") as update:
        for done, mail_id in enumerate(mails, 1):
            one = again.mail(mail_id)
            update(done, len(mails))
            if one.differs:
                different.append(one)
                if as_json:
                    click.echo(orjson.dumps(_mail_json(one)).decode())
    if as_json:
        click.echo(orjson.dumps({"bilan": {"mails": len(mails), "differents": len(different)}}).decode())
        return ATTENTION if different else 0
    would = "aurait" if len(different) < 2 else "auraient"
    _say(f"{words.pluriel(len(different), 'mail')} sur {words.nombre(len(mails))} {would} aujourd’hui une autre suite")
    for line in replaying.lines(different, None if everything else _EXAMPLES):
        _line(line)
    return ATTENTION if different else 0


def _line(line: Line) -> None:
    _say(f"{line.count:7} × {_counted(line.before)}")
    _say(f"{'':7} → {_counted(line.after)}")
    named = ", ".join(map(str, line.examples))
    _say(f"{'':10}mails {named}{', …' if len(line.examples) < line.count else ''}")


def _counted(one: Outcome) -> str:
    """An outcome as many mails share it: its reason without its numbers."""
    return _told(dataclasses.replace(one, reason=review_queue.same_reason(one.reason)))


# -- one lot file --------------------------------------------------------------------------------------------------


def _file(one: ReplayedFile, as_json: bool) -> int:
    if as_json:
        told = {"ref": f"file {one.file_id}", "name": one.name, "differs": one.differs}
        click.echo(orjson.dumps({**told, "before": _file_json(one.before), "after": _file_json(one.after)}).decode())
        return ATTENTION if one.differs else 0
    _say(f"Fichier {one.file_id}, {one.name}")
    if one.differs:
        _say(f"   à l’époque  : {_file_told(one.before)}")
        _say(f"   aujourd’hui : {_file_told(one.after)}")
    else:
        _say(f"   rien ne change : {_file_told(one.after)}")
    before, after = (
        [f"{name} : {decision}" for name, decision in side.decisions]
        + [f"ligne {line}, {column or 'fichier'} : {why}" for line, column, why in side.refused]
        for side in (one.before, one.after)
    )
    changes = list(_difference(before, after))
    for sign, line in changes[: 4 * _EXAMPLES]:
        _say(f"   {sign} {line}")
    if len(changes) > 4 * _EXAMPLES:
        _say(f"   … et {words.pluriel(len(changes) - 4 * _EXAMPLES, 'autre ligne', 'autres lignes')} (--json dit tout)")
    return ATTENTION if one.differs else 0


def _file_told(one: FileOutcome) -> str:
    refused = words.pluriel(len(one.refused), "ligne refusée", "lignes refusées")
    told = f"{words.pluriel(len(one.decisions), 'facture décidée', 'factures décidées')}, {refused}"
    return f"à revoir : {one.reason}" if one.parked else told


def _file_json(one: FileOutcome) -> dict[str, object]:
    return {
        "state": "parked" if one.parked else "settled",
        "reason": one.reason,
        "refused": [{"ligne": line, "colonne": column, "raison": why} for line, column, why in one.refused],
        "decisions": dict(one.decisions),
    }


def _say(line: str) -> None:
    click.echo(wording.safe(line).replace("\n", " "))
