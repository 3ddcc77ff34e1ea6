"""The configuration folder: read once, closed, and every mistake shown with its place and its remedy."""

import copy
import json
import pathlib
import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot import connection
from mailbot.configuration import document, folder, schemas
from mailbot.configuration.settings import Privacy, Settings
from mailbot.errors import ConfigError, Later
from mailbot.letters import render, words


@pytest.fixture
def config(tmp_path):
    place = tmp_path / "config"
    shutil.copytree(folder.shipped(), place)
    return place


def edit(path: pathlib.Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def faults(place: pathlib.Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        folder.load(place)
    return [str(fault) for fault in caught.value.faults]


def test_the_shipped_configuration_has_no_fault(config):
    loaded = folder.load(config)
    assert loaded.warnings == ()
    assert loaded.settings.ledger.path == config / "var/registre.sqlite"


def test_a_short_configuration_gets_sensible_defaults(config):
    (config / "mailbot.yaml").write_text(
        "organisation: {name: Mutuelle, service_address: s@example.fr, registration_address: i@example.fr}\n"
        "inbox: {type: maildir, path: entrant}\n"
        "outbox: {type: maildir, path: sortant, from_address: s@example.fr}\n",
        encoding="utf-8",
    )
    settings = folder.load(config).settings
    assert settings.ledger.path == config / "var/registre.sqlite"
    assert settings.lots.drop_folder == config / "var/lots"
    assert settings.bordereau.max_rows == 10


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "  name: Mutuelle Exemple",
            "  nane: Mutuelle Exemple",
            "clé inconnue « organisation.nane » — vouliez-vous dire « name »",
        ),
        ("  max_rows: 10 ", "  max_rows: -1 ", "bordereau.max_rows"),
        ("  plain: masked ", "  plain: masque ", "vouliez-vous dire « masked »"),
        ("inbox:\n", "inbox: &boite\n", "ancres"),
        ("  max_tries: 12", "  max_tries: 12\n  max_tries: 13", "écrite deux fois"),
        ("ledger:\n", "ledger\n", "YAML illisible"),
        ("  from_address: service.fluxtiers@example.fr", "  from_address: service", "n’est pas une adresse"),
        ("  path: var/courrier-entrant", "  host: imap.example.fr", "« path » est obligatoire"),
    ],
)
def test_a_mistake_in_mailbot_yaml_names_file_line_and_remedy(config, before, after, said):
    edit(config / "mailbot.yaml", before, after)
    (fault,) = [fault for fault in faults(config) if said in fault]
    assert fault.startswith("mailbot.yaml:")
    line = int(fault.split(":")[1])
    assert 1 < line < (config / "mailbot.yaml").read_text("utf-8").count("\n") + 2


@pytest.mark.parametrize("section", ["inbox", "outbox"])
def test_plain_text_is_refused_except_to_this_machine(config, section):
    server = "imap" if section == "inbox" else "smtp"
    kind = "type: maildir                      # maildir ou " + server
    text = (config / "mailbot.yaml").read_text(encoding="utf-8")
    for host, good in (("mail.example.fr", False), ("127.0.0.1", True), ("::1", True), ("localhost", True)):
        changed = text.replace(kind, f"type: {server}\n  host: '{host}'\n  tls: none")
        (config / "mailbot.yaml").write_text(changed, encoding="utf-8")
        if good:
            folder.load(config)
        else:
            assert "tls: none" in faults(config)[0]


def test_mistakes_of_all_files_are_shown_together(config):
    edit(config / "mailbot.yaml", "poll_seconds", "pol_seconds")
    edit(config / "regles.yaml", "motif: 100_RO", "motif: 100_R")
    edit(config / "consignes.csv", "numero;", "num;")
    (config / "colonnes.yaml").unlink()
    files = {fault.split(":")[0].split(" ")[0] for fault in faults(config)}
    assert files == {"mailbot.yaml", "regles.yaml", "consignes.csv", "colonnes.yaml"}


def test_a_broken_text_or_template_never_stops_the_service(config):
    (config / "reponses/100_RO.txt").write_text("Bonjour {patiant}\n", encoding="utf-8")
    (config / "templates/bordereau.txt").write_text("{{ titra }}\n", encoding="utf-8")
    loaded = folder.load(config)
    assert [(fault.file, fault.line) for fault in loaded.warnings] == [
        ("reponses/100_RO.txt", 1),
        ("templates/bordereau.txt", 1),
    ]
    assert "titre" in loaded.warnings[1].hint


def test_a_misspelt_column_in_colonnes_yaml_is_refused(config):
    (config / "colonnes.yaml").write_text("lots:\n  N° LOT: numero_lott\n", encoding="utf-8")
    (fault,) = faults(config)
    assert fault.startswith("colonnes.yaml:2:3 : colonne « numero_lott » inconnue — vouliez-vous dire « numero_lot »")


def test_several_mailboxes_need_names_that_tell_them_apart(config):
    two = "inbox:\n  - {type: maildir, path: var/un}\n  - {type: maildir, path: var/un}\nanciennes:\n"
    edit(config / "mailbot.yaml", "inbox:\n", two)
    said = faults(config)
    assert any("« anciennes »" in fault for fault in said)


def test_secrets_are_read_when_asked_for_and_never_shown(config, monkeypatch):
    edit(config / "mailbot.yaml", "  path: var/courrier-sortant", "  path: var/x\n  password_env: MAILBOT_ESSAI")
    outbox = folder.load(config).settings.outbox
    with pytest.raises(Later, match="MAILBOT_ESSAI"):
        connection.password(outbox)
    monkeypatch.setenv("MAILBOT_ESSAI", "très secret")
    assert connection.password(outbox) == "très secret"
    assert "très secret" not in repr(outbox)


