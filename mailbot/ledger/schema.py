"""The SQL of the migrations, one script each, in the order in which they came. Never edited: only appended to."""

from __future__ import annotations

SPINE = """
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

ANNUAIRE = """
CREATE TABLE annuaire (
    numero_ps TEXT NOT NULL,
    source TEXT NOT NULL,
    raison_sociale TEXT NOT NULL,
    categorie TEXT NOT NULL,
    mail TEXT NOT NULL,
    telephone TEXT NOT NULL,
    fax TEXT NOT NULL,
    numero_voie TEXT NOT NULL,
    complement_numero TEXT NOT NULL,
    type_voie TEXT NOT NULL,
    libelle_voie TEXT NOT NULL,
    complement_adresse TEXT NOT NULL,
    code_postal TEXT NOT NULL,
    commune TEXT NOT NULL,
    PRIMARY KEY (numero_ps, source)
) STRICT, WITHOUT ROWID;
"""

BOOKS = """
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    first_used_at TEXT NOT NULL
) STRICT;
ALTER TABLE decisions ADD COLUMN book_id INTEGER REFERENCES books (id);
CREATE INDEX decisions_by_time ON decisions (decided_at, facture_id);

CREATE TABLE superseded (
    decision_id INTEGER PRIMARY KEY REFERENCES decisions (id) ON DELETE CASCADE,
    content TEXT NOT NULL
) STRICT;
"""

RETOURS = """
CREATE TABLE retours (
    id INTEGER PRIMARY KEY,
    lot_file_id INTEGER NOT NULL REFERENCES lot_files (id),
    rang INTEGER NOT NULL,
    facture_id INTEGER REFERENCES factures (id),
    numero_ps TEXT NOT NULL,
    numero_lot TEXT NOT NULL,
    numero TEXT NOT NULL,
    numero_facture TEXT NOT NULL,
    jour TEXT NOT NULL,
    received_at TEXT NOT NULL,
    etat TEXT NOT NULL CHECK (etat IN
        ('payee', 'payee_avec_ecart', 'partiellement_payee', 'differee', 'refusee', 'indeterminee')),
    state TEXT NOT NULL CHECK (state IN ('ouvert', 'clos', 'sans_suite')),
    why TEXT NOT NULL,
    content TEXT NOT NULL,
    cut_at TEXT,
    letter_id INTEGER REFERENCES letters (id),
    closed_at TEXT,
    UNIQUE (lot_file_id, rang)
) STRICT;
CREATE INDEX retours_by_facture ON retours (facture_id, jour, id);
CREATE INDEX retours_by_state ON retours (state, id);
CREATE INDEX retours_by_letter ON retours (letter_id);
CREATE INDEX factures_by_compared_number ON factures (numero, numero_ps);

