"""`review resolve` and its neighbours: what an agent does with what waits. The acts are in `passes/review.py`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.errors import Never
from mailbot.letters import words
from mailbot.model import ReplyAct
from mailbot.parsers import identifiers
from mailbot.passes import review, review_queue, review_undo
from mailbot.passes.review_case import Acted
from mailbot.passes.service import Service

#: What the words of a PS come to, as an agent reads them.
_ACTES = tuple(act for act in ReplyAct if act is not ReplyAct.A_LIRE)
#: Numbers of one group that are shown before the question.
_SHOWN = 10


def mail_number(_ctx: click.Context, _parameter: click.Parameter, value: str) -> int:
    """A mail as an agent names it: 12, mail-12, « mail 12 »."""
    found = re.fullmatch(r"(?:mail[ -]?)?(\d{1,12})", value.strip(), re.IGNORECASE)
    if not found:
        raise click.BadParameter(f"« {value} » n’est pas un numéro de mail (exemple : 12)")
    return int(found[1])


def _acte(_ctx: click.Context, _parameter: click.Parameter, value: str) -> ReplyAct:
    """One of the acts, typed with or without accents; without one the words are for a human to read."""
    known = {review_queue.folded(acte): acte for acte in _ACTES}
    if value and review_queue.folded(value) not in known:
        raise click.BadParameter(f"« {value} » : {words.nearest(review_queue.folded(value), known)}")
    return known.get(review_queue.folded(value), ReplyAct.A_LIRE)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for one mail; `grouped`: may it be done for a whole group?"""

    act: Callable[[Service, int], Acted]
    grouped: bool


@click.command()
@click.argument("number", metavar="MAIL", callback=mail_number)
@click.option("--rattacher", metavar="REJET[,…]", default="", help="Rattache à ces refus (3, ou LOT/FACTURE).")
@click.option("--acte", callback=_acte, default="", metavar="ACTE", help=f"Avec --rattacher : {', '.join(_ACTES)}.")
@click.option("--malgre-expediteur", is_flag=True, help="Rattache au dossier d’un autre PS (avec --reason).")
@click.option("--traite", "handled", is_flag=True, help="Traité à la main : clos (aussi sans autre option).")
@click.option("--handled", is_flag=True, hidden=True, expose_value=False)
@click.option("--encore", "again", is_flag=True, help="À traiter de nouveau au prochain passage.")
@click.option("--again", "anew", is_flag=True, hidden=True)
@click.option("--inscription", metavar="NUMERO_PS", default="", help="En fait une demande d’inscription, à approuver.")
@click.option("--repondre", metavar="TEXTE", default="", help="Répond avec un texte (« review textes » les montre).")
@click.option("--meme-inconnu", is_flag=True, help="Répond aussi à qui n’est le contact d’aucun PS.")
@click.option("--groupe", is_flag=True, help="Tous les mails de même raison et de même correspondant.")
@click.option("--groupe-entier", is_flag=True, help="Tous les mails de même raison, de qui que ce soit.")
@click.option("--oui", is_flag=True, help="Ne demande pas confirmation pour un groupe.")
@click.option("--reason", default="", help="Pourquoi, pour le journal.")
@click.pass_obj
def resolve(
    invocation: Invocation,
    /,
    number: int,
    groupe: bool,
    groupe_entier: bool,
    oui: bool,
    **wishes: str | bool,
) -> int:
    """Règle un mail en attente : rattaché, traité, renvoyé, inscrit ou répondu."""
    wish = _wish(wishes)
    if (groupe or groupe_entier) and not wish.grouped:
        raise click.UsageError("--groupe va avec --traite, --encore ou --repondre : le reste se fait mail par mail")
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        if not (groupe or groupe_entier):
            context.say(wish.act(service, number).told)
            return 0
        found = review_queue.alike(ledger.review.waiting(), number, whoever=groupe_entier)
        if not found:
            raise Never(f"mail {number} : n’attend pas, il n’a pas de groupe (« mailbot review list »)")
        _confirm([mail.id for mail in found], found[0].reason, oui)
        return _each(service, [mail.id for mail in found], wish)


