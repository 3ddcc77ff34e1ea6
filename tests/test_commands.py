"""The questions that a PS asks in our words: a whole line, never a word of a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model.inscriptions import Command, CommandName
from mailbot.parsers.mail import commands

ETAT, CONSIGNE, AIDE = CommandName.ETAT, CommandName.CONSIGNE, CommandName.AIDE


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("ÉTAT 531341", ETAT, "531341"),
        ("état", ETAT, ""),
        ("etat", ETAT, ""),
        ("ETAT ?", ETAT, ""),
        ("E\u0301TAT 531341", ETAT, "531341"),
        ("Etat facture n° 531341", ETAT, "531341"),
        ("État de la facture K312-4", ETAT, "K312-4"),
        ("etat : 0531341.", ETAT, "0531341"),
        ("« ÉTAT\u00a0531341 »", ETAT, "531341"),
        ("CONSIGNE 54", CONSIGNE, "54"),
        ("Consigne n° 54.", CONSIGNE, "54"),
        ("consigne", CONSIGNE, ""),
        ("AIDE", AIDE, ""),
        ("aide ?", AIDE, ""),
        ("Bonjour,\n\nÉTAT 531341\n\nMerci\nDr Martin", ETAT, "531341"),
        ("ÉTAT 531341\nCordialement,\nCabinet Martin", ETAT, "531341"),
        ("Bonjour\netat 1002 svp\nmerci", ETAT, "1002"),
        ("Bonjour, état 1002 s’il vous plaît, merci d’avance.", ETAT, "1002"),
        ("Bonjour, ou en est ma facture 1002 ?", ETAT, "1002"),
        ("Où en est la facture n° K312 svp ?", ETAT, "K312"),
        ("Pouvez-vous me dire où en est notre facture 1002 ? merci", ETAT, "1002"),
        ("où en sont mes factures ?", ETAT, ""),
        ("aide svp", AIDE, ""),
        # A NIR is no invoice number: it must not come back in an answer.
        ("ÉTAT 1850775123456", ETAT, ""),
    ],
)
def test_a_question_is_a_line(text: str, name: CommandName, argument: str) -> None:
    assert commands.read("Re: 2 factures refusées", text) == Command(name, argument)


@pytest.mark.parametrize("subject", ["ÉTAT 12", "Re: etat 12", "RE : Fwd: TR: État 12", "  etat n° 12 ?"])
@pytest.mark.parametrize("text", ["", "Bonjour", "Bonjour,\nMerci d’avance\nCordialement\nDr Martin"])
def test_the_subject_counts_where_nothing_else_was_written(subject: str, text: str) -> None:
    assert commands.read(subject, text) == Command(ETAT, "12")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", "L’état de santé du patient a changé"),
        ("", "état civil du patient"),
        ("", "J’ai besoin d’aide"),
        ("", "aidez-moi"),
        ("", "Voici la facture.\nÉTAT 531341"),
        ("", "ÉTAT 12/03/2026"),
        ("", "ÉTAT 531341 et 531342"),
        ("", "CONSIGNE K54"),
        ("", "Bonjour, où en est ma demande d’inscription ?"),
        ("", "où en est la facture 1002 que vous deviez payer en mars ?"),
        ("", "consignes de sortie"),
        ("", "ÉTAT ٣٤٥"),
        ("", "ÉTAT " + "1" * 31),
        ("ÉTAT 531341", "La facture 531341 est corrigée."),
        ("Aide", "Pouvez-vous m’appeler ?"),
        ("Bonjour", ""),
        ("", ""),
    ],
)
def test_the_same_words_in_a_sentence_ask_nothing(subject: str, text: str) -> None:
    assert commands.read(subject, text) is None


@given(st.text(max_size=60), st.text(max_size=200))
def test_nothing_raises_and_arguments_are_short_and_plain(subject: str, text: str) -> None:
    found = commands.read(subject, text)
    assert found is None or (len(found.argument) <= 30 and found.argument.isascii())


@given(
    st.from_regex(r"[A-Z]{0,3}[0-9]{1,12}(?:[/-][0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["ÉTAT {}", "etat n° {}"]),
)
def test_any_invoice_number_is_read_back(number: str, form: str) -> None:
    found = commands.read("", form.format(number))
    assert found is None or found.argument in (number, "")
    assert found == Command(ETAT, number) or "/" in number or "-" in number or len(number) >= 13
