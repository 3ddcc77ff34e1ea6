"""The section “Retours de paiement” of a bordereau: invoices that a NOEMIE return refused or deferred.

Owns: what such a row says, and its masking. The proposed solution is the consigne of the anomaly number; a number that
the dictionary does not know gets a sentence that promises nothing. Comments of the file are free text and stay with
the gestionnaires. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from mailbot.letters import words
from mailbot.letters.lignes import House
from mailbot.model import Facture
from mailbot.model.retours import EtatPaiement, Raison, Retour

#: What a PS reads where nobody has written a consigne yet.
SANS_CONSIGNE = "Notre service examine ce retour et revient vers vous si une action de votre part est utile."
_SANS_RAISON = "le retour ne dit pas pourquoi"
#: Anomalies shown for one invoice; an invoice of a hundred lines may have one on each.
_MOST = 5


@dataclass(frozen=True, slots=True)
class LigneRetour:
    """One refused or deferred invoice; `numero_facture` is what people call it, `date_naissance` ISO or as written."""

    numero_ps: str
    numero_lot: str
    numero_facture: str
    nir: str
    date_naissance: str
    etat: EtatPaiement
    raisons: tuple[Raison, ...]
    nom: str = ""
    prenom: str = ""

    @classmethod
    def of(cls, facture: Facture, retour: Retour) -> LigneRetour:
        return cls(
            facture.numero_ps, facture.numero_lot, facture.nom_facture, facture.nir, facture.date_naissance,
            retour.etat, retour.raisons, facture.nom, facture.prenom,
        )  # fmt: skip


class Anomalie(NamedTuple):
    """“1234, ASSURE INCONNU”, and what to do."""

    quoi: str
    consigne: str


@dataclass(frozen=True, slots=True)
class FicheRetour:
    """The row as it is shown: every value is text, ready, inert, and masked as privacy says."""

    facture: str
    patient: str
    lot: str
    nir: str
    naissance: str
    etat: str
    anomalies: tuple[Anomalie, ...]
    lien: str


def fiche(house: House, ligne: LigneRetour, full: bool, link: str) -> FicheRetour:
    """`full`: NIR and birth date may be shown; `link`: an answer to this letter, but for the number of the invoice."""
    facture = words.inert(ligne.numero_facture, 40)
    return FicheRetour(
        facture=facture,
        patient=words.inert(f"{ligne.prenom} {ligne.nom.upper()}", 80),
        lot=words.inert(ligne.numero_lot, 40),
        nir=words.nir(ligne.nir, full),
        naissance=words.naissance(words.inert(ligne.date_naissance, 20), full),
        etat=words.ETATS_PAIEMENT[ligne.etat],
        anomalies=_anomalies(house, ligne.raisons),
        lien=link + quote(facture),
    )


def _anomalies(house: House, raisons: tuple[Raison, ...]) -> tuple[Anomalie, ...]:
    found: dict[str, Anomalie] = {}
    for raison in raisons:
        known = house.consignes.par_numero.get(raison.code)
        quoi = ", ".join(text for text in (words.inert(raison.code, 10), words.inert(raison.libelle, 100)) if text)
        found.setdefault(quoi, Anomalie(quoi or _SANS_RAISON, known.consigne if known else SANS_CONSIGNE))
    return tuple(found.values())[:_MOST] or (Anomalie(_SANS_RAISON, SANS_CONSIGNE),)
