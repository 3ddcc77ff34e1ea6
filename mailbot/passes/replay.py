"""Settling what was settled before, again, with the program and configuration of today; the difference, and no trace.

A parked mail is settled against the ledger as it is: what `review resolve --encore` would come to. A settled one meets
the refusals and addresses of its correspondent as they stood when it was settled, its own effects taken back; all else
(reference tables, letters) is as it is today. What an agent did with a mail since is no difference: rules are compared
with rules. Everything happens on a stage that cannot commit (`ledger/rehearsal.py`).

Known limits: a reason is compared without its numbers; mails of a purge are gone; evidence, candidates and answers are
told for one mail but make no difference by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot.errors import Never
from mailbot.ledger import Decided, Ledger, StoredMail, threads
from mailbot.ledger.rehearsal import Rehearsal
from mailbot.model import Handling, LetterKind, MailState, Message
from mailbot.parsers.mail.own import Own
from mailbot.passes import reply_case, settle, settle_mails
from mailbot.passes.review_queue import same_reason
from mailbot.passes.service import Service
from mailbot.reading import Reader


@dataclass(frozen=True, slots=True)
class Outcome:
    """What settling came to. `refusals`: (PS/LOT/FACTURE, was it corrected); `registered`: PS of the addresses asked
    for; `answers`: kinds of the letters that answer it; `candidates`: like refusals."""

    kind: str
    parked: bool
    reason: str
    numero_ps: str
    refusals: tuple[tuple[str, bool], ...] = ()
    registered: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def same_as(self, other: Outcome) -> bool:
        """The same for everybody who is concerned."""
        return self._essence() == other._essence()

    def _essence(self) -> tuple[object, ...]:
        return self.kind, self.parked, same_reason(self.reason), self.refusals, self.registered


@dataclass(frozen=True, slots=True)
class Replayed:
    """A mail with what was recorded and what would come out today. `by_hand`: an agent had a part in it since."""

    mail_id: int
    received_at: str
    before: Outcome
    after: Outcome
    by_hand: bool

    @property
    def differs(self) -> bool:
        return not self.before.same_as(self.after)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What a lot file came to: its state and reason, refused rows, and each invoice's decision by reference."""

    parked: bool
    reason: str
    refused: tuple[tuple[int, str, str], ...]
    decisions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReplayedFile:
    file_id: int
    name: str
    before: FileOutcome
    after: FileOutcome

    @property
    def differs(self) -> bool:
        return self.before != self.after


class _Remembered(Reader):
    """Reads each mail once: the second time, while the stage holds its lock, it answers at once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last: tuple[tuple[object, ...], object] | None = None

    def _run(self, task: str, *values: object, within: float | None = None) -> Any:
        asked = (task, *values)
        if self._last is None or self._last[0] != asked:
            self._last = (asked, self._reader._run(task, *values, within=within))
        return self._last[1]

    def close(self) -> None:
        self._reader.close()


class Replay:
    """Replays on one stage. `service` is of the stage's ledger; its voice and its journal go nowhere."""

    def __init__(self, stage: Rehearsal, service: Service) -> None:
        self._stage = stage
        self._service = replace(service, reader=_Remembered(service.reader), say=lambda _line: None)

    def mails(self, since: datetime | None) -> list[int]:
        """Ids of the mails that were settled or parked, received at this instant or later, oldest first."""
        return self._stage.mails.done(since)

    def mail(self, mail_id: int) -> Replayed:
        """Raises `Never` for a mail that is not there, or was not settled yet."""
        mail = self._stage.mails.get(mail_id)
        if mail is None:
            raise Never(f"aucun mail {mail_id} dans le registre")
        if mail.state is MailState.RECEIVED:
            raise Never(f"mail {mail_id} : pas encore traité, « mailbot run --once » le fait")
        before, by_hand = self._recorded(mail)
        service = self._at(mail)
        us = settle_mails.own(service.configuration, self._stage.mails.mailbox(mail_id))
        message = settle_mails.read(service.reader, mail.raw, service.clock(), us)
        with self._stage.attempt():
            if mail.state is MailState.SETTLED:
                self._stage.take_back_mail(mail, self._concerned(service, mail, message, us))
            self._stage.reopen_mail(mail_id)
            settle.mail(service, mail_id)
            after = _outcome(self._stage, self._stage.mails.take(mail_id))
        return Replayed(mail_id, mail.received_at, before, after, by_hand)

    def file(self, file_id: int) -> ReplayedFile:
        """Raises `Never` for a lot file that is not there, or was not settled yet."""
        found = self._stage.lot_files.state(file_id)
        if found is None or found[0] == MailState.RECEIVED:
            raise Never(f"aucun fichier de lots {file_id} qui ait été traité")
        decided = self._stage.lots.of_file(file_id)
        before = _file_outcome(self._stage, file_id, decided)
        with self._stage.attempt():
            self._stage.reopen_file(file_id)
            settle.lot_file(self._service, file_id)
            again = self._stage.lots.of_file(file_id)
            after = _file_outcome(self._stage, file_id, again)
        # An invoice that a later file changed is that file's: what this one says of it counts no more.
        mine = {one.facture.key for one in decided}
        later = {_reference(one) for one in again if one.facture.key not in mine and self._held(one)}
        after = replace(after, decisions=tuple(one for one in after.decisions if one[0] not in later))
        return ReplayedFile(file_id, self._stage.lot_files.get(file_id).name, before, after)

    def _held(self, one: Decided) -> bool:
        return self._stage.lots.id_of(one.facture.key) is not None

    def _at(self, mail: StoredMail) -> Service:
        """The service at the instant at which a mail was settled: dates without a year are read as they were then."""
        then = self._stage.mails.settled_at(mail.id) if mail.state is MailState.SETTLED else None
        return replace(self._service, clock=lambda: then) if then else self._service

    def _concerned(self, service: Service, mail: StoredMail, message: Message, us: Own) -> Sequence[str]:
        """The PS whose refusals and addresses matter: of the mail, its sender, the letters that it cites, its text."""
        cited = reply_case.cited(service, message, us)
        held = self._stage.contacts.ever_of(message.sender) if message.sender else []
        named = (mail.numero_ps, *held, *(letter.numero_ps for letter in cited.letters), *message.numeros_ps)
        return [one for one in dict.fromkeys(named) if one]

    def _recorded(self, mail: StoredMail) -> tuple[Outcome, bool]:
        """What the rules once came to, without what agents did since; and whether they did."""
        found = _outcome(self._stage, mail)
        acts = [one for one in self._stage.review.resolutions(mail.id) if not one.undone]
        if not acts or mail.state is MailState.PARKED:
            return found, bool(acts)
        last = acts[-1]
        if last.act is Handling.AGAIN:
            return found, False
        tied = {_name(self._stage, rejet) for rejet in last.details.get("moved", ())}
        asked = last.details.get("numero_ps") if last.act is Handling.REQUESTED else None
        return (
            replace(
                found,
                parked=True,
                refusals=tuple(one for one in found.refusals if one[0] not in tied),
                registered=tuple(one for one in found.registered if one != asked),
            ),
            True,
        )


