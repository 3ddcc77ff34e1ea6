"""The second pass: each mail and lot file that waits is read, decided and written, one transaction each.

The one place that catches everything: a mail or file that breaks its reader is parked with its raw bytes, and those
behind it go on. A reader that dies takes the process with it: the try was counted before, so that a restart parks it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mailbot.errors import Later, MailbotError, Never, Park
from mailbot.letters import words
from mailbot.model import Seen
from mailbot.parsers.mail import headers
from mailbot.passes import settle_lots, settle_mails, settle_retours
from mailbot.passes.inscriptions import lapse
from mailbot.passes.service import MAX_TRIES, Service

#: Mails that wait, from which on their senders take turns.
_CROWD = 20
#: Bytes of a mail in which its sender is looked for before it is read.
_HEAD = 8 * 1024


@dataclass(slots=True)
class Settled:
    """What one pass came to, in mails and lot files. `left`: mails that were not looked at."""

    settled: int = 0
    parked: int = 0
    left: int = 0

    def told(self) -> str:
        return f"traité : {words.pluriel(self.settled, 'réglé')}, {self.parked} à revoir"


@dataclass(frozen=True, slots=True)
class Task:
    """One mail or lot file. `tried` counts a try and gives the count, `untry` takes it back; `work` gives True when it
    settled and False when it parked by itself; `park` takes the reason."""

    subject: str
    tried: Callable[[], int]
    untry: Callable[[], None]
    work: Callable[[], bool]
    park: Callable[[str], None]


def settle(service: Service, most: int | None = None) -> Settled:
    """Settles what waits: lot files first (a reply may speak of them), then mails, then the lots that mails brought.

    `most`: so many mails and no more, so that the letters of those that were read can leave.
    """
    report = Settled()
    for task, waiting in (
        (_lot_task, service.ledger.lot_files.waiting),
        (_mail_task, partial(_in_turn, service, most, report)),
        (_lot_task, service.ledger.lot_files.waiting),
    ):
        for row_id in waiting():
            if service.stopping():
                return report
            _one(service, report, task(service, row_id))
    # Also when nothing was settled now: a stop may have come between a lot and this.
    settle_retours.find_again(service)
    lapse.lapse(service)
    return report


def _in_turn(service: Service, most: int | None, report: Settled) -> list[int]:
    """The mails that wait, oldest first; of a crowd each sender has its turn, so that a flood delays nobody else."""
    waiting = service.ledger.mails.waiting()
    if len(waiting) > _CROWD:
        turns: Counter[str] = Counter()
        order: list[tuple[int, int]] = []
        for mail_id, head in service.ledger.mails.heads(_HEAD):
            sender = headers.strict_sender(headers.split(head).headers)
            order.append((turns[sender], mail_id))
            turns[sender] += 1
        waiting = [mail_id for _, mail_id in sorted(order)]
    chosen = waiting[:most] if most else waiting
    report.left = len(waiting) - len(chosen)
    return chosen


def mail(service: Service, mail_id: int) -> None:
    """One mail that waits, alone, as the pass does it."""
    _one(service, Settled(), _mail_task(service, mail_id))


def lot_file(service: Service, file_id: int) -> None:
    """One lot file that waits, alone, as the pass does it."""
    _one(service, Settled(), _lot_task(service, file_id))


def _lot_task(service: Service, file_id: int) -> Task:
    files = service.ledger.lot_files
    return Task(
        subject=f"lot file {file_id}",
        tried=partial(files.tried, file_id),
        untry=partial(files.untry, file_id),
        work=lambda: settle_lots.settle_file(service, files.get(file_id)),
        park=lambda reason: files.park(file_id, service.clock(), reason),
    )


def _mail_task(service: Service, mail_id: int) -> Task:
    mails = service.ledger.mails
    return Task(
        subject=f"mail {mail_id}",
        tried=partial(mails.tried, mail_id),
        untry=partial(mails.untry, mail_id),
        work=lambda: settle_mails.settle_mail(service, mails.take(mail_id)),
        park=lambda reason: mails.park(mail_id, service.clock(), reason, Seen()),
    )


def _one(service: Service, report: Settled, task: Task) -> None:
    done = False
    try:
        if task.tried() > MAX_TRIES:
            raise Park(f"sa lecture a échoué {MAX_TRIES} fois")
        done = task.work()
    except Later:
        # A full disk or a locked ledger says nothing about this mail or file.
        task.untry()
        raise
    except (Park, Never) as error:
        _park(service, task, error.reason)
    except MailbotError:
        raise
    except Exception as error:
        # Whatever a mail or file does to its reader, it is kept whole and those behind it go on. Only the kind of the
        # error is told: its text may hold what stands in the mail.
        _park(service, task, f"sa lecture a échoué ({type(error).__name__})")
    report.settled += done
    report.parked += not done


def _park(service: Service, task: Task, reason: str) -> None:
    with service.ledger.transaction():
        task.park(reason)
        service.ledger.journal.write(service.clock(), service.who, "parked", task.subject, reason=reason)
    service.say(f"{task.subject} : mis de côté, {reason}")
