"""`rules diff`: an admin sees what an edited rule book would have decided, and nothing else is blamed on the edit."""

import dataclasses
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.cli import pair, what_if
from mailbot.configuration import document
from mailbot.configuration import folder as folders
from mailbot.ledger import Ledger, instance_lock, upkeep
from mailbot.ledger.past import Past
from mailbot.passes import reference_files, run, settle_lots
from mailbot.passes.what_if import Again, Cause
from mailbot.rules import judge, remembered, table
from mailbot.rules.references import References
from tests import day, worlds
from tests.test_cli import mailbot
from tests.test_judge_against_naive import book

LATER = day.NOW + timedelta(days=30)
C1 = "si: [ro_100]\n    motif: 100_RO"
C1_BY_HAND = "si: [ro_100]\n    motif: 100_RO\n    route: gestionnaire"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    with day.service(place) as service, day.edges(service) as edges:
        run.once(service, edges)
    return place


def add(service, *rows, now=day.NOW):
    """A lot file with these rows, decided."""
    raw = day.lot_csv(*rows)
    file_id = service.ledger.lot_files.store(now, "lot.csv", raw)
    if file_id is not None:
        settle_lots.settle_file(dataclasses.replace(service, clock=lambda: now), service.ledger.lot_files.get(file_id))


def edit(configuration, *pairs):
    """The configuration after an admin has replaced these texts in regles.yaml."""
    text = (folders.shipped() / "regles.yaml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    motifs, specialites = (
        document.read_yaml((folders.shipped() / name).read_text(encoding="utf-8"), name)
        for name in ("motifs.yaml", "specialites.yaml")
    )
    regles = document.read_yaml(text, "regles.yaml")
    answers = {code: motif.reponse for code, motif in configuration.book.motifs.items()}
    return dataclasses.replace(
        configuration,
        book=table.load_book(motifs, regles, specialites, answers),
        book_text=remembered.to_text(motifs, regles, specialites),
    )


def again(folder, *pairs, since=None):
    configuration = day.configured(folder)
    if pairs:
        configuration = edit(configuration, *pairs)
    with Past(configuration.settings.ledger.path) as past:
        return Again(past, configuration).slice(past.since(since))


def by_cause(part):
    found = {}
    for one in part.differences:
        found.setdefault(one.cause, []).append(one.nom_facture)
    return {cause: sorted(names) for cause, names in found.items()}


def reload(folder, name, *lines, now=LATER):
    path = folder / "var/references" / f"{name}.csv"
    path.write_text("\n".join([day.TABLES[name][0], *lines]) + "\n", encoding="utf-8")
    with day.service(folder, now) as service:
        assert not [refus for read in reference_files.load(service, [path]) for refus in read.refus]


PAID = f"{day.PHARMACIE};{day.nir(1)};1001;18/02/2026;7,00;PHAR;LIQUIDE;25/02/2026;;"


# -- what an edit changes ----------------------------------------------------------------------------------------


def test_an_unchanged_book_changes_nothing(folder):
    part = again(folder)
    assert (part.compared, part.other_rule, part.differences) == (7, 0, ())


def test_one_edited_row_changes_the_invoices_that_it_decided_and_no_other(folder):
    part = again(folder, (C1, C1_BY_HAND))
    assert by_cause(part) == {Cause.EDITION: ["1002", "5"]}
    assert {one.before.regle for one in part.differences} == {"C1"}
    assert {one.after.route for one in part.differences} == {"gestionnaire"}


def test_a_row_switched_off_hands_its_invoices_to_the_rows_below(folder):
    part = again(folder, ("id: C1\n", "id: C1\n    actif: false\n"))
    assert sorted((one.nom_facture, one.before.regle, one.after.regle) for one in part.differences) == [
        ("1002", "C1", "H1"), ("5", "C1", "H1"),
    ]  # fmt: skip


def test_another_name_for_a_rule_is_no_change_for_the_ps(folder):
    part = again(folder, ("id: C1\n", "id: C1-NEUF\n"))
    assert (part.other_rule, part.differences) == (2, ())


