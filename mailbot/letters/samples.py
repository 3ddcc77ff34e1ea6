"""Invented people and invoices on which templates and texts are tried before they count.

Owns: one refusal for every motif of the catalogue, every détail and every erreur, a page without refusals, and values
at their limits (nothing known, long names, marks that HTML must escape). Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from mailbot.letters import bordereau, confirmation, page
from mailbot.letters.lignes import Bilan, House, Ligne

TOKEN = "exemple2exemple3exemple456"  # noqa: S105 - the reference of a letter that is never sent
NOW = datetime(2026, 2, 1, 7, 30, tzinfo=UTC)
NUMERO_PS = "750099991"
RAISON_SOCIALE = "PHARMACIE DU PORT"
ADRESSE = "contact@pharmacie-du-port.example.fr"

_PATIENTS = (
    ("LENOIR", "Camille", "1957-03-07", "2570399001017"),
    ("DE LA TOUR D’ARGENT-VANDEKERKHOVE", "Marie-Élisabeth", "1984-12-25", "2841299002029"),
    ("O'BRIEN <&>", "Zoé", "", ""),
)


def lignes(house: House) -> tuple[Ligne, ...]:
    """One row for every motif, détail and erreur of the catalogue of this house."""
    return tuple(_ligne(number, *codes) for number, codes in enumerate(_codes(house)))


def contexts(house: House) -> dict[str, list[dict[str, Any]]]:
    """Sample contexts by kind, for `Templates.check` and for a preview."""
    rows = bordereau.pages(lignes(house), 10)
    count = sum(map(len, rows))
    clean = Bilan("20260117", date(2026, 1, 17), 9, 9, 0, 0, 0)
    bilans = (clean, Bilan("20260131", date(2026, 1, 31), count + 11, 9, count, 1, 1))
    pages = [_page(house, chunk, bilans, at, len(rows)) for at, chunk in enumerate(rows, 1)]
    pages.append(_page(house, (), (clean,), 1, 1))
    organisation = house.organisation
    letter = confirmation.page_context(organisation, ADRESSE, NUMERO_PS, RAISON_SOCIALE, TOKEN, NOW)
    return {"bordereau": pages, "confirmation": [letter]}


def _page(house: House, rows: tuple[Ligne, ...], bilans: tuple[Bilan, ...], at: int, total: int) -> dict[str, Any]:
    return page.context(
        house,
        contact=ADRESSE,
        numero_ps=NUMERO_PS,
        raison_sociale=RAISON_SOCIALE,
        lignes=rows,
        bilans=bilans if at == 1 else (),
        index=at,
        total=total,
        token=TOKEN,
        now=NOW,
    )


def _codes(house: House) -> Iterator[tuple[str, str, str]]:
    for motif in house.libelles.motifs:
        if motif == "MANQUE_DETAIL":
            yield from ((motif, detail, "") for detail in house.libelles.details)
        elif motif == "ERREUR_CONTENU_FACTURE":
            yield from ((motif, "", erreur) for erreur in house.libelles.erreurs)
        else:
            yield motif, "", ""


def _ligne(number: int, motif: str, detail: str, erreur: str) -> Ligne:
    nom, prenom, naissance, nir = _PATIENTS[number % len(_PATIENTS)]
    known = number % len(_PATIENTS) != 2
    return Ligne(
        numero_lot="20260131",
        date_reception=date(2026, 1, 31),
        critere_archivage=f"{4000000000 + number}",
        numero_ps=NUMERO_PS,
        nir=nir,
        numero_facture=f"{26000 + number}",
        numero_brut=f"{26000 + number}",
        nom=nom,
        prenom=prenom,
        date_naissance=naissance,
        montant_total=4790 + 1111 * number if known else None,
        part_rc=1437 if known else None,
        motif=motif,
        detail=detail,
        erreur=erreur,
        date=date(2026, 1, 5) if known else None,
        commentaire=str(26000 - number) if known and not detail else "",
    )
