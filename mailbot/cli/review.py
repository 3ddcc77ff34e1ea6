"""The review queue: mails, lot files and answered refusals that wait for a human, the oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

import click

from mailbot.cli import context, review_resolve, review_show, wording
from mailbot.cli.context import Invocation
from mailbot.ledger import Decided, Ledger, Waiting
from mailbot.ledger.lot_files import ParkedFile
from mailbot.letters import words
from mailbot.passes import review_queue
from mailbot.passes.review_queue import Group, Section

#: Correspondents of one reason, and numbers of one correspondent, that are shown without `--all`.
_SHOWN = 6


@click.group()
def review() -> None:
    """Mails et fichiers qui attendent une décision humaine."""


@review.command("list")
@click.option("--ps", "numero_ps", default="", metavar="NUMERO", help="D’un seul PS.")
@click.option("--raison", default="", metavar="MOTS", help="Dont la raison contient ces mots.")
@click.option("--all", "--tout", "everything", is_flag=True, help="Chaque mail sur sa ligne.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def review_list(invocation: Invocation, numero_ps: str, raison: str, everything: bool, as_json: bool) -> None:
    """Ce qui attend, avec sa raison : les mails qui se ressemblent sont ensemble, le plus ancien d’abord."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        mails = review_queue.wanted(ledger.review.waiting(), numero_ps, raison)
        files = _files(ledger, numero_ps, raison)
        answered = _answered(ledger, numero_ps, raison)
    if as_json:
        for told in _as_json(mails, files, answered):
            click.echo(json.dumps(told, ensure_ascii=False))
        return
    now = invocation.clock()
    for section in review_queue.sections(mails):
        _say(f"{section.reason.rstrip('.')} ({wording.kind(section.kind)}, {words.pluriel(section.count, 'mail')})")
        for line in _lines(section, now, everything):
            _say(f"   {line}")
    _tell_files(files, now)
    _tell_answered(answered)
    _remind(mails, files, answered, bool(numero_ps or raison))


for _verb in (review_show.show, review_resolve.resolve, review_resolve.undo, review_resolve.close,
              review_resolve.retry_file, review_resolve.textes):  # fmt: skip
    review.add_command(_verb)


def _files(ledger: Ledger, numero_ps: str, reason: str) -> list[ParkedFile]:
    """A file of which nothing could be used is nobody's: a PS filter leaves it out."""
    folded = review_queue.folded(reason)
    found = [] if numero_ps else ledger.lot_files.parked()
    return [one for one in found if folded in review_queue.folded(one.reason)]


def _answered(ledger: Ledger, numero_ps: str, reason: str) -> list[tuple[Decided, int]]:
    """Refusals with an answer to read; they have no reason to filter by."""
    found = [] if reason else ledger.lots.answered()
    return [one for one in found if not numero_ps or one[0].facture.numero_ps == numero_ps]


# -- for people ----------------------------------------------------------------------------------------------------


def _lines(section: Section, now: datetime, everything: bool) -> Iterator[str]:
    if everything:
        for group in section.groups:
            for mail in group.mails:
                yield _single(section, group, mail, now)
        return
    for group in section.groups[:_SHOWN]:
        yield _group(section, group, now)
    rest = section.groups[_SHOWN:]
    if rest:
        mails = sum(len(group.mails) for group in rest)
        others = words.pluriel(len(rest), "autre correspondant", "autres correspondants")
        yield f"… et {words.pluriel(mails, 'mail')} de {others} (--all les montre)"


def _group(section: Section, group: Group, now: datetime) -> str:
    oldest = group.mails[0]
    if len(group.mails) == 1:
        return _single(section, group, oldest, now)
    since = wording.age(oldest.received_at, now).removeprefix("il y a ")
    return f"{len(group.mails)} ×  depuis {since}  {group.who}  mails {_numbers(group.mails)}"


def _single(section: Section, group: Group, mail: Waiting, now: datetime) -> str:
    """One mail; with its own words where its reason is told without its variable parts, and they are not the PS."""
    told = mail.reason in (section.reason, section.reason.replace("…", mail.numero_ps))
    own = "" if told else f" : {mail.reason}"
    return f"mail {mail.id}  {wording.age(mail.received_at, now)}  {group.who}{own}"


def _numbers(mails: Sequence[Waiting]) -> str:
    shown = ", ".join(str(mail.id) for mail in mails[:_SHOWN])
    return shown + (", …" if len(mails) > _SHOWN else "")


def _tell_files(files: Iterable[ParkedFile], now: datetime) -> None:
    for place, file in enumerate(files):
        if not place:
            _say("Fichiers de lots inutilisables")
        _say(f"   fichier {file.id}  {wording.age(file.received_at, now)}  {file.name} : {file.reason}")


def _tell_answered(answered: Sequence[tuple[Decided, int]]) -> None:
    if answered:
        _say(f"Réponses de PS à lire ({len(answered)})")
    for mail_id, found in groupby(sorted(answered, key=lambda one: (one[1] or 0, one[0].rejet_id)), lambda one: one[1]):
        rejets = [one for one, _ in found]
        listed = ", ".join(
            f"{one.rejet_id} (facture {one.nom_facture}, lot {one.facture.numero_lot})" for one in rejets
        )
        many = "rejets" if len(rejets) > 1 else "rejet"
        _say(f"   mail {mail_id}  PS {rejets[0].facture.numero_ps}  {many} {listed}")


def _remind(mails: Sequence[object], files: Sequence[object], answered: Sequence[object], filtered: bool) -> None:
    if not (mails or files or answered):
        context.say("rien n’attend" + (" de ce que vous cherchez" if filtered else ""))
    elif mails or answered:
        ways = "« mailbot review show N » montre un mail et ce que vous pouvez en faire"
        context.say(ways + (" ; « review close REJET » clôt un rejet lu" if answered else ""))


def _say(line: str) -> None:
    click.echo(wording.safe(line).replace("\n", " "))


# -- for programs --------------------------------------------------------------------------------------------------


def _as_json(
    mails: Sequence[Waiting], files: Iterable[ParkedFile], answered: Iterable[tuple[Decided, int]]
) -> Iterator[dict[str, object]]:
    groups = {
        mail.id: [one.id for one in group.mails]
        for section in review_queue.sections(mails)
        for group in section.groups
        for mail in group.mails
    }
    for mail in mails:
        yield {
            "ref": f"mail {mail.id}",
            "kind": mail.kind,
            "received_at": mail.received_at,
            "numero_ps": mail.numero_ps,
            "reason": mail.reason,
            "evidence": list(mail.evidence),
            "alike": groups[mail.id],
        }
    for file in files:
        yield {
            "ref": f"file {file.id}",
            "kind": "lot_file",
            "received_at": file.received_at,
            "name": file.name,
            "reason": file.reason,
        }
    for one, mail_id in answered:
        yield {
            "ref": f"rejet {one.rejet_id}",
            "kind": "rejet",
            "numero_ps": one.facture.numero_ps,
            "numero_lot": one.facture.numero_lot,
            "numero_facture": one.nom_facture,
            "answered_by": f"mail {mail_id}",
        }
