"""An end is done at once only where its words plainly say so of the sender; all else is read by a human."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mail import leaving, registration
from tests import day
from tests.registration_world import CABINET_MAIL, DESK, PHARMACIE_MAIL, World, reply, written

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Désinscription", ""),
        ("Désinscription", "Bonjour,\nMerci d'avance\nDr Anne Martin"),
        ("Désinscription", "N° PS 752000019, merci"),
        ("Désinscription", "Merci de prendre en compte ma demande"),
        ("", "Désinscription svp"),
        ("Retraite", "Bonjour, je n'exerce plus, merci de ne plus rien m'envoyer."),
        (
            "Retraite",
            "Je n'exerce plus depuis le 1er janvier 2026, merci de me désinscrire.\nCordialement\nDr Anne Martin",
        ),
        ("", "Je pars à la retraite, merci de me retirer de vos listes s'il vous plaît.\n\nDr Martin"),
        ("", "j'exerce plus merci d arreter les mails"),
        ("", "stop"),
        ("", "Mon remplacement est terminé, merci de ne plus m'envoyer les bordereaux"),
        ("", "Le cabinet a été vendu, merci de supprimer cette adresse"),
        ("", "Bonjour, je n'exerce plus. Merci de ne plus rien m'envoyer. Cordialement Dr Martin"),
        ("Bordereaux", "Je ne souhaite plus recevoir vos mails"),
        ("", "Je suis à la retraite depuis le 31/12/2025, merci de me désinscrire"),
        ("", "J'ai vendu ma pharmacie, merci de ne plus m'écrire"),
        # which address is meant stands there
        ("", "Ma secrétaire est partie, merci de retirer l'adresse secretariat@example.org."),
        ("", "Désinscription de l'adresse x@example.org svp, elle n'est pas à nous."),
    ],
)
def test_plain_words_about_oneself(subject: str, text: str) -> None:
    assert registration.unsubscribe(subject, text)
    assert leaving.doubt(subject, text, TODAY) == ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Remplaçante", "Bonjour, ma remplaçante est partie, merci de la désinscrire."),
        ("Départ", "Le Dr Martin n'exerce plus au cabinet, merci de ne plus lui envoyer vos messages."),
        ("Info", "Ma collègue n'exerce plus ici."),
        ("Désinscription", "Désinscription de ma secrétaire SVP"),
        ("Secrétariat", "Notre secrétaire est partie, merci de supprimer son adresse."),
        ("Désinscription", "Désinscription de ma collègue du n° PS 691000018, elle n'exerce plus"),
        ("Fin", "Fin du remplacement : désinscription de ma remplaçante ce jour. Je reprends."),
        ("Déménagement", "Je n'exerce plus au 12 rue des Lilas, j'ai déménagé. Même adresse mail."),
        ("Relances", "Je ne veux plus recevoir les rappels"),
        ("Désinscription", "Je ne souhaite pas me désinscrire"),
        ("Désinscription", "Non merci, nous restons inscrits."),
        ("Question", "Comment se désinscrire ?"),
        ("Question", "Pouvez-vous me dire si une désinscription est possible pour ma remplaçante ?"),
        ("Erreur", "Nous ne voulons plus être désinscrits par erreur, merci de nous garder !"),
        ("", "désinscription de ma remplaçante qui est partie. Continuez à écrire à ma secrétaire s@example.org"),
    ],
)
def test_a_question_a_denial_or_somebody_else_is_read_by_a_human(subject: str, text: str) -> None:
    assert registration.unsubscribe(subject, text)
    assert leaving.doubt(subject, text, TODAY)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        *(
            ("", text)
            for text in (
                "Nous ne voulons plus recevoir de rejets injustifiés, merci de corriger.",
                "Plus de bordereaux depuis une semaine, merci de nous les renvoyer.",
                "Plus aucun bordereau reçu depuis lundi.", "Merci de désinscrire Sophie",
                "J'ai vendu mon cabinet de Lyon, je m'installe à Paris", "Je n'exerce plus les lundis",
                "Vous avez suspendu les envois", "Nous ne souhaitons plus recevoir de rejets",
                "Merci de ne plus nous envoyer de PDF", "Ne plus envoyer les bordereaux en double",
                "Je ne souhaite plus recevoir deux mails par jour", "plus de mails svp pour les pec",
                "arrêter les envois au format Excel", "Cessation d'activité de Sophie",
                "Suppression de l'adresse de Sophie", "Je cesse mon activité quelques semaines",
                "Arrêt d'activité de 3 semaines", "J'ai arrêté mon activité de nuit",
                "Supprimez mon adresse de la ligne 3", "Je suis en arrêt d'activité (maternité)",
                "Désinscription\nSi possible", "Je n'exerce plus. Continuez les envois.",
            )
        ),
        ("Désinscription Sophie Durand", ""),
        ("Désinscription de Sophie", "Désinscription svp"),
        ("Plus de bordereaux", "Bonjour"),
    ],
)  # fmt: skip
def test_complaints_and_partial_wishes_end_nothing(subject: str, text: str) -> None:
    assert not registration.unsubscribe(subject, text) or leaving.doubt(subject, text, TODAY)


_PLAIN = ["Désinscription", "Merci de me désinscrire.", "Je n'exerce plus", "Je ne souhaite plus recevoir vos mails"]


@given(st.sampled_from(_PLAIN), st.text("abcdefghijlmnoprstuv ", min_size=3, max_size=40), st.booleans())
def test_a_plain_end_beside_anything_unknown_is_none(plain: str, other: str, first: bool) -> None:
    other = f"zw{other.strip()}"
    assert leaving.doubt("", f"{other}\n{plain}" if first else f"{plain}\n{other}", TODAY)


def test_the_own_address_of_the_sender_is_this_address() -> None:
    text = "Merci de désinscrire mon adresse Anne@example.org\nanne@example.org"
    assert leaving.doubt("", text, TODAY, "anne@example.org") == ""
    assert leaving.doubt("", "Supprimez anne@example.org de la ligne 3", TODAY, "anne@example.org")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("je prends ma retraite le 30 juin", "le 30/06/2026"),
        ("Je cesse mon activité le 31/12/2026", "le 31/12/2026"),
        ("Je n'exercerai plus à partir du 1er septembre", "le 01/09/2026"),
        ("Je n'exercerai plus dès la rentrée, merci de me désinscrire", "jour à venir"),
    ],
)
def test_a_day_to_come_is_in_view(text: str, told: str) -> None:
    assert told in leaving.doubt("", text, TODAY)


@pytest.mark.parametrize(
    "prefix",
    [
        "Re: ",
        "RE : ",
        "Fwd: ",
        "TR: ",
        "[EXTERNE] Re: ",
        "Re[2]: ",
        "SPAM - Re: ",
        "R: ",
        "Réponse: ",
        "*SPAM* [x] TR : ",
    ],
)
def test_the_subject_of_an_answer_asks_for_nothing(prefix: str) -> None:
    for subject in ("Désinscription du n° PS 691000018", "Inscription de mon adresse mail", "Droit d'accès RGPD"):
        for ask in (registration.unsubscribe, registration.register, registration.access):
            assert not ask(prefix + subject, "Bonjour")


def test_a_long_text_of_neutral_words_is_read_at_once() -> None:
    """Would not end with an expression that tries every way to part them."""
    assert leaving.doubt("Désinscription", "cette adresse de 752000019 " * 50 + "zut", TODAY)


@given(st.text(max_size=300), st.text(max_size=60), st.none() | st.dates())
def test_nothing_raises(text: str, subject: str, today: date | None) -> None:
    assert isinstance(leaving.doubt(subject, text, today), str)


@pytest.mark.parametrize("prefix", ["Re: ", "Fwd: ", ""])
@pytest.mark.parametrize(
    "said",
    ["Bonjour, qui êtes-vous ? Nous n'avons rien demandé.", "Non merci, nous restons inscrits.", "?", "Bonjour"],
)
def test_who_answers_a_strangers_mail_stays_registered(tmp_path: Path, prefix: str, said: str) -> None:
    """The stranger writes "Désinscription du n° PS …" with our desk as Reply-To."""
    world = World.made_in(tmp_path / "config")
    world.receive(written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"))
    world.receive(
        written(
            CABINET_MAIL, said + "\n", subject=f"{prefix}Désinscription du n° PS {day.CABINET}", to=DESK,
            headers="In-Reply-To: <a@evil.test>\r\nReferences: <a@evil.test>\r\n",
        )
    )  # fmt: skip
    assert (day.CABINET, CABINET_MAIL) in world.active()


@pytest.mark.parametrize(
    ("subject", "route"),
    [
        ("Re: Promotion de printemps", "In-Reply-To: <promo@evil.test>\r\nReferences: <promo@evil.test>\r\n"),
        ("Promotion de printemps", "In-Reply-To: <promo@evil.test>\r\n"),
        ("SPAM - RE: Promotion", ""),
        ("TR : Promotion", ""),
    ],
)
@pytest.mark.parametrize(
    "said", ["STOP", "Merci de me désinscrire de votre liste", "Je ne souhaite plus recevoir vos mails"]
)
def test_stop_to_somebody_elses_advert_is_read_by_a_human(tmp_path: Path, subject: str, route: str, said: str) -> None:
    """The advert has our desk as Reply-To."""
    world = World.made_in(tmp_path / "config")
    world.receive(written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"))
    world.receive(written(CABINET_MAIL, said + "\n", subject=subject, headers=route))
    assert (day.CABINET, CABINET_MAIL) in world.active()
    assert any("n’est pas de nous" in reason for reason in world.parked())


def test_an_end_in_answer_to_our_own_letter_is_done_at_once(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    world.receive(written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"))
    welcome = world.letters(CABINET_MAIL)[-1]
    world.receive(reply(welcome, "Je n'exerce plus, merci de me désinscrire."))
    assert (day.CABINET, CABINET_MAIL) not in world.active()


def test_in_doubt_nobody_is_ended_and_an_agent_knows_why(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    world.receive(
        written(PHARMACIE_MAIL, f"Inscription de notre adresse, n° PS {day.PHARMACIE}\n"),
        written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"),
    )
    before, told = world.active(), len(world.letters())
    world.receive(
        written(PHARMACIE_MAIL, "Ma remplaçante est partie, merci de la désinscrire.\n", subject="Remplaçante"),
        written(CABINET_MAIL, "Je prends ma retraite le 30 juin.\n", subject="Retraite"),
        written(PHARMACIE_MAIL, "Notre secrétaire est partie, merci de supprimer son adresse.\n", subject="Départ"),
    )
    assert world.active() == before and len(world.letters()) == told
    reasons = " ".join(world.parked())
    assert "quelqu’un d’autre" in reasons and "le 30/06/2026" in reasons and len(world.parked()) == 3
