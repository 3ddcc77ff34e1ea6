"""Lots and three months in numbers, as a PS reads them: what came in, what became of it, what to look at first.

Owns: the figures at the head of a page, the sentence on the lots, the state of each lot, the invoices that are paid for
with a remark, and the motif that comes back. Shared by the bordereau and the daily report. Pure; every value is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.letters import words
from mailbot.letters.lignes import Bilan, House, Trimestre
from mailbot.letters.mime import Organisation
from mailbot.letters.words import NBSP

_MAISON = (("payeur", "name"), ("service", "service"), ("convention", "convention"))
#: Below, a motif comes back by chance.
_OFTEN = 2


@dataclass(frozen=True, slots=True)
class LigneBilan:
    """One lot as it is shown; `compte` is a sentence such as “14 factures : 11 acceptées, 3 refusées”."""

    lot: str
    recu: str
    rejet: bool
    etat: str
    factures: str
    compte: str


@dataclass(frozen=True, slots=True)
class Chiffre:
    """One number at the head of the page: “3” “refusées”."""

    nombre: str
    mot: str
    alerte: bool = False


@dataclass(frozen=True, slots=True)
class Habitude:
    """Three months in words: “40 factures : 31 acceptées, 9 refusées”; the motif that comes back and its tip, "" each
    where there is none."""

    phrase: str
    motif: str
    conseil: str


def chiffres(bilans: Sequence[Bilan]) -> tuple[Chiffre, ...]:
    """The figures at the head of the page; none without lots."""
    if not bilans:
        return ()
    refused = sum(bilan.refusees for bilan in bilans)
    counts = (
        (sum(bilan.factures for bilan in bilans), "reçue", "reçues"),
        (sum(bilan.acceptees for bilan in bilans), "acceptée", "acceptées"),
        (refused, "refusée", "refusées"),
        (sum(bilan.en_cours + bilan.a_saisir for bilan in bilans), "en cours", "en cours"),
    )
    return tuple(
        Chiffre(words.nombre(count), one if count < 2 else many, alerte=one == "refusée" and refused > 0)
        for count, one, many in counts
    )


def phrase(bilans: Sequence[Bilan]) -> str:
    """“Nous avons traité 2 lots, soit 14 factures : 11 acceptées et 3 refusées.”"""
    if not bilans:
        return ""
    lots = words.pluriel(len(bilans), "lot")
    merged = Bilan(
        "",
        bilans[0].date_reception,
        *(
            sum(getattr(bilan, name) for bilan in bilans)
            for name in ("factures", "acceptees", "refusees", "a_saisir", "en_cours")
        ),
    )
    return f"Nous avons traité {lots}, soit {words.pluriel(merged.factures, 'facture')}{NBSP}: {_compte(merged)}."


def ligne(bilan: Bilan) -> LigneBilan:
    """One lot."""
    return LigneBilan(
        lot=words.inert(bilan.numero_lot, 40),
        recu=words.date_longue(bilan.date_reception),
        rejet=bilan.refusees > 0,
        etat="avec rejet" if bilan.refusees else "sans rejet",
        factures=words.pluriel(bilan.factures, "facture"),
        compte=_compte(bilan),
    )


def habitude(house: House, trimestre: Trimestre | None) -> Habitude | None:
    """Three months, where anything was refused in them."""
    if trimestre is None or not trimestre.refusees:
        return None
    parts = [
        words.pluriel(trimestre.acceptees, "acceptée", "acceptées"),
        words.pluriel(trimestre.refusees, "refusée", "refusées"),
    ]
    waiting = trimestre.factures - trimestre.acceptees - trimestre.refusees
    if waiting > 0:
        parts.append(f"{words.nombre(waiting)} en cours")
    said = f"{words.pluriel(trimestre.factures, 'facture')} en trois mois{NBSP}: {', '.join(parts)}."
    if trimestre.fois < _OFTEN:
        return Habitude(said, "", "")
    libelles = house.libelles
    label = words.libelle(libelles.motifs.get(trimestre.motif, trimestre.motif))
    precision = libelles.details.get(trimestre.precision) or libelles.erreurs.get(trimestre.precision)
    motif = words.typographie(f"{label} ({precision})" if precision else label)
    conseil = house.reponses.conseil(trimestre.motif, trimestre.precision, maison(house.organisation))
    return Habitude(said, f"{motif}, {words.pluriel(trimestre.fois, 'facture')}", conseil)


def maison(organisation: Organisation) -> dict[str, str]:
    """What the placeholders of a text become that are the same for every PS."""
    return {name: words.inert(getattr(organisation, field), 80) for name, field in _MAISON}


def _compte(bilan: Bilan) -> str:
    parts = [
        (bilan.acceptees, "acceptée", "acceptées"),
        (bilan.refusees, "refusée", "refusées"),
        (bilan.a_saisir, "en cours de saisie", "en cours de saisie"),
        (bilan.en_cours, "en cours d’examen par un gestionnaire", "en cours d’examen par un gestionnaire"),
    ]
    said = [words.pluriel(count, one, many) for count, one, many in parts if count]
    if not said:
        return "aucune facture"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}"
