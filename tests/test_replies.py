"""Replies through all passes: what they change in the ledger, what the PS and the gestionnaire are told, once."""

import email
import email.policy
import io
from datetime import timedelta

import openpyxl
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.configuration.settings import Inbox
from mailbot.ledger import export
from mailbot.letters import trame as workbook
from mailbot.model import LetterKind, ReplyAct
from mailbot.passes import receive, reply_case, run, settle, trame
from tests import day
from tests.test_passes import (
    CABINET_MAIL,
    PHARMACIE_MAIL,
    a_round,
    bordereau_to,
    corrected,
    letters_to,
    reply_to,
    rows,
    state_of,
)

NUMBERS = ("1002", "1003", "1004")


@pytest.fixture
def folder(tmp_path):
    """The morning is done: the pharmacy has its bordereau of three refusals."""
    place = tmp_path / "config"
    day.prepare(place)
    a_round(place)
    return place


def comes(folder, text, sender=PHARMACIE_MAIL, letter=None, lot=b"", name="5.reponse", now=day.NOW):
    day.put(folder, name, reply_to(letter or bordereau_to(folder, PHARMACIE_MAIL), sender, text, lot))
    a_round(folder, now + timedelta(hours=1))


def states(folder):
    return [state_of(folder, number) for number in NUMBERS]


def acts_of(folder):
    with day.service(folder) as service:
        found = service.ledger.store.rows(
            "SELECT f.nom_facture, a.act, a.words FROM reply_acts a JOIN rejets r ON r.id = a.rejet_id "
            "JOIN factures f ON f.id = r.facture_id ORDER BY a.id"
        )
        return {row[0]: (row[1], row[2]) for row in found}


def receipts(folder, address=PHARMACIE_MAIL):
    found = [letter for letter in letters_to(folder, address) if "bien arrivé" in letter["Subject"]]
    return [(letter, " ".join(letter.get_body(("plain",)).get_content().split())) for letter in found]


def parked(folder):
    with day.service(folder) as service:
        return [(mail.id, mail.reason) for mail in service.ledger.mails.parked() if mail.kind == "reply"]


def test_one_reply_corrects_one_contests_one_and_leaves_one_open(folder):
    text = "Bonjour,\n\nla 1002 est corrigée, lot joint.\nJe conteste la 1003, elle n’a jamais été payée.\n\nMerci\n"
    comes(folder, text, lot=corrected(numero_facture="1002"))
    assert states(folder) == ["clos", "repondu", "ouvert"]
    assert {number: act for number, (act, _) in acts_of(folder).items()} == {"1002": "corrigée", "1003": "contestation"}
    assert acts_of(folder)["1003"][1] == "Je conteste la 1003, elle n’a jamais été payée."
    assert not parked(folder)
    ((letter, told),) = receipts(folder)
    assert "2 factures reconnues" in told and "contestation est transmise" in told
    assert "1 autre facture du même bordereau attend" in told
    assert letter["Auto-Submitted"] == "auto-generated"


def test_the_gestionnaire_reads_the_act_and_the_words_in_the_trame(folder):
    comes(folder, "Pour la 1003 : tiers payant pratiqué, part RC 7,00 €.\n")
    with day.service(folder) as service:
        book = openpyxl.load_workbook(io.BytesIO(trame.workbook_bytes(service, day.NOW)))
    head, *lines = book[workbook.SHEET_REPONSES].iter_rows(values_only=True)
    said = dict(zip(head, lines[0], strict=True))
    assert len(lines) == 1 and said["réponse du PS"] == "détail" and said["numéro de la facture"] == "1003"
    assert said["ses mots"] == "Pour la 1003 : tiers payant pratiqué, part RC 7,00 €."


def test_what_is_not_certain_waits_and_what_was_certain_is_done_once(folder):
    comes(folder, "1002 : corrigée.\n\nEt la facture n° 9999 aussi.\n")
    assert states(folder) == ["repondu", "ouvert", "ouvert"]
    ((mail_id, reason),) = parked(folder)
    assert "n° de facture nommé" in reason
    assert "9999" not in reason  # text from outside: it may be anything
    ((_, told),) = receipts(folder)
    assert "1 facture reconnue, 1 non reconnue" in told and "précisez son numéro" in told
    before = acts_of(folder), rows(folder, "rejets"), len(day.delivered(folder))
    with day.service(folder) as service:
        service.ledger.mails.reopen(mail_id)
    a_round(folder, day.NOW + timedelta(hours=2))
    assert (acts_of(folder), rows(folder, "rejets"), len(day.delivered(folder))) == before
    assert [one[0] for one in parked(folder)] == [mail_id]


