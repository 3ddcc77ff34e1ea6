"""Lot files (CSV, XLSX): rows of acts -> invoices (data.md, "Lots").

Owns: the columns of a lot, the grouping of rows into invoices, their agreement, and which invoices are refused whole.
Never decides an invoice, never raises for what a file holds: a file that cannot be used at all comes back as refusals
without invoices. `merge` puts the files of one call together.

A refused row is one `Refus` (its first bad column); its reason names the invoice, and the lots, that fall with it.
Known limit: a refused row whose invoice number cannot be read either (the line is cut before it, or broken there)
takes no invoice with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import compress, repeat
from operator import ne
from typing import Any, NamedTuple

from mailbot.errors import Never
from mailbot.model import Acte, Facture, LotFile, LotKey, Recapitulatif, Refus
from mailbot.parsers import cells, identifiers, tables

#: The specialities that an invoice may have.
SPECIALITES = ["PHAR", "BIO", "RAD", "AUX", "SE", "OPT", "SDENT", "PROD", "HOSP", "TRA", "MG", "MS", "MK"]
_PAPIERS = ["cerfa", "quittance_detaillee", "bordereau_virement", "decompte_ro", "document_rsi", "autre", "illisible"]

_IDENTITY: dict[str, cells.Parse] = {
    "numero_lot": cells.needed(cells.text),
    "date_reception": cells.needed(cells.day),
    "numero_ps": identifiers.numero_ps,
    "numero_facture": cells.text,
    "nir": identifiers.nir,
}
#: The invoice's own columns, in the order of `Facture`: rows must agree on them.
_HEAD: dict[str, cells.Parse] = {
    "critere_archivage": cells.text,
    "date_facture": cells.day,
    "nom": cells.text,
    "prenom": cells.text,
    "date_naissance": cells.birth,
    "rang_naissance": cells.rank,
    "specialite": cells.one_of(*SPECIALITES),
    "taux_ro": cells.number,
    "destinataire": cells.one_of("oc", "assure"),
    "part_assure": cells.amount,
    "parcours_soins": cells.one_of("oui", "non"),
    "type_document": cells.one_of("facture_informatique", *_PAPIERS, empty="facture_informatique"),
    "tache_numero_ps": identifiers.numero_ps,
    "mention": cells.one_of("complement"),
    "numero_pec": cells.text,
}
#: Totals: one pair for the rows `facture`, one for those of the récapitulatif.
_TOTALS: dict[str, cells.Parse] = {"montant_total": cells.amount, "part_rc_demandee": cells.amount}
_DOCUMENT: dict[str, cells.Parse] = {"document": cells.one_of("facture", "recapitulatif", empty="facture")}
#: The act, in the order of `Acte`.
_ACTE: dict[str, cells.Parse] = {
    "code_acte": cells.text,
    "date_soins": cells.day,
    "coefficient": cells.number,
    "quantite": cells.number,
    "prix_unitaire": cells.amount,
    "montant": cells.amount,
    "part_ro": cells.amount,
    "part_rc": cells.amount,
    "numero_adeli": cells.text,
}
_COLUMNS = _IDENTITY | _HEAD | _TOTALS | _DOCUMENT | _ACTE
_OPTIONAL = {"taux_ro", "part_assure", "parcours_soins", "type_document", "document", "tache_numero_ps"}
_OPTIONAL |= {"mention", "numero_pec", "numero_adeli"}
#: The columns of a lot, by our names.
COLUMNS = tuple(_COLUMNS)
_NAMES = COLUMNS
_MANDATORY = tuple(name for name in _NAMES if name not in _OPTIONAL)
_HEAD_NAMES = tuple(_HEAD)
_TOTAL_NAMES = tuple(_TOTALS)
_HEADS = slice(len(_IDENTITY), len(_IDENTITY) + len(_HEAD))
_SUMS = slice(_HEADS.stop, _HEADS.stop + len(_TOTALS))
#: Columns that the rows of an invoice share; those of the act come after them.
_SHARED = _SUMS.stop + len(_DOCUMENT)
#: A row is an act when one of these is filled; `numero_adeli` alone is none.
_ACT_CELLS = len(_ACTE) - 1
_NO_ACT = (*("" if parse is cells.text else None for parse in _ACTE.values()),)[:_ACT_CELLS]

Key = tuple[str, str, date, str, str]  # numero_ps, numero_lot, date_reception, compared number, NIR
Totals = tuple[int | None, int | None]


class _Part:
    """What the rows of one document of an invoice say: the facture itself, or its récapitulatif."""

    __slots__ = ("actes", "line", "totals", "written")

    def __init__(self, totals: Totals, line: int, written: str) -> None:
        self.totals = totals
        self.line = line
        self.written = written
        self.actes: list[Acte] = []


class _Group:
    """The rows of one invoice, as they come. `line` is that of its first row, with which the others must agree."""

    __slots__ = ("facture", "head", "line", "nir_valide", "recap", "refused")

    def __init__(self, head: tuple[Any, ...], nir_valide: bool, line: int) -> None:
        self.head = head
        self.nir_valide = nir_valide
        self.line = line
        self.refused = False
        self.facture: _Part | None = None
        self.recap: _Part | None = None

    @property
    def written(self) -> str:
        """The number as first written, rows `facture` first."""
        part = self.facture or self.recap
        return part.written if part else ""


class _Lost(NamedTuple):
    """A refused row and what is known of its invoice; None is a part that cannot be read."""

    line: int
    row: tables.Row
    numero_ps: str | None
    numero_lot: str | None
    date_reception: date | None
    numero_facture: str | None
    nir: str | None
    date_soins: date | None

    @property
    def lot(self) -> LotKey | None:
        if self.numero_ps is None or self.numero_lot is None or self.date_reception is None:
            return None
        return LotKey(self.numero_ps, self.numero_lot, self.date_reception)


class _Reading:
    """The state of reading one file."""

    def __init__(self, fichier: str) -> None:
        self.fichier = fichier
        self.memos = [cells.memo(parse) for parse in _COLUMNS.values()]
        self.groups: dict[Key, _Group] = {}
        self.lost: list[_Lost] = []
        self.refus: list[Refus] = []


def read_lot(raw: bytes, fichier: str, aliases: Mapping[str, str]) -> LotFile:
    """Read one lot file; `fichier` is how messages call it, `aliases` maps its header names to ours.

    Never raises. An unreadable file is one `Refus` with line 0; each missing mandatory column is one with the line of
    the header and that column.
    """
    try:
        sheet = tables.open_sheet(raw, fichier, _NAMES, _MANDATORY, aliases)
    except Never as fault:
        return LotFile((), (Refus(fichier, 0, "", "", fault.reason.removeprefix(f"{fichier} : ")),), ())
    if sheet.header_faults:
        refus = (Refus(fichier, sheet.header_line, column, "", reason) for column, reason in sheet.header_faults)
        return LotFile((), tuple(refus), sheet.warnings)
    reading = _Reading(fichier)
    with tables.no_collection():
        for chunk in sheet.chunks:
            _take(reading, chunk)
        _drop(reading)
        factures = tuple(_facture(key, group) for key, group in reading.groups.items() if not group.refused)
    lots = {LotKey(*key[:3]) for key in reading.groups}
    lots |= {row.lot for row in reading.lost if row.lot}
    refus_in_order = tuple(sorted(reading.refus, key=lambda refusal: refusal.ligne))
    return LotFile(factures, refus_in_order, sheet.warnings, frozenset(lots))


def merge(files: Sequence[LotFile]) -> LotFile:
    """The files of one call as one: of a lot that stands in several, the later file is the version that counts.

    Invoices of the earlier versions go, also where the later version was refused; refusals and warnings of all files
    stay.
    """
    last = {lot: place for place, file in enumerate(files) for lot in file.lots}
    factures = [facture for place, file in enumerate(files) for facture in file.factures if last[facture.lot] == place]
    return LotFile(
        tuple(factures),
        tuple(refusal for file in files for refusal in file.refus),
        tuple(warning for file in files for warning in file.warnings),
        frozenset(last),
        tuple(difference for file in files for difference in file.differences),
    )


def _take(reading: _Reading, chunk: tables.Chunk) -> None:
    """Put the rows of one chunk to their invoices.

    Rows that follow each other with the same cells but for the act are one run: what they share is read once. Where a
    row of the chunk is refused, each row is a run of its own.
    """
    size = len(chunk.lines)
    heads = list(zip(*chunk.columns[:_SHARED], strict=True))
    changed = [True, *map(ne, heads[1:], heads)]
    columns = [list(compress(column, changed)) for column in chunk.columns[:_SHARED]]
    values, bad = tables.convert(_NAMES[:_SHARED], reading.memos[:_SHARED], columns)
    acts, bad_acts = tables.convert(_NAMES[_SHARED:], reading.memos[_SHARED:], chunk.columns[_SHARED:])
    if bad or bad_acts or chunk.faults:
        changed = [True] * size
        values, bad = tables.convert(_NAMES[:_SHARED], reading.memos[:_SHARED], chunk.columns[:_SHARED])
        bad = bad_acts | bad | chunk.faults
        reading.lost += [_lost(chunk, index, bad[index], values + acts) for index in sorted(bad)]
    starts = list(compress(range(size), changed))
    actes: list[Acte] = list(map(tuple.__new__, repeat(Acte), zip(*acts, strict=True)))
    gaps = "" in acts[0]
    for start, end, key, *run in zip(starts, [*starts[1:], size], *_runs(values), strict=True):
        if start not in bad:
            part = _joined(reading, chunk, start, key, *run)
            some = actes[start:end]
            if gaps:
                some = [acte for acte in some if acte[0] or acte[:_ACT_CELLS] != _NO_ACT]
            part.actes += some


def _runs(values: list[list[Any]]) -> tuple[Iterable[Any], ...]:
    """Key, NIR validity, head, totals and document of each run."""
    lots, receptions, ps, written, pairs = values[: len(_IDENTITY)]
    numbers = map(str.lstrip, written, repeat("0"))
    keys = zip(ps, lots, receptions, numbers, [found[0] for found in pairs], strict=True)
    heads = zip(*values[_HEADS], strict=True)
    return keys, (found[1] for found in pairs), written, heads, zip(*values[_SUMS], strict=True), values[_SHARED - 1]


def _joined(
    reading: _Reading,
    chunk: tables.Chunk,
    index: int,
    key: Key,
    nir_valide: bool,
    written: str,
    head: tuple[Any, ...],
    totals: Totals,
    document: str,
) -> _Part:
    """The part of an invoice that a run belongs to; it is new, or must agree with what the rows before said."""
    line = chunk.lines[index]
    group = reading.groups.get(key)
    if group is None:
        group = reading.groups[key] = _Group(head, nir_valide, line)
    elif group.head != head and not group.refused:
        place = next(place for place, value in enumerate(head) if value != group.head[place])
        _clash(reading, chunk, index, _HEAD_NAMES[place], group, group.line)
    part = group.facture if document == "facture" else group.recap
    if part is None:
        part = _Part(totals, line, written)
        if document == "facture":
            group.facture = part
        else:
            group.recap = part
    elif part.totals != totals and not group.refused:
        _clash(reading, chunk, index, _TOTAL_NAMES[part.totals[0] == totals[0]], group, part.line)
    return part


def _clash(reading: _Reading, chunk: tables.Chunk, index: int, colonne: str, group: _Group, first: int) -> None:
    """Refuse an invoice whose rows disagree, naming both lines."""
    group.refused = True
    line = chunk.lines[index]
    written = group.written or chunk.columns[_NAMES.index("numero_facture")][index].strip()
    name = written if identifiers.numero_facture(written) else "0"
    reason = (
        f"les lignes {first} et {line} de la même facture ne disent pas la même chose ; "
        f"{_whole(name)} ; corrigez l’une des deux lignes"
    )
    raw = chunk.columns[_NAMES.index(colonne)][index]
    reading.refus.append(cells.refus(reading.fichier, line, colonne, raw, reason, cells.shown(name)))


def _lost(chunk: tables.Chunk, index: int, row: tables.Row, values: list[list[Any]]) -> _Lost:
    """What a refused row still says of its invoice; a cell that the line does not reach, or a broken one, is None."""
    beyond = chunk.short.get(index, frozenset())

    def value(name: str) -> Any:
        place = _NAMES.index(name)
        found = values[place][index]
        broken = "\0" in chunk.columns[place][index] or "\ufffd" in chunk.columns[place][index]
        return None if name in beyond or broken or found.__class__ is cells.Bad else found

    pair = value("nir")
    return _Lost(
        chunk.lines[index],
        row,
        value("numero_ps"),
        value("numero_lot"),
        value("date_reception"),
        value("numero_facture"),
        pair[0] if pair else None,
        value("date_soins"),
    )


def _drop(reading: _Reading) -> None:
    """Refuse as a whole each invoice that lost a row: in its lot, or in every lot it may belong to."""
    by_number: defaultdict[str, list[Key]] = defaultdict(list)
    if any(None in row[2:7] for row in reading.lost):
        for key in reading.groups:
            by_number[key[3]].append(key)
    for lost in reading.lost:
        fallen = _fallen(lost, reading.groups, by_number)
        reason = lost.row.raison
        name = lost.numero_facture or ""
        for key in fallen:
            reading.groups[key].refused = True
        if lost.numero_facture is not None:
            name = _name(lost, [reading.groups[key] for key in fallen])
            reason += f" ; {_whole(name)}"
            if None in lost[2:5] and fallen:
                lots = dict.fromkeys(f"{cells.shown(key[1])} du {key[2]:%d/%m/%Y}" for key in fallen)
                reason += f" (dans chaque lot qui peut être le sien : {', '.join(lots)})"
        refusal = cells.refus(reading.fichier, lost.line, lost.row.colonne, lost.row.valeur, reason, cells.shown(name))
        reading.refus.append(refusal)


def _fallen(lost: _Lost, groups: Mapping[Key, _Group], by_number: Mapping[str, list[Key]]) -> list[Key]:
    if lost.numero_facture is None:
        return []
    number = identifiers.numero_facture(lost.numero_facture)
    if lost.lot and lost.nir is not None:
        exact = (*lost.lot, number, lost.nir)
        return [exact] if exact in groups else []
    wanted = (lost.numero_ps, lost.numero_lot, lost.date_reception, number, lost.nir)
    return [
        key
        for key in by_number.get(number, ())
        if all(part is None or part == mine for part, mine in zip(wanted, key, strict=True))
    ]


def _name(lost: _Lost, groups: Iterable[_Group]) -> str:
    """The number of a refused invoice as first written; without one its last care day backwards, else "0"."""
    found = list(groups)
    written = [group.written for group in found] + [lost.numero_facture or ""]
    number = next((text for text in written if identifiers.numero_facture(text)), "")
    if number:
        return number
    parts = [group.facture for group in found if group.facture]
    days = [acte.date_soins for part in parts for acte in part.actes if acte.date_soins]
    last = max([*days, lost.date_soins] if lost.date_soins else days, default=None)
    return f"{last:%Y%m%d}" if last else "0"


def _whole(name: str) -> str:
    return f"la facture n° {cells.shown(name)} est refusée en entier"


def _facture(key: Key, group: _Group) -> Facture:
    ps, lot, reception, number, nir = key
    montant, part = group.facture.totals if group.facture else (None, None)
    actes = tuple(group.facture.actes) if group.facture else ()
    recap = Recapitulatif(*group.recap.totals, tuple(group.recap.actes)) if group.recap else None
    rest = (*group.head, montant, part, actes, recap)
    return Facture(lot, reception, ps, group.written if number else "", number, nir, group.nir_valide, *rest)
