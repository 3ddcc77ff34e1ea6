"""Documents that come with a mail: what is read in them, and what hostile ones cost."""

from __future__ import annotations

import io
import pathlib
import sys
import zipfile
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from mailbot.letters import page, pdf
from mailbot.model import Attachment, LetterKind
from mailbot.model.documents import Document, DocumentKind, Field, FoundAmount, FoundDate, Source
from mailbot.parsers.documents import text as documents_text
from mailbot.passes import cut, settle, settle_mails
from mailbot.reading import Child, Here, documents, scans
from tests import b2_files, day
from tests.hostile_documents import HOSTILE, png, zipped
from tests.letters_house import MAIL, NIR, NOW, PS, TOKEN, house, ligne

FORMAT = b2_files.shipped()
INVOICE = (
    "PHARMACIE DU PORT – N° FINESS : 750100125",
    "FACTURE N° 000124 du 12/02/2026",
    "Patient : Camille LENOIR   NIR : 2 57 99 75 001 017",
    "Soins du 3 février 2026",
    "Total : 1 234,56 €",
    "Part complémentaire : 14,37 €",
)


@pytest.fixture(autouse=True)
def no_recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    """What scans say is the business of test_scans.py."""
    monkeypatch.setattr(scans.shutil, "which", lambda _program: None)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    opened = Child()
    yield opened
    opened.close()


def attached(raw: bytes, name: str = "document", kind: str = "application/octet-stream") -> Attachment:
    return Attachment(name, kind, len(raw), "", raw)


def read(*attachments: Attachment) -> tuple[Document, ...]:
    return Here().documents(attachments, {}, FORMAT)


def one(raw: bytes, name: str = "document", kind: str = "application/octet-stream") -> Document:
    (found,) = read(attached(raw, name, kind))
    return found


