"""A service notice: one text of `config/textes/`, sent by an agent to contacts of PS.

Owns: what fills the text. The page is that of an agent's answer (`reponse`); nothing of a case stands on it. Pure.
Raises `Never` where the text shows something that only an answer to a mail has.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mailbot.letters import answer, mime, page, words
from mailbot.letters.lignes import House
from mailbot.letters.mime import Contents
from mailbot.letters.textes import Answer
from mailbot.model import Draft, LetterKind


def page_context(
    house: House,
    text: Answer,
    *,
    numero_ps: str,
    raison_sociale: str,
    registration_address: str,
    token: str,
    now: datetime,
) -> dict[str, Any]:
    """What the template `reponse` sees."""
    values = answer.values(
        house.organisation,
        registration_address=registration_address,
        received=now,
        factures=(),
        numero_ps=numero_ps,
        raison_sociale=raison_sociale,
    )
    context = answer.page_context(house.organisation, text, values, token, now)
    return {**context, "sous_titre": f"Information du {page.payeur(house.organisation)['service'] or 'service'}"}


def compose(
    house: House,
    text: Answer,
    *,
    to: str,
    numero_ps: str,
    raison_sociale: str,
    registration_address: str,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The notice, frozen."""
    context = page_context(
        house, text, numero_ps=numero_ps, raison_sociale=raison_sociale,
        registration_address=registration_address, token=token, now=now,
    )  # fmt: skip
    contents = Contents(
        subject=f"{context['titre']} – PS {words.inert(numero_ps, 20)}",
        text=house.templates.text("reponse", context),
        html=house.templates.pieces("reponse", context),
    )
    return mime.draft(LetterKind.NOTICE, key, numero_ps, to, contents, house.organisation, house.outbox, token, now)
