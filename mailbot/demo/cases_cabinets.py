"""The invoices of those who work alone or in a small practice: nurses, physiotherapist, dentist, doctor."""

from __future__ import annotations

from mailbot.demo import people
from mailbot.demo.acts import acte, jour
from mailbot.demo.sample import Cas, Lot

_LIQUIDE = {"etat": "LIQUIDE", "date_liquidation": "12/02/2026"}

INFIRMIERES = Lot(
    people.INFIRMIERES,
    "0000731",
    "AUX",
    (
        Cas("H5", "", "F2601", people.VASSELIN, (acte("AMI", jour(2, 2), coefficient="1,5"),), valeur="accord"),
        Cas(
            "H5", "", "F2602", people.DUFOURMANTEL,
            (acte("AMI", jour(2, 2), coefficient="1"), acte("MAU", jour(2, 2))), valeur="accord",
        ),
        # The nurses answer this one in words: see mails.py.
        Cas(
            "D2", "MANQUE_DETAIL", "F2603", people.BERARD, (acte("AMI", jour(2, 5), coefficient="2"),),
            {"quantite": ""},
        ),
        Cas("D2", "MANQUE_DETAIL", "F2604", people.LECOURBE, (acte("MN", jour(2, 6)),)),
        Cas(
            "G1", "ERREUR_CONTENU_FACTURE", "F2605", people.GALLOIS,
            (acte("AMI", jour(2, 9), coefficient="2"), acte("MAU", jour(2, 9))),
        ),
        Cas(
            "B1", "COMPLEMENT_FACTURE", "F2606", people.CARADEC, (acte("IFD", jour(1, 22), 2),),
            {"mention": "complement"}, traces=(("agica", _LIQUIDE),),
        ),
        Cas(
            "B3b", "A_CONTROLER", "F2607", people.MONTAGNAC, (acte("AMI", jour(2, 10), coefficient="1"),),
            traces=(("agica", {"etat": "En cours"}),),
        ),
    ),
)  # fmt: skip

KINE = Lot(
    people.KINE,
    "26-07",
    "MK",
    (
        Cas("H5", "", "K311", people.KERDONCUFF, (acte("AMK", jour(1, 27), coefficient="7,5"),), valeur="accord"),
        Cas(
            "C5", "PARCOURS_NON_RESPECTE", "K312", people.TREVISAN, (acte("AMK", jour(1, 28), coefficient="8"),),
            {"parcours_soins": "non"},
        ),
        Cas(
            "G4", "ERREUR_CONTENU_FACTURE", "K313", people.PHELIPPOT,
            (acte("AMK", jour(1, 12), coefficient="7,5"), acte("AMK", jour(2, 12), coefficient="7,5")),
            {"date_facture": "31/01/2026"},
        ),
        Cas(
            "H4", "PART_RC_DIFFERENTE", "K314", people.ABADIE, (acte("AMK", jour(2, 3), coefficient="9,5"),),
            valeur={"resultat": "valorisee", "part_rc_calculee": "6,30"},
        ),
    ),
)  # fmt: skip

DENTISTE = Lot(
    people.DENTISTE,
    "118",
    "SDENT",
    (
        Cas("H5", "", "D0087", people.ESTEVENIN, (acte("SDE", jour(2, 4)),), valeur="accord"),
        # The second visit fell under another contract.
        Cas(
            "F3", "ERREUR_CONTENU_FACTURE", "D0088", people.CHANTEREL,
            (acte("SDE", jour(1, 21)), acte("SDE", jour(2, 11))),
        ),
        Cas(
            "H2", "MANQUE_CONSIGNE", "D0089", people.BOUZIANE, (acte("SDE", jour(2, 12), 2),),
            valeur={"resultat": "refusee", "message": "plafond annuel de soins dentaires à vérifier"},
        ),
        Cas("H1", "", "D0090", people.SANTERRE, (acte("SDE", jour(2, 18)),)),
    ),
)  # fmt: skip

GENERALISTE = Lot(
    people.GENERALISTE,
    "2026-03",
    "MG",
    (
        Cas("H5", "", "5501", people.OUEDRAOGO, (acte("G", jour(2, 13)),), valeur="accord"),
        # Another PS was paid under this number; the mails never say who.
        Cas(
            "B3", "DOUBLON_PS_PS", "5502", people.NGUYEN_VIEL, (acte("G", jour(1, 8)),),
            traces=(("agica", {**_LIQUIDE, "numero_ps": people.TILLEULS.numero}),),
        ),
        # Older than two years, and AGICA has seen it (settled at zero).
        Cas(
            "C4", "FACTURE_PLUS_2_ANS", "5503", people.VASSELIN, (acte("G", jour(10, 6, 2023)),),
            traces=(("agica", {"etat": "Liquidé nul", "date_liquidation": "20/11/2023"}),),
        ),
    ),
)  # fmt: skip

#: A lot whose PS number nobody wrote.
SANS_NUMERO = Lot(None, "77", "MG", (Cas("A3", "MANQUE_PS", "42", people.PETITDIDIER, (acte("G", jour(2, 20)),)),))
