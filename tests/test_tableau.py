"""The CSV of a bordereau: a program reads it, a spreadsheet opens it, nothing in it runs."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mailbot.letters import page, tableau
from mailbot.letters.lignes import Ligne
from tests.letters_house import NIR, NOW, TOKEN, house, ligne


def table(*lignes: Ligne, full: bool = False) -> list[dict[str, str]]:
    link = page.lien("r@example.fr", TOKEN)
    fiches = [page.fiche(house(), one, full, link, NOW.date()) for one in lignes]
    raw = tableau.of(lignes, fiches, f"mb-{TOKEN}")
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_row_says_what_the_page_says() -> None:
    (row,) = table(ligne(motif="MANQUE_DETAIL", detail="DATE_FACTURE", limite=date(2028, 1, 28)))
    assert tuple(row) == tableau.COLUMNS
    assert row["reference"] == f"mb-{TOKEN}"
    assert (row["numero_lot"], row["numero_facture"], row["date_reception"]) == ("20260131", "000123", "2026-01-31")
    assert (row["motif"], row["precision"], row["anomalie"]) == ("MANQUE_DETAIL", "DATE_FACTURE", "2403")
    assert (row["montant_total"], row["part_rc"], row["limite"]) == ("1234.56", "14.37", "2028-01-28")
    assert "la date de la facture" in row["reponse"]
    assert "Complétez la facture elle-même" in row["a_faire"]
    assert row["nir"] == "••••••••••017" and row["date_naissance"] == "••/••/1957"


def test_where_all_may_be_shown_a_program_gets_the_nir_without_spaces() -> None:
    (row,) = table(ligne(), full=True)
    assert row["nir"] == NIR and row["date_naissance"] == "07/03/1957"


@given(st.text(), st.text(), st.sampled_from(["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "a;b\r\n=c", '"']))
def test_no_cell_runs_and_none_is_lost(nom: str, critere: str, hostile: str) -> None:
    rows = table(ligne(hostile, nom=nom, critere_archivage=critere + hostile), ligne("2", critere_archivage=hostile))
    assert len(rows) == 2
    for row in rows:
        assert None not in row
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert not [cell for cell in row.values() if "\n" in cell]
