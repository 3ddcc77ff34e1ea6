"""An agent's answer to a mail: one of the texts of `textes.py`, on the page of the house, as a frozen letter.

Owns: what fills a text, and what must be there for it to be sent. Pure. Raises `Never` where a text shows a value that
this mail does not have, and through `mime.draft`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailbot.errors import Never
from mailbot.letters import mime, page, words
from mailbot.letters.mime import Contents, Organisation, Outbox
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Texte
from mailbot.letters.textes import PLACEHOLDERS, Answer
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

#: What to do about a value that a text shows and a mail does not have.
_REMEDIES = {
    "factures": "rattachez d’abord le message (--rattacher), ou choisissez un autre texte",
    "numero_ps": "son expéditeur n’est le contact d’aucun PS : choisissez un autre texte",
    "raison_sociale": "AGAPS ne donne pas de nom à ce PS : choisissez un autre texte",
}


def page_context(
    organisation: Organisation, answer: Answer, values: Mapping[str, str], token: str, now: datetime
) -> dict[str, Any]:
    """What the templates see. `values`: name of `PLACEHOLDERS` -> inert text. Raises `Never` for a missing one."""
    missing = sorted(name for name in answer.shows if not values.get(name))
    if missing:
        remedy = _REMEDIES.get(missing[0], "complétez mailbot.yaml, ou choisissez un autre texte")
        raise Never(f"le texte « {answer.name} » dit {PLACEHOLDERS[missing[0]]}, et il n’y en a pas : {remedy}")
    said = answer.body.remplir(values)
    subject = Texte(answer.subject, {}).remplir(values).raison
    title = subject[0].lignes[0] if subject else ""
    return {
        "titre": title,
        "sous_titre": f"Réponse à votre message du{NBSP}{values['jour']}",
        "apercu": title,
        "organisation": page.payeur(organisation),
        "ps": {"numero": values["numero_ps"], "raison_sociale": values["raison_sociale"]},
        "jour": words.date_longue(now),
        "reference": f"mb-{token}",
        "blocs": (*said.raison, *said.a_faire),
    }


def values(
    organisation: Organisation,
    *,
    registration_address: str,
    received: datetime,
    factures: tuple[str, ...],
    numero_ps: str,
    raison_sociale: str,
) -> dict[str, str]:
    """What the placeholders become, inert. `received` in the time zone that the PS lives in."""
    return {
        "jour": words.date_longue(received),
        "factures": _listed(factures),
        "numero_ps": words.inert(numero_ps, 20),
        "raison_sociale": words.inert(raison_sociale, 80),
        "payeur": words.inert(organisation.name, 80),
        "service": words.inert(organisation.service, 80),
        "convention": words.inert(organisation.convention, 80),
        "telephone": words.telephone(organisation.phone),
        "adresse_postale": words.inert(organisation.postal_address.replace("\n", ", "), 200),
        "adresse_inscription": words.inert(registration_address, 254),
    }


def _listed(factures: tuple[str, ...]) -> str:
    """“la facture 1002”, “les factures 1002, 1003 et 1004”; "" for none."""
    names = [words.inert(one, 40) for one in factures]
    if len(names) < 2:
        return f"la facture {names[0]}" if names else ""
    return f"les factures {', '.join(names[:-1])} et {names[-1]}"


def compose(
    templates: Templates,
    organisation: Organisation,
    outbox: Outbox,
    answer: Answer,
    *,
    values: Mapping[str, str],
    to: str,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The answer, frozen. `numero_ps` of `values` is "" where the recipient is no PS that we know."""
    context = page_context(organisation, answer, values, token, now)
    contents = Contents(
        subject=context["titre"], text=templates.text("reponse", context), html=templates.pieces("reponse", context)
    )
    return mime.draft(LetterKind.ANSWER, key, values["numero_ps"], to, contents, organisation, outbox, token, now)
