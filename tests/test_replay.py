"""`replay`: what today's program would make of yesterday's mail, and not a byte that changes."""

import dataclasses
import hashlib
import json
import shutil
import sqlite3
from datetime import timedelta

import pytest

from mailbot.errors import Later, Never
from mailbot.ledger import Ledger, export
from mailbot.ledger.rehearsal import Rehearsal
from mailbot.model import Kind, MailState
from mailbot.passes import replay, review, run, settle_mails
from mailbot.passes.replay import Replay
from tests import day
from tests.test_cli import mailbot
from tests.test_passes import CABINET_MAIL, PHARMACIE_MAIL, bordereau_to, corrected, reply_to

LATER = day.NOW + timedelta(days=20)


def a_round(folder, now=day.NOW):
    with day.service(folder, now) as service, day.edges(service) as edges:
        run.once(service, edges)


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """Registrations, chatter, a correction by a new lot and one in place, an answer, a stranger's, an absence."""
    folder = tmp_path_factory.mktemp("semaine") / "config"
    day.prepare(folder)
    a_round(folder)
    letter, other = bordereau_to(folder, PHARMACIE_MAIL), bordereau_to(folder, CABINET_MAIL)
    in_place = day.lot_csv(day.row(numero_facture="1003", destinataire="oc"))
    mails = {
        "3.corrigee": reply_to(
            letter, PHARMACIE_MAIL, "Ci-joint la facture 1002 corrigée.\n", corrected(numero_facture="1002")
        ),
        "4.version": reply_to(letter, PHARMACIE_MAIL, "Facture 1003 renvoyée corrigée, ci-joint.\n", in_place),
        "5.reponse": reply_to(other, CABINET_MAIL, "Facture 77 : la patiente a déclaré le Dr Untel.\n"),
        "6.inconnu": reply_to(letter, "voisin@example.org", "Facture 1004 : je conteste.\n"),
        "7.encore": day.registration(day.CABINET, CABINET_MAIL),
        "8.absence": reply_to(letter, PHARMACIE_MAIL, "Je suis absente.\n").replace(
            b"Subject:", b"Auto-Submitted: auto-replied\nSubject:", 1
        ),
    }
    for number, (name, raw) in enumerate(mails.items()):
        day.put(folder, name, raw)
        a_round(folder, day.NOW + timedelta(hours=number + 1))
    return folder


@pytest.fixture
def folder(week, tmp_path):
    place = tmp_path / "config"
    shutil.copytree(week, place)
    return place


