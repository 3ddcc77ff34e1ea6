"""The verbs as scripts and people meet them: exit codes, what goes to stdout, and errors that help."""

import json
import os
import subprocess
import sys
import tempfile
import traceback

import pytest

from mailbot.cli import main
from mailbot.ledger import instance_lock
from tests import day


def mailbot(*arguments, cwd=None, **environment):
    """A call of the command line in a forked child: all of a process but the seconds of its imports."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.chdir(cwd or ".")
                os.environ.update(environment)
                for stream, number in ((out, 1), (err, 2)):
                    os.dup2(stream.fileno(), number)
                sys.stdout, sys.stderr = (os.fdopen(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))
                main([str(argument) for argument in arguments])
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 70
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
    return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), *texts)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    return place


@pytest.fixture
def references(tmp_path):
    tables = tmp_path / "references"
    tables.mkdir()
    for name, lines in day.TABLES.items():
        (tables / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tables


def test_a_new_configuration_works_as_it_is(tmp_path):
    assert mailbot("init", tmp_path / "neuf").returncode == 0
    assert mailbot("--config", tmp_path / "neuf", "check").returncode == 0
    assert mailbot("--config", tmp_path / "neuf", "check", "--live").returncode == 0
    assert mailbot("--config", tmp_path / "neuf", "run", "--once").returncode == 0
    again = mailbot("init", tmp_path / "neuf")
    assert again.returncode == 2
    assert "n’est pas vide" in again.stderr


def test_every_mistake_of_an_admin_is_shown_at_once_with_its_place_and_the_nearest_name(tmp_path):
    mailbot("init", tmp_path / "c")
    path = tmp_path / "c/mailbot.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("poll_seconds", "poll_second").replace("max_rows: 10 ", "max_rows: dix "), "utf-8")
    rules = tmp_path / "c/regles.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("motif: 100_RO", "motif: 100_R0", 1), "utf-8")
    done = mailbot("--config", tmp_path / "c", "check")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert any(line.startswith("mailbot.yaml:28:3") and "poll_seconds" in line for line in lines), lines
    assert any("max_rows" in line and "nombre entier" in line for line in lines)
    assert any(line.startswith("regles.yaml:") and "100_RO" in line for line in lines)
    assert "Traceback" not in done.stderr


def test_decide_gives_one_object_an_invoice_and_one_a_refused_row(tmp_path, references):
    lot = tmp_path / "lot.csv"
    lot.write_bytes(
        day.THE_LOT
        + day.lot_csv(day.row(numero_facture="9", nir="1850175", date_soins="32/01/2026")).split(b"\r\n", 1)[1]
    )
    done = mailbot("decide", lot, "--references", references, "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    refused = [one["refus"] for one in objects if "refus" in one]
    assert [(one["fichier"], one["ligne"], one["colonne"]) for one in refused] == [("lot.csv", 9, "date_soins")]
    first = next(one for one in objects if one.get("numero_facture") == "1001")
    wanted = ("numero_lot", "date_reception", "numero_ps", "status", "regle", "motif", "saisie")
    assert {key: first[key] for key in wanted} == {
        "numero_lot": "L1", "date_reception": "2026-03-01", "numero_ps": day.PHARMACIE, "status": "acceptee",
        "regle": "H5", "motif": None, "saisie": "aucune",
    }  # fmt: skip
    assert first["contact"] == {"mail": "contact@pharmacie-port.example.fr", "source": "agaps"}
    assert first["explication"][-1]["regle"] == "H5"
    assert set(first["explication"][0]) == {"regle", "tenue", "valeurs"}
    without = next(one for one in objects if one.get("numero_ps") == day.SANS_MAIL)
    assert without["contact"] is None


def test_a_misspelt_table_is_named_with_the_nearest_name(tmp_path, references):
    (references / "agaps.csv").rename(references / "agap.csv")
    (tmp_path / "lot.csv").write_bytes(day.THE_LOT)
    done = mailbot("decide", tmp_path / "lot.csv", "--references", references, "--json", cwd=tmp_path)
    assert "agap.csv" in done.stderr
    assert "vouliez-vous dire « agaps »" in done.stderr


def test_a_refused_table_counts_as_never_loaded(tmp_path, references):
    (references / "agaps.csv").write_text("numero;nom\n1;x\n", encoding="utf-8")
    (tmp_path / "lot.csv").write_bytes(day.THE_LOT)
    done = mailbot("decide", tmp_path / "lot.csv", "--references", references, "--json", cwd=tmp_path)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    refused = [one["refus"] for one in objects if "refus" in one]
    assert {one["fichier"] for one in refused} == {"agaps.csv"}
    assert {one["ligne"] for one in refused} == {1}
    assert "numero_ps" in {one["colonne"] for one in refused}
    assert {one["commentaire"] for one in objects if one.get("regle") == "A0"} == {"référentiel agaps absent"}


def test_a_nir_in_a_message_is_masked(tmp_path, references):
    (references / "beneficiaires.csv").write_text(
        day.TABLES["beneficiaires"][0]
        + "\nR1;2850199099999;01/01/1985;1;X;Y;M;C;1\nR2;285019;01/01/1985;1;DURIEUX;Y;M;C;1\n",
        encoding="utf-8",
    )
    (tmp_path / "lot.csv").write_bytes(day.THE_LOT)
    done = mailbot("decide", tmp_path / "lot.csv", "--references", references, "--json", cwd=tmp_path)
    refused = [json.loads(line)["refus"] for line in done.stdout.splitlines() if "refus" in json.loads(line)]
    assert [one["colonne"] for one in refused] == ["nir"]
    assert "285019" not in done.stdout + done.stderr or "285019" not in refused[0]["valeur"]


def test_lots_add_tells_what_it_refused(folder, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(
        day.lot_csv(day.row(numero_lot="L5", montant="12,345"), day.row(numero_lot="L5", numero_facture="6"))
    )
    done = mailbot("--config", folder, "lots", "add", bad)
    assert done.returncode == 1
    assert "bad.csv, ligne 2, colonne montant" in done.stderr
    assert mailbot("--config", folder, "lots", "add", bad).stderr.count("déjà reçu") == 1


def test_mailbot_runs_as_a_program(folder):
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", "--config", folder, "check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_of_a_lot_in_two_files_of_one_call_the_later_file_counts(folder, tmp_path):
    (tmp_path / "a.csv").write_bytes(
        day.lot_csv(day.row(numero_lot="L5", taux_ro="100"), day.row(numero_lot="L5", numero_facture="2"))
    )
    (tmp_path / "b.csv").write_bytes(day.lot_csv(day.row(numero_lot="L5", parcours_soins="non")))
    assert mailbot("--config", folder, "lots", "add", tmp_path / "a.csv", tmp_path / "b.csv").returncode == 0
    exported = [json.loads(line) for line in mailbot("--config", folder, "ledger", "export").stdout.splitlines()]
    factures = [row for row in exported if row["table"] == "factures" and row["numero_lot"] == "L5"]
    assert [(row["numero_facture"], row["regle"]) for row in factures] == [("1001", "C5")]


def test_lots_wait_when_the_service_is_running(folder, tmp_path):
    (tmp_path / "lot.csv").write_bytes(day.lot_csv(day.row(numero_lot="L5")))
    with instance_lock(folder / "var/registre.sqlite"):
        done = mailbot("--config", folder, "lots", "add", tmp_path / "lot.csv")
        assert (done.returncode, "prochain passage" in done.stderr) == (0, True)
        assert mailbot("--config", folder, "run", "--once").returncode == 75


def test_the_day_can_be_asked_about(folder):
    assert mailbot("--config", folder, "--now", "2026-03-02T08:00", "run", "--once").returncode == 1
    explained = mailbot("--config", folder, "explain", "1002")
    assert explained.returncode == 0
    assert "100% RO" in explained.stdout
    assert "C1" in explained.stdout
    status = json.loads(mailbot("--config", folder, "status", "--json").stdout)
    balance = status["balance"]
    assert (
        balance["seen"] == balance["settled"] + balance["parked"] + balance["seen_again"] + balance["refused_by_size"]
    )
    tables = {json.loads(line)["table"] for line in mailbot("--config", folder, "ledger", "export").stdout.splitlines()}
    assert tables == {"mails", "letters", "contacts", "factures", "rejets", "journal"}
    assert mailbot("--config", folder, "ledger", "verify").returncode == 0
    held = json.loads(mailbot("--config", folder, "ledger", "access", "--nir", day.nir(1)).stdout)
    assert len(held["factures"]) == 7


def test_an_agent_approves_an_address_and_its_mail_is_settled(folder):
    day.put(folder, "3.inconnu", day.registration(day.CABINET, "quelquun@example.org"))
    mailbot("--config", folder, "run", "--once")
    contacts = [
        json.loads(line) for line in mailbot("--config", folder, "contacts", "list", "--json").stdout.splitlines()
    ]
    (waiting,) = [one["id"] for one in contacts if one["state"] == "demandee" and "quelquun" in one["mail"]]
    done = mailbot(
        "--config", folder, "--agent", "camille", "contacts", "approve", waiting, "--reason", "appel au cabinet"
    )
    assert done.returncode == 0, done.stderr
    parked = [
        json.loads(line)["kind"] for line in mailbot("--config", folder, "review", "list", "--json").stdout.splitlines()
    ]
    assert parked == ["other"]
    journal = [json.loads(line) for line in mailbot("--config", folder, "ledger", "export").stdout.splitlines()]
    assert [row["who"] for row in journal if row.get("what") == "contact approved"] == ["camille"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["statsu"], 2, "status"),
        (["decide", "x.csv", "--refrences", "y"], 2, "vouliez-vous dire « --references »"),
        (["decide", "x.csv"], 2, "il manque --references"),
        (["explain"], 2, "il manque REF"),
        (["--now", "demain", "status"], 2, "instant ISO"),
        (["--config", "/nulle/part", "status"], 2, "mailbot init"),
        (["explain", "424242"], 2, "424242"),
        (["lots", "add", "absent.csv"], 2, "absent.csv"),
        (["references", "load", "absent"], 2, "absent"),
        (["review", "show", "999"], 2, "review list"),
        (["outbox", "retry", "999"], 2, "courrier 999"),
        (["ledger", "access"], 2, "--ps"),
        (["consigne"], 2, "un numéro ou des mots"),
    ],
)
def test_wrong_use_ends_with_two_and_a_remedy_never_a_traceback(folder, arguments, code, said):
    done = mailbot(*arguments, MAILBOT_CONFIG=str(folder))
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_inspect_says_what_a_mail_is_whatever_its_bytes(tmp_path):
    (tmp_path / "a.eml").write_bytes(day.registration())
    (tmp_path / "b.eml").write_bytes(b"\x00\xff")
    told = json.loads(mailbot("inspect", tmp_path / "a.eml", "--json", cwd=tmp_path).stdout)
    assert (told["kind"], told["numeros_ps"], told["from"]) == (
        "registration", [day.PHARMACIE], "contact@pharmacie-port.example.fr",
    )  # fmt: skip
    lines = mailbot("inspect", "--jsonl", tmp_path, cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["registration", "malformed"]


def test_every_verb_and_every_key_is_documented():
    readme = (day.pathlib.Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    from mailbot.cli.verbs import VERBS
    from mailbot.configuration.settings import Settings

    assert [verb for verb in VERBS if f"`{verb}" not in readme] == []
    shipped = (day.folders.shipped() / "mailbot.yaml").read_text(encoding="utf-8")
    schema = Settings.model_json_schema()
    keys = {key for section in schema["$defs"].values() for key in section.get("properties", {})}
    assert {key for key in keys if key not in shipped} == set()
