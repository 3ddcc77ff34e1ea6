"""FINESS and MSSanté extracts fill and complete `agaps`: what an admin loads, what a PS gains, what can go wrong."""

import csv
import itertools
import json
import os
import signal
import tracemalloc

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mailbot.errors import Later, Never
from mailbot.ledger import Ledger
from mailbot.model.references import ANNUAIRES, Agaps
from mailbot.parsers import directories, identifiers
from mailbot.passes import directory_files, reference_files
from mailbot.rules import judge
from tests import day
from tests.test_cli import mailbot
from tests.test_crash import Blade

#: Published examples of formats.md: a hospital, and a number of Corsica as it is written and as it is read.
HOPITAL = "010000024"
CORSE, CORSE_LUE = "2A0002689", "200102689"
NEUVE = "830200523"

COLUMNS = (
    "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|Type identifiant structure|"
    "Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|Prénom d'exercice|"
    "Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|Code savoir-faire|"
    "Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|Enseigne commerciale structure BAL|"
    "L2COMPLEMENTLOCALISATION structure BAL|L3COMPLEMENTDISTRIBUTION structure BAL|L4NUMEROVOIE structure BAL|"
    "L4COMPLEMENTNUMEROVOIE structure BAL|NL4TYPEVOIE structure BAL|L4LIBELLEVOIE structure BAL|"
    "L5LIEUDITMENTION structure BAL|L6LIGNEACHEMINEMENT structure BAL|Code postal structure BAL|"
    "Département structure BAL|Pays structure BAL"
)

#: The columns of a FINESS line after `structureet`, as the published layout names them.
LAYOUT = [
    *(
        "nofinesset",
        "nofinessej",
        "rs",
        "rslongue",
        "complrs",
        "compldistrib",
        "numvoie",
        "typvoie",
        "voie",
        "compvoie",
    ),
    *("lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone", "telecopie"),
    *("categetab", "libcategetab", "categagretab", "libcategagretab", "siret", "codeape", "codemft", "libmft"),
    *("codesph", "libsph", "dateouv", "dateautor", "datemaj", "numuai"),
]


def finess_line(numero: str, nom: str = "PHARMACIE NEUVE", **values: str) -> str:
    """A line of the published layout; `values` by the names of that layout."""
    said = {
        "nofinessej": "010780054", "rslongue": nom, "numvoie": "7", "typvoie": "R", "voie": "DE L’ÉGLISE",
        "commune": "451", "departement": "01", "ligneacheminement": "01440 VIRIAT", "telephone": "0474000000",
        "categetab": "620", "libcategetab": "Pharmacie d'Officine", "nofinesset": numero, "rs": "PHARM. NEUVE",
    } | values  # fmt: skip
    assert set(said) <= set(LAYOUT)
    return ";".join(["structureet", *(said.get(name, "") for name in LAYOUT)])


def finess(*lines: str, encoding: str = "cp1252") -> bytes:
    return "\n".join(["finess;etalab;111;2026-05-12", *lines, ""]).encode(encoding)


def box(kind: str, adresse: str, structure: str = HOPITAL, service: str = "", systeme: str = "FINESS") -> str:
    cells = [""] * 31
    cells[0], cells[1], cells[5], cells[6], cells[7] = kind, adresse, systeme, structure, service
    cells[18], cells[22], cells[24], cells[25] = "CENTRE HOSPITALIER", "12", "RUE", "HAUTE"
    cells[27], cells[28] = "01440 VIRIAT", "01440"
    return "|".join(cells)


def mssante(*lines: str) -> bytes:
    return "\n".join([COLUMNS, *lines, ""]).encode()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    return place


def load(service, source, raw, name="extrait.txt", progress=lambda done, total: None):
    path = service.configuration.folder / name
    path.write_bytes(raw)
    refused = []
    counts, _ = directory_files.load(service, source, path, refused.append, progress)
    return counts, refused


def known(service, *numeros):
    """The rows that every lookup sees, by PS."""
    return {row.numero_ps: row for row in service.ledger.references.contacts_of(numeros)["agaps"]}


