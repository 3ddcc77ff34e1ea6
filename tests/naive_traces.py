"""Rules B1 to B6 of motifs.md §4 for the naive reading, and how an answer looks. See naive_table.py for the choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mailbot.model import Decision, Facture, Route, Saisie, Status
from mailbot.model.references import Agica
from tests.naive_facts import Tables, code, latest, number, traces

PS, GEST = Route.PS, Route.GESTIONNAIRE

# ---------------------------------------------------------------- §4, how an answer looks


def refusal(
    regle: str,
    motif: str,
    route: Route,
    *,
    commentaire: str = "",
    detail: str | None = None,
    erreur: str | None = None,
    jour: date | None = None,
    saisie: Saisie = Saisie.AUCUNE,
) -> Decision:
    return Decision(Status.REFUSEE, regle, motif, route, detail, erreur, jour, commentaire, saisie)


def missing_table(name: str, tables: Tables) -> Decision | None:
    """A0."""
    if name in tables:
        return None
    return refusal("A0", "A_CONTROLER", GEST, commentaire=f"référentiel {name} absent")


def erreur(regle: str, which: str, route: Route = PS, saisie: Saisie = Saisie.AUCUNE) -> Decision:
    return refusal(regle, "ERREUR_CONTENU_FACTURE", route, erreur=which, saisie=saisie)


# ---------------------------------------------------------------- §4, B


def b2(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    rows = [t for t in traces(facture, nir, tables, en_cours) if t.etat == "LIQUIDE"]
    rows = [t for t in rows if t.numero_ps == facture.numero_ps]
    if not rows:
        return None
    jour = latest(rows, "date_liquidation").date_liquidation
    return refusal("B2", "FACTURE_DEJA_PAYEE", PS if jour else GEST, jour=jour)


def b3(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    rows = [t for t in traces(facture, nir, tables, en_cours) if t.etat == "LIQUIDE"]
    rows = [t for t in rows if t.numero_ps != facture.numero_ps]
    if not rows:
        return None
    return refusal("B3", "DOUBLON_PS_PS", GEST, jour=latest(rows, "date_liquidation").date_liquidation)


def b3b(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    for trace in traces(facture, nir, tables, en_cours):
        if trace.etat == "EN_COURS" and trace.numero_ps == facture.numero_ps:
            return refusal("B3b", "A_CONTROLER", GEST, commentaire="facture en cours")
    return None


def b4(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    rows = [t for t in traces(facture, nir, tables, en_cours) if t.etat == "REJETE"]
    rows = [t for t in rows if code(t.motif_rejet) == "DOUBLON_TOTAL"]
    if not rows:
        return None
    numbered = [t for t in rows if number(t.numero_facture_reglee)]
    if not numbered:  # "none has a number: A_CONTROLER, no commentaire"
        return refusal("B4", "A_CONTROLER", GEST)
    row = latest(numbered, "date_liquidation")
    return refusal(
        "B4", "ACTE_DEJA_PAYE", GEST, commentaire=row.numero_facture_reglee.strip(), jour=row.date_liquidation
    )


def b5(facture: Facture, nir: str, tables: Tables) -> Decision | None:
    rows = []
    for row in tables.get("agica_actes", ()):
        if not nir or row.nir != nir or row.numero_ps != facture.numero_ps:
            continue
        if not number(row.numero_facture) or number(row.numero_facture) == facture.numero:
            continue  # "another, filled invoice number"
        if row.date_paiement is None:  # "with a payment date"
            continue
        for acte in facture.actes:
            if (
                acte.code_acte
                and acte.date_soins
                and (acte.code_acte, acte.date_soins)
                == (
                    row.code_acte,
                    row.date_soins,
                )
            ):
                rows.append(row)
                break
    if not rows:
        return None
    shown: list[str] = []
    for row in rows:  # "each once by value", "shown as first written"
        if number(row.numero_facture) not in [number(n) for n in shown]:
            shown.append(row.numero_facture.strip())
    jour = latest(rows, "date_paiement").date_paiement
    return refusal("B5", "ACTE_DEJA_PAYE", GEST, commentaire=", ".join(sorted(shown)), jour=jour)


def b6(facture: Facture, nir: str, tables: Tables) -> Decision | None:
    rows = []
    debut, fin = facture.debut_soins, facture.fin_soins
    for row in tables.get("histo_client", ()):
        if not nir or row.nir != nir or row.numero_ps != facture.numero_ps:
            continue
        same_number = bool(facture.numero) and number(row.numero_facture) == facture.numero
        within = bool(debut and fin and row.date_soins and debut <= row.date_soins <= fin)
        if same_number or within:
            rows.append(row)
    if not rows:
        return None
    row = latest(rows, "date_paiement")
    if row.date_paiement is None:  # "no row dated: A_CONTROLER, no commentaire"
        return refusal("B6", "A_CONTROLER", GEST)
    commentaire = row.mutuelle
    if number(row.numero_facture):
        commentaire += f" sur la facture n° {row.numero_facture.strip()}"
    return refusal("B6", "HISTO_CLIENT", GEST, commentaire=commentaire.strip(), jour=row.date_paiement)


def rules_b(facture: Facture, nir: str, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    if missing := missing_table("agica", tables):
        return missing
    would = (
        b2(facture, nir, tables, en_cours)
        or b4(facture, nir, tables, en_cours)
        or b5(facture, nir, tables)
        or b6(facture, nir, tables)
    )
    if facture.mention == "complement" and would:
        return refusal("B1", "COMPLEMENT_FACTURE", GEST)
    for rule in (b2, b3, b3b, b4):
        if decision := rule(facture, nir, tables, en_cours):
            return decision
    if missing := missing_table("agica_actes", tables):
        return missing
    if decision := b5(facture, nir, tables):
        return decision
    if missing := missing_table("histo_client", tables):
        return missing
    return b6(facture, nir, tables)
