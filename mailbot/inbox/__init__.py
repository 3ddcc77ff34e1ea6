"""EDGE: where mail comes in. `open_inbox` gives the mailbox that a section of `mailbot.yaml` describes.

`arrival.py` what the pipeline gets; `imap.py` (mails), `imap_link.py` (the connection that is kept) and
`imap_session.py` (dial, login, errors) IMAP; `maildir.py` Maildir; `drop.py` lot files.
"""

from mailbot.configuration import settings
from mailbot.inbox.arrival import Arrival, Inbox, Where
from mailbot.inbox.drop import DropFolder, Dropped
from mailbot.inbox.imap import ImapInbox
from mailbot.inbox.maildir import MaildirInbox


def open_inbox(section: settings.Inbox) -> Inbox:
    """Dials nothing yet."""
    return ImapInbox(section) if section.type == "imap" else MaildirInbox(section)


__all__ = ["Arrival", "DropFolder", "Dropped", "ImapInbox", "Inbox", "MaildirInbox", "Where", "open_inbox"]
