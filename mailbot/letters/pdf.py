"""The PDF copy of a bordereau: the same words as the mail, on A4, as real text, and a form to answer with.

Owns: the page. It is drawn from the very context that the templates get, so it is masked as the mail is. Same context,
same bytes (`invariant`), with the day of the letter in its properties. Tagged for screen readers (`pdf_tags`). Known
limits: those of the standard fonts (`pdf_text`) and of the tags.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as _Table

from mailbot.letters import pdf_form
from mailbot.letters.pdf_tags import TaggedCanvas
from mailbot.letters.pdf_text import ACCENT, PLAIN, SOFT, item, latin
from mailbot.letters.pdf_text import text as _p
from mailbot.letters.reponses import Bloc
from mailbot.letters.words import NBSP

# Streams as they are: base64 comes with the mail, ASCII85 below it would cost a tenth of the time and of the size.
rl_config.useA85 = 0

_TIGHT: tuple[Any, ...] = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
)
_BOX, _RULE = HexColor("#e8f3f5"), HexColor("#d9e0e7")
_MARGIN = 18 * mm
_PADDING = 6  # that of reportlab's own frame
_WIDTH = A4[0] - 2 * (_MARGIN + _PADDING)
_COUNT = "pages"
_COUNT_WIDTH = 22  # points for “ / 999”


class _Numbered(TaggedCanvas):
    """A canvas that says on each page how many there are: a drawing that is made when the last one is done."""

    def save(self) -> None:
        if len(self._code):
            self.showPage()
        self.beginForm(_COUNT, 0, -2, _COUNT_WIDTH, 8)
        self.setFont(PLAIN, 8)
        self.setFillColor(SOFT)
        self.drawString(0, 0, f" / {self.pages}")
        self.endForm()
        super().save()


def bordereau(context: Mapping[str, Any], now: datetime | None = None) -> bytes:
    """The PDF of one bordereau, from the context of `page.context`; `now`: when it was made (None: it does not say)."""
    buffer = io.BytesIO()
    footer = latin(f"Réf. {context['reference']} · {context['organisation']['name']} · PS {context['ps']['numero']}")
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN - 4 * mm,
        bottomMargin=_MARGIN,
        title=latin(f"Bordereau du {context['jour']} – PS {context['ps']['numero']}"),
        author=latin(context["organisation"]["name"]),
        lang="fr-FR",
        invariant=1,
    )

    def foot(canvas: Any, page: BaseDocTemplate) -> None:
        canvas.saveState()
        with canvas.artifact():
            canvas.setFont(PLAIN, 8)
            canvas.setFillColor(SOFT)
            canvas.drawString(_MARGIN + _PADDING, 12 * mm, footer)
            right = A4[0] - _MARGIN - _PADDING - _COUNT_WIDTH
            canvas.drawRightString(right, 12 * mm, f"Page {page.page}")
            canvas.translate(right, 12 * mm)
            canvas.doForm(_COUNT)
        canvas.restoreState()
        if now and page.page == 1:
            canvas.made(now)

    document.build(list(_story(context)), onFirstPage=foot, onLaterPages=foot, canvasmaker=_Numbered)
    return buffer.getvalue()


def _story(context: Mapping[str, Any]) -> Iterable[Flowable]:
    yield from _head(context)
    if len(context["fiches"]) > 1:
        yield from _section("En un coup d’œil")
        yield _overview(context["fiches"])
    for fiche in context["fiches"]:
        yield _gap(3)
        yield KeepTogether(list(_card(fiche)))
    if context["retours"]:
        yield from _section("Retours de paiement")
    for retour in context["retours"]:
        yield _gap(2)
        yield KeepTogether(list(_return(retour)))
    if context["conseils"]:
        yield from _section("Avant de nous répondre")
        yield from map(item, context["conseils"])
        if context["masque"]:
            masked = "Pour protéger vos patients, le NIR et la date de naissance sont masqués."
            yield _gap(2)
            yield _p(masked, "doux")
    if context["habitude"]:
        yield from _section("Vos trois derniers mois")
        yield from _habit(context["habitude"])
    if context["bilans"]:
        yield from _section("Vos lots")
        yield _p(context["phrase"])
        for bilan in context["bilans"]:
            yield _gap(2)
            yield _p(f"Lot {bilan.lot}, reçu le {bilan.recu}{NBSP}: {bilan.etat}", "fort")
            yield _p(f"{bilan.factures}{NBSP}: {bilan.compte}.", "doux")
    form = list(pdf_form.rows(context["fiches"], context["reference"].removeprefix("mb-"), _WIDTH))
    if form:
        # A form of which one row stands alone on a page is overlooked.
        yield KeepTogether([*_section("Votre réponse"), *form])
    yield KeepTogether(list(_foot(context)))


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


def _overview(fiches: Sequence[Any]) -> Flowable:
    """A line for each invoice."""
    rows: list[list[Any]] = [
        [_p(head, "doux") for head in (f"N°{NBSP}de facture", "Patient", "Motif")] + [_p("Montant", "doux à droite")]
    ]
    for fiche in fiches:
        said = [_p(one, "ligne") for one in (fiche.facture, fiche.patient or "non précisé", fiche.bref)]
        rows.append([*said, _p(fiche.montant, "ligne à droite")])
    widths = (_WIDTH * 0.18, _WIDTH * 0.32 - 6, _WIDTH * 0.36, _WIDTH * 0.14)
    table = _Table(rows, colWidths=widths, repeatRows=1)
    ruled = ("LINEABOVE", (0, 1), (-1, -1), 0.4, _RULE)
    table.setStyle(TableStyle([*_TIGHT, ruled, ("RIGHTPADDING", (0, 0), (-2, -1), 6)]))
    return table


def _card(fiche: Any) -> Iterable[Flowable]:
    yield HRFlowable(width="100%", thickness=1.2, color=ACCENT, spaceBefore=0, spaceAfter=2 * mm)
    yield _p(fiche.motif, "motif")
    amount = [_p(fiche.montant, "somme")] if fiche.montant else []
    if amount and fiche.part_rc:
        amount.append(_p(f"dont RC {fiche.part_rc}", "doux à droite"))
    title = [_p(f"Facture n°{NBSP}{fiche.facture}", "facture"), _p(fiche.patient or "Patient non précisé", "doux")]
    yield _table([[title, amount]], (_WIDTH * 0.7, _WIDTH * 0.3))
    yield _gap(1)
    yield _p("Notre réponse", "doux")
    yield from _blocs(fiche.raison)
    if fiche.a_faire:
        yield _gap(1)
        by_when = [_gap(1), _p(f"Délai{NBSP}: {fiche.delai[:1].lower()}{fiche.delai[1:]}")] if fiche.delai else []
        yield _box([_p("À faire", "faire"), *_blocs(fiche.a_faire), *by_when])
    yield _gap(1)
    yield _details(fiche)


def _details(fiche: Any) -> Flowable:
    """Two facts a line, the dictionary's words over the whole width."""
    facts = [
        ("NIR", fiche.nir or "absent"),
        ("Date de naissance", fiche.naissance or "absente"),
        ("Lot", f"{fiche.lot}, reçu le {fiche.recu}"),
        ("Critère d’archivage", fiche.critere),
    ]
    rows: list[list[Any]] = []
    for (label, value), (label_2, value_2) in zip(facts[::2], facts[1::2], strict=True):
        rows.append([_p(label, "doux"), _p(value, "valeur"), _p(label_2, "doux"), _p(value_2, "valeur")])
    spans: list[Any] = []
    if fiche.anomalie:
        texts = (
            (f"Anomalie {fiche.anomalie.numero}", fiche.anomalie.libelle),
            ("Consigne", fiche.anomalie.consigne),
        )
        for label, value in texts:
            spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
            rows.append([_p(label, "doux"), _p(value, "valeur"), "", ""])
    ruled = ("LINEABOVE", (0, 0), (-1, -1), 0.4, _RULE)
    return _table(rows, (_WIDTH * 0.16, _WIDTH * 0.4, _WIDTH * 0.2, _WIDTH * 0.24), [ruled, *spans])


