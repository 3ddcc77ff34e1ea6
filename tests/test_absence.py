"""Until when somebody is away, as French and English automatic replies say it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mail import absence

MONDAY = date(2026, 7, 20)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("absent jusqu’au 24/08", date(2026, 8, 24)),
        ("de retour le lundi 3 août 2026", date(2026, 8, 2)),
        ("du 1er au 15 août", date(2026, 8, 15)),
        ("fermé du lundi 3 au vendredi 14 août", date(2026, 8, 14)),
        ("Je serai de\nretour le 24 août.", date(2026, 8, 23)),
        ("fermé du 01/08/2026 au 23/08/2026 inclus. Réouverture le lundi 24 août à 8h30", date(2026, 8, 23)),
        ("jusqu'à lundi", date(2026, 7, 27)),
        ("de retour à partir du mardi 25 août au matin", date(2026, 8, 24)),
        ("jusqu’au 31/07/26 inclus", date(2026, 7, 31)),
        ("retour prévu le 8/9", date(2026, 9, 7)),
        ("absence jusqu'à fin août", date(2026, 8, 31)),
        ("jusqu’au 2 janvier", date(2027, 1, 2)),
        ("Le cabinet sera fermé le 14 août.", date(2026, 8, 14)),
        ("out of the office until Monday, August 24th, 2026", date(2026, 8, 24)),
        ("I will be back on 3 August", date(2026, 8, 2)),
        ("away from 01/08/2026 to 15/08/2026", date(2026, 8, 15)),
    ],
)
def test_ends_of_absences(text: str, last: date) -> None:
    assert absence.until("", text, MONDAY) == last


@pytest.mark.parametrize(
    "text",
    [
        "Je suis absent. Pour la facture du 12/03/2026, voir ma collègue.",
        "de retour le 31 juin",
        "de retour le 12 mars 2024",
        "ordonnance du 12/08/2026",
        "absent quelque temps",
        "de retour, je traiterai la facture du 12/09/2026",
    ],
)
def test_other_dates_end_no_absence(text: str) -> None:
    assert absence.until("", text, MONDAY) is None


def test_the_subject_counts_before_the_text() -> None:
    assert absence.until("Absent jusqu’au 31/07", "de retour le 24 août", MONDAY) == date(2026, 7, 31)


@given(st.dates(MONDAY, date(2027, 6, 1)), st.sampled_from(["jusqu’au {:%d/%m/%Y}", "jusqu'au {:%d.%m.%y} inclus"]))
def test_any_last_day_is_read_back(last: date, form: str) -> None:
    assert absence.until("", form.format(last), MONDAY) == last


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert absence.until(text, text, MONDAY) is None or True
