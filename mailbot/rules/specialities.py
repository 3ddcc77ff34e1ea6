"""Which columns of a card cover a speciality at a PS, and which insurers are let through without a column.

Built by table.py from specialites.yaml. Source: motifs.md §4, last paragraph. Pure; raises nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mailbot.rules import text


def is_health_centre(numero_ps: str) -> bool:
    """Centre de soins: the third digit of the PS number is 0."""
    return numero_ps[2:3] == "0"


class Specialities:
    """`columns_of`: speciality -> columns. `centre_column` also covers, at a centre de soins, all but `centre_except`.

    `exceptions`: (insurers, specialities) pairs, insurers compared by their first word.
    """

    def __init__(
        self,
        columns_of: Mapping[str, Iterable[str]],
        centre_column: str,
        centre_except: Iterable[str],
        exceptions: Iterable[tuple[Iterable[str], Iterable[str]]],
    ) -> None:
        self._columns = {name: frozenset(columns) for name, columns in columns_of.items()}
        self._centre_column = centre_column
        self._centre_except = frozenset(centre_except)
        self._in_centre = {
            name: columns if name in self._centre_except else columns | {centre_column}
            for name, columns in self._columns.items()
        }
        self._exceptions = frozenset(
            (text.first_word(insurer), speciality)
            for insurers, specialities in exceptions
            for insurer in insurers
            for speciality in specialities
        )
        self._excepted = frozenset(speciality for _, speciality in self._exceptions)

    def columns(self, speciality: str, numero_ps: str) -> frozenset[str]:
        """Columns that cover; a speciality that the file does not name has its own column."""
        centre = numero_ps[2:3] == "0"
        known = (self._in_centre if centre else self._columns).get(speciality)
        if known is not None:
            return known
        return frozenset((speciality, self._centre_column) if centre and speciality else (speciality,))

    def is_exception(self, mutuelle: str, speciality: str) -> bool:
        return speciality in self._excepted and (text.first_word(mutuelle), speciality) in self._exceptions
