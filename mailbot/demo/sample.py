"""What a sample day is made of: PS, patients, acts, invoices, lots. Values only; amounts are integer centimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

#: The day on which everything happens (a Monday), and the day on which its lots say they were received.
JOUR = date(2026, 3, 2)
#: In the column `nir` of a case: the patient's NIR with a key that is wrong by one.
FAUSSE_CLE = "fausse clé"


@dataclass(frozen=True, slots=True)
class PS:
    """One professional. `mail` is what AGAPS knows ("" for none)."""

    numero: str
    nom: str
    categorie: str
    commune: str
    code_postal: str
    mail: str
    rue: str


@dataclass(frozen=True, slots=True)
class Carte:
    """One card: `garanties` as in the table, `fin` and `motif` ("NPAI", "Restitution") empty for an ordinary one."""

    contrat: str
    mutuelle: str
    garanties: str
    debut: date = date(2025, 1, 1)
    fin: date | None = date(2026, 12, 31)
    motif: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """One beneficiary, with cards and the end of their rights (`radiation`) where it came."""

    reference: str
    nir: str
    nom: str
    prenom: str
    naissance: date
    cartes: tuple[Carte, ...]
    radiation: date | None = None


@dataclass(frozen=True, slots=True)
class Acte:
    """One act. `prix` is the unit price, `coefficient` text ("" for none), `adeli` who carried it out."""

    code: str
    jour: date
    prix: int
    quantite: int = 1
    coefficient: str = ""
    adeli: str = ""

    @property
    def montant(self) -> int:
        times = Decimal(self.coefficient.replace(",", ".")) if self.coefficient else Decimal(1)
        return int((self.prix * self.quantite * times).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Cas:
    """One invoice and what it shows.

    `regle` is the rule that must decide it, `motif` its motif ("" for none). `colonnes` overwrites columns of its rows
    in the lot, `recapitulatif` is the second document (acts, and totals that differ from the invoice's where given).
    `traces` are rows for other reference tables: table name -> columns. `valeur` is what the valuation says: None for
    none, "accord" for the amounts asked for, else columns of `valorisations`.
    """

    regle: str
    motif: str
    numero: str
    patient: Patient
    actes: tuple[Acte, ...]
    colonnes: Mapping[str, str] = field(default_factory=dict)
    recapitulatif: tuple[Acte, ...] = ()
    total_recapitulatif: int | None = None
    traces: tuple[tuple[str, Mapping[str, str]], ...] = ()
    valeur: Mapping[str, str] | str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot of one PS (None: a lot that came without a PS number)."""

    ps: PS | None
    numero: str
    specialite: str
    cas: tuple[Cas, ...]
    date_reception: date = JOUR
