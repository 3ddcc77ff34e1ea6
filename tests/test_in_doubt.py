"""A letter in doubt that shows up again was sent; what shows up of its copy says nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.letters import mime
from mailbot.model import Envelope, LetterKind, LetterState
from mailbot.outbox import MaildirOutbox
from mailbot.passes import cut, in_doubt, receive, settle, settle_mails
from mailbot.passes.service import Service
from mailbot.reading import Here
from tests import day
from tests.letters_house import house

CABINET_MAIL = "accueil@tilleuls.example.org"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A bordereau to the cabinet and its copy, both sent, and nobody knows whether they arrived."""
    folder = tmp_path / "config"
    day.prepare(folder)
    with day.service(folder) as opened, day.edges(opened) as edges:
        receive.receive(opened, edges.inboxes, edges.drop)
        settle.settle(opened)
        cut.cut(opened)
        for letter in opened.ledger.letters.listed():
            attempt = opened.ledger.letters.begin(letter.id, day.NOW)
            assert attempt
            opened.ledger.letters.before_data(attempt)
            opened.ledger.letters.in_doubt(letter.id, attempt, day.NOW, "réponse perdue")
        yield opened


def letter(service: Service, kind: LetterKind) -> tuple[int, Envelope, str]:
    """Of the cabinet: id, envelope, Message-ID."""
    (found,) = [one for one in service.ledger.letters.listed() if one.kind is kind and one.numero_ps == day.CABINET]
    return found.id, service.ledger.letters.envelope(found.id), found.message_id


def resolve(service: Service, raw: bytes) -> list[int]:
    us = settle_mails.own(service.configuration)
    return in_doubt.resolve(service, raw, Here().mail(raw, day.NOW, us), us)


def reply(sender: str, message_id: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "service.fluxtiers@example.fr", "Re: bordereau"
    mail["In-Reply-To"], mail["Message-ID"] = message_id, "<reponse@tilleuls.example.org>"
    mail.set_content("Bien reçu, merci.\n")
    return mail.as_bytes()


def bounce(recipient: str, message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: service.fluxtiers@example.fr\r\nSubject: Delayed\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nen attente\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n--b--\r\n"
    ).encode()


def state(service: Service, letter_id: int) -> LetterState:
    return service.ledger.letters.state(letter_id)


def test_our_copy_that_comes_back_was_sent_and_says_nothing_of_the_bordereau(service: Service) -> None:
    bordereau, _, _ = letter(service, LetterKind.BORDEREAU)
    copy, envelope, _ = letter(service, LetterKind.COPY)
    assert resolve(service, b"Received: from mx\r\n" + envelope.raw) == [copy]
    assert (state(service, copy), state(service, bordereau)) == ("sent", "unknown")
    assert resolve(service, envelope.raw) == [], "again it changes nothing"
    lines = [(what, subject) for _, _, what, subject, _ in service.ledger.journal.lines()]
    assert lines.count(("letter found", f"letter {copy}")) == 1


@pytest.mark.parametrize(
    "trace",
    [
        "Received: from a by b (Postfix)\r\n\twith ESMTPS id 4F2 for <{to}>; Mon, 2 Mar 2026 09:00:00 +0100\r\n",
        "Delivered-To: {to}\r\n",
        "X-Original-To: {to}\r\n",
    ],
)
def test_a_copy_that_our_server_kept_of_the_bordereau_itself_shows_that_it_left(service: Service, trace: str) -> None:
    """Servers that keep what passes (always_bcc, journaling) say in the trace for whom it was."""
    bordereau, envelope, _ = letter(service, LetterKind.BORDEREAU)
    resolve(service, trace.format(to=CABINET_MAIL).encode() + envelope.raw)
    assert state(service, bordereau) == "sent"


def test_a_reply_of_the_recipient_or_a_notice_that_names_it_shows_that_the_bordereau_left(service: Service) -> None:
    bordereau, _, message_id = letter(service, LetterKind.BORDEREAU)
    assert resolve(service, reply("collegue@example.fr", message_id)) == [], "whoever reads the copy can answer it too"
    assert resolve(service, bounce("service.fluxtiers@example.fr", message_id)) != [bordereau]
    assert resolve(service, reply(CABINET_MAIL, message_id)) == [bordereau]


def test_a_notice_about_the_recipient_shows_that_the_server_had_taken_it(service: Service) -> None:
    bordereau, _, message_id = letter(service, LetterKind.BORDEREAU)
    assert resolve(service, bounce(CABINET_MAIL, message_id)) == [bordereau]


def test_where_no_copy_can_have_left_any_answer_is_one_to_the_bordereau(service: Service) -> None:
    bordereau, _, message_id = letter(service, LetterKind.BORDEREAU)
    service.ledger.letters.cancel(letter(service, LetterKind.COPY)[0])
    assert resolve(service, reply("secretariat@tilleuls.example.org", message_id)) == [bordereau]


def test_an_ordinary_mail_resolves_nothing(service: Service) -> None:
    assert resolve(service, day.chatter()) == []
    assert resolve(service, b"") == []


@pytest.mark.parametrize("kind", LetterKind)
def test_the_return_address_of_every_kind_of_letter_carries_its_token(kind: LetterKind) -> None:
    """VERP: whatever comes back names its letter, whatever is left of the letter in it."""
    here, token = house(), "a" * 26
    contents = mime.Contents("Objet", "texte", ("<p>texte</p>",))
    draft = mime.draft(kind, "cle", day.CABINET, CABINET_MAIL, contents, here.organisation, here.outbox, token, day.NOW)
    assert draft.sender == here.outbox.bounce_address.replace("{token}", token)
    assert token in draft.sender


def test_every_letter_of_a_day_goes_with_its_own_return_address(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    day.prepare(folder)
    with day.service(folder) as service, day.edges(service) as edges:
        receive.receive(service, edges.inboxes, edges.drop)
        settle.settle(service)
        cut.cut(service)
        assert isinstance(edges.outbox, MaildirOutbox)
        letters = service.ledger.letters.listed()
    assert len(letters) == 5
    us = settle_mails.own(service.configuration)
    for one in letters:
        assert us.token(one.sender)
        assert us.token(one.sender) in one.message_id
