"""The review queue in the words of a gestionnaire: what waits, what may be done with it, and what is refused."""

import contextlib
import dataclasses
import json
import pathlib
import shutil
import tempfile
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mailbot.errors import Never
from mailbot.ledger import Waiting, export
from mailbot.letters.textes import Textes, check
from mailbot.model import LetterKind, LetterState, MailState, RejetState, ReplyAct
from mailbot.passes import recipient, review, review_queue, review_undo, run
from tests import day
from tests.test_cli import mailbot
from tests.test_passes import PHARMACIE_MAIL, bordereau_to, corrected, reply_to

STRANGER = "secretariat.port@example.org"


def a_round(folder, now=day.NOW):
    with day.service(folder, now) as service, day.edges(service) as edges:
        run.once(service, edges)


def written(sender, text, subject="Question", **headers):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "service.fluxtiers@example.fr"
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash((sender, text, subject)))}@example.fr>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """A day with a queue: 2 chatter, 3 a stranger's answer to a bordereau, 4 a question of the PS itself, 5 a lot."""
    folder = tmp_path_factory.mktemp("matin") / "config"
    day.prepare(folder)
    a_round(folder)
    day.confirm(folder)
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    day.put(folder, "3.inconnu", reply_to(letter, STRANGER, "Facture 1002 : voici la réponse du confrère.\n"))
    day.put(folder, "4.question", written(PHARMACIE_MAIL, "Bonjour, quand serons-nous payés ?\n"))
    other = corrected(nir=day.nir(7), numero_facture="2002")
    day.put(folder, "5.lot", reply_to(letter, STRANGER, "Ci-joint la facture 1002 corrigée.\n", other))
    a_round(folder)
    return folder


@pytest.fixture
def folder(morning, tmp_path):
    place = tmp_path / "config"
    shutil.copytree(morning, place)
    return place


@pytest.fixture
def service(folder):
    with day.service(folder, day.NOW + timedelta(hours=3)) as ready:
        yield ready


def rejet(service, numero="1002"):
    return service.ledger.lots.find(f"L1/{numero}")[0].rejet_id


def everything(service):
    return list(export.rows(service.ledger.store))


def state(service, mail_id):
    return service.ledger.mails.get(mail_id).state


def queued(service):
    return [one for one in service.ledger.letters.listed() if one.kind is LetterKind.ANSWER]


# -- what waits --------------------------------------------------------------------------------------------------


def test_the_queue_says_who_waits_since_when_and_why_the_oldest_first(folder):
    told = mailbot("--config", folder, "--now", "2026-03-04T08:00Z", "review", "list").stdout
    lines = told.splitlines()
    assert lines[0].startswith("Ce message ne demande rien que le service sache régler seul (autre, 2")
    assert "mail 2  il y a 2 jours  @example.org" in lines[1]
    assert f"PS {day.PHARMACIE} PHARMACIE DU PORT" in lines[2]
    assert lines.index("   2 ×  depuis 2 jours  @example.org  mails 3, 5") > 2


def test_the_queue_can_be_narrowed_to_a_ps_or_a_reason_and_told_to_a_program(folder):
    by_ps = mailbot("--config", folder, "review", "list", "--ps", day.PHARMACIE).stdout
    assert "mail 4" in by_ps
    assert "mail 2" not in by_ps
    by_reason = mailbot("--config", folder, "review", "list", "--raison", "NE VIENT NI DE", "--json").stdout
    told = [json.loads(line) for line in by_reason.splitlines()]
    assert [(one["ref"], one["alike"]) for one in told] == [("mail 3", [3, 5]), ("mail 5", [3, 5])]
    nothing = mailbot("--config", folder, "review", "list", "--raison", "aucun mot pareil")
    assert "rien n’attend de ce que vous cherchez" in nothing.stderr


def test_five_hundred_mails_are_read_on_one_screen():
    """Reasons that differ in their numbers only are one; correspondents beyond the first few are counted."""
    mails = [
        Waiting(
            n, "2026-03-01T08:00:00+00:00", "bounce", f"mailer-daemon@hote{n % 40}.example.org", "", "",
            f"Avis de non-remise de la lettre {n} (code 5.{n}).", (),
        )
        for n in range(1, 501)
    ]  # fmt: skip
    (section,) = review_queue.sections(mails)
    assert section.count == 500
    assert len(section.groups) == 40
    assert section.reason == "Avis de non-remise de la lettre …."
    assert [one.id for one in review_queue.alike(mails, 41)] == list(range(1, 501, 40))
    assert len(review_queue.alike(mails, 41, whoever=True)) == 500


