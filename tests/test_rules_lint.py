"""What `rules check` tells an admin: every mistake of all files at once, each at its place, and never a wrong one."""

import pathlib
import shutil
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.cli import main
from mailbot.configuration import folder
from mailbot.model import Decision, Saisie, Status
from mailbot.rules.case import Case
from mailbot.rules.facts import FACTS
from mailbot.rules.facts.types import Fact
from mailbot.rules.lint import reach
from mailbot.rules.lint.laws import LAWS
from mailbot.rules.lint.reach import Speaker
from mailbot.rules.period import Period
from mailbot.rules.references import References
from mailbot.rules.rule import Outcome, Rule, Template, Variant
from tests import worlds
from tests.test_judge_against_naive import book


@pytest.fixture
def config(tmp_path):
    place = tmp_path / "config"
    shutil.copytree(folder.shipped(), place, ignore=shutil.ignore_patterns("var"))
    return place


def edit(place: pathlib.Path, file: str, *changes: tuple[str, str]) -> list[tuple[int, int]]:
    """Edits a file; each § in the new text marks a word that is wrong: their lines and columns are given back."""
    text = (place / file).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    places = [(number, line.index("§") + 1) for number, line in enumerate(text.splitlines(), 1) if "§" in line]
    (place / file).write_text(text.replace("§", ""), encoding="utf-8")
    return places


def told(place: pathlib.Path) -> list[str]:
    found = folder.examine(place)
    lint = found.findings()
    return [str(fault) for fault in (*found.faults, *found.warnings, *lint.mistakes, *lint.remarks)]


def check(place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(place), "rules", "check"])
    return int(ended.value.code or 0), capsys.readouterr().err.splitlines()


# ---------------------------------------------------------------- the command


def test_the_shipped_rule_book_is_clean(config, capsys):
    code, said = check(config, capsys)
    assert (code, len(said)) == (0, 1)
    assert said[0].startswith("livre des règles sans faute")


def test_five_really_different_mistakes_are_shown_at_once_in_the_order_of_their_places(config, capsys):
    places = edit(
        config,
        "regles.yaml",
        ("motif: DOCUMENT_NON", "motif:§DOCUMENT_NON"),
        ("si: [tache_differente]", "si: [§tache_diferente]"),
        ("motif: MANQUE_PS", "motif: §MANQUE_P"),
        ("  - id: C6\n", "  - id: §C5\n    du: 2027-01-01\n    si: [trace]\n    motif: A_CONTROLER\n  - id: C6\n"),
        ("id: D2\n    libelle: Un ou deux éléments manquants\n    si: [un_manque]", "id: §D2\n    si: [trois_manques]"),
    )
    (hole,) = edit(config, "reponses/100_RO.txt", ("{payeur}", "§{payer}"))
    code, said = check(config, capsys)
    assert code == 2
    *said, verdict = said
    assert verdict == "6\u00a0fautes : le service ne démarre pas ainsi"
    expected = [
        "YAML illisible : il manque une espace après « motif: » — écrivez « motif: valeur »",
        "fait « tache_diferente » inconnu — vouliez-vous dire « tache_differente » ?",
        "motif « MANQUE_P » inconnu — vouliez-vous dire « MANQUE_PS » ?",
        "règle « C5 » : ses jours recouvrent ceux de l’autre règle « C5 » (regles.yaml:",
        "règle D2 : jamais atteinte : la règle D1 (regles.yaml:",
    ]
    for one, (line, column), words in zip(said, places, expected, strict=False):
        assert one.startswith(f"regles.yaml:{line}:{column} : {words}")
    assert len(places) == 5 and len(said) == 6
    assert said[5].startswith(f"reponses/100_RO.txt:{hole[0]}:{hole[1]} : champ inconnu « {{payer}} »")


def test_remarks_alone_end_with_one_and_the_service_runs(config, capsys):
    edit(config, "motifs.yaml", ("motifs:\n", "motifs:\n  NOUVEAU:\n    libelle: Nouveau\n    route: gestionnaire\n"))
    code, said = check(config, capsys)
    assert code == 1
    assert said[0].startswith("motifs.yaml:") and " : remarque : aucune règle ne donne le motif NOUVEAU" in said[0]
    assert said[-1] == "1\u00a0remarque : le service marche quand même"
    assert folder.load(config).book


