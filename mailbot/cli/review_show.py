"""`review show`: everything an agent needs to decide about one mail, and the commands that do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from mailbot.cli import contact_story, review_resolve, story, wording
from mailbot.cli.context import Invocation
from mailbot.ledger import Decided, Ledger, StoredMail, threads
from mailbot.letters import bordereau, words
from mailbot.letters.bordereau import Ligne
from mailbot.model import Kind, MailState, Message, RejetState
from mailbot.model.documents import Document
from mailbot.model.inscriptions import PENDING
from mailbot.parsers import identifiers
from mailbot.passes import answers, review_case, review_queue
from mailbot.passes.review_case import Case
from mailbot.passes.service import Service

#: Candidates shown; all of them are in `review list --json` by their mail's evidence and in the Trame.
_CANDIDATES = 10
#: Values of one kind that are shown of a document.
_VALUES = 5
_FIELDS = {"numero_facture": "nouveau n°", "numero_lot": "lot", "reponse": "réponse"}


@click.command("show")
@click.argument("number", metavar="MAIL", callback=review_resolve.mail_number)
@click.option("--entier", is_flag=True, help="Tout le texte, celui qui est cité aussi.")
@click.pass_obj
def show(invocation: Invocation, number: int, entier: bool) -> None:
    """Un mail : qui, quand, pourquoi il attend, ce qu’il peut concerner, son texte, et ce que vous pouvez faire."""
    configuration = invocation.configuration()
    with invocation.ledger(configuration) as ledger:
        service = invocation.service(configuration, ledger)
        case = review_case.on_table(service, number)
        ledger.journal.write(invocation.clock(), invocation.who(), "mail read", f"mail {number}")
        numero_ps = answers.ps_of(service, case.mail, case.message, case.us)
        _tell("", _head(case, numero_ps, ledger, invocation.clock()))
        _tell("Indices", case.mail.evidence or case.message.evidence)
        if case.mail.state is MailState.PARKED:
            _tell("Ce qu’il peut concerner", _candidates(service, case))
        _tell("Factures nommées", _named(service, case))
        _tell("Ce qui est déjà réglé", _settled(ledger, case.mail))
        _tell("Pièces jointes", _documents(service, case.message))
        _tell("Remarques", case.message.warnings)
        _text(case.message, entier)
        _tell("Ce que vous pouvez faire", _commands(service, case, numero_ps))


def _tell(title: str, lines: Sequence[str] | Iterator[str]) -> None:
    """A part of the page, left out where it is empty; each line is one, whatever stands in it."""
    for place, line in enumerate(lines):
        if not place and title:
            click.echo(f"\n{title}")
        click.echo(wording.safe(f"   {line}" if title else line).replace("\n", " "))


def _head(case: Case, numero_ps: str, ledger: Ledger, now: datetime) -> Iterator[str]:
    mail, message = case.mail, case.message
    received = f"reçu le {wording.moment(mail.received_at)} ({wording.age(mail.received_at, now)})"
    yield f"Mail {mail.id} — {wording.kind(message.kind)}, {wording.state(mail.state)}, {received}"
    yield f"de      : {message.from_ or 'inconnu'}"
    yield f"          {_sender(case, numero_ps, ledger)}"
    yield f"objet   : {message.subject}"
    if mail.reason:
        yield f"raison  : {mail.reason}"


def _sender(case: Case, numero_ps: str, ledger: Ledger) -> str:
    if not case.message.sender:
        return "expéditeur sans adresse unique et sans défaut"
    if not answers.confirmed(case.message, case.us):
        return "expéditeur non confirmé par notre serveur de messagerie"
    if not numero_ps:
        known = contact_story.of_sender(ledger, case.message.sender)
        return known or "contact d’aucun PS que nous connaissons"
    found = ledger.references.contacts_of([numero_ps])["agaps"]
    name = found[0].raison_sociale if found else ""
    return f"contact du PS {numero_ps} {name}".rstrip()


def _candidates(service: Service, case: Case) -> Iterator[str]:
    found = [
        (service.ledger.lots.of_rejet(rejet), why) for rejet, why in service.ledger.review.candidates(case.mail.id)
    ]
    known = [(one, why) for one, why in found if one]
    for one, why in known[:_CANDIDATES]:
        yield from _candidate(service, one, why)
    if len(known) > _CANDIDATES:
        yield f"… et {words.pluriel(len(known) - _CANDIDATES, 'autre refus', 'autres refus')}"


def _candidate(service: Service, one: Decided, why: str) -> Iterator[str]:
    """A refusal: which, why it may be meant, and what the PS was told."""
    house = service.configuration.house
    facture = one.facture
    amount = f", {words.montant(facture.montant_total)}" if facture.montant_total is not None else ""
    motif = house.libelles.motifs.get(one.decision.motif or "", one.decision.motif or "")
    state = "" if one.rejet_state is RejetState.OUVERT else f" [{wording.state(one.rejet_state or '')}]"
    yield f"rejet {one.rejet_id}{state} : facture {one.nom_facture}, lot {facture.numero_lot}{amount} — {motif}"
    if one.nom_facture not in why:
        yield f"   indice : {why}"
    if one.letter_id:
        yield f"   dit au PS : {bordereau.reponse_en_bref(house, Ligne.of(facture, one.decision))}"


def _named(service: Service, case: Case) -> Iterator[str]:
    """Invoices of the ledger that the mail names and that are no candidates, whoever's they are."""
    candidates = {rejet for rejet, _ in service.ledger.review.candidates(case.mail.id)}
    for number in case.message.numeros_facture[:_VALUES]:
        for one in service.ledger.lots.find(number.split("/")[-1])[:_VALUES]:
            if one.rejet_id is None or one.rejet_id not in candidates:
                rejet = f", rejet {one.rejet_id} {wording.state(one.rejet_state or '')}" if one.rejet_id else ""
                where = f"{one.facture.numero_ps}/{one.facture.numero_lot}/{one.nom_facture}"
                yield f"{where} : {story.STATUS[one.decision.status].lower()}{rejet}     (mailbot explain {where})"


