"""What the values look like that a template can name: learnt from sample contexts, so that no list can grow stale.

Owns: the shape of a value (a text, a record with names, a list) and which of them say something about a patient. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Names whose values are about one patient, whatever record they stand in.
PATIENT = frozenset({"nir", "naissance", "patient", "nom", "prenom", "date_naissance"})
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """`names`: what stands behind a dot; `item`: what a loop gives. Neither: a text or a number. `open`: not known
    (an empty list, a parameter), nothing can be said against it."""

    names: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    open: bool = False


TEXT = Shape()
ANY = Shape(open=True)


def learn(contexts: Iterable[Mapping[str, Any]]) -> Shape:
    """The shape that all these contexts have together."""
    found: Shape | None = None
    for context in contexts:
        shape = _shape(context, 0)
        found = shape if found is None else _both(found, shape)
    return found or ANY


def _shape(value: Any, depth: int) -> Shape:
    if value is None or depth > _DEEPEST:
        return ANY
    if isinstance(value, Mapping):
        return Shape({str(name): _shape(one, depth + 1) for name, one in value.items()})
    names = getattr(value, "__dataclass_fields__", None) or getattr(value, "_fields", None)
    if names:
        return Shape({name: _shape(getattr(value, name), depth + 1) for name in names})
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        item: Shape = ANY
        for one in value:
            item = _both(item, _shape(one, depth + 1))
        return Shape(item=item)
    return TEXT


def _both(one: Shape, other: Shape) -> Shape:
    """A name that only some records have is a name; what is not known gives way to what is."""
    if one.open:
        return other
    if other.open:
        return one
    names = {name: _both(one.names.get(name, ANY), other.names.get(name, ANY)) for name in {*one.names, *other.names}}
    items = [shape.item for shape in (one, other) if shape.item is not None]
    item = _both(items[0], items[-1]) if items else None
    return Shape(names, item)
