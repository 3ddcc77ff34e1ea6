"""Who may tie an address to a PS number without a human looking."""

from dataclasses import replace

import pytest

from mailbot.intake.outcome import Parked
from mailbot.intake.register import KnownPS, KnownSender, Registered, register
from mailbot.model import Clues
from tests.test_message import mail, read

ADDRESS = "contact@pharmacie-parc.example.fr"
PS = KnownPS(agaps=(ADDRESS,))
ASKS = read(mail(f"From: {ADDRESS}", "Subject: Inscription", body="Merci d'enregistrer cette adresse, n° PS 750100125"))


def known(**ps: KnownPS) -> KnownSender:
    return KnownSender({name.removeprefix("n"): value for name, value in ps.items()})


def test_the_known_address_of_a_known_ps_is_registered_whatever_its_case() -> None:
    found = register(ASKS, known(n750100125=KnownPS(agaps=("Contact@Pharmacie-Parc.example.fr",))))
    assert isinstance(found, Registered)
    assert (found.mail, found.numeros_ps, found.already) == (ADDRESS, ("750100125",), ())


def test_the_address_of_agaps_mails_counts_too() -> None:
    assert isinstance(register(ASKS, known(n750100125=KnownPS(agaps_mails=(ADDRESS,)))), Registered)


def test_an_address_that_is_active_already_is_confirmed_again_and_changes_nothing() -> None:
    found = register(ASKS, known(n750100125=replace(PS, active=ADDRESS)))
    assert isinstance(found, Registered)
    assert (found.numeros_ps, found.already) == ((), ("750100125",))


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        (known(), "inconnu d’AGAPS"),
        (known(n750100125=KnownPS(agaps=("autre@example.fr",))), "pas une adresse connue"),
        (known(n750100125=KnownPS()), "pas une adresse connue"),
        (known(n750100125=replace(PS, active="autre@example.fr")), "une autre adresse est déjà active"),
        (replace(known(n750100125=PS), verdict_required=True), "pas confirmé"),
    ],
)
def test_every_other_case_waits_for_a_human_with_its_reason(ledger: KnownSender, reason: str) -> None:
    found = register(ASKS, ledger)
    assert isinstance(found, Parked)
    assert reason in found.reason
    assert "@" not in found.reason + " ".join(found.evidence)


def test_a_confirmed_sender_is_registered_where_the_verdict_is_required() -> None:
    ledger = replace(known(n750100125=PS), verdict_required=True)
    assert isinstance(register(replace(ASKS, verified=True), ledger), Registered)
    assert isinstance(register(replace(ASKS, verified=False), ledger), Parked)


def test_several_ps_are_registered_together_or_not_at_all() -> None:
    both = replace(ASKS, in_new_text=Clues(numeros_ps=("750100125", "750100133")))
    assert isinstance(register(both, known(n750100125=PS, n750100133=PS)), Registered)
    found = register(both, known(n750100125=PS))
    assert isinstance(found, Parked)
    assert "750100133" in found.reason and "750100125" not in found.reason


def test_a_ps_number_in_quoted_text_registers_nobody() -> None:
    raw = mail(f"From: {ADDRESS}", "Subject: x", body="Inscrire mon adresse\n\n> n° PS 750100125")
    found = register(read(raw), known(n750100125=PS))
    assert isinstance(found, Parked) and "sans n° PS" in found.reason


@pytest.mark.parametrize(
    "message",
    [
        replace(ASKS, auto_submitted=True),
        replace(ASKS, sender=""),
        replace(ASKS, reply_text="Enregistrez compta@autre.example.org, n° PS 750100125"),
    ],
)
def test_automatic_mail_doubtful_senders_and_foreign_addresses_register_nobody(message) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(register(message, known(n750100125=PS)), Parked)