def _settled(ledger: Ledger, mail: StoredMail) -> Iterator[str]:
    """What the service and agents made of this mail so far."""
    acts = {one.rejet_id: one for one in ledger.replies.of_mail(mail.id)}
    for touched in threads.touched_by(ledger.store, mail.id):
        act = acts.get(touched.rejet_id)
        said = f", {act.act} ({act.evidence})" if act else ""
        where = f"rejet {touched.rejet_id} (facture {touched.nom_facture}, lot {touched.numero_lot})"
        yield f"{where} : {wording.state(touched.state)}{said}"
    for number, numero_ps, state in threads.requests_of(ledger.store, mail.id):
        yield f"adresse {number} demandée pour le PS {numero_ps} : {wording.state(state)}"
    for letter in map(ledger.letters.get, threads.letters_answering(ledger.store, mail.id)):
        if letter:
            yield story.letter_state(ledger, letter)
    for one in ledger.review.resolutions(mail.id):
        yield f"{review_case.told(one)}{', puis repris' if one.undone else ''}"


def _documents(service: Service, message: Message) -> Iterator[str]:
    """Each attachment, and below it what was read in it: evidence for the agent, trusted by nobody."""
    configuration = service.configuration
    names = configuration.colonnes.get("lots", {})
    for one in service.reader.documents(message.attachments, names, configuration.b2):
        inside = f", dans {one.inside}" if one.inside else ""
        yield f"{one.filename or 'sans nom'} ({one.source}, {_size(one.size)}{inside})"
        yield from (f"   {line}" for line in _read_in(one))


