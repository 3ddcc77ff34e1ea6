"""10,000 invented mails of 3 KB to 300 KB for the bench of `inspect`: everything follows from one seed.

What a service mailbox gets, in the mix and the shapes that mail programs write: short answers above a quoted
bordereau (plain, or plain and HTML), answers with a scan or a lot attached, long threads, notices that a letter could
not be delivered, automatic replies. Sizes are spread evenly over the decades (half of the mails are below 30 KB).
"""

from __future__ import annotations

import base64
import random
import zlib
from email.message import EmailMessage
from email.policy import SMTP

import people

COUNT = 10_000
SEED = 20_260_821
SMALLEST, LARGEST = 3_000, 300_000
_ENCODINGS = ("quoted-printable", "base64", "8bit")
_SENTENCES = (
    "Bonjour, voici la facture corrigée que vous avez demandée le mois dernier.",
    "La carte du patient était valable à la date des soins, vous la trouverez ci-joint.",
    "Pouvez-vous me dire pourquoi cet acte n’est pas payé ? Nous l’avons déjà envoyé deux fois.",
    "Le montant de la part complémentaire a été revu après votre message.",
    "Je vous appelle demain si rien n’est arrivé. Bien à vous.",
)


def write(number: int) -> bytes:
    """Mail `number`, always the same bytes."""
    draw = random.Random(SEED + number)
    size = int(SMALLEST * (LARGEST / SMALLEST) ** draw.random())
    shape = _SHAPES[number % len(_SHAPES)]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Cabinet {people.STARTS[number % 16]}{people.ENDS[number % 13]} <ps{number}@example.fr>"
    mail["To"] = "service.fluxtiers@example.fr"
    mail["Subject"] = f"RE: Bordereau de rejets n° {number} – PS {people.ps(number)}"
    mail["Date"] = f"Mon, {2 + number % 26:02} Mar 2026 09:{number % 60:02}:00 +0100"
    mail["Message-ID"] = f"<{number}.bench@example.fr>"
    mail["In-Reply-To"] = f"<mb-{_token(draw)}@example.fr>"
    for hop in range(draw.randrange(3, 9)):
        mail["Received"] = f"from relais{hop}.example.org by relais{hop + 1}.example.org; {mail['Date']}"
    shape(mail, number, size, draw)
    return mail.as_bytes()


def _token(draw: random.Random) -> str:
    return "".join(draw.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(26))


def _said(draw: random.Random, number: int) -> str:
    lines = [draw.choice(_SENTENCES) for _ in range(draw.randrange(2, 7))]
    lines.append(f"Facture n° {100_000 + number}, patient {people.nir(number)}.")
    return "\n".join([*lines, "", "Le secrétariat", ""])


def _rows(draw: random.Random, size: int) -> list[str]:
    """The rows of a quoted bordereau, about `size` characters of them."""
    rows = []
    while size > 0:
        rows.append(f"LOT{draw.randrange(999):03}  {draw.randrange(10**6)}  {draw.choice(_SENTENCES)}")
        size -= len(rows[-1]) + 4
    return rows


def _quoted(draw: random.Random, size: int) -> str:
    above = "\nLe lun. 2 mars 2026 à 08:00, Service Flux Tiers <service.fluxtiers@example.fr> a écrit :\n\n"
    return above + "\n".join(f"> {row}" for row in _rows(draw, size)) + "\n"


def _plain(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    mail.set_content(_said(draw, number) + _quoted(draw, size), cte=_ENCODINGS[number % 3])


def _html(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    said, rows = _said(draw, number), _rows(draw, size // 3)
    mail.set_content(said + _quoted(draw, size // 5), cte=_ENCODINGS[number % 2])
    cells = "".join(f'<tr><td style="padding:4px 8px;border:1px solid #ccd">{row}</td></tr>' for row in rows)
    mail.add_alternative(
        f"<html><body><div>{said.replace(chr(10), '<br>')}</div><div class='gmail_quote'>Le lun. 2 mars 2026 a écrit :"
        f"<blockquote class='gmail_quote'><table>{cells}</table></blockquote></div></body></html>",
        subtype="html", cte=_ENCODINGS[number % 2],
    )  # fmt: skip


def _only_html(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    quoted = "<p class=MsoNormal><span style='font-size:11.0pt'>{}<o:p></o:p></span></p>"
    rows = "".join(quoted.format(row) for row in _rows(draw, size // 2))
    said = _said(draw, number).replace("\n", "<br>")
    mail.set_content(
        f"<html><head><style>p.MsoNormal {{margin:0cm}}</style></head><body lang=FR><p class=MsoNormal>{said}</p>"
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>De :</b> Service Flux Tiers<br>"
        "<b>Envoyé :</b> lundi 2 mars 2026 08:00<br><b>À :</b> Cabinet<br><b>Objet :</b> Bordereau</p></div>"
        f"{rows}</body></html>",
        subtype="html", cte="quoted-printable",
    )  # fmt: skip


def _scan(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    mail.set_content(_said(draw, number) + _quoted(draw, 1_500), cte="quoted-printable")
    noise = draw.randbytes(max(size * 3 // 4 - 2_000, 500))
    mail.add_attachment(noise, "image", "jpeg", filename=f"numérisation {number}.jpg")


def _lot(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    mail.set_content(_said(draw, number), cte="8bit")
    lines = [";".join(str(draw.randrange(10**5)) for _ in range(20)) for _ in range(max(size // 170, 5))]
    mail.add_attachment("\r\n".join(lines).encode(), "text", "csv", filename=f"lot_{number}.csv")


def _document(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    mail.set_content(_said(draw, number) + _quoted(draw, 2_000), cte="base64")
    packed = zlib.compress(base64.b64encode(draw.randbytes(max(size * 3 // 4 - 3_000, 500))))
    mail.add_attachment(b"%PDF-1.4\n" + packed, "application", "pdf", filename="facture.pdf")


def _away(mail: EmailMessage, number: int, size: int, draw: random.Random) -> None:
    del mail["Subject"]
    mail["Subject"] = "Réponse automatique : Bordereau de rejets"
    mail["Auto-Submitted"] = "auto-replied"
    away = "Bonjour, je suis absent jusqu’au 24/08.\n"
    mail.set_content(away + _quoted(draw, min(size, 8_000)), cte="quoted-printable")


_SHAPES = (_plain, _html, _html, _only_html, _scan, _html, _lot, _document, _plain, _away)
