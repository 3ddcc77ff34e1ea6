"""May this address be tied to these PS numbers, and what is still missing? Pure: a mail, what it asks, what the ledger
knows in; one way for each PS number out.

Two things tie an address to a PS. The address is *proved*: our mail exchanger confirms it, or it answers a token. The
PS *agrees*: the address known for it is the sender or says yes, a code from its postal box comes back, or an agent
approves. The known address is the registered one, else those of AGAPS. Only a sender whom our exchanger confirmed may
make us write anything, but for one thing: a token to the very address that is known for the PS. An address that only
stands in a text is never written to; the known address may vouch for it, and it still has to write by itself.
Never raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from mailbot.intake.outcome import Parked
from mailbot.model.inscriptions import Request, Role
from mailbot.model.mails import Message

#: Obstacles named in one reason.
_MAX_SAID = 5
#: PS numbers that one mail is looked at for.
MAX_NUMBERS = 50
#: The longest replacement that is taken without a human.
_LONGEST = timedelta(days=2 * 366)


class Way(Enum):
    """What happens for one PS number."""

    ALREADY = "already"  # the sender is its address
    AT_ONCE = "at once"  # the known address wrote, and our exchanger confirms it
    CONFIRM = "confirm"  # the address has to answer a token; the PS has agreed, or is the sender
    AGREE = "agree"  # the address has to answer a token, and the known address has to say yes
    CODE = "code"  # a code goes to the postal address
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class KnownPS:
    """What the ledger knows of one PS number.

    `known`: the addresses whose word counts. `active`: registered addresses, each with its role. `vouched`:
    the known address named the sender before. `other_days`: the sender
    is there for other days than it asks for now. `postal`: AGAPS has a complete postal address. `busy`: why it is not
    asked again today, or "".
    """

    known: tuple[str, ...] = ()
    active: frozenset[tuple[str, Role]] = frozenset()
    vouched: bool = False
    other_days: bool = False
    postal: bool = False
    busy: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that is somebody's of this PS."""
        return (*self.known, *(mail for mail, _ in self.active))


@dataclass(frozen=True, slots=True)
class Known:
    """`ps`: the PS numbers of the mail that AGAPS holds, and those of which the sender is the known address.

    `verdict_required`: the mailbox has an `authserv_id`. `agent_only`: an agent approves everything. `asked`: this
    address was asked for what is missing before. `busy`: why the sender is not served any more today, or "".
    """

    ps: Mapping[str, KnownPS] = field(default_factory=dict)
    verdict_required: bool = False
    agent_only: bool = False
    asked: bool = False
    busy: str = ""
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One PS number, its way, and why (French)."""

    numero_ps: str
    way: Way
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for the sender's own address. `waiting` is set where an agent has to look."""

    role: Role
    ways: tuple[Planned, ...]
    evidence: tuple[str, ...]
    waiting: Parked | None = None

    def of(self, *ways: Way) -> tuple[str, ...]:
        """The PS numbers that go one of these ways."""
        return tuple(one.numero_ps for one in self.ways if one.way in ways)


@dataclass(frozen=True, slots=True)
class Ask:
    """The sender is asked, once, for what is missing; `unknown` are PS numbers that AGAPS does not hold, `numeros_ps`
    those that it does."""

    unknown: tuple[str, ...]
    numeros_ps: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vouch:
    """The known address of these PS names another one: is it to be registered? It is asked; and the other one still
    has to write by itself."""

    address: str
    role: Role
    numeros_ps: tuple[str, ...]
    evidence: tuple[str, ...]


def register(message: Message, request: Request, known: Known) -> Plan | Ask | Vouch | Parked:
    """Decide a mail of kind `registration`."""
    refused = _nobody(message, known)
    if refused:
        return Parked(refused, evidence=message.evidence)
    wanted = _wanted(message, request, known)
    foreign = _foreign(request, known, wanted)
    if foreign:
        return _vouch(message, request, known, wanted, foreign)
    unknown = tuple(numero for numero in wanted if numero not in known.ps)
    if not wanted or unknown:
        return _incomplete(message, request, known, wanted, unknown)
    if len(wanted) > MAX_NUMBERS:
        return Parked(f"Inscription à vérifier — plus de {MAX_NUMBERS} n° PS.", evidence=message.evidence)
    role = asked_of(request)[0]
    if _odd_days(request, known.today):
        return _incomplete(message, request, known, wanted, ())
    return _plan(message, role, tuple(_way(message, role, numero, known) for numero in wanted))


def _plan(message: Message, role: Role, ways: tuple[Planned, ...]) -> Plan:
    evidence = tuple(f"PS {one.numero_ps} : {one.why}." for one in ways)
    left = [f"PS {one.numero_ps} : {one.why}" for one in ways if one.way is Way.AGENT]
    waiting = Parked(f"Inscription à vérifier — {_listed(left)}.", evidence=evidence) if left else None
    return Plan(role, ways, evidence, waiting)


def _nobody(message: Message, known: Known) -> str:
    """Why the sender cannot register anything, or ""."""
    if message.auto_submitted:
        return "Demande d’inscription dans un message automatique."
    if not message.sender:
        return "Demande d’inscription dont l’expéditeur n’est pas une adresse unique et sans défaut."
    if message.verified is False:
        return "Demande d’inscription dont l’expéditeur n’est pas confirmé par notre serveur de messagerie."
    return known.busy


