"""The workbook of the gestionnaire, opened as Excel would."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from mailbot.letters import trame
from mailbot.letters.trame import Cas
from mailbot.model import Refus, Route, Saisie, Status
from mailbot.model.references import Agaps
from tests.letters_house import NIR, NOW, PS, catalogue

#: data.md, “Trame workbook”, with the payer of the test.
COLUMNS = """
opérateur SSTT
SSTT – traité le
gestionnaire Rivages
Rivages – traité le
critère d'archivage
n° PS
numéro de sécurité sociale
numéro de la facture
réponse à votre réclamation
motif de traitement
manque détail
date
erreur contenu facture
montant demandé <> calculé
part RC demandée <> calculée
commentaires complémentaires
raison sociale du PS
mail du PS
fax du PS
n° dans la voie
complément au n°
type de voie
libellé de voie
complément adresse
code postal
commune
""".strip().splitlines()

AGAPS = Agaps(PS, "CABINET DU PORT", "MG", "", "", "0199000001", "12", "bis", "RUE", "DES PHARES", "", "01200", "BREST")


def cas(**changes: Any) -> Cas:
    values: dict[str, Any] = {
        "numero_lot": "20260131",
        "date_reception": date(2026, 1, 31),
        "critere_archivage": "0012345678",
        "numero_ps": PS,
        "nir": NIR,
        "numero_facture": "000123",
        "date_facture": date(2026, 1, 20),
        "montant_total": 1271,
        "part_rc": 381,
        "status": Status.REFUSEE,
        "motif": "DROITS_FERMES",
        "route": Route.GESTIONNAIRE,
        "detail": "",
        "erreur": "",
        "date": None,
        "commentaire": "",
        "saisie": Saisie.AUCUNE,
        "mail": "cabinet@example.fr",
        "agaps": AGAPS,
    }
    return Cas(**{**values, **changes})


def book(*rows: Cas, refus: tuple[Refus, ...] = ()) -> Any:
    content = trame.export(rows, refus, payeur="Rivages", libelles=catalogue(), now=NOW)
    return openpyxl.load_workbook(io.BytesIO(content))


def row(sheet: Any, line: int = 2) -> dict[str, Any]:
    return {head.value: cell for head, cell in zip(sheet[1], sheet[line], strict=True)}


def test_the_columns_stand_in_their_order_under_the_name_of_the_payer() -> None:
    opened = book(cas())
    assert opened.sheetnames == ["Motifs externalisés", "À saisir", "Refusés à l’entrée"]
    assert [cell.value for cell in opened.worksheets[0][1]] == COLUMNS
    assert len(COLUMNS) == 26
    for sheet in opened.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref


def test_identifiers_are_text_and_dates_are_dates() -> None:
    cells = row(book(cas(motif="FACTURE_DEJA_PAYEE", date=date(2026, 1, 5))).worksheets[0])
    texts = {
        "critère d'archivage": "0012345678",
        "n° PS": PS,
        "numéro de sécurité sociale": NIR,
        "numéro de la facture": "000123",
        "code postal": "01200",
        "fax du PS": "0199000001",
        "raison sociale du PS": "CABINET DU PORT",
        "mail du PS": "cabinet@example.fr",
        "motif de traitement": "Facture déjà payée",
    }
    for column, value in texts.items():
        assert (cells[column].data_type, cells[column].value) == ("s", value)
        assert cells[column].number_format == "@"
    assert cells["date"].value == datetime(2026, 1, 5)  # noqa: DTZ001 - Excel knows no time zone
    assert cells["date"].number_format == "dd/mm/yyyy"
    assert cells["opérateur SSTT"].value is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_nothing_from_outside_becomes_a_formula_a_link_or_a_number(start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    opened = book(
        cas(numero_facture=evil, commentaire="http://example.org", nir="=1+1", critere_archivage="1E5"),
        refus=(Refus("lots/=x.csv", 3, "nir", "=2+2", evil, "000123"),),
    )
    cells = row(opened.worksheets[0])
    assert (cells["numéro de la facture"].data_type, cells["numéro de la facture"].value) == ("s", evil)
    assert cells["numéro de sécurité sociale"].value == "=1+1"
    assert cells["critère d'archivage"].value == "1E5"
    assert cells["commentaires complémentaires"].hyperlink is None
    for sheet in opened.worksheets:
        assert not [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]


def test_different_amounts_stand_in_their_own_column_and_as_a_comment() -> None:
    said = "demandé 12,71, calculé 12,50"
    sheet = book(
        cas(motif="MONTANT_DIFFERENT", commentaire=said),
        cas(motif="PART_RC_DIFFERENTE", commentaire="demandée 3,81, calculée 3,00"),
    ).worksheets[0]
    assert row(sheet)["montant demandé <> calculé"].value == said
    assert row(sheet)["commentaires complémentaires"].value == said
    assert row(sheet)["part RC demandée <> calculée"].value is None
    assert row(sheet, 3)["part RC demandée <> calculée"].value == "demandée 3,81, calculée 3,00"


def test_details_and_errors_are_in_words() -> None:
    sheet = book(
        cas(motif="MANQUE_DETAIL", detail="PART_RC", route=Route.PS),
        cas(motif="ERREUR_CONTENU_FACTURE", erreur="PLUSIEURS_ADELI", agaps=None, mail=""),
    ).worksheets[0]
    assert row(sheet)["manque détail"].value == catalogue().details["PART_RC"]
    assert row(sheet, 3)["erreur contenu facture"].value == catalogue().erreurs["PLUSIEURS_ADELI"]
    assert row(sheet, 3)["raison sociale du PS"].value is None


def test_every_invoice_stands_on_the_sheet_where_it_belongs() -> None:
    opened = book(
        cas(numero_facture="1", route=Route.PS),
        cas(numero_facture="2", saisie=Saisie.DEMATERIALISER),
        cas(numero_facture="3", status=Status.A_SAISIR, motif="", route=None, saisie=Saisie.SAISIR),
        cas(numero_facture="4", status=Status.ACCEPTEE, motif="", route=None),
        refus=(
            Refus("lots/a.csv", 3, "nir", "1•••••••••••1", "NIR mal formé", "5"),
            Refus("lots/b.csv", 0, "", "", "vide"),
        ),
    )
    motifs, saisie, refus = opened.worksheets
    assert [line[7].value for line in motifs.iter_rows(min_row=2)] == ["1", "2"]
    assert [(line[0].value, line[7].value) for line in saisie.iter_rows(min_row=2)] == [
        ("à dématérialiser (refusée)", "2"),
        ("à saisir", "3"),
    ]
    assert row(saisie)["montant total"].value == 12.71
    assert [cell.value for cell in refus[2]] == ["lots/a.csv", "3", "nir", "1•••••••••••1", "NIR mal formé", "5"]
    assert refus["B3"].value is None


def test_an_empty_day_is_a_workbook_too_and_the_same_day_the_same_bytes() -> None:
    assert [sheet.max_row for sheet in book().worksheets] == [1, 1, 1]
    first, second = (trame.export((cas(),), (), payeur="R", libelles=catalogue(), now=NOW) for _ in range(2))
    assert first == second
