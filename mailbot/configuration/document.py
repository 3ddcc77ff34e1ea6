"""YAML files of the admin, with the place of every key: so that a mistake is shown with file, line and column.

Owns: reading YAML 1.2 (ruamel.yaml), refusing what makes a file ambiguous (anchors, aliases, duplicate keys, tags),
saying what is left of a file that is no YAML, and turning the errors of a pydantic model into faults with places and
the nearest known key. Never reads a file itself. Raises `ConfigError` with every fault found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import (
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
)

from mailbot.configuration import yaml_words
from mailbot.errors import ConfigError, Fault

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

#: Possible values named in one hint.
_CHOICES = 30
#: Lists and blocks within one another; the deepest file of the house has seven.
_DEEPEST = 40
#: Blocks of a file that are put aside before it is given up.
_MOST_BLOCKS = 50

_OPENING = (FlowSequenceStartToken, FlowMappingStartToken, BlockSequenceStartToken, BlockMappingStartToken)
_CLOSING = (FlowSequenceEndToken, FlowMappingEndToken, BlockEndToken)
_NESTED = ("listes ou blocs trop profonds les uns dans les autres", "retirez les « [ », « { » ou tirets de trop")
#: A line of another row or key within a text in quotes.
_RUNS_ON = re.compile(r"\n[ ]*(- )?[\w-]+:([ ]|\n)")

#: French for what pydantic says most often.
_WORDS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "un nombre entier est attendu"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true ou false est attendu"),
    **dict.fromkeys(("list_type", "tuple_type"), "une liste est attendue"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "un bloc de clés est attendu"),
    **dict.fromkeys(("float_type", "float_parsing"), "un nombre est attendu"),
    **dict.fromkeys(("string_type", "path_type", "is_instance_of"), "un texte est attendu"),
    "time_type": "une heure est attendue (exemple : 07:30)",
    "missing": "clé obligatoire absente",
    "string_too_short": "un texte vide n’est pas admis",
    "string_pattern_mismatch": "ce texte n’a pas la forme attendue",
    "too_short": "une liste vide n’est pas admise",
    "finite_number": "un nombre fini est attendu",
    "greater_than": "un nombre supérieur à {gt} est attendu",
    "greater_than_equal": "un nombre d’au moins {ge} est attendu",
    "less_than": "un nombre inférieur à {lt} est attendu",
    "less_than_equal": "un nombre d’au plus {le} est attendu",
}


#: What people write for true and false.
_MEANT = {"oui": "true", "vrai": "true", "yes": "true", "on": "true"} | dict.fromkeys(
    ("non", "faux", "no", "off"), "false"
)


class Word(NamedTuple):
    """A value as it stands in the file: its 1-based place, and its text with quotes and brackets."""

    line: int
    column: int
    written: str


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain values. `places` maps a path of keys to its 1-based (line, column): that of the key, or of
    the item of a list. `words` maps it to the value that stands there."""

    file: str
    data: Any
    places: dict[Path, tuple[int, int]] = field(repr=False)
    words: dict[Path, Word] = field(default_factory=dict, repr=False)

    def place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Place of the deepest part of `path` that stands in the file; (1, 1) for none of it."""
        for length in range(len(path), -1, -1):
            found = self.places.get(tuple(path[:length]))
            if found:
                return found
        return (1, 1)

    def word(self, path: Sequence[str | int], part: str = "") -> tuple[int, int]:
        """Place of the value at `path`, or of `part` within it; that of `place` where there is no such value."""
        word = self.words.get(tuple(path))
        if word is None:
            return self.place(path)
        before = word.written[: max(word.written.find(part), 0)]
        lines = before.count("\n")
        inside = len(before) - before.rfind("\n") - 1
        return word.line + lines, inside + (1 if lines else word.column)

    def fault(self, path: Sequence[str | int], message: str, hint: str = "") -> Fault:
        """A fault of the key, the row or the file."""
        line, column = self.place(path)
        return Fault(self.file, line, column, message, hint)

    def wrong(self, path: Sequence[str | int], message: str, hint: str = "", part: str = "") -> Fault:
        """A fault of the value, or of `part` of it: the place is that of the wrong word itself."""
        line, column = self.word(path, part)
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
    except RecursionError:
        raise ConfigError(_too_deep(text, file)) from None
    except MarkedYAMLError as error:
        raise ConfigError(_unreadable(error, text, file)) from None
    except YAMLError as error:
        at = getattr(error, "position", 0)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        _, said = yaml_words.french(str(error), "", (0, 0), (0, 0), text.splitlines() or [""])
        raise ConfigError(Fault(file, line, column, *said)) from None
    if node is None:
        return Document(file, {}, {(): (1, 1)})
    reader = _Plain(file, text)
    data = reader.value(node, ())
    if reader.faults:
        raise ConfigError(*reader.faults)
    return Document(file, data, reader.places, reader.words)


def _too_deep(text: str, file: str) -> Fault:
    """The place where the brackets or dashes go deeper than any file needs; scanning does not nest."""
    depth = 0
    for token in YAML(typ="rt", pure=True).scan(text):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > _DEEPEST:
            return Fault(file, token.start_mark.line + 1, token.start_mark.column + 1, *_NESTED)
    return Fault(file, 1, 1, *_NESTED)


def _unclosed(text: str) -> Fault | None:
    """The first text in quotes that runs on into another row or key: its closing quote is missing."""
    try:
        for token in YAML(typ="rt", pure=True).scan(text):
            if isinstance(token, ScalarToken) and token.style in ("'", '"'):
                start = token.start_mark
                if _RUNS_ON.search(text[start.index : token.end_mark.index]):
                    return Fault("", start.line + 1, start.column + 1, *yaml_words.UNCLOSED)
    except YAMLError:
        return None
    return None


def _unreadable(error: MarkedYAMLError, text: str, file: str) -> Fault:
    unclosed = _unclosed(text)
    if unclosed:
        return replace(unclosed, file=file)
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark]
    at, begun = ((mark.line, mark.column) for mark in (marks[0], marks[-1])) if marks else ((0, 0), (0, 0))
    problem, context = str(error.problem or ""), str(error.context or "")
    (line, column), said = yaml_words.french(problem, context, at, begun, text.splitlines() or [""])
    return Fault(file, line + 1, column + 1, *said)


class _Plain:
    """Nodes of the parser -> plain values, with the place of each."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.places: dict[Path, tuple[int, int]] = {}
        self.words: dict[Path, Word] = {}
        self.faults: list[Fault] = []

    def value(self, node: Node, path: Path) -> Any:
        start = node.start_mark
        line, column = start.line + 1, start.column + 1
        self.places.setdefault(path, (line, column))
        self.words[path] = Word(line, column, self.text[start.index : node.end_mark.index])
        if node.anchor:
            message = "les ancres YAML (& et *) ne sont pas acceptées"
            self.faults.append(Fault(self.file, line, column, message, "recopiez la valeur"))
            return None
        if len(path) > _DEEPEST:
            self.faults.append(Fault(self.file, line, column, *_NESTED))
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        try:
            return _scalar(node)
        except ValueError:  # Python turns no text of thousands of digits into a number
            message = f"nombre de {len(node.value)} chiffres, trop long"
            self.faults.append(
                Fault(self.file, line, column, message, "écrivez-le entre guillemets, ou raccourcissez-le")
            )
            return None

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, mark = str(key_node.value), key_node.start_mark
            place = (mark.line + 1, mark.column + 1)
            if key in result:
                first = ":".join(map(str, (self.file, *self.places[(*path, key)])))
                self.faults.append(
                    Fault(self.file, *place, f"clé « {key} » écrite deux fois ({first})", "n’en gardez qu’une")
                )
                continue
            self.places[(*path, key)] = place
            result[key] = self.value(value_node, (*path, key))
        return result


