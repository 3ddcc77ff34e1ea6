"""One invoice of a B2 file: its records 2 to 5 -> a `Facture`, and its totals checked.

Owns: “From B2 to the invoice of data.md” (formats.md). What B2 does not say stays empty; names are completed from the
reference tables later (`rules/completion.py`). A total of record 5 that differs from the lines is a warning on the
invoice with both figures, never a refusal. Never finds out which records belong together (`b2.py`); raises nothing.

Known limits: an act of type 3 is dated by its first day; `denombrement` and the complements (3F, 4B …) are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from mailbot.model import Acte, Facture
from mailbot.parsers import identifiers
from mailbot.parsers.b2.records import Records, Row
from mailbot.parsers.b2.specialites import Specialites

#: n_ps, nir_assure, cle_nir, n_facture: what all records of one invoice share.
Head = tuple[str, str, str, str]

#: The zones of a `Head`, in its order.
HEAD = ("n_ps", "nir_assure", "cle_nir", "n_facture")
_LINE = ("coefficient", "quantite", "prix_unitaire", "base_remb", "montant_amo", "montant_amc", "taux", "code_acte")
_TOTALS = (
    "nb_types_3_4", "tot_base_ph", "tot_amo_ph", "tot_facture_ph", "tot_amc_ph", "tot_honoraires",
    "tot_amo_honoraires", "tot_amc_honoraires", "tot_participation",
)  # fmt: skip
_NOT_RESPECTED = ("S", "A")
_FULL_RATE = 100
_MOST_LINES = 999
_ONE = Decimal(1)


@dataclass(slots=True)
class Sums:
    """Centimes of the lines of one type: reimbursement base, RO share, expense, RC share."""

    base: int = 0
    ro: int = 0
    depense: int = 0
    rc: int = 0


@dataclass(slots=True)
class Invoice:
    """The records of an invoice so far. `record` is the number of the first; `heads` are what its records begin with:
    one for a sound invoice, none for one whose record 2 cannot be read. `refus` is where its refusal stands."""

    record: int
    heads: list[Head]
    naissance: str = ""
    rang: int | None = None
    refus: int | None = None
    parcours: str = ""
    first: tuple[str, str] = ("", "")
    lines: int = 0
    records: int = 0
    rates: set[int | None] = field(default_factory=set)
    ph: Sums = field(default_factory=Sums)
    honoraires: Sums = field(default_factory=Sums)
    actes: list[Acte] = field(default_factory=list)
    avertissements: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What people call it: its number as written, "0" for zeros only, "" where it cannot be read."""
        if not self.heads:
            return ""
        written = self.heads[0][3]
        return written if identifiers.numero_facture(written) else "0"


