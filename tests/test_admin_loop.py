"""An admin edits texts and templates while the service works: what is good counts at once, a mistake is told with its
place and changes nothing, and the last good version stays in use."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from mailbot.configuration import folder as folders
from mailbot.configuration import texts as written
from mailbot.letters import samples
from mailbot.letters.lint import source
from mailbot.passes import run, texts
from mailbot.reading import Child
from tests import day
from tests.letters_house import shipped
from tests.test_cli import mailbot

GOOD = "Bon à savoir : le service ferme à 17 h."
TOLD = "Votre régime prend tout en charge."
#: Where an admin writes: at the end of the foot of every page, and of the text part.
_FOOT, _TEXT, _REPONSE = "templates/_pied.mjml", "templates/bordereau.txt", "reponses/100_RO.txt"


def page_with(snippet: str) -> str:
    """The shipped foot of every page with one more paragraph."""
    before, end, after = shipped()["_pied.mjml"].rpartition("</mj-text>")
    return f"{before}\n{snippet}\n{end}{after}"


def text_with(snippet: str) -> str:
    return f"{shipped()['bordereau.txt']}\n{snippet}\n"


FILES = {
    _FOOT: page_with(f'<p class="pied">{GOOD}</p>'),
    _TEXT: text_with(GOOD),
    _REPONSE: f"{TOLD}\n\nAnnulez votre demande auprès de {{payeur}}.\n",
}


class Mistake(NamedTuple):
    """The file with the mistake in it, where the mistake begins in it, what is said, and the way out."""

    file: str
    text: str
    at: str
    said: str
    hint: str


def _page(snippet: str, at: str, said: str, hint: str) -> Mistake:
    return Mistake(_FOOT, page_with(snippet), at, said, hint)


MISTAKES = {
    "a name that does not exist": _page(
        '<p class="pied">{{ organisation.telephone }}</p>', "telephone }}", "« telephone »", "« phone »"
    ),
    "a tag that is not closed": _page(
        '<p class="pied">Bon à savoir', '<p class="pied">Bon', "n’est pas fermée", "</p>"
    ),
    "a component that does not exist": _page(
        "</mj-text><mj-buton>x</mj-buton><mj-text>", "<mj-but", "buton", "mj-button"
    ),
    "an attribute that does not exist": _page(
        '</mj-text><mj-text colr="#16202c">x</mj-text><mj-text>', 'colr="', "« colr »", "« color »"
    ),
    "a colour that is none": _page('<p style="color: #55">x</p>', "#55", "n’est pas une couleur", "#0a5a6c"),
    "a text that nobody can read": _page('<p style="color: #d0d0d0">x</p>', "#d0d0d0", "contraste", "foncez"),
    "a picture from a server": _page(
        '<img src="https://logo.example.org/l.png" alt="" />', "https://logo", "ressource extérieure", "d’ailleurs"
    ),
    "an if without its end": _page(
        '{% if reference %}<p class="pied">x</p>', "{% if reference %}<p", "n’est pas fermé", "endif"
    ),
    "a filter that does not exist": Mistake(
        _TEXT, text_with("{{ titre | majuscule }}"), "majuscule", "filtre inconnu", "upper"
    ),
    "a field that does not exist": Mistake(
        _REPONSE, "Bonjour {patiant}, voici.\n", "{patiant}", "champ inconnu", "« patient »"
    ),
    "a file that is not in UTF-8": Mistake(_REPONSE, "Réglé à 100 %.\n", "é", "pas en UTF-8", "réenregistrez"),
}


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(encoding))


def bordereau_of(folder: Path, facture: str) -> tuple[str, str]:
    """Page and text of the bordereau that names this invoice."""
    for raw in day.delivered(folder):
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        page, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
        if page is not None and text is not None and re.search(rf"n°\s{facture}\b", text.get_content()):
            return page.get_content(), text.get_content()
    raise AssertionError(f"no bordereau names {facture}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that has run with good texts of its admin."""
    folder = tmp_path_factory.mktemp("admin") / "config"
    day.prepare(folder)
    for name, text in FILES.items():
        write(folder, name, text)
    done = mailbot("--config", folder, "--now", day.NOW.isoformat(), "run", "--once")
    assert "à corriger" not in done.stderr, done.stderr
    page, text = bordereau_of(folder, "1002")
    assert GOOD in page and GOOD in text and TOLD in text
    return folder


@pytest.fixture
def folder(running: Path, tmp_path: Path) -> Path:
    """The same, for one test."""
    return Path(shutil.copytree(running, tmp_path / "config"))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_the_last_good_version_goes_out(name: str, folder: Path) -> None:
    mistake = MISTAKES[name]
    write(folder, mistake.file, mistake.text, "latin-1" if "UTF-8" in name else "utf-8")
    lot = day.lot_csv(day.row(numero_lot="L9", numero_facture="9002", taux_ro="100", critere_archivage="4000000099"))
    (folder / "var/lots/lot9.csv").write_bytes(lot)
    done = mailbot("--config", folder, "--now", (day.NOW + timedelta(hours=1)).isoformat(), "run", "--once")
    assert done.returncode == 1
    line, column = source.place(mistake.text, mistake.text.index(mistake.at))
    told = [one for one in done.stderr.splitlines() if f"{mistake.file}:{line}:{column} : " in one]
    assert told and mistake.said in told[0] and mistake.hint in told[0], done.stderr
    page, text = bordereau_of(folder, "9002")
    assert GOOD in page and GOOD in text and TOLD in text, "with the last good version"


