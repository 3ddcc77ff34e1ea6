"""A mail that came in: what it is, what it says, where it stands.

```
mail   received ─┬─> settled
                 └─> parked ─> received      (an agent sends it back, or resolves it: parked ─> settled;
                                              what an agent resolved, an agent may take back: settled ─> parked)
```
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    REGISTRATION = "registration"
    UNSUBSCRIBE = "unsubscribe"
    REPLY = "reply"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LOOP = "loop"
    OTHER = "other"
    MALFORMED = "malformed"


class MailState(StrEnum):
    RECEIVED = "received"
    SETTLED = "settled"
    PARKED = "parked"


class Handling(StrEnum):
    """What an agent did about a parked mail."""

    ATTACHED = "rattache"  # tied to open refusals
    HANDLED = "traite"  # seen to elsewhere
    AGAIN = "encore"  # to be settled anew on the next pass
    REQUESTED = "inscription"  # now a request for registration
    ANSWERED = "repondu"  # answered with a text of the house


@dataclass(frozen=True, slots=True)
class Attachment:
    """`filename` is text from outside: shown, never used as a path. `size` in bytes; `sha256` in hexadecimal."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BounceRecipient:
    """`action` and `status` as in RFC 3464; `permanent` = status 5.x (or action failed without a status)."""

    address: str
    action: str
    status: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Clues:
    """Identifiers named in one place of a mail, each once by value, in order of appearance.

    `numeros_facture` as written; `numeros_ps` without spaces, 2A…/2B… read as 2001…/2002…; `nirs` are the 13
    characters without key; `tokens` are lower-cased, without "mb-".
    """

    numeros_ps: tuple[str, ...] = ()
    numeros_facture: tuple[str, ...] = ()
    nirs: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, read. `sender` is the strict From: one field, one mailbox, no defect, ASCII, lower-cased; else "".

    `from_` is what the From header shows, for people. `text` is the whole decoded body; `reply_text` what this sender
    wrote now, `signature` what stands below it in the sender's own name. `numeros_*`, `nirs`, `tokens` are in order of
    appearance: new text, then subject, then quoted text. `tokens` are the 26-character reference tokens found anywhere
    our letters put them (References, In-Reply-To, To, body), lower-cased. `references` are Message-IDs of In-Reply-To
    and References, without angle brackets. `auto_submitted` is True for anything that must never be answered.
    `verified` is the verdict of our own mail exchanger on the sender (None: no verdict). `in_new_text`, `in_subject`,
    `in_route` (Message-IDs and addresses of the headers) and `in_quoted` say which of the identifiers stand there.
    `evidence` says in French why the kind is what it is, without personal data.
    """

    message_id: str
    from_: str
    sender: str
    to: tuple[str, ...]
    subject: str
    date: datetime.datetime | None
    kind: Kind
    text: str
    reply_text: str
    attachments: tuple[Attachment, ...]
    bounce: tuple[BounceRecipient, ...] | None
    bounced_message_ids: tuple[str, ...]
    numeros_ps: tuple[str, ...]
    numeros_facture: tuple[str, ...]
    nirs: tuple[str, ...]
    tokens: tuple[str, ...]
    references: tuple[str, ...]
    auto_submitted: bool
    absent_until: datetime.date | None
    verified: bool | None
    warnings: tuple[str, ...]
    in_new_text: Clues = Clues()
    in_subject: Clues = Clues()
    in_route: Clues = Clues()
    in_quoted: Clues = Clues()
    evidence: tuple[str, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a mail stood on the server: promise 1 of promises.md. For a Maildir `uidvalidity` is 0, `uid` its name."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What settling learned of a mail, kept beside its state. `evidence`: French sentences without personal data."""

    message_id: str = ""
    kind: Kind | None = None
    sender: str = ""
    numero_ps: str = ""
    evidence: tuple[str, ...] = ()