# -- what a PS gains ---------------------------------------------------------------------------------------------


def test_a_new_pharmacy_is_known_from_finess_on(folder):
    lot = folder / "neuve.csv"
    lot.write_bytes(day.lot_csv(day.row(numero_lot="L7", numero_ps=NEUVE, taux_ro="100")))
    extract = folder / "etalab.csv"
    extract.write_bytes(finess(finess_line(NEUVE)))

    def decided():
        assert mailbot("--config", folder, "lots", "add", lot).returncode == 0
        rows = [json.loads(line) for line in mailbot("--config", folder, "ledger", "export").stdout.splitlines()]
        return next(row["regle"] for row in rows if row.get("numero_lot") == "L7")

    assert decided() == "A3"
    done = mailbot("--config", folder, "references", "load", "--from-finess", extract)
    assert done.returncode == 0, done.stderr
    assert done.stderr.replace("\u00a0", " ").splitlines() == [
        "FINESS, etalab.csv : 1 ajouté, 0 complété, 0 inchangé, 0 refusé"
    ]
    lot.write_bytes(day.lot_csv(day.row(numero_lot="L7", numero_ps=NEUVE, taux_ro="100", code_acte="PH2")))
    assert decided() == "C1"


def test_a_ps_without_an_address_is_written_to_at_the_box_of_its_structure(folder):
    with day.service(folder) as service:
        counts, refused = load(
            service,
            "mssante",
            mssante(
                box("PER", "une.personne@pharmacien.mssante.fr", day.SANS_MAIL),
                box("ORG", "z-urgences@structure.mssante.fr", day.SANS_MAIL, service="Urgences"),
                box("ORG", "beta@structure.mssante.fr", day.SANS_MAIL),
                box("ORG", "alpha@structure.mssante.fr", day.SANS_MAIL),
                box("APP", "agenda@structure.mssante.fr", day.SANS_MAIL),
                box("ORG", "autre@structure.mssante.fr", day.PHARMACIE),
            ),
        )
        assert (counts.completed, counts.unchanged, refused) == (1, 1, [])
        rows = known(service, day.SANS_MAIL, day.PHARMACIE)
        assert rows[day.SANS_MAIL].mail == "alpha@structure.mssante.fr"
        assert rows[day.SANS_MAIL].libelle_voie == "HAUTE"
        assert rows[day.PHARMACIE].mail == "contact@pharmacie-port.example.fr"
        assert service.ledger.contacts.may_receive(day.SANS_MAIL, "alpha@structure.mssante.fr")
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, "autre@structure.mssante.fr")


def test_what_finess_says_stands_where_agaps_has_it(folder):
    with day.service(folder) as service:
        load(service, "finess", finess(finess_line(HOPITAL), finess_line(CORSE, ligneacheminement="2A004 AJACCIO")))
        rows = known(service, HOPITAL, CORSE_LUE)
        assert rows[HOPITAL] == Agaps(
            numero_ps=HOPITAL, raison_sociale="PHARMACIE NEUVE", categorie="Pharmacie d'Officine", mail="",
            telephone="0474000000", fax="", numero_voie="7", complement_numero="", type_voie="R",
            libelle_voie="DE L’ÉGLISE", complement_adresse="", code_postal="01440", commune="VIRIAT",
        )  # fmt: skip
        assert (rows[CORSE_LUE].code_postal, rows[CORSE_LUE].commune) == ("2A004", "AJACCIO")


@pytest.mark.parametrize(
    ("said", "field", "wanted"),
    [
        ({"rslongue": ""}, "raison_sociale", "PHARM. NEUVE"),
        ({"libcategetab": ""}, "categorie", "620"),
        ({"ligneacheminement": "", "commune": "Viriat"}, "commune", "Viriat"),
        ({"ligneacheminement": "75651 PARIS CEDEX 13"}, "commune", "PARIS CEDEX 13"),
        ({"compldistrib": "BAT A", "lieuditbp": "BP 4"}, "complement_adresse", "BAT A BP 4"),
    ],
)
def test_what_a_line_leaves_empty_is_taken_from_beside_it(said, field, wanted):
    (batch,) = directories.read("finess", [finess(finess_line(HOPITAL, **said))], "x", judge.usable)
    assert getattr(batch.entries[0].row, field) == wanted


