"""The layout of B2 as data: `config/formats/b2.csv`, checked for what the reader of B2 needs of it.

Owns: which records there are, by which letter at which place one is told from another, which zones the reader cannot do
without, and of what kind each zone is. No position stands in code: an admin who corrects the file corrects the reader.
Never reads a file. Raises `ConfigError` with every fault of the text. Source: formats.md, "B2".
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from mailbot.errors import ConfigError, Fault
from mailbot.parsers import layouts
from mailbot.parsers.layouts import Layout, Record, Zone

#: Characters of every record.
LENGTH = 128

_HEADER = ("n_ps", "nir_assure", "cle_nir", "n_facture")
_AMOUNTS = ("quantite", "prix_unitaire", "base_remb", "taux", "montant_amo", "montant_amc", "code_acte", "coefficient")
#: The zones that an invoice, its lot and its totals are made of, by record: one that cannot be read damages its record.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "000": ("application", "date_creation", "norme", "version"),
    "1": ("n_ps", "n_lot", "date_creation", "norme"),
    "2": (*_HEADER, "date_naissance", "rang_naissance"),
    "2S": (*_HEADER, "complement", "ips"),
    "3": (*_HEADER, *_AMOUNTS, "date_debut", "montant_depense"),
    "4": (*_HEADER, *_AMOUNTS, "date_soins", "montant_honoraires"),
    "5": (
        *_HEADER, "nb_types_3_4", "tot_base_ph", "tot_amo_ph", "tot_honoraires", "tot_amo_honoraires",
        "tot_participation", "tot_amc_ph", "tot_amc_honoraires", "tot_facture_ph",
    ),
    "6": ("n_ps", "nb_1", "nb_2", "n_lot"),
    "999": ("nb_enregistrements", "nb_lots"),
    **dict.fromkeys(("3S", "3E", "3F", "3H", "4S", "4E", "4B", "4H", "4M"), (*_HEADER, "complement")),
}  # fmt: skip


class Kind(Enum):
    """What the text of a zone becomes; blank is "" or None."""

    TEXT = "texte"
    NUMBER = "nombre"  # int; an amount in centimes, or a count
    DECIMAL = "décimal"  # Decimal, with the decimals that the layout implies
    DAY = "jour"  # date; zeros are None
    BIRTH = "naissance"  # ISO text of a calendar date, else as written; zeros are ""
    DIGITS = "chiffres"  # text that must be digits only


class Letter(NamedTuple):
    """Where (0-based) a letter tells a complement from its record: `("2", 38, "S")` for 2S."""

    base: str
    place: int
    letter: str


_COUNTS = re.compile(r"nb_.*|qte_.*|montant_[0-9]|quantite|denombrement|taux|rang_naissance")


def kind(zone: Zone) -> Kind:
    """The kind of a zone, by its name and by what the layout says of it."""
    if zone.nom == "date_naissance":
        return Kind.BIRTH
    if zone.kind == "A":
        return Kind.TEXT
    if zone.nom.startswith("date_") or zone.nom.endswith("_date"):
        return Kind.DAY
    if zone.nom.startswith("coef") or zone.decimals > 2:
        return Kind.DECIMAL
    if zone.decimals or _COUNTS.fullmatch(zone.nom):
        return Kind.NUMBER
    return Kind.DIGITS if zone.nom == "n_facture" else Kind.TEXT


def in_order(record: Record) -> list[Zone]:
    """The zones of a record as they stand in it."""
    return sorted(record.zones.values(), key=lambda zone: zone.debut)


def letters(layout: Layout) -> tuple[Letter, ...]:
    """The letters to look for, those that stand first in the record first (type 3: 36, then 39)."""
    found = [
        Letter(name[0], record.zones["complement"].debut, name[1])
        for name, record in layout.items()
        if "complement" in record.zones
    ]
    return tuple(sorted(found, key=lambda letter: letter.place))


def read(text: str, file: str) -> Layout:
    """The layout that `text` describes; `file` is how faults call it."""
    layout = layouts.read(text, file, "record", NEEDED)
    faults = [fault for record in layout.values() for fault in _faults(record, text, file)]
    if faults:
        raise ConfigError(*faults)
    return layout


def _faults(record: Record, text: str, file: str) -> list[Fault]:
    columns = [name.strip() for name in text.removeprefix("\ufeff").splitlines()[0].split(",")]
    zones, at = in_order(record), columns.index("record")
    faults = []
    if record.nom not in NEEDED:
        hint = f"enregistrements connus : {', '.join(NEEDED)}"
        faults.append(Fault(file, zones[0].ligne, at + 1, f"enregistrement « {record.nom} » inconnu", hint))
    if record.longueur != LENGTH:
        message = f"{record.nom} : finit en {record.longueur} au lieu de {LENGTH}"
        hint = f"un enregistrement a {LENGTH} caractères"
        last = max(line for line, row in enumerate(text.splitlines(), 1) if row.split(",")[at].strip() == record.nom)
        faults.append(Fault(file, last, columns.index("end") + 1, message, hint))
    for zone in zones:
        if not (zone.nom.isidentifier() and zone.nom.isascii()) or keyword.iskeyword(zone.nom) or zone.nom[0] == "_":
            message = f"{record.nom} : « {zone.nom[:40]} » n’est pas un nom de zone"
            hint = "des lettres sans accent, des chiffres et _ ; une lettre d’abord"
            faults.append(Fault(file, zone.ligne, columns.index("field") + 1, message, hint))
        if kind(zone) in (Kind.DAY, Kind.BIRTH) and zone.fin - zone.debut != 6:
            message = f"{record.nom}, zone « {zone.nom} » : une date AAMMJJ a 6 caractères"
            faults.append(Fault(file, zone.ligne, columns.index("length") + 1, message, "corrigez start et end"))
    return faults
