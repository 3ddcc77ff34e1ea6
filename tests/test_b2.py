"""B2 files: each sentence of formats.md, "B2", round trips, and what damage costs: its own invoice, never another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Acte, Facture, LotFile, LotKey, Refus
from mailbot.parsers import b2, identifiers, lot_table, lots, noemie
from tests import b2_files, noemie_files, test_lot_table
from tests.b2_files import CREATION, Line, Written, first_of_lot, header, last, lot, raw, shipped, whole

NIR = "2850199012345"
PS = "752000019"


def acte(code: str = "PH7", montant: int = 2000, rc: int = 700, day: date = date(2026, 2, 18)) -> Acte:
    return Acte(code, day, Decimal("1.00"), Decimal(1), montant, montant, montant - rc, rc, "")


def facture(numero: int = 1001, *lines: Line, **more: object) -> Written:
    found = lines or (Line("4", acte()), Line("4", acte("PH4", 1000, 350)))
    return Written(f"{numero:09d}", NIR, "850103", found, **more)  # type: ignore[arg-type]


def read(records: Iterable[str], ends: str = "\r\n") -> LotFile:
    return b2.read(raw(records, ends), "lot.b2", shipped())


def numbers(found: LotFile) -> list[str]:
    return [one.numero for one in found.factures]


# -- what an invoice is --------------------------------------------------------------------------------------------


def test_an_invoice_is_read_as_formats_md_maps_it() -> None:
    (found,) = read(whole(lot("012", [facture()]))).factures
    assert found.lot == LotKey(PS, "012", CREATION)
    assert (found.numero_facture, found.numero, found.nir, found.nir_valide) == ("000001001", "1001", NIR, True)
    assert (found.nom, found.prenom, found.critere_archivage, found.de_b2) == ("", "", "", True)
    assert (found.date_naissance, found.rang_naissance, found.specialite) == ("1985-01-03", 1, "PHAR")
    assert (found.date_facture, found.date_reception, found.taux_ro) == (CREATION, CREATION, Decimal(65))
    assert (found.montant_total, found.part_rc_demandee, found.destinataire) == (3000, 1050, "oc")
    assert found.parcours_soins == ""
    assert found.actes[0] == Acte("PH7", date(2026, 2, 18), Decimal(1), Decimal(1), 2000, 2000, 1300, 700, "")


def test_what_only_some_invoices_say() -> None:
    one, two, three = read(
        whole(
            lot(
                "012",
                [
                    facture(1, Line("4", acte("C", 3000, 0), taux=100), ips="S"),
                    facture(2, Line("3", acte("GHS", 50000, 0), 80), Line("4", acte("C", 3000, 900)), ips="A"),
                    facture(3, Line("4", acte("INCONNU"[:5])), rang=2, ips="T"),
                ],
            )
        )
    ).factures
    assert (one.taux_ro, one.destinataire, one.parcours_soins, one.specialite) == (Decimal(100), "", "non", "MG")
    assert (two.taux_ro, two.montant_total, two.part_rc_demandee) == (None, 53000, 900)
    assert (two.specialite, two.parcours_soins) == ("HOSP", "non")
    assert (three.rang_naissance, three.parcours_soins, three.specialite) == (2, "", "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("850103", "1985-01-03"),
        ("260301", "2026-03-01"),
        ("260302", "1926-03-02"),
        ("501342", "501342"),
        ("000000", ""),
    ],
)
def test_a_birth_date_is_the_latest_day_that_it_can_be_or_the_text_as_written(written: str, said: str) -> None:
    (found,) = read(whole(lot("1".zfill(3), [dataclasses.replace(facture(), naissance=written)]))).factures
    assert found.date_naissance == said


def test_a_wrong_key_keeps_the_nir_as_written_and_rank_zero_is_one() -> None:
    (found,) = read(whole(lot("001", [facture(cle="00", rang=0)]))).factures
    assert (found.nir, found.nir_valide, found.rang_naissance) == (NIR + "00", False, 1)


def test_a_b2_file_and_a_table_say_the_same_of_one_invoice() -> None:
    (found,) = read(whole(lot("012", [facture(1001, Line("4", acte()))]))).factures
    row = {
        "numero_lot": "012", "date_reception": "01/03/2026", "numero_ps": PS, "numero_facture": "1001", "nom": "",
        "date_facture": "01/03/2026", "nir": f"{NIR}{identifiers.nir_key(NIR):02d}", "prenom": "", "part_ro": "13",
        "date_naissance": "03/01/1985", "critere_archivage": "", "montant_total": "20", "part_rc_demandee": "7",
        "date_soins": "18/02/2026", "coefficient": "1", "quantite": "1", "prix_unitaire": "20", "montant": "20",
        "part_rc": "7",
    }  # fmt: skip
    (table,) = test_lot_table.read(row).factures
    assert dataclasses.replace(found, numero_facture="1001", de_b2=False) == table
    assert found.key == table.key


# -- round trips ---------------------------------------------------------------------------------------------------

MONEY = st.integers(0, 99_999)
ACTES = st.builds(
    lambda code, day, coefficient, quantite, montant, rc: Acte(
        code, day, Decimal(coefficient) / 100, Decimal(quantite), montant, montant, max(montant - rc, 0), rc, ""
    ),
    st.sampled_from(["PH7", "AMI", "C", "B", "GHS", "ZZZZZ"]), st.dates(date(2024, 1, 1), CREATION),
    st.integers(1, 999), st.integers(1, 99), MONEY, MONEY,
)  # fmt: skip
COMPLEMENTS = {"3": ("3F", "3H"), "4": ("4B", "4M")}
LINES = st.builds(
    lambda kind, acte, taux, count: Line(kind, acte, taux, COMPLEMENTS[kind][:count]),
    st.sampled_from("34"), ACTES, st.sampled_from([65, 100]), st.integers(0, 2),
)  # fmt: skip
FACTURES = st.builds(
    Written,
    numero=st.integers(1, 10**9 - 1).map("{:09d}".format),
    nir=st.from_regex(r"[12][0-9]{4}(75|2A)[0-9]{6}", fullmatch=True),
    naissance=st.from_regex(r"[0-9]{6}", fullmatch=True).filter(lambda text: text != "000000"),
    lines=st.lists(LINES, min_size=1, max_size=4).map(tuple),
    rang=st.integers(1, 9),
    ips=st.sampled_from(["", "S", "A", "T"]),
)
LOTS = st.lists(st.lists(FACTURES, max_size=3, unique_by=lambda one: int(one.numero)), min_size=1, max_size=3)
ENDS = st.sampled_from(["", "\n", "\r\n"])


def file_of(given: Sequence[Sequence[Written]]) -> list[str]:
    return whole(*(lot(f"{at:03d}", factures) for at, factures in enumerate(given, 1)))


@settings(max_examples=80, deadline=None)
@given(LOTS, ENDS, st.integers(1, 700))
def test_invoices_written_as_b2_are_read_as_they_were(given: list[list[Written]], ends: str, size: int) -> None:
    bytes_ = raw(file_of(given), ends)
    found = b2.read(bytes_, "lot.b2", shipped())
    expected = [one.expected(f"{at:03d}") for at, factures in enumerate(given, 1) for one in factures]
    assert found == LotFile(tuple(expected), (), (), found.lots)
    assert {key.numero_lot for key in found.lots} == {f"{at:03d}" for at in range(1, len(given) + 1)}
    chunks = [bytes_[at : at + size] for at in range(0, len(bytes_), size)]
    streamed = list(b2.lots(chunks, "lot.b2", shipped()))
    assert [one for part in streamed for one in part.factures] == expected
    assert len([part for part in streamed if part.lots]) == len(given)


# -- totals --------------------------------------------------------------------------------------------------------


def test_a_total_that_differs_is_a_warning_on_the_invoice_with_both_figures() -> None:
    wrong = facture().records(tot_honoraires=2999, nb_types_3_4=3)
    records = whole([first_of_lot("012"), *wrong, *lot("012", [facture()])[-1:]])
    (found,) = read(records).factures
    assert found.montant_total == 2999
    assert [
        text
        for text in found.avertissements
        if "tot_honoraires (58-65)" in text and "29,99" in text and "30,00" in text
    ]
    assert [text for text in found.avertissements if "nb_types_3_4 (39-41)" in text and "3 annoncé, 2" in text]
    assert not read(whole(lot("012", [facture()]))).factures[0].avertissements


@pytest.mark.parametrize("name", [name for name in facture().sums() if name != "nb_types_3_4"])
def test_every_total_of_record_5_is_checked(name: str) -> None:
    both = facture(1, Line("3", acte("GHS", 50000, 300)), Line("4", acte()))
    wrong = both.records(**{name: both.sums()[name] + 1})
    (found,) = read(whole([first_of_lot("012"), *wrong, b2_files.last_of_lot("012", [both])])).factures
    assert name in found.avertissements[0]


def test_totals_of_lot_and_file_are_warnings() -> None:
    records = [header(), first_of_lot("012"), *facture().records(), b2_files.last_of_lot("013", [facture()], nb_1=2)]
    found = read([*records, last(records, nb_enregistrements=99, nb_lots=3)])
    assert numbers(found) == ["1001"]
    said = " ".join(found.differences)
    for text in (
        "un autre lot",
        "nb_1 (11-13)",
        "factures du lot 012, 2 selon cette zone, 1 dans le fichier",
        "nb_lots",
        "enregistrements, 99 selon cette zone",
    ):
        assert text in said
    assert not read(whole(lot("012", [facture()]))).differences


def test_an_invoice_has_1_to_999_lines() -> None:
    many = facture(7, *[Line("4", acte())] * 999)
    (found,) = read(whole(lot("012", [many]))).factures
    assert (len(found.actes), found.avertissements) == (999, ())
    none = facture(8).records(
        nb_types_3_4=0, tot_honoraires=0, tot_amo_honoraires=0, tot_amc_honoraires=0, tot_participation=0
    )
    records = whole([first_of_lot("012"), none[0], none[-1], b2_files.last_of_lot("012", [], nb_1=1)])
    assert "1 à 999" in read(records).factures[0].avertissements[0]


def test_a_missing_end_is_said_and_costs_nothing() -> None:
    records = whole(lot("001", [facture(1)]), lot("002", [facture(2)]))
    found = read([text for text in records if text[0] not in "69"])
    assert numbers(found) == ["1", "2"]
    assert [("6 (fin de lot)" in text, "999" in text) for text in found.differences] == [(True, False), (False, True)]


# -- the norm, and which file it is --------------------------------------------------------------------------------


def test_an_unknown_norm_is_refused_by_name_and_nothing_of_it_is_guessed() -> None:
    records = [header(norme="PS"), *lot("012", [facture()])]
    assert b2.looks_like(raw(records), shipped())
    found = read([*records, last(records)])
    assert found.factures == ()
    (refus,) = found.refus
    assert (refus.ligne, refus.colonne, refus.valeur) == (1, "norme (62-65)", "PS")
    assert "norme inconnue" in refus.raison
    inside = whole([first_of_lot("012", norme="PS"), *lot("012", [facture()])[1:]], lot("013", [facture(2)]))
    assert numbers(read(inside)) == ["2"]
    assert "norme (79-80)" in {refus.colonne for refus in read(inside).refus}


def test_a_file_that_begins_with_something_else_is_refused() -> None:
    records = whole(lot("012", [facture()]))[1:]
    assert b2.looks_like(raw(records), shipped())
    found = read(records)
    assert (found.factures, [refus.ligne for refus in found.refus]) == ((), [1])
    assert "000" in found.refus[0].raison


@pytest.mark.parametrize("ends", ["", "\n", "\r\n", "\r"])
def test_a_lot_is_told_by_its_content(ends: str) -> None:
    written = raw(whole(lot("012", [facture()])), ends)
    assert len(lots.read(written, "facture.txt", {}, shipped()).factures) == 1
    assert len(lots.read(b"\xef\xbb\xbf\r\n" + written + b"\x1a\r\n", "x", {}, shipped()).factures) == 1
    assert len(lots.read(test_lot_table.raw({}), "lot.b2", {}, shipped()).factures) == 1
    assert not b2.looks_like(b"", shipped())


def test_a_noemie_return_is_no_b2_file_nor_the_other_way_round() -> None:
    layout = noemie_files.layout()
    for returned in (noemie_files.file(PS), noemie_files.file(PS, end="\r\n")):
        assert noemie.looks_like(returned, layout) or not returned
        assert not b2.looks_like(returned, shipped())
    assert not noemie.looks_like(raw(whole(lot("012", [facture()]))), layout)


# -- damage --------------------------------------------------------------------------------------------------------


def with_one(text: str, at: int, char: str) -> str:
    return text[: at - 1] + char + text[at:]


def damaged(index: int, change: object) -> tuple[LotFile, list[str]]:
    """Three invoices in one lot; record `index` (from 0) of the file replaced by `change` of it."""
    records = whole(lot("012", [facture(1), facture(2), facture(3)]), lot("013", [facture(4)]))
    assert callable(change)
    records[index] = change(records[index])
    return read(records), records


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        (7, lambda text: with_one(text, 116, "X"), "montant_honoraires (115-121)"),
        (7, lambda text: with_one(text, 72, "X"), "date_soins (70-75)"),
        (7, lambda text: with_one(text, 72, "9"), "date_soins (70-75)"),
        (7, lambda text: text[:100], "100 caractères au lieu de 128"),
        (7, lambda text: text + "XY", "130 caractères au lieu de 128"),
        (7, lambda text: "8" + text[1:], "type (1-1)"),
        (7, lambda text: with_one(text, 36, "Q"), "type (1-1)"),
        (7, lambda text: with_one(text, 38, "9"), "n_facture (30-38)"),
        (7, lambda text: with_one(text, 2, "9"), "n_ps (2-10)"),
        (6, lambda text: with_one(text, 102, "X"), "rang_naissance (102-102)"),
        (9, lambda text: with_one(text, 60, "-"), "tot_honoraires (58-65)"),
    ],
)
def test_a_damaged_record_refuses_its_invoice_by_name_and_the_others_go_on(
    place: int, change: object, said: str
) -> None:
    found, _ = damaged(place, change)
    assert numbers(found) == ["1", "3", "4"]
    (refus,) = found.refus
    assert (refus.fichier, refus.ligne, refus.facture) == ("lot.b2", place + 1, "000000002")
    assert said in f"{refus.colonne} {refus.raison}"
    assert "la facture n° 000000002 est refusée en entier" in refus.raison


def test_a_nir_or_a_birth_date_is_never_shown() -> None:
    found, _ = damaged(7, lambda text: with_one(text, 20, "7"))
    assert found.refus[0].colonne == "nir_assure (12-24)"
    assert NIR[:6] not in repr(found.refus)


def test_an_invoice_without_its_first_or_last_record_is_refused() -> None:
    records = whole(lot("012", [facture(1), facture(2), facture(3)]))
    found = read(records[:6] + records[7:])
    assert (numbers(found), [(one.ligne, one.facture) for one in found.refus]) == (["1", "3"], [(7, "000000002")])
    found = read(records[:9] + records[10:])
    assert (numbers(found), [(one.ligne, one.facture) for one in found.refus]) == (["1", "3"], [(7, "000000002")])
    assert "5 (totaux) manque" in found.refus[0].raison


def test_a_damaged_record_1_names_its_lot_and_the_other_lots_go_on() -> None:
    records = whole(lot("012", [facture(1)]), lot("013", [facture(2), facture(3)]), lot("014", [facture(4)]))
    at = next(at for at, text in enumerate(records) if text.startswith("1") and text[19:22] == "013")
    records[at] = records[at][:90]
    found = read(records)
    assert numbers(found) == ["1", "4"]
    assert [one.facture for one in found.refus] == ["", "000000002", "000000003"]
    assert all("013" in one.raison for one in found.refus)
    assert {key.numero_lot for key in found.lots} == {"012", "014"}


@pytest.mark.parametrize("number", ["   ", "000"])
def test_a_lot_without_a_number_is_refused_by_its_record_and_zone_and_the_others_go_on(number: str) -> None:
    nameless = lot("012", [facture(2)])
    nameless[0] = nameless[0][:19] + number + nameless[0][22:]
    for before in (lot("011", [facture(1)]), lot("011", [facture(1)])[:-1]):
        found = read(whole(before, nameless, lot("013", [facture(3)])))
        assert numbers(found) == ["1", "3"]
        first, second = found.refus
        assert (first.ligne, first.colonne) == (len(before) + 2, "n_lot (20-22)")
        assert "le numéro du lot est absent" in first.raison
        assert second.facture == "000000002"
        assert {key.numero_lot for key in found.lots} == {"011", "013"}


def test_two_lots_of_one_number_are_put_together_and_it_is_said() -> None:
    found = read(whole(lot("012", [facture(1)]), lot("013", [facture(2)]), lot("012", [facture(3)])))
    assert numbers(found) == ["1", "2", "3"]
    (said,) = found.differences
    assert "le lot 012 commence une seconde fois" in said
    of_another = whole(lot("012", [facture(1)]), lot("012", [facture(2, ps="752000027")], ps="752000027"))
    assert not read(of_another).differences


@pytest.mark.parametrize("raw_file", [b"", b"\r\n\r\n", b"\x00" * 300, b"\xef\xbb\xbf \x1a"])
def test_a_file_with_nothing_in_it_is_refused_without_advice_for_tables(raw_file: bytes) -> None:
    found = lots.read(raw_file, "vide.b2", {}, shipped())
    assert [one.raison for one in found.refus] == ["le fichier est vide\u00a0: il ne contient aucune facture"]


def test_a_damaged_header_refuses_the_file_by_its_zone() -> None:
    found = read([with_one(header(), 58, "X"), *whole(lot("012", [facture()]))[1:]])
    assert (found.factures, [(one.ligne, one.colonne) for one in found.refus]) == ((), [(1, "date_creation (56-61)")])
    assert [one.ligne for one in read([header()[:90], *whole(lot("012", [facture()]))[1:]]).refus] == [1]


def test_a_truncated_last_record_costs_no_invoice_but_its_own() -> None:
    records = whole(lot("012", [facture(1), facture(2)]))
    for ends in ("", "\n"):
        cut = b2.read(raw(records, ends)[: -60 - len(ends)], "lot.b2", shipped())
        assert (numbers(cut), len(cut.refus)) == (["1", "2"], 1)
        cut = b2.read(raw(records[:9], ends)[:-60], "lot.b2", shipped())
        assert (numbers(cut), [one.facture for one in cut.refus]) == (["1"], ["000000002"])


def test_a_zone_that_nothing_is_made_of_refuses_nothing() -> None:
    found, _ = damaged(7, lambda text: with_one(text, 89, "X"))
    assert numbers(found) == ["1", "2", "3", "4"]
    assert "denombrement (89-90)" in found.factures[1].avertissements[0]


def test_an_invoice_that_stands_twice_counts_once_or_not_at_all() -> None:
    same = read(whole(lot("012", [facture(1), facture(2), facture(1)])))
    assert (numbers(same), same.refus) == (["1", "2"], ())
    (said,) = same.differences
    assert "enregistrements 3 et 11" in said
    assert "000000001 du lot 012 écrite deux fois, comptée une fois" in said
    other = facture(1, Line("4", acte("AMI")))
    for records in (
        whole(lot("012", [facture(1), facture(2), other])),
        whole(lot("012", [facture(1), facture(2)]), lot("012", [other])),
    ):
        found = read(records)
        assert numbers(found) == ["2"]
        assert "ne dit pas deux fois la même chose" in found.refus[0].raison


# -- fuzzing -------------------------------------------------------------------------------------------------------

SOUND = [[facture(at, ips="S" if at % 2 else "") for at in range(1, 5)], [facture(5), facture(6)]]


def spans(records: Sequence[str]) -> dict[str, range]:
    """Number of each invoice -> its records."""
    found: dict[str, range] = {}
    for at, text in enumerate(records):
        if text[0] in "2345" and not text.startswith("999"):
            numero = text[29:38].lstrip("0") if text[0] in "25" or text[35] not in "FHSEBM" else ""
            begin = found[numero].start if numero in found else at
            found[numero] = range(begin, at + 1)
    return found


def survivors(hit: set[int], records: Sequence[str]) -> set[str]:
    """Invoices that no damaged record touches: not their own, not the record 1 of their lot, not the 000."""
    firsts = [at for at, text in enumerate(records) if text.startswith("1")]
    kept = set()
    for numero, span in spans(records).items():
        own = {0, max(at for at in firsts if at < span.start), *span}
        if not own & hit:
            kept.add(numero)
    return kept


@settings(max_examples=300, deadline=None)
@given(st.data(), ENDS)
def test_one_wrong_character_never_costs_an_undamaged_invoice(data: st.DataObject, ends: str) -> None:
    records = file_of(SOUND)
    at = data.draw(st.integers(0, len(records) - 1))
    place = data.draw(st.integers(1, 128))
    char = data.draw(st.sampled_from("0123456789ABSFHME XZ-_+\xe9\xb2\x00"))
    wrong = [with_one(text, place, char) if at == index else text for index, text in enumerate(records)]
    found = read(wrong, ends)
    assert survivors({at}, records) <= set(numbers(found))
    assert set(numbers(found)) <= set(spans(records))


@settings(max_examples=300, deadline=None)
@given(st.data(), ENDS)
def test_lost_or_added_characters_cost_what_they_touch(data: st.DataObject, ends: str) -> None:
    records = file_of(SOUND)
    whole_file = raw(records, ends)
    place = data.draw(st.integers(0, len(whole_file) - 1))
    lost = data.draw(st.integers(0, 3))
    added = data.draw(st.binary(max_size=3).filter(lambda some: not set(some) & {10, 13}))
    found = b2.read(whole_file[:place] + added + whole_file[place + lost :], "lot.b2", shipped())
    step = 128 + len(ends)
    hit = {at for at in range(len(records)) if at * step - 1 <= place + lost and place <= (at + 1) * step}
    assert survivors(hit, records) <= set(numbers(found))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 6000), ENDS)
def test_a_file_cut_anywhere_keeps_the_whole_invoices_before_the_cut(size: int, ends: str) -> None:
    records = file_of(SOUND)
    found = b2.read(raw(records, ends)[:size], "lot.b2", shipped())
    done = (size + len(ends)) // (128 + len(ends))
    assert set(numbers(found)) == {numero for numero, span in spans(records).items() if span.stop <= done}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=700), st.booleans(), st.integers(1, 300))
def test_any_bytes_are_read_or_refused(some: bytes, headed: bool, size: int) -> None:
    given = (header().encode() if headed else b"") + some
    found = lots.read(given, "x", {}, shipped())
    assert found.factures or found.refus or found.differences or headed or not some.strip()
    chunks = [given[at : at + size] for at in range(0, len(given), size)]
    assert all(isinstance(one, Refus) for part in b2.lots(chunks, "x", shipped()) for one in part.refus)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(file_of(SOUND)), max_size=30), ENDS)
def test_records_in_any_order_are_read_or_refused(records: list[str], ends: str) -> None:
    found = b2.read(raw([header(), *records], ends), "x", shipped())
    for one in found.factures:
        assert isinstance(one, Facture)
        assert one.numero_lot in ("001", "002")
    assert lot_table.merge([found]).factures == found.factures
