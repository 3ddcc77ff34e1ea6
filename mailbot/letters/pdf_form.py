"""The form on the PDF copy of a bordereau: per refused invoice, what the PS can write down and send back.

Owns the look of the fields; what they are called is `model.forms`, whose reader gives them back. Nothing personal
stands in the name of a field. Text fields only, without scripts: any reader of PDF can fill them in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.platypus import Flowable, Table, TableStyle

from mailbot.letters import pdf_text
from mailbot.letters.words import NBSP
from mailbot.model import forms

_EDGE = HexColor("#8fa3b3")
_SIZE = 9
_PRINTED, _MULTILINE = 1 << 2, 1 << 12  # flags of an annotation, and of a field (ISO 32000-1, tables 165 and 228)
_HEIGHTS = {"numero_facture": 18, "numero_lot": 18, "reponse": 26}
_LONGEST = {"numero_facture": 40, "numero_lot": 40, "reponse": 500}
_SHARES = (0.2, 0.2, 0.16, 0.44)
_HEADS = ("Facture refusée", f"N°{NBSP}facture corrigée", f"N°{NBSP}de son lot", "Votre réponse ou remarque")
_SIDES = ("TOP", "BOTTOM", "LEFT", "RIGHT")
_HELP = (
    "À remplir à l’écran si cela vous est plus simple : enregistrez ensuite ce fichier et joignez-le à votre réponse."
)


class _Field(Flowable):
    """One text field, empty."""

    def __init__(self, called: tuple[str, str], name: str, width: float) -> None:
        super().__init__()
        self._name, self._label = called[0], pdf_text.latin(called[1])
        self._what = name
        self.width, self.height = width, _HEIGHTS[name]

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas: Any = self.canv  # its two methods below have no public name
        canvas.setStrokeColor(_EDGE)
        canvas.setLineWidth(0.6)
        canvas.rect(0, 0, self.width, self.height)
        form = canvas.acroForm
        if not form.fonts:
            form.makeFont(pdf_text.PLAIN)
        left, bottom = canvas.absolutePosition(0, 0)
        # reportlab's own text field brings a font and a drawing of its empty self for each field: 1 KB and 1 ms.
        widget = PDFDictionary(
            {
                "Type": PDFName("Annot"),
                "Subtype": PDFName("Widget"),
                "FT": PDFName("Tx"),
                "T": PDFString(self._name),
                "TU": PDFString(self._label),
                "V": PDFString(""),
                "Rect": PDFArray((left, bottom, left + self.width, bottom + self.height)),
                "P": canvas._doc.thisPageRef(),
                "F": _PRINTED,
                "Ff": _MULTILINE if self._what == "reponse" else 0,
                "MaxLen": _LONGEST[self._what],
                "DA": PDFString(f"/{form.formFontNames[pdf_text.PLAIN]} {_SIZE} Tf 0 g"),
            }
        )
        canvas._addAnnotation(widget)
        form.fields.append(form.getRef(widget))


def rows(fiches: Iterable[Any], token: str, width: float) -> Iterable[Flowable]:
    """The form, on this width in points; nothing where no refusal of the ledger stands behind the page."""
    known = [fiche for fiche in fiches if fiche.rejet]
    if not known:
        return
    yield pdf_text.text(_HELP, "doux")
    widths = [share * width for share in _SHARES]
    lines: list[list[Any]] = [[pdf_text.text(head, "doux") for head in _HEADS]]
    for fiche in known:
        fields = [
            _Field(forms.called(token, fiche.rejet, name, fiche.facture), name, room - 8)
            for name, room in zip(forms.LABELS, widths[1:], strict=True)
        ]
        title = [pdf_text.text(fiche.facture, "fort"), pdf_text.text(f"lot {fiche.lot}", "doux")]
        lines.append([title, *fields])
    table = Table(lines, colWidths=widths, repeatRows=1)
    edges = [(f"{side}PADDING", (0, 0), (-1, -1), 3.0 if side in ("TOP", "BOTTOM") else 0.0) for side in _SIDES]
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *edges]))
    yield table
