"""What a PS reads: one mail, every fact that must be in it, and nothing that must not."""

from __future__ import annotations

import dataclasses
import email
import html
import re
from datetime import date
from email import policy
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import ConfigError, Never
from mailbot.letters import bordereau, consignes, page, samples
from mailbot.letters.bordereau import Bilan, Ligne
from mailbot.letters.reponses import Reponses
from mailbot.model import Draft, LetterKind
from tests.letters_house import (
    MAIL,
    NIR,
    NOW,
    PS,
    TOKEN,
    Organisation,
    Privacy,
    bilan,
    catalogue,
    house,
    ligne,
    texts,
)

NB = "\u00a0"


def compose(
    *lignes: Ligne,
    bilans: tuple[Bilan, ...] = (),
    contact: str = MAIL,
    index: int = 1,
    total: int = 1,
    refus: int = 0,
    **changes: object,
) -> Draft:
    return bordereau.compose(
        house(**changes),
        key="cle",
        contact=contact,
        numero_ps=PS,
        raison_sociale="PHARMACIE DU PORT",
        lignes=lignes,
        bilans=bilans,
        index=index,
        total=total,
        token=TOKEN,
        now=NOW,
        refus=refus,
    )


def read(draft: Draft) -> EmailMessage:
    message = email.message_from_bytes(draft.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(draft: Draft, kind: str) -> str:
    found = read(draft).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def words_of(draft: Draft) -> str:
    """The page as a reader sees it, on one line, with ordinary spaces."""
    page = re.sub(r"(?s)<(style|title)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", part(draft, "html"))
    return " ".join(html.unescape(page).split())


def text_of(draft: Draft) -> str:
    return " ".join(part(draft, "plain").split())


FACTS = {
    "100_RO": ("100 %", "régime obligatoire", "Annulez"),
    "BENEFICIAIRE_INCONNU": ("inconnu", "distinguer", "NIR", "nom", "prénom", "date de naissance", "demandez-lui"),
    "BENEFICIAIRE_NON_COUVERT": ("ne couvre pas", "tiers payant", "Annulez"),
    "DEMANDE_DUPLICATA": (
        "trop d’éléments", "duplicata", "n° PS", "nom, prénom, date de naissance, NIR", "le numéro et la date",
        "montant total", "part RC", "code, montant, date, quantité, coefficient", "100 % par le régime obligatoire",
    ),
    "DESTINATAIRE_INCERTAIN": ("case", "part réglée par le patient", "part RC", "facturez-le", "annulez"),
    "FACTURE_ASSURE": ("adressée au patient", "organisme complémentaire", "sans part patient"),
    "FACTURE_PLUS_2_ANS": ("moins de deux ans", "article 6.2", "adressez-vous au patient"),
    "FACTURE_DEJA_PAYEE": ("déjà été payée le 5 janvier 2026",),
    "ACTE_DEJA_PAYE": (
        "Tout ou partie", "le 5 janvier 2026", "sur la facture n° 778, 779", "erreur", "envoyez-nous les deux",
        "« complément de facture »",
    ),
    "PARCOURS_NON_RESPECTE": ("hors du parcours de soins coordonnés", "tiers payant", "Annulez"),
}  # fmt: skip


@pytest.mark.parametrize("motif", FACTS)
def test_the_answer_says_every_fact_in_page_and_text(motif: str) -> None:
    draft = compose(ligne(motif=motif, date=date(2026, 1, 5), commentaire="778, 779"))
    for said in (words_of(draft), text_of(draft)):
        assert [fact for fact in FACTS[motif] if fact not in said] == []


@pytest.mark.parametrize("erreur", sorted(catalogue().erreurs))
def test_each_error_is_told_in_plain_words_with_the_remedy(erreur: str) -> None:
    said = text_of(compose(ligne(motif="ERREUR_CONTENU_FACTURE", erreur=erreur)))
    assert "Corrigez la facture elle-même" in said
    assert "avec un nouveau numéro" in said
    assert erreur not in said
    assert "{" not in said


def test_what_is_missing_is_told_item_by_item() -> None:
    second = catalogue().details["MONTANT_TOTAL"]
    said = part(compose(ligne(motif="MANQUE_DETAIL", detail="PART_RC", commentaire=second)), "plain")
    assert "- le montant de la part RC, que vous attendez de Mutuelle des Rivages\n" in said
    assert "- le montant total de la dépense\n" in said
    alone = part(compose(ligne(motif="MANQUE_DETAIL", detail="DATE_FACTURE")), "plain")
    assert alone.split("Notre réponse")[1].split("À faire")[0].count("- ") == 1


def test_every_motif_of_the_catalogue_has_its_text_and_its_consigne() -> None:
    assert set(texts()) == set(catalogue().motifs)
    assert Reponses.of(texts()).faults == ()
    for motif in catalogue().motifs:
        assert house().consignes.pour(motif) is not None
    for precision in (*catalogue().details, *catalogue().erreurs):
        motif = "MANQUE_DETAIL" if precision in catalogue().details else "ERREUR_CONTENU_FACTURE"
        found = house().consignes.pour(motif, precision)
        assert found is not None
        assert found.precision == precision


def test_every_refusal_says_once_what_holds_for_all() -> None:
    draft = compose(ligne("1"), ligne("2"))
    for said in (words_of(draft), text_of(draft)):
        assert said.count("N’envoyez pas les pièces papier d’une facture refusée") == 1
        assert said.count("corrigez directement sur la facture") == 1
        assert "nouveau lot, avec un nouveau numéro de facture" in said
        assert "Répondez à ce message" in said
        assert "12 rue des Phares, 29200 Brest" in said


def test_every_column_is_there() -> None:
    draft = compose(ligne(motif="MANQUE_DETAIL", detail="DATE_FACTURE"))
    for said in (words_of(draft), text_of(draft)):
        for label in (
            "Critère d’archivage",
            "N° PS (AM-FINESS)",
            "NIR",
            "Facture n°",
            "Notre réponse",
            "Anomalie",
            "Lot",
        ):
            assert label in said
        for value in (
            "0012345678",
            PS,
            "000123",
            "20260131",
            "31 janvier 2026",
            "2403",
            "Ajoutez la date",
            "1 234,56 €",
        ):
            assert value in said
        assert f"Réf. mb-{TOKEN}" in said


def test_an_overview_names_each_refused_invoice_before_the_first_card() -> None:
    rows = (
        ligne("000123", "MANQUE_DETAIL", detail="DATE_FACTURE"),
        ligne("000124", "ERREUR_CONTENU_FACTURE", erreur="CODE_ACTE_INCONNU", montant_total=None, nom="Morvan"),
    )
    draft = compose(*rows)
    for said in (words_of(draft), text_of(draft)):
        overview, _, cards = said.partition("Facture n° 000123")
        for value in ("000123", "Camille LENOIR", "1 234,56 €", "Date de la facture absente",
                      "000124", "Camille MORVAN", "Code d’acte inconnu"):  # fmt: skip
            assert overview.count(value) == 1, value
        # In its card: the heading, and the button of the page.
        assert cards.count("000124") == (2 if "Répondre pour la facture" in cards else 1)
        assert said.count(PS) == 1
    for said in (words_of(compose(rows[0])), text_of(compose(rows[0]))):
        assert "En un coup d’œil" not in said


def test_the_first_of_several_bordereaux_says_how_many_refusals_there_are_in_all() -> None:
    rows = [ligne(str(number)) for number in range(1, 11)]
    draft = compose(*rows, total=4, refus=40)
    assert read(draft)["Subject"] == f"10 de vos 40 refus (1/4) – PS {PS}"
    assert "10 de vos 40 refus Bordereau 1/4" in words_of(draft)
    assert read(compose(*rows, refus=10))["Subject"] == f"10 factures refusées – PS {PS}"


@pytest.mark.parametrize("numbers", [("123",), ("123", "124")])
def test_who_reads_text_only_can_answer_too(numbers: tuple[str, ...]) -> None:
    said = part(compose(*map(ligne, numbers)), "plain")
    assert "indiquez le n° de la facture" in " ".join(said.split())
    (link,) = [line for line in said.split("\n") if "mailto:" in line]
    target = urlsplit(link)
    assert target.path == f"reponses+{TOKEN}@rivages.example.fr"
    (subject,) = parse_qs(target.query)["subject"]
    # With several invoices the number is left to whoever answers.
    assert subject.rstrip() == f"Réf. mb-{TOKEN} – facture n°{' 123' if len(numbers) == 1 else ''}"


def test_what_to_do_and_the_consigne_of_the_dictionary_agree() -> None:
    for row in samples.lignes(house()):
        motif, found = row.motif, house().consignes.pour(row.motif, row.precision)
        assert found is not None
        said = page.a_faire_en_bref(house(), row)
        # Who is told to wait is told in both places, and is not told to send.
        assert ("sans renvoyer" in found.consigne) is ("Ne renvoyez pas" in said), motif
        assert ("nouveau lot" not in found.consigne) or ("nouveau lot" in said), motif
        assert ("Annulez" not in found.consigne) or re.search("(?i)annulez", said), motif


@pytest.mark.parametrize(
    ("motif", "commentaire", "said"),
    [
        ("MONTANT_DIFFERENT", "demandé 27,50, calculé 25,00", "demandé 27,50 €, calculé 25,00 €."),
        ("PART_RC_DIFFERENTE", "demandée 12,71, calculée 12,50", "demandée 12,71 €, calculée 12,50 €."),
        ("MONTANT_DIFFERENT", "demandé 27,50 €", "demandé 27,50 €."),
    ],
)
def test_amounts_that_differ_are_told_with_their_unit(motif: str, commentaire: str, said: str) -> None:
    assert said in text_of(compose(ligne(motif=motif, commentaire=commentaire)))


def test_nir_and_birth_date_are_masked_everywhere_unless_the_domain_is_trusted() -> None:
    plain = compose(ligne(), pdf=True).raw
    for secret in (NIR, NIR[1:10], "07/03/1957", "1957-03-07"):
        assert secret.encode() not in plain
        assert secret not in part(compose(ligne()), "html")
    full = compose(ligne(), contact="contact@officine.mssante.fr")
    assert f"2{NB}57{NB}99{NB}75{NB}001{NB}017" in part(full, "html")
    assert "07/03/1957" in part(full, "plain")
    assert "masqués" not in part(full, "plain")
    assert NIR[:5] not in part(compose(ligne(), privacy=Privacy(plain="encrypted")), "html")


def test_the_headers_of_a_bordereau() -> None:
    draft = compose(ligne(), ligne("124"), index=2, total=3)
    message = read(draft)
    assert message["From"] == "Mutuelle des Rivages <fluxtiers@rivages.example.fr>"
    assert message["To"] == draft.to == MAIL
    assert message["Reply-To"] == f"reponses+{TOKEN}@rivages.example.fr"
    assert message["Message-ID"] == f"<mb-{TOKEN}@rivages.example.fr>" == draft.message_id
    assert message["Subject"] == f"2 factures refusées (2/3) – PS {PS}"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "fr"
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert message["Precedence"] is None
    assert message["Date"].datetime == NOW
    assert draft.sender == f"retours+{TOKEN}@rivages.example.fr"
    assert draft.kind is LetterKind.BORDEREAU
    assert draft.not_before == NOW
    assert TOKEN not in draft.token_hash


def test_the_bytes_are_frozen_and_travel_anywhere() -> None:
    draft = compose(ligne(), bilans=(bilan(),), pdf=True)
    assert draft.raw == compose(ligne(), bilans=(bilan(),), pdf=True).raw
    assert draft.raw.isascii()
    lines = draft.raw.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line or len(line) > 998]


