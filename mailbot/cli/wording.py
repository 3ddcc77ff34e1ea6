"""French for what the ledger keeps as codes, and for instants: what a person reads on the screen."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from mailbot.letters import words
from mailbot.letters.calendrier import PARIS
from mailbot.model import states
from mailbot.model.retours import EtatPaiement

_KINDS = {
    "registration": "inscription",
    "unsubscribe": "désinscription",
    "reply": "réponse",
    "bounce": "avis de non-remise",
    "auto_reply": "réponse automatique",
    "loop": "notre propre courrier",
    "other": "autre",
    "malformed": "illisible",
    "bordereau": "bordereau",
    "confirmation": "confirmation",
    "receipt": "accusé de réception",
    "answer": "réponse d’un agent",
    "inscription": "étape d’inscription",
    "etat": "réponse à une question",
    "report": "rapport",
    "reminder": "rappel",
    "notice": "information du service",
    "digest": "point du service",
    "copy": "copie",
}

_PASSES = {"receive": "réception", "settle": "traitement", "cut": "préparation", "deliver": "envoi", "purge": "purge"}


def state(code: str) -> str:
    return states.NAMES.get(code, code)


def payment(code: str) -> str:
    """A payment state of an invoice; `inconnue`: the return names no invoice of ours."""
    return words.ETATS_PAIEMENT[EtatPaiement(code)] if code in tuple(EtatPaiement) else "facture inconnue"


def kind(code: str) -> str:
    return _KINDS.get(code, code or "pas encore lu")


def one_pass(code: str) -> str:
    return _PASSES.get(code, code)


def safe(text: str) -> str:
    """Text from outside for a terminal: no control character but line ends and tabs, so that no escape sequence of a
    mail moves the cursor, changes a colour or hides a line."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def moment(at: str) -> str:
    """An instant of the ledger as people in France read it: 02/03/2026 09:00."""
    return f"{datetime.fromisoformat(at).astimezone(PARIS):%d/%m/%Y %H:%M}"


def age(at: str, now: datetime) -> str:
    """How long ago an instant of the ledger was: « il y a 3 h »."""
    minutes = int((now - datetime.fromisoformat(at)).total_seconds() // 60)
    if minutes < 60:
        return f"il y a {max(minutes, 0)} min"
    return f"il y a {minutes // 60} h" if minutes < 48 * 60 else f"il y a {minutes // (24 * 60)} jours"


def day(at: str) -> str:
    return moment(at)[:10]
