"""The kind of a mail (parsers/kinds.py): the order of the kinds, what a request sounds like, what a text names."""

import pytest

from mailbot.model import Kind
from mailbot.parsers.mail import clues
from tests.test_message import OWN, mail, read

TOKEN = "abcdefghijklmnopqrstuvwx23"


def kind(body: str, *fields: str, subject: str = "Bonjour") -> Kind:
    return read(mail("From: ps@example.fr", f"Subject: {subject}", *fields, body=body)).kind


@pytest.mark.parametrize(
    "text",
    [
        "Je souhaite me désabonner.",
        "Merci de supprimer mon adresse de vos listes",
        "Je ne souhaite plus recevoir vos mails",
        "Merci de ne plus nous écrire : nous cessons notre activité. Ne nous envoyez plus rien.",
        "Veuillez résilier mon inscription",
    ],
)
def test_farewells(text: str) -> None:
    assert kind(text) is Kind.UNSUBSCRIBE


@pytest.mark.parametrize(
    "text",
    [
        "Je souhaite m’inscrire au Flux Tiers, FINESS 750100125",
        "Merci d'ajouter notre adresse mail, PS 750100125",
        "Nous voudrions recevoir les bordereaux par mail",
        "Nous changeons d’adresse mail",
    ],
)
def test_requests_for_registration(text: str) -> None:
    assert kind(text) is Kind.REGISTRATION


@pytest.mark.parametrize(
    "text",
    [
        "Je vous communique par mail la facture n° 531341",
        "Je ne souhaite pas me désinscrire. Facture n° 531341 corrigée.",
        "J'ai modifié l'adresse du patient sur la facture n° 531341",
        "Je suis absent demain, mais la facture n° 531341 est corrigée",
    ],
)
def test_a_reply_is_not_taken_for_a_request(text: str) -> None:
    assert kind(text) is Kind.REPLY


def test_at_the_registration_address_a_number_asks_also_in_the_subject_or_the_signature() -> None:
    here = "To: envoi.fluxtiers@mutuelle.test"
    signed = "Bonjour, voici.\n-- \nCabinet Martin, n° AM 750100125"
    assert kind(signed, here) is Kind.REGISTRATION
    assert kind("Bonjour, voici.", here, subject="FINESS 750100125") is Kind.REGISTRATION
    assert kind(signed) is Kind.OTHER
    assert kind("Bonjour, voici.\n\n> n° AM 750100125", here) is Kind.OTHER


def test_the_order_of_the_kinds() -> None:
    assert kind("Désinscription", "Auto-Submitted: auto-replied") is Kind.AUTO_REPLY
    assert kind("Désinscription", "X-Loop: flux@mutuelle.test", "Precedence: bulk") is Kind.LOOP
    assert kind(f"Inscrire mon adresse mb-{TOKEN}") is Kind.REGISTRATION
    assert kind(f"Oui. mb-{TOKEN}") is Kind.REPLY
    assert kind("Oui.", f"In-Reply-To: <mb-{TOKEN}@mutuelle.test>") is Kind.REPLY


def test_every_kind_says_its_evidence_without_addresses() -> None:
    found = read(mail("From: ps@example.fr", body="facture 531341"))
    assert found.evidence == ("nomme une facture", "dans le texte nouveau : facture 531341")


def test_where_each_identifier_was_found_is_evidence_without_a_nir() -> None:
    body = "Facture n° 12, NIR 1850775123456.\n\n> Facture n° 012\n> Facture n° 13, PS 750100125"
    found = read(mail("From: ps@example.fr", "Subject: facture 14", f"In-Reply-To: <mb-{TOKEN}@x.test>", body=body))
    assert found.evidence[1:] == (
        "dans le texte nouveau : facture 12 ; 1 NIR",
        "dans l’objet : facture 14",
        "dans les en-têtes : référence abcdef…",
        "dans le texte cité : facture 13 ; n° PS 750100125",
    )
    assert found.in_quoted.numeros_facture == ("012", "13")


def test_a_number_that_counts_invoices_is_none() -> None:
    assert clues.find("soit 4 factures : 1 acceptée, 3 refusées").numeros_facture == ()
    assert clues.find("facture 12 refusée").numeros_facture == ("12",)


def test_our_addresses_are_known_with_any_token() -> None:
    assert OWN.is_ours(f"Reponse+{TOKEN.upper()}@mutuelle.test")
    assert OWN.token(f"retour+mb-{TOKEN}@mutuelle.test") == TOKEN
    assert not OWN.is_ours("reponse@mutuelle.test.evil.test")
    assert not OWN.is_our_message_id(f"<mb-{TOKEN}@evil.test>")


@pytest.mark.parametrize(
    ("text", "factures", "ps", "nirs"),
    [
        ("n° de facture : F2026-11", ("F2026-11",), (), ()),
        ("factures 123, 124 et 125 du 12/03/2026", ("123", "124", "125"), (), ()),
        ("facture du 12/03/2026 de 12,71 €", (), (), ()),
        ("2 factures, facture 12 euros", (), (), ()),
        ("facture 0531341 puis facture 531341", ("0531341",), (), ()),
        ("facture n° 750100125", ("750100125",), (), ()),
        ("PS 750100125, tél. 0123456789, SIREN 123456789", (), ("750100125",), ()),
        ("AM 75 0 10012 5", (), ("750100125",), ()),
        ("Adeli 2A1001254", (), ("200101254",), ()),
        ("NIR 2 85 07 2A 123 456 et 1850775123456", (), (), ("285072A123456", "1850775123456")),
        ("NIR 1 85 13 75 123 456", (), (), ()),
    ],
)
def test_identifiers_in_text(text: str, factures: tuple[str, ...], ps: tuple[str, ...], nirs: tuple[str, ...]) -> None:
    found = clues.find(text)
    assert (found.numeros_facture, found.numeros_ps, found.nirs) == (factures, ps, nirs)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Accusé de réception", "Nous accusons réception de votre mail et vous répondrons sous 48 h."),
        (
            "Votre demande 2026-4471",
            "Votre demande a bien été enregistrée sous le numéro 2026-4471. Merci de ne pas répondre à ce message.",
        ),
        ("Re: Bordereau", "Cette boîte mail n’est plus consultée. Merci d’écrire à accueil@cabinet.example.fr"),
        ("Congés Re: 1 facture refusée", "Je serai de retour le 16/03/2026. Merci de votre compréhension."),
    ],
)
def test_a_machine_without_headers_is_known_by_its_words(subject: str, text: str) -> None:
    assert kind(text, subject=subject) is Kind.AUTO_REPLY
