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
