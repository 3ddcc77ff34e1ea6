"""The shape of motifs.yaml, regles.yaml and specialites.yaml: closed, strict pydantic models, one class a block.

What the words mean is checked in table.py and rows.py; here only which keys there are and of which kind, and what is
left of a file of the wrong shape.
"""

from __future__ import annotations

import copy
import re
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Model = TypeVar("Model", bound=BaseModel)

RouteName = Literal["ps", "gestionnaire"]
StatusName = Literal["refusee", "acceptee", "a_saisir"]
SaisieName = Literal["saisir", "dematerialiser", "ne_pas_saisir", "aucune"]


_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    if value is None or isinstance(value, date):
        return value
    try:
        # Nothing but this form: fromisoformat alone would also take 20270131 and 2027-W05-1.
        return date.fromisoformat(str(value) if _WRITTEN_DAY.fullmatch(str(value)) else "")
    except ValueError:
        french = _FRENCH_DAY.fullmatch(str(value).strip())
        if french:
            day, month, year = (part.zfill(2) for part in french.groups())
            raise ValueError(
                f"« {value} » n’est pas un jour : écrivez {year}-{month}-{day} (exemple : 2027-01-31)"
            ) from None
        raise ValueError(f"« {value} » n’est pas un jour (exemple : 2027-01-31)") from None


#: A calendar day as YAML writes it: 2027-01-31.
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]


class _Block(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MotifBlock(_Block):
    libelle: str
    route: RouteName
    besoin: str = ""
    erreurs: dict[str, str] = Field(default_factory=dict)
    details: dict[str, str] = Field(default_factory=dict)


class MotifsFile(_Block):
    motifs: dict[str, MotifBlock]


class _Says(_Block):
    """What a row or a variant may say; a key that is not written inherits."""

    si: list[str]
    motif: str | None = None
    route: RouteName | None = None
    detail: str | None = None
    erreur: str | None = None
    date: str | None = None
    commentaire: str | None = None
    saisie: SaisieName | None = None
    statut: StatusName | None = None


class VariantBlock(_Says):
    pass


class RuleBlock(_Says):
    id: str = Field(min_length=1)
    libelle: str = ""
    actif: bool = True
    du: Day | None = None
    au: Day | None = None
    variantes: list[VariantBlock] = Field(default_factory=list)
    reprend: list[str] = Field(default_factory=list)


class ReglesFile(_Block):
    regles: list[RuleBlock]


class SpecialityBlock(_Block):
    libelle: str
    colonnes: list[str] = Field(min_length=1)


class CentreBlock(_Block):
    colonne: str
    sauf: list[str] = Field(default_factory=list)


class ExceptionBlock(_Block):
    mutuelles: list[str]
    specialites: list[str]


class SpecialitesFile(_Block):
    specialites: dict[str, SpecialityBlock]
    centre_de_soins: CentreBlock
    exceptions: list[ExceptionBlock] = Field(default_factory=list)


_MOST_ROUNDS = 20
#: Stands where a word or an id was of the wrong shape: no file can hold it, and nobody is told about it.
LOST = "\0"
_STAND_IN: dict[str, object] = {"si": [LOST], "id": LOST, "libelle": "?", "route": "gestionnaire", "regles": []}
#: What stands for an item of these lists, so that the items behind it keep their places.
_ITEM: dict[str, object] = {
    "si": LOST,
    "reprend": LOST,
    "variantes": {"si": [LOST]},
    "regles": {"id": LOST, "si": [LOST], "actif": False},
}


def salvaged(data: Any, model: type[Model]) -> tuple[Model | None, set[int]]:
    """What is left of a file when everything of the wrong shape is taken out of it (None when that is nothing), and
    the numbers of the rows (of `regles`) out of which something was taken.

    Only for the lint: so that an admin sees the wrong words of a file in the same round as its wrong keys.
    """
    data = copy.deepcopy(data)
    broken: set[int] = set()
    for _ in range(_MOST_ROUNDS):
        try:
            return model.model_validate(data), broken
        except ValidationError as error:
            items = sorted(error.errors(), key=lambda item: str(item["loc"]), reverse=True)
            broken |= {at for name, at, *_ in (item["loc"] for item in items if len(item["loc"]) > 1)
                       if name == "regles" and isinstance(at, int)}  # fmt: skip
            if not all(_mended(data, item["loc"], item["type"] == "missing") for item in items):
                return None, broken
    return None, broken


def _mended(data: Any, path: tuple[int | str, ...], missing: bool) -> bool:
    """Takes the wrong thing out, or puts a stand-in where a key is missing; False when neither can be done."""
    if not path:
        return False
    *before, last = path
    try:
        for part in before:
            data = data[part]
        if missing:
            data[last] = copy.deepcopy(_STAND_IN[str(last)])
        elif isinstance(data, list) and before and before[-1] in _ITEM:
            data[int(last)] = copy.deepcopy(_ITEM[str(before[-1])])
        else:
            del data[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True