def _read_in(one: Document) -> Iterator[str]:
    if one.lot and one.lot.factures:
        yield f"lot de {words.pluriel(len(one.lot.factures), 'facture')}"
    for filled in one.fields:
        yield f"formulaire, facture {filled.invoice} : {_FIELDS.get(filled.name, filled.name)} « {filled.value} »"
    named = [
        (one.found.numeros_facture, "facture"),
        (one.found.numeros_ps, "PS"),
        (tuple(map(identifiers.masked, one.found.nirs)), "NIR"),
        (tuple(words.montant(amount.value) for amount in one.amounts[:_VALUES]), "montant"),
        (tuple(words.date_courte(day.value) for day in one.dates[:_VALUES]), "date"),
    ]
    said = [f"{name} {', '.join(values[:_VALUES])}" for values, name in named if values]
    if said and not one.lot:
        yield f"on y lit : {' ; '.join(said)}"
    yield from one.warnings


def _size(count: int) -> str:
    return f"{count} octets" if count < 1024 else f"{count // 1024} Ko"


def _text(message: Message, whole: bool) -> None:
    new = message.reply_text.strip()
    shown = message.text.strip() if whole or not new else new
    if not shown:
        return
    rest = not whole and new and len(message.text.strip()) > len(new)
    click.echo("\nTexte" + (" (sans ce qui est cité : --entier montre tout)" if rest else ""))
    for line in wording.safe(shown).split("\n"):
        click.echo(f"   │ {line}".rstrip())


def _commands(service: Service, case: Case, numero_ps: str) -> Iterator[str]:
    """What is possible now, ready to be typed."""
    mail = case.mail
    this = f"mailbot review resolve {mail.id}"
    if mail.state is MailState.SETTLED:
        to_read = [
            one.rejet_id for one in threads.touched_by(service.ledger.store, mail.id) if one.state is RejetState.REPONDU
        ]
        if to_read:
            yield f"mailbot review close {','.join(map(str, to_read))} --reason « … »     (sa réponse est lue)"
        if service.ledger.review.standing(mail.id):
            yield f"mailbot review undo {mail.id}"
        return
    if mail.state is MailState.RECEIVED:
        yield "mailbot run --once"
        return
    yield from _ties(service, case, this)
    asked = threads.requests_of(service.ledger.store, mail.id)
    for number, _, state in asked:
        if state in PENDING:
            yield f"mailbot contacts approve {number} --reason « … »     (ou refuse)"
    sender, leaving = case.message.sender, case.message.kind is Kind.UNSUBSCRIBE
    shown = {number for number, _, state in asked if state in PENDING}
    for number, line in contact_story.decisions(service.ledger, mail, sender, leaving=leaving):
        if number not in shown:
            yield line
    if sender and not leaving and not case.message.auto_submitted:
        known = contact_story.about(service.ledger, mail, sender)
        done = {numero_ps, *known, *(ps for _, ps, _ in asked)}
        for named in [one for one in case.message.numeros_ps if one not in done][:2]:
            yield f"{this} --inscription {named}"
    if answers.confirmed(case.message, case.us) and not case.message.auto_submitted:
        names = ", ".join(service.configuration.house.textes.texts)
        yield f"{this} --repondre TEXTE{'' if numero_ps else ' --meme-inconnu'}     ({names})"
    alike = len(review_queue.alike(service.ledger.review.waiting(), mail.id))
    yield f"{this} --traite" + (f"     (avec --groupe : les {alike} mails comme celui-ci)" if alike > 1 else "")
    yield f"{this} --encore"


def _ties(service: Service, case: Case, this: str) -> Iterator[str]:
    candidates = [service.ledger.lots.of_rejet(rejet) for rejet, _ in service.ledger.review.candidates(case.mail.id)]
    still = [one for one in candidates if one and one.rejet_state is not RejetState.CLOS]
    for one in still[:1]:
        speaks = answers.speaks_for(service, case.message, case.us, one.facture.numero_ps)
        guard = "" if speaks else " --malgre-expediteur --reason « … »"
        others = "     (ou un autre des rejets ci-dessus)" if len(still) > 1 else ""
        yield f"{this} --rattacher {one.rejet_id}{guard}{others}"
