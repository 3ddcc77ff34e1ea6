"""What is told again, and to whom: reminders, daily reports, notices, the gestionnaires' digest."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, time, timedelta
from email.message import EmailMessage

import pytest

from mailbot.configuration.settings import Bordereau, Digest, Relance
from mailbot.errors import Never
from mailbot.letters.textes import Textes
from mailbot.model import LetterKind, LetterState, RejetState
from mailbot.passes import cut, deliver, digest, notices, phrase, rapports, run
from mailbot.passes.service import Service
from tests import day
from tests.test_cli import mailbot

PHARMACIE_MAIL = "contact@pharmacie-port.example.fr"
LATER = day.NOW + timedelta(days=16)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    a_round(place)
    day.confirm(place)
    return place


def a_round(folder, now=day.NOW):
    with day.service(folder, now) as service, day.edges(service) as edges:
        return run.once(service, edges)


def prepared(service: Service, kind: LetterKind, numero_ps: str = day.PHARMACIE):
    return [one for one in service.ledger.letters.listed() if one.kind is kind and one.numero_ps == numero_ps]


def read(service: Service, letter) -> tuple[str, str]:
    raw = service.ledger.letters.envelope(letter.id).raw
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return message["Subject"], " ".join(message.get_body(("plain",)).get_content().split())


# -- reminders ---------------------------------------------------------------------------------------------------


def test_after_fifteen_days_without_an_answer_one_letter_reminds_of_what_awaits_a_correction(folder):
    with day.service(folder, day.NOW + timedelta(days=14)) as service:
        assert cut.cut(service).reminders == 0
    with day.service(folder, LATER) as service:
        assert cut.cut(service).reminders == 1
        (letter,) = prepared(service, LetterKind.REMINDER)
        assert letter.recipient == PHARMACIE_MAIL
        subject, said = read(service, letter)
    assert subject == f"Rappel : 2 factures attendent votre réponse – PS {day.PHARMACIE}"
    assert "Facture n° 1003" in said and "Facture n° 1004" in said
    assert "bordereau du 2 mars 2026" in said
    assert "indiquez le n° de la facture" in said and "mailto:" in said
    assert "au plus tard le 18 février 2028" in said
    # 1002 is paid at 100 % by the mandatory scheme: no correction is expected. 77 is another PS's.
    assert "1002" not in said and "77" not in said


def test_a_reminder_goes_out_twice_and_no_more_and_never_twice_a_round(folder):
    counts = []
    for days in (16, 16, 17, 32, 33, 60, 90):
        with day.service(folder, day.NOW + timedelta(days=days)) as service:
            counts.append(cut.cut(service).reminders)
            for letter in prepared(service, LetterKind.REMINDER):
                last = read(service, letter)[1]
    assert counts == [1, 0, 0, 1, 0, 0, 0]
    assert "C’est notre dernier rappel pour ces factures." in last


@pytest.mark.parametrize("reason", ["answered", "absent", "suspended", "switched off", "not sent", "under review"])
def test_nobody_is_reminded_who_should_not_be(folder, reason):
    with day.service(folder, LATER) as service:
        ledger = service.ledger
        rejets = [one.rejet_id for one in ledger.lots.open_of(day.PHARMACIE)]
        mail = ledger.mails.parked()[0].id
        if reason == "answered":
            for rejet in rejets:
                ledger.lots.answer(rejet, mail)
        elif reason == "absent":
            ledger.addresses.away(LATER, day.PHARMACIE, PHARMACIE_MAIL, LATER.date(), mail)
        elif reason == "suspended":
            ledger.addresses.suspend(LATER, PHARMACIE_MAIL, "essai")
        elif reason == "switched off":
            service = day.with_settings(service, relance=Relance(max=0))
        elif reason == "not sent":
            ledger.store.run("UPDATE letters SET state = 'queued' WHERE kind = 'bordereau'")
        elif reason == "under review":
            ledger.review.suggest(mail, [(rejet, "essai") for rejet in rejets])
        assert cut.cut(service).reminders == 0


def test_what_can_no_more_be_corrected_is_not_asked_for(folder):
    with day.service(folder, datetime(2028, 2, 19, 8, 0, tzinfo=day.NOW.tzinfo)) as service:
        assert cut.cut(service).reminders == 0
    with day.service(folder, datetime(2028, 2, 18, 8, 0, tzinfo=day.NOW.tzinfo)) as service:
        assert cut.cut(service).reminders == 1


def test_an_absence_that_is_over_holds_nothing_back(folder):
    with day.service(folder, LATER) as service:
        mail = service.ledger.mails.parked()[0].id
        service.ledger.addresses.away(LATER, day.PHARMACIE, PHARMACIE_MAIL, LATER.date() - timedelta(days=1), mail)
        assert cut.cut(service).reminders == 1


def test_an_answer_to_a_reminder_finds_its_refusals(folder):
    a_round(folder, LATER)
    with day.service(folder, LATER) as service:
        (letter,) = prepared(service, LetterKind.REMINDER)
        assert letter.state is LetterState.SENT
        raw = service.ledger.letters.envelope(letter.id).raw
    received = email.message_from_bytes(raw, policy=email.policy.default)
    reply = EmailMessage()
    reply["From"] = PHARMACIE_MAIL
    reply["To"] = received["Reply-To"]
    reply["Subject"] = "Re: rappel"
    reply["In-Reply-To"] = received["Message-ID"]
    reply["Message-ID"] = "<rappel-1@example.fr>"
    reply.set_content("Bonjour,\nla facture 1003 est contestée : le tiers payant a bien été pratiqué.\n")
    day.put(folder, "9.rappel", reply.as_bytes())
    a_round(folder, LATER + timedelta(hours=1))
    with day.service(folder) as service:
        states = {one.nom_facture: one.rejet_state for one in service.ledger.lots.pending_of(day.PHARMACIE)}
    assert states["1003"] is RejetState.REPONDU
    assert states["1004"] is RejetState.OUVERT


def test_a_reminder_with_rows_of_another_ps_is_held(folder):
    with day.service(folder, LATER) as service, day.edges(service) as edges:
        cut.cut(service)
        (letter,) = prepared(service, LetterKind.REMINDER)
        other = service.ledger.lots.find("77")[0].rejet_id
        service.ledger.relances.note(LATER, letter.id, [other])
        assert deliver.deliver(service, edges.outbox).held == 1
        assert service.ledger.letters.state(letter.id) is LetterState.HELD


# -- daily reports -----------------------------------------------------------------------------------------------


def clean_lot(number: int) -> bytes:
    return day.lot_csv(day.row(numero_lot=f"P{number}", numero_facture=str(7000 + number)))


def test_a_lot_without_refusals_is_told_once_a_day_where_it_is_wanted(folder):
    counts, now = [], day.NOW + timedelta(days=1)
    for at in range(4):
        moment = now + timedelta(hours=8 * at)
        (folder / f"var/lots/propre-{at}.csv").write_bytes(clean_lot(at))
        with day.service(folder, moment) as plain, day.edges(plain) as edges:
            service = day.with_settings(plain, bordereau=Bordereau(report=True, pdf=False))
            run.once(service, edges)
            counts.append(len(prepared(service, LetterKind.REPORT)))
    assert counts == [1, 1, 2, 2]
    with day.service(folder) as service:
        first, second = (read(service, one) for one in prepared(service, LetterKind.REPORT))
    assert first[0] == f"Le point sur votre lot – PS {day.PHARMACIE}"
    assert "Lot P0" in first[1] and "sans rejet" in first[1]
    assert "Lot P1" in second[1] and "Lot P2" in second[1] and "Lot P0" not in second[1]
    assert "cinq jours après l’envoi du lot" in first[1]
    assert "n’envoyez pas leurs pièces papier" in first[1]


def test_reports_are_off_until_they_are_switched_on_and_a_bordereau_stands_for_one(folder):
    with day.service(folder) as service:
        assert rapports.prepare(service, day.NOW) == 0
        wanted = day.with_settings(service, bordereau=Bordereau(report=True))
        assert rapports.prepare(wanted, day.NOW) == 0


def test_a_report_names_neither_patients_nor_motifs(folder):
    (folder / "var/lots/mixte.csv").write_bytes(
        day.lot_csv(
            day.row(numero_lot="P9", numero_facture="7100"),
            day.row(numero_lot="P9", numero_facture="7101", type_document="illisible"),
        )
    )
    with day.service(folder, day.NOW + timedelta(days=1)) as plain, day.edges(plain) as edges:
        service = day.with_settings(plain, bordereau=Bordereau(report=True))
        run.once(service, edges)
        (letter,) = prepared(service, LetterKind.REPORT)
        _, said = read(service, letter)
    assert "en cours d’examen par un gestionnaire" in said
    assert "MARTELIN" not in said and "exploitable" not in said
    assert "Ne les renvoyez pas" in said or "Ne la renvoyez pas" in said


# -- the digest --------------------------------------------------------------------------------------------------


def test_the_gestionnaires_get_what_waits_once_a_day_from_its_hour_on(folder):
    early = datetime(2026, 3, 4, 6, 0, tzinfo=day.NOW.tzinfo)
    on = {"digest": Digest(send=True, at=time(7, 30))}
    counts = []
    for moment in (early, early + timedelta(hours=1), early + timedelta(hours=5), early + timedelta(days=1)):
        with day.service(folder, moment) as plain:
            service = day.with_settings(plain, **on)
            cut.cut(service)
            counts.append(len(prepared(service, LetterKind.DIGEST, "")))
    assert counts == [0, 1, 1, 1]
    with day.service(folder, early + timedelta(days=1)) as service, day.edges(service) as edges:
        (letter, *_) = prepared(service, LetterKind.DIGEST, "")
        deliver.deliver(service, edges.outbox)
        assert service.ledger.letters.state(letter.id) is LetterState.SENT
        subject, said = read(service, letter)
    assert letter.recipient == "service.fluxtiers@example.fr"
    assert subject.endswith("– 04/03/2026")
    assert "1 mail à revoir" in said and "mailbot review list" in said and "depuis 47 heures" in said


def test_the_digest_names_no_patient_and_nobody_else_gets_it(folder):
    with day.service(folder, LATER) as service, day.edges(service) as edges:
        on = day.with_settings(service, digest=Digest(send=True))
        assert digest.prepare(on)
        (letter,) = prepared(on, LetterKind.DIGEST, "")
        assert "MARTELIN" not in read(service, letter)[1]
        on.ledger.store.run("UPDATE letters SET recipient = ? WHERE id = ?", PHARMACIE_MAIL, letter.id)
        deliver.deliver(on, edges.outbox)
        assert on.ledger.letters.state(letter.id) is LetterState.HELD


# -- notices -----------------------------------------------------------------------------------------------------


def test_a_notice_is_counted_first_then_sent_once_to_each_contact(folder):
    (folder / "textes/horaires.txt").write_text("Objet : Nos horaires changent\nNous ouvrons à 9 h.\n", "utf-8")
    command = ("--config", folder, "--now", day.NOW.isoformat(), "outbox", "notice", "horaires", "--reason", "essai")
    counted = mailbot(*command)
    assert (counted.returncode, "partirait à 1 PS" in counted.stderr) == (0, True), counted.stderr
    with day.service(folder) as service:
        assert prepared(service, LetterKind.NOTICE) == []
    assert "1\u00a0courrier prêt" in mailbot(*command, "--send").stderr
    again = mailbot(*command, "--send", "--ps", day.PHARMACIE, "--ps", day.CABINET, "--ps", day.SANS_MAIL)
    assert again.returncode == 1
    assert f"PS {day.SANS_MAIL} : aucune adresse" in again.stderr
    with day.service(folder) as service, day.edges(service) as edges:
        deliver.deliver(service, edges.outbox)
        (letter,) = prepared(service, LetterKind.NOTICE)
        assert letter.state is LetterState.SENT and letter.recipient == PHARMACIE_MAIL
        assert len(prepared(service, LetterKind.NOTICE, day.CABINET)) == 1
        assert read(service, letter)[0] == f"Nos horaires changent – PS {day.PHARMACIE}"
    unknown = mailbot(*command[:6], "horaire", "--reason", "essai")
    assert unknown.returncode == 2 and "« horaires »" in unknown.stderr


def test_a_text_about_a_case_is_no_notice(folder):
    with day.service(folder) as service:
        house = service.configuration.house
        text = Textes.of({"cas": "Objet : Au sujet de {factures}\nVoyez {factures}.\n"}, {})
        object.__setattr__(house, "textes", text)
        found, without = notices.recipients(service, ())
        assert without == []
        with pytest.raises(Never, match="les factures"):
            notices.queue(service, "cas", found, "essai")
        assert prepared(service, LetterKind.NOTICE) == []


# -- preferences -------------------------------------------------------------------------------------------------


def test_a_contact_that_asks_for_it_gets_the_table(folder):
    command = ("--config", folder, "--now", day.NOW.isoformat(), "contacts", "prefer", day.PHARMACIE)
    assert mailbot(*command, "--reason", "essai").returncode == 2
    done = mailbot(*command, "--csv", "--reason", "demandé au téléphone")
    assert done.returncode == 0, done.stderr
    (folder / "var/lots/suite.csv").write_bytes(
        day.lot_csv(day.row(numero_facture="1077", numero_lot="L7", taux_ro="100"))
    )
    a_round(folder, day.NOW + timedelta(hours=1))
    with day.service(folder) as service:
        plain, tabled = (service.ledger.letters.envelope(one.id).raw for one in prepared(service, LetterKind.BORDEREAU))
    files = [part.get_filename() for part in email.message_from_bytes(tabled).walk() if part.get_filename()]
    assert [name.rpartition(".")[2] for name in files] == ["pdf", "csv"]
    assert b"text/csv" not in plain


def test_the_phrase_is_the_contact_s_own_and_another_after_it_is_renewed(folder):
    command = (
        "--config",
        folder,
        "--now",
        day.NOW.isoformat(),
        "contacts",
        "phrase",
        day.PHARMACIE,
        "--reason",
        "tél.",
    )
    first, again, renewed = mailbot(*command), mailbot(*command), mailbot(*command, "--renew")
    assert first.returncode == 0, first.stderr
    assert first.stdout == again.stdout != renewed.stdout
    assert len(first.stdout.strip()) == 19
    with day.service(folder) as service:
        assert phrase.of(service, day.PHARMACIE, PHARMACIE_MAIL.upper()) == renewed.stdout.strip()
        assert phrase.of(service, day.CABINET, PHARMACIE_MAIL) != renewed.stdout.strip()
        told = [row["what"] for row in service.ledger.store.rows("SELECT what FROM journal")]
        assert told.count("phrase shown") == 2 and told.count("phrase renewed") == 1
        journal = service.ledger.store.rows("SELECT details FROM journal")
        assert not [row for row in journal if first.stdout.strip() in row["details"]]


def test_three_months_name_the_motif_that_comes_back(folder):
    rows = [day.row(numero_lot="L9", numero_facture=str(9000 + n), destinataire="") for n in range(3)]
    (folder / "var/lots/encore.csv").write_bytes(day.lot_csv(*rows))
    a_round(folder, day.NOW + timedelta(days=1))
    with day.service(folder, day.NOW + timedelta(days=1)) as service:
        _, said = read(service, prepared(service, LetterKind.BORDEREAU)[-1])
        old = service.ledger.bilans.since(day.PHARMACIE, day.NOW + timedelta(days=2))
    assert "Votre motif le plus fréquent : Destinataire de paiement incertain, 4 factures." in said
    assert "Notre conseil." in said
    assert (old.factures, old.motif, old.times) == (0, "", 0)
