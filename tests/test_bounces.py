"""Letters that come back: noted, then the address is suspended and the next route taken; never a letter in answer."""

import pathlib
import tempfile
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mailbot.cli.main import main
from mailbot.ledger import FAILURES
from mailbot.model import Draft, LetterKind, LetterState, Position, Sent
from mailbot.passes import run, settle
from tests import day
from tests.test_passes import CABINET_MAIL, DSN, PHARMACIE_MAIL, bordereau_to, letters_to, rows

NOW = day.NOW


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    return place


def a_round(folder, days=0):
    with day.service(folder, NOW + timedelta(days=days)) as service, day.edges(service) as edges:
        return run.once(service, edges)


def another_refusal(folder, number, numero_ps=day.CABINET):
    lot = day.lot_csv(day.row(numero_ps=numero_ps, numero_facture=str(number), numero_lot=f"L{number}", taux_ro="100"))
    (folder / "var/lots" / f"lot-{number}.csv").write_bytes(lot)


def comes_back(folder, letter, name, status="5.1.1", recipient=None):
    address = recipient or letter["Delivered-To"]
    notice = DSN.format(
        to=letter["Return-Path"].strip("<>"), recipient=address, status=status, message_id=letter["Message-ID"]
    )
    day.put(folder, name, notice.replace("<retour-1@", f"<{name}@").encode())


def two_bordereaux(folder, address=CABINET_MAIL, numero_ps=day.CABINET):
    a_round(folder)
    another_refusal(folder, 801, numero_ps)
    a_round(folder, days=1)
    found = [letter for letter in letters_to(folder, address) if "refusée" in letter["Subject"]]
    assert len(found) == 2
    return found


def parked(folder):
    return [row for row in rows(folder, "mails") if row["state"] == "parked" and row["kind"] == "bounce"]


def cli(folder, *words):
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(folder), "--now", (NOW + timedelta(days=3)).isoformat(), *words])
    return ended.value.code


def test_two_letters_that_come_back_for_good_suspend_the_address_and_the_trame_takes_over(folder):
    first, second = two_bordereaux(folder)
    comes_back(folder, first, "retour-a")
    a_round(folder, days=1)
    assert not parked(folder)
    comes_back(folder, second, "retour-b")
    before = day.delivered(folder)
    a_round(folder, days=2)
    assert [row["reason"] for row in parked(folder)] == [
        "Adresse suspendue : deux courriers sont revenus définitivement. « mailbot contacts resume » la rétablit."
    ]
    another_refusal(folder, 802)
    a_round(folder, days=2)
    assert day.delivered(folder) == before
    assert not [row for row in rows(folder, "letters") if row["state"] == "queued"]
    told = {row["numero_facture"]: row["letter"] for row in rows(folder, "rejets")}
    assert told["802"] is None


def test_a_suspended_registration_gives_way_to_the_address_of_agaps_and_comes_back(folder):
    registered = "cabinet.nouveau@example.fr"
    with day.service(folder) as service, service.ledger.transaction():
        contacts = service.ledger.contacts
        contacts.activate(contacts.request(NOW, day.CABINET, registered, (), None), NOW)
    for number, letter in enumerate(two_bordereaux(folder, registered)):
        comes_back(folder, letter, f"retour-{number}")
    a_round(folder, days=2)
    another_refusal(folder, 802)
    a_round(folder, days=2)
    assert bordereau_to(folder, CABINET_MAIL)
    assert [row["state"] for row in rows(folder, "contacts") if row["mail"] == registered] == ["rebond"]
    with day.service(folder) as service, service.ledger.transaction():
        assert service.ledger.addresses.lift(NOW + timedelta(days=3), registered.upper())
    another_refusal(folder, 803)
    a_round(folder, days=4)
    assert len([one for one in letters_to(folder, registered) if "refusée" in one["Subject"]]) == 3


def test_the_same_letter_that_comes_back_twice_and_full_boxes_suspend_nobody(folder):
    first, second = two_bordereaux(folder)
    comes_back(folder, first, "retour-a")
    comes_back(folder, first, "retour-b")
    comes_back(folder, second, "retour-c", status="4.2.2")
    a_round(folder, days=2)
    with day.service(folder) as service:
        assert not service.ledger.addresses.suspended()
        assert [one.permanent for one in service.ledger.addresses.failures_of(day.CABINET)] == [True, True, False]


def test_nobody_can_suspend_an_address_without_its_letters(folder):
    letters = two_bordereaux(folder)
    for number, letter in enumerate(letters):
        comes_back(folder, letter, f"retour-{number}", recipient=PHARMACIE_MAIL)
        del letter["Return-Path"], letter["Message-ID"]
        letter["Return-Path"], letter["Message-ID"] = "<service.fluxtiers@example.fr>", f"<mb-{'a' * 26}@example.fr>"
        comes_back(folder, letter, f"invente-{number}")
    a_round(folder, days=2)
    with day.service(folder) as service:
        assert not service.ledger.addresses.suspended()
    assert len(parked(folder)) == 4


def test_our_own_address_is_never_suspended(folder):
    for number, letter in enumerate(two_bordereaux(folder)):
        comes_back(folder, letter, f"copie-{number}", recipient="service.fluxtiers@example.fr")
    a_round(folder, days=2)
    with day.service(folder) as service:
        assert not service.ledger.addresses.suspended()


