"""Facts of the acts, the récapitulatif and the valuation (rules G and H)."""

from __future__ import annotations

from decimal import Decimal

from mailbot.rules.case import Case
from mailbot.rules.fact_types import Fact, Named, Shown, iso
from mailbot.rules.references import TOLERANCE
from mailbot.rules.text import euros

_CODES = ("nomenclature",)
_VALUED = ("valorisations",)
#: What is shown when there is nothing to see, which is nearly always: shared by all invoices, changed by nobody.
_NO_SECOND: Shown = {"recapitulatif": False}
_NO_MAU: Shown = {"acte_mau": False}
_NO_UNKNOWN_CODE: Shown = {"codes_inconnus": []}
_NO_WRONG_PRICE: Shown = {"prix_differents": []}
_NO_ADELI: Shown = {"numeros_adeli": []}

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


def _codes_seen(case: Case) -> Shown:
    second = case.facture.recapitulatif
    if second is None:
        return _NO_SECOND
    return {
        "codes": sorted(case.codes),
        "codes_recapitulatif": sorted({a.code_acte for a in second.actes if a.code_acte}),
    }


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


def _dates_seen(case: Case) -> Shown:
    second = case.facture.recapitulatif
    if second is None:
        return _NO_SECOND
    return {
        "dates": _days(case.facture.actes),
        "dates_recapitulatif": _days(second.actes),
    }


def _days(actes: object) -> list[str]:
    assert isinstance(actes, tuple)
    return sorted({acte.date_soins.isoformat() for acte in actes if acte.date_soins is not None})


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


def _prices_seen(case: Case) -> Shown:
    wrong = _wrong_prices(case)
    if not wrong:
        return _NO_WRONG_PRICE
    return {
        "prix_differents": [
            {"code_acte": code, "prix": euros(asked), "nomenclature": euros(known)} for code, asked, known in wrong
        ]
    }


def _unknown_seen(case: Case) -> Shown:
    unknown = case.codes - case.references.nomenclature.keys()
    return {"codes_inconnus": sorted(unknown)} if unknown else _NO_UNKNOWN_CODE


def _adeli_seen(case: Case) -> Shown:
    numbers = _adeli_numbers(case)
    return {"numeros_adeli": sorted(numbers)} if numbers else _NO_ADELI


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


def _totals_seen(case: Case) -> Shown:
    facture, second = case.facture, case.facture.recapitulatif
    if second is None:
        return _NO_SECOND
    return {
        "montant_total": euros(facture.montant_total),
        "montant_total_recapitulatif": euros(second.montant_total),
        "part_rc_demandee": euros(facture.part_rc_demandee),
        "part_rc_recapitulatif": euros(second.part_rc_demandee),
    }


def _several_adeli(case: Case) -> bool:
    first = ""
    for acte in case.facture.actes:
        if acte.numero_adeli and acte.numero_adeli != first:
            if first:
                return True
            first = acte.numero_adeli
    return False


def _adeli_numbers(case: Case) -> set[str]:
    return {acte.numero_adeli for acte in case.facture.actes if acte.numero_adeli}


def _valuation_seen(case: Case) -> Shown:
    row = case.valuation
    if row is None:
        return {"valorisation": False}
    return {"resultat": row.resultat, "message": row.message}


def _amount_differs(case: Case) -> bool:
    row = case.valuation
    return row is not None and _differ(row.montant_calcule, case.facture.montant_total)


def _share_differs(case: Case) -> bool:
    row = case.valuation
    return row is not None and _differ(row.part_rc_calculee, case.facture.part_rc_demandee)


def _amount_seen(case: Case) -> Shown:
    row = case.valuation
    return {
        "montant_total": euros(case.facture.montant_total),
        "montant_calcule": euros(row.montant_calcule) if row else None,
    }


def _share_seen(case: Case) -> Shown:
    row = case.valuation
    return {
        "part_rc_demandee": euros(case.facture.part_rc_demandee),
        "part_rc_calculee": euros(row.part_rc_calculee) if row else None,
    }


FACTS = (
    Fact(
        "mau_seul",
        "Un acte MAU sans acte AMI de coefficient 1 ou 1,5",
        (),
        _mau_without_ami,
        lambda case: {"acte_mau": True, "codes": sorted(case.codes)} if "MAU" in case.codes else _NO_MAU,
    ),
    Fact(
        "code_inconnu",
        "Un code acte n’est pas dans la nomenclature",
        _CODES,
        lambda case: not case.codes <= case.references.nomenclature.keys(),
        _unknown_seen,
    ),
    Fact("codes_differents", "Le récapitulatif n’a pas les mêmes codes actes", (), _other_codes, _codes_seen),
    Fact(
        "facture_anterieure",
        "La date de la facture précède la fin des soins",
        (),
        _dated_before,
        lambda case: {"date_facture": iso(case.facture.date_facture), "fin_soins": iso(case.fin)},
    ),
    Fact("dates_differentes", "Le récapitulatif n’a pas les mêmes dates de soins", (), _other_dates, _dates_seen),
    Fact(
        "prix_different",
        "Un prix unitaire n’est pas celui de la nomenclature",
        _CODES,
        lambda case: bool(_wrong_prices(case)),
        _prices_seen,
    ),
    Fact("totaux_differents", "Le récapitulatif n’a pas les mêmes totaux", (), _other_totals, _totals_seen),
    Fact(
        "plusieurs_adeli",
        "Les actes portent plus d’un numéro Adeli",
        (),
        _several_adeli,
        _adeli_seen,
    ),
    Fact(
        "valorisation",
        "La facture a une ligne dans valorisations",
        _VALUED,
        lambda case: case.valuation is not None,
        _valuation_seen,
    ),
    Fact(
        "valorisation_refusee",
        "La valorisation est refusée",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.resultat == "REFUSEE",
        _valuation_seen,
    ),
    Fact(
        "valorisation_message",
        "La valorisation donne un message",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.message != "",
        _valuation_seen,
    ),
    Fact(
        "montant_different", "Le montant calculé n’est pas le montant demandé", _VALUED, _amount_differs, _amount_seen
    ),
    Fact("part_rc_differente", "La part RC calculée n’est pas la part demandée", _VALUED, _share_differs, _share_seen),
    Fact(
        "valorisee",
        "La facture est valorisée",
        _VALUED,
        lambda case: case.valuation is not None and case.valuation.resultat == "VALORISEE",
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
