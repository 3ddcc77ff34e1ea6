"""A small working day on disk: a configuration, reference tables, a lot and mails. All people are invented."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage

from mailbot.cli import context
from mailbot.configuration import document
from mailbot.configuration import folder as folders
from mailbot.configuration.folder import Configuration
from mailbot.configuration.settings import Settings
from mailbot.ledger import Ledger
from mailbot.model.inscriptions import Proof
from mailbot.parsers import identifiers
from mailbot.passes import reference_files
from mailbot.passes.service import Edges, Service
from mailbot.reading import Here

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

PHARMACIE = "752000019"
CABINET = "691000018"
SANS_MAIL = "332000017"

COLUMNS = [
    "numero_lot",
    "critere_archivage",
    "date_reception",
    "numero_ps",
    "numero_facture",
    "date_facture",
    "nir",
    "nom",
    "prenom",
    "date_naissance",
    "rang_naissance",
    "specialite",
    "taux_ro",
    "destinataire",
    "part_assure",
    "parcours_soins",
    "type_document",
    "document",
    "tache_numero_ps",
    "mention",
    "numero_pec",
    "montant_total",
    "part_rc_demandee",
    "code_acte",
    "date_soins",
    "coefficient",
    "quantite",
    "prix_unitaire",
    "montant",
    "part_ro",
    "part_rc",
    "numero_adeli",
]


def nir(number: int) -> str:
    """An invented NIR with its key."""
    base = f"28501990{number:05d}"
    return f"{base}{identifiers.nir_key(base):02d}"


def row(**values: str) -> dict[str, str]:
    """A row that the rules accept (H5), but for what `values` says otherwise."""
    good = {
        "numero_lot": "L1", "critere_archivage": "4000000001", "date_reception": "01/03/2026", "numero_ps": PHARMACIE,
        "numero_facture": "1001", "date_facture": "20/02/2026", "nir": nir(1), "nom": "MARTELIN", "prenom": "JEANNE",
        "date_naissance": "03/01/1985", "rang_naissance": "1", "specialite": "PHAR", "taux_ro": "65",
        "destinataire": "oc", "part_assure": "", "parcours_soins": "oui", "type_document": "facture_informatique",
        "document": "facture", "montant_total": "20,00", "part_rc_demandee": "7,00", "code_acte": "PH7",
        "date_soins": "18/02/2026", "coefficient": "1", "quantite": "1", "prix_unitaire": "20,00", "montant": "20,00",
        "part_ro": "13,00", "part_rc": "7,00",
    }  # fmt: skip
    return {column: values.get(column, good.get(column, "")) for column in COLUMNS}


def lot_csv(*rows: dict[str, str]) -> bytes:
    lines = [";".join(COLUMNS)] + [";".join(one[column] for column in COLUMNS) for one in rows]
    return ("\r\n".join(lines) + "\r\n").encode()


THE_LOT = lot_csv(
    row(),
    row(numero_facture="1002", taux_ro="100"),
    row(numero_facture="1003", destinataire=""),
    row(numero_facture="1004", destinataire="assure"),
    row(numero_ps=CABINET, numero_facture="77", parcours_soins="non"),
    row(numero_ps=SANS_MAIL, numero_facture="5", taux_ro="100"),
    row(numero_facture="1005", numero_lot="L1", type_document="illisible"),
)

TABLES: dict[str, list[str]] = {
    "beneficiaires": [
        "reference;nir;date_naissance;rang_naissance;nom;prenom;mutuelle;contrat;numero_mutuelle",
        f"R1;{nir(1)};03/01/1985;1;MARTELIN;Jeanne;Mutuelle du Port;C1;42",
    ],
    "cartes": [
        "reference;contrat;mutuelle;date_debut;date_fin;restituee_le;motif_restitution;editee_le;numero_carte;garanties",
        "R1;C1;Mutuelle du Port;01/01/2026;31/12/2026;;;15/12/2025;9;PHAR=100%|PH7=100%|BIO=100%",
    ],
    "droits": ["reference;numero_mutuelle;contrat;adhesion;radiation;date_effet", "R1;42;C1;01/01/2020;;01/01/2020"],
    "agica": [
        "numero_ps;nir;numero_facture;date_debut_soins;montant_rc;specialite;etat;date_liquidation;motif_rejet;"
        "numero_facture_reglee"
    ],
    "agica_actes": ["numero_ps;nir;numero_facture;code_acte;date_soins;date_paiement"],
    "histo_client": ["mutuelle;nir;numero_ps;numero_facture;date_soins;date_paiement"],
    "agaps": [
        "numero_ps;raison_sociale;categorie;mail;telephone;fax;numero_voie;complement_numero;type_voie;libelle_voie;"
        "complement_adresse;code_postal;commune",
        f"{PHARMACIE};PHARMACIE DU PORT;PHAR;contact@pharmacie-port.example.fr;;;1;;QUAI;DES BRUMES;;75012;PARIS",
        f"{CABINET};CABINET DES TILLEULS;MG;accueil@tilleuls.example.org;;;2;;RUE;DES TILLEULS;;69003;LYON",
        f"{SANS_MAIL};PHARMACIE SANS ADRESSE;PHAR;;;;3;;RUE;HAUTE;;33000;BORDEAUX",
    ],
    "agaps_mails": ["numero_ps;convention;fonction;mail"],
    "valorisations": [
        "numero_lot;numero_ps;numero_facture;resultat;montant_calcule;part_rc_calculee;message",
        f"L1;{PHARMACIE};1001;valorisee;20,00;7,00;",
        f"L2;{PHARMACIE};2002;valorisee;20,00;7,00;",
    ],
    "nomenclature": ["code_acte;libelle;majoration;prix_unitaire", "PH7;Pharmacie 65 %;non;"],
}


def registration(numero_ps: str = PHARMACIE, sender: str = "contact@pharmacie-port.example.fr") -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "envoi.fluxtiers@example.fr"
    message["Subject"] = "Enregistrement de notre adresse"
    message["Message-ID"] = f"<inscription-{numero_ps}@example.fr>"
    message["Date"] = "Mon, 02 Mar 2026 07:00:00 +0100"
    message.set_content(f"Bonjour,\nmerci d'enregistrer notre adresse pour le n° PS {numero_ps}.\nCordialement\n")
    return message.as_bytes()


def chatter() -> bytes:
    """A mail that nobody can settle by rule."""
    message = EmailMessage()
    message["From"] = "inconnu@example.org"
    message["To"] = "service.fluxtiers@example.fr"
    message["Subject"] = "Bonjour"
    message["Message-ID"] = "<bonjour@example.org>"
    message.set_content("Bonjour, vos bureaux sont-ils ouverts samedi ?\n")
    return message.as_bytes()


def put(folder: pathlib.Path, name: str, raw: bytes) -> None:
    """A mail into the Maildir that is read."""
    new = folder / "var/courrier-entrant/new"
    for part in ("new", "cur", "tmp"):
        (new.parent / part).mkdir(parents=True, exist_ok=True)
    (new / name).write_bytes(raw)


def prepare(folder: pathlib.Path) -> None:
    """The configuration with reference tables loaded into a fresh ledger, a lot dropped and two mails waiting."""
    shutil.copytree(folders.shipped(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("var"))
    tables = folder / "var/references"
    tables.mkdir(parents=True)
    for name, lines in TABLES.items():
        (tables / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with service(folder) as ready:
        refused = [refus for read in reference_files.load(ready, [tables]) for refus in read.refus]
        assert not refused, refused
    drop = folder / "var/lots"
    drop.mkdir(parents=True)
    (drop / "lot.csv").write_bytes(THE_LOT)
    put(folder, "1.inscription", registration())
    put(folder, "2.bonjour", chatter())


@functools.cache
def _shipped() -> Configuration:
    return folders.load(folders.shipped())


def configured(folder: pathlib.Path) -> Configuration:
    """The configuration of a day: its own mailbot.yaml, and the shipped rules, texts and templates, read once."""
    text = (folder / "mailbot.yaml").read_text(encoding="utf-8")
    settings = document.validate(document.read_yaml(text, "mailbot.yaml"), Settings, {"folder": folder.resolve()})
    house = dataclasses.replace(
        _shipped().house,
        organisation=settings.organisation,
        outbox=settings.outbox,
        privacy=settings.privacy,
        pdf=settings.bordereau.pdf,
    )
    return dataclasses.replace(_shipped(), folder=folder, settings=settings, house=house)


@contextmanager
def service(folder: pathlib.Path, now: datetime = NOW, said: list[str] | None = None) -> Iterator[Service]:
    """The service on this folder, its clock fixed."""
    configuration = configured(folder)
    stop = threading.Event()
    with Ledger(configuration.settings.ledger.path) as ledger:
        yield Service(
            configuration=configuration,
            ledger=ledger,
            reader=Here(),
            clock=lambda: now,
            say=(said if said is not None else []).append,
            stopping=stop.is_set,
            pause=lambda _seconds: None,
            who="essai",
        )


@contextmanager
def edges(of: Service) -> Iterator[Edges]:
    with context.edges(of.configuration) as opened:
        yield opened


def confirm(folder: pathlib.Path) -> None:
    """Whoever waits for the answer to a token is registered, as if it had come."""
    with service(folder) as ready, ready.ledger.transaction():
        for one in ready.ledger.contacts.listed():
            if one.pending and one.agreed_by:
                ready.ledger.contacts.prove(one.id, Proof.TOKEN, "a répondu")
                ready.ledger.contacts.activate(one.id, NOW)


def delivered(folder: pathlib.Path) -> list[bytes]:
    """What stands in the Maildir that letters leave by."""
    new = folder / "var/courrier-sortant/new"
    return [path.read_bytes() for path in sorted(new.iterdir())] if new.is_dir() else []


def with_settings(of: Service, **sections: object) -> Service:
    """The same service with sections of its settings replaced."""
    settings = of.configuration.settings.model_copy(update=sections)
    return dataclasses.replace(of, configuration=dataclasses.replace(of.configuration, settings=settings))
