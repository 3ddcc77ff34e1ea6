"""Honest ways to register, each from the first mail to the first bordereau, through Dovecot and an SMTP server.

Each way is a function of a post office: it writes the mails that the people of the story write, and gives the PS number
and the address at which the first bordereau must arrive. Our exchanger signs as mx.example.fr. People are invented.
"""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from mailbot.passes import review, run
from mailbot.passes.inscriptions import decided
from tests import day, servers
from tests.registration_world import CABINET_MAIL, PHARMACIE_MAIL, reply, written
from tests.test_day_on_servers import configure, point_at, smtp

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]

NEW = "facturation@nouvelle-adresse.example.fr"


@dataclass
class PostOffice:
    """The servers, the folder, and a clock that goes on with each round."""

    folder: Path
    dovecot: servers.Dovecot
    smtp: servers.ScriptedSmtp
    now: datetime = day.NOW
    said: list[str] = field(default_factory=list)

    def send(self, *mails: bytes, later: timedelta = timedelta(minutes=10)) -> None:
        """The mails arrive in the mailbox, and the service makes a round."""
        self.dovecot.deliver(*mails) if mails else None
        self.now += later
        with day.service(self.folder, self.now, self.said) as service, day.edges(service) as edges:
            assert run.once(service, edges).away == []

    def letters(self, to: str) -> list[EmailMessage]:
        """What the SMTP server took for this address, in order."""
        found = [one.content for one in self.smtp.taken if one.rcpt_tos == [to]]
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in found]  # type: ignore[misc]

    def bordereaux(self, numero_ps: str) -> dict[str, EmailMessage]:
        """A lot of this PS with a refusal arrives: recipient -> its bordereau."""
        before = len(self.smtp.taken)
        lot = day.lot_csv(day.row(numero_ps=numero_ps, numero_lot="L77", numero_facture="7001", taux_ro="100"))
        (self.folder / "var/lots/un.csv").write_bytes(lot)
        self.send()
        taken = [(one.rcpt_tos[0], one.content) for one in self.smtp.taken[before:]]
        read = {to: email.message_from_bytes(raw, policy=email.policy.default) for to, raw in taken}
        return {to: mail for to, mail in read.items() if "refusée" in mail["Subject"] and "service" not in to}  # type: ignore[misc]


def asks(numero_ps: str = day.PHARMACIE) -> str:
    return f"Bonjour,\nmerci d'enregistrer notre adresse pour recevoir les retours, n° PS {numero_ps}.\nCordialement\n"


def the_known_address_confirmed_by_our_exchanger(post: PostOffice) -> tuple[str, str]:
    post.send(written(PHARMACIE_MAIL, asks()))
    assert "enregistrée" in post.letters(PHARMACIE_MAIL)[-1]["Subject"]
    return day.PHARMACIE, PHARMACIE_MAIL


def the_known_address_that_answers_its_token(post: PostOffice) -> tuple[str, str]:
    post.send(written(PHARMACIE_MAIL, asks(), checked=None))
    (asked,) = post.letters(PHARMACIE_MAIL)
    post.send(reply(asked, "Oui", checked=None))
    assert "enregistrée" in post.letters(PHARMACIE_MAIL)[-1]["Subject"]
    return day.PHARMACIE, PHARMACIE_MAIL


def the_number_stands_in_the_signature(post: PostOffice) -> tuple[str, str]:
    text = (
        "Bonjour,\nJe souhaite recevoir vos bordereaux à cette adresse.\nMerci\n\n-- \nCabinet des Tilleuls\n"
        "n° AM 69 100 0018\n"
    )
    post.send(written(CABINET_MAIL, text, subject="Flux tiers"))
    return day.CABINET, CABINET_MAIL


def the_number_stands_in_the_subject(post: PostOffice) -> tuple[str, str]:
    post.send(written(CABINET_MAIL, "Merci.\n", subject=f"Inscription FINESS {day.CABINET}"))
    return day.CABINET, CABINET_MAIL


