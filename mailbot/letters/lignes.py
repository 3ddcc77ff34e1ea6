"""What a bordereau is made of: its rows, the state of the lots, and the house that speaks.

Owns: the values that the pipeline fills in. Says nothing and shows nothing: see `bordereau.py` and `page.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mailbot.letters.consignes import Consignes
from mailbot.letters.mime import Organisation, Outbox, Privacy
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Reponses
from mailbot.letters.textes import Textes
from mailbot.model import Decision, Facture

#: In `Ligne`, `date` is a field.
Jour = date


@dataclass(frozen=True, slots=True)
class Ligne:
    """One refused invoice. Amounts in centimes; `numero_facture` is what people call it (`Facture.nom_facture`),
    `numero_brut` what was written ("" for none); `date_naissance` is ISO, or as written. `rejet` is the ledger's id of
    the refusal (0: it has none). `limite`: the last day on which a corrected invoice is admitted (motifs.md, C4)."""

    numero_lot: str
    date_reception: date
    critere_archivage: str
    numero_ps: str
    nir: str
    numero_facture: str
    numero_brut: str
    nom: str
    prenom: str
    date_naissance: str
    montant_total: int | None
    part_rc: int | None
    motif: str
    detail: str = ""
    erreur: str = ""
    date: date | None = None
    commentaire: str = ""
    rejet: int = 0
    limite: Jour | None = None

    @property
    def precision(self) -> str:
        """The code of its détail or erreur; "" for none."""
        return self.detail or self.erreur

    @classmethod
    def of(cls, facture: Facture, decision: Decision, rejet: int = 0, limite: Jour | None = None) -> Ligne:
        """From an invoice and the refusal that stands against it."""
        return cls(
            numero_lot=facture.numero_lot,
            date_reception=facture.date_reception,
            critere_archivage=facture.critere_archivage,
            numero_ps=facture.numero_ps,
            nir=facture.nir,
            numero_facture=facture.nom_facture,
            numero_brut=facture.numero_facture,
            nom=facture.nom,
            prenom=facture.prenom,
            date_naissance=facture.date_naissance,
            montant_total=facture.montant_total,
            part_rc=facture.part_rc_demandee,
            motif=decision.motif or "",
            detail=decision.detail or "",
            erreur=decision.erreur or "",
            date=decision.date,
            commentaire=decision.commentaire,
            rejet=rejet,
            limite=limite,
        )


@dataclass(frozen=True, slots=True)
class Bilan:
    """How one lot came out, in numbers of invoices; `en_cours` are those that a gestionnaire looks at."""

    numero_lot: str
    date_reception: date
    factures: int
    acceptees: int
    refusees: int
    a_saisir: int
    en_cours: int


@dataclass(frozen=True, slots=True)
class Trimestre:
    """The invoices of a PS over the last three months, and the motif that it was told most often with its détail or
    erreur ("" for none); `fois`: how often."""

    factures: int
    acceptees: int
    refusees: int
    motif: str = ""
    precision: str = ""
    fois: int = 0


@dataclass(frozen=True, slots=True)
class Libelles:
    """Code -> libellé, from the catalogue."""

    motifs: Mapping[str, str]
    details: Mapping[str, str]
    erreurs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is the same for every bordereau of a run."""

    organisation: Organisation
    outbox: Outbox
    privacy: Privacy
    pdf: bool
    templates: Templates
    libelles: Libelles
    reponses: Reponses
    consignes: Consignes
    textes: Textes = field(default_factory=Textes)
