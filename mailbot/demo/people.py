"""Who there is on the sample day: twelve PS and the patients. All of them invented.

The NIRs are well-formed and nobody's: department 99 (born abroad) with the country 999, which does not exist.
"""

from __future__ import annotations

from datetime import date

from mailbot.demo.sample import PS, Carte, Patient

# -- PS: third digit 0 = health centre; an empty mail = nobody can write to it -------------------------------------

VIEUX_PONT = PS(
    "592099113", "Pharmacie du Vieux Pont", "Pharmacie", "Saint-Aubin-sur-Lorme", "59999",
    "contact@pharmacie-vieux-pont.example.fr", "rue du Vieux Pont",
)  # fmt: skip
HALTE = PS(
    "692099229", "Pharmacie de la Halte", "Pharmacie", "Montferrand-le-Bas", "69999",
    "pharmacie.halte@example.org", "place de la Halte",
)  # fmt: skip
TILLEULS = PS(
    "590123451", "Centre de santé des Tilleuls", "Centre de soins", "Villeneuve-les-Tilleuls", "59998",
    "accueil@tilleuls.example.fr", "allée des Tilleuls",
)  # fmt: skip
LABO = PS(
    "132099334", "Laboratoire BioVallée", "Laboratoire", "Les Aubépines", "13999",
    "facturation@biovallee.example.fr", "avenue des Aubépines",
)  # fmt: skip
OPTIQUE = PS(
    "564099448", "Optique du Phare", "Opticien", "Port-Kerlann", "56999",
    "bonjour@optique-du-phare.example.fr", "quai du Phare",
)  # fmt: skip
INFIRMIERES = PS(
    "356099556", "Cabinet infirmier Tanguy-Lescop", "Infirmier", "Plessis-Rivière", "35999",
    "cabinet.tanguy.lescop@example.fr", "rue de la Rivière",
)  # fmt: skip
KINE = PS(
    "294099668", "Cabinet de kinésithérapie Delaunoy", "Masseur-kinésithérapeute", "Trévennec", "29999",
    "kine.delaunoy@example.fr", "rue des Ajoncs",
)  # fmt: skip
DENTISTE = PS(
    "508099777", "Dr Solenn Quéméré, chirurgien-dentiste", "Dentiste", "Sainte-Honorine-du-Bois", "50999",
    "dr.quemere@example.org", "rue du Bois",
)  # fmt: skip
AMBULANCES = PS(
    "631099884", "Ambulances des Monts", "Transport", "Chambreuil", "63999", "", "route des Monts",
)  # fmt: skip
HOPITAL = PS(
    "931099006", "Centre hospitalier du Val d’Orsonne", "Hôpital", "Orsonne", "93999",
    "tiers.payant@ch-orsonne.example.fr", "boulevard de l’Hôpital",
)  # fmt: skip
GENERALISTE = PS(
    "752099119", "Dr Amadou Ferrandier, médecine générale", "Médecin", "Boisjoli", "75999",
    "dr.ferrandier@example.fr", "rue du Marché",
)  # fmt: skip
IMAGERIE = PS(
    "802099226", "Imagerie médicale des Remparts", "Radiologie", "Hautecourt", "80999",
    "secretariat@imagerie-remparts.example.org", "cours des Remparts",
)  # fmt: skip

TOUS = (
    VIEUX_PONT, HALTE, TILLEULS, LABO, OPTIQUE, INFIRMIERES, KINE, DENTISTE, AMBULANCES, HOPITAL, GENERALISTE, IMAGERIE,
)  # fmt: skip

#: What AGAPS holds for the health centre besides its own address: the second of the two Almerys addresses is used.
MAILS_DES_CENTRES = (
    (TILLEULS.numero, "Almerys", "Retours PS", "retours1@tilleuls.example.fr"),
    (TILLEULS.numero, "Viamedis", "Retours PS", "viamedis@tilleuls.example.fr"),
    (TILLEULS.numero, "Almerys", "Retour PS", "retours2@tilleuls.example.fr"),
)

# -- cards -----------------------------------------------------------------------------------------------------

HORIZON, LORME, APRIL = "Mutuelle Horizon", "Prévoyance de la Lorme", "April Santé"
COMPLETE = (
    "PHAR=100%|PH4=100%|PH7=100%|BIO=100%|RAD=100%|AUX=100%|SE=100%|OPT=PEC|SDENT=100%|HOSP=100%|TRA=100%|"
    "MG=100%|MS=100%|MK=100%"
)
SANS_BIOLOGIE = COMPLETE.replace("BIO=100%", "BIO=-")
SANS_TRANSPORT = COMPLETE.replace("TRA=100%", "TRA=-")
SOINS_EXTERNES = "PHAR=100%|SE=100%"

# -- patients --------------------------------------------------------------------------------------------------


def _patient(
    order: int, sexe: int, nom: str, prenom: str, naissance: date, *cartes: Carte, radiation: date | None = None
) -> Patient:
    nir = f"{sexe}{naissance:%y%m}99999{order:03}"
    own = cartes or (Carte(f"HZ{order:04}", HORIZON, COMPLETE),)
    return Patient(f"R{order:04}", nir, nom, prenom, naissance, own, radiation)