def bytes_of(folder):
    """Every file below the ledger's folder, by its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "var").rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


@pytest.fixture
def stage(folder):
    with day.service(folder, LATER) as service, Rehearsal(folder / "var/registre.sqlite") as opened:
        yield Replay(opened, dataclasses.replace(service, ledger=opened))


def test_a_week_replayed_with_the_same_program_and_configuration_comes_out_the_same(stage):
    """Also corrections that closed their refusal, and answers to refusals that are no longer open."""
    every = [stage.mail(one) for one in stage.mails(None)]
    assert len(every) == 8
    assert [(one.mail_id, one.before, one.after) for one in every if one.differs] == []
    closed = {name: corrected for one in every for name, corrected in one.after.refusals}
    assert closed[f"{day.PHARMACIE}/L1/1002"] is True
    assert any(one.after.registered for one in every)


def test_nothing_is_written_whatever_is_replayed(folder):
    Ledger(folder / "var/registre.sqlite").close()
    before = bytes_of(folder)
    for arguments in (["--tous"], ["--tous", "--json"], *([f"mail-{n}"] for n in range(1, 9)), ["fichier-1"]):
        done = mailbot("--config", folder, "replay", *arguments)
        assert done.returncode == 0, done.stderr
        assert bytes_of(folder) == before


def test_the_stage_cannot_commit_even_when_it_is_told_to(folder):
    with Ledger(folder / "var/registre.sqlite") as ledger, Rehearsal(folder / "var/registre.sqlite") as stage:
        rows, changes = list(export.rows(ledger.store)), ledger.store.connection.total_changes
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"), stage.attempt():
            stage.store.run("DELETE FROM refus")
            stage.store.run("UPDATE mails SET kind = 'other'")
            assert stage.store.connection.total_changes > 0
            stage.store.connection.execute("COMMIT")
        with pytest.raises(RuntimeError, match="au milieu"), stage.attempt():
            stage.store.run("UPDATE mails SET kind = 'other'")
            raise RuntimeError("au milieu")
        assert list(export.rows(ledger.store)) == rows
        assert list(export.rows(stage.store)) == rows
        assert ledger.store.connection.total_changes == changes


def test_the_service_can_write_before_and_after_an_attempt_and_waits_during_one(folder):
    path = folder / "var/registre.sqlite"
    with Ledger(path) as ledger, Rehearsal(path) as stage:
        ledger.store.connection.execute("PRAGMA busy_timeout = 1")
        ledger.note("essai", "1")
        with stage.attempt():
            assert stage.noted("essai") == "1"
            with pytest.raises(Later):
                ledger.note("essai", "2")
        ledger.note("essai", "3")


def test_another_way_of_reading_is_told_by_what_changes(stage, monkeypatch):
    """An upgrade that takes replies for something else: the old outcome and the new one, counted."""
    plain = settle_mails.read

    def otherwise(reader, raw, now, us):
        message = plain(reader, raw, now, us)
        return dataclasses.replace(message, kind=Kind.OTHER) if b"Facture 77" in raw else message

    monkeypatch.setattr(settle_mails, "read", otherwise)
    replayed = [stage.mail(one) for one in stage.mails(None)]
    (different,) = [one for one in replayed if one.differs]
    assert (different.before.kind, different.before.parked) == ("reply", False)
    assert (different.after.kind, different.after.parked) == ("other", True)
    assert different.before.refusals == ((f"{day.CABINET}/L1/77", False),)
    assert different.after.refusals == ()
    (line,) = replay.lines(replayed, None)
    assert (line.count, line.examples) == (1, [different.mail_id])


def test_what_an_agent_did_since_is_no_difference(folder):
    with day.service(folder, LATER) as service:
        review.attach(service, 6, ["L1/1004"], despite_sender=True, reason="c’est leur secrétariat")
        review.handled(service, 2, "répondu au téléphone")
    done = mailbot("--config", folder, "replay", "--tous")
    assert done.returncode == 0, done.stdout
    assert "un agent s’en est occupé depuis" in mailbot("--config", folder, "replay", "mail-6").stdout


def test_a_parked_mail_meets_the_ledger_as_it_is_now(folder):
    """Its sender has become the contact since: sent back, it would be settled."""
    with day.service(folder, LATER) as service:
        contact = service.ledger.contacts.request(LATER, day.PHARMACIE, "voisin@example.org", [], None)
        service.ledger.contacts.activate(contact, LATER)
    told = mailbot("--config", folder, "replay", "6")
    assert told.returncode == 1
    assert f"+ refus : {day.PHARMACIE}/L1/1004, répondu" in told.stdout
    with day.service(folder, LATER) as service:
        assert service.ledger.mails.get(6).state is MailState.PARKED


def test_a_lot_file_is_read_and_decided_again(folder):
    """What another table decides otherwise today is told; an invoice that a later file changed is not this one's."""
    assert "rien ne change : 6\u00a0factures décidées" in mailbot("--config", folder, "replay", "fichier-1").stdout
    with day.service(folder) as service, service.ledger.transaction():
        service.ledger.store.run("UPDATE ref_cartes SET date_fin = '2026-01-31'")
    told = json.loads(mailbot("--config", folder, "replay", "fichier-1", "--json").stdout)
    name = f"{day.PHARMACIE}/L1/1001"
    assert told["differs"] is True
    assert told["before"]["decisions"][name] == "acceptee"
    assert told["after"]["decisions"][name].startswith("refusee")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mail-99"], "aucun mail 99"),
        (["fichier-99"], "aucun fichier de lots 99"),
        (["dossier-1"], "n’est ni un mail (mail-12) ni un fichier"),
        ([], "indiquez mail-N"),
        (["mail-1", "--tous"], "indiquez mail-N"),
        (["--tous", "--depuis", "hier"], "n’est pas une date"),
    ],
)
def test_a_wrong_reference_ends_with_two_and_a_remedy(folder, arguments, said):
    done = mailbot("--config", folder, "replay", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_only_what_came_since_a_day_is_replayed(folder):
    told = json.loads(mailbot("--config", folder, "replay", "--tous", "--depuis", "2026-03-03", "--json").stdout)
    assert told == {"bilan": {"mails": 0, "differents": 0}}


def test_without_a_ledger_there_is_nothing_to_replay(tmp_path):
    with pytest.raises(Never, match="rien n’a été reçu"):
        Rehearsal(tmp_path / "registre.sqlite")
    assert list(tmp_path.iterdir()) == []
