"""One invoice before the rules: what several facts share, each worked out once, on demand.

Owns the readings of motifs.md §3: care period, traces, valuation, missing elements (case_invoice.py); patient, cards,
the contract, rights (here). Facts (facts_*.py) only ask questions of these. Pure; raises nothing. A `Case` lives as
long as the decision of its invoice and its explanation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mailbot.model.references import Beneficiaire, Carte, Droit
from mailbot.rules import text
from mailbot.rules.case_invoice import InvoiceCase, Terms
from mailbot.rules.references import rows_under
from mailbot.rules.shared import shared

__all__ = ["Case", "Terms"]


class Case(InvoiceCase):
    """An invoice and the reference tables: its patient, cards and contract too.

    Only what is asked for more than once and costs more than a look is `shared`.
    """

    # --- the patient --------------------------------------------------------------------------------------------

    @shared
    def under_nir(self) -> list[Beneficiaire]:
        """Everybody under the invoice's NIR; empty: the NIR is not known."""
        return rows_under(self.references.beneficiaires, self.nir)

    @shared
    def found_by_nir(self) -> list[Beneficiaire]:
        """Everybody under the NIR whose name, first name, birth date and rank match."""
        facture = self.facture
        birth, rank = facture.date_naissance, facture.rang_naissance
        found = []
        for row in self.under_nir:
            if row.date_naissance != birth or row.rang_naissance != rank:
                continue
            if self.named_like(row) or self.nameless_b2:
                found.append(row)
        return found

    @shared
    def found_by_name(self) -> list[Beneficiaire]:
        """Not found by NIR: those of any NIR with this name, first name and birth date, whatever the rank."""
        if self.found_by_nir or not self.facture.nom:
            return []
        return [row for row in self.references.born_on(self.facture.date_naissance) if self.named_like(row)]

    @property
    def patient(self) -> list[Beneficiaire]:
        return self.found_by_nir or self.found_by_name

    @property
    def nirs_by_name(self) -> set[str]:
        return {row.nir for row in self.found_by_name}

    @property
    def other_nir(self) -> str:
        """The one other NIR under which the patient was found by name; "" when there is none, or several."""
        if self.found_by_nir:
            return ""
        nirs = self.nirs_by_name
        return next(iter(nirs)) if len(nirs) == 1 and self.nir not in nirs else ""

    def named_like(self, row: Beneficiaire) -> bool:
        facture = self.facture
        return text.same_name(facture.nom, row.nom) and text.same_name(facture.prenom, row.prenom)

    # --- cards, contract, rights --------------------------------------------------------------------------------

    @property
    def columns(self) -> frozenset[str]:
        """Columns of a card that cover the invoice's speciality at this PS."""
        return self.terms.specialities.columns(self.facture.specialite, self.facture.numero_ps)

    @shared
    def patient_references(self) -> list[str]:
        """The patient's references, each once."""
        patient = self.patient
        return [patient[0].reference] if len(patient) == 1 else list(dict.fromkeys(row.reference for row in patient))

    @shared
    def cards_at_start(self) -> dict[str, Carte]:
        """Per contract the card that counts at the start of care. Finds those of the end of care on the way."""
        debut, fin = self.debut, self.fin
        if debut is None or fin is None:
            self.cards_at_end = {}
            return {}
        at_start, at_end = [], []
        for card in self.references.cards_of(self.patient_references):
            first, last = card.date_debut, card.date_fin
            if first is None:
                continue
            if first <= debut and (last is None or debut <= last):
                at_start.append(card)
            if first <= fin and (last is None or fin <= last):
                at_end.append(card)
        counting = _counting(at_start)
        # The same dict where the same cards are valid: those who ask can see it, and need not look twice.
        self.cards_at_end = counting if at_start == at_end else _counting(at_end)
        return counting

    @shared
    def cards_at_end(self) -> dict[str, Carte]:
        """Per contract the card that counts at the end of care."""
        _ = self.cards_at_start
        return self.cards_at_end

    @shared
    def valid_cards(self) -> list[Carte]:
        """The cards that count at the start or at the end of care, each once."""
        at_start, at_end = self.cards_at_start, self.cards_at_end
        if at_end is at_start:
            return list(at_start.values())
        return [*at_start.values(), *(card for name, card in at_end.items() if at_start.get(name) is not card)]

    @shared
    def covered(self) -> bool:
        """A valid card covers the speciality."""
        columns = self.columns
        for card in self.valid_cards:  # noqa: SIM110 - half the cost of any() with a generator
            if not text.guarantees(card.garanties)[0].isdisjoint(columns):
                return True
        return False

    @property
    def excepted(self) -> bool:
        """A valid card's insurer makes an exception for the speciality."""
        return any(self.is_exception(card) for card in self.valid_cards)

    def covers(self, card: Carte) -> bool:
        return not text.guarantees(card.garanties)[0].isdisjoint(self.columns)

    def is_exception(self, card: Carte) -> bool:
        return self.terms.specialities.is_exception(card.mutuelle, self.facture.specialite)

    def says_pec(self, card: Carte) -> bool:
        """A column that covers stands on the card, and every one that covers says PEC."""
        covering, pec = text.guarantees(card.garanties)
        if not pec:
            return False
        relevant = covering & self.columns
        return bool(relevant) and relevant <= pec

    @shared
    def common_contracts(self) -> list[str]:
        """Contracts with a valid card at the start and at the end of care."""
        at_start, at_end = self.cards_at_start, self.cards_at_end
        return list(at_start) if at_end is at_start else [name for name in at_start if name in at_end]

    @shared
    def contract(self) -> str | None:
        """The contract of F4 to F7; None without one that is valid at both ends of care."""
        at_start, at_end = self.cards_at_start, self.cards_at_end
        if at_end is at_start and len(at_start) == 1:
            return next(iter(at_start))
        candidates = self.common_contracts
        if len(candidates) <= 1:
            return candidates[0] if candidates else None
        for wanted in (self.covers, self.is_exception):
            chosen = [name for name in candidates if wanted(at_start[name]) or wanted(at_end[name])]
            if chosen:
                candidates = chosen
                break
        return max(candidates, key=lambda name: (at_end[name].editee_le or date.min, name))

    @shared
    def contract_cards(self) -> Sequence[Carte]:
        """The contract's card at the start and at the end of care, each once."""
        name = self.contract
        if name is None:
            return ()
        first, last = self.cards_at_start[name], self.cards_at_end[name]
        return (first,) if first is last else (first, last)

    def returned(self, motif: str) -> bool:
        """The contract's card, at the start or at the end of care, has this `motif_restitution`."""
        for card in self.contract_cards:
            if card.motif_restitution and text.code(card.motif_restitution) == motif:
                return True
        return False

    @shared
    def right(self) -> Droit | None:
        """The contract's row of `droits` with the latest date_effet (empty: the oldest; ties: the lower row)."""
        name = self.contract
        if name is None:
            return None
        best: Droit | None = None
        for row in self.references.rights_of(self.patient_references):
            if row.contrat == name and (best is None or (row.date_effet or date.min) >= (best.date_effet or date.min)):
                best = row
        return best


def _counting(cards: list[Carte]) -> dict[str, Carte]:
    """Of the cards that are valid on a day, per contract the one edited last (empty: the oldest; ties: lower row)."""
    if len(cards) == 1:
        return {cards[0].contrat: cards[0]}
    counting: dict[str, Carte] = {}
    for card in cards:
        held = counting.get(card.contrat)
        if held is None or (card.editee_le or date.min) >= (held.editee_le or date.min):
            counting[card.contrat] = card
    return counting
