"""What the answers to ÉTAT, CONSIGNE and AIDE are made of: plain values that the shell fills in from the ledger.

Owns: those values; says nothing and shows nothing (see `etat.py`). There is no place in them for a NIR, a birth date or
a name of a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mailbot.letters.consignes import Consignes
from mailbot.letters.textes import Answer


class Etat(StrEnum):
    """Where an invoice is, in the words of a PS."""

    RECUE = "reçue"
    ACCEPTEE = "acceptée"
    PAYEE = "payée"
    PARTIELLE = "payée en partie"
    REFUSEE = "refusée"
    DIFFEREE = "paiement différé"
    EN_COURS = "en cours chez un gestionnaire"
    A_SAISIR = "en cours de saisie"
    CORRIGEE = "corrigée"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of an invoice: the lot that it came in, and what became of it (`motif`: its libellé)."""

    numero_lot: str
    recue_le: date
    etat: Etat
    motif: str = ""
    le: date | None = None


@dataclass(frozen=True, slots=True)
class Ligne:
    """One invoice of a PS. Amounts in centimes (None: not known). `le`: since when it is in this state (of a payment,
    its day); `paye`: what a return says was paid; `motif`: the libellé of a refusal, `a_faire` what to do about it, in
    one line; `avant`: earlier versions, newest first."""

    numero_ps: str
    numero_facture: str
    numero_lot: str
    recue_le: date
    montant: int | None
    part_rc: int | None
    etat: Etat
    le: date | None = None
    paye: int | None = None
    motif: str = ""
    a_faire: str = ""
    avant: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Paiement:
    """A payment of a return, in centimes; negative for a recall."""

    numero_facture: str
    numero_lot: str
    jour: date | None
    montant: int


@dataclass(frozen=True, slots=True)
class Compte:
    """What stands under one PS number: every open refusal, oldest first, and the last payments, newest first."""

    numero_ps: str
    raison_sociale: str
    refus: tuple[Ligne, ...] = ()
    paiements: tuple[Paiement, ...] = ()


@dataclass(frozen=True, slots=True)
class Facture:
    """ÉTAT n: the invoices of this number, of the PS numbers of who asks; none: we have none."""

    demandee: str
    lignes: tuple[Ligne, ...]


@dataclass(frozen=True, slots=True)
class Releve:
    """ÉTAT: one part for each PS number of who asks."""

    comptes: tuple[Compte, ...]


@dataclass(frozen=True, slots=True)
class Consigne:
    """CONSIGNE n, with the dictionary that it is looked up in."""

    demandee: str
    dictionnaire: Consignes


@dataclass(frozen=True, slots=True)
class Aide:
    """AIDE: the admin's text (`config/textes/aide.txt`), and the address where one registers."""

    texte: Answer
    registration_address: str


Question = Facture | Releve | Consigne | Aide
Numeros = Sequence[tuple[str, str]]
