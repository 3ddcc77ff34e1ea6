"""A Maildir, read as a mail server or a person leaves it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot import errors
from mailbot.configuration import settings
from mailbot.inbox import MaildirInbox, open_inbox
from mailbot.model import Position

MAIL = b"From: ps@cabinet.test\r\nSubject: \xff\r\n\nmixed line ends\r\n"


def section(root: Path, **keys: object) -> settings.Inbox:
    base = {"name": "flux", "type": "maildir", "path": str(root), "review_folder": "À revoir"}
    return settings.Inbox.model_validate(base | keys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "Maildir"


@pytest.fixture
def inbox(root: Path) -> MaildirInbox:
    opened = open_inbox(section(root))
    assert isinstance(opened, MaildirInbox)
    opened.check()
    return opened


def new(_position: Position) -> bool:
    return False


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def called(position: Position) -> str:
    """The name of the file at a position."""
    return position.uid.rpartition("#")[0]


def test_an_absent_maildir_is_made_for_its_owner_only(inbox: MaildirInbox, root: Path) -> None:
    assert list(inbox.pending(new)) == []
    assert names(root) == ["cur", "new", "tmp"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (root, *root.iterdir())} == {0o700}


def test_new_and_seen_mails_come_as_they_are_and_half_written_ones_do_not(inbox: MaildirInbox, root: Path) -> None:
    (root / "new" / "1.a.host").write_bytes(MAIL)
    (root / "cur" / "2.b.host:2,FS").write_bytes(b"")
    (root / "tmp" / "3.c.host").write_bytes(b"half")
    (root / "new" / ".hidden").write_bytes(b"x")
    (root / "new" / "folder").mkdir()
    found = list(inbox.pending(new))
    assert [(called(a.position), a.size, a.fetch()) for a in found] == [
        ("1.a.host", len(MAIL), MAIL),
        ("2.b.host", 0, b""),
    ]
    assert {(a.position.mailbox, a.position.folder, a.position.uidvalidity) for a in found} == {("flux", "INBOX", 0)}


def test_another_mail_that_comes_later_under_the_same_name_is_another_mail(inbox: MaildirInbox, root: Path) -> None:
    inbox.check()
    seen = []
    for content in (b"first", b"other"):
        (root / "new" / "courrier.eml").write_bytes(content)
        [arrival] = inbox.pending(lambda position: position in seen)
        assert arrival.raw == content
        seen.append(arrival.position)
        inbox.file_away([arrival.position], "done")


def test_known_and_big_mails_are_named_without_their_bytes(root: Path) -> None:
    inbox = MaildirInbox(section(root, max_message_bytes=10))
    inbox.check()
    for name, content in (("1", b"small"), ("2", b"x" * 11), ("3", b"seen")):
        (root / "new" / name).write_bytes(content)
    found = list(inbox.pending(lambda position: called(position) == "3"))
    assert [(called(a.position), a.size, a.known, a.too_big, a.raw) for a in found] == [
        ("1", 5, False, False, b"small"),
        ("2", 11, False, True, None),
        ("3", 4, True, False, None),
    ]


def test_filing_away_moves_the_file_keeps_its_flags_and_can_be_done_twice(inbox: MaildirInbox, root: Path) -> None:
    (root / "new" / "1.a").write_bytes(b"one")
    (root / "cur" / "2.b:2,FS").write_bytes(b"two")
    one, two = [a.position for a in inbox.pending(new)]
    for _ in range(2):
        inbox.file_away([one], "done")
        inbox.file_away([two], "review")
    assert (root / ".Traites" / "cur" / "1.a:2,").read_bytes() == b"one"
    assert (root / ".&AMA- revoir" / "cur" / "2.b:2,FS").read_bytes() == b"two", "the name that Dovecot gives it"
    assert list(inbox.pending(new)) == []


def test_a_mail_that_a_mail_program_marks_meanwhile_is_filed_all_the_same(inbox: MaildirInbox, root: Path) -> None:
    (root / "new" / "1.a").write_bytes(b"one")
    [arrival] = inbox.pending(new)
    (root / "new" / "1.a").rename(root / "cur" / "1.a:2,S")
    inbox.file_away([arrival.position], "done")
    assert names(root / ".Traites" / "cur") == ["1.a:2,S"]


def test_filing_never_overwrites_a_mail_of_the_same_name(inbox: MaildirInbox, root: Path) -> None:
    for content in (b"first", b"second"):
        (root / "new" / "1.a").write_bytes(content)
        inbox.file_away([a.position for a in inbox.pending(new)], "done")
    assert sorted(path.read_bytes() for path in (root / ".Traites" / "cur").iterdir()) == [b"first", b"second"]


def test_another_mailbox_s_position_moves_nothing(inbox: MaildirInbox, root: Path) -> None:
    (root / "new" / "1.a").write_bytes(b"one")
    list(inbox.pending(new))
    inbox.file_away([Position("other", "INBOX", 0, "1.a"), Position("flux", "INBOX", 7, "1.a")], "done")
    inbox.file_away([Position("flux", "INBOX", 0, "../../tmp/1.a")], "done")
    assert names(root / "new") == ["1.a"]


def test_links_are_not_followed(inbox: MaildirInbox, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "new" / "1.link").symlink_to(tmp_path / "secret")
    (root / "new" / "2.mail").write_bytes(MAIL)
    os.mkfifo(root / "new" / "3.pipe")
    link, mail = list(inbox.pending(new))
    assert mail.fetch() == MAIL
    with pytest.raises(errors.Later, match="ne s’ouvre pas"):
        link.fetch()
    (root / "new" / "2.mail").unlink()
    (root / ".Traites").symlink_to(tmp_path)
    with pytest.raises(errors.Later):
        inbox.pending(new)
        (root / "new").rename(root / "moved")
        (root / "new").symlink_to(tmp_path)
        list(inbox.pending(new))


def test_a_mail_taken_by_somebody_else_meanwhile_is_passed_over(inbox: MaildirInbox, root: Path) -> None:
    for name in ("1", "2", "3"):
        (root / "new" / name).write_bytes(name.encode())
    arrivals = inbox.pending(new)
    assert next(arrivals).fetch() == b"1"
    (root / "new" / "2").unlink()
    assert [a.fetch() for a in arrivals] == [b"3"]


def test_waiting_ends_on_new_mail_when_told_to_stop_or_in_time(root: Path) -> None:
    slept: list[float] = []

    def deliver_at_third(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            (root / "new" / "2.b").write_bytes(MAIL)

    inbox = MaildirInbox(section(root), sleep=deliver_at_third)
    inbox.check()
    (root / "new" / "1.a").write_bytes(MAIL)
    list(inbox.pending(new))
    inbox.wait(600.0, lambda: False)
    assert len(slept) == 3, "the mail that was seen already ends no wait, the new one does"
    list(inbox.pending(new))
    inbox.wait(600.0, lambda: len(slept) >= 5)
    assert len(slept) == 5
    inbox.wait(2.0, lambda: False)
    assert sum(slept[5:]) == 2.0


@pytest.mark.parametrize("name", ["", ".", "a//b", "../x", "a\0b"])
def test_a_folder_name_cannot_lead_elsewhere(root: Path, name: str) -> None:
    make: Callable[[], MaildirInbox] = lambda: MaildirInbox(section(root, done_folder=name))  # noqa: E731
    with pytest.raises(errors.ConfigError, match="nom de dossier"):
        make()
