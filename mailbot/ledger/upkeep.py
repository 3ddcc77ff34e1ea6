"""Backup, restore and purge of the ledger file.

A restored ledger sends nothing until an agent releases the outbox: letters that left after the backup was made would
leave twice. The purge removes what is older than the retention and is no part of an open case; its journal line says
how much went. Known limit: SQLite reuses freed pages, the file does not shrink by itself (secure_delete blanks them).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from mailbot.errors import Later, Never
from mailbot.ledger.journal import Journal
from mailbot.ledger.store import Store, instant

#: Days in the month of a retention period: a month is never shorter than people expect.
_MONTH = timedelta(days=30, hours=10, minutes=30)
_HELD = "registre remis d’une sauvegarde : vérifiez ce qui est parti depuis"


def backup(store: Store, target: Path) -> None:
    """A complete copy of the ledger, 0600, while it is in use. Raises `Never` where the target exists.

    The copy itself says that nothing may be sent: however it is put back, letters that left since stay where they are.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(target)) as copy:
            store.connection.backup(copy)
            copy.execute("INSERT OR REPLACE INTO meta VALUES ('outbox_hold', ?)", (_HELD,))
            copy.commit()
    except FileExistsError:
        raise Never(f"{target.name} existe déjà : choisissez un autre nom") from None
    except (OSError, sqlite3.Error) as error:
        raise Later(f"la sauvegarde a échoué ({error})") from error


