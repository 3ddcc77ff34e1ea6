"""What the sender wrote now: the shapes that the corpus of mails does not show, and what must never be lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers import html, quoting


@pytest.mark.parametrize(
    "text",
    [
        "Le 12 mars nous avons corrigé la facture.",
        "De mon côté : rien à signaler.",
        "Objet : la facture 12\nMerci.",
        "Elle nous a écrit : « refusé ».\nQue faire ?",
        "Date : 12/03/2026\nMontant : 12,71",
        "J'ai envoyé de mon côté le duplicata.",
        "=====\nTotal : 12,71",
    ],
)
def test_ordinary_sentences_are_not_taken_for_quotations(text: str) -> None:
    assert quoting.reply_text(text) == text


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPad",
        "Sent from my iPhone",
        "Obtenir Outlook pour Android",
        "Envoyé depuis l’application Mail Orange",
    ],
)
def test_mobile_signatures_go(line: str) -> None:
    assert quoting.reply_text(f"Corrigé.\n\n{line}\n") == "Corrigé."


def test_a_signature_ends_where_the_sender_writes_below_the_quotation() -> None:
    assert quoting.reply_text("Oui.\n-- \nC. Ferrand\n> cité\nEt aussi cela.") == "Oui.\nEt aussi cela."


def test_quoted_text_is_given_apart_without_its_marks() -> None:
    assert quoting.split("Oui.\n\n> > facture 12\n> fin")[1] == "facture 12\nfin"


@given(st.lists(st.from_regex(r"[A-Z][a-z]{2,8} [a-z]{2,8}\.", fullmatch=True), min_size=1, max_size=6), st.data())
def test_lines_between_quoted_lines_are_all_kept_in_order(lines: list[str], data: st.DataObject) -> None:
    mixed: list[str] = []
    for line in lines:
        mixed += ["> " + cited for cited in data.draw(st.lists(st.text("abc é", max_size=10), max_size=3))] + [line]
    assert quoting.reply_text("\n".join(mixed)).split("\n") == lines


@given(st.text(max_size=600))
def test_no_text_raises_and_nothing_is_invented(text: str) -> None:
    new, rest = quoting.split(text)
    known = quoting.normalise(text)
    assert all(line in known for line in (new + "\n" + rest).split("\n"))


@given(st.text("<>/abdiv blockquote&;='\"!-\n", max_size=300))
def test_no_html_raises(source: str) -> None:
    assert isinstance(html.to_text(source), str)


@pytest.mark.parametrize(
    "source", ["<div>" * 50_000 + "fond", "<b " * 200_000, "<!--" * 200_000, "<blockquote>" * 300 + "fond"]
)
def test_hostile_html_gives_text_or_nothing(source: str) -> None:
    assert len(html.to_text(source)) <= html.MAX_HTML * 2
