"""The configuration folder, read once: every file of `config/` as checked values.

Owns: which file is where, and gathering the faults of all of them so that an admin sees every mistake at once. A wrong
`mailbot.yaml`, `motifs.yaml`, `regles.yaml`, `specialites.yaml`, `colonnes.yaml` or `consignes.csv` refuses the start
(`ConfigError`). A wrong text or template override does not: the shipped one is used and the fault is in `warnings`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mailbot.configuration import document
from mailbot.configuration.document import Document, nearest
from mailbot.configuration.settings import Settings
from mailbot.errors import ConfigError, Fault
from mailbot.letters import consignes, samples
from mailbot.letters.bordereau import House, Libelles
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Reponses
from mailbot.model import TABLES
from mailbot.parsers import lot_table
from mailbot.rules import table
from mailbot.rules.book import Book

T = TypeVar("T")

#: The YAML files of the contract, in the order in which an admin meets them.
FILES = ("mailbot.yaml", "motifs.yaml", "regles.yaml", "specialites.yaml", "colonnes.yaml")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that an admin decides. `colonnes`: table -> (name in the file -> our name). `warnings`: faults of
    texts and templates for which the shipped version is in use."""

    folder: Path
    settings: Settings
    book: Book
    house: House
    colonnes: Mapping[str, Mapping[str, str]]
    warnings: tuple[Fault, ...]


def shipped() -> Path:
    """The configuration that comes with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "shipped_config"
    return inside if inside.is_dir() else package.parent / "config"


def load(folder: Path) -> Configuration:
    """Reads and checks the folder. Raises `ConfigError` with every fault of every file."""
    if not (folder / "mailbot.yaml").is_file():
        hint = "« mailbot init DOSSIER » écrit une configuration qui marche ; « --config DOSSIER » la désigne"
        raise ConfigError(Fault(str(folder / "mailbot.yaml"), 0, 0, "fichier de configuration absent", hint))
    faults: list[Fault] = []

    def gather(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ConfigError as error:
            faults.extend(error.faults)
            return None

    documents = {name: gather(lambda name=name: _document(folder / name)) for name in FILES}  # type: ignore[misc]
    main, motifs, regles, specialites, colonnes = (documents[name] for name in FILES)
    settings = gather(lambda: document.validate(main, Settings, {"folder": folder.resolve()})) if main else None
    texts = _texts(folder / "reponses")
    book = None
    if motifs and regles and specialites:
        book = gather(lambda: table.load_book(motifs, regles, specialites, texts))
    aliases = gather(lambda: _aliases(colonnes)) if colonnes else None
    dictionary = gather(lambda: consignes.read(_text(folder / "consignes.csv"), "consignes.csv"))
    if faults or settings is None or book is None or aliases is None or dictionary is None:
        raise ConfigError(*faults)
    house = House(
        organisation=settings.organisation,
        outbox=settings.outbox,
        privacy=settings.privacy,
        pdf=settings.bordereau.pdf,
        templates=Templates.of(
            _templates(Path(__file__).parent.parent / "templates"), _templates(folder / "templates")
        ),
        libelles=_libelles(book),
        reponses=Reponses.of(texts, _texts(shipped() / "reponses")),
        consignes=dictionary,
    )
    warnings = (*house.reponses.faults, *house.templates.check(samples.contexts(house)))
    return Configuration(folder, settings, book, house, aliases, warnings)


def _libelles(book: Book) -> Libelles:
    motifs = book.motifs.values()
    return Libelles(
        motifs={motif.code: motif.libelle for motif in motifs},
        details={code: libelle for motif in motifs for code, libelle in motif.details.items()},
        erreurs={code: libelle for motif in motifs for code, libelle in motif.erreurs.items()},
    )


def _document(path: Path) -> Document:
    return document.read_yaml(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = "« mailbot init » écrit un dossier complet : recopiez-en ce fichier"
        raise ConfigError(Fault(path.name, 0, 0, "fichier absent du dossier de configuration", hint)) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(
            Fault(path.name, line, 1, "ce fichier n’est pas en UTF-8", "réenregistrez-le en UTF-8")
        ) from None
    except OSError as error:
        raise ConfigError(Fault(path.name, 0, 0, f"fichier illisible ({error.strerror})")) from None


def _texts(folder: Path) -> dict[str, str]:
    """Motif code -> text of `reponses/CODE.txt`."""
    files = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    return {path.stem: _text(path) for path in files if path.stem != "LISEZMOI"}


def _templates(folder: Path) -> dict[str, str]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: _text(path) for path in files if path.suffix in (".mjml", ".txt") and path.stem != "LISEZMOI"}


def _aliases(colonnes: Document) -> dict[str, dict[str, str]]:
    tables = {"lots": None, **TABLES}
    faults: list[Fault] = []
    found: dict[str, dict[str, str]] = {}
    for name, names in (colonnes.data or {}).items():
        if name not in tables:
            faults.append(colonnes.fault((name,), f"table inconnue « {name} »", nearest(name, tables)))
        elif not isinstance(names, dict | None):
            faults.append(colonnes.fault((name,), f"{name} : « nom dans le fichier: notre nom » est attendu"))
        else:
            known = lot_table.COLUMNS if name == "lots" else TABLES[name]._fields  # type: ignore[attr-defined]
            for theirs, ours in (names or {}).items():
                if ours not in known:
                    faults.append(
                        colonnes.fault((name, theirs), f"colonne « {ours} » inconnue", nearest(str(ours), known))
                    )
            found[name] = {str(theirs): str(ours) for theirs, ours in (names or {}).items()}
    if faults:
        raise ConfigError(*faults)
    return found
