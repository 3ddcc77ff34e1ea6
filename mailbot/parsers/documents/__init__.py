"""What was attached to a mail: told by content, opened, read. The one entry to the reading of documents. Start here.

Owns the composition: `lots` reads lots, `documents_pdf` PDF, `documents_images` pictures, `archives` what archives
hold, `mime` mails attached to the mail; `documents_text` finds what a text names. Pure: nothing is written, started or
fetched. Never raises for what a document holds: what cannot be read is `DocumentKind.OTHER`, or less is read, each with
a French warning without personal data. Limits of time and memory are those of the process around it (`reading`).
A document is evidence: nothing here says that it is true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mailbot.errors import Never
from mailbot.model.documents import Document, DocumentKind, Source
from mailbot.model.factures import LotFile
from mailbot.model.mails import Attachment, Clues
from mailbot.parsers import b2, lots
from mailbot.parsers.b2.format import Format
from mailbot.parsers.documents import archives, pdf
from mailbot.parsers.documents import images as documents_images
from mailbot.parsers.documents import text as documents_text
from mailbot.parsers.documents.archives import Budget
from mailbot.parsers.mail import body, containers, mime, quoting
from mailbot.parsers.mail import headers as header_fields

#: A document, and its pages that a text recogniser has still to read (PGM).
Read = tuple[Document, tuple[bytes, ...]]

MAX_NESTED = 2  # an archive in an archive, or in an attached mail
_FEW_MISSING = 8  # a table that lacks more mandatory columns than this was never meant as a lot
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MAIL_TYPES = {"message/rfc822", "message/global"}
_NAMED = {"pdf": "PDF", "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "xlsx": "classeur", "zip": "archive zip"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}


def read(attachment: Attachment, called: str, aliases: Mapping[str, str], b2_format: Format) -> tuple[Read, ...]:
    """The document, then what it holds. `called` is how messages name it: a file name may hold a patient's."""
    reading = _Reading(aliases, b2_format)
    return tuple(reading.read(attachment, called, "", MAX_NESTED))


def recognised(document: Document, text: str) -> Document:
    """The scan with the text that was recognised in it."""
    return documents_text.described(document, text)


