"""Documents that somebody sends to bring a reader down, small as they travel. By name; made when asked for."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable

from PIL import Image


def pdf(objects: Iterable[bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, with a right table of places."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, said in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, said)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, root, trailer, len(out))
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + end


def stream(said: bytes, more: bytes = b"", packed: int = 1) -> bytes:
    for _ in range(packed):
        said = zlib.compress(said, 9)
    filters = b"/FlateDecode" * packed
    return b"<</Length %d/Filter[%s]%s>>\nstream\n%s\nendstream" % (len(said), filters, more, said)


def page_with(content: bytes, resources: bytes = b"", more: Iterable[bytes] = ()) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>>>" % resources
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content, *more])


def _pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", tree, *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * count])


def _tree(depth: int) -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 3) for number in range(depth)]
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page>>"])


def _xref_stream(size: int) -> bytes:
    """A table of places that says it is a hundred million entries long."""
    body = b"%PDF-1.7\n"
    table = stream(b"\0" * 40_000_000, b"/Type/XRef/Size %d/W[1 2 1]/Root 1 0 R" % size)
    return body + b"1 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF" % len(body)


def _object_stream(count: int) -> bytes:
    """Objects in a stream that say that they lie in another such stream, round and round."""
    said = b"".join(b"%d 0 " % (number + 10) for number in range(count)) + b"[" * 5000
    return page_with(stream(said, b"/Type/ObjStm/N %d/First %d/Extends 4 0 R" % (count, len(said) - 5000)))


def _endless_form() -> bytes:
    draws = stream(b"/A Do " * 20, b"/Type/XObject/Subtype/Form/Resources<</XObject<</A 5 0 R>>>>")
    return page_with(stream(b"/A Do"), b"/XObject<</A 5 0 R>>", [draws])


def _fields(depth: int) -> bytes:
    nodes = [b"<</T(a)/FT/Tx/Kids[%d 0 R]>>" % (number + 5) for number in range(depth)]
    catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"
    return pdf([catalog, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page>>", *nodes, b"<</T(b)>>"])


def _wide_picture() -> bytes:
    image = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8" % (7900, 7900)
    return page_with(stream(b"q"), b"/XObject<</A 5 0 R>>", [stream(b"\xff" * 180_000_000, image)])


def _jbig2() -> bytes:
    image = b"<</Type/XObject/Subtype/Image/Width 900/Height 900/ColorSpace/DeviceGray/BitsPerComponent 1"
    said = image + b"/Filter/JBIG2Decode/Length 4>>\nstream\n\x00\x00\x00\x00\nendstream"
    return page_with(stream(b"q"), b"/XObject<</A 5 0 R>>", [said])


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def _lying_zip() -> bytes:
    """A member that says it is one byte long and is a hundred million."""
    raw = bytearray(zipped([("a.csv", b"0" * 100_000_000)]))
    real = struct.pack("<I", 100_000_000)
    while (at := raw.find(real)) >= 0:
        raw[at : at + 4] = struct.pack("<I", 1)
    return bytes(raw)


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, said: bytes) -> bytes:
        return struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(rows or b"\0" * 1000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _frames(count: int) -> bytes:
    out = io.BytesIO()
    image = Image.new("1", (400, 400))
    image.save(out, "TIFF", save_all=True, append_images=[image] * (count - 1), compression="group4")
    return out.getvalue()


def _sheet(cells: bytes) -> bytes:
    kinds = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped([("[Content_Types].xml", kinds), ("xl/worksheets/sheet1.xml", b"<worksheet>" + cells)])


def _nested_mails(count: int) -> bytes:
    raw = b"Subject: fin\n\nfin"
    for _ in range(count):
        raw = b"Subject: a\nContent-Type: message/rfc822\n\n" + raw
    return raw


HOSTILE: dict[str, Callable[[], bytes]] = {
    "flate bomb": lambda: page_with(stream(b"0 0 m " * 50_000_000)),
    "flate in flate in flate": lambda: page_with(stream(b"0" * 300_000_000, packed=3)),
    "flate a hundred times": lambda: page_with(stream(b"0", packed=100)),
    "operators": lambda: page_with(stream(b"(a) Tj " * 2_000_000)),
    "operands": lambda: page_with(stream(b"[" * 100_000 + b"1 " * 2_000_000)),
    "ten thousand pages": lambda: _pages(10_000),
    "a hundred thousand pages": lambda: _pages(100_000),
    "deep page tree": lambda: _tree(5_000),
    "page tree in a ring": lambda: pdf([b"<</Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"]),
    "huge cross reference": lambda: _xref_stream(100_000_000),
    "cross reference in a ring": lambda: pdf([b"<</Pages 2 0 R>>"], trailer=b"/Prev 60"),
    "object stream": lambda: _object_stream(200_000),
    "deep array": lambda: page_with(b"[" * 200_000 + b"]" * 200_000),
    "deep dictionary": lambda: page_with(b"<</A" * 100_000),
    "form that draws itself": _endless_form,
    "deep fields": lambda: _fields(20_000),
    "wide picture": _wide_picture,
    "picture for another program": _jbig2,
    "no end": lambda: b"%PDF-1.4\n" + b"1 0 obj\n<<" * 300_000,
    "startxref only": lambda: b"%PDF-1.4\n" + b"startxref\n9\n" * 200_000,
    "zip bomb": lambda: zipped([(f"{n}.csv", b"0" * 50_000_000) for n in range(3)]),
    "zip that lies": _lying_zip,
    "zip of many": lambda: zipped([(f"{n}", b"") for n in range(20_000)]),
    "zip in zip in zip": lambda: zipped([("a.zip", zipped([("b.zip", zipped([("c.csv", b"c")]))]))]),
    "zip that says it is a workbook": lambda: _sheet(b'<c r="XFD1048576"/>'),
    "workbook bomb": lambda: _sheet(b"<row><c/></row>" * 8_000_000),
    "picture of a billion pixels": lambda: png(40_000, 40_000),
    "picture of a hundred million pixels": lambda: png(10_000, 10_000, b"\0" * 100_010_000),
    "picture at the limit": lambda: png(8_000, 7_990, b"\0" * 63_927_990),
    "picture without end": lambda: png(2_000, 2_000),
    "picture of a thousand pages": lambda: _frames(1_000),
    "mail in mail in mail": lambda: _nested_mails(1_000),
    "gzip bomb": lambda: gzip.compress(b"0" * 100_000_000),
    "nothing": lambda: b"",
    "zeros": lambda: b"\0" * 1_000_000,
    "one line": lambda: b"1" * 3_000_000,
    "a million lines": lambda: b"\n" * 1_000_000,
    "numbers": lambda: b"1 234 " * 400_000,
    "factures": lambda: b"facture n " * 200_000,
}
