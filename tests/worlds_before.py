"""Perturbations aimed at A to E and F0 of motifs.md §4: document, traces, age, missing elements, identity."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from mailbot.model import Acte
from mailbot.model.references import (
    TABLES,
    Agica,
    AgicaActe,
    Beneficiaire,
    HistoClient,
)
from tests.worlds_base import (
    AUTRE_PS,
    BAD_NIRS,
    BIRTHS,
    CENTRE,
    CENTRE_2,
    DETAILS,
    EMPTY_NIRS,
    LINES,
    MUTUELLES,
    NIRS,
    PHARMACIE,
    UNKNOWN_PS,
    Draft,
    some_actes,
)

# ---------------------------------------------------------------- perturbations: A and tables


def document(draft: Draft) -> None:
    rng = draft.rng
    which = rng.randrange(4)
    if which == 0:
        draft.set(type_document="illisible")
    elif which == 1:
        draft.set(tache_numero_ps=rng.choice((PHARMACIE, AUTRE_PS, "", "12")))
    elif which == 2:
        draft.set(numero_ps=rng.choice(UNKNOWN_PS), tache_numero_ps="")
    else:
        draft.set(numero_ps=rng.choice((PHARMACIE, AUTRE_PS, CENTRE, CENTRE_2)))


def drop_table(draft: Draft) -> None:
    draft.dropped.append(draft.rng.choice(tuple(TABLES)))


def empty_table(draft: Draft) -> None:
    draft.tables[draft.rng.choice(tuple(TABLES))].clear()


# ---------------------------------------------------------------- perturbations: B


def some_number(draft: Draft) -> str:
    """The invoice's number in some writing, or another one."""
    ours, rng = draft.facture.numero, draft.rng
    return rng.choice((ours, ours, ours, f"00{ours}", "0", "", "100", "7", "A12", "ZZ9"))


def some_nir(draft: Draft) -> str:
    """Mostly the true NIR of the patient: that of the invoice unless a perturbation took it away (F0)."""
    return draft.rng.choice((draft.truth.nir, draft.truth.nir, draft.truth.nir, draft.facture.nir, *NIRS[:2]))


def some_ps(draft: Draft) -> str:
    return draft.rng.choice((draft.facture.numero_ps, draft.facture.numero_ps, AUTRE_PS, CENTRE, ""))


def some_payday(draft: Draft) -> date | None:
    return draft.rng.choice((None, date(2025, 6, 1), date(2025, 6, 1), date(2025, 6, 2), date(2024, 1, 1)))


def some_care_day(draft: Draft) -> date | None:
    start, end = draft.start, draft.end
    return draft.rng.choice((start, start, end, None, start - timedelta(days=1), end + timedelta(days=1)))


def some_trace(draft: Draft) -> Agica:
    rng = draft.rng
    asked = draft.facture.part_rc_demandee
    share = rng.choice((asked, asked, None, 470, 472, 473, 469, 0))
    etat = rng.choice(("LIQUIDE", "LIQUIDE", "LIQUIDE_NUL", "REJETE", "REJETE", "EN_COURS", ""))
    motif = rng.choice(("DOUBLON_TOTAL", "DOUBLON_TOTAL", "AUTRE", "")) if etat == "REJETE" else ""
    settled = rng.choice(LINES)
    return Agica(
        some_ps(draft),
        some_nir(draft),
        some_number(draft),
        some_care_day(draft),
        share,
        "PHAR",
        etat,
        some_payday(draft),
        motif,
        settled,
    )


def traces(draft: Draft) -> None:
    for _ in range(draft.rng.choice((1, 1, 2, 4))):
        draft.add("agica", some_trace(draft))


def same_traces(draft: Draft) -> None:
    """Several traces that differ only in what is chosen among them: date, number settled, row order."""
    model = some_trace(draft)._replace(nir=draft.truth.nir, numero_facture=draft.facture.numero)
    model = model._replace(date_debut_soins=draft.start, montant_rc=draft.facture.part_rc_demandee)
    for _ in range(draft.rng.choice((1, 2, 3))):
        settled = draft.rng.choice(LINES)
        draft.add("agica", model._replace(date_liquidation=some_payday(draft), numero_facture_reglee=settled))


def ledger_trace(draft: Draft) -> None:
    rng = draft.rng
    for _ in range(draft.rng.choice((1, 1, 2))):
        row = some_trace(draft)._replace(
            etat="EN_COURS", date_liquidation=None, motif_rejet="", numero_facture_reglee=""
        )
        if rng.random() < 0.7:
            row = row._replace(numero_ps=draft.facture.numero_ps, numero_facture=f"0{draft.facture.numero}")
        draft.en_cours.append(row)
        if draft.rng.random() < 0.3:
            draft.add("agica", row._replace(etat=draft.rng.choice(("LIQUIDE_NUL", "REJETE")), numero_ps=some_ps(draft)))


