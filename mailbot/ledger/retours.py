"""NOEMIE returns in the ledger: what each said of an invoice, which one counts, and the refusal codes learned.

Owns: the tables `retours` and `codes`. All returns are kept; of an invoice the one with the latest accounting day
counts (of one day: the one read last). A return whose invoice is not known here is kept without one and says why.
States: `mailbot/model/retours.py`. The file itself is a row of `lot_files`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Row
from typing import Any

from mailbot.ledger.store import Store, instant
from mailbot.model.retours import EtatPaiement, EtatPart, Part, Raison, Retour, RetourState

_STORED = "SELECT r.*, l.name AS fichier FROM retours r JOIN lot_files l ON l.id = r.lot_file_id "
#: The return that counts of each invoice, and every one without invoice.
_COUNTS = (
    "NOT EXISTS (SELECT 1 FROM retours later WHERE later.facture_id = r.facture_id "
    "AND (later.jour, later.id) > (r.jour, r.id))"
)
#: Payment states of which the PS is told, in the words of the table.
_TOLD = "('refusee', 'differee')"


@dataclass(frozen=True, slots=True)
class StoredRetour:
    """A return as it is kept. `facture_id` None: no invoice of ours, `why` says in French why not. `retour` is
    completed with what earlier returns said of a share that this one does not name; `etat` is its payment state.
    `told`: it stands in a bordereau."""

    id: int
    facture_id: int | None
    fichier: str
    received_at: str
    retour: Retour
    etat: EtatPaiement
    state: RetourState
    why: str
    told: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice of ours that a return may mean. `part_rc` in centimes, None where it was not written."""

    facture_id: int
    numero_ps: str
    numero_lot: str
    nir: str
    part_rc: int | None


@dataclass(frozen=True, slots=True)
class LearnedCode:
    """A refusal code and its newest label; instants as ISO text; `count` over all labels, `libelles` label -> count."""

    code: str
    libelle: str
    first_seen: str
    last_seen: str
    count: int
    libelles: dict[str, int]


