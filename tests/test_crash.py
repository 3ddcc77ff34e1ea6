"""`kill -9` at any point, start again: the same end state, nothing lost, nothing twice.

The day of `tests/day.py` is worked by a forked child that kills itself with SIGKILL just before its n-th write: a
statement that changes the ledger, a commit, or a file that is renamed, linked or removed. A second child then works
to the end. Every n is tried.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable

import pytest

from mailbot.ledger import Ledger, export, instance_lock
from mailbot.passes import run
from tests import day, noemie_files
from tests.noemie_files import Invoice
from tests.test_passes import PHARMACIE_MAIL, bordereau_to, corrected, reply_to

#: Audit events of the operations that change a mailbox, the drop folder or a file that we write.
_FILE_EVENTS = {"os.rename", "os.link", "os.remove", "os.truncate"}
#: Beside the configuration folder: what a PS answers to its bordereau.
ANSWER = "reponse.eml"
_WRITES = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "REPLACE")
#: One write in so many is tried; each run of the suite tries another part when MAILBOT_CRASH_ALL is not set.
_STEP = 1 if os.environ.get("MAILBOT_CRASH_ALL") else 11


class Blade:
    """Counts writes; kills this process just before write number `at` (0: never)."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, _arguments: object) -> None:
        if event in _FILE_EVENTS:
            self.pass_by()

    def statement(self, sql: str) -> None:
        if sql.lstrip().upper().startswith(_WRITES):
            self.pass_by()


def work(folder: pathlib.Path, blade: Blade) -> None:
    """Two rounds of all passes, as `mailbot run --once` twice; between them a PS answers its bordereau."""
    sys.addaudithook(blade.audit)
    connect = sqlite3.connect

    def traced(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(blade.statement)
        return connection

    sqlite3.connect = traced
    for number in range(2):
        answer = folder.parent / ANSWER
        if number and answer.exists():
            day.put(folder, "3.reponse", answer.read_bytes())
        with instance_lock(folder / "var/registre.sqlite"), day.service(folder) as service, day.edges(service) as edges:
            round_ = run.once(service, edges)
            assert not round_.away, round_.away


def _worked(folder: pathlib.Path) -> int:
    blade = Blade(0)
    work(folder, blade)
    return blade.count


def forked(act: Callable[[], int]) -> int:
    """Runs `act` in a child; its exit status as `os.waitpid` gives it, its count through a pipe."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            os.write(write, str(act()).encode())
            status = 0
        os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -os.WTERMSIG(status)
    assert status == 0, "the child failed"
    return int(told)


def state(folder: pathlib.Path) -> dict[str, object]:
    """What must be the same whatever happened on the way: the ledger but for attempts and journal, and the letters."""
    with Ledger(folder / "var/registre.sqlite") as ledger:
        rows = [row for row in export.rows(ledger.store) if row["table"] != "journal"]
        assert ledger.store.value("PRAGMA integrity_check") == "ok"
        assert ledger.journal.verify() is None
        balance = export.balance(ledger.store)
        returns = [
            (one.retour.numero, one.facture_id, one.etat, one.state, one.told) for one in ledger.retours.listed()
        ]
        acts = [
            tuple(row)
            for row in ledger.store.rows(
                "SELECT a.act, f.nom_facture, a.words, r.closed_by FROM reply_acts a "
                "JOIN rejets r ON r.id = a.rejet_id JOIN factures f ON f.id = r.facture_id ORDER BY a.id"
            )
        ]
        codes = [(one.code, one.libelle, one.count) for one in ledger.retours.codes()]
    for row in rows:
        row.pop("attempts", None)
    assert balance["seen"] == balance["settled"] + balance["parked"] + balance["seen_again"]
    return {
        "rows": rows,
        "returns": returns,
        "codes": codes,
        "acts": acts,
        "letters": sorted(day.delivered(folder)),
        "inbox": sorted(path.name for path in (folder / "var/courrier-entrant/new").iterdir()),
        "lots": sorted(path.name for path in (folder / "var/lots/traites").iterdir()),
    }


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """The day before anything was done, and the state of an undisturbed evening."""
    folder = tmp_path_factory.mktemp("matin") / "config"
    day.prepare(folder)
    paid = Invoice("1001", ro=(1300, "P", 1300), rc=(700, "P", 700))
    refused = Invoice("1003", rc=(700, "R", 0), refusals=[("9A01", "ASSURE INCONNU", "F", "C")])
    unknown = Invoice("887766", ro=(1300, "P", 1300))
    (folder / "var/lots/a-retour.noe").write_bytes(noemie_files.file(day.PHARMACIE, paid, refused, unknown))
    # The references of letters follow from the ledger's secret: a rehearsal shows the bordereau that will be answered.
    rehearsal = folder.parent / "repetition" / "config"
    shutil.copytree(folder, rehearsal)
    forked(lambda: _worked(rehearsal))
    told = bordereau_to(rehearsal, PHARMACIE_MAIL)
    text = "Facture 1002 corrigée, lot joint.\n\nJe conteste la 1003.\n\nEt la facture n° 9999 ?\n"
    (folder.parent / ANSWER).write_bytes(reply_to(told, PHARMACIE_MAIL, text, corrected(numero_facture="1002")))
    calm = folder.parent / "calme" / "config"
    shutil.copytree(folder, calm)
    shutil.copy(folder.parent / ANSWER, calm.parent)

    writes = forked(lambda: _worked(calm))
    evening = state(calm)
    assert len(evening["letters"]) == 6, "two bordereaux with their copies, a confirmation, a receipt"
    states = {row["numero_facture"]: row["state"] for row in evening["rows"] if row["table"] == "rejets"}
    assert [states[number] for number in ("1002", "1003", "1004")] == ["clos", "repondu", "ouvert"]
    assert [act[:2] for act in evening["acts"]] == [("corrigée", "1002"), ("contestation", "1003")]
    assert [(one[2], one[4]) for one in evening["returns"]] == [("payee", False), ("refusee", True), ("payee", False)]
    return folder, evening, writes


def test_killed_before_any_write_the_day_ends_the_same(morning, tmp_path):
    folder, evening, writes = morning
    assert writes > 100

    def killed(at: int, copy: pathlib.Path) -> int:
        blade = Blade(at)
        work(copy, blade)
        return blade.count

    for at in range(1, writes + 1, _STEP):
        copy = tmp_path / str(at) / "config"
        shutil.copytree(folder, copy)
        shutil.copy(folder.parent / ANSWER, copy.parent)
        assert forked(lambda at=at, copy=copy: killed(at, copy)) == -signal.SIGKILL, at
        forked(lambda copy=copy: killed(0, copy))
        assert state(copy) == evening, f"killed before write {at}"
        shutil.rmtree(copy.parent)
