"""What a configuration says of B2, ready to read with: the layout compiled, and the table of specialities.

Owns: which zones are taken out of the records of a file and of a lot. Never reads a file. Raises `ConfigError` with
every fault of the two texts.
"""

from __future__ import annotations

from functools import lru_cache

from mailbot.parsers import lot_table
from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2 import specialites as b2_specialites
from mailbot.parsers.b2 import split as b2_split
from mailbot.parsers.b2.invoice import Builder
from mailbot.parsers.b2.records import Records
from mailbot.parsers.layouts import Zone


class Format:
    """The layout and the table of specialities of a configuration, ready to read with."""

    def __init__(self, layout: tuple[str, str], specialites: tuple[str, str]) -> None:
        """From `b2.csv` and `b2_specialites.csv`, each as its text and the name that faults call it."""
        self._texts = (layout, specialites)
        self.records = Records(b2_layout.read(*layout))
        self.begins = b2_split.beginnings(self.records.layout)
        table = b2_specialites.read(*specialites, lot_table.SPECIALITES)
        self.builder = Builder(self.records, table)
        self.file = self.records.pick("000", "date_creation", "norme")
        self.lot = self.records.pick("1", "n_ps", "n_lot", "norme")
        self.end_of_lot = self.records.pick("6", "n_ps", "n_lot", "nb_1", "nb_2")
        self.end = self.records.pick("999", "nb_enregistrements", "nb_lots")

    def __reduce__(self) -> tuple[object, ...]:
        # Compiled code does not travel to the reading process: it is built there from the same texts, once.
        return _built, self._texts

    def zone(self, record: str, name: str) -> Zone:
        return self.records.layout[record].zones[name]

    def place(self, record: str, name: str) -> str:
        """A zone as messages name it: `n_lot (20-22)`."""
        zone = self.zone(record, name)
        return f"{name} ({zone.debut + 1}-{zone.fin})"


@lru_cache(maxsize=4)
def _built(layout: tuple[str, str], specialites: tuple[str, str]) -> Format:
    return Format(layout, specialites)
