"""What the rules say of an invoice, and who has to be told.

```
facture   recue ─> decidee ─> informee ─> corrigee        (a later lot or a reply brings a correction)
                      │           └─────> close           (a gestionnaire closes it, or a return says that it is paid)
                      ├─> acceptee ─> close               (H5: valued, nothing stands against it; then a return: paid)
                      └─> a_saisir ─> close               (H1: to enter; then a return: paid)
rejet     ouvert ─> repondu ─> clos           (an agent who tied a mail to it takes that back: repondu ─> ouvert)
             └────────────────>┘
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Route(StrEnum):
    """Who answers a refusal."""

    PS = "ps"
    GESTIONNAIRE = "gestionnaire"


class Status(StrEnum):
    REFUSEE = "refusee"
    ACCEPTEE = "acceptee"
    A_SAISIR = "a_saisir"


class Saisie(StrEnum):
    SAISIR = "saisir"
    DEMATERIALISER = "dematerialiser"
    NE_PAS_SAISIR = "ne_pas_saisir"
    AUCUNE = "aucune"


class FactureState(StrEnum):
    RECUE = "recue"
    DECIDEE = "decidee"
    INFORMEE = "informee"
    CORRIGEE = "corrigee"
    ACCEPTEE = "acceptee"
    A_SAISIR = "a_saisir"
    CLOSE = "close"


class RejetState(StrEnum):
    OUVERT = "ouvert"
    REPONDU = "repondu"
    CLOS = "clos"


class ReplyAct(StrEnum):
    """What a PS does about one refused invoice in a reply. A refusal is `repondu` with one of these."""

    CONTESTATION = "contestation"
    QUESTION = "question"
    CORRIGEE = "corrigée"  # says that it is corrected; only an invoice that the ledger holds closes the refusal
    DOCUMENT = "document"  # sends one that names it
    DETAIL = "détail"  # tells what was missing
    A_LIRE = "à lire"  # speaks of it: what it means is for a human to say


class Missing(StrEnum):
    """What the sender of a reply can do about what could not be settled, where that can be said."""

    NOTHING = ""
    NUMBER = "numéro"  # say which invoice is meant
    LOT = "lot"  # send the lot file again, readable and tied
    TEXT = "texte"  # write something: the mail was empty


@dataclass(frozen=True, slots=True)
class Etape:
    """One rule that was looked at: did it hold, and what did it see (JSON-ready values, French fact names)."""

    regle: str
    tenue: bool
    valeurs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of the rule book for one invoice. `motif` is None unless the status is `refusee`.

    `date`, `commentaire`, `detail`, `erreur` are empty where the table names none (motifs.md §4).
    """

    status: Status
    regle: str
    motif: str | None
    route: Route | None
    detail: str | None
    erreur: str | None
    date: date | None
    commentaire: str
    saisie: Saisie


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a PS is written to. `source`: `inscription` (its own registration), `agaps_mails` or `agaps`."""

    mail: str
    source: str
