"""What a fact and a named value are, and how values are shown (text, whole numbers, days, true, false, null, tuples).

Never shows the name of anybody but the invoice's own patient, nor the number of another PS (motifs.md §1, B3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from mailbot.rules.case import Case

#: Hashable, so that a step of an explanation is written once for all invoices that showed the same values.
Seen = tuple[object, ...]


def nothing(_: Case) -> Seen:
    """A fact that has no value to show beyond whether it holds."""
    return ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A named yes-or-no question about an invoice.

    `name` is what regles.yaml writes; `description` is one French line for the admin; `tables` are the reference
    tables without which it cannot be answered (A0); `holds` answers it; `sees` gives the values it saw, under the
    French `names`, in that order. It may stop early: where there is nothing, there is no more to tell. A place always
    holds the same kind of value (1 and true are equal, and would share a step).
    """

    name: str
    description: str
    tables: tuple[str, ...]
    holds: Callable[[Case], bool]
    names: tuple[str, ...] = ()
    sees: Callable[[Case], Seen] = nothing


@dataclass(frozen=True, slots=True)
class Named:
    """A value that regles.yaml may write in braces in `commentaire`; `use` = "date" or "detail" also there."""

    name: str
    description: str
    read: Callable[[Case], str | date | None]
    use: str = ""


@lru_cache(1 << 12)
def plain(value: Decimal | None) -> str | None:
    """A decimal as French text, without needless zeros: 100, 1,5."""
    if value is None:
        return None
    shown = f"{value:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace(".", ",")
