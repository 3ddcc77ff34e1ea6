"""The ledger: nothing lost, nothing twice, everything accounted for."""

import pathlib
import sqlite3
import stat
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.errors import Later, Never
from mailbot.ledger import Ledger, instance_lock, upkeep
from mailbot.model import Draft, LetterKind, LetterState, MailState, Position, Seen, Sent
from tests.day import NOW


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "registre.sqlite") as opened:
        yield opened


def draft(key: str = "k1") -> Draft:
    return Draft(key, LetterKind.BORDEREAU, "752000019", "a@example.fr", "r@example.fr", f"<{key}@x>", "", b"x", NOW)


def test_the_files_are_readable_by_their_owner_only(ledger):
    ledger.journal.write(NOW, "essai", "something", "ledger")
    for path in ledger.store.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_mail_seen_twice_is_one_mail_and_the_balance_adds_up(ledger):
    first, again = Position("boite", "INBOX", 7, "1"), Position("boite", "INBOX", 8, "1")
    assert ledger.mails.store(NOW, first, b"Subject: bonjour\r\n\r\n")
    assert not ledger.mails.store(NOW, again, b"Subject: bonjour\r\n\r\n")
    ledger.mails.refuse_by_size(NOW, Position("boite", "INBOX", 8, "2"), 99_000_000)
    assert ledger.mails.known(first)
    assert ledger.mails.known(again)
    from mailbot.ledger import export

    balance = export.balance(ledger.store)
    assert balance == {
        "seen": 3, "settled": 0, "parked": 0, "waiting": 1, "seen_again": 1, "refused_by_size": 1,
    }  # fmt: skip


def test_a_state_moves_only_where_the_drawing_lets_it(ledger):
    ledger.mails.store(NOW, Position("b", "INBOX", 1, "1"), b"a")
    ledger.mails.park(1, NOW, "à lire", Seen())
    with pytest.raises(Never, match="impossible"):
        ledger.mails.park(1, NOW, "encore", Seen())
    ledger.mails.settle(1, NOW, Seen())
    with pytest.raises(Never, match="impossible"):
        ledger.mails.reopen(1)
    assert ledger.mails.get(1).state is MailState.SETTLED


def test_a_transaction_that_fails_leaves_nothing_behind(ledger):
    with pytest.raises(RuntimeError), ledger.transaction():
        ledger.letters.queue(NOW, draft())
        ledger.journal.write(NOW, "essai", "queued", "letter 1")
        raise RuntimeError
    assert ledger.letters.listed() == []
    assert list(ledger.journal.lines()) == []
    assert ledger.journal.verify() is None


def test_the_same_letter_is_queued_once(ledger):
    assert ledger.letters.queue(NOW, draft()) == 1
    assert ledger.letters.queue(NOW, draft()) is None


def test_each_attempt_is_in_the_ledger_before_the_dial(ledger):
    ledger.letters.queue(NOW, draft())
    attempt = ledger.letters.begin(1, NOW)
    other = sqlite3.connect(ledger.store.path)
    assert other.execute("SELECT state FROM letters").fetchone() == ("sending",)
    assert other.execute("SELECT phase FROM attempts").fetchone() == ("dialled",)
    other.close()
    ledger.letters.before_data(attempt)
    assert [(letter.id, phase) for letter, _, phase in ledger.letters.interrupted()] == [(1, "data")]
    ledger.letters.sent(1, attempt, NOW, Sent(250, "pris"))
    assert ledger.letters.get(1).state is LetterState.SENT
    assert ledger.letters.begin(1, NOW) is None, "it is sent"


@pytest.mark.parametrize("damage", [
    "UPDATE journal SET who = 'quelqu''un d''autre' WHERE id = 2",
    "DELETE FROM journal WHERE id = 2",
    "DELETE FROM journal WHERE id = 3",
    "INSERT INTO journal SELECT 9, at, who, what, subject, details, hash FROM journal WHERE id = 3",
])  # fmt: skip
def test_a_journal_that_was_touched_is_found_out(ledger, damage):
    for number in range(3):
        ledger.journal.write(NOW, "essai", "something", f"mail {number}")
    assert ledger.journal.verify() is None
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.store.connection.execute("UPDATE journal SET who = 'moi'")
    ledger.store.connection.execute("DROP TRIGGER journal_is_never_edited")
    ledger.store.connection.execute(damage)
    assert ledger.journal.verify() is not None


def test_two_instances_cannot_work_on_one_ledger(tmp_path):
    path = tmp_path / "registre.sqlite"
    with instance_lock(path), pytest.raises(Later, match="autre instance"), instance_lock(path):
        pass
    with instance_lock(path):
        pass