CREATE TABLE codes (
    code TEXT NOT NULL,
    libelle TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (code, libelle)
) STRICT, WITHOUT ROWID;
"""

REVIEW = """
CREATE TABLE candidates (
    mail_id INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    rejet_id INTEGER NOT NULL REFERENCES rejets (id) ON DELETE CASCADE,
    rang INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (mail_id, rejet_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX candidates_by_rejet ON candidates (rejet_id);

CREATE TABLE resolutions (
    id INTEGER PRIMARY KEY,
    mail_id INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('rattache', 'traite', 'encore', 'inscription', 'repondu')),
    reason TEXT NOT NULL,
    details TEXT NOT NULL,
    undone INTEGER NOT NULL CHECK (undone IN (0, 1))
) STRICT;
CREATE INDEX resolutions_by_mail ON resolutions (mail_id, id);
CREATE INDEX rejets_by_answer ON rejets (answered_by) WHERE answered_by IS NOT NULL;
CREATE INDEX letters_by_answer ON letters (answers) WHERE answers IS NOT NULL;
CREATE INDEX contacts_by_mail ON contacts (mail, state);
"""

REPLY_ACTS = """
CREATE TABLE reply_acts (
    id INTEGER PRIMARY KEY,
    mail_id INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    rejet_id INTEGER NOT NULL REFERENCES rejets (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    act TEXT NOT NULL,
    words TEXT NOT NULL,
    evidence TEXT NOT NULL,
    UNIQUE (mail_id, rejet_id)
) STRICT;
CREATE INDEX reply_acts_by_rejet ON reply_acts (rejet_id, id);
"""

ADDRESSES = """
CREATE TABLE bounces (
    id INTEGER PRIMARY KEY,
    letter_id INTEGER NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
    mail_id INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    permanent INTEGER NOT NULL CHECK (permanent IN (0, 1)),
    UNIQUE (letter_id, mail_id)
) STRICT;
CREATE INDEX bounces_by_address ON bounces (address);
CREATE INDEX bounces_by_mail ON bounces (mail_id);

CREATE TABLE suspensions (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    why TEXT NOT NULL,
    last_bounce INTEGER
) STRICT;
CREATE UNIQUE INDEX suspensions_one_now ON suspensions (address) WHERE until IS NULL;

CREATE TABLE absences (
    numero_ps TEXT NOT NULL,
    address TEXT NOT NULL,
    until TEXT NOT NULL,
    mail_id INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    told_at TEXT NOT NULL,
    PRIMARY KEY (numero_ps, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX absences_by_mail ON absences (mail_id);
"""

INSCRIPTIONS = """
CREATE TABLE inscriptions (
    id INTEGER PRIMARY KEY,
    numero_ps TEXT NOT NULL,
    mail TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'retours' CHECK (role IN ('retours', 'prises_en_charge', 'secretariat', 'remplacant')),
    state TEXT NOT NULL CHECK (state IN ('demandee', 'confirmee', 'active', 'remplacee', 'resiliee', 'contestee',
        'rebond', 'refusee', 'expiree')),
    since TEXT NOT NULL,
    until TEXT,
    starts_on TEXT,
    ends_on TEXT,
    proved_by TEXT NOT NULL DEFAULT '',
    agreed_by TEXT NOT NULL DEFAULT '',
    expires_at TEXT,
    ended_by TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL DEFAULT '[]',
    mail_id INTEGER REFERENCES mails (id)
) STRICT;
INSERT INTO inscriptions (id, numero_ps, mail, state, since, until, evidence, mail_id)
    SELECT id, numero_ps, mail, state, since, until, evidence, mail_id FROM contacts;
DROP TABLE contacts;
ALTER TABLE inscriptions RENAME TO contacts;
CREATE UNIQUE INDEX contacts_one_active ON contacts (numero_ps, role) WHERE state = 'active';
CREATE INDEX contacts_by_address ON contacts (mail, state);
CREATE INDEX contacts_by_ps ON contacts (numero_ps, state);
CREATE INDEX contacts_by_mail ON contacts (mail_id);
CREATE INDEX contacts_pending ON contacts (expires_at) WHERE state IN ('demandee', 'confirmee');

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL CHECK (purpose IN ('confirmer', 'accorder', 'code', 'resilier', 'contester', 'completer')),
    address TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    used_by INTEGER REFERENCES mails (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX tokens_by_address ON tokens (address, created_at);
CREATE INDEX tokens_by_time ON tokens (created_at);
CREATE INDEX tokens_by_mail ON tokens (used_by);

CREATE TABLE token_contacts (
    token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_contacts_by_contact ON token_contacts (contact_id);

CREATE TABLE papers (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    pdf BLOB,
    written_at TEXT
) STRICT;
CREATE INDEX papers_by_contact ON papers (contact_id);
ALTER TABLE letters ADD COLUMN others TEXT NOT NULL DEFAULT '[]';
CREATE INDEX ref_agaps_by_mail ON ref_agaps (mail COLLATE NOCASE);
CREATE INDEX ref_agaps_mails_by_mail ON ref_agaps_mails (mail COLLATE NOCASE);
"""

PREFERENCES = """
CREATE TABLE preferences (
    numero_ps TEXT NOT NULL,
    mail TEXT NOT NULL,
    csv INTEGER NOT NULL CHECK (csv IN (0, 1)),
    phrase INTEGER NOT NULL CHECK (phrase > 0),
    PRIMARY KEY (numero_ps, mail)
) STRICT, WITHOUT ROWID;

CREATE TABLE relances (
    rejet_id INTEGER NOT NULL REFERENCES rejets (id) ON DELETE CASCADE,
    letter_id INTEGER NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    PRIMARY KEY (rejet_id, letter_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX relances_by_letter ON relances (letter_id);
CREATE INDEX letters_by_ps ON letters (numero_ps, kind, created_at);
"""

DELIVERY = """
CREATE TABLE letter_bytes (
    letter_id INTEGER PRIMARY KEY REFERENCES letters (id) ON DELETE CASCADE,
    canonical INTEGER NOT NULL CHECK (canonical IN (0, 1)),
    raw BLOB NOT NULL
) STRICT;
INSERT INTO letter_bytes SELECT id, 0, raw FROM letters;
ALTER TABLE letters DROP COLUMN raw;
ALTER TABLE letters ADD COLUMN domain TEXT
    GENERATED ALWAYS AS (lower(substr(recipient, instr(recipient, '@') + 1))) VIRTUAL;

CREATE TABLE holds (
    scope TEXT NOT NULL CHECK (scope IN ('ps', 'domain')),
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (scope, value)
) STRICT, WITHOUT ROWID;
"""

DISPUTES = """
ALTER TABLE contacts ADD COLUMN contested_by TEXT NOT NULL DEFAULT '';
"""

SUCCESSIONS = """
ALTER TABLE contacts ADD COLUMN agreed_from TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN replaced_by INTEGER;
"""

FORMS = """
ALTER TABLE tokens ADD COLUMN role TEXT;
ALTER TABLE tokens ADD COLUMN starts_on TEXT;
ALTER TABLE tokens ADD COLUMN ends_on TEXT;
"""
