"""A stage on the ledger: everything may be tried on it, and nothing of it is kept.

Each `attempt` is a transaction that is always rolled back. The connection itself is not allowed to commit (SQLite asks
before each statement), and pages that were changed never leave its memory, so that no byte on disk changes. An attempt
holds the write lock: keep it short beside a running service. Never creates or migrates a ledger.

Owns also what stood before: what a mail or a lot file changed is taken back inside an attempt, so that it can be
settled again. Known limits: letters that a bounce marked, and invoices that a later lot changed again, stay as they
are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mailbot.errors import Later, Never
from mailbot.ledger import Ledger, StoredMail, migrations
from mailbot.ledger.store import Store

_BUSY_SECONDS = 30.0

#: Contacts of these PS as they stood: nobody, then those that were active at the instant.
_NOBODY = """
    UPDATE contacts SET state = 'refusee' WHERE state <> 'demandee' AND numero_ps IN (?*)
"""
_ACTIVE_THEN = """
    UPDATE contacts SET state = 'active' WHERE id IN (
        SELECT max(id) FROM contacts WHERE state = 'refusee' AND id IN (
            SELECT id FROM temp.held WHERE since < :at AND (until IS NULL OR until >= :at))
        GROUP BY numero_ps, role)
"""
#: An answer that an earlier mail gave stands; what this mail or a later one did is taken back.
_EARLIER = "coalesce((SELECT m.settled_at < :at AND m.id <> :mail FROM mails m WHERE m.id = rejets.answered_by), 0)"
_REFUSALS_THEN = f"""
    UPDATE rejets SET
        state = CASE WHEN {_EARLIER} THEN 'repondu' ELSE 'ouvert' END,
        answered_by = CASE WHEN {_EARLIER} THEN answered_by END, closed_by = NULL, closed_at = NULL
    WHERE id IN (SELECT id FROM temp.refusals)
"""
#: Tokens that a mail's own requests brought about.
_TOKENS_OF_ITS_REQUESTS = (
    "id IN (SELECT x.token_id FROM token_contacts x JOIN contacts c ON c.id = x.contact_id WHERE c.mail_id = :mail)",
    "hash IN (SELECT token_hash FROM letters WHERE answers = :mail)",
)
#: The inscriptions that a mail decided by bringing a token back, and how they stood before, by purpose.
_ANSWERED = (
    "SELECT x.contact_id FROM token_contacts x JOIN tokens t ON t.id = x.token_id "
    "WHERE t.used_by = :mail AND t.purpose = :purpose"
)
_BEFORE_THE_ANSWER = {
    "confirmer": "state = 'demandee', proved_by = ''",
    "accorder": "state = CASE proved_by WHEN '' THEN 'demandee' ELSE 'confirmee' END, agreed_by = ''",
    "code": "state = 'demandee', proved_by = '', agreed_by = ''",
    "resilier": "state = 'active', ended_by = ''",
    "contester": "state = 'active'",
}


class _Stage(Store):
    """An open ledger file whose connection cannot commit."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise Never("il n’y a pas encore de registre : rien n’a été reçu")
        self.path = path
        try:
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_BUSY_SECONDS
            )
            connection.row_factory = sqlite3.Row
            for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "cache_spill = OFF", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            self.connection = connection
            if migrations.pending(connection):
                connection.close()
                raise Never("ce registre est d’une version antérieure de mailbot : « mailbot status » le met à niveau")
            connection.set_authorizer(_never_commits)
        except sqlite3.OperationalError as error:
            raise Later(f"registre indisponible pour l’instant ({error})") from error

    def begin(self) -> None:
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute("PRAGMA defer_foreign_keys = ON")
        except sqlite3.OperationalError as error:
            raise Later(f"registre indisponible pour l’instant ({error})") from error

    def roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


