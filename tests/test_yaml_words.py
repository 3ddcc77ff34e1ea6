"""What an admin reads when a file is no YAML: French, at the place of the mistake, with a remedy; the rest is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.configuration import document
from mailbot.errors import ConfigError, Fault

BOOK = """regles:
  - id: A1
    libelle: Un
    si: [document_illisible]
    motif: X
  - id: A2
    si: [b]
    motif: Y
"""


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        document.read_yaml(text, "r.yaml")
    return caught.value.faults


#: before, after with § at the place that is shown, what is said, the rows that are read all the same
MISTAKES = {
    "a tab": ("    motif: X", "§\tmotif: X", "une tabulation", ["A2"]),
    "a tab after spaces": ("    motif: X", "    §\tmotif: X", "une tabulation", ["A2"]),
    "no space after the colon": ("motif: X", "motif:§X", "une espace après « motif: »", ["A2"]),
    "no space after the first colon of a row": ("- id: A1", "- id:§A1", "une espace après « id: »", ["A2"]),
    "no space after the last colon": ("motif: Y", "motif:§Y", "une espace après « motif: »", ["A1"]),
    "no space after the dash": ("- id: A2", "-§id: A2", "une espace après le tiret", ["A1"]),
    "no colon": ("    motif: X", "    §motif X", "« : » attendu", ["A2"]),
    "no colon above a list": ("regles:", "§regles", "« : » manque après « regles »", []),
    "a colon in a text": ("libelle: Un", "libelle: Un §: deux", "deux-points de trop", ["A2"]),
    "a line too far right": ("    motif: X", "     §motif: X", "alinéa", ["A2"]),
    "a line too far left": ("    motif: X", "   §motif: X", "alinéa", ["A2"]),
    "a dash too far left": ("  - id: A2", " §- id: A2", "alinéa", []),
    "a dash too far right": ("  - id: A2", "    §- id: A2", "alinéa", []),
    "a quote that stays open": ("libelle: Un", 'libelle: §"Un', "n’est pas refermé", ["A2"]),
    "an apostrophe that stays open": ("libelle: Un", "libelle: §'Un", "n’est pas refermé", ["A2"]),
    "an apostrophe in single quotes": ("libelle: Un", "libelle: 'l'§un'", "du texte après un guillemet", ["A2"]),
    "a bracket that stays open": ("[document_illisible]", "§[document_illisible", "« [ » sans « ] »", ["A2"]),
    "a brace at the beginning": ("libelle: Un", "libelle: {date} §de", "du texte après", ["A2"]),
    "a brace that stays open": ("libelle: Un", "libelle: §{date", "« { » sans « } »", ["A2"]),
    "a sign that begins no text": ("libelle: Un", "libelle: §@Un", "ne commence pas par ce signe", ["A2"]),
    "an alias": ("libelle: Un", "libelle: §*Un", "ancres YAML", ["A2"]),
    "an anchor": ("libelle: Un", "libelle: §&Un deux", "ancres YAML", ["A2"]),
    "a backslash": ("libelle: Un", 'libelle: "a§\\d"', "« \\ » suivi", ["A2"]),
    "a second document": ("  - id: A2", "§---\n  - id: A2", "un second document", ["A2"]),
    "a sign that nobody sees": ("libelle: Un", "libelle: U§\x00n", "signe invisible", ["A2"]),
    "a key twice": ("motif: X", "motif: X\n    §motif: Z", "clé « motif » écrite deux fois (r.yaml:5:5)", ["A2"]),
}


@pytest.mark.parametrize(("before", "after", "said", "left"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_french_at_its_place(before: str, after: str, said: str, left: list[str]) -> None:
    assert before in BOOK
    marked = BOOK.replace(before, after, 1)
    (fault,) = faults(marked.replace("§", ""))
    assert said in fault.message
    assert fault.hint
    at = marked.index("§")
    shown = (marked.count("\n", 0, at) + 1, at - marked.rfind("\n", 0, at))
    assert (fault.line, fault.column) == shown
    kept, again = document.salvaged(marked.replace("§", ""), "r.yaml")
    assert fault in again
    assert [row["id"] for row in (kept.data["regles"] or [] if kept else [])] == left


def test_the_place_of_a_value_is_that_of_the_word_itself_on_whatever_line_it_stands() -> None:
    text = 'a: "x {un}"\nb:\n  - un\n  - [deux, {c: trois}]\nd: |\n  quatre\n  {cinq}\n'
    read = document.read_yaml(text, "x.yaml")
    places = {
        ("a",): (1, 4), ("b",): (3, 3), ("b", 0): (3, 5), ("b", 1, 0): (4, 6), ("b", 1, 1, "c"): (4, 16),
    }  # fmt: skip
    assert {path: read.word(path) for path in places} == places
    assert read.word(("a",), "{un}") == (1, 7)
    assert read.word(("d",), "{cinq}") == (7, 3)
    assert read.word(("absent",)) == (1, 1)


SIGNS = st.sampled_from([*"\t\n '\"[]{}:,-#&*!|>%@`\\?é", "\n  - ", "---\n", "\x07"])


@given(st.lists(st.tuples(st.integers(0, len(BOOK)), st.integers(0, 3), SIGNS), min_size=1, max_size=4))
def test_whatever_is_typed_is_read_or_told_in_french_within_the_file(edits: list[tuple[int, int, str]]) -> None:
    text = BOOK
    for at, gone, typed in edits:
        text = text[:at] + typed + text[at + gone :]
    kept, found = document.salvaged(text, "r.yaml")
    assert kept or found
    lines = text.split("\n")
    for fault in found:
        assert fault.hint and 1 <= fault.line <= len(lines) + 1
        assert not {"expected", "found", "while", "not", "the", "could"} & set(fault.message.split())