def test_agaps_may_be_loaded_again_and_what_the_directories_said_stays(folder):
    with day.service(folder) as service:
        load(service, "finess", finess(finess_line(NEUVE)))
        before = known(service, NEUVE, day.PHARMACIE)
        assert all(read.rows is not None for read in reference_files.load(service, [folder / "var/references"]))
        assert known(service, NEUVE, day.PHARMACIE) == before


def test_the_same_extract_twice_changes_nothing_and_a_newer_one_takes_its_place(folder):
    with day.service(folder) as service:
        first, _ = load(service, "finess", finess(finess_line(NEUVE), finess_line(HOPITAL)))
        before = known(service, NEUVE, HOPITAL)
        again, _ = load(service, "finess", finess(finess_line(NEUVE), finess_line(HOPITAL)))
        assert (first.added, again.added, again.completed, again.unchanged) == (2, 0, 0, 2)
        assert known(service, NEUVE, HOPITAL) == before
        newer, _ = load(service, "finess", finess(finess_line(NEUVE, telephone="0400000001")))
        assert (newer.updated, newer.unchanged, newer.removed) == (1, 0, 1)
        assert set(known(service, NEUVE, HOPITAL)) == {NEUVE}


def test_an_extract_that_was_cut_off_on_its_way_is_noticed(folder):
    whole, cut = folder / "entier.csv", folder / "coupe.csv"
    whole.write_bytes(finess(*[finess_line(f"{number:09d}") for number in range(40)]))
    cut.write_bytes(finess(*[finess_line(f"{number:09d}") for number in range(20)]))
    assert mailbot("--config", folder, "references", "load", "--from-finess", whole).returncode == 0
    done = mailbot("--config", folder, "references", "load", "--from-finess", cut)
    assert done.returncode == 1
    assert "20 retirés" in done.stderr.replace("\u00a0", " ")
    assert "vérifiez que coupe.csv est complet" in done.stderr


def test_finess_alone_makes_agaps_a_loaded_table(tmp_path):
    with Ledger(tmp_path / "registre.sqlite") as ledger:
        assert ledger.references.loaded() == set()
        ledger.annuaire.stage([("", Agaps(HOPITAL, *[""] * 12))], afresh=True)
        ledger.annuaire.swap(day.NOW, "finess", "x", "y")
        assert ledger.references.loaded() == {"agaps"}
        assert ledger.references.loaded_files() == set()


# -- nothing overwritten, nothing lost ---------------------------------------------------------------------------

CELLS = st.sampled_from(["", "", "un", "deux"])
ROWS = st.builds(Agaps, st.sampled_from("ABC"), *[CELLS] * 12)
SAID = st.dictionaries(st.sampled_from(ANNUAIRES), st.lists(ROWS, max_size=4, unique_by=lambda row: row.numero_ps))
STREET = slice(6, 10)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, max_size=5), SAID)
def test_only_cells_that_agaps_leaves_empty_are_filled(tmp_path_factory, agaps, said):
    with Ledger(tmp_path_factory.mktemp("registre") / "registre.sqlite") as ledger:
        ledger.store.run("PRAGMA synchronous = OFF")
        ledger.references.replace(day.NOW, "agaps", agaps, "agaps.csv", "")
        for source, rows in said.items():
            before = {row.numero_ps: row for row in reversed(ledger.references.contacts_of("ABC")["agaps"])}
            ledger.annuaire.stage([("", row) for row in rows], afresh=True)
            counts = ledger.annuaire.swap(day.NOW, source, "x", "y")
            after = {row.numero_ps: row for row in reversed(ledger.references.contacts_of("ABC")["agaps"])}
            changed = [numero for numero in before if before[numero] != after[numero]]
            assert (counts.added, counts.completed + counts.updated) == (len(after) - len(before), len(changed))
            assert (counts.total, counts.removed) == (len(rows), 0)
        seen = ledger.references.contacts_of("ABC")["agaps"]
    parts = [row for source in ANNUAIRES for row in said.get(source, [])]
    assert {row.numero_ps for row in seen} == {row.numero_ps for row in (*agaps, *parts)}
    for numero in "ABC":
        held = [row for row in agaps if row.numero_ps == numero]
        shown = [row for row in seen if row.numero_ps == numero]
        told = [row for row in parts if row.numero_ps == numero]
        base = held or told[:1]
        assert len(shown) == len(base)
        assert shown[1:] == base[1:]
        for place in range(1, 13 if shown else 0):
            taken = [row[place] for row in base if row[place]]
            street = STREET.start <= place < STREET.stop and any(cell for row in base for cell in row[STREET])
            if taken or street:
                assert shown[0][place] == base[0][place]
            elif not STREET.start <= place < STREET.stop:
                assert shown[0][place] == next((row[place] for row in told if row[place]), "")


