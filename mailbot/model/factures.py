"""Invoices as values: what a lot file says once it is read.

Money is integer centimes, dates are `datetime.date`, other decimals are `Decimal`. `None` means that the cell was
empty. Text is trimmed; an empty text is `""`. Source of the columns: shared/domain/data.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Acte(NamedTuple):
    """One act (a row of the invoice whose act columns are not all empty). A NamedTuple because lots hold millions."""

    code_acte: str
    date_soins: date | None
    coefficient: Decimal | None
    quantite: Decimal | None
    prix_unitaire: int | None
    montant: int | None
    part_ro: int | None
    part_rc: int | None
    numero_adeli: str


@dataclass(frozen=True, slots=True)
class Recapitulatif:
    """The second document that came along with an invoice, with totals and acts of its own."""

    montant_total: int | None
    part_rc_demandee: int | None
    actes: tuple[Acte, ...]


class LotKey(NamedTuple):
    """Identity of a lot."""

    numero_ps: str
    numero_lot: str
    date_reception: date


class FactureKey(NamedTuple):
    """Identity of an invoice: its lot, its number without leading zeros ("" when zeros only), its NIR."""

    lot: LotKey
    numero: str
    nir: str


@dataclass(frozen=True, slots=True)
class Facture:
    """One invoice. `numero_facture` is as first written ("" for zeros only); `numero` is what is compared.

    `nir` is the 13 characters in capitals without key when `nir_valide`, else the text as written without spaces
    (it then equals no other; rule E0). `date_naissance` is ISO text for a calendar date, else the text as written.
    `rang_naissance` is 1 when empty. `type_document` and so on are the codes of data.md, defaults filled in.
    `actes` are those of the rows `facture`. `de_b2`: read from a B2 file, which has no names (motifs.md §3).
    `avertissements` are French sentences on what its file says two ways (totals of B2) and that refused nothing.
    """

    numero_lot: str
    date_reception: date
    numero_ps: str
    numero_facture: str
    numero: str
    nir: str
    nir_valide: bool
    critere_archivage: str
    date_facture: date | None
    nom: str
    prenom: str
    date_naissance: str
    rang_naissance: int
    specialite: str
    taux_ro: Decimal | None
    destinataire: str
    part_assure: int | None
    parcours_soins: str
    type_document: str
    tache_numero_ps: str
    mention: str
    numero_pec: str
    montant_total: int | None
    part_rc_demandee: int | None
    actes: tuple[Acte, ...]
    recapitulatif: Recapitulatif | None
    de_b2: bool = False
    avertissements: tuple[str, ...] = ()

    @property
    def lot(self) -> LotKey:
        return LotKey(self.numero_ps, self.numero_lot, self.date_reception)

    @property
    def key(self) -> FactureKey:
        return FactureKey(self.lot, self.numero, self.nir)

    @property
    def debut_soins(self) -> date | None:
        """Earliest care date of the acts; None without any."""
        return min((acte.date_soins for acte in self.actes if acte.date_soins), default=None)

    @property
    def fin_soins(self) -> date | None:
        """Latest care date of the acts; None without any."""
        return max((acte.date_soins for acte in self.actes if acte.date_soins), default=None)

    @property
    def nom_facture(self) -> str:
        """What people call it: its number, else its end of care backwards (AAAAMMJJ), else "0" (motifs.md §4)."""
        if self.numero_facture:
            return self.numero_facture
        return f"{self.fin_soins:%Y%m%d}" if self.fin_soins else "0"


@dataclass(frozen=True, slots=True)
class Refus:
    """One row or file refused at the door. `valeur` is already masked where it is a NIR, a name or a birth date.

    `ligne` is the 1-based line in the file, or the number of the record in a B2 file (0: the file as a whole).
    `facture` is the number of the invoice that was refused as a whole because of it ("" where unknown).
    """

    fichier: str
    ligne: int
    colonne: str
    valeur: str
    raison: str
    facture: str = ""


@dataclass(frozen=True, slots=True)
class LotFile:
    """A lot file, read: the good invoices in file order, what was refused, and warnings (unknown columns).

    `differences`: what the file says of itself and does not hold (counts, ends, things written twice); somebody has to
    look at it, although nothing was refused for it.

    `lots` are all the lots that the file has rows of, also those whose invoices were all refused.
    """

    factures: tuple[Facture, ...]
    refus: tuple[Refus, ...]
    warnings: tuple[str, ...]
    lots: frozenset[LotKey] = frozenset()
    differences: tuple[str, ...] = ()
