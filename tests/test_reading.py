"""What came from outside is read in a process that can be killed: a bomb costs its own mail, never the service."""

import os
import pickle
import sys
from datetime import UTC, datetime

import pytest

from mailbot.errors import Never, Park
from mailbot.model import Kind
from mailbot.parsers.mail.own import Own
from mailbot.reading import Child, Here, reader, tasks
from tests import day

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OWN = Own(
    service_address="service.fluxtiers@example.fr",
    registration_address="envoi.fluxtiers@example.fr",
    from_address="service.fluxtiers@example.fr",
    reply_address="reponse+{token}@example.fr",
    bounce_address="retour+{token}@example.fr",
    authserv_id=None,
)
#: A reading process whose parser of mails does something else, as a bug that a hostile mail found would.
SPOILT = """
import os, sys
from mailbot import errors
from mailbot.reading import child, tasks
def work(raw, now, own):
    {body}
tasks.TASKS["mail"] = tasks.Task(work, tasks.Limits({seconds}, {memory}))
child.main()
"""


@pytest.fixture
def child():
    opened = Child()
    yield opened
    opened.close()


@pytest.fixture
def spoilt(monkeypatch):
    """A reader whose process does `body` with each mail, under these limits."""
    opened = []

    def make(body, seconds=10.0, memory=1 << 29):
        monkeypatch.setitem(tasks.TASKS, "mail", tasks.Task(lambda *_: None, tasks.Limits(seconds, memory)))
        script = SPOILT.format(body=body, seconds=seconds, memory=memory)
        opened.append(Child((sys.executable, "-c", script)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_the_process_reads_exactly_what_this_process_reads(child):
    for raw in (day.registration(), day.chatter(), b"", b"\x00" * 1000, b"From: a@[\nSubject: x\n\n"):
        assert child.mail(raw, NOW, OWN) == Here().mail(raw, NOW, OWN)
        assert child.inspected(raw, NOW, OWN) == Here().inspected(raw, NOW, OWN)


def test_a_mail_that_never_ends_is_given_up_and_the_next_one_is_read(spoilt):
    one = spoilt("while raw != b'good': pass\n    return 'lu'", seconds=3.0)
    with pytest.raises(Park, match="secondes"):
        one.mail(b"bad", NOW, OWN)
    assert one.mail(b"good", NOW, OWN) == "lu"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces RLIMIT_AS")
def test_a_mail_that_wants_all_the_memory_is_given_up_and_the_next_one_is_read(spoilt):
    one = spoilt("return len(bytearray(1 << 30)) if raw == b'bad' else 'lu'", memory=64 * 1024**2)
    with pytest.raises(Park, match="64 Mo de mémoire"):
        one.mail(b"bad", NOW, OWN)
    assert one.mail(b"good", NOW, OWN) == "lu"


def test_a_reader_that_dies_parks_its_mail_only(spoilt):
    one = spoilt("return 'lu' if raw == b'good' else os.kill(os.getpid(), 9)")
    with pytest.raises(Park, match="SIGKILL"):
        one.mail(b"bad", NOW, OWN)
    assert one.mail(b"good", NOW, OWN) == "lu"


def test_what_breaks_a_parser_is_told_by_its_kind_only(spoilt):
    one = spoilt("raise ValueError('Madame Untel, 2 85 01')")
    with pytest.raises(Park) as caught:
        one.mail(b"", NOW, OWN)
    assert "ValueError" in caught.value.reason
    assert "Untel" not in caught.value.reason


def test_what_a_parser_says_itself_arrives(spoilt):
    with pytest.raises(Never, match="trop grand"):
        spoilt("raise errors.Never('trop grand')").mail(b"", NOW, OWN)
    with pytest.raises(Park, match="à lire"):
        spoilt("raise errors.Park('à lire')").mail(b"", NOW, OWN)


def test_what_a_library_prints_does_not_come_between(spoilt):
    assert spoilt("print('bruit'); sys.stdout.flush(); return 'lu'").mail(b"", NOW, OWN) == "lu"


def test_the_answer_of_a_process_gone_wrong_runs_nothing_here():
    class Attack:
        def __reduce__(self):
            return os.system, ("true",)

    for wrong in (pickle.dumps(("value", Attack())), b"", b"\x80", pickle.dumps("value"), b"garbage"):
        with pytest.raises(Park):
            reader._value(wrong)
    assert reader._value(pickle.dumps(("value", Kind.REPLY))) == ("value", Kind.REPLY)


def test_the_process_ends_with_its_reader():
    one = Child()
    one.mail(day.chatter(), NOW, OWN)
    process = one._process
    one.close()
    assert process.poll() is not None


def test_a_lot_is_read_alike_in_the_process_and_one_that_is_none_says_so(child, tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    of = day.configured(place)
    asked = ("lot.csv", of.colonnes.get("lots", {}), of.b2)
    for from_mail in (True, False):
        read = child.lot(day.THE_LOT, *asked, from_mail=from_mail)
        assert read == Here().lot(day.THE_LOT, *asked, from_mail=from_mail)
        assert read.factures
    with pytest.raises(Park, match="dure plus de"):
        child._run("lot of a mail", day.THE_LOT * 2_000, *asked, within=0.05)
    assert child.lot(day.THE_LOT, *asked, from_mail=True).factures