def test_a_long_list_is_cut_into_numbered_bordereaux() -> None:
    lots = ("9", "10", "9a")
    rows = [ligne(str(number), numero_lot=lot) for lot in reversed(lots) for number in (12, 3, 100, 25, 4)]
    pages = bordereau.pages(rows, 4)
    assert [len(page) for page in pages] == [4, 4, 4, 3]
    ordered = [(row.numero_lot, row.numero_facture) for page in pages for row in page]
    assert ordered[:5] == [("9", "3"), ("9", "4"), ("9", "12"), ("9", "25"), ("9", "100")]
    assert [lot for lot, _ in ordered[::5]] == ["9", "9a", "10"]
    assert bordereau.pages([], 10) == []


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=40), st.integers(1, 12))
def test_cutting_loses_and_doubles_nothing(numbers: list[tuple[str, str]], size: int) -> None:
    rows = [ligne(number, numero_lot=lot) for lot, number in numbers]
    pages = bordereau.pages(rows, size)
    assert sorted(map(repr, rows)) == sorted(repr(row) for page in pages for row in page)
    assert all(0 < len(page) <= size for page in pages)


def test_the_lots_are_told_with_and_without_refusals_and_no_motif_for_what_a_gestionnaire_looks_at() -> None:
    bilans = (bilan("L1", 9, 0, 0), bilan("L2", 14, 3, 1))
    said = text_of(compose(ligne(), bilans=bilans))
    assert "Nous avons traité 2 lots, soit 23 factures : 19 acceptées, 3 refusées et 1 en cours d’examen" in said
    assert "Lot L1, reçu le 31 janvier 2026 : sans rejet" in said
    assert "Lot L2, reçu le 31 janvier 2026 : avec rejet" in said
    assert "Vos lots" not in text_of(compose(ligne(), bilans=bilans, index=2, total=2))