def test_a_mail_is_shown_with_what_it_may_concern_what_the_ps_was_told_and_ready_commands(folder):
    shown = mailbot("--config", folder, "review", "show", "mail-3")
    assert shown.returncode == 0, shown.stderr
    with day.service(folder) as service:
        number = rejet(service)
        read = [row["what"] for row in export.rows(service.ledger.store) if row.get("subject") == "mail 3"]
    assert f"rejet {number} : facture 1002, lot L1, 20,00\u00a0€ — 100% RO" in shown.stdout
    assert "dit au PS : " in shown.stdout
    assert "contact d’aucun PS que nous connaissons" in shown.stdout
    assert f"mailbot review resolve 3 --rattacher {number} --malgre-expediteur --reason « … »" in shown.stdout
    assert "--groupe : les 2 mails comme celui-ci" in shown.stdout
    assert read[-1] == "mail read"


def test_text_from_outside_is_inert_on_the_terminal(folder):
    nasty = "\x1b]0;titre\x07\x1b[2Jrejet 1 : clos\r\u202eecalp"
    day.put(folder, "9.mechant", written("x@example.org", nasty, subject="a\x1b[31mb"))
    a_round(folder)
    for arguments in (("list",), ("list", "--all"), ("show", "6"), ("show", "6", "--entier")):
        told = mailbot("--config", folder, "review", *arguments).stdout
        assert not set(told) & set("\x1b\x07\r\u202e")


# -- attaching ---------------------------------------------------------------------------------------------------


def test_a_mail_of_the_ps_is_tied_to_its_case_and_the_act_is_kept_with_its_words(service):
    number = rejet(service)
    done = review.attach(service, 4, [str(number)], act=ReplyAct.QUESTION)
    assert f"rattaché au rejet {number} (facture 1002, lot L1)" in done.told
    assert state(service, 4) is MailState.SETTLED
    assert service.ledger.lots.rejet_state(number) is RejetState.REPONDU
    (act,) = service.ledger.replies.of_mail(4)
    assert (act.act, act.words, act.evidence) == (
        ReplyAct.QUESTION, "Bonjour, quand serons-nous payés ?", "rattaché par essai",
    )  # fmt: skip
    (mail,) = service.ledger.review.resolutions(4)
    assert (mail.who, mail.details["moved"]) == ("essai", [number])


def test_an_invoice_can_be_named_by_its_lot_and_number(service):
    assert "facture 1003" in review.attach(service, 4, ["L1/1003"]).told


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["424242"], "aucun refus « 424242 » ; choisissez parmi les rejets"),
        (["L1/99"], "aucun refus « L1/99 » ; choisissez parmi les rejets"),
        (["1002/"], "aucun refus « 1002/ »"),
        ([], "à quel rejet le rattacher"),
        (["L1/1002", "L1/77"], "de plusieurs PS"),
        (["L1/77"], f"est du PS {day.CABINET}, dont l’expéditeur n’est pas le contact"),
    ],
)
def test_a_case_that_is_not_the_senders_or_does_not_exist_is_refused_and_nothing_is_written(service, wanted, said):
    before = everything(service)
    with pytest.raises(Never, match=said):
        review.attach(service, 4, wanted)
    assert everything(service) == before


def test_the_mail_of_another_address_needs_a_reason_and_leaves_it_in_the_journal(service):
    number = str(rejet(service))
    with pytest.raises(Never, match="dont l’expéditeur n’est pas le contact"):
        review.attach(service, 3, [number])
    with pytest.raises(Never, match="demande une raison"):
        review.attach(service, 3, [number], despite_sender=True)
    review.attach(service, 3, [number], despite_sender=True, reason="appelé la pharmacie")
    (act,) = service.ledger.review.resolutions(3)
    assert act.details["despite_sender"] is True
    assert act.reason == "appelé la pharmacie"


def test_an_attached_lot_corrects_the_refusal_by_the_agents_word_even_where_the_patient_was_what_was_wrong(service):
    number = rejet(service)
    told = review.attach(
        service, 5, [str(number)], act=ReplyAct.CORRIGEE, despite_sender=True, reason="adresse du secrétariat"
    ).told
    assert "corrigée" in told
    assert service.ledger.lots.rejet_state(number) is RejetState.CLOS
    assert service.ledger.lots.closed_by(number).nom_facture == "2002"
    with pytest.raises(Never, match="ne se reprend pas"):
        review_undo.undo(service, 5)


