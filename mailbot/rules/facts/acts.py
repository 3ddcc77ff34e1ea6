"""Facts of the acts, the récapitulatif and the valuation (rules G and H)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from mailbot.model import Acte
from mailbot.rules.case import Case
from mailbot.rules.facts.types import Fact, Named, Seen
from mailbot.rules.references import TOLERANCE
from mailbot.rules.text import euros

_CODES = ("nomenclature",)
_VALUED = ("valorisations",)
#: What is shown when there is no récapitulatif, no valuation, no act MAU, and where a list is empty.
_NONE: Seen = (False,)
_EMPTY: Seen = ((),)

_TOTALS_SEEN = (
    "recapitulatif",
    "montant_total",
    "montant_total_recapitulatif",
    "part_rc_demandee",
    "part_rc_recapitulatif",
)
_VALUATION = ("valorisation", "resultat", "message")

_AMI_COEFFICIENTS = (Decimal(1), Decimal("1.5"))


def _mau_without_ami(case: Case) -> bool:
    if "MAU" not in case.codes:
        return False
    return not any(acte.code_acte == "AMI" and acte.coefficient in _AMI_COEFFICIENTS for acte in case.facture.actes)


def _other_codes(case: Case) -> bool:
    second = case.facture.recapitulatif
    if second is None:
        return False
    theirs = {acte.code_acte for acte in second.actes if acte.code_acte}
    return bool(theirs and case.codes) and theirs != case.codes


def _mau_seen(case: Case) -> Seen:
    return (True, _sorted(case.codes)) if "MAU" in case.codes else _NONE


def _codes_seen(case: Case) -> Seen:
    second = case.facture.recapitulatif
    if second is None:
        return _NONE
    return True, _sorted(case.codes), _sorted({acte.code_acte for acte in second.actes if acte.code_acte})


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))


def _dated_before(case: Case) -> bool:
    issued = case.facture.date_facture
    return issued is not None and case.fin is not None and issued < case.fin


def _other_dates(case: Case) -> bool:
    second = case.facture.recapitulatif
    if second is None:
        return False
    theirs = {acte.date_soins for acte in second.actes if acte.date_soins is not None}
    ours = {acte.date_soins for acte in case.facture.actes if acte.date_soins is not None}
    return bool(theirs and ours) and theirs != ours


def _dates_seen(case: Case) -> Seen:
    second = case.facture.recapitulatif
    if second is None:
        return _NONE
    return True, _days(case.facture.actes), _days(second.actes)


def _days(actes: Iterable[Acte]) -> tuple[date, ...]:
    return tuple(sorted({acte.date_soins for acte in actes if acte.date_soins is not None}))


def _wrong_prices(case: Case) -> list[tuple[str, int, int]]:
    """(code, price asked, price of the nomenclature) where both have one and they differ."""
    nomenclature, found = case.references.nomenclature, []
    for acte in case.facture.actes:
        if acte.prix_unitaire is None:
            continue
        row = nomenclature.get(acte.code_acte)
        if row is None or row.prix_unitaire is None:
            continue
        if abs(acte.prix_unitaire - row.prix_unitaire) > TOLERANCE:
            found.append((acte.code_acte, acte.prix_unitaire, row.prix_unitaire))
    return found


def _prices_seen(case: Case) -> Seen:
    wrong = _wrong_prices(case)
    if not wrong:
        return _EMPTY
    return (tuple(f"{code} {euros(asked)} au lieu de {euros(known)}" for code, asked, known in wrong),)


def _unknown_seen(case: Case) -> Seen:
    known = case.references.codes
    return _EMPTY if case.codes <= known else (_sorted(case.codes - known),)


def _differ(one: int | None, other: int | None) -> bool:
    """Two amounts that are both there and differ by more than the tolerance."""
    return one is not None and other is not None and abs(one - other) > TOLERANCE


def _other_totals(case: Case) -> bool:
    facture, second = case.facture, case.facture.recapitulatif
    if second is None:
        return False
    return _differ(facture.montant_total, second.montant_total) or _differ(
        facture.part_rc_demandee, second.part_rc_demandee
    )


def _totals_seen(case: Case) -> Seen:
    facture, second = case.facture, case.facture.recapitulatif
    if second is None:
        return _NONE
    totals = (facture.montant_total, second.montant_total, facture.part_rc_demandee, second.part_rc_demandee)
    return True, *map(euros, totals)


def _several_adeli(case: Case) -> bool:
    first = ""
    for acte in case.facture.actes:
        if acte.numero_adeli and acte.numero_adeli != first:
            if first:
                return True
            first = acte.numero_adeli
    return False


def _adeli_seen(case: Case) -> Seen:
    return (_sorted({acte.numero_adeli for acte in case.facture.actes} - {""}),)


def _valuation_seen(case: Case) -> Seen:
    row = case.valuation
    return _NONE if row is None else (True, row.resultat, row.message)


def _amount_differs(case: Case) -> bool:
    row = case.valuation
    return row is not None and _differ(row.montant_calcule, case.facture.montant_total)


def _share_differs(case: Case) -> bool:
    row = case.valuation
    return row is not None and _differ(row.part_rc_calculee, case.facture.part_rc_demandee)


def _amount_seen(case: Case) -> Seen:
    return euros(case.facture.montant_total), euros(case.valuation.montant_calcule) if case.valuation else None


def _share_seen(case: Case) -> Seen:
    return euros(case.facture.part_rc_demandee), euros(case.valuation.part_rc_calculee) if case.valuation else None


FACTS = (
    Fact(
        "mau_seul",
        "Un acte MAU sans acte AMI de coefficient 1 ou 1,5",
        (),
        _mau_without_ami,
        ("acte_mau", "codes"),
        _mau_seen,
    ),
    Fact(
        "code_inconnu",
        "Un code acte n’est pas dans la nomenclature",
        _CODES,
        lambda case: not case.codes <= case.references.codes,
        ("codes_inconnus",),
        _unknown_seen,
    ),
    Fact(
        "codes_differents",
        "Le récapitulatif n’a pas les mêmes codes actes",
        (),
        _other_codes,
        ("recapitulatif", "codes", "codes_recapitulatif"),
        _codes_seen,
    ),
    Fact(
        "facture_anterieure",
        "La date de la facture précède la fin des soins",
        (),
        _dated_before,
        ("date_facture", "fin_soins"),
        lambda case: (case.facture.date_facture, case.fin),
    ),
    Fact(
        "dates_differentes",
        "Le récapitulatif n’a pas les mêmes dates de soins",
        (),
        _other_dates,
        ("recapitulatif", "dates", "dates_recapitulatif"),
        _dates_seen,
    ),
    Fact(
        "prix_different",
        "Un prix unitaire n’est pas celui de la nomenclature",
        _CODES,
        lambda case: bool(_wrong_prices(case)),
        ("prix_differents",),
        _prices_seen,
    ),
    Fact(
        "totaux_differents", "Le récapitulatif n’a pas les mêmes totaux", (), _other_totals, _TOTALS_SEEN, _totals_seen
    ),
    Fact(
        "plusieurs_adeli",
        "Les actes portent plus d’un numéro Adeli",
        (),
        _several_adeli,
        ("numeros_adeli",),
        _adeli_seen,
    ),
    Fact(
        "valorisation",
        "La facture a une ligne dans valorisations",
        _VALUED,
        lambda case: case.valuation is not None,
        _VALUATION,
        _valuation_seen,
    ),
    Fact(
        "valorisation_refusee",
        "La valorisation est refusée",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.resultat == "REFUSEE",
        _VALUATION,
        _valuation_seen,
    ),
    Fact(
        "valorisation_message",
        "La valorisation donne un message",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.message != "",
        _VALUATION,
        _valuation_seen,
    ),
    Fact(
        "montant_different",
        "Le montant calculé n’est pas le montant demandé",
        _VALUED,
        _amount_differs,
        ("montant_total", "montant_calcule"),
        _amount_seen,
    ),
    Fact(
        "part_rc_differente",
        "La part RC calculée n’est pas la part demandée",
        _VALUED,
        _share_differs,
        ("part_rc_demandee", "part_rc_calculee"),
        _share_seen,
    ),
    Fact(
        "valorisee",
        "La facture est valorisée",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.resultat == "VALORISEE",
        _VALUATION,
        _valuation_seen,
    ),
)

NAMED = (
    Named("message_valorisation", "message de la valorisation", lambda case: getattr(case.valuation, "message", None)),
    Named("montant_demande", "montant total demandé", lambda case: euros(case.facture.montant_total)),
    Named(
        "montant_calcule",
        "montant calculé par la valorisation",
        lambda case: euros(getattr(case.valuation, "montant_calcule", None)),
    ),
    Named("part_rc_demandee", "part RC demandée", lambda case: euros(case.facture.part_rc_demandee)),
    Named(
        "part_rc_calculee",
        "part RC calculée par la valorisation",
        lambda case: euros(getattr(case.valuation, "part_rc_calculee", None)),
    ),
)
