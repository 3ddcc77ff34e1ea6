"""What the ledger knows of a sender and of the PS numbers that it names, for `intake.register`. Asks only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from mailbot.intake.register import MAX_NUMBERS, Known, KnownPS, asked_of
from mailbot.ledger import StoredContact, instant
from mailbot.model import Message
from mailbot.model.inscriptions import Proof, Purpose, Request, Role
from mailbot.model.references import Agaps
from mailbot.parsers.mail.own import Own
from mailbot.passes import contact
from mailbot.passes.inscriptions import letters
from mailbot.passes.service import Service
from mailbot.rules import text
from mailbot.rules.references import References, rows_under

_DAY = timedelta(days=1)
#: Functions of `agaps_mails` that speak for refusals (motifs.md §5).
_RETURNS = ("RETOURS_PS", "RETOUR_PS")
_ENDED = "un agent a mis fin à cette adresse pour ce PS : lui seul la rétablit"
#: In a month a PS is asked as often as on so many days.
_MONTH = 2
#: Refused addresses of one domain after which the others of it wait for an agent.
_REFUSED_OF_A_DOMAIN = 2


def known(service: Service, message: Message, request: Request, us: Own) -> Known:
    """What `register.register` has to know."""
    settings = service.configuration.settings
    wanted = request.numeros_ps[: MAX_NUMBERS + 1] or _own_numbers(service, message.sender)
    rows = References.of(service.ledger.references.directory_of(wanted)) if wanted else None
    found = {numero: rows_under(rows.agaps, numero) for numero in wanted} if rows else {}
    ps = {
        numero: _one(service, message.sender, request, numero, rows) for numero, held in found.items() if held and rows
    }
    since, shut = service.clock() - _DAY, service.ledger.contacts.shut
    closed = not request.numeros_ps and any(message.sender in shut(numero) for numero in ps)
    stranger = any(message.sender not in one.known and not one.vouched for one in ps.values())
    return Known(
        ps=ps,
        verdict_required=us.authserv_id is not None,
        agent_only=settings.registration.proof == "agent",
        asked=bool(message.sender) and service.ledger.tokens.sent_to(message.sender, Purpose.FORM, since) > 0,
        today=service.clock().astimezone(contact.PARIS).date(),
        busy=_ENDED if closed else _busy(service, message.sender, len(ps)) if stranger and message.sender else "",
    )


def known_addresses(service: Service, numero_ps: str, rows: References) -> tuple[str, ...]:
    """The addresses whose word ties another one to this PS: the registered one; else those of AGAPS, where its
    bordereaux go first; else the secretariat's (`contact.secretariat`). Never one that an agent ended. Nobody's while
    a change can still be contested or is."""
    contacts = service.ledger.contacts
    held = contacts.of_role(numero_ps, Role.RETOURS)
    if contacts.contested(numero_ps) or (held and contestable(service, held)):
        return ()
    if held:
        return (held.mail,)
    written_to = References.of(service.ledger.references.contacts_of([numero_ps]))
    found = contact.contact_of(service, numero_ps, written_to) if not contacts.active(numero_ps) else None
    convention = text.code(service.configuration.settings.organisation.convention)
    mails = (
        *([found.mail] if found and found.source != "inscription" else []),
        *(row.mail for row in rows_under(rows.agaps, numero_ps)),
        *(
            row.mail
            for row in rows_under(rows.agaps_mails, numero_ps)
            if text.code(row.convention) == convention and text.code(row.fonction) in _RETURNS
        ),
    )
    shut = contacts.shut(numero_ps)
    found_mails = dict.fromkeys(mail.strip().lower() for mail in mails if mail.strip() and mail.isascii())
    usable = tuple(mail for mail in found_mails if mail not in shut)
    secretariat = contact.secretariat(service, numero_ps)
    return usable or ((secretariat.mail,) if secretariat else ())


def known_to(service: Service, numero_ps: str) -> tuple[str, ...]:
    """`known_addresses`, by the number alone."""
    rows = References.of(service.ledger.references.directory_of([numero_ps]))
    return known_addresses(service, numero_ps, rows)


def contestable(service: Service, held: StoredContact) -> bool:
    """Was another address told lately that this one began, and may it still say no? Also where it said so before."""
    now = instant(service.clock())
    tokens = service.ledger.tokens.of_contact(held.id)
    return any(one.purpose is Purpose.DISPUTE and one.address != held.mail and now < one.expires_at for one in tokens)


def is_fresh(service: Service, held: StoredContact) -> bool:
    """Did it become active so lately that somebody may still say no to it?"""
    return service.clock() < datetime.fromisoformat(held.since) + letters.DISPUTE


def was_told(service: Service, address: str, held: StoredContact) -> bool:
    """Did we ask or tell this address about that inscription of another one?"""
    tokens = service.ledger.tokens.of_contact(held.id)
    return held.mail != address and any(
        one.address == address and one.purpose in (Purpose.AGREE, Purpose.DISPUTE) for one in tokens
    )


def agreement_stands(service: Service, held: StoredContact) -> bool:
    """An agreement counts while the address that gave it speaks for the PS."""
    if held.agreed_by is not Proof.KNOWN:
        return held.agreed_by is not None
    return held.agreed_from in known_to(service, held.numero_ps)


def postal_lines(row: Agaps | None) -> tuple[str, ...]:
    """The postal address of a PS, () where AGAPS does not have enough of it for the post."""
    if row is None or not (row.libelle_voie.strip() and row.code_postal.strip() and row.commune.strip()):
        return ()
    street = " ".join(
        part.strip()
        for part in (row.numero_voie, row.complement_numero, row.type_voie, row.libelle_voie)
        if part.strip()
    )
    town = f"{row.code_postal.strip()} {row.commune.strip().upper()}"
    return tuple(line for line in (street, row.complement_adresse.strip(), town) if line)


def mine(service: Service, sender: str) -> list[StoredContact]:
    """The active inscriptions of an address."""
    return service.ledger.contacts.of_address(sender) if sender else []


def _own_numbers(service: Service, sender: str) -> tuple[str, ...]:
    """The PS numbers that this address is registered for, or that AGAPS knows it for."""
    if not sender:
        return ()
    registered = [one.numero_ps for one in mine(service, sender)]
    return tuple(registered or service.ledger.references.numbers_of(sender, MAX_NUMBERS))


def _one(service: Service, sender: str, request: Request, numero_ps: str, rows: References) -> KnownPS:
    contacts = service.ledger.contacts
    if contacts.disputed(numero_ps):
        return KnownPS(busy="une adresse de ce PS est contestée, un agent doit décider")
    if sender in contacts.shut(numero_ps):
        return KnownPS(busy=_ENDED)
    role, starts_on, ends_on = asked_of(request)
    waiting = contacts.waiting(numero_ps, sender, role, starts_on, ends_on)
    addresses = known_addresses(service, numero_ps, rows)
    directory = contact.directory(numero_ps, rows)
    active = contacts.active_of(numero_ps)
    held = next((one for one in active if (one.mail, one.role) == (sender, role)), None)
    return KnownPS(
        known=addresses,
        active=frozenset((one.mail, one.role) for one in active),
        other_days=held is not None and _differ(held, starts_on, ends_on),
        vouched=waiting is not None and waiting.agreed_by is not None,
        postal=service.configuration.settings.registration.postal_code and bool(postal_lines(directory)),
        busy=_asked_enough(service, sender, numero_ps, addresses),
    )


def _differ(held: StoredContact, starts_on: date | None, ends_on: date | None) -> bool:
    """Are these other days than those of a replacement that is there?"""
    begins = starts_on is None or held.starts_on is None or starts_on == held.starts_on
    return held.ends_on != ends_on or not begins


def _asked_enough(service: Service, sender: str, numero_ps: str, addresses: Sequence[str]) -> str:
    """Why a stranger's request does not make us ask this PS (again), or ""."""
    contacts, tokens, now = service.ledger.contacts, service.ledger.tokens, service.clock()
    most = service.configuration.settings.limits.requests_per_ps
    held = contacts.of_role(numero_ps, Role.RETOURS)
    if _bare(sender) in map(_bare, contacts.refused(numero_ps)):
        return "cette adresse a déjà été refusée pour ce PS"
    lately = contacts.refused(numero_ps, now - 30 * _DAY)
    if sum(_domain(one) == _domain(sender) for one in lately) >= _REFUSED_OF_A_DOMAIN:
        return "plusieurs adresses de ce domaine ont été refusées pour ce PS depuis 30 jours"
    if held and not addresses:
        return "l’adresse de ce PS a changé depuis peu, celle d’avant peut encore le contester"
    if tokens.about(numero_ps, (Purpose.AGREE, Purpose.CODE), now - _DAY) >= most:
        return "trop de demandes pour ce PS aujourd’hui"
    if tokens.about(numero_ps, (Purpose.AGREE,), now - 30 * _DAY) >= _MONTH * most:
        return "trop de demandes pour ce PS depuis 30 jours"
    if addresses and tokens.sent_to(addresses[0], Purpose.AGREE, now - _DAY) >= most:
        return "trop de demandes à l’adresse connue de ce PS aujourd’hui"
    if not addresses and tokens.about(numero_ps, (Purpose.CODE,), now - 30 * _DAY):
        return "un code est déjà parti à son adresse postale il y a moins de 30 jours"
    return ""


def _busy(service: Service, sender: str, wanted: int) -> str:
    """Why a sender whom nobody knows is not served any more today, or ""."""
    limits, contacts = service.configuration.settings.limits, service.ledger.contacts
    since = service.clock() - _DAY
    counts: Sequence[tuple[int, int, str]] = (
        (contacts.requests_since(since, mail=sender) + wanted, limits.requests_per_sender, "de cet expéditeur"),
        (
            contacts.requests_since(since, domain=_domain(sender)) + 1,
            limits.requests_per_domain,
            "de ce domaine",
        ),
        (contacts.requests_since(since) + 1, limits.requests_per_day, "en tout"),
    )
    whose = next((whose for count, limit, whose in counts if count > limit), "")
    return f"Trop de demandes d’inscription aujourd’hui ({whose})." if whose else ""


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _bare(address: str) -> str:
    """Without what stands behind a plus: the same mailbox."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
