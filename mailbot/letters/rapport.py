"""The daily report: a PS of whose lots nothing was refused reads that they were handled, and what to do with paper.

Owns: what that letter says. It names lots and invoices by number, never a patient and never a motif: what a
gestionnaire looks at is told as a number (motifs.md §5). An invoice is *signalled* when it was taken although its file
says something two ways, *recycled* when we go on with it ourselves. Refusals are the bordereau's. The rule of five days
is that of the Flux Tiers mails of the CNMSS. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.letters import mime, page, synthese, words
from mailbot.letters.lignes import Bilan, House, Trimestre
from mailbot.letters.mime import Contents
from mailbot.letters.words import NBSP
from mailbot.model import Draft, Facture, LetterKind

#: Signalled invoices named in one letter; the others are counted.
_MOST = 30


@dataclass(frozen=True, slots=True)
class Signal:
    """One signalled invoice as it is shown."""

    facture: str
    lot: str
    remarques: tuple[str, ...]


def compose(
    house: House,
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    bilans: Sequence[Bilan],
    signalees: Sequence[Facture],
    trimestre: Trimestre | None,
    token: str,
    now: datetime,
    key: str,
) -> Draft:
    """The report, frozen. `signalees`: invoices of these lots whose file says something two ways."""
    context = page_context(house, numero_ps, raison_sociale, bilans, signalees, trimestre, token, now)
    contents = Contents(
        subject=f"{context['titre']} – PS {words.inert(numero_ps, 20)}",
        text=house.templates.text("rapport", context),
        html=house.templates.pieces("rapport", context),
    )
    kind = LetterKind.REPORT
    return mime.draft(kind, key, numero_ps, contact, contents, house.organisation, house.outbox, token, now)


def page_context(
    house: House,
    numero_ps: str,
    raison_sociale: str,
    bilans: Sequence[Bilan],
    signalees: Sequence[Facture],
    trimestre: Trimestre | None,
    token: str,
    now: datetime,
) -> dict[str, Any]:
    """What the templates see."""
    said = synthese.phrase(bilans)
    return {
        **page.entete(
            house.organisation,
            titre=_title(bilans),
            sous_titre="Aucune nouvelle facture n’est refusée."
            if any(bilan.refusees for bilan in bilans)
            else "Aucune facture n’attend de correction de votre part.",
            apercu=said,
            numero_ps=numero_ps,
            raison_sociale=raison_sociale,
            token=token,
            now=now,
        ),
        "totaux": synthese.chiffres(bilans),
        "phrase": said,
        "bilans": tuple(map(synthese.ligne, bilans)),
        "signalees": tuple(map(_signal, signalees[:_MOST])),
        "autres": words.pluriel(len(signalees) - _MOST, "autre facture signalée", "autres factures signalées")
        if len(signalees) > _MOST
        else "",
        "reprises": _recycled(bilans),
        "papiers": _papers(),
        "habitude": synthese.habitude(house, trimestre),
    }


def _title(bilans: Sequence[Bilan]) -> str:
    alone = len(bilans) == 1
    if any(bilan.en_cours + bilan.a_saisir for bilan in bilans):
        return "Le point sur votre lot" if alone else "Le point sur vos lots"
    return "Votre lot est traité" if alone else "Vos lots sont traités"


def _signal(facture: Facture) -> Signal:
    said = tuple(words.typographie(words.inert(one[:1].upper() + one[1:], 300)) for one in facture.avertissements)
    return Signal(words.inert(facture.nom_facture, 40), words.inert(facture.numero_lot, 40), said)


def _recycled(bilans: Sequence[Bilan]) -> str:
    """What we go on with ourselves, "" for nothing."""
    count = sum(bilan.a_saisir + bilan.en_cours for bilan in bilans)
    if not count:
        return ""
    one = count == 1
    return (
        f"{words.pluriel(count, 'facture est reprise', 'factures sont reprises')} par nos soins (en cours de saisie "
        f"ou d’examen). Ne {'la' if one else 'les'} renvoyez pas{NBSP}: le résultat "
        f"{'vous' if one else 'de chacune vous'} parviendra par bordereau ou par votre retour NOEMIE."
    )


def _papers() -> tuple[str, ...]:
    """What to do with paper documents, and the rule of five days."""
    return (
        f"Factures sans rejet{NBSP}: envoyez leurs pièces papier comme d’habitude, sauf si vous les transmettez par "
        "SCOR.",
        f"Factures refusées{NBSP}: n’envoyez pas leurs pièces papier. Gardez-les pour la facture corrigée, qui part "
        "dans un nouveau lot, avec un nouveau numéro.",
        "Gardez les pièces d’un lot jusqu’à notre message. Sans nouvelles de nous cinq jours après l’envoi du "
        f"lot{NBSP}: envoyez celles des factures pour lesquelles votre logiciel ne signale pas d’anomalie.",
    )
