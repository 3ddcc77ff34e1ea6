"""A document that came with a mail, and what was read in it: evidence, never an order.

Values hold what was read, so they may be personal; warnings are French sentences without personal data.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from mailbot.model.factures import LotFile
from mailbot.model.mails import Clues

_NOTHING = Clues()


class DocumentKind(StrEnum):
    LOT = "lot"
    FORM = "form"  # the PDF copy of a bordereau of ours, with something written into its fields
    TEXT = "text"
    SCAN = "scan"
    ARCHIVE = "archive"
    MAIL = "mail"  # a mail attached to the mail
    OTHER = "other"


class Source(StrEnum):
    """How the words of a document were obtained."""

    FILE = "fichier"
    PDF = "texte PDF"
    OCR = "image (OCR)"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of our form that was filled in.

    `name` is `numero_facture`, `numero_lot` or `reponse`; `invoice` the number of the refused invoice as the form
    shows it; `rejet` the ledger's id of the refusal (0: none) and `token` the reference of the letter, both as the
    form says them: whoever uses them checks that this letter told this refusal to this sender.
    """

    name: str
    value: str
    invoice: str
    rejet: int = 0
    token: str = ""


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day that a text names; `near` is what stands before it on its line, else the line above."""

    value: datetime.date
    near: str


@dataclass(frozen=True, slots=True)
class FoundAmount:
    """Centimes that a text names; `near` as for a day."""

    value: int
    near: str


@dataclass(frozen=True, slots=True)
class Document:
    """One attachment, or one member of an attached archive or mail, which follow what they came in.

    `filename` and `content_type` are text from outside, shown only; `size` in bytes, `sha256` in hexadecimal, both of
    the document itself. `inside` is the file name of the archive or mail that held it ("" for an attachment).
    `content` are the bytes of a lot, for the ledger; empty for every other kind. `pages` counts the pages of a PDF or
    the pictures of a scan (0: it has none).
    """

    filename: str
    content_type: str
    sha256: str
    size: int
    kind: DocumentKind
    source: Source
    found: Clues = _NOTHING
    dates: tuple[FoundDate, ...] = ()
    amounts: tuple[FoundAmount, ...] = ()
    fields: tuple[Field, ...] = ()
    lot: LotFile | None = None
    text: str = ""
    warnings: tuple[str, ...] = ()
    inside: str = ""
    content: bytes = b""
    pages: int = 0
