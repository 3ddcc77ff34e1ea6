"""Mails as PS, mail programs and attackers write them: what is read of each (tests/mails/expected.json)."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Kind
from mailbot.parsers.mail import message

MAILS = Path(__file__).parent / "mails"
EXPECTED = json.loads((MAILS / "expected.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
OWN = message.Own(
    service_address="service@mutuelle.test",
    registration_address="envoi.fluxtiers@mutuelle.test",
    from_address="flux@mutuelle.test",
    reply_address="reponse+{token}@mutuelle.test",
    bounce_address="retour+{token}@mutuelle.test",
    authserv_id="mx.mutuelle.test",
)
FIELDS = [
    *("message_id", "from", "to", "subject", "date", "kind", "text", "reply_text", "attachments", "bounce"),
    *("numeros_ps", "numeros_facture", "nirs", "tokens", "warnings"),
]


def read(raw: bytes) -> message.Message:
    return message.read(raw, NOW, OWN)


def mail(*fields: str, body: str = "Bonjour") -> bytes:
    return ("\n".join(fields) + "\n\n" + body).encode()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_mail_of_the_corpus_is_understood(name: str) -> None:
    found = read((MAILS / f"{name}.eml").read_bytes())
    shown = message.as_json(found)
    for key, wanted in EXPECTED[name].items():
        if key == "bounce":
            assert [list(recipient.values()) for recipient in shown["bounce"]["recipients"]] == wanted
        elif key == "bounced":
            assert list(found.bounced_message_ids) == wanted
        elif key == "attachments":
            assert [attachment["filename"] for attachment in shown["attachments"]] == wanted
        elif key == "absent_until":
            assert str(found.absent_until) == wanted
        elif key == "sender":
            assert found.sender == wanted
        else:
            assert shown[key] == wanted, key


def test_no_mail_of_the_corpus_lacks_its_expectation() -> None:
    assert {path.stem for path in MAILS.glob("*.eml")} == set(EXPECTED)
    assert len(EXPECTED) >= 40


@pytest.mark.parametrize("name", EXPECTED)
def test_every_mail_has_exactly_the_fields_of_the_contract_and_serialises(name: str) -> None:
    shown = message.as_json(read((MAILS / f"{name}.eml").read_bytes()))
    assert list(shown) == FIELDS
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown


@given(st.binary(max_size=3000))
def test_random_bytes_never_raise(raw: bytes) -> None:
    found = read(raw)
    assert found.kind in Kind
    json.dumps(message.as_json(found)).encode("utf-8")


@settings(max_examples=400)
@given(
    st.sampled_from(sorted(EXPECTED)),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6), st.integers(0, 9))),
)
def test_a_damaged_real_mail_never_raises(name: str, edits: list[tuple[int, bytes, int]]) -> None:
    raw = (MAILS / f"{name}.eml").read_bytes()
    for place, put, dropped in edits:
        place %= len(raw) + 1
        raw = raw[:place] + put + raw[place + dropped :]
    found = read(raw)
    json.dumps(message.as_json(found), ensure_ascii=False).encode("utf-8")
    assert found.kind is not Kind.MALFORMED or found.warnings


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_stands_in_from_and_content_type_never_raises(sender: str, content_type: str) -> None:
    raw = f"From: {sender}\nContent-Type: {content_type}\nSubject: =?{content_type}?Q?{sender}?=\n\nx".encode(
        "utf-8", "replace"
    )
    found = read(raw)
    assert found.sender == "" or (found.sender.isascii() and found.sender.count("@") == 1)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("headers", b"X: y\n" * 100_000 + b"\nx"),
        ("block", b"To: " + b"a@b.fr, " * 100_000 + b"\n\nx"),
        ("parts", b"From: a@b.fr\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000),
        ("mails in mails", b"Content-Type: message/rfc822\n\n" * 1_000),
    ],
)
def test_a_mail_beyond_a_limit_is_malformed_with_a_reason(name: str, raw: bytes) -> None:
    found = read(raw)
    assert found.kind is Kind.MALFORMED
    assert found.warnings[0].startswith("illisible en entier")


def test_long_texts_are_cut_and_still_processed() -> None:
    found = read(b"From: a@example.fr\n\nfacture 531341\n" + b"a " * 2_000_000)
    assert found.kind is Kind.REPLY
    assert len(found.text) <= message.MAX_TEXT
    assert any("coupé" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ("mx.mutuelle.test; dmarc=pass header.from=example.fr", True),
        ("mx.mutuelle.test; dmarc=pass (p=none) header.from=EXAMPLE.fr; spf=fail", True),
        ("mx.mutuelle.test; dmarc=pass header.from=evil.test", False),
        ("mx.mutuelle.test; dmarc=fail header.from=example.fr; spf=pass smtp.mailfrom=ps@example.fr", False),
        ("mx.mutuelle.test; dmarc=none; spf=pass smtp.mailfrom=ps@example.fr", True),
        ("mx.mutuelle.test; spf=pass smtp.mailfrom=ps@evil.test; dkim=pass header.d=evil.test", False),
        ("mx.mutuelle.test; dkim=pass header.d=example.fr header.b=ab/c=", True),
        ("mx.mutuelle.test (dmarc=pass header.from=example.fr); none", None),
        ("mx.evil.test; dmarc=pass header.from=example.fr", None),
        # A sender chooses its envelope address: quoted parts of it prove nothing, whatever they say.
        ('mx.mutuelle.test; spf=pass smtp.mailfrom="x@example.fr"@evil.test', False),
        ('mx.mutuelle.test; spf=pass smtp.mailfrom="x; dkim=pass header.d=example.fr"@evil.test', False),
        ('mx.mutuelle.test; spf=pass smtp.mailfrom="x; dmarc=pass header.from=example.fr"@evil.test', False),
        ('mx.mutuelle.test; dkim=pass header.d=evil.test header.i="@example.fr"', False),
        ('mx.mutuelle.test; spf=pass reason="dmarc=pass header.from=example.fr" smtp.mailfrom=evil.test', False),
        ("mx.mutuelle.test; dmarc=pass header.from=example.fr; dmarc=fail header.from=example.fr", False),
        ('mx.mutuelle.test; dmarc="', False),
        ("", None),
    ],
)
def test_only_our_exchangers_aligned_verdict_confirms_a_sender(results: str, wanted: bool | None) -> None:
    fields = [f"Authentication-Results: {results}"] if results else []
    assert read(mail(*fields, "From: ps@example.fr")).verified is wanted


def test_a_verdict_below_somebody_elses_counts_for_nothing() -> None:
    ours = "Authentication-Results: mx.mutuelle.test; dmarc=pass header.from=example.fr"
    assert read(mail("Authentication-Results: other.test; none", ours, "From: ps@example.fr")).verified is None


def test_mail_that_must_not_be_answered_says_so() -> None:
    for field in (
        "Precedence: list",
        "Auto-Submitted: auto-generated",
        "List-Id: <x>",
        "Return-Path: <>",
        "X-Autoreply: yes",
    ):
        assert read(mail(field, "From: ps@example.fr")).auto_submitted
    assert not read(mail("Auto-Submitted: no", "From: ps@example.fr")).auto_submitted
