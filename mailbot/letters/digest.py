"""The gestionnaires' digest: what waits for somebody, oldest first, and the command that deals with it.

Owns: what that letter says. It goes to the service address only and holds nothing of a patient: numbers of mails,
files, letters and PS. Whoever calls says what waits (`Attente`); here it gets its order, its ages and its words. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.letters import mime, page, words
from mailbot.letters.lignes import House
from mailbot.letters.mime import Contents
from mailbot.letters.words import NBSP
from mailbot.model import Draft, LetterKind

#: Things named under one heading; the others are counted.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Attente:
    """One kind of thing that waits: “mail à revoir”, its plural, the verb of mailbot that shows it, and the things:
    since when (None: not known) and a line of plain text each."""

    nom: str
    pluriel: str
    verbe: str
    choses: tuple[tuple[datetime | None, str], ...]


@dataclass(frozen=True, slots=True)
class Bloc:
    """One heading as it is shown."""

    titre: str
    age: str
    verbe: str
    lignes: tuple[str, ...]
    autres: str


def compose(house: House, attentes: Sequence[Attente], *, to: str, token: str, now: datetime, key: str) -> Draft:
    """The digest, frozen; `to` is the service address."""
    context = page_context(house, attentes, token, now)
    contents = Contents(
        subject=f"{context['titre']} – {words.date_courte(now)}".replace(NBSP, " "),
        text=house.templates.text("digest", context),
        html=house.templates.pieces("digest", context),
    )
    return mime.draft(LetterKind.DIGEST, key, "", to, contents, house.organisation, house.outbox, token, now)


def page_context(house: House, attentes: Sequence[Attente], token: str, now: datetime) -> dict[str, Any]:
    """What the templates see. Headings without anything are left out."""
    waiting = [one for one in attentes if one.choses]
    count = sum(len(one.choses) for one in waiting)
    dates = [since for one in waiting for since, _ in one.choses if since]
    return {
        **page.entete(
            house.organisation,
            titre=f"{words.pluriel(count, 'affaire attend', 'affaires attendent')} quelqu’un",
            sous_titre=f"La plus ancienne attend depuis {age(min(dates), now)}."
            if dates
            else "À regarder aujourd’hui.",
            apercu=", ".join(words.pluriel(len(one.choses), one.nom, one.pluriel) for one in waiting),
            numero_ps="",
            raison_sociale="",
            token=token,
            now=now,
        ),
        "attentes": tuple(_bloc(one, now) for one in waiting),
    }


def _bloc(one: Attente, now: datetime) -> Bloc:
    # What has no date comes last.
    things = sorted(one.choses, key=lambda thing: (thing[0] is None, thing[0] or now))
    oldest = things[0][0]
    more = len(things) - _MOST
    return Bloc(
        titre=words.pluriel(len(things), one.nom, one.pluriel),
        age=f"depuis {age(oldest, now)}" if oldest else "",
        verbe=f"mailbot {one.verbe}",
        lignes=tuple(_line(since, what, now) for since, what in things[:_MOST]),
        autres=f"… et {words.pluriel(more, 'autre', 'autres')}" if more > 0 else "",
    )


def _line(since: datetime | None, what: str, now: datetime) -> str:
    said = words.typographie(words.inert(what, 200))
    return f"{said} (depuis {age(since, now)})" if since else said


def age(since: datetime, now: datetime) -> str:
    """“3 jours”, “5 heures”, “moins d’une heure”."""
    hours = max(int((now - since).total_seconds() // 3600), 0)
    if hours >= 48:
        return words.pluriel(hours // 24, "jour")
    return words.pluriel(hours, "heure") if hours else "moins d’une heure"
