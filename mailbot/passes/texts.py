"""Texts and templates while the service runs: an edit counts from the next round on, a mistake is told and changes
nothing.

Owns: when they are looked at again, who is told, and keeping the last good versions. What is good is
`configuration.folder`'s to say. Never ends a round: a disk that refuses the copies is told, the letters go on.
"""

from __future__ import annotations

from dataclasses import replace

from mailbot.configuration import folder as folders
from mailbot.errors import Fault, Later
from mailbot.passes.service import Service


def remember(service: Service) -> None:
    """Keeps what is good of the texts and templates in use."""
    try:
        folders.remember(service.configuration)
    except Later as error:
        service.say(f"la dernière bonne version des textes n’est pas gardée : {error.reason}")


def refreshed(service: Service) -> Service:
    """The service with texts and templates as they stand now; itself where nothing has changed."""
    tell_failures(service)
    before = service.configuration
    after = folders.refreshed(before, service.reader.templates)
    if after is before:
        return service
    changed = replace(service, configuration=after)
    for line in told(before.warnings, after.warnings):
        service.say(line)
    remember(changed)
    try:
        service.ledger.journal.write(
            service.clock(), service.who, "texts changed", "reponses, textes, templates", faults=len(after.warnings)
        )
    except Later as error:
        service.say(f"le changement des textes n’est pas au journal : {error.reason}")
    return changed


def tell_failures(service: Service) -> None:
    """Templates that were good on every sample and failed on a letter; each is told once."""
    failed = service.configuration.house.templates.failed
    for fault in failed.values():
        service.say(f"à corriger : {fault}")
    failed.clear()


def told(before: tuple[Fault, ...], after: tuple[Fault, ...]) -> list[str]:
    """What is new: each new fault, and that all is well again."""
    lines = [f"à corriger, la version d’avant reste en usage : {fault}" for fault in after if fault not in before]
    if not after:
        lines.append("textes et modèles relus : ils servent dès maintenant")
    return lines
