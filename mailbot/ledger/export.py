"""The ledger told to the outside: one plain object a row (contract: `ledger export`), counts, and who holds what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mailbot.ledger import retours
from mailbot.ledger.store import Store

_EXPORTS = (
    (
        "mails",
        "SELECT sha256, message_id, coalesce(kind, '') AS kind, state, reason, received_at FROM mails ORDER BY id",
    ),
    (
        "letters",
        'SELECT key, kind, recipient AS "to", message_id, state, attempts, last_code FROM letters ORDER BY id',
    ),
    ("contacts", "SELECT numero_ps, mail, state FROM contacts ORDER BY id"),
    (
        "factures",
        "SELECT f.numero_lot, f.numero_ps, f.numero_facture, f.nir, f.state, d.regle, d.motif, d.route "
        "FROM factures f LEFT JOIN decisions d ON d.id = f.decision_id ORDER BY f.id",
    ),
    (
        "rejets",
        "SELECT r.numero_ps, f.numero_facture, r.state, l.key AS letter, m.sha256 AS answered_by "
        "FROM rejets r JOIN factures f ON f.id = r.facture_id LEFT JOIN letters l ON l.id = r.letter_id "
        "LEFT JOIN mails m ON m.id = r.answered_by ORDER BY r.id",
    ),
    ("journal", "SELECT at, who, what, subject, hash FROM journal ORDER BY id"),
)


#: The rows about mail to a PS; an address is suspended once, for all PS that it serves.
_LETTERS_OF_PS = "(SELECT id FROM letters WHERE numero_ps = ? AND kind <> 'copy')"
_OF_PS = {
    "absences": "WHERE numero_ps = ?",
    "preferences": "WHERE numero_ps = ?",
    "bounces": f"WHERE letter_id IN {_LETTERS_OF_PS}",
    "suspensions": f"WHERE address IN (SELECT address FROM bounces WHERE letter_id IN {_LETTERS_OF_PS})",
}


def rows(store: Store) -> Iterator[dict[str, Any]]:
    """Every row of the contract's tables, `table` first."""
    for table, sql in _EXPORTS:
        for row in store.rows(sql):
            yield {"table": table, **dict(row)}


def status(store: Store) -> dict[str, Any]:
    """Counts by state, the oldest of what waits, and the balance of what was seen on the servers."""
    counts = {
        table: {
            row["state"]: row["n"] for row in store.rows(f"SELECT state, count(*) AS n FROM {table} GROUP BY state")
        }
        for table in ("mails", "lot_files", "factures", "rejets", "retours", "letters", "contacts")
    }
    oldest = {
        "mail à revoir": store.value("SELECT min(received_at) FROM mails WHERE state = 'parked'"),
        "courrier en attente": store.value("SELECT min(created_at) FROM letters WHERE state = 'queued'"),
        "rejet ouvert": store.value("SELECT min(opened_at) FROM rejets WHERE state = 'ouvert'"),
    }
    return {
        "states": counts,
        "oldest": {name: at for name, at in oldest.items() if at},
        "paiements": retours.counts(store),
        "balance": balance(store),
        "refused_rows": store.value("SELECT count(*) FROM refus"),
        "suspended_addresses": store.value("SELECT count(*) FROM suspensions WHERE until IS NULL"),
        "references": {
            row["name"]: {"rows": row["rows"], "loaded_at": row["loaded_at"]}
            for row in store.rows("SELECT * FROM loads ORDER BY name")
        },
    }


def balance(store: Store) -> dict[str, int]:
    """Mails seen on the servers = settled + parked + waiting + seen again + refused by size."""
    seen = int(store.value("SELECT count(*) FROM sightings"))
    stored = int(store.value("SELECT count(*) FROM sightings WHERE fate = 'stored'"))
    by_state = {row[0]: row[1] for row in store.rows("SELECT state, count(*) FROM mails GROUP BY state")}
    mails = sum(by_state.values())
    return {
        "seen": seen,
        "settled": by_state.get("settled", 0),
        "parked": by_state.get("parked", 0),
        "waiting": by_state.get("received", 0),
        "seen_again": stored - mails,
        "refused_by_size": seen - stored,
    }


def held_about(store: Store, numero_ps: str = "", nir: str = "") -> dict[str, Any]:
    """Everything that the ledger holds about a PS, or about a patient (right of access)."""
    column, value = ("numero_ps", numero_ps) if numero_ps else ("nir", nir)
    factures = [
        {**dict(row), "content": json.loads(row["content"])}
        for row in store.rows(f"SELECT * FROM factures WHERE {column} = ? ORDER BY id", value)
    ]
    ids = [facture["id"] for facture in factures]
    decisions = store.rows_in(
        "SELECT facture_id, version, decided_at, status, regle, motif, route, detail, erreur, date, commentaire, "
        "saisie "
        "FROM decisions WHERE facture_id IN (?*)",
        ids,
    )
    found: dict[str, Any] = {
        "factures": factures,
        "decisions": [dict(row) for row in decisions],
        "rejets": [dict(row) for row in store.rows_in("SELECT * FROM rejets WHERE facture_id IN (?*)", ids)],
        "retours": retours.held_about(store, numero_ps, nir, ids),
        "relances": [
            dict(row)
            for row in store.rows_in(
                "SELECT x.* FROM relances x JOIN rejets r ON r.id = x.rejet_id WHERE r.facture_id IN (?*)", ids
            )
        ],
        "reply_acts": [
            dict(row)
            for row in store.rows_in(
                "SELECT a.* FROM reply_acts a JOIN rejets r ON r.id = a.rejet_id WHERE r.facture_id IN (?*)", ids
            )
        ],
    }
    if numero_ps:
        for table in ("absences", "preferences", "bounces", "suspensions"):
            found[table] = [dict(row) for row in store.rows(f"SELECT * FROM {table} {_OF_PS[table]}", numero_ps)]
        found["contacts"] = [dict(row) for row in store.rows("SELECT * FROM contacts WHERE numero_ps = ?", numero_ps)]
        found["tokens"] = [
            dict(row)
            for row in store.rows(
                "SELECT t.purpose, t.address, t.asked_by, t.created_at, t.expires_at, t.used_at FROM tokens t "
                "WHERE t.id IN (SELECT x.token_id FROM token_contacts x JOIN contacts c ON c.id = x.contact_id "
                "WHERE c.numero_ps = ?) ORDER BY t.id",
                numero_ps,
            )
        ]
        found["mails"] = [
            dict(row)
            for row in store.rows(
                "SELECT id, message_id, kind, sender, received_at FROM mails WHERE numero_ps = ?", numero_ps
            )
        ]
    # What still waits for an answer is named by its token: that is nobody's to hand out.
    sql = (
        "SELECT id, kind, recipient, CASE WHEN token_hash IN (SELECT hash FROM tokens WHERE used_at IS NULL) THEN '' "
        "ELSE message_id END AS message_id, state, created_at FROM letters"
    )
    told = {row["letter_id"] for row in (*found["rejets"], *found["retours"], *found["relances"])} - {None}
    found["letters"] = [
        dict(row)
        for row in (
            store.rows(f"{sql} WHERE numero_ps = ?", numero_ps)
            if numero_ps
            else store.rows_in(f"{sql} WHERE id IN (?*)", sorted(told))
        )
    ]
    return found
