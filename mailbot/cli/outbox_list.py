"""`outbox list`: which letters there are, to whom and about what, and what is held."""

from __future__ import annotations

import email.parser
import email.policy
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import click

from mailbot.cli import context, moments, wording
from mailbot.cli.context import Invocation
from mailbot.ledger import Hold, Ledger, Line
from mailbot.letters import words
from mailbot.model import LetterKind, LetterState
from mailbot.parsers import identifiers

#: Letters shown when nothing says how many.
_SHOWN = 100
#: What an agent types for states and kinds.
_ETATS = {
    "attente": LetterState.QUEUED,
    "retenu": LetterState.HELD,
    "en-cours": LetterState.SENDING,
    "envoye": LetterState.SENT,
    "doute": LetterState.UNKNOWN,
    "impossible": LetterState.DEAD,
    "revenu": LetterState.BOUNCED,
}
_TYPES = {
    "bordereau": LetterKind.BORDEREAU,
    "copie": LetterKind.COPY,
    "rapport": LetterKind.REPORT,
    "rappel": LetterKind.REMINDER,
    "accuse": LetterKind.RECEIPT,
    "inscription": LetterKind.INSCRIPTION,
    "confirmation": LetterKind.CONFIRMATION,
    "question": LetterKind.STATUS,
    "reponse": LetterKind.ANSWER,
    "information": LetterKind.NOTICE,
    "point": LetterKind.DIGEST,
}
_HEADERS = email.parser.BytesHeaderParser(policy=email.policy.default)


@click.command("list")
@click.option("--ps", "numero_ps", metavar="PS", default="", help="D’un seul PS.")
@click.option("--adresse", "to", metavar="ADRESSE", default="", help="À cette adresse, ou à ce domaine (exactement).")
@click.option("--etat", "states", type=click.Choice([*_ETATS]), multiple=True, help="Dans cet état.")
@click.option("--type", "kinds", type=click.Choice([*_TYPES]), multiple=True, help="De ce type.")
@click.option("--depuis", "since", metavar="DATE", callback=moments.day, help="Préparés depuis ce jour.")
@click.option("--nombre", "most", type=click.IntRange(1), default=_SHOWN, help=f"Les derniers ({_SHOWN} sinon).")
@click.option("--tout", "--all", "everything", is_flag=True, help="Tous, aussi nombreux soient-ils.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne, tous les courriers choisis.")
@click.pass_obj
def listed(
    invocation: Invocation,
    numero_ps: str,
    to: str,
    states: Sequence[str],
    kinds: Sequence[str],
    since: datetime | None,
    most: int,
    everything: bool,
    as_json: bool,
) -> None:
    """Les courriers : date, type, PS, adresse, objet, état ; et ce qui est retenu."""
    configuration = invocation.configuration()
    ps, to = identifiers.numero_ps(numero_ps), to.strip().lower()
    with invocation.ledger(configuration) as ledger:
        found = [
            one
            for one in ledger.letters.lines()
            if ps in ("", one.numero_ps)
            and to in ("", one.domain, one.recipient.lower())
            and (not states or one.state in {_ETATS[name] for name in states})
            and (not kinds or one.kind in {_TYPES[name] for name in kinds})
            and (since is None or datetime.fromisoformat(one.created_at) >= since)
        ]
        shown = found if as_json or everything else found[-most:]
        subjects = _subjects(ledger, shown)
        held, holds = ledger.holds.everything(), ledger.holds.listed()
    for letter in shown:
        if as_json:
            click.echo(json.dumps(_json(letter, subjects[letter.id]), ensure_ascii=False))
        else:
            click.echo(wording.safe(_told(letter, subjects[letter.id])))
    _tell_left(found[: len(found) - len(shown)])
    _tell_held(holds, held)


def _subjects(ledger: Ledger, letters: Iterable[Line]) -> dict[int, str]:
    heads = ledger.letters.heads([one.id for one in letters])
    return {number: str(_HEADERS.parsebytes(head)["Subject"] or "") for number, head in heads.items()}


def _told(letter: Line, subject: str) -> str:
    problem = f" — {letter.last_text}" if letter.last_text and letter.state is not LetterState.SENT else ""
    if letter.state is LetterState.UNKNOWN:
        problem += (
            f" ; demandez au PS s’il l’a reçu : « mailbot outbox confirm {letter.id} » s’il l’a, "
            f"« mailbot outbox retry {letter.id} » sinon"
        )
    ps = f"PS {letter.numero_ps}  " if letter.numero_ps else ""
    return (
        f"{letter.id}  {wording.moment(letter.created_at)}  {wording.kind(letter.kind)}  {ps}{letter.recipient}  "
        f"« {subject} »  {wording.state(letter.state)}  {words.pluriel(letter.attempts, 'essai')}{problem}"
    )


def _tell_left(left: Sequence[Line]) -> None:
    """That older letters are not shown, and what states they are in."""
    if left:
        counts = Counter(one.state for one in left)
        states = ", ".join(f"{words.nombre(count)} {wording.state(state)}" for state, count in counts.items())
        context.say(
            f"{words.pluriel(len(left), 'courrier plus ancien', 'courriers plus anciens')} ({states}) : "
            "--tout, ou --etat, --ps, --adresse, --depuis pour choisir"
        )


def _tell_held(holds: Iterable[Hold], held: str) -> None:
    for one in holds:
        what = f"PS {one.value}" if one.scope == "ps" else f"domaine {one.value}"
        waiting = words.pluriel(one.waiting, "courrier attend", "courriers attendent")
        context.say(
            f"{what} retenu depuis le {wording.moment(one.since)} ({one.reason}) : {waiting} — "
            f"« mailbot outbox release --{one.scope} {one.value} » le libère"
        )
    if held:
        context.say(f"envoi suspendu : {held} — « mailbot outbox release --all » le reprend")


def _json(letter: Line, subject: str) -> dict[str, object]:
    return {
        "id": letter.id,
        "kind": letter.kind,
        "numero_ps": letter.numero_ps,
        "to": letter.recipient,
        "subject": subject,
        "created_at": letter.created_at,
        "next_at": letter.next_at,
        "state": letter.state,
        "attempts": letter.attempts,
        "last_code": letter.last_code,
        "last_text": letter.last_text,
        "message_id": letter.message_id,
    }