def drawn(lines: tuple[str, ...] = INVOICE, pages: int = 1) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(pages):
        for number, line in enumerate(lines):
            canvas.drawString(60, 780 - 24 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def workbook(raw_csv: bytes) -> bytes:
    book = openpyxl.Workbook()
    for line in raw_csv.decode().splitlines():
        book.active.append(line.split(";"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def b2() -> bytes:
    acte = b2_files.Acte("PH7", date(2026, 2, 18), 1, 1, 2000, 2000, 1300, 700, "")
    written = b2_files.Written("000001001", "2850199012345", "850103", (b2_files.Line("4", acte),))
    return b2_files.raw(b2_files.whole(b2_files.lot("012", [written])))


# -- what a PS sends -----------------------------------------------------------------------------------------------


def test_an_invoice_as_pdf_names_its_number_its_nir_its_ps_its_days_and_its_amounts() -> None:
    found = one(drawn(), "facture.pdf", "application/pdf")
    assert (found.kind, found.source, found.pages, found.warnings) == (DocumentKind.TEXT, Source.PDF, 1, ())
    assert found.found.numeros_facture == ("000124",)
    assert found.found.numeros_ps == ("750100125",)
    assert found.found.nirs == (NIR,)
    assert found.dates == (
        FoundDate(date(2026, 2, 12), "FACTURE N° 000124 du"),
        FoundDate(date(2026, 2, 3), "Soins du"),
    )
    assert found.amounts == (FoundAmount(123456, "Total"), FoundAmount(1437, "Part complémentaire"))
    assert "Camille LENOIR" in found.text


@pytest.mark.parametrize("make", [lambda csv: csv, workbook, lambda _csv: b2()], ids=["csv", "xlsx", "b2"])
def test_a_lot_is_a_lot_by_its_content_whatever_it_is_called(make) -> None:
    raw = make(day.lot_csv(day.row()))
    found = one(raw, "scan0001.bin")
    assert (found.kind, found.source) == (DocumentKind.LOT, Source.FILE)
    assert found.lot is not None
    assert [facture.numero for facture in found.lot.factures] == ["1001"]
    assert found.content == raw


def test_a_table_that_a_missing_column_keeps_from_being_a_lot_says_which() -> None:
    found = one(day.lot_csv(day.row()).replace(b"numero_facture;", b"", 1))
    assert found.kind is DocumentKind.LOT
    assert found.lot is not None
    assert (found.lot.refus[0].colonne, found.lot.factures) == ("numero_facture", ())


def test_everything_in_an_archive_is_read_and_names_where_it_lay() -> None:
    csv = day.lot_csv(day.row())
    inner = zipped([("b2.txt", b2())])
    members = [("lot.csv", csv), ("lot.xlsx", workbook(csv)), ("facture.pdf", drawn()), ("b2.zip", inner)]
    archive, *found = read(attached(zipped([*members, ("__MACOSX/lot.csv", b"x")]), "envoi.zip"))
    assert (archive.kind, archive.source, archive.warnings) == (DocumentKind.ARCHIVE, Source.ARCHIVE, ())
    assert [(one.filename, one.kind, one.inside) for one in found] == [
        ("lot.csv", DocumentKind.LOT, "envoi.zip"),
        ("lot.xlsx", DocumentKind.LOT, "envoi.zip"),
        ("facture.pdf", DocumentKind.TEXT, "envoi.zip"),
        ("b2.zip", DocumentKind.ARCHIVE, "envoi.zip"),
        ("b2.txt", DocumentKind.LOT, "b2.zip"),
    ]


def test_the_attachments_of_an_attached_mail_count_too() -> None:
    mail = (
        b"From: a@example.fr\nSubject: Tr: facture\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nVoici la facture 77.\n--x\nContent-Type: text/csv; name=l.csv\n\n"
        + day.lot_csv(day.row())
        + b"\n--x--\n"
    )
    forwarded, lot = read(attached(mail, "message.eml", "message/rfc822"))
    assert (forwarded.kind, forwarded.found.numeros_facture) == (DocumentKind.MAIL, ("77",))
    assert (lot.kind, lot.inside) == (DocumentKind.LOT, "message.eml")


def test_a_letter_as_text_is_read() -> None:
    found = one("Bonjour,\r\nla facture n° 123 est remplacée.".encode(), "lettre.txt", "text/plain")
    assert (found.kind, found.found.numeros_facture) == (DocumentKind.TEXT, ("123",))


def test_what_a_file_is_called_decides_nothing() -> None:
    out = io.BytesIO()
    Image.new("RGB", (900, 900), "white").save(out, "PNG")
    picture = one(out.getvalue(), "facture.pdf", "application/pdf")
    assert (picture.kind, picture.source) == (DocumentKind.SCAN, Source.OCR)
    assert picture.warnings[0] == "le nom annonce : PDF ; le contenu est : PNG"
    assert "Tesseract n’est pas installé" in picture.warnings[1]
    assert one(drawn(), "photo.jpg", "image/jpeg").found.numeros_facture == ("000124",)


def test_a_logo_is_no_document() -> None:
    out = io.BytesIO()
    Image.new("RGB", (320, 90), "white").save(out, "PNG")
    logo = one(out.getvalue(), "image001.png", "image/png")
    assert (logo.kind, logo.warnings) == (DocumentKind.OTHER, ())


def test_what_cannot_be_read_says_why() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(drawn()))
    writer.encrypt("secret", algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    secret = bytearray(zipped([("lot.csv", b"a;b")]))
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = secret.index(start)
        secret[at + (6 if start[3] == 4 else 8)] |= 1
    for raw, why in (
        (locked.getvalue(), "mot de passe"),
        (bytes(secret), "mot de passe"),
        (b"\x00\x00\x00\x18ftypheic\x00", "HEIC"),
        (b"Rar!\x1a\x07\x01\x00", "seules les archives zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "ancien format"),
        (zipped([("[Content_Types].xml", b""), ("word/document.xml", b"")]), "le PDF convient"),
        (b"", "vide"),
    ):
        assert why in one(raw).warnings[0]


def test_a_pdf_that_only_forbids_changes_is_read() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(drawn()))
    writer.encrypt("", "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert one(out.getvalue()).found.numeros_facture == ("000124",)


def test_a_name_in_an_archive_is_text_and_nothing_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    raw = zipped([("../../évadé.txt", b"facture 12345"), ("/etc/a\x07b.txt", b"")])
    _, escaped, empty = read(attached(raw, "a.zip"))
    assert escaped.filename == "../../évadé.txt"
    assert "\x07" not in empty.filename
    assert not list(tmp_path.rglob("*"))


def test_no_warning_names_a_person() -> None:
    names = [("LENOIR Camille.zip", b"PK\x03\x04"), ("LENOIR Camille.pdf", b"%PDF-"), ("LENOIR.rar", b"Rar!\x1a\x07")]
    bad_lot = day.lot_csv(day.row(nom="LENOIR", nir="2" * 13, date_soins="LENOIR"))
    found = read(*(attached(raw, name) for name, raw in [*names, ("LENOIR.csv", bad_lot)]))
    said = [warning for document in found for warning in document.warnings]
    said += [refus.raison + refus.fichier for document in found if document.lot for refus in document.lot.refus]
    assert len(said) >= 4
    assert not [one for one in said if "LENOIR" in one or "Camille" in one]


def test_only_so_many_documents_of_a_mail_are_read() -> None:
    found = read(*[attached(b"facture 123456", "a.txt")] * (documents.MAX_DOCUMENTS + 1))
    assert [document.kind for document in found[-2:]] == [DocumentKind.TEXT, DocumentKind.OTHER]
    assert "plus de 20 documents" in found[-1].warnings[0]


# -- days and amounts ----------------------------------------------------------------------------------------------


def described(text: str) -> Document:
    return documents_text.described(Document("", "", "", 0, DocumentKind.TEXT, Source.FILE), text)


def test_days_and_amounts_as_people_write_them() -> None:
    said = described("Le 1er août 2026, le 02.03.2026 et le 2026-03-04\nTotal\n12,71\n1.234,50 EUR 45 € -3.20 2 000 €")
    assert [one.value for one in said.dates] == [date(2026, 8, 1), date(2026, 3, 2), date(2026, 3, 4)]
    assert [one.value for one in said.amounts] == [1271, 123450, 4500, -320, 200000]
    assert said.amounts[0].near == "Total"


def test_what_is_no_day_and_no_amount() -> None:
    said = described("31/02/2026 12/02/26 65,00 % 1.2.3 02.98.12.34.56 12,345 1/1/20261 n° 000124 v12.05.2")
    assert (said.dates, said.amounts) == ((), ())


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 99_999_999))
def test_every_day_and_every_amount_comes_back(day_: date, cents: int) -> None:
    euros = f"{cents // 100:,}".replace(",", " ")
    said = described(f"Soins du {day_:%d/%m/%Y}, montant {euros},{cents % 100:02d} €")
    assert [one.value for one in said.dates] == [day_]
    assert [one.value for one in said.amounts] == [cents]


# -- our own form --------------------------------------------------------------------------------------------------


def form(rows: int = 3) -> bytes:
    lignes = tuple(ligne(f"{number:06d}", rejet=40 + number) for number in range(1, rows + 1))
    context = page.context(
        house(), contact=MAIL, numero_ps=PS, raison_sociale="", lignes=lignes, bilans=(), index=1, total=1,
        token=TOKEN, now=NOW,
    )  # fmt: skip
    return pdf.bordereau(context)


def filled(raw: bytes, values: dict[str, str]) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    for sheet in writer.pages:
        if "/Annots" in sheet:
            writer.update_page_form_field_values(sheet, values, auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_our_form_comes_back_field_by_field_with_its_invoice_its_refusal_and_its_letter() -> None:
    start = f"mb-{TOKEN}"
    values = {
        f"{start}-41-numero_facture": "000124",
        f"{start}-41-numero_lot": " 20260202 ",
        f"{start}-43-reponse": "La date est le 12/02/2026.\nMerci – Zoë",
    }
    found = one(filled(form(), values), "bordereau.pdf", "application/pdf")
    assert found.kind is DocumentKind.FORM
    assert found.fields == (
        Field("numero_facture", "000124", "000001", 41, TOKEN),
        Field("numero_lot", "20260202", "000001", 41, TOKEN),
        Field("reponse", "La date est le 12/02/2026. Merci – Zoë", "000003", 43, TOKEN),
    )
    assert (found.found.tokens, found.found.numeros_facture) == ((TOKEN,), ())


def test_our_form_sent_back_empty_says_nothing_but_which_letter_it_is() -> None:
    found = one(form())
    assert (found.kind, found.fields, found.amounts, found.dates) == (DocumentKind.FORM, (), (), ())
    assert (found.found.tokens, found.found.numeros_facture, found.found.numeros_ps) == ((TOKEN,), (), ())


def test_the_form_is_the_same_bytes_each_time_and_nothing_personal_is_in_its_names() -> None:
    assert form() == form()
    fields = PdfReader(io.BytesIO(form(10))).get_fields() or {}
    assert len(fields) == 30
    for name, said in fields.items():
        assert not any(word in f"{name} {said['/TU']}" for word in (NIR, "LENOIR", "Lenoir", "Camille", "1957"))


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(["41-numero_facture", "42-numero_lot", "42-reponse"]), st.text(max_size=60)))
def test_whatever_is_written_into_the_form_is_what_is_read(values: dict[str, str]) -> None:
    values = {name: "".join(char for char in text if char.isprintable()) for name, text in values.items()}
    found = one(filled(form(2), {f"mb-{TOKEN}-{name}": text for name, text in values.items()}))
    wanted = {name: " ".join(text.split()) for name, text in values.items()}
    assert {f"{one.rejet}-{one.name}": one.value for one in found.fields} == {n: t for n, t in wanted.items() if t}


def test_the_form_of_a_bordereau_that_went_out_names_the_refusals_of_the_ledger(tmp_path: pathlib.Path) -> None:
    day.prepare(tmp_path)
    with day.service(tmp_path) as service:
        service.ledger.lot_files.store(day.NOW, "lot.csv", day.THE_LOT)
        settle.settle(service)
        cut.cut(service)
        told = 0
        for letter in service.ledger.letters.listed():
            if letter.kind is not LetterKind.BORDEREAU:
                continue
            raw = service.ledger.letters.envelope(letter.id).raw
            (copy,) = Here().mail(raw, day.NOW, settle_mails.own(service.configuration)).attachments
            rejets = {row.rejet_id: row.nom_facture for row in service.ledger.lots.of_letter(letter.id)}
            names = PdfReader(io.BytesIO(copy.content)).get_fields() or {}
            found = one(filled(copy.content, dict.fromkeys(names, "1")))
            assert {field.rejet: field.invoice for field in found.fields} == rejets
            assert {f"<mb-{field.token}@" for field in found.fields} == {letter.message_id.partition("@")[0] + "@"}
            told += len(rejets)
    assert told > 1


def test_fields_of_another_form_are_none_of_ours() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 700, "Facture n° 5512 du cabinet")
    canvas.acroForm.textfield(name="numero_facture", value="9", x=60, y=600)
    canvas.acroForm.textfield(name=f"mb-{TOKEN}-x-reponse", value="9", x=60, y=500)
    canvas.save()
    found = one(out.getvalue())
    assert (found.kind, found.fields, found.found.numeros_facture) == (DocumentKind.TEXT, (), ("5512",))


