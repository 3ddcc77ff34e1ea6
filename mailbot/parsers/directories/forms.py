"""The two extracts of national directories, line by line: what each line says of a PS (formats.md, "Directories").

Owns: the layouts, which lines are taken, refused (`Bad`) or left out with a reason. Never reads lines itself.

FINESS: positions are those of the published layout, counted from 0 at the word `structureet`, so that 1 is the FINESS
number as in formats.md. 12 is the INSEE code of the commune; its name stands in the postal line (15). Values are never
quoted. MSSanté: columns are found by the start of their names. Only boxes of an organisation (ORG) that belong to a
FINESS number are taken: a person's box (PER) is not the address of the structure. Of several boxes the one with the
lowest rank counts: without a service first, then by alphabet, whatever their order in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import NamedTuple, Protocol

from mailbot.errors import Never
from mailbot.model.references import Agaps
from mailbot.parsers import cells, identifiers

_NINE = re.compile(r"[0-9]{9}")
#: An identifier of a structure, with the letter or digit that says "FINESS" where one stands before it.
_STRUCTURE = re.compile(r"[1F]?([0-9]{9}|2[AaBb][0-9]{7})")
_POSTAL = re.compile(r"([0-9]{5}|2[AB][0-9]{3})\s+(.+)")
_SECURE = ".mssante.fr"
_WRONG_KEY = "clé du n° FINESS fausse"
#: Source -> what people call it; its name in the ledger is the key.
NAMES = {"finess": "FINESS", "mssante": "MSSanté"}
#: Source -> how its first line begins, without case and accents.
STARTS = {"finess": ("finess;etalab",), "mssante": ("type de bal|", "type bal|")}
#: Source -> what its file must look like, for a message.
EXPECTED = {
    "finess": "une extraction FINESS est attendue : « finess;etalab;… », puis des lignes « structureet;… »",
    "mssante": "une extraction MSSanté est attendue : en-tête « Type de BAL|Adresse BAL|… », séparateur « | »",
}


class Entry(NamedTuple):
    """What a directory says of one PS. Of several entries of one PS the lowest `rank` counts, then the first."""

    rank: str
    row: Agaps


class Bad(Exception):
    """One line is refused: its column, the value as it may be shown, the French reason."""

    def __init__(self, colonne: str, valeur: str, raison: str) -> None:
        super().__init__(raison)
        self.refus = (colonne, valeur, raison)


class Form(Protocol):
    """How one kind of extract is read. `entry` gives what a line says, or the reason why it is left out."""

    separator: str

    def entry(self, line: list[str], doubts: list[str]) -> Entry | str: ...


# -- FINESS ------------------------------------------------------------------------------------------------------

#: number, name, long name, complement, n° in the street, its type, its name, its complement, place, commune, postal
#: line, telephone, fax, category, its label.
_FINESS = itemgetter(1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19)
_FINESS_WIDTH = 32


class Finess:
    separator = ";"

    def __init__(self, header: str, fichier: str, usable: Callable[[str], bool]) -> None:
        """Nothing of the header is needed: the layout has no names."""

    def entry(self, line: list[str], doubts: list[str]) -> Entry | str:
        if line[0] == "geolocalisation":
            return "lignes de géolocalisation"
        if line[0] != "structureet":
            raise Bad("", "", "la ligne ne commence pas par « structureet »")
        _check_width(line, _FINESS_WIDTH)
        (
            numero,
            nom,
            nom_long,
            complement,
            voie_n,
            voie_type,
            voie,
            voie_bis,
            lieu,
            insee,
            postal,
            tel,
            fax,
            code,
            genre,
        ) = map(str.strip, _FINESS(line))
        numero_ps = identifiers.numero_ps(numero)
        if _NINE.fullmatch(numero_ps) is None:
            raise Bad("n° FINESS", cells.shown(numero), "un n° FINESS a 9 chiffres (2A ou 2B en tête pour la Corse)")
        if not identifiers.finess_ok(numero_ps):
            doubts.append(_WRONG_KEY)
        code_postal, commune = _postal(postal)
        row = Agaps(
            numero_ps=numero_ps,
            raison_sociale=nom_long or nom,
            categorie=genre or code,
            mail="",
            telephone=tel,
            fax=fax,
            numero_voie=voie_n,
            complement_numero=voie_bis,
            type_voie=voie_type,
            libelle_voie=voie,
            complement_adresse=f"{complement} {lieu}".strip(),
            code_postal=code_postal,
            commune=commune or ("" if insee.isdigit() else insee),
        )
        return Entry("", row)


# -- MSSanté -----------------------------------------------------------------------------------------------------

#: How the names of the columns may start, compared without case, accents, spaces and punctuation; the order is that
#: in which `entry` takes their cells. A column that is not there gives empty cells.
_MSSANTE = (
    ("typedebal", "typebal"),
    ("adressebal", "adressedelabal"),
    ("identificationstructure", "identifiantstructure", "identificationdelastructure"),
    ("typeidentifiantstructure", "typedidentifiantstructure"),
    ("servicederattachement",),
    ("raisonsociale",),
    ("enseigne",),
    ("l3",),
    ("l4numerovoie",),
    ("l4complementnumero",),
    ("nl4typevoie", "l4typevoie"),
    ("l4libellevoie",),
    ("l5",),
    ("l6",),
    ("codepostal",),
)
#: What people call the first of them, without which nothing can be read.
_NEEDED = ("Type de BAL", "Adresse BAL", "Identification Structure")


class Mssante:
    separator = "|"

    def __init__(self, header: str, fichier: str, usable: Callable[[str], bool]) -> None:
        titles = header.rstrip("| ").split("|")
        keys = ["".join(filter(str.isalnum, cells.plain(title).casefold())) for title in titles]
        self._width = len(titles)
        places = [
            next((at for at, key in enumerate(keys) if key.startswith(starts)), self._width) for starts in _MSSANTE
        ]
        missing = [title for title, place in zip(_NEEDED, places, strict=False) if place == self._width]
        if missing:
            raise Never(f"{fichier} : colonne absente : {', '.join(missing)} ; {EXPECTED['mssante']}")
        self._cells = itemgetter(*places)
        self._usable = usable

    def entry(self, line: list[str], doubts: list[str]) -> Entry | str:
        _check_width(line, self._width)
        # The cell of the columns that are not there.
        line.insert(self._width, "")
        genre, adresse, structure, systeme, service, nom, enseigne, *adresse_postale = map(str.strip, self._cells(line))
        if genre != "ORG":
            return _not_of_organisation(genre)
        found = _STRUCTURE.fullmatch(structure)
        if found is None or not (systeme in ("", "1") or "FINESS" in systeme.upper()):
            return "boîtes d’une structure sans n° FINESS"
        if not self._usable(adresse):
            reason = "adresse à laquelle aucun courrier ne peut partir" if adresse else "adresse absente"
            raise Bad("Adresse BAL", identifiers.masked(adresse), reason)
        if not adresse.casefold().endswith(_SECURE):
            doubts.append(f"adresse hors de {_SECURE}")
        numero_ps = identifiers.numero_ps(found[1])
        if not identifiers.finess_ok(numero_ps):
            doubts.append(_WRONG_KEY)
        distribution, voie_n, voie_bis, voie_type, voie, lieu, acheminement, code = adresse_postale
        code_postal, commune = _postal(acheminement)
        row = Agaps(
            numero_ps=numero_ps,
            raison_sociale=nom or enseigne,
            categorie="",
            mail=adresse,
            telephone="",
            fax="",
            numero_voie=voie_n,
            complement_numero=voie_bis,
            type_voie=voie_type,
            libelle_voie=voie,
            complement_adresse=f"{distribution} {lieu}".strip(),
            code_postal=code_postal or code,
            commune=commune,
        )
        return Entry(f"{1 if service else 0} {adresse.casefold()}", row)


def _not_of_organisation(genre: str) -> str:
    if genre == "PER":
        return "boîtes d’une personne (PER)"
    if genre == "APP":
        return "boîtes d’un logiciel (APP)"
    raise Bad("Type de BAL", cells.shown(genre), "type de boîte inconnu ; valeurs admises : PER, ORG, APP")


def _check_width(line: list[str], width: int) -> None:
    """An empty cell too many (a separator at the end) is none."""
    if len(line) != width and not (len(line) == width + 1 and not line[-1].strip()):
        raise Bad("", "", f"{len(line)} cellules au lieu de {width}")


def _postal(line: str) -> tuple[str, str]:
    """Postal code and commune of a postal line: `01440 VIRIAT`, `75651 PARIS CEDEX 13`; without a code it is a name."""
    found = _POSTAL.fullmatch(line)
    if found is not None:
        return found[1], found[2]
    return (line, "") if line.isdigit() else ("", line)


#: Source -> how its lines are read, made from its header line, the name of the file, and the judge of addresses.
FORMS: Mapping[str, Callable[[str, str, Callable[[str], bool]], Form]] = {"finess": Finess, "mssante": Mssante}
