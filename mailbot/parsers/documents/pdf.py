"""PDF -> text, the fields of our own form, and the pictures of scanned pages. The only module that knows pypdf. Pure.

Owns the bounds (pages, sizes, work), most of which pypdf keeps for us. No program is started for a picture, no address
in a PDF is followed. Raises `Never` (French) for a PDF that cannot be read at all; less is a warning.
Known limits: what was drawn as lines, and the pictures of a page that has text too, are not read; XFA forms are not.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from mailbot.errors import Never
from mailbot.model import forms
from mailbot.model.documents import Field
from mailbot.parsers.documents import images as documents_images
from mailbot.parsers.mail import headers as header_fields

MAX_PAGES = 20  # whose text is read
MAX_FIELDS = 2_000
MAX_VALUE = 2_000  # characters of a field
_WORDS = 20  # a page with fewer characters than this is a picture, if it holds one
_DEPTH = 2  # a scan may lie in a form of a form of its page

_LIMITS: dict[str, Any] = {
    "array_based_stream_maximum_output_length": 20_000_000,
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "brotli_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 80_000_000,
    "stream_parsing_work_maximum_count": 200_000,
    "page_tree_maximum_entries": 20_000,
    "form_fields_maximum_entries": MAX_FIELDS,
    "xform_maximum_invocations_per_extraction": 200,
    "jbig2dec_binary": None,  # pypdf would start this program on what came from outside
}
#: What pypdf lets out for a broken file: "broken PDF files might cause other exceptions" (its errors.py).
_BROKEN = (
    *(PyPdfError, DependencyError, OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(RuntimeError, EOFError, AssertionError, struct.error, zlib.error),
)
_UNREADABLE = (*documents_images.BROKEN, *_BROKEN)

# Its warnings quote the file; a file of a PS is nobody's log.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
logging.getLogger("pypdf").propagate = False


@dataclass(slots=True)
class Pdf:
    """What was read. `ours` is the token of our letter when this is its form, filled in or not; `pictures` are PGM."""

    text: str = ""
    pages: int = 0
    fields: tuple[Field, ...] = ()
    ours: str = ""
    pictures: list[bytes] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read(raw: bytes) -> Pdf:
    """Read a PDF."""
    with apply_configuration(**_LIMITS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = PdfReader(io.BytesIO(raw), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise Never("PDF protégé par un mot de passe : il n’a pas été lu")
            pdf = Pdf(pages=len(reader.pages))
        except FileNotDecryptedError:
            raise Never("PDF protégé par un mot de passe : il n’a pas été lu") from None
        except _BROKEN:
            raise Never("PDF illisible") from None
        _take_fields(reader, pdf)
        pdf.text = "\n\n".join(_texts(reader, pdf))
    return pdf


def _texts(reader: PdfReader, pdf: Pdf) -> Iterator[str]:
    if pdf.pages > MAX_PAGES:
        pdf.warnings.append(f"PDF de {pdf.pages} pages : seules les {MAX_PAGES} premières sont lues")
    for number in range(min(pdf.pages, MAX_PAGES)):
        try:
            page = reader.pages[number]
            text = header_fields.printable(page.extract_text()).strip()
        except _BROKEN:
            pdf.warnings.append(f"PDF : page {number + 1} illisible")
            continue
        if text:
            yield text
        if len(text) < _WORDS:
            _take_picture(page, number, pdf)


def _take_picture(page: PageObject, number: int, pdf: Pdf) -> None:
    """The largest picture of a page without text; pages beyond the limit are told once."""
    try:
        largest = max(_pictures(page, _DEPTH), key=_area, default=None)
        if largest is None:
            return
        if len(pdf.pictures) >= documents_images.MAX_PAGES:
            _once(pdf.warnings, f"PDF scanné : seules {documents_images.MAX_PAGES} pages sont lues")
            return
        if _area(largest) > documents_images.MAX_PIXELS:
            raise ValueError
        image = largest.decode_as_image()
        pdf.pictures.append(documents_images.page(image, int(page.rotation or 0)))
    except _UNREADABLE:
        pdf.warnings.append(f"PDF : l’image de la page {number + 1} est illisible")


def _pictures(holder: DictionaryObject, depth: int) -> Iterator[StreamObject]:
    """The pictures of a page large enough to be a scan, without decoding them."""
    resources = _within(holder, "/Resources")
    for one in list(_within(resources, "/XObject").values())[:MAX_FIELDS]:
        drawn = one.get_object()
        if not isinstance(drawn, StreamObject):
            continue
        if drawn.get("/Subtype") == "/Image":
            if documents_images.large_enough(*_size(drawn)):
                yield drawn
        elif drawn.get("/Subtype") == "/Form" and depth:
            yield from _pictures(drawn, depth - 1)


def _size(picture: StreamObject) -> tuple[int, int]:
    """Pixels across and down, as the PDF says; 0 where it does not."""
    said = [picture.get(key, 0) for key in ("/Width", "/Height")]
    width, height = (one if isinstance(one, int) else 0 for one in said)
    return width, height


def _area(picture: StreamObject) -> int:
    width, height = _size(picture)
    return width * height


def _take_fields(reader: PdfReader, pdf: Pdf) -> None:
    """The fields of our own form. Others are none of ours: their names promise nothing."""
    try:
        found = list(_fields(reader))
    except _BROKEN:
        pdf.warnings.append("PDF : ses champs sont illisibles")
        return
    pdf.ours = found[0].token if found else ""
    if len({one.token for one in found}) > 1:
        pdf.warnings.append("PDF : ses champs viennent de plusieurs de nos lettres")
    pdf.fields = tuple(one for one in found if one.value)


def _fields(reader: PdfReader) -> Iterator[Field]:
    listed = _within(reader.root_object, "/AcroForm").get("/Fields")
    listed = listed.get_object() if listed is not None else None
    if not isinstance(listed, ArrayObject):
        return
    seen: set[tuple[str, int, str]] = set()
    for entry in listed[:MAX_FIELDS]:
        said = entry.get_object()
        if not isinstance(said, DictionaryObject):
            continue
        name, label, value = (str(_plain(said, key)) for key in ("/T", "/TU", "/V"))
        value = " ".join(header_fields.printable(value[:MAX_VALUE]).split())
        one = forms.field(name, header_fields.printable(label[:MAX_VALUE]), value)
        if one and (one.token, one.rejet, one.name) not in seen:
            seen.add((one.token, one.rejet, one.name))
            yield one


def _plain(said: DictionaryObject, key: str) -> object:
    found = said.get(key)
    found = found.get_object() if found is not None else None
    if isinstance(found, StreamObject):
        return found.get_data()[: 4 * MAX_VALUE].decode("utf-8", "replace")
    return found if isinstance(found, str) else ""


def _within(holder: DictionaryObject, key: str) -> DictionaryObject:
    found = holder.get(key)
    found = found.get_object() if found is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _once(reasons: list[str], reason: str) -> None:
    if reason not in reasons:
        reasons.append(reason)
