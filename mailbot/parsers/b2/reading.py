"""One B2 file, record by record: which records belong together, and what falls with a damaged one.

Owns: the nesting (000, lots 1 … 6, invoices 2 … 5, 999), the norm, the totals of 6 and 999. A damaged record costs its
invoice, by name; its lot, where it is the record 1; the file, where it is the 000. A record that looks like the
beginning or end of a lot but cannot be read as one begins and ends none while a lot is open: one damaged character
costs one invoice, not those behind it. Never raises for what a file holds.

Known limit: of record 6 only the counts that are likely are checked (formats.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mailbot.model import LotKey, Refus
from mailbot.parsers import cells, identifiers
from mailbot.parsers.b2.block import Block
from mailbot.parsers.b2.format import Format
from mailbot.parsers.b2.invoice import HEAD, Head, Invoice
from mailbot.parsers.b2.layout import LENGTH, NEEDED
from mailbot.parsers.b2.records import Damaged, Read, Row
from mailbot.parsers.b2.values import OF_THE_NORM
from mailbot.parsers.layouts import Zone

#: The one norm that is laid out.
NORM = "CP"
_PERSONAL = {"nir_assure", "cle_nir", "nir_individuel", "cle_nir_individuel", "date_naissance", "nom_mt", "prenom_mt"}
_REMEDY = "faites réécrire le fichier par le logiciel qui l’a produit"


@dataclass(slots=True)
class _Lot:
    """A lot that is open. `lost`: its record 1 cannot be read, so that its invoices belong to no lot."""

    name: str
    numero_ps: str = ""
    lost: bool = False
    factures: int = 0
    lines: int = 0
    records: int = 0


class Reading:
    """The state of reading one file, record by record."""

    def __init__(self, fichier: str, fmt: Format) -> None:
        self.fichier = fichier
        self.fmt = fmt
        self.number = 0
        self.block = Block()
        #: None as long as no record 000 said in which norm to read.
        self.readers: Mapping[str, Read] | None = None
        self.creation = date.min
        self.begun_at = 0
        self.lots = 0
        self.seen: set[LotKey] = set()
        self.ended = True
        self.lot: _Lot | None = None
        self.invoice: Invoice | None = None

    # -- one record --------------------------------------------------------------------------------------------------

    def take(self, text: str) -> Block | None:
        """Reads one record; gives the lot that it ended."""
        self.number += 1
        if text.startswith("000"):
            return self._file(text)
        if self.readers is None:
            if self.number == 1:
                reason = "le fichier ne commence pas par un enregistrement 000 : norme inconnue, rien n’en est lu"
                self._refuse("", text[:3], reason)
            return None
        if len(text) != LENGTH:
            name = self.fmt.records.name(text.ljust(LENGTH)) if self.fmt.begins.match(text, 0) else ""
            self._damaged(name, text, "", "", f"enregistrement de {len(text)} caractères au lieu de {LENGTH}")
            return None
        try:
            row = self.readers[text[0]](text)
            name = str(row[0])
        except Damaged as damaged:
            name, row = damaged.name, damaged.row
            if not name:
                self._damaged("", text, "type (1-1)", text[:1], "type d’enregistrement inconnu")
                return None
            wrong = [zone for zone in damaged.zones if zone.nom in NEEDED[name]]
            if wrong:
                self._unreadable(name, text, wrong[0])
                return None
            self._unused(name, damaged.zones)
        return self._placed(name, row, text)

    def _placed(self, name: str, row: Row, text: str) -> Block | None:
        first = name[0]
        if first in "34" or name == "2S":
            self._inside(name, row)
        elif first == "2":
            self._begin(row)
        elif first == "5":
            self._total(row)
        elif first == "1":
            return self._begin_lot(row, text)
        elif first == "6":
            return self._end_lot(row)
        else:
            return self._end(row)
        return None

    def finish(self) -> Block:
        """What is left when the file ends."""
        if not self.number:
            self._refuse("", "", "le fichier est vide")
        self._unfinished()
        if not self.ended:
            self._warn("l’enregistrement 999 (fin de fichier) manque : le fichier est peut-être coupé")
        return self._done()

    # -- the file ------------------------------------------------------------------------------------------------------

    def _file(self, text: str) -> Block | None:
        self._unfinished()
        done = self._done() if self.lot else None
        self.readers, self.begun_at, self.lots, self.ended = None, self.number, 0, True
        if len(text) != LENGTH:
            self._refuse("", "", f"enregistrement 000 de {len(text)} caractères au lieu de {LENGTH} ; {_REMEDY}")
            return done
        try:
            row = self.fmt.records.readers(OF_THE_NORM)[text[0]](text)
        except Damaged as damaged:
            wrong = next((zone for zone in damaged.zones if zone.nom in NEEDED["000"]), None)
            row = damaged.row
            if wrong:
                reason = f"enregistrement 000 abîmé : rien de ce fichier n’est lu ; {_REMEDY}"
                self._refuse(self.fmt.place("000", wrong.nom), wrong.of(text), reason)
                return done
        creation, norm = self.fmt.file(row)
        if norm != NORM:
            reason = f"norme inconnue : seule la norme {NORM} est lue, et rien d’une autre n’est deviné"
            self._refuse(self.fmt.place("000", "norme"), norm, reason)
        elif creation is None:
            self._refuse(self.fmt.place("000", "date_creation"), "", f"date de création absente ; {_REMEDY}")
        else:
            self.creation, self.ended = creation, False
            self.readers = self.fmt.records.readers(creation)
        return done

    def _end(self, row: Row) -> Block | None:
        self._unfinished()
        done = self._done() if self.lot else None
        records, lots = self.fmt.end(row)
        self._compare("999", "nb_enregistrements", "enregistrements", records, self.number - self.begun_at + 1)
        self._compare("999", "nb_lots", "lots", lots, self.lots)
        self.ended = True
        return done

    # -- the lots ------------------------------------------------------------------------------------------------------

    def _begin_lot(self, row: Row, text: str) -> Block | None:
        ps, name, norm = self.fmt.lot(row)
        if norm != NORM:
            self._unreadable("1", text, self.fmt.zone("1", "norme"))
            return None
        self._unfinished()
        done = None
        if self.lot:
            self._warn(f"lot {cells.shown(self.lot.name)} : l’enregistrement 6 (fin de lot) manque")
            done = self._done()
        if not name.strip("0"):
            self._refuse(
                self.fmt.place("1", "n_lot"), self.fmt.zone("1", "n_lot").of(text),
                f"le numéro du lot est absent ; le lot est refusé en entier ; {_REMEDY}",
            )  # fmt: skip
        self._open_lot(_Lot(name, identifiers.numero_ps(ps), lost=not name.strip("0")))
        return done

    def _open_lot(self, lot: _Lot) -> None:
        self.lots += 1
        self.lot = lot
        if lot.lost:
            return
        key = LotKey(lot.numero_ps, lot.name, self.creation)
        if key in self.seen:
            self._warn(
                f"le lot {cells.shown(lot.name)} commence une seconde fois ; ses factures sont réunies en un seul"
            )
        self.seen.add(key)
        self.block.lots.add(key)

    def _end_lot(self, row: Row) -> Block | None:
        self._unfinished()
        lot = self.lot
        if lot is None:
            self._warn("enregistrement 6 (fin de lot) en dehors d’un lot")
            return None
        ps, name, factures, lines = self.fmt.end_of_lot(row)
        if not lot.lost:
            of_lot = f" du lot {cells.shown(lot.name)}"
            if name != lot.name or identifiers.numero_ps(ps) != lot.numero_ps:
                self._warn(f"type 6 : il nomme un autre lot ou un autre PS que l’enregistrement 1{of_lot}")
            self._compare("6", "nb_1", f"factures{of_lot}", factures, lot.factures)
            # The norm may count the lines of acts, or all records 3 and 4.
            self._compare("6", "nb_2", f"lignes{of_lot}", lines, lot.records if lines == lot.records else lot.lines)
        return self._done()

    def _done(self) -> Block:
        done, self.block, self.lot = self.block, Block(), None
        return done

    # -- the invoices --------------------------------------------------------------------------------------------------

    def _begin(self, row: Row) -> None:
        invoice, head = self.invoice, self.fmt.builder.head("2", row)
        if invoice and head in invoice.heads:
            self._fall(invoice, "", "", "second enregistrement 2 dans la même facture")
            return
        self._unfinished()
        self._open(self.fmt.builder.open(self.number, row))

    def _open(self, invoice: Invoice) -> None:
        self.invoice = invoice
        if self.lot:
            self.lot.factures += 1

    def _inside(self, name: str, row: Row) -> None:
        invoice = self._owner(name, row)
        self._count(name)
        if invoice.refus is None:
            self.fmt.builder.add(invoice, name, row)

    def _count(self, name: str) -> None:
        """A record 3 or 4, sound or not, is one that the totals of the lot count."""
        if self.lot and name[:1] in ("3", "4"):
            self.lot.records += 1
            self.lot.lines += len(name) == 1

    def _total(self, row: Row) -> None:
        invoice = self._owner("5", row)
        self.invoice = None
        if invoice.refus is not None:
            return
        if self.lot is None or self.lot.lost:
            lot = f"du lot n° {cells.shown(self.lot.name)}" if self.lot and self.lot.name else "d’aucun lot lisible"
            reason = f"facture {lot}, dont l’enregistrement 1 est absent ou abîmé"
            self._fall(invoice, "", "", reason, invoice.record)
            return
        facture = self.fmt.builder.close(invoice, row, self.lot.name, self.creation)
        self.block.factures.append((invoice.record, facture))
        self.block.lots.add(facture.lot)

    def _owner(self, name: str, row: Row) -> Invoice:
        """The invoice that a record between 2 and 5 belongs to. One without, or of another invoice, refuses it."""
        head = self.fmt.builder.head(name, row)
        invoice = self.invoice
        if invoice is None:
            invoice = Invoice(self.number, [head])
            self._open(invoice)
            self._fall(invoice, "", "", f"enregistrement {name} sans enregistrement 2 avant lui")
        elif not invoice.heads:
            invoice.heads.append(head)
            self._name(invoice)
        elif head not in invoice.heads:
            place, value, other = self._difference(name, head, invoice.heads[0])
            invoice.heads.append(head)
            reason = f"autre valeur qu’à l’enregistrement {invoice.record}, où la facture commence{other}"
            self._fall(invoice, place, value, reason)
        return invoice

    def _difference(self, name: str, head: Head, first: Head) -> tuple[str, str, str]:
        at = next(at for at, value in enumerate(head) if value != first[at])
        zone = HEAD[at]
        value = identifiers.masked(head[at]) if zone in _PERSONAL else cells.shown(head[at])
        other = f" ; ce qui porte le n° {cells.shown(head[3])} ici n’est pas pris" if head[3] != first[3] else ""
        return self.fmt.place(name, zone), value, other

    def _unfinished(self) -> None:
        """The invoice that is open will see no record 5."""
        if self.invoice and self.invoice.refus is None:
            reason = "l’enregistrement 5 (totaux) manque : la facture est coupée"
            self._fall(self.invoice, "", "", reason, self.invoice.record)
        self.invoice = None

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def _unreadable(self, name: str, text: str, zone: Zone) -> None:
        raw = zone.of(text)
        value = identifiers.masked(raw) if zone.nom in _PERSONAL else cells.shown(raw)
        of_norm = zone.nom == "norme"
        reason = f"norme inconnue : seule la norme {NORM} est lue" if of_norm else "zone illisible"
        self._damaged(name, text, self.fmt.place(name, zone.nom), value, reason)

    def _damaged(self, name: str, text: str, place: str, value: str, reason: str) -> None:
        """A record that cannot be read, and what falls with it. `name` is "" where even its type is unknown."""
        reason = f"{reason} ; {_REMEDY}"
        invoice = self.invoice
        self._count(name)
        if name == "2":
            known = self._number(name, text)
            if invoice is None or (known and known not in {head[3] for head in invoice.heads}):
                self._unfinished()
                self._open(invoice := Invoice(self.number, []))
                if known:
                    zones = (self.fmt.zone("2", zone).of(text).strip() for zone in HEAD)
                    invoice.heads.append((*zones,))  # type: ignore[arg-type]  # four zones
            self._fall(invoice, place, value, reason)
        elif invoice is not None:
            self._fall(invoice, place, value, reason)
        elif name == "1" and self.lot is None:
            zone = self.fmt.zone("1", "n_lot")
            lot = zone.of(text) if zone.of(text).isdecimal() else ""
            self._refuse(place, value, f"{reason} ; le lot n° {lot or '(illisible)'} est refusé en entier")
            self._open_lot(_Lot(lot, lost=True))
        elif name and name[0] in "345":
            self._open(invoice := Invoice(self.number, []))
            self._fall(invoice, place, value, reason)
            self.invoice = None if name == "5" else invoice
        else:
            self._refuse(place, value, reason)

    def _number(self, name: str, text: str) -> str:
        """The invoice number of a damaged record; "" where it cannot be read."""
        found = self.fmt.zone(name, "n_facture").of(text)
        return found if found.isdecimal() and len(text) == LENGTH else ""

    def _fall(self, invoice: Invoice, place: str, value: str, reason: str, number: int = 0) -> None:
        """Refuses an invoice as a whole, naming the record and the zone; each damaged record is named."""
        if invoice.refus is None:
            invoice.refus = len(self.block.refus)
        self._refuse(place, value, reason, number)
        if invoice.name:
            self._name(invoice, -1)

    def _name(self, invoice: Invoice, at: int | None = None) -> None:
        """Puts the number of the invoice into its refusal."""
        at = invoice.refus if at is None else at
        assert at is not None
        name = cells.shown(invoice.name)
        refus = self.block.refus[at]
        self.block.refus[at] = replace(
            refus, raison=f"{refus.raison} ; la facture n° {name} est refusée en entier", facture=name
        )

    def _refuse(self, place: str, value: str, reason: str, number: int = 0) -> None:
        self.block.refus.append(Refus(self.fichier, number or self.number, place, cells.shown(value), reason))

    def _unused(self, name: str, zones: Sequence[Zone]) -> None:
        """Zones that cannot be read and that nothing is made of: worth a word, no refusal."""
        places = ", ".join(self.fmt.place(name, zone.nom) for zone in zones)
        said = f"zone illisible et non utilisée dans un enregistrement {name} : {places}"
        if self.invoice and name[0] in "345":
            self.invoice.avertissements.append(said)
        else:
            self._warn(said)

    def _compare(self, record: str, zone: str, what: str, said: int | None, counted: int) -> None:
        width = self.fmt.zone(record, zone).fin - self.fmt.zone(record, zone).debut
        if said is not None and said != counted % 10**width:
            place = self.fmt.place(record, zone)
            self._warn(f"type {record}, {place} : {what}, {said} selon cette zone, {counted} dans le fichier")

    def _warn(self, text: str) -> None:
        self.block.differences.append(f"{self.fichier}, enregistrement {self.number} : {text}")
