"""Bounces: addresses, action, status, and whether it is for good."""

import pytest

from mailbot.model import BounceRecipient, Kind
from tests.test_message import mail, read

TO = "ps@example.fr"


def bounce(subject: str, body: str, sender: str = "MAILER-DAEMON@mx.example.org") -> tuple[BounceRecipient, ...] | None:
    return read(mail(f"From: {sender}", f"Subject: {subject}", body=body)).bounce


@pytest.mark.parametrize(
    ("subject", "body", "wanted"),
    [
        ("Message non distribué", f"L’adresse {TO} est inconnue", (TO, "failed", "", True)),
        ("Non remis : Bordereau", f"{TO}\n550 5.1.10 RESOLVER.ADR.RecipientNotFound", (TO, "failed", "5.1.10", True)),
        ("Undeliverable: x", f"<{TO}>: 550 no such user", (TO, "failed", "5.0.0", True)),
        ("Échec de remise", f"La boîte de {TO} est pleine", (TO, "delayed", "4.2.2", False)),
        ("Warning: could not send message for past 4 hours", f"{TO}", (TO, "delayed", "", False)),
    ],
)
def test_free_text_bounces_in_french_and_english(subject: str, body: str, wanted: tuple[str, str, str, bool]) -> None:
    assert bounce(subject, body) == (BounceRecipient(*wanted),)


def test_a_person_who_speaks_of_an_unknown_address_is_no_bounce() -> None:
    found = read(mail("From: ps@example.fr", "Subject: Échec de la remise", body="Votre adresse est inconnue ?"))
    assert (found.kind, found.bounce) == (Kind.OTHER, None)


def test_a_bounce_is_never_answered() -> None:
    assert read(mail("From: MAILER-DAEMON@x.test", "Subject: failure notice", body=f"<{TO}>: 5.1.1")).auto_submitted


def test_an_action_without_status_decides_alone() -> None:
    report = f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;{TO.upper()}\nAction: failed (bad)\n"
    raw = mail("From: x@example.org", "Content-Type: message/delivery-status", body=report)
    assert read(raw).bounce == (BounceRecipient(TO, "failed", "", True),)
