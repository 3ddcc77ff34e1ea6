"""Identifiers: the vectors of formats.md, and python-stdnum as a second opinion."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import nir as stdnum_nir

from mailbot.parsers import identifiers

SEX = st.sampled_from("12345678")
DEPARTMENT = st.one_of(st.from_regex(r"[0-9]{2}", fullmatch=True), st.sampled_from(["2A", "2B"]))
NIRS = st.builds(
    "{}{}{}{}".format,
    SEX,
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    DEPARTMENT,
    st.from_regex(r"[0-9]{6}", fullmatch=True),
)


@pytest.mark.parametrize(("text", "key"), [("2951099126111", 93), ("253072B073004", 70)])
def test_the_key_of_a_nir_is_that_of_the_vectors(text: str, key: int) -> None:
    assert identifiers.nir_key(text) == key
    assert identifiers.nir(f"{text} {key}") == (text, True)


@settings(deadline=None)
@given(NIRS)
def test_the_key_is_the_one_that_stdnum_computes_and_is_dropped(nir13: str) -> None:
    key = f"{identifiers.nir_key(nir13):02d}"
    assert key == stdnum_nir.calc_check_digits(nir13)
    assert identifiers.nir(nir13 + key) == identifiers.nir(nir13) == (nir13, True)


@settings(deadline=None)
@given(NIRS, st.integers(0, 99))
def test_a_wrong_key_makes_the_nir_equal_no_other(nir13: str, key: int) -> None:
    text, right = identifiers.nir(f"{nir13}{key:02d}")
    assert right == (key == identifiers.nir_key(nir13))
    assert text == (nir13 if right else f"{nir13}{key:02d}")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2 95 10 99 126 111", ("2951099126111", True)),
        ("2\u00a095\u202f10 99 126 111 93", ("2951099126111", True)),
        ("253072b073004", ("253072B073004", True)),
        ("2951399126111", ("2951399126111", True)),  # a month outside 01-12 exists
        ("9951099126111", ("9951099126111", False)),
        ("295109912611", ("295109912611", False)),
        ("29510 99a26111", ("2951099a26111", False)),
        ("٢951099126111", ("٢951099126111", False)),
        ("", ("", True)),
        ("  ", ("", True)),
        ("000 000 000 0000", ("", True)),
    ],
)
def test_a_nir_is_read_or_kept_as_written_without_spaces(written: str, read: tuple[str, bool]) -> None:
    assert identifiers.nir(written) == read


@pytest.mark.parametrize("number", ["010000024", "750100125", "830200523", "200102689", "2A0002689"])
def test_finess_numbers_are_right(number: str) -> None:
    assert identifiers.finess_ok(number)


#: Digits of each identifier that ends in a Luhn key (formats.md).
KEYED = {"FINESS": 9, "n° AM": 9, "ADELI": 9, "RPPS": 11, "AMC": 8}
DIGITS = "0123456789"


@settings(deadline=None)
@given(st.sampled_from(sorted(KEYED)), st.data())
def test_one_key_of_ten_is_right_and_it_is_the_one_that_stdnum_computes(kind: str, data: st.DataObject) -> None:
    length = KEYED[kind]
    body = data.draw(st.text(DIGITS, min_size=length - 1, max_size=length - 1))
    assert [key for key in DIGITS if identifiers.luhn_ok(body + key, length)] == [luhn.calc_check_digit(body)]


@settings(deadline=None)
@given(st.sampled_from(sorted(KEYED)), st.data())
def test_two_digits_that_changed_places_are_seen_but_for_nine_and_zero(kind: str, data: st.DataObject) -> None:
    length = KEYED[kind]
    body = data.draw(st.text(DIGITS, min_size=length - 1, max_size=length - 1))
    number = body + luhn.calc_check_digit(body)
    at = data.draw(st.integers(0, length - 2))
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    unseen = number[at] == number[at + 1] or {number[at], number[at + 1]} == {"0", "9"}
    assert identifiers.luhn_ok(swapped, length) == unseen


@settings(deadline=None)
@given(st.text(), st.integers(1, 12))
def test_only_that_many_plain_digits_have_a_key(text: str, length: int) -> None:
    assert not identifiers.luhn_ok(text, length) or (len(text) == length and set(text) <= set(DIGITS))


def test_the_pseudo_amc_number_has_a_right_key() -> None:
    assert identifiers.luhn_ok("99999997", 8)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2A0002689", "200102689"),
        ("2b0002689", "200202689"),
        (" 750100125 ", "750100125"),
        ("2A000268", "2A000268"),
        ("n’importe", "n’importe"),
    ],
)
def test_a_corsican_ps_number_is_read_in_digits_and_any_other_text_is_kept(written: str, read: str) -> None:
    assert identifiers.numero_ps(written) == read


@settings(deadline=None)
@given(st.sampled_from("ABab"), st.text(DIGITS, min_size=2, max_size=2), st.text(DIGITS, min_size=5, max_size=5))
def test_every_number_of_corsica_is_read_as_nine_digits_and_only_once(letter: str, middle: str, end: str) -> None:
    read = identifiers.numero_ps(f"2{letter}{middle}{end}")
    assert read == {"A": "2001", "B": "2002"}[letter.upper()] + end
    assert identifiers.numero_ps(read) == read
    assert identifiers.finess_ok(f"2{letter}{middle}{end}") == luhn.is_valid(read)


@settings(deadline=None)
@given(st.text(DIGITS, max_size=9), st.integers(0, 4))
def test_leading_zeros_never_tell_two_invoices_apart(number: str, zeros: int) -> None:
    compared = identifiers.numero_facture(number)
    assert identifiers.numero_facture("0" * zeros + number) == compared
    assert (compared == "") == (set(number) <= {"0"})
    assert int(compared or 0) == int(number or 0)


def test_an_invoice_number_is_compared_without_leading_zeros() -> None:
    assert identifiers.numero_facture(" 00120 ") == "120"
    assert identifiers.numero_facture("000") == identifiers.numero_facture("") == ""


@settings(deadline=None)
@given(st.text())
def test_a_mask_shows_at_most_the_two_ends(text: str) -> None:
    mask = identifiers.masked(text)
    assert len(mask) <= 15
    assert sum(char != "•" for char in mask) <= 2
    assert identifiers.nir(text) is not None


def test_a_short_name_is_masked_whole() -> None:
    assert identifiers.masked("LI") == "•••"
    assert identifiers.masked("2951099126111") == "2•••••••••••1"
