"""Lots: each sentence of data.md, "Lots", and round trips through every dialect."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Acte, LotFile, LotKey
from mailbot.parsers import identifiers, lot_table

COLUMNS = [
    "numero_lot",
    "critere_archivage",
    "date_reception",
    "numero_ps",
    "numero_facture",
    "date_facture",
    "nir",
    "nom",
    "prenom",
    "date_naissance",
    "rang_naissance",
    "specialite",
    "taux_ro",
    "destinataire",
    "part_assure",
    "parcours_soins",
    "type_document",
    "document",
    "tache_numero_ps",
    "mention",
    "numero_pec",
    "montant_total",
    "part_rc_demandee",
    "code_acte",
    "date_soins",
    "coefficient",
    "quantite",
    "prix_unitaire",
    "montant",
    "part_ro",
    "part_rc",
    "numero_adeli",
]
NIR = "2950199126111"
ROW = {
    "numero_lot": "L1",
    "critere_archivage": "0123456789",
    "date_reception": "02/03/2026",
    "numero_ps": "750100125",
    "numero_facture": "00123",
    "date_facture": "2026-03-01",
    "nir": NIR,
    "nom": "VOLMAR",
    "prenom": "Zoé",
    "date_naissance": "14/07/1995",
    "specialite": "PHAR",
    "taux_ro": "65",
    "destinataire": "oc",
    "montant_total": "37,50",
    "part_rc_demandee": "12.5",
    "code_acte": "PH7",
    "date_soins": "28/02/2026",
    "coefficient": "1,5",
    "quantite": "2",
    "prix_unitaire": "12,71",
    "montant": "25,42",
    "part_ro": "-1",
    "part_rc": "0,3",
}
NO_ACT = dict.fromkeys(
    ("code_acte", "date_soins", "coefficient", "quantite", "prix_unitaire", "montant", "part_ro", "part_rc"), ""
)


def raw(*rows: dict[str, str], columns: list[str] = COLUMNS, separator: str = ";", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(columns)
    writer.writerows([[(ROW | row).get(column, "") for column in columns] for row in rows])
    return text.getvalue().encode(encoding)


def read(*rows: dict[str, str]) -> LotFile:
    return lot_table.read_lot(raw(*rows), "lot.csv", {})


def test_an_invoice_is_read_with_its_values() -> None:
    (facture,) = read({}).factures
    assert facture.lot == LotKey("750100125", "L1", date(2026, 3, 2))
    assert (facture.numero_facture, facture.numero, facture.nir, facture.nir_valide) == ("00123", "123", NIR, True)
    assert (facture.date_naissance, facture.rang_naissance, facture.taux_ro) == ("1995-07-14", 1, Decimal(65))
    assert (facture.montant_total, facture.part_rc_demandee, facture.part_assure) == (3750, 1250, None)
    assert (facture.type_document, facture.recapitulatif) == ("facture_informatique", None)
    assert facture.actes == (Acte("PH7", date(2026, 2, 28), Decimal("1.5"), Decimal(2), 1271, 2542, -100, 30, ""),)


def test_rows_in_any_order_agree_as_values() -> None:
    key = f"{identifiers.nir_key(NIR):02d}"
    other = {"numero_facture": "9"}
    same = {"numero_facture": "123", "nir": f"2 95 01 99 126 111 {key}", "date_reception": "2026-03-02"}
    same |= {"part_rc_demandee": "12,50", "rang_naissance": "01", "taux_ro": "65,00", "code_acte": "PH4"}
    first, second = read({}, other, same).factures
    assert (first.numero_facture, [acte.code_acte for acte in first.actes]) == ("00123", ["PH7", "PH4"])
    assert second.numero == "9"


@pytest.mark.parametrize(
    "column", ["nom", "date_facture", "montant_total", "part_rc_demandee", "specialite", "taux_ro"]
)
def test_rows_that_disagree_refuse_the_invoice_with_both_lines_named(column: str) -> None:
    value = {"nom": "AUTRE", "specialite": "BIO", "date_facture": "01/02/2026"}.get(column, "1")
    found = read({}, {"numero_facture": "7"}, {column: value})
    assert [facture.numero for facture in found.factures] == ["7"]
    (refus,) = found.refus
    assert (refus.ligne, refus.colonne, refus.facture) == (4, column, "00123")
    assert "lignes 2 et 4" in refus.raison
    assert "AUTRE" not in refus.valeur


def test_a_recapitulatif_has_totals_and_acts_of_its_own() -> None:
    recap = {"document": "recapitulatif", "montant_total": "1", "part_rc_demandee": "", "numero_facture": "0123"}
    (facture,) = read(recap, {}, recap | {"code_acte": "PH2"}).factures
    assert (facture.numero_facture, facture.montant_total, len(facture.actes)) == ("00123", 3750, 1)
    assert facture.recapitulatif is not None
    assert (facture.recapitulatif.montant_total, facture.recapitulatif.part_rc_demandee) == (100, None)
    assert [acte.code_acte for acte in facture.recapitulatif.actes] == ["PH7", "PH2"]
    assert read(recap, recap | {"montant_total": "2"}, {}).refus[0].ligne == 3


def test_an_invoice_of_recapitulatif_rows_only_has_no_act_and_no_totals() -> None:
    (facture,) = read({"document": "recapitulatif"}).factures
    assert (facture.actes, facture.montant_total, facture.part_rc_demandee) == ((), None, None)
    assert facture.numero_facture == "00123"


def test_a_row_without_act_cells_is_no_act_but_carries_the_invoice() -> None:
    assert read(NO_ACT).factures[0].actes == ()
    assert len(read(NO_ACT, {}).factures[0].actes) == 1
    assert len(read(NO_ACT | {"montant": "1"}).factures[0].actes) == 1


def test_a_number_of_zeros_is_empty() -> None:
    (facture,) = read({"numero_facture": "000"}, {"numero_facture": ""}).factures
    assert (facture.numero_facture, facture.numero) == ("", "")


def test_a_nir_never_refuses_a_lot() -> None:
    found = [read({"nir": nir}).factures[0] for nir in ("12 34", "", "000", NIR + "00")]
    assert [(f.nir, f.nir_valide) for f in found] == [("1234", False), ("", True), ("", True), (NIR + "00", False)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("numero_lot", ""),
        ("date_reception", ""),
        ("date_reception", "31/02/2026"),
        ("date_facture", "1/2/2026"),
        ("date_soins", "20260228"),
        ("montant_total", "1,234"),
        ("montant", "1e3"),
        ("montant", "1 000,00"),
        ("montant", "1\u00a0000"),
        ("montant", "1_0"),
        ("montant", "NaN"),
        ("montant", "١"),
        ("montant", "12,"),
        ("montant", "9" * 5000),
        ("coefficient", "inf"),
        ("taux_ro", "65 %"),
        ("rang_naissance", "²"),
        ("specialite", "phar"),
        ("destinataire", "OC"),
        ("parcours_soins", "peut-être"),
        ("type_document", "papier"),
        ("document", "copie"),
        ("mention", "duplicata"),
    ],
)
def test_a_bad_value_refuses_its_invoice_by_name_and_the_others_go_on(column: str, value: str) -> None:
    found = read({}, {"numero_facture": "7"}, {column: value})
    assert [facture.numero for facture in found.factures] == ["7"]
    (refus,) = found.refus
    assert (refus.fichier, refus.ligne, refus.colonne, refus.facture) == ("lot.csv", 4, column, "00123")
    assert "la facture n° 00123 est refusée en entier" in refus.raison
    assert refus.valeur[:80] == value.strip()[:80]


def test_an_unreadable_reception_date_takes_the_invoice_in_every_lot_of_that_number() -> None:
    later, other = {"date_reception": "2026-03-09"}, {"numero_lot": "L2"}
    found = read({}, later, other, {"date_reception": "?"})
    assert [facture.lot.numero_lot for facture in found.factures] == ["L2"]
    assert "L1 du 02/03/2026, L1 du 09/03/2026" in found.refus[0].raison


def test_personal_values_are_masked() -> None:
    shown = read({"nom": "VOLMAR\0", "specialite": NIR}).refus[0]
    assert (shown.colonne, shown.valeur) == ("nom", "V••••••")
    assert NIR not in read({"specialite": NIR}).refus[0].valeur


def test_a_line_cut_short_refuses_its_invoice() -> None:
    cut = raw({}, {"numero_facture": "7"}) + b"L1;0123456789;2026-03-02;750100125;123;2026\r\n"
    found = lot_table.read_lot(cut, "lot.csv", {})
    assert [facture.numero for facture in found.factures] == ["7"]
    assert found.refus[0].raison.startswith("6 cellules au lieu de 32")


def test_each_missing_mandatory_column_is_named_and_the_others_may_be_absent() -> None:
    optional = (
        "taux_ro part_assure parcours_soins type_document document tache_numero_ps mention numero_pec numero_adeli"
    )
    columns = [column for column in COLUMNS if column not in optional.split()]
    assert len(lot_table.read_lot(raw({}, columns=columns), "lot.csv", {}).factures) == 1
    for column in columns:
        found = lot_table.read_lot(raw({}, columns=[other for other in COLUMNS if other != column]), "lot.csv", {})
        assert found.factures == ()
        assert [(refus.ligne, refus.colonne) for refus in found.refus] == [(1, column)]


def test_an_unreadable_file_is_one_refusal_and_a_header_alone_is_an_empty_lot() -> None:
    assert [refus.ligne for refus in lot_table.read_lot(b"", "lot.csv", {}).refus] == [0]
    assert read() == LotFile((), (), ())


def test_of_a_lot_in_two_files_the_later_counts_even_when_it_was_refused() -> None:
    old = read({}, {"numero_facture": "7"}, {"numero_lot": "L2"})
    new = read({"montant_total": "1"})
    refused = read({"montant_total": "x"})
    assert [(f.numero_lot, f.montant_total) for f in lot_table.merge([old, new]).factures] == [
        ("L2", 3750),
        ("L1", 100),
    ]
    merged = lot_table.merge([old, refused])
    assert [f.numero_lot for f in merged.factures] == ["L2"]
    assert merged.refus == refused.refus


def test_a_corsican_ps_number_and_a_strange_birth_date_are_read() -> None:
    (facture,) = read(
        {"numero_ps": "2A0002689", "date_naissance": "00/13/1950", "tache_numero_ps": "2B0002689"}
    ).factures
    assert (facture.numero_ps, facture.date_naissance) == ("200102689", "00/13/1950")
    assert facture.tache_numero_ps == "200202689"


MONEY = st.integers(-(10**6), 10**6)
INVOICES = st.lists(
    st.fixed_dictionaries(
        {
            "numero_lot": st.sampled_from(["L1", "L2"]),
            "numero_facture": st.from_regex(r"[0-9]{1,4}", fullmatch=True),
            "nom": st.sampled_from(["D’ARC", "ÉLUARD"]),
            "montant_total": MONEY.map(lambda cents: f"{cents / 100:.2f}".replace(".", ",")),
            "code_acte": st.sampled_from(["A", "B", ""]),
            "document": st.sampled_from(["", "facture", "recapitulatif"]),
            "quantite": st.decimals(0, 9, places=3).map(str),
        }
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(INVOICES, st.sampled_from(";,\t"), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_a_lot_says_the_same_in_every_dialect_and_as_a_workbook(
    rows: list[dict[str, str]], separator: str, encoding: str
) -> None:
    plain = lot_table.read_lot(raw(*rows), "lot", {})
    assert lot_table.read_lot(raw(*rows, separator=separator, encoding=encoding), "lot", {}) == plain
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(raw(*rows).decode()), delimiter=";"):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    assert lot_table.read_lot(target.getvalue(), "lot", {}) == plain


@settings(max_examples=60, deadline=None)
@given(INVOICES)
def test_rows_in_runs_or_one_by_one_give_the_same_invoices(rows: list[dict[str, str]]) -> None:
    """A refused row elsewhere in the chunk switches to the slow way: what the others give must not change."""
    bad = {"numero_lot": "L9", "montant": "x"}
    assert read(*rows, bad).factures == read(*rows).factures


@settings(deadline=None)
@given(INVOICES, st.integers(0, 2000), st.binary(max_size=4))
def test_a_damaged_lot_is_read_or_refused_never_silently_empty(
    rows: list[dict[str, str]], place: int, damage: bytes
) -> None:
    whole = raw(*rows)
    found = lot_table.read_lot(whole[:place] + damage + whole[place + 1 :], "lot", {})
    assert found.factures or found.refus or not rows
