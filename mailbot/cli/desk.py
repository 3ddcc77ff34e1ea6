"""What agents do: the review queue, letters, registered addresses. Each act stands in the journal with its agent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import click

from mailbot.cli import context
from mailbot.cli.context import Invocation
from mailbot.cli.main import WRONG
from mailbot.ledger import Ledger, StoredContact, StoredLetter, StoredMail
from mailbot.model import Draft, Seen
from mailbot.parsers import message as messages
from mailbot.passes import confirm, settle_mails


def _act(invocation: Invocation, what: str, subject: str, act: Callable[[Ledger], None], **details: object) -> None:
    """One act of an agent: the move and its journal line in one transaction."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        act(ledger)
        ledger.journal.write(invocation.clock(), invocation.who(), what, subject, **details)


# -- review ------------------------------------------------------------------------------------------------------


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
        context.say(f"mail {mail.id}  {mail.received_at[:16]}  {mail.kind or 'illisible'} : {mail.reason}")
    for file in files:
        context.say(f"file {file.id}  {file.name} : {file.reason}")
    for one, mail_id in answered:
        context.say(
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
    click.echo(f"mail {mail.id} — {mail.state} — {message.kind}")
    click.echo(f"de : {message.from_}\nobjet : {message.subject}\nreçu : {mail.received_at}")
    if mail.reason:
        click.echo(f"raison : {mail.reason}")
    for line in mail.evidence:
        click.echo(f"indice : {line}")
    for attachment in message.attachments:
        click.echo(f"pièce jointe : {attachment.filename} ({attachment.size} octets)")
    click.echo(f"\n{message.reply_text or message.text}")
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

    _act(invocation, f"mail resolved: {how}", f"mail {number}", act, reason=reason)
    context.say(f"mail {number} : {'renvoyé au traitement' if how == 'again' else 'clos'}")


@review.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi le rejet est clos, pour le journal.")
@click.pass_obj
def review_close(invocation: Invocation, number: int, reason: str) -> None:
    """Clôt un rejet auquel le PS a répondu."""
    _act(
        invocation, "rejet closed", f"rejet {number}",
        lambda ledger: ledger.lots.close_rejet(number, invocation.clock(), None, None), reason=reason,
    )  # fmt: skip
    context.say(f"rejet {number} clos")


@review.command("retry-file")
@click.argument("number", type=int)
@click.pass_obj
def review_retry_file(invocation: Invocation, number: int) -> None:
    """Renvoie au traitement un fichier de lots mis de côté."""
    _act(invocation, "lot file reopened", f"lot file {number}", lambda ledger: ledger.lots.reopen_file(number))
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


# -- outbox ------------------------------------------------------------------------------------------------------


@click.group()
def outbox() -> None:
    """Les courriers : voir, retenter, annuler, retenir, libérer."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def outbox_list(invocation: Invocation, as_json: bool) -> None:
    """Tous les courriers et leur état."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        letters, held = ledger.letters.listed(), ledger.letters.held()
    for letter in letters:
        if as_json:
            click.echo(json.dumps(_letter_json(letter), ensure_ascii=False))
        else:
            problem = (
                f" — {letter.last_code or ''} {letter.last_text}" if letter.last_text and letter.state != "sent" else ""
            )
            context.say(
                f"{letter.id}  {letter.kind}  PS {letter.numero_ps}  {letter.state}  {letter.attempts} essais{problem}"
            )
    if held:
        context.say(f"envoi suspendu : {held} — « mailbot outbox release » le reprend")


@outbox.command("show")
@click.argument("number", type=int)
@click.pass_obj
def outbox_show(invocation: Invocation, number: int) -> int:
    """Les octets exacts d’un courrier."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        letter = ledger.letters.get(number)
        if letter is None:
            context.say(f"aucun courrier {number} : « mailbot outbox list » les montre")
            return WRONG
        ledger.journal.write(invocation.clock(), invocation.who(), "letter read", f"letter {number}")
    sys.stdout.buffer.write(letter.raw)
    sys.stdout.buffer.flush()
    return 0


@outbox.command("retry")
@click.argument("number", type=int)
@click.pass_obj
def outbox_retry(invocation: Invocation, number: int) -> None:
    """Renvoie un courrier impossible ou en doute (le PS peut le recevoir deux fois)."""
    now = invocation.clock()
    _act(invocation, "letter retried", f"letter {number}", lambda ledger: ledger.letters.retry(number, now))
    context.say(f"courrier {number} : partira au prochain envoi")


@outbox.command("confirm")
@click.argument("number", type=int)
@click.pass_obj
def outbox_confirm(invocation: Invocation, number: int) -> None:
    """Note qu’un courrier en doute est bien arrivé."""
    _act(invocation, "letter confirmed", f"letter {number}", lambda ledger: ledger.letters.confirm(number))
    context.say(f"courrier {number} : noté comme arrivé")


@outbox.command("cancel")
@click.argument("number", type=int)
@click.pass_obj
def outbox_cancel(invocation: Invocation, number: int) -> None:
    """Annule un courrier qui n’est pas parti."""
    _act(invocation, "letter cancelled", f"letter {number}", lambda ledger: ledger.letters.cancel(number))
    context.say(f"courrier {number} : annulé")


@outbox.command("hold")
@click.argument("number", type=int, required=False)
@click.option("--reason", default="décision d’un agent", help="Pourquoi, pour le journal.")
@click.pass_obj
def outbox_hold(invocation: Invocation, number: int | None, reason: str) -> None:
    """Retient un courrier, ou tout l’envoi sans numéro."""
    subject = "outbox" if number is None else f"letter {number}"
    _act(
        invocation, "held", subject,
        lambda ledger: ledger.letters.hold_all(reason) if number is None else ledger.letters.hold(number),
        reason=reason,
    )  # fmt: skip
    context.say("envoi suspendu" if number is None else f"courrier {number} : retenu")


@outbox.command("release")
@click.argument("number", type=int, required=False)
@click.pass_obj
def outbox_release(invocation: Invocation, number: int | None) -> None:
    """Libère un courrier, ou tout l’envoi sans numéro."""
    subject = "outbox" if number is None else f"letter {number}"
    _act(
        invocation, "released", subject,
        lambda ledger: ledger.letters.release_all() if number is None else ledger.letters.release(number),
    )  # fmt: skip
    context.say("envoi repris" if number is None else f"courrier {number} : libéré")


def _letter_json(letter: StoredLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "kind": letter.kind,
        "numero_ps": letter.numero_ps,
        "state": letter.state,
        "attempts": letter.attempts,
        "last_code": letter.last_code,
        "last_text": letter.last_text,
        "message_id": letter.message_id,
    }


# -- contacts ----------------------------------------------------------------------------------------------------


@click.group()
def contacts() -> None:
    """Les adresses enregistrées des PS."""


@contacts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def contacts_list(invocation: Invocation, as_json: bool) -> None:
    """Toutes les adresses, avec leur état."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        found = ledger.contacts.listed()
    for contact in found:
        if as_json:
            click.echo(json.dumps(_contact_json(contact), ensure_ascii=False))
        else:
            click.echo(
                f"{contact.id}  PS {contact.numero_ps}  {contact.mail}  {contact.state}  depuis {contact.since[:10]}"
            )


@contacts.command("show")
@click.argument("numero_ps")
@click.pass_obj
def contacts_show(invocation: Invocation, numero_ps: str) -> None:
    """Les adresses d’un PS, avec leurs preuves."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        for contact in ledger.contacts.listed(numero_ps):
            click.echo(f"{contact.id}  {contact.mail}  {contact.state}  depuis {contact.since[:10]}")
            for line in contact.evidence:
                click.echo(f"   {line}")


@contacts.command("approve")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi l’adresse est acceptée, pour le journal.")
@click.pass_obj
def contacts_approve(invocation: Invocation, number: int, reason: str) -> int:
    """Active une adresse demandée ; le PS reçoit une confirmation."""
    configuration = invocation.configuration()
    now = invocation.clock()
    with invocation.ledger(configuration) as ledger, ledger.transaction():
        contact = ledger.contacts.get(number)
        if contact is None:
            context.say(f"aucune demande {number} : « mailbot contacts list » les montre")
            return WRONG
        ledger.contacts.activate(number, now)
        draft: Draft = confirm.letter(invocation.service(configuration, ledger), contact.numero_ps, contact.mail)
        ledger.letters.queue(now, draft)
        ledger.journal.write(now, invocation.who(), "contact approved", f"contact {number}", reason=reason)
    context.say(f"adresse {number} : active, une confirmation part")
    return 0


@contacts.command("refuse")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle est refusée, pour le journal.")
@click.pass_obj
def contacts_refuse(invocation: Invocation, number: int, reason: str) -> None:
    """Refuse une adresse demandée."""
    now = invocation.clock()
    _act(
        invocation, "contact refused", f"contact {number}",
        lambda ledger: ledger.contacts.refuse(number, now), reason=reason,
    )  # fmt: skip
    context.say(f"demande {number} : refusée")


@contacts.command("end")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Pourquoi elle prend fin, pour le journal.")
@click.pass_obj
def contacts_end(invocation: Invocation, number: int, reason: str) -> None:
    """Met fin à une adresse active."""
    now = invocation.clock()
    _act(
        invocation, "contact ended", f"contact {number}",
        lambda ledger: ledger.contacts.end(number, now), reason=reason,
    )  # fmt: skip
    context.say(f"adresse {number} : résiliée")


def _contact_json(contact: StoredContact) -> dict[str, object]:
    return {
        "id": contact.id,
        "numero_ps": contact.numero_ps,
        "mail": contact.mail,
        "state": contact.state,
        "since": contact.since,
        "evidence": list(contact.evidence),
    }