def _outcome(ledger: Ledger, mail: StoredMail) -> Outcome:
    touched = threads.touched_by(ledger.store, mail.id)
    letters = [ledger.letters.get(one) for one in threads.letters_answering(ledger.store, mail.id)]
    asked = threads.requests_of(ledger.store, mail.id)
    return Outcome(
        kind=mail.kind,
        # A parked mail that an agent closed keeps its reason: the rules did not settle it.
        parked=mail.state is MailState.PARKED or bool(mail.reason),
        reason=mail.reason,
        numero_ps=mail.numero_ps,
        refusals=tuple(sorted((_name(ledger, one.rejet_id), one.corrected_by is not None) for one in touched)),
        registered=tuple(sorted({ps for _, ps, state in asked if state != "refusee"})),
        candidates=tuple(_name(ledger, rejet) for rejet, _ in ledger.review.candidates(mail.id)),
        answers=tuple(one.kind for one in letters if one and one.kind is not LetterKind.ANSWER),
        evidence=mail.evidence,
    )


def _name(ledger: Ledger, rejet_id: int) -> str:
    return threads.invoice_of(ledger.store, rejet_id)


def _file_outcome(ledger: Ledger, file_id: int, decided: Sequence[Decided]) -> FileOutcome:
    state, reason = ledger.lot_files.state(file_id) or ("", "")
    answers = ((one.decision.status, one.decision.motif, one.decision.route) for one in decided)
    return FileOutcome(
        parked=state == MailState.PARKED,
        reason=reason,
        refused=tuple((one.ligne, one.colonne, one.raison) for one in ledger.lot_files.refus(file_id)),
        decisions=tuple(
            sorted((_reference(one), " ".join(filter(None, said))) for one, said in zip(decided, answers, strict=True))
        ),
    )


def _reference(one: Decided) -> str:
    return f"{one.facture.numero_ps}/{one.facture.numero_lot}/{one.nom_facture}"


@dataclass(slots=True)
class Line:
    """Mails that go from one outcome to another; `examples` are the first ones."""

    before: Outcome
    after: Outcome
    count: int
    examples: list[int]


def lines(replayed: Iterable[Replayed], most: int | None) -> list[Line]:
    """The differences counted by what changes, the greatest count first."""
    found: dict[tuple[object, ...], Line] = {}
    for one in replayed:
        if not one.differs:
            continue
        key = (_story(one.before), _story(one.after))
        line = found.setdefault(key, Line(one.before, one.after, 0, []))
        line.count += 1
        if most is None or len(line.examples) < most:
            line.examples.append(one.mail_id)
    return sorted(found.values(), key=lambda line: (-line.count, line.examples))


def _story(one: Outcome) -> tuple[object, ...]:
    """What an outcome is counted as: which refusals does not matter, how many does."""
    corrected = sum(corrected for _, corrected in one.refusals)
    return one.kind, one.parked, same_reason(one.reason), corrected, len(one.refusals) - corrected, len(one.registered)
