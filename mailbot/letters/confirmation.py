"""The confirmation of a registration: an address now gets the bordereaux of a PS.

Owns: what that letter says. It goes to the address that was just bound, and says what will come, how to answer and how
to stop it. Pure; raises `Never` only through `mime.draft`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from mailbot.letters import mime, page, words
from mailbot.letters.mime import Contents, Organisation, Outbox
from mailbot.letters.render import Templates
from mailbot.model import Draft, LetterKind


def compose(
    templates: Templates,
    organisation: Organisation,
    outbox: Outbox,
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    token: str,
    now: datetime,
    key: str = "",
) -> Draft:
    """The confirmation, frozen. `key` by default: this PS, this address, this day."""
    context = page_context(organisation, contact, numero_ps, raison_sociale, token, now)
    contents = Contents(
        subject=f"Votre adresse est enregistrée – PS {words.inert(numero_ps, 20)}",
        text=templates.text("confirmation", context),
        html=templates.html("confirmation", context),
    )
    parts = ("confirmation", numero_ps, contact.lower(), now.date().isoformat())
    key = key or hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return mime.draft(LetterKind.CONFIRMATION, key, numero_ps, contact, contents, organisation, outbox, token, now)


def page_context(
    organisation: Organisation, contact: str, numero_ps: str, raison_sociale: str, token: str, now: datetime
) -> dict[str, Any]:
    """What the templates see."""
    return {
        "titre": "Votre adresse est enregistrée",
        "sous_titre": "Vous recevrez ici vos bordereaux de tiers payant.",
        "apercu": "Vos bordereaux de tiers payant arriveront à cette adresse.",
        "organisation": page.payeur(organisation),
        "ps": {"numero": words.inert(numero_ps, 20), "raison_sociale": words.inert(raison_sociale, 80)},
        "jour": words.date_longue(now),
        "adresse": words.inert(contact, 254),
        "reference": f"mb-{token}",
    }
