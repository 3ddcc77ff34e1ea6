"""A second, independent reading of the decision table: shared/domain/motifs.md §1, §3, §4 and §5, clause by clause.

For the tests alone. It shares nothing with `mailbot.rules`: linear scans over lists, no index, no cache, no rule file.
`tables` maps a table name to its rows (mailbot.model.references); a table that is absent was never loaded.

Where the text left room, and what was read (each is a choice, not a certainty):

1.  §3 Trace, ledger: an `en_cours` row is a trace like any other (number and NIR, no contradiction of date and share),
    and only where PS, NIR and number are those of the invoice (so an invoice without a number meets only ledger
    invoices without one). "agica holds no trace of it": no row of `agica` of the same PS, since a number "belongs to a
    PS", is a trace of the invoice that was decided in the ledger.
2.  B3: an `agica` row without PS is "another PS" (its value differs).
3.  B4: all dates empty is "the same latest date": the lower row. A `numero_facture_reglee` of zeros only is no number.
4.  B5: an act without code or without date stands nowhere. A number written in two ways is shown as in its first row.
5.  B6: two empty numbers are not "the same number". Mutuelle empty: the comment is trimmed, "sur la facture n° N".
6.  §3 Names: hyphens are U+002D, U+2010, U+2011; apostrophes U+0027, U+2018, U+2019. All other signs stay letters.
7.  E3: rows of `beneficiaires` without a NIR are found by name, but stand under no NIR (they are no second one).
8.  §3 Cards, rights: an empty `date_effet` is the oldest. An empty `contrat` is a contract like any other.
9.  F6: "the latest `date_effet`" may lie after the care.
10. §3 PEC: an own column that is empty or "-" is not one "that covers", so it does not keep F7 from holding.
11. H3, H4: an amount that the valuation does not give is not compared (the parser refuses such a row anyway).
12. §5: of several `agaps` rows of one PS the first with a usable address. It is given as written in the table.
13. §3 B2 files: a name is "completed" when both surname and first name are there.
14. §4 G8: the acts of the invoice, not those of the récapitulatif; empty numbers do not count.
15. F0: "under another NIR" needs a NIR to be under: for rows without one nothing is looked up.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from email_validator import EmailNotValidError, validate_email

from mailbot.model import Contact, Decision, Facture, Saisie, Status
from mailbot.model.references import Agica
from tests.naive_facts import (
    Tables,
    both_names,
    counting_cards,
    covering_values,
    covers,
    euros,
    fold,
    found_by_name,
    found_by_nir,
    is_exception,
    is_majoration,
    latest,
    nameless,
    nomenclature_row,
    number,
    patient_references,
    same_amount,
    same_birth,
    the_contract,
    traces,
    two_years_later,
    under_nir,
    usable_nir,
    valid_cards,
)
from tests.naive_traces import GEST, PS, erreur, missing_table, refusal, rules_b

# ---------------------------------------------------------------- §4, A and C


def rules_a(facture: Facture, tables: Tables) -> Decision | None:
    if facture.type_document == "illisible":
        return refusal("A1", "DOCUMENT_NON_EXPLOITABLE", GEST)
    tache, ps = facture.tache_numero_ps, facture.numero_ps
    if tache and ps and tache != ps:
        return refusal("A2", "INCOHERENCE_DOCUMENT_TACHE", GEST, commentaire=f"tâche {tache}, facture {ps}")
    if missing := missing_table("agaps", tables):
        return missing
    if not re.fullmatch("[0-9]{9}", ps) or ps not in [row.numero_ps for row in tables["agaps"]]:
        return refusal("A3", "MANQUE_PS", GEST)
    return None


def rules_c(facture: Facture, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    if facture.taux_ro is not None and facture.taux_ro == 100:
        return refusal("C1", "100_RO", PS)
    if facture.destinataire == "" or (facture.destinataire == "oc" and (facture.part_assure or 0) > 0):
        return refusal("C2", "DESTINATAIRE_INCERTAIN", PS)
    if facture.destinataire == "assure":
        return refusal("C3", "FACTURE_ASSURE", PS)
    if missing := missing_table("agica", tables):
        return missing
    if facture.fin_soins and two_years_later(facture.fin_soins) < facture.date_reception:
        if traces(facture, usable_nir(facture), tables, en_cours):
            return refusal("C4", "FACTURE_PLUS_2_ANS", GEST, commentaire="Facture à Forcer")
        return refusal("C4", "FACTURE_PLUS_2_ANS", PS)
    if facture.parcours_soins == "non":
        return refusal("C5", "PARCOURS_NON_RESPECTE", PS)
    if facture.type_document in ("bordereau_virement", "decompte_ro", "document_rsi", "autre"):
        return erreur("C6", "DOCUMENT_NON_CONFORME")
    return None


# ---------------------------------------------------------------- §4, D

LIBELLES = {
    "ACTE_MAJORE_SEUL": "Acte majoré facturé seul",
    "BENEFICIAIRE": "Bénéficiaire des soins",
    "DATE_FACTURE": "Date de la facture",
    "DETAIL_ACTES": "Détail des actes effectués",
    "PART_RC": "Montant de la part RC",
    "MONTANT_TOTAL": "Montant total de la dépense",
    "NUMERO_FACTURE": "Numéro de la facture",
}


def majoration_alone(facture: Facture, tables: Tables) -> bool:
    for i, acte in enumerate(facture.actes):
        if acte.date_soins is None or not is_majoration(acte.code_acte, tables):
            continue
        company = False
        for j, other in enumerate(facture.actes):
            if i != j and other.date_soins == acte.date_soins and not is_majoration(other.code_acte, tables):
                company = True
        if not company:
            return True
    return False


def missing_elements(facture: Facture, tables: Tables) -> list[str]:
    missing = []
    if majoration_alone(facture, tables):
        missing.append("ACTE_MAJORE_SEUL")
    named = (facture.nom and facture.prenom) or facture.de_b2  # "An invoice from B2 lacks no name"
    if not facture.nir.strip("0") or not named or not facture.date_naissance:
        missing.append("BENEFICIAIRE")
    if facture.date_facture is None:
        missing.append("DATE_FACTURE")
    detail = not facture.actes
    for acte in facture.actes:
        if not acte.code_acte or acte.montant is None or acte.quantite is None or acte.date_soins is None:
            detail = True
    if detail:
        missing.append("DETAIL_ACTES")
    if facture.part_rc_demandee is None:
        missing.append("PART_RC")
    if facture.montant_total is None:
        missing.append("MONTANT_TOTAL")
    if not facture.numero and facture.fin_soins is None:  # "only where there is no care date either"
        missing.append("NUMERO_FACTURE")
    return missing


def rules_d(facture: Facture, tables: Tables) -> Decision | None:
    if missing := missing_table("nomenclature", tables):
        return missing
    elements = missing_elements(facture, tables)
    if len(elements) >= 3:
        return refusal("D1", "DEMANDE_DUPLICATA", PS)
    if elements:
        second = LIBELLES[elements[1]] if len(elements) == 2 else ""
        return refusal("D2", "MANQUE_DETAIL", PS, detail=elements[0], commentaire=second)
    return None


# ---------------------------------------------------------------- §4, E


def rules_e(facture: Facture, tables: Tables) -> Decision | None:
    if not usable_nir(facture):
        return erreur("E0", "IDENTITE_NIR")
    if missing := missing_table("beneficiaires", tables):
        return missing
    if found_by_nir(facture, tables):
        return None
    known = under_nir(facture, tables)
    if nameless(facture):  # "known NIR → IDENTITE_NAISSANCE, unknown NIR → BENEFICIAIRE_INCONNU"
        return erreur("E1", "IDENTITE_NAISSANCE") if known else refusal("E5", "BENEFICIAIRE_INCONNU", PS)
    for row in known:  # "birth date or rank differs" follows: else it would have been found by NIR
        if both_names(facture, row):
            return erreur("E1", "IDENTITE_NAISSANCE")
    for row in known:
        if same_birth(facture, row) and row.rang_naissance == facture.rang_naissance and not both_names(facture, row):
            return erreur("E2", "IDENTITE_NIR")
    named = found_by_name(facture, tables)
    if len({row.nir for row in named if row.nir}) >= 2:
        return refusal("E3", "BENEFICIAIRE_INCONNU", PS)
    if not named and known:
        return erreur("E4", "IDENTITE_NIR")
    if not named:
        return refusal("E5", "BENEFICIAIRE_INCONNU", PS)
    return None


# ---------------------------------------------------------------- §4, F


def rules_f(facture: Facture, tables: Tables, en_cours: Sequence[Agica]) -> Decision | None:
    if missing := missing_table("cartes", tables):
        return missing
    cards = valid_cards(facture, tables)
    if not cards:
        traced = traces(facture, usable_nir(facture), tables, en_cours)
        return refusal("F1", "DROITS_FERMES", GEST, saisie=Saisie.AUCUNE if traced else Saisie.DEMATERIALISER)
    if not facture.specialite:
        return refusal("F1b", "A_CONTROLER", GEST, commentaire="spécialité absente")
    covered = any(covers(card, facture) for card in cards)
    if not covered and not any(is_exception(card, facture) for card in cards):
        return refusal("F2", "BENEFICIAIRE_NON_COUVERT", PS)
    assert facture.debut_soins and facture.fin_soins
    start = counting_cards(facture, tables, facture.debut_soins)
    end = counting_cards(facture, tables, facture.fin_soins)
    if facture.debut_soins != facture.fin_soins and not [c for c in start if c in end]:
        return erreur("F3", "DEUX_CONTRATS", saisie=Saisie.NE_PAS_SAISIR)
    pair = the_contract(facture, tables)
    for regle, word in (("F4", "NPAI"), ("F5", "Restitution")):
        if any(fold(card.motif_restitution) == fold(word) for card in pair):
            return refusal(regle, "MANQUE_CONSIGNE", GEST, commentaire=word, saisie=Saisie.DEMATERIALISER)
    if missing := missing_table("droits", tables):
        return missing
    rights = []
    for row in tables["droits"]:
        if row.reference in patient_references(facture, tables) and row.contrat == pair[0].contrat:
            rights.append(row)
    if rights:
        row = latest(rights, "date_effet")
        opened = row.adhesion is None or row.adhesion <= facture.debut_soins
        still = row.radiation is None or facture.fin_soins <= row.radiation
        if not (opened and still):
            return refusal(
                "F6",
                "DROITS_FERMES",
                GEST,
                commentaire="Droits contractuels clos",
                saisie=Saisie.DEMATERIALISER,
            )
    if not facture.numero_pec:
        for card in pair:
            values = covering_values(card, facture)
            if values and all(value == "PEC" for value in values):
                return refusal("F7", "MANQUE_CONSIGNE", GEST, commentaire="PEC")
    return None


# ---------------------------------------------------------------- §4, G and H


def rules_g(facture: Facture, tables: Tables) -> Decision | None:
    codes = {acte.code_acte for acte in facture.actes if acte.code_acte}
    days = {acte.date_soins for acte in facture.actes if acte.date_soins}
    if "MAU" in codes:
        excused = False
        for acte in facture.actes:
            if acte.code_acte == "AMI" and acte.coefficient in (Decimal("1"), Decimal("1.5")):
                excused = True
        if not excused:
            return erreur("G1", "ACTE_MAU")
    if missing := missing_table("nomenclature", tables):
        return missing
    if any(nomenclature_row(c, tables) is None for c in codes):
        return erreur("G2", "CODE_ACTE_INCONNU")
    other = facture.recapitulatif
    if other is not None:
        other_codes = {acte.code_acte for acte in other.actes if acte.code_acte}
        if other_codes and other_codes != codes:
            return erreur("G3", "CODES_ACTES_DIFFERENTS")
    if facture.date_facture and facture.fin_soins and facture.date_facture < facture.fin_soins:
        return erreur("G4", "DATE_FACTURE_ANTERIEURE")
    if other is not None:
        other_days = {acte.date_soins for acte in other.actes if acte.date_soins}
        if other_days and other_days != days:
            return erreur("G5", "DATES_SOINS_INCOHERENTES")
    for acte in facture.actes:
        row = nomenclature_row(acte.code_acte, tables)
        if row is None or row.prix_unitaire is None or acte.prix_unitaire is None:
            continue
        if not same_amount(acte.prix_unitaire, row.prix_unitaire):
            return erreur("G6", "PRIX_UNITAIRE")
    if other is not None:
        for ours, theirs in (
            (facture.montant_total, other.montant_total),
            (facture.part_rc_demandee, other.part_rc_demandee),
        ):
            if ours is not None and theirs is not None and not same_amount(ours, theirs):
                return erreur("G7", "MONTANTS_DIFFERENTS")
    if len({acte.numero_adeli for acte in facture.actes if acte.numero_adeli}) > 1:
        return erreur("G8", "PLUSIEURS_ADELI", GEST)
    return None


def rules_h(facture: Facture, tables: Tables) -> Decision:
    if missing := missing_table("valorisations", tables):
        return missing
    wanted = facture.numero or number(facture.nom_facture)  # "or name where there is no number"
    valuation = None
    for row in tables["valorisations"]:  # "of several the lowest"
        same_lot = row.numero_lot == facture.numero_lot and row.numero_ps == facture.numero_ps
        if same_lot and wanted and number(row.numero_facture) == wanted:
            valuation = row
    if valuation is None:
        return Decision(Status.A_SAISIR, "H1", None, None, None, None, None, "", Saisie.SAISIR)
    if valuation.resultat == "REFUSEE":
        if not any(covers(card, facture) for card in valid_cards(facture, tables)):  # F2 let an exception pass
            return refusal("H2", "BENEFICIAIRE_NON_COUVERT", PS)
        return refusal("H2", "MANQUE_CONSIGNE", GEST, commentaire=valuation.message or "Valorisation refusée")
    asked, computed = facture.montant_total, valuation.montant_calcule
    if asked is not None and computed is not None and not same_amount(asked, computed):
        text = f"demandé {euros(asked)}, calculé {euros(computed)}"
        return refusal("H3", "MONTANT_DIFFERENT", GEST, commentaire=text)
    asked, computed = facture.part_rc_demandee, valuation.part_rc_calculee
    if asked is not None and computed is not None and not same_amount(asked, computed):
        text = f"demandée {euros(asked)}, calculée {euros(computed)}"
        return refusal("H4", "PART_RC_DIFFERENTE", GEST, commentaire=text)
    return Decision(Status.ACCEPTEE, "H5", None, None, None, None, None, "", Saisie.AUCUNE)


# ---------------------------------------------------------------- the whole


def walk(facture: Facture, tables: Tables, en_cours: Iterable[Agica] = ()) -> tuple[Decision, bool]:
    """The decision, and whether it came from F0."""
    ours = list(en_cours)
    by_f0 = False
    decision = (
        rules_a(facture, tables)
        or rules_b(facture, usable_nir(facture), tables, ours)
        or rules_c(facture, tables, ours)
        or rules_d(facture, tables)
        or rules_e(facture, tables)
    )
    if decision is None:
        others = {row.nir for row in found_by_name(facture, tables) if row.nir}
        for nir in others:  # F0; one at most, after E3
            decision = rules_b(facture, nir, tables, ours)
            by_f0 = decision is not None
    if decision is None:
        decision = rules_f(facture, tables, ours) or rules_g(facture, tables) or rules_h(facture, tables)
    if facture.nom_facture == "0" and decision.route is PS:  # "its route becomes gest"
        decision = dataclasses.replace(decision, route=GEST)
    return decision, by_f0


def decide(facture: Facture, tables: Tables, convention: str = "Almerys", en_cours: Iterable[Agica] = ()) -> Decision:
    """`convention` plays no part: "the `route` of a decision does not depend on" the contact."""
    return walk(facture, tables, en_cours)[0]


def valid_address(mail: str) -> bool:
    try:
        # Without DNS, in ASCII (our outbox writes no other); .test is a name like any other on rehearsal machines.
        validate_email(mail, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def contact(numero_ps: str, tables: Tables, convention: str = "Almerys") -> Contact | None:
    """§5, (2) and (3)."""
    if numero_ps[2:3] == "0":
        rows = []
        for row in tables.get("agaps_mails", ()):
            if row.numero_ps != numero_ps or fold(row.convention) != fold(convention):
                continue
            if fold(row.fonction) in ("retours ps", "retour ps") and valid_address(row.mail):
                rows.append(row)
        if rows:
            return Contact(rows[1].mail if len(rows) >= 2 else rows[0].mail, "agaps_mails")
    for row in tables.get("agaps", ()):
        if row.numero_ps == numero_ps and valid_address(row.mail):
            return Contact(row.mail, "agaps")
    return None
