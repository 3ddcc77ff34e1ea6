"""Members of a zip archive, within bounds. Pure: nothing is written, a name inside an archive is text only.

Owns the bounds. `open_archive` raises `Never` (French) for an archive that cannot be opened at all; what is wrong with
one member is a warning. Known limits: zip only; `other_kind` names the formats that people send instead.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.errors import Never
from mailbot.parsers.mail import headers as header_fields

MAX_MEMBERS = 100
MAX_BYTES = 100_000_000  # of all members together, unpacked
MAX_RATIO = 200
#: Under this size an archive may be as repetitive as it likes.
SMALL = 4_000_000
MAX_NAME = 255

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
#: What systems and programs put beside the files that somebody meant to send.
_ASIDE = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_OFFICE = {"[Content_Types].xml", "mimetype"}
#: What zipfile raises; a RuntimeError is an encrypted member, or a compression that it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, ValueError, OSError, LookupError)
_CHUNK = 1 << 20


@dataclass(slots=True)
class Budget:
    """What all archives of one attachment may still cost together."""

    members: int = MAX_MEMBERS
    size: int = MAX_BYTES


@dataclass(slots=True)
class Opened:
    """The members that could be read, by name, and warnings (French, without the names)."""

    members: list[tuple[str, bytes]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def is_zip(raw: bytes) -> bool:
    return raw.startswith(_ZIP)


def office(raw: bytes) -> str:
    """What a zip is that is a document of an office suite: "classeur", "document"; "" for a plain archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()[:MAX_MEMBERS]
    except _BROKEN:
        return ""
    if not _OFFICE.intersection(names):
        return ""
    return "classeur" if any(name.startswith("xl/") for name in names) else "document"


def other_kind(raw: bytes) -> str:
    """The format of an archive that is not opened here; "" for none."""
    return next((name for start, name in _OTHERS if raw.startswith(start)), "")


def open_archive(raw: bytes, budget: Budget) -> Opened:
    """The files of an archive. Raises `Never` where it is none, or is a bomb by its own account."""
    opened = Opened()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            wanted = [one for one in archive.infolist() if not one.is_dir() and not _aside(one.filename)]
            announced = sum(one.file_size for one in wanted)
            if announced > SMALL and announced > MAX_RATIO * len(raw):
                raise Never("archive trop grande une fois ouverte")
            for member in wanted:
                if budget.members <= 0:
                    opened.warnings.append(f"archive : plus de {MAX_MEMBERS} éléments, les suivants ne sont pas lus")
                    break
                budget.members -= 1
                _take(archive, member, budget, opened)
    except _BROKEN:
        raise Never("archive illisible") from None
    return opened


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget, opened: Opened) -> None:
    if member.flag_bits & 0x1:
        _once(opened.warnings, "archive protégée par un mot de passe : elle n’a pas été lue")
        return
    limit = min(budget.size, max(SMALL, MAX_RATIO * member.compress_size))
    try:
        content = b"".join(_chunks(archive, member, limit))
    except _BROKEN:
        _once(opened.warnings, "archive : un élément est illisible")
        return
    budget.size -= len(content)
    if len(content) > limit:
        _once(opened.warnings, "archive : un élément trop grand n’a pas été lu")
        return
    name = header_fields.printable(member.filename).replace("\n", " ").replace("\t", " ")
    opened.members.append((name[:MAX_NAME], content))


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """The member, up to one chunk beyond the limit: what it says of its own size is not believed."""
    with archive.open(member) as stream:
        left = limit
        while left >= 0 and (part := stream.read(_CHUNK)):
            left -= len(part)
            yield part


def _aside(name: str) -> bool:
    return name.lower().startswith(_ASIDE[0]) or name.lower().rpartition("/")[2] in _ASIDE[1:]


def _once(warnings: list[str], warning: str) -> None:
    if warning not in warnings:
        warnings.append(warning)
