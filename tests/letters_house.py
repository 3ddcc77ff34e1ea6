"""The house that the letters' tests speak for: shipped templates, texts and dictionary, an invented payer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from mailbot.configuration import document
from mailbot.letters import consignes
from mailbot.letters.bordereau import Bilan, House, Libelles, Ligne
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Reponses

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
TOKEN = "abcdefghijklmnopqrstuvwx23"
NOW = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
PS = "750012345"
MAIL = "pharmacie@example.fr"
#: An invented NIR: month 99 exists for nobody.
NIR = "2579975001017"


@dataclass(frozen=True)
class Organisation:
    name: str = "Mutuelle des Rivages"
    convention: str = "Almerys"
    service: str = "Service Tiers payant"
    postal_address: str = "Mutuelle des Rivages\nService Tiers payant\n12 rue des Phares\n29200 Brest"
    phone: str = "01 99 00 00 00"


@dataclass(frozen=True)
class Outbox:
    from_address: str = "fluxtiers@rivages.example.fr"
    reply_address: str = "reponses+{token}@rivages.example.fr"
    bounce_address: str = "retours+{token}@rivages.example.fr"


@dataclass(frozen=True)
class Privacy:
    plain: str = "masked"
    full_domains: tuple[str, ...] = (".mssante.fr",)


@cache
def shipped() -> dict[str, str]:
    """The shipped templates by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "mailbot/templates").iterdir()}


@cache
def texts() -> dict[str, str]:
    """The shipped answer texts by motif."""
    files = (ROOT / "config/reponses").glob("*.txt")
    return {path.stem: path.read_text(encoding="utf-8") for path in files if path.stem != "LISEZMOI"}


@cache
def catalogue() -> Libelles:
    """The labels of the shipped catalogue."""
    source = (ROOT / "config/motifs.yaml").read_text(encoding="utf-8")
    motifs = document.read_yaml(source, "motifs.yaml").data["motifs"]
    return Libelles(
        {code: motif["libelle"] for code, motif in motifs.items()},
        motifs["MANQUE_DETAIL"]["details"],
        motifs["ERREUR_CONTENU_FACTURE"]["erreurs"],
    )


@cache
def templates() -> Templates:
    return Templates(shipped(), shipped())


@cache
def dictionary() -> consignes.Consignes:
    return consignes.read((ROOT / "config/consignes.csv").read_text(encoding="utf-8"))


def house(**changes: object) -> House:
    """The house, with some of its parts exchanged."""
    parts: dict[str, object] = {
        "organisation": Organisation(),
        "outbox": Outbox(),
        "privacy": Privacy(),
        "pdf": False,
        "templates": templates(),
        "libelles": catalogue(),
        "reponses": Reponses.of(texts()),
        "consignes": dictionary(),
    }
    return House(**{**parts, **changes})  # type: ignore[arg-type]


def ligne(number: str = "000123", motif: str = "100_RO", **changes: object) -> Ligne:
    """One refused invoice of an invented patient."""
    values: dict[str, object] = {
        "numero_lot": "20260131",
        "date_reception": date(2026, 1, 31),
        "critere_archivage": "0012345678",
        "numero_ps": PS,
        "nir": NIR,
        "numero_facture": number,
        "numero_brut": number,
        "nom": "Lenoir",
        "prenom": "Camille",
        "date_naissance": "1957-03-07",
        "montant_total": 123456,
        "part_rc": 1437,
        "motif": motif,
    }
    return Ligne(**{**values, **changes})  # type: ignore[arg-type]


def bilan(lot: str = "20260131", factures: int = 14, refusees: int = 3, en_cours: int = 1) -> Bilan:
    return Bilan(lot, date(2026, 1, 31), factures, factures - refusees - en_cours, refusees, 0, en_cours)
