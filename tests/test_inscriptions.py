"""The states of an inscription: the drawing of the docs, the model and the ledger say the same."""

from __future__ import annotations

import contextlib
import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mailbot.errors import Never
from mailbot.ledger import Ledger, StoredContact
from mailbot.model.inscriptions import MOVES, InscriptionState, Proof, Purpose, Role
from mailbot.passes import contact

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DRAWING = Path(__file__).parent.parent / "docs/registration.md"


def drawn() -> set[tuple[str, str]]:
    """The arrows of docs/registration.md, but for the first one."""
    text = DRAWING.read_text("utf-8")
    return {(before, after) for before, after in re.findall(r"^ +(\w+) --> (\w+) : \S", text, re.MULTILINE)}


def test_the_drawing_in_the_docs_is_what_the_program_does() -> None:
    assert drawn() == {(before, after) for before, ways in MOVES.items() for after in ways}
    assert set(MOVES) == set(InscriptionState)


def test_the_ledger_makes_no_move_that_is_not_drawn(tmp_path: Path) -> None:
    """Every state, tried with every move: it goes where an arrow goes, or it is refused and stays."""
    with Ledger(tmp_path / "l.sqlite") as ledger:
        contacts = ledger.contacts
        moves = {
            InscriptionState.CONFIRMEE: lambda one: contacts.prove(one, Proof.TOKEN, "x"),
            InscriptionState.ACTIVE: lambda one: contacts.activate(one, NOW),
            InscriptionState.REFUSEE: lambda one: contacts.refuse(one, NOW),
            InscriptionState.EXPIREE: lambda one: contacts.expire(one, NOW),
            InscriptionState.RESILIEE: lambda one: contacts.end(one, NOW),
            InscriptionState.CONTESTEE: lambda one: contacts.dispute(one, NOW, MAILS[0]),
        }
        for number, before in enumerate(InscriptionState):
            for after, move in moves.items():
                one = contacts.request(NOW, f"75{number:07}", f"{before}.{after}@example.fr", [], None)
                ledger.store.run("UPDATE contacts SET state = ? WHERE id = ?", before, one)
                if after in MOVES[before]:
                    move(one)
                    assert contacts.take(one).state is after
                else:
                    if after is not InscriptionState.CONFIRMEE:  # a proof that comes late changes nothing
                        with pytest.raises(Never):
                            move(one)
                    else:
                        move(one)
                    assert contacts.take(one).state is before
                ledger.store.run("DELETE FROM contacts")


PS = ("752000019", "691000018")
MAILS = ("a@example.fr", "b@example.fr", "c@example.org")


