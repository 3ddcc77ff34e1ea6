"""Careful access to folders that others write to too: no link followed, nothing overwritten, renames made durable.

For the Maildir edges and the drop folder. Standard library only. Raises OSError; `translated` is the one place where
that becomes a fate.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot import errors

#: French for what file systems and networks say most often.
_WORDS = {
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque atteint",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.EROFS: "disque en lecture seule",
    errno.ENOENT: "introuvable",
    errno.ENOTDIR: "ce n’est pas un dossier",
    errno.ELOOP: "c’est un lien",
    errno.EIO: "erreur du disque",
    errno.ECONNREFUSED: "connexion refusée",
    errno.ECONNRESET: "connexion coupée par le serveur",
    errno.EHOSTUNREACH: "machine injoignable",
    errno.ENETUNREACH: "réseau injoignable",
}

#: The three folders of a Maildir; tmp belongs to whoever is delivering.
MAILDIR = ("tmp", "new", "cur")


def make_maildir(folder: Path) -> None:
    """Makes the Maildir when absent, for its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in MAILDIR:
        (folder / part).mkdir(mode=0o700, exist_ok=True)


def base(filename: str) -> str:
    """The name of a mail in a Maildir without its flags: what stays when a mail program marks it."""
    return filename.partition(":2,")[0]


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """The folder as a descriptor. A link in its place is refused: what it points to is not ours."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def names(folder: Path) -> list[str]:
    """What stands in the folder, dot files left out, in no order."""
    with opened(folder) as descriptor, os.scandir(descriptor) as entries:
        return [entry.name for entry in entries if not entry.name.startswith(".")]


def sync(folder: Path) -> None:
    """Makes the names in `folder` durable (fsync of the directory)."""
    with opened(folder) as descriptor:
        os.fsync(descriptor)


def take(path: Path, most: int) -> tuple[int, bytes | None] | None:
    """(size, content) of a plain file; content is None when it is over `most` bytes.

    None when it is no plain file, is gone, or changed while it was read. Raises OSError for a link (ELOOP) or a file
    that may not be read.
    """
    try:
        # O_NONBLOCK: opening a named pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return None
        if before.st_size > most:
            return before.st_size, None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
        return None
    return len(content), content


def why(error: OSError) -> str:
    """A few French words for an error of the system, without any path."""
    return _WORDS.get(error.errno or 0, error.strerror or type(error).__name__)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Errors of the file system become `Later`: a full disk or a missing right may be gone on the next pass."""
    try:
        yield
    except OSError as error:
        raise errors.Later(f"{what} : {why(error)}") from None
