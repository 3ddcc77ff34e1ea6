"""A working day as its users live it: lots, bordereaux, registrations, replies, bounces, and what goes wrong."""

import email
import email.policy
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailbot.errors import InDoubt, Later, Never
from mailbot.ledger import Ledger, export
from mailbot.model import LetterKind, LetterState, MailState, Sent
from mailbot.passes import cut, deliver, receive, run, settle
from tests import day

PHARMACIE_MAIL = "contact@pharmacie-port.example.fr"
CABINET_MAIL = "accueil@tilleuls.example.org"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    return place


def a_round(folder, now=day.NOW):
    with day.service(folder, now) as service, day.edges(service) as edges:
        return run.once(service, edges)


def rows(folder, table):
    with day.service(folder) as service:
        return [row for row in export.rows(service.ledger.store) if row["table"] == table]


def letters_to(folder, address):
    found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in day.delivered(folder)]
    return [letter for letter in found if letter["Delivered-To"] == address]


def bordereau_to(folder, address):
    return next(letter for letter in letters_to(folder, address) if "refusée" in letter["Subject"])


def reply_to(letter, sender, text, attachment=b"", name="lot-corrige.csv"):
    reply = EmailMessage()
    reply["From"] = sender
    reply["To"] = letter["Reply-To"]
    reply["Subject"] = f"Re: {letter['Subject']}"
    reply["In-Reply-To"] = letter["Message-ID"]
    reply["References"] = letter["Message-ID"]
    reply["Message-ID"] = f"<{abs(hash((sender, text, attachment)))}@example.fr>"
    reply.set_content(text)
    if attachment:
        reply.add_attachment(attachment, maintype="text", subtype="csv", filename=name)
    return reply.as_bytes()


def state_of(folder, numero):
    return {row["numero_facture"]: row["state"] for row in rows(folder, "rejets")}[numero]


def corrected(**values):
    """The pharmacy's invoice 1002, corrected: a new lot, a new number."""
    new = {"numero_lot": "L2", "numero_facture": "2002", "date_reception": "02/03/2026"}
    return day.lot_csv(day.row(**{**new, **values}))


# -- lots and bordereaux -----------------------------------------------------------------------------------------


def test_each_ps_gets_one_mail_about_its_own_invoices_and_a_copy_goes_to_the_service(folder):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    assert letter["Subject"].endswith(day.PHARMACIE)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Cc"] is None
    text = letter.get_body(("plain",)).get_content()
    assert all(number in text for number in ("1002", "1003", "1004"))
    assert "n° 77" not in text
    assert day.nir(1)[:13] not in bytes(letter).decode("latin-1")
    copies = letters_to(folder, "service.fluxtiers@example.fr")
    assert {copy["Message-ID"] for copy in copies} >= {letter["Message-ID"]}


def test_more_refusals_than_a_bordereau_holds_are_numbered(folder):
    many = [day.row(numero_lot="L9", numero_facture=str(9000 + n), taux_ro="100") for n in range(23)]
    (folder / "var/lots/beaucoup.csv").write_bytes(day.lot_csv(*many))
    a_round(folder)
    subjects = [letter["Subject"] for letter in letters_to(folder, PHARMACIE_MAIL) if "refus" in letter["Subject"]]
    assert sorted(subject.partition("(")[2][:3] for subject in subjects) == ["1/3", "2/3", "3/3"]
    assert {subject.partition(" de vos ")[2].partition(" (")[0] for subject in subjects} == {"26 refus"}


def test_nothing_is_told_twice(folder):
    a_round(folder)
    before = day.delivered(folder)
    a_round(folder)
    (folder / "var/lots/encore.csv").write_bytes(day.THE_LOT)
    a_round(folder)
    assert day.delivered(folder) == before


def test_a_lot_that_comes_again_changed_decides_only_what_changed(folder):
    a_round(folder)
    other = day.lot_csv(day.row(), day.row(numero_facture="1002", taux_ro="65", parcours_soins="non"))
    (folder / "var/lots/version2.csv").write_bytes(other)
    a_round(folder, day.NOW + timedelta(hours=1))
    with day.service(folder) as service:
        versions = {one.nom_facture: one.version for one in service.ledger.lots.find("1002")}
        assert versions == {"1002": 2}
        assert service.ledger.lots.find("1001")[0].version == 1
        states = [row["state"] for row in rows(folder, "rejets") if row["numero_facture"] == "1002"]
    assert states == ["clos", "ouvert"]


