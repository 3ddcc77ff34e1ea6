"""Sentences for the facts of the acts, the récapitulatif and the valuation (facts_acts.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mailbot.rules.telling.words import Absent, Saw, Telling, amount, cents, day, enumerated, several, text

ACTS = "Les actes"
VALUATION = "La valorisation"

_PRICE = re.compile(r"(?P<code>.+) (?P<asked>-?\d+,\d\d) au lieu de (?P<known>-?\d+,\d\d)")
_NO_SECOND = "Aucun récapitulatif n’accompagne la facture."


def _mau(saw: Saw) -> str:
    codes = [code for code in saw.texts("codes") if code != "MAU"]
    others = f" (autres actes : {enumerated(codes)})" if codes else ""
    return f"La facture porte un acte MAU sans acte AMI de coefficient 1 ou 1,5{others}."


def _no_mau(saw: Saw) -> str:
    if saw.get("acte_mau"):
        return "L’acte MAU vient avec un acte AMI de coefficient 1 ou 1,5."
    return "La facture ne porte pas d’acte MAU."


def known_and_priced(saw: Saw) -> str:
    """Where there is no MAU to speak of."""
    if saw.get("acte_mau"):
        raise Absent
    return "Les codes actes sont dans la nomenclature, et aucun prix unitaire ne s’en écarte."


def _unknown_codes(saw: Saw) -> str:
    codes = saw.texts("codes_inconnus")
    if len(codes) > 1:
        return f"Les codes actes {enumerated(codes)} ne sont pas dans la nomenclature."
    return f"Le code acte {enumerated(codes)} n’est pas dans la nomenclature."


def _other_codes(saw: Saw) -> str:
    return saw.say("Codes actes de la facture : {codes:liste} ; du récapitulatif : {codes_recapitulatif:liste}.")


def _same(saw: Saw, name: str, what: str, how: Callable[[object], str]) -> str:
    """A list of the récapitulatif that does not contradict the invoice's."""
    if not saw.get("recapitulatif"):
        return _NO_SECOND
    if not (saw.filled(name) and saw.filled(f"{name}_recapitulatif")):
        return f"Le récapitulatif ne donne pas de {what} à comparer."
    return f"Le récapitulatif donne les mêmes {what}, {enumerated([how(one) for one in several(saw.get(name))])}."


def _dated_well(saw: Saw) -> str:
    if saw.get("date_facture") is None:
        return "La facture n’est pas datée."
    if saw.get("fin_soins") is None:
        return "Les soins n’ont pas de date."
    return saw.say("La facture est datée du {date_facture:jour}, pas avant la fin des soins.")


def _prices(saw: Saw) -> str:
    told = []
    for one in saw.texts("prix_differents"):
        found = _PRICE.fullmatch(one)
        if found is None:
            raise Absent
        told.append(
            f"le prix unitaire de l’acte {found['code']} est de {amount(found['asked'])}, "
            f"la nomenclature dit {amount(found['known'])}"
        )
    if not told:
        raise Absent
    joined = " ; ".join(dict.fromkeys(told))
    return f"{joined[:1].upper()}{joined[1:]}."


def _totals(saw: Saw) -> str:
    pairs = (
        ("montant total", "montant_total", "montant_total_recapitulatif"),
        ("part RC", "part_rc_demandee", "part_rc_recapitulatif"),
    )
    told = []
    for what, ours, theirs in pairs:
        if saw.filled(ours) and saw.filled(theirs) and abs(cents(saw.get(ours)) - cents(saw.get(theirs))) > 1:
            article = "le" if what.startswith("m") else "la"
            told.append(
                f"{article} {what} est de {amount(saw.get(ours))} sur la facture, "
                f"de {amount(saw.get(theirs))} sur le récapitulatif"
            )
    if not told:
        raise Absent
    joined = " ; ".join(told)
    return f"{joined[:1].upper()}{joined[1:]}."


def _same_totals(saw: Saw) -> str:
    return "Le récapitulatif donne les mêmes totaux." if saw.get("recapitulatif") else _NO_SECOND


def _adeli(saw: Saw) -> str:
    numbers = saw.texts("numeros_adeli")
    return f"Les actes portent {len(numbers)} numéros Adeli : {enumerated(numbers)}."


def _one_adeli(saw: Saw) -> str:
    numbers = saw.texts("numeros_adeli")
    return (
        f"Les actes portent un seul numéro Adeli, {numbers[0]}."
        if numbers
        else "Les actes ne portent pas de numéro Adeli."
    )


def _valuation(saw: Saw) -> str:
    if not saw.get("valorisation"):
        return "La facture n’est pas encore valorisée."
    result = text(saw.get("resultat")) if saw.filled("resultat") else ""
    if result == "REFUSEE":
        said = saw.say(" : « {message} »") if saw.filled("message") else ", sans message"
        return f"La valorisation est refusée{said}."
    return "La facture est valorisée." if result == "VALORISEE" else "La valorisation n’a pas de résultat."


def _says(saw: Saw) -> str:
    return (
        _valuation(saw)
        if saw.filled("message") and saw.get("resultat") == "REFUSEE"
        else saw.say("La valorisation dit : « {message} ».")
    )


def _differs(what: str, agreement: str, asked: str, computed: str) -> Telling:
    def non(saw: Saw) -> str:
        if not saw.filled(computed):
            return f"La valorisation ne donne pas de {what} à comparer."
        if not saw.filled(asked):
            return f"La facture ne donne pas de {what} à comparer."
        return saw.say(f"{agreement}, {{{asked}:euros}}.")

    article = "Le" if what.startswith("montant") else "La"
    ending = "" if article == "Le" else "e"
    oui = f"{article} {what} demandé{ending} est de {{{asked}:euros}}, la valorisation calcule {{{computed}:euros}}."
    return Telling(VALUATION, oui, non)


TELLINGS: Mapping[str, Telling] = {
    "mau_seul": Telling(ACTS, _mau, _no_mau),
    "code_inconnu": Telling(ACTS, _unknown_codes, "Les codes actes sont tous dans la nomenclature."),
    "codes_differents": Telling(ACTS, _other_codes, lambda saw: _same(saw, "codes", "codes actes", text)),
    "facture_anterieure": Telling(
        ACTS, "La facture est datée du {date_facture:jour}, avant la fin des soins, le {fin_soins:jour}.", _dated_well
    ),
    "dates_differentes": Telling(
        ACTS,
        "Dates de soins de la facture : {dates:jours} ; du récapitulatif : {dates_recapitulatif:jours}.",
        lambda saw: _same(saw, "dates", "dates de soins", day),
    ),
    "prix_different": Telling(ACTS, _prices, "Aucun prix unitaire ne s’écarte de la nomenclature."),
    "totaux_differents": Telling(ACTS, _totals, _same_totals),
    "plusieurs_adeli": Telling(ACTS, _adeli, _one_adeli),
    "valorisation": Telling(VALUATION, _valuation, _valuation),
    "valorisation_refusee": Telling(VALUATION, _valuation, _valuation),
    "valorisation_message": Telling(VALUATION, _says, _valuation),
    "montant_different": _differs(
        "montant", "Le montant demandé est le montant calculé", "montant_total", "montant_calcule"
    ),
    "part_rc_differente": _differs(
        "part RC", "La part RC demandée est la part calculée", "part_rc_demandee", "part_rc_calculee"
    ),
    "valorisee": Telling(VALUATION, _valuation, _valuation),
}
