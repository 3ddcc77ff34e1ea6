"""Mails in one closed part: signed with S/MIME, encrypted, or wrapped into winmail.dat."""

from __future__ import annotations

import base64
from struct import pack

import pytest
import trustme
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Kind
from mailbot.parsers.mail import smime, tnef
from tests.test_message import read

TEXT = "Bonjour,\r\nla facture n° 4711 est corrigée.\r\n\r\n> Facture n° 12\r\n"
SIGNED = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TEXT.encode()


def closed(kind: str, name: str, body: bytes, before: bytes = b"") -> bytes:
    head = b"From: ps@example.fr\r\nSubject: Facture\r\nMIME-Version: 1.0\r\n"
    part = f"Content-Type: {kind}; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    if not before:
        return head + part + base64.encodebytes(body)
    mixed = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + before + b"\r\n--x\r\n"
    return head + mixed + part + base64.encodebytes(body) + b"\r\n--x--\r\n"


@pytest.fixture(scope="module")
def signer() -> trustme.LeafCert:
    return trustme.CA().issue_cert("ps@example.fr")


def test_a_mail_inside_its_signature_reads_as_an_ordinary_reply(signer: trustme.LeafCert) -> None:
    certificate = load_pem_x509_certificate(signer.cert_chain_pems[0].bytes())
    key = load_pem_private_key(signer.private_key_pem.bytes(), None)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(SIGNED).add_signer(certificate, key, hashes.SHA256())  # type: ignore[arg-type]
    found = read(closed("application/pkcs7-mime; smime-type=signed-data", "smime.p7m", builder.sign(Encoding.DER, [])))
    assert found.kind is Kind.REPLY
    assert found.reply_text == "Bonjour,\nla facture n° 4711 est corrigée."
    assert (found.numeros_facture, found.attachments, found.warnings) == (("4711", "12"), (), ())


def test_a_signature_written_in_pieces_of_unknown_length_is_read_too() -> None:
    def endless(tag: int, *values: bytes) -> bytes:
        return bytes([tag, 0x80]) + b"".join(values) + b"\0\0"

    def short(tag: int, value: bytes) -> bytes:
        return bytes([tag, len(value)]) + value

    pieces = [short(0x04, SIGNED[start : start + 40]) for start in range(0, len(SIGNED), 40)]
    content = endless(0x30, short(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), endless(0xA0, endless(0x24, *pieces)))
    signed = endless(0x30, short(0x02, b"\x01"), short(0x31, b""), content, short(0x31, b""))
    whole = endless(0x30, short(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), endless(0xA0, signed))
    assert smime.signed_content(whole) == SIGNED


def test_an_encrypted_mail_says_that_it_cannot_be_read() -> None:
    leaf = trustme.CA().issue_cert("service.example.fr", key_type=trustme.KeyType.RSA)
    certificate = load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(SIGNED).add_recipient(certificate)
    found = read(closed("application/pkcs7-mime", "smime.p7m", builder.encrypt(Encoding.DER, [])))
    assert found.reply_text == ""
    assert found.warnings == ("message chiffré (S/MIME) : son texte ne peut pas être lu",)
    assert [attachment.filename for attachment in found.attachments] == ["smime.p7m"]


# -- winmail.dat ----------------------------------------------------------------------------------------------------


def attribute(name: int, data: bytes, level: int = 1) -> bytes:
    return pack("<BII", level, name, len(data)) + data + pack("<H", sum(data) & 0xFFFF)


def text_property(number: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return pack("<HHII", 0x1F, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def winmail(*attributes: bytes) -> bytes:
    return pack("<IH", 0x223E9F78, 7) + b"".join(attributes)


def a_file(name: str, content: bytes) -> bytes:
    named = pack("<IHHI", 2, 0x03, 0x0E20, len(content)) + text_property(0x3707, name)
    return (
        attribute(0x69002, b"\0" * 14, 2)
        + attribute(0x18010, b"LOT-C~1.CSV\0", 2)
        + attribute(0x6800F, content, 2)
        + attribute(0x69005, named, 2)
    )


def test_the_files_of_a_winmail_dat_are_the_attachments() -> None:
    raw = winmail(a_file("lot corrigé.csv", b"a;b\n"), a_file("scan.pdf", b"%PDF"))
    found = read(closed("application/ms-tnef", "winmail.dat", raw, before="Facture n° 12 jointe".encode()))
    assert found.reply_text == "Facture n° 12 jointe"
    assert [(one.filename, one.content) for one in found.attachments] == [
        ("lot corrigé.csv", b"a;b\n"),
        ("scan.pdf", b"%PDF"),
    ]


def test_a_winmail_dat_alone_gives_its_text() -> None:
    properties = pack("<I", 1) + text_property(0x1000, "Facture n° 4711 corrigée.\r\nMerci")
    found = read(closed("application/ms-tnef", "winmail.dat", winmail(attribute(0x69003, properties))))
    assert (found.kind, found.reply_text) == (Kind.REPLY, "Facture n° 4711 corrigée.\nMerci")


def test_a_winmail_dat_whose_text_is_rtf_only_says_so() -> None:
    properties = pack("<IHHII", 1, 0x102, 0x1009, 1, 4) + b"LZFu"
    found = read(closed("application/ms-tnef", "winmail.dat", winmail(attribute(0x69003, properties))))
    assert found.reply_text == ""
    assert found.warnings == ("texte au format RTF dans winmail.dat : il n’a pas été lu",)
    assert [one.filename for one in found.attachments] == ["winmail.dat"]


def test_what_only_bears_the_name_of_a_winmail_dat_stays_an_attachment() -> None:
    found = read(closed("application/octet-stream", "winmail.dat", b"no TNEF at all"))
    assert [one.filename for one in found.attachments] == ["winmail.dat"]


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    assert isinstance(smime.signed_content(b"\x30\x80" + raw), bytes)
    assert smime.is_encrypted(raw) in (True, False)
    tnef.read(pack("<IH", 0x223E9F78, 7) + raw)


@given(st.data())
def test_a_damaged_winmail_dat_keeps_what_came_before_the_damage(data: st.DataObject) -> None:
    raw = winmail(a_file("premier.csv", b"1"), a_file("second.csv", b"2"))
    first = len(winmail(a_file("premier.csv", b"1")))
    place = data.draw(st.integers(first, len(raw) - 1))
    package = tnef.read(raw[:place] + data.draw(st.binary(max_size=5)))
    assert package is not None
    assert package.files[0] == tnef.File("premier.csv", b"1")