def test_a_broken_row_refuses_its_invoice_and_the_rest_goes_on(folder):
    bad = day.row(numero_lot="L8", numero_facture="8001", date_soins="31/02/2026")
    good = day.row(numero_lot="L8", numero_facture="8002", taux_ro="100")
    (folder / "var/lots/abime.csv").write_bytes(day.lot_csv(bad, good))
    a_round(folder)
    with day.service(folder) as service:
        (refus,) = service.ledger.lot_files.refus()
        assert (refus.fichier, refus.ligne, refus.colonne) == ("abime.csv", 2, "date_soins")
        assert service.ledger.lots.find("8001") == []
        assert service.ledger.lots.find("8002")[0].decision.motif == "100_RO"


def test_a_file_that_is_no_lot_waits_for_a_human(folder):
    (folder / "var/lots/liste.csv").write_bytes(b"nom;ville\nBonjour;Paris\n")
    assert a_round(folder).attention >= 1
    with day.service(folder) as service:
        (parked,) = service.ledger.lot_files.parked()
        assert parked.name == "liste.csv"
        assert "numero_lot" in parked.reason


def test_an_accepted_invoice_sent_again_in_another_lot_is_seen_as_in_progress(folder):
    again = day.row(numero_lot="L7", date_reception="02/03/2026")
    a_round(folder)
    (folder / "var/lots/encore.csv").write_bytes(day.lot_csv(again))
    a_round(folder)
    with day.service(folder) as service:
        decision = service.ledger.lots.find("L7/1001")[0].decision
        assert (decision.regle, decision.commentaire) == ("B3b", "facture en cours")


def test_every_refusal_stands_in_the_trame_of_the_day(folder):
    import openpyxl

    a_round(folder)
    sheet = openpyxl.load_workbook(folder / "var/trame/trame-2026-03-02.xlsx")["Motifs externalisés"]
    header = [cell.value for cell in sheet[1]]
    numbers = {row[header.index("numéro de la facture")].value for row in sheet.iter_rows(min_row=2)}
    assert numbers == {"1002", "1003", "1004", "1005", "77", "5"}


def test_the_trame_of_the_day_follows_what_happens_after_it_was_written(folder):
    import openpyxl

    def numbers():
        sheet = openpyxl.load_workbook(folder / "var/trame/trame-2026-03-02.xlsx")["Motifs externalisés"]
        at = [cell.value for cell in sheet[1]].index("numéro de la facture")
        return {row[at].value for row in sheet.iter_rows(min_row=2)}

    a_round(folder)
    assert "1002" in numbers()
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    text = "La facture 1002 corrigée est jointe.\n"
    day.put(folder, "5.reponse", reply_to(letter, PHARMACIE_MAIL, text, corrected(numero_facture="1002")))
    a_round(folder, day.NOW + timedelta(hours=3))
    assert "1002" not in numbers()


# -- registrations -----------------------------------------------------------------------------------------------


def test_the_known_address_of_a_ps_answers_its_token_and_is_registered(folder):
    a_round(folder)
    (asked,) = [letter for letter in letters_to(folder, PHARMACIE_MAIL) if "Confirmez" in letter["Subject"]]
    day.put(folder, "5.oui", reply_to(asked, PHARMACIE_MAIL, "Oui.\n"))
    a_round(folder, day.NOW + timedelta(hours=1))
    assert [(row["numero_ps"], row["mail"], row["state"]) for row in rows(folder, "contacts")] == [
        (day.PHARMACIE, PHARMACIE_MAIL, "active")
    ]
    assert any("enregistrée" in letter["Subject"] for letter in letters_to(folder, PHARMACIE_MAIL))


def test_a_strangers_registration_waits_for_an_agent_and_nobody_is_written_to(folder):
    day.put(folder, "3.inconnu", day.registration(day.CABINET, "quelquun@example.org"))
    a_round(folder)
    states = {(row["numero_ps"], row["mail"]): row["state"] for row in rows(folder, "contacts")}
    assert states[day.CABINET, "quelquun@example.org"] == "demandee"
    assert letters_to(folder, "quelquun@example.org") == []
    assert bordereau_to(folder, CABINET_MAIL)


