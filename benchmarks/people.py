"""Invented people, PS, act codes and written values of the bench data: everything follows from an index."""

from __future__ import annotations

from datetime import date, timedelta

MUTUELLES = ("Mutuelle Horizon", "Prévoyance de la Lorme", "April Santé", "Smatis", "Mutuelle des Monts", "Intérieure")
STARTS = ("Ber", "Ker", "Mon", "Pé", "La", "Du", "Vas", "Tré", "Gal", "Rou", "Sau", "Cha", "Le", "Bou", "Han", "Iz")
_MIDDLES = ("nar", "don", "ta", "tit", "four", "se", "vi", "lo", "che", "ssi", "ve", "ran", "cour", "mi", "gué", "za")
ENDS = ("d", "cuff", "gnac", "lin", "mantel", "r", "san", "is", "brune", "lhe", "terre", "t", "be", "ne", "rd", "ï")
_FIRST = tuple(
    one + two
    for one in ("", "Jean-", "Marie-", "Anne-")
    for two in (
        "Lucien",
        "Maëlle",
        "Odette",
        "Issa",
        "Zoé",
        "Rémi",
        "Hélène",
        "Nour",
        "Paolo",
        "Yann",
        "Théo",
        "Soizic",
    )
)


def person(index: int) -> tuple[str, str, str, date]:
    """NIR, surname, first name, birth date of beneficiary `index`."""
    surname = STARTS[index % 16] + _MIDDLES[index // 16 % 16] + ENDS[index // 256 % 16]
    if index % 9 == 0:
        surname += f"-{STARTS[index // 4096 % 16]}{ENDS[index % 13]}"
    return nir(index), surname, _FIRST[index // 7 % len(_FIRST)], date(1930, 1, 1) + timedelta(days=index % 29_000)


def nir(index: int) -> str:
    """A different NIR for every index below 5,880,000 (sex, year, month and order make the number)."""
    rest, order = divmod(index, 1000)
    rest, month = divmod(rest, 12)
    sex, year = divmod(rest, 100)
    return f"{1 + sex % 8}{year:02}{month + 1:02}99999{order:03}"


def key(nir: str) -> int:
    return 97 - int(nir) % 97


def ps(index: int) -> str:
    """Nine digits; every seventh is a health centre."""
    return f"{10 + index % 85}{0 if index % 7 == 0 else 2}{100_000 + index:06}"


def code(index: int) -> str:
    """One of 1000 act codes."""
    number = index % 1000
    return "MAU" if number == 997 else f"{chr(65 + number // 100)}{number % 100:02}"


def day(value: date) -> str:
    return f"{value.day:02}/{value.month:02}/{value.year}"


def amount(centimes: int) -> str:
    return f"{centimes // 100},{centimes % 100:02}"