def paid_acts(draft: Draft) -> None:
    rng = draft.rng
    for _ in range(rng.choice((1, 2, 3, 4))):
        acts = draft.facture.actes or some_actes(rng, draft.start, draft.end)
        act = rng.choice(acts)
        code = rng.choice((act.code_acte, act.code_acte, act.code_acte, "CS", ""))
        day = rng.choice((act.date_soins, act.date_soins, act.date_soins, some_care_day(draft)))
        number = rng.choice((*LINES, some_number(draft), "00ZZ9", "ZZ9"))
        ps = rng.choice((draft.facture.numero_ps, draft.facture.numero_ps, some_ps(draft)))
        draft.add("agica_actes", AgicaActe(ps, some_nir(draft), number, code, day, some_payday(draft)))


def histo(draft: Draft) -> None:
    rng = draft.rng
    for _ in range(rng.choice((1, 1, 2, 3))):
        ps = rng.choice((draft.facture.numero_ps, draft.facture.numero_ps, some_ps(draft)))
        number = rng.choice((*LINES, some_number(draft)))
        row = HistoClient(rng.choice(MUTUELLES), some_nir(draft), ps, number, some_care_day(draft), some_payday(draft))
        draft.add("histo_client", row)


def codeless_paid_act(draft: Draft) -> None:
    """An act without code or date, and a row of `agica_actes` that lacks the same."""
    draft.act(**draft.rng.choice(({"code_acte": ""}, {"date_soins": None})))
    for act in draft.facture.actes:
        ps, nir = draft.facture.numero_ps, draft.truth.nir
        draft.add("agica_actes", AgicaActe(ps, nir, "ZZ9", act.code_acte, act.date_soins, some_payday(draft)))


def ledger_of_another(draft: Draft) -> None:
    """A decision of the ledger that agrees in all but its PS or its number, one of the two being empty now and then."""
    rng = draft.rng
    row = some_trace(draft)._replace(
        nir=draft.facture.nir,
        etat="EN_COURS",
        date_debut_soins=draft.start,
        montant_rc=draft.facture.part_rc_demandee,
        numero_ps=rng.choice((draft.facture.numero_ps, draft.facture.numero_ps, AUTRE_PS)),
        numero_facture=rng.choice((draft.facture.numero, "", "000", "ZZ8", some_number(draft))),
    )
    draft.en_cours.append(row)
    if rng.random() < 0.5:
        draft.set(numero_facture="", numero="")
    if rng.random() < 0.3:
        draft.set(date_reception=date(draft.end.year + 3, 1, 1))


def ledger_and_age(draft: Draft) -> None:
    """C4 and F1 ask for a trace in any state: is one of the ledger's such a trace?"""
    rng = draft.rng
    row = some_trace(draft)._replace(nir=draft.facture.nir, numero_facture=draft.facture.numero, etat="EN_COURS")
    draft.en_cours.append(row._replace(numero_ps=draft.facture.numero_ps))
    if rng.random() < 0.5:
        draft.set(date_reception=date(draft.end.year + 3, 1, 1))
    else:
        draft.tables["cartes"].clear()


def complement(draft: Draft) -> None:
    draft.set(mention="complement")
    draft.rng.choice((traces, same_traces, paid_acts, histo))(draft)


# ---------------------------------------------------------------- perturbations: C and D


def destinataire_and_age(draft: Draft) -> None:
    rng = draft.rng
    which = rng.randrange(5)
    if which == 0:
        draft.set(taux_ro=rng.choice((Decimal(100), Decimal("100.00"), Decimal("100.01"))))
    elif which == 1:
        draft.set(destinataire=rng.choice(("", "assure", "oc")), part_assure=rng.choice((None, 0, 1, -1)))
    elif which == 2:
        draft.set(parcours_soins="non")
    elif which == 3:
        bad = ("bordereau_virement", "decompte_ro", "document_rsi", "autre")
        draft.set(type_document=rng.choice(bad))
    else:
        later = date(draft.end.year + 2, draft.end.month, min(draft.end.day, 28))
        received = later + timedelta(days=rng.choice((-1, 0, 1, 2, 300)))
        draft.set(date_reception=max(received, draft.end))
        if rng.random() < 0.4:
            draft.add("agica", some_trace(draft)._replace(etat=rng.choice(("LIQUIDE_NUL", "", "REJETE"))))


def lose(draft: Draft) -> None:
    """One to four elements go missing (D)."""
    rng = draft.rng
    for what in rng.sample(DETAILS, rng.choice((1, 1, 2, 3, 4))):
        if what == "numero":
            draft.set(numero_facture="", numero="")
        elif what == "nir":
            nir = rng.choice(EMPTY_NIRS)
            draft.set(nir=nir, nir_valide=nir == "")  # as the parser says it; zeros only, in case it ever keeps them
        elif what == "part_rc":
            draft.set(part_rc_demandee=None)
        elif what in ("date_facture", "montant_total"):
            draft.set(**{what: None})
        else:
            draft.set(**{what: ""})


