"""The invented day: every motif is seen, every case is decided as its line says, what it promises to show is there."""

from __future__ import annotations

import email
import json
import re
from collections import Counter
from email.policy import default
from pathlib import Path

import openpyxl
import pypdf
import pytest

from mailbot.cli.main import main
from mailbot.configuration import folder
from mailbot.demo import cases_pharmacies, files, people
from mailbot.parsers import identifiers


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one demo, as `mailbot demo --keep` leaves it."""
    kept = tmp_path_factory.mktemp("demo") / "jour"
    with pytest.raises(SystemExit) as end:
        main(["demo", "--keep", str(kept)])
    assert end.value.code == 0
    return kept


def ledger(day: Path, capsys: pytest.CaptureFixture[str], table: str) -> list[dict[str, str]]:
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["--config", str(day / "config"), "ledger", "export"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [row for row in rows if row["table"] == table]


def test_every_invoice_is_decided_as_its_case_says(day: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lots = (*files.MATIN, cases_pharmacies.RETOUR)
    expected = {(lot.numero, cas.numero): (cas.regle, cas.motif or None) for lot in lots for cas in lot.cas}
    found = {
        (row["numero_lot"], row["numero_facture"]): (row["regle"], row["motif"])
        for row in ledger(day, capsys, "factures")
    }
    assert found == expected


def test_every_motif_of_the_catalogue_is_seen(day: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = set(folder.load(day / "config").house.libelles.motifs)
    rows = ledger(day, capsys, "factures")
    assert {row["motif"] for row in rows} - {None} == catalogue
    assert {"acceptee", "a_saisir", "corrigee", "informee", "decidee"} <= {row["state"] for row in rows}


def test_a_long_bordereau_is_numbered_and_a_health_centre_is_written_to_at_its_second_address(
    day: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = Counter(row["to"] for row in ledger(day, capsys, "letters") if row["kind"] == "bordereau")
    assert sent[people.VIEUX_PONT.mail] == 2
    assert sent["retours2@tilleuls.example.fr"] == 1
    assert "" not in sent


def test_the_mails_of_the_day_end_as_they_should(day: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = Counter((row["kind"], row["state"]) for row in ledger(day, capsys, "mails"))
    assert states == {
        ("registration", "settled"): 2,
        ("reply", "settled"): 4, ("reply", "parked"): 1, ("bounce", "settled"): 1,
    }  # fmt: skip
    letters = ledger(day, capsys, "letters")
    assert [row["to"] for row in letters if row["state"] == "bounced"] == [people.HALTE.mail]
    contacts = {(row["numero_ps"], row["state"]) for row in ledger(day, capsys, "contacts")}
    assert contacts == {(people.KINE.numero, "active"), (people.IMAGERIE.numero, "active")}
    rejets = {row["numero_facture"]: row["state"] for row in ledger(day, capsys, "rejets")}
    assert (rejets["18812"], rejets["F2603"], rejets["18813"]) == ("clos", "repondu", "ouvert")


def test_the_summary_leads_to_files_that_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--keep", str(tmp_path)])
    out = capsys.readouterr().out
    paths = [Path(found) for found in re.findall(rf"^ +({re.escape(str(tmp_path))}\S+)$", out, re.MULTILINE)]
    assert len(paths) == 6
    assert all(path.exists() for path in paths)
    assert {path.suffix for path in paths} >= {".html", ".pdf", ".xlsx", ".sqlite"}
    assert pypdf.PdfReader(next(path for path in paths if path.suffix == ".pdf")).pages
    sheet = openpyxl.load_workbook(next(path for path in paths if path.suffix == ".xlsx"))["Motifs externalisés"]
    assert sheet.max_row > 40
    for told in ("Ce qui est arrivé", "lots-pharmacies.csv", "A0302", "18840", "review list", "rm -r"):
        assert told in out


def test_without_a_folder_the_demo_stays_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as end:
        main(["demo"])
    assert end.value.code == 0
    (kept,) = tmp_path.glob("mailbot-demo-*")
    assert f"rm -r {kept}" in capsys.readouterr().out
    assert kept.stat().st_mode & 0o077 == 0


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mien.txt").write_text("à moi", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["demo", "--keep", str(tmp_path)])
    assert end.value.code == 2
    assert "n’est pas vide" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mien.txt"]


def test_a_folder_that_is_a_file_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fichier").write_text("", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["demo", "--keep", str(tmp_path / "fichier")])
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_nobody_in_the_demo_exists(day: Path) -> None:
    domains = set()
    for path in (day / "config" / "var" / "courrier-sortant" / "new").iterdir():
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        domains |= {address.domain for name in ("From", "To", "Reply-To") for address in message[name].addresses}
    assert all(re.search(r"(^|\.)example\.(fr|org)$", domain) for domain in domains)
    for patient in (*people.CONNUS, people.INCONNU, people.HOMONYME):
        assert identifiers.nir(patient.nir) == (patient.nir, True)
        assert patient.nir[5:10] == "99999"


def test_bench_says_where_it_runs_when_there_is_no_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mailbot.cli.bench._FOLDER", tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["bench"])
    assert end.value.code == 2
    assert "depuis un clone du dépôt" in capsys.readouterr().err
