"""The tables of the ledger, as named migrations that are only ever appended to.

All tables are strict. Dates are ISO text, instants ISO text in UTC, money integer centimes. States are columns; who may
move from where is drawn in `mailbot/model/` and enforced by the guarded moves of the other files of this room.
"""

from __future__ import annotations

import sqlite3
import types
import typing

from sqlite_utils.db import Database
from sqlite_utils.migrations import Migrations

from mailbot.model import TABLES

migrations = Migrations("mailbot")

_SPINE = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE mails (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    raw BLOB NOT NULL,
    size INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'settled', 'parked')),
    tries INTEGER NOT NULL DEFAULT 0,
    message_id TEXT NOT NULL DEFAULT '',
    kind TEXT,
    sender TEXT NOT NULL DEFAULT '',
    numero_ps TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL DEFAULT '[]',
    settled_at TEXT
) STRICT;
CREATE INDEX mails_by_state ON mails (state, id);
CREATE INDEX mails_by_sender ON mails (sender, received_at);

CREATE TABLE sightings (
    mailbox TEXT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid TEXT NOT NULL,
    mail_id INTEGER REFERENCES mails (id),
    fate TEXT NOT NULL CHECK (fate IN ('stored', 'too_large')),
    size INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (mailbox, folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_by_mail ON sightings (mail_id);

CREATE TABLE lot_files (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mail_id INTEGER REFERENCES mails (id),
    raw BLOB NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'settled', 'parked')),
    tries INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    settled_at TEXT
) STRICT;
CREATE INDEX lot_files_by_state ON lot_files (state, id);

CREATE TABLE refus (
    id INTEGER PRIMARY KEY,
    lot_file_id INTEGER NOT NULL REFERENCES lot_files (id),
    fichier TEXT NOT NULL,
    ligne INTEGER NOT NULL,
    colonne TEXT NOT NULL,
    valeur TEXT NOT NULL,
    raison TEXT NOT NULL,
    facture TEXT NOT NULL
) STRICT;
CREATE INDEX refus_by_file ON refus (lot_file_id);

CREATE TABLE factures (
    id INTEGER PRIMARY KEY,
    numero_ps TEXT NOT NULL,
    numero_lot TEXT NOT NULL,
    date_reception TEXT NOT NULL,
    numero TEXT NOT NULL,
    nir TEXT NOT NULL,
    numero_facture TEXT NOT NULL,
    nom_facture TEXT NOT NULL,
    content TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('recue', 'decidee', 'informee', 'corrigee', 'acceptee', 'a_saisir', 'close')),
    decision_id INTEGER REFERENCES decisions (id) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (numero_ps, numero_lot, date_reception, numero, nir)
) STRICT;
CREATE INDEX factures_by_nir ON factures (nir, numero_ps, numero);
CREATE INDEX factures_by_number ON factures (nom_facture);

CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    facture_id INTEGER NOT NULL REFERENCES factures (id),
    version INTEGER NOT NULL,
    lot_file_id INTEGER NOT NULL REFERENCES lot_files (id),
    decided_at TEXT NOT NULL,
    status TEXT NOT NULL,
    regle TEXT NOT NULL,
    motif TEXT,
    route TEXT,
    detail TEXT,
    erreur TEXT,
    date TEXT,
    commentaire TEXT NOT NULL,
    saisie TEXT NOT NULL,
    explication BLOB NOT NULL,
    UNIQUE (facture_id, version)
) STRICT;
CREATE INDEX decisions_by_file ON decisions (lot_file_id);

CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    numero_ps TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    message_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    raw BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'held', 'sending', 'sent', 'unknown', 'dead', 'bounced')),
    created_at TEXT NOT NULL,
    next_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_code INTEGER NOT NULL DEFAULT 0,
    last_text TEXT NOT NULL DEFAULT '',
    answers INTEGER REFERENCES mails (id)
) STRICT;
CREATE INDEX letters_by_state ON letters (state, next_at);
CREATE INDEX letters_by_token ON letters (token_hash);
CREATE INDEX letters_by_message_id ON letters (message_id);
CREATE INDEX letters_by_recipient ON letters (recipient, created_at);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    letter_id INTEGER NOT NULL REFERENCES letters (id),
    started_at TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('dialled', 'data')),
    ended_at TEXT,
    outcome TEXT,
    code INTEGER NOT NULL DEFAULT 0,
    text TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempts_by_letter ON attempts (letter_id);

CREATE TABLE rejets (
    id INTEGER PRIMARY KEY,
    facture_id INTEGER NOT NULL REFERENCES factures (id),
    decision_id INTEGER NOT NULL UNIQUE REFERENCES decisions (id),
    numero_ps TEXT NOT NULL,
    route TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ouvert', 'repondu', 'clos')),
    opened_at TEXT NOT NULL,
    letter_id INTEGER REFERENCES letters (id),
    cut_at TEXT,
    answered_by INTEGER REFERENCES mails (id),
    closed_by INTEGER REFERENCES factures (id),
    closed_at TEXT
) STRICT;
CREATE INDEX rejets_by_state ON rejets (state, numero_ps);
CREATE INDEX rejets_by_letter ON rejets (letter_id);
CREATE INDEX rejets_by_facture ON rejets (facture_id);
CREATE INDEX rejets_uncut ON rejets (numero_ps) WHERE cut_at IS NULL;

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    numero_ps TEXT NOT NULL,
    mail TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('demandee', 'active', 'remplacee', 'resiliee', 'rebond', 'refusee')),
    since TEXT NOT NULL,
    until TEXT,
    evidence TEXT NOT NULL DEFAULT '[]',
    mail_id INTEGER REFERENCES mails (id)
) STRICT;
CREATE UNIQUE INDEX contacts_one_active ON contacts (numero_ps) WHERE state = 'active';

CREATE TABLE loads (
    name TEXT PRIMARY KEY,
    loaded_at TEXT NOT NULL,
    fichier TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL
) STRICT;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER journal_is_never_edited BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""

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


def column_type(annotation: object) -> type:
    """Python type of a column of a reference row: str, int, bool or date (`None` aside)."""
    if isinstance(annotation, types.UnionType):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    assert isinstance(annotation, type)
    return annotation


@migrations()
def spine(db: Database) -> None:
    """Mails, lots, decisions, letters, contacts, journal."""
    for statement in _statements(_SPINE):
        db.execute(statement)


@migrations()
def reference_tables(db: Database) -> None:
    """One strict table for each reference table of data.md; rowid keeps the order of the rows of the file."""
    for name, row in TABLES.items():
        columns = {
            column: "INTEGER" if column_type(annotation) in (int, bool) else "TEXT"
            for column, annotation in typing.get_type_hints(row).items()
        }
        body = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        db.execute(f"CREATE TABLE ref_{name} ({body}) STRICT")
        for column in _INDEXES[name]:
            db.execute(f"CREATE INDEX ref_{name}_by_{column} ON ref_{name} ({column})")


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
