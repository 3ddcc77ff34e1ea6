"""`explain` as a person would tell it: every case of tests/cases read out, old explanations, mails and letters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.cli import main
from mailbot.model.retours import EtatPart, Part, Raison, Retour
from mailbot.rules import telling
from mailbot.rules.book import LAST_RESORT, Book
from mailbot.rules.facts import FACTS
from mailbot.rules.telling import TELLINGS, Story
from tests import day
from tests import rules_world as world
from tests.test_rules import CASES, decided

BOOK = world.book()
#: What no gestionnaire would read out: Python, JSON, names of columns, ISO dates, double spaces, a hole left open.
RAW = re.compile(r"True|False|None|null|[{}\[\]]|[a-z]+_[a-z]+|\d{4}-\d\d-\d\d|\s\s|\.\.|«\S| ,|\(\)|, \.")
#: Tables are named as they are loaded.
TABLES = re.compile("|".join(sorted(world.TABLES, key=len, reverse=True)))

#: The reason of the first case of each rule, as it is read out on the phone.
REASONS = {
    "A0": "Le référentiel « agaps » n’a jamais été chargé, et la règle qui venait en a besoin.",
    "A1": "Le document est illisible.",
    "A2": "La tâche nomme le PS 752999999, la facture le PS 752345678.",
    "A3": "Le PS 752999999 n’est pas connu d’AGAPS.",
    "B1": "La facture porte la mention « complément », et elle ou ses actes ont déjà été traités : 1 ligne d’histo "
    "client.",
    "B2": "D’après AGICA, cette facture a déjà été payée à ce PS, le 05/04/2026.",
    "B3": "D’après AGICA, cette facture a déjà été payée à un autre PS, le 05/04/2026.",
    "B3b": "Cette facture est déjà en cours chez ce PS (1 trace).",
    "B4": "AGICA a déjà rejeté cette facture comme doublon total, réglé sur la facture n° 0088 le 05/04/2026.",
    "B5": "Des actes ont déjà été payés sur les factures n° 0010 et 9, en dernier le 03/04/2026.",
    "B6": "L’histo client connaît cette facture chez Smatis, payée le 01/04/2026.",
    "C1": "Le régime obligatoire paie 100 %.",
    "C2": "La facture ne dit pas à qui elle est adressée.",
    "C3": "La facture est adressée à l’assuré.",
    "C4": "Les soins ont fini le 12/03/2026 et la facture est arrivée le 13/03/2028, plus de deux ans après.",
    "C5": "Le parcours de soins n’est pas respecté.",
    "C6": "Le document est un bordereau de virement, pas une facture.",
    "D1": "Il manque 3 éléments : date de la facture, montant de la part RC et montant total de la dépense.",
    "D2": "Il manque 2 éléments : bénéficiaire des soins et montant total de la dépense.",
    "E0": "Le NIR « 285ABC » est mal formé, ou sa clé est fausse.",
    "E1": "Le NIR est connu, mais la base n’y met pas cette naissance : 12/04/1985, rang 2.",
    "E2": "Le NIR et la naissance sont connus, mais la base n’y met pas le nom Marie VALLON D'AUBIGNÉ.",
    "E3": "Le nom et la naissance désignent plusieurs personnes de la base, sous 2 NIR différents.",
    "E4": "Le NIR 2 85 04 75 111 222 est dans la base, mais pour quelqu’un d’autre : le patient n’y est trouvé ni par "
    "ce NIR, ni par son nom et sa naissance.",
    "E5": "Le patient n’est trouvé ni par son NIR, ni par son nom et sa naissance.",
    "F0": "Le patient est trouvé par son nom et sa naissance sous un autre NIR, qui finit par 222. D’après AGICA, "
    "cette facture a déjà été payée à ce PS, le 05/04/2026.",
    "F1": "Aucune carte n’est valable au début (10/03/2026) ni à la fin des soins (12/03/2026).",
    "F1b": "La spécialité n’est pas indiquée.",
    "F2": "Aucune carte valable ne couvre la spécialité BIO : la carte couvre AUX ; la mutuelle Les Tilleuls n’y fait "
    "pas exception.",
    "F3": "Aucun contrat n’a de carte valable à la fois au début (10/03/2026) et à la fin des soins (12/03/2026).",
    "F4": "La carte du contrat C1 est revenue NPAI.",
    "F5": "La carte du contrat C1 a été restituée.",
    "F6": "Les droits du contrat C1 sont ouverts jusqu’au 11/03/2026 : ils ne couvrent pas tous les soins, du "
    "10/03/2026 au 12/03/2026.",
    "F7": "La carte du contrat C1 demande une prise en charge (PEC), et la facture n’en porte pas le numéro.",
    "G1": "La facture porte un acte MAU sans acte AMI de coefficient 1 ou 1,5 (autres actes : AMI).",
    "G2": "Le code acte ZZZ n’est pas dans la nomenclature.",
    "G3": "Codes actes de la facture : AMI ; du récapitulatif : AMI et MAU.",
    "G4": "La facture est datée du 11/03/2026, avant la fin des soins, le 12/03/2026.",
    "G5": "Dates de soins de la facture : 10/03/2026 et 12/03/2026 ; du récapitulatif : 10/03/2026.",
    "G6": "Le prix unitaire de l’acte AMI est de 3,17 €, la nomenclature dit 3,15 €.",
    "G7": "La part RC est de 9,00 € sur la facture, de 9,02 € sur le récapitulatif.",
    "G8": "Les actes portent 2 numéros Adeli : 751234567 et 751234568.",
    "H1": "La facture n’est pas encore valorisée.",
    "H2": "La valorisation est refusée : « Acte hors garantie ».",
    "H3": "Le montant demandé est de 12,71 €, la valorisation calcule 12,50 €.",
    "H4": "La part RC demandée est de 9,00 €, la valorisation calcule 8,05 €.",
    "H5": "La facture est valorisée.",
}


def told(case: dict[str, Any], book: Book = BOOK) -> Story:
    return telling.tell(decided(case, book).explication_json(), book)


def sentences(story: Story) -> Iterator[str]:
    yield story.reason
    for _, path in story.path:
        yield from path


def plain(text: str) -> str:
    """With ordinary spaces, as the table above is written."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("case", CASES, ids=[case["cas"] for case in CASES])