def test_a_row_that_is_never_reached_is_a_mistake_and_the_service_still_runs(config, capsys):
    edit(config, "regles.yaml", ("si: [trois_manques]", "si: [un_manque]"))
    code, said = check(config, capsys)
    assert code == 2
    assert said[-1] == "1\u00a0faute : le service marche quand même"
    assert folder.load(config).book


def test_a_wrong_text_is_shown_together_with_wrong_rules_and_replaced_at_run_time(config):
    (place,) = edit(config, "reponses/100_RO.txt", ("{payeur}", "§{payer}"))
    (wrong,) = edit(config, "regles.yaml", ("motif: MANQUE_PS", "motif: §MANQUE_P"))
    said = told(config)
    assert any(one.startswith(f"reponses/100_RO.txt:{place[0]}:{place[1]} : champ inconnu") for one in said)
    assert any(one.startswith(f"regles.yaml:{wrong[0]}:{wrong[1]} : motif « MANQUE_P » inconnu") for one in said)
    edit(config, "regles.yaml", ("motif: MANQUE_P\n", "motif: MANQUE_PS\n"))
    loaded = folder.load(config)
    assert [fault.file for fault in loaded.warnings] == ["reponses/100_RO.txt"]
    assert "payeur" in loaded.house.reponses.textes["100_RO"].commun


def test_a_text_that_is_not_utf8_is_replaced_at_run_time(config):
    (config / "reponses/100_RO.txt").write_bytes("Réglé.\n".encode("latin-1"))
    assert next(one for one in told(config) if "UTF-8" in one).startswith("reponses/100_RO.txt:1:2 : ")
    assert folder.load(config).house.reponses.textes["100_RO"].commun


# ---------------------------------------------------------------- each lint, with its line and column

C5 = "    si: [hors_parcours]\n    motif: PARCOURS_NON_RESPECTE\n"


def row(name: str, facts: str, before: str, says: str = "motif: A_CONTROLER") -> tuple[str, str]:
    """The edit that puts a row before another."""
    return f"  - id: {before}\n", f"  - id: {name}\n    si: [{facts}]\n    {says}\n  - id: {before}\n"


def next_version(first_day: str) -> tuple[str, str]:
    """The edit that ends C5 with 2026 and gives it a second version, from a day on."""
    return C5, f"{C5}    au: 2026-12-31\n  - id: C5\n{C5}    du: §{first_day}\n"


