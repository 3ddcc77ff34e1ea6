"""What a PS is told for each motif: the texts of `reponses/CODE.txt`, read once, filled per invoice.

A text is plain words. Lines that begin with `#` are notes of the admin. The first paragraph (with a list that follows
it without an empty line) says what is wrong, the others what to do; lines that begin with `- ` are a list.
`{placeholder}` is one of `PLACEHOLDERS`; what stands in `[square brackets]` disappears when a placeholder in it is
empty. A line `[CODE]` alone opens the plain words of one détail or erreur: they are what `{detail}` or `{erreur}`
becomes (its libellé where there is no such section).

Two lines are no part of the answer: `Délai : …` says by when, on the card of each invoice; `Conseil : …` is the tip for
a PS that meets this motif often (in a section, that of its détail or erreur).

Owns: reading, checking and filling these texts. Never reads a file. Raises nothing for a broken text: `Reponses.of`
keeps the shipped text of that motif and names the fault with file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from mailbot.errors import Fault
from mailbot.letters import words
from mailbot.letters.words import NBSP

#: Placeholder -> what it is, as the admin reads it (config/reponses/LISEZMOI.txt says the same).
PLACEHOLDERS: dict[str, str] = {
    "date": "la date du motif (par exemple celle du paiement), en toutes lettres",
    "numero_facture": "le numéro de la facture",
    "numero_lot": "le numéro du lot",
    "date_reception": "la date de réception du lot",
    "montant_total": "le montant total de la facture",
    "part_rc": "la part complémentaire demandée",
    "detail": "l’élément qui manque",
    "erreur": "l’erreur constatée",
    "commentaire": "le commentaire de la décision",
    "limite": "le dernier jour où la facture corrigée est admise : deux ans après la fin des soins",
    "patient": "le prénom et le nom du patient",
    "payeur": "le nom du payeur (organisation.name)",
    "service": "le nom du service (organisation.service)",
    "convention": "le nom de la convention (organisation.convention)",
}

_SECTION = re.compile(r"\[([A-Z][A-Z0-9_]*)\]\s*\Z")
_NOTE = re.compile(r"(conseil|d[ée]lai)\s*:\s*(.*)", re.IGNORECASE)
_NAME = re.compile(r"\{(\w+)\}")
_PARTING = re.compile(r"\n[ \t]*\n")
_OPTIONAL = re.compile(r"\[([^\[\]\n]*)\]")
_TOKEN = re.compile(r"\{([^{}\n]*)\}|[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Bloc:
    """A paragraph, or the items of a list when `liste`."""

    lignes: tuple[str, ...]
    liste: bool = False


@dataclass(frozen=True, slots=True)
class Reponse:
    """The answer for one invoice: what is wrong, then what to do, and by when ("" where nothing is said of it)."""

    raison: tuple[Bloc, ...]
    a_faire: tuple[Bloc, ...]
    delai: str = ""


@dataclass(frozen=True, slots=True)
class Texte:
    """One checked text: its common part, its sections by code, its deadline and its tips (by détail or erreur, "" for
    the motif). Typography is already done."""

    commun: str
    sections: Mapping[str, str]
    delai: str = ""
    conseils: Mapping[str, str] = field(default_factory=dict)

    def remplir(self, valeurs: Mapping[str, str], precision: str = "", second: str = "") -> Reponse:
        """Filled with `valeurs` (every name of `PLACEHOLDERS`; missing ones count as empty). `precision` is the
        code of the détail or erreur whose section is wanted; `second` that of the détail named by the commentaire."""
        if precision in self.sections:
            said = _fill(self.sections[precision], valeurs)
            valeurs = {**valeurs, "detail": said, "erreur": said}
        if second in self.sections:
            valeurs = {**valeurs, "commentaire": _fill(self.sections[second], valeurs)}
        raison, a_faire = _paragraphs(_fill(self.commun, valeurs))
        return Reponse(raison, a_faire, _fill(self.delai, valeurs).strip())

    def conseil(self, precision: str, valeurs: Mapping[str, str]) -> str:
        """The tip of a détail or erreur, failing that the one of the motif, filled."""
        return _fill(self.conseils.get(precision) or self.conseils.get("", ""), valeurs).strip()


@dataclass(frozen=True, slots=True)
class Reponses:
    """The texts in use, by motif, and what was wrong with those that are not. `told`: each as it is written."""

    textes: Mapping[str, Texte]
    faults: tuple[Fault, ...] = field(default=())
    told: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, textes: Mapping[str, str], shipped: Mapping[str, str] | None = None) -> Reponses:
        """From motif code -> text. A text with a fault gives way to the shipped one (where there is one)."""
        good: dict[str, Texte] = {}
        told: dict[str, str] = {}
        faults: list[Fault] = []
        for code, text in (shipped or {}).items():
            if not check(code, text):
                good[code], told[code] = of_motif(text), text
        for code, text in textes.items():
            found = check(code, text)
            faults.extend(found)
            if not found:
                good[code] = of_motif(text)
            if text.strip():
                told[code] = text
        return cls(good, tuple(faults), told)

    def shown(self, motif: str) -> frozenset[str]:
        """The placeholders that the text of this motif shows even when they are empty: those outside brackets."""
        texte = self.textes.get(motif)
        return shown(texte) if texte else frozenset()

    def delai(self, motif: str) -> bool:
        """Does the text of this motif say by when to correct, that is: is a correction expected?"""
        texte = self.textes.get(motif)
        return texte is not None and texte.delai != ""

    def conseil(self, motif: str, precision: str, valeurs: Mapping[str, str]) -> str:
        """The tip for a PS that meets this motif often; "" for none."""
        texte = self.textes.get(motif)
        return texte.conseil(precision, valeurs) if texte else ""

    def reponse(
        self, motif: str, libelle: str, valeurs: Mapping[str, str], precision: str = "", second: str = ""
    ) -> Reponse:
        """The answer for a motif; without a text, its libellé and the commentaire, which is better than silence."""
        texte = self.textes.get(motif)
        if texte is None:
            commentaire = valeurs.get("commentaire", "")
            said = f"{libelle}{NBSP}: {commentaire}." if commentaire else f"{libelle}."
            return Reponse((Bloc((said,)),), ())
        return texte.remplir(valeurs, precision, second)


def sections(text: str) -> dict[str, int]:
    """The codes of a text's sections, each with its line (from 1)."""
    lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
    return {found[1]: number for number, line in lines if (found := _SECTION.match(line))}


