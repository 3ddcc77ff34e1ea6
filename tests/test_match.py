"""Which refusals a reply answers, and when a human must say."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.intake.match import KnownCase, KnownLetter, KnownRejet, Match, match
from mailbot.intake.outcome import Parked
from mailbot.model import Acte, Facture, Message, RejetState
from tests.test_message import mail, read

PS, ADDRESS = "750100125", "contact@pharmacie-parc.example.fr"
NIR_A, NIR_B = "2850775123456", "1700133987654"
DAY = date(2026, 2, 3)


def rejet(number: int, numero: str, nir: str = NIR_A, day: date = DAY, ps: str = PS) -> KnownRejet:
    return KnownRejet(number, ps, "L1", numero, nir, day, day, RejetState.OUVERT)


A, B = rejet(1, "531341"), rejet(2, "531342", NIR_B)
LETTER = KnownLetter("lettre-1", PS, ADDRESS, (A, B))
CASE = KnownCase(letters=(LETTER,))


def says(text: str, sender: str = ADDRESS) -> Message:
    return read(mail(f"From: {sender}", "Subject: Re: Bordereau", body=text))


def facture(numero: str, nir: str = NIR_A, day: date | None = DAY, ps: str = PS) -> Facture:
    """A corrected invoice with one act on `day`; what the match does not look at is empty."""
    seen = {"numero_lot": "L2", "date_reception": date(2026, 3, 12), "numero_ps": ps, "nir": nir, "nir_valide": True}
    numbers = {"numero_facture": numero, "numero": numero.lstrip("0"), "rang_naissance": 1}
    acte = Acte("AMI", day, None, None, None, None, None, None, "")
    empty = {name: "" if kind == "str" else None for name, kind in Facture.__annotations__.items()}
    return Facture(**{**empty, **seen, **numbers, "actes": (acte,)})


def answered(found: Match | Parked) -> list[int]:
    assert isinstance(found, Match), found
    return [answer.rejet for answer in found.answers]


def test_a_reply_that_names_no_invoice_answers_all_open_refusals_of_the_letter() -> None:
    assert answered(match(says("Tout est corrigé."), CASE)) == [1, 2]


@pytest.mark.parametrize(
    "text", ["La facture n° 531342 est corrigée", "0531342 : corrigée", "531342 ok, facture n° 777"]
)
def test_a_reply_that_names_invoices_of_the_letter_answers_only_those(text: str) -> None:
    assert answered(match(says(text), CASE)) == [2]


def test_closed_refusals_are_not_answered_again() -> None:
    closed = replace(A, state=RejetState.CLOS)
    assert answered(match(says("Corrigé."), KnownCase(letters=(replace(LETTER, rejets=(closed, B)),)))) == [2]
    found = match(says("Corrigé."), KnownCase(letters=(replace(LETTER, rejets=(closed,)),)))
    assert isinstance(found, Parked) and found.candidates == ()


@pytest.mark.parametrize(
    ("message", "case", "reason"),
    [
        (says("ok", "mallory@evil.test"), CASE, "ne vient ni de son destinataire"),
        (says("ok"), KnownCase(letters=(LETTER, replace(LETTER, key="lettre-2"))), "2 lettres"),
        (says("ok"), replace(CASE, unknown_references=1), "ne connaissons pas"),
        (says("ok"), replace(CASE, verdict_required=True), "pas confirmé"),
        (says("facture n° 999"), CASE, "pas parmi les refus"),
        (says("> rien"), CASE, "vide"),
        (says("ok", "a@b.fr <c@d.fr>"), CASE, "adresse unique"),
        (replace(says("ok"), auto_submitted=True), CASE, "automatique"),
    ],
)
def test_every_doubt_is_parked_with_its_reason_and_candidates(message: Message, case: KnownCase, reason: str) -> None:
    found = match(message, case)
    assert isinstance(found, Parked)
    assert reason in found.reason
    assert {candidate.rejet for candidate in found.candidates} == {1, 2}
    assert "@" not in found.reason and NIR_A not in found.reason


def test_the_contact_of_today_may_answer_a_letter_sent_to_the_former_address() -> None:
    case = replace(CASE, contacts={PS: "nouveau@example.fr"})
    assert answered(match(says("ok", "nouveau@example.fr"), case)) == [1, 2]


def test_attached_invoices_close_the_refusal_of_the_same_patient() -> None:
    found = match(says("Lot joint."), CASE, [facture("600001")])
    assert isinstance(found, Match)
    assert [(answer.rejet, answer.facture) for answer in found.answers] == [(1, facture("600001").key)]


def test_number_comes_before_period_and_period_before_the_only_one_left() -> None:
    other = date(2026, 2, 9)
    pool = (rejet(1, "1001"), rejet(2, "1002", day=other), rejet(3, "1003", day=date(2026, 2, 20)))
    case = KnownCase(letters=(replace(LETTER, rejets=pool),))
    lot = [facture("7001", day=None), facture("7002", day=other), facture("01001", day=other)]
    found = match(says("Lot joint."), case, lot)
    assert isinstance(found, Match)
    tied = {answer.rejet: answer.facture.numero for answer in found.answers if answer.facture}
    assert tied == {1: "1001", 2: "7002", 3: "7001"}


def test_two_refusals_of_one_patient_that_nothing_tells_apart_are_parked() -> None:
    case = KnownCase(letters=(replace(LETTER, rejets=(rejet(1, "1001"), rejet(2, "1002"))),))
    found = match(says("Lot joint."), case, [facture("7001")])
    assert isinstance(found, Parked)
    assert {candidate.rejet for candidate in found.candidates} == {1, 2}


def test_a_lot_of_another_ps_or_of_other_patients_closes_nothing() -> None:
    assert isinstance(match(says("Lot"), CASE, [facture("7001", ps="750100133")]), Parked)
    assert isinstance(match(says("Lot"), CASE, [facture("7001", nir="1990133111222")]), Parked)


def test_without_a_reference_a_confirmed_contact_may_name_the_one_open_refusal() -> None:
    case = KnownCase(sender_ps=(PS,), open_rejets=(A, B))
    message = says("La facture n° 531341 est corrigée.")
    found = match(replace(message, verified=True), case)
    assert answered(found) == [1]
    assert isinstance(found, Match) and found.tier == 2
    assert isinstance(match(message, case), Parked)
    assert isinstance(match(replace(says("Bonjour"), verified=True), case), Parked)
    assert isinstance(match(replace(says("factures 531341 et 999"), verified=True), case), Parked)
    twice = replace(case, open_rejets=(A, B, rejet(3, "0531341", NIR_B)))
    assert isinstance(match(replace(message, verified=True), twice), Parked)


REJETS = st.builds(
    rejet,
    st.integers(1, 9),
    st.sampled_from(["1001", "1002", "0"]),
    st.sampled_from([NIR_A, NIR_B]),
    st.sampled_from([DAY, date(2026, 2, 9)]),
)
FACTURES = st.builds(
    facture, st.sampled_from(["1001", "7001", "7002"]), st.sampled_from([NIR_A, NIR_B]), st.sampled_from([DAY, None])
)


@given(
    st.lists(REJETS, max_size=5, unique_by=lambda item: item.rejet),
    st.lists(FACTURES, max_size=4),
    st.sampled_from(["ok", "facture 1001", "facture 1002 et 5"]),
)
def test_an_answer_is_always_an_open_refusal_of_the_letter_and_of_the_same_patient(
    pool: list[KnownRejet], lot: list[Facture], text: str
) -> None:
    found = match(says(text), KnownCase(letters=(replace(LETTER, rejets=tuple(pool)),)), lot)
    if isinstance(found, Match):
        by_id = {item.rejet: item for item in pool}
        assert len({answer.rejet for answer in found.answers}) == len(found.answers) > 0
        for answer in found.answers:
            assert answer.facture is None or answer.facture.nir == by_id[answer.rejet].nir