def test_a_closed_refusal_takes_no_answer(service):
    number = rejet(service)
    assert "clos" in review.close(service, number, "vu avec le PS").told
    assert review.close(service, number, "encore").already
    with pytest.raises(Never, match="est clos : rien à y rattacher"):
        review.attach(service, 4, [str(number)])
    with pytest.raises(Never, match="aucun rejet 999"):
        review.close(service, 999, "x")


def test_several_answers_are_read_and_closed_at_once(folder):
    tied = ("--rattacher", "L1/1002,L1/1003", "--acte", "detail")
    assert mailbot("--config", folder, "review", "resolve", "4", *tied).returncode == 0
    shown = mailbot("--config", folder, "review", "show", "4").stdout
    ready = next(line.strip() for line in shown.splitlines() if "review close" in line)
    numbers = ready.split()[3]
    done = mailbot("--config", folder, "review", "close", numbers, "--reason", "payées")
    assert done.stderr.count("clos (facture") == 2
    assert "Réponses de PS" not in mailbot("--config", folder, "review", "list").stdout


def test_tied_or_handled_a_mail_waits_again_when_that_is_taken_back(service):
    number, before = rejet(service), everything(service)
    review.attach(service, 4, [str(number)], act=ReplyAct.DETAIL)
    review_undo.undo(service, 4, "mauvais dossier")
    assert service.ledger.lots.rejet_state(number) is RejetState.OUVERT
    assert service.ledger.replies.of_mail(4) == []
    review.handled(service, 4)
    review_undo.undo(service, 4)
    tables = ("mails", "rejets", "factures", "letters", "contacts")
    assert [row for row in everything(service) if row["table"] in tables] == [
        row for row in before if row["table"] in tables
    ]
    with pytest.raises(Never, match="aucun acte d’agent à reprendre, il est à revoir"):
        review_undo.undo(service, 4)


def test_what_was_closed_since_cannot_be_taken_back(service):
    number = rejet(service)
    review.attach(service, 4, [str(number)])
    review.close(service, number, "payée")
    with pytest.raises(Never, match="clos depuis"):
        review_undo.undo(service, 4)


# -- handled, again, registration --------------------------------------------------------------------------------


def test_the_same_act_twice_says_who_did_it_and_another_one_how_to_go_back(service):
    assert review.handled(service, 2, "bureaux ouverts").told == "mail 2 : clos"
    before = everything(service)
    again = review.handled(service, 2)
    assert again.already
    assert "déjà fait, clos par essai le 02/03/2026 (bureaux ouverts)" in again.told
    with pytest.raises(Never, match="review undo 2"):
        review.request(service, 2, day.CABINET)
    assert everything(service) == before


def test_what_the_service_settled_itself_waits_for_nobody(service):
    with pytest.raises(Never, match="réglé par le service"):
        review.handled(service, 1)
    with pytest.raises(Never, match="aucun acte d’agent"):
        review_undo.undo(service, 1)
    with pytest.raises(Never, match="aucun mail 99"):
        review.handled(service, 99)


def test_a_mail_sent_back_is_settled_on_the_next_pass_and_can_then_be_resolved(folder):
    with day.service(folder) as service:
        assert "prochain passage" in review.again(service, 2).told
        assert review.again(service, 2).already
        with pytest.raises(Never, match="pas encore traité"):
            review.handled(service, 2)
    a_round(folder)
    with day.service(folder) as service:
        assert state(service, 2) is MailState.PARKED
        review.handled(service, 2)


def test_a_mail_becomes_a_request_that_an_agent_still_has_to_approve(service):
    told = review.request(service, 2, day.CABINET, "demandé au téléphone").told
    (asked,) = service.ledger.contacts.listed(day.CABINET)
    assert f"mailbot contacts approve {asked.id}" in told
    assert (asked.state, asked.mail) == ("demandee", "inconnu@example.org")
    assert "demande lue par essai dans le mail 2" in asked.evidence[0]
    assert service.ledger.contacts.active(day.CABINET) is None
    assert review.request(service, 2, day.CABINET).already
    review_undo.undo(service, 2)
    assert service.ledger.contacts.get(asked.id).state == "refusee"