#: What is wrong -> (before, after with § at the wrong word, what is said) in regles.yaml. Nothing else is said.
RULES = {
    "unknown fact": ("[document_illisible]", "[§document_ilisible]", "« document_illisible »"),
    "unknown fact after non": ("[non patient_trouve]", "[non §patient_trouvé]", "« patient_trouve »"),
    "pas": ("[ro_100]", "[§pas ro_100]", "« non ro_100 »"),
    "not": ("[ro_100]", "[§not ro_100]", "« non ro_100 »"),
    "NON": ("[ro_100]", "[§NON ro_100]", "« non ro_100 »"),
    "non without a space": ("[ro_100]", "[§nonro_100]", "« non ro_100 »"),
    "a bang": ("[ro_100]", "[§!ro_100]", "« non ro_100 »"),
    "a bang in quotes": ("[ro_100]", '["§!ro_100"]', "« non ro_100 »"),
    "a fact that begins like a denial": ("[nom_different]", "[§non_different]", "« nom_different »"),
    "a sign in an id": ("id: C5", 'id: §"C5\\e[31m"', "signe qui n’a pas sa place dans un id"),
    "an empty id": ("id: C5", 'id: §""', "un texte vide n’est pas admis"),
    "a rule that takes over itself": ("reprend: [B1, B2,", "reprend: [B1, §F0, B2,", "ne se reprend pas elle-même"),
    "a rule taken over twice": ("reprend: [B1, B2,", "reprend: [B1, B2, §B1,", "nommée deux fois"),
    "no dash": ("  - id: C5", "  §id: C5", "il manque « - » devant id"),
    "a fact without brackets": ("si: [ro_100]", "si: §ro_100", "écrivez [ro_100]"),
    "actif in French": ("- id: C5\n", "- id: C5\n    actif: §non\n", "écrivez false"),
    "a day in French": ("- id: C5\n", "- id: C5\n    du: §01/07/2026\n", "2026-07-01"),
    "nested too deep": ("si: [ro_100]", "si: " + "[" * 38 + "§" + "[" * 2 + "]" * 40, "trop profonds"),
    "a number too long": ('commentaire: "NPAI"', "commentaire: §" + "9" * 5000, "trop long"),
    "a rule after which none is reached": (
        "si: [ro_100]",
        "si: §[]",
        "C1 : à cause d’elle",
    ),
    "two rules after which none is reached": (
        row("E6", "patient_trouve", "F0")[0],
        row("E6", "patient_trouve", "F0")[1].replace("si: [", "si: §[", 1),
        "E6 : à cause d’elle",
    ),
    "unknown second fact": ("deja_traitee]", "§deja_traite]", "« deja_traitee »"),
    "unknown fact of a variant": ("[non liquidation_datee]", "[non §liquidation_date]", "« liquidation_datee »"),
    "unknown motif": ("motif: MANQUE_PS", "motif: §MANQUE_P", "« MANQUE_PS »"),
    "unknown motif of a variant": (
        "    " * 2 + "motif: A_CONTROLER",
        "    " * 2 + "motif: §A_CONTROL",
        "« A_CONTROLER »",
    ),
    "unknown detail": ('    detail: "{premier_manque}"', "    detail: §BENEFICIARE", "« BENEFICIAIRE »"),
    "unknown erreur": ("erreur: ACTE_MAU", "erreur: §ACTE_MAO", "« ACTE_MAU »"),
    "erreur missing": (
        "    erreur: DOCUMENT_NON_CONFORME\n",
        "    erreur: DOCUMENT_NON_CONFORME\n    variantes:\n      - §si: [trace]\n        erreur: null\n",
        "demande une « erreur »",
    ),
    "unknown value in a comment": ("{numero_ps}", "§{numero_pss}", "« numero_ps »"),
    "value with a format": ("{numero_ps}", "§{numero_ps:>9}", "sans rien d’autre"),
    "unknown value of a date": ('    date: "{liquid', '    date: "{§liqid', "« liquidation_meme_ps »"),
    "date in words": ('date: "{liquidation_meme_ps}"', "date: §hier", "inattendue"),
    "braces": ('"NPAI"', '§"NPAI {"', "accolades"),
    "unknown rule in reprend": ("B2, B3, B3b", "B2, §B33, B3b", "« B3 »"),
    "route": ("route: gestionnaire", "route: §gest", "ps, gestionnaire"),
    "unknown key": ("libelle: Document illisible", "§libele: Document", "« libelle »"),
    "not a day": ("- id: C5\n", "- id: C5\n    du: §31/12/2026\n", "2027-01-31"),
    "ends before it begins": ("- id: C5\n", "- id: C5\n    du: 2027-01-02\n    au: §2027-01-01\n", "échangez"),
    "id twice": ("id: C3\n", "id: §C2\n", "écrite deux fois (regles.yaml:"),
    "days that overlap": (C5, f"{C5}    au: 2026-12-31\n  - id: §C5\n{C5}    du: 2026-12-31\n", "(regles.yaml:"),
    "days of A0": ("- id: A0\n", "- id: A0\n    §du: 2027-01-01\n", "vaut toujours"),
    "never: opposites": (
        "si: [hors_parcours]",
        "si: §[hors_parcours, non hors_parcours]",
        "C5 : elle ne tient jamais, ses faits s’excluent (« hors_parcours » et « non hors_parcours »)",
    ),
    "never: facts that exclude each other": (
        "si: [valorisee]",
        "si: §[valorisee, valorisation_refusee]",
        "« valorisation_refusee » exclut « valorisee »",
    ),
    "never: a fact without the one it supposes": (
        "[doublon_total]",
        "§[doublon_total, non trace]",
        "« doublon_total » suppose « trace »",
    ),
    "never: after a row with fewer facts": (
        *row("§Z1", "hors_parcours, trace", "C6"),
        "règle Z1 : jamais atteinte : la règle C5 (regles.yaml:",
    ),
    "never: after a row whose fact it supposes": (
        *row("§Z1", "trois_manques, trace", "E0"),
        "règle Z1 : jamais atteinte : la règle D1 (regles.yaml:",
    ),
    "never: after a row with the same facts": (*row("§Z1", "hors_parcours", "C6"), "a les mêmes faits et parle avant"),
    "two rows that say the same": (
        *row("§Z1", "hors_parcours", "C6", "motif: PARCOURS_NON_RESPECTE"),
        "règle Z1 : elle dit la même chose que la règle C5 (regles.yaml:",
    ),
    "two rows that take over the same": (
        *row("§Z1", "patient_autre_nir", "F1", "reprend: [B6, B5, B4, B3b, B3, B2, B1]"),
        "dit la même chose que la règle F0",
    ),
    "never: between them the rows before take it all": (
        row("Z1", "trace, exception_mutuelle", "H5")[0],
        row("Z1", "trace, exception_mutuelle", "H5")[1].removesuffix("  - id: H5\n")
        + row("Z2", "trace, non exception_mutuelle", "H5")[1].removesuffix("  - id: H5\n")
        + row("§Z3", "trace, non ro_100", "H5")[1],
        "prennent ensemble tous ses cas",
    ),
    "never: after a row that always holds": (
        "    si: [valorisee]\n    statut: acceptee\n",
        "    si: []\n    statut: acceptee\n  - id: §Z1\n    si: [trace]\n    motif: A_CONTROLER\n",
        "la règle H5 (regles.yaml:",
    ),
    "never: a variant whose fact its row excludes": (
        "si: [non doublon_numero_connu]",
        "si: §[non deja_traitee]",
        "règle B4, variante 1 : elle ne tient jamais",
    ),
    "never: a variant after another": (
        "- si: [histo_numero_connu]",
        "- si: §[non histo_datee, non histo_numero_connu]",
        "règle B6, variante 2 : jamais atteinte : sa variante 1 (regles.yaml:",
    ),
    "a text with a place that the rule leaves empty": (
        '    motif: A_CONTROLER\n    commentaire: "facture en cours"',
        "    motif: §MANQUE_DETAIL",
        "montre {detail}, qu’elle ne donne pas",
    ),
    "a variant that changes nothing": (
        C5,
        C5 + "    variantes:\n      - si: §[trace]\n        route: ps\n",
        "règle C5, variante 1 : elle ne change rien",
    ),
    "a rule that takes over nothing": (
        *row(
            "Z1",
            "patient_autre_nir",
            "A1",
            "reprend: §[Z0]\n  - id: Z0\n    si: [trace]\n    motif: A_CONTROLER\n    actif: false",
        ),
        "mises de côté",
    ),
    "days that no version counts on": (*next_version("2027-02-01"), "ne vaut du 01/01/2027 au 31/01/2027"),
    "two versions that say the same": (*next_version("2027-01-01"), "que la précédente (regles.yaml:"),
}
MOTIF = "  §NOUVEAU:\n    libelle: Nouveau\n    route: {}\n  100_RO:"
#: The same of the other files.
OTHERS = {
    "motif without a text": ("motifs.yaml", "  100_RO:", MOTIF.format("ps"), "sans texte"),
    "motif that no rule gives": ("motifs.yaml", "  100_RO:", MOTIF.format("gestionnaire"), "motif NOUVEAU"),
    "speciality": ("specialites.yaml", "sauf: [HOSP]", "sauf: [§HOPS]", "« HOSP »"),
    "section that nobody reads": ("reponses/MANQUE_DETAIL.txt", "[PART_RC]", "[§PART_RO]", "« PART_RC »"),
    "placeholder of a text": ("reponses/100_RO.txt", "{payeur}", "§{payer}", "« payeur »"),
}
MISTAKES = {**{name: ("regles.yaml", *what) for name, what in RULES.items()}, **OTHERS}


