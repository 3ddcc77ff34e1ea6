"""The decision table, case by case as a gestionnaire reads it; the explanation; the contact of a PS."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from mailbot.configuration.document import read_yaml
from mailbot.model.references import Agica
from mailbot.rules import judge
from mailbot.rules.book import LAST_RESORT, Book
from mailbot.rules.facts import FACTS
from mailbot.rules.references import References
from tests import rules_world as world

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES: list[dict[str, Any]] = [
    case for file in FILES for case in read_yaml(file.read_text("utf-8"), file.name).data if "attendu" in case
]


@pytest.fixture(scope="module")
def book() -> Book:
    return world.book()


def decided(case: dict[str, Any], book: Book) -> judge.Judgement:
    return judge.decide(world.facture(case.get("facture", {})), world.references(case), book)


@pytest.mark.parametrize("case", CASES, ids=[case["cas"] for case in CASES])
def test_a_case_is_decided_as_the_gestionnaire_expects(case: dict[str, Any], book: Book) -> None:
    judgement = decided(case, book)
    decision, expected = judgement.decision, case["attendu"]
    assert decision.regle == expected["regle"]
    assert decision.status == expected.get("statut", "acceptee" if decision.regle == "H5" else decision.status)
    for field in ("motif", "route"):
        if field in expected:
            assert getattr(decision, field) == expected[field]
    assert (decision.detail or "") == expected.get("detail", "")
    assert decision.commentaire == expected.get("commentaire", "") or "motif" not in expected
    assert decision.date == (world.day(expected["date"]) if "date" in expected else None) or "motif" not in expected
    if "saisie" in expected:
        assert decision.saisie == expected["saisie"]
    if "erreur" in expected:
        assert decision.erreur == expected["erreur"]
    steps = judgement.explication()
    assert [step.tenue for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].regle == decision.regle
    assert orjson.loads(orjson.dumps(judgement.explication_json())) == judgement.explication_json()


def test_every_rule_of_the_book_has_a_named_case(book: Book) -> None:
    named = {case["cas"].split(" ")[0] for case in CASES}
    assert {rule.id for rule in book.rules} | {book.missing_table.id} <= named


def test_every_fact_answers_yes_and_no_somewhere_in_the_cases(book: Book) -> None:
    seen: dict[str, set[bool]] = {name: set() for name in FACTS}
    for case in CASES:
        judgement = decided(case, book)
        for name, fact in FACTS.items():
            seen[name].add(fact.holds(judgement._case))
    assert {name for name, answers in seen.items() if len(answers) < 2} == set()


def test_the_number_of_another_ps_is_shown_nowhere(book: Book) -> None:
    case = {"referentiels": {"agica": [{"etat": "LIQUIDE", "numero_ps": "751111111"}]}}
    judgement = decided(case, book)
    assert judgement.decision.regle == "B3"
    assert b"751111111" not in orjson.dumps(judgement.explication_json())


def test_the_rules_read_again_under_the_other_nir_say_so(book: Book) -> None:
    case = {"facture": {"nir": "1990175000001"}, "referentiels": {"agica": [{"etat": "LIQUIDE"}]}}
    last = decided(case, book).explication()[-1]
    assert (last.regle, last.tenue) == ("B2", True)
    assert last.valeurs["reprise_par"] == "F0"
    assert last.valeurs["nir_relu"] == world.FACTURE["nir"]


def test_an_invoice_that_no_rule_decides_goes_to_the_gestionnaire(book: Book) -> None:
    judgement = decided({"referentiels": {"valorisations": [{"resultat": ""}]}}, book)
    assert (judgement.decision.regle, judgement.decision.motif) == (LAST_RESORT, "MANQUE_CONSIGNE")
    assert judgement.decision.route == "gestionnaire"
    assert judgement.explication()[-1].tenue


def test_a_decision_of_the_ledger_is_pending_until_agica_knows_it(book: Book) -> None:
    facture = world.facture({})
    day = date(2026, 3, 10)
    ours = Agica(facture.numero_ps, facture.nir, "04711", day, 900, "", "EN_COURS", None, "", "")
    waiting = References.of(world.tables({}), [ours])
    assert judge.decide(facture, waiting, book).decision.regle == "B3b"
    known = References.of(world.tables({"agica": [{"etat": "LIQUIDE_NUL"}]}), [ours])
    assert judge.decide(facture, known, book).decision.regle == "H5"
    elsewhere = References.of(world.tables({"agica": [{"etat": "LIQUIDE_NUL", "numero_ps": "751111111"}]}), [ours])
    assert judge.decide(facture, elsewhere, book).decision.regle == "B3b"


CENTRE = "750123456"


def contact(ps: str, mails: list[dict[str, str]], agaps: str = "", inscription: str | None = None) -> Any:
    rows = [{"numero_ps": ps, "mail": agaps}]
    added = {"agaps_mails": [{"numero_ps": ps, **mail} for mail in mails], "agaps": rows}
    found = judge.contact(ps, References.of(world.tables(added, ["agaps"])), "Almerys", inscription)
    return found and (found.mail, found.source)


def mail(address: str, fonction: str = "Retours PS", convention: str = "ALMÉRYS") -> dict[str, str]:
    return {"mail": address, "fonction": fonction, "convention": convention}


def test_the_registration_comes_first() -> None:
    assert contact(CENTRE, [mail("a@example.fr")], "b@example.fr", "c@example.fr") == ("c@example.fr", "inscription")


def test_a_health_centre_is_written_to_at_the_second_valid_address_of_its_returns() -> None:
    mails = [
        mail("non"),
        mail("a@example.fr"),
        mail("x@example.fr", "Direction"),
        mail("y@example.fr", convention="Autre"),
        mail("b@example.fr", "retour ps"),
        mail("c@example.fr"),
    ]
    assert contact(CENTRE, mails) == ("b@example.fr", "agaps_mails")
    assert contact(CENTRE, mails[:2], "z@example.fr") == ("a@example.fr", "agaps_mails")


def test_anybody_else_is_written_to_at_agaps_or_not_at_all() -> None:
    assert contact("752345678", [mail("a@example.fr")], "z@example.fr") == ("z@example.fr", "agaps")
    assert contact("752345678", [mail("a@example.fr")], "z@") is None
    assert contact(CENTRE, [mail("a@")], "z@example.fr") == ("z@example.fr", "agaps")