@pytest.mark.parametrize(
    ("mail", "numero", "said"),
    [
        (2, "12", "neuf chiffres"),
        (2, "999999999", "AGAPS ne connaît pas le PS"),
        (4, day.PHARMACIE, "déjà celle du PS"),
    ],
)
def test_an_impossible_registration_says_why(service, mail, numero, said):
    with pytest.raises(Never, match=said):
        review.request(service, mail, numero)


# -- answering ---------------------------------------------------------------------------------------------------


def test_the_contact_of_a_ps_is_answered_with_a_text_of_the_house(folder):
    with day.service(folder) as service:
        number = rejet(service)
        told = review.attach(service, 4, [str(number)], act=ReplyAct.QUESTION, answer="transmis").told
        assert "« transmis » part au prochain envoi" in told
    a_round(folder)
    (letter,) = [raw for raw in day.delivered(folder) if b"Votre message est transmis" in raw]
    text = letter.decode()
    assert f"Delivered-To: {PHARMACIE_MAIL}" in text
    assert "sur la facture 1002" in text
    assert "Auto-Submitted" in text


def test_a_stranger_is_answered_only_where_the_agent_says_so_and_learns_nothing_of_a_case(service):
    with pytest.raises(Never, match="--meme-inconnu"):
        review.reply(service, 3, "precisez_facture")
    told = review.reply(service, 3, "precisez_facture", stranger=True).told
    (letter,) = queued(service)
    assert f"courrier {letter.id}" in told
    assert (letter.recipient, letter.numero_ps) == (STRANGER, "")
    assert recipient.misdirected(service, letter) == ""
    other = dataclasses.replace(letter, recipient="quelquun@example.org")
    assert "qui a écrit le mail" in recipient.misdirected(service, other)
    assert day.PHARMACIE.encode() not in service.ledger.letters.envelope(letter.id).raw


def test_a_text_that_shows_a_value_which_is_not_there_is_not_sent(folder):
    (folder / "textes/dossier.txt").write_text("Objet : Dossier\nNous avons bien {factures}.\n", "utf-8")
    refused = mailbot("--config", folder, "review", "resolve", "4", "--repondre", "dossier")
    assert refused.returncode == 2
    assert "rattachez d’abord le message" in refused.stderr
    near = mailbot("--config", folder, "review", "resolve", "4", "--repondre", "transmi")
    assert "vouliez-vous dire « transmis »" in near.stderr


def test_an_answer_that_has_not_left_is_recalled_and_one_that_has_is_not(service):
    review.reply(service, 4, "transmis")
    assert review.reply(service, 4, "transmis").already
    review_undo.undo(service, 4)
    assert [one.state for one in queued(service)] == [LetterState.DEAD]
    review.reply(service, 4, "transmis")
    letter = queued(service)[-1]
    attempt = service.ledger.letters.begin(letter.id, service.clock())
    with pytest.raises(Never, match="est partie"):
        review_undo.undo(service, 4)
    assert attempt


def test_an_address_gets_no_more_answers_a_day_than_the_configuration_says(folder):
    for number in range(5):
        day.put(folder, f"8.{number}", written(PHARMACIE_MAIL, f"Question {number} : quand ?\n", subject=f"Q{number}"))
    a_round(folder)
    with day.service(folder, day.NOW + timedelta(hours=30)) as service:
        limit = service.configuration.settings.limits.answers_per_day
        asked = [one.id for one in service.ledger.review.waiting() if one.sender == PHARMACIE_MAIL]
        for mail in asked[:limit]:
            review.reply(service, mail, "transmis")
        with pytest.raises(Never, match="en 24 heures"):
            review.reply(service, asked[limit], "transmis")


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("robot@example.org", {"Auto_Submitted": "auto-generated"}),
        ("liste@example.org", {"List_Id": "<annonces.example.org>", "Precedence": "list"}),
        ('"x" <x@example.org>, y@example.org', {}),
    ],
)
def test_what_is_automatic_or_has_no_clear_sender_never_gets_a_letter(folder, sender, headers):
    """No act of an agent answers it or makes its address a contact, whatever is asked."""
    day.put(folder, "7.automate", written(sender, "Facture 1002 : bonjour\n", **headers))
    a_round(folder)
    with day.service(folder) as service:
        waiting = [one.id for one in service.ledger.review.waiting() if one.id > 5]
        before = everything(service)
        for mail in waiting:
            with pytest.raises(Never):
                review.reply(service, mail, "autre_service", stranger=True)
            with pytest.raises(Never):
                review.request(service, mail, day.CABINET)
        assert everything(service) == before


