"""What stands on the page of a bordereau: every value as text, ready to be shown.

Owns: the wording around the rows, and masking. Templates and PDF get this and nothing else, so that what privacy hides
is not there to be shown. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mailbot.letters import mime, words
from mailbot.letters import retours as retours_de_paiement
from mailbot.letters.consignes import Consigne
from mailbot.letters.lignes import Bilan, House, Ligne
from mailbot.letters.mime import Organisation
from mailbot.letters.reponses import Bloc, Reponse
from mailbot.letters.retours import LigneRetour
from mailbot.letters.words import NBSP


@dataclass(frozen=True, slots=True)
class Fiche:
    """One refused invoice as it is shown: every value is text, ready, inert, and masked as privacy says. `rejet` is
    the ledger's id of the refusal, for the form of the PDF (0: it has none)."""

    facture: str
    patient: str
    naissance: str
    nir: str
    montant: str
    part_rc: str
    motif: str
    raison: tuple[Bloc, ...]
    a_faire: tuple[Bloc, ...]
    lot: str
    recu: str
    critere: str
    numero_ps: str
    anomalie: Consigne | None
    lien: str
    rejet: int


@dataclass(frozen=True, slots=True)
class LigneBilan:
    """One lot as it is shown; `compte` is a sentence such as “14 factures : 11 acceptées, 3 refusées”."""

    lot: str
    recu: str
    rejet: bool
    etat: str
    factures: str
    compte: str


@dataclass(frozen=True, slots=True)
class Chiffre:
    """One number at the head of the page: “3” “refusées”."""

    nombre: str
    mot: str
    alerte: bool = False


def context(
    house: House,
    *,
    contact: str,
    numero_ps: str,
    raison_sociale: str,
    lignes: Sequence[Ligne],
    bilans: Sequence[Bilan],
    index: int,
    total: int,
    token: str,
    now: datetime,
    retours: Sequence[LigneRetour] = (),
) -> dict[str, Any]:
    """What the templates and the PDF see: only text that is ready to be shown."""
    full = words.shows_all(contact, house.privacy.plain, house.privacy.full_domains)
    reply = mime.with_token(house.outbox.reply_address or house.outbox.from_address, token)
    fiches = tuple(_fiche(house, ligne, full, reply, token) for ligne in lignes)
    count = len(fiches)
    rang = f"{index}/{total}" if total > 1 else ""
    return {
        "titre": titre(count, len(retours)),
        "sous_titre": (f"Bordereau {rang}. " if rang else "") + "Voici pourquoi, et que faire."
        if count or retours
        else "Aucune facture n’attend de correction de votre part.",
        "apercu": _preview(fiches, len(retours)),
        "organisation": payeur(house.organisation),
        "ps": {"numero": words.inert(numero_ps, 20), "raison_sociale": words.inert(raison_sociale, 80)},
        "jour": words.date_longue(now),
        "rang": rang,
        "premier": index == 1,
        "fiches": fiches,
        "retours": tuple(retours_de_paiement.fiche(house, ligne, full) for ligne in retours),
        "totaux": _totals(bilans),
        "phrase": _sentence(bilans),
        "bilans": tuple(_bilan(bilan) for bilan in bilans),
        "conseils": _advice(house.organisation) if count or retours else (),
        "reference": f"mb-{token}",
        "masque": not full,
        "pdf": house.pdf,
        "reponse": reply,
    }


def titre(refused: int, returned: int) -> str:
    """“3 factures refusées, 1 retour de paiement”; what a page and its subject say first."""
    parts = [
        (refused, "facture refusée", "factures refusées"),
        (returned, "retour de paiement", "retours de paiement"),
    ]
    said = [words.pluriel(count, one, many) for count, one, many in parts if count]
    return ", ".join(said) or "Vos lots sont traités"


def payeur(organisation: Organisation) -> dict[str, Any]:
    """The payer as the templates see it; the postal address in lines."""
    name, service = words.inert(organisation.name, 80), words.inert(organisation.service, 80)
    written = [words.inert(line, 80) for line in organisation.postal_address.splitlines() if line.strip()]
    # A full postal address often begins with names that stand just above it.
    lines = [line for line in written if line not in (name, service)]
    return {
        "name": name,
        "service": service,
        "convention": words.inert(organisation.convention, 80),
        "adresse": tuple(lines),
        "adresse_en_ligne": ", ".join(lines),
        "phone": words.inert(organisation.phone, 40),
    }


def reponse_en_bref(house: House, ligne: Ligne) -> str:
    """What the PS is (or would be) told is wrong, in one line: “réponse à votre réclamation” of the Trame."""
    said = _reponse(house, ligne, _values(house, ligne)).raison
    return " ".join(", ".join(bloc.lignes) if bloc.liste else " ".join(bloc.lignes) for bloc in said)


def a_faire_en_bref(house: House, ligne: Ligne) -> str:
    """What the PS is told to do, in one line."""
    # It stands in answers that name no patient, whatever an admin's text says.
    said = _reponse(house, ligne, {**_values(house, ligne), "patient": ""}).a_faire
    return " ".join(", ".join(bloc.lignes) if bloc.liste else " ".join(bloc.lignes) for bloc in said)


