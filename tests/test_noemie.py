"""NOEMIE returns as their readers meet them: what became of each invoice, and what damage costs."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailbot.configuration import folder as folders
from mailbot.errors import ConfigError, Park
from mailbot.model.retours import EtatPaiement, EtatPart, Part, Raison
from mailbot.parsers import identifiers, noemie
from tests import noemie_files as files
from tests.noemie_files import Invoice

PS = "752000019"
NIR = "2850199000123"


def read(raw: bytes) -> noemie.RetourFile:
    return noemie.read(raw, "retour.noe", files.layout())


def one(invoice: Invoice) -> EtatPaiement:
    (retour,) = read(files.file(PS, invoice)).retours
    return retour.etat


PAID, REFUSED, LATER = (1300, "P", 1300), (700, "R", 0), (700, "D", 0)


@pytest.mark.parametrize(
    ("invoice", "etat"),
    [
        (Invoice("7", ro=PAID, rc=(700, "P", 700)), EtatPaiement.PAYEE),
        (Invoice("7", ro=PAID), EtatPaiement.PAYEE),
        (Invoice("7", rc=(700, "P", 700)), EtatPaiement.PAYEE),
        (Invoice("7", ro=PAID, rc=(700, "P", 650)), EtatPaiement.ECART),
        (Invoice("7", ro=(1300, "P", -1300)), EtatPaiement.ECART),
        (Invoice("7", ro=PAID, rc=REFUSED), EtatPaiement.REFUSEE),
        (Invoice("7", ro=PAID, rc=PAID, refusals=[("12", "X", "F", "O")]), EtatPaiement.REFUSEE),
        (Invoice("7", ro=PAID, rc=PAID, refusals=[("12", "X", "L", "O")]), EtatPaiement.PAYEE),
        (Invoice("7", ro=LATER, rc=LATER), EtatPaiement.DIFFEREE),
        (Invoice("7", ro=PAID, rc=(700, " ", 0)), EtatPaiement.PARTIELLE),
        (Invoice("7", ro=PAID, rc=LATER), EtatPaiement.PARTIELLE),
        (Invoice("7", ro=PAID, rc=(0, " ", 0)), EtatPaiement.PAYEE),
        (Invoice("7"), EtatPaiement.INDETERMINEE),
    ],
)
def test_the_state_of_an_invoice_is_that_of_formats_md(invoice, etat):
    assert one(invoice) is etat


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_a_return_says_who_was_paid_what_and_why_not(end):
    invoice = Invoice(
        "000001002", lot="042", nir=NIR + "17", ro=PAID, rc=REFUSED,
        refusals=[("A12", "ASSURE INCONNU", "F", "C")], comments=["VOIR LA CARTE"],
    )  # fmt: skip
    raw = files.file(PS, invoice, Invoice("88", ro=PAID), lot="042", day="260301", end=end)
    assert noemie.looks_like(raw, files.layout())
    found = read(raw)
    assert (found.refus, found.warnings) == ((), ())
    first, second = found.retours
    assert (first.numero_ps, first.numero_lot, first.numero_facture, first.numero) == (PS, "042", "000001002", "1002")
    assert first.jour == date(2026, 3, 1)
    assert first.ro == Part(1300, EtatPart.PAYEE, 1300)
    assert first.rc == Part(700, EtatPart.REJETEE, 0)
    assert first.raisons == (Raison("A12", "ASSURE INCONNU", "F", "C"),)
    assert first.commentaires == ("VOIR LA CARTE",)
    assert second.numero_lot == "042", "the lot of the 080 above it"


def test_the_older_entities_say_the_same():
    inside = [
        files.entity("100", 4, n_facture=55),
        files.entity("110", 4, nir=NIR, cle="17", nature_nom="U"),
        files.entity("290", 5, n_ligne="  ", code="R100", libelle="DROITS FERMES"),
        files.entity("100", 4, n_facture=56),
        files.entity("290", 5, n_ligne=1, code="R200", libelle="ACTE REFUSE"),
    ]
    around = files.entities(PS, lot="007")
    found = read("".join([*around[:4], *inside, around[-1]]).encode())
    whole, line = found.retours
    assert (whole.numero, whole.numero_lot, whole.etat) == ("55", "007", EtatPaiement.REFUSEE)
    assert line.etat is EtatPaiement.INDETERMINEE
    assert line.raisons[0].niveau == "L"


def test_an_unknown_entity_is_kept_whole_and_the_others_go_on():
    around = files.entities(PS, Invoice("7", ro=PAID))
    found = read("".join([*around[:5], "77705QUELQUE CHOSE@", *around[5:]]).encode())
    assert [one.texte for one in found.brutes] == ["77705QUELQUE CHOSE@"]
    assert [one.etat for one in found.retours] == [EtatPaiement.PAYEE]
    assert not found.refus


def damaged(number: str, damage, *invoices: Invoice) -> noemie.RetourFile:
    """A return in which the first entity of this number was damaged."""
    texts = files.entities(PS, *invoices, lot="001")
    at = next(place for place, text in enumerate(texts) if text.startswith(number))
    texts[at] = damage(texts[at])
    return read("".join(texts).encode("latin-1"))


CUT_SHORT, NO_MARK = (lambda text: text[:9] + "@"), (lambda text: text[:-1] + " ")


@pytest.mark.parametrize("damage", [CUT_SHORT, NO_MARK, lambda text: "1x" + text[2:]])
def test_a_damaged_share_costs_its_invoice_and_no_other(damage):
    found = damaged("198", damage, Invoice("7", lot="001", ro=PAID), Invoice("8", lot="001", nir=NIR + "17", ro=PAID))
    assert [one.numero for one in found.retours] == ["8"]
    (refus,) = found.refus
    assert (refus.fichier, refus.ligne, refus.facture) == ("retour.noe", 6, "7")
    assert refus.colonne.startswith("entité")
    assert "écartée" in refus.raison


@pytest.mark.parametrize("damage", [CUT_SHORT, NO_MARK])
def test_what_follows_a_damaged_opening_is_never_laid_to_the_invoice_before(damage):
    texts = files.entities(PS, Invoice("7", ro=PAID), Invoice("8", rc=REFUSED), Invoice("9", ro=PAID))
    at = [place for place, text in enumerate(texts) if text.startswith("102")][1]
    texts[at] = damage(texts[at])
    found = read("".join(texts).encode())
    assert [(one.numero, one.etat, one.rc) for one in found.retours] == [
        ("7", EtatPaiement.PAYEE, None),
        ("9", EtatPaiement.PAYEE, None),
    ]
    assert [refus.ligne for refus in found.refus] == [at + 1]


def test_after_a_damaged_payee_nobody_is_taken_for_the_one_before():
    found = damaged("020", CUT_SHORT, Invoice("7", ro=PAID))
    assert [(one.numero, one.numero_ps) for one in found.retours] == [("7", "")]


def test_a_wrong_letter_is_named_with_its_zone():
    texts = files.entities(PS, Invoice("7", ro=(1300, "Z", 1300)), Invoice("8", ro=PAID))
    found = read("".join(texts).encode())
    assert [one.numero for one in found.retours] == ["8"]
    assert found.refus[0].colonne == "entité 198 etat"


def test_a_personal_value_never_stands_in_a_refusal():
    found = damaged("103", NO_MARK, Invoice("7", nir=NIR + "17", ro=PAID))
    assert [one.numero for one in found.retours] == ["7"]
    assert NIR[:6] not in str(found.refus)


@pytest.mark.parametrize(
    "written",
    [NIR, NIR + "17", "2 85 01 99 000 123 17", "2.85.01.99.000.123", "2850 12A 000 123", "28501 2B 000123 44"],
)
def test_a_nir_that_somebody_wrote_into_a_label_is_masked_where_it_is_read(written):
    invoice = Invoice("7", refusals=[("A12", f"ASSURE {written} INCONNU", "F", "C")], comments=[f"NIR {written}"])
    (retour,) = read(files.file(PS, invoice)).retours
    label, (comment,) = retour.raisons[0].libelle, retour.commentaires
    assert label.startswith("ASSURE 2•")
    assert label.endswith(" INCONNU")
    for text in (label, comment):
        assert "000" not in text
    older = [files.entity("100", 4, n_facture=55), files.entity("290", 5, code="R1", libelle=f"NON {written}")]
    around = files.entities(PS)
    (retour,) = read("".join([*around[:4], *older, around[-1]]).encode()).retours
    assert retour.raisons[0].libelle.startswith("NON 2•")


@pytest.mark.parametrize(
    "text", ["FACTURE 000001002", "PS 752000019 LE 01/03/2026", "PLAFOND 1 234,50", "TEL 0140000000"]
)
def test_other_numbers_of_a_label_stay_as_they_are(text):
    invoice = Invoice("7", refusals=[("A12", text, "F", "C")])
    assert read(files.file(PS, invoice)).retours[0].raisons[0].libelle == text


def test_an_entity_that_swallowed_others_names_the_invoices_it_took_along():
    texts = files.entities(PS, Invoice("7", ro=PAID), Invoice("8", ro=PAID), Invoice("9", ro=PAID))
    at = next(place for place, text in enumerate(texts) if text.startswith("198"))
    texts[at] = texts[at][:-1] + "X" * 70
    texts[at + 1] = texts[at + 1][:-1] + " "
    found = read("".join(texts).encode())
    assert [one.numero for one in found.retours] == ["9"]
    assert found.refus[0].facture == "7"
    assert "avec les factures n°\u00a08" in found.refus[0].raison


def test_counts_and_sums_that_differ_are_told_with_both_figures():
    texts = files.entities(PS, Invoice("7", ro=PAID))
    at = next(place for place, text in enumerate(texts) if text.startswith("990"))
    texts[at] = files.entity("990", 3, compteur=5, cumul=1400, signe="P")
    told = " ".join(read("".join(texts).encode()).warnings)
    assert "5 entités annoncées, 1 lues" in told
    assert "14,00\u00a0€ annoncés, 13,00\u00a0€ lus" in told


def test_a_file_without_its_end_is_told():
    texts = files.entities(PS, Invoice("7", ro=PAID))
    assert any("999" in warning for warning in read("".join(texts[:-1]).encode()).warnings)


@pytest.mark.parametrize("flow", ["T", "D"])
def test_a_trial_flow_does_not_count(flow):
    with pytest.raises(Park, match="essai"):
        read(files.file(PS, Invoice("7", ro=PAID), flow=flow))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"numero_lot;numero_ps\r\nL1;752000019\r\n",
        # A B2 file: records of 128 characters, an address with an @ among them.
        files.header(PS).encode() + (b"1" + PS.encode() + b"CABINET@EXAMPLE.FR").ljust(128) * 3,
        b"\x00" * 400,
    ],
)
def test_other_files_are_not_taken_for_returns(raw):
    assert not noemie.looks_like(raw, files.layout())


@st.composite
def invoices(draw):
    def part():
        asked = draw(st.integers(0, 99_999_999))
        state = draw(st.sampled_from("PRD "))
        paid = draw(st.one_of(st.just(asked), st.integers(-99_999_999, 99_999_999)))
        return (asked, state, paid)

    codes = st.text("0123456789ABC", min_size=1, max_size=4)
    words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ ÉÀ'.@0123456789", max_size=30).map(str.strip)
    # Letters that read as a NIR are masked where they are read: no round trip, and Latin-1 has no dot for the mask.
    words = words.filter(lambda text: identifiers.without_nirs(text) == text)
    return Invoice(
        numero=draw(st.integers(1, 999_999_999).map(str)),
        lot=draw(st.sampled_from(["", "001", "42", "A7"])),
        ro=part() if draw(st.booleans()) else None,
        rc=part() if draw(st.booleans()) else None,
        refusals=draw(
            st.lists(
                st.tuples(codes, words, st.sampled_from("FLA"), st.sampled_from("OC")),
                max_size=3,
            )
        ),
        comments=draw(st.lists(words.filter(bool), max_size=2)),
    )  # fmt: skip


@given(st.lists(invoices(), max_size=6), st.sampled_from(["", "\n", "\r\n"]))
def test_what_is_written_is_read(written, end):
    found = read(files.file(PS, *written, end=end))
    assert not found.refus
    assert not found.warnings
    assert len(found.retours) == len(written)
    for invoice, retour in zip(written, found.retours, strict=True):
        assert (retour.numero_facture, retour.numero_lot) == (invoice.numero, invoice.lot)
        for part, told in ((retour.ro, invoice.ro), (retour.rc, invoice.rc)):
            assert (part and (part.demande, part.etat, part.paye)) == (told and (told[0], told[1].strip(), told[2]))
        assert [(r.code, r.libelle, r.niveau, r.part) for r in retour.raisons] == invoice.refusals
        assert list(retour.commentaires) == invoice.comments


@given(st.lists(invoices(), min_size=1, max_size=4, unique_by=lambda one: one.numero), st.data())
@settings(max_examples=300)
def test_an_entity_that_lost_a_part_changes_no_invoice_but_takes_it_out(written, data):
    """What is still read of an invoice was written of it."""
    whole = {one.numero: one for one in read(files.file(PS, *written, lot="001")).retours}
    texts = files.entities(PS, *written, lot="001")
    at = data.draw(st.integers(1, len(texts) - 2))
    start = data.draw(st.integers(0, len(texts[at]) - 2))
    texts[at] = texts[at][:start] + texts[at][data.draw(st.integers(start + 1, len(texts[at]) - 1)) :]
    found = read("".join(texts).encode("latin-1"))
    for retour in found.retours:
        before = whole.get(retour.numero)
        assert before, "an invoice that was never written"
        if start >= len("10204"):  # its number and level still stand
            assert (retour.ro, retour.rc, retour.raisons) == (before.ro, before.rc, before.raisons)


@given(st.lists(invoices(), max_size=4), st.data())
@settings(max_examples=300)
def test_damage_never_crashes_the_reader(written, data):
    """Bytes overwritten, dropped or added anywhere."""
    raw = bytearray(files.file(PS, *written))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        act = data.draw(st.sampled_from(["overwrite", "drop", "add"]))
        if act == "overwrite":
            raw[at] = data.draw(st.integers(0, 255))
        elif act == "drop":
            del raw[at : at + data.draw(st.integers(1, 60))]
        else:
            raw[at:at] = data.draw(st.binary(max_size=30))
        if not raw:
            break
    try:
        found = read(bytes(raw))
    except Park:
        return
    assert all(retour.numero for retour in found.retours)


@given(st.binary(max_size=600))
@example(b"000")
@example(b"102@")
@example(b"999" * 50)
def test_any_bytes_give_a_result(raw):
    noemie.looks_like(raw, files.layout())
    for text in (raw, files.header(PS).encode() + raw):
        try:
            read(text)
        except Park:
            assert text[:3] == b"000"


# -- the layout is the admin's ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("198,14,14,1,A,yes,etat", "198,14,14,1,A,yes,stat", 94, "zone « etat » absente"),
        ("198,14,14,1,A,yes,etat", "198,15,15,1,A,yes,etat", 94, "commence en 15 au lieu de 14"),
        ("198,14,14,1,A,yes,etat", "198,14,14,2,A,yes,etat", 94, "longueur 2"),
        ("198,14,14,1,A,yes,etat", "198,14,x,1,A,yes,etat", 94, "un nombre"),
        ("198,14,14,1,A,yes,etat", "198,14,14,1,B,yes,etat", 94, "« B » inconnue"),
    ],
)
def test_a_wrong_edit_of_the_layout_is_shown_where_it_is(old, new, line, told):
    text = files.LAYOUT_FILE.read_text(encoding="utf-8")
    assert text.splitlines()[line - 1].startswith(old)
    with pytest.raises(ConfigError) as caught:
        noemie.read_layout(text.replace(old, new), "formats/noemie.csv")
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("formats/noemie.csv", line)
    assert told in str(fault).replace("\u00a0", " ")


def test_a_zone_that_the_admin_moves_is_read_where_it_is():
    text = files.LAYOUT_FILE.read_text(encoding="utf-8")
    rows = ["198,6,13,8,N,yes,montant_demande,centimes,likely", "198,14,14,1,A,yes,etat"]
    moved = text.replace(rows[0], "198,6,6,1,A,yes,etat,,likely").replace(rows[1], "198,7,14,8,N,yes,montant_demande")
    texts = files.entities(PS, Invoice("7", ro=PAID))
    texts = [text[:5] + text[13] + text[5:13] + text[14:] if text.startswith("198") else text for text in texts]
    (retour,) = noemie.read("".join(texts).encode(), "x", noemie.read_layout(moved)).retours
    assert retour.ro == Part(1300, EtatPart.PAYEE, 1300)


def test_a_folder_without_layouts_uses_the_shipped_one_and_a_wrong_one_refuses_the_start(tmp_path):
    folder = tmp_path / "config"
    shutil.copytree(folders.shipped(), folder, ignore=shutil.ignore_patterns("var", "formats"))
    assert folders.load(folder).noemie == files.layout()
    (folder / "formats").mkdir()
    (folder / "formats/noemie.csv").write_text("entity,start\n102,1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"formats/noemie.csv:1:1 : colonne"):
        folders.load(folder)