def test_killed_anywhere_the_old_directory_or_the_new_one_stands_whole(folder):
    with day.service(folder) as service:
        load(service, "finess", finess(finess_line(NEUVE, "AVANT"), finess_line(HOPITAL, "AVANT")))
    (folder / "extrait.txt").write_bytes(finess(finess_line(NEUVE, "APRÈS"), finess_line(HOPITAL, "APRÈS")))
    seen = set()
    for at in range(1, 100):
        child = os.fork()
        if child == 0:
            with day.service(folder) as service:
                service.ledger.store.connection.set_trace_callback(Blade(at).statement)
                load(service, "finess", (folder / "extrait.txt").read_bytes())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with day.service(folder) as service:
            names = [row.raison_sociale for row in known(service, NEUVE, HOPITAL).values()]
            assert names in (["AVANT"] * 2, ["APRÈS"] * 2)
            seen.add(names[0])
            assert service.ledger.journal.verify() is None
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
        else:
            assert os.waitstatus_to_exitcode(status) == 0
            break
    assert seen == {"AVANT", "APRÈS"}


def test_a_signal_leaves_the_old_directory(folder, monkeypatch):
    monkeypatch.setattr(directory_files, "_BLOCK", 100)
    with day.service(folder) as service:
        load(service, "finess", finess(finess_line(NEUVE)))
        asked = iter([False] * 5 + [True] * 100)
        object.__setattr__(service, "stopping", lambda: next(asked))
        with pytest.raises(Later, match="reste comme il était"):
            load(service, "finess", finess(*[finess_line(HOPITAL)] * 50))
        assert set(known(service, NEUVE, HOPITAL)) == {NEUVE}


def test_the_journal_says_who_loaded_what(folder):
    with day.service(folder) as service:
        load(service, "finess", finess(finess_line(NEUVE), "structureet;trop;court"))
        line = service.ledger.store.row("SELECT * FROM journal WHERE what = 'directory loaded'")
        details = json.loads(line["details"])
        assert (line["who"], line["subject"]) == ("essai", "directory finess")
        assert (details["fichier"], details["added"], details["refused_rows"]) == ("extrait.txt", 1, 1)
        assert len(details["sha256"]) == 64
        load_row = service.ledger.store.row("SELECT * FROM loads WHERE name = 'finess'")
        assert (load_row["fichier"], load_row["rows"]) == ("extrait.txt", 1)


# -- what can go wrong -------------------------------------------------------------------------------------------


