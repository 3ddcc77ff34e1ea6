"""The bordereau: what a PS reads about its refused invoices and its lots.

Owns: which rows stand on which page, what each row says, the subject and the business key. Rows of another PS, or an
invoice that nobody can name ("0"), never go out: `compose` raises `Never`. What the page says is `page.py`'s.
Pure: texts, settings, token and time are arguments. Known limit: with `privacy.plain: encrypted` the mail and its PDF
are masked (the encrypted PDF needs a secret agreed with the PS).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from mailbot.errors import Never
from mailbot.letters import mime, page, pdf, words
from mailbot.letters.lignes import Bilan, House, Libelles, Ligne
from mailbot.letters.mime import Contents
from mailbot.letters.page import reponse_en_bref
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

__all__ = ["Bilan", "House", "Libelles", "Ligne", "business_key", "compose", "pages", "reponse_en_bref", "subject"]


def pages(lignes: Iterable[Ligne], max_rows: int) -> list[tuple[Ligne, ...]]:
    """Rows in the order lot, then invoice number, in chunks of at most `max_rows`. Numbers inside a text sort as
    numbers (lot 9 before lot 10)."""
    ordered = sorted(lignes, key=lambda ligne: (_natural(ligne.numero_lot), _natural(ligne.numero_facture), ligne.nir))
    step = max(1, max_rows)
    return [tuple(ordered[at : at + step]) for at in range(0, len(ordered), step)]


def business_key(numero_ps: str, lignes: Sequence[Ligne], bilans: Sequence[Bilan], index: int, total: int) -> str:
    """The same rows for the same PS have the same key, whenever they are composed (SHA-256, hexadecimal)."""
    parts = ["bordereau", numero_ps, f"{index}/{total}"]
    for ligne in lignes:
        codes = (ligne.motif, ligne.detail, ligne.erreur)
        parts += [ligne.numero_lot, ligne.date_reception.isoformat(), ligne.numero_brut, ligne.nir, *codes]
    for bilan in bilans:
        counts = (bilan.factures, bilan.acceptees, bilan.refusees, bilan.a_saisir, bilan.en_cours)
        parts += [bilan.numero_lot, bilan.date_reception.isoformat(), *map(str, counts)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


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
    key: str = "",
) -> Draft:
    """One bordereau for one PS, frozen. `index` of `total` (from 1); the lots stand on the first one only.

    `now` is aware, in the time zone that the PS lives in: its calendar day is printed. Raises `Never` where a row is
    not this PS's, or an invoice has no name.
    """
    for ligne in lignes:
        if ligne.numero_ps != numero_ps:
            raise Never("une ligne du bordereau n’est pas de ce PS : rien n’est envoyé")
        if ligne.numero_facture in ("", "0"):
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
    )
    copy = (f"bordereau-mb-{token}.pdf", pdf.bordereau(context)) if house.pdf else None
    contents = Contents(
        subject=subject(len(lignes), index, total, numero_ps),
        text=house.templates.text("bordereau", context),
        html=house.templates.html("bordereau", context),
        pdf=copy,
    )
    key = key or business_key(numero_ps, lignes, shown, index, total)
    kind = LetterKind.BORDEREAU
    return mime.draft(kind, key, numero_ps, contact, contents, house.organisation, house.outbox, token, now)


def subject(count: int, index: int, total: int, numero_ps: str) -> str:
    """No name, no NIR, no invoice number; the PS number at the end."""
    what = f"{words.pluriel(count, 'facture refusée', 'factures refusées')}" if count else "Vos lots sont traités"
    rank = f" ({index}/{total})" if total > 1 else ""
    return f"{what}{rank} – PS {words.inert(numero_ps, 20)}".replace(NBSP, " ")


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key: runs of digits by value (length, then digits: no limit of size), the rest as text, after digits."""
    key = []
    for part in re.findall(r"[0-9]+|[^0-9]+", text):
        digits = part.lstrip("0")
        key.append((0, len(digits), digits) if part.isascii() and part.isdigit() else (1, 0, part))
    return tuple(key)