def test_an_automatic_mail_registers_nobody_and_is_never_answered(folder):
    raw = day.registration(day.CABINET, CABINET_MAIL).replace(b"To:", b"Auto-Submitted: auto-replied\nTo:", 1)
    day.put(folder, "3.auto", raw)
    a_round(folder)
    assert [row["numero_ps"] for row in rows(folder, "contacts")] == [day.PHARMACIE]


# -- replies -----------------------------------------------------------------------------------------------------


def test_a_reply_with_the_corrected_lot_closes_its_refusal(folder):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    text = "Bonjour,\nvoici la facture 1002 corrigée.\n"
    day.put(folder, "5.reponse", reply_to(letter, PHARMACIE_MAIL, text, corrected(numero_facture="1002")))
    a_round(folder, day.NOW + timedelta(hours=3))
    assert state_of(folder, "1002") == "clos"
    assert state_of(folder, "1003") == "ouvert"
    states = {(row["numero_lot"], row["numero_facture"]): row["state"] for row in rows(folder, "factures")}
    assert states["L1", "1002"] == "corrigee"
    assert states["L2", "1002"] in ("a_saisir", "acceptee")


def test_a_reply_in_words_answers_the_invoices_it_names(folder):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    day.put(folder, "5.reponse", reply_to(letter, PHARMACIE_MAIL, "Pour la facture n° 1003 : tiers payant pratiqué.\n"))
    a_round(folder)
    assert [state_of(folder, number) for number in ("1002", "1003", "1004")] == ["ouvert", "repondu", "ouvert"]


def test_a_lot_that_fits_several_refusals_waits_for_a_human_and_is_not_taken(folder):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    day.put(folder, "5.reponse", reply_to(letter, PHARMACIE_MAIL, "Voir lot joint.\n", corrected()))
    a_round(folder)
    assert {state_of(folder, number) for number in ("1002", "1003", "1004")} == {"ouvert"}
    assert all(row["numero_lot"] == "L1" for row in rows(folder, "factures"))
    with day.service(folder) as service:
        assert any("certitude" in mail.reason for mail in service.ledger.mails.parked())


@pytest.mark.parametrize("sender", ["voisin@example.org", CABINET_MAIL])
def test_our_reference_in_a_strangers_hands_changes_nothing(folder, sender):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    day.put(folder, "5.vol", reply_to(letter, sender, "Voici la facture 1002.\n", corrected(numero_facture="1002")))
    before = day.delivered(folder)
    a_round(folder)
    assert {row["state"] for row in rows(folder, "rejets")} == {"ouvert"}
    assert day.delivered(folder) == before


