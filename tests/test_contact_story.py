"""What a gestionnaire reads and does when an address is contested: from the urgent line to the end of the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailbot.ledger import Waiting
from mailbot.passes.inscriptions import decided
from tests import day
from tests.registration_world import PHARMACIE_MAIL, World, reply, written
from tests.test_cli import mailbot

MALLORY = "mallory@evil.test"
ASKS = f"Bonjour,\nmerci d'enregistrer cette adresse pour le n° PS {day.PHARMACIE}.\n"


def cli(world: World, *words: str) -> str:
    now = f"{world.now:%Y-%m-%dT%H:%M}"
    done = mailbot("--config", world.folder, "--now", now, "--agent", "camille", *words)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The pharmacie is registered; Mallory took its place, and the pharmacie says no."""
    ready = World.made_in(tmp_path / "config")
    ready.receive(written(PHARMACIE_MAIL, ASKS))
    ready.receive(written(MALLORY, ASKS))
    with ready.service() as service, service.ledger.transaction():
        (asked,) = [one for one in service.ledger.contacts.listed(day.PHARMACIE) if one.pending]
        decided.approve(service, asked.id, "agent trompé au téléphone")
    ready.receive()
    return ready


def contest(world: World) -> None:
    told = world.letters(PHARMACIE_MAIL, "changent")[-1]
    world.receive(reply(told, "NON, ce n'est pas nous."))


def test_a_contested_address_is_urgent_first_and_not_to_be_approved(world: World) -> None:
    contest(world)
    status = cli(world, "status")
    first, second = [line for line in status.splitlines() if line.startswith("à voir")][:2]
    assert "URGENT" in first and day.PHARMACIE in first and "plus rien" in first
    assert "URGENT : 1" in second and "mail à lire" in second.replace("\u00a0", " ")
    assert "à approuver" not in status
    assert cli(world, "review", "list").startswith("URGENT")


def test_the_mail_that_contests_shows_who_writes_and_what_to_decide(world: World) -> None:
    contest(world)
    (mail,) = [one for one in _waiting(world) if one.reason.startswith("URGENT")]
    shown = cli(world, "review", "show", str(mail.id))
    assert "contact d’aucun PS" not in shown
    assert f"adresse connue du registre : PS {day.PHARMACIE} (retours, remplacée" in shown
    (bad,) = [one for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY]
    assert f"mailbot contacts end {bad.id} --reason" in shown and f"mailbot contacts approve {bad.id}" in shown
    assert "--inscription" not in shown


def test_an_address_tells_who_contests_it_until_when_it_may_be_and_why_it_ended(world: World) -> None:
    shown = cli(world, "contacts", "show", day.PHARMACIE)
    until = (datetime.fromisoformat("2026-03-02T09:00") + timedelta(days=30)).date()
    assert f"contestable jusqu’au {until:%d/%m/%Y}" in shown and f"par {PHARMACIE_MAIL}" in shown
    assert f"adresse d’AGAPS : {PHARMACIE_MAIL}" in shown and "PHARMACIE" in shown.splitlines()[0]
    assert "retours, active" in shown
    contest(world)
    shown = cli(world, "contacts", "show", day.PHARMACIE)
    assert "URGENT" in shown and f"par {PHARMACIE_MAIL} (mail " in shown
    (bad,) = [one for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY]
    cli(world, "contacts", "end", str(bad.id), "--reason", "fraude, vue avec le titulaire")
    assert "par camille" in cli(world, "contacts", "show", day.PHARMACIE)
    assert "fraude, vue avec le titulaire" in cli(world, "contacts", "show", day.PHARMACIE)


def test_the_decision_takes_the_urgent_mail_out_of_the_queue(world: World) -> None:
    contest(world)
    (bad,) = [one for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY]
    assert "clos par cette décision" in cli(world, "contacts", "end", str(bad.id), "--reason", "fraude")
    assert not [one for one in _waiting(world) if one.reason.startswith("URGENT")]
    assert "URGENT" not in cli(world, "status")
    again = cli(world, "contacts", "end", str(bad.id), "--reason", "encore")
    assert "résiliée" in again and "possible seulement depuis" in again and "resiliee" not in again
    assert "aucune adresse 999" in cli(world, "contacts", "end", "999", "--reason", "x")


def test_confirmed_without_the_agreement_of_the_ps_only_where_it_is_so(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    world.receive(written(PHARMACIE_MAIL, ASKS))
    asks = f"Merci d'enregistrer mon adresse mail, n° PS {day.PHARMACIE}, je remplace le titulaire du 04/03/2026"
    world.receive(written(MALLORY, f"{asks} au 30/06/2026.\n"))
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(world.letters(MALLORY)[-1], "Oui"))
    assert "confirmée, sans l’accord du PS" in cli(world, "contacts", "show", day.PHARMACIE)
    world.receive(reply(asked, "Oui"))
    shown = cli(world, "contacts", "show", day.PHARMACIE)
    assert "confirmée, attend son premier jour" in shown and "sans l’accord" not in shown
    assert "du 04/03/2026 au 30/06/2026" in shown


def test_letters_on_paper_wait_for_somebody_to_print_them(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    world.receive(written(MALLORY, ASKS.replace(day.PHARMACIE, day.SANS_MAIL)))
    assert "1\u00a0courrier postal à imprimer" in cli(world, "status")


def test_who_asks_that_somebody_else_leaves_brings_the_addresses_of_the_ps_to_the_agent(world: World) -> None:
    world.receive(written(MALLORY, "Ma remplaçante est partie, merci de la désinscrire.\n", subject="Départ"))
    (mail,) = [one for one in _waiting(world) if one.kind == "unsubscribe"]
    shown = cli(world, "review", "show", str(mail.id))
    assert "quelqu’un d’autre" in shown
    (held,) = [one for one in world.contacts(day.PHARMACIE) if one.state == "active"]
    assert f"mailbot contacts end {held.id} --reason « demande du PS, mail {mail.id} »" in shown


def _waiting(world: World) -> list[Waiting]:
    with world.service() as service:
        return service.ledger.review.waiting()