def test_only_what_was_decided_since_a_day_is_decided_again(folder):
    with day.service(folder) as service:
        add(service, day.row(numero_lot="L9", numero_facture="9001", taux_ro="100"), now=LATER)
    assert again(folder, (C1, C1_BY_HAND), since=LATER).compared == 1
    assert by_cause(again(folder, (C1, C1_BY_HAND), since=LATER)) == {Cause.EDITION: ["9001"]}


# -- what is not the edit's doing --------------------------------------------------------------------------------


def test_what_new_tables_change_is_not_blamed_on_the_edit(folder):
    reload(folder, "agica", PAID)
    assert by_cause(again(folder)) == {Cause.AUTRE: ["1001"]}
    assert by_cause(again(folder, (C1, C1_BY_HAND))) == {Cause.AUTRE: ["1001"], Cause.EDITION: ["1002", "5"]}


def test_where_edit_and_tables_both_change_the_answer_it_is_said_so(folder):
    reload(folder, "agica", PAID)
    already_paid = "si: [deja_liquidee]\n    motif: FACTURE_DEJA_PAYEE"
    part = again(folder, (already_paid, "si: [deja_liquidee]\n    motif: FACTURE_ASSURE"))
    assert by_cause(part) == {Cause.LES_DEUX: ["1001"]}


def test_without_the_book_of_then_nobody_is_blamed(folder):
    with day.service(folder) as service:
        service.ledger.store.run("UPDATE decisions SET book_id = NULL WHERE regle = 'C1'")
    assert by_cause(again(folder)) == {}
    assert by_cause(again(folder, (C1, C1_BY_HAND))) == {Cause.INCONNUE: ["1002", "5"]}


def test_a_book_that_this_version_cannot_read_is_an_unknown_one(folder):
    with day.service(folder) as service:
        service.ledger.store.run("UPDATE books SET text = replace(text, '\"ro_100\"', '\"fait_retire\"')")
    assert by_cause(again(folder, (C1, C1_BY_HAND))) == {Cause.INCONNUE: ["1002", "5"]}


# -- the traces of the day of the decision -----------------------------------------------------------------------


def test_a_copy_in_a_later_lot_changes_nothing_of_the_first(folder):
    with day.service(folder) as service:
        add(service, day.row(numero_lot="L2"))
        assert [one.decision.regle for one in service.ledger.lots.find("1001")] == ["H5", "B3b"]
    assert again(folder).differences == ()


def test_a_copy_remembers_the_first_invoice_as_it_was_then(folder):
    """The copy met an invoice in progress; that invoice came again since, with other care and then refused."""
    with day.service(folder) as service:
        add(service, day.row(numero_lot="L2"))
        add(service, day.row(date_soins="02/02/2026", part_rc_demandee="6,00", part_rc="6,00"))
        add(service, day.row(date_soins="02/02/2026", part_rc_demandee="6,00", part_rc="6,00", taux_ro="100"))
        assert [one.decision.regle for one in service.ledger.lots.find("1001")] == ["C1", "B3b"]
    assert again(folder).differences == ()