def salvaged(text: str, file: str) -> tuple[Document | None, list[Fault]]:
    """The file without the blocks (items of the list or keys under the first key) that are no YAML, and what is wrong
    with those: so that an admin sees the other mistakes in the same round. None: nothing is left of it."""
    faults: list[Fault] = []
    lines = text.splitlines()
    for _ in range(_MOST_BLOCKS):
        try:
            return read_yaml("\n".join(lines), file), faults
        except ConfigError as error:
            faults += error.faults
            if not all(_blanked(lines, fault.line - 1) for fault in error.faults):
                break
    return None, faults


def _blanked(lines: list[str], at: int) -> bool:
    """Empties the block in which this line stands; False when there is none."""
    top = next((number for number, line in enumerate(lines) if re.match(r"\w", line)), len(lines))
    head = next((line for line in lines[top + 1 :] if line.strip() and not line.lstrip().startswith("#")), "")
    indent = head[: len(head) - len(head.lstrip())]
    block = re.compile(re.escape(indent) + (r"-" if head.lstrip().startswith("-") else r"[^\s#]"))
    starts = [number for number, line in enumerate(lines) if number > top and block.match(line)]
    first = max((number for number in starts if number <= at), default=None)
    if first is None:
        return False
    end = min((number for number in starts if number > at), default=len(lines))
    lines[first:end] = [""] * (end - first)
    return True


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
    name = _named(where) or document.file
    if item["type"] == "extra_forbidden":
        known = _known_keys(model, where[:-1])
        return document.fault(where, f"clé inconnue « {name} »", nearest(str(where[-1]), known))
    if item["type"] == "wrong":
        return _own(document, where, name, item["ctx"])
    message = _message(item)
    if item["type"] == "literal_error":
        message = f"valeur « {item['input']} » inconnue"
        return document.wrong(where, f"{name} : {message}", nearest(str(item["input"]), _literals(item)))
    if item["type"] == "missing":
        return document.fault(where, f"{name} : {message}")
    return document.wrong(where, f"{name} : {message}", _instead(item))


def _own(document: Document, where: list[str | int], name: str, said: Mapping[str, Any]) -> Fault:
    """A mistake that our own models tell; without a place of its own it names its keys itself."""
    if said["key"]:
        return document.wrong(said["key"], said["said"], said["hint"])
    return document.wrong(where, f"{name} : {said['said']}", said["hint"], said["part"])


def _message(item: Any) -> str:
    """French for what pydantic says; our own sentences as they are; its English never."""
    known = _WORDS.get(item["type"])
    if known:
        return known.format(**item.get("ctx", {}))
    if item["type"] == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    return "cette valeur n’est pas admise ici"


def _instead(item: Any) -> str:
    """What to write for a value of which it is plain what is meant."""
    value = item["input"]
    if item["type"] == "string_too_short":
        return "écrivez-y un texte"
    if item["type"] in ("list_type", "tuple_type") and isinstance(value, str) and value and "\n" not in value:
        return f"écrivez [{value}]"
    if item["type"] in ("bool_type", "bool_parsing"):
        meant = _MEANT.get(str(value).strip().lower())
        return f"écrivez {meant}" if meant else ""
    return ""


def _named(path: Sequence[str | int]) -> str:
    """The key as an admin calls it: with the keys above it, up to the list in which it stands."""
    keys: list[str] = []
    for part in reversed(path):
        if isinstance(part, str):
            keys.append(part)
        elif keys:
            break
    return ".".join(reversed(keys))


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
