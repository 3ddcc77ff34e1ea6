"""A Maildir as an outbox, for rehearsals and for a mail server that picks letters up: delivered as an MDA does.

The file name is made from the letter's key, so that delivering again changes nothing and `delivered` can tell. The
bytes are those of the letter, after a Return-Path and a Delivered-To line. tmp/ to new/ by one rename; file and folder
are fsynced; files are 0600. Raises `Later` for what the file system refuses (disk full, rights), `Never` for an
address that is none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot import folders
from mailbot.model import Envelope, Sent
from mailbot.outbox import envelope as envelopes

if TYPE_CHECKING:
    from mailbot.configuration import settings


class MaildirOutbox:
    """See `envelope.Outbox`."""

    def __init__(self, section: settings.Outbox) -> None:
        if section.path is None:
            raise ValueError("a Maildir outbox has a path")
        self._section = section
        self._root: Path = section.path
        self._made = False

    def another(self) -> MaildirOutbox:
        return MaildirOutbox(self._section)

    def description(self) -> str:
        return ""

    def send(self, envelope: Envelope, before_data: Callable[[], None]) -> Sent:
        envelopes.check_addresses(envelope)
        if self.delivered(envelope):
            before_data()
            return Sent(250, "déjà dans la boîte")
        name = _name(envelope)
        temporary = self._root / "tmp" / name
        with folders.translated("la boîte de départ ne s’écrit pas"):
            _write(temporary, envelope)
        before_data()
        with folders.translated("la boîte de départ ne s’écrit pas"):
            temporary.rename(self._root / "new" / name)
            folders.sync(self._root / "new")
        return Sent(250, f"déposé sous {name}")

    def delivered(self, envelope: Envelope) -> bool | None:
        name = _name(envelope)
        with folders.translated("la boîte de départ ne se lit pas"):
            self._make()
            if (self._root / "new" / name).exists():
                return True
            # A mail program that read it moved it to cur/ and gave it flags.
            return any(folders.base(found) == name for found in folders.names(self._root / "cur"))

    def check(self) -> None:
        with folders.translated("la boîte de départ ne s’ouvre pas"):
            self._make()

    def close(self) -> None:
        """Nothing is held open."""

    def _make(self) -> None:
        if not self._made:
            folders.make_maildir(self._root)
            self._made = True


def _name(envelope: Envelope) -> str:
    """Only hexadecimal digits of the key reach the file name."""
    return hashlib.sha256(envelope.key.encode()).hexdigest()[:40] + ".mailbot"


def _write(path: Path, envelope: Envelope) -> None:
    path.unlink(missing_ok=True)  # Left behind by a crash before its rename: never delivered.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"Return-Path: <{envelope.sender}>\r\nDelivered-To: {envelope.to}\r\n".encode("ascii"))
            file.write(envelope.raw)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