def test_a_day_without_refusals_is_told_too() -> None:
    draft = compose(bilans=(bilan("L1", 9, 0, 0),))
    assert read(draft)["Subject"] == f"Vos lots sont traités – PS {PS}"
    assert "Aucune facture n’attend de correction" in words_of(draft)
    assert "pièces papier" not in words_of(draft)
    # What a gestionnaire still looks at is not done.
    assert read(compose(bilans=(bilan("L1", 9, 0, 1),)))["Subject"] == f"Le point sur vos lots – PS {PS}"


def test_rows_of_another_ps_and_invoices_without_a_name_never_go_out() -> None:
    with pytest.raises(Never):
        compose(ligne(), ligne(numero_ps="750099999"))
    with pytest.raises(Never):
        compose(ligne("0"))
    with pytest.raises(Never):
        compose(ligne(), contact="a@b@c, d@example.fr\r\nBcc: x@example.fr")


HOSTILE = "x\r\nBcc: espion@example.org\r\n\r\n<script>alert(1)</script>{{ 7*7 }}{date}"


def test_text_from_outside_is_inert_in_headers_page_and_text() -> None:
    row = ligne(
        numero_facture=HOSTILE, nom=HOSTILE, critere_archivage=HOSTILE, nir=HOSTILE, commentaire=HOSTILE,
        date_naissance=HOSTILE, motif="A_CONTROLER",
    )  # fmt: skip
    draft = compose(row, organisation=Organisation(name=HOSTILE), pdf=True)
    message = read(draft)
    assert message["Bcc"] is None
    assert {"From", "To", "Subject"} <= set(message.keys())
    page = part(draft, "html")
    assert "<script>" not in page
    assert "{{ 7*7 }}" in page
    assert "\nBcc:" not in part(draft, "plain")


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_value_gives_a_readable_mail(nom: str, numero: str, commentaire: str) -> None:
    row = ligne(f"n{numero}", motif="A_CONTROLER", nom=nom, commentaire=commentaire, nir=numero)
    draft = compose(row)
    assert read(draft)["Subject"] == f"1 facture refusée – PS {PS}"
    assert f"mb-{TOKEN}" in part(draft, "html")


