"""The contact of a PS, the reference tokens of letters, and the time zone that PS live in: what passes share."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from mailbot.ledger import StoredContact
from mailbot.letters import calendrier
from mailbot.model import Contact
from mailbot.model.inscriptions import InscriptionState, Proof, Role
from mailbot.model.references import Agaps
from mailbot.passes.service import Service
from mailbot.rules import judge
from mailbot.rules.references import References, rows_under

#: Letters carry the date that French readers live in.
PARIS = calendrier.PARIS
#: How long somebody may say no to an address that began.
FRESH = timedelta(days=30)


def contact_of(service: Service, numero_ps: str, references: References) -> Contact | None:
    """Where this PS is written to now (motifs.md §5); nowhere while it is open who speaks for it."""
    if service.ledger.contacts.contested(numero_ps):
        return None
    active = service.ledger.contacts.active(numero_ps)
    convention = service.configuration.settings.organisation.convention
    found = judge.contact(numero_ps, references, convention, active.mail if active else None)
    if found:
        return found
    stands_in = secretariat(service, numero_ps)
    return judge.contact(numero_ps, references, convention, stands_in.mail) if stands_in else None


def secretariat(service: Service, numero_ps: str) -> StoredContact | None:
    """The secretariat that gets, and says, what nobody else does. None where it is fresh and there by another's word,
    and whoever got the bordereaux was ended by an agent or suspended: then an agent decides."""
    contacts = service.ledger.contacts
    held = contacts.of_role(numero_ps, Role.SECRETARIAT)
    if held is None or held.agreed_by is not Proof.KNOWN or held.agreed_from == held.mail:
        return held
    if service.clock() >= datetime.fromisoformat(held.since) + FRESH:
        return held
    shut = contacts.shut(numero_ps)
    lost = service.ledger.addresses.suspension(held.agreed_from) is not None or any(
        one.state is InscriptionState.REBOND or one.mail in shut
        for one in contacts.listed(numero_ps)
        if one.role is Role.RETOURS
    )
    return None if lost else held


def receives(service: Service, numero_ps: str, mail: str) -> bool:
    """Do the bordereaux of this PS go to `mail` now?"""
    contacts = service.ledger.contacts
    held = None if contacts.active(numero_ps) else contacts.of_role(numero_ps, Role.SECRETARIAT)
    held_back = held is not None and held.mail == mail.lower() and secretariat(service, numero_ps) is None
    return not held_back and contacts.receives(numero_ps, mail)


def directory(numero_ps: str, references: References) -> Agaps | None:
    """The first row of AGAPS of this PS."""
    rows = rows_under(references.agaps, numero_ps)
    return rows[0] if rows else None


def key(*parts: str) -> str:
    """The business key of a letter: the same parts give the same letter, which is queued once."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def digest(secret: str) -> str:
    """What the ledger keeps of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("ascii", "replace")).hexdigest()


def token(service: Service, letter_key: str) -> str:
    """The reference token of the letter with this key: 128 bits that nobody can guess without the ledger's secret.

    Made from the key, so that the same letter composed again (after a crash) is the same letter.
    """
    digest = hmac.new(service.ledger.secret, letter_key.encode(), hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()
