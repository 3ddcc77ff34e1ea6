"""Invoices with their versions, decisions and rejets. States: `mailbot/model/decisions.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Row

from mailbot.errors import Never
from mailbot.ledger import factures
from mailbot.ledger.rows import decision_of, trace_of
from mailbot.ledger.store import Store, instant
from mailbot.model import Decision, Facture, FactureKey, LotKey, RejetState, Route, Status
from mailbot.model.references import Agica

_STATE_OF = {Status.REFUSEE: "decidee", Status.ACCEPTEE: "acceptee", Status.A_SAISIR: "a_saisir"}

_DECIDED = """
    SELECT f.id AS facture_id, f.content, f.nom_facture, f.state AS facture_state, f.version AS facture_version,
           d.*, r.id AS rejet_id, r.state AS rejet_state, r.letter_id, r.cut_at, r.answered_by
    FROM factures f JOIN decisions d ON d.id = f.decision_id LEFT JOIN rejets r ON r.decision_id = d.id
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """An invoice with its current decision and, when it was refused, its rejet."""

    facture_id: int
    decision_id: int
    facture: Facture
    nom_facture: str
    state: str
    version: int
    decision: Decision
    decided_at: str
    explication: bytes
    rejet_id: int | None
    rejet_state: RejetState | None
    letter_id: int | None
    cut: bool


@dataclass(frozen=True, slots=True)
class LotCount:
    """How many invoices of one lot stand where."""

    numero_lot: str
    date_reception: date
    factures: int
    acceptees: int
    refusees_ps: int
    gestionnaire: int
    a_saisir: int


