"""The configuration folder, read once: every file of `config/` as checked values.

Owns: which file is where, and gathering the faults of all of them so that an admin sees every mistake at once. A wrong
`mailbot.yaml`, `motifs.yaml`, `regles.yaml`, `specialites.yaml`, `colonnes.yaml`, `consignes.csv` or `formats/*.csv`
refuses the start (`ConfigError`); a layout that is not there is the shipped one. A wrong text or template override
does not: its last good version is used, or the shipped one, and the fault is in `warnings`. `refreshed` looks at texts
and templates again while the service runs; `remember` keeps those that are good (`texts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from mailbot.configuration import document
from mailbot.configuration import texts as written_texts
from mailbot.configuration.document import Document, nearest
from mailbot.configuration.settings import Settings
from mailbot.configuration.texts import Written
from mailbot.errors import ConfigError, Fault
from mailbot.letters import choice, consignes, textes
from mailbot.letters.lignes import House, Libelles
from mailbot.letters.render import Templates
from mailbot.letters.reponses import Reponses, sections
from mailbot.letters.reponses import check as check_reponse
from mailbot.letters.textes import Textes
from mailbot.letters.verdict import Contexts, Judge, Verdict
from mailbot.model import TABLES, Route
from mailbot.parsers import lot_table, noemie
from mailbot.parsers.b2.format import Format
from mailbot.parsers.layouts import Layout
from mailbot.rules import lint, remembered, table
from mailbot.rules.book import Book, Motif

T = TypeVar("T")

#: The YAML files of the contract, in the order in which an admin meets them.
FILES = ("mailbot.yaml", "motifs.yaml", "specialites.yaml", "colonnes.yaml")
#: One more: of this one the sound rows are looked at even when others cannot be read.
RULES = "regles.yaml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that an admin decides. `colonnes`: table -> (name in the file -> our name). `warnings`: faults of
    texts and templates, for which the last good version is in use. `book_text`: the book as the ledger remembers it.
    `written`: the files of texts and templates as they were read."""

    folder: Path
    settings: Settings
    book: Book
    house: House
    colonnes: Mapping[str, Mapping[str, str]]
    warnings: tuple[Fault, ...]
    book_text: str
    noemie: Layout
    b2: Format
    written: Written


class State(Enum):
    """What becomes of a file of the admin that is not as it is shipped."""

    USED = "used"
    FAULTY = "faulty"  # the version before counts
    UNREAD = "unread"  # the same, and nobody knows what stands in it
    GONE = "gone"  # taken away: an answer to a motif is the shipped one, any other text is no more


class Change(NamedTuple):
    """A text or template beside the shipped one ("" where there is none, and for the text that nobody can read)."""

    path: str
    shipped: str
    text: str
    state: State


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found in a folder. `configuration` None: `faults` say why no service starts with it, and
    `warnings` are those of the answer texts alone (templates are tried on a whole configuration). `main`: mailbot.yaml
    as it is written, None where it is no YAML."""

    configuration: Configuration | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    reading: table.Reading
    answers: Mapping[str, lint.Answer]
    main: Document | None

    def findings(self) -> lint.Findings:
        """What the rule book says badly although it can be used: worked out when asked for, no start waits for it."""
        return lint.look(self.reading, self.answers)

    def rendered(self) -> Verdict:
        """Every template in use, the shipped ones too, on every sample; the remarks of overrides among them."""
        if self.configuration is None:
            return Verdict()
        from mailbot.letters import trial

        house = self.configuration.house
        found = trial.filled(house.templates.files, _samples(house))
        return Verdict(found.faults, tuple(dict.fromkeys((*house.templates.remarks, *found.remarks))))


def shipped() -> Path:
    """The configuration that comes with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "shipped_config"
    return inside if inside.is_dir() else package.parent / "config"


def load(folder: Path, judge: Judge = choice.tried) -> Configuration:
    """Reads and checks the folder. Raises `ConfigError` with every fault of every file. `judge` tries templates that
    were not found good before."""
    found = examine(folder, judge, trusting=True)
    if found.configuration is None:
        raise ConfigError(*found.faults)
    return found.configuration


def examine(folder: Path, judge: Judge = choice.tried, *, trusting: bool = False) -> Examination:
    """Reads and checks the folder, and tells all that was found. Raises `ConfigError` where there is none. `trusting`:
    templates that were found good before are not tried again."""
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
    written = written_texts.read(folder, settings.ledger.path if settings else None)
    texts, reponses, answering = _worded(written)
    warnings = [*written.faults, *reponses.faults, *answering.faults]
    reading = table.read(motifs, regles, specialites, reponses.told, whole=not unread)
    faults += reading.faults
    warnings += _gone(reading.catalogue or {}, texts, reponses)
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
        return Examination(None, tuple(faults), tuple(warnings), reading, answers, main)
    house = _house(settings, book, reponses, dictionary, answering)
    trying = written_texts.trusting(judge, settings.ledger.path) if trusting else judge
    house = _with_templates(house, written, trying)
    warnings += house.templates.faults
    text = remembered.to_text(motifs, regles, specialites) if motifs and regles and specialites else ""
    found = Configuration(folder, settings, book, house, aliases, tuple(warnings), text, returns, b2, written)
    return Examination(found, (), found.warnings, reading, answers, main)


