"""An IMAP mailbox, read from a real Dovecot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailbot import connection, errors
from mailbot.configuration import settings
from mailbot.inbox import ImapInbox
from mailbot.model import Position
from tests import servers

pytestmark = pytest.mark.real

TIMEOUTS = connection.Timeouts(connect=servers.DEADLINE, read=servers.DEADLINE)


def never_known(_position: Position) -> bool:
    return False


def mail(number: int = 1, body: str = "Bonjour") -> bytes:
    return f"From: ps{number}@cabinet.test\r\nSubject: n {number}\r\n\r\n{body}\r\n".encode()


def section(server: servers.Dovecot, folder: Path, **keys: Any) -> settings.Inbox:
    (folder / "secret").write_text(servers.PASSWORD + "\n", encoding="utf-8")
    base: dict[str, Any] = {
        "name": "flux",
        "type": "imap",
        "host": servers.HOST,
        "port": server.port,
        "tls": "none",
        "username": server.user,
        "password_file": "secret",
        "done_folder": "Traités",
        "review_folder": "À revoir/Gros",
    }
    return settings.Inbox.model_validate(
        {k: v for k, v in (base | keys).items() if v is not None}, context={"folder": folder}
    )


@contextmanager
def inbox(server: servers.Dovecot, folder: Path, **keys: Any) -> Iterator[ImapInbox]:
    """The mailbox, with retries that do not sleep."""
    with closing(ImapInbox(section(server, folder, **keys), timeouts=TIMEOUTS, sleep=lambda _seconds: None)) as opened:
        yield opened


def test_mails_come_whole_in_order_and_whatever_their_flags(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    odd = b'Subject: \xff\xfe nul\r\n\r\n.\r\n..a line {12}\r\n "quoted" \\ \xe9\r\n'
    dovecot.deliver(mail(1))
    dovecot.deliver(odd, flags=(b"\\Seen",))
    dovecot.deliver(mail(3), flags=(b"\\Deleted", b"\\Answered"))
    dovecot.deliver(b"no header at all")
    with inbox(dovecot, tmp_path) as opened:
        arrivals = list(opened.pending(never_known))
    assert [a.fetch() for a in arrivals] == [mail(1), odd, mail(3), b"no header at all"]
    assert [a.size for a in arrivals] == [len(a.fetch()) for a in arrivals]
    assert {(a.position.mailbox, a.position.folder) for a in arrivals} == {("flux", "INBOX")}
    assert all(a.position.uidvalidity > 0 for a in arrivals)
    with dovecot.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert b"\\Seen" not in client.get_flags([1])[1], "reading a mail must not mark it"


def test_filed_mails_land_in_folders_with_accents_and_filing_twice_is_fine(
    dovecot: servers.Dovecot, tmp_path: Path
) -> None:
    dovecot.deliver(mail(1), mail(2), mail(3))
    with inbox(dovecot, tmp_path) as opened:
        first, second, third = [a.position for a in opened.pending(never_known)]
        for _ in range(2):
            opened.file_away([first, third], "done")
            opened.file_away([second], "review")
    assert dovecot.content("INBOX") == []
    assert dovecot.content("Traités") == [mail(1), mail(3)]
    assert dovecot.content("À revoir/Gros") == [mail(2)]


def test_a_done_folder_that_somebody_removed_is_made_again(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(mail(1), mail(2))
    with inbox(dovecot, tmp_path) as opened:
        first, second = [a.position for a in opened.pending(never_known)]
        opened.file_away([first], "done")
        with dovecot.client() as client:
            client.delete_folder("Traités")
        opened.file_away([second], "done")
    assert dovecot.content("Traités") == [mail(2)]


def test_a_known_mail_is_named_but_not_fetched_again(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(mail(1), mail(2))
    with inbox(dovecot, tmp_path) as opened:
        old = next(opened.pending(never_known)).position
        found = list(opened.pending(lambda position: position == old))
    assert [(a.known, a.raw) for a in found] == [(True, None), (False, mail(2))]


def test_a_mail_over_the_limit_is_named_with_its_size_and_its_bytes_stay(
    dovecot: servers.Dovecot, tmp_path: Path
) -> None:
    big = mail(2, "x" * 5000)
    dovecot.deliver(mail(1), big, mail(3))
    with inbox(dovecot, tmp_path, max_message_bytes=1000) as opened:
        found = list(opened.pending(never_known))
    assert [(a.too_big, a.size, a.raw) for a in found] == [
        (False, len(mail(1)), mail(1)),
        (True, len(big), None),
        (False, len(mail(3)), mail(3)),
    ]


def test_a_thousand_mails_come_in_batches_and_are_filed_in_few_commands(
    dovecot: servers.Dovecot, tmp_path: Path
) -> None:
    mails = [mail(number) for number in range(1000)]
    dovecot.deliver(*mails)
    sent: list[bytes] = []
    with servers.Proxy(dovecot.port) as proxy:
        proxy.up = lambda _number, data: sent.append(data) or data  # type: ignore[func-returns-value]
        with inbox(dovecot, tmp_path, port=proxy.port) as opened:
            found = list(opened.pending(never_known))
            opened.file_away([a.position for a in found], "done")
    assert [a.fetch() for a in found] == mails
    assert b"".join(sent).count(b"\r\n") < 30, "commands for 1,000 mails"
    assert dovecot.content("INBOX") == []


def test_filing_while_the_pass_goes_on_skips_nothing(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(*[mail(number) for number in range(20)])
    with inbox(dovecot, tmp_path) as opened:
        seen = []
        for arrival in opened.pending(never_known):
            seen.append(arrival.fetch())
            opened.file_away([arrival.position], "done")
    assert seen == [mail(number) for number in range(20)]
    assert dovecot.content("Traités") == seen


@pytest.mark.parametrize("capability", ["IMAP4rev1 UIDPLUS NAMESPACE", "IMAP4rev1"])
def test_a_server_without_move_loses_no_mail_that_somebody_else_marked(
    dovecot_folders: Callable[[], Path], certificates: servers.Certificates, tmp_path: Path, capability: str
) -> None:
    with servers.dovecot(dovecot_folders(), certificates, capability=capability) as server:
        server.deliver(mail(1))
        server.deliver(mail(2), flags=(b"\\Deleted",))
        server.deliver(mail(3))
        with inbox(server, tmp_path) as opened:
            found = list(opened.pending(never_known))
            opened.file_away([found[0].position, found[2].position], "done")
            assert [a.fetch() for a in opened.pending(never_known)] == [mail(2)]
        assert server.content("Traités") == [mail(1), mail(3)]
        with server.client() as client:
            client.select_folder("INBOX", readonly=True)
            assert b"\\Deleted" in client.get_flags([2])[2], "the mark of somebody else stays"


def test_folders_stand_under_the_prefix_and_delimiter_of_the_server(
    dovecot_folders: Callable[[], Path], certificates: servers.Certificates, tmp_path: Path
) -> None:
    with servers.dovecot(dovecot_folders(), certificates, prefix="INBOX.", separator=".") as server:
        server.deliver(mail(1))
        with inbox(server, tmp_path) as opened:
            opened.file_away([a.position for a in opened.pending(never_known)], "review")
        assert server.content("INBOX.À revoir.Gros") == [mail(1)]


def test_after_a_uidvalidity_change_positions_are_new_and_old_ones_touch_nothing(
    dovecot: servers.Dovecot, tmp_path: Path
) -> None:
    dovecot.deliver(mail(1), mail(2))
    with inbox(dovecot, tmp_path) as opened:
        before = [a.position for a in opened.pending(never_known)]
        dovecot.doveadm("mailbox", "update", "-u", dovecot.user, "--uid-validity", "4000000001", "INBOX")
        opened.close()
        after = list(opened.pending(lambda position: position in before))
        opened.file_away(before, "done")
        assert dovecot.content("INBOX") == [mail(1), mail(2)]
    assert [a.fetch() for a in after] == [mail(1), mail(2)], "nothing skipped, whatever the UIDs were before"
    assert {a.position.uidvalidity for a in after} == {4000000001}


def test_a_connection_cut_in_the_middle_of_a_fetch_is_taken_up_again(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    mails = [mail(number, "x" * 4000) for number in range(50)]
    dovecot.deliver(*mails)
    passed = 0

    def cut_the_first(number: int, data: bytes) -> bytes | None:
        nonlocal passed
        passed += len(data)
        return None if number == 1 and passed > 100_000 else data

    with servers.Proxy(dovecot.port) as proxy:
        proxy.down = cut_the_first
        with inbox(dovecot, tmp_path, port=proxy.port) as opened:
            assert [a.fetch() for a in opened.pending(never_known)] == mails
        assert proxy.dials == 2


def test_a_mail_that_kills_the_connection_each_time_holds_up_no_other(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    poison = mail(3, "POISON")
    dovecot.deliver(mail(1), mail(2), poison, mail(4))
    with servers.Proxy(dovecot.port) as proxy:
        proxy.down = lambda _number, data: None if b"POISON" in data else data
        with inbox(dovecot, tmp_path, port=proxy.port) as opened:
            found = list(opened.pending(never_known))
            assert [a.raw for a in found] == [mail(1), mail(2), None, mail(4)]
            with pytest.raises(errors.Later, match="ne donne pas ce message"):
                found[2].fetch()


def test_mails_that_somebody_removes_during_the_pass_are_passed_over(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(*[mail(number) for number in range(250)])
    with inbox(dovecot, tmp_path) as opened:
        arrivals = opened.pending(never_known)
        found = [next(arrivals).fetch()]
        with dovecot.client() as client:
            client.select_folder("INBOX")
            client.delete_messages([230, 240])
            client.expunge()
        found += [a.fetch() for a in arrivals]
    assert found == [mail(number) for number in range(250) if number + 1 not in (230, 240)]


def test_a_server_that_is_away_is_later_and_is_found_again(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(mail(1))
    with servers.Proxy(servers.free_port()) as proxy, inbox(dovecot, tmp_path, port=proxy.port) as opened:
        with pytest.raises(errors.Later, match="IMAP flux"):
            list(opened.pending(never_known))
        assert proxy.dials == connection.TRIES
        proxy._target = dovecot.port
        assert [a.fetch() for a in opened.pending(never_known)] == [mail(1)]


def test_a_silent_server_ends_in_later_not_in_waiting(tmp_path: Path, dovecot: servers.Dovecot) -> None:
    with servers.Proxy(dovecot.port) as proxy:
        proxy.down = lambda _number, _data: b""
        hasty = connection.Timeouts(connect=0.05, read=0.05)
        silent = ImapInbox(section(dovecot, tmp_path, port=proxy.port), timeouts=hasty, sleep=lambda _seconds: None)
        with pytest.raises(errors.Later, match="IMAP flux : "):
            list(silent.pending(never_known))


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_both_ways_of_tls_verify_the_server_with_the_private_authority(
    dovecot: servers.Dovecot, certificates: servers.Certificates, tmp_path: Path, mode: str
) -> None:
    dovecot.deliver(mail(1))
    port = dovecot.tls_port if mode == "implicit" else dovecot.port
    with inbox(dovecot, tmp_path, tls=mode, port=port, ca_file=str(certificates.ca)) as opened:
        assert [a.fetch() for a in opened.pending(never_known)] == [mail(1)]
        opened.file_away([a.position for a in opened.pending(never_known)], "done")
    with (
        inbox(dovecot, tmp_path, tls=mode, port=port) as opened,
        pytest.raises(errors.Later, match="certificat du serveur refusé"),
    ):
        list(opened.pending(never_known))
    with (
        inbox(dovecot, tmp_path, tls=mode, port=port, ca_file=str(tmp_path / "absent.pem")) as opened,
        pytest.raises(errors.ConfigError, match="ca_file"),
    ):
        list(opened.pending(never_known))


def test_a_client_certificate_alone_opens_the_mailbox(
    dovecot_folders: Callable[[], Path], certificates: servers.Certificates, tmp_path: Path
) -> None:
    with servers.dovecot(dovecot_folders(), certificates, client_certificate=True) as server:
        keys: dict[str, Any] = {"tls": "implicit", "port": server.tls_port, "ca_file": str(certificates.ca)}
        with inbox(server, tmp_path, password_file=None, **keys) as opened, pytest.raises(errors.MailbotError):
            opened.check()
        keys |= {"client_cert": str(certificates.client_cert), "client_key": str(certificates.client_key)}
        with inbox(server, tmp_path, password_file=None, **keys) as opened:
            assert list(opened.pending(never_known)) == []


def test_an_oauth2_token_opens_the_mailbox(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    keys = {"password_file": None, "username": servers.USER}
    with inbox(dovecot, tmp_path, oauth2_token_command="echo good-token", **keys) as opened:
        opened.check()
    with (
        inbox(dovecot, tmp_path, oauth2_token_command="echo stale-token", **keys) as opened,
        pytest.raises(errors.Never, match="identification refusée"),
    ):
        opened.check()


def test_a_refused_password_is_said_once_and_not_tried_blindly_again(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    now = 0.0
    with servers.Proxy(dovecot.port) as proxy:
        wrong = section(dovecot, tmp_path, port=proxy.port)
        (tmp_path / "secret").write_text("faux", encoding="utf-8")
        with closing(ImapInbox(wrong, timeouts=TIMEOUTS, clock=lambda: now)) as opened:
            with pytest.raises(errors.Never, match="identification refusée") as caught:
                list(opened.pending(never_known))
            assert "faux" not in caught.value.reason
            with pytest.raises(errors.Never, match="pas de nouvel essai"):
                list(opened.pending(never_known))
            assert proxy.dials == 1
            (tmp_path / "secret").write_text(servers.PASSWORD, encoding="utf-8")
            assert list(opened.pending(never_known)) == [], "a new password is tried at once"


def test_a_line_end_in_a_name_never_becomes_a_command(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(mail(1))
    with inbox(dovecot, tmp_path, done_folder="x\r\nA1 DELETE INBOX") as opened:
        found = [a.position for a in opened.pending(never_known)]
        with pytest.raises(errors.ConfigError, match="caractère de contrôle"):
            opened.file_away(found, "done")
    assert dovecot.content("INBOX") == [mail(1)]


def test_a_mail_that_comes_during_idle_ends_the_wait(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    idling = threading.Event()
    with servers.Proxy(dovecot.port) as proxy:

        def watch(_number: int, data: bytes) -> bytes:
            if b"idling" in data:
                idling.set()
            return data

        proxy.down = watch
        with inbox(dovecot, tmp_path, port=proxy.port) as opened:
            assert list(opened.pending(never_known)) == []
            waiting = threading.Thread(target=opened.wait, args=(600.0, lambda: False))
            waiting.start()
            assert idling.wait(servers.DEADLINE)
            dovecot.deliver(mail(1))
            waiting.join(servers.DEADLINE)
            assert not waiting.is_alive()
            assert [a.fetch() for a in opened.pending(never_known)] == [mail(1)]


def test_a_mail_that_came_before_the_wait_is_not_waited_for(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    with inbox(dovecot, tmp_path) as opened:
        list(opened.pending(never_known))
        dovecot.deliver(mail(1))
        opened.check()  # Its NOOP swallows the announcement.
        opened.wait(600.0, lambda: False)
        assert [a.fetch() for a in opened.pending(never_known)] == [mail(1)]


def test_a_connection_that_dies_in_idle_ends_the_wait_and_is_dialled_again(
    dovecot: servers.Dovecot, tmp_path: Path
) -> None:
    with servers.Proxy(dovecot.port) as proxy:
        proxy.down = lambda _number, data: None if b"idling" in data else data
        with inbox(dovecot, tmp_path, port=proxy.port) as opened:
            list(opened.pending(never_known))
            opened.wait(600.0, lambda: False)
            dovecot.deliver(mail(1))
            assert [a.fetch() for a in opened.pending(never_known)] == [mail(1)]


def test_waiting_stops_when_asked(dovecot: servers.Dovecot, tmp_path: Path) -> None:
    looks = iter([False, False, True])
    with inbox(dovecot, tmp_path) as opened:
        list(opened.pending(never_known))
        opened.wait(600.0, lambda: next(looks, True))
        opened.check()
    assert next(looks, None) is None


def test_waiting_without_a_connection_only_sleeps(tmp_path: Path, dovecot: servers.Dovecot) -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    ImapInbox(section(dovecot, tmp_path, port=1), sleep=sleep, clock=lambda: now[0]).wait(60.0, lambda: False)
    assert sum(slept) == 60.0
    assert max(slept) <= 1.0
