"""What an agent sees of letters, and holds and releases: by name, in sentences that say what happens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailbot.cli import outbox_list
from mailbot.configuration import settings
from mailbot.model import LetterKind, LetterState
from mailbot.passes import deliver, forecast
from tests import day
from tests.test_deliver import (
    Taking,
    fill,
    folder,  # noqa: F401  # a fixture
    recipient,
    run,
    service_at,
)

# -- hold and release --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("--domain", "@@@"), ("--domain", ""), ("--domain", "fr"), ("--domain", ".fr"), ("--domain", "*.example.org"),
        ("--domain", "contact@"), ("--ps", "000"), ("--ps", ""), ("--ps", "000000000"), ("--ps", "75200001X"),
    ],
)  # fmt: skip
def test_a_hold_of_nothing_is_refused_and_holds_nothing(folder: Path, words: tuple[str, ...]) -> None:  # noqa: F811
    done = run(folder, "outbox", "hold", *words)
    assert done.returncode == 2 and "n’est pas un" in done.stderr
    with service_at(folder) as service:
        assert service.ledger.holds.listed() == [] and service.ledger.holds.everything() == ""


def test_a_hold_says_how_many_letters_it_keeps_and_which_domains_it_does_not(folder: Path) -> None:  # noqa: F811
    with service_at(folder) as service:
        fill(service, 2, "example.org")
        fill(service, 3, "pharmacie.example.org")
    done = run(folder, "outbox", "hold", "--domain", "Contact@Example.org")
    assert "domaine example.org : retenu, 2\u00a0courriers attendent" in done.stderr
    assert "pas retenus, car ce sont d’autres domaines : pharmacie.example.org (3)" in done.stderr
    assert "aucun courrier n’attend" in run(folder, "outbox", "hold", "--ps", "2A0099994").stderr
    outbox = Taking()
    with service_at(folder) as service:
        deliver.deliver(service, outbox)
    assert outbox.taken == [recipient(number, "pharmacie.example.org") for number in (2, 3, 4)]
    assert "d’autres domaines" in " ".join(run(folder, "outbox", "hold", "--help").stdout.split())


def test_a_bare_release_says_what_it_would_let_go_and_asks(folder: Path) -> None:  # noqa: F811
    with service_at(folder) as service:
        fill(service, 3)
    run(folder, "outbox", "hold", "--reason", "doute sur la table")
    run(folder, "outbox", "hold", "--domain", "grand.example.org")
    done = run(folder, "outbox", "release")
    assert done.returncode == 2
    assert "doute sur la table (3\u00a0courriers attendent)" in done.stderr
    assert "« mailbot outbox release --all »" in done.stderr
    assert "« mailbot outbox release --domain grand.example.org »" in done.stderr
    with service_at(folder) as service:
        assert service.ledger.holds.everything() == "doute sur la table"
    assert "release --all" in run(folder, "outbox", "list").stderr
    assert run(folder, "outbox", "release", "--domain", "").returncode == 2
    assert run(folder, "outbox", "release", "--all").returncode == 0
    assert "l’envoi n’est pas suspendu" in run(folder, "outbox", "release").stderr
    with service_at(folder) as service:
        assert deliver.deliver(service, Taking()).sent == 3


def test_what_was_held_before_names_were_asked_for_can_be_released(folder: Path) -> None:  # noqa: F811
    with service_at(folder) as service:
        service.ledger.holds.hold(day.NOW, "domain", "", "saisi trop vite")
        service.ledger.holds.hold(day.NOW, "ps", "000", "saisi trop vite")
    assert run(folder, "outbox", "release", "--domain", "@@@").returncode == 0
    assert run(folder, "outbox", "release", "--ps", "000").returncode == 0


# -- the rehearsal -----------------------------------------------------------------------------------------------------


def test_on_a_sunday_the_rehearsal_names_the_hours_and_the_day_on_which_bordereaux_leave(folder: Path) -> None:  # noqa: F811
    path = folder / "mailbot.yaml"
    text = path.read_text(encoding="utf-8").replace("  # send_at: 07:30 ", "  send_at: 07:30 ")
    path.write_text(text.replace("  # send_days: ouvres", "  send_days: ouvres"), encoding="utf-8")
    sunday = datetime.fromisoformat("2026-04-05T10:00+02:00")  # Easter
    with service_at(folder, sunday) as service:
        fill(service, 2, kind=LetterKind.BORDEREAU)
        later = settings.Bordereau.model_validate({"send_at": "07:30", "send_days": "ouvres"})
        (waiting,) = fill(service, 1, kind=LetterKind.BORDEREAU)
        service.ledger.letters.postpone([waiting], sunday + timedelta(days=2), "")
        found = forecast.forecast(day.with_settings(service, bordereau=later))
        assert (found.letters, found.outside_hours, found.waiting) == (0, 3, 0)
    done = run(folder, "deliver", "--dry-run", now=sunday)
    said = (
        "ne part pas : 3 — attend les heures d’envoi des bordereaux, à partir du 07/04/2026 07:30 (send_at, send_until"
    )
    assert said in done.stdout
    in_json = json.loads(run(folder, "deliver", "--dry-run", "--json", now=sunday).stdout)
    assert in_json["yesterday"] == {"letters": 0, "ps": 0}
    assert in_json["leaves_at"].startswith("2026-04-07T05:30")


def test_what_waits_after_a_refusal_and_what_is_held_are_told_apart(folder: Path) -> None:  # noqa: F811
    with service_at(folder) as service:
        refused, _, _ = fill(service, 3)
        service.ledger.letters.postpone([refused], day.NOW + timedelta(hours=2), "452 trop de courriers")
        service.ledger.holds.hold(day.NOW, "ps", "200000001", "à vérifier")
        found = forecast.forecast(service)
    assert (found.letters, found.waiting, found.kept) == (1, 2, 1)
    told = run(folder, "deliver", "--dry-run").stdout
    assert "1 — retenu avec son PS, son domaine ou tout l’envoi" in told
    assert "1 — nouvel essai plus tard, à partir du 02/03/2026 11:00" in told


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(folder: Path) -> Path:  # noqa: F811
    """120 letters of yesterday that left, and three of today."""
    with service_at(folder, day.NOW - timedelta(days=1)) as service:
        fill(service, 120, "grand.example.org")
        deliver.deliver(service, Taking())
    with service_at(folder) as service:
        for number, kind in enumerate((LetterKind.BORDEREAU, LetterKind.RECEIPT, LetterKind.BORDEREAU)):
            letter = fill(service, 1, kind=kind)
            raw = f"Subject: =?utf-8?q?Refus=C3=A9es_{number}?=\r\nTo: x@example.org\r\n\r\nBonjour\r\n".encode()
            service.ledger.store.run("UPDATE letter_bytes SET raw = ? WHERE letter_id = ?", raw, *letter)
        service.ledger.letters.hold(123, "à relire")
    return folder


def test_the_list_names_day_address_and_subject_and_ends_with_the_latest(letters: Path) -> None:
    done = run(letters, "outbox", "list")
    lines = done.stdout.splitlines()
    assert len(lines) == 100
    line = "122  02/03/2026 09:00  accusé de réception  PS 200000121  contact121@cabinet121.example.org  « Refusées 1 »"
    assert lines[-2].startswith(line) and "en attente" in lines[-2]
    assert "23\u00a0courriers plus anciens (23 envoyé)" in done.stderr and "--tout" in done.stderr
    assert len(run(letters, "outbox", "list", "--tout").stdout.splitlines()) == 123
    assert len(run(letters, "outbox", "list", "--nombre", "2").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--etat", "attente"), [121, 122]),
        (("--etat", "attente", "--etat", "retenu"), [121, 122, 123]),
        (("--type", "bordereau"), [121, 123]),
        (("--type", "bordereau", "--etat", "retenu"), [123]),
        (("--ps", "200000007"), [8]),
        (("--adresse", "Contact121@cabinet121.example.org"), [122]),
        (("--adresse", "cabinet122.example.org"), [123]),
        (("--adresse", "example.org"), []),
        (("--depuis", "2026-03-02"), [121, 122, 123]),
        (("--depuis", "02/03/2026", "--type", "accuse"), [122]),
    ],
)
def test_the_list_shows_what_was_asked_for(letters: Path, words: tuple[str, ...], found: list[int]) -> None:
    lines = run(letters, "outbox", "list", "--json", *words).stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == found


def test_every_state_and_kind_can_be_asked_for() -> None:
    assert {*outbox_list._ETATS.values()} == {*LetterState} and {*outbox_list._TYPES.values()} == {*LetterKind}


def test_the_list_in_json_holds_every_letter_with_its_subject(letters: Path) -> None:
    lines = [json.loads(line) for line in run(letters, "outbox", "list", "--json").stdout.splitlines()]
    assert len(lines) == 123
    last = lines[-1]
    assert (last["to"], last["subject"], last["state"]) == (recipient(122), "Refusées 2", "held")
