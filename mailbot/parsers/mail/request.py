"""What a mail asks of the register: numbers, role, days, addresses. Start here; see `Request`. Pure; never raises.

Read from what its sender wrote now (text, subject, signature), from the documents that it brings, and from the lines
of our own form (`form`), which count in quoted text too where the mail answers a letter of ours: its sender filled them
in. Nothing else of a quoted mail counts. Nothing here proves anything: who the sender is is decided elsewhere.
Known limits: in documents the role and the days of a replacement are read from the lines of the form only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from mailbot.model.inscriptions import Request, Role
from mailbot.model.mails import Message
from mailbot.parsers.mail import form, ps_numbers, replacement, roles, spelling
from mailbot.parsers.mail.own import Own

MAX_TEXT = 20_000  # characters of a text, a document, a signature that are read
MAX_QUOTED = 60_000  # characters of the whole mail in which lines of the form are looked for
MAX_DOCUMENTS = 10
MAX_NUMBERS = 50
MAX_ADDRESSES = 5

_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@]{1,255}\.[^\s<>,;:\"()\[\]@.]{2,63}")
#: "nom (at) domaine.fr", "nom [arobase] domaine.fr", "nom @ domaine.fr", and the wide signs of other keyboards.
_AT = re.compile(
    r"(?<=\w)[ \t]{0,2}(?:[(\[{<][ ]?(?:at|a|@|arobase?)[ ]?[)\]}>]|[ ](?:arobase?|@)[ ]|[ ]@|@[ ]|＠"
    r"|﹫)[ \t]{0,2}(?=\w)",
    re.IGNORECASE,
)


def read(message: Message, own: Own, documents: Sequence[str] = ()) -> Request:
    """What the mail asks. `documents`: the texts of its documents, the fields of PDF forms as "label : value"."""
    text = spelling.composed(message.reply_text[:MAX_TEXT])
    new = form.read(text)
    papers = [form.read(document[:MAX_TEXT]) for document in documents[:MAX_DOCUMENTS]]
    quoted = form.read(message.text[:MAX_QUOTED]) if message.tokens else form.Filled()
    forms = (new, quoted, *papers)
    found = ps_numbers.Found()
    behind = (f"n° PS : {value}" for one in forms for value in one.numeros)
    for source in (new.left, message.subject[:MAX_TEXT], message.signature[:MAX_TEXT], *behind):
        ps_numbers.read(found, source)
    for paper in papers:
        ps_numbers.read(found, paper.left)
    subject = spelling.folded(spelling.composed(message.subject[:MAX_TEXT]))
    said = spelling.folded(new.left)
    role, starts_on, ends_on = _role(forms, (said, subject), message.date.date() if message.date else None)
    addresses = (one for source in (text, *documents[:MAX_DOCUMENTS]) for one in _addresses(source[:MAX_TEXT]))
    return Request(
        numeros_ps=tuple(found.numeros_ps)[:MAX_NUMBERS],
        rpps=tuple(found.rpps)[:MAX_NUMBERS],
        doubtful=tuple(found.doubtful),
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        other_addresses=tuple(
            dict.fromkeys(one for one in addresses if one != message.sender and not own.is_ours(one))
        )[:MAX_ADDRESSES],
        changes=roles.changes(said) or roles.changes(subject),
        adds=roles.adds(said) or roles.adds(subject),
    )


def _role(
    forms: Iterable[form.Filled], texts: Sequence[str], day: date | None
) -> tuple[Role | None, date | None, date | None]:
    """Role and days: of the form where it gives them, else of the words. Days belong to a replacement only."""
    forms = tuple(forms)
    role = next(filter(None, (roles.filled(value) for one in forms for value in one.role)), None)
    days = next(
        filter(any, (replacement.read(f"du {value}", day) for one in forms for value in one.dates)), (None, None)
    )
    role = role or (Role.REMPLACANT if any(days) else next(filter(None, map(roles.said, texts)), None))
    if role is not Role.REMPLACANT:
        return role, None, None
    if not any(days):
        days = next(filter(any, (replacement.read(text, day) for text in texts)), (None, None))
    return role, *days


def _addresses(text: str) -> Iterable[str]:
    """The addresses that a text names, also where they are written so that machines should not see them."""
    for found in _ADDRESS.finditer(_AT.sub("@", text)):
        yield found[0].strip(".'’«»*_").lower()
