"""Reference tables in the ledger: replaced as a whole, asked for what a lot needs.

Rows keep the order of their file (rowid). Which tables were ever loaded stands in `loads`. `agaps` is handed out
completed by the national directories (`annuaire.py`), and counts as loaded when one of them is.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from mailbot.ledger.annuaire import Annuaire
from mailbot.ledger.contacts import Contacts
from mailbot.ledger.store import Store, instant
from mailbot.model import TABLES, Facture
from mailbot.model.references import Agaps, AgapsMail, Beneficiaire, column_type

Rows = dict[str, list[Any]]


class References:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._annuaire = Annuaire(store)
        self._contacts = Contacts(store)

    def replace(self, now: datetime, name: str, rows: Sequence[Any], fichier: str, sha256: str) -> None:
        """The table's new content, in one transaction; the old content stays if anything fails."""
        width = len(TABLES[name]._fields)  # type: ignore[attr-defined]  # NamedTuples all
        with self._store.transaction():
            self._store.run(f"DELETE FROM ref_{name}")
            self._store.connection.executemany(
                f"INSERT INTO ref_{name} VALUES ({', '.join('?' * width)})",
                _as_columns(rows, _DATES[name]),
            )
            self._store.run(
                "INSERT OR REPLACE INTO loads VALUES (?, ?, ?, ?, ?)", name, instant(now), fichier, sha256, len(rows)
            )

    def loaded(self) -> set[str]:
        """The tables that were ever loaded; `agaps` is where a directory is."""
        return self.loaded_files() | ({"agaps"} if self._annuaire.loaded() else set())

    def loaded_files(self) -> set[str]:
        """The tables of which a file of their own was ever loaded."""
        return {row[0] for row in self._store.rows("SELECT name FROM loads")}.intersection(TABLES)

    def relevant(self, factures: Sequence[Facture], alike: Callable[[Facture, Beneficiaire], bool]) -> Rows:
        """Rows that deciding `factures` can need, by table, in file order; tables never loaded are left out.

        `alike(facture, beneficiaire)`: may this row be the patient by name? Of the many people with one birth date,
        only those are followed to their own NIR, cards and traces.
        """
        nirs = {facture.nir for facture in factures if facture.nir_valide and facture.nir}
        people = self._people(factures, nirs, alike)
        all_nirs = sorted(nirs | {person.nir for person in people if person.nir})
        references = sorted({person.reference for person in people if person.reference})
        numeros_ps = sorted({facture.numero_ps for facture in factures})
        lots = sorted({facture.numero_lot for facture in factures})
        found: Rows = {
            "beneficiaires": people,
            "cartes": self._where("cartes", "reference", references),
            "droits": self._where("droits", "reference", references),
            "agica": self._where("agica", "nir", all_nirs),
            "agica_actes": self._where("agica_actes", "nir", all_nirs),
            "histo_client": self._where("histo_client", "nir", all_nirs),
            "agaps": self._agaps(numeros_ps),
            "agaps_mails": self._where("agaps_mails", "numero_ps", numeros_ps),
            "valorisations": self._where("valorisations", "numero_lot", lots),
            "nomenclature": self._where("nomenclature", "code_acte", sorted(_codes(factures))),
        }
        loaded = self.loaded()
        return {name: rows for name, rows in found.items() if name in loaded}

    def _people(
        self, factures: Sequence[Facture], nirs: set[str], alike: Callable[[Facture, Beneficiaire], bool]
    ) -> list[Beneficiaire]:
        kept: dict[int, Beneficiaire] = {}
        by_nir: dict[str, list[Beneficiaire]] = {}
        for row in self._asked("beneficiaires", "nir", sorted(nirs)):
            kept[row[0]] = person = _row("beneficiaires", row[1:])
            by_nir.setdefault(person.nir, []).append(person)
        # Who is found under the invoice's own NIR is not looked for by name.
        by_birth: dict[str, list[Facture]] = {}
        for facture in factures:
            if not any(
                _born_alike(facture, person) and alike(facture, person) for person in by_nir.get(facture.nir, ())
            ):
                by_birth.setdefault(facture.date_naissance, []).append(facture)
        for row in self._asked("beneficiaires", "date_naissance", sorted(by_birth)):
            person = _row("beneficiaires", row[1:])
            if row[0] not in kept and any(alike(facture, person) for facture in by_birth[person.date_naissance]):
                kept[row[0]] = person
        return [kept[rowid] for rowid in sorted(kept)]

    def contacts_of(self, numeros_ps: Sequence[str]) -> Rows:
        """Rows of `agaps`, completed by the directories, and of `agaps_mails` of these PS, without the addresses that
        are suspended, and those at which the PS wants nothing more."""
        suspended = {row[0] for row in self._store.rows("SELECT address FROM suspensions WHERE until IS NULL")}
        left = {numero_ps: self._contacts.left(numero_ps) for numero_ps in numeros_ps}

        def none(row: Agaps | AgapsMail) -> bool:
            return row.mail.lower() in suspended or row.mail.lower() in left[row.numero_ps]

        found = self.directory_of(numeros_ps)
        return {
            "agaps": [row._replace(mail="") if none(row) else row for row in found["agaps"]],
            "agaps_mails": [row for row in found["agaps_mails"] if not none(row)],
        }

    def directory_of(self, numeros_ps: Sequence[str]) -> Rows:
        """The same with every address: who a PS is known by, whether it is written to or not."""
        return {
            "agaps": self._agaps(numeros_ps),
            "agaps_mails": self._where("agaps_mails", "numero_ps", numeros_ps),
        }

    def numbers_of(self, mail: str, limit: int) -> list[str]:
        """The PS numbers for which `agaps` or `agaps_mails` holds this address; none where there are more."""
        rows = self._store.rows(
            "SELECT numero_ps FROM ref_agaps WHERE mail = ?1 COLLATE NOCASE UNION "
            "SELECT numero_ps FROM ref_agaps_mails WHERE mail = ?1 COLLATE NOCASE ORDER BY numero_ps LIMIT ?2",
            mail, limit + 1,
        )  # fmt: skip
        return [row[0] for row in rows] if len(rows) <= limit else []

    def _agaps(self, numeros_ps: Sequence[str]) -> list[Agaps]:
        return self._annuaire.complete(self._where("agaps", "numero_ps", numeros_ps), numeros_ps)

    def _asked(self, name: str, column: str, values: Sequence[str]) -> list[Any]:
        return self._store.rows_in(f"SELECT rowid, * FROM ref_{name} WHERE {column} IN (?*)", values)

    def _where(self, name: str, column: str, values: Sequence[str]) -> list[Any]:
        found = sorted(self._asked(name, column, values), key=itemgetter(0))
        return [_row(name, row[1:]) for row in found]