def test_a_corrected_lot_of_another_ps_is_not_taken(folder):
    a_round(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    lot = corrected(numero_facture="1002", numero_ps=day.CABINET)
    day.put(folder, "5.autre", reply_to(letter, PHARMACIE_MAIL, "Voici.\n", lot))
    a_round(folder)
    assert state_of(folder, "1002") == "ouvert"


# -- bounces -----------------------------------------------------------------------------------------------------

DSN = """\
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <retour-1@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
"""


@pytest.mark.parametrize(("status", "after"), [("5.1.1", "bounced"), ("4.2.2", "sent")])
def test_a_letter_that_comes_back_is_known_and_causes_no_letter(folder, status, after):
    a_round(folder)
    letter = bordereau_to(folder, CABINET_MAIL)
    notice = DSN.format(
        to=letter["Return-Path"].strip("<>"), recipient=CABINET_MAIL, status=status, message_id=letter["Message-ID"]
    )
    before = day.delivered(folder)
    day.put(folder, "6.retour", notice.encode())
    a_round(folder)
    states = {(row["to"], row["kind"]): row["state"] for row in rows(folder, "letters")}
    assert states[CABINET_MAIL, "bordereau"] == after
    assert states["service.fluxtiers@example.fr", "copy"] == "sent"
    assert day.delivered(folder) == before


# -- what goes wrong ---------------------------------------------------------------------------------------------


class Server:
    """An outbox that answers as it is told, and remembers what it took."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.taken = []

    def send(self, envelope, before_data):
        answer = self.answers.pop(0) if self.answers else Sent(250, "pris")
        if isinstance(answer, Exception) and not isinstance(answer, InDoubt):
            raise answer
        before_data()
        if isinstance(answer, InDoubt):
            raise answer
        self.taken.append(envelope.to)
        return answer

    def delivered(self, envelope):
        return None

    def check(self):
        pass

    def close(self):
        pass


@pytest.fixture
def cut_service(folder):
    with day.service(folder) as service, day.edges(service) as edges:
        receive.receive(service, edges.inboxes, edges.drop)
        settle.settle(service)
        cut.cut(service)
        yield service


def test_a_server_that_is_away_ends_the_pass_and_loses_nothing(cut_service):
    report = deliver.deliver(cut_service, Server(Later("le serveur ne répond pas")))
    assert report.away
    states = {letter.state for letter in cut_service.ledger.letters.listed()}
    assert states == {LetterState.QUEUED}


def test_one_letter_refused_for_ever_does_not_hold_the_others(cut_service):
    report = deliver.deliver(cut_service, Server(Never("adresse inconnue", 550)))
    assert (report.dead, report.sent) == (1, 4)


def test_a_letter_in_doubt_is_kept_apart_until_an_agent_decides(cut_service):
    report = deliver.deliver(cut_service, Server(InDoubt("réponse perdue")))
    assert (report.in_doubt, report.sent) == (1, 4)
    assert deliver.deliver(cut_service, Server()).sent == 0
    (doubtful,) = cut_service.ledger.letters.listed(LetterState.UNKNOWN)
    cut_service.ledger.letters.retry(doubtful.id, day.NOW)
    assert deliver.deliver(cut_service, Server()).sent == 1


def test_a_temporary_refusal_comes_again_later_and_ends_after_the_last_try(cut_service):
    first = cut_service.ledger.letters.due(day.NOW, 1)[0]
    last = cut_service.configuration.settings.limits.max_tries
    for _ in range(last - 1):
        attempt = cut_service.ledger.letters.begin(first, day.NOW)
        cut_service.ledger.letters.later(first, attempt, day.NOW, 452, "boîte pleine", timedelta())
    report = deliver.deliver(cut_service, Server(Later("boîte pleine", 452), Later("boîte pleine", 452)))
    assert (report.dead, report.later, report.sent) == (1, 1, 3)


def test_a_letter_never_goes_to_an_address_that_is_no_longer_the_contact(cut_service):
    ledger = cut_service.ledger
    bordereau = next(
        one for one in ledger.letters.listed() if one.kind is LetterKind.BORDEREAU and one.recipient == CABINET_MAIL
    )
    contact = ledger.contacts.request(day.NOW, day.CABINET, "nouvelle@tilleuls.example.org", [], None)
    ledger.contacts.activate(contact, day.NOW)
    server = Server()
    assert deliver.deliver(cut_service, server).held == 1
    assert CABINET_MAIL not in server.taken
    assert ledger.letters.get(bordereau.id).state is LetterState.HELD


def test_an_agents_hold_or_cancel_counts_at_once_in_a_pass_that_runs(cut_service):
    letters = cut_service.ledger.letters
    _first, second, *_rest = letters.due(day.NOW, 10)

    class Meanwhile(Server):
        def send(self, envelope, before_data):
            with Ledger(cut_service.ledger.store.path) as agents:
                if not self.taken:
                    agents.letters.cancel(second)
                if len(self.taken) == 1:
                    # The letter that is on its way stands before its final dot: it does not go either.
                    agents.holds.hold_all("décision d’un agent")
            return super().send(envelope, before_data)

    server = Meanwhile()
    assert deliver.deliver(cut_service, server).sent == 1
    assert Counter(letter.state for letter in letters.listed()) == {"sent": 1, "dead": 1, "queued": 3}


def test_machines_that_answer_each_other_come_to_an_end(folder):
    with day.service(folder) as service:
        limit = service.configuration.settings.limits.bordereaux_per_day
    for number in range(limit + 3):
        lot = day.lot_csv(day.row(numero_lot=f"M{number}", numero_facture=str(7000 + number), taux_ro="100"))
        (folder / f"var/lots/m{number}.csv").write_bytes(lot)
        a_round(folder, day.NOW + timedelta(minutes=number))
    told = [letter for letter in letters_to(folder, PHARMACIE_MAIL) if "refusée" in letter["Subject"]]
    assert len(told) == limit
    a_round(folder, day.NOW + timedelta(days=2))
    told = [letter for letter in letters_to(folder, PHARMACIE_MAIL) if "refusée" in letter["Subject"]]
    assert len(told) == limit + 1, "what waited is told the next day, together"


def test_files_of_strangers_are_not_read(folder, monkeypatch):
    a_round(folder)
    reply = reply_to(bordereau_to(folder, PHARMACIE_MAIL), "voisin@example.org", "Voir la facture 1002.\n")
    message = email.message_from_bytes(reply, policy=email.policy.default)
    for header in ("In-Reply-To", "References", "To"):
        del message[header]
    message["To"] = "service.fluxtiers@example.fr"
    message.add_attachment(corrected(), maintype="text", subtype="csv", filename="DUPONT Paule.csv")
    day.put(folder, "7.inconnu", message.as_bytes())

    def read(*_arguments):
        raise AssertionError("a stranger’s file was read")

    monkeypatch.setattr("mailbot.passes.settle_lots.read", read)
    a_round(folder)
    with day.service(folder) as service:
        told = " ".join(f"{mail.reason} {mail.evidence}" for mail in service.ledger.mails.parked())
    assert "DUPONT" not in told


def test_a_stop_while_sending_over_smtp_leaves_the_letter_in_doubt_only_after_its_bytes_went(cut_service):
    letters = cut_service.ledger.letters
    before, after, *_ = letters.due(day.NOW, 10)
    letters.begin(before, day.NOW)
    letters.before_data(letters.begin(after, day.NOW))
    report = deliver.deliver(cut_service, Server())
    assert letters.get(after).state is LetterState.UNKNOWN
    assert letters.get(before).state is LetterState.SENT
    assert report.sent == 4


def test_a_mail_without_headers_is_parked_and_those_behind_it_go_on(folder):
    day.put(folder, "0.vide", b"")
    day.put(folder, "0.bruit", b"\x00\xff\xfe pas un mail\r\n")
    a_round(folder)
    assert [row["state"] for row in rows(folder, "contacts")] == ["demandee"]
    with day.service(folder) as service:
        assert len(service.ledger.mails.parked()) == 3


def test_a_mail_that_breaks_its_reader_is_parked_after_three_tries(folder, monkeypatch):
    with day.service(folder) as service, day.edges(service) as edges:
        receive.receive(service, edges.inboxes, edges.drop)
        for _ in range(3):
            service.ledger.mails.tried(1)
        settle.settle(service)
        assert service.ledger.mails.get(1).state is MailState.PARKED
        assert "3 fois" in service.ledger.mails.get(1).reason


def test_a_mail_too_large_is_put_aside_and_counted(folder):
    text = (folder / "mailbot.yaml").read_text(encoding="utf-8")
    (folder / "mailbot.yaml").write_text(text.replace("max_message_bytes: 25000000", "max_message_bytes: 200"), "utf-8")
    a_round(folder)
    with day.service(folder) as service:
        balance = export.balance(service.ledger.store)
    assert balance["refused_by_size"] == 2
    assert balance["seen"] == 2
    assert len(list((folder / "var/courrier-entrant/.A-revoir/cur").iterdir())) == 2


def test_a_closed_lot_drop_does_not_keep_mails_from_being_read(folder):
    drop = folder / "var/lots"
    for path in sorted(drop.iterdir()):
        path.unlink()
    drop.rmdir()
    drop.write_text("ce n’est pas un dossier")
    round_ = a_round(folder)
    assert round_.away
    assert [row["state"] for row in rows(folder, "contacts")] == ["demandee"]


def test_letters_wait_for_the_hour_of_sending(folder):
    path = folder / "mailbot.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("# send_at: 07:30", "send_at: 10:30"), "utf-8")
    a_round(folder)  # 09:00 in Paris
    assert [letter["Subject"] for letter in letters_to(folder, CABINET_MAIL)] == []
    a_round(folder, day.NOW + timedelta(hours=2))
    assert bordereau_to(folder, CABINET_MAIL)
