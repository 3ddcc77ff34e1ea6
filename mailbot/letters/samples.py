"""Invented people and invoices on which templates and texts are tried before they count.

Owns: one refusal for every motif of the catalogue, every détail and every erreur, a page without refusals, and values
at their limits (nothing known, long names, marks that HTML must escape). Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mailbot.letters import answer, bordereau, digest, page, rapport, receipt, relance, samples_register
from mailbot.letters.digest import Attente
from mailbot.letters.lignes import Bilan, House, Ligne, Trimestre
from mailbot.letters.receipt import Receipt
from mailbot.letters.relance import Rappel
from mailbot.letters.retours import LigneRetour
from mailbot.letters.textes import Textes
from mailbot.model import Facture, Missing, ReplyAct, Route, Status
from mailbot.model.retours import EtatPaiement, Raison

TOKEN = "exemple2exemple3exemple456"  # noqa: S105 - the reference of a letter that is never sent
NOW = datetime(2026, 2, 1, 7, 30, tzinfo=UTC)
NUMERO_PS = "750099991"
RAISON_SOCIALE = "PHARMACIE DU PORT"
ADRESSE = "contact@pharmacie-du-port.example.fr"
#: Where addresses are registered.
INSCRIPTION = "envoi.fluxtiers@example.fr"

#: Three months of the sample PS.
TRIMESTRE = Trimestre(212, 171, 41, "ERREUR_CONTENU_FACTURE", "IDENTITE_NIR", 14)

_EXEMPLE = Textes.of(
    {"exemple": "Objet : Votre message <&> du {jour}\nUn paragraphe sur {factures}.\n- un point\n- un autre\n"}, {}
).named("exemple")

_PATIENTS = (
    ("LENOIR", "Camille", "1957-03-07", "2570399001017"),
    ("DE LA TOUR D’ARGENT-VANDEKERKHOVE", "Marie-Élisabeth", "1984-12-25", "2841299002029"),
    ("O'BRIEN <&>", "Zoé", "", ""),
)


#: What a rule or a gestionnaire adds to a motif (motifs.md, §4).
_COMMENTAIRES = {
    "A_CONTROLER": "facture en cours",
    "ACTE_DEJA_PAYE": "25998, 25999",
    "HISTO_CLIENT": "Mutuelle des Dunes sur la facture n° 25990",
    "INCOHERENCE_DOCUMENT_TACHE": "tâche 750099992, facture 750099991",
    "MONTANT_DIFFERENT": "demandé 27,50, calculé 25,00",
    "PART_RC_DIFFERENTE": "demandée 14,37, calculée 12,50",
    "MANQUE_CONSIGNE": "PEC",
}


def lignes(house: House) -> tuple[Ligne, ...]:
    """One row for every motif, détail and erreur of the catalogue of this house."""
    return tuple(_ligne(number, *codes) for number, codes in enumerate(_codes(house)))


def contexts(house: House) -> dict[str, list[dict[str, Any]]]:
    """Sample contexts by kind, for `Templates.check` and for a preview."""
    rows = bordereau.pages(lignes(house), 10)
    count = sum(map(len, rows))
    clean = Bilan("20260117", date(2026, 1, 17), 9, 9, 0, 0, 0)
    bilans = (clean, Bilan("20260131", date(2026, 1, 31), count + 11, 9, count, 1, 1))
    pages = [_page(house, chunk, bilans, at, len(rows)) for at, chunk in enumerate(rows, 1)]
    pages.append(_page(house, (), (clean,), 1, 1))
    return {
        "bordereau": pages,
        "inscription": samples_register.inscriptions(house, TOKEN, NOW),
        "etat": samples_register.etats(house, TOKEN, NOW),
        "reponse": _answers(house),
        "accuse": _receipts(house),
        "rapport": _reports(house),
        "relance": [_reminder(house, 1), _reminder(house, 45)],
        "digest": [_digest(house)],
    }


def _reports(house: House) -> list[dict[str, Any]]:
    """A day without anything to say, and one with everything."""
    clean = Bilan("20260117", date(2026, 1, 17), 9, 9, 0, 0, 0)
    busy = Bilan("20260131", date(2026, 1, 31), 40, 36, 0, 3, 1)
    return [
        rapport.page_context(house, NUMERO_PS, RAISON_SOCIALE, (clean, busy), signalees(), TRIMESTRE, TOKEN, NOW),
        rapport.page_context(house, NUMERO_PS, "", (clean,), (), None, TOKEN, NOW),
    ]


def signalees() -> tuple[Facture, ...]:
    """Invoices that were taken although their file says something two ways."""
    said = ("total de la facture 47,90 € au lieu de 47,80 € selon ses lignes", "2 lignes annoncées, 3 trouvées <&>")
    return tuple(_facture(f"{26200 + at}", said[: 1 + at % 2]) for at in range(32))


def _facture(numero: str, said: tuple[str, ...]) -> Facture:
    nom, prenom, naissance, nir = _PATIENTS[0]
    return Facture(
        numero_lot="20260131", date_reception=date(2026, 1, 31), numero_ps=NUMERO_PS, numero_facture=numero,
        numero=numero, nir=nir, nir_valide=True, critere_archivage="4000000000", date_facture=None, nom=nom,
        prenom=prenom, date_naissance=naissance, rang_naissance=1, specialite="PHAR", taux_ro=None, destinataire="oc",
        part_assure=None, parcours_soins="", type_document="facture_informatique", tache_numero_ps="", mention="",
        numero_pec="", montant_total=4790, part_rc_demandee=1437, actes=(), recapitulatif=None, avertissements=said,
    )  # fmt: skip


def _reminder(house: House, count: int) -> dict[str, Any]:
    rows = [one for one in lignes(house) if house.reponses.delai(one.motif)]
    rows = (rows * count)[:count]
    rappels = tuple(Rappel(one, date(2026, 1, 5 + at % 3)) for at, one in enumerate(rows))
    return relance.page_context(house, rappels, NUMERO_PS, RAISON_SOCIALE, count > 1, TOKEN, NOW)


def attentes() -> tuple[Attente, ...]:
    """What may wait for a gestionnaire, from nothing to too much."""
    days = tuple(NOW - timedelta(days=at, hours=at) for at in range(12))
    many = tuple(
        (day, f"mail {at}, réponse, PS {NUMERO_PS} : sans <référence> & sans n° de facture")
        for at, day in enumerate(days)
    )
    return (
        Attente("mail à revoir", "mails à revoir", "review list", many),
        Attente("courrier en doute", "courriers en doute", "outbox list", ((days[1], f"courrier 7, PS {NUMERO_PS}"),)),
        Attente("fichier mis de côté", "fichiers mis de côté", "review list", ()),
        Attente(
            "faute de modèle", "fautes de modèles", "check", ((None, "templates/bordereau.txt:3:1 : nom inconnu"),)
        ),
    )


def _digest(house: House) -> dict[str, Any]:
    return digest.page_context(house, attentes(), TOKEN, NOW)


def receipts() -> tuple[Receipt, ...]:
    """One of everything settled, one in part, one of nothing understood, one of a new lot."""
    acts = tuple(receipt.Ligne(f"{26000 + at}", "20260131", act) for at, act in enumerate((*ReplyAct, None)))
    ends = ((Status.ACCEPTEE, None, ""), (Status.A_SAISIR, None, ""), (Status.REFUSEE, Route.PS, "100 % RO"))
    closed = tuple(
        receipt.Ligne(f"{26010 + at}", "20260131", ReplyAct.CORRIGEE, f"{26110 + at}", status, motif, route)
        for at, (status, route, motif) in enumerate(ends)
    )
    return (
        Receipt(closed[:1]),
        Receipt((*closed, *acts), unknown=("4711",), human=True, left=2),
        Receipt(missing=Missing.NUMBER, human=True),
        Receipt(missing=Missing.LOT, human=True),
        Receipt(missing=Missing.TEXT, human=True),
        Receipt(taken=12),
    )


def _receipts(house: House) -> list[dict[str, Any]]:
    organisation = house.organisation
    return [
        receipt.page_context(organisation, one, NUMERO_PS, RAISON_SOCIALE if at else "", TOKEN, NOW)
        for at, one in enumerate(receipts())
    ]


def _answers(house: House) -> list[dict[str, Any]]:
    """Every text that an agent may answer with, and one with all that a text can have, where every value is known."""
    known = answer.values(
        house.organisation, registration_address=INSCRIPTION, received=NOW, factures=("26001", "26002", "26003"),
        numero_ps=NUMERO_PS, raison_sociale=RAISON_SOCIALE,
    )  # fmt: skip
    known = {name: value or "–" for name, value in known.items()}
    return [
        answer.page_context(house.organisation, one, known, TOKEN, NOW)
        for one in (*house.textes.texts.values(), _EXEMPLE)
    ]


def _page(house: House, rows: tuple[Ligne, ...], bilans: tuple[Bilan, ...], at: int, total: int) -> dict[str, Any]:
    return page.context(
        house,
        contact=ADRESSE,
        numero_ps=NUMERO_PS,
        raison_sociale=RAISON_SOCIALE,
        lignes=rows,
        bilans=bilans if at == 1 else (),
        index=at,
        total=total,
        token=TOKEN,
        now=NOW,
        retours=retours(house) if at == 1 else (),
        trimestre=TRIMESTRE if at == 1 else None,
        jointes=("Une copie de ce bordereau est jointe en PDF.",) if house.pdf else (),
        refus=bilans[-1].refusees,
    )


def retours(house: House) -> tuple[LigneRetour, ...]:
    """A return with a consigne, one without, and one that says nothing."""
    known = next(iter(house.consignes.par_numero), "")
    nom, prenom, naissance, nir = _PATIENTS[0]
    raisons = ((Raison(known, f"ASSURE {nom}", "F", "C"),), (Raison("9X99", "<&>", "F", "O"),), ())
    etats = (EtatPaiement.REFUSEE, EtatPaiement.REFUSEE, EtatPaiement.DIFFEREE)
    return tuple(
        LigneRetour(NUMERO_PS, "131", f"{26100 + at}", nir, naissance, etat, why, nom, prenom)
        if at
        else LigneRetour(NUMERO_PS, "131", f"{26100 + at}", "", "", etat, why)
        for at, (etat, why) in enumerate(zip(etats, raisons, strict=True))
    )


def _codes(house: House) -> Iterator[tuple[str, str, str]]:
    for motif in house.libelles.motifs:
        if motif == "MANQUE_DETAIL":
            yield from ((motif, detail, "") for detail in house.libelles.details)
        elif motif == "ERREUR_CONTENU_FACTURE":
            yield from ((motif, "", erreur) for erreur in house.libelles.erreurs)
        else:
            yield motif, "", ""


def _ligne(number: int, motif: str, detail: str, erreur: str) -> Ligne:
    nom, prenom, naissance, nir = _PATIENTS[number % len(_PATIENTS)]
    known = number % len(_PATIENTS) != 2
    return Ligne(
        numero_lot="20260131",
        date_reception=date(2026, 1, 31),
        critere_archivage=f"{4000000000 + number}",
        numero_ps=NUMERO_PS,
        nir=nir,
        numero_facture=f"{26000 + number}",
        numero_brut=f"{26000 + number}",
        nom=nom,
        prenom=prenom,
        date_naissance=naissance,
        montant_total=4790 + 1111 * number if known else None,
        part_rc=1437 if known else None,
        motif=motif,
        detail=detail,
        erreur=erreur,
        date=date(2026, 1, 5) if known else None,
        commentaire=_COMMENTAIRES.get(motif, "") if known else "",
        rejet=number + 1,
        # Two years after the care: on one of them that day is over.
        limite=date(2026 if number % 9 == 3 else 2028, 1, 5 + number % 9) if known else None,
    )
