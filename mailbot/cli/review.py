"""The review queue: mails, lot files and answered refusals that wait for a human."""

from __future__ import annotations

import json

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import Ledger, StoredMail
from mailbot.model import Seen
from mailbot.parsers import message as messages
from mailbot.passes import settle_mails


@click.group()
def review() -> None:
    """Mails et fichiers qui attendent une décision humaine."""


@review.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def review_list(invocation: Invocation, as_json: bool) -> None:
    """Ce qui attend, avec sa raison."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        mails = ledger.mails.parked()
        files = ledger.lots.parked_files()
        answered = ledger.lots.answered()
    if as_json:
        for mail in mails:
            click.echo(json.dumps(_mail_json(mail), ensure_ascii=False))
        for file in files:
            click.echo(
                json.dumps({"ref": f"file {file.id}", "name": file.name, "reason": file.reason}, ensure_ascii=False)
            )
        return
    for mail in mails:
        about = f"{wording.moment(mail.received_at)}  {wording.kind(mail.kind)}"
        click.echo(f"mail {mail.id}  {about} : {wording.safe(mail.reason)}")
    for file in files:
        click.echo(f"fichier {file.id}  {wording.safe(file.name)} : {wording.safe(file.reason)}")
    for one, mail_id in answered:
        click.echo(
            f"rejet {one.rejet_id}  facture {one.nom_facture} (lot {one.facture.numero_lot}) : "
            f"réponse du PS à lire, mail {mail_id}"
        )
    if not (mails or files or answered):
        context.say("rien n’attend")


@review.command("show")
@click.argument("number", type=int)
@click.pass_obj
def review_show(invocation: Invocation, number: int) -> int:
    """Un mail : sa raison, ses indices, son texte."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        mail = ledger.mails.get(number)
        if mail is None:
            context.say(f"aucun mail {number} : « mailbot review list » les montre")
            return WRONG
        ledger.journal.write(invocation.clock(), invocation.who(), "mail read", f"mail {number}")
    message = messages.read(mail.raw, invocation.clock(), settle_mails.own(configuration))
    click.echo(f"mail {mail.id} — {wording.kind(message.kind)} — {wording.state(mail.state)}")
    click.echo(f"de : {wording.safe(message.from_)}\nobjet : {wording.safe(message.subject)}")
    click.echo(f"reçu le {wording.moment(mail.received_at)}")
    if mail.reason:
        click.echo(f"raison : {wording.safe(mail.reason)}")
    for line in mail.evidence:
        click.echo(f"indice : {wording.safe(line)}")
    for attachment in message.attachments:
        click.echo(f"pièce jointe : {wording.safe(attachment.filename)} ({attachment.size} octets)")
    click.echo(f"\n{wording.safe(message.reply_text or message.text)}")
    return 0


@review.command("resolve")
@click.argument("number", type=int)
@click.option("--handled", "how", flag_value="handled", default=True, help="Traité à la main : le mail est clos.")
@click.option("--again", "how", flag_value="again", help="Le traiter de nouveau au prochain passage.")
@click.option("--reason", default="", help="Ce qui a été fait, pour le journal.")
@click.pass_obj
def review_resolve(invocation: Invocation, number: int, how: str, reason: str) -> None:
    """Clôt un mail en attente, ou le renvoie au traitement."""

    def act(ledger: Ledger) -> None:
        if how == "again":
            ledger.mails.reopen(number)
        else:
            ledger.mails.settle(number, invocation.clock(), Seen())

    context.act(invocation, f"mail resolved: {how}", f"mail {number}", act, reason=reason)
    context.say(f"mail {number} : {'renvoyé au traitement' if how == 'again' else 'clos'}")


@review.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi le rejet est clos, pour le journal.")
@click.pass_obj
def review_close(invocation: Invocation, number: int, reason: str) -> None:
    """Clôt un rejet auquel le PS a répondu."""
    context.act(
        invocation, "rejet closed", f"rejet {number}",
        lambda ledger: ledger.lots.close_rejet(number, invocation.clock(), None, None), reason=reason,
    )  # fmt: skip
    context.say(f"rejet {number} clos")


@review.command("retry-file")
@click.argument("number", type=int)
@click.pass_obj
def review_retry_file(invocation: Invocation, number: int) -> None:
    """Renvoie au traitement un fichier de lots mis de côté."""
    context.act(invocation, "lot file reopened", f"lot file {number}", lambda ledger: ledger.lots.reopen_file(number))
    context.say(f"fichier {number} : renvoyé au traitement")


def _mail_json(mail: StoredMail) -> dict[str, object]:
    return {
        "ref": f"mail {mail.id}",
        "kind": mail.kind,
        "received_at": mail.received_at,
        "numero_ps": mail.numero_ps,
        "reason": mail.reason,
        "evidence": list(mail.evidence),
    }
