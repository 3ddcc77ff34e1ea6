"""The bordereau: what a PS reads about its refused invoices, its payments and its lots.

Owns: which rows stand on which page, what each row says, the subject and the business key. Rows of another PS, or an
invoice that nobody can name ("0"), never go out: `compose` raises `Never`. What the page says is `page.py`'s.
Pure: texts, settings, token and time are arguments.

With `privacy.plain: encrypted` the mail is masked, and its PDF says all to whoever knows the phrase of the contact
(`pdf_lock`). A trusted domain gets everything in clear, as with the other profiles; without a phrase the PDF is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from mailbot.errors import Never
from mailbot.letters import mime, page, tableau, words
from mailbot.letters.lignes import Bilan, House, Libelles, Ligne, Trimestre
from mailbot.letters.mime import Contents, Organisation
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
    "Trimestre",
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
    trimestre: Trimestre | None = None,
    phrase: str = "",
    csv: bool = False,
    refus: int = 0,
) -> Draft:
    """One bordereau for one PS, frozen. `index` of `total` (from 1); lots and three months stand on the first one only.

    `now` is aware, in the time zone that the PS lives in: its calendar day is printed. `phrase` opens the PDF where
    privacy wants it closed; `csv`: the contact asked for the table; `refus`: see `page.context`. Raises `Never` where a
    row is not this PS's, or an invoice has no name.
    """
    # What writes PDF takes seconds to load where no compiled code is kept: the first copy pays, small verbs do not.
    from mailbot.letters import pdf, pdf_lock

    _check(numero_ps, [(ligne.numero_ps, ligne.numero_facture) for ligne in lignes])
    _check(numero_ps, [(retour.numero_ps, retour.numero_facture) for retour in retours])
    first, privacy = index == 1, house.privacy
    closed = words.closes(contact, privacy.plain, privacy.full_domains) and phrase != ""

    def shown(full: bool | None = None) -> dict[str, Any]:
        return page.context(
            house,
            contact=contact,
            numero_ps=numero_ps,
            raison_sociale=raison_sociale,
            lignes=lignes,
            bilans=tuple(bilans) if first else (),
            index=index,
            total=total,
            token=token,
            now=now,
            retours=retours,
            trimestre=trimestre if first else None,
            jointes=tuple(_attached(closed, closed or house.pdf, csv and len(lignes) > 0, house.organisation)),
            full=full,
            refus=refus,
        )

    context = shown()
    name = f"bordereau-mb-{token}"
    copy = pdf.bordereau(shown(full=True) if closed else context, now) if closed or house.pdf else None
    if copy and closed:
        copy = pdf_lock.locked(copy, phrase)
    contents = Contents(
        subject=subject(context["titre"], index, total, numero_ps),
        text=house.templates.text("bordereau", context),
        html=house.templates.pieces("bordereau", context),
        pdf=(f"{name}.pdf", copy) if copy else None,
        csv=(f"{name}.csv", tableau.of(lignes, context["fiches"], context["reference"])) if csv and lignes else None,
    )
    kind = LetterKind.BORDEREAU
    return mime.draft(kind, key, numero_ps, contact, contents, house.organisation, house.outbox, token, now)


def _check(numero_ps: str, rows: Iterable[tuple[str, str]]) -> None:
    for ps, numero_facture in rows:
        if ps != numero_ps:
            raise Never("une ligne du bordereau n’est pas de ce PS : rien n’est envoyé")
        if numero_facture in ("", "0"):
            raise Never("une facture sans numéro ni date de soins ne part pas dans un bordereau")


def _attached(closed: bool, copy: bool, csv: bool, organisation: Organisation) -> Iterator[str]:
    """What comes with the mail. The phrase is never asked for by mail: that is what it protects from."""
    if closed:
        phone = words.telephone(organisation.phone)
        call = f"Appelez-nous au {phone}" if phone else "Demandez-la à notre service par téléphone"
        yield words.typographie(
            "Le PDF joint contient le NIR et la date de naissance en entier. Il est protégé : ouvrez-le avec la phrase "
            f"secrète remise pour cette adresse. Vous ne l’avez pas ? {call} : elle ne se demande pas par mail."
        )
    elif copy:
        yield "Une copie de ce bordereau est jointe en PDF."
    if csv:
        yield "Les mêmes factures sont jointes en CSV, pour votre logiciel."


def subject(titre: str, index: int, total: int, numero_ps: str) -> str:
    """What the page says first (`page.titre`): no name, no NIR, no invoice number; the PS number at the end."""
    rank = f" ({index}/{total})" if total > 1 else ""
    return f"{titre}{rank} – PS {words.inert(numero_ps, 20)}".replace(NBSP, " ")


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key: runs of digits by value (length, then digits: no limit of size), the rest as text, after digits."""
    key = []
    for part in re.findall(r"[0-9]+|[^0-9]+", text):
        digits = part.lstrip("0")
        key.append((0, len(digits), digits) if part.isascii() and part.isdigit() else (1, 0, part))
    return tuple(key)