def test_an_empty_value_takes_its_words_with_it() -> None:
    said = text_of(compose(ligne(motif="FACTURE_DEJA_PAYEE")))
    assert "vous a déjà été payée." in said
    said = text_of(compose(ligne(motif="ACTE_DEJA_PAYE", date=date(2026, 1, 5))))
    assert "vous a déjà été payé le 5 janvier 2026." in said


def test_ten_rows_of_the_longest_answer_stay_under_what_gmail_cuts() -> None:
    rows = [ligne(str(number), motif="DEMANDE_DUPLICATA", nom="VANDEKERKHOVE" * 3) for number in range(1, 11)]
    assert len(part(compose(*rows, bilans=(bilan(),)), "html").encode()) < 100_000


def test_the_mistakes_of_an_admin_in_a_text_are_named_and_the_shipped_text_stays() -> None:
    broken = "# note\nPayée le {dat} [sur {commentaire}\n\n}"
    found = Reponses.of({"FACTURE_DEJA_PAYEE": broken, "100_RO": "\n# rien\n"}, texts())
    assert [str(fault) for fault in found.faults] == [
        "reponses/FACTURE_DEJA_PAYEE.txt:2:10 : champ inconnu « {dat} » — vouliez-vous dire « date » ?",
        "reponses/FACTURE_DEJA_PAYEE.txt:2:16 : crochet « [ » sans « ] » — fermez-le sur la même ligne",
        "reponses/FACTURE_DEJA_PAYEE.txt:4:1 : accolade « } » seule — un champ s’écrit {date}",
        "reponses/100_RO.txt:1:1 : le texte est vide — écrivez ce que le PS doit lire",
    ]
    assert "Retrouvez ce règlement" in text_of(compose(ligne(motif="FACTURE_DEJA_PAYEE"), reponses=found))


