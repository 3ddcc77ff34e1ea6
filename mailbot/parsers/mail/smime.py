"""S/MIME (RFC 8551): the mail inside an opaque signature. Pure; never raises, never verifies, never decrypts.

Who signed is not looked at: identity comes from the verdict of our mail exchanger alone. Owns a reading of BER that
knows just enough of CMS (RFC 5652) to find the signed content: nested values, indefinite lengths, octet strings in
pieces. Known limits: compressed content stays closed.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 12
MAX_PIECES = 200_000
_SEQUENCE, _OCTETS, _OID, _EXPLICIT = 0x30, 0x04, 0x06, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d01091001" + "17"))


@dataclass(frozen=True, slots=True)
class _Value:
    tag: int
    content: bytes  # without the end mark of an indefinite length
    end: int  # place behind the value


def is_encrypted(raw: bytes) -> bool:
    """The content is enveloped: only its recipients can read it."""
    fields = _fields(_first(raw), 2)
    return bool(fields) and fields[0].tag == _OID and fields[0].content in _ENVELOPED


def signed_content(raw: bytes) -> bytes:
    """The MIME entity that was signed, b"" where there is none."""
    outer = _fields(_first(raw), 2)
    if len(outer) < 2 or outer[0].content != _SIGNED_DATA or outer[1].tag != _EXPLICIT:
        return b""
    # SignedData ::= version, digestAlgorithms, encapContentInfo, …
    signed = _fields(_first(outer[1].content), 3)
    inside = _fields(signed[2], 2) if len(signed) == 3 else []
    return _octets(inside[1].content, 0) if len(inside) == 2 and inside[1].tag == _EXPLICIT else b""


def _first(raw: bytes) -> _Value | None:
    return _value(raw, 0, 0)


def _fields(value: _Value | None, most: int) -> list[_Value]:
    """The first values of a sequence."""
    found: list[_Value] = []
    place = 0
    while value is not None and value.tag == _SEQUENCE and len(found) < most:
        one = _value(value.content, place, 0)
        if one is None:
            break
        found.append(one)
        place = one.end
    return found


def _octets(raw: bytes, depth: int) -> bytes:
    """An octet string, whole or in pieces."""
    pieces: list[bytes] = []
    place = 0
    while depth < MAX_DEPTH and len(pieces) < MAX_PIECES:
        one = _value(raw, place, 0)
        if one is None or one.tag & ~0x20 != _OCTETS:
            break
        pieces.append(_octets(one.content, depth + 1) if one.tag & 0x20 else one.content)
        place = one.end
    return b"".join(pieces)


def _value(raw: bytes, place: int, depth: int) -> _Value | None:
    if place + 2 > len(raw) or depth > MAX_DEPTH or raw[place] & 0x1F == 0x1F:
        return None
    tag, length, start = raw[place], raw[place + 1], place + 2
    if length == 0x80:
        stop = _end_mark(raw, start, depth)
        return _Value(tag, raw[start:stop], stop + 2) if stop >= 0 else None
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(raw[start : start + size], "big") if size <= 8 else len(raw)
        start += size
    # A content that was cut gives what is there.
    return _Value(tag, raw[start : start + length], min(start + length, len(raw))) if start <= len(raw) else None


def _end_mark(raw: bytes, place: int, depth: int) -> int:
    """Where the two zero bytes stand that end an indefinite length, or -1."""
    for _ in range(MAX_PIECES):
        if raw[place : place + 2] == b"\0\0":
            return place
        inner = _value(raw, place, depth + 1)
        if inner is None or inner.end <= place:
            return -1
        place = inner.end
    return -1
