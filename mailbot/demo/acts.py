"""Short ways to write an act of the sample day, and the nomenclature that its codes stand in. Prices in centimes."""

from __future__ import annotations

from datetime import date

from mailbot.demo.sample import Acte

#: Code, libellé, majoration, unit price (None: the nomenclature has none).
NOMENCLATURE: tuple[tuple[str, str, bool, int | None], ...] = (
    ("PH7", "Médicament remboursé à 65 %", False, None),
    ("PH4", "Médicament remboursé à 30 %", False, None),
    ("HD7", "Honoraire de dispensation", False, 102),
    ("B", "Acte de biologie", False, 25),
    ("MON", "Monture", False, 3000),
    ("VER", "Verre unifocal", False, 4250),
    ("AMI", "Acte infirmier", False, 315),
    ("MAU", "Majoration pour acte unique", True, 135),
    ("MN", "Majoration de nuit", True, 915),
    ("IFD", "Indemnité de déplacement", False, 275),
    ("AMK", "Acte de kinésithérapie en cabinet", False, 221),
    ("SDE", "Soin dentaire conservateur", False, 2892),
    ("ABA", "Ambulance, forfait départemental", False, 6405),
    ("FJ", "Forfait journalier", False, 2000),
    ("G", "Consultation du généraliste", False, 3000),
    ("CS", "Consultation du spécialiste", False, 2500),
    ("RAD", "Radiographie", False, 3325),
)
_PRIX = {code: prix or 0 for code, _, _, prix in NOMENCLATURE}


def jour(month: int, day: int, year: int = 2026) -> date:
    """A day of the winter before the sample day."""
    return date(year, month, day)


def acte(
    code: str, when: date, quantite: int = 1, *, prix: int | None = None, coefficient: str = "", adeli: str = ""
) -> Acte:
    """One act; its price is the nomenclature's unless given."""
    return Acte(code, when, _PRIX[code] if prix is None else prix, quantite, coefficient, adeli)


def ordonnance(when: date, prix: int) -> tuple[Acte, ...]:
    """What a pharmacy dispenses on one prescription: boxes for `prix` centimes and the fee."""
    return acte("PH7", when, prix=prix), acte("HD7", when)
