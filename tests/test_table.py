"""What an admin reads when the rule book is wrong, and that editing it does what it says."""

from __future__ import annotations

import pytest

from mailbot.errors import ConfigError, Fault
from mailbot.rules import judge
from mailbot.rules.facts import FACTS, NAMED
from tests import rules_world as world

REGLES = (world.CONFIG / "regles.yaml").read_text("utf-8")
MOTIFS = (world.CONFIG / "motifs.yaml").read_text("utf-8")


def faults(reponses: dict[str, str] | None = None, **texts: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        world.book(reponses, **texts)
    return caught.value.faults


def edited(*changes: tuple[str, str]) -> str:
    text = REGLES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_five_different_mistakes_are_shown_at_once_each_with_its_place() -> None:
    text = edited(
        ("si: [document_illisible]", "si: [document_ilisible]"),
        ("motif: MANQUE_PS", "motif: MANQUE_P"),
        ("facture {numero_ps}", "facture {numero_pss}"),
        ("- id: B3b", "- id: B3"),
        ("libelle: Facture adressée", "libele: Facture adressée"),
    )
    found = faults(regles=text)
    lines = text.splitlines()
    told = {lines[fault.line - 1].strip(): f"{fault.message} — {fault.hint}" for fault in found}
    assert "« document_illisible »" in told["si: [document_ilisible]"]
    assert "« MANQUE_PS »" in told["motif: MANQUE_P"]
    assert "« numero_ps »" in told['commentaire: "tâche {tache_numero_ps}, facture {numero_pss}"']
    assert "deux fois" in told["- id: B3"]
    assert "« libelle »" in told["libele: Facture adressée à l’assuré"]
    assert all(fault.file == "regles.yaml" and fault.line > 1 and fault.column > 1 for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("erreur: ACTE_MAU", "erreur: ACTE_MAO", "ACTE_MAU"),
        ("    erreur: ACTE_MAU\n", "", "erreur"),
        ('detail: "{premier_manque}"', "detail: BENEFICIARE", "BENEFICIAIRE"),
        ('date: "{liquidation_meme_ps}"', 'date: "{facture_reglee}"', "inconnue ici"),
        ('date: "{liquidation_meme_ps}"', "date: hier", "inattendue"),
        ("route: gestionnaire", "route: gest", "gestionnaire"),
        ("reprend: [B1, B2,", "reprend: [B1, B22,", "B22"),
        ("si: [referentiel_absent]", "si: [document_illisible]", "A0"),
        ("    motif: MANQUE_PS\n", "", "motif"),
        ("statut: acceptee", "statut: acceptee\n    motif: MANQUE_PS", "n’a pas de motif"),
        ('"NPAI"', '"NPAI {"', "accolades"),
    ],
)
def test_a_mistake_names_what_is_wrong_and_the_nearest_word(old: str, new: str, word: str) -> None:
    assert any(word in str(fault) for fault in faults(regles=edited((old, new))))


def test_a_motif_that_goes_to_the_ps_needs_a_text() -> None:
    found = faults({})
    assert {fault.file for fault in found} == {"motifs.yaml"}
    assert any("reponses/100_RO.txt" in fault.hint for fault in found)
    one = faults(
        dict.fromkeys(["MANQUE_PS"], "x"), regles=edited(("motif: MANQUE_PS", "motif: MANQUE_PS\n    route: ps"))
    )
    assert not any("MANQUE_PS" in str(fault) for fault in one)


def test_a_speciality_that_does_not_exist_is_named() -> None:
    text = (world.CONFIG / "specialites.yaml").read_text("utf-8").replace("sauf: [HOSP]", "sauf: [HOPS]")
    (fault,) = faults(specialites=text)
    assert "HOPS" in fault.message and "HOSP" in fault.hint


def test_the_motif_of_last_resort_must_stay() -> None:
    assert any(
        "dernier recours" in str(fault) for fault in faults(motifs=MOTIFS.replace("  MANQUE_CONSIGNE:", "  AUTRE:"))
    )


def decided(regles: str, **changes: object) -> str:
    judgement = judge.decide(world.facture(changes), world.references({}), world.book(regles=regles))
    return judgement.decision.regle


def test_a_rule_that_is_switched_off_is_not_looked_at() -> None:
    assert decided(REGLES, taux_ro="100") == "C1"
    assert decided(edited(("- id: C1\n", "- id: C1\n    actif: false\n")), taux_ro="100") == "H5"


def test_a_rule_of_known_facts_can_be_added_with_named_values() -> None:
    added = """regles:
  - id: Z1
    si: [ro_100, non document_illisible]
    motif: MANQUE_CONSIGNE
    commentaire: "lot {numero_lot}, soins du {debut_soins} au {fin_soins}"
"""
    book = world.book(regles=edited(("regles:\n", added)))
    decision = judge.decide(world.facture({"taux_ro": "100"}), world.references({}), book).decision
    assert (decision.regle, decision.commentaire) == ("Z1", "lot 118, soins du 10/03/2026 au 12/03/2026")


