"""The door of every table: encodings, separators, headers, physical lines, workbooks and their bounds."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import Never
from mailbot.parsers import tables, workbook

WANTED = ("code", "libellé", "prix")


def read(
    raw: bytes, aliases: dict[str, str] | None = None
) -> tuple[tables.Sheet, list[tuple[int, tuple[str, ...]]], list[int]]:
    sheet = tables.open_sheet(raw, "t.csv", WANTED, WANTED, aliases or {})
    rows, faulty = [], []
    for chunk in sheet.chunks:
        for index, row in enumerate(zip(*chunk.columns, strict=True)):
            if index in chunk.faults:
                faulty.append(chunk.lines[index])
            else:
                rows.append((chunk.lines[index], row))
    return sheet, rows, faulty


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_dialect_says_the_same(separator: str, encoding: str, end: str) -> None:
    lines = [["CODE", " Libelle ", "Prix"], ["A", '"d’été"', "1"], ["B", '"a""b"', "2"]]
    raw = end.join(separator.join(line) for line in lines).encode(encoding)
    assert read(raw)[1] == [(2, ("A", "d’été", "1")), (3, ("B", 'a"b', "2"))]


def test_lines_are_physical_after_a_quoted_line_break_and_blank_lines_are_skipped() -> None:
    raw = b'code;libelle;prix\n\nA;"x\ny";1\n;;\nB;z;2\nC;z;3'
    assert read(raw)[1] == [(3, ("A", "x\ny", "1")), (6, ("B", "z", "2")), (7, ("C", "z", "3"))]


def test_a_stray_quote_costs_its_own_line_only() -> None:
    raw = b'code;libelle;prix\nA;"x;1\nB;z;2\nC;"z"w;3\nD;"z";4\n'
    _, rows, faulty = read(raw)
    assert [line for line, _ in rows] == [3, 5]
    assert faulty == [2, 4]


def test_rows_with_too_few_or_too_many_cells_are_refused_with_both_counts() -> None:
    sheet = tables.open_sheet(b"code;libelle;prix\nA;x\nB;x;1;2\nC;x;1;;\nD;x;2\n", "t.csv", WANTED, WANTED, {})
    (chunk,) = sheet.chunks
    assert [row.raison.split(" ;")[0] for row in chunk.faults.values()] == [
        "2 cellules au lieu de 3",
        "4 cellules au lieu de 3",
    ]
    assert chunk.lines[2:] == [4, 5]


def test_a_cell_with_a_nul_byte_or_a_huge_cell_refuses_its_row() -> None:
    raw = b"code;libelle;prix\nA;x\0;1\nB;" + b"x" * 140_000 + b";1\nC;x;1\n"
    _, rows, faulty = read(raw)
    assert (faulty, [line for line, _ in rows]) == ([2, 3], [4])


def test_bytes_that_no_encoding_knows_refuse_their_row() -> None:
    _, rows, faulty = read(b"\xef\xbb\xbfcode;libelle;prix\nA;\xe9;1\nB;x;1\n")
    assert (faulty, [line for line, _ in rows]) == ([2], [3])


def test_unknown_columns_are_named_and_aliases_are_ours() -> None:
    sheet, rows, _ = read("Tarif;code;autre;libellé\n1;A;x;y\n".encode(), {"TARIF": "prix"})
    assert rows == [(2, ("A", "y", "1"))]
    assert sheet.warnings == ("t.csv : colonnes inconnues laissées de côté : autre",)


def test_a_first_line_of_data_is_not_shown_as_unknown_columns() -> None:
    sheet, _, _ = read(b"DUPONT;JEAN;2951099126111\n")
    assert sheet.warnings == ()
    assert [column for column, _ in sheet.header_faults] == list(WANTED)


def test_a_column_given_twice_is_a_fault() -> None:
    assert read(b"code;libelle;prix;Prix\n")[0].header_faults[0][0] == "prix"


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", b"%PDF-1.7", b"\xff\xfec\0", b"\xd0\xcf\x11\xe0xls"])
def test_what_is_no_table_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(Never, match=r"^t\.csv\s: "):
        read(raw)


def test_a_workbook_says_what_its_csv_says() -> None:
    import datetime

    raw = xlsx(
        [["Code", "Libellé", "prix"], [12, datetime.date(2026, 3, 1), 12.71], [None] * 3, ["007", True, 0.1 + 0.2]]
    )
    assert read(raw)[1] == [(2, ("12", "2026-03-01", "12.71")), (4, ("007", "oui", "0.3"))]


def test_an_error_cell_of_a_workbook_is_not_empty() -> None:
    assert read(xlsx([WANTED, ["A", "#N/A", "1"]]))[1] == [(2, ("A", "#N/A", "1"))]


def bomb(name: str, content: bytes, members: int = 1) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"{number or ''}{name}", content)
    return target.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04" + b"nonsense" * 9,
        bomb("a.xml", b" " * 40_000_000),
        bomb("a.xml", b"", workbook.MAX_MEMBERS + 1),
        bomb("xl/worksheets/sheet1.xml", b'<c r="A1"/><c r="XFD1048576"/>'),
        bomb("xl/worksheets/sheet1.xml", b"<row>" * 3000 + b"<c/>" * 3000),
        bomb("readme.txt", b"no workbook"),
    ],
)
def test_a_hostile_workbook_is_refused_before_it_is_opened(raw: bytes) -> None:
    with pytest.raises(Never):
        read(raw)


def test_a_long_shared_string_in_many_cells_cannot_fill_memory() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst><si><t>" + "x" * 100_000 + "</t></si></sst>")
        archive.writestr("xl/worksheets/sheet1.xml", '<c r="A1" t="s"><v>0</v></c>' * 20_000)
    with pytest.raises(Never, match="trop grand"):
        read(target.getvalue())


CELL = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=6).map(str.strip)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(CELL.filter(bool), CELL, CELL), max_size=8),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_whatever_is_written_is_read_again(rows: list[tuple[str, str, str]], separator: str, encoding: str) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([WANTED, *rows])
    raw = text.getvalue().encode(encoding)
    found = [tuple(map(str.strip, row)) for _, row in read(raw)[1]]
    if encoding != "cp1252" or (raw.decode("cp1252") == text.getvalue() and not _is_utf8(raw)):
        assert found == rows


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_anything_but_never(raw: bytes, headed: bool) -> None:
    try:
        read((b"code;libelle;prix\n" if headed else b"") + raw)
    except Never as fault:
        assert fault.reason.startswith("t.csv")
