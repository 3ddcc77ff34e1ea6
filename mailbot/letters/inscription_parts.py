"""What a page of the register is made of, and what several of its steps say: addresses, uses, periods, lists.

Owns: the values that the shell fills in (`Told`) and that the templates show (`Said`), and the phrases that several
steps share. Wording is typed plainly here; `inscription.py` gives it its typography. Pure; total.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mailbot.letters import words
from mailbot.letters.words import NBSP
from mailbot.model.inscriptions import Role


class Step(StrEnum):
    """What a letter of the register is about, and who gets it."""

    CONFIRM = "confirmer"  # the applicant: is this address yours?
    AGREE = "accorder"  # the address known for the PS: oui ou non?
    FORM = "completer"  # the applicant: what is missing
    WAITING = "attendre"  # the applicant: what is under way
    ACTIVE = "active"  # the address: bound
    REFUSED = "refusee"  # the applicant
    EXPIRED = "expiree"  # the applicant
    CHANGED = "remplacee"  # the address before
    ENDED = "resiliee"  # the address: its end
    LEAVE = "resilier"  # the address: shall it end?
    GO_ON = "annoncee"  # the known address that named a new one
    ACCESS = "acces"  # who asks about its own data


@dataclass(frozen=True, slots=True)
class Told:
    """One step for one person. `numeros`: (PS number, its name or "") each. `address`: the one that it is about (the
    applicant's; of `CHANGED` the new one), "" for none. `until`: when the answer stops counting, in the time zone of
    the PS. `missing`, `done`: French sentences, of what is awaited and by whom, of what is proved; they never name an
    address that the reader does not know. `doubtful`: what was given as a PS number and is none, as written. `reason`:
    a French sentence. `replaces`: a yes to `AGREE` takes the reader's own address out of use. `named`: the reader
    itself named the address (of `AGREE`). `phrases`: (PS number, what opens its closed PDFs) each, told by `ACTIVE`."""

    step: Step
    numeros: tuple[tuple[str, str], ...] = ()
    address: str = ""
    role: Role | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    until: datetime | None = None
    missing: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    reason: str = ""
    replaces: bool = False
    named: bool = False
    phrases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """Who speaks, where a request is written to, and when ("" for no telephone)."""

    phone: str
    registration: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Fait:
    """“Adresse” “contact@cabinet.example.fr”."""

    nom: str
    valeur: str


@dataclass(frozen=True, slots=True)
class Liste:
    """A list under its own title."""

    titre: str
    lignes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choix:
    """One ready answer: what the button says and the lines of the mail that it opens. `anew`: a new mail to the
    address of registrations, without a reference."""

    mot: str
    corps: tuple[str, ...]
    fort: bool = True
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What the reader is asked to do. `champs`: lines of a form: those that are filled in already, then those to fill
    in, each ending in a colon."""

    titre: str
    lignes: tuple[str, ...]
    choix: tuple[Choix, ...] = ()
    champs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A page in order: the paragraphs, the facts, the lists, what to do, what follows."""

    titre: str
    sous_titre: str
    phrases: tuple[str, ...] = ()
    faits: tuple[Fait, ...] = ()
    listes: tuple[Liste, ...] = ()
    action: Action | None = None
    fin: tuple[str, ...] = ()


def masked(address: str) -> str:
    """“c…@example.fr”: enough to recognise one's own address, too little to write to it."""
    local, at, domain = words.inert(address, 254).rpartition("@")
    return f"{local[:1]}…@{domain}" if at else ""


def moment(instant: datetime) -> str:
    """“4 février 2026 à 9 h 05”."""
    minutes = f"{NBSP}{instant:%M}" if instant.minute else ""
    return f"{words.date_longue(instant)} à {instant.hour}{NBSP}h{minutes}"


# -- what several steps say ------------------------------------------------------------------------------------------

_USAGES = {
    Role.RETOURS: "les bordereaux de tiers payant",
    Role.SECRETARIAT: "le secrétariat (les bordereaux aussi, quand aucune autre adresse ne les reçoit)",
    Role.PRISES_EN_CHARGE: "les prises en charge (cela ne change rien à l’envoi des bordereaux)",
    Role.REMPLACANT: "les bordereaux de tiers payant, pendant un remplacement",
}


def asked(told: Told) -> str:
    """“les bordereaux de tiers payant du n° PS 750012345”, “… de 3 numéros PS”."""
    what = "les bordereaux de tiers payant"
    if told.role is Role.PRISES_EN_CHARGE:
        what = "ce qui concerne les prises en charge"
    return what + of_numeros(told)


def of_numeros(told: Told) -> str:
    """“ du n° PS 750012345”, “ de 3 numéros PS”, "" for none."""
    if len(told.numeros) == 1:
        return f" du n°{NBSP}PS{NBSP}{words.inert(told.numeros[0][0], 20)}"
    return f" de {len(told.numeros)}{NBSP}numéros PS" if told.numeros else ""


def period(told: Told) -> str:
    first, last = words.date_longue(told.starts_on), words.date_longue(told.ends_on)
    if first and last:
        return f"du {first} au {last} inclus"
    if first:
        return f"à partir du {first}"
    return f"jusqu’au {last} inclus" if last else ""


def before(told: Told) -> str:
    return f" avant le {moment(told.until)}" if told.until else ""


def facts(told: Told, label: str = "Adresse", address: str | None = None) -> tuple[Fait, ...]:
    """The address, its use, its dates, and each PS number where there are several (a single one stands above)."""
    shown = words.inert(told.address, 254) if address is None else address
    rows = [
        (label, shown),
        ("Usage", _USAGES[told.role] if told.role else ""),
        ("Période", period(told)),
        *((f"N°{NBSP}PS", _named(*one)) for one in told.numeros if len(told.numeros) > 1),
    ]
    return tuple(Fait(name, value) for name, value in rows if value)


def _named(numero: str, raison_sociale: str) -> str:
    return ", ".join(part for part in (words.inert(numero, 20), words.inert(raison_sociale, 80)) if part)


def listed(titre: str, said: Iterable[str]) -> tuple[Liste, ...]:
    lines = tuple(sentence(one) for one in said if one.strip())
    return (Liste(titre, lines),) if lines else ()


def sentence(text: str) -> str:
    """With a capital and an end: sentences come from several rooms, and some as parts of a sentence."""
    text = words.typographie(words.inert(text, 400))
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


def call(house: House, before: str) -> tuple[str, ...]:
    return (f"{before}{NBSP}? Appelez-nous au {house.phone}.",) if house.phone else ()


def again(told: Told, house: House) -> Action:
    """How to ask for it (again)."""
    number = f"N° PS : {', '.join(words.inert(one, 20) for one, _ in told.numeros)}"
    line = f"Écrivez à {house.registration} depuis l’adresse à enregistrer, en indiquant votre n°{NBSP}PS."
    return Action("Pour refaire une demande", (line,), (Choix("Refaire la demande", (number,), anew=True),))
