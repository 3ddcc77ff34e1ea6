"""NOEMIE files made for the tests, zone by zone from the shipped layout. All people and numbers are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mailbot.parsers import noemie
from mailbot.parsers.layouts import Layout

LAYOUT_FILE = Path(__file__).parent.parent / "config/formats/noemie.csv"


@cache
def layout() -> Layout:
    return noemie.read_layout(LAYOUT_FILE.read_text(encoding="utf-8"))


def entity(number: str, level: int = 1, **zones: str | int) -> str:
    """One entity; zones that are not given are blank, numbers are zero-filled."""
    record = layout()[number]
    text = [" "] * record.longueur
    values = {"type": number, **zones}
    if number not in ("000", "999"):
        values |= {"niveau": level, "fin": "@"}
    for name, value in values.items():
        zone = record.zones[name]
        width = zone.fin - zone.debut
        told = str(value).rjust(width, "0") if isinstance(value, int) else value.ljust(width)
        assert len(told) == width, (number, name, value)
        text[zone.debut : zone.fin] = told
    return "".join(text)


def header(numero_ps: str, day: str = "260301", flow: str = "R") -> str:
    return entity(
        "000", type_emetteur="CP", n_emetteur=1751, type_dest="TP", n_dest=numero_ps.rjust(14, "0"),
        id_fichier="F00001", date_creation=day, norme="CP", monnaie="U", type_flux=flow, longueur=128,
    )  # fmt: skip


TRAILER_ZONES = {"type_emetteur": "CP", "n_emetteur": 1751, "id_fichier": "F00001"}


@dataclass
class Invoice:
    """One invoice of a return: amounts in centimes, parts as (asked, state, paid)."""

    numero: str
    lot: str = ""
    nir: str = ""
    ro: tuple[int, str, int] | None = None
    rc: tuple[int, str, int] | None = None
    refusals: list[tuple[str, str, str, str]] = field(default_factory=list)  # code, label, level, part
    comments: list[str] = field(default_factory=list)

    def entities(self) -> list[str]:
        found = [entity("102", 4, n_facture=self.numero, n_lot=self.lot, type_facture="B")]
        if self.nir:
            found.append(entity("103", 4, nir_assure=self.nir[:13], cle=self.nir[13:], date_naissance="850103"))
        for number, part in (("198", self.ro), ("199", self.rc)):
            if part:
                asked, state, paid = part
                zones: dict[str, str | int] = {"n_amc": "0099999997"} if number == "199" else {}
                sign = "N" if paid < 0 else "P"
                zones |= {"montant_demande": asked, "etat": state, "montant_paye": abs(paid), "signe": sign}
                found.append(entity(number, 5, **zones))
        for code, label, level, part_of in self.refusals:
            found.append(entity("294", 5, code=code, libelle=label, niveau_rejet=level, part=part_of))
        found += [entity("295", 5, commentaire=comment) for comment in self.comments]
        return found


def entities(numero_ps: str, *invoices: Invoice, day: str = "260301", lot: str = "", flow: str = "R") -> list[str]:
    """A whole return of one PS, with the counts and sums of its control entities."""
    inside = [one.entities() for one in invoices]
    paid = sum(part[2] for one in invoices for part in (one.ro, one.rc) if part)
    below = sum(text.startswith(("102", "103")) for texts in inside for text in texts)
    batch = [entity("080", 3, date_lot=day, n_lot=lot)] if lot else [entity("080", 3, date_lot=day)]
    control = entity("990", 3, compteur=below, cumul=abs(paid), signe="N" if paid < 0 else "P")
    return [
        header(numero_ps, day, flow),
        entity("020", 1, n_dest_reglement=numero_ps.rjust(15, "0")),
        entity("071", 2, date=day, libelle_vir_1="VIREMENT 12"),
        *batch,
        *(text for texts in inside for text in texts),
        control,
        entity("999", **TRAILER_ZONES),
    ]


def file(numero_ps: str, *invoices: Invoice, end: str = "", **options: str) -> bytes:
    """The bytes of a return; `end` stands after each entity ("" for back to back)."""
    return "".join(text + end for text in entities(numero_ps, *invoices, **options)).encode("latin-1")
