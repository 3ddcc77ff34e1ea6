"""A B2 file through the whole service: on the command line, in the drop folder, and what the letters say."""

from __future__ import annotations

import dataclasses
import email
import json
from datetime import date
from decimal import Decimal
from email import policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.ledger import factures
from mailbot.model import Acte, Attachment, Facture
from mailbot.model.documents import DocumentKind
from mailbot.model.references import Beneficiaire
from mailbot.parsers import documents
from mailbot.passes import cut, deliver, receive, settle, settle_lots
from mailbot.rules import completion
from mailbot.rules.references import References
from tests import b2_files, day
from tests.b2_files import Line, Written, lot, raw, whole
from tests.test_cli import mailbot

NIR = day.nir(1)[:13]


def written(numero: str, **more: object) -> Written:
    acte = Acte("PH7", date(2026, 2, 18), Decimal("1.00"), Decimal(1), 2000, 2000, 1300, 700, "")
    return Written(numero, NIR, "850103", (Line("4", acte),), ps=day.PHARMACIE, **more)  # type: ignore[arg-type]


GOOD = written("000001001")
FULL = dataclasses.replace(written("000001002"), lines=(dataclasses.replace(GOOD.lines[0], taux=100),))
PATIENT = Beneficiaire("R1", NIR, "1985-01-03", 1, "MARTELIN", "Jeanne", "Mutuelle du Port", "C1", "42")


def a_lot(*some: Written) -> bytes:
    return raw(whole(lot("012", some or (GOOD, FULL))))


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    done = mailbot("--config", folder, "--now", "2026-03-02T09:00:00+01:00", *words)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    day.prepare(tmp_path)
    (tmp_path / "var/lots/lot.csv").unlink()
    return tmp_path


def test_decide_takes_a_b2_file_whatever_its_name(folder: Path) -> None:
    path = folder / "envoi.001"
    records = whole([*lot("012", [GOOD])[:-1], *FULL.records(tot_honoraires=1), lot("012", [GOOD, FULL])[-1]])
    path.write_bytes(raw(records))
    code, out, err = run(folder, "decide", str(path), "--references", str(folder / "var/references"), "--json")
    decided = [json.loads(line) for line in out.splitlines()]
    assert [(one["numero_facture"], one["regle"]) for one in decided] == [("000001001", "H1"), ("000001002", "C1")]
    assert decided[0]["date_reception"] == "2026-03-01"
    assert "avertissements" not in decided[0]
    assert "facture n°\u00a0000001002" in err
    assert "tot_honoraires" in err
    assert code == 1, "a total that differs is for somebody to look at"


def test_the_drop_folder_takes_it_and_the_letter_names_the_patient(folder: Path) -> None:
    (folder / "var/lots/B2.TXT").write_bytes(a_lot())
    with day.service(folder) as service, day.edges(service) as edges:
        receive.receive(service, edges.inboxes, edges.drop)
        settle.settle(service)
        (one,) = service.ledger.lots.open_of(day.PHARMACIE)
        assert (one.facture.nom, one.facture.prenom, one.facture.de_b2) == ("MARTELIN", "Jeanne", True)
        cut.cut(service)
        deliver.deliver(service, edges.outbox)
    told = [
        str(email.message_from_bytes(one, policy=policy.default).get_body(("plain",))) for one in day.delivered(folder)
    ]
    assert any("MARTELIN" in text for text in told)


def test_the_same_lot_with_another_file_changes_nothing(folder: Path) -> None:
    said: list[str] = []
    with day.service(folder, said=said) as service:
        for place, bytes_ in enumerate((a_lot(), a_lot() + b"\r\n", a_lot(GOOD, written("000001002")))):
            file_id = service.ledger.lot_files.store(day.NOW, f"{place}.b2", bytes_)
            assert file_id is not None
            settle_lots.settle_file(service, service.ledger.lot_files.get(file_id))
    told = [line.replace("\u00a0", " ").split(" : ")[1] for line in said if "facture" in line]
    assert told == ["2 factures, dont 2 décidées", "2 factures, aucune n’a changé", "2 factures, dont 1 décidée"]


def test_an_attachment_is_told_by_its_content() -> None:
    attachment = Attachment("scan0001.dat", "application/octet-stream", 0, "", a_lot())
    ((document, _),) = documents.read(attachment, "pièce jointe n° 1", {}, b2_files.shipped())
    assert document.kind is DocumentKind.LOT
    assert document.lot is not None
    assert [one.numero for one in document.lot.factures] == ["1001", "1002"]


