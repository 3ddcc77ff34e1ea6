"""Letters over SMTP, to real servers on this machine: what each break, in each phase, does to a letter."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot import connection, errors
from mailbot.configuration import settings
from mailbot.model import Envelope
from mailbot.outbox import Busy, SmtpOutbox, smtp
from tests import servers
from tests.conftest import need

# aiosmtpd says that a login without TLS is unsafe; to 127.0.0.1 it is what these tests want.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

RAW = b"From: flux@mutuelle.test\r\nSubject: essai\r\n\r\nBonjour\r\n.\r\n..deux\r\n.fin\r\n"
LETTER = Envelope("bordereau 1", "rebonds@mutuelle.test", "ps@cabinet.test", RAW)
TIMEOUTS = connection.Timeouts(connect=servers.DEADLINE, read=servers.DEADLINE, final=servers.DEADLINE)


class Points:
    """Counts the points of no return, as the ledger commits them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def point() -> Points:
    return Points()


def section(port: int, folder: Path, **keys: Any) -> settings.Outbox:
    base: dict[str, Any] = {
        "type": "smtp",
        "host": servers.HOST,
        "port": port,
        "tls": "none",
        "from_address": "flux@mutuelle.test",
        "reply_address": "flux@mutuelle.test",
        "bounce_address": "rebonds@mutuelle.test",
    }
    return settings.Outbox.model_validate(base | keys, context={"folder": folder})


@contextmanager
def outbox(port: int, folder: Path, clock: Callable[[], float] = lambda: 0.0, **keys: Any) -> Iterator[SmtpOutbox]:
    made = SmtpOutbox(section(port, folder, **keys), timeouts=TIMEOUTS, sleep=lambda _seconds: None, clock=clock)
    with closing(made):
        yield made


def test_a_letter_arrives_byte_for_byte_for_its_one_recipient(tmp_path: Path, point: Points) -> None:
    with servers.scripted_smtp() as server, outbox(server.port, tmp_path) as opened:
        sent = opened.send(LETTER, point)
        assert (sent.code, sent.text, point.count) == (250, "2.0.0 queued as 4F2A", 1)
        assert opened.delivered(LETTER) is None
    [taken] = server.taken
    assert (taken.content, taken.mail_from, taken.rcpt_tos) == (RAW, "rebonds@mutuelle.test", ["ps@cabinet.test"])


@given(st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\n", b"\r", b"\r\n.\r\n"]), max_size=12).map(b"".join))
def test_no_letter_can_end_early_or_smuggle_another(raw: bytes) -> None:
    """What is sent holds no line of a single dot and no stray CR or LF; without its dots it is the letter again."""
    stuffed = smtp._stuffed(smtp._with_crlf(raw))
    lines = stuffed.split(b"\r\n")
    assert lines.pop() == b""
    assert b"." not in lines
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    plain = [line.removeprefix(b".") for line in lines]
    ends = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert b"\n".join(plain) + b"\n" == (ends if raw.endswith(b"\r\n") else _one_line_end_more(raw, ends))


def _one_line_end_more(raw: bytes, ends: bytes) -> bytes:
    return ends if ends.endswith(b"\n") else ends + b"\n"


both_ways = pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "together"])


