"""What `check` says of a sound mailbot.yaml: what it names and this machine has not, and what would work better.

Reads the environment, and looks whether files are there; opens none of them and dials nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mailbot.configuration.document import Document
from mailbot.configuration.settings import TOKEN, Account, Settings
from mailbot.errors import Fault

_FILES = ("password_file", "ca_file", "client_cert", "client_key")


def missing(document: Document, settings: Settings) -> Iterator[Fault]:
    """Secrets and certificates that no server could be reached without."""
    for path, account in _accounts(document, settings):
        if account.password_env and not os.environ.get(account.password_env):
            said = f"password_env : la variable d’environnement {account.password_env} est absente ou vide ici"
            yield document.wrong((*path, "password_env"), said, "donnez-la à la commande et au service")
        for key in _FILES:
            file: Path | None = getattr(account, key)
            if file and not file.is_file():
                yield document.wrong((*path, key), f"{key} : pas de fichier {file}", "vérifiez le chemin")
            elif file and not os.access(file, os.R_OK):
                yield document.wrong((*path, key), f"{key} : {file} ne se lit pas", "vérifiez ses droits")


def notes(document: Document, settings: Settings) -> Iterator[str]:
    """What is allowed and works less well than it could."""
    for inbox in settings.inbox:
        if not inbox.authserv_id:
            yield (
                f"{inbox.label} : sans authserv_id aucun expéditeur n’est confirmé, et seules les adresses connues "
                "d’AGAPS s’inscrivent d’elles-mêmes — indiquez le nom sous lequel votre serveur d’entrée signe"
            )
    for key, lost in (
        ("reply_address", "une réponse n’est reconnue que par son objet et ce qu’elle cite"),
        ("bounce_address", "un avis de non-remise n’est reconnu que par ce qu’il cite"),
    ):
        address = getattr(settings.outbox, key)
        if address and TOKEN not in address:
            name, _, domain = address.rpartition("@")
            better = f"si votre serveur admet les sous-adresses, écrivez {name}+{TOKEN}@{domain}"
            yield f"{_place(document, ('outbox', key))} : outbox.{key} : sans {TOKEN} {lost} — {better}"
    written = document.data.get("privacy", {}).get("full_domains", ())
    for at, domain in enumerate(written):
        plain = domain.strip().removeprefix(".")
        if plain != domain.strip():
            place = _place(document, ("privacy", "full_domains", at))
            yield f"{place} : privacy.full_domains : « {domain} » se lit « {plain} » : écrivez-le ainsi"


def _place(document: Document, path: tuple[str | int, ...]) -> str:
    return ":".join(map(str, (document.file, *document.word(path))))


def _accounts(document: Document, settings: Settings) -> Iterator[tuple[tuple[str | int, ...], Account]]:
    """Each server that is named, with its place in the file."""
    several = isinstance(document.data["inbox"], list)
    for at, inbox in enumerate(settings.inbox):
        if inbox.type != "maildir":
            yield (("inbox", at) if several else ("inbox",)), inbox
    if settings.outbox.type != "maildir":
        yield ("outbox",), settings.outbox