# -- hostile documents ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_ends_within_its_limits(name: str, child: Child) -> None:
    kind = "message/rfc822" if name.startswith("mail") else "application/octet-stream"
    bad, good = attached(HOSTILE[name](), "a", kind), attached(b"facture 123456", "b.txt")
    *found, after = child.documents([bad, good], {}, FORMAT)
    assert after.found.numeros_facture == ("123456",) or after.warnings  # too late for it, told so
    assert found
    told = [warning for document in found for warning in document.warnings]
    assert told or found[0].kind is DocumentKind.TEXT
    assert all(document.filename == "a" or document.inside for document in found)


SPOILT = """
import os
from mailbot.reading import child, tasks
def work(attachment, called, aliases, b2_format):
    if attachment.filename == "tueur":
        os.kill(os.getpid(), 9)
    while attachment.filename == "sans fin":
        pass
    return real(attachment, called, aliases, b2_format)
real = tasks.document
tasks.TASKS["document"] = tasks.Task(work)
child.main()
"""


@pytest.fixture
def spoilt() -> Iterator[Child]:
    reader = Child((sys.executable, "-c", SPOILT))
    yield reader
    reader.close()


def test_a_document_that_kills_its_reader_costs_itself_only(spoilt: Child) -> None:
    good = attached(b"facture 123456", "a.txt")
    first, bad, last = spoilt.documents([good, attached(b"x", "tueur"), good], {}, FORMAT)
    assert first.found.numeros_facture == last.found.numeros_facture == ("123456",)
    assert "SIGKILL" in bad.warnings[0]


