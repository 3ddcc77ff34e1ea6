"""What time does to inscriptions: requests that waited too long, replacements that begin or are over; and the post.

Runs with every pass. A crash on the way does the rest the next time.
"""

from __future__ import annotations

import os
from collections import defaultdict

from mailbot.files import write_private
from mailbot.ledger import StoredContact
from mailbot.passes import contact
from mailbot.passes.inscriptions import decided
from mailbot.passes.service import Service


def lapse(service: Service) -> None:
    """Every move whose time has come; letters on paper into their folder."""
    now = service.clock()
    day = now.astimezone(contact.PARIS).date()
    late, begin, over = service.ledger.contacts.due(now, day)
    for one in begin:
        with service.ledger.transaction():
            decided.begin(service, [one.id], f"first day of contact {one.id}")
    groups: dict[tuple[str, int | None], list[StoredContact]] = defaultdict(list)
    for one in (one for one in late if service.ledger.contacts.take(one.id).pending):
        groups[one.mail, one.mail_id].append(one)
    for inscriptions in groups.values():
        with service.ledger.transaction():
            decided.expire(service, [one.id for one in inscriptions], f"expired {inscriptions[0].id}")
    for one in over:
        with service.ledger.transaction():
            decided.end(service, [one.id], f"last day of contact {one.id}", "terme")
    _post(service)


def _post(service: Service) -> None:
    """The name of a file says nothing of whom it is for. The file stands before the ledger forgets its content."""
    folder = service.configuration.settings.registration.post_folder
    for paper_id, pdf in service.ledger.papers.waiting():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / f"courrier-{paper_id}.pdf", pdf)
        service.ledger.papers.written(paper_id, service.clock())
        service.say(f"courrier postal à imprimer : {folder.name}{os.sep}courrier-{paper_id}.pdf")
