"""YAML files of the admin, with the place of every key: so that a mistake is shown with file, line and column.

Owns: reading YAML 1.2 (ruamel.yaml), refusing what makes a file ambiguous (anchors, aliases, duplicate keys, tags),
and turning the errors of a pydantic model into faults with places and the nearest known key. Never reads a file
itself. Raises `ConfigError` with every fault found.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mailbot.errors import ConfigError, Fault

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

#: Possible values named in one hint.
_CHOICES = 30

#: French for what pydantic says most often; anything else is shown as pydantic words it.
_WORDS = {
    "missing": "clé obligatoire absente",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "bool_type": "true ou false est attendu",
    "string_type": "un texte est attendu",
    "list_type": "une liste est attendue",
    "tuple_type": "une liste est attendue",
    "dict_type": "un bloc de clés est attendu",
    "model_type": "un bloc de clés est attendu",
    "model_attributes_type": "un bloc de clés est attendu",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain values. `places` maps a path of keys to its 1-based (line, column)."""

    file: str
    data: Any
    places: dict[Path, tuple[int, int]] = field(repr=False)

    def place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Place of the deepest part of `path` that stands in the file; (1, 1) for none of it."""
        for length in range(len(path), -1, -1):
            found = self.places.get(tuple(path[:length]))
            if found:
                return found
        return (1, 1)

    def fault(self, path: Sequence[str | int], message: str, hint: str = "") -> Fault:
        line, column = self.place(path)
        return Fault(self.file, line, column, message, hint)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word, else the list of what is allowed."""
    choices = list(known)
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if close:
        return f"vouliez-vous dire « {close[0]} » ?"
    if not choices:
        return ""
    shown = ", ".join(choices[:_CHOICES]) + (f" … ({len(choices)} en tout)" if len(choices) > _CHOICES else "")
    return f"valeurs possibles : {shown}"


def read_yaml(text: str, file: str) -> Document:
    """Reads one YAML document; an empty file is an empty mapping. Raises ConfigError with line and column."""
    yaml = YAML(typ="rt", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ConfigError(
            Fault(file, line, column, "YAML illisible", str(error.problem or error.context or ""))
        ) from None
    except YAMLError as error:
        raise ConfigError(Fault(file, 1, 1, "YAML illisible", str(error).splitlines()[0])) from None
    places: dict[Path, tuple[int, int]] = {}
    faults: list[Fault] = []
    if node is None:
        return Document(file, {}, {(): (1, 1)})
    data = _plain(node, (), file, places, faults)
    if faults:
        raise ConfigError(*faults)
    return Document(file, data, places)


def _plain(node: Node, path: Path, file: str, places: dict[Path, tuple[int, int]], faults: list[Fault]) -> Any:
    mark = node.start_mark
    line, column = mark.line + 1, mark.column + 1
    places.setdefault(path, (line, column))
    if node.anchor:
        faults.append(Fault(file, line, column, "les ancres YAML (& et *) ne sont pas acceptées", "recopiez la valeur"))
        return None
    if isinstance(node, MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            key_mark = key_node.start_mark
            if key in result:
                faults.append(Fault(file, key_mark.line + 1, key_mark.column + 1, f"clé « {key} » écrite deux fois"))
            places[(*path, key)] = (key_mark.line + 1, key_mark.column + 1)
            result[key] = _plain(value_node, (*path, key), file, places, faults)
        return result
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), file, places, faults) for index, item in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    if node.style in ("'", '"', "|", ">"):
        return node.value
    tag = str(node.ctag if hasattr(node, "ctag") else node.tag).rsplit(":", 1)[-1]
    text: str = node.value
    if tag == "null" or text in ("", "~"):
        return None
    if tag == "bool":
        return text.lower() == "true"
    # A leading zero is a code ("010000024"), not a number: YAML 1.2 would read 01 as 1.
    digits = text.lstrip("+-")
    if tag == "int" and digits.isdigit() and (digits == "0" or not digits.startswith("0")):
        return int(text)
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def validate(document: Document, model: type[Model], context: dict[str, Any] | None = None) -> Model:
    """The document as a pydantic model; every mistake becomes a fault with its place and remedy."""
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as error:
        raise ConfigError(*(_fault(document, model, item) for item in error.errors())) from None


def _fault(document: Document, model: type[BaseModel], item: Any) -> Fault:
    # Union tags and validator names that pydantic puts into `loc` have no place in the file and are passed over.
    path = tuple(part for part in item["loc"])
    where: list[str | int] = []
    for part in path:
        if (*where, part) in document.places or part == path[-1]:
            where.append(part)
    name = ".".join(str(part) for part in where) or document.file
    if item["type"] == "extra_forbidden":
        known = _known_keys(model, where[:-1])
        return document.fault(where, f"clé inconnue « {name} »", nearest(str(where[-1]), known))
    message = _WORDS.get(item["type"], item["msg"].removeprefix("Value error, "))
    if item["type"] == "literal_error":
        message = f"valeur « {item['input']} » inconnue"
        return document.fault(where, f"{name} : {message}", nearest(str(item["input"]), _literals(item)))
    return document.fault(where, f"{name} : {message}")


def _literals(item: Any) -> list[str]:
    return [part.strip(" '") for part in str(item["ctx"]["expected"]).replace(" or ", ",").split(",")]


def _known_keys(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Keys that the model allows at `path`."""
    current: type[BaseModel] = model
    for part in path:
        if isinstance(part, int):
            continue
        info = current.model_fields.get(part)
        if info is None:
            return []
        inner = _inner_model(info.annotation)
        if inner is None:
            return []
        current = inner
    return [info.alias or name for name, info in current.model_fields.items()]


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found:
            return found
    return None
