"""The invoices of the two pharmacies. The first one has twelve refusals to answer: its bordereau takes two mails."""

from __future__ import annotations

from mailbot.demo import people
from mailbot.demo.acts import acte, jour, ordonnance
from mailbot.demo.sample import FAUSSE_CLE, Cas, Lot

VIEUX_PONT = Lot(
    people.VIEUX_PONT,
    "26-0118",
    "PHAR",
    (
        # Nothing stands against these.
        Cas("H5", "", "18801", people.BERARD, ordonnance(jour(2, 3), 1840), valeur="accord"),
        Cas("H5", "", "18802", people.KERDONCUFF, ordonnance(jour(2, 3), 725), valeur="accord"),
        Cas("H5", "", "18803", people.OUEDRAOGO, ordonnance(jour(2, 4), 4210), valeur="accord"),
        # Not valued yet: to enter.
        Cas("H1", "", "18804", people.VASSELIN, ordonnance(jour(2, 4), 3395)),
        # Twelve that the pharmacy must answer.
        Cas("C1", "100_RO", "18805", people.DUFOURMANTEL, ordonnance(jour(2, 5), 12650), {"taux_ro": "100"}),
        Cas("E5", "BENEFICIAIRE_INCONNU", "18806", people.INCONNU, ordonnance(jour(2, 5), 990)),
        Cas("C2", "DESTINATAIRE_INCERTAIN", "18807", people.ABADIE, ordonnance(jour(2, 6), 1520), {"destinataire": ""}),
        Cas(
            "C2", "DESTINATAIRE_INCERTAIN", "18808", people.GALLOIS, ordonnance(jour(2, 6), 2315),
            {"part_assure": "4,50"},
        ),
        Cas("C3", "FACTURE_ASSURE", "18809", people.TREVISAN, ordonnance(jour(2, 6), 880), {"destinataire": "assure"}),
        Cas("C4", "FACTURE_PLUS_2_ANS", "18810", people.LECOURBE, ordonnance(jour(11, 14, 2023), 1675)),
        Cas(
            "B2", "FACTURE_DEJA_PAYEE", "18811", people.MONTAGNAC, ordonnance(jour(1, 12), 2740),
            traces=(("agica", {"etat": "LIQUIDE", "date_liquidation": "29/01/2026"}),),
        ),
        # The pharmacy sends this one again with its date, in a new lot: see RETOUR below.
        Cas("D2", "MANQUE_DETAIL", "18812", people.CARADEC, ordonnance(jour(2, 9), 3160), {"date_facture": ""}),
        Cas(
            "D2", "MANQUE_DETAIL", "18813", people.PHELIPPOT, ordonnance(jour(2, 9), 1195),
            {"part_rc_demandee": "", "montant_total": ""},
        ),
        Cas(
            "E0", "ERREUR_CONTENU_FACTURE", "18814", people.BOUZIANE, ordonnance(jour(2, 10), 645),
            {"nir": FAUSSE_CLE},
        ),
        Cas(
            "E1", "ERREUR_CONTENU_FACTURE", "18815", people.NGUYEN_VIEL, ordonnance(jour(2, 10), 1430),
            {"date_naissance": "20/04/2010"},
        ),
        Cas(
            "G6", "ERREUR_CONTENU_FACTURE", "18816", people.SANTERRE,
            (acte("PH4", jour(2, 11), prix=560), acte("HD7", jour(2, 11), prix=152)),
        ),
        # One for the gestionnaire: the card ended with the year.
        Cas("F1", "DROITS_FERMES", "18817", people.LANGLADE, ordonnance(jour(2, 11), 5120)),
    ),
)  # fmt: skip

HALTE = Lot(
    people.HALTE,
    "0000457",
    "PHAR",
    (
        Cas("H5", "", "900412", people.ROCHEBRUNE, ordonnance(jour(2, 16), 2105), valeur="accord"),
        Cas("H5", "", "900413", people.ESTEVENIN, ordonnance(jour(2, 16), 790), valeur="accord"),
        Cas(
            "G2", "ERREUR_CONTENU_FACTURE", "900414", people.JOUVENCEL, ordonnance(jour(2, 17), 1340),
            {"code_acte": "PHZ"},
        ),
        # Two people of this name and birth date, and a NIR that is neither's.
        Cas("E3", "BENEFICIAIRE_INCONNU", "900415", people.HOMONYME, ordonnance(jour(2, 17), 2980)),
        # Refused before as a duplicate of an invoice that was settled.
        Cas(
            "B4", "ACTE_DEJA_PAYE", "900416", people.PETITDIDIER, ordonnance(jour(1, 20), 1815),
            traces=(
                (
                    "agica",
                    {
                        "etat": "REJETE",
                        "motif_rejet": "Doublon total",
                        "date_liquidation": "05/02/2026",
                        "numero_facture_reglee": "900377",
                    },
                ),
            ),
        ),
    ),
)  # fmt: skip

#: What the Pharmacie du Vieux Pont sends back in the afternoon: 18812 with its date, as invoice 18840 of a new lot.
RETOUR = Lot(
    people.VIEUX_PONT,
    "26-0119",
    "PHAR",
    (Cas("H5", "", "18840", people.CARADEC, ordonnance(jour(2, 9), 3160), valeur="accord"),),
)
