"""The values of table cells: dates, amounts, codes, NIR, garanties; each refused with a French reason and a remedy.

Owns: what one trimmed cell means (data.md; motifs.md §3), and `Memo`, which turns a column of cells into values at the
speed of a dictionary. A parse function raises `Mauvais`, never anything else. Never builds rows, never reads a file.
Money is integer centimes, other numbers are exact `Decimal`, only ASCII digits count; empty is None, "" or the
default of the column. Known limit: a number of more than 15 digits before its decimals is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import repeat
from typing import Any

from mailbot.model import Refus
from mailbot.parsers import identifiers

Parse = Callable[[str], Any]

_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
_AMOUNT = re.compile(r"(-?)([0-9]{1,15})(?:[.,]([0-9]{1,2}))?")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]+)?")
_RANK = re.compile(r"[0-9]{1,9}")
_GARANTIE = re.compile(r"(?:[0-9]+(?:[.,][0-9]+)?[ \u00a0\u202f]?%|[Pp][Ee][Cc]|-)?")
_NIR_INSIDE = re.compile(r"[1-8](?:\s*[0-9]){4}(?:\s*[0-9]{2}|\s*2\s*[ABab])(?:\s*[0-9]){6}")
_DIGITS_13_CELL = re.compile(r"[1-8][0-9]{12}")
_DIGITS_13 = re.compile(r"(?:[1-8][0-9]{12}(?:\n(?!\Z)|\Z))+")
#: Columns whose values are never shown: patient, and the address of a PS.
PERSONAL = {"nir", "nom", "prenom", "date_naissance", "mail", "telephone", "fax"}
PERSONAL |= {"numero_voie", "libelle_voie", "complement_adresse"}
_SHOWN = 80
#: A memo holds at most this many different cells, then starts again: memory stays bounded whatever the file holds.
_MEMO = 60_000
_STEADY = 4


class Mauvais(ValueError):
    """A cell cannot be read; the text is the French reason, without the value itself."""


class Bad:
    """Stands in a column for a value that could not be read."""

    __slots__ = ("raison",)

    def __init__(self, raison: str) -> None:
        self.raison = raison


class Values(dict[str, Any]):
    """Raw cell -> value, each different cell parsed once. `bad` counts the cells that came out as `Bad`.

    Bad ones are not remembered, so that `bad` moves for each and the caller looks for rows only where one came.
    """

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self.parse = parse
        self.bad = 0

    def __missing__(self, raw: str) -> Any:
        try:
            value = self.parse(raw.strip())
        except Mauvais as refusal:
            self.bad += 1
            return Bad(str(refusal))
        if len(self) >= _MEMO:
            self.clear()
        self[raw] = value
        return value


class Memo:
    """How one column of a file is read. What its cells mean lies in `values`, which other columns may share."""

    def __init__(self, parse: Parse, values: Values) -> None:
        self.parse = parse
        self.values = values
        self._plain = False
        #: How far the column has shown that whole chunks of it hold one value; then a count replaces the look-ups.
        self._steady = _STEADY

    @property
    def bad(self) -> int:
        """Moves when a cell came out as `Bad`."""
        return self.values.bad

    def column(self, cells: Sequence[str]) -> list[Any]:
        """The values of one column of a chunk. Text that hardly repeats is only trimmed: a memo would not pay."""
        if self._steady and cells:
            if cells.count(cells[0]) == len(cells):
                self._steady = _STEADY
                return [self.values[cells[0]]] * len(cells)
            self._steady -= 1
        if self._plain:
            return list(map(str.strip, cells))
        before = len(self.values)
        values = list(map(self.values.__getitem__, cells))
        if self.parse is text and len(self.values) - before > len(cells) // 2 > 20:
            self._plain = True
            self.values.clear()
        return values


class NirMemo(Memo):
    """A column of NIR. Nearly all are unique, so a column of plain 13 digits is recognised as a whole."""

    def column(self, cells: Sequence[str]) -> list[Any]:
        as_is = self.parse is known_nir
        if _DIGITS_13.fullmatch("\n".join(cells)) is not None:
            return list(cells) if as_is else list(zip(cells, repeat(True)))
        plain, values = _DIGITS_13_CELL.fullmatch, self.values
        return [(cell if as_is else (cell, True)) if plain(cell) else values[cell] for cell in cells]


def memo(parse: Parse) -> Memo:
    """The memo that suits a kind of cell. Days and amounts mean the same in all columns of all files: one for all."""
    if parse in (known_nir, identifiers.nir):
        return NirMemo(parse, Values(parse))
    return Memo(parse, _COMMON[parse] if parse in _COMMON else Values(parse))


def text(cell: str) -> str:
    return cell


def needed(parse: Parse) -> Parse:
    """The same value, but an empty cell is refused."""

    def read(cell: str) -> Any:
        if not cell:
            raise Mauvais("valeur obligatoire absente ; remplissez cette cellule")
        return parse(cell)

    return read


def day(cell: str) -> date | None:
    """JJ/MM/AAAA or AAAA-MM-JJ, a day of the calendar; None when empty."""
    if not cell:
        return None
    found = _DAY.fullmatch(cell)
    if found is None:
        raise Mauvais("date illisible ; écrivez JJ/MM/AAAA ou AAAA-MM-JJ")
    jour, mois, annee, iso_annee, iso_mois, iso_jour = found.groups()
    try:
        return date(int(annee or iso_annee), int(mois or iso_mois), int(jour or iso_jour))
    except ValueError:
        raise Mauvais("cette date n’existe pas au calendrier ; écrivez JJ/MM/AAAA ou AAAA-MM-JJ") from None


def birth(cell: str) -> str:
    """ISO text of a calendar date, else the cell as written (lunar and foreign dates)."""
    try:
        found = day(cell)
    except Mauvais:
        return cell
    return found.isoformat() if found else ""


def amount(cell: str) -> int | None:
    """Centimes of an amount with at most two decimals after a point or a comma; None when empty."""
    if not cell:
        return None
    found = _AMOUNT.fullmatch(cell)
    if found is None:
        raise Mauvais("montant illisible ; écrivez par exemple 12,71 (deux décimales au plus, sans espace ni symbole)")
    sign, euros, decimals = found.groups()
    centimes = int(euros) * 100 + int((decimals or "").ljust(2, "0"))
    return -centimes if sign else centimes


def number(cell: str) -> Decimal | None:
    """An exact decimal with any number of decimals; None when empty."""
    if not cell:
        return None
    if _NUMBER.fullmatch(cell) is None:
        raise Mauvais("nombre illisible ; écrivez par exemple 1,5 (chiffres seulement)")
    return Decimal(cell.replace(",", "."))


def rank(cell: str) -> int:
    """Rank of birth; 1 when empty."""
    if not cell:
        return 1
    if _RANK.fullmatch(cell) is None:
        raise Mauvais("rang de naissance illisible ; écrivez des chiffres, ou rien pour 1")
    return int(cell)


def one_of(*allowed: str, empty: str = "") -> Parse:
    """A code as data.md writes it, where a space or hyphen reads as `_`; an empty cell reads as `empty`."""
    known = frozenset(allowed)
    reason = f"code inconnu ; valeurs admises : {', '.join(allowed)}, ou vide"

    def read(cell: str) -> str:
        if not cell:
            return empty
        code = cell if cell in known else cell.replace(" ", "_").replace("-", "_")
        if code not in known:
            raise Mauvais(reason)
        return code

    return read


def code(cell: str) -> str:
    """Code form: accents dropped, capitals, each space or hyphen read as `_` (`Liquidé nul` -> `LIQUIDE_NUL`)."""
    return "".join("_" if char.isspace() or char == "-" else char for char in plain(cell).upper())


def code_of(*allowed: str) -> Parse:
    """A code in code form, one of `allowed`; an empty cell is refused as an unknown one is."""
    known = frozenset(allowed)
    reason = f"code absent ou inconnu ; valeurs admises : {', '.join(allowed)}"

    def read(cell: str) -> str:
        found = code(cell)
        if found not in known:
            raise Mauvais(reason)
        return found

    return read


def yes(cell: str) -> bool:
    """oui or non; empty is non."""
    if cell not in ("oui", "non", ""):
        raise Mauvais("valeurs admises : oui, non, ou vide")
    return cell == "oui"


def known_nir(cell: str) -> str:
    """A NIR of a reference table: 13 characters, "" when empty or zeros only; anything else refuses the row."""
    found, right = identifiers.nir(cell)
    if not right:
        raise Mauvais("NIR mal formé ou clé fausse ; 13 caractères attendus, suivis ou non de leur clé")
    return found


def garanties(cell: str) -> str:
    """The columns of a card, `PHAR=100%|OPT=PEC|SDENT=-`, checked and kept as written."""
    seen = set()
    for part in cell.split("|"):
        column, equals, value = (piece.strip() for piece in part.partition("="))
        if not column and not equals:
            continue
        if not column or not equals:
            raise Mauvais("garanties illisibles ; écrivez par exemple PHAR=100%|OPT=PEC|SDENT=-")
        if column in seen:
            raise Mauvais(f"garantie {shown(column)} donnée deux fois ; gardez-en une")
        if _GARANTIE.fullmatch(value) is None:
            raise Mauvais(
                f"valeur de la garantie {shown(column)} inconnue ; valeurs admises : un pourcentage, PEC, - ou vide"
            )
        seen.add(column)
    return cell


def plain(cell: str) -> str:
    """Case kept, accents dropped."""
    if cell.isascii():
        return cell
    return "".join(char for char in unicodedata.normalize("NFKD", cell) if not unicodedata.combining(char))


def shown(cell: str) -> str:
    """A text from outside as a message may show it: one line, bounded, without what looks like a NIR."""
    if _NIR_INSIDE.search(cell):
        return identifiers.masked(cell)
    clean = "".join(
        char if char.isprintable() or char in "\u00a0\u202f" else "\ufffd" for char in cell.strip()[: _SHOWN + 1]
    )
    return clean if len(clean) <= _SHOWN else clean[:_SHOWN] + "…"


def refus(fichier: str, ligne: int, colonne: str, valeur: str, raison: str, facture: str = "") -> Refus:
    """A `Refus` whose value is masked where it is personal."""
    value = identifiers.masked(valeur) if colonne in PERSONAL else shown(valeur)
    return Refus(fichier, ligne, colonne, value, raison, facture)


#: What the process has learned of days and amounts: at most _MEMO different cells each.
_COMMON: dict[Parse, Values] = {parse: Values(parse) for parse in (day, birth, amount, number)}
