"""Scans: pages as pictures, read by a real Tesseract where there is one."""

from __future__ import annotations

import io
import os
import pathlib
import stat
import sys
from functools import cache

import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont

from mailbot.errors import Park
from mailbot.model import Attachment
from mailbot.model.documents import Document, DocumentKind, Source
from mailbot.parsers.documents import images as documents_images
from mailbot.reading import Child, scans
from tests import b2_files
from tests.conftest import need
from tests.letters_house import NIR
from tests.test_documents import INVOICE


@cache
def page() -> Image.Image:
    """The invoice as a scanner sees it: A4 at 200 dots an inch."""
    image = Image.new("L", (1654, 2339), 255)
    font = ImageFont.truetype(str(pathlib.Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), 32)
    for number, line in enumerate(INVOICE):
        ImageDraw.Draw(image).text((140, 160 + 80 * number), line.replace("–", "-"), font=font, fill=0)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def read(raw: bytes) -> Document:
    reader = Child()
    try:
        (found,) = reader.documents([Attachment("scan", "", len(raw), "", raw)], {}, b2_files.shipped(), seconds=120.0)
    finally:
        reader.close()
    return found


@pytest.fixture
def tesseract() -> str:
    program = need("tesseract", "tesseract-ocr")
    if "fra" not in scans._known(program):
        pytest.skip("Tesseract has no French (Debian package tesseract-ocr-fra)")
    return program


@pytest.mark.real
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PDF"])
def test_a_scanned_invoice_names_its_number_its_nir_and_its_amounts(kind: str, tesseract: str) -> None:
    found = read(saved(page(), kind))
    assert (found.kind, found.source, found.pages, found.warnings) == (DocumentKind.SCAN, Source.OCR, 1, ())
    assert found.found.numeros_facture == ("000124",)
    assert found.found.nirs == (NIR,)
    assert {one.value for one in found.amounts} == {123456, 1437}


@pytest.mark.real
def test_every_page_of_a_scan_is_read(tesseract: str) -> None:
    other = Image.new("L", page().size, 255)
    other.paste(page().crop((0, 230, 1654, 300)), (0, 400))
    found = read(saved(page(), "PDF", save_all=True, append_images=[other]))
    assert found.pages == 2
    assert found.text.count("000124") == 2


@pytest.mark.real
def test_a_photo_taken_sideways_is_turned_as_its_camera_says(tesseract: str) -> None:
    turned = page().rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read(saved(turned, "JPEG", exif=exif)).found.numeros_facture == ("000124",)


@pytest.mark.real
@pytest.mark.parametrize("degrees", [90, 180, 2])
def test_a_page_that_lay_crooked_in_the_scanner_is_read(degrees: int, tesseract: str) -> None:
    turned = page().rotate(degrees, expand=True, fillcolor=255)
    assert read(saved(turned, "JPEG", quality=60)).found.nirs == (NIR,)


@pytest.mark.real
def test_a_blank_page_says_that_it_says_nothing(tesseract: str) -> None:
    assert read(saved(Image.new("L", (1000, 1400), 255), "PNG")).warnings == ("image sans texte reconnu",)


def program(folder: pathlib.Path, body: str) -> pathlib.Path:
    """Something that is called tesseract."""
    path = folder / "tesseract"
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


SPEAKS = "if '--list-langs' in sys.argv: print('fra osd'); sys.exit(0)\n"


@pytest.fixture
def instead(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    def put(body: str) -> None:
        program(tmp_path, body)
        monkeypatch.setenv("PATH", str(tmp_path))

    scans._known.cache_clear()
    yield put
    scans._known.cache_clear()


PAGE = documents_images.page(Image.new("L", (400, 400), 255))


def test_a_recogniser_that_never_ends_is_killed_with_all_that_it_started(instead, tmp_path: pathlib.Path) -> None:
    instead(
        SPEAKS
        + f"child = os.fork()\nopen({str(tmp_path / 'ids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        + "sys.stdin.buffer.read() if child else None\ntime.sleep(600)"
    )
    with pytest.raises(Park, match="3 secondes"):
        scans.text(PAGE, 3.0)
    ids = [int(line) for line in (tmp_path / "ids").read_text().split()]
    assert ids
    for process in ids:
        assert not _runs(process)


def _runs(process: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")


def test_a_recogniser_that_fails_says_so(instead) -> None:
    instead(SPEAKS + "sys.exit(1)")
    with pytest.raises(Park, match="n’y est pas arrivé"):
        scans.text(PAGE, 5.0)


def test_a_recogniser_that_does_not_start_says_so(instead, tmp_path: pathlib.Path) -> None:
    instead("")
    (tmp_path / "tesseract").write_bytes(b"\x7fELF, not quite")
    with pytest.raises(Park, match="ne démarre pas"):
        scans.text(PAGE, 5.0)


def test_a_recogniser_without_french_says_which_package_is_missing(instead) -> None:
    instead("print('eng')")
    with pytest.raises(Park, match="tesseract-ocr-fra"):
        scans.text(PAGE, 5.0)


def test_a_recogniser_gets_no_name_from_outside_no_secret_and_one_thread(instead, monkeypatch) -> None:
    monkeypatch.setenv("MAILBOT_SMTP_PASSWORD", "secret")
    instead(
        SPEAKS + "assert 'secret' not in os.environ.values()\nsys.stdin.buffer.read()\n"
        "print(sys.argv[1:], os.environ['OMP_THREAD_LIMIT'], os.getcwd())"
    )
    said = scans.text(PAGE, 5.0)
    assert said.strip() == "['stdin', 'stdout', '-l', 'fra', '--psm', '1', '--dpi', '300'] 1 /"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of another process")
def test_a_recogniser_that_wants_all_the_memory_fails(instead) -> None:
    instead(SPEAKS + "sys.stdin.buffer.read(); bytearray(1 << 30); print('lu')")
    with pytest.raises(Park, match="n’y est pas arrivé"):
        scans.text(PAGE, 5.0)


def test_where_no_recogniser_is_installed_the_scan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    found = read(saved(page(), "PNG"))
    assert found.kind is DocumentKind.SCAN
    assert found.warnings == ("image non lue : Tesseract n’est pas installé sur cette machine",)
