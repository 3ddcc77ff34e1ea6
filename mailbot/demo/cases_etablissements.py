"""The invoices of the houses: health centre, laboratory, optician, ambulances, hospital, radiology."""

from __future__ import annotations

from mailbot.demo import people
from mailbot.demo.acts import acte, jour
from mailbot.demo.sample import Cas, Lot

_VIDE = {"date_facture": "", "montant_total": "", "part_rc_demandee": ""}

TILLEULS = Lot(
    people.TILLEULS,
    "CS-0206",
    "MS",
    (
        # The card has no column MS: in a health centre SE is enough.
        Cas("H5", "", "T9101", people.ROUSSILHE, (acte("CS", jour(2, 5)),), valeur="accord"),
        # Her husband's NIR and birth date, her own name.
        Cas("E2", "ERREUR_CONTENU_FACTURE", "T9102", people.BERARD, (acte("CS", jour(2, 5)),), {"prenom": "Lucienne"}),
        Cas("F4", "MANQUE_CONSIGNE", "T9103", people.VERNEAU, (acte("CS", jour(2, 6)),)),
        Cas("H5", "", "T9104", people.MIRECOURT, (acte("CS", jour(2, 9)),), valeur="accord"),
    ),
)

LABO = Lot(
    people.LABO,
    "BV260227",
    "BIO",
    (
        Cas("H5", "", "L70011", people.LECOURBE, (acte("B", jour(2, 12), coefficient="40"),), valeur="accord"),
        Cas("H5", "", "L70012", people.SANTERRE, (acte("B", jour(2, 12), coefficient="85"),), valeur="accord"),
        Cas("F2", "BENEFICIAIRE_NON_COUVERT", "L70013", people.MIRECOURT, (acte("B", jour(2, 13), coefficient="62"),)),
        Cas("D1", "DEMANDE_DUPLICATA", "L70014", people.JOUVENCEL, (acte("B", jour(2, 13), coefficient="20"),), _VIDE),
        Cas(
            "H3", "MONTANT_DIFFERENT", "L70015", people.PETITDIDIER, (acte("B", jour(2, 16), coefficient="110"),),
            valeur={"resultat": "valorisee", "montant_calcule": "25,00"},
        ),
    ),
)  # fmt: skip

OPTIQUE = Lot(
    people.OPTIQUE,
    "0000064",
    "OPT",
    (
        Cas(
            "H5", "", "2210", people.ROCHEBRUNE, (acte("MON", jour(1, 30)), acte("VER", jour(1, 30), 2)),
            {"numero_pec": "PEC202600712"}, valeur="accord",
        ),
        # The card asks for a prior agreement, the invoice has none.
        Cas("F7", "MANQUE_CONSIGNE", "2211", people.ABADIE, (acte("MON", jour(2, 2)), acte("VER", jour(2, 2), 2))),
        Cas(
            "B6", "HISTO_CLIENT", "2212", people.GALLOIS, (acte("MON", jour(1, 15)),),
            traces=(("histo_client", {"mutuelle": people.HORIZON, "date_paiement": "04/02/2026"}),),
        ),
        Cas(
            "C6", "ERREUR_CONTENU_FACTURE", "2213", people.TREVISAN, (acte("VER", jour(2, 3)),),
            {"type_document": "bordereau_virement"},
        ),
    ),
)  # fmt: skip

AMBULANCES = Lot(
    people.AMBULANCES,
    "15",
    "TRA",
    (
        Cas("H5", "", "A0301", people.DUFOURMANTEL, (acte("ABA", jour(2, 7)),), valeur="accord"),
        # These two are the PS's to answer, but nobody can write to it: Trame.
        Cas("C2", "DESTINATAIRE_INCERTAIN", "A0302", people.VASSELIN, (acte("ABA", jour(2, 8)),), {"destinataire": ""}),
        Cas(
            "H2", "BENEFICIAIRE_NON_COUVERT", "A0303", people.SAUVETERRE, (acte("ABA", jour(2, 9)),),
            valeur={"resultat": "refusee"},
        ),
        Cas(
            "A2", "INCOHERENCE_DOCUMENT_TACHE", "A0304", people.BERARD, (acte("ABA", jour(2, 10)),),
            {"tache_numero_ps": people.HOPITAL.numero},
        ),
    ),
)  # fmt: skip

HOPITAL = Lot(
    people.HOPITAL,
    "H26-00211",
    "HOSP",
    (
        Cas("H5", "", "8800145", people.PHELIPPOT, (acte("FJ", jour(2, 1), 3),), valeur="accord"),
        Cas("F6", "DROITS_FERMES", "8800146", people.HALLUIN, (acte("FJ", jour(1, 14), 2),)),
        Cas("F5", "MANQUE_CONSIGNE", "8800147", people.PASQUIOU, (acte("FJ", jour(1, 19)),)),
        # The récapitulatif asks for one day more than the invoice.
        Cas(
            "G7", "ERREUR_CONTENU_FACTURE", "8800148", people.KERDONCUFF, (acte("FJ", jour(2, 16), 4),),
            recapitulatif=(acte("FJ", jour(2, 16), 5),),
        ),
        Cas(
            "G8", "ERREUR_CONTENU_FACTURE", "8800149", people.OUEDRAOGO,
            (acte("CS", jour(2, 17), adeli="999000111"), acte("CS", jour(2, 18), adeli="999000222")),
        ),
    ),
)  # fmt: skip

IMAGERIE = Lot(
    people.IMAGERIE,
    "0000902",
    "RAD",
    (
        Cas("H5", "", "R1201", people.NGUYEN_VIEL, (acte("RAD", jour(2, 19)),), valeur="accord"),
        Cas(
            "A1", "DOCUMENT_NON_EXPLOITABLE", "R1202", people.BOUZIANE, (acte("RAD", jour(2, 19)),),
            {"type_document": "illisible"},
        ),
        Cas(
            "G5", "ERREUR_CONTENU_FACTURE", "R1203", people.ESTEVENIN, (acte("RAD", jour(2, 20)),),
            recapitulatif=(acte("RAD", jour(2, 21)),),
        ),
        # An act of this invoice was paid on another one.
        Cas(
            "B5", "ACTE_DEJA_PAYE", "R1204", people.MONTAGNAC, (acte("RAD", jour(1, 26)),),
            traces=(
                ("agica_actes", {"numero_facture": "R1177", "code_acte": "RAD", "date_paiement": "13/02/2026"}),
            ),
        ),
    ),
)  # fmt: skip
