"""Sentences for the facts of the patient, the cards, the contract and its rights (facts_patient.py).

The invoice's own NIR, name and birth are said as the PS wrote them; what the base knows beyond is never said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailbot.rules import text as texts
from mailbot.rules.telling.words import Absent, Saw, Telling, counted, day, enumerated, text

PATIENT = "Le patient"
CARD = "La carte et les droits"

_BY_NAME = "Le patient est trouvé par son nom et sa naissance, sous un autre NIR."
_NOT_IN_BASE = "Le NIR n’est pas dans la base des bénéficiaires."
_NO_CONTRACT = "Aucun contrat ne court du début à la fin des soins."
_NOBODY = "Personne n’y a ce nom et cette naissance."


def _found(saw: Saw) -> str:
    """The one sentence for every rule that was passed because the patient is found by NIR; "" when not found."""
    number = saw.count("trouvees_par_nir")
    if not number:
        return ""
    return f"Le patient est trouvé par son NIR ({counted(number, 'personne' if number == 1 else 'fiche')})."


def _bad_nir(saw: Saw) -> str:
    return saw.say("Le NIR « {nir} » est mal formé, ou sa clé est fausse.")


def _good_nir(saw: Saw) -> str:
    return "Le NIR est bien formé." if saw.filled("nir") else "La facture ne porte pas de NIR."


def _other_birth(saw: Saw) -> str:
    return saw.say(
        "Le NIR est connu, mais la base n’y met pas cette naissance : "
        "{date_naissance:naissance}, rang {rang_naissance:nombre}."
    )


def _birth_passed(saw: Saw) -> str:
    if saw.count("personnes_sous_ce_nir") == 0:
        return _NOT_IN_BASE
    return _found(saw) or "Sous ce NIR, personne ne porte le nom de la facture."


def _other_name(saw: Saw) -> str:
    named = " ".join(text(saw.get(name)) for name in ("prenom", "nom") if saw.filled(name))
    if not named:
        return "Le NIR et la naissance sont connus, mais la facture ne donne pas de nom."
    return f"Le NIR et la naissance sont connus, mais la base n’y met pas le nom {named}."


def _name_passed(saw: Saw) -> str:
    if saw.count("personnes_sous_ce_nir") == 0:
        return _NOT_IN_BASE
    return _found(saw) or "Sous ce NIR, personne n’a la naissance de la facture."


def _several(saw: Saw) -> str:
    number = saw.count("nir_differents")
    return f"Le nom et la naissance désignent plusieurs personnes de la base, sous {number} NIR différents."


def _one_at_most(saw: Saw) -> str:
    found = _found(saw)
    if found:
        return found
    return _BY_NAME if saw.count("trouvees_par_nom") else _NOBODY


def _not_found(saw: Saw) -> str:
    return "Le patient n’est trouvé ni par son NIR, ni par son nom et sa naissance."


def nir_of_another(saw: Saw) -> str:
    """The NIR is known, and it is not the patient's."""
    return saw.say(
        "Le NIR {nir:nir} est dans la base, mais pour quelqu’un d’autre : le patient n’y est trouvé ni par ce NIR, ni "
        "par son nom et sa naissance."
    )


def _valid(saw: Saw) -> str:
    at_start, at_end = saw.count("cartes_au_debut"), saw.count("cartes_a_la_fin")
    first, last = day(saw.get("debut_soins")), day(saw.get("fin_soins"))
    if first == last:
        if at_start < 2:
            return f"Une carte est valable le jour des soins, le {first}."
        return f"{at_start} cartes sont valables le jour des soins, le {first}."
    if at_start and at_end:
        return f"Le patient a une carte valable au début des soins ({first}) et à la fin ({last})."
    if at_start:
        return f"Une carte est valable au début des soins ({first}), plus à la fin ({last})."
    return f"Une carte est valable à la fin des soins ({last}), pas au début ({first})."


def _no_card(saw: Saw) -> str:
    if saw.get("debut_soins") is None:
        return "Les soins n’ont pas de date : aucune carte ne peut leur correspondre."
    first, last = day(saw.get("debut_soins")), day(saw.get("fin_soins"))
    if first == last:
        return f"Aucune carte n’est valable le jour des soins, le {first}."
    return f"Aucune carte n’est valable au début ({first}) ni à la fin des soins ({last})."


def not_covered(saw: Saw) -> str:
    columns = sorted({column for card in saw.texts("garanties") for column in texts.guarantees(card)[0]})
    known = f" : la carte couvre {enumerated(columns)}" if columns else ""
    return saw.say("Aucune carte valable ne couvre la spécialité {specialite}") + f"{known}."


def _insurers(saw: Saw) -> tuple[str, str]:
    """The insurers of the valid cards, for the middle of a sentence, and the word that denies them."""
    insurers = saw.texts("mutuelles")
    if len(insurers) == 1:
        return f"la mutuelle {insurers[0]}", " pas"
    return f"aucune mutuelle parmi {enumerated(insurers)}", ""


def _makes_exception(saw: Saw) -> str:
    insurers = saw.texts("mutuelles")
    return f"la mutuelle {insurers[0]}" if len(insurers) == 1 else f"une mutuelle parmi {enumerated(insurers)}"


def _exception(saw: Saw) -> str:
    return _raised(_makes_exception(saw)) + saw.say(" fait exception pour la spécialité {specialite}.")


def _no_exception(saw: Saw) -> str:
    if not saw.texts("mutuelles"):
        return "Aucune mutuelle ne fait exception."
    who, denied = _insurers(saw)
    return f"{_raised(who)} ne fait{denied} exception" + saw.say(" pour la spécialité {specialite}.")


def let_through(saw: Saw) -> str:
    """Not covered, let through by the insurer's exception."""
    told = saw.say("La spécialité {specialite} n’est couverte par aucune carte valable ; ")
    return f"{told}{_makes_exception(saw)} y fait exception."


def not_covered_at_all(saw: Saw) -> str:
    """Neither covered nor let through."""
    told = not_covered(saw).removesuffix(".")
    if not saw.texts("mutuelles"):
        return f"{told}."
    who, denied = _insurers(saw)
    return f"{told} ; {who} n’y fait{denied} exception."


def _raised(told: str) -> str:
    return told[:1].upper() + told[1:]


def _two_contracts(saw: Saw) -> str:
    return saw.say(
        "Aucun contrat n’a de carte valable à la fois au début ({debut_soins:jour}) et à la fin des soins "
        "({fin_soins:jour})."
    )


def _still(sentence: str) -> Callable[[Saw], str]:
    """A sentence of the contract's card, for rules that passed; without a contract there is no such card."""

    def told(saw: Saw) -> str:
        return _NO_CONTRACT if saw.get("contrat") is None else saw.say(sentence)

    return told


def _rights(saw: Saw) -> str:
    """From when to when, for the middle of a sentence."""
    opened, closed = saw.filled("adhesion"), saw.filled("radiation")
    if opened and closed:
        return saw.say("du {adhesion:jour} au {radiation:jour}")
    if opened:
        return saw.say("depuis le {adhesion:jour}")
    return saw.say("jusqu’au {radiation:jour}") if closed else "sans limite"


def _rights_closed(saw: Saw) -> str:
    first, last = saw.care
    when = f", {'le ' + first if first == last else f'du {first} au {last}'}" if first else ""
    return saw.say(
        f"Les droits du contrat {{contrat}} sont ouverts {_rights(saw)} : ils ne couvrent pas tous les soins{when}."
    )


def _rights_open(saw: Saw) -> str:
    if saw.get("contrat") is None:
        return _NO_CONTRACT
    if not saw.get("ligne_de_droits"):
        return saw.say("La base ne dit rien des droits du contrat {contrat}, donc rien contre eux.")
    return saw.say(f"Les droits du contrat {{contrat}} sont ouverts {_rights(saw)}.")


def _pec(saw: Saw) -> str:
    if saw.filled("numero_pec"):
        return saw.say("La facture porte le numéro de prise en charge {numero_pec}.")
    return "La carte ne demande pas de prise en charge (PEC)."


def _other_nir(saw: Saw) -> str:
    found = _found(saw)
    if found:
        return found
    if saw.count("nir_differents") == 1:
        return "Sous cet autre NIR, rien n’a été vu ni payé non plus."
    raise Absent


TELLINGS: Mapping[str, Telling] = {
    "nir_mal_forme": Telling(PATIENT, _bad_nir, _good_nir),
    "naissance_differente": Telling(PATIENT, _other_birth, _birth_passed),
    "nom_different": Telling(PATIENT, _other_name, _name_passed),
    "plusieurs_personnes": Telling(PATIENT, _several, _one_at_most),
    "patient_trouve": Telling(PATIENT, lambda saw: _found(saw) or _BY_NAME, _not_found),
    "nir_connu": Telling(
        PATIENT, "Le NIR {nir:nir} est dans la base ({personnes_sous_ce_nir:+personne}).", _NOT_IN_BASE
    ),
    "patient_autre_nir": Telling(PATIENT, _BY_NAME, _other_nir),
    "carte_valide": Telling(CARD, _valid, _no_card),
    "specialite_couverte": Telling(CARD, "Une carte valable couvre la spécialité {specialite}.", not_covered),
    "exception_mutuelle": Telling(CARD, _exception, _no_exception),
    "deux_contrats": Telling(CARD, _two_contracts, "Les soins ne sont pas à cheval sur deux contrats."),
    "carte_npai": Telling(
        CARD,
        "La carte du contrat {contrat} est revenue NPAI.",
        _still("La carte du contrat {contrat} n’est pas revenue NPAI."),
    ),
    "carte_restituee": Telling(
        CARD,
        "La carte du contrat {contrat} a été restituée.",
        _still("La carte du contrat {contrat} n’a pas été restituée."),
    ),
    "droits_clos": Telling(CARD, _rights_closed, _rights_open),
    "pec_manquante": Telling(
        CARD,
        "La carte du contrat {contrat} demande une prise en charge (PEC), et la facture n’en porte pas le numéro.",
        _pec,
    ),
}