class Lots:
    def __init__(self, store: Store) -> None:
        self._store = store

    # -- invoices and decisions ----------------------------------------------------------------------------------

    def existing(self, lot: LotKey) -> dict[FactureKey, Facture]:
        """The invoices of a lot as they stand."""
        rows = self._store.rows(
            "SELECT content FROM factures WHERE numero_ps = ? AND numero_lot = ? AND date_reception = ?",
            lot.numero_ps, lot.numero_lot, lot.date_reception.isoformat(),
        )  # fmt: skip
        found = [factures.from_text(row["content"]) for row in rows]
        return {facture.key: facture for facture in found}

    def en_cours(self, lot: LotKey, nirs: Iterable[str]) -> list[Agica]:
        """Accepted or to-enter decisions of other lots of this PS, as EN_COURS traces (motifs.md §3, Trace)."""
        rows = self._store.rows_in(
            "SELECT f.content FROM factures f JOIN decisions d ON d.id = f.decision_id WHERE f.nir IN (?*) "
            "AND d.status IN ('acceptee', 'a_saisir') ORDER BY f.id",
            sorted({nir for nir in nirs if nir}),
        )
        others = [factures.from_text(row["content"]) for row in rows]
        return [
            trace_of(other)
            for other in others
            if other.numero_ps == lot.numero_ps and other.lot != lot and other.nir_valide
        ]

    def record(
        self, now: datetime, file_id: int, facture: Facture, decision: Decision, explication: bytes, book_id: int
    ) -> int:
        """Writes the invoice (a new version when it exists), its decision and its rejet; gives the invoice's id."""
        facture_id, version = self._keep(facture)
        decision_id = self._store.insert(
            "decisions", facture_id=facture_id, version=version, lot_file_id=file_id, decided_at=instant(now),
            status=decision.status, regle=decision.regle, motif=decision.motif, route=decision.route,
            detail=decision.detail, erreur=decision.erreur, date=decision.date and decision.date.isoformat(),
            commentaire=decision.commentaire, saisie=decision.saisie, explication=explication,
            book_id=book_id,
        )  # fmt: skip
        # A new version starts its life again from `recue`, whatever became of the one before.
        self._store.run("UPDATE factures SET state = 'recue', decision_id = ? WHERE id = ?", decision_id, facture_id)
        self._store.move("factures", facture_id, ("recue",), _STATE_OF[decision.status])
        self._store.run(
            "UPDATE rejets SET state = 'clos', closed_by = ?, closed_at = ?, cut_at = coalesce(cut_at, ?) "
            "WHERE facture_id = ? AND state <> 'clos'",
            facture_id, instant(now), instant(now), facture_id,
        )  # fmt: skip
        if decision.status is Status.REFUSEE:
            self._store.insert(
                "rejets", facture_id=facture_id, decision_id=decision_id, numero_ps=facture.numero_ps,
                route=decision.route, state=RejetState.OUVERT, opened_at=instant(now),
            )  # fmt: skip
        return facture_id

    def _keep(self, facture: Facture) -> tuple[int, int]:
        content = factures.to_text(facture)
        row = self._store.row(
            "SELECT id, version FROM factures WHERE numero_ps = ? AND numero_lot = ? AND date_reception = ? "
            "AND numero = ? AND nir = ?",
            facture.numero_ps, facture.numero_lot, facture.date_reception.isoformat(), facture.numero, facture.nir,
        )  # fmt: skip
        if row is None:
            inserted = self._store.insert(
                "factures", numero_ps=facture.numero_ps, numero_lot=facture.numero_lot,
                date_reception=facture.date_reception.isoformat(), numero=facture.numero, nir=facture.nir,
                numero_facture=facture.numero_facture, nom_facture=facture.nom_facture, content=content,
                version=1, state="recue",
            )  # fmt: skip
            return inserted, 1
        version = row["version"] + 1
        self._store.run(
            "INSERT INTO superseded SELECT decision_id, content FROM factures WHERE id = ? AND decision_id NOT NULL",
            row["id"],
        )
        self._store.run(
            "UPDATE factures SET content = ?, numero_facture = ?, nom_facture = ?, version = ? WHERE id = ?",
            content, facture.numero_facture, facture.nom_facture, version, row["id"],
        )  # fmt: skip
        return int(row["id"]), version

    def id_of(self, key: FactureKey) -> int | None:
        """The id of the invoice with this identity."""
        found = self._store.value(
            "SELECT id FROM factures WHERE numero_ps = ? AND numero_lot = ? AND date_reception = ? "
            "AND numero = ? AND nir = ?",
            key.lot.numero_ps, key.lot.numero_lot, key.lot.date_reception.isoformat(), key.numero, key.nir,
        )  # fmt: skip
        return None if found is None else int(found)

    # -- questions -----------------------------------------------------------------------------------------------

    def uncut_ps(self) -> list[str]:
        """The PS with open refusals that nobody was told of yet, in a fixed order."""
        rows = self._store.rows(
            "SELECT DISTINCT numero_ps FROM rejets WHERE cut_at IS NULL AND state = 'ouvert' ORDER BY numero_ps"
        )
        return [row[0] for row in rows]

    def uncut(self, numero_ps: str) -> list[Decided]:
        """The open refusals of a PS that nobody was told of yet."""
        rows = self._store.rows(
            _DECIDED + "WHERE r.numero_ps = ? AND r.cut_at IS NULL AND r.state = 'ouvert' ORDER BY f.id", numero_ps
        )
        return [_decided(row) for row in rows]

    def refused(self, everything: bool = False) -> list[Decided]:
        """Refused invoices for the Trame: the open and answered ones, or all."""
        wanted = "" if everything else "AND r.state <> 'clos'"
        return [
            _decided(row)
            for row in self._store.rows(_DECIDED + f"WHERE d.status = 'refusee' {wanted} ORDER BY f.numero_ps, f.id")
        ]

    def to_enter(self) -> list[Decided]:
        """Invoices of the list to enter: status a_saisir, or refused with saisie dematerialiser."""
        return [
            _decided(row)
            for row in self._store.rows(
                _DECIDED + "WHERE d.status = 'a_saisir' OR d.saisie = 'dematerialiser' ORDER BY f.numero_ps, f.id"
            )
        ]

    def find(self, reference: str) -> list[Decided]:
        """Invoices named by `reference`: its number or name, `lot/number`, `PS/lot/number`, or `facture ID`."""
        parts = reference.split("/")
        number = parts[-1]
        lot, ps = (parts[-2] if len(parts) > 1 else ""), (parts[-3] if len(parts) > 2 else "")
        rows = self._store.rows(
            _DECIDED + "WHERE (f.nom_facture = ? OR f.numero_facture = ? OR f.numero = ltrim(?, '0')) AND ? <> '' "
            "AND (? = '' OR f.numero_lot = ?) AND (? = '' OR f.numero_ps = ?) ORDER BY f.id",
            number, number, number, number, lot, lot, ps, ps,
        )  # fmt: skip
        return [_decided(row) for row in rows]

    def by_id(self, facture_id: int) -> Decided | None:
        row = self._store.row(_DECIDED + "WHERE f.id = ?", facture_id)
        return _decided(row) if row else None

    def of_file(self, file_id: int) -> list[Decided]:
        """The invoices that a lot file decided."""
        return [_decided(row) for row in self._store.rows(_DECIDED + "WHERE d.lot_file_id = ? ORDER BY f.id", file_id)]

    def of_letter(self, letter_id: int) -> list[Decided]:
        """The refusals that a bordereau told, as they stand now (a refusal of an older version is left out)."""
        return [_decided(row) for row in self._store.rows(_DECIDED + "WHERE r.letter_id = ? ORDER BY f.id", letter_id)]

    def open_of(self, numero_ps: str) -> list[Decided]:
        """The open refusals of a PS."""
        rows = self._store.rows(_DECIDED + "WHERE r.numero_ps = ? AND r.state = 'ouvert' ORDER BY f.id", numero_ps)
        return [_decided(row) for row in rows]

    def pending_of(self, numero_ps: str) -> list[Decided]:
        """The refusals of a PS that are open or answered."""
        rows = self._store.rows(_DECIDED + "WHERE r.numero_ps = ? AND r.state <> 'clos' ORDER BY f.id", numero_ps)
        return [_decided(row) for row in rows]

    def answered(self) -> list[tuple[Decided, int]]:
        """Rejets that the PS has answered and a gestionnaire has to read, each with the mail."""
        rows = self._store.rows(_DECIDED + "WHERE r.state = 'repondu' ORDER BY r.id")
        return [(_decided(row), row["answered_by"]) for row in rows]

    def decided_before(self, facture_id: int, version: int) -> list[tuple[Status, str, Route | None]]:
        """(status, motif, route) of the decisions on earlier versions of an invoice, newest first."""
        rows = self._store.rows(
            "SELECT status, motif, route FROM decisions WHERE facture_id = ? AND version < ? ORDER BY version DESC",
            facture_id, version,
        )  # fmt: skip
        return [(Status(row[0]), row[1] or "", Route(row[2]) if row[2] else None) for row in rows]

    def of_rejet(self, rejet_id: int) -> Decided | None:
        """The invoice of a refusal, as long as that refusal is its current decision."""
        row = self._store.row(_DECIDED + "WHERE r.id = ?", rejet_id)
        return _decided(row) if row else None

    def anything(self) -> bool:
        """Is there any refusal, invoice to enter or refused row to show a gestionnaire?"""
        return self._store.row("SELECT 1 FROM decisions UNION ALL SELECT 1 FROM refus LIMIT 1") is not None

    def closed_by(self, rejet_id: int) -> Decided | None:
        """The corrected invoice that closed a refusal."""
        facture_id = self._store.value("SELECT closed_by FROM rejets WHERE id = ?", rejet_id)
        return self.by_id(facture_id) if facture_id is not None else None

    def rejet_state(self, rejet_id: int) -> RejetState:
        return RejetState(self._store.value("SELECT state FROM rejets WHERE id = ?", rejet_id))

    def counts(self, numero_ps: str, since: str) -> list[LotCount]:
        """The lots of a PS in which something was decided after the instant `since` ("" for ever)."""
        rows = self._store.rows(
            "SELECT f.numero_lot, f.date_reception, count(*) AS n, sum(d.status = 'acceptee') AS acceptees, "
            "sum(d.status = 'refusee' AND d.route = 'ps') AS ps, sum(d.status = 'a_saisir') AS a_saisir, "
            "sum(d.status = 'refusee' AND d.route = 'gestionnaire') AS gest FROM factures f "
            "JOIN decisions d ON d.id = f.decision_id WHERE f.numero_ps = ? "
            "GROUP BY f.numero_lot, f.date_reception HAVING max(d.decided_at) > ? "
            "ORDER BY f.date_reception, f.numero_lot",
            numero_ps, since,
        )  # fmt: skip
        return [
            LotCount(
                row["numero_lot"], date.fromisoformat(row["date_reception"]),
                row["n"], row["acceptees"], row["ps"], row["gest"], row["a_saisir"],
            )
            for row in rows
        ]  # fmt: skip

    # -- rejets --------------------------------------------------------------------------------------------------

    def cut(self, now: datetime, rejets: Sequence[Decided], letter_id: int | None) -> None:
        """These refusals are now told: in a letter, or (without one) in the Trame."""
        for one in rejets:
            self._store.run(
                "UPDATE rejets SET cut_at = ?, letter_id = ? WHERE id = ? AND cut_at IS NULL",
                instant(now), letter_id, one.rejet_id,
            )  # fmt: skip
            if letter_id is not None:
                self._store.move("factures", one.facture_id, ("decidee",), "informee")

    def answer(self, rejet_id: int, mail_id: int) -> None:
        """ouvert -> repondu: the PS has answered, a gestionnaire reads it."""
        self._store.move("rejets", rejet_id, ("ouvert",), RejetState.REPONDU, answered_by=mail_id)

    def unanswer(self, rejet_id: int, mail_id: int) -> None:
        """repondu -> ouvert, as long as it is this mail that answered: an agent takes back what an agent tied."""
        if self._store.value("SELECT answered_by FROM rejets WHERE id = ?", rejet_id) != mail_id:
            raise Never(f"le rejet {rejet_id} a une autre réponse que le mail {mail_id}")
        self._store.move("rejets", rejet_id, ("repondu",), RejetState.OUVERT, answered_by=None)

    def close_rejet(self, rejet_id: int, now: datetime, closed_by: int | None, mail_id: int | None) -> None:
        """ouvert or repondu -> clos: by a corrected invoice, or by an agent; the refused invoice is finished."""
        row = self._store.row("SELECT facture_id FROM rejets WHERE id = ?", rejet_id)
        assert row is not None
        self._store.move(
            "rejets", rejet_id, ("ouvert", "repondu"), RejetState.CLOS, closed_by=closed_by, closed_at=instant(now)
        )
        if mail_id is not None:
            self._store.run("UPDATE rejets SET answered_by = ? WHERE id = ?", mail_id, rejet_id)
        after = "corrigee" if closed_by else "close"
        self._store.move("factures", row["facture_id"], ("decidee", "informee"), after)


def _decided(row: Row) -> Decided:
    return Decided(
        facture_id=row["facture_id"],
        decision_id=row["id"],
        facture=factures.from_text(row["content"]),
        nom_facture=row["nom_facture"],
        state=row["facture_state"],
        version=row["facture_version"],
        decision=decision_of(row),
        decided_at=row["decided_at"],
        explication=row["explication"],
        rejet_id=row["rejet_id"],
        rejet_state=RejetState(row["rejet_state"]) if row["rejet_state"] else None,
        letter_id=row["letter_id"],
        cut=row["cut_at"] is not None,
    )
