"""Invented registrations and questions on which the letters of the register are tried: every step, every answer.

Owns: one PS and several, everything known and nothing known, values at their limits. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from mailbot.letters import etat, inscription
from mailbot.letters.etat import Compte, Etat, Ligne, Paiement, Version
from mailbot.letters.inscription import Step, Told
from mailbot.letters.lignes import House
from mailbot.letters.reponses import read
from mailbot.letters.textes import Answer
from mailbot.model.inscriptions import Role

INSCRIPTIONS = "inscriptions@payeur.example.fr"
ADRESSE = "secretariat.du.cabinet.de.la.tour.vandekerkhove@maison-de-sante.example.fr"
ONE = (("750099991", "PHARMACIE DU PORT"),)
SEVERAL = (*ONE, ("2A0099994", ""), ("750099992", "CENTRE DE SANTÉ <&> DE LA TOUR D’ARGENT-VANDEKERKHOVE"))


def tolds(now: datetime) -> tuple[Told, ...]:
    """Every step, for one PS and for several, plain and with all that it can say."""
    return tuple(one for step in Step for one in _of_step(step, now))


def _of_step(step: Step, now: datetime) -> Iterator[Told]:
    plain = Told(step, ONE, ADRESSE, Role.RETOURS)
    full = Told(
        step, SEVERAL, ADRESSE, Role.REMPLACANT, date(2026, 8, 3), date(2026, 8, 28), now + timedelta(hours=72),
        missing=("l’accord de l’adresse que nous connaissons", "l’examen de votre demande par un gestionnaire"),
        done=("cette adresse a répondu à notre message",), doubtful=("75 2000", "<b>O'Brien</b>"),
        reason="le professionnel de santé n’a pas donné son accord", replaces=True,
    )  # fmt: skip
    lasting = replace(full, role=Role.PRISES_EN_CHARGE, starts_on=None, ends_on=None, replaces=False)
    yield from (plain, full, lasting, replace(plain, role=Role.SECRETARIAT))
    yield Told(step)


def inscriptions(house: House, token: str, now: datetime) -> list[dict[str, Any]]:
    """The contexts of `inscription`."""
    return [
        inscription.page_context(house.organisation, house.outbox, told, INSCRIPTIONS, token, now)
        for told in tolds(now)
    ]


def etats(house: House, token: str, now: datetime) -> list[dict[str, Any]]:
    """The contexts of `etat`."""
    known = next(iter(house.consignes.par_numero), "")
    help_text = house.textes.texts.get("aide") or Answer("aide", "Aide", read("Écrivez ÉTAT."), frozenset())
    rows = tuple(_ligne(at, state) for at, state in enumerate(Etat))
    one = tuple(_compte(numero, name, 60, 30) for numero, name in ONE)
    many = tuple(_compte(f"7500{at:05d}", "PHARMACIE <&> DU PORT", 3, 3) for at in range(50))
    asked: tuple[tuple[etat.Question, tuple[tuple[str, str], ...]], ...] = (
        *((etat.Facture(row.numero_facture, (row,)), ONE) for row in rows),
        (etat.Facture("531341", rows), SEVERAL),
        (etat.Facture("531341", ()), ONE),
        (etat.Facture("<b>Lenoir</b>", ()), SEVERAL),
        (etat.Releve(one), ONE),
        (etat.Releve(many), SEVERAL),
        (etat.Releve((Compte(*ONE[0]),)), ONE),
        (etat.Consigne(known, house.consignes), ONE),
        (etat.Consigne("1002", house.consignes), ONE),
        (etat.Consigne("", house.consignes), SEVERAL),
        (etat.Aide(help_text, INSCRIPTIONS), ONE),
    )
    return [etat.page_context(house.organisation, question, numeros, token, now) for question, numeros in asked]


def _compte(numero: str, name: str, refused: int, paid: int) -> Compte:
    rows = tuple(replace(_ligne(at, Etat.REFUSEE), numero_ps=numero, avant=()) for at in range(refused))
    payments = tuple(
        Paiement(f"{26000 + at}", "131", date(2026, 1, 5), 1437 * (1 - 2 * (at % 2))) for at in range(paid)
    )
    return Compte(numero, name, rows, payments)


def _ligne(at: int, state: Etat) -> Ligne:
    known = at % 3 != 2
    return Ligne(
        numero_ps=SEVERAL[at % len(SEVERAL)][0],
        numero_facture=f"{531341 + at}",
        numero_lot="20260131",
        recue_le=date(2026, 1, 31),
        montant=123456 if known else None,
        part_rc=1437 if known else None,
        etat=state,
        le=date(2026, 2, 1) if known else None,
        paye=1437 if known else None,
        motif="Bénéficiaire non couvert par la garantie" if known else "",
        a_faire="Annulez la demande. Le patient règle sa part." if known else "",
        avant=(Version("20260117", date(2026, 1, 17), Etat.REFUSEE, "Manque détail"),) if known else (),
    )
