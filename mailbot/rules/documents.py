"""The shape of motifs.yaml, regles.yaml and specialites.yaml: closed, strict pydantic models, one class a block.

What the words mean is checked in table.py; here only which keys there are and of which kind.
"""

from __future__ import annotations

import copy
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Model = TypeVar("Model", bound=BaseModel)

RouteName = Literal["ps", "gestionnaire"]
StatusName = Literal["refusee", "acceptee", "a_saisir"]
SaisieName = Literal["saisir", "dematerialiser", "ne_pas_saisir", "aucune"]


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
_STAND_IN: dict[str, object] = {"si": [], "id": "?", "libelle": "?", "route": "gestionnaire"}


def salvaged(data: Any, model: type[Model]) -> Model | None:
    """What is left of a file when everything of the wrong shape is taken out of it; None when that is nothing.

    Only for the lint: so that an admin sees the wrong words of a file in the same round as its wrong keys.
    """
    data = copy.deepcopy(data)
    for _ in range(_MOST_ROUNDS):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for item in sorted(error.errors(), key=lambda item: str(item["loc"]), reverse=True):
                if not _mended(data, item["loc"], item["type"] == "missing"):
                    return None
    return None


def _mended(data: Any, path: tuple[int | str, ...], missing: bool) -> bool:
    """Takes the wrong thing out, or puts a stand-in where a key is missing; False when neither can be done."""
    if not path:
        return False
    try:
        for part in path[:-1]:
            data = data[part]
        if missing:
            data[path[-1]] = copy.deepcopy(_STAND_IN[str(path[-1])])
        else:
            del data[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
