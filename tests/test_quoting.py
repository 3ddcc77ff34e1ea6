"""What the sender wrote now: the shapes that the corpus of mails does not show, and what must never be lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.parsers.mail import html, quoting


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
        "De : Lyon\nÀ : Bron\nDate : 12/03/2026",
        "Le 12/03/2026 à 10:30 votre service m’a écrit :\npas de réponse depuis.",
        "Voici ce que votre service a écrit :\n« refusé ».",
        "Facture 12 : annulée\n--\nFacture 13 : corrigée",
        "Envoyé : le 12/03/2026\nObjet : facture 12\nMerci.",
        "Ce document est confidentiel. Confirmez-vous ?",
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


_NAME = "Mutuelle Exemple <service@example.fr>"
#: What mail programs write above a quotation without marks …
_UNMARKED = [
    f"Le lun. 2 mars 2026 à 08:00, {_NAME} a écrit :",
    "Le lun. 2 mars 2026 à 08:00, Mutuelle Exemple <\nservice@example.fr> a\nécrit\u202f:",
    "Le lun. 2 mars 2026 à 08:00, Mutuelle Exemple\n\n<service@example.fr> a écrit :",
    "Le 02/03/2026 à 08:00, Mutuelle Exemple a écrit :",
    "- Le 2026-03-02 08:00, Mutuelle Exemple a écrit :",
    f"On Mon, Mar 2, 2026 at 8:00 AM {_NAME}\nwrote:",
    f"2026-03-02 8:00 GMT+01:00 {_NAME}:",
    f"De : {_NAME}\nEnvoyé : lundi 2 mars 2026 08:00\nÀ : x@example.fr\nObjet : refus",
    f"De\u00a0: {_NAME}\nDate\u00a0: 2 mars\nÀ\u00a0: x@example.fr Objet\u00a0: refus",
    f"From: {_NAME}\nSent: Monday\nTo: x@example.fr\nSubject: refus",
    f"________________________________\nDe : {_NAME}\nEnvoyé : lundi\nObjet : refus",
    "-----Message d'origine-----",
    "----- Mail original -----",
    "-------- Message transféré --------\nSujet : refus",
    f"Message du : 02/03/2026 08:00\nDe : {_NAME}\nA : x@example.fr\nSujet : refus",
    f"envoyé : 2 mars 2026 à 08:00\nde : {_NAME}\nà : x@example.fr\nobjet : refus",
    "\ue002\nWhatever: a header that nobody knows",
]
#: … and what they write only above lines with marks.
_MARKED = ["Mutuelle Exemple a écrit :", f"Selon {_NAME} :", "Le 2 mars, Mutuelle Exemple a écrit :"]
_LINES = st.lists(st.from_regex(r"[A-Z][a-zé]{2,8} [a-z]{2,8} [0-9]{0,6}\.", fullmatch=True), min_size=1, max_size=6)
_ANYTHING = st.lists(st.text("abcé:;.,()-=_ @<>0123456789", max_size=40), max_size=12)


@settings(max_examples=300)
@given(_LINES, st.sampled_from(_UNMARKED), _ANYTHING)
def test_below_a_head_everything_is_quoted(new: list[str], head: str, quoted: list[str]) -> None:
    below = [line.replace(">", "") for line in quoted]
    assert quoting.reply_text("\n".join([*new, "", head, "", *below])) == "\n".join(new)


@given(_LINES, st.sampled_from(_UNMARKED[:-1] + _MARKED), _ANYTHING, _LINES)
def test_what_stands_around_marked_lines_is_the_senders(
    new: list[str], head: str, quoted: list[str], below: list[str]
) -> None:
    marked = ["> x", *(f"> {line.replace('>', '')}" for line in quoted)]
    assert quoting.reply_text("\n".join([*new, "", head, "", *marked, "", *below])) == "\n".join([*new, "", *below])


@given(_LINES, st.sampled_from(_UNMARKED), _LINES)
def test_below_the_last_words_of_our_letter_the_sender_writes_again(
    new: list[str], head: str, below: list[str]
) -> None:
    ours = ["Réf. mb-abcdefghijklmnopqrstuvwx23", "Gardez-la.", "", "Il complète les retours et ne les remplace pas."]
    text = "\n".join([*new, "", head, "Facture n° 12", *ours, "", *below])
    assert quoting.reply_text(text) == "\n".join([*new, "", *below])


@pytest.mark.parametrize(
    ("announcement", "wanted"),
    [("Mes réponses ci-dessous.", "Mes réponses ci-dessous.\npayée"), ("Bonjour.", "Bonjour."), ("", "payée")],
)
def test_an_arrow_inside_a_quoted_line_counts_where_it_was_announced(announcement: str, wanted: str) -> None:
    assert quoting.reply_text(f"{announcement}\n> Facture 12 ==> payée") == wanted


def test_a_signature_in_the_markup_goes_unless_it_is_all_there_is() -> None:
    signed = '<div class="gmail_signature">Cabinet Martin<br>Envoyé de mon iPhone</div>'
    assert quoting.reply_text(html.to_marked(f"<p>Oui.</p>{signed}")) == "Oui."
    assert quoting.reply_text(html.to_marked(signed)) == "Cabinet Martin"


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("Oui.\n-- \nCabinet Martin\nn° AM 752000019", "Cabinet Martin\nn° AM 752000019"),
        ("Oui.\n-- \nC. Ferrand\n> cité, n° AM 752000019\nEt aussi cela.", "C. Ferrand"),
        ("Oui.\n-- \nC. Ferrand\nEnvoyé de mon iPhone\n\nCe message est confidentiel :\nn° AM 752000019", "C. Ferrand"),
        ("Oui.\n\nCe message est confidentiel.", ""),
        ("Oui.\nEnvoyé de mon iPad", ""),
        ("Oui.\n> -- \n> Pharmacie citée", ""),
        (f"Oui.\n\n{_UNMARKED[0]}\nBonjour\n-- \nPharmacie citée", ""),
        (html.to_marked('<p>Oui.</p><div class="gmail_signature">Cabinet Martin</div>'), "Cabinet Martin"),
        (html.to_marked('<blockquote>Non.<div class="gmail_signature">Autre</div></blockquote><p>Oui.</p>'), ""),
        (html.to_marked('<div class="gmail_signature">Cabinet Martin</div>'), ""),
    ],
)
def test_the_signature_is_the_senders_own(text: str, signature: str) -> None:
    assert quoting.split(text).signature == signature


def test_a_row_of_a_table_is_one_line_and_hidden_text_is_none() -> None:
    source = "<table><tr><td><p>12</p></td><td><p>payée</p></td></tr></table><p style='display:none'>caché</p>vu"
    assert html.to_text(source) == "12  payée\n\nvu"
    assert html.to_text("<ul><li><p>un</p></li><li>deux</li></ul>") == "* un\n\n* deux"


def test_a_signature_ends_where_the_sender_writes_below_the_quotation() -> None:
    assert quoting.reply_text("Oui.\n-- \nC. Ferrand\n> cité\nEt aussi cela.") == "Oui.\nEt aussi cela."


def test_quoted_text_is_given_apart_without_its_marks() -> None:
    assert quoting.split("Oui.\n\n> > facture 12\n> fin").rest == "facture 12\nfin"


@given(st.lists(st.from_regex(r"[A-Z][a-z]{2,8} [a-z]{2,8}\.", fullmatch=True), min_size=1, max_size=6), st.data())
def test_lines_between_quoted_lines_are_all_kept_in_order(lines: list[str], data: st.DataObject) -> None:
    mixed: list[str] = []
    for line in lines:
        mixed += ["> " + cited for cited in data.draw(st.lists(st.text("abc é", max_size=10), max_size=3))] + [line]
    assert quoting.reply_text("\n".join(mixed)).split("\n") == lines


@given(st.text(max_size=600))
def test_no_text_raises_and_nothing_is_invented(text: str) -> None:
    written = quoting.split(text)
    known = quoting.unmarked(quoting.normalise(text))
    assert all(line in known for line in (written.new + "\n" + written.rest).split("\n"))
    assert all(line in written.rest for line in written.signature.split("\n"))


@given(st.text("<>/abdiv blockquote&;='\"!-\n", max_size=300))
def test_no_html_raises(source: str) -> None:
    assert isinstance(html.to_text(source), str)


@pytest.mark.parametrize(
    "source", ["<div>" * 50_000 + "fond", "<b " * 200_000, "<!--" * 200_000, "<blockquote>" * 300 + "fond"]
)
def test_hostile_html_gives_text_or_nothing(source: str) -> None:
    assert len(html.to_text(source)) <= html.MAX_HTML * 2
