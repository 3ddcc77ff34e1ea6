"""The second pass: each mail and lot file that waits is read, decided and written, one transaction each.

The one place that catches everything: a mail or file that breaks its reader is parked with its raw bytes, and those
behind it go on. A reader that dies takes the process with it: the try was counted before, so that a restart parks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailbot.errors import Later, MailbotError, Never, Park
from mailbot.letters import words
from mailbot.model import Seen
from mailbot.passes import settle_lots, settle_mails
from mailbot.passes.service import MAX_TRIES, Service


@dataclass(slots=True)
class Settled:
    """What one pass came to, in mails and lot files."""

    settled: int = 0
    parked: int = 0

    def told(self) -> str:
        return f"traité : {words.pluriel(self.settled, 'réglé')}, {self.parked} à revoir"


def settle(service: Service) -> Settled:
    """Settles what waits: lot files first (a reply may speak of them), then mails, then the lots that mails brought."""
    report = Settled()
    _lot_files(service, report)
    _mails(service, report)
    _lot_files(service, report)
    return report


def _lot_files(service: Service, report: Settled) -> None:
    lots = service.ledger.lots
    for file_id in lots.waiting():
        if service.stopping():
            return
        file = lots.file(file_id)

        def park(reason: str, file_id: int = file_id) -> None:
            lots.park_file(file_id, service.clock(), reason)

        _one(
            service, report, f"lot file {file_id}", lots.tried(file_id), park,
            lambda file=file: settle_lots.settle_file(service, file),  # type: ignore[misc]
        )  # fmt: skip


def _mails(service: Service, report: Settled) -> None:
    mails = service.ledger.mails
    for mail_id in mails.waiting():
        if service.stopping():
            return
        mail = mails.get(mail_id)
        assert mail is not None

        def park(reason: str, mail_id: int = mail_id) -> None:
            mails.park(mail_id, service.clock(), reason, Seen())

        _one(
            service, report, f"mail {mail_id}", mails.tried(mail_id), park,
            lambda mail=mail: settle_mails.settle_mail(service, mail),  # type: ignore[misc]
        )  # fmt: skip


def _one(
    service: Service,
    report: Settled,
    subject: str,
    tries: int,
    park: Callable[[str], None],
    work: Callable[[], bool],
) -> None:
    """`work` gives True when it settled, False when it parked by itself."""
    try:
        if tries > MAX_TRIES:
            raise Park(f"sa lecture a échoué {MAX_TRIES} fois")
        done = work()
    except Later:
        raise
    except (Park, Never) as error:
        done = False
        _park(service, subject, park, error.reason)
    except MailbotError:
        raise
    except Exception as error:
        # Whatever a mail or file does to its reader, it is kept whole and those behind it go on. Only the kind of the
        # error is told: its text may hold what stands in the mail.
        done = False
        _park(service, subject, park, f"sa lecture a échoué ({type(error).__name__})")
    if done:
        report.settled += 1
    else:
        report.parked += 1


def _park(service: Service, subject: str, park: Callable[[str], None], reason: str) -> None:
    with service.ledger.transaction():
        park(reason)
        service.ledger.journal.write(service.clock(), service.who, "parked", subject, reason=reason)
    service.say(f"{subject} : mis de côté, {reason}")