def test_a_restored_ledger_sends_nothing_until_an_agent_says_so(ledger, tmp_path):
    ledger.letters.queue(NOW, draft())
    upkeep.backup(ledger.store, tmp_path / "copie.sqlite")
    with pytest.raises(Never, match="existe déjà"):
        upkeep.backup(ledger.store, tmp_path / "copie.sqlite")
    upkeep.restore(tmp_path / "copie.sqlite", tmp_path / "neuf" / "registre.sqlite", NOW, "essai")
    with Ledger(tmp_path / "neuf" / "registre.sqlite") as restored:
        assert restored.letters.due(NOW, 10) == []
        assert restored.journal.verify() is None
        restored.holds.release_all()
        assert restored.letters.due(NOW, 10) == [1]


def test_a_file_that_is_no_ledger_is_refused_in_plain_words(tmp_path):
    path: pathlib.Path = tmp_path / "registre.sqlite"
    path.write_bytes(b"ceci n'est pas une base" * 100)
    with pytest.raises(Never, match="illisible"):
        Ledger(path)


def test_a_backup_put_back_by_hand_sends_nothing_either(ledger, tmp_path):
    ledger.letters.queue(NOW, draft())
    upkeep.backup(ledger.store, tmp_path / "copie.sqlite")
    with Ledger(tmp_path / "copie.sqlite") as copied:
        assert copied.letters.due(NOW, 10) == []
    assert ledger.letters.due(NOW, 10) == [1]


def test_one_line_with_an_old_instant_does_not_take_the_journal_along(ledger):
    for at in (NOW, NOW - timedelta(days=12000), NOW):
        ledger.journal.write(at, "essai", "something", "mail 1")
    gone = upkeep.purge(ledger.store, NOW, "essai", 36, 12)
    assert gone["journal"] == 0
    assert ledger.journal.verify() is None


def test_a_mail_refused_by_size_is_taken_in_when_it_fits_later(ledger):
    from mailbot.ledger import export

    position = Position("boite", "INBOX", 7, "1")
    ledger.mails.refuse_by_size(NOW, position, 99)
    assert not ledger.mails.known(position)
    assert ledger.mails.store(NOW, position, b"x" * 99)
    balance = export.balance(ledger.store)
    assert (balance["seen"], balance["waiting"], balance["refused_by_size"]) == (1, 1, 0)


def test_the_purge_takes_what_is_old_and_leaves_its_trace(ledger):
    ledger.mails.store(NOW, Position("b", "INBOX", 1, "1"), b"vieux")
    ledger.mails.settle(1, NOW, Seen())
    ledger.mails.store(NOW, Position("b", "INBOX", 1, "2"), b"vieux mais ouvert")
    ledger.mails.park(2, NOW, "à lire", Seen())
    ledger.journal.write(NOW, "essai", "something", "mail 1")
    later = NOW + timedelta(days=37 * 31)
    ledger.mails.store(later, Position("b", "INBOX", 1, "3"), b"neuf")
    gone = upkeep.purge(ledger.store, later, "essai", 36, 12)
    assert (gone["mails"], gone["journal"]) == (1, 1)
    assert ledger.mails.get(1) is None
    assert ledger.mails.get(2) is not None
    assert ledger.mails.get(3) is not None
    assert [what for _, _, what, _, _ in ledger.journal.lines()] == ["purged"]
    assert ledger.journal.verify() is None


LETTER_MOVES = {
    "begin": ("queued", "sending"),
    "sent": ("sending", "sent"),
    "later": ("sending", "queued"),
    "dead": ("sending", "dead"),
    "in_doubt": ("sending", "unknown"),
    "hold": ("queued", "held"),
    "release": ("held", "queued"),
    "bounce": ("sent", "bounced"),
    "confirm": ("unknown", "sent"),
}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(sorted(LETTER_MOVES)), max_size=12))
def test_a_letter_never_leaves_its_drawing(tmp_path_factory, moves):
    with Ledger(tmp_path_factory.mktemp("ledger") / "registre.sqlite") as ledger:
        ledger.letters.queue(NOW, draft())
        state, attempt = "queued", 0
        for move in moves:
            before, after = LETTER_MOVES[move]
            act = {
                "begin": lambda: ledger.letters.begin(1, NOW),
                "sent": lambda attempt=attempt: ledger.letters.sent(1, attempt, NOW, Sent(250, "")),
                "later": lambda attempt=attempt: ledger.letters.later(1, attempt, NOW, 451, "", timedelta()),
                "dead": lambda attempt=attempt: ledger.letters.dead(1, attempt, NOW, 550, ""),
                "in_doubt": lambda attempt=attempt: ledger.letters.in_doubt(1, attempt, NOW, ""),
                "hold": lambda: ledger.letters.hold(1, "à vérifier"),
                "release": lambda: ledger.letters.release(1),
                "bounce": lambda: ledger.letters.bounce(1, "550"),
                "confirm": lambda: ledger.letters.confirm(1),
            }[move]
            if state == before or (move == "bounce" and state == "unknown"):
                attempt = act() or attempt
                state = after
            elif move == "begin":
                assert act() is None
            else:
                with pytest.raises(Never):
                    act()
            assert ledger.letters.get(1).state == state
