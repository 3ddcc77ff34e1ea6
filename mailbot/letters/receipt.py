"""The receipt of a reply: what was understood of it, per invoice, and what happens next.

Owns: what that letter says. It names invoices by number and lot, never a patient, so that there is nothing to mask.
Pure; raises `Never` only through `mime.draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.letters import mime, page, words
from mailbot.letters.mime import Contents, Organisation, Outbox
from mailbot.letters.render import Templates
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind, Missing, ReplyAct, Route, Status

_TITLE = "Votre message est bien arrivé"
_MAX_NAMED = 10  # unknown numbers that are said again
_PLAIN_NUMBER = re.compile(r"[A-Za-z]{0,3}-?\d{1,9}")

_SUITES = {
    ReplyAct.CONTESTATION: "Votre contestation est transmise à un gestionnaire.",
    ReplyAct.QUESTION: "Votre question est transmise à un gestionnaire.",
    ReplyAct.CORRIGEE: "Correction notée. Envoyez la facture corrigée dans un nouveau lot, si ce n’est pas déjà fait.",
    ReplyAct.DOCUMENT: "Votre document est transmis à un gestionnaire.",
    ReplyAct.DETAIL: "Vos précisions sont transmises à un gestionnaire.",
    ReplyAct.A_LIRE: "Votre réponse est transmise à un gestionnaire.",
}
_ANNOUNCED = "Correction annoncée. La facture reste en attente jusqu’à ce que nous la recevions."
_SHORT = {
    Missing.NOTHING: "Un gestionnaire va le lire.",
    Missing.NUMBER: "Il nous manque une précision.",
    Missing.LOT: "Le fichier joint est à revoir.",
    Missing.TEXT: "Mais il est vide.",
}
_ASKED = {
    Missing.NUMBER: "Dites-nous de quelle facture il s’agit : indiquez son numéro, comme sur le bordereau.",
    Missing.LOT: (
        "Le fichier joint n’a pas pu être repris tel quel. Vous pouvez le renvoyer avec les seules factures corrigées, "
        "dans un format de lot (CSV, XLSX ou B2)."
    ),
    Missing.TEXT: "Votre message est arrivé vide : ni texte, ni pièce jointe. Écrivez-nous de nouveau.",
}


@dataclass(frozen=True, slots=True)
class Ligne:
    """What became of one refused invoice. `act` None: its correction is only announced. `corrigee_par`, `status`,
    `motif` (libellé) and `route` are those of the invoice that closed it, where one did."""

    numero_facture: str
    numero_lot: str
    act: ReplyAct | None
    corrigee_par: str = ""
    status: Status | None = None
    motif: str = ""
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender is told. `unknown`: numbers under which no refusal stands; `human`: somebody reads the mail;
    `left`: refusals of the letter that still wait for an answer; `taken`: invoices of a new lot."""

    lignes: tuple[Ligne, ...] = ()
    missing: Missing = Missing.NOTHING
    unknown: tuple[str, ...] = ()
    human: bool = False
    left: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """One invoice as it is shown."""

    facture: str
    lot: str
    suite: str


def compose(
    templates: Templates,
    organisation: Organisation,
    outbox: Outbox,
    receipt: Receipt,
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The receipt, frozen."""
    context = page_context(organisation, receipt, numero_ps, raison_sociale, token, now)
    contents = Contents(
        subject=f"{_TITLE} – PS {words.inert(numero_ps, 20)}",
        text=templates.text("accuse", context),
        html=templates.pieces("accuse", context),
    )
    return mime.draft(LetterKind.RECEIPT, key, numero_ps, contact, contents, organisation, outbox, token, now)


def page_context(
    organisation: Organisation, receipt: Receipt, numero_ps: str, raison_sociale: str, token: str, now: datetime
) -> dict[str, Any]:
    """What the templates see."""
    summary = en_bref(receipt)
    return {
        **page.entete(
            organisation,
            titre=_TITLE,
            sous_titre=summary,
            apercu=summary,
            numero_ps=numero_ps,
            raison_sociale=raison_sociale,
            token=token,
            now=now,
        ),
        "suites": tuple(
            Suite(words.inert(one.numero_facture, 40), words.inert(one.numero_lot, 40), words.typographie(suite(one)))
            for one in receipt.lignes
        ),
        "demandes": tuple(map(words.typographie, _demandes(receipt))),
        "phrases": tuple(map(words.typographie, _phrases(receipt))),
    }


def en_bref(receipt: Receipt) -> str:
    """“3 factures reconnues, 1 non reconnue”."""
    parts: list[str] = []
    if receipt.taken:
        parts.append(words.pluriel(receipt.taken, "facture reçue", "factures reçues"))
    if receipt.lignes:
        parts.append(words.pluriel(len(receipt.lignes), "facture reconnue", "factures reconnues"))
    if receipt.unknown:
        noun = "non reconnue" if receipt.lignes else "facture non reconnue"
        several = "non reconnues" if receipt.lignes else "factures non reconnues"
        parts.append(words.pluriel(len(receipt.unknown), noun, several))
    return ", ".join(parts) if parts else _SHORT[receipt.missing]


def suite(ligne: Ligne) -> str:
    """What happens next with one invoice."""
    if ligne.status is None:
        return _SUITES[ligne.act] if ligne.act else _ANNOUNCED
    other = ligne.corrigee_par and ligne.corrigee_par != ligne.numero_facture
    by = f"Corrigée par la facture n° {words.inert(ligne.corrigee_par, 40)}" if other else "Corrigée"
    if ligne.status is Status.ACCEPTEE:
        return f"{by} : elle est acceptée."
    if ligne.status is Status.REFUSEE and ligne.route is Route.PS:
        reason = f" : {ligne.motif}" if ligne.motif else ""
        return f"{by}, mais celle-ci est refusée{reason}. Un nouveau bordereau vous dit que faire."
    return f"{by} : elle est en cours d’examen."


def _demandes(receipt: Receipt) -> Iterator[str]:
    """What the sender is asked to complete."""
    if receipt.unknown:
        what = "précisez son numéro" if len(receipt.unknown) == 1 else "précisez leurs numéros"
        yield f"Nous n’avons pas de refus en attente {_under(receipt.unknown)} : {what}, comme sur le bordereau."
    elif receipt.missing:
        yield _ASKED[receipt.missing]


def _under(numbers: Sequence[str]) -> str:
    """Under which numbers: said again only when all look like invoice numbers, not like a name, a date or a NIR."""
    if not all(_PLAIN_NUMBER.fullmatch(one) for one in numbers):
        return "sous le numéro que vous donnez" if len(numbers) == 1 else "sous certains des numéros que vous donnez"
    named = [f"n°{NBSP}{one}" for one in numbers[:_MAX_NAMED]]
    return "pour la facture " + " et ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)


def _phrases(receipt: Receipt) -> Iterator[str]:
    # Nobody reads a message without a word.
    if receipt.human and receipt.missing is not Missing.TEXT:
        yield f"Un gestionnaire lit {'le reste de ' if receipt.lignes else ''}votre message."
    if receipt.left:
        yield (
            f"{words.pluriel(receipt.left, 'autre facture', 'autres factures')} du même bordereau "
            f"{'attend' if receipt.left == 1 else 'attendent'} encore votre réponse."
        )
    if receipt.taken:
        yield "Le résultat de ce lot vous parviendra par bordereau."
    if receipt.missing or receipt.unknown:
        yield "Pour compléter, répondez à ce message."
    elif receipt.lignes:
        yield "Ce n’est pas ce que vous vouliez dire ? Répondez à ce message."
