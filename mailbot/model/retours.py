"""What a NOEMIE return says of an invoice: was it paid, how much, and failing that why not.

```
retour   ouvert ─┬─> clos         (refused, deferred, paid with a difference, or of no invoice of ours: until a later
                 │                return of the same invoice, or an agent)
                 └─> sans_suite   (nothing to do: paid, partly paid, or a later day already counts)
```
The payment state follows formats.md, “State of an invoice from a return”. Money is integer centimes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class EtatPaiement(StrEnum):
    """INDETERMINEE: the return names the invoice and says neither paid, refused nor deferred."""

    PAYEE = "payee"
    ECART = "payee_avec_ecart"
    PARTIELLE = "partiellement_payee"
    DIFFEREE = "differee"
    REFUSEE = "refusee"
    INDETERMINEE = "indeterminee"

    @property
    def to_see(self) -> bool:
        """Somebody has to look at it. Partly paid is the ordinary state between the payments of RO and RC."""
        return self in (EtatPaiement.REFUSEE, EtatPaiement.DIFFEREE, EtatPaiement.ECART)


class EtatPart(StrEnum):
    """What became of one share, with the letters of the norm; blank is “not processed”."""

    PAYEE = "P"
    REJETEE = "R"
    DIFFEREE = "D"
    NON_TRAITEE = ""


class RetourState(StrEnum):
    OUVERT = "ouvert"
    CLOS = "clos"
    SANS_SUITE = "sans_suite"


@dataclass(frozen=True, slots=True)
class Part:
    """The RO or RC share: asked and paid in centimes (None: not written); `paye` is negative for a recall."""

    demande: int | None
    etat: EtatPart
    paye: int | None

    @property
    def ecart(self) -> bool:
        """Paid, and not what was asked."""
        return self.etat is EtatPart.PAYEE and None not in (self.demande, self.paye) and self.demande != self.paye


@dataclass(frozen=True, slots=True)
class Raison:
    """Why something was not paid. `niveau`: F whole invoice, L line, A refined code; `part`: O the RO (or both), C the
    RC, "" where the entity does not say. Code and label are as the file wrote them, trimmed."""

    code: str
    libelle: str
    niveau: str
    part: str
    complement: str = ""


@dataclass(frozen=True, slots=True)
class Retour:
    """One invoice of a return. `rang` is that of its first entity in the file (from 1); `numero_ps` and `numero_lot`
    are "" where the file does not say; `numero` is the compared form of `numero_facture`; `nirs` are well-formed and
    without key (insured, and patient where it has its own); `jour` is the accounting day, else that of the file."""

    rang: int
    numero_ps: str
    numero_lot: str
    numero_facture: str
    numero: str
    nirs: tuple[str, ...]
    jour: date | None
    ro: Part | None
    rc: Part | None
    raisons: tuple[Raison, ...]
    commentaires: tuple[str, ...]

    @property
    def etat(self) -> EtatPaiement:
        """RO paid and RC neither paid nor refused is partly paid, also where the RC is deferred. A share that was not
        processed and of which nothing was asked does not count."""
        parts = [
            part for part in (self.ro, self.rc) if part and (part.etat is not EtatPart.NON_TRAITEE or part.demande)
        ]
        etats = {part.etat for part in parts}
        if EtatPart.REJETEE in etats or any(raison.niveau == "F" for raison in self.raisons):
            return EtatPaiement.REFUSEE
        if etats == {EtatPart.PAYEE}:
            return EtatPaiement.ECART if any(part.ecart for part in parts) else EtatPaiement.PAYEE
        if EtatPart.PAYEE in etats:
            return EtatPaiement.PARTIELLE
        return EtatPaiement.DIFFEREE if EtatPart.DIFFEREE in etats else EtatPaiement.INDETERMINEE

    def after(self, before: Retour) -> Retour:
        """This return with what an earlier one of the same invoice said of a share that this one does not name."""
        ro, rc = self.ro or before.ro, self.rc or before.rc
        kept = {"O" if not self.ro and before.ro else "-", "C" if not self.rc and before.rc else "-"}
        older = tuple(one for one in before.raisons if one.part in kept and one not in self.raisons)
        return replace(self, ro=ro, rc=rc, raisons=(*self.raisons, *older))

    def asked(self, part_rc: int | None) -> Retour:
        """This return for an invoice of which `part_rc` was asked: an RC that it does not name is not yet paid."""
        if self.rc is not None or not part_rc or self.ro is None or self.ro.etat is not EtatPart.PAYEE:
            return self
        return replace(self, rc=Part(part_rc, EtatPart.NON_TRAITEE, None))