class Retours:
    def __init__(self, store: Store) -> None:
        self._store = store

    # -- writing -------------------------------------------------------------------------------------------------

    def keep(self, now: datetime, file_id: int, retour: Retour, to: Candidate | None, why: str) -> StoredRetour:
        """One more return. It counts at once where its day is the latest: then it closes those before it."""
        retour_id = self._store.insert(
            "retours", lot_file_id=file_id, rang=retour.rang, facture_id=None, numero_ps=retour.numero_ps,
            numero_lot=retour.numero_lot, numero=retour.numero, numero_facture=retour.numero_facture,
            jour=retour.jour.isoformat() if retour.jour else "", received_at=instant(now), etat=retour.etat,
            state=RetourState.OUVERT, why=why, content=_to_text(retour),
        )  # fmt: skip
        if to:
            self.attach(now, retour_id, to)
        return self.get(retour_id)

    def attach(self, now: datetime, retour_id: int, to: Candidate) -> None:
        """Ties a return to its invoice, completes it with what is known of it, and closes the returns before it."""
        before = self.of(to.facture_id)
        kept = self.get(retour_id)
        retour = kept.retour
        counts = before is None or (_day(before.retour), before.id) < (_day(retour), retour_id)
        if counts and before:
            retour = retour.after(before.retour)
            self._store.run(
                "UPDATE retours SET state = 'clos', closed_at = ? WHERE facture_id = ? AND state = 'ouvert'",
                instant(now), to.facture_id,
            )  # fmt: skip
        retour = retour.asked(to.part_rc)
        state = RetourState.OUVERT if counts and retour.etat.to_see else RetourState.SANS_SUITE
        # An open one stays open: the move still makes sure that it was.
        self._store.move(
            "retours", retour_id, ("ouvert",), state,
            facture_id=to.facture_id, etat=retour.etat, why="", content=_to_text(retour),
        )  # fmt: skip

    def close(self, retour_id: int, now: datetime) -> None:
        """ouvert -> clos: an agent has seen to it."""
        self._store.move("retours", retour_id, ("ouvert",), RetourState.CLOS, closed_at=instant(now))

    def finish_facture(self, facture_id: int) -> None:
        """acceptee or a_saisir -> close: a return says that it is paid. Other states stay as they are."""
        state = self._store.value("SELECT state FROM factures WHERE id = ?", facture_id)
        if state in ("acceptee", "a_saisir"):
            self._store.move("factures", facture_id, ("acceptee", "a_saisir"), "close")

    def learn(self, now: datetime, raisons: Iterable[Raison]) -> None:
        """Counts the codes of refusals with their labels."""
        for raison in raisons:
            if raison.code:
                self._store.run(
                    "INSERT INTO codes VALUES (?, ?, ?, ?, 1) ON CONFLICT (code, libelle) DO UPDATE SET "
                    "last_seen = max(last_seen, excluded.last_seen), count = count + 1",
                    raison.code, raison.libelle, instant(now), instant(now),
                )  # fmt: skip

    def cut(self, now: datetime, retours: Sequence[StoredRetour], letter_id: int | None) -> None:
        """These returns are now told, in this letter (None: there is nobody to tell)."""
        for one in retours:
            self._store.run(
                "UPDATE retours SET cut_at = ?, letter_id = ? WHERE id = ? AND cut_at IS NULL",
                instant(now), letter_id, one.id,
            )  # fmt: skip

    # -- questions -----------------------------------------------------------------------------------------------

    def get(self, retour_id: int) -> StoredRetour:
        (row,) = self._store.rows(_STORED + "WHERE r.id = ?", retour_id)
        return _stored(row)

    def of(self, facture_id: int) -> StoredRetour | None:
        """The return that counts for an invoice; None when none came."""
        found = self.history(facture_id)
        return found[-1] if found else None

    def history(self, facture_id: int) -> list[StoredRetour]:
        """Every return of an invoice; the last one counts."""
        rows = self._store.rows(_STORED + "WHERE r.facture_id = ? ORDER BY r.jour, r.id", facture_id)
        return [_stored(row) for row in rows]

    def paid(self, numero_ps: str, limit: int) -> list[StoredRetour]:
        """The last payments of a PS, newest first: of each invoice the return that counts."""
        rows = self._store.rows(
            f"{_STORED}JOIN factures f ON f.id = r.facture_id WHERE f.numero_ps = ? AND r.etat IN "
            f"('payee', 'payee_avec_ecart', 'partiellement_payee') AND {_COUNTS} "
            "ORDER BY r.jour DESC, r.id DESC LIMIT ?",
            numero_ps, limit,
        )  # fmt: skip
        return [_stored(row) for row in rows]

    def candidates(self, numero: str) -> list[Candidate]:
        """The invoices with this number (compared form)."""
        rows = self._store.rows(
            "SELECT id, numero_ps, numero_lot, nir, json_extract(content, '$.part_rc_demandee') AS part_rc "
            "FROM factures WHERE numero = ? AND numero <> '' ORDER BY id",
            numero,
        )
        return [Candidate(*row) for row in rows]

    def open(self) -> list[StoredRetour]:
        """What somebody has to look at: refused, deferred, paid otherwise than asked, or of no invoice of ours."""
        return [_stored(row) for row in self._store.rows(_STORED + "WHERE r.state = 'ouvert' ORDER BY r.id")]

    def open_of(self, file_id: int) -> bool:
        """Did this file bring a return that somebody has to look at?"""
        return (
            self._store.row("SELECT 1 FROM retours WHERE lot_file_id = ? AND state = 'ouvert' LIMIT 1", file_id)
            is not None
        )

    def listed(self, etat: EtatPaiement | None = None) -> list[StoredRetour]:
        """The returns that count, all or those of one payment state."""
        rows = self._store.rows(_STORED + f"WHERE {_COUNTS} AND (? IS NULL OR r.etat = ?) ORDER BY r.id", etat, etat)
        return [_stored(row) for row in rows]

    def without_invoice(self, arrived: bool = False) -> list[StoredRetour]:
        """Returns that name no invoice of ours; `arrived`: only those whose number one of ours has meanwhile."""
        known = "AND EXISTS (SELECT 1 FROM factures f WHERE f.numero = r.numero AND f.numero <> '')" if arrived else ""
        sql = f"{_STORED} WHERE r.facture_id IS NULL AND r.state = 'ouvert' {known} ORDER BY r.id"
        return [_stored(row) for row in self._store.rows(sql)]

    def anything(self) -> bool:
        return self._store.row("SELECT 1 FROM retours LIMIT 1") is not None

    def uncut_ps(self) -> list[str]:
        """The PS with refused or deferred returns of their invoices that no bordereau told yet."""
        rows = self._store.rows(
            "SELECT DISTINCT f.numero_ps FROM retours r JOIN factures f ON f.id = r.facture_id "
            f"WHERE r.state = 'ouvert' AND r.cut_at IS NULL AND r.etat IN {_TOLD} ORDER BY f.numero_ps"
        )
        return [row[0] for row in rows]

    def uncut(self, numero_ps: str) -> list[StoredRetour]:
        """Those of one PS."""
        rows = self._store.rows(
            _STORED + "JOIN factures f ON f.id = r.facture_id WHERE f.numero_ps = ? AND r.state = 'ouvert' "
            f"AND r.cut_at IS NULL AND r.etat IN {_TOLD} ORDER BY r.id",
            numero_ps,
        )
        return [_stored(row) for row in rows]

    def codes(self) -> list[LearnedCode]:
        """What the files taught, by code; of several labels the one seen last."""
        found: dict[str, LearnedCode] = {}
        rows = self._store.rows("SELECT * FROM codes ORDER BY code, last_seen DESC, count DESC, libelle")
        for code, libelle, first, last, count in rows:
            newest = found.get(code)
            if newest is None:
                found[code] = LearnedCode(code, libelle, first, last, count, {libelle: count})
            else:
                found[code] = dataclasses.replace(
                    newest,
                    first_seen=min(first, newest.first_seen),
                    count=newest.count + count,
                    libelles={**newest.libelles, libelle: count},
                )
        return list(found.values())


