"""What a YAML parser complains of, said in French with a remedy, at the place where an admin would look.

Owns the translation only: the parser (ruamel.yaml) names its mistakes in English, in words of its own making, and
often at the line after the mistake. The sentence is chosen by those words and by the lines that stand there; where
nothing is known a general one says what most often goes wrong. English is never shown. Raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

#: 0-based line and column, as the parser counts.
Mark = tuple[int, int]


class Sentence(NamedTuple):
    message: str
    hint: str


_TAB = Sentence("une tabulation", "YAML n’admet que des espaces au début d’une ligne : remplacez-la par des espaces")
_QUOTE = Sentence("un guillemet ouvert ici n’est pas refermé", "ajoutez le même guillemet à la fin du texte")
#: The same of a text that runs on into the lines behind it, where the parser gives up only at a later quote.
UNCLOSED = Sentence(f"YAML illisible : {_QUOTE.message}", _QUOTE.hint)
_COLON = Sentence(
    "deux-points de trop, ou alinéa qui n’est pas celui de ses voisines",
    "alignez la ligne sur ses voisines ; un texte qui contient « : » s’écrit entre guillemets",
)
_NO_COLON = Sentence("« : » attendu après une clé", "une ligne s’écrit « clé: valeur », avec une espace après « : »")
_INDENT = Sentence(
    "alinéa qui n’est pas celui des lignes voisines", "alignez la ligne, avec des espaces, sur ses sœurs"
)
_BRACKET = Sentence("« [ » sans « ] », ou virgule oubliée dans la liste", "une liste s’écrit [un, deux]")
_BRACE = Sentence("« { » sans « } », ou virgule oubliée", "un texte qui commence par « { » s’écrit entre guillemets")
_ESCAPE = Sentence("« \\ » suivi d’un signe inattendu", "écrivez « \\\\ », ou le texte entre guillemets simples")
_AFTER = Sentence(
    "du texte après un guillemet ou une accolade fermés",
    'mettez tout le texte entre guillemets doubles : "l’acte {code}"',
)
_GENERAL = Sentence(
    "cette ligne ne se lit pas",
    "regardez ici et à la ligne d’avant : alinéa, « : » suivi d’une espace, guillemets et crochets fermés",
)

#: Words of the parser -> sentence; the first that is found counts.
_KNOWN: tuple[tuple[str, Sentence], ...] = (
    (r"character '\\t'", _TAB),
    (r"scanning a quoted scalar", _QUOTE),
    (r"escape", _ESCAPE),
    (r"mapping values are not allowed|found unexpected ':'", _COLON),
    (r"could not find expected ':'", _NO_COLON),
    (r"flow sequence", _BRACKET),
    (r"found '<scalar>'", _AFTER),
    (r"flow mapping", _BRACE),
    (r"expected <block end>|sequence entries are not allowed|follow up line|mapping keys are not allowed", _INDENT),
    (
        r"cannot start any token",
        Sentence("un texte ne commence pas par ce signe", "écrivez le texte entre guillemets"),
    ),
    (
        r"undefined alias|an alias|an anchor",
        Sentence("les ancres YAML (& et *) ne sont pas acceptées", "recopiez la valeur, ou mettez-la entre guillemets"),
    ),
    (
        r"\ba tag\b|tag handle|the node content",
        Sentence("un « ! » sans guillemets", "écrivez le texte entre guillemets"),
    ),
    (
        r"single document|document separator|document start|document end",
        Sentence("un second document commence ici", "retirez la ligne « --- » ou « ... »"),
    ),
    (r"directive", Sentence("une ligne ne commence pas par « % »", "retirez-la, ou écrivez le texte entre guillemets")),
    (r"special characters|unacceptable character", Sentence("signe invisible que YAML n’admet pas", "effacez-le")),
)


#: Where the mistake is at the place where the parser began to read, not where it gave up.
_BEGUN = re.compile("simple key|quoted scalar|flow sequence|flow mapping")
_UNSPACED = re.compile(r"\s*(?:- )?(\w+):(?=[^\s:/])")
#: A fact denied with a sign that YAML keeps for itself.
_BANGED = re.compile(r"[\[,]\s*(!)\s*(\w+)")
_NO_DASH = re.compile(r"\s*(id):(?=\s)")
_DASHED = re.compile(r"\s*-(?=\w+:)")
_BARE = re.compile(r"\s*(?:- )?(\w+)\s*$")


def french(problem: str, context: str, at: Mark, begun: Mark, lines: Sequence[str]) -> tuple[Mark, Sentence]:
    """Where to look, and what to read there. `problem`, `context`, `at` and `begun` are the parser's own words and
    marks; `lines` are those of the file."""
    found = next((sentence for words, sentence in _KNOWN if re.search(words, f"{context} {problem}")), _GENERAL)
    place = begun if _BEGUN.search(context) else at
    if found is _ESCAPE:
        place = (at[0], at[1] - 1)  # the sign behind the backslash is what the parser shows
    banged = _BANGED.search(lines[place[0]]) if found is _BRACKET and place[0] < len(lines) else None
    if banged:
        place = (place[0], banged.start(1))
        found = Sentence("« ! » ne dit pas le contraire d’un fait", f"écrivez « non {banged[2]} »")
    if found in (_NO_COLON, _INDENT, _COLON, _GENERAL):
        place, found = _by_the_lines(place, found, lines)
    return place, Sentence(f"YAML illisible : {found.message}", found.hint)


def _by_the_lines(place: Mark, found: Sentence, lines: Sequence[str]) -> tuple[Mark, Sentence]:
    """What the line, or the one before it, shows to the eye: a tab, a colon or a dash without its space, no colon."""
    here = min(place[0], len(lines) - 1)
    before = next((at for at in range(here - 1, -1, -1) if lines[at].strip()), here)
    for at in (here, before):
        line = lines[at]
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return (at, line.index("\t")), _TAB
        unspaced, dashed, bare = _UNSPACED.match(line), _DASHED.match(line), _BARE.match(line)
        undashed = _NO_DASH.match(line)
        if undashed and found in (_INDENT, _COLON, _GENERAL):
            return (at, undashed.start(1)), Sentence("il manque « - » devant id", "une règle commence par « - id: »")
        if unspaced:
            return (at, unspaced.end()), Sentence(
                f"il manque une espace après « {unspaced[1]}: »", f"écrivez « {unspaced[1]}: valeur »"
            )
        if dashed:
            return (at, dashed.end()), Sentence("il manque une espace après le tiret", "écrivez « - clé: valeur »")
        if bare and found in (_COLON, _GENERAL):
            return (at, bare.start(1)), Sentence(f"« : » manque après « {bare[1]} »", f"écrivez « {bare[1]}: »")
    return place, found
