"""The texts and templates of the folder, and the last good version of each, which lies beside the ledger.

`reponses/`, `textes/` and `templates/` are edited while the service runs. Whatever file of them was good when the
service used it is kept as a copy in `derniers-bons/` beside the ledger; when an edit breaks the file, that copy counts,
until the file is good again. A file that the admin takes away is forgotten.

Owns: reading these files, knowing when one has changed, and the copies. Never judges a text. A file that cannot be read
is a fault, and its last good version counts. `remember` raises `Later` where the disk refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailbot import files
from mailbot.errors import Fault, Later
from mailbot.letters.verdict import Contexts, Judge, Verdict

FOLDERS = ("reponses", "textes", "templates")
_KEPT = "derniers-bons"
_TRIED = "essai.sha256"
_NOTE = "LISEZMOI"
_SUFFIXES = {"templates": (".mjml", ".txt")}

#: Path in the folder (`reponses/100_RO.txt`) -> text.
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """The files as they stand: `texts` by path, `faults` of those that cannot be read, `stamp` by which a change is
    known, `last_good` the kept versions of files that are still there, `absent` the folders that are not there."""

    texts: Texts = field(repr=False)
    faults: tuple[Fault, ...]
    stamp: tuple[tuple[str, int, int], ...] = field(repr=False)
    last_good: Texts = field(repr=False)
    absent: tuple[str, ...] = ()

    def of(self, folder: str, usual: Texts | None = None) -> dict[str, str]:
        """Name (of a text its code, of a template its file) -> text; of a file that cannot be read the last good
        version, else the `usual` text."""
        unread = {_short(fault.file) for fault in self.faults if fault.file.startswith(f"{folder}/")}
        instead = {**(usual or {}), **self.good(folder)}
        found = {name: text for name, text in instead.items() if name in unread}
        return dict(sorted({**found, **_in(self.texts, folder)}.items()))

    def good(self, folder: str) -> dict[str, str]:
        """The same of the kept versions."""
        return _in(self.last_good, folder)


def read(folder: Path, ledger: Path | None = None) -> Written:
    """The files of this configuration folder, and the versions kept beside this ledger."""
    seen = stamp(folder)
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for name, _, _ in seen:
        text = _text(folder / name, name)
        if isinstance(text, Fault):
            faults.append(text)
        else:
            texts[name] = text
    kept = _kept(ledger, [name for name, _, _ in seen]) if ledger else {}
    absent = tuple(name for name in FOLDERS if not (folder / name).is_dir())
    return Written(texts, tuple(faults), seen, kept, absent)


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, time of change and size of each file: another value when one was edited, added or taken away."""
    found = []
    for name in FOLDERS:
        for path in sorted((folder / name).glob("*")) if (folder / name).is_dir() else ():
            hidden = path.name.startswith(".") or path.stem == _NOTE
            if not hidden and path.suffix in _SUFFIXES.get(name, (".txt",)):
                found.append(stamped(folder, f"{name}/{path.name}"))
    return tuple(one for one in found if one)


def stamped(folder: Path, name: str) -> tuple[str, int, int] | None:
    """Name, time of change and size of a file; None where it is not there (any more)."""
    try:
        status = (folder / name).stat()
    except OSError:
        return None
    return name, status.st_mtime_ns, status.st_size


def remember(ledger: Path, good: Texts, present: Iterable[str], tried: str) -> None:
    """Keeps `good`, forgets what is neither good nor `present` any more; `tried`: the fingerprint of what was judged
    good together. Writes nothing that is kept already. Raises `Later`."""
    kept = ledger.parent / _KEPT
    still = {*good, *present}
    try:
        for folder in FOLDERS:
            for path in sorted((kept / folder).glob("*")) if (kept / folder).is_dir() else ():
                if f"{folder}/{path.name}" not in still:
                    path.unlink()
    except OSError as error:
        raise Later(f"{_KEPT} ne s’écrit pas ({error.strerror})") from error
    for name, text in {**good, _TRIED: tried}.items():
        path = kept / name
        if (path.is_file() or text) and _text(path, name) != text:
            files.write_private(path, text.encode())


def trusting(judge: Judge, ledger: Path) -> Judge:
    """The judge, not asked again about exactly what it found good before: its answer costs a second."""

    def told(all_files: Mapping[str, str], changed: Iterable[str], contexts: Contexts) -> Verdict:
        if _text(ledger.parent / _KEPT / _TRIED, _TRIED) == fingerprint(all_files, contexts):
            return Verdict()
        return judge(all_files, [*changed], contexts)

    return told


def fingerprint(all_files: Mapping[str, str], contexts: Contexts) -> str:
    """Of templates and of the samples that they are tried on."""
    return hashlib.sha256(repr((sorted(all_files.items()), contexts)).encode()).hexdigest()


def _kept(ledger: Path, names: Iterable[str]) -> dict[str, str]:
    found = {name: _text(ledger.parent / _KEPT / name, name) for name in names}
    return {name: text for name, text in found.items() if isinstance(text, str)}


def _in(texts: Texts, folder: str) -> dict[str, str]:
    return {_short(name): text for name, text in texts.items() if name.startswith(f"{folder}/")}


def _short(name: str) -> str:
    """`reponses/100_RO.txt` -> `100_RO`; `templates/bordereau.txt` -> `bordereau.txt`."""
    folder, _, file = name.partition("/")
    return file if folder in _SUFFIXES else file.removesuffix(".txt")


def _text(path: Path, name: str) -> str | Fault:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        before = path.read_bytes()[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        return Fault(name, line, column, "ce fichier n’est pas en UTF-8", "réenregistrez-le en UTF-8")
    except OSError as error:
        return Fault(name, 0, 0, f"fichier illisible ({error.strerror})", "vérifiez qu’il est là et qui peut le lire")