def test_totals_that_differ_and_a_missing_end_are_worth_exit_code_1(folder: Path) -> None:
    tables = ("--references", str(folder / "var/references"))
    for name, records, expected in (
        ("bon.b2", whole(lot("012", [GOOD])), 0),
        ("coupe.b2", whole(lot("013", [GOOD]))[:-1], 1),
        ("double.b2", whole(lot("014", [GOOD, GOOD])), 1),
    ):
        path = folder / name
        path.write_bytes(raw(records))
        assert run(folder, "decide", str(path), *tables)[0] == expected, name
        assert run(folder, "lots", "add", str(path))[0] == expected, name


def test_a_lot_of_two_files_of_one_call_says_which_file_counts(folder: Path) -> None:
    (folder / "a.b2").write_bytes(a_lot())
    (folder / "b.b2").write_bytes(a_lot(GOOD))
    code, _, err = run(folder, "lots", "add", str(folder / "a.b2"), str(folder / "b.b2"))
    assert "le lot 012 est aussi dans b.b2, qui compte" in err
    assert "aucune n’a changé" not in err
    assert code == 0


def test_a_missing_file_among_others_is_named_and_nothing_is_taken(folder: Path) -> None:
    (folder / "a.b2").write_bytes(a_lot())
    code, _, err = run(folder, "lots", "add", str(folder / "a.b2"), str(folder / "absent.b2"))
    assert code == 2
    assert "absent.b2" in err
    assert "aucun fichier de cet appel n’est pris" in err
    code, _, err = run(folder, "lots", "add", str(folder / "a.b2"))
    assert "déjà reçu" not in err


def test_a_refused_record_of_a_lot_is_listed(folder: Path) -> None:
    path = folder / "lot.b2"
    records = whole(lot("012", [GOOD, FULL]))
    records[3] = records[3][:-1] + "X"
    path.write_bytes(raw(records))
    code, _, err = run(folder, "lots", "add", str(path))
    assert code == 1
    assert "lot.b2, ligne 4" in err
    assert "montant_amc (123-128)" in err


# -- names from beneficiaires ----------------------------------------------------------------------------------------


def completed(facture: Facture, *people: Beneficiaire) -> Facture:
    return completion.completed(facture, References.of({"beneficiaires": list(people)}))


def test_a_name_is_completed_by_nir_birth_date_and_rank() -> None:
    facture = GOOD.expected("012")
    found = completed(facture, PATIENT._replace(rang_naissance=2, nom="AUTRE"), PATIENT)
    assert (found.nom, found.prenom) == ("MARTELIN", "Jeanne")
    assert completion.as_read(found) == facture
    assert completed(facture, PATIENT, PATIENT._replace(reference="R2", nom="Martelin")).nom == "MARTELIN"


@pytest.mark.parametrize(
    "people",
    [
        [],
        [PATIENT._replace(date_naissance="1985-01-04")],
        [PATIENT._replace(rang_naissance=2)],
        [PATIENT._replace(nir="2850199000099")],
        [PATIENT, PATIENT._replace(nom="AUTRE")],
        [PATIENT, PATIENT._replace(nom="")],
        [PATIENT._replace(prenom="")],
    ],
)
def test_nothing_is_guessed(people: list[Beneficiaire]) -> None:
    facture = GOOD.expected("012")
    assert completed(facture, *people) is facture


def test_only_b2_is_completed_and_only_under_a_valid_nir() -> None:
    facture = GOOD.expected("012")
    for other in (dataclasses.replace(facture, de_b2=False), dataclasses.replace(facture, nir_valide=False)):
        assert completed(other, PATIENT) is other
        assert completion.as_read(dataclasses.replace(other, nom="X")).nom == ("" if other.de_b2 else "X")


@pytest.mark.parametrize(
    ("birth", "known", "found"),
    [("170103", "1917-01-03", True), ("170103", "2017-01-03", True), ("150103", "1915-01-03", False)],
)
def test_a_birth_date_may_be_110_years_back(birth: str, known: str, found: bool) -> None:
    facture = dataclasses.replace(GOOD, naissance=birth).expected("012")
    done = completed(facture, PATIENT._replace(date_naissance=known))
    assert (done.nom == "MARTELIN") is found
    assert done.date_naissance == (known if found else "2015-01-03")
    assert completion.as_read(done) == facture


@given(st.lists(st.text(max_size=5), max_size=2).map(tuple))
def test_warnings_survive_the_ledger_and_old_rows_have_none(some: tuple[str, ...]) -> None:
    facture = dataclasses.replace(GOOD.expected("012"), avertissements=some)
    text = factures.to_text(facture)
    assert factures.from_text(text) == facture
    old = json.loads(text)
    del old["avertissements"]
    assert factures.from_text(json.dumps(old)) == dataclasses.replace(facture, avertissements=())
    assert b2_files.shipped()
