"""The answers to the questions that a registered address asks by mail: ÉTAT, CONSIGNE, AIDE.

Owns: what those letters say. They name invoices by number and lot, never a patient: there is no NIR, birth date or name
in their values, so that there is nothing to mask. Whose rows they hold is the caller's; each PS number has its own
part. Pure; raises `Never` through `mime.draft`, and for a text of AIDE that shows a value which is not there.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from mailbot.letters import answer, consignes, echo, mime, page, words
from mailbot.letters.consignes import Consignes
from mailbot.letters.mime import Contents, Organisation, Outbox
from mailbot.letters.questions import (
    Aide,
    Compte,
    Consigne,
    Etat,
    Facture,
    Ligne,
    Numeros,
    Paiement,
    Question,
    Releve,
    Version,
)
from mailbot.letters.render import Templates
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

__all__ = [
    "Aide",
    "Compte",
    "Consigne",
    "Etat",
    "Facture",
    "Ligne",
    "Paiement",
    "Question",
    "Releve",
    "Version",
    "compose",
    "page_context",
    "proches",
]

#: Rows of one letter, over all its PS numbers: with them the page stays under 100 KB.
MAX_REFUSALS, MAX_PAYMENTS = 50, 20
_MAX_FOUND = 10  # invoices of one number: a number comes back each year
_NEAREST = 3
_SAID = {
    Etat.RECUE: "Nous l’avons bien reçue ; elle n’est pas encore traitée.",
    Etat.ACCEPTEE: "Rien ne s’oppose à son paiement. Vous n’avez rien à faire.",
    Etat.EN_COURS: "Un gestionnaire l’examine. Vous n’avez rien à renvoyer.",
    Etat.A_SAISIR: "Elle est en cours de saisie. Vous n’avez rien à renvoyer.",
    Etat.CORRIGEE: "Une facture corrigée l’a remplacée.",
    Etat.CLOSE: "Elle est réglée de notre côté. Vous n’avez rien à faire.",
    Etat.DIFFEREE: "Son paiement est différé. Vous n’avez rien à renvoyer.",
}
_ALERTS = (Etat.REFUSEE, Etat.DIFFEREE)


@dataclass(frozen=True, slots=True)
class Fiche:
    """One invoice as it is shown: every value is text, ready and inert."""

    facture: str
    lot: str
    recu: str
    montant: str
    part_rc: str
    etat: str
    alerte: bool
    suite: str
    a_faire: str
    avant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groupe:
    """What is shown of one PS number; `titre` is "" where there is only one. `bilan`: sentences; `reste`: how many
    more refusals there are, "" for none."""

    titre: str
    bilan: tuple[str, ...]
    fiches: tuple[Fiche, ...]
    reste: str
    paiements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A page in order."""

    titre: str
    sous_titre: str
    phrases: tuple[str, ...] = ()
    groupes: tuple[Groupe, ...] = ()
    consignes: tuple[consignes.Consigne, ...] = ()
    blocs: tuple[Any, ...] = ()
    fin: tuple[str, ...] = ()