@both_ways
@pytest.mark.parametrize(
    ("phase", "reply", "fate", "code"),
    [
        ("MAIL", "451 4.3.0 plus tard", Busy, 451),
        ("MAIL", "452 4.3.1 disque plein", Busy, 452),
        ("MAIL", "552 5.3.4 trop gros", errors.Never, 552),
        ("MAIL", "550 5.7.1 rebonds@mutuelle.test non", errors.Later, 0),
        ("RCPT", "450 4.2.0 liste grise", errors.Later, 450),
        ("RCPT", "452 4.2.2 boite pleine", errors.Later, 452),
        ("RCPT", "550 5.1.1 ps@cabinet.test inconnu", errors.Never, 550),
        ("RCPT", "554 5.7.1 ps@cabinet.test: Relay access denied", errors.Later, 0),
        ("RCPT", "530 5.7.0 identifiez-vous", errors.Later, 0),
        ("DATA", "451 4.7.1 plus tard", errors.Later, 451),
        ("DATA", "554 5.7.1 non", errors.Never, 554),
        ("dot", "451 4.7.1 a revoir", errors.Later, 451),
        ("dot", "452 4.3.1 disque plein", Busy, 452),
        ("dot", "552 5.2.2 boite pleine", errors.Never, 552),
        ("dot", "554 5.7.1 contenu", errors.Never, 554),
    ],
)
def test_a_refusal_is_the_letters_the_recipients_the_servers_or_ours_and_the_next_letter_goes(
    tmp_path: Path, point: Points, phase: str, reply: str, fate: type[errors.MailbotError], code: int, pipelining: bool
) -> None:
    with (
        servers.scripted_smtp(pipelining=pipelining, **{phase: [reply]}) as server,
        outbox(server.port, tmp_path) as opened,
    ):
        with pytest.raises(fate) as caught:
            opened.send(LETTER, point)
        assert (type(caught.value), caught.value.code) == (fate, code)  # type: ignore[attr-defined]
        assert "@cabinet" not in str(caught.value)
        assert "@mutuelle" not in str(caught.value), "an address never stands in a reason"
        assert point.count == (phase == "dot")
        opened.send(LETTER, point)
    assert [letter.content for letter in server.taken] == [RAW]
    assert server.dials == 1, "the connection is used again"


@both_ways
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["hang up", "421 4.3.2 fermeture"])
def test_a_server_that_leaves_before_the_final_dot_is_busy(
    tmp_path: Path, point: Points, phase: str, reply: str, pipelining: bool
) -> None:
    with (
        servers.scripted_smtp(pipelining=pipelining, **{phase: [reply]}) as server,
        outbox(server.port, tmp_path) as opened,
    ):
        with pytest.raises(Busy):
            opened.send(LETTER, point)
        assert point.count == 0
        opened.send(LETTER, point)
    assert len(server.taken) == 1


def test_a_server_that_asks_for_the_lines_of_a_refused_letter_gets_none(tmp_path: Path, point: Points) -> None:
    """With PIPELINING all commands are there before the refusal of the recipient is read (RFC 2920 §3.1)."""
    with servers.scripted_smtp(pipelining=True) as server, servers.Proxy(server.port) as proxy:
        proxy.down = lambda _number, data: data.replace(b"250 2.1.5 ok", b"550 5.1.1 non")
        with outbox(proxy.port, tmp_path) as opened, pytest.raises(errors.Never):
            opened.send(LETTER, point)
    assert (server.taken, point.count) == ([], 0)


def test_an_answer_lost_after_the_final_dot_is_in_doubt(tmp_path: Path, point: Points) -> None:
    with (
        servers.scripted_smtp(dot=["hang up"]) as server,
        outbox(server.port, tmp_path) as opened,
        pytest.raises(errors.InDoubt),
    ):
        opened.send(LETTER, point)
    assert point.count == 1
    assert len(server.taken) == 1, "the server had it: sending again would be twice"


def test_an_answer_that_does_not_come_in_time_is_in_doubt(tmp_path: Path, point: Points) -> None:
    hasty = connection.Timeouts(connect=servers.DEADLINE, read=servers.DEADLINE, final=0.05)
    with servers.scripted_smtp() as server, servers.Proxy(server.port) as proxy:
        proxy.down = lambda _number, data: b"" if b"queued" in data else data
        with (
            closing(SmtpOutbox(section(proxy.port, tmp_path), timeouts=hasty)) as opened,
            pytest.raises(errors.InDoubt),
        ):
            opened.send(LETTER, point)
    assert len(server.taken) == 1


@pytest.mark.parametrize("answer", [b"garbage\r\n", b"250" + b"x" * 9000, b"354 encore\r\n"])
def test_an_answer_after_the_final_dot_that_means_nothing_is_in_doubt(
    tmp_path: Path, point: Points, answer: bytes
) -> None:
    with servers.scripted_smtp() as server, servers.Proxy(server.port) as proxy:
        proxy.down = lambda _number, data: answer if b"queued" in data else data
        with outbox(proxy.port, tmp_path) as opened, pytest.raises(errors.InDoubt):
            opened.send(LETTER, point)


