"""The SQLite file under the ledger: opening, migrating, transactions, guarded moves, one running instance.

Owns: connection settings (WAL, synchronous FULL, foreign keys, strict tables), `transaction()` (BEGIN IMMEDIATE: a
transaction that will write takes the write lock first, or BUSY_SNAPSHOT would hit it later), `move()`, the instance
lock. Files are 0600. Raises `Later` when the file is locked by another process or the disk is full, `Never` when the
file is no ledger.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from mailbot.errors import Later, Never
from mailbot.model import states

#: What people call a row of a table that has states.
_CALLED = {
    "mails": "mail",
    "lot_files": "fichier de lots",
    "factures": "facture",
    "rejets": "rejet",
    "letters": "courrier",
    "contacts": "adresse",
    "retours": "retour",
}


class Store:
    """One open ledger file. Not shared between threads."""

    def __init__(self, path: Path, busy_seconds: float = 30.0) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _Translated():
            # The file is made by us, 0600, before SQLite opens it: its WAL and SHM files take over the mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            # The bytes of one letter are as much as the default cache holds: what is written would be read again.
            connection.execute("PRAGMA cache_size = -32768")
            self.connection = connection
            _migrations().bring_up(connection)

    @classmethod
    def looked_at(cls, path: Path) -> Store:
        """The file as it stands at this moment, for a long look: nothing can be written, no lock is asked for, what
        others write meanwhile is not seen. Raises `Never` where no ledger is, or one that must be migrated first."""
        if not path.is_file():
            raise Never("il n’y a pas encore de registre : rien n’a été décidé")
        store = cls.followed(path)
        with _Translated():
            store.connection.execute("PRAGMA cache_size = -65536")
            if _migrations().pending(store.connection):
                store.close()
                raise Never(
                    "ce registre est d’une version antérieure de mailbot : « mailbot status » le met à niveau, "
                    "puis relancez cette commande"
                )
            store.connection.execute("BEGIN")
        return store

    @classmethod
    def followed(cls, path: Path) -> Store:
        """The file of a running service, to read only: each look sees what is committed by then."""
        store = cls.__new__(cls)
        store.path = path
        with _Translated():
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            store.connection = connection
        return store

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing. Nested use joins the outer transaction."""
        connection = self.connection
        if connection.in_transaction:
            yield
            return
        with _Translated():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            try:
                connection.execute("COMMIT")
            except sqlite3.Error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with _Translated():
            return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with _Translated():
            found: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, *values: Any) -> Any:
        """First column of the first row; None without a row."""
        found = self.row(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        """Runs a write; gives the number of rows changed."""
        with _Translated():
            return self.connection.execute(sql, values).rowcount

    def insert(self, table: str, **columns: Any) -> int:
        """Inserts one row and gives its id."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        with _Translated():
            cursor = self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))
            return int(cursor.lastrowid or 0)

    def rows_in(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """`sql` holds `IN (?*)`: asked in slices that stay under SQLite's limit of variables."""
        found: list[sqlite3.Row] = []
        for start in range(0, len(values), 500):
            part = values[start : start + 500]
            found += self.rows(sql.replace("?*", ", ".join("?" * len(part))), *part)
        return found

    def move(self, table: str, row_id: int, before: Sequence[str], after: str, **columns: Any) -> None:
        """One guarded move of a state machine. Raises `Never` when the row is not in one of the states `before`."""
        sets = "".join(f", {name} = ?" for name in columns)
        marks = ", ".join("?" * len(before))
        changed = self.run(
            f"UPDATE {table} SET state = ?{sets} WHERE id = ? AND state IN ({marks})",
            after, *columns.values(), row_id, *before,
        )  # fmt: skip
        if changed != 1:
            state = self.value(f"SELECT state FROM {table} WHERE id = ?", row_id)
            if state is None:
                raise Never(f"{_CALLED[table]} {row_id} : ce numéro n’existe pas")
            named = dict.fromkeys(states.NAMES.get(one, one) for one in before)
            raise Never(
                f"{_CALLED[table]} {row_id} : impossible dans son état actuel « {states.NAMES.get(state, state)} » "
                f"(possible seulement depuis : {', '.join(named)})"
            )


def _migrations() -> ModuleType:
    """They bring sqlite-utils with them, a quarter of a second that a process which only reads has no use for."""
    from mailbot.ledger import migrations

    return migrations


class _Translated:
    """The one place where errors of SQLite become fates. A class: a generator takes as long as a small statement."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError):
            raise Later(f"registre indisponible pour l’instant ({error})") from error
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
            raise Never(f"le fichier du registre est illisible ({error})") from error
        if isinstance(error, OSError):
            raise Later(f"le fichier du registre ne s’ouvre pas ({error.strerror})") from error


@contextmanager
def instance_lock(path: Path) -> Iterator[None]:
    """Held while an instance works on the ledger at `path`; `Later` when another one holds it.

    The lock is the kernel's (flock): it is gone the moment its process dies, so a restart never waits.
    """
    lock = path.with_name(path.name + ".lock")
    with _Translated():
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Later("une autre instance de mailbot travaille déjà sur ce registre") from None
        yield
    finally:
        os.close(handle)


def instant(moment: datetime) -> str:
    """An aware instant as ISO text in UTC, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