def test_every_case_reads_like_a_person_wrote_it(case: dict[str, Any]) -> None:
    story = told(case)
    for sentence in sentences(story):
        assert not RAW.search(TABLES.sub("T", sentence)), sentence
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not re.search(r" [:;?!»%€]|« ", sentence), "espace insécable"
        assert not any(f"{fact.description}\u00a0»" in sentence for fact in FACTS.values()), "la phrase de secours"
    everything = [sentence for _, path in story.path for sentence in path]
    assert story.reason not in everything


@pytest.mark.parametrize("rule", REASONS)
def test_the_reason_names_the_value_that_decided(rule: str) -> None:
    case = next(case for case in CASES if case["cas"].startswith(f"{rule} — ") and _held(case) == rule)
    assert plain(told(case).reason) == REASONS[rule]


def _held(case: dict[str, Any]) -> str:
    last = decided(case, BOOK).explication()[-1]
    return str(last.valeurs.get("reprise_par", last.regle))


def test_no_rule_and_no_fact_is_without_its_sentence() -> None:
    assert set(REASONS) == {rule.id for rule in BOOK.rules} | {BOOK.missing_table.id}
    assert set(TELLINGS) == set(FACTS)
    assert {one.theme for one in TELLINGS.values()} == set(telling.THEMES)


def test_the_path_of_a_good_invoice_is_short_and_goes_by_theme() -> None:
    story = told({})
    assert [(theme, plain(" ".join(path))) for theme, path in story.path] == [
        ("Le document et le PS", "Le document est une facture CERFA, et le PS 752345678 est connu d’AGAPS."),
        (
            "Déjà vu, déjà payé",
            "La facture ne porte pas la mention « complément ». D’après AGICA, elle n’est ni payée, ni en cours, ni "
            "rejetée en doublon ; aucun de ses actes n’a été payé sur une autre facture, et l’histo client ne la "
            "connaît pas.",
        ),
        (
            "Le destinataire et les dates",
            "Le régime obligatoire paie 60 %, pas 100 %. La facture est adressée à l’organisme complémentaire. Les "
            "soins ont fini le 12/03/2026 et la facture est arrivée le 20/03/2026, dans les deux ans. Le parcours de "
            "soins est respecté.",
        ),
        ("Ce que la facture doit porter", "Rien ne manque."),
        ("Le patient", "Le NIR est bien formé. Le patient est trouvé par son NIR (1 personne)."),
        (
            "La carte et les droits",
            "Le patient a une carte valable au début des soins (10/03/2026) et à la fin (12/03/2026). Une carte "
            "valable couvre la spécialité AUX. Les soins ne sont pas à cheval sur deux contrats. La carte du contrat "
            "C1 n’est ni revenue NPAI, ni restituée. Les droits du contrat C1 sont ouverts sans limite. La carte ne "
            "demande pas de prise en charge (PEC).",
        ),
        (
            "Les actes",
            "Les codes actes sont dans la nomenclature, et aucun prix unitaire ne s’en écarte. Aucun récapitulatif "
            "n’accompagne la facture. La facture est datée du 12/03/2026, pas avant la fin des soins. Les actes ne "
            "portent pas de numéro Adeli.",
        ),
        ("La valorisation", "Le montant total (15,00 €) et la part RC (9,00 €) sont ceux de la valorisation."),
    ]


