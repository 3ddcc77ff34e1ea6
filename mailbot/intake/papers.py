"""What came with a reply, sorted: lots, our form filled in, documents that name invoices, and the rest. Pure.

A document is evidence. Our own letters and pictures of a signature that come back with a reply are no documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.model.documents import Document, DocumentKind, Field
from mailbot.model.factures import Facture

_LOGO = 40_000  # bytes under which a picture in which nothing was read is taken for a part of a signature
_PICTURES = (".png", ".gif", ".jpg", ".jpeg", ".bmp", ".webp")


@dataclass(frozen=True, slots=True)
class Papers:
    """`useless`: lots of which nothing can be used, with why (French, no personal data)."""

    lots: tuple[Document, ...] = ()
    fields: tuple[Field, ...] = ()
    documents: tuple[Document, ...] = ()
    useless: tuple[str, ...] = ()

    @property
    def factures(self) -> tuple[Facture, ...]:
        return tuple(facture for one in self.lots if one.lot for facture in one.lot.factures)

    @property
    def anything(self) -> bool:
        return bool(self.lots or self.fields or self.documents or self.useless)


def of(documents: Sequence[Document]) -> Papers:
    """The documents of one mail, in order."""
    useless: list[str] = []
    lots: list[Document] = []
    others: list[Document] = []
    for one in documents:
        if one.kind is DocumentKind.LOT and one.lot:
            if one.lot.factures:
                lots.append(one)
            else:
                useless.append(one.lot.refus[0].raison if one.lot.refus else "aucune facture dans ce fichier")
        elif one.kind is not DocumentKind.ARCHIVE and not _ours(one) and not _of_signature(one):
            others.append(one)
    fields = tuple(field for one in documents for field in one.fields)
    return Papers(tuple(lots), fields, tuple(others), tuple(useless))


def _ours(one: Document) -> bool:
    """A letter of ours that comes back, as PDF or as a mail; what was written into its form counts as fields."""
    return bool(one.found.tokens) or one.kind is DocumentKind.FORM


def _of_signature(one: Document) -> bool:
    picture = one.kind is DocumentKind.SCAN or one.filename.lower().endswith(_PICTURES)
    return picture and one.size < _LOGO and not (one.found.numeros_facture or one.found.nirs)
