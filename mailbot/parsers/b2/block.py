"""What was read of one lot of a B2 file: its invoices with the numbers of their records, refusals, differences.

Owns: that an invoice stands once. Two that say the same are one, and that is said; two that do not are both refused, by
name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailbot.model import Facture, FactureKey, LotFile, LotKey, Refus


@dataclass(slots=True)
class Block:
    """What was read of one lot, or between lots. Each invoice with the number of its record 2."""

    factures: list[tuple[int, Facture]] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    lots: set[LotKey] = field(default_factory=set)

    def lot_file(self, fichier: str) -> LotFile:
        """Without the invoices that stand twice and do not say the same."""
        first: dict[FactureKey, tuple[int, Facture]] = {}
        wrong: set[FactureKey] = set()
        twice: dict[FactureKey, str] = {}
        for number, facture in self.factures:
            key = facture.key
            before, kept = first.setdefault(key, (number, facture))
            name = facture.nom_facture
            if kept == facture:
                if before != number:
                    twice[key] = (
                        f"{fichier}, enregistrements {before} et {number} : facture n° {name} du lot "
                        f"{key.lot.numero_lot} écrite deux fois, comptée une fois"
                    )
                continue
            wrong.add(key)
            reason = (
                f"la facture n° {name} du lot {key.lot.numero_lot} commence aux enregistrements {before} et {number} "
                "et ne dit pas deux fois la même chose ; elle est refusée en entier ; donnez un autre numéro à l’une "
                "des deux"
            )
            self.refus.append(Refus(fichier, number, "", "", reason, name))
        factures = tuple(facture for key, (_, facture) in first.items() if key not in wrong)
        refus = tuple(sorted(self.refus, key=lambda one: one.ligne))
        told = (text for key, text in twice.items() if key not in wrong)
        return LotFile(factures, refus, (), frozenset(self.lots), (*self.differences, *told))
