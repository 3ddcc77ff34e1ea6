"""Nobody has to read English: what the command-line library says is French too, in every help and every mistake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click import core, decorators, exceptions, formatting, parser, termui, types

from mailbot.cli import french, verbs
from tests import day
from tests.test_cli import mailbot

#: What only a programmer can cause, and never reads with us.
_NOT_OURS = re.compile(
    r"Deprecat|declaration|defined|iterable|colour|param_type} {name|UUID|flag for|%\(|start character"
)
_HEADINGS = re.compile(
    r"\b(?:Usage|Options|Commands|Arguments|Positional|Show|exit|TEXT|INTEGER|PATH|FILE|DIRECTORY|NUMBER|required|default)\b"
)


def sentences() -> Iterator[str]:
    """What the click in use asks gettext for."""
    for module in (core, decorators, exceptions, formatting, parser, termui, types):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for call in re.finditer(r'\b(?:_|ngettext)\(\s*((?:"[^"]*"\s*,?\s*)+)', source):
            parts = re.findall(r'"([^"]*)"', call[1])
            counted = call[0].startswith("ngettext")
            yield from (
                part.replace("\\n", "\n").replace("\\t", "\t") for part in (parts if counted else ["".join(parts)])
            )


def test_everything_that_the_library_says_to_a_user_has_its_french() -> None:
    known = {**french._SENTENCES, **french._COUNTED}
    asked = {sentence for sentence in sentences() if not _NOT_OURS.search(sentence)}
    assert len(asked) > 50
    assert asked - known.keys() == set()
    for english, ours in known.items():
        fields = set(re.findall(r"{(\w+)", ours))
        assert fields <= set(re.findall(r"{(\w+)", english)), english


def commands() -> Iterator[tuple[str, ...]]:
    for name in verbs.VERBS:
        verb = verbs.load(name)
        yield (name,)
        if isinstance(verb, click.Group):
            yield from ((name, inner) for inner in verb.commands)


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_every_help_page_is_in_french(words: tuple[str, ...]) -> None:
    done = mailbot(*words, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"Usage : {' '.join(('mailbot', *words))}")
    left = done.stdout.replace("[OPTIONS]", "").replace("Options:", "").replace("Usage : ", "")
    assert not _HEADINGS.search(left), left
    assert "..." not in left


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("outbox", "hold", "abc"), "NUMÉRO : « abc » n’est pas un nombre"),
        (("review", "lis"), "commande inconnue « lis » — vouliez-vous dire « list » ?"),
        (("outbox", "lst"), "commande inconnue « lst » — vouliez-vous dire « list » ?"),
        (("outbox", "list", "--nombre", "0"), "--nombre : 0 n’est pas permis"),
        (("outbox", "list", "--etat", "x"), "--etat : « x » inconnu ; au choix : "),
        (("outbox", "show", "1", "2"), "en trop : 2"),
        (("outbox", "show"), "il manque NUMÉRO"),
        (("preview", "-o"), "il manque la valeur de -o"),
        (("status", "--json=1"), "--json ne prend pas de valeur"),
    ],
)
def test_a_wrong_call_is_told_in_french(words: tuple[str, ...], said: str) -> None:
    done = mailbot(*words)
    assert done.returncode == 2 and said in done.stderr, done.stderr


# -- what a small verb does not load ----------------------------------------------------------------------------------

#: Libraries that take long to load where no compiled code is kept, and that a look at the ledger has no use for.
HEAVY = ("mjml", "premailer", "requests", "cssutils", "reportlab", "pypdf", "PIL", "xlsxwriter", "imapclient", "rich")


@pytest.mark.parametrize(
    "words", [("status",), ("outbox", "list"), ("contacts", "list"), ("consigne", "1101"), ("outbox", "hold", "--all")]
)
def test_a_small_verb_loads_no_library_that_it_has_no_use_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    place = tmp_path / "config"
    day.prepare(place)
    programme = (
        "import sys\nfrom mailbot.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n"
        f"    print(end.code, *sorted(set(sys.modules) & {set(HEAVY)!r}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", programme, "--config", str(place), *words], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "0"


def test_a_time_without_a_zone_is_that_of_paris(tmp_path: Path) -> None:
    place = tmp_path / "config"
    day.prepare(place)
    for now, shown in (("2026-03-02T18:00", "18:00"), ("2026-07-02T18:00", "18:00"), ("2026-07-02T18:00Z", "20:00")):
        mailbot("--config", place, "--now", now, "outbox", "hold", "--domain", "grand.example.org")
        told = mailbot("--config", place, "outbox", "list").stderr
        assert f"retenu depuis le {now[8:10]}/{now[5:7]}/2026 {shown}" in told
    assert "heure de Paris" in " ".join(mailbot("--help").stdout.split())