def test_a_number_with_a_leading_zero_stays_a_code():
    assert document.read_yaml("a: 010000024\nb: 12\nc: 1.5\nd: oui\n", "x.yaml").data == {
        "a": "010000024", "b": 12, "c": 1.5, "d": "oui",
    }  # fmt: skip


def test_the_shipped_schemas_are_those_of_the_models():
    written = {path.name: path.read_text(encoding="utf-8") for path in (folder.shipped() / "schemas").iterdir()}
    assert written == schemas.texts(), "run `make schemas`"


# -- what an admin types into mailbot.yaml and would only notice from a PS ---------------------------------------------


@pytest.mark.parametrize("key", ["reply_address", "bounce_address"])
@pytest.mark.parametrize("typed", ["{jeton}", "{Token}", "{token", "token}", "{}", "{{token}}", "{token}{n}"])
def test_a_field_of_an_address_that_does_not_exist_is_shown_where_it_stands(config, key, typed):
    name = {"reply_address": "reponse", "bounce_address": "retour"}[key]
    edit(config / "mailbot.yaml", f"{name}+{{token}}@", f"{name}+{typed}@")
    (fault,) = faults(config)
    assert f"outbox.{key} : champ inconnu" in fault and "vouliez-vous dire « {token} » ?" in fault
    line, column = (int(part) for part in fault.split(" ")[0].split(":")[1:3])
    shown = (config / "mailbot.yaml").read_text("utf-8").splitlines()[line - 1][column - 1 :]
    assert shown[0] in "{}t" and shown.split("@")[0] in f"{name}+{typed}"


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        (".fr", "toutes les adresses en « .fr »"),
        ("fr", "toutes les adresses en « .fr »"),
        ("*.mssante.fr", "écrivez « mssante.fr »"),
        ("*", "par exemple"),
        ("", "par exemple"),
        (".", "par exemple"),
        ("contact@medecin.mssante.fr", "écrivez « medecin.mssante.fr »"),
        ("mssante..fr", "par exemple"),
        ("mss ante.fr", "par exemple"),
        ("10.0.0.1", "par exemple"),
    ],
)
def test_a_domain_of_confidence_is_a_whole_domain(config, typed, remedy):
    edit(config / "mailbot.yaml", "[mssante.fr]", f"[example.org, '{typed}']")
    (fault,) = faults(config)
    assert re.match("mailbot.yaml:86:3[12] : privacy.full_domains : ", fault)
    assert f"« {typed} » n’est pas un domaine entier" in fault and remedy in fault


LABELS = st.text("abz09-", min_size=1, max_size=4).filter(lambda label: label.strip("-") == label)
DOMAINS = st.lists(LABELS, min_size=1, max_size=4).map(lambda labels: ".".join((*labels, "fr")))


@given(DOMAINS, DOMAINS)
def test_only_a_domain_of_confidence_and_what_is_below_it_gets_everything(wanted, domain):
    (known,) = Privacy.model_validate({"full_domains": [wanted.upper()]}).full_domains
    below = domain.split(".")[-len(wanted.split(".")) :] == wanted.split(".")
    assert words.shows_all(f"contact@{domain}", "masked", (known,)) == below


def test_the_domain_as_it_was_once_shipped_is_still_read(config):
    edit(config / "mailbot.yaml", "[mssante.fr]", "[.mssante.fr]")
    assert folder.load(config).settings.privacy.full_domains == ("mssante.fr",)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("var/courrier-sortant", "var/courrier-entrant", ":46:9 : outbox.path : le même dossier que inbox.path"),
        ("var/courrier-sortant", "var/../var/courrier-entrant/", "le service lirait ce qu’il envoie"),
        ("drop_folder: var/lots", "drop_folder: var/courrier-sortant", "lots.drop_folder : le même dossier que outbox"),
        ("folder: var/references", "folder: var/lots", "references.folder : le même dossier que lots.drop_folder"),
    ],
)
def test_a_folder_has_one_use(config, before, after, said):
    edit(config / "mailbot.yaml", before, after)
    (fault,) = faults(config)
    assert said in fault and "un dossier à lui" in fault


def leaves(data, path=()):
    for key, value in data.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))


GOOD = document.read_yaml((folder.shipped() / "mailbot.yaml").read_text("utf-8"), "mailbot.yaml").data
KEYS = sorted(leaves({**GOOD, "bordereau": {**GOOD["bordereau"], "send_at": "07:30"}}))
#: No French sentence of ours has one of these words.
ENGLISH = re.compile(r"\b(?:input|should|valid|value|error|must|expected|the|is|not|of|instance|got)\b", re.IGNORECASE)


@given(
    st.sampled_from(KEYS),
    st.one_of(st.none(), st.booleans(), st.sampled_from([730, -1, 1.5, "", "x", "25:00", [], [1], {}, {"x": 1}])),
)
def test_whatever_is_typed_for_a_key_no_english_is_answered(key, value):
    data = copy.deepcopy(GOOD)
    inner = data
    for part in key[:-1]:
        inner = inner[part]
    inner[key[-1]] = value
    read = document.read_yaml(json.dumps(data), "mailbot.yaml")
    try:
        document.validate(read, Settings, {"folder": pathlib.Path("/nulle/part")})
    except ConfigError as error:
        assert not [fault for fault in error.faults if ENGLISH.search(fault.message)]
        assert all(fault.line for fault in error.faults)


def test_every_page_is_compiled_once_when_all_are_tried(config, monkeypatch):
    made = []
    page = render._page
    monkeypatch.setattr(render, "_page", lambda written, whole: made.append(whole.name) or page(written, whole))
    assert folder.examine(config).rendered().faults == ()
    assert sorted(made) == sorted(set(made)) and "bordereau.mjml" in made
