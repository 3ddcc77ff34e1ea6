"""What an agent's act on a parked mail does to the ledger: one transaction each, by name, journaled and remembered.

An act is possible on a parked mail only. The same act a second time changes nothing and says who did it when; before
another one the first has to be taken back (`review_undo`). Guards and the words for refusals are `review_case`'s, who
may be answered is `answers`'. Raises `Never` in the words of a gestionnaire, and then nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from mailbot.errors import Never
from mailbot.ledger import StoredMail
from mailbot.model import Handling, MailState, RejetState, ReplyAct, Seen
from mailbot.model.inscriptions import InscriptionState
from mailbot.passes import answers, review_case, review_queue, settle_replies
from mailbot.passes.review_case import Acted, Case
from mailbot.passes.service import Service

#: The addresses that a reason asks an agent to decide on: "« mailbot contacts approve 4 » ou « contacts end 4 »".
_TO_DECIDE = re.compile(r"\b(?:approve|end|refuse) (\d+)\b")


def attach(
    service: Service,
    mail_id: int,
    wanted: Sequence[str],
    *,
    act: ReplyAct = ReplyAct.A_LIRE,
    reason: str = "",
    despite_sender: bool = False,
    answer: str = "",
) -> Acted:
    """The mail answers these refusals of one PS (`rejet 3`, `3` or `LOT/FACTURE`); the text `answer` is sent with it.

    `CORRIGEE` takes an attached lot in, where its invoices correct these refusals.
    """
    case = review_case.on_table(service, mail_id)
    lots = review_case.lots(service, case) if act is ReplyAct.CORRIGEE else ()
    with service.ledger.transaction():
        found = [review_case.refusal(service, case, one) for one in wanted]
        rejets = sorted({one.rejet_id for one in found if one.rejet_id is not None})
        done = _already(service, case.mail, Handling.ATTACHED, lambda details: details["rejets"] == rejets)
        if done:
            return done
        review_case.check_tie(service, case, found, despite_sender, reason)
        before = {rejet: service.ledger.lots.rejet_state(rejet) for rejet in rejets}
        known = {one.rejet_id for one in service.ledger.replies.of_mail(mail_id)}
        plan = review_case.tied(service, case, found, act, lots)
        settle_replies.write(service, case.mail, plan)
        after = {rejet: service.ledger.lots.rejet_state(rejet) for rejet in rejets}
        cases = [(one.facture.numero_ps, one.nom_facture) for one in found]
        letter = answers.queue(service, case.mail, case.message, case.us, answer, cases=cases) if answer else None
        _settle(
            service, case, Handling.ATTACHED, reason, numero_ps=cases[0][0], rejets=rejets,
            noted=[rejet for rejet in rejets if rejet not in known],
            moved=[rejet for rejet in rejets if after[rejet] is not before[rejet]],
            corrected=[rejet for rejet in rejets if after[rejet] is RejetState.CLOS],
            acte=act, despite_sender=despite_sender, letter=letter,
        )  # fmt: skip
    told = f"mail {mail_id} : rattaché {review_case.at(service, found)}"
    return Acted(told + (f" ; la réponse « {answer} » part au prochain envoi" if answer else ""))


def handled(service: Service, mail_id: int, reason: str = "") -> Acted:
    """The mail was seen to: settled."""
    mail = review_case.stored(service, mail_id)
    with service.ledger.transaction():
        done = _already(service, mail, Handling.HANDLED)
        if done:
            return done
        service.ledger.mails.settle(mail_id, service.clock(), Seen())
        _kept(service, mail_id, Handling.HANDLED, reason)
    return Acted(f"mail {mail_id} : clos")


def settled_by(service: Service, contact_id: int, reason: str) -> list[int]:
    """The urgent mails whose question about an address an agent has answered now: they wait no longer.

    A reason names the addresses that wait to be decided; all of them have to be.
    """
    closed = []
    for mail in service.ledger.review.waiting():
        named = [int(one) for one in _TO_DECIDE.findall(mail.reason)] if review_queue.urgent(mail.reason) else []
        if contact_id in named and not any(map(partial(_undecided, service), named)):
            handled(service, mail.id, f"adresse {contact_id} décidée : {reason}")
            closed.append(mail.id)
    return closed


def _undecided(service: Service, contact_id: int) -> bool:
    held = service.ledger.contacts.get(contact_id)
    return held is not None and (held.pending or held.state is InscriptionState.CONTESTEE)


def again(service: Service, mail_id: int, reason: str = "") -> Acted:
    """The mail is settled anew on the next pass."""
    mail = review_case.stored(service, mail_id)
    with service.ledger.transaction():
        if mail.state is MailState.RECEIVED:
            return Acted(f"mail {mail_id} : attend déjà le prochain passage", already=True)
        _already(service, mail, Handling.AGAIN)
        service.ledger.mails.reopen(mail_id)
        _kept(service, mail_id, Handling.AGAIN, reason)
    return Acted(f"mail {mail_id} : renvoyé au traitement du prochain passage")


def request(service: Service, mail_id: int, numero_ps: str, reason: str = "") -> Acted:
    """The mail becomes a request for registration of its sender's address, which an agent still has to approve."""
    case = review_case.on_table(service, mail_id)
    contacts = service.ledger.contacts
    with service.ledger.transaction():
        done = _already(service, case.mail, Handling.REQUESTED, lambda details: details["numero_ps"] == numero_ps)
        if done:
            return done
        review_case.check_request(service, case, numero_ps)
        sender = case.message.sender
        before = [one.id for one in contacts.listed(numero_ps) if one.pending and one.mail == sender]
        evidence = [f"demande lue par {service.who} dans le mail {mail_id}", *case.message.evidence]
        if not answers.confirmed(case.message, case.us):
            evidence.append("l’expéditeur n’est pas confirmé par notre serveur de messagerie")
        contact_id = contacts.request(service.clock(), numero_ps, sender, evidence, mail_id)
        _settle(service, case, Handling.REQUESTED, reason, numero_ps=numero_ps, contact=contact_id, made=not before)
    return Acted(
        f"mail {mail_id} : demande d’inscription {contact_id} pour le PS {numero_ps} ; "
        f"« mailbot contacts approve {contact_id} --reason … » l’accepte"
    )