def test_a_connection_cut_in_the_middle_of_the_letter_is_later(tmp_path: Path, point: Points) -> None:
    big = Envelope("k", LETTER.sender, LETTER.to, b"Subject: x\r\n\r\n" + b"x" * 70 + (b"y" * 70 + b"\r\n") * 200_000)
    with servers.scripted_smtp() as server, servers.Proxy(server.port) as proxy:
        proxy.up = lambda _number, data: None if b"yyyy" in data else data
        with outbox(proxy.port, tmp_path) as opened, pytest.raises(errors.Later):
            opened.send(big, point)
    assert server.taken == []
    assert point.count == 0


def test_a_ledger_that_cannot_commit_keeps_the_letter_from_leaving(tmp_path: Path, point: Points) -> None:
    def full() -> None:
        raise errors.Later("disque plein")

    with servers.scripted_smtp() as server, outbox(server.port, tmp_path) as opened:
        with pytest.raises(errors.Later, match="disque plein"):
            opened.send(LETTER, full)
        opened.send(LETTER, point)
    assert len(server.taken) == 1


def test_many_letters_share_a_connection_and_a_stale_one_is_dialled_again(tmp_path: Path, point: Points) -> None:
    now = 0.0
    with (
        servers.scripted_smtp() as server,
        servers.Proxy(server.port) as proxy,
        outbox(proxy.port, tmp_path, clock=lambda: now) as opened,
    ):
        for _ in range(5):
            opened.send(LETTER, point)
        assert (server.dials, server.commands.count("NOOP")) == (1, 0)
        now = 60.0
        opened.send(LETTER, point)
        assert (server.dials, server.commands.count("NOOP")) == (1, 1), "asked after a pause"
        proxy.cut()
        opened.send(LETTER, point)
        now = 120.0
        proxy.cut()
        opened.send(LETTER, point)
    assert server.dials == 3
    assert len(server.taken) == point.count == 8


def test_a_server_that_ends_the_connection_between_letters_costs_no_letter(tmp_path: Path, point: Points) -> None:
    with (
        servers.scripted_smtp(MAIL=["250 ok", "421 4.7.0 assez de courriers"]) as server,
        outbox(server.port, tmp_path) as opened,
    ):
        opened.send(LETTER, point)
        opened.send(LETTER, point)
    assert (len(server.taken), server.dials) == (2, 2)


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_tls_verifies_the_server_and_logs_in(
    tmp_path: Path, certificates: servers.Certificates, point: Points, mode: str
) -> None:
    (tmp_path / "secret").write_text(servers.PASSWORD + "\n", encoding="utf-8")
    keys: dict[str, Any] = {"tls": mode, "username": servers.USER, "password_file": "secret"}
    with servers.scripted_smtp(login=True, **{mode: certificates.server_context()}) as server:  # type: ignore[arg-type]
        with outbox(server.port, tmp_path, ca_file=str(certificates.ca), **keys) as opened:
            for _ in range(3):
                opened.send(LETTER, point)
        assert (len(server.taken), server.dials) == (3, 1)
        with (
            outbox(server.port, tmp_path, **keys) as opened,
            pytest.raises(errors.Later, match="certificat du serveur refusé"),
        ):
            opened.send(LETTER, point)


def test_a_client_certificate_is_shown(tmp_path: Path, certificates: servers.Certificates, point: Points) -> None:
    keys = {"tls": "implicit", "ca_file": str(certificates.ca)}
    both = {"client_cert": str(certificates.client_cert), "client_key": str(certificates.client_key)}
    with servers.scripted_smtp(implicit=certificates.server_context(ask_client=True)) as server:
        with outbox(server.port, tmp_path, **keys, **both) as opened:
            opened.send(LETTER, point)
        with outbox(server.port, tmp_path, **keys) as opened, pytest.raises(errors.Later):
            opened.send(LETTER, point)
    assert len(server.taken) == 1