ROWS = st.fixed_dictionaries(
    {
        "numero_lot": st.sampled_from(("L1", "L2", "L3")),
        "numero_facture": st.sampled_from(("1001", "1001", "01001", "")),
        "date_soins": st.sampled_from(("18/02/2026", "19/02/2026")),
        "part_rc_demandee": st.sampled_from(("7,00", "6,00")),
        "taux_ro": st.sampled_from(("65", "65", "65", "100")),
        "nir": st.sampled_from((day.nir(1), day.nir(2))),
        "destinataire": st.sampled_from(("oc", "oc", "oc", "assure")),
    }
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("monde") / "config"
    day.prepare(place)
    return place


def test_whatever_came_again_in_whichever_lot_an_unchanged_book_changes_nothing(world):
    met = Counter()

    @given(st.lists(st.lists(ROWS, min_size=1, max_size=3), min_size=2, max_size=6))
    @settings(max_examples=60, deadline=None)
    def holds(lots):
        with day.service(world) as service:
            store = service.ledger.store
            store.run("PRAGMA synchronous = OFF")
            store.run("PRAGMA foreign_keys = OFF")
            for old in ("rejets", "superseded", "decisions", "factures", "lot_files"):
                store.run(f"DELETE FROM {old}")
            for number, rows in enumerate(lots):
                add(service, *(day.row(**one) for one in rows), now=day.NOW + timedelta(hours=number))
            met.update(row["regle"] for row in store.rows("SELECT regle FROM decisions"))
            taken_over = "SELECT count(*) FROM decisions WHERE CAST(explication AS TEXT) LIKE '%reprise_par%'"
            met["another NIR"] += store.value(taken_over)
            met["another version"] += store.value("SELECT count(*) FROM superseded")
        part = again(world)
        assert (part.other_rule, part.differences) == (0, ())

    holds()
    assert met["B3b"], "copies of an invoice in progress"
    assert met["another NIR"], "copies of what is in progress under the patient's other NIR"
    assert met["another version"]


# -- a look, never a write ---------------------------------------------------------------------------------------


def edit_on_disk(folder, old, new, name="regles.yaml"):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_ledger_is_the_same_before_and_after_also_beside_a_running_service(folder):
    edit_on_disk(folder, C1, C1_BY_HAND)
    path = day.configured(folder).settings.ledger.path
    with instance_lock(path):
        before = path.read_bytes()
        assert mailbot("--config", folder, "rules", "diff").returncode == 1
        assert path.read_bytes() == before
    with Ledger(path) as open_elsewhere, instance_lock(path):
        version = open_elsewhere.store.value("PRAGMA data_version")
        lines = list(open_elsewhere.journal.lines())
        open_elsewhere.store.run("BEGIN IMMEDIATE")
        # A process of its own: an open ledger must not cross a fork.
        program = "from mailbot.cli import main; main()"
        done = subprocess.run([sys.executable, "-c", program, "--config", folder, "rules", "diff"], check=False)
        assert done.returncode == 1, "also while another one writes"
        open_elsewhere.store.run("ROLLBACK")
        assert open_elsewhere.store.value("PRAGMA data_version") == version
        assert list(open_elsewhere.journal.lines()) == lines


def test_a_ledger_of_an_older_version_is_not_migrated_by_a_look(folder):
    with day.service(folder) as service:
        service.ledger.store.run("DELETE FROM _sqlite_migrations WHERE name = 'rule_books'")
    done = mailbot("--config", folder, "rules", "diff")
    assert done.returncode == 2
    assert "mailbot status" in done.stderr


def test_the_purge_takes_a_book_with_its_last_decision(folder):
    with day.service(folder) as service:
        edited = edit(service.configuration, (C1, C1_BY_HAND))
        add(
            dataclasses.replace(service, configuration=edited),
            day.row(numero_lot="L9", numero_facture="9001", taux_ro="100"),
            now=LATER,
        )
        store = service.ledger.store
        assert store.value("SELECT count(*) FROM books") == 2
        store.run("UPDATE rejets SET state = 'clos', closed_at = opened_at")
        upkeep.purge(store, LATER + timedelta(days=20), "essai", 1, 1)
        kept = [row["text"] for row in store.rows("SELECT text FROM books")]
        assert kept == [edited.book_text]


# -- what the admin reads ----------------------------------------------------------------------------------------


def diff(folder, *arguments, code):
    done = mailbot("--config", folder, "--now", "2026-04-02", "rules", "diff", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.replace("\u00a0", " ")


def test_the_admin_sees_what_becomes_of_which_motif_and_what_was_announced(folder):
    assert diff(folder, code=0).splitlines() == ["0 décision sur 7 changerait"]
    edit_on_disk(folder, C1, C1_BY_HAND)
    shown = diff(folder, code=1)
    assert "2 décisions sur 7 changeraient, dont 1 déjà annoncée à un PS par courrier" in shown
    assert "2  100% RO (ps)  →  100% RO (gestionnaire)" in shown
    assert "règle C1 → C1" in shown
    examples = f"{day.PHARMACIE}/L1/1002, {day.SANS_MAIL}/L1/5"
    assert examples in shown
    for reference in examples.split(", "):
        assert mailbot("--config", folder, "explain", reference).returncode == 0
    assert "aucune décision" in diff(folder, "--since", "01/04/2026", code=0)


def test_another_comment_is_a_change_that_is_named(folder):
    edit_on_disk(folder, C1, C1 + "\n    commentaire: nouveau")
    assert "même motif, autre contenu : commentaire (2)" in diff(folder, code=1)


def test_the_tables_loaded_since_are_named_first(folder):
    reload(folder, "agica", PAID)
    first, *others = diff(folder, code=0).splitlines()
    assert first.startswith("Attention : tables chargées depuis")
    assert "agica (01/04/2026 10:00)" in first
    assert "cartes" not in first
    shown = "\n".join(others)
    assert "0 décision sur 7 changerait" in shown
    assert "1 décision différente pour une autre raison, sans lien avec l’édition" in shown
    assert f"{day.PHARMACIE}/L1/1001" not in shown
    assert f"{day.PHARMACIE}/L1/1001" in diff(folder, "--all", code=0)


def test_a_script_gets_one_object_a_decision_and_the_sums(folder):
    edit_on_disk(folder, C1, C1_BY_HAND)
    *changed, last = (json.loads(line) for line in diff(folder, "--json", code=1).splitlines())
    assert [(one["numero_facture"], one["cause"], one["annoncee"]) for one in changed] == [
        ("1002", "edition", True), ("5", "edition", False),
    ]  # fmt: skip
    assert [(one["avant"]["route"], one["apres"]["route"]) for one in changed] == [("ps", "gestionnaire")] * 2
    assert last["bilan"]["comparees"] == 7
    assert last["bilan"]["changeraient"] == 2


def test_a_faulty_book_shows_all_its_faults_and_decides_nothing(folder):
    edit_on_disk(folder, "si: [ro_100]", "si: [ro_1000]")
    edit_on_disk(folder, "motif: DESTINATAIRE_INCERTAIN", "motif: DESTINATAIRE_INCERTIN")
    done = mailbot("--config", folder, "rules", "diff")
    assert done.returncode == 2
    assert done.stdout == ""
    assert sum("regles.yaml:" in line for line in done.stderr.splitlines()) == 2


def test_a_wrong_day_and_a_missing_ledger_are_said_in_french(folder, tmp_path):
    assert "n’est pas une date" in mailbot("--config", folder, "rules", "diff", "--since", "hier").stderr
    assert mailbot("init", tmp_path / "neuf").returncode == 0
    done = mailbot("--config", tmp_path / "neuf", "rules", "diff")
    assert (done.returncode, "rien n’a été décidé" in done.stderr) == (2, True)


# -- the parts ---------------------------------------------------------------------------------------------------


def test_a_remembered_book_decides_as_the_book_itself():
    text = day.configured(folders.shipped()).book_text
    known = remembered.from_text(text)
    for seed in range(300):
        world = worlds.by_seed(seed)
        references = References.of(world.tables, world.en_cours)
        assert judge.decide(world.facture, references, known).decision == (
            judge.decide(world.facture, references, book()).decision
        )


def test_two_processes_find_what_one_finds(folder, monkeypatch):
    monkeypatch.setattr(pair, "_SLICE", 2)
    monkeypatch.setattr(pair, "_WORTH_IT", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    configuration = edit(day.configured(folder), (C1, C1_BY_HAND))
    path = configuration.settings.ledger.path
    with Past(path) as past:
        ids = past.since(None)
        whole = Again(past, configuration).slice(ids)
    parts = list(what_if._slices(ids, what_if._Work(path, configuration)))
    assert [part.compared for part in parts] == [2, 2, 2, 1]
    assert tuple(one for part in parts for one in part.differences) == whole.differences
