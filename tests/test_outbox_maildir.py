"""A Maildir that letters are delivered to, as a mail delivery agent does."""

from __future__ import annotations

import errno
import mailbox
import os
import stat
from pathlib import Path

import pytest

from mailbot import errors
from mailbot.configuration import settings
from mailbot.model import Envelope
from mailbot.outbox import MaildirOutbox, open_outbox

RAW = b"From: flux@mutuelle.test\r\nSubject: essai\r\n\r\n.\r\nBonjour \xe9\r\n"
LETTER = Envelope("bordereau|010000024|2026-11-21|../../x", "rebonds@mutuelle.test", "ps@cabinet.test", RAW)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "Maildir"


@pytest.fixture
def outbox(root: Path) -> MaildirOutbox:
    address = "flux@mutuelle.test"
    keys = {"type": "maildir", "path": str(root), "from_address": address, "reply_address": address}
    opened = open_outbox(settings.Outbox.model_validate(keys | {"bounce_address": address}))
    assert isinstance(opened, MaildirOutbox)
    return opened


def nothing() -> None:
    """No ledger here."""


def test_a_letter_is_delivered_whole_with_the_lines_of_a_delivery_agent(outbox: MaildirOutbox, root: Path) -> None:
    assert outbox.delivered(LETTER) is False
    assert outbox.send(LETTER, nothing).code == 250
    assert outbox.delivered(LETTER) is True
    [path] = (root / "new").iterdir()
    lines = b"Return-Path: <rebonds@mutuelle.test>\r\nDelivered-To: ps@cabinet.test\r\n"
    assert path.read_bytes() == lines + RAW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list((root / "tmp").iterdir()) == []
    assert [mail["Subject"] for mail in mailbox.Maildir(root)] == ["essai"]


def test_a_letter_sent_again_after_a_crash_stands_there_once(outbox: MaildirOutbox, root: Path) -> None:
    for _ in range(2):
        outbox.send(LETTER, nothing)
    [path] = (root / "new").iterdir()
    path.rename(root / "cur" / f"{path.name}:2,S")
    assert outbox.delivered(LETTER) is True, "read by somebody meanwhile"
    outbox.send(LETTER, nothing)
    assert len(list((root / "new").iterdir())) == 0
    outbox.send(Envelope("autre", LETTER.sender, LETTER.to, RAW), nothing)
    assert len(list((root / "new").iterdir())) == 1


@pytest.mark.parametrize("crash", ["before the point of no return", "half written"])
def test_a_crash_before_the_rename_delivers_nothing_and_is_made_good(
    outbox: MaildirOutbox, root: Path, crash: str
) -> None:
    def abort() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.send(LETTER, abort)
    if crash == "half written":
        [left] = (root / "tmp").iterdir()
        left.write_bytes(b"half")
    assert outbox.delivered(LETTER) is False
    points: list[int] = []
    outbox.send(LETTER, lambda: points.append(len(list((root / "new").iterdir()))))
    assert points == [0], "called once, before the letter stands there"
    assert outbox.delivered(LETTER) is True


def test_a_full_disk_is_later_and_leaves_nothing_half(
    outbox: MaildirOutbox, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    outbox.check()
    monkeypatch.setattr("mailbot.outbox.maildir.os.fsync", full)
    with pytest.raises(errors.Later, match="ne s’écrit pas"):
        outbox.send(LETTER, nothing)
    monkeypatch.undo()
    assert [path for part in ("tmp", "new", "cur") for path in (root / part).iterdir()] == []
    outbox.send(LETTER, nothing)
    assert outbox.delivered(LETTER) is True


@pytest.mark.parametrize("address", ["ps@x.test\r\nBcc: y@z.test", "<ps@x.test>", "é@x.test", ""])
def test_what_is_no_address_becomes_no_header_line(outbox: MaildirOutbox, root: Path, address: str) -> None:
    with pytest.raises(errors.Never, match="adresse"):
        outbox.send(Envelope("k", LETTER.sender, address, RAW), nothing)
    assert not root.exists()
