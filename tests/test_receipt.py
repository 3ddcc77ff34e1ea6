"""What a PS is told about its reply."""

import email
import email.policy
from datetime import UTC, datetime

import pytest

from mailbot.configuration import folder
from mailbot.letters import receipt, samples, trial
from mailbot.letters.receipt import Ligne, Receipt
from mailbot.model import LetterKind, Missing, ReplyAct, Route, Status

HOUSE = folder.load(folder.shipped()).house
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def text_of(told: Receipt) -> str:
    context = receipt.page_context(HOUSE.organisation, told, "752000019", "PHARMACIE DU PORT", samples.TOKEN, NOW)
    page = HOUSE.templates.html("accuse", context)
    text = HOUSE.templates.text("accuse", context)
    for one in (*context["suites"], *context["demandes"], *context["phrases"]):
        assert str(getattr(one, "suite", one))[:30] in page
    return " ".join(text.split())


def in_brief(told: Receipt) -> str:
    return receipt.en_bref(told).replace("\u00a0", " ")


def test_the_summary_counts_what_was_understood() -> None:
    lignes = tuple(Ligne(f"100{at}", "L1", ReplyAct.CORRIGEE) for at in range(3))
    assert in_brief(Receipt(lignes, unknown=("999",))) == "3 factures reconnues, 1 non reconnue"
    assert in_brief(Receipt(lignes[:1])) == "1 facture reconnue"
    assert in_brief(Receipt(unknown=("998", "999"))) == "2 factures non reconnues"
    assert in_brief(Receipt(taken=12)) == "12 factures reçues"
    told = text_of(Receipt(lignes, unknown=("999",), human=True, left=4))
    assert "facture n° 999 : précisez son numéro" in told
    assert "4 autres factures du même bordereau attendent encore votre réponse." in told


@pytest.mark.parametrize(
    ("ligne", "expected"),
    [
        (Ligne("1002", "L1", ReplyAct.CORRIGEE, "2002", Status.ACCEPTEE), "par la facture n° 2002 : elle est acceptée"),
        (Ligne("1002", "L1", ReplyAct.CORRIGEE, "1002", Status.ACCEPTEE), "Corrigée : elle est acceptée"),
        (Ligne("1002", "L1", ReplyAct.CORRIGEE, "2002", Status.A_SAISIR), "en cours d’examen"),
        (
            Ligne("1002", "L1", ReplyAct.CORRIGEE, "2002", Status.REFUSEE, "Manque détail", Route.PS),
            "refusée : Manque détail. Un nouveau bordereau vous dit que faire",
        ),
        (Ligne("1002", "L1", ReplyAct.CORRIGEE), "Envoyez la facture corrigée dans un nouveau lot"),
        (Ligne("1002", "L1", ReplyAct.CONTESTATION), "contestation est transmise à un gestionnaire"),
        (Ligne("1002", "L1", ReplyAct.QUESTION), "question est transmise à un gestionnaire"),
        (Ligne("1002", "L1", None), "reste en attente"),
    ],
)
def test_each_invoice_is_told_what_happens_next(ligne: Ligne, expected: str) -> None:
    told = text_of(Receipt((ligne,)))
    assert "Facture n° 1002, lot L1" in told and expected in told


def test_a_motif_that_goes_to_a_gestionnaire_is_not_told() -> None:
    ligne = Ligne("1002", "L1", ReplyAct.CORRIGEE, "2002", Status.REFUSEE, "Doublon PS PS", Route.GESTIONNAIRE)
    assert "Doublon" not in text_of(Receipt((ligne,)))


@pytest.mark.parametrize("missing", list(Missing))
def test_what_is_missing_is_said(missing: Missing) -> None:
    told = text_of(Receipt(missing=missing, human=True))
    # Nobody reads an empty message.
    assert ("Un gestionnaire lit votre message." in told) is (missing is not Missing.TEXT)
    assert ("Ce qu’il nous manque" in told) is bool(missing)


def test_the_letter_is_marked_as_automatic_and_what_comes_from_outside_is_inert() -> None:
    told = Receipt(unknown=("9\r\nBcc: x@evil.test", "<b>1</b>"), human=True)
    draft = receipt.compose(
        HOUSE.templates, HOUSE.organisation, HOUSE.outbox, told, contact="contact@pharmacie-port.example.fr",
        numero_ps="752000019", raison_sociale="", token=samples.TOKEN, now=NOW, key="k",
    )  # fmt: skip
    letter = email.message_from_bytes(draft.raw, policy=email.policy.default)
    assert draft.kind is LetterKind.RECEIPT and letter["Auto-Submitted"] == "auto-generated" and letter["Bcc"] is None
    html = letter.get_body(("html",))
    assert html is not None and "<b>1</b>" not in html.get_content()
    assert samples.TOKEN in draft.raw.decode("latin-1")


def test_every_sample_renders() -> None:
    files = HOUSE.templates.files
    assert trial.judge(files, ["accuse.mjml", "accuse.txt"], samples.contexts(HOUSE)).faults == ()
