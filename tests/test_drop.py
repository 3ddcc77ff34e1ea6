"""The drop folder: what is finished is taken, what is not is left, nothing is overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mailbot import errors
from mailbot.inbox import DropFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


@pytest.fixture
def drop(folder: Path) -> DropFolder:
    made = DropFolder(folder, max_file_bytes=1_000_000)
    assert list(made.pending()) == [], "an absent folder is made"
    return made


def test_finished_files_come_in_the_order_of_their_names_byte_for_byte(drop: DropFolder, folder: Path) -> None:
    for name, content in (("b.csv", b"\xef\xbb\xbfb;\r\n"), ("a lot é.csv", b"a"), ("vide.csv", b"")):
        (folder / name).write_bytes(content)
    found = [(d.name, d.size, d.raw, d.trouble) for d in drop.pending()]
    assert found == [("a lot é.csv", 1, b"a", ""), ("b.csv", 7, b"\xef\xbb\xbfb;\r\n", ""), ("vide.csv", 0, b"", "")]


def test_files_that_are_still_being_written_and_folders_are_left_alone(drop: DropFolder, folder: Path) -> None:
    for name in (".lot.csv", "lot.csv.tmp", "lot.csv.part", "LOT.CSV.PART", "lot.filepart"):
        (folder / name).write_bytes(b"half")
    (folder / "traites").mkdir()
    assert list(drop.pending()) == []
    (folder / "lot.csv.part").rename(folder / "lot.csv")
    assert [d.name for d in drop.pending()] == ["lot.csv"]


def test_filing_away_keeps_every_file_under_a_name_of_its_own(drop: DropFolder, folder: Path) -> None:
    for content in (b"1", b"2", b"3"):
        (folder / "lot.csv").write_bytes(content)
        [dropped] = drop.pending()
        drop.file_away(dropped, "traites")
    assert {path.name: path.read_bytes() for path in (folder / "traites").iterdir()} == {
        "lot.csv": b"1",
        "lot-2.csv": b"2",
        "lot-3.csv": b"3",
    }
    (folder / "mauvais.xlsx").write_bytes(b"x")
    [dropped] = drop.pending()
    assert drop.file_away(dropped, "refuses") == folder / "refuses" / "mauvais.xlsx"
    assert drop.file_away(dropped, "refuses") is None, "gone already is fine"


def test_what_cannot_be_read_is_named_with_its_remedy_and_the_others_go_on(
    drop: DropFolder, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "1-lien.csv").symlink_to(tmp_path / "secret")
    (folder / "2-gros.csv").write_bytes(b"x" * 1_000_001)
    os.mkfifo(folder / "3-tube.csv")
    (folder / "4-bon.csv").write_bytes(b"ok")
    link, big, good = list(drop.pending())
    assert link.raw is None
    assert "lien" in link.trouble
    assert big.raw is None
    assert "plus de 1 Mo" in big.trouble
    assert good.raw == b"ok"
    assert drop.file_away(link, "refuses") == folder / "refuses" / "1-lien.csv"
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_link_in_place_of_traites_takes_nothing_out_of_the_folder(
    drop: DropFolder, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "ailleurs"
    elsewhere.mkdir()
    (folder / "traites").symlink_to(elsewhere)
    (folder / "lot.csv").write_bytes(b"1")
    [dropped] = drop.pending()
    with pytest.raises(errors.Later, match="traites"):
        drop.file_away(dropped, "traites")
    assert list(elsewhere.iterdir()) == []
    assert (folder / "lot.csv").exists()


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_pass(
    drop: DropFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot = folder / "lot.csv"
    lot.write_bytes(b"half")
    real = os.fdopen

    def growing(descriptor: int, *args: object, **keys: object) -> object:
        with lot.open("ab") as writer:
            writer.write(b" more")
        return real(descriptor, *args, **keys)  # type: ignore[call-overload]

    monkeypatch.setattr("mailbot.folders.os.fdopen", growing)
    assert list(drop.pending()) == []
    monkeypatch.undo()
    assert [d.raw for d in drop.pending()] == [b"half more"]
