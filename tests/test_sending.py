"""Many letters leave over processes of their own: whatever happens to a server or to a process, each goes once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.configuration import settings
from mailbot.errors import ConfigError, Fault, InDoubt, Later, Never
from mailbot.model import Sent
from mailbot.outbox import Busy, SmtpOutbox
from mailbot.passes import deliver
from mailbot.sending import Withheld, fates, processes
from mailbot.sending.processes import Processes
from tests import servers
from tests.test_deliver import (
    FATES,
    PHASES,
    REPLIES,
    fill,
    folder,  # noqa: F401  # a fixture
    recipient,
    run,
    send,
    sender,
    service_at,
    states,
    taken,
)

# aiosmtpd says that a login without TLS is unsafe; to 127.0.0.1 it is what these tests want.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

#: What can be tried without waiting for a silent server.
FAULTS = [(phase, what) for phase in PHASES if phase not in ("banner", "EHLO") for what in REPLIES if what != "slow"]


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Few letters are many; gives the process ids of the connections."""
    monkeypatch.setattr(deliver, "MANY", 2)
    found: list[int] = []
    make = processes._Line.__init__

    def remembered(line: processes._Line, setup: dict[str, str]) -> None:
        make(line, setup)
        found.append(line.process.pid)

    monkeypatch.setattr(processes._Line, "__init__", remembered)
    return found


def test_whatever_a_server_does_to_a_letter_in_another_process_is_known_here(folder: Path, started: list[int]) -> None:  # noqa: F811
    with service_at(folder) as service:
        letters = fill(service, 2 * len(FAULTS))
    with servers.scripted_smtp() as server:
        for number, (phase, what) in enumerate(FAULTS):
            server.by_sender[sender(2 * number)] = {phase: [REPLIES[what]]}
        for hours in range(0, 40, 5):
            send(folder, server, hours=hours, connections=3)
        assert not any(any(left.values()) for left in server.by_sender.values()), "the server did all of it"
    expected = dict.fromkeys(letters, "sent")
    for number, fault in enumerate(FAULTS):
        expected[letters[2 * number]] = FATES.get(fault, "sent")
    # A server that refuses our sender, or says that it is full, ends a run before the others have left.
    assert states(folder) == expected
    dead = {recipient(2 * number) for number, fault in enumerate(FAULTS) if FATES.get(fault) == "dead"}
    assert taken(server) == {recipient(number): 1 for number in range(len(letters)) if recipient(number) not in dead}
    assert len(started) >= 3


def test_a_process_that_dies_takes_no_letter_with_it_and_another_one_goes_on(
    folder: Path,  # noqa: F811
    started: list[int],
) -> None:
    with service_at(folder) as service:
        fill(service, 40)
    with servers.scripted_smtp() as server:
        reply = server._reply

        def kill(seen: str, of: object, good: str) -> str:
            answer = reply(seen, of, good)  # type: ignore[arg-type]
            if seen == "dot" and server.commands.count("dot") == 7:
                os.kill(started[0], signal.SIGKILL)
            return answer

        server._reply = kill  # type: ignore[method-assign]
        report = send(folder, server, connections=3)
        assert len(started) == 4
        assert report.sent + report.later + report.in_doubt == 40
        assert report.in_doubt <= 1
        assert report.later <= 2
        send(folder, server, hours=1, connections=3)
    found = Counter(states(folder).values())
    assert found["unknown"] == report.in_doubt
    assert found["sent"] + found["unknown"] == 40
    assert set(taken(server).values()) == {1}
    if report.in_doubt:
        assert "processus d’envoi s’est arrêté (SIGKILL)" in run(folder, "outbox", "list").stdout


def test_processes_that_cannot_work_end_the_run_in_plain_words(
    folder: Path,  # noqa: F811
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "_COMMAND", ("/bin/sh", "-c", "exit 3"))
    with service_at(folder) as service:
        fill(service, 20)
    with servers.scripted_smtp() as server:
        report = send(folder, server, connections=3)
        assert "processus d’envoi s’est arrêté (code 3)" in report.away
        assert report.sent == 0
        assert len(started) < 20, "no process is started again and again"
        assert set(states(folder).values()) == {"queued"}
        monkeypatch.undo()
        assert send(folder, server, hours=24).sent == 20


def test_a_wrong_password_is_offered_once_and_not_by_each_process(folder: Path, started: list[int]) -> None:  # noqa: F811
    with service_at(folder) as service:
        fill(service, 12)
    secret = folder / "secret"
    secret.write_text("faux\n", encoding="utf-8")
    with servers.scripted_smtp(login=True) as server:
        report = send(folder, server, connections=3, username=servers.USER, password_file=secret)
        assert "identification refusée" in report.away
        assert server.dials == 1
        secret.write_text(servers.PASSWORD, encoding="utf-8")
        assert send(folder, server, hours=1, connections=3, username=servers.USER, password_file=secret).sent == 12
    assert len(started) == 3


def test_what_passes_between_processes_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_ESSAI", "très secret")
    section = settings.Outbox.model_validate(
        {
            "type": "smtp", "host": "smtp.example.fr", "username": "service", "password_env": "MAILBOT_ESSAI",
            "ca_file": "ca.pem", "from_address": "service.fluxtiers@example.fr",
        },
        context={"folder": tmp_path},
    )  # fmt: skip
    described = SmtpOutbox(section).description()
    assert "très secret" not in described
    assert SmtpOutbox.described(described).description() == described
    assert str(tmp_path / "ca.pem") in described


@given(
    st.one_of(
        st.builds(Sent, st.integers(200, 299), st.text()),
        *(st.builds(kind, st.text(), st.integers(0, 599)) for kind in (Later, Busy, Withheld, Never)),
        st.builds(InDoubt, st.text()),
        st.lists(st.builds(Fault, st.text(), st.integers(0), st.integers(0), st.text(), st.text())).map(
            lambda faults: ConfigError(*faults)
        ),
    )
)
def test_a_fate_is_heard_as_it_was_told(fate: Sent | Exception) -> None:
    heard = fates.heard(fates.told(fate))
    assert type(heard) is type(fate)
    assert heard == fate if isinstance(fate, Sent) else vars(heard) == vars(fate)


def test_only_many_letters_to_a_server_start_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(deliver, "MANY", 5)

    def never(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr(Processes, "__init__", never)
    with service_at(folder) as service:
        fill(service, 4)
    with servers.scripted_smtp() as server:
        assert send(folder, server, connections=3).sent == 4
        with service_at(folder) as service:
            fill(service, 5)
        with pytest.raises(AssertionError, match="started"):
            send(folder, server, connections=3)
        assert send(folder, server, connections=1).sent == 5