def _values(house: House, ligne: Ligne) -> dict[str, str]:
    """What the placeholders of `reponses.PLACEHOLDERS` stand for."""
    libelles, organisation = house.libelles, house.organisation
    return {
        "date": words.date_longue(ligne.date),
        "numero_facture": words.inert(ligne.numero_facture, 40),
        "numero_lot": words.inert(ligne.numero_lot, 40),
        "date_reception": words.date_longue(ligne.date_reception),
        "montant_total": words.montant(ligne.montant_total),
        "part_rc": words.montant(ligne.part_rc),
        "detail": words.typographie(libelles.details.get(ligne.detail, ligne.detail)),
        "erreur": words.typographie(libelles.erreurs.get(ligne.erreur, ligne.erreur)),
        "commentaire": words.inert(ligne.commentaire, 500),
        "patient": words.inert(f"{ligne.prenom} {ligne.nom.upper()}", 80),
        "payeur": words.inert(organisation.name, 80),
        "service": words.inert(organisation.service, 80),
        "convention": words.inert(organisation.convention, 80),
    }


def _reponse(house: House, ligne: Ligne, values: dict[str, str]) -> Reponse:
    details = house.libelles.details
    # The second missing element comes as its libellé (motifs.md, D2); its plain words are found by its code.
    second = next((code for code, label in details.items() if ligne.detail and label == ligne.commentaire), "")
    return house.reponses.reponse(ligne.motif, _libelle(house, ligne), values, ligne.detail or ligne.erreur, second)


def _libelle(house: House, ligne: Ligne) -> str:
    return words.typographie(house.libelles.motifs.get(ligne.motif, ligne.motif))


def _fiche(house: House, ligne: Ligne, full: bool, reply: str, token: str) -> Fiche:
    values = _values(house, ligne)
    reponse = _reponse(house, ligne, values)
    about = quote(f"Réf. mb-{token} – facture n° {values['numero_facture']}")
    return Fiche(
        facture=values["numero_facture"],
        patient=values["patient"],
        naissance=words.naissance(words.inert(ligne.date_naissance, 20), full),
        nir=words.nir(ligne.nir, full),
        montant=values["montant_total"],
        part_rc=values["part_rc"],
        motif=_libelle(house, ligne),
        raison=reponse.raison,
        a_faire=reponse.a_faire,
        lot=values["numero_lot"],
        recu=values["date_reception"],
        critere=words.inert(ligne.critere_archivage, 20),
        numero_ps=words.inert(ligne.numero_ps, 20),
        anomalie=house.consignes.pour(ligne.motif, ligne.detail or ligne.erreur),
        lien=f"mailto:{quote(reply, safe='@+')}?subject={about}",
        rejet=ligne.rejet,
    )


def _advice(organisation: Organisation) -> tuple[str, ...]:
    """What holds for every refusal, said once a mail (motifs.md §2)."""
    where = ", ".join(words.inert(line, 80) for line in organisation.postal_address.splitlines() if line.strip())
    letter = f", ou écrivez-nous{NBSP}: {where}" if where else ""
    return (
        "Pour corriger, corrigez directement sur la facture. Une facture corrigée part dans un nouveau lot, avec un "
        "nouveau numéro de facture.",
        "N’envoyez pas les pièces papier d’une facture refusée.",
        f"Une question, un document à joindre{NBSP}? Répondez à ce message{letter}.",
    )


def _preview(fiches: Sequence[Fiche], returned: int) -> str:
    """The line that a mail reader shows beside the subject: motifs only, no patient."""
    motifs = list(dict.fromkeys(fiche.motif for fiche in fiches))
    if not motifs:
        return "Le point sur vos paiements." if returned else "Le point sur vos lots."
    more = f" et {words.pluriel(len(motifs) - 3, 'autre motif', 'autres motifs')}" if len(motifs) > 3 else ""
    return ", ".join(motifs[:3]) + more + "."


def _totals(bilans: Sequence[Bilan]) -> tuple[Chiffre, ...]:
    if not bilans:
        return ()
    refused = sum(bilan.refusees for bilan in bilans)
    counts = (
        (sum(bilan.factures for bilan in bilans), "reçue", "reçues"),
        (sum(bilan.acceptees for bilan in bilans), "acceptée", "acceptées"),
        (refused, "refusée", "refusées"),
        (sum(bilan.en_cours + bilan.a_saisir for bilan in bilans), "en cours", "en cours"),
    )
    return tuple(
        Chiffre(words.nombre(count), one if count < 2 else many, alerte=one == "refusée" and refused > 0)
        for count, one, many in counts
    )


def _sentence(bilans: Sequence[Bilan]) -> str:
    """“Nous avons traité 2 lots : 14 factures, dont 11 acceptées et 3 refusées.”"""
    if not bilans:
        return ""
    lots = f"{words.pluriel(len(bilans), 'lot')}"
    merged = Bilan(
        "",
        bilans[0].date_reception,
        *(
            sum(getattr(b, name) for b in bilans)
            for name in ("factures", "acceptees", "refusees", "a_saisir", "en_cours")
        ),
    )
    return f"Nous avons traité {lots}, soit {words.pluriel(merged.factures, 'facture')}{NBSP}: {_count(merged)}."


def _count(bilan: Bilan) -> str:
    parts = [
        (bilan.acceptees, "acceptée", "acceptées"),
        (bilan.refusees, "refusée", "refusées"),
        (bilan.a_saisir, "en cours de saisie", "en cours de saisie"),
        (bilan.en_cours, "en cours d’examen par un gestionnaire", "en cours d’examen par un gestionnaire"),
    ]
    said = [words.pluriel(count, one, many) for count, one, many in parts if count]
    if not said:
        return "aucune facture"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}"


def _bilan(bilan: Bilan) -> LigneBilan:
    return LigneBilan(
        lot=words.inert(bilan.numero_lot, 40),
        recu=words.date_longue(bilan.date_reception),
        rejet=bilan.refusees > 0,
        etat="avec rejet" if bilan.refusees else "sans rejet",
        factures=words.pluriel(bilan.factures, "facture"),
        compte=_count(bilan),
    )
