"""How a letter becomes bytes, judged by the standard library: the headers it would write, the text it reads."""

from __future__ import annotations

import email
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from mailbot.errors import Never
from mailbot.letters import mime, samples, words
from mailbot.letters.mime import Contents
from mailbot.model import Draft, LetterKind
from tests.letters_house import MAIL, NOW, PS, TOKEN, Organisation, Outbox, house

INSTANTS = st.datetimes(timezones=st.timezones()).filter(lambda now: 1971 <= now.year <= 2200)
#: Plain addresses of every length, such as nobody should have, and no address at all.
ADDRESSES = st.one_of(
    st.emails(),
    st.from_regex(r"[a-z.+=_-]{0,70}@[a-zA-Z0-9.-]{0,40}", fullmatch=True),
    st.text(alphabet="ab.@<>(),;:\\\"[] \t\r\né0-_'", max_size=20),
    st.text(max_size=20),
)
#: As ours are, and others.
SUBJECTS = st.one_of(
    st.from_regex(r"[aé’ 0(/)1,]{0,120} – PS [0-9]{0,12}", fullmatch=True),
    st.text(),
)


def drafted(to: str = MAIL, subject: str = "Objet", now: datetime = NOW, html: tuple[str, ...] = ("<p>",)) -> Draft:
    contents = Contents(subject, "texte\n", html)
    return mime.draft(LetterKind.BORDEREAU, "cle", PS, to, contents, Organisation(), Outbox(), TOKEN, now)


def by_library(to: str, subject: str, now: datetime) -> bytes:
    """Our headers, but for Content-Type, as the standard library writes them."""
    outbox, message = Outbox(), EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=Organisation().name, addr_spec=mime.with_token(outbox.from_address, TOKEN))
    message["To"] = Address(addr_spec=to)
    message["Reply-To"] = Address(addr_spec=mime.with_token(outbox.reply_address, TOKEN))
    message["Subject"] = words.inert(subject, 200)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<mb-{TOKEN}@rivages.example.fr>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "fr"
    message["MIME-Version"] = "1.0"
    return message.as_bytes().removesuffix(b"\r\n")


@given(ADDRESSES)
@example("a" * 60 + "@example.fr")
@example("a@b")
@example("a..b@example.fr")
@example("a@example.fr\n")
def test_an_address_is_written_or_refused_as_the_library_does(to: str) -> None:
    try:
        wanted = by_library(to, "Objet", NOW)
    except (MessageError, ValueError, IndexError):
        with pytest.raises(Never):
            drafted(to)
    else:
        assert drafted(to).raw.startswith(wanted + b"Content-Type:")


@given(SUBJECTS, INSTANTS)
@example("3 factures refusées – PS 000000000", NOW)
@example("é 12", NOW)
@example("12", NOW)
@example("1 é12", NOW)
@example(f"{'é' * 30} (1/12) – PS {PS}", NOW)
def test_subject_and_date_are_written_as_the_library_does(subject: str, now: datetime) -> None:
    assert drafted(subject=subject, now=now).raw.startswith(by_library(MAIL, subject, now) + b"Content-Type:")


@given(st.lists(st.tuples(st.text(alphabet="ab=. \t\né…\u00a0<-", max_size=90) | st.text(), st.booleans()), max_size=8))
@example([("a" * 75, True), ("b" * 76, True), ("c" * 77, False), ("d" * 75, False)])
@example([("fin ", True), ("\nfin ", False), ("\n", True), ("", True), (" ", True)])
def test_a_page_in_pieces_reads_as_the_whole_page(written: list[tuple[str, bool]]) -> None:
    """The words of the template and values, in any order; a lone carriage return is nowhere in a page."""
    pieces = tuple(Markup(text.replace("\r", "")) if value else text.replace("\r", "") for text, value in written)
    raw = drafted(html=pieces).raw
    part = email.message_from_bytes(raw, policy=SMTP).get_body(("html",))
    assert part is not None
    page = part.get_payload(decode=True)
    assert isinstance(page, bytes)
    assert page.replace(b"\r\n", b"\n") == "".join(pieces).encode("utf-8", "replace")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert max(map(len, raw.partition(b"text/html")[2].split(b"\r\n"))) <= 76
    assert raw.isascii()


def test_what_is_remembered_from_one_page_to_the_next_is_about_nobody() -> None:
    """Only the words of the template are; each value is a `Markup`, whatever the kind of letter."""
    templates, about = house().templates, (samples.TOKEN, samples.NUMERO_PS, samples.ADRESSE, "LENOIR", "Camille")
    for kind, contexts in samples.contexts(house()).items():
        for pieces in (templates.pieces(kind, context) for context in contexts):
            known = "".join(piece for piece in pieces if type(piece) is str)
            assert samples.TOKEN in "".join(pieces)
            assert not [value for value in about if value in known]