def test_a_document_that_never_ends_is_given_up_when_the_time_of_its_mail_is_over(spoilt: Child) -> None:
    sent = [attached(b"x", "sans fin"), attached(b"facture 123456", "a.txt")]
    for found in documents.read(spoilt._run, sent, {}, FORMAT, seconds=1.0):
        assert "temps de lecture" in found.warnings[0]
    assert spoilt.documents(sent[1:], {}, FORMAT)[0].found.numeros_facture == ("123456",)


def test_the_process_reads_what_this_process_reads(child: Child) -> None:
    csv = day.lot_csv(day.row())
    bundle = zipped(
        [("lot.csv", csv), ("lot.xlsx", workbook(csv)), ("b2", b2()), ("f.pdf", drawn()), ("o.pdf", form())]
    )
    sent = [attached(bundle, "a.zip"), attached(b"", "vide"), attached(png(900, 900, b"\xff" * 901 * 900), "p.png")]
    assert child.documents(sent, {}, FORMAT) == Here().documents(sent, {}, FORMAT)


def _good() -> list[bytes]:
    csv = day.lot_csv(day.row())
    tiff = io.BytesIO()
    Image.new("L", (400, 400), 255).save(tiff, "TIFF")
    jpeg = io.BytesIO()
    Image.new("RGB", (400, 400), "white").save(jpeg, "JPEG")
    scan = io.BytesIO()
    Image.new("L", (400, 400), 255).save(scan, "PDF")
    kinds = [drawn(), form(1), scan.getvalue(), csv, workbook(csv), b2(), png(400, 400, b"\xff" * 401 * 400)]
    return [*kinds, tiff.getvalue(), jpeg.getvalue(), zipped([("a.csv", csv), ("b.pdf", drawn())])]