def to_see(store: Store) -> int:
    """How many open returns stand in no bordereau: a gestionnaire has to look at them."""
    return int(store.value("SELECT count(*) FROM retours WHERE state = 'ouvert' AND letter_id IS NULL"))


def counts(store: Store) -> dict[str, int]:
    """Payment state -> invoices of ours in it, by the return that counts; "inconnue": returns of no invoice of ours."""
    rows = store.rows(
        f"SELECT etat, count(*) FROM retours r WHERE facture_id NOT NULL AND {_COUNTS} GROUP BY etat ORDER BY etat"
    )
    found = {row[0]: row[1] for row in rows}
    unknown = store.value("SELECT count(*) FROM retours WHERE facture_id IS NULL AND state = 'ouvert'")
    return found | ({"inconnue": unknown} if unknown else {})


def held_about(store: Store, numero_ps: str, nir: str, facture_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The returns of these invoices, and those of no invoice of ours that name the PS or the patient."""
    columns = (
        "id, facture_id, numero_ps, numero_lot, numero_facture, jour, received_at, etat, state, why, letter_id, content"
    )
    rows = store.rows_in(f"SELECT {columns} FROM retours WHERE facture_id IN (?*)", facture_ids)
    rows += store.rows(
        f"SELECT {columns} FROM retours r WHERE facture_id IS NULL AND ((? <> '' AND numero_ps = ?) OR (? <> '' AND "
        "EXISTS (SELECT 1 FROM json_each(r.content, '$.nirs') WHERE value = ?)))",
        numero_ps, numero_ps, nir, nir,
    )  # fmt: skip
    return [{**dict(row), "content": json.loads(row["content"])} for row in rows]


def _day(retour: Retour) -> str:
    return retour.jour.isoformat() if retour.jour else ""


def _to_text(retour: Retour) -> str:
    return json.dumps(dataclasses.asdict(retour), ensure_ascii=False, default=str)


def _stored(row: Row) -> StoredRetour:
    values = json.loads(row["content"])
    parts = {
        name: Part(part["demande"], EtatPart(part["etat"]), part["paye"]) if (part := values[name]) else None
        for name in ("ro", "rc")
    }
    retour = Retour(
        **{
            **values,
            **parts,
            "nirs": tuple(values["nirs"]),
            "jour": date.fromisoformat(values["jour"]) if values["jour"] else None,
            "raisons": tuple(Raison(**raison) for raison in values["raisons"]),
            "commentaires": tuple(values["commentaires"]),
        }
    )
    return StoredRetour(
        id=row["id"],
        facture_id=row["facture_id"],
        fichier=row["fichier"],
        received_at=row["received_at"],
        retour=retour,
        etat=EtatPaiement(row["etat"]),
        state=RetourState(row["state"]),
        why=row["why"],
        told=row["letter_id"] is not None,
    )
