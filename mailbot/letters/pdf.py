"""The PDF copy of a bordereau: the same words as the mail, on A4, as real text.

Owns: the page. It is drawn from the very context that the templates get, so it is masked as the mail is. Same context,
same bytes (`invariant`). Known limits: reportlab's standard fonts cover Windows-1252; any other letter is shown without
its accent, or as “?”. Not tagged, not encrypted.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as _Table

from mailbot.letters.reponses import Bloc
from mailbot.letters.words import NBSP

_INK, _SOFT, _ACCENT = HexColor("#16202c"), HexColor("#4a5664"), HexColor("#0a5a6c")
_ALERT, _BOX, _RULE = HexColor("#93330f"), HexColor("#e8f3f5"), HexColor("#d9e0e7")
_MARGIN = 18 * mm
_PADDING = 6  # that of reportlab's own frame
_WIDTH = A4[0] - 2 * (_MARGIN + _PADDING)


@cache
def _style(name: str) -> ParagraphStyle:
    sizes: dict[str, tuple[float, float, Color, bool]] = {
        "marque": (10, 13, _ACCENT, True),
        "titre": (19, 24, _INK, True),
        "chapeau": (11, 15, _SOFT, False),
        "texte": (10, 14, _INK, False),
        "fort": (10, 14, _INK, True),
        "doux": (9, 12, _SOFT, False),
        "facture": (13, 17, _INK, True),
        "somme": (13, 17, _INK, True),
        "motif": (10, 14, _ALERT, True),
        "faire": (10, 14, _ACCENT, True),
        "valeur": (9, 12, _INK, False),
    }
    size, leading, color, bold = sizes[name]
    return ParagraphStyle(
        name,
        fontName="Helvetica-Bold" if bold else "Helvetica",
        fontSize=size,
        leading=leading,
        textColor=color,
        alignment=TA_RIGHT if name == "somme" else 0,
    )


def bordereau(context: Mapping[str, Any]) -> bytes:
    """The PDF of one bordereau, from the context of `page.context`."""
    buffer = io.BytesIO()
    footer = _latin(f"Réf. {context['reference']} · {context['organisation']['name']} · PS {context['ps']['numero']}")
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=_latin(f"Bordereau du {context['jour']} – PS {context['ps']['numero']}"),
        author=_latin(context["organisation"]["name"]),
        lang="fr-FR",
        invariant=1,
    )

    def foot(canvas: Canvas, page: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN + _PADDING, 12 * mm, footer)
        canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 12 * mm, f"Page {page.page}")
        canvas.restoreState()

    document.build(list(_story(context)), onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue()


def _story(context: Mapping[str, Any]) -> Iterable[Flowable]:
    yield from _head(context)
    for fiche in context["fiches"]:
        yield _gap(4)
        yield KeepTogether(list(_card(fiche)))
    if context["conseils"]:
        yield from _section("Avant de nous répondre")
        yield from _list(context["conseils"])
        if context["masque"]:
            masked = "Pour protéger vos patients, le NIR et la date de naissance sont masqués."
            yield _gap(2)
            yield _p(masked, "doux")
    if context["bilans"]:
        yield from _section("Vos lots")
        yield _p(context["phrase"])
        for bilan in context["bilans"]:
            yield _gap(2)
            yield _p(f"Lot {bilan.lot}, reçu le {bilan.recu}{NBSP}: {bilan.etat}", "fort")
            yield _p(f"{bilan.factures}{NBSP}: {bilan.compte}.", "doux")
    yield from _foot(context["organisation"])


def _head(context: Mapping[str, Any]) -> Iterable[Flowable]:
    organisation, ps = context["organisation"], context["ps"]
    name = " · ".join(part for part in (organisation["name"], organisation["service"]) if part)
    yield _p(name, "marque")
    yield _gap(3)
    yield _p(context["titre"], "titre")
    yield _p(context["sous_titre"], "chapeau")
    yield _gap(3)
    if ps["raison_sociale"]:
        yield _p(ps["raison_sociale"], "fort")
    yield _p(f"N°{NBSP}PS (AM-FINESS){NBSP}: {ps['numero']} · Bordereau du {context['jour']}", "doux")


def _card(fiche: Any) -> Iterable[Flowable]:
    yield HRFlowable(width="100%", thickness=1.2, color=_ACCENT, spaceBefore=0, spaceAfter=3 * mm)
    yield _p(fiche.motif, "motif")
    amount = [_p(fiche.montant, "somme")] if fiche.montant else []
    title = [_p(f"Facture n°{NBSP}{fiche.facture}", "facture"), _p(fiche.patient or "Patient non précisé", "doux")]
    yield _table([[title, amount]], (_WIDTH * 0.7, _WIDTH * 0.3))
    yield _gap(2)
    yield _p("Réponse", "doux")
    yield from _blocs(fiche.raison)
    if fiche.a_faire:
        yield _gap(2)
        yield _box([_p("À faire", "faire"), *_blocs(fiche.a_faire)])
    yield _gap(2)
    yield _details(fiche)


def _details(fiche: Any) -> Flowable:
    """Two facts a line, the dictionary's words over the whole width."""
    facts = [
        ("Critère d’archivage", fiche.critere),
        (f"N°{NBSP}PS (AM-FINESS)", fiche.numero_ps),
        ("NIR", fiche.nir or "absent"),
        ("Date de naissance", fiche.naissance or "absente"),
        (f"N°{NBSP}de facture", fiche.facture),
        ("Lot", fiche.lot),
        ("Part RC demandée", fiche.part_rc or "absente"),
        ("Lot reçu le", fiche.recu),
    ]
    rows: list[list[Any]] = []
    for (label, value), (label_2, value_2) in zip(facts[::2], facts[1::2], strict=True):
        rows.append([_latin(label), _p(value, "valeur"), _latin(label_2), _p(value_2, "valeur")])
    spans: list[Any] = []
    if fiche.anomalie:
        texts = (
            (f"Anomalie {fiche.anomalie.numero}", fiche.anomalie.libelle),
            ("Consigne", fiche.anomalie.consigne),
        )
        for label, value in texts:
            spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
            rows.append([_latin(label), _p(value, "valeur"), "", ""])
    labels = [("FONT", (0, 0), (-1, -1), "Helvetica", 9, 12), ("TEXTCOLOR", (0, 0), (-1, -1), _SOFT)]
    ruled = ("LINEABOVE", (0, 0), (-1, -1), 0.4, _RULE)
    return _table(rows, (_WIDTH * 0.21, _WIDTH * 0.29, _WIDTH * 0.21, _WIDTH * 0.29), [ruled, *labels, *spans])


