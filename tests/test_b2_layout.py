"""The layout of B2 is data: a wrong edit is shown with file, line and column; a right one changes what is read."""

from __future__ import annotations

import pytest

from mailbot.configuration import folder
from mailbot.errors import ConfigError, Fault
from mailbot.parsers import b2, lot_table
from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2 import specialites as b2_specialites
from mailbot.parsers.b2.format import Format
from tests import b2_files, day
from tests.test_b2 import facture, lot, raw, whole

FORMATS = folder.shipped() / "formats"
LAYOUT = (FORMATS / "b2.csv").read_text("utf-8")
SPECIALITES = (FORMATS / "b2_specialites.csv").read_text("utf-8")


def faults(text: str) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        b2_layout.read(text, "formats/b2.csv")
    return list(caught.value.faults)


def line_of(row: str) -> int:
    return LAYOUT.splitlines().index(row) + 1


@pytest.mark.parametrize(
    ("row", "instead", "column", "said"),
    [
        ("4,76,80,5,0,A,yes,code_acte", "4,75,80,6,0,A,yes,code_acte", 2, "commence en 75 au lieu de 76"),
        ("4,76,80,5,0,A,yes,code_acte", "4,80,76,5,0,A,yes,code_acte", 4, "longueur"),
        ("4,76,80,5,0,A,yes,code_acte", "4,76,80,5,0,A,yes,code_act", 1, "absente"),
        ("4,89,90,2,0,N,yes,denombrement", "4,89,90,2,0,N,yes,denom brement", 8, "n’est pas un nom de zone"),
        ("4,89,90,2,0,N,yes,denombrement", "4,89,90,2,0,N,yes,__import__('os')", 8, "n’est pas un nom de zone"),
        ("4,89,90,2,0,N,yes,denombrement", "4,89,90,2,0,N,yes,class", 8, "n’est pas un nom de zone"),
        ("5,127,128,2,0,A,no,filler", "5,127,130,4,0,A,no,filler", 3, "finit en 130 au lieu de 128"),
        ("5,127,128,2,0,A,no,filler", "5,127,128,2,0,X,no,filler", 6, "inconnue"),
        ("4M,108,128,21,0,A,no,filler", "4M,108,127,20,0,A,no,filler", 3, "finit en 127 au lieu de 128"),
        ("2,49,50,2,0,N,yes,code_grand_regime", "2,49,50,2,0,N,yes,date_regime", 4, "AAMMJJ a 6 caractères"),
    ],
)
def test_a_wrong_edit_is_shown_with_file_line_and_column(row: str, instead: str, column: int, said: str) -> None:
    assert row in LAYOUT
    found = faults(LAYOUT.replace(row, instead))
    whole_row = next(line for line in LAYOUT.splitlines() if line.startswith(row))
    mine = [fault for fault in found if said in fault.message]
    assert mine, found
    assert mine[0].file == "formats/b2.csv"
    assert (mine[0].line, mine[0].column) == (line_of(whole_row), column) or "absente" in said


def test_all_mistakes_are_shown_at_once() -> None:
    wrong = LAYOUT.replace("4,76,80,5,0,A,yes,code_acte", "4,76,80,5,0,A,yes,9").replace("5,127,128,2", "5,127,128,3")
    assert {fault.line for fault in faults(wrong)} >= {
        line_of(row) for row in LAYOUT.splitlines() if "5,127,128" in row
    }
    assert len(faults(LAYOUT.replace("0,A,yes,code_acte", "0,A,yes,code acte"))) >= 2
    (unknown,) = faults(LAYOUT + "7,1,128,128,0,A,no,x,,\n")
    assert (unknown.line, unknown.column, "« 7 »" in unknown.message.replace("\u00a0", " ")) == (385, 1, True)


def test_a_zone_that_the_admin_moves_is_read_where_it_now_stands() -> None:
    """Quantity and code change places: a file written by the edited layout gives the same invoices."""
    moved = LAYOUT.replace("4,76,80,5,0,A,yes,code_acte", "4,76,77,2,0,N,yes,quantite", 1)
    moved = moved.replace("4,81,82,2,0,N,yes,quantite,", "4,78,82,5,0,A,yes,code_acte,", 1)
    edited = Format((moved, "b2.csv"), (SPECIALITES, "s.csv"))
    records = [
        text[:75] + text[80:82] + text[75:80] + text[82:] if text[0] == "4" else text
        for text in whole(lot("012", [facture()]))
    ]
    assert b2.read(raw(records), "x", edited).factures == (facture().expected("012"),)


def test_the_first_line_that_fits_gives_the_speciality() -> None:
    table = b2_specialites.read(
        "type,code,specialite\n4,PH7,MG\n4,PH*,PHAR\n3,*,HOSP\n", "s.csv", lot_table.SPECIALITES
    )
    assert [table.of(*one) for one in (("4", "PH7"), ("4", "PH4"), ("4", "P"), ("3", ""))] == ["MG", "PHAR", "", "HOSP"]
    with pytest.raises(ConfigError) as caught:
        b2_specialites.read(
            "type,code,specialite\n5,A,PHAR\n4,,PHAR\n4,A*B,PHAR\n4,A,PHRA\n", "s.csv", lot_table.SPECIALITES
        )
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(2, 1), (3, 2), (4, 2), (5, 3)]
    assert "PHAR" in caught.value.faults[3].hint


def test_an_older_folder_without_formats_uses_the_shipped_ones(tmp_path) -> None:
    day.prepare(tmp_path)
    for path in (tmp_path / "formats").iterdir():
        path.unlink()
    read = folder.load(tmp_path).b2
    assert b2.read(raw(whole(lot("012", [facture()]))), "x", read).factures == (facture().expected("012"),)
    (tmp_path / "formats/b2.csv").write_text(LAYOUT.replace("4,76,80,5", "4,76,80,6"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        folder.load(tmp_path)
    place = next(at for at, one in enumerate(LAYOUT.splitlines(), 1) if one.startswith("4,76,80,5"))
    assert ("formats/b2.csv", place) in [(fault.file, fault.line) for fault in caught.value.faults]


def test_the_shipped_layout_reads_what_the_generator_writes() -> None:
    assert b2_files.shipped().records.name(b2_files.record("4B", sequence="01")) == "4B"
    names = list(b2_files.shipped().records.layout)
    assert [b2_files.shipped().records.name(b2_files.record(name)) for name in names] == names