def test_a_text_can_be_reworded_by_an_admin() -> None:
    reponses = Reponses.of({**texts(), "100_RO": "C'est payé à 100 % : voyez la caisse.\n\nMerci, {patient} !"})
    said = part(compose(ligne(), reponses=reponses), "plain")
    assert f"C’est payé à 100{NB}%{NB}: voyez la caisse." in said
    assert f"Merci, Camille LENOIR{NB}!" in said


def test_the_answer_fits_into_one_cell_of_the_trame() -> None:
    second = catalogue().details["MONTANT_TOTAL"]
    row = ligne(motif="MANQUE_DETAIL", detail="DATE_FACTURE", commentaire=second)
    expected = f"Il manque sur cette facture{NB}: la date de la facture, le montant total de la dépense"
    assert bordereau.reponse_en_bref(house(), row) == expected


def test_a_motif_without_text_still_says_its_label() -> None:
    said = text_of(compose(ligne(motif="A_CONTROLER", commentaire="facture en cours"), reponses=Reponses.of({})))
    assert "À contrôler : facture en cours." in said


def test_the_dictionary_names_each_mistake_with_its_line() -> None:
    broken = "numero;libelle;consigne;motif\n1;a;b;100_RO\n1;c;;100_RO\n2;d ; e;f;100_RO\n"
    with pytest.raises(ConfigError) as caught:
        consignes.read(broken)
    assert [(fault.line, fault.message) for fault in caught.value.faults] == [
        (3, "« consigne » est vide"),
        (3, "numéro 1 déjà donné ligne 2"),
        (4, "5 cellules pour 4 colonnes"),
    ]
    with pytest.raises(ConfigError, match="colonne « motif » absente"):
        consignes.read("numero;libelle;consigne\n")


def test_rows_are_frozen_values() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ligne().motif = "x"  # type: ignore[misc]