def test_the_mistake_stands_in_status_and_in_check_until_it_is_corrected(folder: Path) -> None:
    write(folder, _FOOT, page_with('<p class="pied">{{ organisation.telephone }}</p>'))
    status = mailbot("--config", folder, "status")
    assert status.returncode == 1 and "1 faute dans les textes et modèles (mailbot check)" in status.stdout.replace(
        "\u00a0", " "
    )
    check = mailbot("--config", folder, "check")
    assert check.returncode == 1 and f"{_FOOT}:" in check.stderr
    write(folder, _FOOT, FILES[_FOOT])
    check = mailbot("--config", folder, "check")
    assert f"{_FOOT}:" not in check.stderr


@pytest.fixture
def child() -> Iterator[Child]:
    opened = Child()
    yield opened
    opened.close()


def service_of(folder: Path, ready: day.Service, child: Child) -> day.Service:
    return replace(ready, configuration=folders.load(folder, child.templates), reader=child)


@pytest.mark.parametrize("what", ["emptied", "taken away"])
def test_a_text_that_is_emptied_or_taken_away_stops_nothing(folder: Path, what: str) -> None:
    if what == "emptied":
        write(folder, "reponses/100_RO.txt", "")
    else:
        (folder / "reponses/100_RO.txt").unlink()
    said = mailbot("--config", folder, "check")
    assert said.returncode == 1 and "reponses/100_RO.txt" in said.stdout + said.stderr
    (folder / "var/lots/vide.csv").write_bytes(day.lot_csv(day.row(numero_facture="1091", numero_lot="V1")))
    done = mailbot("--config", folder, "--now", (day.NOW + timedelta(hours=1)).isoformat(), "run", "--once")
    assert done.returncode == 1 and "à corriger" in done.stderr and "en service" not in done.stderr


def test_an_edit_counts_without_a_restart_and_a_mistake_does_not(folder: Path, child: Child) -> None:
    said: list[str] = []

    def foot(service: day.Service) -> str:
        house = service.configuration.house
        kind = next(iter(samples.contexts(house)))
        return house.templates.html(kind, samples.contexts(house)[kind][0])

    with day.service(folder, said=said) as ready:
        service = service_of(folder, ready, child)
        assert texts.refreshed(service) is service
        write(folder, _FOOT, page_with('<p class="pied">Nouveau pied</p>'))
        service = texts.refreshed(service)
        assert "Nouveau pied" in foot(service)
        assert said == ["textes et modèles relus : ils servent dès maintenant"]
        write(folder, _FOOT, page_with('<p class="pied">Mauvais pied {{ titr }}</p>'))
        service = texts.refreshed(service)
        assert "Nouveau pied" in foot(service) and "« titr »" in said[-1]
        assert len(said) == 2
        restarted = service_of(folder, ready, child)
        assert "Nouveau pied" in foot(restarted), "after a restart too"
        (folder / _FOOT).unlink()
        service = texts.refreshed(service)
        assert "pied</p>" not in foot(service) and not service.configuration.warnings
        write(folder, _FOOT, page_with('<p class="pied">Mauvais pied {{ titr }}</p>'))
        assert "Nouveau pied" not in foot(texts.refreshed(service)), "what was taken away does not come back"
        changes = ready.ledger.store.rows("SELECT details FROM journal WHERE what = 'texts changed'")
        assert [row[0] for row in changes] == [f'{{"faults": {count}}}' for count in (0, 1, 0, 1)]


def test_a_running_service_looks_at_each_round(folder: Path, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []

    def once(service: day.Service, _edges: day.Edges, _most: int) -> run.Round:
        rounds.append(service.configuration.house.templates.files["bordereau.txt"])
        write(folder, _TEXT, text_with(f"Tour {len(rounds)}"))
        return run.Round([])

    monkeypatch.setattr(run, "once", once)
    with day.service(folder) as ready, day.edges(ready) as edges:
        service = replace(service_of(folder, ready, child), stopping=lambda: len(rounds) == 3)
        run.forever(service, replace(edges, inboxes=()))
    assert [GOOD in rounds[0], "Tour 1" in rounds[1], "Tour 2" in rounds[2]] == [True] * 3


def test_the_copies_are_for_their_owner_only_and_hold_what_differs(folder: Path) -> None:
    kept = folder / "var/derniers-bons"
    found = {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}
    assert found == {*FILES, "essai.sha256"}
    assert {path.stat().st_mode & 0o777 for path in kept.rglob("*") if path.is_file()} == {0o600}


def test_a_disk_that_refuses_the_copies_stops_nothing(folder: Path) -> None:
    shutil.rmtree(folder / "var/derniers-bons")
    (folder / "var/derniers-bons").write_text("", encoding="utf-8")
    said: list[str] = []
    with day.service(folder, said=said) as ready:
        texts.remember(replace(ready, configuration=folders.load(folder)))
    assert said and "n’est pas gardée" in said[0]


def test_what_was_found_good_is_not_tried_again_by_every_command(folder: Path) -> None:
    def nobody(*_: object) -> written.Verdict:
        raise AssertionError("tried again")

    assert GOOD in folders.load(folder, nobody).house.templates.files["bordereau.txt"]


def test_a_template_that_would_fill_the_memory_is_stopped_and_told(folder: Path, child: Child) -> None:
    write(folder, _TEXT, text_with("{% set x = titre ~ titre %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}"))
    configuration = folders.load(folder, child.templates)
    (fault,) = configuration.warnings
    assert fault.file == _TEXT and "ne se rend pas" in fault.message and "boucles" in fault.hint
    assert GOOD in configuration.house.templates.files["bordereau.txt"]
