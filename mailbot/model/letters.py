"""A letter that goes out: frozen bytes for one recipient, and its states.

```
letter   queued ─> sending ─┬─> sent ─> bounced
            ^               ├─> dead                  (5xx, too many tries, cancelled by an agent)
            │               ├─> queued                (4xx, server away: later)
            │               └─> unknown               (answer lost after the final dot: an agent, or our own copy)
            ├─── held  <─> queued                     (an agent, or a restore, holds it)
            └─── unknown                              (resolved: not delivered)
```
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LetterState(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    BOUNCED = "bounced"


class LetterKind(StrEnum):
    BORDEREAU = "bordereau"
    CONFIRMATION = "confirmation"
    RECEIPT = "receipt"
    INSCRIPTION = "inscription"  # a step of a registration; nothing of a case stands in it
    STATUS = "etat"  # the answer to a question that a PS asks by mail
    ANSWER = "answer"  # an agent's answer to one mail
    REPORT = "report"  # the daily report: lots handled of which nothing was refused
    REMINDER = "reminder"  # refusals that nobody answered
    NOTICE = "notice"  # a text of the house to contacts
    DIGEST = "digest"  # what waits for the gestionnaires, to the service address
    COPY = "copy"  # the blind copy of a bordereau to the service address: same bytes, own transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter ready to be frozen. `key` is its business key: the same key is never queued twice.

    `to` and `sender` are the envelope; `raw` are the bytes with CRLF line ends; `token_hash` is the SHA-256
    (hexadecimal) of the reference token, "" when it carries none. `numero_ps` is whose rows it holds, `others` are
    more PS numbers whose rows it holds.
    """

    key: str
    kind: LetterKind
    numero_ps: str
    to: str
    sender: str
    message_id: str
    token_hash: str
    raw: bytes
    not_before: datetime
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an outbox needs to send one letter to one recipient. `canonical`: the bytes are known to be."""

    key: str
    sender: str
    to: str
    raw: bytes
    canonical: bool = False


def canonical(raw: bytes) -> bool:
    """Does every line end with CRLF, the last one too, and stand no other CR or LF in these bytes?"""
    return raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r") and raw.endswith(b"\r\n")


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the letter; `code` is its reply code (250), `text` its answer."""

    code: int
    text: str
