"""French for the values that an explanation keeps: days, amounts, lists, counts, and sentences with holes.

Owns: how a value of `{regle, tenue, valeurs}` is said, and `say`, which fills the holes of a sentence. A hole is
`{name}` or `{name:how}`; `how` is a key of `_HOW`, or `+noun` for a count (« 2 cartes »). Pure. Raises `Absent`, and
nothing else, where a value is not there or not of the kind that the sentence needs: explanations of last year stay
readable.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

NBSP = "\u00a0"

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_AMOUNT = re.compile(r"(-?)(\d+),(\d{2})")
_NIR = re.compile(r"(\d)(\d\d)(\d\d)(\d\d|2[AB])(\d{3})(\d{3})")


class Absent(LookupError):
    """A value that a sentence needs is not in the explanation, or is of another kind than it was."""


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Absent
    return " ".join(value.split())


def day(value: object) -> str:
    """“12/03/2026” from ISO text."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Absent
    return f"{found[3]}/{found[2]}/{found[1]}"


def birth(value: object) -> str:
    """A birth date; as written where it is no calendar date."""
    return day(value) if isinstance(value, str) and _DAY.fullmatch(value) else text(value)


def cents(value: object) -> int:
    """“1271,50” as centimes."""
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Absent
    return int(f"{found[1]}{found[2]}{found[3]}")


def amount(value: object) -> str:
    """“1 271,50 €” from “1271,50”."""
    whole, rest = divmod(abs(cents(value)), 100)
    sign = "-" if cents(value) < 0 else ""
    return f"{sign}{whole:,}".replace(",", NBSP) + f",{rest:02d}{NBSP}€"


def nir(value: object) -> str:
    """“2 85 04 75 111 222”; as written where it is ill-formed."""
    written = text(value)
    found = _NIR.fullmatch(written)
    return NBSP.join(found.groups()) if found else written


def enumerated(parts: Sequence[str], last: str = "et") -> str:
    """“a, b et c”."""
    if not parts:
        raise Absent
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def several(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise Absent
    return list(value)


def count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Absent
    return value


def counted(number: int, noun: str, plural: str = "") -> str:
    """“1 carte”, “2 cartes”: French counts from two. Without `plural`, an s is added."""
    return f"{number}{NBSP}{noun if number < 2 else plural or noun + 's'}"


_HOW: Mapping[str, Callable[[object], str]] = {
    "": text,
    "jour": day,
    "naissance": birth,
    "euros": amount,
    "nir": nir,
    "liste": lambda value: enumerated([text(one) for one in several(value)]),
    "jours": lambda value: enumerated([day(one) for one in several(value)]),
    "nombre": lambda value: str(count(value)),
}


class _Sentence(string.Formatter):
    def get_value(self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        if key not in kwargs:
            raise Absent
        return kwargs[str(key)]

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec.startswith("+"):
            return counted(count(value), format_spec[1:])
        return _HOW[format_spec](value)


_FORMATTER = _Sentence()


@dataclass(frozen=True, slots=True)
class Saw:
    """What one fact saw. `details`: libellés of the missing elements by code; `care`: first and last day of care, where
    any rule of the same explanation saw them."""

    values: Mapping[str, object]
    details: Mapping[str, str] = field(default_factory=dict)
    care: tuple[str, str] = ("", "")

    def say(self, sentence: str) -> str:
        """The sentence with its holes filled. Raises `Absent`."""
        return _FORMATTER.vformat(sentence, (), self.values)

    def get(self, name: str) -> object:
        """A value that must be there, whatever its kind. Raises `Absent`."""
        if name not in self.values:
            raise Absent
        return self.values[name]

    def filled(self, name: str) -> bool:
        """Is there a value, and is it neither empty, false nor zero?"""
        return bool(self.values.get(name))

    def count(self, name: str) -> int:
        return count(self.get(name))

    def texts(self, name: str) -> list[str]:
        """A list of texts without the empty ones, each once."""
        return list(dict.fromkeys(str(one).strip() for one in several(self.get(name)) if str(one or "").strip()))


Sentence = str | Callable[[Saw], str]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a fact is told: its theme, the sentence when it holds, and the sentence when it does not."""

    theme: str
    oui: Sentence
    non: Sentence


def sentence(wording: Sentence, saw: Saw) -> str:
    """Raises `Absent`."""
    return saw.say(wording) if isinstance(wording, str) else wording(saw)