class Register(RuleBasedStateMachine):
    """Whatever is done in whatever order, nobody is bound who is not proved and agreed, and one address a role."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="mailbot-test-")
        self.ledger = Ledger(Path(self.folder.name) / "l.sqlite")
        self.now = NOW
        self.seen: dict[int, InscriptionState] = {}
        self.last: dict[int, InscriptionState] = {}

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    def pick(self, number: int) -> StoredContact:
        found = self.ledger.contacts.listed()
        return found[number % len(found)]

    def anybody(self) -> bool:
        return bool(self.ledger.contacts.listed())

    @rule(ps=st.sampled_from(PS), mail=st.sampled_from(MAILS), role=st.sampled_from(Role), hours=st.integers(1, 90))
    def asks(self, ps: str, mail: str, role: Role, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        self.ledger.contacts.request(self.now, ps, mail, ["demande"], None, role=role, expires_at=until)

    @precondition(anybody)
    @rule(number=st.integers(0, 50), proof=st.sampled_from((Proof.TOKEN, Proof.VERDICT)))
    def proves(self, number: int, proof: Proof) -> None:
        self.ledger.contacts.prove(self.pick(number).id, proof, "prouvée")

    @precondition(anybody)
    @rule(number=st.integers(0, 50), giver=st.sampled_from(MAILS))
    def agrees(self, number: int, giver: str) -> None:
        self.ledger.contacts.agree(self.pick(number).id, Proof.KNOWN, "accordée", giver)

    @precondition(anybody)
    @rule(number=st.integers(0, 50))
    def begins(self, number: int) -> None:
        one = self.pick(number)
        if one.pending and one.ready(self.now.date()):
            self.ledger.contacts.activate(one.id, self.now)

    @precondition(anybody)
    @rule(number=st.integers(0, 50))
    def an_agent_finds_right(self, number: int) -> None:
        one = self.pick(number)
        if not one.pending:
            with contextlib.suppress(Never):
                self.ledger.contacts.activate(one.id, self.now)

    @precondition(anybody)
    @rule(number=st.integers(0, 50), what=st.sampled_from(("refuse", "expire", "dispute", "end")))
    def anything_else(self, number: int, what: str) -> None:
        with contextlib.suppress(Never):
            getattr(self.ledger.contacts, what)(self.pick(number).id, self.now)

    @rule(hours=st.integers(1, 60))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        late, _, _ = self.ledger.contacts.due(self.now, self.now.date())
        for one in late:
            self.ledger.contacts.expire(one.id, self.now)

    @invariant()
    def only_drawn_moves_happen(self) -> None:
        for one in self.ledger.contacts.listed():
            before = self.seen.get(one.id, one.state)
            path = {before} | MOVES[before] | {after for between in MOVES[before] for after in MOVES[between]}
            assert one.state in path, (before, one.state)
            self.seen[one.id] = one.state

    @invariant()
    def who_is_active_was_proved_and_agreed_and_is_alone_in_its_role(self) -> None:
        active = [one for one in self.ledger.contacts.listed() if one.state is InscriptionState.ACTIVE]
        assert all(one.proved_by and one.agreed_by for one in active)
        assert len({(one.numero_ps, one.role) for one in active}) == len(active)

    @invariant()
    def the_yes_of_an_address_falls_when_it_is_stopped(self) -> None:
        listed = self.ledger.contacts.listed()
        over = (InscriptionState.RESILIEE, InscriptionState.CONTESTEE, InscriptionState.REMPLACEE)
        for one in listed:
            if one.state in over and self.last.get(one.id, one.state) is not one.state:
                waiting = [other for other in listed if other.pending and other.numero_ps == one.numero_ps]
                assert one.mail not in {other.agreed_from for other in waiting}
        self.last = {one.id: one.state for one in listed}

    @invariant()
    def nobody_else_may_receive(self) -> None:
        for ps in PS:
            allowed = {one.mail for one in self.ledger.contacts.active_of(ps)}
            for mail in MAILS:
                if self.ledger.contacts.may_receive(ps, mail):
                    assert mail in allowed and not self.ledger.contacts.contested(ps)


TestRegister = Register.TestCase
TestRegister.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@pytest.fixture
def ledger(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Ledger(tmp_path / "l.sqlite") as opened:
        yield opened


def test_a_token_is_kept_hashed_and_counts_once_and_in_time(ledger: Ledger) -> None:
    one = ledger.contacts.request(NOW, PS[0], MAILS[0], [], None)
    ledger.mails.store(NOW, _position(), b"From: a@example.fr\r\n\r\n")
    secret = "k3f7abcdefghijklmnopqrstuv"
    ledger.tokens.issue(NOW, Purpose.CONFIRM, MAILS[0].upper(), contact.digest(secret), NOW + timedelta(hours=1), [one])
    assert not ledger.store.row("SELECT 1 FROM tokens WHERE hash LIKE ?", f"%{secret}%")
    (found,) = ledger.tokens.found([contact.digest(secret)])
    assert (found.address, found.contacts, found.alive(NOW)) == (MAILS[0], (one,), True)
    assert not found.alive(NOW + timedelta(hours=1))
    assert not ledger.tokens.use(found.id, NOW + timedelta(hours=1), 1)
    assert ledger.tokens.use(found.id, NOW, 1)
    assert not ledger.tokens.use(found.id, NOW, 1)
    assert ledger.tokens.found([contact.digest(secret.upper())]) == []


def _position():  # type: ignore[no-untyped-def]
    from mailbot.model import Position

    return Position("boîte", "INBOX", 1, "1")


def test_an_agent_s_end_is_binding_and_brings_back_whose_place_was_taken(ledger: Ledger) -> None:
    def active(mail: str) -> int:
        one = ledger.contacts.request(NOW, PS[0], mail, [], None)
        ledger.contacts.activate(one, NOW)
        return one

    first, second = active(MAILS[0]), active(MAILS[1])
    assert ledger.contacts.take(first).replaced_by == second
    back = ledger.contacts.end(second, NOW)
    assert back is not None and back.id == first, "also where the new address itself said no"
    assert ledger.contacts.shut(PS[0]) == {MAILS[1]}
    third = active(MAILS[2])
    ledger.contacts.end(first, NOW)
    assert ledger.contacts.end(third, NOW) is None, "what an agent ended does not come back"


def test_a_decision_voids_what_was_still_awaited_but_a_dispute_stays_possible(ledger: Ledger) -> None:
    one = ledger.contacts.request(NOW, PS[0], MAILS[0], [], None)
    two = ledger.contacts.request(NOW, PS[1], MAILS[0], [], None)
    until = NOW + timedelta(days=1)
    ledger.tokens.issue(NOW, Purpose.AGREE, MAILS[1], "1" * 64, until, [one])
    ledger.tokens.issue(NOW, Purpose.CONFIRM, MAILS[0], "2" * 64, until, [one, two])
    ledger.tokens.issue(NOW, Purpose.DISPUTE, MAILS[1], "3" * 64, until, [one])
    ledger.contacts.refuse(one, NOW)
    ledger.tokens.void(one, NOW)
    alive = {token.purpose for token in ledger.tokens.found(["1" * 64, "2" * 64, "3" * 64]) if token.alive(NOW)}
    assert alive == {Purpose.CONFIRM, Purpose.DISPUTE}, "the other number of the same mail still waits"


def test_the_bordereaux_go_to_the_remplacant_while_there_is_one(ledger: Ledger) -> None:
    day = date(2026, 3, 31)
    for mail, role, ends in (
        ("p@example.fr", Role.PRISES_EN_CHARGE, None),
        ("s@example.fr", Role.SECRETARIAT, None),
        ("r@example.fr", Role.RETOURS, None),
        ("x@example.fr", Role.REMPLACANT, day),
    ):
        one = ledger.contacts.request(NOW, PS[0], mail, [], None, role=role, ends_on=ends)
        ledger.contacts.activate(one, NOW)
    order = []
    while held := ledger.contacts.active(PS[0]):
        order.append(held.mail)
        ledger.contacts.end(held.id, NOW)
    assert order == ["x@example.fr", "r@example.fr"], "the secretariat comes after what AGAPS knows"
    assert ledger.contacts.may_receive(PS[0], "p@example.fr"), "it may ask, but gets no bordereaux"
    assert not ledger.contacts.receives(PS[0], "r@example.fr")


def test_a_ledger_of_before_keeps_its_contacts(tmp_path: Path) -> None:
    """The migration carries rows over; what was active is of the role `retours`."""
    import sqlite3

    from sqlite_utils.db import Database

    from mailbot.ledger import migrations as module

    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    database = Database(connection, execute_plugins=False, strict=True)
    module.migrations.apply(database, stop_before="inscriptions")
    connection.execute(
        "INSERT INTO contacts (id, numero_ps, mail, state, since, evidence) VALUES (7, ?, ?, 'active', '2026', '[]')",
        (PS[0], MAILS[0]),
    )
    connection.close()
    with Ledger(path) as ledger:
        held = ledger.contacts.active(PS[0])
        assert held is not None and (held.id, held.mail, held.role) == (7, MAILS[0], Role.RETOURS)
