"""The reminder: refusals that were told and that nobody answered, all of a PS in one letter.

Owns: what that letter says. It is short: the bordereau has said why; here stand the invoice, its motif, what to do and
by when, and a link to answer. It shows no NIR and no birth date, whatever privacy says, so that there is nothing to
mask. Rows of another PS never go out: `compose` raises `Never`. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mailbot.errors import Never
from mailbot.letters import mime, page, words
from mailbot.letters.lignes import House, Ligne
from mailbot.letters.mime import Contents
from mailbot.letters.page import Fiche
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

#: Refusals shown in one letter; the others are counted, their bordereaux have them all.
_MOST = 30


@dataclass(frozen=True, slots=True)
class Rappel:
    """One refusal; `annonce` is the day of its bordereau."""

    ligne: Ligne
    annonce: date


class FicheRappel(NamedTuple):
    """One refusal as it is shown."""

    fiche: Fiche
    annonce: str


def compose(
    house: House,
    rappels: Sequence[Rappel],
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    last: bool,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The reminder, frozen. `last`: none of these refusals will be told again."""
    if any(rappel.ligne.numero_ps != numero_ps for rappel in rappels):
        raise Never("une ligne de la relance n’est pas de ce PS : rien n’est envoyé")
    context = page_context(house, rappels, numero_ps, raison_sociale, last, token, now)
    contents = Contents(
        subject=f"Rappel{NBSP}: {context['titre']} – PS {words.inert(numero_ps, 20)}".replace(NBSP, " "),
        text=house.templates.text("relance", context),
        html=house.templates.pieces("relance", context),
    )
    kind = LetterKind.REMINDER
    return mime.draft(kind, key, numero_ps, contact, contents, house.organisation, house.outbox, token, now)


def page_context(
    house: House,
    rappels: Sequence[Rappel],
    numero_ps: str,
    raison_sociale: str,
    last: bool,
    token: str,
    now: datetime,
) -> dict[str, Any]:
    """What the templates see."""
    link = page.lien(mime.with_token(house.outbox.reply_address or house.outbox.from_address, token), token)
    count, more = len(rappels), len(rappels) - _MOST
    return {
        **page.entete(
            house.organisation,
            titre=f"{words.pluriel(count, 'facture attend', 'factures attendent')} votre réponse",
            sous_titre="Nous n’avons pas reçu de réponse à nos bordereaux."
            if len({rappel.annonce for rappel in rappels}) > 1
            else "Nous n’avons pas reçu de réponse à notre bordereau.",
            apercu="Que faire, et jusqu’à quand.",
            numero_ps=numero_ps,
            raison_sociale=raison_sociale,
            token=token,
            now=now,
        ),
        "rappels": tuple(
            FicheRappel(
                page.fiche(house, rappel.ligne, full=False, link=link, today=now.date()),
                words.date_longue(rappel.annonce),
            )
            for rappel in rappels[:_MOST]
        ),
        "autres": f"{words.pluriel(more, 'autre facture', 'autres factures')} dans vos bordereaux." if more > 0 else "",
        "phrases": _phrases(count, last),
        "lien": link + (quote(words.inert(rappels[0].ligne.numero_facture, 40)) if count == 1 else ""),
    }


def _phrases(count: int, last: bool) -> tuple[str, ...]:
    crossed = (
        f"Vous avez déjà corrigé ou répondu{NBSP}? Nos messages se sont croisés{NBSP}: ne tenez pas compte de celui-ci."
    )
    if last:
        return crossed, f"C’est notre dernier rappel pour {'cette facture' if count == 1 else 'ces factures'}."
    which = "Vous ne la corrigerez pas" if count == 1 else "Vous n’en corrigerez pas une"
    return crossed, f"{which}{NBSP}? Dites-le en réponse à ce message{NBSP}: nous ne vous la rappellerons plus."
