"""What became of the sample day, read back from the ledger; nothing is assumed to have gone as planned.

Owns the French sentences about what happened; `page.py` lays them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.demo import people
from mailbot.demo.mails import Delivered
from mailbot.ledger import Decided, Ledger, export
from mailbot.letters.bordereau import Libelles
from mailbot.model import LetterKind, LetterState, RejetState, Route, Status
from mailbot.passes import contact
from mailbot.passes.service import Service

#: The invoice whose story is told: refused in the morning, corrected in the afternoon; and what corrects it.
SUIVIE, CORRIGEE = "18812", "18840"
_REFUS = {
    RejetState.OUVERT: "encore ouvert",
    RejetState.REPONDU: "à relire par un gestionnaire",
    RejetState.CLOS: "clos",
}
_ETATS = {"decidee": "décidée", "informee": "annoncée au PS", "corrigee": "corrigée", "close": "close"}


@dataclass(frozen=True, slots=True)
class Told:
    """The day in numbers and sentences. `motifs`: (libellé, to the PS, to the gestionnaire), most frequent first."""

    factures: int
    acceptees: int
    a_saisir: int
    motifs: tuple[tuple[str, int, int], ...]
    refus: tuple[str, ...]
    bordereaux: tuple[tuple[str, str, str], ...]  # PS, address, subject
    etapes: int
    confirmations: int
    accuses: int
    copies: int
    trame: int
    sans_contact: tuple[str, ...]
    attend: tuple[str, ...]
    histoire: tuple[tuple[str, str], ...]  # hour, what happened

    @property
    def refusees(self) -> int:
        return sum(to_ps + to_gestionnaire for _, to_ps, to_gestionnaire in self.motifs)


def told(service: Service) -> Told:
    """Reads the ledger at the end of the day."""
    ledger = service.ledger
    refused = ledger.lots.refused(everything=True)
    states = Counter(str(row["state"]) for row in export.rows(ledger.store) if row["table"] == "factures")
    letters = ledger.letters.listed()
    kinds = Counter(letter.kind for letter in letters)
    return Told(
        factures=sum(states.values()),
        acceptees=states["acceptee"],
        a_saisir=states["a_saisir"],
        motifs=_motifs(refused, service.configuration.house.libelles),
        refus=tuple(
            f"{one.fichier}, ligne {one.ligne}, {one.colonne} : {one.raison}" for one in ledger.lot_files.refus()
        ),
        bordereaux=tuple(
            (_nom(letter.numero_ps), letter.recipient, _objet(ledger, letter.id))
            for letter in letters
            if letter.kind is LetterKind.BORDEREAU
        ),
        etapes=kinds[LetterKind.INSCRIPTION] + kinds[LetterKind.CONFIRMATION],
        confirmations=kinds[LetterKind.CONFIRMATION],
        accuses=kinds[LetterKind.RECEIPT],
        copies=kinds[LetterKind.COPY],
        trame=len(ledger.lots.refused()),
        sans_contact=tuple(
            one.nom_facture for one in refused if one.decision.route is Route.PS and one.letter_id is None
        ),
        attend=_attend(ledger),
        histoire=_histoire(ledger, service.configuration.house.libelles),
    )


def _motifs(refused: Sequence[Decided], libelles: Libelles) -> tuple[tuple[str, int, int], ...]:
    counts = Counter((one.decision.motif or "", one.decision.route) for one in refused)
    codes = sorted({code for code, _ in counts}, key=lambda code: (-sum(_both(counts, code)), code))
    return tuple((libelles.motifs.get(code, code), *_both(counts, code)) for code in codes)


def _both(counts: Counter[tuple[str, Route | None]], code: str) -> tuple[int, int]:
    return counts[code, Route.PS], counts[code, Route.GESTIONNAIRE]


def _nom(numero_ps: str) -> str:
    return next((ps.nom for ps in people.TOUS if ps.numero == numero_ps), numero_ps)


def _attend(ledger: Ledger) -> tuple[str, ...]:
    lines = [f"mail {mail.id} ({mail.kind}) : {mail.reason}" for mail in ledger.mails.parked()]
    lines += [f"fichier {file.name} : {file.reason}" for file in ledger.lot_files.parked()]
    lines += [
        f"réponse à lire (mail {mail_id}) : facture {one.nom_facture}, {_nom(one.facture.numero_ps)}"
        for one, mail_id in ledger.lots.answered()
    ]
    lines += [
        f"adresse à approuver : {_nom(asked.numero_ps)}, demandée par une adresse inconnue d’AGAPS"
        for asked in ledger.contacts.listed()
        if asked.pending and not asked.expires_at
    ]
    lines += [
        f"courrier revenu : {_nom(letter.numero_ps)}, {letter.recipient}"
        for letter in ledger.letters.listed(LetterState.BOUNCED)
    ]
    return tuple(lines)


def _histoire(ledger: Ledger, libelles: Libelles) -> tuple[tuple[str, str], ...]:
    first, later = ledger.lots.find(SUIVIE), ledger.lots.find(CORRIGEE)
    if not first:
        return ()
    (one,) = first
    decision = one.decision
    why = libelles.motifs.get(decision.motif or "", "")
    detail = libelles.details.get(decision.detail or "", "")
    steps = [
        (
            _heure(one.decided_at),
            f"la facture {SUIVIE} (lot {one.facture.numero_lot}, {_nom(one.facture.numero_ps)}) est refusée par la "
            f"règle {decision.regle} : {why}" + (f" – {detail}" if detail else ""),
        )
    ]
    letter = ledger.letters.get(one.letter_id) if one.letter_id else None
    if letter:
        subject = _objet(ledger, letter.id)
        steps.append((_heure(letter.created_at), f"le bordereau part à {letter.recipient} : « {subject} »"))
    if later:
        steps += _correction(one, later[0])
    return tuple(steps)


def _objet(ledger: Ledger, letter_id: int) -> str:
    return str(Delivered.read(ledger.letters.envelope(letter_id).raw).message["Subject"])


def _correction(one: Decided, new: Decided) -> list[tuple[str, str]]:
    """What the corrected invoice came to, and the refusal with it."""
    hour = _heure(new.decided_at)
    result = {Status.ACCEPTEE: "acceptée", Status.A_SAISIR: "à saisir", Status.REFUSEE: "refusée"}[new.decision.status]
    refus = _REFUS[one.rejet_state] if one.rejet_state else "absent"
    lot, regle = new.facture.numero_lot, new.decision.regle
    return [
        (hour, f"la réponse apporte le lot {lot} : la facture {CORRIGEE} est {result} (règle {regle})"),
        (hour, f"le refus de {SUIVIE} est {refus} ; la facture est {_ETATS.get(one.state, one.state)}"),
    ]


def _heure(instant: str) -> str:
    local = datetime.fromisoformat(instant).astimezone(contact.PARIS)
    return f"{local:%H} h {local:%M}"
