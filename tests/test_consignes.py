"""The dictionary of consignes: by number, by words, by what NOEMIE returns taught; nothing in a question is syntax."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.cli import dictionary, main
from mailbot.errors import ConfigError
from mailbot.ledger import LearnedCode
from mailbot.letters import consignes
from mailbot.model.retours import Raison
from tests import day
from tests.letters_house import dictionary as shipped

LEARNED = [
    LearnedCode("R21", "Prescripteur inconnu", "2026-03-02", "2026-03-05", 2, {}),
    LearnedCode("R07", "Plafond du contrat dépassé", "2026-03-02", "2026-03-05", 9, {}),
    LearnedCode("2001", "MAU seule", "2026-03-02", "2026-03-05", 40, {}),
]
ENTRIES = dictionary.entries(shipped(), LEARNED)


def found(question: str) -> list[str]:
    return [one.numero for one in dictionary.search(ENTRIES, question)]


@pytest.mark.parametrize(
    ("question", "numeros"),
    [
        ("beneficiaire inconnu", ["1301"]),
        ("BÉNÉFICIAIRE Inconnu", ["1301"]),
        ("inconn benef", ["1301"]),
        ("parcours", ["2701"]),
        ("l’acte de base", ["2401"]),
        ("l'acte de base", ["2401"]),
        ("2012", ["2012"]),
        ("plafond", ["R07"]),
        ("depasse R07", ["R07"]),
        ("coeur", []),
        ("beneficiaire plafond", []),
        ("", []),
        ("« » - * ?", []),
    ],
)
def test_every_word_must_be_found_without_case_and_accents(question: str, numeros: list[str]) -> None:
    assert found(question) == numeros


def test_a_word_in_the_number_or_label_comes_before_one_in_the_text() -> None:
    hits = found("nomenclature")
    assert hits[0] == "2009"
    assert set(hits) == {"2009", "2002"}
    assert set(found("20")) == {f"20{end:02d}" for end in range(13)}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("beneficaire", "bénéficiaire"),
        ("acte inconu", "acte inconnu"),
        ("21O3", "2103"),
        ("majorasion mau", "majoration mau"),
        ("acte inconnu", ""),
        ("xyzzy", ""),
        ("!", ""),
    ],
)
def test_a_slip_of_the_pen_gets_the_nearest_number_or_word(wrong: str, right: str) -> None:
    assert dictionary.nearest(ENTRIES, wrong) == right


@given(st.text(max_size=40) | st.text(alphabet="\"'*:^(){}[]-+~&|ANDORTNE_ \\\x00é²ß", max_size=30))
@example('"')
@example("AND OR NOT NEAR(")
@example("libelle: 2001")
@example("acte_mau\x00")
@example("ﬁ ½ ٣ 𝟙")
def test_no_question_is_ever_syntax(question: str) -> None:
    hits = dictionary.search(ENTRIES, question)
    words = dictionary.asked(question)
    for one in hits:
        there = dictionary.asked(f"{one.numero} {one.libelle} {one.consigne}")
        assert words
        assert all(any(word.startswith(asked) for word in there) for asked in words)
    assert dictionary.nearest(ENTRIES, question) != question or not question


@given(st.sampled_from(ENTRIES), st.data())
def test_an_entry_is_found_by_the_beginnings_of_its_own_words(entry: dictionary.Entry, data: st.DataObject) -> None:
    words = dictionary.asked(f"{entry.numero} {entry.libelle} {entry.consigne}")
    chosen = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=5))
    question = " ".join(word[: data.draw(st.integers(1, len(word)))].upper() for word in chosen)
    assert entry in dictionary.search(ENTRIES, question)


def test_the_words_asked_for_are_marked_as_they_are_written() -> None:
    line = dictionary.marked("Bénéficiaire non couvert", "benef COUVERT", lambda word: f"<{word}>")
    assert line == "<Bénéficiaire> non <couvert>"


def test_learned_codes_without_a_consigne_are_work_the_most_frequent_first() -> None:
    assert [one.code for one in dictionary.unexplained(shipped(), LEARNED)] == ["R07", "R21"]


def test_the_line_to_paste_is_refused_until_somebody_says_what_to_do() -> None:
    header = "numero;libelle;consigne;motif;precision\n"
    line = consignes.to_complete("R07", 'Plafond "annuel"; dépassé')
    with pytest.raises(ConfigError) as refused:
        consignes.read(header + line + "\n")
    assert [(fault.line, fault.column, fault.message) for fault in refused.value.faults] == [
        (2, 3, "« consigne » est vide")
    ]
    done = consignes.read(header + line.replace(";;;", ";Voyez le contrat.;;") + "\n")
    assert done.par_numero["R07"].libelle == 'Plafond "annuel"; dépassé'
    assert done.pour("R07") is None
    assert done.par_motif == {}


# -- on the command line -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose ledger has read three returns."""
    place = tmp_path_factory.mktemp("consignes") / "config"
    day.prepare(place)
    with day.service(place) as service:
        r07 = Raison("R07", "Plafond du contrat dépassé", "F", "C")
        service.ledger.retours.learn(day.NOW, [r07, Raison("R21", "Prescripteur inconnu", "F", "C"), r07])
    return place


def ran(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(folder), "consigne", *arguments])
    out, err = (text.replace("\u00a0", " ") for text in capsys.readouterr())
    return int(ended.value.code or 0), out, err


def test_a_number_says_what_to_do(folder: Path, capsys: Any) -> None:
    assert ran(folder, capsys, "2103") == (
        0, "2103 — Facture déjà payée\nRapprochez-la de vos relevés et annulez la demande.\n", "",
    )  # fmt: skip
    code, out, _ = ran(folder, capsys, "deja", "payee", "releves", "--json")
    assert (code, [json.loads(line)["numero"] for line in out.splitlines()]) == (0, ["2103"])
    assert set(json.loads(out)) == {"numero", "libelle", "consigne", "motif", "source", "count"}


def test_a_code_that_returns_taught_is_found_and_listed_as_work(folder: Path, capsys: Any) -> None:
    code, out, _ = ran(folder, capsys, "R07")
    assert (code, out) == (
        0, "R07 — Plafond du contrat dépassé\n(sans consigne ; vu 2 fois dans les retours NOEMIE)\n",
    )  # fmt: skip
    code, out, err = ran(folder, capsys, "--manquantes")
    assert (code, out) == (1, "R07;Plafond du contrat dépassé;;;\nR21;Prescripteur inconnu;;;\n")
    assert "2 codes sans consigne" in err
    _, out, _ = ran(folder, capsys, "--manquantes", "--json")
    assert [(one["numero"], one["count"]) for one in map(json.loads, out.splitlines())] == [("R07", 2), ("R21", 1)]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["beneficaire"], 1, "vouliez-vous dire « bénéficiaire » ?"),
        (["424242"], 1, "rien dans le dictionnaire pour « 424242 »"),
        (['"'], 1, "rien dans le dictionnaire"),
        ([], 2, "il faut un numéro ou des mots"),
        (["2103", "--manquantes"], 2, "il faut un numéro ou des mots"),
    ],
)
def test_nothing_found_is_one_and_wrong_use_is_two(
    folder: Path, capsys: Any, arguments: list[str], code: int, said: str
) -> None:
    ended, out, err = ran(folder, capsys, *arguments)
    assert (ended, out) == (code, "")
    assert said in err


def test_without_a_ledger_only_the_dictionary_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["consigne", "plafond"])
    assert ended.value.code == 1
    assert not list(tmp_path.iterdir())
