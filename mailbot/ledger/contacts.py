"""Registered addresses: at most one active address for each PS and role. States: `mailbot/model/inscriptions.py`.

Every change of state goes through `_move`, which knows the drawing (`MOVES`) and nothing else. Addresses are kept and
compared in small letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Row

from mailbot.ledger.store import Store, instant
from mailbot.model.inscriptions import MOVES, PENDING, InscriptionState, Proof, Role

#: Who gets the bordereaux of a PS, the first one that is active; the secretariat only where nobody else has an address.
RECEIVING = (Role.REMPLACANT, Role.RETOURS)
_PENDING = f"({', '.join(repr(str(state)) for state in PENDING)})"


@dataclass(frozen=True, slots=True)
class StoredContact:
    """`since` is when it was asked for or became active; instants as ISO text in UTC. `proved_by`, `agreed_by`: None
    while that is missing. `ended_by`: `ps`, `agent` or `terme`, "" while it stands."""

    id: int
    numero_ps: str
    mail: str
    role: Role
    state: InscriptionState
    since: str
    evidence: tuple[str, ...]
    mail_id: int | None
    starts_on: date | None
    ends_on: date | None
    proved_by: Proof | None
    agreed_by: Proof | None
    expires_at: str
    ended_by: str

    @property
    def pending(self) -> bool:
        return self.state in PENDING

    def ready(self, today: date) -> bool:
        """Proved, agreed, and its first day has come."""
        return bool(self.proved_by and self.agreed_by) and (self.starts_on is None or self.starts_on <= today)


class Contacts:
    def __init__(self, store: Store) -> None:
        self._store = store

    # -- questions -----------------------------------------------------------------------------------------------

    def active(self, numero_ps: str) -> StoredContact | None:
        """The registered address that gets the bordereaux of this PS now."""
        return _first(self.active_of(numero_ps))

    def of_role(self, numero_ps: str, role: Role) -> StoredContact | None:
        """The active address of this PS in this role."""
        return next((one for one in self.active_of(numero_ps) if one.role is role), None)

    def active_of(self, numero_ps: str) -> list[StoredContact]:
        """Every active address of this PS."""
        return self._listed("numero_ps = ? AND state = 'active'", numero_ps)

    def of_address(self, mail: str) -> list[StoredContact]:
        """The PS for which this address is active, each once."""
        found = {one.numero_ps: one for one in reversed(self.all_of_address(mail))}
        return sorted(found.values(), key=lambda one: one.id)

    def all_of_address(self, mail: str) -> list[StoredContact]:
        """Every active inscription of this address, in whatever role."""
        return self._listed("mail = ? AND state = 'active'", mail.lower())

    def ever_of(self, mail: str) -> list[str]:
        """The PS for which this address is or was registered, or asked for."""
        rows = self._store.rows(
            "SELECT DISTINCT numero_ps FROM contacts WHERE mail = ? ORDER BY numero_ps", mail.lower()
        )
        return [row[0] for row in rows]

    def listed(self, numero_ps: str = "") -> list[StoredContact]:
        """Every inscription, oldest first: of a PS, or of all."""
        return self._listed("numero_ps = ?", numero_ps) if numero_ps else self._listed("1")

    def get(self, contact_id: int) -> StoredContact | None:
        return next(iter(self._listed("id = ?", contact_id)), None)

    def take(self, contact_id: int) -> StoredContact:
        """The contact with this id, which is known to exist."""
        return self._listed("id = ?", contact_id)[0]

    def waiting(
        self, numero_ps: str, mail: str, role: Role, starts_on: date | None, ends_on: date | None
    ) -> StoredContact | None:
        """The request that waits: of this address, for this PS, this role and these days. Whatever differs is another
        request, with proofs and an agreement of its own."""
        found = self._listed(
            f"numero_ps = ? AND mail = ? AND role = ? AND starts_on IS ? AND ends_on IS ? AND state IN {_PENDING}",
            numero_ps, mail.lower(), role, _iso(starts_on), _iso(ends_on),
        )  # fmt: skip
        return found[-1] if found else None

    def was_refused(self, numero_ps: str, mail: str) -> bool:
        """Did somebody say no to this address for this PS?"""
        return bool(self._listed("numero_ps = ? AND mail = ? AND state = 'refusee'", numero_ps, mail.lower()))

    def pending(self) -> int:
        """How many requests wait."""
        return int(self._store.value(f"SELECT count(*) FROM contacts WHERE state IN {_PENDING}"))

    def to_decide(self) -> int:
        """How many wait for an agent: for as long as it takes, or because they are contested."""
        return int(
            self._store.value(
                "SELECT count(*) FROM contacts WHERE state = 'contestee' "
                f"OR (state IN {_PENDING} AND expires_at IS NULL)"
            )
        )

    def contested(self, numero_ps: str) -> bool:
        """Is it open who speaks for this PS? Then nobody is written to."""
        return bool(self._listed("numero_ps = ? AND state = 'contestee'", numero_ps))

    def was_of(self, numero_ps: str, mail: str) -> bool:
        """Did this address once get, or give up, the bordereaux of this PS?"""
        return any(
            one.state in (InscriptionState.REMPLACEE, InscriptionState.RESILIEE)
            for one in self._listed("numero_ps = ? AND mail = ?", numero_ps, mail.lower())
        )

    def may_receive(self, numero_ps: str, mail: str) -> bool:
        """Is `mail` an address of this PS now: an active registration, or without one an address of AGAPS?

        One that is suspended is none, nor one that the PS ended; none is while it is open who speaks for the PS.
        Where AGAPS has no address at all, that of a national directory counts.
        """
        return self._may(self.listed(numero_ps), numero_ps, mail.lower())

    def receives(self, numero_ps: str, mail: str) -> bool:
        """Is `mail` where the bordereaux of this PS go now?"""
        mail = mail.lower()
        held = self.listed(numero_ps)
        active = [one for one in held if one.state is InscriptionState.ACTIVE]
        first = _first(active)
        if first is None and any(one.mail == mail and one.role is Role.PRISES_EN_CHARGE for one in active):
            return False
        return (first is None or first.mail == mail) and self._may(held, numero_ps, mail)

    def _may(self, held: Sequence[StoredContact], numero_ps: str, mail: str) -> bool:
        """`may_receive`, of a PS whose inscriptions are `held`."""
        if self._store.row("SELECT 1 FROM suspensions WHERE address = ? AND until IS NULL", mail):
            return False
        if any(one.state is InscriptionState.CONTESTEE for one in held):
            return False
        active = [one for one in held if one.state is InscriptionState.ACTIVE]
        if any(one.mail == mail for one in active):
            return True
        if _first(active) or mail in _left(held):
            return False
        found = self._store.row(
            "SELECT 1 FROM ref_agaps WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "UNION SELECT 1 FROM ref_agaps_mails WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "UNION SELECT 1 FROM annuaire WHERE numero_ps = ? AND mail = ? COLLATE NOCASE "
            "AND NOT EXISTS (SELECT 1 FROM ref_agaps WHERE numero_ps = annuaire.numero_ps AND mail <> '')",
            numero_ps, mail, numero_ps, mail, numero_ps, mail,
        )  # fmt: skip
        return found is not None

    def left(self, numero_ps: str) -> frozenset[str]:
        """Addresses at which this PS wants nothing more, whatever AGAPS says."""
        return _left(self.listed(numero_ps))

    # -- moves ---------------------------------------------------------------------------------------------------

    def request(
        self,
        now: datetime,
        numero_ps: str,
        mail: str,
        evidence: Sequence[str],
        mail_id: int | None,
        *,
        role: Role = Role.RETOURS,
        starts_on: date | None = None,
        ends_on: date | None = None,
        expires_at: datetime | None = None,
    ) -> int:
        """A new inscription, `demandee`; the same one asked again is the one that waits, and waits longer.

        `expires_at` None: it waits until an agent decides.
        """
        known = self.waiting(numero_ps, mail, role, starts_on, ends_on)
        until = instant(expires_at) if expires_at else None
        if known is not None:
            later = max(until, known.expires_at) if until and known.expires_at else None
            self._store.run(
                "UPDATE contacts SET expires_at = ?, mail_id = coalesce(?, mail_id) WHERE id = ?",
                later, mail_id, known.id,
            )  # fmt: skip
            return known.id
        return self._store.insert(
            "contacts", numero_ps=numero_ps, mail=mail.lower(), role=role, state=InscriptionState.DEMANDEE,
            since=instant(now), starts_on=_iso(starts_on), ends_on=_iso(ends_on), expires_at=until,
            evidence=json.dumps(list(evidence), ensure_ascii=False), mail_id=mail_id,
        )  # fmt: skip

    def prove(self, contact_id: int, proof: Proof, told: str) -> None:
        """The address is the applicant's: demandee -> confirmee. `told`: the evidence, French."""
        held = self.take(contact_id)
        if held.state is InscriptionState.DEMANDEE:
            self._move(contact_id, InscriptionState.CONFIRMEE, proved_by=proof)
            self._tell(held, told)

    def agree(self, contact_id: int, proof: Proof, told: str) -> None:
        """The PS wants this address; the state stays."""
        held = self.take(contact_id)
        if held.pending and not held.agreed_by:
            self._store.run("UPDATE contacts SET agreed_by = ? WHERE id = ?", proof, contact_id)
            self._tell(held, told)

    def activate(self, contact_id: int, now: datetime) -> StoredContact | None:
        """demandee or confirmee -> active; gives the address of this role that it takes the place of (-> remplacee).

        From contestee: an agent found it right.
        """
        held = self.take(contact_id)
        before = next((one for one in self.active_of(held.numero_ps) if one.role is held.role), None)
        if before and before.id != contact_id:
            self._move(before.id, InscriptionState.REMPLACEE, until=instant(now))
        self._move(contact_id, InscriptionState.ACTIVE, since=instant(now), expires_at=None, until=None)
        if held.role is Role.RETOURS:
            # Who spoke for the PS until now speaks for it no more: what it agreed to has to be agreed to again.
            self._store.run(
                f"UPDATE contacts SET agreed_by = '' WHERE numero_ps = ? AND mail <> ? AND state IN {_PENDING} "
                "AND agreed_by = 'adresse_connue'",
                held.numero_ps, held.mail,
            )  # fmt: skip
        return before

    def refuse(self, contact_id: int, now: datetime) -> None:
        """The PS or an agent says no."""
        self._move(contact_id, InscriptionState.REFUSEE, until=instant(now))

    def expire(self, contact_id: int, now: datetime) -> None:
        self._move(contact_id, InscriptionState.EXPIREE, until=instant(now))

    def dispute(self, contact_id: int, now: datetime, by: str = "") -> None:
        """active -> contestee. `by`: the address that says no, which comes back when it was right."""
        self._move(contact_id, InscriptionState.CONTESTEE, until=instant(now), contested_by=by.lower())

    def end(self, contact_id: int, now: datetime, by: str = "agent") -> StoredContact | None:
        """active, contestee or rebond -> resiliee. Of a contested one, the address that said no comes back; given."""
        held = self.take(contact_id) if self.get(contact_id) else None
        self._move(contact_id, InscriptionState.RESILIEE, until=instant(now), ended_by=by)
        if held is None or held.state is not InscriptionState.CONTESTEE:
            return None
        before = self._listed(
            "numero_ps = ? AND role = ? AND state = 'remplacee' "
            "AND mail = (SELECT contested_by FROM contacts WHERE id = ?)",
            held.numero_ps, held.role, held.id,
        )  # fmt: skip
        if before and not any(one.role is held.role for one in self.active_of(held.numero_ps)):
            self._move(before[-1].id, InscriptionState.ACTIVE, since=instant(now), until=None)
            return self.take(before[-1].id)
        return None

    def due(self, now: datetime, today: date) -> tuple[list[StoredContact], list[StoredContact], list[StoredContact]]:
        """What time does to them: those that waited too long, those that begin today, those whose last day is over."""
        late = self._listed(f"state IN {_PENDING} AND expires_at <= ?", instant(now))
        begin = self._listed("state = 'confirmee' AND agreed_by <> '' AND starts_on <= ?", today.isoformat())
        over = self._listed("state IN ('active', 'contestee') AND ends_on < ?", today.isoformat())
        return late, begin, over

    def requests_since(self, since: datetime, numero_ps: str = "", mail: str = "", domain: str = "") -> int:
        """Requests of addresses, by all, for a PS, by an address or from its domain."""
        return int(
            self._store.value(
                "SELECT count(*) FROM contacts WHERE since >= ?1 AND agreed_by <> 'adresse_connue' "
                "AND (?2 = '' OR numero_ps = ?2) AND (?3 = '' OR mail = ?3) AND (?4 = '' OR mail LIKE '%@' || ?4)",
                instant(since), numero_ps, mail.lower(), domain.lower(),
            )
        )  # fmt: skip

    # -- inside --------------------------------------------------------------------------------------------------

    def _move(self, contact_id: int, after: InscriptionState, **columns: object) -> None:
        before = [state for state, ways in MOVES.items() if after in ways]
        self._store.move("contacts", contact_id, before, after, **columns)

    def _tell(self, held: StoredContact, told: str) -> None:
        evidence = json.dumps([*held.evidence, told], ensure_ascii=False)
        self._store.run("UPDATE contacts SET evidence = ? WHERE id = ?", evidence, held.id)

    def _listed(self, where: str, *values: object) -> list[StoredContact]:
        return _contacts(self._store.rows(f"SELECT * FROM contacts WHERE {where} ORDER BY id", *values))


def _contacts(rows: Iterable[Row]) -> list[StoredContact]:
    return [
        StoredContact(
            id=row["id"],
            numero_ps=row["numero_ps"],
            mail=row["mail"],
            role=Role(row["role"]),
            state=InscriptionState(row["state"]),
            since=row["since"],
            evidence=tuple(json.loads(row["evidence"])),
            mail_id=row["mail_id"],
            starts_on=date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
            ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
            proved_by=Proof(row["proved_by"]) if row["proved_by"] else None,
            agreed_by=Proof(row["agreed_by"]) if row["agreed_by"] else None,
            expires_at=row["expires_at"] or "",
            ended_by=row["ended_by"],
        )
        for row in rows
    ]


def _first(active: Sequence[StoredContact]) -> StoredContact | None:
    """Which of the active addresses of a PS gets its bordereaux."""
    held = {one.role: one for one in active}
    return next((held[role] for role in RECEIVING if role in held), None)


def _left(held: Sequence[StoredContact]) -> frozenset[str]:
    """Of the inscriptions of a PS, the addresses at which it wants nothing more."""
    last = {one.mail: one for one in held if not one.pending}
    return frozenset(mail for mail, one in last.items() if one.ended_by == "ps")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