def reply(service: Service, mail_id: int, name: str, *, reason: str = "", stranger: bool = False) -> Acted:
    """The mail is answered with a text of the house, and settled."""
    case = review_case.on_table(service, mail_id)
    with service.ledger.transaction():
        done = _already(service, case.mail, Handling.ANSWERED, lambda details: details["texte"] == name)
        if done:
            return done
        letter = answers.queue(service, case.mail, case.message, case.us, name, stranger=stranger)
        _settle(service, case, Handling.ANSWERED, reason, texte=name, letter=letter)
    return Acted(f"mail {mail_id} : la réponse « {name} » part au prochain envoi (courrier {letter})")


def close(service: Service, rejet_id: int, reason: str) -> Acted:
    """An agent closes a refusal."""
    with service.ledger.transaction():
        found = service.ledger.lots.of_rejet(rejet_id)
        if found is None:
            raise Never(f"aucun rejet {rejet_id} : « mailbot review list » montre ceux qui ont une réponse")
        if found.rejet_state is RejetState.CLOS:
            return Acted(f"rejet {rejet_id} : déjà clos", already=True)
        service.ledger.lots.close_rejet(rejet_id, service.clock(), None, None)
        service.ledger.journal.write(service.clock(), service.who, "rejet closed", f"rejet {rejet_id}", reason=reason)
    return Acted(f"rejet {rejet_id} : clos (facture {found.nom_facture}, lot {found.facture.numero_lot})")


# -- what an act needs ---------------------------------------------------------------------------------------------


def _already(
    service: Service,
    mail: StoredMail,
    act: Handling,
    same: Callable[[Mapping[str, Any]], bool] = lambda _details: True,
) -> Acted | None:
    """None where the mail waits for an act; what was done where it is this very one. Raises `Never` for all else."""
    # Asked again: inside the transaction it cannot change any more.
    state = service.ledger.mails.take(mail.id).state
    if state is MailState.PARKED:
        return None
    if state is MailState.RECEIVED:
        raise Never(f"mail {mail.id} : pas encore traité, « mailbot run --once » le fait")
    last = service.ledger.review.standing(mail.id)
    if last is None:
        raise Never(f"mail {mail.id} : réglé par le service, il n’attend personne (« mailbot explain mail-{mail.id} »)")
    if last.act is act and same(last.details):
        return Acted(f"mail {mail.id} : déjà fait, {review_case.told(last)}", already=True)
    raise Never(f"mail {mail.id} : {review_case.told(last)} ; « mailbot review undo {mail.id} » revient en arrière")


def _settle(service: Service, case: Case, act: Handling, reason: str, *, numero_ps: str = "", **details: Any) -> None:
    """parked -> settled, with the act."""
    message = case.message
    seen = Seen(message.message_id, message.kind, message.sender, numero_ps or case.mail.numero_ps, case.mail.evidence)
    service.ledger.mails.settle(case.mail.id, service.clock(), seen)
    if numero_ps:
        details["numero_ps"] = numero_ps
    _kept(service, case.mail.id, act, reason, **details)


def _kept(service: Service, mail_id: int, act: Handling, reason: str, **details: Any) -> None:
    now = service.clock()
    service.ledger.review.resolve(now, mail_id, service.who, act, reason, **details)
    service.ledger.journal.write(now, service.who, f"mail resolved: {act}", f"mail {mail_id}", reason=reason, **details)
