"""The first half of a case: the invoice's own values (care period, missing elements, valuation) and its traces.

See case.py for what a case is. Source: motifs.md §3 (Trace, NIR, Ties) and §4 (Missing elements).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mailbot.model import Facture
from mailbot.model.references import Agica, AgicaActe, HistoClient, Valorisation
from mailbot.rules import text
from mailbot.rules.references import References, is_trace, rows_under
from mailbot.rules.shared import latest, shared
from mailbot.rules.specialities import Specialities


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says beside the rules: specialities, and the libellés of the missing details by code."""

    specialities: Specialities
    details: Mapping[str, str]


#: Missing elements in the order of the catalogue (motifs.md §1, MANQUE_DETAIL).
_ELEMENTS = (
    "ACTE_MAJORE_SEUL",
    "BENEFICIAIRE",
    "DATE_FACTURE",
    "DETAIL_ACTES",
    "PART_RC",
    "MONTANT_TOTAL",
    "NUMERO_FACTURE",
)


class InvoiceCase:
    """An invoice: its own values and its traces. `nir` is "" when nothing may be found under it.

    `answers` are those of facts that the book asks more than once, by their name.
    `debut` and `fin` are start and end of care, None without any care date. `codes` are the act codes that are filled;
    `incomplete`: there is no act, or one without code, amount, quantity or date. Written for speed where every invoice
    passes: the acts are read once, no list for what is nearly always empty.
    """

    #: What the judge leaves here: the table that was missing (A0), the rule that spoke under the other NIR (F0).
    missing_table = ""
    taken_over: Any = None

    def __init__(self, facture: Facture, references: References, terms: Terms, other_nir: str | None = None) -> None:
        self.facture = facture
        self.answers: dict[str, bool] = {}
        self.references = references
        self.terms = terms
        if other_nir is None:
            self.nir = facture.nir if facture.nir_valide else ""
        else:
            self.nir = other_nir
        debut: date | None = None
        fin: date | None = None
        codes: set[str] = set()
        incomplete = not facture.actes
        for code, day, _, quantite, _, montant, _, _, _ in facture.actes:
            if day is not None:
                if debut is None or day < debut:
                    debut = day
                if fin is None or day > fin:
                    fin = day
            if code:
                codes.add(code)
            if day is None or montant is None or quantite is None or not code:
                incomplete = True
        self.debut = debut
        self.fin = fin
        self.codes = codes
        self.incomplete = incomplete

    # --- the invoice itself -------------------------------------------------------------------------------------

    @property
    def name_is_zero(self) -> bool:
        """Neither number nor care date: such an invoice never goes out in a mail."""
        return not self.facture.numero and self.fin is None

    @property
    def nir_given(self) -> bool:
        """Zeros only count as empty."""
        return self.facture.nir_valide or bool(self.facture.nir.strip("0"))

    @property
    def nameless_b2(self) -> bool:
        """From B2, and the name could not be completed: only birth date and rank are compared."""
        return self.facture.de_b2 and not (self.facture.nom and self.facture.prenom)

    @shared
    def missing(self) -> tuple[str, ...]:
        """Missing elements (rule D), as codes in the order of the catalogue."""
        facture = self.facture
        increased = not self.codes.isdisjoint(self.references.majorations)
        if (
            not (increased or self.incomplete)
            and facture.part_rc_demandee is not None
            and facture.montant_total is not None
            and facture.date_facture is not None
            and facture.nir_valide
            and facture.nir
            and facture.nom
            and facture.prenom
            and facture.date_naissance
        ):
            return ()  # nearly every invoice leaves here; with complete acts there is a care date
        named = (facture.nom and facture.prenom) or facture.de_b2
        unnamed = not (named and facture.date_naissance and self.nir_given and facture.nir)
        absences = (
            increased and self._increase_alone(),
            unnamed,
            facture.date_facture is None,
            self.incomplete,
            facture.part_rc_demandee is None,
            facture.montant_total is None,
            self.fin is None and not facture.numero,
        )
        return tuple(code for code, absent in zip(_ELEMENTS, absences, strict=True) if absent)

    def _increase_alone(self) -> bool:
        """A dated act that is a majoration, on a day without any act that is none."""
        majorations = self.references.majorations
        increased: set[date] = set()
        plain: set[date] = set()
        for acte in self.facture.actes:
            if acte.date_soins is not None:
                (increased if acte.code_acte in majorations else plain).add(acte.date_soins)
        return not increased <= plain

    @shared
    def valuation(self) -> Valorisation | None:
        """The row of `valorisations` by lot, PS and number (or name, where there is no number)."""
        facture = self.facture
        numero = facture.numero or text.number(facture.nom_facture)
        return self.references.valorisations.get((facture.numero_lot, facture.numero_ps, numero))

    # --- traces -------------------------------------------------------------------------------------------------

    @shared
    def traces(self) -> Sequence[Agica]:
        """Rows of agica that are traces of this invoice under this NIR, whatever their PS and state; and decisions of
        the ledger on another lot, of the same PS and number only (no number is only the same as none)."""
        references, numero_ps, numero = self.references, self.facture.numero_ps, self.facture.numero
        rows = rows_under(references.agica, self.nir)
        if references.en_cours and self.nir in references.en_cours:
            rows = rows + [
                row
                for row in rows_under(references.en_cours, self.nir)
                if row.numero_ps == numero_ps and text.number(row.numero_facture) == numero
            ]
        if not rows:
            return ()
        debut, part_rc = self.debut, self.facture.part_rc_demandee
        return [row for row in rows if is_trace(row, numero, debut, part_rc)]

    @shared
    def settled_here(self) -> Sequence[Agica]:
        """LIQUIDE traces of the same PS."""
        numero_ps = self.facture.numero_ps
        return [row for row in self.traces if row.etat == "LIQUIDE" and row.numero_ps == numero_ps]

    @shared
    def settled_elsewhere(self) -> Sequence[Agica]:
        """LIQUIDE traces of another PS."""
        numero_ps = self.facture.numero_ps
        return [row for row in self.traces if row.etat == "LIQUIDE" and row.numero_ps != numero_ps]

    @shared
    def pending_here(self) -> Sequence[Agica]:
        """EN_COURS traces of the same PS."""
        numero_ps = self.facture.numero_ps
        return [row for row in self.traces if row.etat == "EN_COURS" and row.numero_ps == numero_ps]

    @shared
    def total_duplicates(self) -> Sequence[Agica]:
        """REJETE traces of any PS whose motif is DOUBLON_TOTAL."""
        return [row for row in self.traces if row.etat == "REJETE" and text.code(row.motif_rejet) == "DOUBLON_TOTAL"]

    @shared
    def duplicate_of(self) -> Agica | None:
        """Of the total duplicates with a settled number, the one settled last (empty: the oldest; ties: lower row)."""
        return latest(
            [row for row in self.total_duplicates if text.number(row.numero_facture_reglee)],
            lambda row: row.date_liquidation,
        )

    @shared
    def paid_acts(self) -> Sequence[AgicaActe]:
        """Dated rows of agica_actes with an act (code, date) of this invoice, same NIR and PS, another number."""
        facture, numero_ps = self.facture, self.facture.numero_ps
        rows = [row for row in rows_under(self.references.agica_actes, self.nir) if row.numero_ps == numero_ps]
        if not rows:
            return ()
        acts = {(acte.code_acte, acte.date_soins) for acte in facture.actes if acte.code_acte and acte.date_soins}
        return [
            row
            for row in rows
            if row.date_paiement is not None
            and (row.code_acte, row.date_soins) in acts
            and text.number(row.numero_facture) not in ("", facture.numero)
        ]

    @shared
    def client_history(self) -> Sequence[HistoClient]:
        """Rows of histo_client: same NIR and PS, and same number or a care date within the care period."""
        rows = rows_under(self.references.histo_client, self.nir)
        if not rows:
            return ()
        facture, debut, fin = self.facture, self.debut, self.fin
        return [
            row
            for row in rows
            if row.numero_ps == facture.numero_ps
            and (
                (facture.numero != "" and text.number(row.numero_facture) == facture.numero)
                or (
                    row.date_soins is not None
                    and debut is not None
                    and fin is not None
                    and debut <= row.date_soins <= fin
                )
            )
        ]

    @shared
    def last_history(self) -> HistoClient | None:
        """The dated history row that was paid last (ties: the lower row)."""
        return latest(
            [row for row in self.client_history if row.date_paiement is not None], lambda row: row.date_paiement
        )