GOOD = _good()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_lets_an_exception_out(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw)))
        match data.draw(st.sampled_from(["put", "cut", "double", "swap"])):
            case "put":
                raw[at : at + 4] = data.draw(st.binary(max_size=8))
            case "cut":
                del raw[at : at + data.draw(st.integers(1, 400))]
            case "double":
                raw[at:at] = raw[max(0, at - 200) : at]
            case "swap":
                raw = raw[at:] + raw[:at]
    for document in read(
        attached(bytes(raw), "a.pdf", data.draw(st.sampled_from(["application/pdf", "message/rfc822"])))
    ):
        assert isinstance(document.kind, DocumentKind)
        assert all(warning.isprintable() for warning in document.warnings)


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"II*\x00"]))
def test_no_bytes_let_an_exception_out(rest: bytes, start: bytes) -> None:
    assert read(attached(start + rest))


@given(st.lists(st.tuples(st.text(max_size=30), st.binary(max_size=60)), max_size=5))
def test_whatever_the_names_in_an_archive_they_are_shown_as_text(members: list[tuple[str, bytes]]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in dict(members).items():
            try:
                archive.writestr(zipfile.ZipInfo(name or "a"), content)
            except UnicodeEncodeError:
                return
    for document in read(attached(out.getvalue())):
        assert not any(char < " " for char in document.filename)
