"""Registered addresses: at most one active address for each PS and role. States: `mailbot/model/inscriptions.py`.

Every change of state goes through `_move`, which knows the drawing (`MOVES`) and nothing else. Addresses are kept and
compared in small letters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from mailbot.ledger import contact_rows
from mailbot.ledger.contact_rows import StoredContact
from mailbot.ledger.store import Store, instant
from mailbot.model.inscriptions import MOVES, PENDING, InscriptionState, Proof, Role

_PENDING = f"({', '.join(repr(str(state)) for state in PENDING)})"


class Contacts:
    def __init__(self, store: Store) -> None:
        self._store = store

    # -- questions -----------------------------------------------------------------------------------------------

    def active(self, numero_ps: str) -> StoredContact | None:
        """The registered address that gets the bordereaux of this PS now."""
        return contact_rows.first(self.active_of(numero_ps))

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
        """One that is known to exist."""
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

    def refused(self, numero_ps: str, since: datetime | None = None) -> frozenset[str]:
        """The addresses to which somebody said no for this PS; since then, or ever."""
        rows = self._store.rows(
            "SELECT DISTINCT mail FROM contacts WHERE numero_ps = ? AND state = 'refusee' AND until >= ?",
            numero_ps, instant(since) if since else "",
        )  # fmt: skip
        return frozenset(row[0] for row in rows)

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
        return bool(self._listed("numero_ps = ? AND state = 'contestee' AND role = 'retours'", numero_ps))

    def disputed(self, numero_ps: str) -> bool:
        """Is any address of this PS contested, in whatever role? Then no other one begins."""
        return bool(self._listed("numero_ps = ? AND state = 'contestee'", numero_ps))

    def was_of(self, numero_ps: str, mail: str) -> bool:
        """Did this address once get, or give up, the bordereaux of this PS?"""
        return any(
            one.state in (InscriptionState.REMPLACEE, InscriptionState.RESILIEE)
            for one in self._listed("numero_ps = ? AND mail = ?", numero_ps, mail.lower())
        )

    def may_receive(self, numero_ps: str, mail: str) -> bool:
        """Is `mail` an address of this PS now: an active registration, or without one an address of AGAPS?

        One that is suspended, contested, or ended by the PS or an agent is none; none is while it is open who speaks
        for the PS. Where AGAPS has no address at all, that of a national directory counts.
        """
        return self._may(self.listed(numero_ps), numero_ps, mail.lower())

    def receives(self, numero_ps: str, mail: str) -> bool:
        """Is `mail` where the bordereaux of this PS go now?"""
        mail = mail.lower()
        held = self.listed(numero_ps)
        active = [one for one in held if one.state is InscriptionState.ACTIVE]
        first = contact_rows.first(active)
        roles = {one.role for one in active if one.mail == mail}
        if first is None and roles == {Role.PRISES_EN_CHARGE}:
            # An address for something else takes nothing from itself: without it AGAPS would say where they go.
            held = [one for one in held if one.role is not Role.PRISES_EN_CHARGE]
        return (first is None or first.mail == mail) and self._may(held, numero_ps, mail)

    def _may(self, held: Sequence[StoredContact], numero_ps: str, mail: str) -> bool:
        """`may_receive`, of a PS whose inscriptions are `held`."""
        if self._store.row("SELECT 1 FROM suspensions WHERE address = ? AND until IS NULL", mail):
            return False
        contested = [one for one in held if one.state is InscriptionState.CONTESTEE]
        if any(one.role is Role.RETOURS or one.mail == mail for one in contested):
            return False
        active = [one for one in held if one.state is InscriptionState.ACTIVE]
        if any(one.mail == mail for one in active):
            return True
        if contact_rows.first(active) or mail in contact_rows.left(held):
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
        """Addresses at which this PS gets nothing, whatever AGAPS says: it or an agent ended them, or contested."""
        held = self.listed(numero_ps)
        return contact_rows.left(held) | {one.mail for one in held if one.state is InscriptionState.CONTESTEE}

    def shut(self, numero_ps: str) -> frozenset[str]:
        """Those that an agent ended: only an agent brings them back."""
        return contact_rows.left(self.listed(numero_ps), ("agent",))

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
        """A new inscription, `demandee`; the same one asked again is the one that waits, and waits longer where nobody
        has agreed yet. `expires_at` None: it waits until an agent decides."""
        known = self.waiting(numero_ps, mail, role, starts_on, ends_on)
        until = instant(expires_at) if expires_at else None
        if known is not None:
            later = max(until, known.expires_at) if until and known.expires_at else None
            later = known.expires_at or None if known.agreed_by else later
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

    def agree(self, contact_id: int, proof: Proof, told: str, by: str = "") -> None:
        """The PS wants this address; the state stays. `by`: the address that said so. Of one that is contested another
        agreement takes the place of the one before."""
        held = self.take(contact_id)
        if (held.pending and not held.agreed_by) or held.state is InscriptionState.CONTESTEE:
            self._store.run(
                "UPDATE contacts SET agreed_by = ?, agreed_from = ? WHERE id = ?", proof, by.lower(), held.id
            )
            self._tell(held, told)

    def disagree(self, contact_id: int, told: str) -> None:
        """The agreement counts no more; what waits goes on waiting for one."""
        held = self.take(contact_id)
        if held.pending and held.agreed_by:
            self._store.run("UPDATE contacts SET agreed_by = '', agreed_from = '' WHERE id = ?", contact_id)
            self._tell(held, told)

    def activate(self, contact_id: int, now: datetime) -> StoredContact | None:
        """demandee or confirmee -> active; gives the address of this role that it takes the place of (-> remplacee).

        From contestee, rebond, remplacee: an agent found it right.
        """
        held = self.take(contact_id)
        before = next((one for one in self.active_of(held.numero_ps) if one.role is held.role), None)
        if before and before.id != contact_id:
            self._move(before.id, InscriptionState.REMPLACEE, until=instant(now), replaced_by=contact_id)
        self._back(contact_id, since=instant(now))
        if before and before.id != contact_id:
            self._silence(before)
        return before

    def refuse(self, contact_id: int, now: datetime) -> None:
        """The PS or an agent says no."""
        self._move(contact_id, InscriptionState.REFUSEE, until=instant(now))

    def expire(self, contact_id: int, now: datetime) -> None:
        self._move(contact_id, InscriptionState.EXPIREE, until=instant(now))

    def dispute(self, contact_id: int, now: datetime, by: str = "") -> None:
        """active or rebond -> contestee. `by`: the address that says no, which comes back when it was right."""
        self._move(contact_id, InscriptionState.CONTESTEE, until=instant(now), contested_by=by.lower())
        self._silence(self.take(contact_id))

    def doubt(self, contact_id: int, by: str) -> None:
        """One whose place was taken meanwhile does not come back by itself: `by` says no to it."""
        self._store.run(
            "UPDATE contacts SET contested_by = ? WHERE id = ? AND state = 'remplacee'", by.lower(), contact_id
        )

    def heirs(self, numero_ps: str, mail: str) -> list[StoredContact]:
        """The standing inscriptions of others that are there by the word of this address."""
        return self._listed(
            "numero_ps = ?1 AND agreed_from = ?2 AND mail <> ?2 AND state IN ('active', 'rebond')",
            numero_ps, mail.lower(),
        )  # fmt: skip

    def end(self, contact_id: int, now: datetime, by: str = "agent") -> StoredContact | None:
        """-> resiliee. Where an agent ends what stood in its role, who said no to it comes back, else whose place it
        took; given."""
        held = self.get(contact_id)
        self._move(contact_id, InscriptionState.RESILIEE, until=instant(now), ended_by=by)
        if held is None:
            return None
        self._silence(held)
        if by != "agent" or held.state is InscriptionState.REMPLACEE or self.of_role(held.numero_ps, held.role):
            return None
        shut, day = self.shut(held.numero_ps), now.date().isoformat()
        found = self._listed(
            "numero_ps = ?1 AND role = ?2 AND state = 'remplacee' AND contested_by = '' AND mail <> ?3 "
            "AND (ends_on IS NULL OR ends_on >= ?4) AND (mail = ?5 OR replaced_by = ?6)",
            held.numero_ps, held.role, held.mail, day, held.contested_by, held.id,
        )  # fmt: skip
        before = sorted((one for one in found if one.mail not in shut), key=lambda one: one.mail == held.contested_by)
        if not before:
            return None
        self._back(before[-1].id)
        return self.take(before[-1].id)

    def due(self, now: datetime, today: date) -> tuple[list[StoredContact], list[StoredContact], list[StoredContact]]:
        """What time does to them: those that waited too long, those that may begin now, those whose last day is over.
        A replacement that is proved and agreed waits for its first day."""
        late = self._listed(
            f"state IN {_PENDING} AND expires_at <= ? AND NOT (state = 'confirmee' AND agreed_by <> '' "
            "AND starts_on IS NOT NULL AND ends_on >= ?)",
            instant(now), today.isoformat(),
        )  # fmt: skip
        begin = self._listed(
            "state = 'confirmee' AND agreed_by <> '' AND (starts_on IS NULL OR starts_on <= ?)", today.isoformat()
        )
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

    def _back(self, contact_id: int, **columns: object) -> None:
        """-> active, with nothing left of what was against it."""
        self._move(
            contact_id, InscriptionState.ACTIVE, expires_at=None, until=None, contested_by="", replaced_by=None,
            **columns,
        )  # fmt: skip

    def _silence(self, held: StoredContact) -> None:
        """What this address agreed to for its PS, and still waits, has to be agreed to again."""
        self._store.run(
            f"UPDATE contacts SET agreed_by = '', agreed_from = '' WHERE numero_ps = ? AND agreed_from = ? "
            f"AND state IN {_PENDING}",
            held.numero_ps, held.mail,
        )  # fmt: skip

    def _tell(self, held: StoredContact, told: str) -> None:
        evidence = json.dumps([*held.evidence, told], ensure_ascii=False)
        self._store.run("UPDATE contacts SET evidence = ? WHERE id = ?", evidence, held.id)

    def _listed(self, where: str, *values: object) -> list[StoredContact]:
        return contact_rows.read(self._store.rows(f"SELECT * FROM contacts WHERE {where} ORDER BY id", *values))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
