"""Letters go out: over several connections, through whatever a server does, within the limits that an admin set.

Each letter here has a PS, a recipient and an envelope sender of its own, so that the server can be told what to do with
one of them whatever the order in which they come.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mailbot import connection
from mailbot.configuration import settings
from mailbot.errors import ConfigError, Fault, Later, Never
from mailbot.ledger import Due, Ledger
from mailbot.ledger.letters import Letters
from mailbot.model import Draft, Envelope, LetterKind, LetterState, Sent
from mailbot.outbox import SmtpOutbox
from mailbot.passes import deliver, deliver_pace, forecast
from mailbot.passes.deliver_run import BUSY, Delivered
from mailbot.passes.service import Service
from tests import day, servers
from tests.test_cli import mailbot

FAST = 1_000_000
#: A server that is only slow because the machine is busy gets its time; one that will never answer, little of it.
PATIENT = connection.Timeouts(connect=servers.DEADLINE, read=servers.DEADLINE, final=servers.DEADLINE)
HASTY = connection.Timeouts(connect=2.0, read=2.0, final=2.0)


def section(port: int, **keys: Any) -> settings.Outbox:
    base = {"type": "smtp", "host": servers.HOST, "port": port, "tls": "none", "max_per_minute": FAST}
    return settings.Outbox.model_validate(base | {"from_address": "service.fluxtiers@example.fr"} | keys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "config"
    day.prepare(place)
    return place


def sender(number: int) -> str:
    return f"retour+{number}@example.fr"


def recipient(number: int, domain: str = "") -> str:
    return f"contact{number}@{domain or f'cabinet{number}.example.org'}"


def fill(service: Service, count: int, domain: str = "", kind: LetterKind = LetterKind.CONFIRMATION) -> list[int]:
    """So many letters that wait, each for the address that AGAPS names; gives their ids."""
    made, now = [], service.clock()
    first = len(service.ledger.letters.lines())
    for number in range(first, first + count):
        to, ps = recipient(number, domain), f"{200000000 + number}"
        service.ledger.store.run("INSERT INTO ref_agaps (numero_ps, mail) VALUES (?, ?)", ps, to)
        raw = f"From: service.fluxtiers@example.fr\r\nTo: {to}\r\n\r\nCourrier {number}\r\n.\r\n".encode()
        draft = Draft(f"cle {number}", kind, ps, to, sender(number), f"<m{number}@example.fr>", "", raw, now)
        made.append(service.ledger.letters.queue(now, draft) or 0)
    return made


@contextmanager
def service_at(
    folder: Path,
    now: datetime = day.NOW,
    said: list[str] | None = None,
    outbox: settings.Outbox | None = None,
    **limits: int,
) -> Iterator[Service]:
    with day.service(folder, now, said) as opened:
        changed = {"limits": opened.configuration.settings.limits.model_copy(update=limits)}
        yield day.with_settings(opened, **changed, **({"outbox": outbox} if outbox else {}))


def send(folder: Path, server: servers.ScriptedSmtp, hours: int = 0, connections: int = 1, **keys: Any) -> Delivered:
    """One run, so many hours after the letters were made."""
    outbox = section(server.port, connections=connections, **keys)
    scripts = [server.script, *server.by_sender.values()]
    silent = any("silence" in replies for script in scripts for replies in script.values())
    made = SmtpOutbox(outbox, timeouts=HASTY if silent else PATIENT, sleep=lambda _seconds: None)
    with service_at(folder, day.NOW + timedelta(hours=hours), outbox=outbox) as service, closing(made):
        return deliver.deliver(service, made)


def run(folder: Path, *words: str, now: datetime = day.NOW) -> subprocess.CompletedProcess[str]:
    """A verb as an agent calls it."""
    return mailbot("--config", folder, "--now", now.isoformat(), *words)


def states(folder: Path) -> dict[int, str]:
    with day.service(folder) as service:
        return {one.id: str(one.state) for one in service.ledger.letters.lines()}


def taken(server: servers.ScriptedSmtp) -> Counter[str]:
    return Counter(to for letter in server.taken for to in letter.rcpt_tos)


# -- what a server can do, in each phase ---------------------------------------------------------------------------

GONE = {"sent"}
REPLIES = {
    "4xx": "451 4.7.1 plus tard",
    "5xx": "550 5.7.1 non",
    "full": "452 4.3.1 disque plein",
    "drop": "hang up",
    "slow": "silence",
}
PHASES = ("banner", "EHLO", "MAIL", "RCPT", "DATA", "dot")
#: What is no matter of time: the letter is impossible, or nobody knows. Everything else leaves in the end.
FATES = {
    ("RCPT", "5xx"): "dead",
    ("DATA", "5xx"): "dead",
    ("dot", "5xx"): "dead",
    ("dot", "drop"): "unknown",
    ("dot", "slow"): "unknown",
}


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("what", REPLIES)
@pytest.mark.parametrize("phase", PHASES)
def test_whatever_breaks_in_whichever_phase_nothing_is_lost_and_nothing_goes_twice(
    folder: Path, phase: str, what: str, connections: int
) -> None:
    with service_at(folder) as service:
        first, *others = fill(service, 4)
    with servers.scripted_smtp() as server:
        if phase in ("banner", "EHLO"):
            server.script[phase] = [REPLIES[what]]
        else:
            server.by_sender[sender(0)] = {phase: [REPLIES[what]]}
        send(folder, server, connections=connections)
        send(folder, server, hours=1, connections=connections)
        assert not any(server.by_sender.get(sender(0), {}).values()), "the server did what this test is about"
    fate = FATES.get((phase, what), "sent")
    assert states(folder) == {first: fate, **dict.fromkeys(others, "sent")}
    gone = {recipient(number) for number in range(4)} - ({recipient(0)} if fate == "dead" else set())
    assert taken(server) == dict.fromkeys(gone, 1)


def test_a_letter_in_doubt_is_shown_with_what_to_do_and_never_sent_again_by_itself(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 2)
    with servers.scripted_smtp(dot=["hang up"]) as server:
        assert send(folder, server).in_doubt == 1
        assert send(folder, server, hours=48).sent == 0
    assert max(taken(server).values()) == 1
    shown = run(folder, "outbox", "list").stdout
    assert "en doute" in shown
    assert "outbox confirm 1" in shown
    status = run(folder, "status")
    assert status.returncode == 1
    assert "1\u00a0courrier en doute" in status.stdout


def test_a_server_that_refuses_our_sender_stops_the_run_in_plain_words_and_kills_no_letter(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 5)
    with servers.scripted_smtp(MAIL=["550 5.7.1 sender refused"] * 2) as server:
        report = send(folder, server)
        assert "le serveur refuse notre expéditeur" in report.away
        assert "bounce_address" in report.away
        assert server.commands.count("MAIL") == 1
        assert set(states(folder).values()) == {"queued"}
        send(folder, server, hours=1)
        assert send(folder, server, hours=2).sent == 5


def test_a_busy_server_costs_no_letter_a_try_and_ends_the_run(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 6)
        tries = service.configuration.settings.limits.max_tries
    with servers.scripted_smtp(MAIL=["452 4.3.1 disk full"] * 3 * (tries + 3)) as server:
        for hours in range(tries + 3):
            report = send(folder, server, hours=hours * 5)
            assert (report.dead, report.later) == (0, BUSY)
            assert "452" in report.away
        assert send(folder, server, hours=500).sent == 6


def test_a_letter_that_waited_for_a_busy_server_is_not_given_up_at_the_first_refusal_of_its_own(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 1)
        tries = service.configuration.settings.limits.max_tries
    with servers.scripted_smtp(MAIL=["452 4.3.1 disk full"] * tries, RCPT=["450 4.2.0 greylisted"] * tries) as server:
        for hours in range(2 * tries - 1):
            assert send(folder, server, hours=hours * 5).dead == 0
        report = send(folder, server, hours=10 * tries)
        assert report.dead == 1
    shown = run(folder, "outbox", "list").stdout
    assert f"abandonné après {tries}\u00a0essais" in shown


def test_a_connection_lost_now_and_then_does_not_end_the_run(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 12)
    with servers.scripted_smtp(RCPT=["250 ok", "hang up"] * 6) as server:
        report = send(folder, server)
    assert (report.away, report.sent, report.later) == ("", 6, 6)


def test_a_mistake_in_the_configuration_is_said_and_the_letter_stays(folder: Path) -> None:
    class Broken:
        def another(self) -> Broken:
            return self

        def send(self, _envelope: Envelope, _before_data: Callable[[], object]) -> Sent:
            raise ConfigError(Fault("mailbot.yaml", 0, 0, "ca_file ne peut pas servir"))

        def delivered(self, _envelope: Envelope) -> bool | None:
            return None

        def check(self) -> None:
            """Never asked."""

        def close(self) -> None:
            """Nothing is open."""

    with service_at(folder) as service:
        fill(service, 2)
        with pytest.raises(ConfigError, match="ca_file"):
            deliver.deliver(service, Broken())
    with servers.scripted_smtp() as server:
        assert send(folder, server).sent == 2


def test_a_ledger_that_cannot_write_any_more_lets_no_letter_go_and_none_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service_at(folder) as service:
        fill(service, 12)
    with servers.scripted_smtp() as server:
        commits = 0
        before_data = Letters.before_data

        def full(letters: Letters, *attempts: int) -> set[int]:
            nonlocal commits
            commits += bool(attempts)
            if commits > 2:
                raise Later("registre indisponible pour l’instant (database or disk is full)")
            return before_data(letters, *attempts)

        with monkeypatch.context() as patched:
            patched.setattr(Letters, "before_data", full)
            with pytest.raises(Later, match="disk is full"):
                send(folder, server, connections=3)
        assert 1 <= len(server.taken) < 12
        send(folder, server, hours=1, connections=3)
    found = Counter(states(folder).values())
    assert found["sent"] + found["unknown"] == 12
    assert found["unknown"] <= 6, "at most what was on its way when the disk was full"
    assert len(taken(server)) == 12
    assert set(taken(server).values()) == {1}


# -- domains -------------------------------------------------------------------------------------------------------


def test_a_domain_that_refuses_for_now_waits_and_holds_up_no_other(folder: Path) -> None:
    said: list[str] = []
    with service_at(folder) as service:
        slow = fill(service, 9, "lent.example.org")
        fill(service, 9, "vif.example.org")
    with servers.scripted_smtp() as server:
        for number in range(9):
            server.by_sender[sender(number)] = {"RCPT": ["450 4.7.1 greylisted"]}
        outbox = section(server.port)
        with (
            service_at(folder, said=said, outbox=outbox) as service,
            closing(SmtpOutbox(outbox, timeouts=PATIENT)) as made,
        ):
            report = deliver.deliver(service, made)
            waiting = [one for one in service.ledger.letters.lines() if one.id in slow and not one.attempts]
            assert all(one.next_at > day.NOW.isoformat() and "ce domaine" in one.last_text for one in waiting)
        assert (report.sent, report.later, report.away) == (9, 9, "")
        assert len(waiting) == 9 - deliver_pace.REFUSALS, "those were not tried at all"
        assert any("refuse pour l’instant" in line for line in said)
        assert not any("lent.example.org" in line for line in said)
        for hours in (1, 2, 3):
            send(folder, server, hours=hours)
    assert set(states(folder).values()) == GONE


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60), st.integers(1, 4))
def test_every_letter_of_a_run_gets_its_turn_once_and_no_domain_more_connections_than_its_cap(
    letters: list[tuple[str, bool]], cap: int
) -> None:
    ready = [Due(number, LetterKind.RECEIPT, domain) for number, (domain, _) in enumerate(letters)]
    lanes = deliver_pace.Lanes(ready, cap)
    seen: list[int] = []
    flying: list[tuple[int, str]] = []
    while True:
        turn = lanes.next()
        if turn:
            flying.append(turn)
            seen.append(turn[0])
            assert max(Counter(domain for _, domain in flying).values()) <= cap
            continue
        if not flying:
            break
        number, domain = flying.pop(0)
        lanes.ended(domain)
        if letters[number][1]:
            lanes.took(domain)
        else:
            seen += lanes.slow(domain)
    assert sorted(seen) == list(range(len(letters)))
    assert lanes.left() == 0


@given(st.integers(1, 6000), st.lists(st.floats(0, 5), max_size=40))
def test_the_pace_is_kept_whatever_the_letters_take(per_minute: int, took: list[float]) -> None:
    pace, now, began = deliver_pace.Pace(per_minute), 1000.0, []
    for seconds in took:
        now += pace.wait(now)
        assert pace.wait(now) == pytest.approx(0, abs=1e-6)
        pace.take(now)
        began.append(now)
        now += seconds
    for number, start in enumerate(began):
        within = [one for one in began[: number + 1] if one > start - 60]
        assert len(within) <= per_minute + 1 + per_minute / 600


# -- several connections -------------------------------------------------------------------------------------------

faults = st.dictionaries(
    st.integers(0, 11),
    st.tuples(st.sampled_from(["MAIL", "RCPT", "DATA", "dot"]), st.sampled_from(["4xx", "5xx", "full", "drop"])),
    max_size=8,
)


@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(broken=faults, pipelining=st.booleans())
def test_with_four_connections_every_letter_ends_once_and_the_server_has_what_the_ledger_says(
    tmp_path_factory: pytest.TempPathFactory, broken: dict[int, tuple[str, str]], pipelining: bool
) -> None:
    folder = tmp_path_factory.mktemp("pool") / "config"
    day.prepare(folder)
    with service_at(folder) as service:
        fill(service, 12, "grand.example.org")
    with servers.scripted_smtp(pipelining=pipelining) as server:
        for number, (phase, what) in broken.items():
            server.by_sender[sender(number)] = {phase: [REPLIES[what]]}
        for hours in range(0, 12, 2):
            send(folder, server, hours=hours, connections=4)
    fates = {number: FATES.get(fault, "sent") for number, fault in broken.items()}
    assert states(folder) == {number + 1: fates.get(number, "sent") for number in range(12)}
    assert taken(server) == {
        recipient(number, "grand.example.org"): 1 for number in range(12) if fates.get(number) != "dead"
    }
    with day.service(folder) as service:
        assert service.ledger.journal.verify() is None
        assert service.ledger.letters.interrupted() == []


def test_four_connections_work_at_the_same_time_and_each_serves_many_letters(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 40, "grand.example.org")
    together = threading.Barrier(4)
    waited = []

    with servers.scripted_smtp() as server:
        outbox = section(server.port, connections=4)

        class Meeting(SmtpOutbox):
            """Its first letter waits until four connections have one."""

            met = False

            def another(self) -> Meeting:
                return Meeting(outbox, timeouts=PATIENT)

            def send(self, envelope: Envelope, before_data: Callable[[], object]) -> Sent:
                if not self.met:
                    self.met = True
                    waited.append(together.wait(servers.DEADLINE))
                return super().send(envelope, before_data)

        with service_at(folder, outbox=outbox) as service, closing(Meeting(outbox, timeouts=PATIENT)) as made:
            assert deliver.deliver(service, made).sent == 40
    assert sorted(waited) == [0, 1, 2, 3]
    assert server.dials == 4


def test_no_domain_gets_more_connections_than_the_admin_allows(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 12, "grand.example.org")
    standing, most = 0, 0

    with servers.scripted_smtp() as server:
        reply = server._reply

        def counted(phase: str, of: Any, good: str) -> str:
            nonlocal standing, most
            standing += (phase == "MAIL") - (phase == "dot")
            most = max(most, standing)
            return reply(phase, of, good)

        server._reply = counted  # type: ignore[method-assign]
        assert send(folder, server, connections=4, connections_per_domain=2).sent == 12
    assert most <= 2


# -- holds, caps, rehearsal ----------------------------------------------------------------------------------------


class Taking:
    """An outbox that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def another(self) -> Taking:
        return self

    def send(self, envelope: Envelope, before_data: Callable[[], object]) -> Sent:
        before_data()
        self.taken.append(envelope.to)
        return Sent(250, "ok")

    def delivered(self, _envelope: Envelope) -> bool | None:
        return None

    def check(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is open."""


def test_more_letters_than_hold_above_wait_for_an_agent_who_releases_them_once(folder: Path) -> None:
    said: list[str] = []
    with service_at(folder, said=said, hold_above=3) as service:
        fill(service, 4)
        outbox = Taking()
        report = deliver.deliver(service, outbox)
        assert (report.sent, report.attention, outbox.taken) == (0, 1, [])
        assert "hold_above" in service.ledger.holds.everything()
        assert any("4\u00a0courriers" in line for line in said)
        assert deliver.deliver(service, outbox).attention == 0, "it is said once, and stands in status"
        service.ledger.holds.release_all()
        assert deliver.deliver(service, outbox).sent == 4
        fill(service, 3)
        assert deliver.deliver(service, outbox).sent == 3
        fill(service, 4)
        assert deliver.deliver(service, outbox).sent == 0


def test_the_cap_of_a_run_is_said_on_the_spot_and_in_status_until_all_have_gone(folder: Path) -> None:
    said: list[str] = []
    with service_at(folder, said=said, max_letters_per_run=3) as service:
        fill(service, 5)
        report = deliver.deliver(service, Taking())
    assert (report.sent, report.attention) == (3, 1)
    assert any("plafond de 3\u00a0courriers" in line and "2\u00a0courriers attendent" in line for line in said)
    status = run(folder, "status")
    assert status.returncode == 1
    assert "plafond de 3" in status.stdout
    with service_at(folder, max_letters_per_run=3) as service:
        assert deliver.deliver(service, Taking()).attention == 0
    assert "plafond" not in run(folder, "status").stdout


def test_an_agent_holds_a_ps_or_a_domain_with_letters_that_come_later_and_releases_it(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 2, "grand.example.org")
        fill(service, 1)
    assert run(folder, "outbox", "hold", "--domain", "Grand.example.org", "--reason", "panne chez eux").returncode == 0
    assert run(folder, "outbox", "hold", "--ps", "200000002").returncode == 0
    outbox = Taking()
    with service_at(folder) as service:
        fill(service, 1, "grand.example.org")
        fill(service, 1)
        assert deliver.deliver(service, outbox).sent == 1
    assert outbox.taken == [recipient(4)]
    told = run(folder, "outbox", "list").stderr
    assert "domaine grand.example.org retenu" in told
    assert "panne chez eux" in told
    assert "3\u00a0courriers attendent" in told
    assert "2\u00a0PS ou domaines retenus" in run(folder, "status").stdout
    assert run(folder, "outbox", "release", "--domain", "grand.example.org").returncode == 0
    assert run(folder, "outbox", "release", "--domain", "grand.example.org").returncode == 2
    assert run(folder, "outbox", "release", "--ps", "200000002", "--all").returncode == 2
    with service_at(folder) as service:
        assert deliver.deliver(service, outbox).sent == 3
    assert run(folder, "outbox", "release", "--ps", "200000002").returncode == 0
    with service_at(folder) as service:
        assert deliver.deliver(service, outbox).sent == 1
        assert "domain grand.example.org" in {subject for _, _, what, subject, _ in service.ledger.journal.lines()}


def test_a_hold_counts_up_to_the_final_dot(folder: Path) -> None:
    with service_at(folder) as service:
        letter, other = fill(service, 2)

        class Meanwhile(Taking):
            def send(self, envelope: Envelope, before_data: Callable[[], object]) -> Sent:
                with Ledger(service.ledger.store.path) as agents:
                    agents.holds.hold(day.NOW, "ps", "200000000", "doute sur le PS")
                return super().send(envelope, before_data)

        outbox = Meanwhile()
        assert deliver.deliver(service, outbox).sent == 1
        assert outbox.taken == [recipient(1)]
        assert service.ledger.letters.state(letter) is LetterState.QUEUED
        assert service.ledger.letters.state(other) is LetterState.SENT


def test_a_letter_queued_before_its_address_was_suspended_is_held_with_the_reason(folder: Path) -> None:
    with service_at(folder) as service:
        letter, *_ = fill(service, 2)
        service.ledger.addresses.suspend(day.NOW, recipient(0), "2 courriers revenus")
        outbox = Taking()
        assert deliver.deliver(service, outbox).held == 1
        assert outbox.taken == [recipient(1)]
        (line,) = [one for one in service.ledger.letters.lines() if one.id == letter]
    assert (line.state, line.attempts) == ("held", 0)
    assert "contact" in line.last_text


def test_bordereaux_wait_for_their_hours_also_after_a_refusal_and_answers_leave_at_once(folder: Path) -> None:
    with service_at(folder) as service:
        fill(service, 2, kind=LetterKind.BORDEREAU)
        fill(service, 1, kind=LetterKind.RECEIPT)
        hours = {"send_at": "10:00", "send_until": "18:00"}
        bordereau = settings.Bordereau.model_validate(hours)
        outbox = Taking()
        early = day.with_settings(service, bordereau=bordereau)  # 09:00 in Paris
        assert deliver.deliver(early, outbox).sent == 1
        assert outbox.taken == [recipient(2)]
        assert forecast.forecast(early).outside_hours == 2
        later = dataclasses.replace(early, clock=lambda: day.NOW + timedelta(hours=2))
        assert deliver.deliver(later, outbox).sent == 2


def test_a_rehearsal_counts_what_would_go_and_why_the_rest_would_not_and_writes_nothing(folder: Path) -> None:
    with service_at(folder, day.NOW - timedelta(days=1)) as service:
        fill(service, 3)
        deliver.deliver(service, Taking())
    with service_at(folder) as service:
        fill(service, 4, "grand.example.org")
        service.ledger.addresses.suspend(day.NOW, recipient(3, "grand.example.org"), "2 courriers revenus")
        service.ledger.holds.hold(day.NOW, "ps", "200000004", "à vérifier")
        path = service.ledger.store.path
    soon = day.NOW + timedelta(minutes=5)
    before = path.read_bytes()
    told = run(folder, "deliver", "--dry-run", now=soon).stdout
    assert "enverrait 2\u00a0courriers à 2\u00a0PS (hier : 3\u00a0courriers à 3 PS)" in told
    assert "grand.example.org" in told
    assert "serait retenu : son destinataire" in told
    assert "PS 200000004 retenu : à vérifier" in told
    in_json = run(folder, "deliver", "--dry-run", "--json", now=soon)
    assert in_json.returncode == 1
    found = json.loads(in_json.stdout)
    assert (found["letters"], found["ps"], found["waiting"]) == (2, 2, 1)
    assert found["kinds"] == {"confirmation": 2}
    assert path.read_bytes() == before
    with service_at(folder) as service:
        assert deliver.deliver(service, Taking()).sent == 2, "as was foretold"


def test_later_and_never_of_an_outbox_without_codes_end_the_run_and_the_letter(folder: Path) -> None:
    """A folder that cannot be written stops everything, an address that is none only its letter."""

    class Refusing(Taking):
        def send(self, envelope: Envelope, before_data: Callable[[], object]) -> Sent:
            if envelope.to == recipient(0):
                raise Never("ce n’est pas une adresse")
            if envelope.to == recipient(2):
                raise Later("le dossier ne s’écrit pas")
            return super().send(envelope, before_data)

    with service_at(folder) as service:
        fill(service, 4)
        report = deliver.deliver(service, Refusing())
    assert (report.sent, report.dead, report.later) == (1, 1, 1)
    assert report.away == "le dossier ne s’écrit pas"