def undate(draft: Draft) -> None:
    """No care date at all: the invoice is named by its number, else "0"."""
    draft.set(actes=tuple(acte._replace(date_soins=None) for acte in draft.facture.actes))
    if draft.rng.random() < 0.4:
        draft.set(actes=())
    if draft.rng.random() < 0.6:
        draft.set(numero_facture="", numero="")


def act_details(draft: Draft) -> None:
    what = draft.rng.choice(("code_acte", "montant", "quantite", "date_soins"))
    draft.act(**{what: "" if what == "code_acte" else None})


def majoration(draft: Draft) -> None:
    rng = draft.rng
    draft.act(code_acte="MDI", prix_unitaire=None)
    extra = Acte(rng.choice(("MDI", "CS", "ZZZ", "")), rng.choice((draft.start, draft.end, None)), None, Decimal(1),
                 None, 1271, 0, 0, "")  # fmt: skip
    if rng.random() < 0.6:
        draft.set(actes=(*draft.facture.actes, extra))


# ---------------------------------------------------------------- perturbations: E and F0


def wrong_nir(draft: Draft) -> None:
    rng = draft.rng
    if rng.random() < 0.3:
        draft.set(nir=rng.choice(BAD_NIRS), nir_valide=False)
        return
    draft.set(nir=rng.choice([nir for nir in NIRS if nir != draft.truth.nir]), nir_valide=True)


def some_names(draft: Draft) -> tuple[str, str]:
    """A surname and first name that match the invoice, or miss it by a little."""
    rng = draft.rng
    surname = rng.choice((draft.surname[0], draft.facture.nom, *draft.surname[1], *draft.surname[2]))
    first = rng.choice((draft.first[0], draft.facture.prenom, *draft.first[1], *draft.first[2]))
    return surname, first


def other_person(draft: Draft) -> None:
    """Somebody else, or the same once more, under some NIR and with some card reference."""
    rng = draft.rng
    for _ in range(rng.choice((1, 1, 2, 3))):
        nom, prenom = some_names(draft) if rng.random() < 0.6 else (draft.truth.nom, draft.truth.prenom)
        born = rng.choice((draft.truth.date_naissance, draft.truth.date_naissance, rng.choice(BIRTHS), ""))
        nir = rng.choice((draft.facture.nir if draft.facture.nir_valide else "", draft.truth.nir, *NIRS))
        row = Beneficiaire(
            rng.choice(("R1", "R1", "R2", "R3", "")), nir, born, rng.choice((1, 2, draft.truth.rang_naissance)),
            nom, prenom, "Harmonie", "C1", "M1",
        )  # fmt: skip
        draft.add("beneficiaires", row)


def twins_elsewhere(draft: Draft) -> None:
    """E3, E4, F0: not found under the invoice's NIR; the same person stands under none, one or two others."""
    rng = draft.rng
    wrong_nir(draft)
    for _ in range(rng.choice((1, 1, 2))):
        draft.add("beneficiaires", draft.truth._replace(nir=rng.choice(NIRS), rang_naissance=rng.choice((1, 2))))
    if rng.random() < 0.6:
        stranger = draft.truth._replace(nir=draft.facture.nir, nom="INCONNU", date_naissance="1950-01-01")
        draft.add("beneficiaires", stranger)
    if rng.random() < 0.4:
        draft.set(prenom="Personne")


def from_b2(draft: Draft) -> None:
    """An invoice without names of its own; they may have been completed."""
    rng = draft.rng
    draft.set(de_b2=True, critere_archivage="")
    if rng.random() < 0.8:
        draft.set(nom="", prenom=rng.choice(("", "", draft.facture.prenom)))
    if rng.random() < 0.4:
        rng.choice((typo_in_person, wrong_nir, forget_person))(draft)


def typo_in_person(draft: Draft) -> None:
    rng = draft.rng
    which = rng.randrange(4)
    if which == 0:
        draft.set(nom=rng.choice(draft.surname[2][:-1]))
    elif which == 1:
        draft.set(prenom=rng.choice(draft.first[2][:-1]))
    elif which == 2:
        draft.set(date_naissance=rng.choice(BIRTHS))
    else:
        draft.set(rang_naissance=3 - draft.facture.rang_naissance)


def forget_person(draft: Draft) -> None:
    draft.tables["beneficiaires"] = [row for row in draft.tables["beneficiaires"] if row != draft.truth]


def other_nir_and_trace(draft: Draft) -> None:
    """F0: a wrong NIR on the invoice, a patient whom the payer knows, and something of B under the right NIR."""
    nir = draft.rng.choice([nir for nir in NIRS if nir != draft.truth.nir])
    draft.set(nir=nir, nir_valide=True)
    draft.rng.choice((same_traces, same_traces, paid_acts, histo, complement, ledger_trace))(draft)