def compose(
    templates: Templates,
    organisation: Organisation,
    outbox: Outbox,
    question: Question,
    *,
    to: str,
    numeros: Numeros,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The answer, frozen. `numeros`: the (PS number, its name or "") of the address that asks; the draft carries the
    first. `now` in the time zone of the PS."""
    context = page_context(organisation, question, numeros, token, now)
    contents = Contents(context["titre"], templates.text("etat", context), templates.pieces("etat", context))
    first = numeros[0][0] if numeros else ""
    return mime.draft(LetterKind.STATUS, key, first, to, contents, organisation, outbox, token, now)


def page_context(
    organisation: Organisation, question: Question, numeros: Numeros, token: str, now: datetime
) -> dict[str, Any]:
    """What the templates see."""
    said = _say(organisation, question, numeros, now)
    numero, raison_sociale = numeros[0] if len(numeros) == 1 else ("", "")
    return {
        "titre": said.titre,
        "sous_titre": said.sous_titre,
        "apercu": said.sous_titre,
        "organisation": page.payeur(organisation),
        "ps": {"numero": words.inert(numero, 20), "raison_sociale": words.inert(raison_sociale, 80)},
        "jour": words.date_longue(now),
        "reference": f"mb-{token}",
        "phrases": tuple(map(words.typographie, said.phrases)),
        "groupes": said.groupes,
        "consignes": said.consignes,
        "blocs": said.blocs,
        "fin": tuple(map(words.typographie, said.fin)),
    }


def _say(organisation: Organisation, question: Question, numeros: Numeros, now: datetime) -> Said:
    match question:
        case Facture():
            return _invoice(question, numeros)
        case Releve():
            return _statement(question)
        case Consigne():
            return _instruction(question)
        case Aide():
            return _help(organisation, question, numeros, now)


# -- ÉTAT n ----------------------------------------------------------------------------------------------------------


def _invoice(question: Facture, numeros: Numeros) -> Said:
    found = question.lignes[:_MAX_FOUND]
    if not found:
        return _no_invoice(question.demandee, numeros)
    names = dict(numeros)
    of_ps = {numero: [one for one in found if one.numero_ps == numero] for numero in _in_order(found)}
    groups = tuple(
        Groupe(_group_title(numero, names.get(numero, ""), len(numeros) > 1), (), tuple(map(_fiche, rows)), "", ())
        for numero, rows in of_ps.items()
    )
    number = words.inert(found[0].numero_facture, 40)
    short = _summary(found[0]) if len(found) == 1 else words.pluriel(len(found), "facture") + " sous ce numéro."
    more = len(question.lignes) - len(found)
    rest = (f"{words.pluriel(more, 'autre facture', 'autres factures')} du même numéro, plus anciennes.",)
    return Said(
        "Où en est votre facture",
        f"N°{NBSP}{number}{NBSP}: {short}",
        groupes=groups,
        fin=(*(rest if more > 0 else ()), _ANSWER),
    )


def _no_invoice(asked: str, numeros: Numeros) -> Said:
    number = echo.number(asked)
    shown = f" {number}" if number else " de ce numéro"
    whose = ", ".join(words.inert(numero, 20) for numero, _ in numeros)
    plural = f"vos numéros PS ({whose})" if len(numeros) > 1 else f"votre n°{NBSP}PS {whose}"
    return Said(
        "Où en est votre facture",
        f"Nous n’avons aucune facture{shown}.",
        (
            f"Nous n’avons aucune facture{shown} pour {plural}.",
            "Vérifiez le numéro : c’est celui de la facture, comme dans votre logiciel, et non celui du lot.",
            "Une facture envoyée il y a peu peut ne pas nous être encore parvenue.",
        ),
        fin=(_ANSWER,),
    )


_ANSWER = "Une question ? Répondez à ce message : sa référence nous mène à votre dossier."


def _in_order(rows: Sequence[Ligne]) -> list[str]:
    return list(dict.fromkeys(one.numero_ps for one in rows))


def _group_title(numero: str, raison_sociale: str, several: bool) -> str:
    named = ", ".join(one for one in (words.inert(numero, 20), words.inert(raison_sociale, 80)) if one)
    return f"N°{NBSP}PS {named}" if several else ""


def _summary(ligne: Ligne) -> str:
    """“refusée, Droits fermés.”, “payée le 5 janvier 2026.”"""
    return f"{_state(ligne.etat, ligne.motif, ligne.le)}."


def _state(etat: Etat, motif: str, day: date | None) -> str:
    if etat in (Etat.PAYEE, Etat.PARTIELLE) and day:
        return f"{etat} le {words.date_longue(day)}"
    if etat is Etat.REFUSEE and motif:
        return f"{etat}, {words.typographie(words.inert(motif, 120))}"
    return etat.value


def _fiche(ligne: Ligne) -> Fiche:
    paid = f"{words.montant(ligne.paye)} versés." if ligne.paye is not None else ""
    suite = paid if ligne.etat in (Etat.PAYEE, Etat.PARTIELLE) else _SAID.get(ligne.etat, "")
    a_faire = ligne.a_faire if ligne.etat is Etat.REFUSEE else ""
    if ligne.etat is Etat.REFUSEE and not a_faire:
        suite = "Votre bordereau vous dit que faire."
    return Fiche(
        facture=words.inert(ligne.numero_facture, 40),
        lot=words.inert(ligne.numero_lot, 40),
        recu=words.date_longue(ligne.recue_le),
        montant=words.montant(ligne.montant),
        part_rc=words.montant(ligne.part_rc),
        etat=_capital(_state(ligne.etat, ligne.motif, ligne.le)),
        alerte=ligne.etat in _ALERTS,
        suite=words.typographie(suite),
        a_faire=words.typographie(words.inert(a_faire, 300)),
        avant=tuple(_before(one) for one in ligne.avant[:_MAX_FOUND]),
    )


def _before(version: Version) -> str:
    lot = words.inert(version.numero_lot, 40)
    state = _state(version.etat, version.motif, version.le)
    return f"Lot {lot}, reçu le {words.date_longue(version.recue_le)}{NBSP}: {state}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- ÉTAT ------------------------------------------------------------------------------------------------------------


def _statement(question: Releve) -> Said:
    accounts = question.comptes
    refused = sum(len(one.refus) for one in accounts)
    several = len(accounts) > 1
    shown = max(1, MAX_REFUSALS // max(1, len(accounts)))
    paid = max(1, MAX_PAYMENTS // max(1, len(accounts)))
    short = f"{words.pluriel(refused, 'refus', 'refus')} {'attend' if refused < 2 else 'attendent'} votre réponse."
    return Said(
        "Le point sur vos factures",
        short if refused else "Aucun refus n’attend votre réponse.",
        groupes=tuple(_account(one, several, shown, paid) for one in accounts),
        fin=(
            *(("Pour tout savoir d’une facture, écrivez-nous ÉTAT et son numéro.",) if refused else ()),
            "Les paiements sont ceux que les retours NOEMIE nous ont donnés.",
            _ANSWER,
        ),
    )


def _account(compte: Compte, several: bool, shown: int, paid: int) -> Groupe:
    more = len(compte.refus) - shown
    rest = f"Et {words.pluriel(more, 'autre refus', 'autres refus')} en attente." if more > 0 else ""
    payments = compte.paiements[:paid]
    return Groupe(
        _group_title(compte.numero_ps, compte.raison_sociale, several),
        tuple(map(words.typographie, (_waiting(compte.refus), _paid(payments)))),
        tuple(map(_fiche, compte.refus[:shown])),
        rest,
        tuple(map(_payment, payments)),
    )


def _waiting(refused: Sequence[Ligne]) -> str:
    if not refused:
        return "Aucun refus en attente."
    asked = sum(one.part_rc or 0 for one in refused)
    amount = f", pour {words.montant(asked)} de part RC" if asked else ""
    return f"{words.pluriel(len(refused), 'refus', 'refus')} en attente{amount}."


def _paid(payments: Sequence[Paiement]) -> str:
    if not payments:
        return "Aucun paiement connu à ce jour."
    total = words.montant(sum(one.montant for one in payments))
    noun = words.pluriel(len(payments), "dernier paiement", "derniers paiements")
    return f"{noun} : {total}{' en tout' if len(payments) > 1 else ''}."


def _payment(one: Paiement) -> str:
    number, lot = words.inert(one.numero_facture, 40), words.inert(one.numero_lot, 40)
    of_lot = f", lot {lot}" if lot else ""
    day = f"{words.date_courte(one.jour)}{NBSP}: " if one.jour else ""
    return f"{day}facture n°{NBSP}{number}{of_lot}, {words.montant(one.montant)}"


# -- CONSIGNE --------------------------------------------------------------------------------------------------------


def _instruction(question: Consigne) -> Said:
    number = words.inert(question.demandee, 40)
    found = question.dictionnaire.par_numero.get(number)
    if found:
        return Said(f"Anomalie {found.numero}", found.libelle, consignes=(found,), fin=(_ANSWER,))
    if not number:
        return Said(
            f"Quelle anomalie{NBSP}?",
            "Il nous manque son numéro.",
            ("Écrivez CONSIGNE suivi du numéro de l’anomalie, tel que votre bordereau ou votre logiciel le donne.",),
            fin=(_ANSWER,),
        )
    shown = f"l’anomalie {number}" if echo.number(number) else "cette anomalie"
    near = proches(question.dictionnaire, number)
    return Said(
        "Pas de consigne sous ce numéro",
        f"Notre dictionnaire ne connaît pas {shown}.",
        (f"Notre dictionnaire ne connaît pas {shown}." + (" Les numéros les plus proches :" if near else ""),),
        consignes=near,
        fin=("Elle figure sur un de vos retours ? Répondez à ce message : un gestionnaire vous dira que faire.",),
    )


def proches(dictionnaire: Consignes, numero: str) -> tuple[consignes.Consigne, ...]:
    """The nearest numbers of the dictionary: those that begin alike and stand beside it, else those that look alike."""
    known = dictionnaire.par_numero
    if numero.isascii() and numero.isdigit():
        numbers = [one for one in known if one.isascii() and one.isdigit()]
        near = sorted(numbers, key=lambda one: (-_alike(one, numero), abs(int(one) - int(numero)), one))
    else:
        near = difflib.get_close_matches(numero, known, n=_NEAREST, cutoff=0.6)
    return tuple(known[one] for one in near[:_NEAREST])


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


# -- AIDE ------------------------------------------------------------------------------------------------------------


def _help(organisation: Organisation, question: Aide, numeros: Numeros, now: datetime) -> Said:
    numero, raison_sociale = numeros[0] if len(numeros) == 1 else ("", "")
    values = answer.values(
        organisation, registration_address=question.registration_address, received=now, factures=(),
        numero_ps=numero, raison_sociale=raison_sociale,
    )  # fmt: skip
    shown = answer.page_context(organisation, question.texte, values, "", now)
    return Said(shown["titre"], shown["sous_titre"], blocs=shown["blocs"])
