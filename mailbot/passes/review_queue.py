"""The review queue as an agent works it: what waits for the same reason stands together, the oldest first.

Owns: which reasons are the same (their variable parts apart: numbers, names in quotes), which mails are alike (same
reason, same kind, same PS or domain of the sender), and what a filter lets through. Values in, values out: asks
nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailbot.ledger import Waiting

#: How the reason of a mail begins that must not wait.
URGENT = "URGENT"
_QUOTED = re.compile(r"«[^»]*»|\([^)]*\)")
#: A word with a digit in it: a number of a PS, a lot, an invoice, a count.
_NUMBER = re.compile(r"[^\s,;:()]*\d[^\s,;:()]*")
_REPEATED = re.compile(r"(… ?[,;:et ]*)+…")


@dataclass(frozen=True, slots=True)
class Group:
    """Mails of one reason, kind and correspondent, oldest first. `who`: “PS 752000019 NAME” or “@domain”."""

    reason: str
    kind: str
    who: str
    mails: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The groups of one reason and kind, the one with the oldest mail first. `reason`: of the oldest, whole where all
    say the same."""

    reason: str
    kind: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.mails) for group in self.groups)


def same_reason(reason: str) -> str:
    """A reason without its variable parts."""
    bare = _NUMBER.sub("…", _QUOTED.sub("…", reason))
    return _REPEATED.sub("…", bare).strip()


def who(mail: Waiting) -> str:
    """The correspondent as a group is known by."""
    if mail.numero_ps:
        return f"PS {mail.numero_ps} {mail.raison_sociale}".strip()
    domain = mail.sender.rpartition("@")[2]
    return f"@{domain}" if domain else "expéditeur inconnu"


def sections(mails: Iterable[Waiting]) -> list[Section]:
    """Everything that waits, by reason, then by correspondent; what is urgent stands first."""
    found: dict[tuple[str, str], dict[str, list[Waiting]]] = {}
    for mail in mails:
        found.setdefault((same_reason(mail.reason), mail.kind), {}).setdefault(who(mail), []).append(mail)
    every = [
        Section(
            _said([mail for alike in by_who.values() for mail in alike], reason),
            kind,
            tuple(Group(reason, kind, name, tuple(alike)) for name, alike in by_who.items()),
        )
        for (reason, kind), by_who in found.items()
    ]
    return sorted(every, key=lambda section: not urgent(section.reason))


def urgent(reason: str) -> bool:
    """Is this the reason of a mail on which health data may depend: somebody contests an address?"""
    return reason.startswith(URGENT)


def alike(mails: Iterable[Waiting], mail_id: int, whoever: bool = False) -> list[Waiting]:
    """The mails that wait for the same reason as this one: of its correspondent, or of `whoever`."""
    found = sections(mails)
    for section in found:
        for group in section.groups:
            if any(mail.id == mail_id for mail in group.mails):
                chosen = section.groups if whoever else (group,)
                return sorted((mail for one in chosen for mail in one.mails), key=lambda mail: mail.id)
    return []


def wanted(mails: Sequence[Waiting], numero_ps: str = "", reason: str = "") -> list[Waiting]:
    """Those of a PS, and those whose reason has these words, whatever their accents and capitals."""
    words = folded(reason)
    return [mail for mail in mails if (not numero_ps or mail.numero_ps == numero_ps) and words in folded(mail.reason)]


def folded(text: str) -> str:
    """For comparing what people type: no accents, no capitals, one kind of blank and apostrophe."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def _said(mails: Sequence[Waiting], common: str) -> str:
    """The reason as it is told: whole where every mail says it so."""
    reasons = {mail.reason for mail in mails}
    return reasons.pop() if len(reasons) == 1 else common
