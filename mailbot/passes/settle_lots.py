"""Settling lot files: read the file, ask the ledger once a lot, decide, and write everything or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from mailbot.ledger import Ledger, StoredFile
from mailbot.letters import words
from mailbot.model import Facture, LotFile, LotKey
from mailbot.model.references import Beneficiaire
from mailbot.parsers import lots
from mailbot.passes import settle_retours
from mailbot.passes.service import Service
from mailbot.rules import completion, judge, text
from mailbot.rules.references import References


def read(service: Service, file: StoredFile) -> LotFile:
    """The invoices and refusals of a file; raises `Never` for a file that is no lot at all, `Park` for one that passes
    the limits of its reader."""
    aliases, b2_format = service.configuration.colonnes.get("lots", {}), service.configuration.b2
    return service.reader.lot(file.raw, file.name, aliases, b2_format, from_mail=file.mail_id is not None)


def settle_file(service: Service, file: StoredFile) -> bool:
    """One lot file into the ledger: its invoices decided, its refused rows listed; or one NOEMIE return, recognised by
    its content. False when nothing could be used."""
    if settle_retours.is_return(service, file.raw):
        return settle_retours.settle_file(service, file)
    return write(service, file.id, file.name, read(service, file))


def settle_call(service: Service, files: Sequence[StoredFile]) -> bool:
    """Files of one call: of a lot that stands in two of them the later file is the version that counts (data.md).

    False when somebody has to look at one of them: it was of no use and is parked, or what it says of itself does not
    hold. NOEMIE returns are left to the pass.
    """
    clean = True
    files = [file for file in files if not settle_retours.is_return(service, file.raw)]
    reads = [(file, read(service, file)) for file in files]
    for place, (file, lot) in enumerate(reads, 1):
        later = {key: other.name for other, version in reads[place:] for key in version.lots}
        clean &= write(service, file.id, file.name, lot, later) and not lots.differ(lot)
    return clean


def write(
    service: Service, file_id: int, name: str, lot: LotFile, superseded: Mapping[LotKey, str] = MappingProxyType({})
) -> bool:
    """Decides and records a file that was read, in one transaction. False when nothing could be used.

    The lots `superseded` count in another version, in the file named there: here they are passed over.
    """
    now = service.clock()
    with service.ledger.transaction():
        count = decide(service, file_id, [one for one in lot.factures if one.lot not in superseded], now)
        if lot.factures:
            service.ledger.lot_files.settle(file_id, now, lot.refus)
        else:
            service.ledger.lot_files.park(file_id, now, why_useless(lot), lot.refus)
        service.ledger.journal.write(
            now, service.who, "lot settled", f"lot file {file_id}",
            factures=len(lot.factures), decided=count, refused_rows=len(lot.refus),
        )  # fmt: skip
    service.say(f"{name} : {_told(lot, count, superseded)}")
    for warning in lots.warnings(lot):
        service.say(warning)
    return bool(lot.factures)


def decide(service: Service, file_id: int, new: Sequence[Facture], now: datetime) -> int:
    """Decides what is new or changed, lot by lot (a lot may be a trace for the next); gives how many."""
    count, book_id = 0, None
    for lot, factures in _by_lot(new):
        existing = service.ledger.lots.existing(lot)
        changed = [facture for facture in factures if not _same(existing.get(facture.key), facture)]
        if not changed:
            continue
        if book_id is None:
            book_id = service.ledger.books.keep(now, service.configuration.book_text)
        references = known(service.ledger, lot, changed)
        for facture in (completion.completed(one, references) for one in changed):
            judgement = judge.decide(facture, references, service.configuration.book)
            path = judgement.explication_bytes()
            service.ledger.lots.record(now, file_id, facture, judgement.decision, path, book_id)
        count += len(changed)
    return count


def _same(held: Facture | None, facture: Facture) -> bool:
    """Does the ledger hold this invoice as its file says it? Names that were completed are no difference."""
    return held is not None and completion.as_read(held) == facture


def known(ledger: Ledger, lot: LotKey, factures: Sequence[Facture]) -> References:
    """What the ledger knows that can matter for these invoices of one lot."""
    rows = ledger.references.relevant(factures, alike)
    nirs = {facture.nir for facture in factures} | {person.nir for person in rows.get("beneficiaires", ())}
    return References.of(rows, en_cours=ledger.lots.en_cours(lot, nirs))


def why_useless(lot: LotFile) -> str:
    """Why nothing of a file could be used, in one French sentence: its first refusals, by column."""
    if not lot.refus:
        return "aucune facture dans ce fichier"
    said = [f"{one.colonne} : {one.raison}" if one.colonne else one.raison for one in lot.refus[:3]]
    more = len(lot.refus) - len(said)
    return " ; ".join(said) + (f" ; et {words.pluriel(more, 'autre refus', 'autres refus')}" if more else "")


def alike(facture: Facture, person: Beneficiaire) -> bool:
    """May this person, born on the same day, be the patient by name?"""
    return text.same_name(facture.nom, person.nom) and text.same_name(facture.prenom, person.prenom)


def _by_lot(factures: Sequence[Facture]) -> Iterator[tuple[LotKey, list[Facture]]]:
    lots: dict[LotKey, list[Facture]] = {}
    for facture in factures:
        lots.setdefault(facture.lot, []).append(facture)
    yield from lots.items()


def _told(lot: LotFile, count: int, superseded: Mapping[LotKey, str]) -> str:
    if not lot.factures:
        return f"aucune facture prise, {len(lot.refus)} refus à l’entrée"
    passed = [key for key, _ in _by_lot(lot.factures) if key in superseded]
    told = words.pluriel(len(lot.factures), "facture")
    if count:
        told += f", dont {words.pluriel(count, 'décidée')}"
    elif any(facture.lot not in superseded for facture in lot.factures):
        told += ", aucune n’a changé"
    told += "".join(f", le lot {key.numero_lot} est aussi dans {superseded[key]}, qui compte" for key in passed)
    return told + (f", {len(lot.refus)} refus à l’entrée" if lot.refus else "")
