"""Records of B2 -> typed values, by readers that are generated from the layout.

Owns: which record a text of 128 characters is, and its row: the values of all its zones (`b2_values.py`), fillers left
out. A record that cannot be read raises `Damaged`, which names it and its zones. Knows nothing of invoices.

Speed: for each record one function is written from the layout and compiled; only places of zones and names of records,
both checked, reach the code. Zones side by side are cut out as one stretch. Stretches of codes, dates and tariffs
repeat, so what they say is remembered (bounded); the header that the records of an invoice share is read once for all
of them; a stretch of sums is one number, taken apart by division. Where a fast way meets a blank or anything odd,
`careful` reads the record zone by zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import CodeType
from typing import Any

from mailbot.parsers.b2 import layout as b2_layout
from mailbot.parsers.b2 import values as b2_values
from mailbot.parsers.b2.layout import Kind
from mailbot.parsers.b2.values import Window
from mailbot.parsers.layouts import Layout, Record, Zone

#: The name of the record, then its values, stretch by stretch; `Records.pick` finds them by the names of zones.
Row = tuple[Any, ...]
Read = Callable[[str], Row]

#: Zones whose values hardly repeat: each is read by itself.
_UNIQUE = ("n_entree",)
#: Stretches that one reader remembers, and how long one of codes may be: long ones hardly repeat.
_MEMO = 4_000
_STRETCH = 32


class Damaged(Exception):
    """A record that cannot be read. `name` is "" for one that the layout does not have; `row` has None for `zones`."""

    def __init__(self, name: str, zones: Sequence[Zone] = (), row: Row = ()) -> None:
        super().__init__(name)
        self.name = name
        self.zones = tuple(zones)
        self.row = row


class Records:
    """A layout, compiled."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._letters = b2_layout.letters(layout)
        self._sources = {
            name: _Source(record, [letter.place for letter in self._letters if letter.base == name])
            for name, record in layout.items()
        }

    def readers(self, reference: date) -> Mapping[str, Read]:
        """The readers of one file: by its first character, what turns a text of 128 characters into its row. No care
        or birth date is after `reference`. They raise `Damaged`."""
        window = Window(reference)
        headers: dict[Any, list[Any]] = {}
        by_name: dict[str, Read] = {}

        def other(text: str) -> Row:
            name = self.name(text)
            if not name:
                raise Damaged("")
            return by_name[name](text)

        by_name |= {name: source.reader(window, headers, other) for name, source in self._sources.items()}
        return _ByFirst({name[0]: read for name, read in by_name.items() if len(name) != 2})

    def pick(self, name: str, *zones: str) -> Callable[[Row], tuple[Any, ...]]:
        """What takes these zones out of a row of record `name`."""
        places = self._sources[name].places
        found: Callable[[Row], tuple[Any, ...]]
        code = "".join(f"r{''.join(f'[{at}]' for at in places[zone])}," for zone in zones)
        found = eval(f"lambda r: ({code})")  # noqa: S307 - numbers only
        return found

    def name(self, text: str) -> str:
        """Which record a text of 128 characters is; "" for none that the layout has."""
        letters = [letter for letter in self._letters if letter.base == text[0]]
        for letter in letters:
            if text[letter.place] == letter.letter:
                return letter.base + letter.letter
        if any(text[letter.place].isalpha() for letter in letters):
            return ""
        return next((name for name in (text[0], text[:3]) if name in self.layout), "")


class _ByFirst(dict[str, Read]):
    def __missing__(self, first: str) -> Read:
        return _unknown


def _unknown(text: str) -> Row:
    raise Damaged("")


