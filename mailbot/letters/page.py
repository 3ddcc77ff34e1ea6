"""What stands on the page of a bordereau: every value as text, ready to be shown.

Owns: the wording around the rows, and masking. Templates and PDF get this and nothing else, so that what privacy hides
is not there to be shown. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from mailbot.letters import mime, synthese, words
from mailbot.letters import retours as retours_de_paiement
from mailbot.letters.consignes import Consigne
from mailbot.letters.lignes import Bilan, House, Ligne, Trimestre
from mailbot.letters.mime import Organisation
from mailbot.letters.reponses import Bloc, Reponse
from mailbot.letters.retours import LigneRetour
from mailbot.letters.words import NBSP

#: The amounts of MONTANT_DIFFERENT and PART_RC_DIFFERENTE, which come without their unit (motifs.md, H3 and H4).
_AMOUNT = re.compile(r"\b((?:demandée?|calculée?) \d+,\d\d)(?![\d\u00a0 ]*€|\d)")


@dataclass(frozen=True, slots=True)
class Fiche:
    """One refused invoice as it is shown: every value is text, ready, inert, and masked as privacy says. `bref`: what
    is wrong, for the overview. `rejet` is the ledger's id of the refusal, for the form of the PDF (0: it has none)."""

    facture: str
    patient: str
    naissance: str
    nir: str
    montant: str
    part_rc: str
    motif: str
    bref: str
    raison: tuple[Bloc, ...]
    a_faire: tuple[Bloc, ...]
    delai: str
    lot: str
    recu: str
    critere: str
    numero_ps: str
    anomalie: Consigne | None
    lien: str
    rejet: int


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
    trimestre: Trimestre | None = None,
    jointes: Sequence[str] = (),
    full: bool | None = None,
    refus: int = 0,
) -> dict[str, Any]:
    """What the templates and the PDF see: only text that is ready to be shown. `full`: may NIR and birth date be shown
    (None: as privacy says of this address)? `jointes`: what comes with the mail, a sentence each. `refus`: how many
    refusals all the bordereaux of this round tell (0: those of this one)."""
    if full is None:
        full = words.shows_all(contact, house.privacy.plain, house.privacy.full_domains)
    reply = mime.with_token(house.outbox.reply_address or house.outbox.from_address, token)
    link, today = lien(reply, token), now.date()
    fiches = tuple(fiche(house, ligne, full, link, today) for ligne in lignes)
    count = len(fiches)
    rang = f"{index}/{total}" if total > 1 else ""
    return {
        **entete(
            house.organisation,
            titre=titre(count, len(retours), refus, any(bilan.en_cours + bilan.a_saisir for bilan in bilans)),
            sous_titre=(f"Bordereau {rang}. " if rang else "") + "Voici pourquoi, et que faire."
            if count or retours
            else "Aucune facture n’attend de correction de votre part.",
            apercu=_preview(fiches, len(retours)),
            numero_ps=numero_ps,
            raison_sociale=raison_sociale,
            token=token,
            now=now,
        ),
        "rang": rang,
        "premier": index == 1,
        "fiches": fiches,
        "retours": tuple(retours_de_paiement.fiche(house, ligne, full, link) for ligne in retours),
        "totaux": synthese.chiffres(bilans),
        "phrase": synthese.phrase(bilans),
        "bilans": tuple(map(synthese.ligne, bilans)),
        "habitude": synthese.habitude(house, trimestre),
        "conseils": _advice(house.organisation) if count or retours else (),
        "masque": not full,
        "jointes": tuple(jointes),
        "reponse": reply,
        "lien": fiches[0].lien if count == 1 and not retours else link,
    }


def entete(
    organisation: Organisation,
    *,
    titre: str,
    sous_titre: str,
    apercu: str,
    numero_ps: str,
    raison_sociale: str,
    token: str,
    now: datetime,
) -> dict[str, Any]:
    """What stands on every page, whatever its kind: who writes, to whom, when, under which reference."""
    return {
        "titre": titre,
        "sous_titre": sous_titre,
        "apercu": apercu,
        "organisation": payeur(organisation),
        "ps": {"numero": words.inert(numero_ps, 20), "raison_sociale": words.inert(raison_sociale, 80)},
        "jour": words.date_longue(now),
        "reference": f"mb-{token}",
    }


def titre(refused: int, returned: int, of_all: int = 0, pending: bool = False) -> str:
    """“3 factures refusées, 1 retour de paiement”; “10 de vos 40 refus” where other bordereaux tell the others; what a
    page and its subject say first. `pending`: some invoices are still looked at."""
    said = []
    if refused:
        part = f"{words.nombre(refused)}{NBSP}de vos {words.nombre(of_all)}{NBSP}refus"
        said.append(part if of_all > refused else words.pluriel(refused, "facture refusée", "factures refusées"))
    if returned:
        said.append(words.pluriel(returned, "retour de paiement", "retours de paiement"))
    return ", ".join(said) or ("Le point sur vos lots" if pending else "Vos lots sont traités")


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
        "phone": words.telephone(organisation.phone),
    }


def reponse_en_bref(house: House, ligne: Ligne) -> str:
    """What the PS is (or would be) told is wrong, in one line: “réponse à votre réclamation” of the Trame."""
    said = _reponse(house, ligne, _values(house, ligne)).raison
    return " ".join(", ".join(bloc.lignes) if bloc.liste else " ".join(bloc.lignes) for bloc in said)