def test_what_the_base_knows_beyond_the_invoice_is_not_read_out() -> None:
    elsewhere = told({"referentiels": {"agica": [{"etat": "LIQUIDE", "numero_ps": "751111111"}]}})
    assert "751111111" not in " ".join(sentences(elsewhere))
    other = told({"facture": {"nir": "1990175000001"}, "referentiels": {"agica": [{"etat": "EN_COURS"}]}})
    assert other.rule == "B3b, relue sous l’autre NIR du patient (F0)"
    assert world.FACTURE["nir"] not in " ".join(sentences(other)).replace("\u00a0", "")
    theme, again = other.path[-1]
    assert theme == telling.OTHER_NIR
    assert again[-1] == "D’après AGICA, elle n’a été payée ni à ce PS, ni à un autre."


def test_a_rule_that_an_admin_added_is_told_by_its_facts() -> None:
    text = (world.CONFIG / "regles.yaml").read_text("utf-8")
    added = (
        "  - id: X1\n    libelle: Nos infirmiers\n    si: [non ro_100, un_manque, valorisation]\n"
        "    motif: A_CONTROLER\n\n  - id: A1\n"
    )
    book = world.book(regles=text.replace("  - id: A1\n", added, 1))
    held = told({"facture": {"montant_total": "", "taux_ro": "65"}}, book)
    assert (held.rule, plain(held.reason)) == (
        "X1",
        "Le régime obligatoire paie 65 %, pas 100 %. Il manque un élément : montant total de la dépense. La facture "
        "est valorisée.",
    )
    passed = told({"facture": {"type_document": "illisible"}}, book)
    assert ("Ce que la facture doit porter", ("Rien ne manque.",)) in passed.path
    # The same explanation when the rule has gone again, and when its facts are others.
    steps = decided({"facture": {"montant_total": "", "taux_ro": "65"}}, book).explication_json()
    assert telling.tell(steps, BOOK).reason.startswith("Cette règle n’est plus dans le livre")
    other = world.book(
        regles=text.replace("  - id: A1\n", added.replace("un_manque, ", "").replace("non ro_100", "ro_100"), 1)
    )
    assert telling.tell(steps, other).rule == "X1"
    steps = decided({"facture": {"type_document": "illisible"}}, book).explication_json()
    assert telling.tell(steps, BOOK).path[-1] == (telling.CHANGED, ("La règle X1 n’a pas tenu.",))


def test_the_last_resort_says_so() -> None:
    story = told({"referentiels": {"valorisations": [{"resultat": ""}]}})
    assert (story.rule, story.reason) == (LAST_RESORT, "Aucune règle du livre ne s’applique à cette facture.")
    assert story.path[-1][1][0] == "La valorisation n’a pas de résultat."


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from(["2026-03-12", "12,71"])
_VALUES = _SCALARS | st.lists(_SCALARS, max_size=3)
_NAMES = sorted({name for fact in FACTS.values() for name in (*fact.names, fact.name)} | {"reprise_par", "nir_relu"})
_RULES = sorted({rule.id for rule in BOOK.rules} | {"A0", LAST_RESORT, "disparue"})
_STEP = st.fixed_dictionaries(
    {},
    optional={
        "regle": st.sampled_from(_RULES),
        "tenue": st.booleans(),
        "valeurs": st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=12) | st.none(),
    },
)


@given(st.lists(_STEP, max_size=12))
def test_an_explanation_of_another_day_is_told_with_what_it_has(steps: list[dict[str, Any]]) -> None:
    story = telling.tell(steps, BOOK)
    assert story.reason
    assert all(path for _, path in story.path)


@given(st.sampled_from([case for case in CASES if _held(case) in REASONS]), st.data())
@settings(max_examples=200)
def test_values_that_changed_their_kind_are_no_trouble(case: dict[str, Any], data: st.DataObject) -> None:
    """Every value of a real explanation may be missing, renamed, or of another kind."""
    steps = decided(case, BOOK).explication_json()
    for step in steps:
        for name in list(step["valeurs"]):
            if data.draw(st.booleans()):
                step["valeurs"][name] = data.draw(_VALUES)
            elif data.draw(st.integers(0, 9)) == 0:
                del step["valeurs"][name]
    for sentence in sentences(telling.tell(steps, BOOK)):
        assert sentence


