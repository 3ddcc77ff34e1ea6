"""The house stands as drawn: the core does no I/O, and arrows between rooms point one way only."""

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "mailbot"

#: Room -> rooms that it may import (besides itself). The settings and the YAML documents are plain values.
ALLOWED = {
    "errors": set(),
    "model": set(),
    "connection": {"errors", "folders", "configuration.settings"},
    "maildir": {"errors"},
    "folders": {"errors"},
    "files": {"errors"},
    "configuration.document": {"errors", "configuration.yaml_words"},
    "configuration.yaml_words": set(),
    "configuration.settings": {"errors"},
    "configuration.schemas": {"configuration.settings", "rules"},
    "configuration.texts": {"errors", "letters", "files"},
    "configuration.folder": {
        "errors",
        "model",
        "configuration.document",
        "configuration.settings",
        "configuration.texts",
        "letters",
        "parsers",
        "rules",
    },
    "parsers": {"errors", "model"},
    "intake": {"errors", "model", "parsers"},
    "rules": {"errors", "model", "configuration.document"},
    "letters": {"errors", "model", "configuration.document", "configuration.settings"},
    "inbox": {"errors", "model", "configuration.settings", "connection", "maildir", "folders"},
    "outbox": {"errors", "model", "configuration.settings", "connection", "maildir", "folders"},
    "ledger": {"errors", "model"},
    "reading": {"errors", "model", "parsers", "letters"},
    "sending": {"errors", "model", "outbox", "ledger"},
}
CORE = ("model", "parsers", "intake", "rules", "letters", "configuration.document", "configuration.yaml_words")
#: Packages that hold nothing but their modules: naming them is no arrow.
EMPTY = {"mailbot", "mailbot.configuration"}
#: Modules with which a core room could reach the outside, or the time of day.
OUTSIDE = {
    "os",
    "socket",
    "subprocess",
    "sqlite3",
    "sqlite_utils",
    "imapclient",
    "smtplib",
    "requests",
    "urllib.request",
    "time",
    "pathlib",
    "shutil",
    "tempfile",
    "random",
    "secrets",
    "threading",
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, path


def room(module: str) -> str:
    """The room of a module, in the words of ALLOWED; "" for the package itself."""
    inside = module.removeprefix("mailbot").removeprefix(".")
    for name in sorted(ALLOWED, key=len, reverse=True):
        if inside == name or inside.startswith(name + "."):
            return name
    return inside.split(".")[0]


def imported(path: pathlib.Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(("name", "path"), list(modules()))
def test_arrows_between_rooms_point_one_way(name, path):
    here = room(name)
    if here not in ALLOWED:
        return  # the shell (passes, cli, demo) may import everything
    allowed = ALLOWED[here] | {here}
    existing = {module for module, _ in modules()}
    wrong = {
        target
        for target in imported(path)
        if target in existing and target not in EMPTY and room(target) not in allowed
    }
    assert not wrong, f"{name} must not know {sorted(wrong)}"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path in modules() if room(name) in CORE])
def test_the_core_reaches_nothing_outside(name, path):
    assert not imported(path) & OUTSIDE, f"{name} is core: values in, values out"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path in modules() if room(name) in CORE])
def test_the_core_is_told_the_time(name, path):
    assert not re.search(r"\b(?:now|today|utcnow)\(\s*(?:UTC|timezone|tz|\))", path.read_text(encoding="utf-8")), name


def test_no_room_is_missing_from_the_map():
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert not {room for room in rooms if f"`{room}/`" not in text}