class _Stretch(dict[str, Row]):
    """Text of zones side by side -> their values, each different text read once."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def __missing__(self, text: str) -> Row:
        values = self._read(text)
        if len(self) >= _MEMO:
            self.clear()
        self[text] = values
        return values


class _Source:
    """The reader of one record: its code, written and compiled once for a layout. `places` is where in a row a zone
    stands. `letters` are the places at which a letter would make it another record."""

    def __init__(self, record: Record, letters: Sequence[int]) -> None:
        self.name = record.nom
        self.places: dict[str, tuple[int, ...]] = {}
        self._zones = [zone for zone in b2_layout.in_order(record) if zone.nom not in ("filler", "type")]
        self._stretches: list[tuple[list[Zone], CodeType]] = []
        self._header: tuple[tuple[str, int, int], ...] = ()
        whole = self.name if len(self.name) == 3 else self.name[0]
        before = [f"if t[{place}].isalpha(): return other(t)" for place in sorted(set(letters))]
        before += [f"if t[:3] != {whole!r}: return other(t)"] if len(whole) == 3 else []
        values = [repr(self.name)]
        for sort, zones in _stretches(self._zones):
            lines, found = self._written(sort, zones)
            single = len(found) == len(zones)
            for at, zone in enumerate(zones):
                self.places[zone.nom] = (len(values) + at,) if single else (len(values), at)
            before += lines
            values += found
        body = "".join(f"  {line}\n" for line in (*before, f"return ({', '.join(values)},)"))
        text = f"def read(t):\n try:\n{body} except (ValueError, KeyError):\n  return careful(t)\n"
        self._code: CodeType = compile(text, f"<B2 {self.name}>", "exec")

    def _written(self, sort: str, zones: list[Zone]) -> tuple[list[str], list[str]]:
        """The code that reads one stretch: lines to go before, and its value as a tuple, or one value a zone."""
        first, last = zones[0], zones[-1]
        cut = f"t[{first.debut}:{last.fin}]"
        if sort == "header":
            self._header = tuple((zone.nom, zone.debut, zone.fin) for zone in zones)
            return [f"h = {cut}", f"if h != head[0]: head[:] = h, ({_values(zones, 0)})"], ["head[1]"]
        if sort == "total":
            return [f"n = {cut}", "if not n.isdecimal(): return careful(t)", "n = int(n)", *_parts(zones)], [
                f"v{zone.debut}" for zone in zones
            ]
        if sort == "birth":
            month = first.debut + 2
            return [], [f"years[t[{first.debut}:{month}]] + days[t[{month}:{first.fin}]]"]
        if len(zones) == 1:
            return [], [_values(zones, 0)[:-1]]
        code = compile(f"lambda t: ({_values(zones, first.debut)})", f"<B2 {self.name}>", "eval")
        self._stretches.append((zones, code))
        return [], [f"s{len(self._stretches) - 1}[{cut}]"]

    def reader(self, window: Window, headers: dict[Any, list[Any]], other: Read) -> Read:
        """`headers`: the last header that was read (its text, its values), by what stands where in it: the readers of
        an invoice's records share it. `other` reads what only begins like this record."""
        names: dict[str, Any] = {f"p{zone.debut}": b2_values.parse(zone, window) for zone in self._zones}
        names |= {"years": window.sure_years(), "days": b2_values.SURE_DAYS}
        names |= {"careful": self._careful(window), "other": other}
        names["head"] = headers.setdefault(self._header, ["", ()])
        for at, (zones, code) in enumerate(self._stretches):
            start = zones[0].debut
            parts: dict[str, Any] = {f"p{zone.debut - start}": b2_values.parse(zone, window) for zone in zones}
            names[f"s{at}"] = _Stretch(eval(code, parts))  # noqa: S307 - written above, from numbers only
        exec(self._code, names)  # noqa: S102 - written above, from numbers and names of records only
        read: Read = names["read"]
        return read

    def _careful(self, window: Window) -> Read:
        """The same reading zone by zone."""
        parts = [(zone, b2_values.parse(zone, window), self.places[zone.nom]) for zone in self._zones]

        def read(text: str) -> Row:
            row: list[Any] = [self.name]
            damaged = []
            for zone, parse, place in parts:
                try:
                    value = parse(text[zone.debut : zone.fin])
                except ValueError:
                    damaged.append(zone)
                    value = None
                if len(place) == 1:
                    row.append(value)
                elif place[1] == 0:
                    row.append([value])
                else:
                    row[-1].append(value)
            if damaged:
                raise Damaged(self.name, damaged, tuple(row))
            return tuple(row)

        return read


def _values(zones: Sequence[Zone], start: int) -> str:
    """The code that reads zones out of a text that begins at `start`; `p` and the place of a zone is what parses it."""
    cuts = [(zone, f"t[{zone.debut - start}:{zone.fin - start}]") for zone in zones]
    return "".join(
        f"{cut}.strip()," if b2_layout.kind(zone) is Kind.TEXT else f"p{zone.debut - start}({cut}),"
        for zone, cut in cuts
    )


def _parts(zones: Sequence[Zone]) -> list[str]:
    """The code that takes the number `n` of zones side by side apart."""
    lines = []
    for zone in zones:
        below, width = zones[-1].fin - zone.fin, zone.fin - zone.debut
        lines.append(f"v{zone.debut} = n" + (f" // {10**below}" if below else "") + f" % {10**width}")
    return lines


def _stretches(zones: Sequence[Zone]) -> list[tuple[str, list[Zone]]]:
    """The zones of a record in the pieces that are cut out together: the header that the records of an invoice share,
    then neighbours of one sort."""
    found: list[tuple[str, list[Zone]]] = []
    end_of_header = next((zone.fin for zone in zones if zone.nom == "n_facture"), 0)
    for zone in zones:
        sort = "header" if zone.fin <= end_of_header else _sort(zone)
        before, last = found[-1] if found else ("", [])
        if before == "amount" and sort == "code":
            sort = before
        beside = last and (sort != "total" or last[-1].fin == zone.debut)
        short = last and (sort != "code" or zone.fin - last[0].debut <= _STRETCH)
        if sort == before and sort not in ("own", "birth") and beside and short:
            last.append(zone)
        else:
            found.append((sort, [zone]))
    return found


def _sort(zone: Zone) -> str:
    """Of what sort a zone is: what may be remembered together, what hardly repeats, what is a sum."""
    kind = b2_layout.kind(zone)
    if kind is Kind.BIRTH:
        return "birth"
    if zone.nom in _UNIQUE:
        return "own"
    if kind is not Kind.NUMBER:
        return "code"
    if zone.nom.startswith("tot_") and not zone.nom.endswith("_ph"):
        return "total"  # those of type 3 are zero in most files
    return "amount" if zone.decimals or zone.nom.startswith("nb_") else "code"
