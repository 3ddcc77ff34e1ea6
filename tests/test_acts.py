"""What a PS says about its invoices, in the words that PS use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.intake import acts, lexicon, statements
from mailbot.intake.acts import Said
from mailbot.model import Message, ReplyAct
from tests.test_message import mail, read

WANTED = frozenset({"18805", "18806", "18807", "18808", "77"})


def says(text: str) -> Message:
    return read(mail("From: contact@pharmacie-parc.example.fr", "Subject: Re: Bordereau", body=text))


def said(text: str) -> Said:
    return acts.read(says(text), WANTED, 5)


def by_invoice(text: str) -> dict[str, ReplyAct | None]:
    return {number: one.act for number, one in said(text).invoices.items()}


C, Q, K, D, P, A = (
    ReplyAct.CONTESTATION, ReplyAct.QUESTION, ReplyAct.CORRIGEE, ReplyAct.DOCUMENT, ReplyAct.DETAIL, ReplyAct.A_LIRE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La facture n° 18805 est corrigée.", {"18805": K}),
        ("La 18805 a été rectifiée, la 18806 aussi.", {"18805": K, "18806": K}),
        ("18805 : je conteste ce refus", {"18805": C}),
        ("Cette facture 18805 n’a jamais été payée.", {"18805": C}),
        ("Nous maintenons notre demande pour la 18806", {"18806": C}),
        ("18807 : pourquoi ce refus ?", {"18807": Q}),
        ("Merci de nous préciser le motif pour la facture 18807.", {"18807": Q}),
        ("Facture 18808 : ci-joint l’attestation de droits", {"18808": D}),
        ("Pour la 18808, il s’agit du 05/02/2026.", {"18808": P}),
        ("18808 : part RC 12,40 €", {"18808": P}),
        ("18805 vu avec ma collègue", {"18805": A}),
        ("La facture 18805 n’est pas corrigée.", {"18805": A}),
        ("Je ne conteste pas la 18805.", {"18805": A}),
        ("CETTE FACTURE 18805 N'A PAS ETE REGLEE", {"18805": C}),
        ("La 18805 n’a jamais été corrigée.", {"18805": A}),
        ("La 18805 sera corrigée demain.", {"18805": None}),
        ("Les factures 18805, 18806 et 18807 sont corrigées, mais je conteste la 18808.",
         {"18805": K, "18806": K, "18807": K, "18808": C}),
        ("Je conteste 18805 et 18806 ; 18807 est corrigée.", {"18805": C, "18806": C, "18807": K}),
        # Whose act is the last one? A human reads it.
        ("Je conteste 18805, 18806 est corrigée et 18807 aussi.", {"18805": C, "18806": K, "18807": A}),
        ("Les factures suivantes sont corrigées :\n18805\n18806", {"18805": K, "18806": K}),
        ("Facture 18805\nelle est corrigée.", {"18805": K}),
        ("La facture 18805 pose question. Pourquoi est-elle refusée ?", {"18805": Q}),
        ("Facture 77 : corrigée", {"77": K}),
        ("Je ne suis pas d'accord et je conteste ce rejet 18805", {"18805": C}),
        ("18805 : non corrigée", {"18805": A}),
        ("18805 : merci de corriger", {"18805": Q}),
        ("Nous venons de corriger la 18805.", {"18805": K}),
        # An act of another invoice, known or not, is no act of this one.
        ("La 18805 est annulée et la facture 18816 contestée.", {"18805": A}),
        ("La 18805 est annulée et la facture 18806 contestée.", {"18805": A, "18806": C}),
        ("La 18805 est annulée. Nous contestons la 18816.", {"18805": A}),
        ("La 18805 est corrigée. Pour la facture 18899, c’est faux. Je conteste.", {"18805": K}),
        ("La 18805 est corrigée.\n\nJe conteste :\n18899", {"18805": K}),
        ("La 18805 et la 18899 sont corrigées.", {"18805": K}),
        ("18805 corrigée, 18806 jamais reçue, nous contestons", {"18805": K, "18806": C}),
        ("18807 - vous avez le bon destinataire, tout est juste\n"
         "Pour la 18808, c’est faux, le patient n’a rien payé, nous contestons ce rejet.", {"18807": P, "18808": C}),
        ("18807 - corrigée, tout est juste maintenant, merci à vous\n18899 - nous contestons", {"18807": K}),
        ("Les factures 18805 à 18808 sont corrigées", dict.fromkeys(["18805", "18806", "18807", "18808"], K)),
        ("Factures 18805/18806 : corrigées", {"18805": K, "18806": K}),
        ("18807 à 18810 : corrigées", {"18807": A, "18808": A}),
        # An invoice that is refused itself replaces nothing.
        ("18805 a été remplacée par la facture 18806", {"18805": K, "18806": A}),
        ("Le montant est de 77 €, pas 18805 euros.", {}),
        ("Merci de votre retour du 77.", {}),
    ],
)  # fmt: skip
def test_each_invoice_gets_the_act_of_its_own_words(text: str, expected: dict[str, ReplyAct | None]) -> None:
    assert by_invoice(text) == expected


def test_the_words_of_all_sentences_about_an_invoice_are_kept_and_the_most_urgent_act_counts() -> None:
    found = said("La facture 18805 est corrigée.\n\nMais pour la 18805, je maintiens que c’est à tort.").invoices
    assert found["18805"].act is C
    assert "est corrigée" in found["18805"].words and "à tort" in found["18805"].words


def test_a_new_number_is_no_unknown_invoice() -> None:
    found = said("La facture 18805 est corrigée, elle porte le n° 18840.")
    assert found.invoices["18805"].new == ("18840",) and not found.unknown
    assert list(said("La 18805 est corrigée. Je conteste la 18899.").unknown) == ["18899"]


def test_what_names_no_invoice_is_about_the_only_one_named_else_it_is_loose() -> None:
    one = said("Pour la facture 18805, c’est un seul acte.\n\nFaut-il vous la renvoyer ?")
    assert one.invoices["18805"].act is Q and not one.loose
    two = said("18805 corrigée.\n\n18806 corrigée.\n\nFaut-il vous les renvoyer ?")
    assert [act for act, _ in two.loose] == [Q]


@pytest.mark.parametrize(
    ("text", "but"),
    [
        ("Toutes les factures sont corrigées.", set()),
        ("Tout a été corrigé", set()),
        ("Je les ai toutes corrigées", set()),
        ("L’ensemble des factures est corrigé.", set()),
        ("Les cinq factures sont corrigées.", set()),
        ("Toutes corrigées sauf 18805 et 18806", {"18805", "18806"}),
    ],
)
def test_all_of_them_is_said_in_many_ways(text: str, but: set[str]) -> None:
    found = said(text)
    assert found.everything and found.everything.act is K and found.but == but


@pytest.mark.parametrize(
    "text",
    ["Toutes mes excuses.", "Toutes les informations sont là", "Les trois factures", "Pour les autres nous verrons"],
)
def test_all_of_them_is_not_read_into_other_words(text: str) -> None:
    found = said(text)
    assert found.everything is None and not found.unclear


@pytest.mark.parametrize("text", ["Toutes sauf une sont corrigées", "Toutes ne sont pas corrigées"])
def test_all_of_them_that_could_be_read_two_ways_is_unclear(text: str) -> None:
    found = said(text)
    assert found.everything is None and found.unclear


BORDEREAU = """\
Facture n° 18805 — 100% RO
--------------------------
Gaspard D. · 127,52 €

