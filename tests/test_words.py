"""How values look to a French reader, and that nothing from outside does anything but show."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from mailbot.letters import text_layout, words
from tests.letters_house import NIR

NB = "\u00a0"


def test_the_first_of_a_month_is_premier() -> None:
    assert words.date_longue(date(2026, 2, 1)) == f"1er{NB}février 2026"
    assert words.date_longue(date(2026, 8, 11)) == f"11{NB}août 2026"
    assert words.date_longue(None) == ""
    assert words.date_courte(date(2015, 4, 5)) == "05/04/2015"


def test_amounts_are_written_with_a_comma_and_a_no_break_space() -> None:
    assert words.montant(123456) == f"1{NB}234,56{NB}€"
    assert words.montant(5) == f"0,05{NB}€"
    assert words.montant(None) == ""


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_numbers_and_amounts_are_those_of_babel(number: int) -> None:
    def shown(text: str) -> str:
        return text.replace("\u202f", NB)

    assert words.nombre(number) == shown(format_decimal(number, locale="fr_FR"))
    assert words.montant(number) == shown(format_currency(Decimal(number) / 100, "EUR", locale="fr_FR"))


def test_labels_and_telephone_numbers_are_shown_as_people_write_them() -> None:
    assert words.libelle("100% RO") == f"100{NB}% RO"
    assert words.libelle("A contrôler") == "À contrôler"
    assert words.libelle("Acte déjà payé") == "Acte déjà payé"
    assert words.telephone(" 01 99 00 00 00") == f"01{NB}99{NB}00{NB}00{NB}00"


def test_french_counts_from_two() -> None:
    assert [words.pluriel(n, "facture") for n in (0, 1, 2)] == [f"0{NB}facture", f"1{NB}facture", f"2{NB}factures"]
    assert words.pluriel(2, "facture refusée", "factures refusées") == f"2{NB}factures refusées"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Attention : l'acte", f"Attention{NB}: l’acte"),
        ("Est-ce une erreur ?", f"Est-ce une erreur{NB}?"),
        ("écrivez « complément » ici...", f"écrivez «{NB}complément{NB}» ici…"),
        ("100 % du n° 12", f"100{NB}% du n°{NB}12"),
        ("déjà juste\u00a0: oui", f"déjà juste{NB}: oui"),
        ("à 10:30 http://x", "à 10:30 http://x"),
    ],
)
def test_an_admin_types_on_a_plain_keyboard(typed: str, shown: str) -> None:
    assert words.typographie(typed) == shown


@given(st.text())
def test_typography_done_twice_changes_nothing(text: str) -> None:
    once = words.typographie(text)
    assert words.typographie(once) == once


@given(st.text())
def test_text_from_outside_is_one_line_without_any_invisible_sign(text: str) -> None:
    shown = words.inert(text)
    assert len(shown) <= 300
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")]


def test_a_masked_nir_keeps_three_characters_and_a_birth_date_its_year() -> None:
    assert words.nir(NIR, full=False) == "••••••••••017"
    assert words.nir("12", full=False) == "•••••••••••••"
    assert words.nir(NIR, full=True) == f"2{NB}57{NB}99{NB}75{NB}001{NB}017"
    assert words.naissance("1957-03-07", full=False) == "••/••/1957"
    assert words.naissance("7 mars", full=False) == "••/••/••••"
    assert words.naissance("1957-03-07", full=True) == "07/03/1957"


def test_full_only_to_trusted_domains_unless_configured() -> None:
    trusted = (".mssante.fr", "chu.example.org")
    assert words.shows_all("a@pharma.mssante.fr", "masked", trusted)
    assert words.shows_all("a@CHU.example.org", "masked", trusted)
    assert not words.shows_all("a@notmssante.fr", "masked", trusted)
    assert not words.shows_all("a@mssante.fr.example.org", "encrypted", trusted)
    assert words.shows_all("a@example.org", "full", ())
    assert not words.shows_all("a@example.org", "masked", ("", "."))


@given(st.text(alphabet="ab é\u00a0-", max_size=400), st.integers(0, 8))
def test_wrapped_text_stays_within_the_line_and_loses_no_word(text: str, indent: int) -> None:
    wrapped = text_layout.plier(text, indent, "- ")
    assert wrapped.replace("- ", "", 1).split() == text.split() or "- " in text
    for line in wrapped.split("\n"):
        assert len(line) <= text_layout.WIDTH or " " not in line[indent + 2 :].strip(" ")
