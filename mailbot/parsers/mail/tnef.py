"""winmail.dat (TNEF, [MS-OXTNEF]): the text and the files that an Outlook hid in it. Pure; never raises.

Owns the reading of the format under limits. Knows the plain and HTML bodies and attached files; a body that exists as
compressed RTF only stays unread and is reported, an attached message or OLE object stays closed. What is cut gives what
was complete. (The one library for this, tnefparse, is under the LGPL and without a release since 2022.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import unpack_from

MAX_FILES = 100
MAX_VALUES = 10_000
_SIGNATURE = 0x223E9F78
_BODY, _MESSAGE_PROPS = 0x2800C, 0x69003
_NEW_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPS = 0x69002, 0x18010, 0x6800F, 0x69005
_P_BODY, _P_HTML, _P_RTF, _P_FILE_NAME, _P_LONG_NAME, _P_DATA = 0x1000, 0x1013, 0x1009, 0x3704, 0x3707, 0x3701
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}


@dataclass(slots=True)
class File:
    name: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Package:
    """What a winmail.dat holds. `rtf_only`: it has a text that is not read here."""

    text: str = ""
    html: bytes = b""
    files: list[File] = field(default_factory=list)
    rtf_only: bool = False


def read(raw: bytes) -> Package | None:
    """The package, or None for bytes that are no TNEF."""
    if len(raw) < 6 or unpack_from("<I", raw)[0] != _SIGNATURE:
        return None
    package = Package()
    rtf = False
    for name, data in _attributes(raw):
        if name == _BODY:
            package.text = package.text or _decoded(data)
        elif name == _MESSAGE_PROPS:
            for number, kind, value in _properties(data):
                if number == _P_BODY:
                    package.text = _string(kind, value) or package.text
                elif number == _P_HTML:
                    package.html = value
                rtf = rtf or (number == _P_RTF and bool(value))
        elif name == _NEW_FILE and len(package.files) < MAX_FILES:
            package.files.append(File())
        elif package.files:
            _describe(package.files[-1], name, data)
    package.rtf_only = rtf and not package.text and not package.html
    return package


def _describe(file: File, name: int, data: bytes) -> None:
    if name == _FILE_TITLE:
        file.name = file.name or _decoded(data)
    elif name == _FILE_DATA:
        file.content = data
    elif name == _FILE_PROPS:
        for number, kind, value in _properties(data):
            if number == _P_LONG_NAME or (number == _P_FILE_NAME and not file.name):
                file.name = _string(kind, value) or file.name
            elif number == _P_DATA and kind == _BINARY and not file.content:
                file.content = value


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(name, data) of each attribute: level, name, length, data, check sum."""
    place = 6
    while place + 9 <= len(raw):
        name, length = unpack_from("<II", raw, place + 1)
        if place + 9 + length > len(raw):
            return
        yield name, raw[place + 9 : place + 9 + length]
        place += 9 + length + 2


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(number, type, value) of the MAPI properties of one attribute; of several values the first."""
    try:
        (count,) = unpack_from("<I", data)
        place = 4
        for _ in range(min(count, MAX_VALUES)):
            kind, number = unpack_from("<HH", data, place)
            place += 4
            if number >= 0x8000:
                place = _behind_name(data, place)
            value, place = _value(data, place, kind)
            yield number, kind & 0xFFF, value
    except (struct.error, _UnknownType):
        return  # cut, or a type that nobody knows: what came before counts


class _UnknownType(Exception):
    """Its length is unknown, so nothing behind it can be read."""


def _behind_name(data: bytes, place: int) -> int:
    (by_text,) = unpack_from("<I", data, place + 16)
    if not by_text:
        return place + 24
    (length,) = unpack_from("<I", data, place + 20)
    return place + 24 + _padded(length)


def _value(data: bytes, place: int, kind: int) -> tuple[bytes, int]:
    base, many = kind & 0xFFF, bool(kind & 0x1000)
    if base in _FIXED:
        count = unpack_from("<I", data, place)[0] if many else 1
        place += 4 if many else 0
        return data[place : place + _FIXED[base]], place + _FIXED[base] * count
    if base not in (_STRING, _UNICODE, _BINARY, _OBJECT):
        raise _UnknownType
    (count,) = unpack_from("<I", data, place)
    place += 4
    first = b""
    for number in range(min(count, MAX_VALUES)):
        (length,) = unpack_from("<I", data, place)
        if number == 0:
            first = data[place + 4 : place + 4 + length]
        place += 4 + _padded(length)
    return first, place


def _padded(length: int) -> int:
    return -(-length // 4) * 4


def _string(kind: int, value: bytes) -> str:
    return value.decode("utf-16-le", "replace").rstrip("\0") if kind == _UNICODE else _decoded(value)


def _decoded(value: bytes) -> str:
    """Text in the code page of Windows, where it is not UTF-8."""
    bare = value.split(b"\0", 1)[0]
    try:
        return bare.decode("utf-8")
    except UnicodeDecodeError:
        return bare.decode("cp1252", "replace")
