"""The header block of a mail, or of one of its parts: bytes to fields, fields to text, addresses and dates.

Owns the limits on headers (`LIMITS` below), the decoding of 8-bit and RFC 2047 text, and the strict reading of From.
Never raises, whatever the bytes, and every step is linear in what the limits let through. Values are cut *before* any
parser of parameters sees them, since those of the standard library are quadratic.
Known limits: obsolete routes and quoted local parts (`"a b"@x`) give no strict sender.
"""

from __future__ import annotations

import codecs
import email.message
import email.utils
import re
from base64 import b64decode
from binascii import Error as Base64Error
from binascii import a2b_qp
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

MAX_BLOCK = 128 * 1024  # bytes of the header block of a mail
MAX_FIELDS = 400
MAX_VALUE = 16 * 1024  # characters of one field, unfolded; a long References of real threads stays below 8 KB
MAX_PARAMETERS = 2_000  # characters of Content-Type and Content-Disposition that are looked at
_REMEMBERED = 512  # pairs of the two that are kept with what they say

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_BLANK = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\r(?!\n)")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+*-]{1,60})\?([bBqQ])\?([^?]*)\?=")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]")
_SAFE = bytes(code for code in range(256) if not _UNSAFE.match(chr(code)))
_SPACES = re.compile(r"[\s ]+")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_SLOW_CODECS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "oem"}
_MAILBOX = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*"|[^<>"@,;:()\[\]\\]*|[^<>"\s,;:()]+@[^<>"\s,;:()]+)\s*<(?P<address>[^<>\s]+)>'
)
_COMMENT_AFTER = re.compile(r"([^<>\s\"(),;:]+)\s*\([^()<>]*\)")
_ADDR_SPEC = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_ANY_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,200}@[^\s<>,;:\"()\[\]@]{1,255}")
_QUOTED_NAME = re.compile(r'"(?:[^"\\]|\\.)*"\s*(?=<)')


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in file order: (lower-cased name, value as decoded 8-bit text, unfolded, RFC 2047 words still in it)."""

    fields: tuple[tuple[str, str], ...]
    _by_name: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[str]] = {}
        for name, value in self.fields:
            by_name.setdefault(name, []).append(value)
        object.__setattr__(self, "_by_name", by_name)

    def all(self, name: str) -> list[str]:
        return self._by_name.get(name, [])[:]

    def get(self, name: str) -> str:
        """The first field of that (lower-cased) name; "" without one."""
        found = self._by_name.get(name)
        return found[0] if found else ""

    def has(self, name: str) -> bool:
        return name in self._by_name

    def shown(self, name: str) -> str:
        """The first field, RFC 2047 words decoded, white space collapsed: what a person sees."""
        return _SPACES.sub(" ", words(self.get(name))).strip()


@dataclass(frozen=True, slots=True)
class Block:
    """What `split` found: the fields, where the body starts, and what was wrong (French)."""

    headers: Headers
    body: bytes
    exceeded: tuple[str, ...]  # a limit was reached: the mail was not read in full
    warnings: tuple[str, ...]


def split(raw: bytes) -> Block:
    """Split a mail (or a part) into its fields and its body. A missing blank line is forgiven."""
    if raw[:1] in (b"\r", b"\n"):
        return Block(Headers(()), raw.lstrip(b"\r\n") if raw[:2] == b"\r\n" else raw[1:], (), ())
    blank = _BLANK.search(raw, 0, MAX_BLOCK)
    end = blank.start() if blank else min(len(raw), MAX_BLOCK)
    body = raw[blank.end() :] if blank else b""
    exceeded: list[str] = []
    warnings: list[str] = []
    if not blank and len(raw) > MAX_BLOCK:
        exceeded.append(f"en-têtes de plus de {MAX_BLOCK // 1024} Ko")
    fields, used = _fields(raw[:end])
    if used < end:
        body = raw[used:]
        if fields:
            warnings.append("ligne vide absente entre les en-têtes et le texte")
    if len(fields) > MAX_FIELDS:
        exceeded.append(f"plus de {MAX_FIELDS} en-têtes")
    return Block(Headers(tuple(fields[:MAX_FIELDS])), body, tuple(exceeded), tuple(warnings))


def _fields(block: bytes) -> tuple[list[tuple[str, str]], int]:
    """The fields of a header block, and how many bytes of it they take: it ends where a line is no field."""
    found: list[tuple[bytes, list[bytes]]] = []
    position = 0
    while position < len(block):
        end = _LINE_END.search(block, position)
        line, after = (block[position : end.start()], end.end()) if end else (block[position:], len(block))
        named = None if line[:1] in (b" ", b"\t") else _FIELD.fullmatch(line)
        if named:
            found.append((named.group(1), [named.group(2)]))
        elif line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif not (position == 0 and line.startswith((b"From ", b">From "))):  # the separator line of an mbox
            break
        position = after
        if len(found) > MAX_FIELDS:
            return [_field(*item) for item in found], len(block)
    return [_field(*item) for item in found], position


def _field(name: bytes, lines: list[bytes]) -> tuple[str, str]:
    value = b"".join(lines)[:MAX_VALUE].strip()
    return name.decode("ascii").lower(), printable(eight_bit(value))


def printable(text: str) -> str:
    """Without control characters and lone surrogates (a space in their place); line feeds and tabs stay."""
    try:
        safe = text.isprintable() or not text.encode("latin-1", "replace").translate(None, _SAFE)
        text.encode("utf-16-le")  # refuses lone surrogates
    except UnicodeEncodeError:
        safe = False
    return text if safe else _UNSAFE.sub(" ", text)


def eight_bit(raw: bytes) -> str:
    """Text whose charset nobody declared: UTF-8 where it is, else cp1252."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def decode(raw: bytes, charset: str) -> str:
    """The charset ladder: declared, UTF-8 strict, cp1252. Latin-1 is read as cp1252, as every client does."""
    try:
        codec = codecs.lookup(charset).name if re.fullmatch(r"[A-Za-z0-9_.:+-]{1,40}", charset) else ""
        if codec in {"iso8859-1", "ascii"}:
            return eight_bit(raw) if codec == "ascii" else raw.decode("cp1252", "replace")
        if codec and codec not in _SLOW_CODECS:
            return raw.decode(codec)
    except (LookupError, ValueError):
        pass
    return eight_bit(raw)


