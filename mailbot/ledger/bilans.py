"""What the invoices of a PS came to over some time: asked for its letters, never written.

Only what a PS is told counts as its refusals (route `ps`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.ledger import factures
from mailbot.ledger.store import Store, instant
from mailbot.model import Facture

_REFUSED = "d.status = 'refusee' AND d.route = 'ps'"


@dataclass(frozen=True, slots=True)
class Counts:
    """Invoices by what was decided; the refusal told most often, with its détail or erreur, and how often."""

    factures: int
    acceptees: int
    refusees: int
    motif: str
    precision: str
    times: int


class Bilans:
    def __init__(self, store: Store) -> None:
        self._store = store

    def since(self, numero_ps: str, moment: datetime) -> Counts:
        """The invoices of a PS decided after `moment`, as they stand."""
        scope = "FROM factures f JOIN decisions d ON d.id = f.decision_id WHERE f.numero_ps = ? AND d.decided_at > ? "
        row = self._store.rows(
            f"SELECT count(*) AS n, coalesce(sum(d.status = 'acceptee'), 0) AS acceptees, "
            f"coalesce(sum({_REFUSED}), 0) AS refusees {scope}",
            numero_ps, instant(moment),
        )[0]  # fmt: skip
        most = self._store.row(
            f"SELECT d.motif, coalesce(nullif(d.detail, ''), nullif(d.erreur, ''), '') AS precise, count(*) AS n "
            f"{scope} AND {_REFUSED} GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 1",
            numero_ps, instant(moment),
        )  # fmt: skip
        motif, precision, times = (most["motif"] or "", most["precise"], most["n"]) if most else ("", "", 0)
        return Counts(row["n"], row["acceptees"], row["refusees"], motif, precision, times)

    def active_since(self, moment: datetime) -> list[str]:
        """The PS of which something was decided after `moment`."""
        rows = self._store.rows(
            "SELECT DISTINCT f.numero_ps FROM decisions d JOIN factures f ON f.decision_id = d.id "
            "WHERE d.decided_at > ? ORDER BY f.numero_ps",
            instant(moment),
        )
        return [row[0] for row in rows]

    def signalled(self, numero_ps: str, since: str) -> list[Facture]:
        """The invoices of a PS decided after the instant `since` ("" for ever) that were not refused and whose file
        says something two ways."""
        rows = self._store.rows(
            "SELECT f.content FROM factures f JOIN decisions d ON d.id = f.decision_id WHERE f.numero_ps = ? "
            "AND d.decided_at > ? AND d.status <> 'refusee' AND instr(f.content, '\"avertissements\": [\"') > 0 "
            "ORDER BY f.numero_lot, f.id",
            numero_ps, since,
        )  # fmt: skip
        return [factures.from_text(row["content"]) for row in rows]

    def last_of_kind(self, numero_ps: str, kind: str) -> str:
        """Instant at which the last letter of this kind to a PS was cut; "" for none."""
        found = self._store.value(
            "SELECT max(created_at) FROM letters WHERE numero_ps = ? AND kind = ?", numero_ps, kind
        )
        return str(found or "")