def refreshed(known: Configuration, judge: Judge = choice.tried) -> Configuration:
    """The same with texts and templates as they stand now; the very same where no file of them has changed."""
    if written_texts.stamp(known.folder) == known.written.stamp:
        return known
    written = written_texts.read(known.folder, known.settings.ledger.path)
    _, reponses, answering = _worded(written)
    house = _with_templates(replace(known.house, reponses=reponses, textes=answering), written, judge)
    told = (*written.faults, *reponses.faults, *answering.faults, *house.consignes.faults, *house.templates.faults)
    return replace(known, house=house, warnings=told, written=written)


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, time of change and size of every file that is read: another value when one was edited, added or taken
    away."""
    names = (*FILES, RULES, "consignes.csv", *(f"formats/{path.name}" for path in sorted(folder.glob("formats/*.csv"))))
    decisive = tuple(found for name in names if (found := written_texts.stamped(folder, name)))
    return decisive + written_texts.stamp(folder)


def changes(used: Configuration) -> tuple[Change, ...]:
    """The texts and templates of the admin that are not as they are shipped, by path; those taken away among them."""
    written, templates = used.written, used.house.templates
    usual = dict(written_texts.read(shipped()).texts)
    usual |= {f"templates/{name}": text for name, text in templates.shipped.items()}
    in_use = {f"templates/{name}": text for name, text in templates.files.items()}
    wrong = {fault.file for fault in used.warnings}
    there = {name for name, _, _ in written.stamp}
    gone = {path for path in usual if path.partition("/")[0] not in ("templates", *written.absent)} - there

    def state(path: str, text: str) -> State:
        return State.USED if path not in wrong and in_use.get(path, text) == text else State.FAULTY

    found = [
        *(Change(path, usual.get(path, ""), text, state(path, text)) for path, text in written.texts.items()),
        *(Change(path, usual.get(path, ""), "", State.UNREAD) for path in there - written.texts.keys()),
        *(Change(path, usual[path], "", State.GONE) for path in gone),
    ]
    different = (one for one in found if one.text != one.shipped or one.state is not State.USED)
    return tuple(sorted(different, key=lambda one: one.path))


def remember(used: Configuration) -> None:
    """Keeps what of the admin's texts and templates is in use and differs from what is shipped. Raises `Later`."""
    good = {change.path: change.text for change in changes(used) if change.state is State.USED}
    templates = used.house.templates
    tried = written_texts.fingerprint(templates.files, _samples(used.house)) if templates.overridden else ""
    written_texts.remember(used.settings.ledger.path, good, (name for name, _, _ in used.written.stamp), tried)


def _worded(written: Written) -> tuple[dict[str, str], Reponses, Textes]:
    """What PS are told for each motif, as written and as read, and what agents answer with. A text with a fault gives
    way to its last good version, that to the shipped one. A folder from before there were any has the shipped texts."""
    usual = written_texts.read(shipped())
    ready = _fallback(usual.of("reponses"), written.good("reponses"), check_reponse)
    texts = written.of("reponses", ready)
    answers = _fallback(usual.of(textes.FOLDER), written.good(textes.FOLDER), textes.check)
    own = answers if textes.FOLDER in written.absent else written.of(textes.FOLDER, answers)
    return texts, Reponses.of(texts, ready), Textes.of(own, answers)


def _gone(catalogue: Mapping[str, Motif], texts: Mapping[str, str], reponses: Reponses) -> list[Fault]:
    """Motifs that go to the PS, and whose text was taken away: what was shipped is told instead."""
    hint = "remettez ce fichier, ou écrivez le vôtre"
    message = "ce texte n’est plus là : le texte livré part à sa place"
    codes = [code for code, one in catalogue.items() if one.route is Route.PS and code not in texts]
    return [Fault(f"reponses/{code}.txt", 0, 0, message, hint) for code in codes if code in reponses.told]


def _fallback(
    usual: Mapping[str, str], good: Mapping[str, str], check: Callable[[str, str], list[Fault]]
) -> dict[str, str]:
    """What a text with a fault gives way to. What was good once may not be so for today's program."""
    return {**usual, **{name: text for name, text in good.items() if not check(name, text)}}


def _with_templates(house: House, written: Written, judge: Judge) -> House:
    """The house with the overrides that are good; they are tried on the letters of this very house."""
    overrides = written.of("templates")
    if not overrides:
        shipped_ones = house.templates.shipped
        return replace(house, templates=Templates(shipped_ones, shipped_ones)) if house.templates.overridden else house
    chosen = choice.of(
        house.templates.shipped, overrides, _samples(house), last_good=written.good("templates"), judge=judge
    )
    return replace(house, templates=chosen)


def _samples(house: House) -> Contexts:
    """What templates are tried on. Every kind of letter is loaded for it: without overrides only `check` asks."""
    from mailbot.letters import samples

    return samples.contexts(house)


def _house(
    settings: Settings, book: Book, reponses: Reponses, dictionary: consignes.Consignes, answers: Textes
) -> House:
    """What letters are made with; the templates are the shipped ones."""
    templates = _templates(Path(__file__).parent.parent / "templates")
    return House(
        organisation=settings.organisation,
        outbox=settings.outbox,
        privacy=settings.privacy,
        pdf=settings.bordereau.pdf,
        templates=Templates(templates, templates),
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


@cache
def _templates(folder: Path) -> Mapping[str, str]:
    return {path.name: _text(path) for path in sorted(folder.iterdir()) if path.suffix in (".mjml", ".txt")}


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
