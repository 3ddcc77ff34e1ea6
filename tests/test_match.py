"""Which refusals a reply answers, and when a human must say."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.intake.match import KnownCase, KnownLetter, KnownRejet, Match, Noted, match
from mailbot.intake.outcome import Parked
from mailbot.model import Acte, Clues, Facture, LotFile, Message, RejetState, ReplyAct
from mailbot.model.documents import Document, DocumentKind, Field, Source
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


def paper(
    kind: DocumentKind,
    *,
    found: Clues = Clues(),  # noqa: B008 - frozen
    fields: tuple[Field, ...] = (),
    lot: LotFile | None = None,
    size: int = 200_000,
) -> Document:
    return Document(
        "piece.pdf", "application/pdf", "ab" * 32, size, kind, Source.FILE, found=found, fields=fields, lot=lot
    )


def lot(*factures: Facture) -> list[Document]:
    return [paper(DocumentKind.LOT, lot=LotFile(factures, (), ()))]


def answered(found: Match | Parked | Noted) -> list[int]:
    assert isinstance(found, Match), found
    return [answer.rejet for answer in found.answers]


def acts(found: Match | Parked | Noted) -> dict[int, ReplyAct]:
    assert isinstance(found, Match), found
    return {answer.rejet: answer.act for answer in found.answers}


def test_a_letter_with_one_refusal_needs_no_name() -> None:
    case = KnownCase(letters=(replace(LETTER, rejets=(A,)),))
    assert acts(match(says("C’est corrigé."), case)) == {1: ReplyAct.CORRIGEE}
    assert acts(match(says("Voyez avec ma collègue, s’il vous plaît."), case)) == {1: ReplyAct.A_LIRE}
    found = match(says("La facture est refaite sous le n° 777."), case)
    assert isinstance(found, Match) and found.waiting is None and acts(found) == {1: ReplyAct.CORRIGEE}


def test_of_several_refusals_what_names_none_answers_none() -> None:
    found = match(says("C’est corrigé."), CASE)
    assert isinstance(found, Parked) and found.missing == "numéro"
    assert [candidate.rejet for candidate in found.candidates] == [1, 2]
    assert answered(match(says("Tout est corrigé."), CASE)) == [1, 2]
    assert answered(match(says("Toutes les factures sont corrigées sauf la 531341."), CASE)) == [2]
    assert answered(match(says("Les deux factures sont corrigées."), CASE)) == [1, 2]
    assert isinstance(match(says("Toutes ne sont pas corrigées."), CASE), Parked)


@pytest.mark.parametrize("text", ["La facture n° 531342 est corrigée", "0531342 : corrigée", "531342 ok"])
def test_a_reply_that_names_invoices_of_the_letter_answers_only_those(text: str) -> None:
    found = match(says(text), CASE)
    assert answered(found) == [2] and isinstance(found, Match) and found.waiting is None


def test_a_number_that_is_no_refusal_is_asked_for_and_the_rest_is_settled() -> None:
    found = match(says("531342 ok, facture n° 777 aussi"), CASE)
    assert answered(found) == [2] and isinstance(found, Match)
    assert found.waiting and found.waiting.unknown == ("777",)
    assert [candidate.rejet for candidate in found.waiting.candidates] == [1]


def test_one_reply_settles_some_contests_one_and_leaves_the_others_open() -> None:
    pool = tuple(rejet(number, f"53{number}341") for number in range(1, 6))
    case = KnownCase(letters=(replace(LETTER, rejets=pool),))
    text = (
        "Bonjour,\n\n- 531341 et 532341 : corrigées\n- 533341 : je conteste, jamais payée\n"
        "- 534341 : elle suivra la semaine prochaine\n\nMerci\nClaire"
    )
    found = match(says(text), case)
    assert acts(found) == {1: ReplyAct.CORRIGEE, 2: ReplyAct.CORRIGEE, 3: ReplyAct.CONTESTATION}
    assert isinstance(found, Match) and found.announced == (4,) and found.left == 1 and found.waiting is None
    words = {answer.rejet: answer.words for answer in found.answers}
    assert words[3] == "533341 : je conteste, jamais payée"


def test_thanks_are_no_answer() -> None:
    assert isinstance(match(says("Merci beaucoup, bonne journée.\nDr Durand"), CASE), Noted)
    assert isinstance(match(says("ok"), CASE), Noted)
    for more in ("Merci de me rappeler.", "Bonjour, c’est une erreur de notre logiciel.", "ok je regarde", "Bonjour"):
        assert isinstance(match(says(more), CASE), Parked)


def test_closed_refusals_are_not_answered_again() -> None:
    closed = replace(A, state=RejetState.CLOS)
    assert answered(match(says("Corrigé."), KnownCase(letters=(replace(LETTER, rejets=(closed, B)),)))) == [2]
    found = match(says("Corrigé."), KnownCase(letters=(replace(LETTER, rejets=(closed,)),)))
    assert isinstance(found, Parked) and found.candidates == ()


def test_what_this_very_mail_answered_before_is_not_answered_again() -> None:
    said = replace(A, state=RejetState.REPONDU)
    case = KnownCase(letters=(replace(LETTER, rejets=(said, B)),), done=frozenset({1}))
    found = match(says("531341 corrigée, 531342 corrigée"), case)
    assert answered(found) == [2] and isinstance(found, Match) and found.done == (1,)


def test_a_refusal_that_waits_for_a_human_may_still_be_spoken_of_and_corrected() -> None:
    said = replace(A, state=RejetState.REPONDU)
    case = KnownCase(letters=(replace(LETTER, rejets=(said,)),))
    assert acts(match(says("Facture 531341 : je conteste."), case)) == {1: ReplyAct.CONTESTATION}
    assert answered(match(says("Lot joint."), case, lot(facture("600001")))) == [1]


def test_the_receipt_and_the_bordereau_of_one_ps_are_one_case() -> None:
    other = replace(LETTER, key="lettre-2", rejets=(rejet(3, "531343"),))
    case = KnownCase(letters=(LETTER, other))
    assert answered(match(says("531341 et 531343 : corrigées"), case)) == [1, 3]
    assert isinstance(match(says("Toutes sont corrigées"), case), Parked), "of which letter?"


def test_two_refusals_of_one_number_are_told_apart_by_their_lot_or_not_at_all() -> None:
    twin = replace(rejet(3, "531341", NIR_B), numero_lot="L9")
    case = KnownCase(letters=(replace(LETTER, rejets=(A, B, twin)),))
    assert answered(match(says("La facture n° 531341 du lot L9 est corrigée."), case)) == [3]
    found = match(says("La facture n° 531341 est corrigée, la 531342 aussi."), case)
    assert answered(found) == [2] and isinstance(found, Match) and found.waiting
    assert {candidate.rejet for candidate in found.waiting.candidates} >= {1, 3}


def test_the_subject_counts_where_the_text_names_nothing() -> None:
    message = replace(says("C’est corrigé."), subject="Facture 531342")
    assert acts(match(message, CASE)) == {2: ReplyAct.CORRIGEE}


def test_a_document_answers_the_refusal_that_it_names_and_no_other() -> None:
    named = paper(DocumentKind.SCAN, found=Clues(nirs=(NIR_B,)))
    assert acts(match(says("Ci-joint."), CASE, [named])) == {2: ReplyAct.DOCUMENT}
    assert isinstance(match(says("Ci-joint."), CASE, [paper(DocumentKind.SCAN)]), Parked)
    found = match(says("531341 : ci-joint l’attestation"), CASE, [paper(DocumentKind.SCAN)])
    assert acts(found) == {1: ReplyAct.DOCUMENT} and isinstance(found, Match) and found.waiting is None
    logo = paper(DocumentKind.SCAN, size=4_000)
    ours = paper(DocumentKind.TEXT, found=Clues(numeros_facture=("531341", "531342"), tokens=("a" * 26,)))
    assert acts(match(says("531341 corrigée"), CASE, [logo, ours])) == {1: ReplyAct.CORRIGEE}
    assert isinstance(match(says("Merci !"), CASE, [logo, ours]), Noted)


def test_our_form_answers_row_by_row() -> None:
    fields = (Field("numero_facture", "700", "531341", 1, "t" * 26), Field("reponse", "voir courrier", "531342", 2, ""))
    elsewhere = Field("numero_facture", "9", "1", 77, "t" * 26)
    form = paper(DocumentKind.FORM, fields=(*fields, elsewhere))
    assert acts(match(says(""), CASE, [form])) == {1: ReplyAct.CORRIGEE, 2: ReplyAct.A_LIRE}


def test_an_invoice_that_came_before_closes_what_it_is_said_to_replace() -> None:
    new = facture("600001")
    case = replace(CASE, received=lambda rejet, number: [new] if number == "600001" else [])
    found = match(says("La facture 531341 est corrigée sous le n° 600001."), case)
    assert isinstance(found, Match) and [answer.facture for answer in found.answers] == [new.key]
    found = match(says("La facture 531342 est corrigée sous le n° 600001."), case)
    assert isinstance(found, Match) and [answer.facture for answer in found.answers] == [None], "another patient"


def test_a_question_beside_a_correction_is_still_read_by_a_human() -> None:
    found = match(says("531341 : corrigée, mais pourquoi ce refus ?"), CASE, lot(facture("531341")))
    assert isinstance(found, Match) and found.answers[0].facture
    assert found.waiting and "question à lire" in found.waiting.reason


@pytest.mark.parametrize(
    ("message", "case", "reason"),
    [
        (says("ok", "mallory@evil.test"), CASE, "ne vient ni de son destinataire"),
        (says("ok"), KnownCase(letters=(LETTER, replace(LETTER, key="b", numero_ps="1"))), "2 lettres"),
        (says("ok"), replace(CASE, unknown_references=1), "ne connaissons pas"),
        (says("ok"), replace(CASE, verdict_required=True), "pas confirmé"),
        (says("facture n° 999"), CASE, "Aucun refus de ce PS"),
        (says("Faut-il tout renvoyer ?"), CASE, "de quelle facture"),
        (says("Je vous envoie cela."), CASE, "2 refus sont ouverts"),
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
    assert answered(match(says("531341 ok", "nouveau@example.fr"), case)) == [1]


def test_attached_invoices_close_the_refusal_of_the_same_patient() -> None:
    found = match(says("Lot joint."), CASE, lot(facture("600001")))
    assert isinstance(found, Match)
    assert [(answer.rejet, answer.facture) for answer in found.answers] == [(1, facture("600001").key)]


def test_number_comes_before_period_and_period_before_the_only_one_left() -> None:
    other = date(2026, 2, 9)
    pool = (rejet(1, "1001"), rejet(2, "1002", day=other), rejet(3, "1003", day=date(2026, 2, 20)))
    case = KnownCase(letters=(replace(LETTER, rejets=pool),))
    brought = [facture("7001", day=None), facture("7002", day=other), facture("01001", day=other)]
    found = match(says("Lot joint."), case, lot(*brought))
    assert isinstance(found, Match)
    tied = {answer.rejet: answer.facture.numero for answer in found.answers if answer.facture}
    assert tied == {1: "1001", 2: "7002", 3: "7001"}


def test_two_refusals_of_one_patient_that_nothing_tells_apart_are_parked() -> None:
    case = KnownCase(letters=(replace(LETTER, rejets=(rejet(1, "1001"), rejet(2, "1002"))),))
    found = match(says("Lot joint."), case, lot(facture("7001")))
    assert isinstance(found, Parked)
    assert {candidate.rejet for candidate in found.candidates} == {1, 2}


def test_a_lot_of_another_ps_or_of_other_patients_closes_nothing() -> None:
    assert isinstance(match(says("Lot"), CASE, lot(facture("7001", ps="750100133"))), Parked)
    assert isinstance(match(says("Lot"), CASE, lot(facture("7001", nir="1990133111222"))), Parked)


def test_without_a_reference_a_confirmed_contact_may_name_the_one_open_refusal() -> None:
    case = KnownCase(sender_ps=(PS,), open_rejets=(A, B))
    message = says("La facture n° 531341 est corrigée.")
    found = match(replace(message, verified=True), case)
    assert answered(found) == [1]
    assert isinstance(found, Match) and found.tier == 2
    assert isinstance(match(message, case), Parked)
    assert isinstance(match(replace(says("Bonjour"), verified=True), case), Parked)
    found = match(replace(says("factures 531341 et 999"), verified=True), case)
    assert answered(found) == [1] and isinstance(found, Match) and found.waiting
    twice = replace(case, open_rejets=(A, B, rejet(3, "0531341", NIR_B)))
    assert isinstance(match(replace(message, verified=True), twice), Parked)
    assert isinstance(match(replace(says("Toutes les factures sont corrigées."), verified=True), case), Parked)


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
    st.sampled_from(["ok", "facture 1001", "facture 1002 et 5", "Toutes sont corrigées.", "Je conteste."]),
)
def test_an_answer_is_always_an_open_refusal_of_the_letter_and_of_the_same_patient(
    pool: list[KnownRejet], brought: list[Facture], text: str
) -> None:
    documents = lot(*brought) if brought else []
    found = match(says(text), KnownCase(letters=(replace(LETTER, rejets=tuple(pool)),)), documents)
    if isinstance(found, Match):
        by_id = {item.rejet: item for item in pool}
        assert len({answer.rejet for answer in found.answers}) == len(found.answers)
        for answer in found.answers:
            assert answer.facture is None or answer.facture.nir == by_id[answer.rejet].nir


def test_a_refusal_is_never_closed_by_an_unrelated_invoice() -> None:
    case = replace(CASE, received=lambda rejet, number: [facture("18700")] if number == "18700" else [])
    text = "Pour la facture 531341, merci de corriger, même patient que la facture 18700 que vous avez payée."
    found = match(says(text), case)
    assert isinstance(found, Match) and found.answers[0].facture is None and acts(found) == {1: ReplyAct.QUESTION}
    later = replace(CASE, received=lambda rejet, number: [facture("18700", day=date(2026, 1, 9))])
    found = match(says("La facture 531341 est corrigée sous le n° 18700."), later)
    assert isinstance(found, Match) and found.answers[0].facture is None, "another care period"


def test_an_open_refusal_that_another_letter_told_is_settled_when_it_is_named_and_else_a_candidate() -> None:
    case = replace(CASE, open_rejets=(A, B, rejet(3, "18816"), rejet(4, "K314"), rejet(5, "7", ps="750100133")))
    found = match(says("531341 : corrigée\n18816 : je conteste\nK314 : corrigée"), case)
    assert acts(found) == {1: ReplyAct.CORRIGEE, 3: ReplyAct.CONTESTATION, 4: ReplyAct.CORRIGEE}
    assert isinstance(found, Match) and found.waiting is None and found.left == 1
    found = match(says("C’est corrigé."), case)
    assert isinstance(found, Parked) and [one.rejet for one in found.candidates] == [1, 2, 3, 4]
    assert answered(match(says("Tout est corrigé."), case)) == [1, 2]