def several_numbers_of_one_house(post: PostOffice) -> tuple[str, str]:
    """Its own number at once; for the other one the PS is asked, and says yes."""
    text = f"Inscription de notre adresse mail pour nos n° PS {day.PHARMACIE} et {day.CABINET}.\n"
    post.send(written(PHARMACIE_MAIL, text))
    asked = post.letters(CABINET_MAIL)[-1]
    confirm = next(one for one in post.letters(PHARMACIE_MAIL) if "confirm" in one["Subject"].lower())
    post.send(reply(asked, "Oui, nous sommes d'accord."), reply(confirm, "Oui"))
    return day.CABINET, PHARMACIE_MAIL


def a_form_as_pdf(post: PostOffice) -> tuple[str, str]:
    paper = io.BytesIO()
    canvas = Canvas(paper)
    canvas.drawString(72, 760, "Formulaire d'inscription au service Flux Tiers")
    canvas.drawString(72, 730, f"Numéro PS (AM ou FINESS) : {day.CABINET}")
    canvas.save()
    text = "Bonjour,\nci-joint notre formulaire d'inscription.\n"
    post.send(written(CABINET_MAIL, text, attachment=("formulaire.pdf", paper.getvalue())))
    return day.CABINET, CABINET_MAIL


def a_new_address_that_the_known_one_agrees_to(post: PostOffice) -> tuple[str, str]:
    post.send(written(NEW, asks()))
    post.send(reply(post.letters(NEW)[-1], "Oui"))
    post.send(reply(post.letters(PHARMACIE_MAIL)[-1], "Oui, d'accord."))
    assert "enregistrée" in post.letters(NEW)[-1]["Subject"]
    assert NEW not in str(post.letters(PHARMACIE_MAIL)[-1])
    return day.PHARMACIE, NEW


def a_new_address_that_the_known_one_announces(post: PostOffice) -> tuple[str, str]:
    post.send(written(PHARMACIE_MAIL, asks()))
    post.send(written(PHARMACIE_MAIL, f"Nous changeons d'adresse mail : {NEW}, merci de l'enregistrer.\n"))
    assert post.letters(NEW) == []
    post.send(reply(post.letters(PHARMACIE_MAIL)[-1], "Oui"))
    assert post.letters(NEW) == []
    assert "nouvelle adresse" in post.letters(PHARMACIE_MAIL)[-1]["Subject"]
    post.send(written(NEW, f"Bonjour, voici notre nouvelle adresse, n° PS {day.PHARMACIE}, merci de l'enregistrer.\n"))
    post.send(reply(post.letters(NEW)[-1], "Oui c'est bien nous"))
    return day.PHARMACIE, NEW


def a_code_on_paper(post: PostOffice) -> tuple[str, str]:
    post.send(written(NEW, asks(day.SANS_MAIL)))
    (paper,) = (post.folder / "var/courrier-postal").iterdir()
    page = pypdf.PdfReader(paper).pages[0].extract_text()
    line = next(line for line in page.splitlines() if len(line.replace(" ", "").replace("-", "")) == 26)
    post.send(written(NEW, f"Bonjour,\nvoici le code reçu : {line.strip()}\n", subject="Code"))
    return day.SANS_MAIL, NEW


def an_agent_who_called_back(post: PostOffice) -> tuple[str, str]:
    post.send(written(NEW, asks(), checked=None))
    assert post.letters(NEW) == []
    with day.service(post.folder, post.now) as service:
        (waiting,) = [one for one in service.ledger.mails.parked() if one.kind == "registration"]
        review.request(service, waiting.id, day.PHARMACIE, "rappelé au numéro d’AGAPS")
        (asked,) = service.ledger.contacts.listed(day.PHARMACIE)
        with service.ledger.transaction():
            decided.approve(service, asked.id, "agent")
    post.send()
    return day.PHARMACIE, NEW