def test_a_reply_that_names_nothing_marks_nothing_and_its_answer_comes_back_to_the_case(folder):
    comes(folder, "Bonjour,\nc’est corrigé.\n")
    assert states(folder) == ["ouvert"] * 3
    ((letter, told),) = receipts(folder)
    assert "de quelle facture il s’agit" in told
    comes(folder, "C’était la 1004, elle est corrigée.\n", letter=letter, name="6.precision")
    assert states(folder) == ["ouvert", "ouvert", "repondu"]
    assert len(parked(folder)) == 1


def test_thanks_are_noted_and_never_answered(folder):
    comes(folder, "Merci beaucoup, bonne journée\nClaire Dumas\n")
    assert states(folder) == ["ouvert"] * 3 and not parked(folder) and not receipts(folder)


def test_a_correction_by_the_same_lot_unchanged_corrects_nothing(folder):
    unchanged = day.lot_csv(day.row(numero_facture="1002", taux_ro="100"))
    comes(folder, "Facture 1002 corrigée.\n", lot=unchanged)
    assert states(folder) == ["repondu", "ouvert", "ouvert"]
    assert acts_of(folder)["1002"][0] == "à lire"


def test_a_corrected_invoice_that_is_refused_again_is_told_at_once_and_in_a_new_bordereau(folder):
    comes(folder, "1002 corrigée.\n", lot=corrected(numero_facture="1002", parcours_soins="non"))
    assert state_of(folder, "1002") in ("clos", "ouvert")
    ((_, told),) = receipts(folder)
    assert "refusée : Parcours de soins non respecté. Un nouveau bordereau" in told
    assert len([one for one in letters_to(folder, PHARMACIE_MAIL) if "refusée" in one["Subject"]]) == 2


def test_an_invoice_that_came_by_the_drop_folder_closes_what_it_is_said_to_replace(folder):
    (folder / "var/lots/l2.csv").write_bytes(corrected())
    comes(folder, "La facture 1003 est corrigée sous le n° 2002.\n")
    assert states(folder) == ["ouvert", "clos", "ouvert"]


@pytest.mark.parametrize("sender", ["voisin@example.org", CABINET_MAIL])
def test_nobody_but_the_contact_gets_a_receipt(folder, sender):
    comes(folder, "Je conteste la 1002.\n", sender)
    assert states(folder) == ["ouvert"] * 3 and len(parked(folder)) == 1
    assert not receipts(folder) and not receipts(folder, sender)


def test_at_most_three_receipts_a_day(folder):
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    # The confirmation of the morning was one of three.
    for at in range(5):
        comes(folder, f"Question n° {at} : pourquoi la 1002 ?\n", letter=letter, name=f"6.{at}")
    assert len(receipts(folder)) == 2
    comes(folder, "Et la 1003 ?\n", letter=letter, name="7.demain", now=day.NOW + timedelta(days=2))
    assert len(receipts(folder)) == 3


AUTOMATIC = {
    "absence": {"Auto-Submitted": "auto-replied"},
    "list": {"List-Id": "<tous.example.fr>", "Precedence": "list"},
    "bulk": {"Precedence": "bulk"},
    "suppress": {"X-Auto-Response-Suppress": "All"},
    "bounce": {"Return-Path": "<>", "Auto-Submitted": "auto-replied"},
}


@pytest.mark.parametrize("text", ["Je conteste la 1002.\n", "Je suis absent jusqu’au 24/08.\n", "Bonjour,\n", ""])
@pytest.mark.parametrize("kind", sorted(AUTOMATIC))
def test_no_path_of_automatic_mail_ever_causes_a_letter(folder, kind, text):
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    before = day.delivered(folder)
    raws = [
        reply_to(letter, PHARMACIE_MAIL, text),
        reply_to(letter, PHARMACIE_MAIL, text, corrected(numero_facture="1002")),
        day.registration(),
        day.registration(day.CABINET, CABINET_MAIL),
    ]
    for at, raw in enumerate(raws):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for name, value in AUTOMATIC[kind].items():
            message[name] = value
        day.put(folder, f"8.{at}", message.as_bytes())
    with day.service(folder) as service:
        queued = len(service.ledger.letters.listed())
    a_round(folder, day.NOW + timedelta(hours=1))
    with day.service(folder) as service:
        assert len(service.ledger.letters.listed()) == queued
    assert day.delivered(folder) == before and states(folder) == ["ouvert"] * 3


def test_our_own_letters_that_come_back_cause_none(folder):
    before = len(day.delivered(folder))
    for at, raw in enumerate(day.delivered(folder)):
        day.put(folder, f"9.{at}", raw)
    a_round(folder, day.NOW + timedelta(hours=1))
    assert len(day.delivered(folder)) == before


