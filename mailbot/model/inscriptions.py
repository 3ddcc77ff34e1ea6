"""The binding of an e-mail address to a PS number: what is asked for, what proves it, where it stands.

```
inscription   demandee ─┬─> confirmee ─┬─> active ─┬─> remplacee ─> active | resiliee   another took its place
                │       │      │       │     ^     ├─> resiliee          its PS, an agent, or its last day
                │       └──────┼───────┘     │     ├─> contestee ─> active | resiliee   who may say so says no: an
                │              │             │     │                     agent decides
                │              │             └─────┴─> rebond ─> resiliee | contestee   letters came back
                └──────────────┴─> refusee | expiree                     the PS or an agent said no; too late
```

`demandee`: asked for. `confirmee`: the address showed that it is the applicant's; the PS has not agreed yet. Both need
the address *proved* and the PS *agreed* (`Proof`) before they are `active`; `refusee` and `expiree` follow from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class InscriptionState(StrEnum):
    DEMANDEE = "demandee"
    CONFIRMEE = "confirmee"
    ACTIVE = "active"
    REMPLACEE = "remplacee"
    RESILIEE = "resiliee"
    CONTESTEE = "contestee"
    REBOND = "rebond"
    REFUSEE = "refusee"
    EXPIREE = "expiree"


_S = InscriptionState

#: From where an inscription goes where: the drawing above and docs/registration.md, as data. Guards of the ledger.
MOVES: dict[InscriptionState, frozenset[InscriptionState]] = {
    _S.DEMANDEE: frozenset({_S.CONFIRMEE, _S.ACTIVE, _S.REFUSEE, _S.EXPIREE}),
    _S.CONFIRMEE: frozenset({_S.ACTIVE, _S.REFUSEE, _S.EXPIREE}),
    _S.ACTIVE: frozenset({_S.REMPLACEE, _S.RESILIEE, _S.CONTESTEE, _S.REBOND}),
    _S.REMPLACEE: frozenset({_S.ACTIVE, _S.RESILIEE}),
    _S.CONTESTEE: frozenset({_S.ACTIVE, _S.RESILIEE}),
    _S.REBOND: frozenset({_S.ACTIVE, _S.CONTESTEE, _S.RESILIEE}),
    _S.RESILIEE: frozenset(),
    _S.REFUSEE: frozenset(),
    _S.EXPIREE: frozenset(),
}
#: Those that wait for a proof or for somebody's agreement.
PENDING = (_S.DEMANDEE, _S.CONFIRMEE)
#: Those that are in use, or come back by themselves: what somebody may say no to.
STANDING = (_S.ACTIVE, _S.REBOND)


class Role(StrEnum):
    """What an address is for. Bordereaux go to the remplaçant while there is one, else to `retours`, else to the
    secretariat; never to `prises_en_charge`. Each of them may ask and answer for its PS."""

    RETOURS = "retours"
    PRISES_EN_CHARGE = "prises_en_charge"
    SECRETARIAT = "secretariat"
    REMPLACANT = "remplacant"


class Proof(StrEnum):
    """What proves an address, or shows that the PS agrees."""

    VERDICT = "verdict"  # our mail exchanger confirms the sender
    TOKEN = "jeton"  # noqa: S105 - the address answered the token that it was sent
    CODE = "code"  # the address sent back the code of a letter to the postal address of AGAPS
    KNOWN = "adresse_connue"  # the address known for the PS is the sender, or said yes
    AGENT = "agent"


class Purpose(StrEnum):
    """What a single-use token is for; one for another purpose counts for nothing."""

    CONFIRM = "confirmer"  # the applicant: this address is mine
    AGREE = "accorder"  # the address known for the PS: yes, bind that one
    CODE = "code"  # the applicant, with the code of a postal letter
    LEAVE = "resilier"  # the address: yes, end it
    DISPUTE = "contester"  # the address before: no, that was not me
    FORM = "completer"  # the applicant: here is what was missing


@dataclass(frozen=True, slots=True)
class Request:
    """What a mail asks of the register: read from its new text, its subject, its signature, the lines of our form that
    it brings back, and its documents; never from quoted text.

    `numeros_ps`: 9 characters each, in order of appearance. `rpps`: 11 digits with a right key. `doubtful`: what was
    given as a PS number and is none, as written. `role` None: not said. `starts_on`, `ends_on`: first and last day of
    a replacement. `other_addresses`: addresses that stand in the text and are neither the sender's nor ours.
    `changes`: it takes the place of another address. `adds`: it stands beside the present one.
    """

    numeros_ps: tuple[str, ...] = ()
    rpps: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    role: Role | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    other_addresses: tuple[str, ...] = ()
    changes: bool = False
    adds: bool = False


class Consent(StrEnum):
    """What an answer to "oui ou non ?" says."""

    YES = "oui"
    NO = "non"
    EMPTY = "vide"  # nothing new was written
    UNCLEAR = "incertain"


class CommandName(StrEnum):
    ETAT = "etat"
    CONSIGNE = "consigne"
    AIDE = "aide"


@dataclass(frozen=True, slots=True)
class Command:
    """A question that a mail asks in our own words. `argument`: an invoice number, an anomaly number, or ""."""

    name: CommandName
    argument: str = ""


#: The lines of the form that asks for what is missing: what the letter writes and what `parsers.mail` reads back.
FORM_NUMEROS = "Numéro(s) PS (AM ou FINESS)"
FORM_ROLE = "Cette adresse reçoit"
FORM_DATES = "Remplacement du"
