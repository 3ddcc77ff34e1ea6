"""The dictionary of instructions: anomaly number -> label -> what to do, the same for every PS.

Owns: `config/consignes.csv` as values. Columns `numero;libelle;consigne;motif`, and `precision` (optional): the code
of the one détail or erreur that the line is for. A line without a motif is for a code that payers write in their
returns (NOEMIE). Never reads a file. Raises ConfigError with every fault of the text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mailbot.errors import ConfigError, Fault
from mailbot.letters import words

COLUMNS = ("numero", "libelle", "consigne", "motif")
OPTIONAL = ("precision",)
_FILLED = ("numero", "libelle", "consigne")


class Consigne(NamedTuple):
    """One line of the dictionary; typography done. `motif` is "" for a code of returns, `precision` is "" for a line
    that is for its whole motif."""

    numero: str
    libelle: str
    consigne: str
    motif: str
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Consignes:
    """The dictionary by number, and by what a decision says. `faults`: what is wrong with lines that are used as far as
    they go."""

    par_numero: Mapping[str, Consigne]
    par_motif: Mapping[tuple[str, str], Consigne]
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, lignes: tuple[Consigne, ...], faults: tuple[Fault, ...] = ()) -> Consignes:
        """Of several lines for the same motif and precision the first counts."""
        par_motif: dict[tuple[str, str], Consigne] = {}
        for ligne in lignes:
            if not ligne.motif:
                continue
            par_motif.setdefault((ligne.motif, ligne.precision), ligne)
        return cls({ligne.numero: ligne for ligne in reversed(lignes)}, par_motif, faults)

    def pour(self, motif: str, precision: str = "") -> Consigne | None:
        """The line of this détail or erreur, failing that the one of the motif."""
        return self.par_motif.get((motif, precision)) or self.par_motif.get((motif, ""))


def to_complete(numero: str, libelle: str) -> str:
    """The line of a code that has no consigne yet, as an admin pastes it. Its consigne stays empty: `read` refuses the
    line until somebody has written what the PS has to do."""
    line = io.StringIO()
    cells = [words.inert(numero, 40), words.inert(libelle, 300), "", "", ""]
    csv.writer(line, delimiter=";", lineterminator="").writerow(cells)
    return line.getvalue()


def read(text: str, file: str = "consignes.csv", motifs: Collection[str] | None = None) -> Consignes:
    """Reads the dictionary (separator `;`, UTF-8 text, first line = names). `motifs`: the codes of motifs.yaml; None
    where they are not known. Raises ConfigError."""
    rows = csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";")
    header = [name.strip().lower() for name in next(rows, [])]
    faults = [
        Fault(file, 1, 1, f"colonne « {name} » absente", f"colonnes attendues : {';'.join(COLUMNS)}")
        for name in COLUMNS
        if name not in header
    ]
    for name in header:
        if name not in COLUMNS + OPTIONAL:
            faults.append(Fault(file, 1, 1, f"colonne inconnue « {name} »", words.nearest(name, COLUMNS + OPTIONAL)))
    if faults:
        raise ConfigError(*faults)
    lignes: list[Consigne] = []
    seen: dict[str, int] = {}
    doubts: list[Fault] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        values = dict(zip(header, (words.inert(cell, 1000) for cell in row), strict=False))
        faults.extend(_check(file, rows.line_num, len(row), header, values, seen))
        doubts.extend(_doubts(file, rows.line_num, len(row), header, values, motifs))
        lignes.append(
            Consigne(
                values.get("numero", ""),
                words.typographie(values.get("libelle", "")),
                words.typographie(values.get("consigne", "")),
                values.get("motif", "").upper(),
                values.get("precision", "").upper(),
            )
        )
    if faults:
        raise ConfigError(*faults)
    return Consignes.of(tuple(lignes), tuple(doubts))


def _doubts(
    file: str, line: int, cells: int, header: list[str], values: Mapping[str, str], motifs: Collection[str] | None
) -> Iterator[Fault]:
    """What a line says in vain, although the dictionary can be used."""
    motif = values.get("motif", "").upper()
    if motif and motifs is not None and motif not in motifs:
        at = header.index("motif") + 1
        yield Fault(file, line, at, f"motif « {motif} » inconnu", words.nearest(motif, motifs))
    absent = [name for name in COLUMNS if header.index(name) >= cells and name not in _FILLED]
    if absent and all(values.get(name) for name in _FILLED):
        message = f"{cells} cellules pour {len(header)} colonnes"
        yield Fault(file, line, 1, message, "il manque un « ; » : « motif » peut être vide, sa place est marquée")


def _check(
    file: str, line: int, cells: int, header: list[str], values: Mapping[str, str], seen: dict[str, int]
) -> list[Fault]:
    faults: list[Fault] = []
    if cells > len(header):
        hint = "un « ; » dans un texte demande des guillemets autour du texte"
        faults.append(Fault(file, line, 1, f"{cells} cellules pour {len(header)} colonnes", hint))
    for name in _FILLED:
        if not values.get(name):
            faults.append(Fault(file, line, header.index(name) + 1, f"« {name} » est vide", "remplissez la cellule"))
    numero = values.get("numero", "")
    if numero in seen:
        faults.append(Fault(file, line, 1, f"numéro {numero} déjà donné ligne {seen[numero]}", "un numéro par ligne"))
    seen.setdefault(numero, line)
    return faults
