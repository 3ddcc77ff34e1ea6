"""The texts that an agent may answer a mail with: `config/textes/NAME.txt`, read once, checked, filled elsewhere.

A text begins with a line `Objet : …`; the rest is written like `reponses/CODE.txt` (paragraphs, lists, notes with `#`,
`{placeholder}`, `[optional part]`). The agent chooses a text and writes nothing: what leaves the house was read by
whoever edits the configuration.

Owns: reading and checking these texts. Never reads a file; raises nothing for a broken text: `Textes.of` keeps the
shipped text of that name and names the fault with file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot.errors import Fault, Never
from mailbot.letters import reponses, words
from mailbot.letters.reponses import Texte

FOLDER = "textes"

#: Placeholder -> what it is, as the admin reads it (config/textes/LISEZMOI.txt says the same).
PLACEHOLDERS: dict[str, str] = {
    "jour": "le jour où le message nous est arrivé, en toutes lettres",
    "factures": "les factures auxquelles le message est rattaché (« la facture 1002 »)",
    "numero_ps": "le numéro du PS",
    "raison_sociale": "le nom du PS",
    "payeur": "le nom du payeur (organisation.name)",
    "service": "le nom du service (organisation.service)",
    "convention": "le nom de la convention (organisation.convention)",
    "telephone": "le téléphone (organisation.phone)",
    "adresse_postale": "l’adresse postale (organisation.postal_address)",
    "adresse_inscription": "l’adresse où une adresse se fait enregistrer (organisation.registration_address)",
}
#: Texts that the service sends by itself: the shipped one stands in for a file that is not there.
NEEDED = ("aide",)
_SUBJECT = re.compile(r"objet\s*:\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One checked text. `shows`: the placeholders that stand outside brackets, and so must have a value."""

    name: str
    subject: str
    body: Texte
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Textes:
    """The texts in use by name, and what was wrong with those that are not."""

    texts: Mapping[str, Answer] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, texts: Mapping[str, str], shipped: Mapping[str, str]) -> Textes:
        """From name -> text; a text with a fault gives way to the shipped one of its name, where there is one."""
        good: dict[str, Answer] = {}
        faults: list[Fault] = []
        for name, text in texts.items():
            found = check(name, text)
            faults += found
            usable = shipped.get(name, "") if found else text
            if usable and not (found and check(name, usable)):
                good[name] = _read(name, usable)
        for name in NEEDED:
            if name not in good and shipped.get(name):
                good[name] = _read(name, shipped[name])
        return cls(good, tuple(faults))

    def named(self, name: str) -> Answer:
        """Raises `Never` with the nearest name."""
        if name not in self.texts:
            hint = words.nearest(name, self.texts) or f"le dossier {FOLDER}/ est vide"
            raise Never(f"aucun texte « {name} » — {hint}")
        return self.texts[name]


def check(name: str, text: str) -> list[Fault]:
    """Faults of one text: no subject, nothing said, an unknown placeholder, a bracket without its pair."""
    file = f"{FOLDER}/{name}.txt"
    faults = reponses.lint(file, text, PLACEHOLDERS)
    subject, body, line = _parted(text)
    if not subject:
        faults.append(Fault(file, line, 1, "l’objet manque", "commencez par une ligne « Objet : … »"))
    elif not any(one.strip() and not one.startswith("#") for one in body.splitlines()):
        faults.append(Fault(file, line, 1, "rien ne suit l’objet", "écrivez ce que le PS doit lire"))
    return faults


def _parted(text: str) -> tuple[str, str, int]:
    """The subject ("" for none), what follows it, and the line (from 1) where the subject stands or should stand."""
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            found = _SUBJECT.fullmatch(line.strip())
            return (found[1].strip() if found else ""), "\n".join(lines[number + 1 :]), number + 1
    return "", "", 1


def _read(name: str, text: str) -> Answer:
    subject, body, _ = _parted(text)
    read = reponses.read(body)
    head = reponses.read(subject)
    return Answer(name, head.commun, read, reponses.shown(read) | reponses.shown(head))