def _foot(organisation: Mapping[str, Any]) -> Iterable[Flowable]:
    yield _gap(6)
    yield HRFlowable(width="100%", thickness=0.6, color=_RULE, spaceAfter=2 * mm)
    lines = [organisation["name"], organisation["service"], organisation["adresse_en_ligne"]]
    if organisation["phone"]:
        lines.append(f"Téléphone{NBSP}: {organisation['phone']}")
    for line in lines:
        if line:
            yield _p(line, "doux")


def _section(title: str) -> Iterable[Flowable]:
    yield CondPageBreak(35 * mm)
    yield _gap(6)
    yield _p(title, "facture")
    yield _gap(1)


def _blocs(blocs: Sequence[Bloc]) -> Iterable[Flowable]:
    for bloc in blocs:
        if bloc.liste:
            yield from _list(bloc.lignes)
        else:
            for line in bloc.lignes:
                yield _p(line)
                yield _gap(0.6)


def _list(items: Iterable[str]) -> Iterable[Flowable]:
    style = ParagraphStyle("liste", parent=_style("texte"), leftIndent=12, bulletIndent=2)
    for item in items:
        yield Paragraph(escape(_latin(item)), style, bulletText="•")


def _box(content: list[Flowable]) -> Flowable:
    table = _Table([[[flowable]] for flowable in content], colWidths=(_WIDTH,))
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), _BOX),
                ("LINEBEFORE", (0, 0), (0, -1), 2.5, _ACCENT),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, 0), 6),
                ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
            ]
        )
    )
    return table


def _table(rows: list[list[Any]], widths: Sequence[float], more: Sequence[Any] = ()) -> Flowable:
    commands: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    table = _Table(rows, colWidths=tuple(widths))
    table.setStyle(TableStyle([*commands, *more]))
    return table


def _p(text: str, style: str = "texte") -> Paragraph:
    return Paragraph(escape(_latin(text)), _style(style))


def _gap(millimetres: float) -> Spacer:
    return Spacer(0, millimetres * mm)


def _latin(text: str) -> str:
    """Text that the standard fonts can show."""
    text = text.replace("\u202f", NBSP)
    try:
        text.encode("cp1252")
        return text
    except UnicodeEncodeError:
        return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    """The character itself, failing that without its accents (ł has none to drop), failing that “?”."""
    for attempt in (char, unicodedata.normalize("NFKD", char)):
        kept = "".join(c for c in attempt if not unicodedata.combining(c)) if attempt != char else char
        try:
            kept.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return kept
    return "?"
