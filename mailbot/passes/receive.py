"""The first pass: what stands in mailboxes and in the drop folder goes into the ledger, raw, before it is filed away.

Once the bytes are committed the mailbox is never needed again. A crash between the commit and the filing away costs
nothing: the next pass finds the position known and only files it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.errors import Later, Never
from mailbot.inbox import DropFolder, Inbox
from mailbot.letters import words
from mailbot.model import Position
from mailbot.passes.service import Service

#: Mails filed away with one command; a crash before it leaves at most this many to be recognised as known.
_BATCH = 500


@dataclass(slots=True)
class Received:
    """What one pass took in. `away`: which sources could not be read, one French sentence each."""

    mails: int = 0
    too_large: int = 0
    lot_files: int = 0
    refused_files: int = 0
    away: list[str] = field(default_factory=list)

    def told(self) -> str:
        parts = [
            words.pluriel(self.mails, "mail"),
            words.pluriel(self.lot_files, "fichier de lots", "fichiers de lots"),
        ]
        if self.too_large:
            parts.append(words.pluriel(self.too_large, "mail trop gros", "mails trop gros"))
        if self.refused_files:
            parts.append(words.pluriel(self.refused_files, "fichier illisible", "fichiers illisibles"))
        return f"reçu : {', '.join(parts)}"


def receive(service: Service, inboxes: Sequence[Inbox], drop: DropFolder) -> Received:
    """Takes everything in; a source that is away does not keep the others from being read."""
    report = Received()
    for inbox in inboxes:
        try:
            _mailbox(service, inbox, report)
        except (Later, Never) as error:
            report.away.append(error.reason)
    try:
        _drop_folder(service, drop, report)
    except (Later, Never) as error:
        report.away.append(error.reason)
    return report


def _mailbox(service: Service, inbox: Inbox, report: Received) -> None:
    done: list[Position] = []
    review: list[Position] = []
    for arrival in inbox.pending(service.ledger.mails.known):
        if service.stopping():
            break
        if arrival.too_big:
            service.ledger.mails.refuse_by_size(service.clock(), arrival.position, arrival.size)
            report.too_large += not arrival.known
            review.append(arrival.position)
        elif arrival.known:
            done.append(arrival.position)
        else:
            try:
                raw = arrival.fetch()
            except Later as error:
                # This one mail stays in the mailbox for the next pass; those behind it go on.
                report.away.append(error.reason)
                continue
            report.mails += service.ledger.mails.store(service.clock(), arrival.position, raw)
            done.append(arrival.position)
        if len(done) >= _BATCH:
            inbox.file_away(done, "done")
            done.clear()
    if done:
        inbox.file_away(done, "done")
    if review:
        inbox.file_away(review, "review")


def _drop_folder(service: Service, drop: DropFolder, report: Received) -> None:
    for dropped in drop.pending():
        if service.stopping():
            return
        if dropped.raw is None:
            service.say(f"{dropped.name} : {dropped.trouble}")
            drop.file_away(dropped, "refuses")
            report.refused_files += 1
            continue
        if service.ledger.lot_files.store(service.clock(), dropped.name, dropped.raw) is None:
            service.say(f"{dropped.name} : déjà reçu, rien ne change")
        else:
            report.lot_files += 1
        drop.file_away(dropped, "traites")