def test_out_of_office_is_remembered_until_its_day(folder):
    a_round(folder)
    letter = bordereau_to(folder, CABINET_MAIL)
    notice = (
        f"From: {CABINET_MAIL}\nTo: {letter['Reply-To']}\nSubject: Absence\nAuto-Submitted: auto-replied\n"
        f"Message-ID: <absent@example.org>\nIn-Reply-To: {letter['Message-ID']}\nContent-Type: text/plain; "
        "charset=utf-8\n\nJe suis absente jusqu’au 24/08/2026.\n"
    )
    day.put(folder, "7.absent", notice.encode())
    before = day.delivered(folder)
    a_round(folder)
    assert day.delivered(folder) == before
    with day.service(folder) as service:
        addresses = service.ledger.addresses
        august = NOW.date().replace(month=8, day=24)
        assert addresses.absence(day.CABINET, NOW.date()) == august
        assert addresses.absence(day.CABINET, august + timedelta(days=1)) is None
        assert addresses.absent(NOW.date()) == 1


def test_an_agent_sees_a_suspended_address_and_lifts_it(folder, capsys):
    for number, letter in enumerate(two_bordereaux(folder)):
        comes_back(folder, letter, f"retour-{number}")
    a_round(folder, days=2)
    cli(folder, "status")
    assert "1\u00a0adresse suspendue" in capsys.readouterr().out
    assert cli(folder, "contacts", "show", day.CABINET) == 0
    shown = capsys.readouterr().out
    assert f"{CABINET_MAIL}  suspendue" in shown
    assert shown.count("(définitif, statut 5.1.1)") == 2
    assert cli(folder, "contacts", "resume", CABINET_MAIL, "--reason", "le cabinet a vidé sa boîte") == 0
    assert cli(folder, "contacts", "resume", CABINET_MAIL, "--reason", "encore") != 0
    another_refusal(folder, 802)
    a_round(folder, days=4)
    assert len([one for one in letters_to(folder, CABINET_MAIL) if "refusée" in one["Subject"]]) == 3
    assert [row["what"] for row in rows(folder, "journal") if row["what"].startswith("address ")] == [
        "address suspended",
        "address resumed",
    ]


class Bouncing(RuleBasedStateMachine):
    """Letters to one address of AGAPS, notices about them in any order, and an agent who lifts the suspension.

    The model: which letters came back for good since the address last worked.
    """

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = pathlib.Path(self.folder.name) / "config"
        day.prepare(place)
        self.opened = day.service(place)
        self.service = self.opened.__enter__()
        self.letters, self.failed, self.notices, self.lifted = [], set(), 0, set()
        self.suspended = False

    def teardown(self):
        self.opened.__exit__(None, None, None)
        self.folder.cleanup()

    @property
    def ledger(self):
        return self.service.ledger

    @rule()
    def a_letter_is_sent(self):
        number = len(self.letters)
        message_id = f"<mb-{'abcdefghijklmnopqrstuvwxyz234567'[number % 32] * 26}@example.fr>"
        draft = Draft(
            f"k{number}",
            LetterKind.BORDEREAU,
            day.CABINET,
            CABINET_MAIL,
            "retour@example.fr",
            message_id,
            "",
            b"x",
            NOW,
        )
        letter = self.ledger.letters.queue(NOW, draft)
        self.ledger.letters.sent(letter, self.ledger.letters.begin(letter, NOW), NOW, Sent(250, "ok"))
        self.letters.append((letter, message_id))

    @rule(data=st.data(), status=st.sampled_from(["5.1.1", "5.2.2", "4.2.2", "4.4.1"]))
    def one_comes_back(self, data, status):
        if not self.letters or len(self.letters) > 32:
            return
        letter, message_id = data.draw(st.sampled_from(self.letters))
        self.notices += 1
        raw = DSN.format(
            to="service.fluxtiers@example.fr", recipient=CABINET_MAIL, status=status, message_id=message_id
        )
        raw = raw.replace("<retour-1@", f"<retour-{self.notices}@").encode()
        self.ledger.mails.store(NOW, Position("test", "INBOX", 0, str(self.notices)), raw)
        (mail,) = [one for one in self.ledger.mails.waiting() if self.ledger.mails.get(one).raw == raw]
        settle.mail(self.service, mail)
        if status.startswith("5"):
            self.failed.add(letter)
            self.suspended = self.suspended or len(self.failed) >= FAILURES

    @rule()
    def an_agent_lifts_it(self):
        with self.ledger.transaction():
            assert self.ledger.addresses.lift(NOW, CABINET_MAIL) is self.suspended
        if self.suspended:
            self.failed, self.suspended = set(), False

    @invariant()
    def the_address_is_suspended_exactly_when_two_letters_came_back_for_good(self):
        assert bool(self.ledger.addresses.suspension(CABINET_MAIL)) is self.suspended
        assert self.ledger.contacts.may_receive(day.CABINET, CABINET_MAIL) is not self.suspended
        held = self.ledger.references.contacts_of([day.CABINET])["agaps"]
        assert [row.mail for row in held] == ["" if self.suspended else CABINET_MAIL]

    @invariant()
    def no_notice_ever_caused_a_letter(self):
        letters = self.ledger.letters.listed()
        assert len(letters) == len(self.letters)
        assert {one.state for one in letters} <= {LetterState.SENT, LetterState.BOUNCED}


def test_any_sequence_of_notices_suspends_and_lifts_as_it_should():
    run_state_machine_as_test(
        Bouncing,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
