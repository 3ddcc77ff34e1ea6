"""Who may tie an address to a PS number, and what is still missing: the rule alone, without a ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.intake.outcome import Parked
from mailbot.intake.register import MAX_NUMBERS, Ask, Known, KnownPS, Plan, Vouch, Way, register
from mailbot.model import Message
from mailbot.model.inscriptions import Request, Role
from tests.test_message import mail, read

ADDRESS = "contact@pharmacie-parc.example.fr"
OTHER = "nouvelle@example.org"
NUMERO = "750100125"
ASKS = replace(read(mail(f"From: {ADDRESS}", "Subject: Inscription", body="Inscription")), verified=True)
WANTS = Request(numeros_ps=(NUMERO,))
KNOWN = KnownPS(known=(ADDRESS,))


def known(ps: KnownPS = KNOWN, **more: bool | str) -> Known:
    return replace(Known({NUMERO: ps}, verdict_required=True), **more)  # type: ignore[arg-type]


def way(message: Message, ps: KnownPS, request: Request = WANTS) -> Way:
    found = register(message, request, known(ps))
    assert isinstance(found, Plan)
    return found.ways[0].way


STRANGER = replace(ASKS, sender=OTHER)


@pytest.mark.parametrize(
    ("message", "ps", "expected"),
    [
        (ASKS, KNOWN, Way.AT_ONCE),
        (ASKS, KnownPS(known=("Contact@Pharmacie-Parc.Example.FR",)), Way.AT_ONCE),
        (replace(ASKS, verified=None), KNOWN, Way.CONFIRM),
        (ASKS, replace(KNOWN, active=frozenset({(ADDRESS, Role.RETOURS)})), Way.ALREADY),
        (STRANGER, KNOWN, Way.AGREE),
        (replace(STRANGER, verified=None), KNOWN, Way.AGENT),
        (STRANGER, KnownPS(postal=True), Way.CODE),
        (STRANGER, KnownPS(), Way.AGENT),
        (STRANGER, replace(KNOWN, vouched=True), Way.CONFIRM),
        (replace(STRANGER, verified=None), replace(KNOWN, vouched=True), Way.CONFIRM),
        (STRANGER, replace(KNOWN, busy="trop de demandes"), Way.AGENT),
        # Letters that only look alike, and capital letters of other alphabets.
        (replace(ASKS, sender="kontakt@example.fr"), KnownPS(known=("\u212aontakt@example.fr",)), Way.AGREE),
    ],
)
def test_each_sender_goes_its_way(message: Message, ps: KnownPS, expected: Way) -> None:
    assert way(message, ps) is expected


@pytest.mark.parametrize(
    ("message", "ledger", "reason"),
    [
        (replace(ASKS, auto_submitted=True), known(), "automatique"),
        (replace(ASKS, sender=""), known(), "pas une adresse unique"),
        (replace(ASKS, verified=False), known(), "pas confirmé"),
        (STRANGER, known(busy="Trop de demandes d’inscription aujourd’hui."), "Trop de demandes"),
    ],
)
def test_who_is_nobody_waits_for_an_agent_with_the_reason(message: Message, ledger: Known, reason: str) -> None:
    found = register(message, WANTS, ledger)
    assert isinstance(found, Parked)
    assert reason in found.reason
    assert "@" not in found.reason + " ".join(found.evidence)


def test_where_an_agent_approves_everything_even_the_known_address_waits() -> None:
    found = register(ASKS, WANTS, known(agent_only=True))
    assert isinstance(found, Plan)
    assert found.waiting and found.ways[0].way is Way.AGENT


def test_several_numbers_each_go_their_own_way() -> None:
    numbers = ("750100125", "750100133")
    ledger = Known({"750100125": KNOWN, "750100133": KnownPS(known=("autre@example.fr",))}, verdict_required=True)
    found = register(ASKS, Request(numeros_ps=numbers), ledger)
    assert isinstance(found, Plan)
    assert (found.of(Way.AT_ONCE), found.of(Way.AGREE)) == (numbers[:1], numbers[1:])


def test_a_known_address_need_not_say_its_number() -> None:
    found = register(ASKS, Request(), known())
    assert isinstance(found, Plan) and found.of(Way.AT_ONCE) == (NUMERO,)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(), "sans n° PS"),
        (Request(doubtful=("7501",)), "n’en est pas un"),
        (Request(numeros_ps=("999999999",)), "inconnu d’AGAPS"),
        (Request(numeros_ps=(NUMERO,), role=Role.REMPLACANT), "sans dernier jour"),
    ],
)
def test_what_is_missing_is_asked_for_once_and_of_confirmed_senders_only(request_: Request, said: str) -> None:
    asked = register(STRANGER, request_, known())
    assert isinstance(asked, Ask) and said in asked.evidence[0]
    for message, ledger in ((STRANGER, known(asked=True)), (replace(STRANGER, verified=None), known())):
        again = register(message, request_, ledger)
        assert isinstance(again, Parked) and said in again.reason


def test_the_known_address_may_name_another_one_which_is_only_announced() -> None:
    names = replace(WANTS, other_addresses=(OTHER,), changes=True)
    found = register(ASKS, names, known())
    assert isinstance(found, Vouch) and (found.address, found.numeros_ps) == (OTHER, (NUMERO,))
    for message, ledger in (
        (STRANGER, known()),
        (replace(ASKS, verified=None), known()),
        (ASKS, known(agent_only=True)),
        (ASKS, Known({NUMERO: KNOWN, "750100133": KnownPS()})),
    ):
        wanted = tuple(ledger.ps)
        refused = register(message, replace(names, numeros_ps=wanted, other_addresses=("x@example.org",)), ledger)
        assert isinstance(refused, Parked) and "autre adresse" in refused.reason


def test_the_address_that_is_replaced_may_be_named_by_the_new_one() -> None:
    assert way(STRANGER, KNOWN, replace(WANTS, other_addresses=(ADDRESS,), changes=True)) is Way.AGREE


def test_a_replacement_has_a_last_day() -> None:
    wants = replace(WANTS, role=Role.REMPLACANT, ends_on=date(2026, 8, 28))
    assert way(STRANGER, KNOWN, wants) is Way.AGREE


def test_too_many_numbers_are_an_agents() -> None:
    numbers = tuple(f"{750000000 + at}" for at in range(MAX_NUMBERS + 1))
    found = register(ASKS, Request(numeros_ps=numbers), Known(dict.fromkeys(numbers, KNOWN)))
    assert isinstance(found, Parked)


@given(
    sender=st.sampled_from(["", ADDRESS, OTHER]),
    verified=st.sampled_from([True, False, None]),
    auto=st.booleans(),
    addresses=st.sets(st.sampled_from([ADDRESS, "autre@example.fr"])),
    vouched=st.booleans(),
    postal=st.booleans(),
    foreign=st.booleans(),
)
def test_nobody_is_bound_at_once_but_the_known_and_confirmed_sender(
    sender: str, verified: bool | None, auto: bool, addresses: set[str], vouched: bool, postal: bool, foreign: bool
) -> None:
    message = replace(ASKS, sender=sender, verified=verified, auto_submitted=auto)
    ps = KnownPS(known=tuple(addresses), vouched=vouched, postal=postal)
    request = replace(WANTS, other_addresses=("tiers@example.org",) if foreign else ())
    found = register(message, request, known(ps))
    ways = set(found.ways) if isinstance(found, Plan) else set()
    for one in ways:
        if one.way is Way.AT_ONCE:
            assert verified is True and sender in addresses and not auto and not foreign
        if one.way in (Way.AGREE, Way.CODE):
            assert verified is True, "an unconfirmed stranger makes us write to nobody"
        if one.way is Way.CONFIRM:
            assert sender in addresses or vouched
    if isinstance(found, Ask | Vouch):
        assert verified is True and not auto
