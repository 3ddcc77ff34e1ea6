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
from tests import day

#: Audit events of the operations that change a mailbox, the drop folder or a file that we write.
_FILE_EVENTS = {"os.rename", "os.link", "os.remove", "os.truncate"}
_WRITES = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "REPLACE")
#: One write in so many is tried; each run of the suite tries another part when MAILBOT_CRASH_ALL is not set.
_STEP = 1 if os.environ.get("MAILBOT_CRASH_ALL") else 5


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
    """Two rounds of all passes, as `mailbot run --once` twice."""
    sys.addaudithook(blade.audit)
    connect = sqlite3.connect

    def traced(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(blade.statement)
        return connection

    sqlite3.connect = traced
    for _ in range(2):
        with instance_lock(folder / "var/registre.sqlite"), day.service(folder) as service, day.edges(service) as edges:
            round_ = run.once(service, edges)
            assert not round_.away, round_.away


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
    for row in rows:
        row.pop("attempts", None)
    assert balance["seen"] == balance["settled"] + balance["parked"] + balance["seen_again"]
    return {
        "rows": rows,
        "letters": sorted(day.delivered(folder)),
        "inbox": sorted(path.name for path in (folder / "var/courrier-entrant/new").iterdir()),
        "lots": sorted(path.name for path in (folder / "var/lots/traites").iterdir()),
    }


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """The day before anything was done, and the state of an undisturbed evening."""
    folder = tmp_path_factory.mktemp("matin") / "config"
    day.prepare(folder)
    calm = folder.parent / "calme" / "config"
    shutil.copytree(folder, calm)

    def undisturbed() -> int:
        blade = Blade(0)
        work(calm, blade)
        return blade.count

    writes = forked(undisturbed)
    evening = state(calm)
    assert len(evening["letters"]) == 5, "two bordereaux with their copies, and a confirmation"
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
        assert forked(lambda at=at, copy=copy: killed(at, copy)) == -signal.SIGKILL, at
        forked(lambda copy=copy: killed(0, copy))
        assert state(copy) == evening, f"killed before write {at}"
        shutil.rmtree(copy.parent)