def shown(texte: Texte) -> frozenset[str]:
    """The placeholders of a text's common part that stand outside brackets."""
    return frozenset(_NAME.findall(_OPTIONAL.sub("", texte.commun)))


def check(code: str, text: str) -> list[Fault]:
    """Faults of one text: unknown placeholder, bracket without its pair, nothing said."""
    file = f"reponses/{code}.txt"
    faults = lint(file, text, PLACEHOLDERS)
    if not faults and not of_motif(text).commun:
        faults.append(Fault(file, 1, 1, "le texte ne dit pas ce qui ne va pas", "commencez par le dire en une phrase"))
    return faults


def lint(file: str, text: str, known: Mapping[str, str]) -> list[Fault]:
    """The same for a text of any `file` that may name the placeholders `known`."""
    faults: list[Fault] = []
    said = False
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.startswith("#") or _SECTION.match(line):
            continue
        said = said or bool(line.strip())
        faults.extend(_check_line(file, number, line, known))
    if not said:
        faults.append(Fault(file, 1, 1, "le texte est vide", "écrivez ce que le PS doit lire"))
    return faults


def _check_line(file: str, number: int, line: str, known: Mapping[str, str]) -> list[Fault]:
    faults: list[Fault] = []
    opened = 0
    for found in _TOKEN.finditer(line):
        column = found.start() + 1
        name, sign = found[1], found[0]
        if name is not None and name not in known:
            hint = words.nearest(name, known)
            faults.append(Fault(file, number, column, f"champ inconnu « {{{name}}} »", hint))
        elif sign in ("{", "}"):
            faults.append(Fault(file, number, column, f"accolade « {sign} » seule", "un champ s’écrit {date}"))
        elif sign == "[":
            if opened:
                faults.append(Fault(file, number, column, "crochet « [ » dans un crochet", "n’en ouvrez qu’un"))
            opened = column
        elif sign == "]":
            if not opened:
                faults.append(
                    Fault(file, number, column, "crochet « ] » sans « [ »", "ajoutez « [ » sur la même ligne")
                )
            opened = 0
    if opened:
        faults.append(Fault(file, number, opened, "crochet « [ » sans « ] »", "fermez-le sur la même ligne"))
    return faults