def test_a_bad_line_is_named_and_the_rest_goes_on(folder, tmp_path):
    extract = tmp_path / "bal.txt"
    extract.write_bytes(
        mssante(
            box("ORG", "accueil@structure.mssante.fr", NEUVE),
            box("ORG", "pas une adresse", HOPITAL),
            box("XYZ", "x@structure.mssante.fr"),
            "ORG|coupée",
            box("ORG", "accueil@hopital.example.fr", HOPITAL),
            box("ORG", "nul\0@structure.mssante.fr"),
            box("ORG", "siret@structure.mssante.fr", "26010004500012", systeme="SIRET"),
            *[box("ORG", "=1+1", HOPITAL)] * 30,
        )
    )
    done = mailbot(
        "--config", folder, "references", "load", "--from-mssante", extract, "--refus", tmp_path / "refus.csv"
    )
    assert done.returncode == 1
    said = done.stderr.replace("\u00a0", " ").splitlines()
    assert said[0] == "MSSanté, bal.txt : 2 ajoutés, 0 complété, 0 inchangé, 34 refusés"
    assert "laissé de côté — boîtes d’une structure sans n° FINESS : 1" in said
    assert "à vérifier, pris quand même — adresse hors de .mssante.fr : ligne 6" in said
    assert any(line.startswith("refusé — bal.txt, ligne 3, colonne Adresse BAL « p") for line in said)
    assert any("ligne 5" in line and "2 cellules au lieu de 31" in line for line in said)
    assert said[-1] == "… et 14 autres refus"
    assert "pas une adresse" not in done.stderr
    with (tmp_path / "refus.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [int(row["ligne"]) for row in rows] == [3, 4, 5, 7, *range(9, 39)]
    assert not any(row["valeur"].startswith("=") for row in rows)
    assert (tmp_path / "refus.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("source", "raw", "why"),
    [
        ("finess", b"", "le fichier est vide"),
        ("finess", b"\n \n", "le fichier est vide"),
        ("finess", b"PK\x03\x04" + bytes(50_000), "archive ZIP"),
        ("mssante", b"%PDF-1.7\n", "c’est un PDF"),
        ("mssante", "Type de BAL|".encode("utf-16"), "UTF-16"),
        ("mssante", bytes(range(256)), "fichier binaire"),
        ("finess", b"numero_ps;nom\n1;2\n", "2 cellules séparées par « ; »"),
        ("finess", b"DURAND PAUL\n", "pas de colonnes"),
        ("finess", finess(), "aucune ligne utilisable"),
        ("finess", finess("structureet;trop;court"), "aucune ligne utilisable"),
        ("finess", mssante(), "extraction MSSanté, qui se charge par --from-mssante"),
        ("mssante", finess(), "extraction FINESS, qui se charge par --from-finess"),
        ("mssante", b"Type d'identifiant PP|Identifiant PP|\n", "PS_LibreAcces"),
        ("mssante", b"Type de BAL|Adresse|\nORG|a@b.fr|\n", "colonne absente : Adresse BAL, Identification Structure"),
    ],
)
def test_a_file_that_is_no_such_extract_is_refused_in_one_sentence_and_changes_nothing(folder, source, raw, why):
    expected = {"finess": "une extraction FINESS est attendue", "mssante": "une extraction MSSanté est attendue"}[
        source
    ]
    with day.service(folder) as service:
        load(
            service,
            source,
            finess(finess_line(NEUVE)) if source == "finess" else mssante(box("ORG", "a@b.mssante.fr", NEUVE)),
        )
    (folder / "autre.txt").write_bytes(raw)
    done = mailbot("--config", folder, "references", "load", f"--from-{source}", folder / "autre.txt")
    assert done.returncode == 1
    assert done.stdout == ""
    first = done.stderr.replace("\u00a0", " ").splitlines()[0]
    assert first.startswith("autre.txt : ")
    assert why in first
    assert expected in first
    assert "DURAND" not in done.stderr
    with day.service(folder) as service:
        assert set(known(service, NEUVE)) == {NEUVE}


def test_a_file_that_is_not_there_is_said(folder):
    done = mailbot("--config", folder, "references", "load", "--from-finess", folder / "absent.csv")
    assert done.returncode == 1
    assert "absent.csv : fichier illisible : introuvable" in done.stderr.replace("\u00a0", " ")


def blocks_of(raw: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    return [raw[one:two] for one, two in itertools.pairwise(places)]


def everything(source, blocks):
    entries, refus, left_out, doubts = [], [], 0, []
    for batch in directories.read(source, blocks, "x", judge.usable):
        entries += batch.entries
        refus += batch.refus
        left_out += sum(batch.left_out.values())
        doubts += batch.doubts
    return entries, refus, left_out, doubts


TEXT = st.text(st.sampled_from("ABCÉèç ’-œ0123456789&"), max_size=30)


def ambiguous(line: bytes) -> bool:
    try:
        return not line.isascii() and bool(line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@settings(deadline=None)
@given(
    st.lists(
        st.builds(finess_line, st.from_regex(r"[0-9]{9}", fullmatch=True), TEXT, voie=TEXT), min_size=1, max_size=8
    ),
    st.sampled_from(["cp1252", "utf-8", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.integers(0, 10_000), max_size=5),
)
def test_an_extract_says_the_same_in_any_encoding_and_cut_anywhere(lines, encoding, end, cuts):
    # A line of cp1252 whose bytes happen to be sound UTF-8 (É followed by œ) reads as UTF-8: nobody could know better.
    assume(encoding != "cp1252" or not any(ambiguous(line.encode(encoding)) for line in lines))
    raw = end.join(["finess;etalab;111;2026-05-12", *lines, ""]).encode(encoding)
    entries, refus, _, doubts = everything("finess", blocks_of(raw, cuts))
    cells = [line.split(";") for line in lines]
    assert [(one.row.numero_ps, one.row.raison_sociale, one.row.libelle_voie) for one in entries] == [
        (cell[1], cell[4].strip() or cell[3], cell[9].strip()) for cell in cells
    ]
    assert not refus
    assert [line for line, _ in doubts] == [
        place for place, cell in enumerate(cells, 2) if not identifiers.finess_ok(cell[1])
    ]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["finess", "mssante"]),
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [finess_line(HOPITAL).encode(), box("ORG", "a@b.mssante.fr").encode(), b"geolocalisation;1;2"]
            ),
            st.lists(st.text(max_size=4), min_size=30, max_size=33).map(
                lambda cells: "|".join(cells).encode("utf-8", "replace")
            ),
            st.lists(st.text(max_size=4), min_size=30, max_size=33).map(
                lambda cells: ";".join(["structureet", *cells]).encode("utf-8", "replace")
            ),
        ).filter(lambda line: b"\n" not in line),
        max_size=12,
    ),
    st.lists(st.integers(0, 10_000), max_size=5),
)
@example("mssante", [b"|" * 20_000, b"ORG|" * 5_000], [17])
def test_whatever_stands_in_the_lines_each_is_taken_refused_or_left_out(source, lines, cuts):
    raw = b"\n".join([finess().splitlines()[0] if source == "finess" else COLUMNS.encode(), *lines, b""])
    try:
        entries, refus, left_out, doubts = everything(source, blocks_of(raw, cuts))
    except Never:
        return
    written = [number for number, line in enumerate(raw.split(b"\n")[1:], 2) if directories._text(line).strip()]
    assert len(entries) + len(refus) + left_out == len(written)
    assert {one.ligne for one in refus} | {line for line, _ in doubts} <= set(written)
    assert all(len(one.row.numero_ps) == 9 and one.row.numero_ps.isdigit() for one in entries)


def test_a_line_without_end_costs_no_memory():
    def blocks():
        yield finess(finess_line(HOPITAL))
        for _ in range(100):
            yield b"x" * 1_000_000
        yield b"\n" + finess_line(NEUVE).encode()

    tracemalloc.start()
    try:
        entries, refus, _, _ = everything("finess", blocks())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.row.numero_ps for one in entries] == [HOPITAL, NEUVE]
    assert [(one.ligne, one.raison) for one in refus] == [(3, "ligne trop longue (plus de 16384 octets)")]
    assert peak < 10_000_000


ADDRESSES = st.one_of(
    st.text(st.sampled_from("ab0._-+é @"), max_size=70).map(lambda local: f"{local}@structure.mssante.fr"),
    st.text(st.sampled_from("abc.-0_@"), max_size=20).map(lambda domain: f"accueil@{domain}"),
    st.just("a" * 64 + "@structure.mssante.fr"),
    st.just("a" * 65 + "@structure.mssante.fr"),
    st.just(""),
)


@settings(deadline=None, max_examples=400)
@given(ADDRESSES)
def test_an_address_is_judged_here_as_everywhere(address):
    assert directory_files.usable(address) == judge.usable(address)
