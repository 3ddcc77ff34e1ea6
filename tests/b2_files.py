"""B2 files written from invoices by the layout: what the software of a PS would send. People are invented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from mailbot.configuration import folder
from mailbot.model import Acte, Facture
from mailbot.parsers import identifiers
from mailbot.parsers.b2.format import Format

CREATION = date(2026, 3, 1)
LENGTH = 128


@cache
def shipped() -> Format:
    formats = folder.shipped() / "formats"
    layout, specialites = (formats / name for name in ("b2.csv", "b2_specialites.csv"))
    return Format((layout.read_text("utf-8"), layout.name), (specialites.read_text("utf-8"), specialites.name))


def record(name: str, **values: object) -> str:
    """One record: numbers right and zero-filled, text left and blank-filled, as formats.md says."""
    out = [" "] * LENGTH
    letter = {"complement": name[1]} if name[1:] in ("S", "E", "F", "H", "B", "M") else {}
    values = {"type": name if name[0] in "09" else name[0], **letter, **values}
    zones = shipped().records.layout[name].zones
    for zone in zones.values():
        if zone.nom == "filler":
            continue
        width = zone.fin - zone.debut
        value = values.pop(zone.nom, None)
        if isinstance(value, date):
            value = f"{value:%y%m%d}"
        elif isinstance(value, Decimal):
            value = int(value.scaleb(zone.decimals))
        text = (
            ("" if value is None else str(value)).rjust(width, "0")
            if zone.kind == "N"
            else str(value or "").ljust(width)
        )
        assert len(text) == width, f"{name}.{zone.nom} : {text}"
        out[zone.debut : zone.fin] = text
    assert not values, f"{name} : {sorted(values)}"
    return "".join(out)


@dataclass(frozen=True)
class Line:
    """A line of acts: type 3 or 4, its act, and what only B2 has."""

    kind: str
    acte: Acte
    taux: int = 65
    complements: tuple[str, ...] = ()

    def records(self, head: dict[str, object]) -> list[str]:
        acte = self.acte
        common = {
            "code_acte": acte.code_acte, "quantite": acte.quantite, "coefficient": acte.coefficient, "taux": self.taux,
            "prix_unitaire": acte.prix_unitaire, "base_remb": acte.montant, "montant_amo": acte.part_ro,
            "montant_amc": acte.part_rc,
        }  # fmt: skip
        own = (
            {"date_debut": acte.date_soins, "date_fin": acte.date_soins, "montant_depense": acte.montant}
            if self.kind == "3"
            else {"date_soins": acte.date_soins, "montant_honoraires": acte.montant, "n_executant": head["n_ps"]}
        )
        return [
            record(self.kind, **head, **common, **own),
            *(record(name, **head, sequence="01") for name in self.complements),
        ]


@dataclass(frozen=True)
class Written:
    """An invoice as it is written: who, and its lines."""

    numero: str
    nir: str
    naissance: str
    lines: tuple[Line, ...]
    rang: int = 1
    ips: str = ""
    ps: str = "752000019"
    cle: str | None = None

    def head(self) -> dict[str, object]:
        key = f"{identifiers.nir_key(self.nir):02d}" if self.cle is None else self.cle
        return {"n_ps": self.ps, "nir_assure": self.nir, "cle_nir": key, "n_facture": self.numero}

    def sums(self) -> dict[str, int]:
        ph, fees = ([line.acte for line in self.lines if line.kind == kind] for kind in "34")
        found = {
            "tot_base_ph": sum(acte.montant or 0 for acte in ph),
            "tot_amo_ph": sum(acte.part_ro or 0 for acte in ph),
            "tot_facture_ph": sum(acte.montant or 0 for acte in ph),
            "tot_amc_ph": sum(acte.part_rc or 0 for acte in ph),
            "tot_honoraires": sum(acte.montant or 0 for acte in fees),
            "tot_amo_honoraires": sum(acte.part_ro or 0 for acte in fees),
            "tot_amc_honoraires": sum(acte.part_rc or 0 for acte in fees),
        }  # fmt: skip
        left = found["tot_facture_ph"] - found["tot_amo_ph"] + found["tot_honoraires"] - found["tot_amo_honoraires"]
        return {
            **found,
            "tot_participation": left,
            "nb_types_3_4": len(self.lines) + sum(len(one.complements) for one in self.lines),
        }

    def records(self, **totals: object) -> list[str]:
        """`totals` replace what record 5 says."""
        head = self.head()
        two = record("2", **head, date_naissance=self.naissance, rang_naissance=self.rang, nature_operation=1)
        more = [record("2S", **head, sequence="01", ips=self.ips)] if self.ips else []
        lines = [text for line in self.lines for text in line.records(head)]
        return [two, *more, *lines, record("5", **head, **{**self.sums(), **totals})]

    def expected(self, lot: str) -> Facture:
        """What formats.md makes of it."""
        sums = self.sums()
        part = sums["tot_amc_ph"] + sums["tot_amc_honoraires"]
        rates = {line.taux for line in self.lines}
        nir, valid = identifiers.nir(self.nir + str(self.head()["cle_nir"]))
        first = self.lines[0]
        return Facture(
            lot, CREATION, self.ps, self.numero, self.numero.lstrip("0"), nir, valid, "", CREATION, "", "",
            _iso(self.naissance), self.rang, shipped().builder.specialite(first.kind, first.acte.code_acte),
            Decimal(rates.pop()) if len(rates) == 1 else None, "oc" if part else "", None,
            "non" if self.ips in ("S", "A") else "", "facture_informatique", "", "", "",
            sums["tot_facture_ph"] + sums["tot_honoraires"], part, tuple(line.acte for line in self.lines), None, True,
        )  # fmt: skip


def _iso(text: str) -> str:
    century = "20" if text <= f"{CREATION:%y%m%d}" else "19"
    try:
        return date(int(century + text[:2]), int(text[2:4]), int(text[4:])).isoformat()
    except ValueError:
        return text


def header(**values: object) -> str:
    usual = {"type_emetteur": "TP", "application": "TR", "date_creation": CREATION, "norme": "CP", "version": "B2"}
    return record("000", **{**usual, "longueur": 128, "id_fichier": "ESSAI1", **values})


def lot(name: str, factures: Sequence[Written], *, ps: str = "752000019") -> list[str]:
    """The records 1 … 6 of a lot."""
    inside = [text for facture in factures for text in facture.records()]
    return [first_of_lot(name, ps), *inside, last_of_lot(name, factures, ps)]


def first_of_lot(name: str, ps: str = "752000019", **values: object) -> str:
    usual = {"n_ps": ps, "n_lot": name, "norme_id": "B2", "norme": "CP", "date_creation": CREATION, "monnaie": "U"}
    return record("1", **{**usual, "nom": "PHARMACIE DU PORT", "version_norme": "062007", **values})


def last_of_lot(name: str, factures: Sequence[Written], ps: str = "752000019", **values: object) -> str:
    lines = sum(len(facture.lines) for facture in factures)
    usual = {
        "n_ps": ps,
        "n_lot": name,
        "nb_1": len(factures),
        "nb_2": lines,
        "nb_3": len(factures),
        "nb_4": len(factures),
    }
    return record("6", **{**usual, **values})


def last(records: Sequence[str], **values: object) -> str:
    """The record 999 for what stands before it."""
    lots = sum(text.startswith("1") for text in records)
    return record("999", **{"nb_enregistrements": len(records) + 1, "nb_lots": lots, "id_fichier": "ESSAI1", **values})


def whole(*lots: Iterable[str]) -> list[str]:
    """All records of a file."""
    records = [header(), *(text for one in lots for text in one)]
    return [*records, last(records)]


def raw(records: Iterable[str], ends: str = "\r\n") -> bytes:
    return "".join(text + ends for text in records).encode("latin-1")
