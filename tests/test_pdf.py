"""The PDF copy says what the mail says, as text, masked as the mail is."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from mailbot.letters import page, pdf, samples
from mailbot.letters.words import NBSP
from tests.letters_house import MAIL, NIR, NOW, PS, TOKEN, Privacy, bilan, house, ligne


def text(content: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages).split())


def drawn(privacy: Privacy | None = None, **changes: object) -> bytes:
    return pdf.bordereau(
        page.context(
            house(privacy=privacy or Privacy()),
            contact=MAIL,
            numero_ps=PS,
            raison_sociale="PHARMACIE DU PORT",
            lignes=(ligne(motif="MANQUE_DETAIL", detail="DATE_FACTURE", **changes),),
            bilans=(bilan(),),
            index=1,
            total=1,
            token=TOKEN,
            now=NOW,
        )
    )


def test_the_pdf_says_what_the_mail_says() -> None:
    said = text(drawn())
    for part in (
        "1 facture refusée", "PHARMACIE DU PORT", PS, "000123", "Camille LENOIR", "1 234,56 €", "la date de la facture",
        "Complétez la facture elle-même", "0012345678", "AM-FINESS", "2403", "20260131",
        "N’envoyez pas les pièces papier",
        "12 rue des Phares", f"mb-{TOKEN}", "avec rejet", "1er février 2026",
    ):  # fmt: skip
        assert part in said


def test_the_pdf_is_masked_as_the_mail_is() -> None:
    assert NIR not in text(drawn()).replace(" ", "")
    assert "07/03/1957" not in text(drawn())
    assert "07/03/1957" in text(drawn(Privacy(plain="full")))
    assert NIR in text(drawn(Privacy(plain="full"))).replace(" ", "")


def test_the_same_values_give_the_same_bytes_on_a4() -> None:
    assert drawn() == drawn()
    reader = PdfReader(io.BytesIO(drawn()))
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    assert reader.root_object["/Lang"] == "fr-FR"
    assert reader.metadata is not None
    assert reader.metadata.title == f"Bordereau du 1er février 2026 – PS {PS}".replace("1er ", "1er\u00a0")


def test_a_long_pdf_has_an_overview_numbered_pages_and_the_day_of_its_letter() -> None:
    context = samples.contexts(house())["bordereau"][0]
    content = pdf.bordereau(context, NOW)
    assert content == pdf.bordereau(context, NOW)
    reader = PdfReader(io.BytesIO(content))
    first = " ".join(reader.pages[0].extract_text().split())
    overview, _, _ = first.partition("Facture n°")
    for fiche in context["fiches"]:
        assert fiche.facture in overview and fiche.bref.replace(NBSP, " ") in overview
    for number, sheet in enumerate(reader.pages, 1):
        assert f"Page {number} / {len(reader.pages)}" in " ".join(sheet.extract_text().split())
    assert reader.metadata is not None and reader.metadata.creation_date == NOW
    # The form stands on one page.
    fields = [sum(1 for _ in sheet.get("/Annots", ())) for sheet in reader.pages]
    assert sorted(fields)[-2:] == [0, 3 * len(context["fiches"])]
    assert "Copie de notre message" in text(content) and context["reponse"] in text(content)


def tags(content: bytes) -> list[tuple[str, int]]:
    """The tag of every element in reading order, with how many texts it holds; each is found from its page too."""
    reader = PdfReader(io.BytesIO(content))
    root = reader.root_object["/StructTreeRoot"]
    numbers = root["/ParentTree"]["/Nums"]
    found: list[tuple[str, int]] = []

    def walk(element: DictionaryObject) -> None:
        kids = element["/K"]
        held = [kid for kid in kids if isinstance(kid, int)]
        found.append((element["/S"], len(held)))
        for number in held:
            page = element["/Pg"]
            assert numbers[2 * page["/StructParents"] + 1][number].get_object() == element
        for kid in kids:
            if not isinstance(kid, int):
                walk(kid.get_object())

    walk(root["/K"][0].get_object())
    return found


def test_a_screen_reader_finds_headings_lists_and_facts_in_their_order() -> None:
    content = drawn()
    assert PdfReader(io.BytesIO(content)).root_object["/MarkInfo"]["/Marked"] == True  # noqa: E712
    found = tags(content)
    names = [name for name, _ in found]
    assert names[0] == "/Document" and names.count("/H1") == 1
    assert names.index("/H1") < names.index("/H2") < names.index("/H3")
    assert names[names.index("/L") + 1 :][:2] == ["/LI", "/LBody"]
    # “NIR” and its value are one paragraph.
    assert ("/P", 2) in found
    drawn_texts = sum(sheet.get_contents().get_data().count(b"BDC") for sheet in PdfReader(io.BytesIO(content)).pages)
    assert drawn_texts == sum(count for _, count in found)


def test_any_name_can_be_drawn() -> None:
    said = text(drawn(nom="Œuvrard-Łuczak", prenom="Zoë <b>&amp;\x07 Şirin \u202f日本"))
    assert "Zoë <b>&amp; Sirin ?? ŒUVRARD-?UCZAK" in said


def test_every_motif_fits_on_its_page() -> None:
    for context in samples.contexts(house())["bordereau"]:
        assert len(PdfReader(io.BytesIO(pdf.bordereau(context))).pages) >= 1
    endless = "zzz " * 3000
    context = {**samples.contexts(house())["bordereau"][-1], "conseils": (endless, "x" * 5000)}
    assert text(pdf.bordereau(context)).count("zzz") == 3000
