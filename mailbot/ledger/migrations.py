"""The tables of the ledger, as named migrations that are only ever appended to.

All tables are strict. Dates are ISO text, instants ISO text in UTC, money integer centimes. States are columns; who may
move from where is drawn in `mailbot/model/` and enforced by the guarded moves of the other files of this room.
"""

from __future__ import annotations

import sqlite3
import typing

from sqlite_utils.db import Database
from sqlite_utils.migrations import Migrations

from mailbot.ledger import schema
from mailbot.model import TABLES, references

migrations = Migrations("mailbot")


#: Columns that the lookups of `references.py` go by.
_INDEXES = {
    "beneficiaires": ("nir", "date_naissance"),
    "cartes": ("reference",),
    "droits": ("reference",),
    "agica": ("nir",),
    "agica_actes": ("nir",),
    "histo_client": ("nir",),
    "agaps": ("numero_ps",),
    "agaps_mails": ("numero_ps",),
    "valorisations": ("numero_lot",),
    "nomenclature": ("code_acte",),
    "pieces": ("numero_ps",),
}


def pending(connection: sqlite3.Connection) -> bool:
    """Is this ledger of an earlier mailbot?"""
    return bool(migrations.pending(Database(connection, execute_plugins=False, strict=True)))


def bring_up(connection: sqlite3.Connection) -> None:
    """To the tables of this mailbot."""
    database = Database(connection, execute_plugins=False, strict=True)
    if migrations.pending(database):
        migrations.apply(database)


@migrations()
def spine(db: Database) -> None:
    """Mails, lots, decisions, letters, contacts, journal."""
    for statement in _statements(schema.SPINE):
        db.execute(statement)


@migrations()
def reference_tables(db: Database) -> None:
    """One strict table for each reference table of data.md; rowid keeps the order of the rows of the file."""
    for name, row in TABLES.items():
        columns = {
            column: "INTEGER" if references.column_type(annotation) in (int, bool) else "TEXT"
            for column, annotation in typing.get_type_hints(row).items()
        }
        body = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        db.execute(f"CREATE TABLE ref_{name} ({body}) STRICT")
        for column in _INDEXES[name]:
            db.execute(f"CREATE INDEX ref_{name}_by_{column} ON ref_{name} ({column})")


@migrations()
def rule_books(db: Database) -> None:
    """The rule book of each decision (none for older ones), and what an invoice said when an earlier version of it was
    decided: both to decide again later as it was decided then."""
    for statement in _statements(schema.BOOKS):
        db.execute(statement)


@migrations()
def annuaire(db: Database) -> None:
    """What national directories say of a PS, under what `agaps` says; one row a PS and source."""
    for statement in _statements(schema.ANNUAIRE):
        db.execute(statement)


@migrations()
def noemie_returns(db: Database) -> None:
    """What NOEMIE returns say of invoices, and the refusal codes that they teach."""
    for statement in _statements(schema.RETOURS):
        db.execute(statement)


@migrations()
def review_queue(db: Database) -> None:
    """The refusals that a parked mail may be about, and what agents did with parked mails."""
    for statement in _statements(schema.REVIEW):
        db.execute(statement)


@migrations()
def reply_acts(db: Database) -> None:
    """What a PS does about each refusal in a reply, in its own words."""
    for statement in _statements(schema.REPLY_ACTS):
        db.execute(statement)


@migrations()
def addresses(db: Database) -> None:
    """Letters that came back, the addresses that are suspended for it, and absences that were told."""
    for statement in _statements(schema.ADDRESSES):
        db.execute(statement)


@migrations()
def inscriptions(db: Database) -> None:
    """Registered addresses with their role, their proofs and their days; single-use tokens; letters on paper."""
    for statement in _statements(schema.INSCRIPTIONS):
        db.execute(statement)


@migrations()
def preferences(db: Database) -> None:
    """What contacts asked for, and the refusals that were told again."""
    for statement in _statements(schema.PREFERENCES):
        db.execute(statement)


@migrations()
def delivery(db: Database) -> None:
    """The bytes of letters stand apart, so that a change of state does not write them again; what is held back."""
    for statement in _statements(schema.DELIVERY):
        db.execute(statement)


@migrations()
def disputes(db: Database) -> None:
    """Which address says that a change was not wanted."""
    for statement in _statements(schema.DISPUTES):
        db.execute(statement)


@migrations()
def successions(db: Database) -> None:
    """Which address gave an agreement, and which inscription took the place of another."""
    for statement in _statements(schema.SUCCESSIONS):
        db.execute(statement)


@migrations()
def forms(db: Database) -> None:
    """What was said already by who is asked for the rest."""
    for statement in _statements(schema.FORMS):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """The statements of a script, one each, so that all of them stay inside the migration's transaction."""
    found: list[str] = []
    pending = ""
    for line in script.strip().splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
