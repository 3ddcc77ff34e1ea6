"""Reference tables: what each column may hold, what refuses a row, what refuses the file."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import Never
from mailbot.model import TABLES
from mailbot.parsers import identifiers, reference_tables

NIR = "2950199126111"
#: A good row of each table, by column; what is not named is empty.
GOOD = {
    "beneficiaires": {"nir": NIR, "date_naissance": "14/07/1995"},
    "cartes": {"date_debut": "01/01/2026", "garanties": "PHAR=100%|OPT=pec|MG=12,5 %|SE=-|BIO="},
    "droits": {"date_effet": "2026-01-01"},
    "agica": {"nir": NIR, "montant_rc": "12,71", "etat": "Liquidé nul", "motif_rejet": "doublon-total"},
    "agica_actes": {"numero_ps": "2A0002689"},
    "histo_client": {"date_soins": "01/01/2026"},
    "agaps": {"raison_sociale": "Pharmacie"},
    "agaps_mails": {"mail": "x"},
    "valorisations": {"resultat": "Valorisée", "montant_calcule": "1", "part_rc_calculee": "2,5"},
    "nomenclature": {"majoration": "oui"},
    "pieces": {"type_piece": "ordonnance", "source": "scor"},
}


def raw(name: str, *rows: dict[str, str]) -> bytes:
    columns: tuple[str, ...] = TABLES[name]._fields  # type: ignore[attr-defined]
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return "\n".join(";".join(line) for line in lines).encode()


def read(name: str, *rows: dict[str, str]) -> reference_tables.Table:
    return reference_tables.read_table(name, raw(name, *rows), f"{name}.csv", {})


@pytest.mark.parametrize("name", TABLES)
def test_a_good_row_loads_and_a_table_without_rows_is_loaded(name: str) -> None:
    table = read(name, GOOD[name])
    assert (len(table.rows), table.refus, table.warnings) == (1, (), ())
    assert isinstance(table.rows[0], TABLES[name])
    assert read(name).rows == []


@pytest.mark.parametrize("name", TABLES)
def test_each_column_is_mandatory_and_named_when_missing(name: str) -> None:
    for column in TABLES[name]._fields:  # type: ignore[attr-defined]
        header = ";".join(other for other in TABLES[name]._fields if other != column)  # type: ignore[attr-defined]
        with pytest.raises(Never, match=rf"{name}\.csv.*{column}.*absente"):
            reference_tables.read_table(name, f"{header}\n".encode(), f"{name}.csv", {})


def test_values_are_those_of_the_model() -> None:
    person = read("beneficiaires", GOOD["beneficiaires"] | {"nir": f"{NIR}{identifiers.nir_key(NIR):02d}"}).rows[0]
    assert (person.nir, person.date_naissance, person.rang_naissance) == (NIR, "1995-07-14", 1)
    trace = read("agica", GOOD["agica"]).rows[0]
    assert (trace.montant_rc, trace.etat, trace.motif_rejet) == (1271, "LIQUIDE_NUL", "DOUBLON_TOTAL")
    assert read("cartes", GOOD["cartes"]).rows[0].date_debut == date(2026, 1, 1)
    assert read("agica_actes", GOOD["agica_actes"]).rows[0].numero_ps == "200102689"
    assert read("valorisations", GOOD["valorisations"]).rows[0].resultat == "VALORISEE"
    assert read("nomenclature", {"code_acte": "A"}).rows[0].majoration is False


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("beneficiaires", "nir", "123"),
        ("beneficiaires", "nir", NIR + "00"),
        ("beneficiaires", "rang_naissance", "x"),
        ("cartes", "date_fin", "31/02/2026"),
        ("cartes", "garanties", "PHAR=oui"),
        ("cartes", "garanties", "PHAR=100%|PHAR=100%"),
        ("cartes", "garanties", "PHAR"),
        ("cartes", "garanties", "PHAR=100  %"),
        ("agica", "etat", "PAYE"),
        ("agica", "etat", ""),
        ("agica", "montant_rc", "1,234"),
        ("valorisations", "resultat", "peut-être"),
        ("valorisations", "resultat", ""),
        ("valorisations", "montant_calcule", ""),
        ("valorisations", "part_rc_calculee", ""),
        ("nomenclature", "majoration", "1"),
        ("nomenclature", "prix_unitaire", "gratuit"),
        ("pieces", "type_piece", "carte"),
        ("pieces", "source", "fax"),
    ],
)
def test_a_bad_value_refuses_its_row_and_the_others_load(name: str, column: str, value: str) -> None:
    table = read(name, GOOD[name], GOOD[name] | {column: value}, GOOD[name])
    assert len(table.rows) == 2
    (refus,) = table.refus
    assert (refus.fichier, refus.ligne, refus.colonne) == (f"{name}.csv", 3, column)
    assert refus.raison
    assert refus.valeur == (identifiers.masked(value) if column == "nir" else value)


@pytest.mark.parametrize(
    ("name", "column", "allowed"),
    [("agica", "etat", "LIQUIDE, LIQUIDE_NUL, REJETE, EN_COURS"), ("valorisations", "resultat", "VALORISEE, REFUSEE")],
)
def test_a_row_without_its_state_is_refused_and_told_the_states(name: str, column: str, allowed: str) -> None:
    (refus,) = read(name, GOOD[name] | {column: " "}).refus
    assert refus.raison == f"code absent ou inconnu ; valeurs admises : {allowed}"


def test_other_values_may_be_empty() -> None:
    for name, kind in TABLES.items():
        first = kind._fields[-1]  # type: ignore[attr-defined]
        filler = {"reference": "R", "prix_unitaire": "1"}.get(first, "" if first == "garanties" else "x")
        row = {first: filler} if first not in ("date_effet", "date_paiement", "garanties") else {kind._fields[0]: "x"}  # type: ignore[attr-defined]
        row |= {column: GOOD[name][column] for column in ("etat",) if name == "agica"}
        row |= {"resultat": "refusée"} if name == "valorisations" else {}
        assert read(name, row).refus == ()


def test_headers_may_have_other_names() -> None:
    table = reference_tables.read_table(
        "agaps_mails",
        b"FINESS,Convention,Fonction,E-mail,Ville\n1,a,b,c@example.fr,d\n",
        "f",
        {"finess": "numero_ps", "E-MAIL": "mail"},
    )
    assert table.rows[0] == ("1", "a", "b", "c@example.fr")
    assert "Ville" in table.warnings[0]


def test_a_cell_is_one_address_or_none() -> None:
    cells = {
        "contact@a.example.fr": "contact@a.example.fr",
        " Contact@A.Example.FR ": "Contact@A.Example.FR",
        "mailto:contact@a.example.fr": "contact@a.example.fr",
        "Cabinet Martin <contact@a.example.fr>": "contact@a.example.fr",
        "contact@a.example.fr / compta@a.example.fr": "",
        '"contact@a.example.fr;compta@a.example.fr"': "",
        "contact@a.example.fr compta": "",
        "contact@a": "",
        "contact @a.example.fr": "",
        "@a.example.fr": "",
        "néant": "",
        "": "",
    }
    table = read("agaps", *({"numero_ps": f"{75000000 + at:09}", "mail": cell} for at, cell in enumerate(cells)))
    assert [row.mail for row in table.rows] == list(cells.values()) and table.refus == ()
    (told,) = table.warnings
    assert "6 lignes (6, 7, 8, 9, 10, 11), colonne mail" in told and "une seule adresse" in told and "@" not in told


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(Never, match="inconnue"):
        reference_tables.read_table("medecins", b"", "medecins.csv", {})


@settings(deadline=None)
@given(st.sampled_from(list(TABLES)), st.binary(max_size=200))
def test_no_bytes_raise_anything_but_never(name: str, damage: bytes) -> None:
    reference_tables.read_table(name, raw(name, GOOD[name]) + b"\n" + damage, "f", {})
    try:
        reference_tables.read_table(name, damage, "f", {})
    except Never as fault:
        assert fault.reason.startswith("f ")
