"""What IMAP and SMTP share when they dial."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot import connection, errors
from tests import servers


@given(st.text() | st.binary())
def test_the_words_of_a_server_are_one_short_inert_line(said: str | bytes) -> None:
    words = connection.words(said)
    assert len(words) <= 200
    assert len(words.splitlines()) <= 1
    assert not any(ord(character) < 32 for character in words)


def test_addresses_and_long_numbers_of_a_server_s_words_are_masked() -> None:
    said = "5.1.1 <ps.lyon@cabinet.test>: unknown,\r\n NIR 1 84 12 76 451 089 46 spam; id 4F2A"
    assert connection.words(said) == "5.1.1 <…@…>: unknown,  NIR … spam; id 4F2A"


def account(**keys: Any) -> Any:
    base = {"host": "mx.example.org", "tls": "implicit", "ca_file": None, "client_cert": None, "client_key": None}
    return SimpleNamespace(**(base | keys))


def test_plain_text_to_a_far_host_is_refused_even_when_the_configuration_let_it_pass() -> None:
    with pytest.raises(errors.ConfigError, match="tls: none"):
        connection.tls_context(account(tls="none"))
    assert connection.tls_context(account(tls="none", host="::1")) is None


def test_a_context_always_verifies_and_an_unusable_key_is_named(
    certificates: servers.Certificates, tmp_path: Path
) -> None:
    context = connection.tls_context(account(ca_file=certificates.ca))
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1, "with ca_file no other authority counts"
    (tmp_path / "broken.pem").write_text("not a key", encoding="ascii")
    with pytest.raises(errors.ConfigError, match="client_cert"):
        connection.tls_context(account(client_cert=certificates.client_cert, client_key=tmp_path / "broken.pem"))


def test_a_certificate_that_does_not_verify_is_not_dialled_again() -> None:
    dials = []

    def dial() -> None:
        dials.append(1)
        raise ssl.SSLCertVerificationError

    with pytest.raises(ssl.SSLCertVerificationError):
        connection.patiently(dial, lambda error: True, lambda seconds: None)
    assert len(dials) == 1
