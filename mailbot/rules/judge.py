"""The judge: the first rule that holds decides; the path to it is told on demand. And the contact of a PS.

Pure. `decide` always answers: where no rule holds, the motif of last resort goes to the gestionnaire. Raises nothing.
The explanation is worked out from the same case only when somebody asks, so that deciding a million invoices costs
no words.
"""

from __future__ import annotations

from typing import Any

import orjson
from email_validator import EmailNotValidError, validate_email

from mailbot.model import Contact, Decision, Etape, Facture
from mailbot.rules import text
from mailbot.rules.book import LAST_RESORT, Book
from mailbot.rules.case import Case
from mailbot.rules.programme import Programme, Step
from mailbot.rules.references import References, rows_under
from mailbot.rules.rule import Rule
from mailbot.rules.specialities import is_health_centre
from mailbot.rules.steps import seeing, seen_in_turn, step_json, told, told_in_turn


class Judgement:
    """A decision and, on demand, why. Holds the case: take what you need and let it go when millions are decided."""

    __slots__ = ("_case", "_programme", "_step", "decision")

    def __init__(self, decision: Decision, case: Case, programme: Programme, step: Step | None) -> None:
        self.decision = decision
        self._case = case
        self._programme = programme
        self._step = step

    def explication(self) -> list[Etape]:
        """Every rule looked at, up to and including the one that held, with the values it saw (JSON-ready)."""
        return [Etape(step["regle"], step["tenue"], step["valeurs"]) for step in self.explication_json()]

    def explication_json(self) -> list[dict[str, Any]]:
        """The same as plain dicts `{regle, tenue, valeurs}`."""
        steps: list[dict[str, Any]] = orjson.loads(self.explication_bytes())
        return steps

    def explication_bytes(self) -> bytes:
        """The same as the JSON text of a list: the fastest of the three, made for `orjson.Fragment` and the ledger."""
        steps = _path(self._case, self._programme, self._step)
        if self._step is None:
            steps.append(step_json(LAST_RESORT, True, {}))
        return b"[" + b",".join(steps) + b"]"


def decide(facture: Facture, references: References, book: Book) -> Judgement:
    """The first rule of the book that holds for this invoice decides (motifs.md §4)."""
    case = Case(facture, references, book.terms)
    programme = book.programme(references.loaded, facture.date_reception)
    step = programme.first(case)
    decision = book.last_resort if step is None else step.decide(case)
    return Judgement(decision, case, programme, step)


def _path(case: Case, programme: Programme, held: Step | None) -> list[bytes]:
    steps = programme.path(case, held)
    if held is None:
        return steps
    rule = held.rule
    if rule.takes_over:
        return steps + _taken_over(case, rule)
    values = told(rule.tests, seeing(rule.tests)(case))
    said = held.outcome(case)
    for variant in rule.variants:
        values.update(told_in_turn(variant.tests, seen_in_turn(variant.tests, case)))
        if variant.outcome is said:
            break
    steps.append(step_json(rule.id, True, values))
    return steps


def _taken_over(case: Case, rule: Rule) -> list[bytes]:
    """The rules taken over, each with the rule that took it over and the NIR that was looked under instead."""
    other, taken, programme = case.taken_over
    why = {"reprise_par": rule.id, "nir_relu": other.nir}
    steps = [orjson.loads(step) for step in _path(other, programme, taken)]
    return [step_json(step["regle"], step["tenue"], {**why, **step["valeurs"]}) for step in steps]


def contact(numero_ps: str, references: References, convention: str, inscription: str | None = None) -> Contact | None:
    """The address of a PS (motifs.md §5): its verified registration, agaps_mails (centre de soins), agaps.mail.

    `inscription` is the address of the verified registration. Answers are remembered with the reference tables.
    """
    key = (numero_ps, convention, inscription)
    if key not in references.contacts:
        references.contacts[key] = _contact(numero_ps, references, convention, inscription)
    found: Contact | None = references.contacts[key]
    return found


def _contact(numero_ps: str, references: References, convention: str, inscription: str | None) -> Contact | None:
    if inscription and usable(inscription):
        return Contact(inscription, "inscription")
    if is_health_centre(numero_ps):
        wanted = text.code(convention)
        mails = [
            row.mail
            for row in rows_under(references.agaps_mails, numero_ps)
            if text.code(row.convention) == wanted
            and text.code(row.fonction) in ("RETOURS_PS", "RETOUR_PS")
            and usable(row.mail)
        ]
        if mails:
            return Contact(mails[1] if len(mails) > 1 else mails[0], "agaps_mails")
    for row in rows_under(references.agaps, numero_ps):
        if usable(row.mail):
            return Contact(row.mail, "agaps")
    return None


def usable(mail: str) -> bool:
    """An address that email-validator refuses (without DNS), or that our outbox cannot write to, counts as none.

    Names under .test stand for real ones on rehearsal machines, as in the configuration.
    """
    if not mail:
        return False
    try:
        validate_email(mail, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
