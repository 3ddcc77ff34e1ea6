"""Rows of the reference tables, and the indexed whole that the rules look into.

Rows are NamedTuples because there are millions of them and C builds them. Values as in `factures.py`: centimes,
dates, `None` for empty; text trimmed. Columns: shared/domain/data.md.
"""

from __future__ import annotations

import types
import typing
from datetime import date
from typing import Any, NamedTuple


class Beneficiaire(NamedTuple):
    reference: str
    nir: str
    date_naissance: str  # ISO for a calendar date, else as written
    rang_naissance: int  # 1 when empty
    nom: str
    prenom: str
    mutuelle: str
    contrat: str
    numero_mutuelle: str


class Carte(NamedTuple):
    reference: str
    contrat: str
    mutuelle: str
    date_debut: date | None
    date_fin: date | None
    restituee_le: date | None
    motif_restitution: str
    editee_le: date | None
    numero_carte: str
    garanties: str  # as written, already checked: "PHAR=100%|OPT=PEC|SDENT=-"


class Droit(NamedTuple):
    reference: str
    numero_mutuelle: str
    contrat: str
    adhesion: date | None
    radiation: date | None
    date_effet: date | None


class Agica(NamedTuple):
    numero_ps: str
    nir: str
    numero_facture: str  # as written
    date_debut_soins: date | None
    montant_rc: int | None
    specialite: str
    etat: str  # LIQUIDE, LIQUIDE_NUL, REJETE or EN_COURS
    date_liquidation: date | None
    motif_rejet: str  # as a code: capitals without accents, _ for spaces and hyphens
    numero_facture_reglee: str


class AgicaActe(NamedTuple):
    numero_ps: str
    nir: str
    numero_facture: str
    code_acte: str
    date_soins: date | None
    date_paiement: date | None


class HistoClient(NamedTuple):
    mutuelle: str
    nir: str
    numero_ps: str
    numero_facture: str
    date_soins: date | None
    date_paiement: date | None


class Agaps(NamedTuple):
    numero_ps: str
    raison_sociale: str
    categorie: str
    mail: str
    telephone: str
    fax: str
    numero_voie: str
    complement_numero: str
    type_voie: str
    libelle_voie: str
    complement_adresse: str
    code_postal: str
    commune: str


class AgapsMail(NamedTuple):
    numero_ps: str
    convention: str
    fonction: str
    mail: str


class Valorisation(NamedTuple):
    numero_lot: str
    numero_ps: str
    numero_facture: str
    resultat: str  # VALORISEE or REFUSEE
    montant_calcule: int | None
    part_rc_calculee: int | None
    message: str


class Nomenclature(NamedTuple):
    code_acte: str
    libelle: str
    majoration: bool
    prix_unitaire: int | None


class Piece(NamedTuple):
    numero_ps: str
    numero_lot: str
    numero_facture: str
    type_piece: str
    source: str
    date_reception: date | None
    reference: str


#: Table name -> row type, in the order of data.md. (`consignes` is configuration, not one of these.)
TABLES: dict[str, type[tuple[Any, ...]]] = {
    "beneficiaires": Beneficiaire,
    "cartes": Carte,
    "droits": Droit,
    "agica": Agica,
    "agica_actes": AgicaActe,
    "histo_client": HistoClient,
    "agaps": Agaps,
    "agaps_mails": AgapsMail,
    "valorisations": Valorisation,
    "nomenclature": Nomenclature,
    "pieces": Piece,
}

#: National directories that complete `agaps`, the one that counts first in front.
ANNUAIRES = ("finess", "mssante")

__all__ = [
    "ANNUAIRES",
    "TABLES",
    "Agaps",
    "AgapsMail",
    "Agica",
    "AgicaActe",
    "Beneficiaire",
    "Carte",
    "Droit",
    "HistoClient",
    "Nomenclature",
    "Piece",
    "Valorisation",
]


def column_type(annotation: object) -> type:
    """Python type of a column of a reference row: str, int, bool or date (`None` aside)."""
    if isinstance(annotation, types.UnionType):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    assert isinstance(annotation, type)
    return annotation