def what_was_missing_filled_in(post: PostOffice) -> tuple[str, str]:
    post.send(written(CABINET_MAIL.replace("accueil", "secretariat"), "Merci d'enregistrer mon adresse mail.\n"))
    sender = CABINET_MAIL.replace("accueil", "secretariat")
    (form,) = post.letters(sender)
    body = form.get_body(("plain",))
    assert body is not None
    filled = "\n".join(
        f"> {line} {day.CABINET}" if line.startswith("Numéro(s) PS") else f"> {line}"
        for line in body.get_content().splitlines()
    )
    post.send(reply(form, f"Voici.\n\nLe 2 mars 2026, Mutuelle Exemple a écrit :\n{filled}", quote=False))
    post.send(reply(post.letters(CABINET_MAIL)[-1], "Oui"), reply(post.letters(sender)[-1], "Oui"))
    return day.CABINET, sender


def a_replacement_for_a_month(post: PostOffice) -> tuple[str, str]:
    post.send(written(CABINET_MAIL, asks(day.CABINET)))
    text = (
        f"Je remplace le Dr Tilleul du 2 au 31 mars 2026, n° PS {day.CABINET}. Merci d'enregistrer mon adresse mail.\n"
    )
    post.send(written(NEW, text))
    post.send(reply(post.letters(NEW)[-1], "Oui"), reply(post.letters(CABINET_MAIL)[-1], "Oui, c'est ma remplaçante."))
    return day.CABINET, NEW


WAYS: tuple[Callable[[PostOffice], tuple[str, str]], ...] = (
    the_known_address_confirmed_by_our_exchanger,
    the_known_address_that_answers_its_token,
    the_number_stands_in_the_signature,
    the_number_stands_in_the_subject,
    several_numbers_of_one_house,
    a_form_as_pdf,
    a_new_address_that_the_known_one_agrees_to,
    a_new_address_that_the_known_one_announces,
    a_code_on_paper,
    an_agent_who_called_back,
    what_was_missing_filled_in,
    a_replacement_for_a_month,
)


@pytest.fixture
def post(tmp_path: Path, dovecot: servers.Dovecot, certificates: servers.Certificates) -> Iterator[PostOffice]:
    folder = tmp_path / "config"
    day.prepare(folder)
    (folder / "var/lots/lot.csv").unlink()
    configure(folder, dovecot, certificates)
    path = folder / "mailbot.yaml"
    path.write_text(path.read_text("utf-8").replace("  # authserv_id: mx.", "  authserv_id: mx."), "utf-8")
    with smtp(certificates) as server:
        point_at(folder, server)
        yield PostOffice(folder, dovecot, server)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.replace("_", " "))
def test_an_honest_way_leads_to_the_first_bordereau(
    post: PostOffice, way: Callable[[PostOffice], tuple[str, str]]
) -> None:
    numero_ps, address = way(post)
    with day.service(post.folder, post.now) as service:
        held = service.ledger.contacts.active(numero_ps)
        assert held is not None and held.mail == address, [one.evidence for one in service.ledger.contacts.listed()]
        assert held.proved_by and held.agreed_by
        assert service.ledger.journal.verify() is None
    assert list(post.bordereaux(numero_ps)) == [address]


def test_after_a_replacement_the_bordereaux_go_back(post: PostOffice) -> None:
    a_replacement_for_a_month(post)
    post.send(later=timedelta(days=31))
    assert any("remplacement" in str(one).lower() or "ne recev" in str(one).lower() for one in post.letters(NEW)[-1:])
    assert list(post.bordereaux(day.CABINET)) == [CABINET_MAIL]


def test_a_ps_that_stops_gets_nothing_more_not_even_what_agaps_would_send(post: PostOffice) -> None:
    post.send(
        written(CABINET_MAIL, "Bonjour, je n'exerce plus, merci de ne plus rien m'envoyer.\n", subject="Retraite")
    )
    assert len(post.letters(CABINET_MAIL)) == 1
    assert post.bordereaux(day.CABINET) == {}