def of_motif(text: str) -> Texte:
    """A text of `reponses/` that was checked, its deadline and its tips taken out."""
    kept: list[str] = []
    conseils: dict[str, str] = {}
    delai = section = ""
    for line in text.removeprefix("\ufeff").splitlines():
        opened, note = _SECTION.match(line), _NOTE.match(line)
        section = opened[1] if opened else section
        # What follows a colon on one line begins a sentence of its own in a letter.
        said = words.typographie(note[2][:1].upper() + note[2][1:].strip()) if note else ""
        if note and note[1].lower() == "conseil":
            conseils[section] = said
        elif note:
            delai = said
        else:
            kept.append(line)
    return replace(read("\n".join(kept)), delai=delai, conseils=conseils)


def read(text: str) -> Texte:
    """A text that was checked."""
    parts: dict[str, list[str]] = {"": []}
    current = ""
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#"):
            continue
        section = _SECTION.match(line)
        if section:
            current = section[1]
            parts[current] = []
        else:
            parts[current].append(line.rstrip())
    done = {code: words.typographie("\n".join(lines).strip("\n")) for code, lines in parts.items()}
    common = done.pop("")
    return Texte(common, {code: " ".join(said.split("\n")) for code, said in done.items()})


def _fill(text: str, valeurs: Mapping[str, str]) -> str:
    said = ""
    for names, form, optional in _forms(text):
        filled = tuple([valeurs.get(name, "") for name in names])
        if not optional or all(filled):
            said += form % filled
    return said


@lru_cache(maxsize=1024)
def _forms(text: str) -> tuple[tuple[tuple[str, ...], str, bool], ...]:
    """A text of an admin, taken apart once: what stands outside square brackets and what stands in them (True), in
    turns, each as the names of its placeholders and its words with a `%s` for each."""
    return tuple(
        (tuple(_NAME.findall(part)), _NAME.sub("%s", part.replace("%", "%%")), at % 2 == 1)
        for at, part in enumerate(_OPTIONAL.split(text))
    )


def _paragraphs(text: str) -> tuple[tuple[Bloc, ...], tuple[Bloc, ...]]:
    """The first paragraph, and the others: blank lines part them; a line that became empty (or a lone “-”) is left
    out."""
    chunks = [blocs for blocs in map(_chunk, _PARTING.split(text)) if blocs]
    return (chunks[0] if chunks else ()), tuple(chain.from_iterable(chunks[1:]))


def _chunk(text: str) -> tuple[Bloc, ...]:
    sentence: list[str] = []
    items: list[str] = []
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("- ") or line == "-":
            items.append(line[1:].strip())
        elif line and items:
            items[-1] += " " + line
        elif line:
            sentence.append(line)
    blocs = (Bloc((" ".join(sentence),)) if sentence else None, _list(items))
    return tuple(bloc for bloc in blocs if bloc)


def _list(items: list[str]) -> Bloc | None:
    said = tuple(item for item in items if item)
    return Bloc(said, liste=True) if said else None
