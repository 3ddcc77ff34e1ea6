"""A service that waits for registrations: two PS with a known address, one with a postal address only; and mails to it.

Our exchanger signs as mx.example.fr. All people are invented.
"""

from __future__ import annotations

import email
import email.policy
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot.ledger import StoredContact, StoredLetter
from mailbot.model import LetterKind
from mailbot.passes import run
from mailbot.passes.service import Service
from tests import day

PHARMACIE_MAIL = "contact@pharmacie-port.example.fr"
CABINET_MAIL = "accueil@tilleuls.example.org"
DESK = "envoi.fluxtiers@example.fr"
_NUMBERS = itertools.count(1)


def verdict(sender: str, result: str = "pass") -> str:
    domain = sender.rpartition("@")[2]
    return f"Authentication-Results: mx.example.fr; dmarc={result} header.from={domain}\r\n"


def written(
    sender: str,
    text: str,
    *,
    subject: str = "Inscription",
    to: str = DESK,
    headers: str = "",
    checked: str | None = "pass",
    attachment: tuple[str, bytes] | None = None,
) -> bytes:
    """A mail as it lies in our mailbox; `checked`: what our exchanger says of it (None: nothing)."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["To"], message["Subject"] = to, subject
    message["Message-ID"] = f"<m{next(_NUMBERS)}@example.fr>"
    message["Date"] = "Mon, 02 Mar 2026 07:00:00 +0100"
    message.set_content(text)
    if attachment:
        message.add_attachment(attachment[1], maintype="application", subtype="pdf", filename=attachment[0])
    top = verdict(re.sub(r".*<|>.*", "", sender), checked) if checked else ""
    return (top + headers + f"From: {sender}\r\n").encode() + message.as_bytes()


def reply(letter: EmailMessage, text: str, *, sender: str = "", quote: bool = True, **more: Any) -> bytes:
    """An answer to a letter of ours as mail programs write it."""
    body = letter.get_body(("plain",))
    assert body is not None
    quoted = "".join(f"> {line}\n" for line in body.get_content().splitlines()) if quote else ""
    text = f"{text}\n\nLe lun. 2 mars 2026 à 09:00, Mutuelle Exemple a écrit :\n{quoted}" if quote else text
    route = f"In-Reply-To: {letter['Message-ID']}\r\nReferences: {letter['Message-ID']}\r\n"
    return written(
        sender or str(letter["To"]), text, subject=f"Re: {letter['Subject']}", to=str(letter["Reply-To"]),
        headers=more.pop("headers", "") + route, **more,
    )  # fmt: skip


@dataclass
class World:
    """The service on a folder, its clock in our hands."""

    folder: Path
    now: datetime = day.NOW
    said: list[str] = field(default_factory=list)

    @classmethod
    def made_in(cls, folder: Path, authserv: bool = True) -> World:
        day.prepare(folder)
        for path in (folder / "var/courrier-entrant/new").iterdir():
            path.unlink()
        for path in (folder / "var/lots").iterdir():
            path.unlink()
        if authserv:
            path = folder / "mailbot.yaml"
            text = path.read_text("utf-8")
            path.write_text(
                text.replace("# authserv_id: mx.example.fr", "authserv_id: mx.example.fr").replace(
                    "  authserv_id", "  authserv_id"
                ),
                "utf-8",
            )
        return cls(folder)

    @contextmanager
    def service(self) -> Iterator[Service]:
        with day.service(self.folder, self.now, self.said) as service:
            yield service

    def receive(self, *mails: bytes, later: timedelta = timedelta(minutes=5)) -> None:
        """The mails arrive, and the service makes one round."""
        for raw in mails:
            day.put(self.folder, f"{next(_NUMBERS):06}.mail", raw)
        self.now += later
        with self.service() as service, day.edges(service) as edges:
            run.once(service, edges)

    def contacts(self, numero_ps: str = "") -> list[StoredContact]:
        with self.service() as service:
            return service.ledger.contacts.listed(numero_ps)

    def active(self) -> set[tuple[str, str]]:
        return {(one.numero_ps, one.mail) for one in self.contacts() if one.state == "active"}

    def stored_letters(self) -> list[StoredLetter]:
        with self.service() as service:
            return [one for one in service.ledger.letters.listed() if one.kind is not LetterKind.COPY]

    def letters(self, to: str = "", about: str = "") -> list[EmailMessage]:
        """Letters that left, oldest first; to an address, with words in their subject."""
        with self.service() as service:
            raw = [service.ledger.letters.envelope(one.id).raw for one in self.stored_letters()]
        read = [email.message_from_bytes(one, policy=email.policy.default) for one in raw]
        return [one for one in read if (not to or one["To"] == to) and about.lower() in str(one["Subject"]).lower()]  # type: ignore[misc]

    def recipients(self) -> set[str]:
        return {one.recipient for one in self.stored_letters()}

    def journal(self) -> str:
        with self.service() as service:
            rows = service.ledger.store.rows("SELECT what, subject, details FROM journal ORDER BY id")
        return "\n".join(" ".join(row) for row in rows)

    def parked(self) -> list[str]:
        """The reasons of the mails that wait for an agent."""
        with self.service() as service:
            return [one.reason for one in service.ledger.mails.parked()]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def token_of(letter: EmailMessage) -> str:
    found = re.search(r"mb-([a-z2-7]{26})", str(letter["Message-ID"]))
    assert found
    return found[1]
