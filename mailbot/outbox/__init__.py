"""EDGE: where letters go out. `open_outbox` gives what the section `outbox` of `mailbot.yaml` describes.

`envelope.py` what the pipeline asks for; `smtp.py` SMTP, `smtp_session.py` its connection, `smtp_fates.py` what replies
mean; `maildir.py` Maildir.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.outbox.envelope import Busy, Outbox
from mailbot.outbox.maildir import MaildirOutbox
from mailbot.outbox.smtp import SmtpOutbox

if TYPE_CHECKING:
    from mailbot.configuration import settings


def open_outbox(section: settings.Outbox) -> Outbox:
    """Dials nothing yet."""
    return SmtpOutbox(section) if section.type == "smtp" else MaildirOutbox(section)


__all__ = ["Busy", "MaildirOutbox", "Outbox", "SmtpOutbox", "open_outbox"]
