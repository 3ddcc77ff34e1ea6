"""The letter on paper with a code: what proves that the people at the postal address of a PS agree.

Owns: its page, A4, for a French DL envelope with a window (address at 110 mm from the left, 48 mm from the top; nothing
else stands in that window, the code is below the first fold). Real text, one page; same values, same bytes. Pure;
total: lines that are too long or too many are made smaller or left out. Known limits: those of the standard fonts
(`pdf_text`), and of `pdf_tags`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from mailbot.letters import page, pdf_text, words
from mailbot.letters.mime import Organisation
from mailbot.letters.pdf_tags import TaggedCanvas
from mailbot.letters.pdf_text import ACCENT, BOLD, INK, PLAIN, SOFT, STYLES, Style
from mailbot.letters.words import NBSP

_LEFT, _RIGHT = 20 * mm, A4[0] - 20 * mm
_WINDOW_LEFT, _WINDOW_TOP, _WINDOW_WIDTH = 110 * mm, 48 * mm, 85 * mm
_BODY_TOP = 106 * mm  # below the first fold (99 mm), out of the window
_QR = 36 * mm
_WINDOW_SIZE, _READABLE, _LEADING = 11.0, 8.0, 5 * mm
_MAX_LINES = 6  # of an address (NF Z 10-011), with the name of the PS above them
_MONO, _CODE_SIZE = "Courier-Bold", 17.5
_TITLE = "Code pour enregistrer une adresse électronique"
_FORT, _TEXTE = STYLES["fort"], Style(10.5, 15, INK)


def pdf(
    organisation: Organisation,
    *,
    code: str,
    numero_ps: str,
    raison_sociale: str,
    address_lines: tuple[str, ...],
    applicant: str,
    asked: str,
    registration_address: str,
    until: date,
    now: datetime,
) -> bytes:
    """The letter. `code`: 26 characters [a-z2-7]; `applicant`: the address that asks, `asked`: for what; `until`: the
    last day on which the code counts; `now` in the time zone of the PS."""
    buffer = io.BytesIO()
    canvas = TaggedCanvas(buffer, pagesize=A4, invariant=1, lang="fr-FR")
    canvas.setTitle(pdf_text.latin(_TITLE))
    canvas.setAuthor(pdf_text.latin(words.inert(organisation.name, 80)))
    canvas.made(now)
    payeur = page.payeur(organisation)
    sender = [payeur["name"], payeur["service"], *payeur["adresse"]]
    numero = words.inert(numero_ps, 20)
    _column(canvas, sender, _LEFT, 20 * mm, 80 * mm, Style(9, 12, SOFT))
    _window(canvas, (raison_sociale, *address_lines))
    _column(
        canvas, [f"Le {words.date_longue(now)}", f"N°{NBSP}PS (AM-FINESS){NBSP}: {numero}"], _LEFT, 62 * mm, 80 * mm
    )
    top = _body(canvas, payeur, applicant, asked, numero)
    top = _code(canvas, shown(code), until, top)
    _how(canvas, payeur, registration_address, shown(code), until, top)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def shown(code: str) -> str:
    """“ABCD EFGH IJKL MNOP QRST UVWX YZ”: in capitals, by four."""
    capitals = code.upper()
    return " ".join(capitals[at : at + 4] for at in range(0, len(capitals), 4))


def link(registration_address: str, code: str) -> str:
    """What the square code opens: a mail that holds the code (`code` as `shown`)."""
    return f"mailto:{quote(registration_address, safe='@+')}?subject={quote(f'Code {code}', safe='')}"


def _window(canvas: TaggedCanvas, lines: Sequence[str]) -> None:
    """Name and address, in ink. A line that is too long for the window is smaller than the others; where that would
    make it hard to read, and there is room, it becomes two."""
    said = [pdf_text.latin(words.inert(line, 80)) for line in lines if line.strip()][: _MAX_LINES + 1]
    for at in reversed(range(len(said))):
        if len(said) <= _MAX_LINES and _window_size(canvas, said[at]) < _READABLE:
            said[at : at + 1] = _halves(said[at])
    canvas.setFillColor(INK)
    for number, line in enumerate(said):
        canvas.setFont(PLAIN, _window_size(canvas, line))
        with canvas.marked("P"):
            canvas.drawString(_WINDOW_LEFT, A4[1] - _WINDOW_TOP - _WINDOW_SIZE - number * _LEADING, line)


def _halves(line: str) -> list[str]:
    """The line in two at the blank nearest to its middle; whole where it has none."""
    blanks = [at for at, char in enumerate(line) if char == " "]
    middle = min(blanks, key=lambda at: abs(2 * at - len(line)), default=0)
    return [line[:middle], line[middle + 1 :]] if middle else [line]


def _window_size(canvas: TaggedCanvas, line: str) -> float:
    """The size in points at which this line fits into the window."""
    wide = canvas.stringWidth(line, PLAIN, _WINDOW_SIZE)
    return min(_WINDOW_SIZE, _WINDOW_SIZE * _WINDOW_WIDTH / wide) if wide else _WINDOW_SIZE


def _body(canvas: TaggedCanvas, payeur: dict[str, object], applicant: str, asked: str, numero: str) -> float:
    top = _column(canvas, [_TITLE], _LEFT, _BODY_TOP, _RIGHT - _LEFT, Style(15, 20, INK, BOLD)) + 4 * mm
    said = [
        "Madame, Monsieur,",
        "",
        words.typographie(f"Pour votre n°{NBSP}PS{NBSP}{numero}, l’adresse électronique que voici demande à {asked} :"),
    ]
    top = _column(canvas, said, _LEFT, top, _RIGHT - _LEFT, _TEXTE) + 1.5 * mm
    top = _column(canvas, [words.inert(applicant, 254)], _LEFT + 6 * mm, top, _RIGHT - _LEFT - 6 * mm, _FORT) + 1.5 * mm
    why = (
        f"Les bordereaux disent quelles factures {payeur['name']} refuse, pourquoi, et que faire. Ils parlent de vos "
        "patients : nous n’y envoyons donc rien sans votre accord. Ce courrier le demande, parce qu’il arrive à "
        "l’adresse postale de votre cabinet ou de votre établissement."
    )
    return _column(canvas, [words.typographie(why)], _LEFT, top, _RIGHT - _LEFT, _TEXTE) + 5 * mm


def _code(canvas: TaggedCanvas, said: str, until: date, top: float) -> float:
    """The code in its frame."""
    height = 20 * mm
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(1.2)
    with canvas.artifact():
        canvas.roundRect(_LEFT, A4[1] - top - height, _RIGHT - _LEFT, height, 2 * mm)
    label = f"Votre code, valable jusqu’au {words.date_longue(until)} inclus"
    _column(canvas, [label], _LEFT + 5 * mm, top + 2 * mm, _RIGHT - _LEFT - 10 * mm, Style(9, 12, ACCENT, BOLD))
    canvas.setFont(_MONO, _CODE_SIZE)
    canvas.setFillColor(INK)
    with canvas.marked("P"):
        canvas.drawString(_LEFT + 5 * mm, A4[1] - top - 14 * mm, said)
    return top + height + 7 * mm


def _how(
    canvas: TaggedCanvas,
    payeur: dict[str, object],
    registration_address: str,
    said: str,
    until: date,
    top: float,
) -> None:
    """What to do on the left, the square code on the right."""
    width = _RIGHT - _LEFT - _QR - 8 * mm
    address = words.inert(registration_address, 254)
    parts = (
        (
            "Vous êtes d’accord",
            f"Au plus tard le {words.date_longue(until)}, envoyez ce code à {address}, depuis l’adresse ci-dessus et "
            "aucune autre. Majuscules et espaces ne comptent pas. Il n’y a ni zéro, ni un, ni huit.",
            "Ou photographiez le carré avec le téléphone qui relève cette adresse : le message s’écrit tout seul.",
        ),
        (
            "Vous n’êtes pas d’accord, ou ne connaissez pas cette adresse",
            "Ne faites rien : sans ce code, rien n’est enregistré et rien ne change. Ne le donnez à personne.",
        ),
        *((("Une question, un doute ?", f"Appelez-nous au {payeur['phone']}."),) if payeur["phone"] else ()),
    )
    _square(canvas, link(registration_address, said), top)
    for title, *lines in parts:
        top = _column(canvas, [words.typographie(title)], _LEFT, top, width)
        top = _column(canvas, [words.typographie(one) for one in lines], _LEFT, top, width, _TEXTE) + 4 * mm


def _square(canvas: TaggedCanvas, target: str, top: float) -> None:
    widget = QrCodeWidget(target, barLevel="M", barWidth=_QR, barHeight=_QR, barBorder=0)
    drawing = Drawing(_QR, _QR)
    drawing.add(widget)
    with canvas.artifact():
        renderPDF.draw(drawing, canvas, _RIGHT - _QR, A4[1] - top - _QR)


def _column(
    canvas: TaggedCanvas, said: Sequence[str], left: float, top: float, width: float, style: Style = _FORT
) -> float:
    """Paragraphs one below the other; gives where they end, from the top of the page."""
    for paragraph in said:
        flowable = pdf_text.Text(paragraph, style)
        _, height = flowable.wrap(width, A4[1])
        flowable.drawOn(canvas, left, A4[1] - top - height)
        top += height
    return top