class _Reading:
    """One attachment and all that it holds, under one budget."""

    def __init__(self, aliases: Mapping[str, str], b2_format: Format) -> None:
        self._aliases = aliases
        self._b2_format = b2_format
        self._budget = Budget()
        self._pages = documents_images.MAX_PAGES

    def read(self, attachment: Attachment, called: str, inside: str, depth: int) -> Iterator[Read]:
        raw = attachment.content
        digest = attachment.sha256 or hashlib.sha256(raw).hexdigest()
        plain = Document(
            attachment.filename,
            attachment.content_type,
            digest,
            len(raw),
            DocumentKind.OTHER,
            Source.FILE,
            inside=inside,
        )
        try:
            yield from map(self._few, self._opened(plain, raw, called, depth))
        except Never as error:
            yield replace(plain, warnings=(error.reason,)), ()

    def _few(self, found: Read) -> Read:
        """So many pages to recognise for one attachment, however many pictures its archive holds."""
        document, pages = found
        if len(pages) > self._pages:
            warning = f"plus de {documents_images.MAX_PAGES} pages d’images dans cette pièce jointe"
            document, pages = replace(document, warnings=(*document.warnings, warning)), pages[: self._pages]
        self._pages -= len(pages)
        return document, pages

    def _opened(self, plain: Document, raw: bytes, called: str, depth: int) -> Iterator[Read]:
        if not raw:
            raise Never("document vide")
        if plain.content_type in _SIGNATURES:
            yield plain, ()
        elif b"%PDF-" in raw[:1024]:
            yield _mind(plain, "PDF", _pdf(plain, raw))
        elif picture := documents_images.kind(raw):
            yield _mind(plain, picture, _picture(plain, raw, picture))
        elif archives.is_zip(raw):
            if archives.office(raw) == "document":
                raise Never("document bureautique : il n’a pas été lu ; le PDF convient")
            if archives.office(raw):
                yield _mind(plain, "classeur", (self._table_or_text(plain, raw, called), ()))
            else:
                yield from self._archive(plain, raw, called, depth)
        elif plain.content_type in _MAIL_TYPES or plain.filename.lower().endswith(".eml"):
            yield from self._mail(plain, raw, called, depth)
        elif closed := archives.other_kind(raw):
            raise Never(f"archive {closed} : seules les archives zip sont ouvertes")
        else:
            yield self._table_or_text(plain, raw, called), ()

    def _archive(self, plain: Document, raw: bytes, called: str, depth: int) -> Iterator[Read]:
        plain = replace(plain, kind=DocumentKind.ARCHIVE, source=Source.ARCHIVE)
        if not depth:
            yield replace(plain, warnings=("archive dans une archive : elle n’a pas été ouverte",)), ()
            return
        opened = archives.open_archive(raw, self._budget)
        yield replace(plain, warnings=tuple(opened.warnings)), ()
        for number, (name, content) in enumerate(opened.members, 1):
            member = Attachment(name, "application/octet-stream", len(content), "", content)
            yield from self.read(member, f"{called}, élément {number}", plain.filename or "archive jointe", depth - 1)

    def _mail(self, plain: Document, raw: bytes, called: str, depth: int) -> Iterator[Read]:
        plain = replace(plain, kind=DocumentKind.MAIL)
        if not depth:
            yield replace(plain, warnings=("mail dans un mail joint : il n’a pas été ouvert",)), ()
            return
        mail = mime.open_mail(raw)
        containers.open_all(mail)
        text, _ = body.marked_text(mail)
        said = documents_text.described(plain, quoting.unmarked(text))
        yield replace(said, warnings=tuple(mail.exceeded)), ()
        for number, one in enumerate(body.attachments(mail), 1):
            yield from self.read(one, f"{called}, pièce {number}", plain.filename or "mail joint", depth - 1)

    def _table_or_text(self, plain: Document, raw: bytes, called: str) -> Document:
        lot = lots.read(raw, called, self._aliases, self._b2_format)
        if lot.lots or lot.factures or b2.looks_like(raw, self._b2_format) or _meant_as_lot(lot):
            return replace(plain, kind=DocumentKind.LOT, lot=lot, content=raw)
        if archives.is_zip(raw) or raw.startswith(_OLD_OFFICE):
            raise Never(lot.refus[0].raison if len(lot.refus) == 1 else "classeur qui n’est pas un lot")
        if b"\0" in raw:
            raise Never("format inconnu : il n’a pas été lu")
        text = header_fields.printable(header_fields.eight_bit(raw[: 4 * documents_text.MAX_TEXT]))
        return documents_text.described(replace(plain, kind=DocumentKind.TEXT), text.replace("\r\n", "\n"))


def _pdf(plain: Document, raw: bytes) -> Read:
    found = pdf.read(raw)
    plain = replace(plain, pages=found.pages, source=Source.PDF, warnings=tuple(found.warnings))
    if found.ours:
        # The words of this page are our own: they name every refused invoice. Only what was filled in is new.
        tokens = Clues(tokens=tuple(dict.fromkeys((found.ours, *(one.token for one in found.fields)))))
        form = replace(plain, kind=DocumentKind.FORM, fields=found.fields, found=tokens, text=found.text)
        return form, ()
    if found.pictures:
        scan = replace(plain, kind=DocumentKind.SCAN, source=Source.OCR)
        return documents_text.described(scan, found.text), tuple(found.pictures)
    if not found.text:
        nothing = "PDF sans texte ni image que l’on puisse lire"
        return replace(plain, warnings=(*plain.warnings, nothing)), ()
    return documents_text.described(replace(plain, kind=DocumentKind.TEXT), found.text), ()


def _picture(plain: Document, raw: bytes, picture: str) -> Read:
    if picture == "HEIC":
        raise Never("photo au format HEIC : elle n’a pas été lue ; le PDF ou le JPEG convient")
    pages = documents_images.pages(raw)
    if not pages:
        return plain, ()  # a logo, not a document
    return replace(plain, kind=DocumentKind.SCAN, source=Source.OCR, pages=len(pages)), pages


def _mind(plain: Document, what: str, found: Read) -> Read:
    """A word where the file is not what its name says."""
    said = _NAMED.get(plain.filename.lower().rpartition(".")[2])
    if said is None or said == what:
        return found
    warning = f"le nom annonce : {said} ; le contenu est : {what}"
    return replace(found[0], warnings=(*found[0].warnings, warning)), found[1]


def _meant_as_lot(lot: LotFile) -> bool:
    """A table that a column or two keep from being a lot: its refusals say which."""
    missing = [one for one in lot.refus if one.colonne]
    return bool(missing) and len(missing) <= _FEW_MISSING