def a_faire_en_bref(house: House, ligne: Ligne) -> str:
    """What the PS is told to do, in one line."""
    # It stands in answers that name no patient, whatever an admin's text says.
    said = _reponse(house, ligne, {**_values(house, ligne), "patient": "le patient"}).a_faire
    lines = (
        "; ".join(one.rstrip(" ;.\u00a0") for one in bloc.lignes) if bloc.liste else " ".join(bloc.lignes)
        for bloc in said
    )
    return " ".join(lines)


def _values(house: House, ligne: Ligne) -> dict[str, str]:
    """What the placeholders of `reponses.PLACEHOLDERS` stand for."""
    libelles = house.libelles
    return {
        "date": words.date_longue(ligne.date),
        "numero_facture": words.inert(ligne.numero_facture, 40),
        "numero_lot": words.inert(ligne.numero_lot, 40),
        "date_reception": words.date_longue(ligne.date_reception),
        "montant_total": words.montant(ligne.montant_total),
        "part_rc": words.montant(ligne.part_rc),
        "detail": words.typographie(libelles.details.get(ligne.detail, ligne.detail)),
        "erreur": words.typographie(libelles.erreurs.get(ligne.erreur, ligne.erreur)),
        "commentaire": _AMOUNT.sub(rf"\1{NBSP}€", words.inert(ligne.commentaire, 500)),
        "limite": words.date_longue(ligne.limite),
        "patient": words.inert(f"{ligne.prenom} {ligne.nom.upper()}", 80),
        **synthese.maison(house.organisation),
    }


def _reponse(house: House, ligne: Ligne, values: dict[str, str]) -> Reponse:
    details = house.libelles.details
    # The second missing element comes as its libellé (motifs.md, D2); its plain words are found by its code.
    second = next((code for code, label in details.items() if label == ligne.commentaire), "") if ligne.detail else ""
    return house.reponses.reponse(ligne.motif, _libelle(house, ligne), values, ligne.precision, second)


def _libelle(house: House, ligne: Ligne) -> str:
    return words.libelle(house.libelles.motifs.get(ligne.motif, ligne.motif))


def lien(reply: str, token: str) -> str:
    """The link that begins an answer about an invoice of this letter, but for the number of the invoice at its end."""
    return f"mailto:{quote(reply, safe='@+')}?subject={quote(f'Réf. mb-{token} – facture n° ')}"


def fiche(house: House, ligne: Ligne, full: bool, link: str, today: date) -> Fiche:
    """One refused invoice as it is shown on `today`. `full`: with NIR and birth date; `link`: see `lien`."""
    values = _values(house, ligne)
    reponse = _reponse(house, ligne, values)
    motif = _libelle(house, ligne)
    anomalie = house.consignes.pour(ligne.motif, ligne.precision)
    return Fiche(
        facture=values["numero_facture"],
        patient=values["patient"],
        naissance=words.naissance(words.inert(ligne.date_naissance, 20), full),
        nir=words.nir(ligne.nir, full),
        montant=values["montant_total"],
        part_rc=values["part_rc"],
        motif=motif,
        # Its motif is that of many errors: the dictionary names this one.
        bref=anomalie.libelle if anomalie and ligne.precision else motif,
        raison=reponse.raison,
        a_faire=reponse.a_faire,
        delai=_delai(reponse, ligne.limite, today),
        lot=values["numero_lot"],
        recu=values["date_reception"],
        critere=words.inert(ligne.critere_archivage, 20),
        numero_ps=words.inert(ligne.numero_ps, 20),
        anomalie=anomalie,
        lien=link + quote(values["numero_facture"]),
        rejet=ligne.rejet,
    )


def _delai(reponse: Reponse, limite: date | None, today: date) -> str:
    """By when, as the text of the motif says it; a day that is over is said to be."""
    if not reponse.delai or limite is None or today <= limite:
        return reponse.delai
    return (
        f"Le délai de deux ans a pris fin le {words.date_longue(limite)}{NBSP}: une facture renvoyée maintenant serait "
        "refusée."
    )


def _advice(organisation: Organisation) -> tuple[str, ...]:
    """What holds for every refusal, said once a mail (motifs.md §2)."""
    where = ", ".join(words.inert(line, 80) for line in organisation.postal_address.splitlines() if line.strip())
    letter = f", ou écrivez-nous{NBSP}: {where}" if where else ""
    return (
        "Pour corriger, corrigez directement sur la facture. Une facture corrigée part dans un nouveau lot, avec un "
        "nouveau numéro de facture.",
        "N’envoyez pas les pièces papier d’une facture refusée.",
        f"Une question, un document à joindre{NBSP}? Répondez à ce message en indiquant le n°{NBSP}de la "
        f"facture{letter}.",
    )


def _preview(fiches: Sequence[Fiche], returned: int) -> str:
    """The line that a mail reader shows beside the subject: motifs only, no patient."""
    motifs = list(dict.fromkeys(fiche.motif for fiche in fiches))
    if not motifs:
        return "Le point sur vos paiements." if returned else "Le point sur vos lots."
    more = f" et {words.pluriel(len(motifs) - 3, 'autre motif', 'autres motifs')}" if len(motifs) > 3 else ""
    return ", ".join(motifs[:3]) + more + "."