def words(text: str) -> str:
    """Decode the RFC 2047 words of a value; neighbours of one charset are joined first (split UTF-8 characters)."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending, charset, position = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        name = word.group(1).split("*")[0].lower()
        if pending and (between.strip() or name != charset):
            out.append(decode(pending, charset))
            pending = b""
        if between.strip() or (not out and not pending):
            out.append(between)
        charset, position = name, word.end()
        pending += _word_bytes(word.group(2), word.group(3))
    out.append(decode(pending, charset))
    return printable("".join(out) + text[position:])


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "replace")
    return a2b_qp(raw, header=True) if encoding in "qQ" else base64(raw)


def base64(raw: bytes) -> bytes:
    """Base64, forgiving: foreign bytes are skipped, a cut end gives what was complete."""
    kept = raw.translate(None, _NOT_BASE64)
    try:
        return b64decode(kept + b"=" * (-len(kept) % 4)) if len(kept) % 4 != 1 else b64decode(kept[:-1])
    except Base64Error:
        return b""


@dataclass(frozen=True, slots=True)
class Content:
    """What Content-Type and Content-Disposition say of a part."""

    type: str
    charset: str
    boundary: str
    filename: str
    disposition: str
    report_type: str


def content(headers: Headers) -> Content:
    """Read the parameters of a part; RFC 2231 and RFC 2047 file names both."""
    declared, disposition = headers.get("content-type"), headers.get("content-disposition")
    return _content(declared[:MAX_PARAMETERS], disposition[:MAX_PARAMETERS])


@lru_cache(_REMEMBERED)
def _content(declared: str, disposition: str) -> Content:
    """Most parts of most mails declare the same few things, and the library takes its time to read them."""
    holder = email.message.Message()
    if declared:
        holder["Content-Type"] = _one_line(declared)
    if disposition:
        holder["Content-Disposition"] = _one_line(disposition)
    return Content(
        holder.get_content_type(),
        _parameter(holder, "charset"),
        _parameter(holder, "boundary"),
        _filename(holder),
        disposition.partition(";")[0].strip().lower(),
        _parameter(holder, "report-type").lower(),
    )


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _parameter(holder: email.message.Message, name: str) -> str:
    try:
        value = holder.get_param(name, "")
        text = email.utils.collapse_rfc2231_value(value) if isinstance(value, tuple) else str(value or "")
    except (ValueError, LookupError, TypeError):
        return ""
    return printable(text).strip()


def _filename(holder: email.message.Message) -> str:
    try:
        name = holder.get_filename("") or ""
    except (ValueError, LookupError, TypeError):
        name = ""
    return _SPACES.sub(" ", printable(words(name))).strip()[:255]


def strict_sender(headers: Headers) -> str:
    """The From address as identity: one field, one mailbox, no defect, ASCII; lower-cased, else "".

    Whatever could be read two ways (`ps@x <mallory@evil>`, two fields, a list, a group) is nobody.
    """
    values = headers.all("from")
    return _mailbox(values[0]).lower() if len(values) == 1 else ""


def _mailbox(value: str) -> str:
    value = value.strip()
    if len(value) > 1000:
        return ""
    named = _MAILBOX.fullmatch(value)
    if named:
        name, address = named.group("name").strip(), named.group("address")
        if "@" in name and not name.startswith('"') and name.lower() != address.lower():
            return ""
    else:
        commented = _COMMENT_AFTER.fullmatch(value)
        address = commented.group(1) if commented else value
    return address if len(address) <= 254 and address.isascii() and _ADDR_SPEC.fullmatch(address) else ""


def shown_from(headers: Headers) -> str:
    """From for people: the address (domain in small letters) of one clean mailbox, else the decoded text."""
    values = headers.all("from")
    address = _mailbox(values[0]) if len(values) == 1 else ""
    if not address:
        return _SPACES.sub(" ", ", ".join(words(value) for value in values[:5])).strip()
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def addresses(headers: Headers, *names: str) -> tuple[str, ...]:
    """Every address of these fields, each once, in order, domain in small letters; at most 200."""
    found: dict[str, None] = {}
    for name in names:
        for value in headers.all(name)[:5]:
            for address in _ANY_ADDRESS.findall(_QUOTED_NAME.sub(" ", value[:8000])):
                local, _, domain = address.rpartition("@")
                found.setdefault(f"{local}@{domain.lower()}")
    return tuple(found)[:200]


def sent_at(headers: Headers) -> datetime | None:
    """The Date field as an aware instant (UTC where it names no zone); None where it cannot be read."""
    value = headers.get("date")[:100]
    try:
        moment = email.utils.parsedate_to_datetime(value) if value else None
        if moment is None:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)  # an offset that leaves the calendar cannot be used
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment
