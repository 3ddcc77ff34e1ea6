"""What the facts owe each other: which cannot hold together, and which never hold without another.

The lint uses them to find rows that can never be reached. Each follows from how the facts are worked out (facts_*.py,
motifs.md §3), under the invoice's NIR as well as under the patient's other NIR; the tests hold them against invented
worlds. A relation that is not here is not known: the lint then says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from mailbot.rules.facts import MISSING_TABLE
from mailbot.rules.lint.logic import Clause


class Law(NamedTuple):
    """A clause that is always true, and how a person says it."""

    clause: Clause
    words: str


#: A fact, and those without which it never holds.
_NEEDS = {
    "trois_manques": ("un_manque",),
    "deja_liquidee": ("trace", "deja_traitee"),
    "liquidation_datee": ("deja_liquidee",),
    "liquidee_autre_ps": ("trace",),
    "en_cours": ("trace",),
    "doublon_total": ("trace", "deja_traitee"),
    "doublon_numero_connu": ("doublon_total",),
    "acte_deja_paye": ("deja_traitee",),
    "dans_histo_client": ("deja_traitee",),
    "histo_datee": ("dans_histo_client",),
    "histo_numero_connu": ("histo_datee",),
    "naissance_differente": ("nir_connu",),
    "nom_different": ("nir_connu",),
    "plusieurs_personnes": ("patient_trouve",),
    "patient_autre_nir": ("patient_trouve",),
    "carte_valide": ("patient_trouve",),
    "specialite_couverte": ("carte_valide",),
    "exception_mutuelle": ("carte_valide",),
    "carte_npai": ("carte_valide",),
    "carte_restituee": ("carte_valide",),
    "droits_clos": ("carte_valide",),
    "pec_manquante": ("specialite_couverte",),
    "valorisation_refusee": ("valorisation",),
    "valorisation_message": ("valorisation",),
    "montant_different": ("valorisation",),
    "part_rc_differente": ("valorisation",),
    "valorisee": ("valorisation",),
}

#: A fact, and those that never hold together with it.
_EXCLUDES = {
    "document_illisible": ("document_non_conforme",),
    "destinataire_incertain": ("destinataire_assure",),
    "plusieurs_personnes": ("patient_autre_nir",),
    "deux_contrats": ("carte_npai", "carte_restituee", "droits_clos", "pec_manquante"),
    "valorisation_refusee": ("valorisee",),
}

_HANDLED = ("deja_liquidee", "doublon_total", "acte_deja_paye", "dans_histo_client")

LAWS: tuple[Law, ...] = (
    *(
        Law(frozenset({(fact, False), (other, True)}), f"« {fact} » suppose « {other} »")
        for fact, others in _NEEDS.items()
        for other in others
    ),
    *(
        Law(frozenset({(fact, False), (other, False)}), f"« {fact} » exclut « {other} »")
        for fact, others in _EXCLUDES.items()
        for other in others
    ),
    Law(
        frozenset({("deja_traitee", False), *((fact, True) for fact in _HANDLED)}),
        f"« deja_traitee » suppose {' ou '.join(f'« {fact} »' for fact in _HANDLED)}",
    ),
    Law(
        frozenset({("valorisation", False), ("valorisee", True), ("valorisation_refusee", True)}),
        "« valorisation » suppose « valorisee » ou « valorisation_refusee »",
    ),
    Law(frozenset({(MISSING_TABLE, False)}), f"« {MISSING_TABLE} » ne tient que dans sa propre règle"),
)