class Builder:
    """Reads invoices by one layout."""

    def __init__(self, records: Records, specialites: Specialites) -> None:
        #: The speciality of an invoice by the type and the code of its first line.
        self.specialite = specialites.of
        self._head = {name: records.pick(name, *HEAD) for name in records.layout if name[0] in "2345"}
        self._patient = records.pick("2", "date_naissance", "rang_naissance")
        self._ips = records.pick("2S", "ips")
        self._line = {
            "3": records.pick("3", "date_debut", "montant_depense", *_LINE),
            "4": records.pick("4", "date_soins", "montant_honoraires", *_LINE),
        }
        self._totals = records.pick("5", *_TOTALS)
        zones = records.layout["5"].zones
        self._places = [f"{name} ({zones[name].debut + 1}-{zones[name].fin})" for name in _TOTALS]

    def head(self, name: str, row: Row) -> Head:
        ps, nir, cle, numero = self._head[name](row)
        return ps, nir, cle, numero

    def open(self, number: int, row: Row) -> Invoice:
        """The invoice that record 2 begins; `number` is the record's."""
        naissance, rang = self._patient(row)
        return Invoice(number, [self.head("2", row)], naissance, rang)

    def add(self, invoice: Invoice, name: str, row: Row) -> None:
        """Takes in a record between 2 and 5."""
        if name == "2S":
            if self._ips(row)[0] in _NOT_RESPECTED:
                invoice.parcours = "non"
            return
        invoice.records += 1
        if name not in self._line:
            return
        day, depense, coefficient, quantite, prix, base, ro, rc, taux, code = self._line[name](row)
        if name == "3" and not coefficient:
            coefficient = _ONE
        sums = invoice.ph if name == "3" else invoice.honoraires
        sums.base += base or 0
        sums.ro += ro or 0
        sums.depense += depense or 0
        sums.rc += rc or 0
        if not invoice.lines:
            invoice.first = (name, code)
        invoice.lines += 1
        invoice.rates.add(taux)
        amount = None if quantite is None else Decimal(quantite)
        invoice.actes.append(Acte(code, day, coefficient, amount, prix, depense, ro, rc, ""))

    def close(self, invoice: Invoice, row: Row, numero_lot: str, creation: date) -> Facture:
        """The whole invoice. `row` is its record 5; `creation` is the day on which the file was made: a B2 file says
        nothing nearer to the day of its reception, and the same file must say the same whenever it is read."""
        totals = self._totals(row)
        _, _, _, facture_ph, amc_ph, honoraires, _, amc_honoraires, _ = totals
        part_rc = None if amc_ph is None and amc_honoraires is None else (amc_ph or 0) + (amc_honoraires or 0)
        ps, nir, cle, written = invoice.heads[0]
        found, valid = identifiers.nir(nir + cle) if nir.strip("0") else ("", True)
        numero = identifiers.numero_facture(written)
        (rate,) = invoice.rates if len(invoice.rates) == 1 else (None,)
        return Facture(
            numero_lot=numero_lot,
            date_reception=creation,
            numero_ps=identifiers.numero_ps(ps),
            numero_facture=written if numero else "",
            numero=numero,
            nir=found,
            nir_valide=valid,
            critere_archivage="",
            date_facture=creation,
            nom="",
            prenom="",
            date_naissance=invoice.naissance,
            rang_naissance=invoice.rang or 1,
            specialite=self.specialite(*invoice.first),
            taux_ro=None if rate is None else Decimal(rate),
            destinataire="oc" if part_rc else "",
            part_assure=None,
            parcours_soins=invoice.parcours,
            type_document="facture_informatique",
            tache_numero_ps="",
            mention="",
            numero_pec="",
            montant_total=None if facture_ph is None and honoraires is None else (facture_ph or 0) + (honoraires or 0),
            part_rc_demandee=part_rc,
            actes=tuple(invoice.actes),
            recapitulatif=None,
            de_b2=True,
            avertissements=(*invoice.avertissements, *self._differences(invoice, totals)),
        )

    def _differences(self, invoice: Invoice, totals: tuple[Any, ...]) -> list[str]:
        ph, honoraires = invoice.ph, invoice.honoraires
        participation = ph.depense - ph.ro + honoraires.depense - honoraires.ro
        counted = (
            invoice.records, ph.base, ph.ro, ph.depense, ph.rc, honoraires.depense, honoraires.ro, honoraires.rc,
            participation,
        )  # fmt: skip
        found = []
        for place, said, summed in zip(self._places, totals, counted, strict=True):
            if said is not None and said != summed:
                amounts = (str(said), str(summed)) if place == self._places[0] else (_euros(said), _euros(summed))
                found.append(f"total {place} de l’enregistrement 5 : {amounts[0]} annoncé, {amounts[1]} sur les lignes")
        if not 1 <= invoice.lines <= _MOST_LINES:
            found.append(f"{invoice.lines} ligne d’acte : une facture B2 en a de 1 à {_MOST_LINES}")
        return found


def _euros(centimes: int) -> str:
    return f"{'-' if centimes < 0 else ''}{abs(centimes) // 100},{abs(centimes) % 100:02d}"
