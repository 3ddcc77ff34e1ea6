"""`mailbot check` on a sound configuration: what this machine lacks, and what would work better."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.test_cli import mailbot

SMTP = """type: smtp
  host: smtp.example.fr
  username: service
  {key}: {value}
  #"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    place = tmp_path / "config"
    mailbot("init", place)
    return place


def edit(config: Path, before: str, after: str) -> None:
    path = config / "mailbot.yaml"
    head, found, tail = path.read_text(encoding="utf-8").partition(before)
    assert found
    path.write_text(head + after + tail, encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("password_env", "MAILBOT_ABSENTE", "la variable d’environnement MAILBOT_ABSENTE est absente ou vide ici"),
        ("password_env", "MAILBOT_VIDE", "la variable d’environnement MAILBOT_VIDE est absente ou vide ici"),
        ("password_file", "secrets/absent", "pas de fichier"),
        ("ca_file", "absent.pem", "pas de fichier"),
        ("client_key", ".", "pas de fichier"),
    ],
)
def test_a_secret_or_a_certificate_that_is_not_there_is_told_with_its_place(
    config: Path, key: str, value: str, said: str
) -> None:
    edit(config, "type: maildir                      # maildir ou smtp", SMTP.format(key=key, value=value))
    done = mailbot("--config", config, "check", MAILBOT_VIDE="")
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if said in line]
    at = int(line.split("mailbot.yaml:")[1].split(":")[0])
    assert (config / "mailbot.yaml").read_text("utf-8").splitlines()[at - 1] == f"  {key}: {value}"


def test_what_is_there_needs_no_word(config: Path) -> None:
    edit(
        config,
        "type: maildir                      # maildir ou smtp",
        SMTP.format(key="password_env", value="MAILBOT_ICI"),
    )
    done = mailbot("--config", config, "check", MAILBOT_ICI="secret")
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stderr and os.environ.get("MAILBOT_ICI") is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("reponse+{token}@", "reponse@", "outbox.reply_address : sans {token} une réponse n’est reconnue que"),
        ("retour+{token}@", "retour@", "écrivez retour+{token}@example.fr"),
        ("[mssante.fr]", "[.mssante.fr]", "« .mssante.fr » se lit « mssante.fr »"),
    ],
)
def test_what_works_less_well_than_it_could_is_said_and_is_no_fault(
    config: Path, before: str, after: str, said: str
) -> None:
    assert said not in mailbot("--config", config, "check").stderr
    edit(config, before, after)
    done = mailbot("--config", config, "check")
    assert done.returncode == 0 and said in done.stderr
