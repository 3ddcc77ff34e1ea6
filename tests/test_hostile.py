"""Mail that was written to break its reader costs itself only: those behind it are handled, and nothing restarts."""

import dataclasses
import random
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.errors import Park
from mailbot.ledger import export
from mailbot.model import Kind
from mailbot.parsers.mail import body, clues, headers, message, mime
from mailbot.passes import receive, settle
from mailbot.reading import Child, Here
from tests import corpus, day, hostile_mails
from tests.test_reading import NOW, OWN

HOSTILE = hostile_mails.mails()
CORPUS = [case.raw for case in corpus.cases() if len(case.raw) < 60_000]
#: What a fuzzer sets into real mails: the words and bytes on which the reading turns.
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"> ", b"--", b"=?utf-8?q?", b"?=", b"=C3", b"<", b">", b"\xe2\x80\x99"),
    *(b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Transfer-Encoding: base64\r\n", b"--b\r\n"),
    *(
        b"<blockquote>",
        b"</div>",
        b"<pre>",
        b"Le 1/1/26 1:1, a <a@b.fr> a \xc3\xa9crit :\n",
        b"De : a@b.fr\n",
        b"-- \n",
    ),
    *(b"facture n\xc2\xb0 12", b"n\xc2\xb0 PS 691000018", b"1 85 05 78 006 084 36", b"mb-" + b"a" * 26),
)


def good(number):
    """A mail that is settled by rule: an absence, or the registration of an address that is known."""
    if number % 2:
        return day.registration().replace(b"<inscription-", b"<inscription-%d-" % number)
    mail = EmailMessage()
    mail["From"] = f"cabinet{number}@example.fr"
    mail["To"] = "service.fluxtiers@example.fr"
    mail["Subject"] = "Réponse automatique : absence"
    mail["Message-ID"] = f"<absence-{number}@example.fr>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("Je suis absente jusqu’au 24/08/2026.\n")
    return mail.as_bytes()


def test_a_hundred_hostile_mails_in_front_of_nine_hundred_good_ones(tmp_path):
    assert len(HOSTILE) == 100
    place = tmp_path / "config"
    day.prepare(place)
    for old in (place / "var/courrier-entrant/new").iterdir():
        old.unlink()
    for number, raw in enumerate(HOSTILE.values()):
        day.put(place, f"{number:04}.hostile", raw)
    for number in range(900):
        day.put(place, f"{1000 + number}.good", good(number))
    reader = Child()
    with day.service(place) as service, day.edges(service) as edges:
        # All the requests come from one address, which is answered three times a day otherwise.
        limits = service.configuration.settings.limits.model_copy(update={"answers_per_day": 1_000})
        patient = dataclasses.replace(day.with_settings(service, limits=limits), reader=reader)
        received = receive.receive(patient, edges.inboxes, edges.drop)
        report = settle.settle(patient)
        mails = [row for row in export.rows(service.ledger.store) if row["table"] == "mails"]
    reader.close()
    assert received is not None
    assert {row["state"] for row in mails[:100]} == {"parked"}
    assert all(row["reason"] for row in mails[:100])
    assert {row["state"] for row in mails[100:]} == {"settled"}
    assert report.parked == 100
    assert not [row for row in mails if "échoué" in row["reason"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_mail_breaks_the_reader_or_its_limits(name, reader):
    try:
        found = reader.mail(HOSTILE[name], NOW, OWN)
    except Park as error:
        pytest.fail(f"{name}: {error.reason}")
    assert found.kind in set(Kind)
    assert found.sender in ("", "mallory@example.org")


@pytest.fixture(scope="module")
def reader():
    opened = Child()
    yield opened
    opened.close()


def _head(more=b"", text=b"x"):
    return b"From: a@example.fr\r\nSubject: x\r\n" + more + b"\r\n" + text


def _parts(count):
    return _head(b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n\r\nx\r\n" * count)


def _deep(count):
    raw = b"Content-Type: text/plain\r\n\r\nx"
    for _ in range(count):
        raw = b"Content-Type: message/rfc822\r\n\r\n" + raw
    return b"From: a@example.fr\r\n" + raw


LIMITS = {
    "header block": (lambda n: _head(b"X-A: " + b"b" * n + b"\r\n"), headers.MAX_BLOCK - 500, headers.MAX_BLOCK),
    "headers": (lambda n: _head(b"X-A: b\r\n" * n), headers.MAX_FIELDS - 2, headers.MAX_FIELDS),
    "parts": (_parts, mime.MAX_PARTS, mime.MAX_PARTS + 2),
    "depth": (_deep, mime.MAX_DEPTH, mime.MAX_DEPTH + 1),
    "size": (lambda n: _head(text=b"x" * n), 1000, mime.MAX_RAW),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_mail_at_a_limit_is_read_and_one_beyond_it_is_put_aside_with_a_reason(name):
    build, allowed, too_much = LIMITS[name]
    assert message.read(build(allowed), NOW, OWN).kind is Kind.OTHER
    found = message.read(build(too_much), NOW, OWN)
    assert found.kind is Kind.MALFORMED
    assert found.warnings
    assert found.warnings[0].startswith("illisible en entier : ")


def test_of_a_long_text_the_beginning_is_kept_and_of_a_long_line_the_beginning_is_searched():
    found = message.read(_head(text=b"y" * (body.MAX_TEXT + 10)), NOW, OWN)
    assert (found.kind, len(found.text)) == (Kind.OTHER, body.MAX_TEXT)
    assert found.warnings == (f"texte coupé à {body.MAX_TEXT} caractères",)
    for before, wanted in ((clues.MAX_LINE - 20, ("12",)), (clues.MAX_LINE, ())):
        text = b"y" * before + b" facture no 12"
        assert message.read(_head(text=text), NOW, OWN).numeros_facture == wanted


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_change_to_a_real_mail_makes_inspect_fail(data):
    raw = bytearray(data.draw(st.sampled_from(CORPUS)))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 60))
        raw[place : place + cut] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))
    kind, told = Here().inspected(bytes(raw), NOW, OWN)
    assert kind in set(Kind)
    assert told.startswith(b"{")


def test_no_mixture_of_real_mails_makes_the_reading_process_fail(reader):
    draw = random.Random(4)
    for _ in range(300):
        raw = bytearray()
        for _ in range(draw.randrange(1, 4)):
            one = draw.choice(CORPUS)
            start = draw.randrange(len(one))
            raw += one[start : start + draw.randrange(4_000)] + draw.choice(PIECES)
        if draw.random() < 0.5:
            raw = bytearray(b"From: a@example.fr\r\n") + raw
        assert reader.mail(bytes(raw), NOW, OWN) == Here().mail(bytes(raw), NOW, OWN)
