"""May this address be tied to these PS numbers? Pure: a mail and what the ledger knows in, a decision out.

The rule: a PS number that the payer knows (`agaps`), asked for from the very address that `agaps` or `agaps_mails`
holds for it, becomes an active registration. Everything else about identity waits for a human. The PS numbers count
where the sender wrote them now (new text, subject), never in quoted text; the address is the strict From, confirmed by
our mail exchanger where one is configured. Mail that must never be answered registers nobody. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot.intake.outcome import Parked
from mailbot.model.mails import Message

#: Obstacles named in one reason.
_MAX_SAID = 5

_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@]{1,255}\.[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class KnownPS:
    """What the ledger knows of one PS number: the addresses of `agaps` and `agaps_mails`, the active registration."""

    agaps: tuple[str, ...] = ()
    agaps_mails: tuple[str, ...] = ()
    active: str | None = None


@dataclass(frozen=True, slots=True)
class KnownSender:
    """The PS numbers of the mail that `agaps` holds (an unknown number is absent).

    `verdict_required`: the mailbox has an `authserv_id`, so a sender that it did not confirm is nobody.
    """

    ps: Mapping[str, KnownPS] = field(default_factory=dict)
    verdict_required: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """`mail` becomes the active contact of `numeros_ps`; of `already` it is it (a confirmation tells both)."""

    mail: str
    numeros_ps: tuple[str, ...]
    already: tuple[str, ...]
    evidence: tuple[str, ...]


def register(message: Message, known: KnownSender) -> Registered | Parked:
    """Decide a mail of kind `registration`."""
    refused = _nobody(message, known)
    if refused:
        return Parked(refused, evidence=message.evidence)
    wanted = tuple(dict.fromkeys((*message.in_new_text.numeros_ps, *message.in_subject.numeros_ps)))
    if not wanted:
        return Parked("Demande d’inscription sans n° PS.", evidence=message.evidence)
    found = {numero: _obstacle(message.sender, known.ps.get(numero)) for numero in wanted}
    evidence = tuple(
        f"PS {numero} : {why or _agreement(message.sender, known.ps[numero])}." for numero, why in found.items()
    )
    obstacles = [f"PS {numero} : {why}" for numero, why in found.items() if why]
    if obstacles:
        more = f" ; et {len(obstacles) - _MAX_SAID} autres" if len(obstacles) > _MAX_SAID else ""
        said = " ; ".join(obstacles[:_MAX_SAID]) + more
        return Parked(f"Inscription à vérifier — {said}.", evidence=evidence[: 2 * _MAX_SAID])
    already = tuple(numero for numero in wanted if _same(known.ps[numero].active or "", message.sender))
    return Registered(message.sender, tuple(numero for numero in wanted if numero not in already), already, evidence)


def _nobody(message: Message, known: KnownSender) -> str:
    """Why the sender cannot register anything, or ""."""
    if message.auto_submitted:
        return "Demande d’inscription dans un message automatique."
    if not message.sender:
        return "Demande d’inscription dont l’expéditeur n’est pas une adresse unique et sans défaut."
    if known.verdict_required and message.verified is not True:
        return "Demande d’inscription dont l’expéditeur n’est pas confirmé par notre serveur de messagerie."
    ours = {address.lower() for address in message.to}
    written = {address.strip(".'’").lower() for address in _ADDRESS.findall(message.reply_text[:20_000])}
    if written - ours - {message.sender}:
        return "Demande d’inscription qui nomme une autre adresse que celle de l’expéditeur."
    return ""


def _obstacle(sender: str, known: KnownPS | None) -> str:
    """Why this PS number cannot be tied to the sender, or ""."""
    if known is None:
        return "numéro inconnu d’AGAPS"
    if known.active and not _same(known.active, sender):
        return "une autre adresse est déjà active pour ce PS"
    if not any(_same(address, sender) for address in (*known.agaps, *known.agaps_mails)):
        if _same(known.active or "", sender):
            return ""
        return "l’expéditeur n’est pas une adresse connue de ce PS"
    return ""


def _agreement(sender: str, known: KnownPS) -> str:
    if _same(known.active or "", sender):
        return "adresse déjà active pour ce PS"
    table = "agaps" if any(_same(address, sender) for address in known.agaps) else "agaps_mails"
    return f"l’expéditeur est l’adresse connue de ce PS ({table})"


def _same(one: str, other: str) -> bool:
    return bool(one) and one.strip().casefold() == other.strip().casefold()