Facture n° 18806 — Bénéficiaire inconnu
---------------------------------------
Astrid V. · 10,92 €

Facture n° 18807 — Facture assuré
---------------------------------
Nour A. · 16,22 €

Réf. mb-aaaaaaaaaaaaaaaaaaaaaaaaaa
Message envoyé automatiquement. Il complète les retours NOEMIE de votre logiciel et ne les remplace pas.
"""


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def test_an_answer_under_a_quoted_row_is_about_that_row() -> None:
    rows = BORDEREAU.split("\n\n")
    text = (
        "Bonjour, mes réponses ci-dessous.\n\nLe 02/03/2026 à 08:00, Mutuelle a écrit :\n"
        f"{quoted(rows[0])}\n\nje conteste\n\n{quoted(rows[1])}\n\nNIR vérifié, tout est juste\n\n{quoted(rows[2])}\n"
        f"{quoted(rows[3])}\n"
    )
    found = said(text).invoices
    assert {number: one.act for number, one in found.items()} == {"18805": C, "18806": P}
    assert all(one.by_row for one in found.values())


def test_an_answer_below_the_whole_letter_is_about_no_single_row() -> None:
    text = f"Le 02/03/2026 à 08:00, Mutuelle a écrit :\n{quoted(BORDEREAU)}\n\nje conteste\n"
    found = said(text)
    assert not found.invoices and [act for act, _ in found.loose] == [C]


def test_an_answer_below_the_only_row_that_was_kept_is_about_it() -> None:
    text = f"Le 02/03/2026 à 08:00, Mutuelle a écrit :\n{quoted(BORDEREAU.split(chr(10) * 2)[1])}\n\nje conteste\n"
    assert {number: one.act for number, one in said(text).invoices.items()} == {"18806": C}


SENTENCES = {
    K: "La facture n° {} est corrigée.",
    C: "Je conteste le refus de la facture {}.",
    Q: "Pourquoi la facture {} est-elle refusée ?",
    D: "Ci-joint l’attestation pour la facture {}.",
    P: "Pour la facture {}, il s’agit du 05/02/2026.",
    A: "La facture {}, voir ma collègue.",
}
SAID = st.dictionaries(st.sampled_from(sorted(WANTED)), st.sampled_from(list(SENTENCES)), max_size=5)
GLUE = st.sampled_from(["\n", "\n\n", " ", "\n- "])


@given(SAID, GLUE, st.sampled_from(["", "Bonjour,\n\n"]), st.sampled_from(["", "\n\nCordialement,\nClaire Dumas"]))
def test_a_reply_built_of_sentences_is_read_sentence_by_sentence(
    about: dict[str, ReplyAct], glue: str, before: str, after: str
) -> None:
    text = before + glue.join(SENTENCES[act].format(number) for number, act in about.items()) + after
    found = said(text)
    assert {number: one.act for number, one in found.invoices.items()} == about
    assert not found.loose and not found.unknown and found.everything is None
    for number, one in found.invoices.items():
        assert SENTENCES[about[number]].format(number) in one.words


@given(st.text(alphabet="aA1 805é.,;:!?-\n>sauftoesn’'", max_size=300))
def test_any_text_can_be_read_and_names_only_what_was_asked_for(text: str) -> None:
    found = said(text)
    assert set(found.invoices) <= WANTED


def test_a_long_text_made_to_be_slow_comes_to_an_end() -> None:
    long = ["n" * 100_000, "ne " * 40_000, "sauf 1, " * 20_000, "A" * 100_000, "\n".join(["Merci,"] * 50_000)]
    for text in long:
        assert not said(text).invoices
        lexicon.courteous(text[:1_000])
        lexicon.like_a_name(text[:1_000])
        assert not statements.of_text(text, WANTED).named


@pytest.mark.parametrize(
    ("text", "act", "but", "spared"),
    [
        ("Toutes les factures sont corrigées sauf la 18805 que nous contestons", K, {"18805"}, {"18805": C}),
        ("Nous contestons toutes les factures sauf la 18805, qui est corrigée.", C, {"18805"}, {"18805": K}),
        ("Toutes sont corrigées, sauf la 18805.", K, {"18805"}, {}),
    ],
)
def test_all_but_one_gives_each_side_its_own_act(
    text: str, act: ReplyAct, but: set[str], spared: dict[str, ReplyAct]
) -> None:
    found = said(text)
    assert found.everything and found.everything.act is act and found.but == but
    assert {number: one.act for number, one in found.invoices.items()} == spared


@pytest.mark.parametrize("text", ["Toutes les factures sauf la 18805 sont corrigées", "Toutes corrigées sauf la 18899"])
def test_all_but_one_that_is_not_plain_is_read_by_a_human(text: str) -> None:
    found = said(text)
    assert found.unclear and found.everything is None and not found.invoices


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("La facture 18805 a été remplacée par la facture n° 18850.", ("18850",)),
        ("La 18805 est refaite sous le n° 18850.", ("18850",)),
        ("La 18805 est corrigée, nouveau n° 18850.", ("18850",)),
        ("La facture 18850 annule et remplace la facture 18805.", ("18850",)),
        ("La 18805 est corrigée comme la facture 18850.", ()),
        ("La facture 18805, merci de corriger, le patient est celui de la facture 18850 que vous avez payée.", ()),
    ],
)
def test_a_new_number_is_one_that_is_said_to_replace(text: str, new: tuple[str, ...]) -> None:
    found = said(text)
    assert found.invoices["18805"].new == new and list(found.unknown) == ([] if new else ["18850"])
