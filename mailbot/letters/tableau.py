"""The refused invoices of a bordereau as a CSV file, for a contact that asked for it: one row each, for a program.

Owns: the columns and their order (`COLUMNS`, only ever appended to). UTF-8 with its mark, `;`, CRLF, dates ISO, amounts
with a point: what a French spreadsheet and a program both open. NIR and birth date stand as the page shows them.
Nothing in a cell can run: one that begins like a formula gets an apostrophe before it. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from mailbot.letters import words
from mailbot.letters.lignes import Ligne
from mailbot.letters.page import Fiche
from mailbot.letters.reponses import Bloc

COLUMNS = (
    "reference", "numero_lot", "date_reception", "critere_archivage", "numero_ps", "numero_facture", "patient", "nir",
    "date_naissance", "montant_total", "part_rc", "motif", "precision", "libelle", "anomalie", "consigne", "reponse",
    "a_faire", "limite",
)  # fmt: skip
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def of(lignes: Sequence[Ligne], fiches: Sequence[Fiche], reference: str) -> bytes:
    """The file. `fiches` are those of `lignes`, in the same order: masks and words are theirs."""
    file = io.StringIO()
    rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for ligne, fiche in zip(lignes, fiches, strict=True):
        rows.writerow(map(_cell, _row(ligne, fiche, reference)))
    return file.getvalue().encode("utf-8-sig", "replace")


def _row(ligne: Ligne, fiche: Fiche, reference: str) -> tuple[str, ...]:
    return (
        reference,
        fiche.lot,
        ligne.date_reception.isoformat(),
        fiche.critere,
        fiche.numero_ps,
        fiche.facture,
        fiche.patient,
        fiche.nir.replace(words.NBSP, ""),
        fiche.naissance,
        _euros(ligne.montant_total),
        _euros(ligne.part_rc),
        ligne.motif,
        ligne.precision,
        fiche.motif,
        fiche.anomalie.numero if fiche.anomalie else "",
        fiche.anomalie.consigne if fiche.anomalie else "",
        _said(fiche.raison),
        _said(fiche.a_faire),
        ligne.limite.isoformat() if ligne.limite and fiche.delai else "",
    )


def _said(blocs: Sequence[Bloc]) -> str:
    return " ".join(line for bloc in blocs for line in bloc.lignes)


def _euros(centimes: int | None) -> str:
    return "" if centimes is None else f"{centimes / 100:.2f}"


def _cell(value: str) -> str:
    text = words.inert(value, 2000)
    return f"'{text}" if text.startswith(_RUNS) else text