def test_a_sender_whom_our_exchanger_did_not_confirm_is_nobody(folder):
    """Nor is one of a mailbox that is no longer read."""
    path = folder / "mailbot.yaml"
    text = path.read_text("utf-8").replace("# authserv_id: mx.example.fr", "authserv_id: mx.example.fr")
    path.write_text(text, "utf-8")
    with day.service(folder) as service:
        assert service.configuration.settings.inbox[0].authserv_id
        with pytest.raises(Never, match="n’est pas confirmé"):
            review.reply(service, 4, "transmis")
        with pytest.raises(Never, match="dont l’expéditeur n’est pas le contact"):
            review.attach(service, 4, [str(rejet(service))])


def test_every_fault_of_a_text_is_found_by_check_and_the_shipped_text_stands_in(folder):
    (folder / "textes/transmis.txt").write_text("Objet : Ah\n{facture}\n", "utf-8")
    (folder / "textes/mien.txt").write_text("# note\nBonjour\n", "utf-8")
    done = mailbot("--config", folder, "check")
    assert "textes/transmis.txt:2:1 : champ inconnu « {facture} » — vouliez-vous dire « factures »" in done.stderr
    assert "textes/mien.txt:2:1 : l’objet manque" in done.stderr
    shown = mailbot("--config", folder, "review", "textes")
    assert "mien" not in shown.stdout
    assert "Votre message est transmis" in shown.stdout
    assert [fault.message for fault in check("vide", "Objet : x\n\n# rien\n")] == ["rien ne suit l’objet"]
    assert Textes.of({}, {}).texts == {}


# -- groups and the command line ---------------------------------------------------------------------------------


def test_a_group_is_shown_and_confirmed_before_it_is_handled(folder):
    asked = mailbot("--config", folder, "review", "resolve", "3", "--groupe")
    assert asked.returncode == 2
    assert "2\u00a0mails : 3, 5" in asked.stderr
    assert "--oui" in asked.stderr
    done = mailbot("--config", folder, "review", "resolve", "3", "--traite", "--groupe", "--oui", "--reason", "doublon")
    assert done.returncode == 0, done.stderr
    with day.service(folder) as service:
        assert [state(service, one) for one in (3, 5)] == [MailState.SETTLED] * 2
        assert state(service, 2) is MailState.PARKED


