"""The bordereau: what a PS reads about its refused invoices, its payments and its lots.

Owns: which rows stand on which page, what each row says, the subject and the business key. Rows of another PS, or an
invoice that nobody can name ("0"), never go out: `compose` raises `Never`. What the page says is `page.py`'s.
Pure: texts, settings, token and time are arguments. Known limit: with `privacy.plain: encrypted` the mail and its PDF
are masked (the encrypted PDF needs a secret agreed with the PS).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from mailbot.errors import Never
from mailbot.letters import mime, page, pdf, words
from mailbot.letters.lignes import Bilan, House, Libelles, Ligne
from mailbot.letters.mime import Contents
from mailbot.letters.page import reponse_en_bref
from mailbot.letters.retours import LigneRetour
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

__all__ = [
    "Bilan",
    "House",
    "Libelles",
    "Ligne",
    "LigneRetour",
    "compose",
    "pages",
    "reponse_en_bref",
    "subject",
]

AnyLigne = TypeVar("AnyLigne", Ligne, LigneRetour)


def pages(lignes: Iterable[AnyLigne], max_rows: int) -> list[tuple[AnyLigne, ...]]:
    """Rows in the order lot, then invoice number, in chunks of at most `max_rows`. Numbers inside a text sort as
    numbers (lot 9 before lot 10)."""
    ordered = sorted(lignes, key=lambda ligne: (_natural(ligne.numero_lot), _natural(ligne.numero_facture), ligne.nir))
    step = max(1, max_rows)
    return [tuple(ordered[at : at + step]) for at in range(0, len(ordered), step)]


def compose(
    house: House,
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    lignes: Sequence[Ligne],
    bilans: Sequence[Bilan],
    index: int,
    total: int,
    token: str,
    now: datetime,
    key: str,
    retours: Sequence[LigneRetour] = (),
) -> Draft:
    """One bordereau for one PS, frozen. `index` of `total` (from 1); the lots stand on the first one only.

    `now` is aware, in the time zone that the PS lives in: its calendar day is printed. Raises `Never` where a row is
    not this PS's, or an invoice has no name.
    """
    rows = [(ligne.numero_ps, ligne.numero_facture) for ligne in lignes]
    rows += [(ligne.numero_ps, ligne.numero_facture) for ligne in retours]
    for ps, numero_facture in rows:
        if ps != numero_ps:
            raise Never("une ligne du bordereau n’est pas de ce PS : rien n’est envoyé")
        if numero_facture in ("", "0"):
            raise Never("une facture sans numéro ni date de soins ne part pas dans un bordereau")
    shown = tuple(bilans) if index == 1 else ()
    context = page.context(
        house,
        contact=contact,
        numero_ps=numero_ps,
        raison_sociale=raison_sociale,
        lignes=lignes,
        bilans=shown,
        index=index,
        total=total,
        token=token,
        now=now,
        retours=retours,
    )
    copy = (f"bordereau-mb-{token}.pdf", pdf.bordereau(context)) if house.pdf else None
    contents = Contents(
        subject=subject(len(lignes), index, total, numero_ps, len(retours)),
        text=house.templates.text("bordereau", context),
        html=house.templates.html("bordereau", context),
        pdf=copy,
    )
    kind = LetterKind.BORDEREAU
    return mime.draft(kind, key, numero_ps, contact, contents, house.organisation, house.outbox, token, now)


def subject(count: int, index: int, total: int, numero_ps: str, returned: int = 0) -> str:
    """No name, no NIR, no invoice number; the PS number at the end."""
    what = page.titre(count, returned)
    rank = f" ({index}/{total})" if total > 1 else ""
    return f"{what}{rank} – PS {words.inert(numero_ps, 20)}".replace(NBSP, " ")


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key: runs of digits by value (length, then digits: no limit of size), the rest as text, after digits."""
    key = []
    for part in re.findall(r"[0-9]+|[^0-9]+", text):
        digits = part.lstrip("0")
        key.append((0, len(digits), digits) if part.isascii() and part.isdigit() else (1, 0, part))
    return tuple(key)