@pytest.mark.parametrize(("file", "before", "after", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_shown_once_at_the_wrong_word(config, file, before, after, words):
    ((line, column),) = edit(config, file, (before, after))
    (said,) = told(config)
    assert said.startswith(f"{file}:{line}:{column} : ")
    assert words in said
    assert " — " in said or "(exemple : " in said, "it says what to do"


def test_invoices_that_no_rule_decides_are_a_remark_with_an_example(config):
    edit(config, "regles.yaml", ("  - id: H5\n", "  - id: H5\n    actif: false\n"))
    (said,) = told(config)
    assert "des factures n’auront aucune règle" in said and "MANQUE_CONSIGNE" in said
    facts = said.split("par exemple ")[1].split(", et aucun")[0].split(", ")
    assert "valorisee" in facts and not {"montant_different", "part_rc_differente", "ro_100"} & set(facts)


def test_a_rule_that_is_taken_over_but_switched_off_is_a_remark(config):
    edit(config, "regles.yaml", ("  - id: B5\n", "  - id: B5\n    actif: false\n"))
    (said,) = told(config)
    assert "la règle B5 qu’elle reprend est mise de côté" in said


def test_brackets_without_end_are_a_fault_and_no_traceback(config, capsys):
    (config / "regles.yaml").write_text("regles: " + "[" * 5000, encoding="utf-8")
    code, said = check(config, capsys)
    assert code == 2 and said[0].startswith("regles.yaml:1:") and "trop profonds" in said[0]


def test_a_quote_that_stays_open_accuses_no_later_row(config):
    ((line, column),) = edit(config, "regles.yaml", ('"facture en cours"', '§"facture en cours'))
    (said,) = told(config)
    assert said.startswith(f"regles.yaml:{line}:{column} : ") and "pas refermé" in said


def test_a_motif_code_is_a_file_name(config):
    ((line, column),) = edit(
        config, "motifs.yaml", ("  100_RO:", '  §"../X":\n    libelle: X\n    route: gestionnaire\n  100_RO:')
    )
    assert told(config)[0].startswith(f"motifs.yaml:{line}:{column} : motif '../X' : signe")


def test_a_consigne_of_no_motif_or_with_too_few_cells_is_told_and_the_service_runs(config):
    path = config / "consignes.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "8001;a;b;\n8002;a;b;100_R0;\n8003;a;b\n", encoding="utf-8")
    last = text.count("\n") + 3
    first, second = told(config)
    assert first.startswith(f"consignes.csv:{last - 1}:4 : motif « 100_R0 » inconnu — vouliez-vous dire « 100_RO »")
    assert second.startswith(f"consignes.csv:{last}:1 : 3 cellules pour 5 colonnes")
    assert folder.load(config).book


def test_a_text_of_no_motif_is_named_with_the_nearest_motif(config):
    (config / "reponses/100_R0.txt").write_text("Un texte.\n", encoding="utf-8")
    assert told(config) == [
        "reponses/100_R0.txt : aucun motif ne s’appelle 100_R0 : personne ne lit ce texte — "
        "vouliez-vous dire « 100_RO » ?"
    ]


@pytest.mark.parametrize(
    "wrong", ["si: hors_parcours", "si: [1]", "si: [trace]\n    actif: oui", "si: [trace]\n    au: hier", "cy: [trace]"]
)
def test_a_row_of_which_something_cannot_be_read_accuses_no_other_and_is_not_accused(config, wrong):
    edit(config, "regles.yaml", ("  - id: A1\n", f"  - id: Z1\n    {wrong}\n  - id: A1\n"))
    said = told(config)
    assert said and not any("règle" in one for one in said), said


def test_rows_behind_an_item_that_is_no_row_keep_their_places(config):
    places = edit(
        config,
        "regles.yaml",
        ("  - id: A1\n", "  - §perdu\n  - id: A1\n"),
        ("[tache_differente]", "[§tache_difference]"),
    )
    assert [tuple(map(int, one.split(" : ")[0].split(":")[1:])) for one in told(config)] == places


def test_a_variant_that_keeps_a_case_from_the_next_one_changes_something(config):
    edit(
        config,
        "regles.yaml",
        ("    motif: PARCOURS_NON_RESPECTE\n", "    motif: PARCOURS_NON_RESPECTE\n    variantes:\n      - si: [trace]\n"
         "      - si: [exception_mutuelle]\n        route: gestionnaire\n"),
    )  # fmt: skip
    assert told(config) == []


def test_a_row_that_speaks_only_when_it_is_taken_over_is_not_accused(config):
    edit(config, "regles.yaml", row("Z1", "deja_liquidee", "B3b"))
    assert ["Z1" in one for one in told(config)] == [True]
    edit(config, "regles.yaml", ("reprend: [B1, B2,", "reprend: [B1, Z1,"))
    assert told(config) == []
    edit(config, "regles.yaml", ("reprend: [B1, Z1,", "reprend: [B1, B2, Z1,"))
    assert ["Z1" in one for one in told(config)] == [True]


# ---------------------------------------------------------------- never a wrong accusation


def test_what_facts_owe_each_other_holds_in_all_worlds_under_both_nirs() -> None:
    """And each of the facts that owe something is met, so that no law is true for want of cases."""
    met: set[str] = set()
    for seed in range(3000):
        world = worlds.by_seed(seed)
        case = Case(world.facture, References.of(world.tables, en_cours=world.en_cours), book().terms)
        cases = [case]
        if case.other_nir:
            cases.append(Case(case.facture, case.references, case.terms, case.other_nir))
        for one in cases:
            holding = {name for name, fact in FACTS.items() if fact.holds(one)}
            met |= holding
            for law in LAWS:
                assert any((name in holding) is wanted for name, wanted in law.clause), (seed, law.words)
    assert {name for law in LAWS for name, wanted in law.clause if not wanted} - {"referentiel_absent"} <= met


NAMES = ("a", "b", "c", "d")
SOME_FACTS = {name: Fact(name, name, (), lambda case: False) for name in NAMES}
FIRST, SECOND = date(2027, 1, 1), date(2027, 7, 1)
#: One day before any change, one on each side of the second.
DAYS = (date(2026, 1, 1), FIRST, SECOND)
NOTHING = Outcome(
    Decision(Status.ACCEPTEE, "", None, None, None, None, None, "", Saisie.AUCUNE), Template(()), None, None
)
PERIODS = (
    Period(),
    Period(),
    Period(),
    Period(FIRST),
    Period(last=date(2026, 12, 31)),
    Period(FIRST, date(2027, 6, 30)),
)
TESTS = st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=3)


@st.composite
def small_books(draw: st.DrawFn, taking: bool) -> list[Rule]:
    """Rules over four facts that owe each other nothing, some with variants, some for a time, some taking over."""
    rules: list[Rule] = []
    for number in range(draw(st.integers(1, 7))):
        tests = _tests(draw(TESTS))
        taken = draw(st.lists(st.sampled_from(rules), max_size=2, unique_by=id)) if taking and rules else []
        if any(rule.takes_over for rule in taken):
            taken = []
        variants = () if taken else tuple(Variant(_tests(one), NOTHING) for one in draw(st.lists(TESTS, max_size=3)))
        period = draw(st.sampled_from(PERIODS))
        rules.append(Rule(f"R{number}", tests, (), None if taken else NOTHING, variants, tuple(taken), period))
    return rules


def _tests(written: list[tuple[str, bool]]) -> tuple[tuple[Fact, bool], ...]:
    return tuple((SOME_FACTS[name], wanted) for name, wanted in written)


def _hold(tests: tuple[tuple[Fact, bool], ...], facts: dict[str, bool]) -> bool:
    return all(facts[fact.name] is wanted for fact, wanted in tests)


def spoken(rules: list[Rule]) -> set[tuple[str, int | None]]:
    """Every rule and variant that speaks for some facts under the NIR, some under the other NIR, and some day."""
    worlds_of_facts = [dict(zip(NAMES, answers, strict=True)) for answers in product((True, False), repeat=len(NAMES))]
    others = [*worlds_of_facts, None] if any(rule.takes_over for rule in rules) else [None]
    heard: set[tuple[str, int | None]] = set()
    for facts, other, day in product(worlds_of_facts, others, DAYS):
        for rule in rules:
            if day not in rule.period or not _hold(rule.tests, facts):
                continue
            if not rule.takes_over:
                heard |= _speaks(rule, facts)
                break
            taken = [one for one in rule.takes_over if day in one.period and other and _hold(one.tests, other)]
            if taken and other:
                heard |= {(rule.id, None)} | _speaks(taken[0], other)
                break
    return heard


def _speaks(rule: Rule, facts: dict[str, bool]) -> set[tuple[str, int | None]]:
    first = next((at for at, (tests, _) in enumerate(rule.variants) if _hold(tests, facts)), None)
    return {(rule.id, None), (rule.id, first)}


def accused(rules: list[Rule]) -> set[tuple[str, int | None]]:
    """Those that are said to be dead; of a dead rule the variants as well."""
    dead = {(found.speaker.rule.id, found.speaker.variant) for found in reach.dead(rules)}
    for rule in rules:
        if (rule.id, None) in dead:
            dead |= {(rule.id, at) for at in range(len(rule.variants))}
    return dead


@settings(deadline=None)
@given(small_books(taking=False))
def test_a_row_or_variant_is_accused_just_when_no_facts_on_no_day_make_it_speak(rules: list[Rule]) -> None:
    everything = {(rule.id, at) for rule in rules for at in (None, *range(len(rule.variants)))}
    assert accused(rules) == everything - spoken(rules)


@settings(deadline=None)
@given(small_books(taking=True))
def test_no_row_that_can_speak_is_accused_whatever_the_rows_take_over(rules: list[Rule]) -> None:
    assert not accused(rules) & spoken(rules)


@settings(deadline=None)
@given(small_books(taking=False))
def test_the_causes_alone_keep_a_row_silent(rules: list[Rule]) -> None:
    for found in reach.dead(rules):
        if found.speaker.variant is None:
            kept = [rule for rule in rules if rule is found.speaker.rule or Speaker(rule) in found.causes]
            assert (found.speaker.rule.id, None) not in spoken(kept)
