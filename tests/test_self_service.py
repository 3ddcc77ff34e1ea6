"""What a PS asks us by mail: where its invoices stand, what a code means, what we hold about it, to be left alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.model import LetterKind
from tests import day
from tests.registration_world import CABINET_MAIL, PHARMACIE_MAIL, World, reply, text_of, written

STRANGER = "curieux@example.org"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Both PS are registered; a lot of theirs was decided."""
    ready = World.made_in(tmp_path / "config")
    ready.receive(
        written(PHARMACIE_MAIL, f"Inscription de notre adresse, n° PS {day.PHARMACIE}\n"),
        written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"),
    )
    (ready.folder / "var/lots/lot.csv").write_bytes(day.THE_LOT)
    ready.receive()
    return ready


def answer(world: World, sender: str, text: str, **more: str | None) -> str:
    """The one letter that the question brought, as text; "" for none."""
    before = len(world.letters(sender))
    world.receive(written(sender, text, **{"subject": "Question", **more}))  # type: ignore[arg-type]
    found = world.letters(sender)[before:]
    assert len(found) <= 1
    return text_of(found[0]) if found else ""


def test_etat_of_an_invoice_says_where_it_stands_and_what_to_do(world: World) -> None:
    told = answer(world, PHARMACIE_MAIL, "ÉTAT 1002\n\nMerci, Pharmacie du Port\n")
    assert "1002" in told and "100" in told and "refusée" in told.lower()
    assert "MARTELIN" not in told and day.nir(1)[:13] not in told.replace(" ", "")


@pytest.mark.parametrize("asked", ["Bonjour\netat 1002 svp\nmerci", "Bonjour, ou en est ma facture 1002 ?"])
def test_people_in_a_hurry_are_understood(world: World, asked: str) -> None:
    assert "refusée" in answer(world, PHARMACIE_MAIL, asked, subject="question").lower()


def test_who_was_taken_out_by_mistake_may_say_so(world: World) -> None:
    answer(world, CABINET_MAIL, "Désinscription\n")
    ended = world.letters(CABINET_MAIL)[-1]
    world.receive(reply(ended, "Non !! Je n'ai rien demandé, remettez moi"))
    assert (day.CABINET, CABINET_MAIL) in world.active()


def test_etat_lists_the_open_refusals_of_this_ps_only(world: World) -> None:
    told = answer(world, PHARMACIE_MAIL, "état")
    assert "1002" in told
    assert "n° 77" not in told.replace("\u00a0", " ")
    other = answer(world, CABINET_MAIL, "Etat", subject="ÉTAT")
    assert "77" in other and "1002" not in other


def test_the_invoice_of_another_ps_does_not_exist_for_who_asks(world: World) -> None:
    assert "aucune facture" in answer(world, CABINET_MAIL, "ETAT 1002").lower()
    assert "aucune facture" in answer(world, CABINET_MAIL, "ETAT 424242").lower()


def test_the_subject_alone_is_a_question_too(world: World) -> None:
    assert "1002" in answer(world, PHARMACIE_MAIL, "Cordialement\n", subject="État 1002")


def test_consigne_and_aide_are_told_to_any_confirmed_sender_but_nothing_of_a_case(world: World) -> None:
    with world.service() as service:
        number, consigne = next(iter(service.configuration.house.consignes.par_numero.items()))
    assert consigne.libelle[:20] in answer(world, STRANGER, f"CONSIGNE {number}").replace("\n", " ")
    assert "DÉSINSCRIPTION" in answer(world, STRANGER, "AIDE")
    asked = answer(world, STRANGER, "ÉTAT 1002")
    assert "1002" not in asked and "enregistrer" in asked


@pytest.mark.parametrize("checked", [None, "fail"])
def test_an_unconfirmed_sender_is_told_nothing(world: World, checked: str | None) -> None:
    for text in ("ÉTAT", "ÉTAT 1002", "AIDE", "CONSIGNE 54"):
        assert answer(world, PHARMACIE_MAIL, text, checked=checked) == ""
    assert any("Question d’un expéditeur" in reason for reason in world.parked())


def test_an_answer_to_our_letter_is_proof_enough_for_its_own_address(world: World) -> None:
    bordereau = world.letters(PHARMACIE_MAIL, "refus")[-1]
    world.receive(reply(bordereau, "ÉTAT 1002", checked=None))
    assert "1002" in text_of(world.letters(PHARMACIE_MAIL)[-1])
    before = len(world.letters())
    world.receive(reply(bordereau, "ÉTAT 1002", sender=STRANGER, checked=None))
    assert len(world.letters()) == before


def test_a_sentence_with_these_words_is_no_question(world: World) -> None:
    answer(world, PHARMACIE_MAIL, "Bonjour, j'ai besoin d'aide pour l'état de la facture 1002.\n")
    with world.service() as service:
        assert not [one for one in service.ledger.letters.listed() if one.kind is LetterKind.STATUS]


def test_three_answers_a_day_and_then_an_agent(world: World) -> None:
    world.now += timedelta(days=2)
    told = [answer(world, PHARMACIE_MAIL, f"ÉTAT {1001 + at}") for at in range(5)]
    assert [bool(one) for one in told] == [True, True, True, False, False]
    assert any("réponses du jour" in reason for reason in world.parked())


def test_a_request_about_ones_data_goes_to_the_dpo_and_is_acknowledged(world: World) -> None:
    text = "Au titre du droit d'accès (article 15 du RGPD), merci de m'envoyer copie de mes données personnelles.\n"
    told = answer(world, PHARMACIE_MAIL, text)
    assert "délégué à la protection" in told.lower()
    (reason,) = [one for one in world.parked() if one.startswith("DPO")]
    assert "dans le mois" in reason
    assert answer(world, STRANGER, text, checked=None) == ""
    assert any("non confirmé" in one for one in world.parked())


def test_who_leaves_is_believed_when_confirmed_and_asked_when_not(world: World) -> None:
    assert "plus enregistrée" in answer(world, CABINET_MAIL, "Désinscription svp\n").lower().replace("\n", " ")
    assert (day.CABINET, CABINET_MAIL) not in world.active()
    asks = answer(world, PHARMACIE_MAIL, "Merci de me désinscrire.\n", checked=None)
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active() and "OUI" in asks
    world.receive(reply(world.letters(PHARMACIE_MAIL)[-1], "Oui", checked=None))
    assert (day.PHARMACIE, PHARMACIE_MAIL) not in world.active()
    with world.service() as service:
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, PHARMACIE_MAIL), "not even as AGAPS's address"


def test_who_left_may_come_back(world: World) -> None:
    answer(world, CABINET_MAIL, "Désinscription\n")
    world.receive(written(CABINET_MAIL, f"Merci d'enregistrer à nouveau notre adresse, n° PS {day.CABINET}\n"))
    with world.service() as service:
        states = [one.state for one in service.ledger.contacts.listed(day.CABINET)]
    assert states == ["resiliee", "active"]
