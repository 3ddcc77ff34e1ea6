"""Work shared by two processes comes back whole and in order, also when one of them dies."""

import os
import signal

import pytest

from mailbot.cli import pair

ITEMS = list(range(5_250))
WHOLE = b"".join(b"%d;" % item for item in ITEMS)


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})


def work(items):
    return b"".join(b"%d;" % item for item in items)


def test_the_results_come_in_order():
    assert b"".join(pair.in_order(ITEMS, work)) == WHOLE
    assert b"".join(pair.in_order(ITEMS[:10], work)) == work(ITEMS[:10])
    assert list(pair.in_order([], work)) == []


def test_a_second_process_that_dies_loses_nothing():
    me = os.getpid()

    def deadly(items):
        if os.getpid() != me and items[0] >= 2_000:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(items)

    assert b"".join(pair.in_order(ITEMS, deadly)) == WHOLE


def test_a_reader_that_stops_early_leaves_no_process_behind(monkeypatch):
    started = []
    fork = os.fork

    def noted():
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", noted)
    results = pair.in_order(ITEMS, work)
    next(results)
    results.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(started[0], os.WNOHANG)