BERARD = _patient(1, 1, "Bérard", "Lucien", date(1951, 4, 12))
KERDONCUFF = _patient(2, 2, "Kerdoncuff", "Maëlle", date(1988, 9, 30))
VASSELIN = _patient(3, 2, "Vasselin", "Odette", date(1944, 1, 5))
OUEDRAOGO = _patient(4, 1, "Ouédraogo-Lemaire", "Issa", date(1979, 11, 21))
PETITDIDIER = _patient(5, 2, "Petitdidier", "Zoé", date(2001, 6, 17))
MONTAGNAC = _patient(6, 1, "Montagnac", "Rémi", date(1966, 2, 28))
LECOURBE = _patient(7, 2, "Lecourbe", "Hélène", date(1957, 8, 3))
SANTERRE = _patient(8, 1, "Santerre", "Baptiste", date(1993, 12, 9))
ABADIE = _patient(9, 2, "Abadie", "Nour", date(1984, 3, 25))
TREVISAN = _patient(10, 1, "Trévisan", "Paolo", date(1972, 7, 14))
GALLOIS = _patient(11, 2, "Gallois", "Marie-Ange", date(1949, 10, 19))
PHELIPPOT = _patient(12, 1, "Phélippot", "Yann", date(1990, 5, 6))
ROCHEBRUNE = _patient(13, 2, "de Rochebrune", "Apolline", date(1976, 9, 11))
NGUYEN_VIEL = _patient(14, 1, "Nguyen-Viel", "Théo", date(2010, 4, 2))
CARADEC = _patient(15, 2, "Caradec", "Soizic", date(1961, 1, 29))
DUFOURMANTEL = _patient(16, 1, "Dufourmantel", "Gaspard", date(1938, 12, 24))
BOUZIANE = _patient(17, 2, "Bouziane", "Lina", date(1996, 8, 8))
ESTEVENIN = _patient(18, 1, "Estévenin", "Hugo", date(1982, 10, 1))
JOUVENCEL = _patient(19, 2, "Jouvencel", "Camille", date(1999, 2, 13))
# The card ended with the year.
LANGLADE = _patient(
    20, 1, "Langlade", "Serge", date(1955, 5, 31), Carte("HZ0020", HORIZON, COMPLETE, fin=date(2025, 12, 31))
)
# The contract does not cover biology.
MIRECOURT = _patient(21, 2, "Mirecourt", "Flore", date(1987, 7, 7), Carte("HZ0021", HORIZON, SANS_BIOLOGIE))
# Another contract from 1 February on.
CHANTEREL = _patient(
    22, 1, "Chanterel", "Joris", date(1992, 3, 18),
    Carte("HZ0022", HORIZON, COMPLETE, fin=date(2026, 1, 31)),
    Carte("LO0022", LORME, COMPLETE, debut=date(2026, 2, 1)),
)  # fmt: skip
# The card came back: no longer at this address.
VERNEAU = _patient(23, 2, "Verneau", "Colette", date(1947, 6, 22), Carte("LO0023", LORME, COMPLETE, motif="NPAI"))
# The card was handed back.
PASQUIOU = _patient(24, 1, "Pasquiou", "Erwan", date(1971, 9, 4), Carte("LO0024", LORME, COMPLETE, motif="Restitution"))
# The card still runs, the rights of the contract are closed.
HALLUIN = _patient(25, 2, "Halluin", "Brigitte", date(1953, 11, 16), radiation=date(2025, 12, 31))
# Transport is not on the card; April lets it through to the valuation.
SAUVETERRE = _patient(26, 1, "Sauveterre", "Adrien", date(1964, 4, 27), Carte("AP0026", APRIL, SANS_TRANSPORT))
# In a health centre the column SE is enough.
ROUSSILHE = _patient(27, 2, "Roussilhe", "Inès", date(2004, 1, 20), Carte("LO0027", LORME, SOINS_EXTERNES))
# Two people of one name, born on the same day.
DELORME_A = _patient(28, 1, "Delormel", "Antoine", date(1980, 2, 2))
DELORME_B = _patient(29, 1, "Delormel", "Antoine", date(1980, 2, 2))
# Nobody of these is in PROTIPS.
INCONNU = _patient(90, 2, "Verdonk", "Astrid", date(1969, 3, 3))
HOMONYME = _patient(91, 1, "Delormel", "Antoine", date(1980, 2, 2))

CONNUS = (
    BERARD, KERDONCUFF, VASSELIN, OUEDRAOGO, PETITDIDIER, MONTAGNAC, LECOURBE, SANTERRE, ABADIE, TREVISAN, GALLOIS,
    PHELIPPOT, ROCHEBRUNE, NGUYEN_VIEL, CARADEC, DUFOURMANTEL, BOUZIANE, ESTEVENIN, JOUVENCEL, LANGLADE, MIRECOURT,
    CHANTEREL, VERNEAU, PASQUIOU, HALLUIN, SAUVETERRE, ROUSSILHE, DELORME_A, DELORME_B,
)  # fmt: skip
