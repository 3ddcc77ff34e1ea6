"""The configuration folder, read once: every file of `config/` as checked values.

Owns: which file is where, and gathering the faults of all of them so that an admin sees every mistake at once. A wrong
`mailbot.yaml`, `motifs.yaml`, `regles.yaml`, `specialites.yaml`, `colonnes.yaml`, `consignes.csv` or `formats/*.csv`
refuses the start (`ConfigError`); a layout that is not there is the shipped one. A wrong text or template override
does not: the shipped one is used and the fault is in `warnings`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from mailbot.configuration import document
from mailbot.configuration.document import Document, nearest
from mailbot.configuration.settings import Settings
from mailbot.errors import ConfigError, Fault
from mailbot.letters import consignes, samples, textes
from mailbot.letters.bordereau import House, Libelles
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Reponses, sections
from mailbot.letters.textes import Textes
from mailbot.model import TABLES
from mailbot.parsers import lot_table, noemie
from mailbot.parsers.b2.format import Format
from mailbot.parsers.layouts import Layout
from mailbot.rules import lint, remembered, table
from mailbot.rules.book import Book

T = TypeVar("T")

#: The YAML files of the contract, in the order in which an admin meets them.
FILES = ("mailbot.yaml", "motifs.yaml", "specialites.yaml", "colonnes.yaml")
#: One more: of this one the sound rows are looked at even when others cannot be read.
RULES = "regles.yaml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that an admin decides. `colonnes`: table -> (name in the file -> our name). `warnings`: faults of
    texts and templates for which the shipped version is in use. `book_text`: the book as the ledger remembers it."""

    folder: Path
    settings: Settings
    book: Book
    house: House
    colonnes: Mapping[str, Mapping[str, str]]
    warnings: tuple[Fault, ...]
    book_text: str
    noemie: Layout
    b2: Format


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found in a folder. `configuration` None: `faults` say why no service starts with it, and
    `warnings` are those of the answer texts alone (templates are tried on a whole configuration)."""

    configuration: Configuration | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    reading: table.Reading
    answers: Mapping[str, lint.Answer]

    def findings(self) -> lint.Findings:
        """What the rule book says badly although it can be used: worked out when asked for, no start waits for it."""
        return lint.look(self.reading, self.answers)


def shipped() -> Path:
    """The configuration that comes with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "shipped_config"
    return inside if inside.is_dir() else package.parent / "config"


def load(folder: Path) -> Configuration:
    """Reads and checks the folder. Raises `ConfigError` with every fault of every file."""
    found = examine(folder)
    if found.configuration is None:
        raise ConfigError(*found.faults)
    return found.configuration


def examine(folder: Path) -> Examination:
    """Reads and checks the folder, and tells all that was found. Raises `ConfigError` where there is none."""
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
    main, motifs, specialites, colonnes = (documents[name] for name in FILES)
    regles, unread = gather(lambda: document.salvaged(_text(folder / RULES), RULES)) or (None, [])
    faults += unread
    settings = gather(lambda: document.validate(main, Settings, {"folder": folder.resolve()})) if main else None
    warnings: list[Fault] = []
    usual = _texts(shipped() / "reponses", {}, warnings)
    texts = _texts(folder / "reponses", usual, warnings)
    reponses = Reponses.of(texts, usual)
    warnings += reponses.faults
    answering = _answering(folder, warnings)
    reading = table.read(motifs, regles, specialites, texts, whole=not unread)
    faults += reading.faults
    book = reading.book
    answers = {code: lint.Answer(reponses.shown(code), sections(text)) for code, text in texts.items()}
    aliases = gather(lambda: _aliases(colonnes)) if colonnes else None
    known = reading.catalogue
    dictionary = gather(lambda: consignes.read(_text(folder / "consignes.csv"), "consignes.csv", known))
    warnings += dictionary.faults if dictionary else ()
    returns = gather(lambda: noemie.read_layout(*_format(folder, "noemie.csv")))
    b2 = gather(lambda: Format(_format(folder, "b2.csv"), _format(folder, "b2_specialites.csv")))
    if (
        faults
        or settings is None
        or book is None
        or aliases is None
        or dictionary is None
        or returns is None
        or b2 is None
    ):
        return Examination(None, tuple(faults), tuple(warnings), reading, answers)
    house = _house(folder, settings, book, reponses, dictionary, answering)
    warnings += house.templates.check(samples.contexts(house))
    text = remembered.to_text(motifs, regles, specialites) if motifs and regles and specialites else ""
    found = Configuration(folder, settings, book, house, aliases, tuple(warnings), text, returns, b2)
    return Examination(found, (), found.warnings, reading, answers)


def _house(
    folder: Path, settings: Settings, book: Book, reponses: Reponses, dictionary: consignes.Consignes, answers: Textes
) -> House:
    """What letters are made with."""
    return House(
        organisation=settings.organisation,
        outbox=settings.outbox,
        privacy=settings.privacy,
        pdf=settings.bordereau.pdf,
        templates=Templates.of(
            _templates(Path(__file__).parent.parent / "templates"), _templates(folder / "templates")
        ),
        libelles=_libelles(book),
        reponses=reponses,
        consignes=dictionary,
        textes=answers,
    )


def _format(folder: Path, name: str) -> tuple[str, str]:
    """The text of a layout and the name that its faults carry: of this folder, failing that the shipped one."""
    own = folder / "formats" / name
    return _text(own if own.is_file() else shipped() / "formats" / name), f"formats/{name}"


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


def _texts(folder: Path, usual: Mapping[str, str], wrong: list[Fault]) -> dict[str, str]:
    """Motif code -> text of `reponses/CODE.txt`; for a file that cannot be read the usual text, and a fault."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.txt")) if folder.is_dir() else []:
        if path.stem == "LISEZMOI":
            continue
        try:
            found[path.stem] = _text(path)
        except ConfigError as error:
            wrong += (replace(fault, file=f"{folder.name}/{fault.file}") for fault in error.faults)
            if path.stem in usual:
                found[path.stem] = usual[path.stem]
    return found


def _answering(folder: Path, wrong: list[Fault]) -> Textes:
    """The texts that agents answer with: those of this folder, of one from before there were any the shipped ones."""
    ready = _texts(shipped() / textes.FOLDER, {}, wrong)
    own = folder / textes.FOLDER
    found = Textes.of(_texts(own, ready, wrong) if own.is_dir() else ready, ready)
    wrong += found.faults
    return found


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
