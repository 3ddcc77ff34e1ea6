"""The IMAP connection that an inbox keeps: dialled when needed, folder selected, commands repeated where that is safe.

Owns the client's life and the UIDVALIDITY it saw. Knows nothing of mails. Raises `Lost` and `Refused` for one command,
plain `Later` when the server is away or goes away too often in one pass, and what `imap_session.dial` raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mailbot import connection, errors
from mailbot.configuration import settings
from mailbot.inbox import imap_session

T = TypeVar("T")

#: Lost connections that one pass puts up with.
LOSSES = 6


class Link:
    """`validity` and `exists` are those of the last SELECT; `client` is None while there is no connection."""

    def __init__(
        self,
        section: settings.Inbox,
        timeouts: connection.Timeouts,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.server = f"IMAP {section.label}"
        self.client: Any = None
        self.validity = 0
        self.exists = 0
        self._section = section
        self._timeouts = timeouts
        self._sleep = sleep
        self._pause = connection.LoginPause(clock)
        self._losses = 0
        #: Folders of the configuration that are known to exist, under their name on this server.
        self._folders: dict[str, str] = {}

    def begin(self) -> None:
        """A new pass: what went wrong in the one before counts no more."""
        self._losses = 0

    def drop(self) -> None:
        if self.client is not None:
            imap_session.hang_up(self.client)
            self.client = None

    def close(self) -> None:
        if self.client is not None:
            imap_session.say_goodbye(self.client)
            self.client = None

    def connected(self) -> Any:
        """The client with the folder selected. Raises plain `Later` (never `Lost`) when the server is away."""
        if self.client is None:
            try:
                self.client = imap_session.dial(self._section, self._timeouts, self._pause, self._sleep)
                self._folders = {}
                self.select()
            except (imap_session.Lost, imap_session.Refused) as error:
                self.drop()
                raise errors.Later(error.reason) from None
        return self.client

    def select(self) -> None:
        """Selects the folder (again): a fresh view of it."""
        with imap_session.translated(self.server):
            folder = imap_session.folder_name(self.client, self._section.folder)
            facts = self.client.select_folder(folder)
        if b"UIDVALIDITY" not in facts:
            raise imap_session.Refused(f"{self.server} : le serveur ne donne pas d’UIDVALIDITY")
        self.validity, self.exists = int(facts[b"UIDVALIDITY"]), int(facts[b"EXISTS"])

    def folder(self, client: Any, name: str) -> str:
        """A folder to file into, under its name on this server; made when absent."""
        if name not in self._folders:
            full = imap_session.folder_name(client, name)
            imap_session.ensure_folder(client, full)
            self._folders[name] = full
        return self._folders[name]

    def forget_folder(self, name: str) -> None:
        """The server says that it is gone: `folder` makes it again."""
        self._folders.pop(name, None)

    def once(self, work: Callable[[Any], T]) -> T:
        """One command on the selected folder; a lost connection is closed and counted."""
        client = self.connected()
        try:
            with imap_session.translated(self.server):
                return work(client)
        except imap_session.Lost as lost:
            self.drop()
            self._losses += 1
            if self._losses > LOSSES:
                raise errors.Later(lost.reason) from None
            raise

    def again(self, work: Callable[[Any], T]) -> T:
        """Like `once`, and once more on a new connection when this one was dead. For what may be repeated."""
        try:
            return self.once(work)
        except imap_session.Lost:
            return self.once(work)

    def under(self, validity: int, work: Callable[[Any], T]) -> Callable[[Any], T]:
        """Commands with UIDs mean something under one UIDVALIDITY only, and a new connection may have another."""

        def guarded(client: Any) -> T:
            if self.validity != validity:
                raise errors.Later(f"{self.server} : UIDVALIDITY a changé, la suite au prochain passage")
            return work(client)

        return guarded