def _never_commits(action: int, what: str | None, *_: str | None) -> int:
    refused = (action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT") or action == sqlite3.SQLITE_ATTACH
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


class Rehearsal(Ledger):
    """The ledger at `path`, to try things on. Raises `Never` where there is none, or one that must be migrated."""

    def __init__(self, path: Path) -> None:
        self._stage = _Stage(path)
        # Opening a ledger may write; here it joins a transaction that is rolled back.
        with self.attempt():
            super().__init__(path, self._stage)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Everything inside is seen inside, and gone afterwards."""
        self._stage.begin()
        try:
            yield
        finally:
            self._stage.roll_back()

    # -- what stood before, inside an attempt --------------------------------------------------------------------

    def reopen_mail(self, mail_id: int) -> None:
        """The mail waits to be settled, as if it had just come."""
        self.store.run("UPDATE mails SET state = 'received', reason = '', tries = 0 WHERE id = ?", mail_id)

    def take_back_mail(self, mail: StoredMail, numeros_ps: Sequence[str]) -> None:
        """What a settled mail changed is undone; the refusals and addresses of `numeros_ps` are as they stood then."""
        at = str(self.store.value("SELECT settled_at FROM mails WHERE id = ?", mail.id) or "")
        run = self.store.connection.execute
        named = {"at": at, "mail": mail.id}
        for row in self.store.rows("SELECT id FROM lot_files WHERE mail_id = ?", mail.id):
            self._take_back_decisions(row[0])
            self.store.run("DELETE FROM lot_files WHERE id = ?", row[0])
        run("DELETE FROM reply_acts WHERE mail_id = :mail", named)
        for which in _TOKENS_OF_ITS_REQUESTS:
            run(f"DELETE FROM tokens WHERE {which}", named)
        run("DELETE FROM contacts WHERE mail_id = :mail", named)
        run("UPDATE letters SET key = key || ' rejoué', answers = NULL WHERE answers = :mail", named)
        # Answers that came after it were not counted yet.
        run(
            "UPDATE letters SET answers = NULL WHERE answers IS NOT NULL AND created_at >= :at AND recipient = :sender",
            {"at": at, "sender": mail.sender},
        )
        marks = sorted(set(numeros_ps))
        self._refusals_then(marks, named)
        self._contacts_then(marks, named)
        for purpose, columns in _BEFORE_THE_ANSWER.items():
            run(f"UPDATE contacts SET {columns} WHERE id IN ({_ANSWERED})", {**named, "purpose": purpose})
        run("UPDATE tokens SET used_at = NULL, used_by = NULL WHERE used_by = :mail", named)

    def _refusals_then(self, numeros_ps: Sequence[str], named: dict[str, object]) -> None:
        """Refusals opened since did not exist; those answered or closed since were open, or answered by then."""
        run = self.store.connection.execute
        run("CREATE TEMP TABLE refusals (id INTEGER PRIMARY KEY)")
        for numero_ps in numeros_ps:
            run(
                "INSERT INTO temp.refusals SELECT id FROM rejets WHERE numero_ps = :ps AND opened_at < :at AND "
                "(state = 'repondu' OR (state = 'clos' AND (answered_by = :mail OR closed_at >= :at)))",
                {**named, "ps": numero_ps},
            )
            run(
                "UPDATE rejets SET state = 'clos' WHERE numero_ps = :ps AND opened_at >= :at",
                {**named, "ps": numero_ps},
            )
        run(_REFUSALS_THEN, named)
        run(
            "UPDATE factures SET state = CASE WHEN EXISTS (SELECT 1 FROM rejets r WHERE r.facture_id = factures.id "
            "AND r.letter_id IS NOT NULL) THEN 'informee' ELSE 'decidee' END "
            "WHERE state IN ('corrigee', 'close') AND id IN "
            "(SELECT facture_id FROM rejets WHERE id IN (SELECT id FROM temp.refusals))"
        )

    def _contacts_then(self, numeros_ps: Sequence[str], named: dict[str, object]) -> None:
        run = self.store.connection.execute
        run(
            "CREATE TEMP TABLE held AS SELECT id, since, until FROM contacts "
            "WHERE state IN ('active', 'remplacee', 'resiliee', 'rebond')"
        )
        for start in range(0, len(numeros_ps), 500):
            part = numeros_ps[start : start + 500]
            run(_NOBODY.replace("?*", ", ".join("?" * len(part))), tuple(part))
        run(_ACTIVE_THEN, named)

    def reopen_file(self, file_id: int) -> None:
        """A lot file waits to be settled, what it decided is undecided, and what was decided later is no trace."""
        last = self.store.value("SELECT max(id) FROM decisions WHERE lot_file_id = ?", file_id)
        self._take_back_decisions(file_id)
        self.store.run(
            "UPDATE factures SET decision_id = (SELECT max(b.id) FROM decisions b "
            "WHERE b.facture_id = factures.id AND b.id < ?) WHERE decision_id > ? "
            "AND id NOT IN (SELECT facture_id FROM decisions WHERE lot_file_id = ?)",
            last, last, file_id,
        )  # fmt: skip
        self.store.run("DELETE FROM retours WHERE lot_file_id = ?", file_id)
        self.store.run("DELETE FROM refus WHERE lot_file_id = ?", file_id)
        self.store.run("UPDATE lot_files SET state = 'received', reason = '', tries = 0 WHERE id = ?", file_id)

    def _take_back_decisions(self, file_id: int) -> None:
        """The current decisions of a file give way to those before them; without one the invoice is gone."""
        rows = self.store.rows(
            "SELECT d.id, d.facture_id, (SELECT max(b.id) FROM decisions b WHERE b.facture_id = d.facture_id "
            "AND b.id < d.id) AS before FROM decisions d JOIN factures f ON f.decision_id = d.id "
            "WHERE d.lot_file_id = ? ORDER BY d.id",
            file_id,
        )
        for row in rows:
            self.store.run("DELETE FROM rejets WHERE decision_id = ?", row["id"])
            if row["before"] is None:
                self.store.run("DELETE FROM factures WHERE id = ?", row["facture_id"])
            else:
                self.store.run(
                    "UPDATE factures SET decision_id = ?, version = version - 1, content = "
                    "coalesce((SELECT content FROM superseded WHERE decision_id = ?), content) WHERE id = ?",
                    row["before"], row["before"], row["facture_id"],
                )  # fmt: skip
                self.store.run("DELETE FROM superseded WHERE decision_id = ?", row["before"])
                self.store.run(
                    "UPDATE rejets SET state = 'ouvert', closed_by = NULL, closed_at = NULL WHERE decision_id = ? "
                    "AND closed_by = ?",
                    row["before"], row["facture_id"],
                )  # fmt: skip
            self.store.run("DELETE FROM decisions WHERE id = ?", row["id"])