def restore(backup_file: Path, ledger_path: Path, now: datetime, who: str) -> None:
    """The backup becomes the ledger, its outbox held. Raises `Never` where a ledger stands there, or for no ledger.

    The new file is complete, held and on disk before it gets its name: a stop on the way leaves no ledger at all.
    """
    remains = [ledger_path.with_name(ledger_path.name + ending) for ending in ("", "-wal", "-shm")]
    if any(path.exists() for path in remains):
        raise Never("un registre existe déjà à cet endroit : déplacez-le d’abord, rien n’est écrasé")
    temporary = ledger_path.with_name(f".{ledger_path.name}.{os.getpid()}")
    try:
        ledger_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with (
            closing(sqlite3.connect(f"file:{backup_file}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(temporary)) as target,
        ):
            if source.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise Never(f"{backup_file.name} est abîmé")
            source.execute("SELECT 1 FROM journal LIMIT 1")
            source.backup(target)
            target.execute("INSERT OR REPLACE INTO meta VALUES ('outbox_hold', ?)", (_HELD,))
            target.commit()
            target.execute("PRAGMA journal_mode = DELETE")
        temporary.rename(ledger_path)
    except sqlite3.Error as error:
        raise Never(f"{backup_file.name} n’est pas une sauvegarde du registre ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)
    store = Store(ledger_path)
    with store.transaction():
        Journal(store).write(now, who, "ledger restored", "ledger")
    store.close()


def purge(store: Store, now: datetime, who: str, case_months: int, log_months: int) -> dict[str, int]:
    """Removes cases older than `case_months`, technical logs older than `log_months`; gives rows removed by table."""
    case_limit, log_limit = instant(now - case_months * _MONTH), instant(now - log_months * _MONTH)
    gone: dict[str, int] = {}
    store.connection.execute("PRAGMA secure_delete = ON")
    with store.transaction():
        old = (
            "SELECT f.id FROM factures f WHERE NOT EXISTS (SELECT 1 FROM rejets r WHERE r.facture_id = f.id "
            "AND (r.state <> 'clos' OR r.closed_at >= ?)) "
            "AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.facture_id = f.id AND d.decided_at >= ?) "
            "AND NOT EXISTS (SELECT 1 FROM retours t WHERE t.facture_id = f.id "
            "AND (t.state = 'ouvert' OR t.received_at >= ?))"
        )
        store.run("CREATE TEMP TABLE purged AS " + old, case_limit, case_limit, case_limit)
        store.run("UPDATE rejets SET closed_by = NULL WHERE closed_by IN (SELECT id FROM temp.purged)")
        gone["retours"] = store.run(
            "DELETE FROM retours WHERE facture_id IS NULL AND state = 'clos' AND received_at < ?", case_limit
        )
        for table, where in (
            ("retours", "facture_id IN (SELECT id FROM temp.purged)"),
            ("rejets", "facture_id IN (SELECT id FROM temp.purged)"),
            ("decisions", "facture_id IN (SELECT id FROM temp.purged)"),
            ("factures", "id IN (SELECT id FROM temp.purged)"),
        ):
            gone[table] = gone.get(table, 0) + store.run(f"DELETE FROM {table} WHERE {where}")
        store.run("DROP TABLE temp.purged")
        used = "SELECT book_id FROM decisions WHERE book_id IS NOT NULL"
        gone["books"] = store.run(f"DELETE FROM books WHERE id NOT IN ({used})")
        gone |= _purge_papers(store, case_limit)
        gone["attempts"] = gone.get("attempts", 0) + store.run(
            "DELETE FROM attempts WHERE ended_at < ? AND letter_id IN "
            "(SELECT id FROM letters WHERE state NOT IN ('sending', 'unknown'))",
            log_limit,
        )
        gone["journal"] = _purge_journal(store, log_limit, case_limit)
        if any(gone.values()):
            Journal(store).write(now, who, "purged", "ledger", **gone)
    return gone


def _purge_papers(store: Store, limit: str) -> dict[str, int]:
    """Letters, lot files and mails that no kept case needs."""
    ended = (
        "SELECT id FROM letters WHERE state IN ('sent', 'dead', 'bounced') AND created_at < :limit "
        "AND id NOT IN (SELECT letter_id FROM rejets WHERE letter_id IS NOT NULL) "
        "AND id NOT IN (SELECT letter_id FROM retours WHERE letter_id IS NOT NULL)"
    )
    files = (
        "SELECT id FROM lot_files WHERE settled_at < :limit AND id NOT IN (SELECT lot_file_id FROM decisions) "
        "AND id NOT IN (SELECT lot_file_id FROM retours)"
    )
    mails = (
        "SELECT id FROM mails WHERE state = 'settled' AND settled_at < :limit "
        "AND id NOT IN (SELECT answered_by FROM rejets WHERE answered_by IS NOT NULL) "
        "AND id NOT IN (SELECT mail_id FROM reply_acts) "
        "AND id NOT IN (SELECT mail_id FROM lot_files WHERE mail_id IS NOT NULL) "
        "AND id NOT IN (SELECT mail_id FROM contacts WHERE mail_id IS NOT NULL) "
        "AND id NOT IN (SELECT answers FROM letters WHERE answers IS NOT NULL)"
    )
    gone: dict[str, int] = {}
    for table, where in (
        ("contacts", "until < :limit"),
        ("tokens", "expires_at < :limit"),
        ("suspensions", "until < :limit"),
        ("absences", "until < :limit"),
        ("bounces", "at < :limit"),
        ("sightings", "fate = 'too_large' AND seen_at < :limit"),
        ("attempts", f"letter_id IN ({ended})"),
        ("letters", f"id IN ({ended})"),
        ("refus", f"lot_file_id IN ({files})"),
        ("lot_files", f"id IN ({files})"),
        ("sightings", f"mail_id IN ({mails})"),
        ("mails", f"id IN ({mails})"),
    ):
        rows = store.connection.execute(f"DELETE FROM {table} WHERE {where}", {"limit": limit}).rowcount
        gone[table] = gone.get(table, 0) + rows
    return gone


def _purge_journal(store: Store, log_limit: str, case_limit: str) -> int:
    """Old lines go from the beginning of the chain only, and their last hash becomes its anchor.

    Lines of cases are kept as long as cases; since a chain has one beginning, the longer of both periods counts.
    """
    limit = min(log_limit, case_limit)
    # Up to the first line that is kept: one line with an old instant (a clock that jumped) takes none before it along.
    last = store.row(
        "SELECT id, hash FROM journal WHERE id < "
        "coalesce((SELECT min(id) FROM journal WHERE at >= ?), (SELECT max(id) + 1 FROM journal)) "
        "ORDER BY id DESC LIMIT 1",
        limit,
    )
    if last is None:
        return 0
    gone = store.run("DELETE FROM journal WHERE id <= ?", last["id"])
    store.run("INSERT OR REPLACE INTO meta VALUES ('journal_anchor', ?)", last["hash"])
    store.run("UPDATE meta SET value = CAST(value AS INTEGER) - ? WHERE name = 'journal_length'", gone)
    return gone
