"""A Maildir as an inbox: new/ and cur/ are read, a mail is filed away by one rename into a Maildir++ subfolder.

Owns the layout on disk. Position: uidvalidity 0, uid = file name without flags,
and what tells this file from a later one of the same name. Never reads tmp/ or dot files, never
follows a link, never changes the bytes of a mail. Folder names are written in modified UTF-7, as Dovecot and Courier
do, so that a mail server may stand on the same Maildir. Raises `Later` for anything the file system refuses.
Known limit: `wait` looks twice a second; there is no inotify.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from imapclient.imap_utf7 import encode

from mailbot import errors, folders
from mailbot.configuration import settings
from mailbot.inbox.arrival import Arrival, Where
from mailbot.model import Position

#: Seconds between two looks at new/ while waiting.
LOOK = 0.5


class MaildirInbox:
    """See `arrival.Inbox`."""

    def __init__(self, section: settings.Inbox, *, sleep: Callable[[float], None] = time.sleep) -> None:
        if section.path is None:
            raise ValueError("a Maildir inbox has a path")
        self._root = section.path
        self._section = section
        self._sleep = sleep
        self._folder = subfolder(self._root, section.folder)
        self._targets: dict[Where, Path] = {
            "done": subfolder(self._root, section.done_folder),
            "review": subfolder(self._root, section.review_folder),
        }
        #: Where each mail of the last listing stood, as (new or cur, file name): spares a listing at each filing.
        self._places: dict[str, tuple[str, str]] = {}

    @property
    def name(self) -> str:
        return self._section.label

    def check(self) -> None:
        with folders.translated(f"la boîte {self.name} ne s’ouvre pas"):
            self._list()

    def pending(self, known: Callable[[Position], bool]) -> Iterator[Arrival]:
        with folders.translated(f"la boîte {self.name} ne se lit pas"):
            self._places = self._list()
        for uid, (part, filename) in sorted(self._places.items()):
            mark = _mark(self._folder / part / filename)
            position = Position(self.name, self._section.folder, 0, f"{uid}#{mark}")
            arrival = self._arrival(position, self._folder / part / filename, known(position))
            if arrival:
                yield arrival

    def file_away(self, positions: Sequence[Position], where: Where) -> None:
        ours = (self.name, self._section.folder, 0)
        target = self._targets[where]
        with folders.translated(f"le classement dans {target.name} a échoué"):
            folders.make_maildir(target)
            moved_from: set[str] = set()
            missing = []
            for position in positions:
                if (position.mailbox, position.folder, position.uidvalidity) == ours:
                    part = self._move(position.uid, target)
                    moved_from.add(part) if part else missing.append(position.uid)
            if missing:
                # Renamed by a mail program that marked it, or filed by an earlier try: one more look tells.
                self._places = self._list()
                moved_from.update(filter(None, [self._move(uid, target) for uid in missing]))
            if moved_from:
                folders.sync(target / "cur")
            for part in moved_from:
                folders.sync(self._folder / part)

    def wait(self, seconds: float, stopping: Callable[[], bool]) -> None:
        left = seconds
        while left > 0 and not stopping() and not self._something_new():
            step = min(LOOK, left)
            self._sleep(step)
            left -= step

    def close(self) -> None:
        """Nothing is held open."""

    def _list(self) -> dict[str, tuple[str, str]]:
        folders.make_maildir(self._root)
        folders.make_maildir(self._folder)
        return {
            folders.base(filename): (part, filename)
            for part in ("new", "cur")
            for filename in folders.names(self._folder / part)
        }

    def _arrival(self, position: Position, path: Path, known: bool) -> Arrival | None:
        most = self._section.max_message_bytes
        try:
            taken = folders.take(path, -1 if known else most)
        except OSError as error:
            # A link or a file without read permission: this one waits, those behind it go on.
            return Arrival(position, 0, known, trouble=f"un fichier de la boîte ne s’ouvre pas : {folders.why(error)}")
        if taken is None:
            return None
        size, raw = taken
        return Arrival(position, size, known, too_big=size > most, raw=raw)

    def _move(self, uid: str, target: Path) -> str | None:
        """The part it was taken from; None when it is not (or no longer) where the listing saw it."""
        name = uid.rpartition("#")[0]
        place = self._places.pop(name, None)
        if place is None:
            return None
        part, filename = place
        try:
            (self._folder / part / filename).rename(_free_name(target / "cur", name, filename.partition(":2,")[2]))
        except FileNotFoundError:
            return None
        return part

    def _something_new(self) -> bool:
        try:
            return any(folders.base(name) not in self._places for name in folders.names(self._folder / "new"))
        except OSError:
            return False


def _mark(path: Path) -> str:
    """What tells a file from another one that comes later under the same name: names are unique by promise of whoever
    delivers, and a person who drops files by hand has not promised. Marking or moving a mail does not change it."""
    try:
        facts = path.lstat()
    except OSError:
        return ""
    return f"{facts.st_ino:x}.{facts.st_size:x}.{facts.st_mtime_ns:x}"


def subfolder(root: Path, name: str) -> Path:
    """The directory of a folder: INBOX is the Maildir itself, `Lots/Traités` is `.Lots.Trait&AOk-s`."""
    if name.upper() == "INBOX":
        return root
    encoded: bytes = encode(name)
    parts = encoded.decode("ascii").replace("/", ".").split(".")
    if not all(parts) or "\0" in name:
        raise errors.ConfigError(errors.Fault("mailbot.yaml", 0, 0, f"nom de dossier « {name} » impossible"))
    return root / ("." + ".".join(parts))


def _free_name(folder: Path, uid: str, flags: str) -> Path:
    """A name that overwrites nothing: a mail of the same name may have been filed before."""
    name, number = f"{uid}:2,{flags}", 1
    while os.path.lexists(folder / name):
        number += 1
        name = f"{uid}_{number}:2,{flags}"
    return folder / name
