"""Which attached invoice corrects which refusal: same patient, then number, care period, or the only one left. Pure.

A corrected invoice carries a new number as a rule, so the NIR comes first. Steps, for all invoices at each step: the
same NIR and number; the same NIR and care period; the only invoice and the only refusal left for a NIR. An invoice
whose NIR no refusal has is new business and no doubt. Anything that could be read two ways is a doubt. Never raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from mailbot.model.factures import Facture, FactureKey


class Refused(Protocol):
    """What is needed of a refusal (`match.KnownRejet` has it)."""

    @property
    def rejet(self) -> int: ...
    @property
    def numero_facture(self) -> str: ...
    @property
    def nir(self) -> str: ...
    @property
    def debut_soins(self) -> date | None: ...
    @property
    def fin_soins(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Tied:
    """`pairs`: refusal -> the invoice that corrects it. `doubts` and `evidence` are French; `candidates` with why."""

    pairs: tuple[tuple[int, FactureKey], ...]
    doubts: tuple[str, ...]
    candidates: tuple[tuple[int, str], ...]
    evidence: tuple[str, ...]


_Test = Callable[[Facture, Refused], bool]


def tie(factures: Sequence[Facture], refused: Sequence[Refused]) -> Tied:
    """Tie the invoices of a lot to open refusals of the same PS."""
    pending = {facture.key: facture for facture in factures}
    left = {rejet.rejet: rejet for rejet in refused}
    pairs: list[tuple[int, FactureKey]] = []
    evidence: list[str] = []
    for test, why in _STEPS:
        for rejet, facture in _unique(list(pending.values()), list(left.values()), test):
            pairs.append((rejet.rejet, facture.key))
            evidence.append(
                f"Facture {facture.nom_facture} du lot joint : corrige la facture {rejet.numero_facture} ({why})."
            )
            del pending[facture.key], left[rejet.rejet]
    doubts: list[str] = []
    candidates: dict[int, str] = {}
    for facture in pending.values():
        if not facture.nir_valide or not facture.nir:
            doubts.append(f"facture {facture.nom_facture} sans NIR exploitable")
            continue
        possible = [rejet for rejet in left.values() if rejet.nir == facture.nir]
        if possible:
            doubts.append(f"facture {facture.nom_facture} : plusieurs refus ou factures possibles pour ce patient")
        for rejet in possible:
            candidates.setdefault(rejet.rejet, f"même NIR que la facture {facture.nom_facture} du lot joint")
        if not possible:
            evidence.append(
                f"Facture {facture.nom_facture} du lot joint : nouvelle, aucun refus ouvert pour ce patient."
            )
    return Tied(tuple(pairs), tuple(doubts), tuple(candidates.items()), tuple(evidence))


def _unique(factures: Sequence[Facture], refused: Sequence[Refused], test: _Test) -> list[tuple[Refused, Facture]]:
    """Pairs of one patient that pass the test where neither side has a second partner."""
    found = [
        (rejet, facture)
        for facture in factures
        for rejet in refused
        if _patient(facture, rejet) and test(facture, rejet)
    ]
    rejets = Counter(rejet.rejet for rejet, _ in found)
    keys = Counter(facture.key for _, facture in found)
    return [(rejet, facture) for rejet, facture in found if rejets[rejet.rejet] == 1 and keys[facture.key] == 1]


def _patient(facture: Facture, rejet: Refused) -> bool:
    return facture.nir_valide and bool(facture.nir) and facture.nir == rejet.nir


def _number(facture: Facture, rejet: Refused) -> bool:
    return bool(facture.numero) and facture.numero == rejet.numero_facture.strip().lstrip("0")


def same_period(facture: Facture, rejet: Refused) -> bool:
    """Is the care of both from the same day to the same day? Without days, no."""
    known = facture.debut_soins is not None and rejet.debut_soins is not None
    return known and facture.debut_soins == rejet.debut_soins and facture.fin_soins == rejet.fin_soins


def _only_one_left(facture: Facture, rejet: Refused) -> bool:
    return True


_STEPS: tuple[tuple[_Test, str], ...] = (
    (_number, "même NIR, même numéro"),
    (same_period, "même NIR, même période de soins"),
    (_only_one_left, "même NIR, seul refus restant"),
)