def _wish(wishes: dict[str, str | bool]) -> _Wish:
    """The one act that the options name. Raises `UsageError` where they name two, or one that lacks its own."""
    wishes["again"] = wishes["again"] or wishes["anew"]
    given = [name for name in ("rattacher", "handled", "again", "inscription", "repondre") if wishes[name]]
    if len(given) > 1 and given != ["rattacher", "repondre"]:
        raise click.UsageError("un seul acte à la fois (--repondre peut accompagner --rattacher)")
    told_act = wishes["acte"] != ReplyAct.A_LIRE
    if (told_act or wishes["malgre_expediteur"]) and "rattacher" not in given:
        raise click.UsageError("--acte et --malgre-expediteur vont avec --rattacher")
    if wishes["meme_inconnu"] and given != ["repondre"]:
        raise click.UsageError("--meme-inconnu va avec --repondre seul : un inconnu n’apprend rien d’un dossier")
    reason, answer = str(wishes["reason"]), str(wishes["repondre"])
    if "rattacher" in given:
        rejets = [one.strip() for one in str(wishes["rattacher"]).split(",") if one.strip()]
        act, despite = ReplyAct(str(wishes["acte"])), bool(wishes["malgre_expediteur"])
        return _Wish(
            lambda service, mail: review.attach(
                service, mail, rejets, act=act, reason=reason, despite_sender=despite, answer=answer
            ),
            grouped=False,
        )
    if "inscription" in given:
        numero_ps = identifiers.numero_ps(str(wishes["inscription"]))
        return _Wish(lambda service, mail: review.request(service, mail, numero_ps, reason), grouped=False)
    if answer:
        stranger = bool(wishes["meme_inconnu"])
        return _Wish(
            lambda service, mail: review.reply(service, mail, answer, reason=reason, stranger=stranger), grouped=True
        )
    plain = review.again if "again" in given else review.handled
    return _Wish(lambda service, mail: plain(service, mail, reason), grouped=True)


def _confirm(mails: list[int], reason: str, sure: bool) -> None:
    """Shows how many mails an act is for, and asks. Raises `UsageError` where nobody can be asked."""
    numbers = ", ".join(map(str, mails[:_SHOWN])) + (", …" if len(mails) > _SHOWN else "")
    context.say(f"{words.pluriel(len(mails), 'mail')} : {numbers} — {reason}")
    if sure:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("un groupe demande une confirmation : ajoutez --oui")
    click.confirm(f"Les traiter tous ({len(mails)}) ?", abort=True, err=True)


def _each(service: Service, mails: list[int], wish: _Wish) -> int:
    """The act for each mail, one transaction each; those where it is not possible say why and wait on."""
    refused = 0
    for mail in mails:
        try:
            context.say(wish.act(service, mail).told)
        except Never as error:
            refused += 1
            context.say(error.reason)
    if refused:
        context.say(
            f"{words.pluriel(refused, 'mail')} de ce groupe {'attend' if refused == 1 else 'attendent'} toujours"
        )
    return ATTENTION if refused else 0


@click.command()
@click.argument("number", metavar="MAIL", callback=mail_number)
@click.option("--reason", default="", help="Pourquoi, pour le journal.")
@click.pass_obj
def undo(invocation: Invocation, number: int, reason: str) -> None:
    """Reprend le dernier acte sur un mail : il attend de nouveau (un courrier parti ne revient pas)."""
    _one(invocation, lambda service: review_undo.undo(service, number, reason))


def _rejets(_ctx: click.Context, _parameter: click.Parameter, value: str) -> list[int]:
    """Refusals by their numbers: 3, or 3,4,7."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        raise click.BadParameter(f"« {value} » n’est pas un numéro de rejet (exemples : 3 ou 3,4)")
    return [int(part) for part in parts]


@click.command()
@click.argument("numbers", metavar="REJET[,…]", callback=_rejets)
@click.option("--reason", required=True, help="Pourquoi le rejet est clos, pour le journal.")
@click.pass_obj
def close(invocation: Invocation, numbers: list[int], reason: str) -> None:
    """Clôt un rejet auquel le PS a répondu, ou plusieurs."""
    for number in numbers:
        _one(invocation, lambda service, number=number: review.close(service, number, reason))  # type: ignore[misc]


@click.command("retry-file")
@click.argument("number", metavar="FICHIER", type=int)
@click.pass_obj
def retry_file(invocation: Invocation, number: int) -> None:
    """Renvoie au traitement un fichier de lots mis de côté."""
    context.act(invocation, "lot file reopened", f"lot file {number}", lambda ledger: ledger.lot_files.reopen(number))
    context.say(f"fichier {number} : renvoyé au traitement")


@click.command()
@click.argument("name", metavar="[TEXTE]", required=False, default="")
@click.pass_obj
def textes(invocation: Invocation, name: str) -> None:
    """Les textes avec lesquels un agent répond ; avec un nom, ce que dit l’un d’eux."""
    known = invocation.configuration(shipped_will_do=True).house.textes
    if not name:
        for text in known.texts.values():
            click.echo(f"{text.name:20} {wording.safe(text.subject)}")
        return
    text = known.named(name)
    click.echo(wording.safe(f"Objet : {text.subject}\n\n{text.body.commun}"))


def _one(invocation: Invocation, act: Callable[[Service], Acted]) -> None:
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        context.say(act(invocation.service(configuration, ledger)).told)
