"""The vocabulary of the house: frozen values and the state machines. Imports nothing but the standard library."""

from mailbot.model.decisions import (
    Contact,
    Decision,
    Etape,
    FactureState,
    Missing,
    RejetState,
    ReplyAct,
    Route,
    Saisie,
    Status,
)
from mailbot.model.factures import Acte, Facture, FactureKey, LotFile, LotKey, Recapitulatif, Refus
from mailbot.model.letters import Draft, Envelope, LetterKind, LetterState, Sent
from mailbot.model.mails import (
    Attachment,
    BounceRecipient,
    Clues,
    Handling,
    Kind,
    MailState,
    Message,
    Position,
    Seen,
)
from mailbot.model.references import TABLES

__all__ = [
    "TABLES",
    "Acte",
    "Attachment",
    "BounceRecipient",
    "Clues",
    "Contact",
    "Decision",
    "Draft",
    "Envelope",
    "Etape",
    "Facture",
    "FactureKey",
    "FactureState",
    "Handling",
    "Kind",
    "LetterKind",
    "LetterState",
    "LotFile",
    "LotKey",
    "MailState",
    "Message",
    "Missing",
    "Position",
    "Recapitulatif",
    "Refus",
    "RejetState",
    "ReplyAct",
    "Route",
    "Saisie",
    "Seen",
    "Sent",
    "Status",
]