@pytest.mark.parametrize("verdict", ["", "Authentication-Results: mx.example.fr; dmarc=fail header.from=example.fr\n"])
def test_without_the_verdict_of_our_exchanger_nothing_is_settled_and_nobody_is_written_to(folder, verdict):
    reply = reply_to(bordereau_to(folder, PHARMACIE_MAIL), PHARMACIE_MAIL, "Je conteste la 1002.\n")
    day.put(folder, "5.sans", verdict.encode() + reply)
    with day.service(folder) as plain:
        (inbox,) = plain.configuration.settings.inbox
        strict = inbox.model_copy(update={"authserv_id": "mx.example.fr"})
        assert isinstance(strict, Inbox)
        service = day.with_settings(plain, inbox=(strict,))
        with day.edges(plain) as edges:
            receive.receive(service, edges.inboxes, edges.drop)
            settle.settle(service)
        assert service.ledger.letters.listed()[-1].kind is not LetterKind.RECEIPT
    assert states(folder) == ["ouvert"] * 3


def test_the_same_mail_again_changes_nothing(folder):
    comes(folder, "1002 corrigée. Je conteste la 1003.\n")
    before = acts_of(folder), rows(folder, "rejets"), len(day.delivered(folder))
    comes(folder, "1002 corrigée. Je conteste la 1003.\n", name="6.encore")
    assert (acts_of(folder), rows(folder, "rejets"), len(day.delivered(folder))) == before


SENTENCES = {
    ReplyAct.CORRIGEE: "La facture n° {} est corrigée.",
    ReplyAct.CONTESTATION: "Je conteste le refus de la facture {}.",
    ReplyAct.QUESTION: "Pourquoi la facture {} est-elle refusée ?",
    ReplyAct.DETAIL: "Pour la facture {}, il s’agit du 05/02/2026.",
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from(list(SENTENCES)), min_size=1),
    glue=st.sampled_from(["\n", "\n\n", " "]),
)
def test_exactly_the_refusals_that_are_named_are_touched_each_once(tmp_path_factory, said, glue):
    folder = tmp_path_factory.mktemp("jour") / "config"
    day.prepare(folder)
    a_round(folder)
    others = [row for row in rows(folder, "rejets") if row["numero_facture"] not in said]
    text = glue.join(SENTENCES[act].format(number) for number, act in said.items())
    comes(folder, text + "\n")
    assert {number: act for number, (act, _) in acts_of(folder).items()} == {n: str(a) for n, a in said.items()}
    assert [row for row in rows(folder, "rejets") if row["numero_facture"] not in said] == others
    with day.service(folder) as service:
        journal = [row for row in export.rows(service.ledger.store) if row["table"] == "journal"]
        assert sum(row["what"] == "refusal answered" for row in journal) == len(said)
        with day.edges(service) as edges:
            assert run.once(service, edges)
    assert len(receipts(folder)) == 1 and not parked(folder)


def test_our_form_filled_in_answers_row_by_row(folder):
    letter = bordereau_to(folder, PHARMACIE_MAIL)
    (pdf,) = [part.get_content() for part in letter.iter_attachments()]
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    row = {
        number: name
        for name, label in _fields(writer)
        for number in NUMBERS
        if label.startswith(f"Facture n° {number}")
    }
    writer.update_page_form_field_values(None, {row["1003"]: "Tiers payant pratiqué"}, auto_regenerate=False)
    filled = io.BytesIO()
    writer.write(filled)
    reply = email.message_from_bytes(
        reply_to(letter, PHARMACIE_MAIL, "Bonjour,\nci-joint.\n"), policy=email.policy.default
    )
    reply.add_attachment(filled.getvalue(), maintype="application", subtype="pdf", filename="bordereau.pdf")
    day.put(folder, "5.formulaire", reply.as_bytes())
    a_round(folder, day.NOW + timedelta(hours=1))
    assert states(folder) == ["ouvert", "repondu", "ouvert"]
    assert acts_of(folder)["1003"][1] == "Tiers payant pratiqué"


def _fields(writer):
    """(name, label) of the fields for a free answer."""
    found = writer.get_fields() or {}
    return [(name, field.get("/TU", "")) for name, field in found.items() if name.endswith("-reponse")]


def test_only_an_invoice_that_came_after_the_refusal_may_replace_it(folder):
    (folder / "var/lots/l2.csv").write_bytes(corrected())
    a_round(folder, day.NOW + timedelta(hours=1))
    with day.service(folder) as service:
        rejet = service.ledger.store.value(
            "SELECT r.id FROM rejets r JOIN factures f ON f.id = r.facture_id WHERE f.nom_facture = '1003'"
        )
        numbers = [row[0] for row in service.ledger.store.rows("SELECT nom_facture FROM factures")]
        found = [number for number in numbers if reply_case._received(service, rejet, number)]
    assert found == ["2002"] and len(numbers) > 4
