"""NOEMIE returns: bytes -> what became of each invoice (formats.md, “NOEMIE”).

Owns: which entity belongs to which invoice, and what its zones mean. Where entities begin and end is
`noemie_entities.py`; positions stand in the layout (`config/formats/noemie.csv`), none here. Pure; a damaged entity is
refused by number and position, together with the invoice that it leaves unsure, and the others go on. Raises `Park`
for a file that must not count: test or demonstration flow, encrypted. Known limits: what only lines say (210, 220) is
not summed up; the sums of 990 are compared and warned of, never enforced (their meaning is “likely”).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mailbot.errors import Park
from mailbot.model import Refus
from mailbot.model.retours import EtatPart, Part, Raison, Retour
from mailbot.parsers import identifiers, layouts
from mailbot.parsers.layouts import Layout
from mailbot.parsers.noemie import entities as noemie_entities
from mailbot.parsers.noemie.control import Control
from mailbot.parsers.noemie.entities import Entite

looks_like = noemie_entities.looks_like

#: The zones without which a return cannot be read.
_NEEDED = {
    "000": ("type_flux", "cryptage", "n_dest", "date_creation", "longueur"),
    "020": ("n_dest_reglement",),
    "040": ("n_dest_reglement",),
    "070": ("date_comptable",),
    "071": ("date",),
    "080": ("n_lot",),
    "100": ("n_facture",),
    "102": ("n_facture", "n_lot"),
    "103": ("nir_assure", "cle", "nir_individuel", "cle_individuel"),
    "110": ("nir", "cle"),
    "198": ("montant_demande", "etat", "montant_paye", "signe"),
    "199": ("montant_demande", "etat", "montant_paye", "signe"),
    "290": ("n_ligne", "code", "libelle"),
    "294": ("code", "libelle", "niveau_rejet", "part", "complement"),
    "295": ("commentaire",),
    "990": ("compteur", "cumul", "signe"),
    "999": ("type",),
}
_ENTITIES = {name: ("niveau", "fin") for name in _NEEDED if name not in noemie_entities.RECORDS}
_TRIAL_FLOWS = ("T", "D")
#: Where the NIR of insured and patient stand, each with its key.
_NIRS = {"103": (("nir_assure", "cle"), ("nir_individuel", "cle_individuel")), "110": (("nir", "cle"),)}
_ETATS = {state.value: state for state in EtatPart}
#: Damaged entities of these numbers leave the invoice around them unsure; others only lose what they said.
_DECISIVE = {"198", "199", "290", "294"}
#: Entities that end the invoice before them, also when they were cut short.
_OPENINGS = {"000", "020", "040", "070", "071", "080", "100", "102", "999"}
_LONGEST_TEXT = 200
#: The number and the level of a 102 within other text.
_SWALLOWED = re.compile("(?=102[0-9]{2})")
_MOST_WARNINGS = 20


def read_layout(text: str, file: str = "noemie.csv") -> Layout:
    """The layout, checked; raises `ConfigError`."""
    needed = {name: (*zones, *_ENTITIES.get(name, ())) for name, zones in _NEEDED.items()}
    return layouts.read(text, file, "entity", needed)


@dataclass(frozen=True, slots=True)
class RetourFile:
    """A return, read. `brutes` are the entities that the layout does not know, whole. `refus` name damaged entities:
    `ligne` is the rank of the entity in the file."""

    retours: tuple[Retour, ...]
    refus: tuple[Refus, ...]
    warnings: tuple[str, ...]
    brutes: tuple[Entite, ...] = ()


def read(raw: bytes, name: str, layout: Layout) -> RetourFile:
    """Reads one file; any bytes give a result. Raises `Park` (see above)."""
    reader = _Reader(name, layout)
    for entite in noemie_entities.cut(raw, layout):
        reader.take(entite)
    return reader.finish()


class _Damaged(Exception):
    """A zone cannot be read."""

    def __init__(self, zone: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.zone, self.value, self.reason = zone, value, reason


class _Facture:
    """The invoice that is being read."""

    __slots__ = (
        "by", "commentaires", "doubtful", "nirs", "niveau", "numero", "numero_lot", "raisons", "rang", "rc", "ro",
    )  # fmt: skip

    def __init__(self, entite: Entite, numero: str, numero_lot: str) -> None:
        self.by, self.rang, self.niveau = entite.numero, entite.rang, entite.niveau
        self.numero, self.numero_lot = numero, numero_lot
        self.nirs: list[str] = []
        self.ro: Part | None = None
        self.rc: Part | None = None
        self.raisons: list[Raison] = []
        self.commentaires: list[str] = []
        self.doubtful = False

    @property
    def bare(self) -> bool:
        return not (self.nirs or self.ro or self.rc or self.raisons or self.commentaires)


class _Reader:
    """Walks the entities in order; `_facture` is the open invoice, `_ps`, `_lot`, `_jour` what stands above it."""

    def __init__(self, name: str, layout: Layout) -> None:
        self._name, self._layout = name, layout
        self._facture: _Facture | None = None
        #: The opening entity of an invoice was damaged: what follows belongs to an invoice that nobody can name.
        self._orphan = False
        self._ps = self._lot = ""
        self._jour: date | None = None
        self._retours: list[Retour] = []
        self._refus: list[Refus] = []
        self._warnings: list[str] = []
        self._brutes: list[Entite] = []
        self._control = Control()
        self._ended = False
        self._takers: dict[str, Callable[[Entite], None]] = {
            "000": self._header, "020": self._payee, "040": self._payee, "070": self._day, "071": self._day,
            "080": self._batch, "100": self._open, "102": self._open, "103": self._person, "110": self._person,
            "198": self._part, "199": self._part, "290": self._reason, "294": self._reason, "295": self._comment,
            "990": self._close, "999": self._end,
        }  # fmt: skip

    def take(self, entite: Entite) -> None:
        if entite.faute:
            self._damage(entite, "", "", entite.faute)
        elif entite.numero not in self._layout:
            self._brutes.append(entite)
            self._control.count(entite.niveau)
        else:
            try:
                if entite.numero not in (*noemie_entities.RECORDS, "990"):
                    self._control.count(entite.niveau)
                taker = self._takers.get(entite.numero)
                if taker:
                    taker(entite)
            except _Damaged as damaged:
                self._damage(entite, damaged.zone, damaged.value, damaged.reason)

    def finish(self) -> RetourFile:
        self._shut()
        if not self._ended:
            self._warn("le fichier n’a pas d’enregistrement de fin (999) : il est peut-être tronqué")
        if self._brutes:
            numbers = ", ".join(sorted({entite.numero for entite in self._brutes})[:_MOST_WARNINGS])
            self._warn(f"entités inconnues, gardées telles quelles : {numbers}")
        more = len(self._warnings) - _MOST_WARNINGS
        warnings = self._warnings[:_MOST_WARNINGS] + ([f"et {more} autres remarques"] if more > 0 else [])
        return RetourFile(tuple(self._retours), tuple(self._refus), tuple(warnings), tuple(self._brutes))

    # -- what is damaged -----------------------------------------------------------------------------------------

    def _damage(self, entite: Entite, zone: str, value: str, reason: str) -> None:
        """Names the entity, and forgets what can no longer be told for sure."""
        numero, about = entite.numero, self._facture
        known = self._layout.get(numero)
        # Unreadable or too long: it may have been, or swallowed, anything. Of a wrong length at all: it may have
        # swallowed the opening of the next invoice.
        lost = known is None or len(entite.texte) > known.longueur
        unsure = lost or entite.faute not in ("", noemie_entities.NO_MARK)
        payee = lost or numero in ("000", "020", "040")
        above, opening = payee or numero == "080", unsure or numero in ("100", "102")
        ends = numero in _OPENINGS and not lost
        if about and (numero in _DECISIVE or (unsure and not (ends and entite.niveau <= about.niveau))):
            about.doubtful = True
            reason += " ; la facture est écartée, demandez un nouveau retour"
        if above or opening or numero in _OPENINGS:
            self._shut()
            self._orphan = opening
        self._lot = "" if above else self._lot
        self._ps = "" if payee else self._ps
        facture = about.numero if about and about.doubtful else ""
        if unsure and (inside := self._seen_inside(entite.texte)):
            reason += f" ; elle a emporté ce qui suit, avec les factures n° {', '.join(inside)}"
        column = f"entité {numero}" + (f" {zone}" if zone else "")
        place = f"{reason} (caractère {entite.position})"
        self._refus.append(Refus(self._name, entite.rang, column, identifiers.masked(value), place, facture))

    def _seen_inside(self, text: str) -> list[str]:
        """The numbers of the invoices whose 102 can be seen in what a damaged entity swallowed."""
        zone = self._layout["102"].zones["n_facture"]
        found = (zone.of(text[at.start() :]).strip() for at in _SWALLOWED.finditer(text, 1))
        return [*dict.fromkeys(one for one in found if identifiers.numero_facture(one) and one.isalnum())]

    def _warn(self, text: str) -> None:
        self._warnings.append(f"{self._name} : {text}")

    # -- above the invoices --------------------------------------------------------------------------------------

    def _header(self, entite: Entite) -> None:
        self._shut()
        if self._text(entite, "longueur") not in ("", "128"):
            raise _Damaged("longueur", "", "en-tête abîmé : 128 attendu")
        if self._text(entite, "type_flux") in _TRIAL_FLOWS:
            raise Park("retour d’essai ou de démonstration (type de flux) : il ne compte pas")
        if self._text(entite, "cryptage") == "O":
            raise Park("retour chiffré : demandez-le en clair")
        self._ps = _ps(self._text(entite, "n_dest"))
        self._lot, self._ended = "", False
        self._jour = None
        self._jour = self._date(entite, "date_creation")

    def _payee(self, entite: Entite) -> None:
        self._shut()
        self._ps, self._lot = _ps(self._text(entite, "n_dest_reglement")), ""

    def _day(self, entite: Entite) -> None:
        self._shut()
        self._jour = self._date(entite, "date_comptable" if entite.numero == "070" else "date") or self._jour

    def _batch(self, entite: Entite) -> None:
        self._shut()
        self._lot = self._text(entite, "n_lot")

    def _end(self, _entite: Entite) -> None:
        self._shut()
        self._ended = True

    # -- the invoice ---------------------------------------------------------------------------------------------

    def _open(self, entite: Entite) -> None:
        numero = self._text(entite, "n_facture")
        if not identifiers.numero_facture(numero):
            raise _Damaged("n_facture", numero, "facture sans numéro")
        lot = (self._text(entite, "n_lot") if entite.numero == "102" else "") or self._lot
        before = self._facture
        if before and before.by == "100" != entite.numero and before.bare and before.numero == numero:
            before.numero_lot = lot  # a 102 says more of the invoice that the 100 just before it opened
            return
        self._shut()
        self._facture = _Facture(entite, numero, lot)

    def _person(self, entite: Entite) -> None:
        """The NIR of the patient; one that is ill-formed tells nothing."""
        for zones in _NIRS[entite.numero]:
            number, key = (self._text(entite, zone) for zone in zones)
            nir, right = identifiers.nir(number + (key if key.strip("0") else ""))
            if self._facture and nir and right and nir not in self._facture.nirs:
                self._facture.nirs.append(nir)

    def _part(self, entite: Entite) -> None:
        facture = self._inside(entite)
        etat = self._text(entite, "etat")
        if etat not in _ETATS:
            raise _Damaged("etat", etat, "état inconnu ; valeurs admises : P, R, D ou vide")
        paid = self._number(entite, "montant_paye")
        part = Part(self._number(entite, "montant_demande"), _ETATS[etat], self._signed(entite, paid))
        self._control.paid(part.paye or 0)
        if facture is None:
            return
        name = "ro" if entite.numero == "198" else "rc"
        if getattr(facture, name) is not None:
            raise _Damaged("", "", f"deuxième part {name.upper()} de la même facture")
        setattr(facture, name, part)

    def _reason(self, entite: Entite) -> None:
        facture = self._inside(entite)
        code, label = self._text(entite, "code"), self._free(entite, "libelle")[:_LONGEST_TEXT]
        if entite.numero == "290":
            # The older entity has no level: no line means the whole invoice.
            level, part, more = "L" if self._number(entite, "n_ligne") else "F", "", ""
        else:
            level, part = (self._text(entite, zone) for zone in ("niveau_rejet", "part"))
            more = self._free(entite, "complement")
            if level not in ("F", "L", "A"):
                raise _Damaged("niveau_rejet", level, "niveau inconnu ; valeurs admises : F, L, A")
            if part not in ("O", "C", ""):
                raise _Damaged("part", part, "part inconnue ; valeurs admises : O, C")
        if facture:
            facture.raisons.append(Raison(code, label, level, part, more))

    def _comment(self, entite: Entite) -> None:
        text = self._free(entite, "commentaire")
        if self._facture and text:
            self._facture.commentaires.append(text)

    def _close(self, entite: Entite) -> None:
        facture = self._facture
        if facture and entite.niveau <= facture.niveau:
            self._shut()
        cumul = self._signed(entite, self._number(entite, "cumul"))
        for told in self._control.check(entite.niveau, self._number(entite, "compteur"), cumul):
            self._warn(f"contrôle 990, entité n° {entite.rang} : {told}")

    def _inside(self, entite: Entite) -> _Facture | None:
        """The open invoice; None inside one that nobody can name (already refused)."""
        if self._facture is None and not self._orphan:
            raise _Damaged("", "", "entité hors de toute facture")
        return self._facture

    def _shut(self) -> None:
        """The open invoice is complete."""
        facture, self._facture, self._orphan = self._facture, None, False
        if facture is None or facture.doubtful:
            return
        self._retours.append(
            Retour(
                rang=facture.rang,
                numero_ps=self._ps,
                numero_lot=facture.numero_lot,
                numero_facture=facture.numero,
                numero=identifiers.numero_facture(facture.numero),
                nirs=tuple(facture.nirs),
                jour=self._jour,
                ro=facture.ro,
                rc=facture.rc,
                raisons=tuple(facture.raisons),
                commentaires=tuple(facture.commentaires),
            )
        )

    # -- zones ---------------------------------------------------------------------------------------------------

    def _text(self, entite: Entite, zone: str) -> str:
        return self._layout[entite.numero].zones[zone].of(entite.texte).strip()

    def _free(self, entite: Entite, zone: str) -> str:
        """Free text, which people and the dictionary of codes are shown: without a NIR that somebody wrote into it."""
        return identifiers.without_nirs(self._text(entite, zone))

    def _number(self, entite: Entite, zone: str) -> int | None:
        """Digits; None for blanks."""
        text = self._text(entite, zone)
        if not text:
            return None
        if not (text.isascii() and text.isdigit()):
            raise _Damaged(zone, text, "des chiffres sont attendus")
        return int(text)

    def _signed(self, entite: Entite, amount: int | None) -> int | None:
        sign = self._text(entite, "signe")
        if sign not in ("P", "N", ""):
            raise _Damaged("signe", sign, "signe inconnu ; valeurs admises : P, N")
        return -amount if amount is not None and sign == "N" else amount

    def _date(self, entite: Entite, zone: str) -> date | None:
        """AAMMJJ of this century; None for blanks and zeros."""
        text = self._text(entite, zone)
        if not text.strip("0"):
            return None
        if len(text) != 6 or not (text.isascii() and text.isdigit()):
            raise _Damaged(zone, text, "une date AAMMJJ est attendue")
        try:
            return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            raise _Damaged(zone, text, "cette date n’existe pas au calendrier") from None


def _ps(text: str) -> str:
    """The nine last characters of a payee number; "" for zeros only."""
    compact = "".join(text.split())
    return identifiers.numero_ps(compact[-9:]) if compact.strip("0") else ""