def _wanted(message: Message, request: Request, known: Known) -> tuple[str, ...]:
    """The PS numbers asked for; a known address that names none means its own."""
    if request.numeros_ps:
        return request.numeros_ps
    return tuple(numero for numero, ps in known.ps.items() if _same(message.sender, ps.addresses))


def asked_of(request: Request) -> tuple[Role, date | None, date | None]:
    """The role that is asked for, and its days: what a proof and an agreement are bound to. What only stands beside the
    present address is the secretariat's; what has a last day is a replacement."""
    role = request.role or (Role.SECRETARIAT if request.adds else Role.REMPLACANT if request.ends_on else Role.RETOURS)
    if role is not Role.REMPLACANT:
        return role, None, None
    return role, request.starts_on, request.ends_on


def _odd_days(request: Request, today: date | None) -> bool:
    """No last day, or days that no replacement has."""
    role, first, last = asked_of(request)
    if role is not Role.REMPLACANT:
        return False
    if last is None or (first and first > last):
        return True
    return today is not None and not today <= last <= today + _LONGEST


def _foreign(request: Request, known: Known, wanted: Sequence[str]) -> tuple[str, ...]:
    """Addresses that the mail names and that are nobody's we know."""
    ours = [address for numero in wanted for address in known.ps.get(numero, KnownPS()).addresses]
    return tuple(one for one in request.other_addresses if not _same(one, ours))


def _vouch(
    message: Message, request: Request, known: Known, wanted: Sequence[str], foreign: Sequence[str]
) -> Vouch | Parked:
    speaks = bool(wanted) and all(_same(message.sender, known.ps.get(one, KnownPS()).known) for one in wanted)
    if speaks and len(foreign) == 1 and message.verified is True and not known.agent_only:
        told = "l’adresse connue de ce PS en nomme une autre : elle doit dire oui, et l’autre écrire elle-même"
        return Vouch(
            foreign[0], asked_of(request)[0], tuple(wanted), tuple(f"PS {numero} : {told}." for numero in wanted)
        )
    return Parked(
        "Demande d’inscription qui nomme une autre adresse que celle de l’expéditeur.", evidence=message.evidence
    )


def _incomplete(
    message: Message, request: Request, known: Known, wanted: Sequence[str], unknown: tuple[str, ...]
) -> Ask | Parked:
    """Asked for once; after that a human looks."""
    if not wanted and request.doubtful:
        reason = "Demande d’inscription dont le n° PS n’en est pas un."
    elif not wanted:
        reason = "Demande d’inscription sans n° PS."
    elif unknown:
        reason = f"Inscription à vérifier — {_listed([f'PS {one} : numéro inconnu d’AGAPS' for one in unknown])}."
    else:
        reason = "Inscription d’un remplaçant sans dernier jour, ou avec des dates qui ne vont pas."
    if message.verified is True and not known.asked and not known.agent_only:
        return Ask(unknown, tuple(one for one in wanted if one in known.ps), (reason,))
    return Parked(reason, evidence=message.evidence)


def _way(message: Message, role: Role, numero_ps: str, known: Known) -> Planned:
    ps = known.ps[numero_ps]
    sender, confirmed = message.sender, message.verified is True
    if (sender, role) in ps.active and not ps.other_days:
        return Planned(numero_ps, Way.ALREADY, "adresse déjà active pour ce PS")
    if known.agent_only:
        return Planned(numero_ps, Way.AGENT, "« mailbot contacts approve » l’accepte")
    if _same(sender, ps.known):
        if confirmed:
            return Planned(numero_ps, Way.AT_ONCE, "l’expéditeur, confirmé, est l’adresse connue de ce PS")
        return Planned(numero_ps, Way.CONFIRM, "l’expéditeur se dit l’adresse connue de ce PS, qui doit le confirmer")
    if ps.vouched:
        return Planned(numero_ps, Way.CONFIRM, "l’adresse connue de ce PS a annoncé celle de l’expéditeur")
    if not confirmed:
        return Planned(numero_ps, Way.AGENT, "l’expéditeur n’est ni connu de ce PS ni confirmé par notre serveur")
    if ps.busy:
        return Planned(numero_ps, Way.AGENT, ps.busy)
    if ps.known:
        return Planned(numero_ps, Way.AGREE, "l’accord de l’adresse connue de ce PS est demandé")
    if ps.postal:
        return Planned(numero_ps, Way.CODE, "aucune adresse connue : un code part à son adresse postale")
    return Planned(numero_ps, Way.AGENT, "aucune adresse connue, ni adresse postale complète")


def _listed(obstacles: Sequence[str]) -> str:
    more = f" ; et {len(obstacles) - _MAX_SAID} autres" if len(obstacles) > _MAX_SAID else ""
    return " ; ".join(obstacles[:_MAX_SAID]) + more


def _same(address: str, others: Sequence[str]) -> bool:
    """Is this ASCII address one of the others? Small and capital letters are the same; nothing else is."""
    wanted = address.strip().lower()
    return bool(wanted) and any(one.isascii() and one.strip().lower() == wanted for one in others)
