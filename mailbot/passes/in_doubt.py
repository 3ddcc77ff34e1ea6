"""Letters in doubt that show up again: whoever cites a letter must have got it, so it was sent.

A letter and its blind copy carry the same Message-ID and token, and each went in a transaction of its own: what proves
one proves nothing of the other. A letter counts as sent when a mail that cites it comes from its recipient, is a notice
that names its recipient, or is the letter itself as it reached its recipient (one of our own addresses, or one that the
trace headers name); or when no other letter with this Message-ID can have left. The token is 128 bits that only who got
a letter knows: the mail need not be authenticated. Nothing here sends anything.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections.abc import Iterable

from mailbot.ledger import StoredLetter
from mailbot.model import LetterState, Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import reply_case
from mailbot.passes.service import Service

#: States of a letter that may have reached somebody.
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNKNOWN, LetterState.BOUNCED)
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)>?", re.IGNORECASE)


def resolve(service: Service, raw: bytes, message: Message, us: Own) -> list[int]:
    """unknown -> sent for every letter that this mail proves, each with its line in the journal; gives their ids.

    `raw` are the bytes of the mail. In the caller's transaction where there is one; again it changes nothing.
    """
    also = (message.message_id, *message.bounced_message_ids)
    cited = reply_case.cited(service, message, us, also).letters
    doubtful = [letter for letter in cited if letter.state is LetterState.UNKNOWN]
    if not doubtful:
        return []
    known_to = _known_to(raw, message)
    found: list[int] = []
    with service.ledger.transaction():
        for letter in doubtful:
            came_back = message.message_id == letter.message_id and us.is_ours(letter.recipient)
            if came_back or letter.recipient.casefold() in known_to or not _others(letter, cited):
                service.ledger.letters.confirm(letter.id)
                service.ledger.journal.write(
                    service.clock(), service.who, "letter found", f"letter {letter.id}", by=str(message.kind)
                )
                found.append(letter.id)
    return found


def _others(letter: StoredLetter, cited: Iterable[StoredLetter]) -> bool:
    """May another letter with the same bytes have reached somebody?"""
    return any(one.id != letter.id and one.message_id == letter.message_id and one.state in _LEFT for one in cited)


def _known_to(raw: bytes, message: Message) -> set[str]:
    """Addresses that had the letter in hand: the sender, those that a notice names, and where this mail itself went."""
    trace = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
    delivered = [
        *(
            str(value).strip().strip("<>")
            for name in ("Delivered-To", "X-Original-To")
            for value in trace.get_all(name, [])
        ),
        *(address for value in trace.get_all("Received", []) for address in _FOR.findall(str(value))),
    ]
    told = [one.address for one in message.bounce or ()]
    return {address.casefold() for address in (message.sender or "", *told, *delivered)} - {""}
