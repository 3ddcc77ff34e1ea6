"""What a decision about a mail can be besides its success: it waits for a human, with the reason and the candidates.

Values only. Reasons, evidence and the why of a candidate are French, for the review queue and the journal; they hold
no NIR, no name, no address. Numbers of lots, invoices and PS may stand in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.model import Missing


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open refusal that the mail may be about, and why it is thought so."""

    rejet: int
    why: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A human must look. Nothing was decided, and nothing is answered. `unknown`: invoice numbers, as compared, under
    which no refusal of the sender stands."""

    reason: str
    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[str, ...] = ()
    missing: Missing = Missing.NOTHING
    unknown: tuple[str, ...] = ()
