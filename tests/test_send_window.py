"""The hours at which bordereaux leave, and the French calendar that they follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.configuration.settings import Bordereau
from mailbot.letters import calendrier
from mailbot.passes import send_window
from mailbot.passes.contact import PARIS

#: Easter Monday, Ascension and Whit Monday, from the calendar of the French administration (service-public.fr).
MOVING = {
    2024: ("2024-04-01", "2024-05-09", "2024-05-20"),
    2025: ("2025-04-21", "2025-05-29", "2025-06-09"),
    2026: ("2026-04-06", "2026-05-14", "2026-05-25"),
    2027: ("2027-03-29", "2027-05-06", "2027-05-17"),
    2028: ("2028-04-17", "2028-05-25", "2028-06-05"),
    2029: ("2029-04-02", "2029-05-10", "2029-05-21"),
    2030: ("2030-04-22", "2030-05-30", "2030-06-10"),
}
FIXED = ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")
HOURS = Bordereau(send_at=time(7, 30), send_until=time(19, 30), send_days="ouvres")


@pytest.mark.parametrize("year", MOVING)
def test_the_eleven_holidays_of_a_year_are_those_of_the_administration(year: int) -> None:
    expected = {date.fromisoformat(day) for day in (*MOVING[year], *(f"{year}-{day}" for day in FIXED))}
    assert calendrier.jours_feries(year) == expected


def test_easter_of_the_extreme_years() -> None:
    assert calendrier.paques(1818) == date(1818, 3, 22)
    assert calendrier.paques(2038) == date(2038, 4, 25)
    assert calendrier.paques(1954) == date(1954, 4, 18)


@given(st.integers(1583, 9998))
def test_easter_is_a_sunday_in_spring(year: int) -> None:
    easter = calendrier.paques(year)
    assert easter.weekday() == 6
    assert date(year, 3, 22) <= easter <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-02-02T06:00", "2026-02-02T07:30"),  # before the hour
        ("2026-02-02T07:30", "2026-02-02T07:30"),
        ("2026-02-02T19:29", "2026-02-02T19:29"),
        ("2026-02-02T19:30", "2026-02-03T07:30"),  # too late: tomorrow
        ("2026-02-06T20:00", "2026-02-09T07:30"),  # Friday evening: Monday
        ("2026-04-03T20:00", "2026-04-07T07:30"),  # Friday before Easter: Tuesday
        ("2026-05-14T10:00", "2026-05-15T07:30"),  # Ascension
        ("2026-12-31T23:00", "2027-01-04T07:30"),  # the New Year, then a weekend
        ("2026-03-28T20:00", "2026-03-30T07:30"),  # over the change to summer time
    ],
)
def test_bordereaux_leave_in_their_hours(now: str, opens: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=PARIS)
    assert send_window.opens(HOURS, moment) == datetime.fromisoformat(opens).replace(tzinfo=PARIS)


hours = st.builds(
    lambda at, until, days: Bordereau(send_at=at, send_until=until, send_days=days),
    st.one_of(st.none(), st.times(max_value=time(12)).map(lambda at: at.replace(microsecond=0))),
    st.one_of(st.none(), st.times(min_value=time(12, 0, 1)).map(lambda at: at.replace(microsecond=0))),
    st.sampled_from(["ouvres", "tous"]),
)


moments = st.integers(0, 7 * 365 * 24 * 3600).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(hours, moments)
def test_the_next_opening_is_within_hours_and_none_is_skipped(section: Bordereau, now: datetime) -> None:
    opens = send_window.opens(section, now)
    assert opens >= now
    assert send_window.opens(section, opens) == opens, "what is open is open"
    local = opens.astimezone(PARIS)
    assert (section.send_at or time()) <= local.time()
    assert section.send_until is None or local.time() < section.send_until
    assert section.send_days == "tous" or calendrier.ouvre(local.date())
    assert opens - now < timedelta(days=6), "the longest bridge of public holidays and weekends is shorter"


def test_hours_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="plus tard que send_at"):
        Bordereau(send_at=time(19), send_until=time(8))
