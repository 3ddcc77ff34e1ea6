"""The letters of the register of addresses: a step of a registration, told to one person, with ready answers.

Owns: the layout of those letters, their subjects, and their `mailto:` buttons. The words are `inscription_steps.py`'s.
An answer goes to the reply address with the letter's own token; nothing of a case stands in any of them. Pure; raises
`Never` only through `mime.draft`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from mailbot.letters import inscription_parts, inscription_steps, mime, page, words
from mailbot.letters.inscription_parts import Choix, House, Liste, Said, Step, Told
from mailbot.letters.mime import Contents, Organisation, Outbox
from mailbot.letters.render import Templates
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind
from mailbot.model.inscriptions import Role

__all__ = ["Step", "Told", "compose", "page_context"]


@dataclass(frozen=True, slots=True)
class Bouton:
    """A ready answer as it is shown; `fort` is the one that most readers want."""

    mot: str
    lien: str
    fort: bool


def asks(role: Role, starts_on: date | None, ends_on: date | None) -> str:
    """What an address asks for, as a sentence goes on: “recevoir les bordereaux …, du 3 au 28 août 2026”."""
    told = Told(step=Step.AGREE, role=role, starts_on=starts_on, ends_on=ends_on)
    days = inscription_parts.period(told)
    only = " (cela ne change rien à l’envoi des bordereaux)" if role is Role.PRISES_EN_CHARGE else ""
    return f"recevoir {inscription_parts.asked(told)}{only}{f', {days}' if days else ''}"


def compose(
    templates: Templates,
    organisation: Organisation,
    outbox: Outbox,
    told: Told,
    *,
    to: str,
    registration_address: str,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The letter, frozen. `now` in the time zone of the PS. Its `numero_ps` is the first one, "" for none."""
    context = page_context(organisation, outbox, told, registration_address, token, now)
    contents = Contents(
        subject=_subject(context["titre"], told),
        text=templates.text("inscription", context),
        html=templates.pieces("inscription", context),
    )
    kind = LetterKind.CONFIRMATION if told.step is Step.ACTIVE else LetterKind.INSCRIPTION
    first = told.numeros[0][0] if told.numeros else ""
    return mime.draft(kind, key, first, to, contents, organisation, outbox, token, now)


def page_context(
    organisation: Organisation, outbox: Outbox, told: Told, registration_address: str, token: str, now: datetime
) -> dict[str, Any]:
    """What the templates see."""
    payeur = page.payeur(organisation)
    registration = words.inert(registration_address, 254)
    said = inscription_steps.say(told, House(payeur["phone"].replace(" ", NBSP), registration, now))
    reply = mime.with_token(outbox.reply_address or outbox.from_address, token)
    numero, raison_sociale = told.numeros[0] if len(told.numeros) == 1 else ("", "")
    return {
        "titre": words.typographie(said.titre),
        "sous_titre": words.typographie(said.sous_titre),
        "apercu": words.typographie(said.sous_titre),
        "organisation": payeur,
        "ps": {"numero": words.inert(numero, 20), "raison_sociale": words.inert(raison_sociale, 80)},
        "jour": words.date_longue(now),
        "reference": f"mb-{token}",
        "etape": told.step.name,
        "phrases": _typed(said.phrases),
        "faits": said.faits,
        "listes": tuple(Liste(one.titre, _typed(one.lignes)) for one in said.listes),
        "action": _action(said, reply, registration, token),
        "fin": _typed(said.fin),
    }


def _subject(titre: str, told: Told) -> str:
    """No address, no name. The PS number tells a group practice which of its letters this is."""
    if not told.numeros:
        return titre
    count = len(told.numeros)
    return f"{titre} – " + (f"PS {words.inert(told.numeros[0][0], 20)}" if count == 1 else f"{count}{NBSP}numéros PS")


def _action(said: Said, reply: str, registration: str, token: str) -> dict[str, Any] | None:
    if said.action is None:
        return None
    return {
        "titre": words.typographie(said.action.titre),
        "lignes": _typed(said.action.lignes),
        "champs": tuple(words.typographie(one) for one in said.action.champs),
        "boutons": tuple(
            Bouton(one.mot, _link(one, said.titre, registration if one.anew else reply, token), one.fort)
            for one in said.action.choix
        ),
        "ecrire": "" if not said.action.choix or said.action.choix[0].anew else reply,
    }


def _link(choix: Choix, titre: str, address: str, token: str) -> str:
    """RFC 6068: percent-encoded, lines parted by CRLF."""
    subject = "Inscription" if choix.anew else f"Réf. mb-{token} – {titre}"
    body = "\r\n".join(choix.corps)
    return f"mailto:{quote(address, safe='@+')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


def _typed(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(words.typographie, lines))