def test_a_server_without_starttls_gets_no_letter_and_no_password(tmp_path: Path, point: Points) -> None:
    (tmp_path / "secret").write_text(servers.PASSWORD, encoding="utf-8")
    with servers.scripted_smtp(login=True) as server:
        keys = {"tls": "starttls", "username": servers.USER, "password_file": "secret"}
        with outbox(server.port, tmp_path, **keys) as opened, pytest.raises(errors.Later, match="STARTTLS"):
            opened.send(LETTER, point)
    assert (server.taken, point.count) == ([], 0)


def test_a_wrong_password_never_makes_a_letter_dead_and_is_not_repeated(tmp_path: Path, point: Points) -> None:
    secret = tmp_path / "secret"
    secret.write_text("faux", encoding="utf-8")
    keys = {"username": servers.USER, "password_file": "secret"}
    with servers.scripted_smtp(login=True) as server, outbox(server.port, tmp_path, **keys) as opened:
        with pytest.raises(errors.Later, match="identification refusée") as caught:
            opened.send(LETTER, point)
        assert caught.value.code == 0, "a code would count as a try of the letter"
        assert "faux" not in caught.value.reason
        with pytest.raises(errors.Later, match="pas de nouvel essai"):
            opened.send(LETTER, point)
        assert server.dials == 1
        secret.write_text(servers.PASSWORD, encoding="utf-8")
        opened.send(LETTER, point)
    assert len(server.taken) == 1


def test_a_letter_to_a_server_that_wants_a_login_waits(tmp_path: Path, point: Points) -> None:
    with (
        servers.scripted_smtp(login=True) as server,
        outbox(server.port, tmp_path) as opened,
        pytest.raises(errors.Later) as caught,
    ):
        opened.send(LETTER, point)
    assert caught.value.code == 0


def test_an_oauth2_token_logs_in_and_a_stale_one_is_said(tmp_path: Path, point: Points) -> None:
    keys = {"username": servers.USER}
    with servers.scripted_smtp(login=True) as server:
        with outbox(server.port, tmp_path, oauth2_token_command="echo good", **keys) as opened:
            opened.send(LETTER, point)
        with (
            outbox(server.port, tmp_path, oauth2_token_command="echo stale", **keys) as opened,
            pytest.raises(errors.Later, match="identification refusée"),
        ):
            opened.send(LETTER, point)
    assert server.tokens[0] == f"user={servers.USER}\1auth=Bearer good\1\1"
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "address", ["a b@x.test", "ps@x.test\r\nRCPT TO:<y@z.test>", "<ps@x.test>", "é@x.test", "", "ps"]
)
def test_what_is_no_address_never_reaches_a_command(tmp_path: Path, point: Points, address: str) -> None:
    with (
        servers.scripted_smtp() as server,
        outbox(server.port, tmp_path) as opened,
        pytest.raises(errors.Never, match="adresse"),
    ):
        opened.send(Envelope("k", LETTER.sender, address, RAW), point)
    assert (server.dials, point.count) == (0, 0)


def test_an_unreachable_server_is_dialled_a_few_times_and_is_later(tmp_path: Path, point: Points) -> None:
    pauses: list[float] = []
    made = SmtpOutbox(section(servers.free_port(), tmp_path), timeouts=TIMEOUTS, sleep=pauses.append)
    with closing(made) as opened, pytest.raises(errors.Later, match="connexion impossible"):
        opened.send(LETTER, point)
    assert len(pauses) == connection.TRIES - 1
    assert max(pauses) <= connection.LONGEST_PAUSE


@pytest.mark.real
def test_letters_go_to_postfix(tmp_path: Path, point: Points) -> None:
    """smtp-sink is Postfix's own receiver: another implementation than the scripted one."""
    port = servers.free_port()
    unprivileged = ["-u", "postfix"] if os.getuid() == 0 else []
    command = [need("smtp-sink", "postfix"), *unprivileged, f"{servers.HOST}:{port}", "10"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        servers.until(lambda: servers.listens(port), "smtp-sink")
        with outbox(port, tmp_path) as opened:
            codes = {opened.send(LETTER, point).code for _ in range(200)}
        assert (codes, point.count) == ({250}, 200)
    finally:
        process.terminate()
        process.wait(servers.DEADLINE)
