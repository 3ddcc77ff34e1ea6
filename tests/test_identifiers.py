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


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_finess_and_am_keys_are_luhn(number: str) -> None:
    assert identifiers.finess_ok(number) == identifiers.am_ok(number) == luhn.is_valid(number)


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
