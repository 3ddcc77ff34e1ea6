"""The day itself: the real passes over the sample files and mails, at the hours of an invented Monday.

Morning: reference tables, four lot files, two registrations; one round of the passes; bordereaux lie in the outbox.
Afternoon: three replies and a bounce, made from the letters that were delivered; a second round. Evening: the Trame
once more. Touches nothing but the folder that it is given and the configuration's own paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

from mailbot import folders
from mailbot.demo import files, mails, people
from mailbot.demo.mails import Delivered
from mailbot.demo.sample import JOUR, PS
from mailbot.passes import contact, reference_files, run, trame
from mailbot.passes.service import Edges, Service

MATIN = datetime.combine(JOUR, time(8, 0), contact.PARIS)
REPONSES = datetime.combine(JOUR, time(11, 40), contact.PARIS)
APRES_MIDI = datetime.combine(JOUR, time(14, 0), contact.PARIS)
SOIR = datetime.combine(JOUR, time(18, 0), contact.PARIS)


@dataclass(slots=True)
class Clock:
    """The hour of the sample day."""

    now: datetime = MATIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Played:
    """What came in, for the story: files and mails by name; the letters of the morning."""

    references: dict[str, int] = field(default_factory=dict)
    lots: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    letters: list[Delivered] = field(default_factory=list)


def play(service: Service, edges: Edges, clock: Clock, material: Path, tell: Callable[[str], None]) -> Played:
    """Plays the day; `material` keeps a copy of everything that came in. Raises what the passes raise."""
    played = Played()
    tell("Les tables de référence de la veille")
    files.write_references(material / "references")
    for read in reference_files.load(service, [material / "references"]):
        played.references[read.name] = len(read.rows or ())
    tell("8 h 00 : quatre fichiers de lots et deux demandes d’inscription arrivent")
    drop = service.configuration.settings.lots.drop_folder
    drop.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in files.write_lots(material / "lots"):
        (drop / path.name).write_bytes(path.read_bytes())
        played.lots.append(path.name)
    to = service.configuration.settings.organisation.registration_address
    _arrive(service, material, played, mails.registrations(to, clock.now))
    run.once(service, edges)
    played.letters = _delivered(service)
    tell("11 h 40 : trois PS répondent, un serveur renvoie un courrier")
    clock.now = REPONSES
    _arrive(service, material, played, _answers(played.letters, clock.now))
    clock.now = APRES_MIDI
    tell("14 h 00 : le service passe de nouveau")
    run.once(service, edges)
    clock.now = SOIR
    tell("18 h 00 : la Trame du soir, sans ce qui s’est réglé dans la journée")
    trame.write_of_the_day(service)
    return played


def _answers(letters: list[Delivered], now: datetime) -> dict[str, bytes]:
    """What the morning's letters bring back: two steps of a registration, three replies and a bounce."""
    asked = next(
        one for one in letters if one.to == people.IMAGERIE.mail and "adresse demande" in str(one.message["Subject"])
    )
    confirm = next(one for one in letters if one.to == mails.NOUVELLE)
    return {
        **mails.agreements(asked, confirm, now),
        "03-reponse-avec-lot.eml": mails.reply_with_lot(
            _letter(letters, people.VIEUX_PONT, "18812"), now, files.RETOUR, files.corrected_lot()
        ),
        "04-reponse-en-clair.eml": mails.reply_in_words(_letter(letters, people.INFIRMIERES, "F2603"), now),
        "05-reponse-d-ailleurs.eml": mails.reply_from_elsewhere(_letter(letters, people.DENTISTE, "D0088"), now),
        "06-avis-de-non-remise.eml": mails.bounce(_letter(letters, people.HALTE, "900414"), people.HALTE, now),
    }


def _letter(letters: list[Delivered], ps: PS, facture: str) -> Delivered:
    return next(letter for letter in letters if letter.to == ps.mail and facture in letter.text)


def _arrive(service: Service, material: Path, played: Played, arriving: Mapping[str, bytes]) -> None:
    """Puts mails into the inbox as a mail server does, and a copy beside."""
    inbox = service.configuration.settings.inbox[0].path
    assert inbox is not None
    folders.make_maildir(inbox)
    (material / "mails").mkdir(parents=True, exist_ok=True)
    for name, raw in arriving.items():
        (material / "mails" / name).write_bytes(raw)
        (inbox / "new" / f"{service.clock():%H%M}.{Path(name).stem}.demo").write_bytes(raw)
        played.mails.append(name)


def _delivered(service: Service) -> list[Delivered]:
    outbox = service.configuration.settings.outbox.path
    assert outbox is not None
    return [Delivered.read(path.read_bytes()) for path in sorted((outbox / "new").iterdir())]
