"""The preview: every letter in a browser on this machine, beside its faults, and nothing for anybody else."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailbot.configuration import folder as folders
from mailbot.errors import Never
from mailbot.letters import samples
from mailbot.preview import app, dark, server
from mailbot.preview.gallery import Gallery
from tests import day
from tests.conftest import need
from tests.letters_house import shipped
from tests.test_cli import mailbot

HOST, PORT = "127.0.0.1:8025", 8025


@pytest.fixture
def config(tmp_path: Path) -> Path:
    place = tmp_path / "config"
    shutil.copytree(folders.shipped(), place, ignore=shutil.ignore_patterns("var"))
    return place


@pytest.fixture
def gallery(config: Path) -> Gallery:
    return Gallery(folders.load(config))


def ask(gallery: Gallery, target: str, method: str = "GET", host: str = HOST) -> app.Answer:
    return app.answer(gallery, method, target, host, PORT)


def test_every_sample_of_every_kind_is_there_bright_dark_and_as_text(gallery: Gallery) -> None:
    overview = ask(gallery, "/").body.decode()
    for kind, contexts in gallery.view().contexts.items():
        assert f'href="/courrier/{kind}/1"' in overview
        for number, context in enumerate(contexts, 1):
            assert ask(gallery, f"/courrier/{kind}/{number}").status == 200
            bright, gloomy = (ask(gallery, f"/page/{kind}/{number}?mode={mode}") for mode in ("clair", "sombre"))
            assert context["reference"] in bright.body.decode() and bright.body != gloomy.body
            text = ask(gallery, f"/texte/{kind}/{number}")
            assert text.content_type.startswith("text/plain") and context["reference"] in text.body.decode()
    assert ask(gallery, "/pdf/bordereau/1").body.startswith(b"%PDF")


@pytest.mark.parametrize(
    "target",
    ["/courrier/bordereau/0", "/courrier/bordereau/99", "/courrier/rien/1", "/pdf/reponse/1", "/ecart/templates/x.mjml",
     "/../mailbot.yaml", "/apercu.py", "/ecart/templates/..%2F..%2Fmailbot.yaml", "/%00"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(gallery: Gallery, target: str) -> None:
    assert ask(gallery, target).status == 404


@pytest.mark.parametrize("host", ["mechant.example", "127.0.0.1", "127.0.0.1:80", "", "localhost:8025.mechant.example"])
def test_a_page_elsewhere_that_calls_us_by_its_own_name_gets_nothing(gallery: Gallery, host: str) -> None:
    answer = ask(gallery, "/page/bordereau/1", host=host)
    assert answer.status == 421 and b"mb-" not in answer.body
    assert ask(gallery, "/", host="localhost:8025").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(gallery: Gallery, method: str) -> None:
    assert ask(gallery, "/", method).status == 405


def test_every_page_may_load_only_what_is_its_own(gallery: Gallery) -> None:
    for target in (
        "/",
        "/courrier/bordereau/1",
        "/page/bordereau/1",
        "/texte/bordereau/1",
        "/etat",
        "/apercu.js",
        "/x",
    ):
        headers = ask(gallery, target).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    mail, page = (ask(gallery, target).headers["Content-Security-Policy"] for target in ("/page/bordereau/1", "/"))
    assert "script-src" not in mail and "frame-ancestors 'self'" in mail and "sandbox" in mail
    assert "'unsafe-inline'" not in page and "frame-ancestors 'none'" in page
    for target in ("/", "/courrier/bordereau/1"):
        body = ask(gallery, target).body.decode()
        assert not re.search(r"\sstyle=|<style|<script>|\son\w+=|https?://", body)


def test_faults_stand_beside_the_letters_and_a_save_changes_the_page(config: Path, gallery: Gallery) -> None:
    before = json.loads(ask(gallery, "/etat").body)["version"]
    assert "Aucune faute" in ask(gallery, "/").body.decode()
    path = config / "templates/_pied.mjml"
    good = shipped()["_pied.mjml"].replace("{{ reference }}", "{{ reference }} &lt;bis&gt;")
    path.write_text(good, encoding="utf-8")
    body = ask(gallery, "/courrier/bordereau/1").body.decode()
    assert "/ecart/templates/_pied.mjml" in body and "Aucune faute" in body
    assert "bis" in ask(gallery, "/page/bordereau/1").body.decode()
    assert json.loads(ask(gallery, "/etat").body)["version"] != before
    path.write_text(good.replace("{{ reference }}", "{{ referance }}"), encoding="utf-8")
    body = ask(gallery, "/").body.decode().replace("\u00a0", " ")
    assert "1 faute" in body and "nom inconnu « referance »" in body and "« reference »" in body
    assert re.search(r"ligne \d+, colonne \d+", body)
    changed = ask(gallery, "/ecart/templates/_pied.mjml").body.decode()
    assert '<span class="plus">+' in changed and "&amp;lt;bis&amp;gt;" in changed and "porte une faute" in changed


@pytest.mark.parametrize("name", ["mailbot.yaml", "motifs.yaml", "regles.yaml", "consignes.csv", "formats/b2.csv"])
def test_a_file_that_no_service_starts_with_is_told_and_what_was_sound_before_is_shown(
    config: Path, gallery: Gallery, name: str
) -> None:
    def told() -> str:
        return ask(gallery, "/courrier/bordereau/1").body.decode().replace("\u00a0", " ")

    before = json.loads(ask(gallery, "/etat").body)["version"]
    good = (config / name).read_text(encoding="utf-8")
    (config / name).write_text("{[\n", encoding="utf-8")
    assert json.loads(ask(gallery, "/etat").body)["version"] != before
    assert "dans la configuration" in told() and name in told() and "Aucune faute" not in told()
    assert ask(gallery, "/page/bordereau/1").status == 200
    (config / "textes/aide.txt").write_text("Objet : Aide\nÉcrivez ÉTAT.\n", encoding="utf-8")
    assert "dans la configuration" in told(), "an edit of a text does not hide it"
    (config / name).write_text(good, encoding="utf-8")
    assert "dans la configuration" not in told() and "Aucune faute" in told()


def test_a_new_name_of_the_house_stands_in_the_letters_at_once(config: Path, gallery: Gallery) -> None:
    path = config / "mailbot.yaml"
    path.write_text(path.read_text("utf-8").replace("name: Mutuelle Exemple", "name: Mutuelle du Phare"), "utf-8")
    assert "Mutuelle du Phare" in ask(gallery, "/page/bordereau/1").body.decode()
    path.unlink()
    assert "fichier de configuration absent" in ask(gallery, "/").body.decode()
    assert "Mutuelle du Phare" in ask(gallery, "/page/bordereau/1").body.decode()


def test_a_text_taken_away_and_one_that_nobody_can_read_are_among_the_changes(config: Path, gallery: Gallery) -> None:
    (config / "reponses/100_RO.txt").unlink()
    (config / "reponses/DROITS_FERMES.txt").write_bytes("Droits fermés.\n".encode("latin-1"))
    body = ask(gallery, "/").body.decode()
    for name, mark in (("100_RO", "retiré"), ("DROITS_FERMES", "faute")):
        assert re.search(rf'/ecart/reponses/{name}.txt">[^<]*</a> <span class="badge">{mark}<', body)
    gone = ask(gallery, "/ecart/reponses/100_RO.txt").body.decode()
    assert "n’est plus dans votre dossier" in gone and '<span class="moins">-' in gone
    unread = ask(gallery, "/ecart/reponses/DROITS_FERMES.txt").body.decode()
    assert "ne se lit pas" in unread and '<span class="moins">' not in unread
    assert "le texte livré part à sa place" in body, "a PS is never told nothing"
    assert ask(gallery, "/page/bordereau/1").status == 200


def test_each_sample_of_the_register_is_found_by_its_name(config: Path, gallery: Gallery) -> None:
    names = gallery.view().names
    assert {kind: len(some) for kind, some in names.items()} == {
        kind: len(some) for kind, some in gallery.view().contexts.items()
    }
    assert len(set(names["inscription"])) == len(names["inscription"])
    body = ask(gallery, "/courrier/inscription/1").body.decode().replace("\u00a0", " ")
    done = mailbot("--config", config, "preview", "inscription", "--liste")
    for number, name in enumerate(names["inscription"], 1):
        assert f"<b>{number}</b> {name}</a>" in body
        assert f"{number:3}  {name}" in done.stdout.splitlines()
    assert sum("expirée" in name for name in names["inscription"]) >= 3
    assert mailbot("--config", config, "preview", "inscriptions", "--liste").returncode == 2


def test_the_dark_mode_is_switched_on_and_off_whatever_the_browser_prefers() -> None:
    page = (
        '<meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme: dark) { a { color: red } }'
        "@media only screen and (min-width:480px) { b {} }</style>"
    )
    assert dark.switched(page, True) == page.replace("light dark", "dark").replace(
        "(prefers-color-scheme: dark)", "all"
    )
    assert "@media not all { a" in dark.switched(page, False) and 'content="light"' in dark.switched(page, False)


@contextmanager
def served(gallery: Gallery) -> Iterator[int]:
    with server.opened(gallery, 0) as opened:
        thread = threading.Thread(target=opened.serve_forever, daemon=True)
        thread.start()
        try:
            yield opened.server_address[1]
        finally:
            opened.shutdown()
            thread.join()


def test_the_server_listens_on_this_machine_only_and_answers(gallery: Gallery) -> None:
    with served(gallery) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for method, status in (("GET", 200), ("HEAD", 200), ("GET", 200)):
            connection.request(method, "/page/bordereau/1")
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == status and (b"</html>" in body) == (method == "GET")
        connection.request("POST", "/", body=b"x=1")
        assert connection.getresponse().status == 405
        connection.close()
        with pytest.raises(Never, match="--port 0"):
            server.opened(gallery, port)


@pytest.mark.real
def test_in_a_browser_the_script_runs_and_the_mail_is_shown_whole(gallery: Gallery, tmp_path: Path) -> None:
    browser = need("chromium", "chromium")
    with served(gallery) as port:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profil'}",
             "--virtual-time-budget=3000", "--dump-dom", f"http://127.0.0.1:{port}/courrier/bordereau/1"],
            check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
    heights = [
        int(height) for height in re.findall(r'<iframe class="mail"[^>]*?\bheight="(\d+)"', done.stdout.decode())
    ]
    assert len(heights) == 2 and min(heights) > 1500, "the frames are as high as their mails"
    assert b"Content Security Policy" not in done.stderr


# -- the verb --------------------------------------------------------------------------------------------------------


def test_without_anything_the_kinds_are_listed(config: Path) -> None:
    done = mailbot("--config", config, "preview")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == set(samples.contexts(folders.load(config).house))


def test_a_letter_is_written_to_a_file_or_shown(config: Path, tmp_path: Path) -> None:
    done = mailbot("--config", config, "preview", "bordereau", "-o", tmp_path / "b.html")
    assert done.returncode == 0 and done.stdout == ""
    assert (tmp_path / "b.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    done = mailbot("--config", config, "preview", "bordereau", "--texte", "--exemple", "2")
    assert "Bordereau 2/" in done.stdout and "<" not in done.stdout.split("\n")[0]
    done = mailbot("--config", config, "preview", "--code", "100_RO", "--texte")
    assert done.stdout.count("Facture n°") >= 1 and "100" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bordereaux",), "« bordereau »"),
        (("bordereau", "--exemple", "99"), "exemples"),
        (("--code", "100_R"), "« 100_RO »"),
        (("--lettre", "lettre-9"), "aucun courrier"),
    ],
)
def test_what_cannot_be_shown_is_said(config: Path, arguments: tuple[str, ...], said: str) -> None:
    done = mailbot("--config", config, "preview", *arguments)
    assert done.returncode == 2 and said in done.stderr.replace("\u00a0", " ") and "Traceback" not in done.stderr


def test_a_letter_of_the_ledger_is_shown_as_it_was_sent_and_the_journal_knows(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    day.prepare(folder)
    assert mailbot("--config", folder, "--now", day.NOW.isoformat(), "run", "--once").returncode in (0, 1)
    done = mailbot("--config", folder, "--agent", "alice", "preview", "--lettre", "lettre-1", "--texte")
    assert done.returncode == 0 and "Réf. mb-" in done.stdout
    with day.service(folder) as ready:
        (row,) = ready.ledger.store.rows("SELECT who, subject FROM journal WHERE what = 'letter shown'")
    assert tuple(row) == ("alice", "lettre 1")
