"""What became of an invoice, a mail or a letter, as sentences that an agent can read out on the phone.

Owns: the words around `rules/telling.py`. Reads the ledger and writes nothing; the caller makes text from outside safe
for a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.cli import wording
from mailbot.ledger import Decided, Ledger, StoredLetter, StoredMail, StoredRetour, threads
from mailbot.letters import words
from mailbot.letters.bordereau import Libelles
from mailbot.model import LetterState, MailState, RejetState, Route, Saisie, Status
from mailbot.model.retours import EtatPaiement, EtatPart, Part
from mailbot.rules.telling import lowered

STATUS = {Status.REFUSEE: "Refusée", Status.ACCEPTEE: "Acceptée", Status.A_SAISIR: "À saisir"}

_SAISIE = {
    Saisie.SAISIR: "Elle est à saisir dans AGICA.",
    Saisie.DEMATERIALISER: "Elle est quand même à saisir dans AGICA, pour qu’il en reste une trace.",
    Saisie.NE_PAS_SAISIR: "Elle n’est pas à saisir dans AGICA.",
    Saisie.AUCUNE: "",
}
_LETTERS = {
    LetterState.QUEUED: "attend son envoi",
    LetterState.HELD: "est retenu par un agent",
    LetterState.SENDING: "est en cours d’envoi",
    LetterState.UNKNOWN: "est en doute : on ne sait pas s’il est arrivé",
    LetterState.DEAD: "n’est pas parti",
    LetterState.BOUNCED: "est revenu",
    LetterState.SENT: "est parti",
}
_KINDS = {
    "registration": "une demande d’inscription",
    "unsubscribe": "une demande de désinscription",
    "reply": "une réponse",
    "bounce": "un avis de non-remise",
    "auto_reply": "une réponse automatique",
    "loop": "notre propre courrier, revenu",
    "other": "un mail sans demande connue",
    "malformed": "un mail illisible",
}
#: How a piece of evidence begins when it is told of a mail: “porte la référence …” -> “Il porte la référence …”.
_OPENINGS = {
    "porte": "Il",
    "répond": "Il",
    "nomme": "Il",
    "cite": "Il",
    "expédié": "Il est",
    "adressé": "Il est",
    "expéditeur": "Son",
}
#: How the ledger opens the last word on a letter that came back; the sentence says so already.
_CAME_BACK = "revenu : "
_TIER = re.compile(r"Palier (\d) : (.*?)\.?")


# -- an invoice ----------------------------------------------------------------------------------------------------


def decision(one: Decided, libelles: Libelles) -> str:
    """What was decided, and when."""
    said = one.decision
    parts = [
        libelles.motifs.get(said.motif or "", said.motif),
        libelles.details.get(said.detail or "", said.detail),
        libelles.erreurs.get(said.erreur or "", said.erreur),
    ]
    told = f"{STATUS[said.status]} le {wording.moment(one.decided_at)}"
    motif = " — ".join(part for part in parts if part)
    return f"{told} : {motif}." if motif else f"{told}."


def next_steps(ledger: Ledger, one: Decided) -> Iterator[str]:
    """Who answers, the letter, what came back, the payment; and the warnings that the lot file gave."""
    said = one.decision
    if said.status is Status.ACCEPTEE:
        yield "Rien ne s’oppose à son paiement."
    if _SAISIE[said.saisie]:
        yield _SAISIE[said.saisie]
    if one.rejet_id is not None:
        yield from _refusal(ledger, one, one.rejet_id)
    if said.commentaire:
        yield f"Commentaire de la Trame : « {said.commentaire} »."
    retour = ledger.retours.of(one.facture_id)
    if retour:
        yield _payment(retour)
    for warning in one.facture.avertissements:
        yield f"À noter dans le fichier B2 : {warning.rstrip('.')}."


def _refusal(ledger: Ledger, one: Decided, rejet_id: int) -> Iterator[str]:
    letter = ledger.letters.get(one.letter_id) if one.letter_id else None
    if one.decision.route is Route.GESTIONNAIRE:
        yield "C’est un gestionnaire qui traite ce refus" + (", dans la Trame." if one.cut else ".")
    elif letter:
        yield letter_state(ledger, letter)
    elif one.cut:
        yield "Aucun courrier n’a pu être adressé au PS : ce refus est dans la Trame des gestionnaires."
    else:
        yield "Le PS sera informé par mail au prochain passage."
    mail = threads.answered_by(ledger.store, rejet_id)
    by_mail = f" (mail {mail})" if mail else ""
    if one.rejet_state is RejetState.REPONDU:
        yield f"Le PS a répondu{by_mail} : un gestionnaire doit lire sa réponse."
    elif one.rejet_state is RejetState.CLOS:
        corrected = ledger.lots.closed_by(rejet_id)
        if corrected:
            name = f"la facture {corrected.nom_facture} du lot {corrected.facture.numero_lot}"
            yield f"Corrigée par {name}{by_mail}, {STATUS[corrected.decision.status].lower()}."
        else:
            yield f"Ce refus est clos par un agent{by_mail}."
    elif letter and letter.state is LetterState.SENT:
        yield "La réponse du PS est attendue."


def _payment(one: StoredRetour) -> str:
    retour = one.retour
    source = f"le retour NOEMIE du {words.date_courte(retour.jour)}" if retour.jour else "le retour NOEMIE"
    if one.etat is EtatPaiement.INDETERMINEE:
        return f"{source[:1].upper()}{source[1:]} la nomme sans dire si elle est payée."
    shares = [text for name, part in (("RO", retour.ro), ("RC", retour.rc)) if part and (text := _share(name, part))]
    amounts = f" ({', '.join(shares)})" if shares else ""
    reasons = ", ".join(f"{raison.code} {raison.libelle}".strip() for raison in retour.raisons)
    why = f" ; raison : {reasons}" if reasons and one.etat in (EtatPaiement.REFUSEE, EtatPaiement.DIFFEREE) else ""
    return f"D’après {source}, elle est {words.ETATS_PAIEMENT[one.etat]}{amounts}{why}."


def _share(name: str, part: Part) -> str:
    if part.etat is EtatPart.PAYEE and part.paye is not None:
        asked = f" sur {words.montant(part.demande)} demandés" if part.ecart else ""
        return f"part {name} {words.montant(part.paye)}{asked}"
    told = {EtatPart.REJETEE: "rejetée", EtatPart.DIFFEREE: "différée"}.get(part.etat)
    return f"part {name} {told}" if told else ""


# -- a letter ------------------------------------------------------------------------------------------------------


def letter_state(ledger: Ledger, letter: StoredLetter) -> str:
    """Where a letter stands, when, and to which address."""
    what = f"Le courrier {letter.id} ({wording.kind(letter.kind)}) à {letter.recipient}"
    sent = [one.ended_at for one in threads.attempts(ledger.store, letter.id) if one.outcome == LetterState.SENT]
    if letter.state is LetterState.SENT:
        return f"{what} est parti le {wording.moment(sent[-1])}." if sent else f"{what} est noté comme arrivé."
    if letter.state is LetterState.QUEUED:
        return f"{what} attend son envoi, prévu le {wording.moment(letter.next_at)}."
    problem = f" ({letter.last_text.removeprefix(_CAME_BACK).rstrip('.')})" if letter.last_text else ""
    return f"{what} {_LETTERS[letter.state]}{problem}."


def of_letter(ledger: Ledger, letter: StoredLetter) -> Iterator[str]:
    """What it is, where it stands, each try, and what it holds."""
    yield f"Courrier {letter.id} : {wording.kind(letter.kind)} pour le PS {letter.numero_ps}."
    yield f"Composé le {wording.moment(letter.created_at)}."
    yield letter_state(ledger, letter)
    for number, attempt in enumerate(threads.attempts(ledger.store, letter.id), 1):
        came_to = wording.state(attempt.outcome) if attempt.outcome else "interrompu"
        answer = " ".join(part for part in (str(attempt.code or ""), attempt.text.rstrip(".")) if part)
        yield f"Essai {number}, le {wording.moment(attempt.started_at)} : {came_to}{f' ({answer})' if answer else ''}."
    rows = ledger.lots.of_letter(letter.id)
    if rows:
        yield f"Il annonce {words.pluriel(len(rows), 'refus', 'refus')} :"
    for one in rows:
        yield f"– facture {one.nom_facture} du lot {one.facture.numero_lot}, refus {_REFUSAL[one.rejet_state]}"


_REFUSAL = {
    RejetState.OUVERT: "ouvert",
    RejetState.REPONDU: "auquel le PS a répondu",
    RejetState.CLOS: "clos",
    None: "remplacé",
}


# -- a mail --------------------------------------------------------------------------------------------------------


def of_mail(ledger: Ledger, mail: StoredMail) -> Iterator[str]:
    """What it is and why, what it was tied to, and what answer went out."""
    what = _KINDS.get(mail.kind, "un mail que personne n’a encore lu")
    who = f", du PS {mail.numero_ps}" if mail.numero_ps else ""
    yield f"Mail {mail.id}, reçu le {wording.moment(mail.received_at)} : {what}{who}."
    if mail.state is MailState.PARKED:
        yield f"Il attend un agent : {lowered(mail.reason).rstrip('.')}."
    for line in mail.evidence:
        if line.rstrip(".") not in mail.reason:
            yield _evidence(line)
    if mail.state is MailState.PARKED:
        yield from _candidates(ledger, mail.id)
    for one in threads.touched_by(ledger.store, mail.id):
        yield _touched(ledger, one)
    answers = [ledger.letters.get(one) for one in threads.letters_answering(ledger.store, mail.id)]
    for letter in answers:
        if letter:
            yield f"En réponse : {lowered(letter_state(ledger, letter))}"
    if mail.state is MailState.PARKED:
        yield f"« mailbot review show {mail.id} » le montre."
    elif mail.state is MailState.SETTLED and not answers:
        yield "Aucune réponse automatique n’est partie."


def _candidates(ledger: Ledger, mail_id: int) -> Iterator[str]:
    for rejet_id, why in ledger.review.candidates(mail_id):
        one = ledger.lots.of_rejet(rejet_id)
        if one:
            yield f"Il concerne peut-être la facture {one.nom_facture} du lot {one.facture.numero_lot} : {why}."


def _touched(ledger: Ledger, one: threads.Touched) -> str:
    facture = f"la facture {one.nom_facture} du lot {one.numero_lot}"
    corrected = ledger.lots.by_id(one.corrected_by) if one.corrected_by is not None else None
    if corrected:
        by = f"la facture {corrected.nom_facture} du lot {corrected.facture.numero_lot}"
        return f"Il corrige {facture} par {by}, {STATUS[corrected.decision.status].lower()}."
    if one.state is RejetState.REPONDU:
        return f"Il répond au refus de {facture} : un gestionnaire doit lire sa réponse."
    return f"Il répond au refus de {facture}, clos depuis."


def _evidence(line: str) -> str:
    """A piece of evidence of the ledger as a sentence about the mail."""
    tier = _TIER.fullmatch(line)
    said = tier[2] if tier else line.rstrip(".")
    opening = _OPENINGS.get(said.split(" ")[0], "")
    told = f"{opening} {said}" if opening else said[:1].upper() + said[1:]
    return f"{told} (palier {tier[1]})." if tier else f"{told}."