def _born_alike(facture: Facture, person: Beneficiaire) -> bool:
    return person.date_naissance == facture.date_naissance and person.rang_naissance == facture.rang_naissance


def _codes(factures: Sequence[Facture]) -> set[str]:
    """The act codes that these invoices and their récapitulatifs name."""
    return {
        acte.code_acte
        for facture in factures
        for acte in (*facture.actes, *(facture.recapitulatif.actes if facture.recapitulatif else ()))
    }


def _kinds(name: str) -> list[type]:
    return [column_type(annotation) for annotation in typing.get_type_hints(TABLES[name]).values()]


def _places(wanted: type) -> dict[str, list[int]]:
    """The columns of each table that hold values of this type."""
    return {name: [at for at, kind in enumerate(_kinds(name)) if kind is wanted] for name in TABLES}


#: What SQLite keeps as something else than a row of the model does: dates as text, yes and no as numbers.
_DATES, _BOOLS = _places(date), _places(bool)


def _row(name: str, columns: Iterable[Any]) -> Any:
    values = list(columns)
    for at in _DATES[name]:
        text = values[at]
        values[at] = date.fromisoformat(text) if text else None
    for at in _BOOLS[name]:
        values[at] = bool(values[at])
    return TABLES[name](*values)


def _as_columns(rows: Sequence[Any], dates: Sequence[int]) -> Iterable[Sequence[Any]]:
    for row in rows:
        columns = list(row)
        for index in dates:
            if columns[index] is not None:
                columns[index] = columns[index].isoformat()
        yield columns
