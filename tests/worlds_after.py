"""Perturbations aimed at F, G and H of motifs.md §4 and at the contact of §5. See worlds.py."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mailbot.model import Acte, Recapitulatif
from mailbot.model.references import (
    AgapsMail,
    Carte,
    Droit,
    Valorisation,
)
from tests.worlds_base import (
    AUTRE_PS,
    CENTRE,
    CENTRE_2,
    COVERING,
    MAILS,
    MUTUELLES,
    OWN_COLUMNS,
    PEC,
    Draft,
    agaps_rows,
    some_garanties,
)

# ---------------------------------------------------------------- perturbations: F


def some_card(draft: Draft) -> Carte:
    rng, start, end = draft.rng, draft.start, draft.end
    one = timedelta(days=1)
    value = rng.choice((*COVERING, *PEC, *PEC, "-", ""))
    garanties = rng.choice(("", some_garanties(rng, draft.facture.specialite, value), "SE=PEC", "SE=100%|HOSP=-"))
    return Carte(
        rng.choice(("R1", "R1", "R1", "R2", "")),
        rng.choice(("C1", "C1", "C2", "C3", "")),
        rng.choice(MUTUELLES),
        rng.choice((start - one, start, start, start + one, end, end + one, None)),
        rng.choice((None, None, start - one, start, end - one, end, end + one)),
        rng.choice((None, start)),
        rng.choice(("", "", "", "", "NPAI", "npai", "Restitution", "RESTITUTION", "Réstitution", "Perte")),
        rng.choice((None, date(2024, 1, 1), date(2024, 1, 1), date(2024, 6, 1))),
        "1",
        garanties,
    )


def more_cards(draft: Draft) -> None:
    for _ in range(draft.rng.choice((1, 1, 2, 4))):
        draft.add("cartes", some_card(draft))


def only_cards(draft: Draft) -> None:
    draft.tables["cartes"] = [some_card(draft) for _ in range(draft.rng.choice((1, 2, 3, 4)))]


def change_cards(draft: Draft) -> None:
    """Each card loses one thing: its period, its cover, its peace."""
    rng = draft.rng
    value = rng.choice((*PEC, "-", "", "100%"))
    change: dict[str, Any] = rng.choice(
        (
            {"garanties": some_garanties(rng, draft.facture.specialite, value)},
            {"garanties": rng.choice(("", "PHAR=-|SE=", "|", "SE=100%"))},
            {"date_debut": rng.choice((None, draft.end + timedelta(days=1), draft.end))},
            {"date_fin": draft.start - timedelta(days=rng.choice((0, 1)))},
            {"motif_restitution": rng.choice(("NPAI", "Npai", "restitution"))},
        )
    )
    draft.tables["cartes"] = [card._replace(**change) for card in draft.tables["cartes"]]


def exception(draft: Draft) -> None:
    """No card covers; the mutuelle and the speciality may let it through."""
    rng = draft.rng
    draft.set(specialite=rng.choice(("TRA", "MG", "MS", "MK", "SE")))
    mutuelle = rng.choice(MUTUELLES)
    garanties = rng.choice(("", "BIO=100%", "TRA=-|MG=|MS=-|MGS=-"))
    cards = draft.tables["cartes"]
    draft.tables["cartes"] = [card._replace(garanties=garanties, mutuelle=mutuelle) for card in cards]
    if rng.random() < 0.5:
        valuation(draft)


def two_contracts(draft: Draft) -> None:
    """A long care whose start and end lie on two contracts, or on one contract with two cards."""
    rng, start, end = draft.rng, draft.start, draft.end
    if start == end:
        end = draft.end = start + timedelta(days=10)
        actes = draft.facture.actes
        draft.set(actes=(*actes, actes[0]._replace(date_soins=end)) if actes else ())
        draft.set(date_facture=end, date_reception=max(end, draft.facture.date_reception))
    model = some_card(draft)._replace(
        reference="R1", garanties=some_garanties(rng, draft.facture.specialite, rng.choice(PEC))
    )
    other = rng.choice(("C1", "C2", "C9"))
    early = model._replace(contrat="C1", date_debut=start, date_fin=start)
    late = some_card(draft)._replace(reference="R1", contrat=other, date_debut=end, date_fin=None)
    draft.tables["cartes"] = [early, late]
    if rng.random() < 0.4:
        more_cards(draft)


def many_contracts(draft: Draft) -> None:
    """Two or three contracts, each with a card for the first and one for the last day, told apart by what they say."""
    rng, start, end = draft.rng, draft.start, draft.end
    if rng.random() < 0.5:
        draft.set(specialite=rng.choice(("TRA", "MG", "MS")))
    none = rng.choice(("", "BIO=100%"))
    for contrat in rng.sample(("C1", "C2", "C10", ""), rng.choice((2, 3))):
        motif = rng.choice(("", "", "NPAI", "Restitution"))
        for since, until in ((start, start), (end, None)):
            value = rng.choice(("100%", "PEC", "-"))
            cover = some_garanties(rng, draft.facture.specialite, value) if rng.random() < 0.4 else none
            edited = rng.choice((None, date(2024, 1, 1), date(2024, 6, 1)))
            row = some_card(draft)._replace(reference="R1", contrat=contrat, motif_restitution=motif, garanties=cover)
            draft.add("cartes", row._replace(date_debut=since, date_fin=until, editee_le=edited))
    if rng.random() < 0.7:
        draft.tables["cartes"] = [row for row in draft.tables["cartes"] if row.mutuelle != "Harmonie"]
    if rng.random() < 0.5:
        rights(draft)


def rights(draft: Draft) -> None:
    rng, start, end = draft.rng, draft.start, draft.end
    one = timedelta(days=1)
    for _ in range(rng.choice((1, 1, 2, 3))):
        row = Droit(
            rng.choice(("R1", "R1", "R1", "R2", "")), "M1", rng.choice(("C1", "C1", "C1", "C2", "")),
            rng.choice((None, start, start - one, start + one, end)),
            rng.choice((None, end, end + one, end - one, start)),
            rng.choice((None, date(2024, 1, 1), date(2024, 1, 1), date(2030, 1, 1))),
        )  # fmt: skip
        draft.add("droits", row)


def pec(draft: Draft) -> None:
    rng = draft.rng
    draft.set(numero_pec=rng.choice(("", "", "", "123")))
    columns = [*OWN_COLUMNS.get(draft.facture.specialite, (draft.facture.specialite,)), "SE", "BIO"]
    parts = [f"{column}={rng.choice((*PEC, *PEC, '-', '', '100%'))}" for column in dict.fromkeys(columns)]
    draft.tables["cartes"] = [card._replace(garanties="|".join(parts)) for card in draft.tables["cartes"]]
    if rng.random() < 0.3:
        more_cards(draft)


def no_speciality(draft: Draft) -> None:
    draft.set(specialite="")


# ---------------------------------------------------------------- perturbations: G and H


def g_acts(draft: Draft) -> None:
    rng = draft.rng
    which = rng.randrange(4)
    if which == 0:
        draft.act(code_acte="MAU", prix_unitaire=None)
        if rng.random() < 0.6:
            coefficient = rng.choice((Decimal("1.0"), Decimal("1.50"), Decimal("1.51"), None))
            acte = Acte("AMI", draft.start, coefficient, Decimal(1), 315, 1, 1, 0, "")
            draft.set(actes=(*draft.facture.actes, acte))
    elif which == 1:
        draft.act(code_acte=rng.choice(("ZZZ", "cs", "ZZ")))
    elif which == 2:
        draft.set(date_facture=draft.end - timedelta(days=rng.choice((0, 1))))
    else:
        draft.act(code_acte="CS", prix_unitaire=rng.choice((2500, 2501, 2502, 2499, 2498, 0, None)))


def recapitulatif(draft: Draft) -> None:
    rng = draft.rng
    actes = list(draft.facture.actes)
    if actes and rng.random() < 0.35:
        i = rng.randrange(len(actes))
        change: dict[str, Any] = rng.choice(
            ({"code_acte": "K"}, {"code_acte": ""}, {"date_soins": None}, {"date_soins": draft.end + timedelta(days=1)})
        )
        actes[i] = actes[i]._replace(**change)
    if rng.random() < 0.2:
        actes = [acte._replace(code_acte="") for acte in actes]
    if rng.random() < 0.2:
        actes = [acte._replace(date_soins=None) for acte in actes]
    if rng.random() < 0.1:
        actes = []
    total = rng.choice((1271, 1271, 1271, 1270, 1272, 1273, None))
    share = rng.choice((471, 471, 471, 470, 469, None))
    draft.set(recapitulatif=Recapitulatif(total, share, tuple(reversed(actes))))


def valuation(draft: Draft) -> None:
    rng = draft.rng
    facture = draft.facture
    backwards = f"{draft.end:%Y%m%d}"
    if rng.random() < 0.15:
        draft.tables["valorisations"].clear()
        return
    for _ in range(rng.choice((1, 1, 2))):
        row = Valorisation(
            rng.choice(("L1", "L1", "L1", "L1", "L2", "0L1")),
            rng.choice((facture.numero_ps, facture.numero_ps, facture.numero_ps, AUTRE_PS)),
            rng.choice((facture.numero, f"000{facture.numero}", facture.nom_facture, backwards, "")),
            rng.choice(("VALORISEE", "VALORISEE", "REFUSEE")),
            rng.choice((1271, 1270, 1272, 1273, 1269, 0, -5)),
            rng.choice((471, 470, 472, 473, 469, 100005)),
            "",
        )
        if row.resultat == "REFUSEE":
            row = row._replace(message=rng.choice(("", "Acte non remboursable")))
        draft.add("valorisations", row)


def valuation_differs(draft: Draft) -> None:
    rng = draft.rng
    which = rng.choice(("montant_calcule", "part_rc_calculee"))
    rows = draft.tables["valorisations"]
    by = rng.choice((0, 1, 2, -1, -2, 99999))
    draft.tables["valorisations"] = [row._replace(**{which: getattr(row, which) + by}) for row in rows]


def refused_exception(draft: Draft) -> None:
    exception(draft)
    rows = draft.tables["valorisations"]
    draft.tables["valorisations"] = [row._replace(resultat="REFUSEE", message="Non garanti") for row in rows]


def two_adeli(draft: Draft) -> None:
    actes = draft.facture.actes
    if actes:
        first = actes[0]._replace(numero_adeli="751234567")
        last = actes[-1]._replace(numero_adeli=draft.rng.choice(("759999999", "", "751234567", "0751234567")))
        draft.set(actes=(first, *actes[1:], last))


def amounts(draft: Draft) -> None:
    rng = draft.rng
    draft.set(
        montant_total=rng.choice((1271, 1272, 1273, 1270, 1269, 5)),
        part_rc_demandee=rng.choice((471, 471, 472, 473, 470)),
    )


# ---------------------------------------------------------------- perturbations: §5


def contacts(draft: Draft) -> None:
    rng = draft.rng
    if rng.random() < 0.7:
        draft.set(numero_ps=rng.choice((CENTRE, CENTRE_2)), tache_numero_ps="")
    for _ in range(rng.choice((1, 2, 3, 4))):
        row = AgapsMail(
            rng.choice((draft.facture.numero_ps, draft.facture.numero_ps, draft.facture.numero_ps, CENTRE)),
            rng.choice(("Almerys", "ALMERYS", "Almérys", "almerys", "Autre", "")),
            rng.choice(("Retours PS", "Retour PS", "RETOURS PS", "retoùr ps", "Direction", "")),
            rng.choice(MAILS),
        )
        draft.add("agaps_mails", row)
    if rng.random() < 0.4:
        number = draft.facture.numero_ps
        rows = [row for row in draft.tables["agaps"] if row.numero_ps != number]
        draft.tables["agaps"] = rows
        for _ in range(rng.choice((0, 1, 1, 2))):
            draft.add("agaps", agaps_rows()[0]._replace(numero_ps=number, mail=rng.choice(MAILS)))