def test_of_a_group_those_that_cannot_be_answered_wait_on_and_say_why(folder):
    done = mailbot("--config", folder, "review", "resolve", "2", "--repondre", "transmis", "--groupe-entier", "--oui")
    assert done.returncode == 1
    assert "mail 2 : son expéditeur n’est le contact connu d’aucun PS" in done.stderr
    assert "mail 4 : la réponse « transmis » part" in done.stderr
    with day.service(folder) as service:
        assert (state(service, 2), state(service, 4)) == (MailState.PARKED, MailState.SETTLED)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["4", "--traite", "--encore"], "un seul acte à la fois"),
        (["4", "--acte", "question"], "vont avec --rattacher"),
        (["4", "--rattacher", "1", "--acte", "contestatoin"], "vouliez-vous dire « contestation »"),
        (["4", "--rattacher", "1", "--groupe"], "mail par mail"),
        (["quatre"], "n’est pas un numéro de mail"),
        (["4", "--repondre", "transmis", "--meme-inconnu", "--rattacher", "1"], "--meme-inconnu"),
        (["1", "--groupe", "--oui"], "n’attend pas"),
    ],
)
def test_a_wrong_call_ends_with_two_and_a_remedy(folder, arguments, said):
    done = mailbot("--config", folder, "review", "resolve", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_old_options_still_work(folder):
    assert mailbot("--config", folder, "review", "resolve", "2", "--again").returncode == 0
    assert mailbot("--config", folder, "run", "--once").returncode in (0, 1)
    assert "clos" in mailbot("--config", folder, "review", "resolve", "2", "--handled", "--reason", "x").stderr


# -- everything or nothing ---------------------------------------------------------------------------------------


class Broken(Exception):
    pass


@pytest.mark.parametrize(
    "act",
    [
        lambda service: review.attach(service, 4, ["L1/1002"], act=ReplyAct.DETAIL, answer="transmis"),
        lambda service: review.handled(service, 4),
        lambda service: review.again(service, 4),
        lambda service: review.request(service, 2, day.CABINET),
        lambda service: review.reply(service, 4, "transmis"),
    ],
    ids=["rattacher", "traiter", "encore", "inscrire", "répondre"],
)
def test_an_act_that_is_stopped_before_any_write_has_done_nothing(service, monkeypatch, act):
    store = service.ledger.store
    before, writes = everything(service), 0
    plain_run, plain_insert = store.run, store.insert

    def counting(stop_at):
        done = 0

        def once(write, *arguments, **columns):
            nonlocal done
            done += 1
            if done == stop_at:
                raise Broken
            return write(*arguments, **columns)

        monkeypatch.setattr(store, "run", lambda *a: once(plain_run, *a))
        monkeypatch.setattr(store, "insert", lambda *a, **c: once(plain_insert, *a, **c))

    for stop_at in range(1, 100):
        counting(stop_at)
        try:
            act(service)
        except Broken:
            writes += 1
            assert everything(service) == before
            continue
        break
    assert writes > 2
    assert everything(service) != before


class Agents(RuleBasedStateMachine):
    """Agents do and undo what they like: one state a mail, one answer a refusal, one letter a mail."""

    source: pathlib.Path

    def __init__(self):
        super().__init__()
        self.stack = contextlib.ExitStack()
        place = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / "config"
        shutil.copytree(self.source, place)
        self.service = self.stack.enter_context(day.service(place, day.NOW + timedelta(days=3)))
        self.ledger = self.service.ledger

    def teardown(self):
        self.stack.close()

    mails = st.sampled_from([2, 3, 4, 5])
    refusals = st.sampled_from(["L1/1002", "L1/1003", "L1/77"])

    def _does(self, act):
        """An act is done, was done already, or is refused with words and no trace."""
        before = everything(self.service)
        try:
            done = act()
        except Never as error:
            assert error.reason
            assert everything(self.service) == before
            return
        assert (everything(self.service) == before) == done.already
        if not done.already:
            with contextlib.suppress(Never):
                assert act().already

    @rule(mail=mails)
    def handled(self, mail):
        self._does(lambda: review.handled(self.service, mail))

    @rule(mail=mails, refusal=refusals, act=st.sampled_from(list(ReplyAct)), despite=st.booleans())
    def attached(self, mail, refusal, act, despite):
        self._does(
            lambda: review.attach(self.service, mail, [refusal], act=act, despite_sender=despite, reason="essai")
        )

    @rule(mail=mails, name=st.sampled_from(["transmis", "autre_service"]), stranger=st.booleans())
    def answered(self, mail, name, stranger):
        self._does(lambda: review.reply(self.service, mail, name, stranger=stranger))

    @rule(mail=mails, numero=st.sampled_from([day.CABINET, day.PHARMACIE]))
    def asked(self, mail, numero):
        self._does(lambda: review.request(self.service, mail, numero))

    @rule(mail=mails)
    def undone(self, mail):
        with contextlib.suppress(Never):
            review_undo.undo(self.service, mail)

    @rule(refusal=refusals)
    def closed(self, refusal):
        one = self.ledger.lots.find(refusal)[0]
        if one.rejet_id is not None:
            self._does(lambda: review.close(self.service, one.rejet_id, "essai"))

    @invariant()
    def each_mail_is_in_one_state_and_settled_by_one_act(self):
        for mail in (2, 3, 4, 5):
            settled = state(self.service, mail) is MailState.SETTLED
            standing = [one for one in self.ledger.review.resolutions(mail) if not one.undone]
            assert len(standing) == settled

    @invariant()
    def a_refusal_that_a_mail_moved_is_answered_by_that_mail(self):
        for mail in (2, 3, 4, 5):
            last = self.ledger.review.standing(mail)
            for number in last.details.get("moved", ()) if last else ():
                assert self.ledger.lots.rejet_state(number) is not RejetState.OUVERT

    @invariant()
    def no_mail_has_two_letters_that_may_leave_and_each_goes_to_its_sender(self):
        living = [one for one in queued(self.service) if one.state is not LetterState.DEAD]
        answered = [self.ledger.letters.answered_sender(one.id) for one in living]
        assert answered == [one.recipient for one in living]
        assert len(living) <= sum(
            bool(last and (last.details.get("letter"))) for last in map(self.ledger.review.standing, (2, 3, 4, 5))
        )

    @invariant()
    def the_journal_is_whole(self):
        assert self.ledger.journal.verify() is None


def test_agents_do_and_undo_what_they_like(morning):
    class OnThisMorning(Agents):
        source = morning

    run_state_machine_as_test(
        OnThisMorning,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
