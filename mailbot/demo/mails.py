"""The mails that PS and mail servers write on the sample day.

Registrations are written as they come; replies and the bounce are made from the letters that were really delivered,
so that they carry the references that a mail program would have carried. Pure: letters and times are arguments.
"""

from __future__ import annotations

import email
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime

from mailbot.demo import people
from mailbot.demo.sample import PS

#: How our mail exchanger signs what it found out about senders.
EXCHANGER = "mx.mutuelle-exemple.example.fr"
#: The address that nobody has seen before.
NOUVELLE = "facturation.remparts@example.org"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One letter as it lies in the mailbox of its reader. `return_path` is where its bounces go."""

    return_path: str
    to: str
    message: EmailMessage

    @classmethod
    def read(cls, raw: bytes) -> Delivered:
        message = email.message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        return cls(str(message["Return-Path"]).strip("<> "), str(message["Delivered-To"]).strip("<> "), message)

    @property
    def text(self) -> str:
        """The text part, which a reply quotes."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        return str(body.get_content()) if body else ""

    @property
    def pdf(self) -> bytes:
        """Its PDF copy, b"" without one."""
        parts = [part for part in self.message.iter_attachments() if part.get_content_type() == "application/pdf"]
        return bytes(parts[0].get_content()) if parts else b""


# -- registrations ---------------------------------------------------------------------------------------------


def registrations(to: str, now: datetime) -> dict[str, bytes]:
    """Two requests: one from the address that AGAPS knows, one from an address that nobody has seen before.

    Our mail exchanger confirms both senders.
    """
    known = _mail(
        people.KINE.mail, "Cabinet Delaunoy", to, f"Inscription Flux Tiers - PS {people.KINE.numero}", now,
        "Bonjour,\n\n"
        "Nous souhaitons enregistrer notre adresse mail pour recevoir les bordereaux de rejet.\n"
        f"N° PS : {people.KINE.numero}\n\n"
        "Merci d’avance,\n"
        "Pauline Delaunoy, masseuse-kinésithérapeute\n",
    )  # fmt: skip
    unknown = _mail(
        NOUVELLE, "Facturation Remparts", to, "Enregistrement de notre adresse mail", now,
        "Bonjour,\n\n"
        "Merci d’enregistrer cette adresse mail pour les retours de notre centre d’imagerie,\n"
        f"n° PS {people.IMAGERIE.numero}.\n\n"
        "Cordialement,\n"
        "Le secrétariat\n",
    )  # fmt: skip
    return {"01-inscription-kine.eml": known, "02-inscription-imagerie.eml": unknown}


def agreements(asked: Delivered, confirm: Delivered, now: datetime) -> dict[str, bytes]:
    """The known address of the centre says yes to the new one, and the new one answers its own token."""
    yes = "Oui, c’est bien notre service de facturation.\n"
    known = _reply(people.IMAGERIE.mail, people.IMAGERIE.nom, asked, now, yes)
    new = _reply(confirm.to, "Facturation Remparts", confirm, now, "Oui.\n")
    return {"07-accord-imagerie.eml": known, "08-confirmation-imagerie.eml": new}


# -- replies ---------------------------------------------------------------------------------------------------


def reply_with_lot(letter: Delivered, now: datetime, name: str, lot: bytes) -> bytes:
    """The pharmacy sends invoice 18812 again, with its date, in a new lot."""
    text = (
        "Bonjour,\n\n"
        "La date manquait en effet sur la facture 18812. Vous trouverez ci-joint le lot 26-0119 avec la facture\n"
        "corrigée, n° 18840.\n\n"
        "Bien cordialement,\n"
        "Pharmacie du Vieux Pont\n"
    )
    return _reply(people.VIEUX_PONT.mail, people.VIEUX_PONT.nom, letter, now, text, (name, lot))


def reply_in_words(letter: Delivered, now: datetime) -> bytes:
    """The nurses say what was missing on F2603."""
    text = (
        "Bonjour,\n\n"
        "Pour la facture n° F2603 : il s’agit d’un seul acte AMI 2, quantité 1, réalisé le 05/02/2026.\n\n"
        "Faut-il vous renvoyer la facture ?\n"
        "Gwenn Tanguy\n"
    )
    return _reply(people.INFIRMIERES.mail, people.INFIRMIERES.nom, letter, now, text)


def reply_from_elsewhere(letter: Delivered, now: datetime) -> bytes:
    """Somebody answers the dentist's bordereau from an address that is not the dentist's."""
    text = (
        "Bonjour, je vous réponds depuis mon téléphone.\n"
        "La facture D0088 est bien réglée par deux contrats, pouvez-vous la traiter ?\n"
    )
    return _reply("solenn.q@example.fr", "Solenn", letter, now, text)


def _reply(
    sender: str, name: str, letter: Delivered, now: datetime, text: str, attached: tuple[str, bytes] | None = None
) -> bytes:
    original = letter.message
    quoted = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
    head = f"Le {original['Date'].datetime:%d/%m/%Y à %H:%M}, {original['From']} a écrit :"
    return _mail(
        sender, name, str(original["Reply-To"] or original["From"]), f"Re: {original['Subject']}", now,
        f"{text}\n{head}\n{quoted}\n", str(original["Message-ID"]), attached,
    )  # fmt: skip


def _mail(
    sender: str,
    name: str,
    to: str,
    subject: str,
    now: datetime,
    text: str,
    answers: str = "",
    attached: tuple[str, bytes] | None = None,
) -> bytes:
    local, _, domain = sender.partition("@")
    message = EmailMessage(policy=SMTP)
    message["Authentication-Results"] = f"{EXCHANGER}; dmarc=pass header.from={domain}"
    message["From"] = f"{name} <{sender}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{now:%Y%m%d%H%M%S}.{local}@{domain}>"
    if answers:
        message["In-Reply-To"] = answers
        message["References"] = answers
    message.set_content(text)
    if attached:
        message.add_attachment(attached[1], maintype="text", subtype="csv", filename=attached[0])
        message.set_boundary(f"----=_demo_{now:%H%M%S}")
    return message.as_bytes()


# -- bounce ----------------------------------------------------------------------------------------------------


def bounce(letter: Delivered, ps: PS, now: datetime) -> bytes:
    """What the pharmacy's mail server says of a mailbox that is no more (RFC 3464), as Postfix writes it."""
    domain = ps.mail.partition("@")[2]
    original = letter.message
    headers = "".join(f"{name}: {original[name]}\n" for name in ("From", "To", "Date", "Message-ID"))
    boundary = f"DSN{now:%H%M%S}/mx.{domain}"
    text = f"""Return-Path: <>
Date: {format_datetime(now)}
From: MAILER-DAEMON@mx.{domain} (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {letter.return_path}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="{boundary}"
Message-ID: <{now:%Y%m%d%H%M%S}.DSN@mx.{domain}>

This is a MIME-encapsulated message.

--{boundary}
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.{domain}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{ps.mail}>: host mail.{domain} said: 550 5.1.1
    <{ps.mail}>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)

--{boundary}
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.{domain}
Arrival-Date: {format_datetime(now)}

Final-Recipient: rfc822; {ps.mail}
Original-Recipient: rfc822;{ps.mail}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.{domain}
Diagnostic-Code: smtp; 550 5.1.1 <{ps.mail}>: Recipient address rejected:
    User unknown

--{boundary}
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <{letter.return_path}>
{headers}
--{boundary}--
"""
    return text.replace("\n", "\r\n").encode("ascii", "replace")