def test_each_fact_and_named_value_says_in_french_what_it_is() -> None:
    for item in (*FACTS.values(), *NAMED.values()):
        assert item.description and not item.description.endswith(".")
        assert item.name == item.name.lower() and " " not in item.name


# ---------------------------------------------------------------- rules that count from a day on

#: C1 sends a 100 % RO invoice to the PS up to the end of 2026, to the gestionnaire in 2027, and not at all after.
VERSIONS = """  - id: C1
    si: [ro_100]
    motif: 100_RO
    au: 2026-12-31
  - id: C1
    si: [ro_100]
    motif: 100_RO
    route: gestionnaire
    du: 2027-01-01
    au: 2027-12-31
"""
C1 = """  - id: C1
    libelle: Le régime obligatoire paie 100 %
    si: [ro_100]
    motif: 100_RO
"""


@pytest.mark.parametrize(
    ("received", "decided_as"),
    [
        ("31/12/2026", ("C1", "ps")),
        ("01/01/2027", ("C1", "gestionnaire")),
        ("31/12/2027", ("C1", "gestionnaire")),
        ("01/01/2028", ("C4", "ps")),
    ],
)
def test_a_row_counts_for_lots_received_on_its_days(received: str, decided_as: tuple[str, str]) -> None:
    book = world.book(regles=edited((C1, VERSIONS)))
    facture = world.facture({"taux_ro": "100", "date_reception": received, "actes": [{"date_soins": "12/03/2025"}]})
    judgement = judge.decide(facture, world.references({}), book)
    assert (judgement.decision.regle, judgement.decision.route) == decided_as
    looked_at = [step.regle for step in judgement.explication()]
    assert looked_at.count("C1") == (1 if decided_as[0] == "C1" else 0)


def test_reprend_takes_the_version_that_counts_on_the_day() -> None:
    b2 = """    motif: FACTURE_DEJA_PAYEE
    date: "{liquidation_meme_ps}"
    variantes:
      - si: [non liquidation_datee]
        route: gestionnaire
"""
    newer = "  - id: B2\n    si: [deja_liquidee]\n    motif: A_CONTROLER\n    du: 2027-01-01\n"
    book = world.book(regles=edited((b2, b2 + "    au: 2026-12-31\n" + newer)))
    case = {
        "referentiels": {
            "beneficiaires": [{"nir": "2850475111333"}],
            "agica": [{"nir": "2850475111333", "etat": "LIQUIDE", "date_liquidation": "01/02/2026"}],
        },
        "sans": ["beneficiaires"],
    }
    references = world.references(case)
    motifs = {}
    for received in ("31/12/2026", "01/01/2027"):
        judgement = judge.decide(world.facture({"date_reception": received}), references, book)
        assert judgement.explication_json()[-1]["valeurs"]["reprise_par"] == "F0"
        motifs[received] = (judgement.decision.regle, judgement.decision.motif)
    assert motifs == {"31/12/2026": ("B2", "FACTURE_DEJA_PAYEE"), "01/01/2027": ("B2", "A_CONTROLER")}


def test_a_book_without_periods_asks_for_no_day() -> None:
    assert world.book().changes == ()


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ("", "id", "écrite deux fois (regles.yaml:"),
        ("du: 2026-12-31", "id", "recouvrent ceux de l’autre règle « C1 » (regles.yaml:"),
        ("du: 2027-02-01\n    au: 2027-01-31", "au", "avant de commencer le 01/02/2027"),
        ("du: 01/01/2027", "du", "« 01/01/2027 » n’est pas un jour"),
        ("du: 20270101", "du", "« 20270101 » n’est pas un jour"),
        ("du: 2027-02-29", "du", "« 2027-02-29 » n’est pas un jour"),
    ],
)
def test_days_that_say_nothing_clear_are_a_fault(written: str, place: str, said: str) -> None:
    first = C1 if "deux fois" in said else C1 + "    au: 2026-12-31\n"
    text = edited((C1, f"{first}  - id: C1\n    si: [ro_100, plus_de_2_ans]\n    motif: 100_RO\n    {written}\n"))
    (fault,) = [fault for fault in faults(regles=text) if said in fault.message]
    assert text.splitlines()[fault.line - 1].strip(" -").startswith(f"{place}:")


def test_the_row_of_the_missing_tables_counts_always() -> None:
    text = edited(("si: [referentiel_absent]\n", "si: [referentiel_absent]\n    du: 2027-01-01\n"))
    (fault,) = faults(regles=text)
    assert "elle vaut toujours" in fault.message and "du: 2027-01-01" in text.splitlines()[fault.line - 1]


def test_a_rule_that_takes_over_only_rules_that_are_switched_off_never_speaks() -> None:
    text = edited(
        ("reprend: [B1, B2, B3, B3b, B4, B5, B6]", "reprend: [B1]"), ("- id: B1", "- id: B1\n    actif: false")
    )
    assert "F0" not in {rule.id for rule in world.book(regles=text).rules}