# -- on the command line -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day that has gone by, with a payment for the accepted invoice."""
    place = tmp_path_factory.mktemp("jour") / "config"
    day.prepare(place)
    with pytest.raises(SystemExit):
        main(["--config", str(place), "--now", "2026-03-02T08:00Z", "run", "--once"])
    with day.service(place) as service:
        file_id = service.ledger.lot_files.store(day.NOW, "retour.noe", b"retour")
        assert file_id is not None
        part = Part(700, EtatPart.PAYEE, 650)
        why = (Raison("R12", "Plafond", "L", "C"),)
        retour = Retour(1, day.PHARMACIE, "L1", "1001", "1001", (), day.NOW.date(), None, part, why, ())
        service.ledger.retours.keep(day.NOW, file_id, retour, service.ledger.retours.candidates("1001")[0], "")
    return place


def explained(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(folder), "explain", *arguments])
    out = capsys.readouterr().out
    assert ended.value.code == code
    return plain(out)


def test_a_refusal_is_told_with_its_letter_and_what_is_awaited(folder: Path, capsys: Any) -> None:
    lines = explained(folder, capsys, "1002").splitlines()
    assert lines[0] == "Facture 1002 du lot L1, PS 752000019, reçue le 01/03/2026"
    assert lines[1] == "Refusée le 02/03/2026 09:00 : 100% RO."
    assert lines[2] == "Le régime obligatoire paie 100 %."
    assert re.fullmatch(
        r"  Le courrier \d+ \(bordereau\) à contact@pharmacie-port\.example\.fr est parti le 02/03/2026 09:00\.",
        lines[5],
    )
    assert lines[6] == "  La réponse du PS est attendue."
    assert lines[-1] == "Règle C1 : le régime obligatoire paie 100 %."
    assert "La suite" in lines
    assert "Ce qui a été vérifié avant" in lines


def test_the_other_fates_of_an_invoice_are_told(folder: Path, capsys: Any) -> None:
    accepted = explained(folder, capsys, "1001")
    assert "Rien ne s’oppose à son paiement." in accepted
    assert (
        "D’après le retour NOEMIE du 02/03/2026, elle est payée avec un écart (part RC 6,50 € sur 7,00 € demandés)."
        in accepted
    )
    assert "C’est un gestionnaire qui traite ce refus, dans la Trame." in explained(folder, capsys, "1005")
    assert "Aucun courrier n’a pu être adressé au PS" in explained(folder, capsys, "332000017/L1/5")


def test_the_complete_list_and_the_json_stay(folder: Path, capsys: Any) -> None:
    assert "  → C1   oui  taux_ro = 100" in explained(folder, capsys, "1002", "--tout")
    assert explained(folder, capsys, "1002", "--all") == explained(folder, capsys, "1002", "--tout")
    told = json.loads(explained(folder, capsys, "1002", "--json"))
    assert list(told) == [
        "numero_lot", "numero_ps", "numero_facture", "version", "decided_at", "state", "status", "regle", "motif",
        "route", "detail", "erreur", "date", "commentaire", "saisie", "explication",
    ]  # fmt: skip


def test_mails_and_letters_are_told_too(folder: Path, capsys: Any) -> None:
    asked = explained(folder, capsys, "mail-1").splitlines()
    assert asked[0] == "Mail 1, reçu le 02/03/2026 09:00 : une demande d’inscription, du PS 752000019."
    assert any(line.startswith("En réponse : le courrier ") and "(étape d’inscription)" in line for line in asked)
    parked = explained(folder, capsys, "mail-2").splitlines()
    assert parked[1].startswith("Il attend un agent : ce message ne demande rien")
    assert parked[-1] == "« mailbot review show 2 » le montre."
    letter = re.search(r"courrier (\d+) \(bordereau\)", explained(folder, capsys, "1002"))
    assert letter
    told = explained(folder, capsys, f"lettre-{letter[1]}").splitlines()
    assert told[0] == f"Courrier {letter[1]} : bordereau pour le PS 752000019."
    assert any(line.startswith("Essai 1, le 02/03/2026 09:00 : envoyé (250") for line in told)
    assert "– facture 1002 du lot L1, refus ouvert" in told
    raw = next(raw for raw in day.delivered(folder) if b"bordereau" in raw)
    token = re.search(rb"mb-[a-z2-7]{26}", raw)
    assert token
    assert explained(folder, capsys, token[0].decode().upper()).startswith("Courrier ")
    for unknown in ("lettre-999", "mail-999", "mb-" + "a" * 26, "0" * 64):
        assert explained(folder, capsys, unknown, code=2) == ""