def _return(retour: Any) -> Iterable[Flowable]:
    yield _p(f"Facture n°{NBSP}{retour.facture}, lot {retour.lot}{NBSP}: {retour.etat}", "fort")
    who = (retour.patient or "Patient non précisé", f"NIR{NBSP}: {retour.nir or 'absent'}")
    yield _p(" · ".join((*who, f"Date de naissance{NBSP}: {retour.naissance or 'absente'}")), "doux")
    for anomalie in retour.anomalies:
        yield _p(f"Anomalie{NBSP}: {anomalie.quoi}")
        yield _p(f"Consigne{NBSP}: {anomalie.consigne}")


def _habit(habitude: Any) -> Iterable[Flowable]:
    yield _p(habitude.phrase)
    if habitude.motif:
        yield _p(f"Votre motif le plus fréquent{NBSP}: {habitude.motif}.")
    if habitude.conseil:
        yield _gap(1)
        yield _box([_p("Notre conseil", "faire"), _p(habitude.conseil)])


def _foot(context: Mapping[str, Any]) -> Iterable[Flowable]:
    organisation = context["organisation"]
    yield _gap(6)
    yield HRFlowable(width="100%", thickness=0.6, color=_RULE, spaceAfter=2 * mm)
    lines = [organisation["name"], organisation["service"], organisation["adresse_en_ligne"]]
    if organisation["phone"]:
        lines.append(f"Téléphone{NBSP}: {organisation['phone']}")
    # On paper there is no message to answer.
    lines.append(f"Copie de notre message du {context['jour']}. Pour y répondre{NBSP}: {context['reponse']}")
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
            yield from map(item, bloc.lignes)
        else:
            for line in bloc.lignes:
                yield _p(line)
                yield _gap(0.6)


def _box(content: list[Flowable]) -> Flowable:
    table = _Table([[[flowable]] for flowable in content], colWidths=(_WIDTH,))
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), _BOX),
                ("LINEBEFORE", (0, 0), (0, -1), 2.5, ACCENT),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, 0), 4),
                ("BOTTOMPADDING", (0, -1), (-1, -1), 5),
            ]
        )
    )
    return table


def _table(rows: list[list[Any]], widths: Sequence[float], more: Sequence[Any] = ()) -> Flowable:
    table = _Table(rows, colWidths=tuple(widths))
    table.setStyle(TableStyle([*_TIGHT, *more]))
    return table


def _gap(millimetres: float) -> Spacer:
    return Spacer(0, millimetres * mm)
