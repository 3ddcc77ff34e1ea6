"""The decision table of motifs.md written by hand, as one Python function: what the judge is measured against.

Written as a good programmer would for speed: each rule where the table has it, nothing worked out before a rule asks
for it, early exits for what nearly every invoice is, decisions without a value of the invoice made once. It shares
with the product the reference indexes, what a trace is, and how names and codes are read. It has no explanation, no
regles.yaml and no validity periods: any change of a rule is a change of this file.
`judge.py` holds it against the product on every invoice of the bench, tests/test_by_hand.py on invented worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from mailbot.model import Acte, Decision, Facture, Route, Saisie, Status
from mailbot.model.references import Agica, AgicaActe, Carte, Droit, HistoClient
from mailbot.rules.references import TOLERANCE, References, is_trace, rows_under
from mailbot.rules.text import code, euros, first_word, guarantees, same_name

Row = TypeVar("Row")

PS, GEST = Route.PS, Route.GESTIONNAIRE
DETAILS = {
    "ACTE_MAJORE_SEUL": "Acte majoré facturé seul",
    "BENEFICIAIRE": "Bénéficiaire des soins",
    "DATE_FACTURE": "Date de la facture",
    "DETAIL_ACTES": "Détail des actes effectués",
    "PART_RC": "Montant de la part RC",
    "MONTANT_TOTAL": "Montant total de la dépense",
    "NUMERO_FACTURE": "Numéro de la facture",
}
COVERED_BY = {
    "PHAR": frozenset(("PHAR", "PH2", "PH4", "PH7", "PH7-L")),
    "MG": frozenset(("MG", "MGS")),
    "MS": frozenset(("MS", "MGS")),
    "MK": frozenset(("MK", "AUX")),
} | {name: frozenset((name,)) for name in ("BIO", "RAD", "AUX", "SE", "OPT", "SDENT", "PROD", "HOSP", "TRA")}
COVERED_IN_A_CENTRE = {name: columns if name == "HOSP" else columns | {"SE"} for name, columns in COVERED_BY.items()}
EXCEPTIONS = {
    "TRA": frozenset(("april", "smatis", "eca")),
    "MG": frozenset(("interieure", "april")),
    "MS": frozenset(("interieure", "april")),
}
NO_INVOICE = frozenset(("bordereau_virement", "decompte_ro", "document_rsi", "autre"))
AMI_BESIDE_MAU = (Decimal(1), Decimal("1.5"))


def refused(
    regle: str,
    motif: str,
    route: Route = GEST,
    *,
    comment: str = "",
    day: date | None = None,
    detail: str | None = None,
    saisie: Saisie = Saisie.AUCUNE,
) -> Decision:
    return Decision(Status.REFUSEE, regle, motif, route, detail, None, day, comment, saisie)


def wrong(regle: str, erreur: str, route: Route = PS, saisie: Saisie = Saisie.AUCUNE) -> Decision:
    return Decision(Status.REFUSEE, regle, "ERREUR_CONTENU_FACTURE", route, None, erreur, None, "", saisie)


A1 = refused("A1", "DOCUMENT_NON_EXPLOITABLE")
A3 = refused("A3", "MANQUE_PS")
B1 = refused("B1", "COMPLEMENT_FACTURE")
B3B = refused("B3b", "A_CONTROLER", comment="facture en cours")
B4_UNKNOWN = refused("B4", "A_CONTROLER")
B6_UNDATED = refused("B6", "A_CONTROLER")
C1 = refused("C1", "100_RO", PS)
C2 = refused("C2", "DESTINATAIRE_INCERTAIN", PS)
C3 = refused("C3", "FACTURE_ASSURE", PS)
C4 = refused("C4", "FACTURE_PLUS_2_ANS", PS)
C4_TRACE = refused("C4", "FACTURE_PLUS_2_ANS", comment="Facture à Forcer")
C5 = refused("C5", "PARCOURS_NON_RESPECTE", PS)
C6 = wrong("C6", "DOCUMENT_NON_CONFORME")
D1 = refused("D1", "DEMANDE_DUPLICATA", PS)
E0 = wrong("E0", "IDENTITE_NIR")
E1 = wrong("E1", "IDENTITE_NAISSANCE")
E2 = wrong("E2", "IDENTITE_NIR")
E3 = refused("E3", "BENEFICIAIRE_INCONNU", PS)
E4 = wrong("E4", "IDENTITE_NIR")
E5 = refused("E5", "BENEFICIAIRE_INCONNU", PS)
F1 = refused("F1", "DROITS_FERMES", saisie=Saisie.DEMATERIALISER)
F1_TRACE = refused("F1", "DROITS_FERMES")
F1B = refused("F1b", "A_CONTROLER", comment="spécialité absente")
F2 = refused("F2", "BENEFICIAIRE_NON_COUVERT", PS)
F3 = wrong("F3", "DEUX_CONTRATS", saisie=Saisie.NE_PAS_SAISIR)
F4 = refused("F4", "MANQUE_CONSIGNE", comment="NPAI", saisie=Saisie.DEMATERIALISER)
F5 = refused("F5", "MANQUE_CONSIGNE", comment="Restitution", saisie=Saisie.DEMATERIALISER)
F6 = refused("F6", "DROITS_FERMES", comment="Droits contractuels clos", saisie=Saisie.DEMATERIALISER)
F7 = refused("F7", "MANQUE_CONSIGNE", comment="PEC")
G1 = wrong("G1", "ACTE_MAU")
G2 = wrong("G2", "CODE_ACTE_INCONNU")
G3 = wrong("G3", "CODES_ACTES_DIFFERENTS")
G4 = wrong("G4", "DATE_FACTURE_ANTERIEURE")
G5 = wrong("G5", "DATES_SOINS_INCOHERENTES")
G6 = wrong("G6", "PRIX_UNITAIRE")
G7 = wrong("G7", "MONTANTS_DIFFERENTS")
G8 = wrong("G8", "PLUSIEURS_ADELI", GEST)
H1 = Decision(Status.A_SAISIR, "H1", None, None, None, None, None, "", Saisie.SAISIR)
H2_EXCEPTION = refused("H2", "BENEFICIAIRE_NON_COUVERT", PS)
H5 = Decision(Status.ACCEPTEE, "H5", None, None, None, None, None, "", Saisie.AUCUNE)
LAST_RESORT = refused("DEFAUT", "MANQUE_CONSIGNE", comment="aucune règle ne s’applique")


def decide(facture: Facture, references: References) -> Decision:
    loaded = references.loaded
    numero_ps = facture.numero_ps

    # A. The document and the PS
    type_document = facture.type_document
    if type_document == "illisible":
        return A1
    tache = facture.tache_numero_ps
    if tache and numero_ps and tache != numero_ps:
        return refused("A2", "INCOHERENCE_DOCUMENT_TACHE", comment=f"tâche {tache}, facture {numero_ps}")
    if "agaps" not in loaded:
        return absent("agaps")
    if numero_ps not in references.agaps or not (len(numero_ps) == 9 and numero_ps.isascii() and numero_ps.isdigit()):
        return A3

    # B. Already seen, already paid
    if "agica" not in loaded:
        return absent("agica")
    nir = facture.nir if facture.nir_valide else ""
    debut: date | None = None
    fin: date | None = None
    codes = set()
    incomplete = not facture.actes
    for code_acte, day, _, quantite, _, montant, _, _, _ in facture.actes:
        if day is None:
            incomplete = True
        else:
            if debut is None or day < debut:
                debut = day
            if fin is None or day > fin:
                fin = day
        if code_acte:
            codes.add(code_acte)
        else:
            incomplete = True
        if montant is None or quantite is None:
            incomplete = True
    traces = traces_under(nir, facture, references, debut)
    decision = already_seen(nir, traces, facture, references, debut, fin)
    if decision is not None:
        return decision

    # C. To whom, when, how. Without a number and a care date a mail would name nothing: for the gestionnaire
    nameless = fin is None and not facture.numero
    if facture.taux_ro == 100:
        return replace(C1, route=GEST) if nameless else C1
    destinataire = facture.destinataire
    if destinataire == "oc":
        if facture.part_assure is not None and facture.part_assure > 0:
            return replace(C2, route=GEST) if nameless else C2
    elif not destinataire:
        return replace(C2, route=GEST) if nameless else C2
    elif destinataire == "assure":
        return replace(C3, route=GEST) if nameless else C3
    if (
        fin is not None
        and fin.year + 2 <= facture.date_reception.year
        and two_years_after(fin) < facture.date_reception
    ):
        return C4_TRACE if traces else C4
    if facture.parcours_soins == "non":
        return replace(C5, route=GEST) if nameless else C5
    if type_document in NO_INVOICE:
        return replace(C6, route=GEST) if nameless else C6

    # D. What is missing
    if "nomenclature" not in loaded:
        return absent("nomenclature")
    if (
        incomplete
        or not codes.isdisjoint(references.majorations)
        or facture.part_rc_demandee is None
        or facture.montant_total is None
        or facture.date_facture is None
        or not (nir and facture.nom and facture.prenom and facture.date_naissance)
    ):
        missing = missing_elements(facture, references.majorations, incomplete, nameless)
        if len(missing) > 2:
            return replace(D1, route=GEST) if nameless else D1
        if missing:
            second = DETAILS[missing[1]] if len(missing) == 2 else ""
            return refused("D2", "MANQUE_DETAIL", GEST if nameless else PS, detail=missing[0], comment=second)
    assert debut is not None and fin is not None  # no act, or one without a date, is a missing element

    # E. The patient
    if not facture.nir_valide:
        return E0
    if "beneficiaires" not in loaded:
        return absent("beneficiaires")
    under_nir = rows_under(references.beneficiaires, nir)
    birth, rank = facture.date_naissance, facture.rang_naissance
    nom, prenom = facture.nom, facture.prenom
    nameless_b2 = facture.de_b2 and not (nom and prenom)
    patient = [
        row
        for row in under_nir
        if row.date_naissance == birth
        and row.rang_naissance == rank
        and (nameless_b2 or (same_name(nom, row.nom) and same_name(prenom, row.prenom)))
    ]
    if not patient:
        for row in under_nir:
            if nameless_b2 or (same_name(nom, row.nom) and same_name(prenom, row.prenom)):
                return E1
        for row in under_nir:
            if row.date_naissance == birth and row.rang_naissance == rank:
                return E2
        if nom:
            patient = [
                row for row in references.born_on(birth) if same_name(nom, row.nom) and same_name(prenom, row.prenom)
            ]
        nirs = {row.nir for row in patient}
        if len(nirs) > 1:
            return E3
        if not patient:
            return E4 if under_nir else E5

        # F0: the rules B again, under the other NIR
        other = nirs.pop()
        if other and other != nir:
            traces_there = traces_under(other, facture, references, debut)
            decision = already_seen(other, traces_there, facture, references, debut, fin)
            if decision is not None:
                return decision

    # F. The card, the contract, the rights
    if "cartes" not in loaded:
        return absent("cartes")
    patient_references = [patient[0].reference] if len(patient) == 1 else list({row.reference: 0 for row in patient})
    cards = references.cards_of(patient_references)
    at_start = valid_on(debut, cards)
    at_end = at_start if fin == debut else valid_on(fin, cards)
    if not (at_start or at_end):
        return F1_TRACE if traces else F1
    specialite = facture.specialite
    if not specialite:
        return F1B
    centre = numero_ps[2] == "0"
    columns = (COVERED_IN_A_CENTRE if centre else COVERED_BY).get(specialite)
    if columns is None:
        columns = frozenset((specialite, "SE") if centre else (specialite,))
    covered = any_covers(at_start.values(), columns) or (
        at_end is not at_start and any_covers(at_end.values(), columns)
    )
    if not covered:
        insurers = EXCEPTIONS.get(specialite, frozenset())
        valid = (*at_start.values(), *at_end.values())
        if not any(first_word(card.mutuelle) in insurers for card in valid):
            return F2
    contracts = list(at_start) if at_end is at_start else [name for name in at_start if name in at_end]
    if not contracts and debut != fin:
        return F3
    if contracts:
        contract = contracts[0]
        if len(contracts) > 1:
            contract = chosen_contract(contracts, at_start, at_end, columns, EXCEPTIONS.get(specialite, frozenset()))
        first, last = at_start[contract], at_end[contract]
        if first.motif_restitution or last.motif_restitution:
            motifs = (code(first.motif_restitution), code(last.motif_restitution))
            if "NPAI" in motifs:
                return F4
            if "RESTITUTION" in motifs:
                return F5
        if "droits" not in loaded:
            return absent("droits")
        right = last_right(references.rights_of(patient_references), contract)
        if right is not None:
            if right.adhesion is not None and debut < right.adhesion:
                return F6
            if right.radiation is not None and fin > right.radiation:
                return F6
        if not facture.numero_pec and (says_pec(first, columns) or (last is not first and says_pec(last, columns))):
            return F7
    elif "droits" not in loaded:
        return absent("droits")

    # G. The acts and the récapitulatif
    recap = facture.recapitulatif
    if "MAU" in codes and not any(
        acte.code_acte == "AMI" and acte.coefficient in AMI_BESIDE_MAU for acte in facture.actes
    ):
        return G1
    if not codes <= references.codes:
        return G2
    if recap is not None:
        theirs = {acte.code_acte for acte in recap.actes if acte.code_acte}
        if theirs and theirs != codes:
            return G3
    if facture.date_facture is not None and facture.date_facture < fin:
        return G4
    if recap is not None:
        their_days = {acte.date_soins for acte in recap.actes if acte.date_soins is not None}
        if their_days and their_days != {acte.date_soins for acte in facture.actes}:
            return G5
    nomenclature, adeli, several_adeli = references.nomenclature, "", False
    for acte in facture.actes:
        if acte.prix_unitaire is not None:
            known = nomenclature.get(acte.code_acte)
            if known is not None and differ(acte.prix_unitaire, known.prix_unitaire):
                return G6
        if acte.numero_adeli and acte.numero_adeli != adeli:
            several_adeli = adeli != ""
            adeli = acte.numero_adeli
    if recap is not None and (
        differ(facture.montant_total, recap.montant_total) or differ(facture.part_rc_demandee, recap.part_rc_demandee)
    ):
        return G7
    if several_adeli:
        return G8

    # H. The valuation
    if "valorisations" not in loaded:
        return absent("valorisations")
    numero = facture.numero or f"{fin:%Y%m%d}".lstrip("0")
    valuation = references.valorisations.get((facture.numero_lot, numero_ps, numero))
    if valuation is None:
        return H1
    if valuation.resultat == "REFUSEE":
        if not covered:
            return H2_EXCEPTION
        return refused("H2", "MANQUE_CONSIGNE", comment=valuation.message or "Valorisation refusée")
    total, share = facture.montant_total, facture.part_rc_demandee
    if differ(valuation.montant_calcule, total):
        comment = f"demandé {euros(total)}, calculé {euros(valuation.montant_calcule)}"
        return refused("H3", "MONTANT_DIFFERENT", comment=comment)
    if differ(valuation.part_rc_calculee, share):
        comment = f"demandée {euros(share)}, calculée {euros(valuation.part_rc_calculee)}"
        return refused("H4", "PART_RC_DIFFERENTE", comment=comment)
    if valuation.resultat == "VALORISEE":
        return H5
    return LAST_RESORT


def absent(table: str) -> Decision:
    """A0: a table that the rule now reached needs was never loaded."""
    return refused("A0", "A_CONTROLER", comment=f"référentiel {table} absent")


def traces_under(nir: str, facture: Facture, references: References, debut: date | None) -> Sequence[Agica]:
    """What agica and the ledger know of this invoice under `nir`."""
    if not nir:
        return ()
    numero, share = facture.numero, facture.part_rc_demandee
    traces = [row for row in rows_under(references.agica, nir) if is_trace(row, numero, debut, share)]
    if references.en_cours:
        traces += [
            row
            for row in rows_under(references.en_cours, nir)
            if row.numero_ps == facture.numero_ps
            and row.numero_facture.lstrip("0") == numero
            and is_trace(row, numero, debut, share)
        ]
    return traces


def already_seen(
    nir: str,
    traces: Sequence[Agica],
    facture: Facture,
    references: References,
    debut: date | None,
    fin: date | None,
) -> Decision | None:
    """The rules B1 to B6 under one NIR."""
    loaded = references.loaded
    paid_rows = rows_under(references.agica_actes, nir)
    known_rows = rows_under(references.histo_client, nir)
    if not (traces or paid_rows or known_rows):
        if "agica_actes" in loaded and "histo_client" in loaded:
            return None
        return absent("agica_actes" if "agica_actes" not in loaded else "histo_client")
    numero_ps = facture.numero_ps
    here, elsewhere, pending, duplicates = [], [], False, []
    for row in traces:
        if row.etat == "LIQUIDE":
            (here if row.numero_ps == numero_ps else elsewhere).append(row)
        elif row.etat == "EN_COURS":
            pending = pending or row.numero_ps == numero_ps
        elif row.etat == "REJETE" and code(row.motif_rejet) == "DOUBLON_TOTAL":
            duplicates.append(row)
    paid = paid_acts(paid_rows, facture) if paid_rows else ()
    known = history(known_rows, facture, debut, fin) if known_rows else ()

    if facture.mention == "complement" and (here or duplicates or paid or known):
        return B1
    if here:
        day = latest_day(row.date_liquidation for row in here)
        return refused("B2", "FACTURE_DEJA_PAYEE", PS if day else GEST, day=day)
    if elsewhere:
        return refused("B3", "DOUBLON_PS_PS", day=latest_day(row.date_liquidation for row in elsewhere))
    if pending:
        return B3B
    if duplicates:
        settled = last_row(
            [row for row in duplicates if row.numero_facture_reglee.lstrip("0")], lambda row: row.date_liquidation
        )
        if settled is None:
            return B4_UNKNOWN
        return refused("B4", "ACTE_DEJA_PAYE", comment=settled.numero_facture_reglee, day=settled.date_liquidation)
    if "agica_actes" not in loaded:
        return absent("agica_actes")
    if paid:
        numbers: dict[str, str] = {}
        for act in paid:
            numbers.setdefault(act.numero_facture.lstrip("0"), act.numero_facture)
        day = latest_day(act.date_paiement for act in paid)
        return refused("B5", "ACTE_DEJA_PAYE", comment=", ".join(sorted(numbers.values())), day=day)
    if "histo_client" not in loaded:
        return absent("histo_client")
    if known:
        last = last_row([row for row in known if row.date_paiement], lambda row: row.date_paiement)
        if last is None:
            return B6_UNDATED
        number = f" sur la facture n° {last.numero_facture}" if last.numero_facture.lstrip("0") else ""
        return refused("B6", "HISTO_CLIENT", comment=(last.mutuelle + number).strip(), day=last.date_paiement)
    return None


def paid_acts(rows: Iterable[AgicaActe], facture: Facture) -> list[AgicaActe]:
    """Acts of this invoice that were paid to this PS on another invoice."""
    numero_ps, numero = facture.numero_ps, facture.numero
    rows = [row for row in rows if row.numero_ps == numero_ps]
    if not rows:
        return rows
    acts = {(acte.code_acte, acte.date_soins) for acte in facture.actes if acte.code_acte and acte.date_soins}
    return [
        row
        for row in rows
        if row.date_paiement is not None
        and (row.code_acte, row.date_soins) in acts
        and row.numero_facture.lstrip("0") not in ("", numero)
    ]


def history(rows: Iterable[HistoClient], facture: Facture, debut: date | None, fin: date | None) -> list[HistoClient]:
    """Rows of this PS with this number, or with care within the care period."""
    numero_ps, numero = facture.numero_ps, facture.numero
    return [
        row
        for row in rows
        if row.numero_ps == numero_ps
        and (
            (numero and row.numero_facture.lstrip("0") == numero)
            or (row.date_soins is not None and debut is not None and fin is not None and debut <= row.date_soins <= fin)
        )
    ]


def missing_elements(facture: Facture, majorations: frozenset[str], incomplete: bool, nameless: bool) -> list[str]:
    missing = []
    if increase_alone(facture.actes, majorations):
        missing.append("ACTE_MAJORE_SEUL")
    named = (facture.nom and facture.prenom) or facture.de_b2
    nir_given = facture.nir and (facture.nir_valide or facture.nir.strip("0"))
    if not (named and facture.date_naissance and nir_given):
        missing.append("BENEFICIAIRE")
    if facture.date_facture is None:
        missing.append("DATE_FACTURE")
    if incomplete:
        missing.append("DETAIL_ACTES")
    if facture.part_rc_demandee is None:
        missing.append("PART_RC")
    if facture.montant_total is None:
        missing.append("MONTANT_TOTAL")
    if nameless:
        missing.append("NUMERO_FACTURE")
    return missing


def increase_alone(actes: Iterable[Acte], majorations: frozenset[str]) -> bool:
    """A dated act that is a majoration, on a day without any act that is none."""
    increased = {acte.date_soins for acte in actes if acte.code_acte in majorations}
    return not increased <= {acte.date_soins for acte in actes if acte.code_acte not in majorations} | {None}


def valid_on(day: date, cards: Iterable[Carte]) -> dict[str, Carte]:
    """Per contract, of the cards valid on this day the one edited last; the lower row of several."""
    valid: dict[str, Carte] = {}
    for card in cards:
        first, last = card.date_debut, card.date_fin
        if first is not None and first <= day and (last is None or day <= last):
            held = valid.get(card.contrat)
            if held is None or (card.editee_le or date.min) >= (held.editee_le or date.min):
                valid[card.contrat] = card
    return valid


def any_covers(cards: Iterable[Carte], columns: frozenset[str]) -> bool:
    for card in cards:  # noqa: SIM110 - half the cost of any() with a generator
        if not guarantees(card.garanties)[0].isdisjoint(columns):
            return True
    return False


def says_pec(card: Carte, columns: frozenset[str]) -> bool:
    covering, pec = guarantees(card.garanties)
    if not pec:
        return False
    relevant = covering & columns
    return bool(relevant) and relevant <= pec


def chosen_contract(
    contracts: list[str],
    at_start: dict[str, Carte],
    at_end: dict[str, Carte],
    columns: frozenset[str],
    insurers: frozenset[str],
) -> str:
    """Those that cover, failing that those that are an exception, failing that all; then the one edited last."""
    chosen = [name for name in contracts if any_covers((at_start[name], at_end[name]), columns)]
    if not chosen:
        chosen = [
            name
            for name in contracts
            if first_word(at_start[name].mutuelle) in insurers or first_word(at_end[name].mutuelle) in insurers
        ]
    return max(chosen or contracts, key=lambda name: (at_end[name].editee_le or date.min, name))


def last_right(rows: Iterable[Droit], contract: str) -> Droit | None:
    best = None
    for row in rows:
        if row.contrat == contract and (best is None or (row.date_effet or date.min) >= (best.date_effet or date.min)):
            best = row
    return best


def last_row(rows: Sequence[Row], day: Callable[[Row], date | None]) -> Row | None:
    """The row with the latest day; an empty day is the oldest; the lower row of several."""
    best, best_day = None, date.min
    for row in rows:
        this = day(row) or date.min
        if this >= best_day:
            best, best_day = row, this
    return best


def latest_day(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def two_years_after(day: date) -> date:
    return date(day.year + 2, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 2)


def differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) > TOLERANCE
