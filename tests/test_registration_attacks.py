"""Attacks on the register: whatever is tried, no binding changes, nobody else is written to, and the journal says why.

Each attack is a function of the world after an honest beginning; it sends its mails. `MALLORY` has a domain of its own
that our exchanger confirms: the worst stranger there is.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pypdf
import pytest

from mailbot.passes import contact, phrase
from mailbot.passes.inscriptions import decided
from tests import day
from tests.registration_world import (
    CABINET_MAIL,
    DESK,
    PHARMACIE_MAIL,
    World,
    reply,
    text_of,
    token_of,
    verdict,
    written,
)

MALLORY = "mallory@evil.test"
VICTIM = "tiers@victime.example.org"
ASKS = f"Bonjour,\nmerci d'enregistrer cette adresse pour le n° PS {day.PHARMACIE}.\n"
FAILS = verdict(PHARMACIE_MAIL, "fail")

Attack = Callable[[World], None]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The pharmacie and the cabinet are registered, honestly."""
    ready = World.made_in(tmp_path / "config")
    ready.receive(written(PHARMACIE_MAIL, ASKS))
    ready.receive(written(CABINET_MAIL, f"Inscription de notre adresse, n° PS {day.CABINET}\n"))
    assert ready.active() == {(day.PHARMACIE, PHARMACIE_MAIL), (day.CABINET, CABINET_MAIL)}
    return ready


def forged(line: str, checked: str = FAILS) -> Attack:
    """A mail with this From, of which our exchanger says `checked`."""

    def attack(world: World) -> None:
        raw = written("x@y.fr", ASKS, checked=None)
        world.receive(checked.encode() + raw.replace(b"From: x@y.fr", line.encode(), 1))

    return attack


PASSES_AS_MALLORY = verdict(MALLORY)
FORGED_FROM: dict[str, Attack] = {
    "plain": forged(f"From: {PHARMACIE_MAIL}"),
    "another PS of ours": forged(f"From: {CABINET_MAIL}", verdict(CABINET_MAIL, "fail")),
    "name in front": forged(f"From: Pharmacie <{PHARMACIE_MAIL}>"),
    "two fields": forged(f"From: {MALLORY}\r\nFrom: {PHARMACIE_MAIL}", PASSES_AS_MALLORY),
    "two fields, other order": forged(f"From: {PHARMACIE_MAIL}\r\nFrom: {MALLORY}", PASSES_AS_MALLORY),
    "a list": forged(f"From: {PHARMACIE_MAIL}, {MALLORY}", PASSES_AS_MALLORY),
    "address as name": forged(f"From: {PHARMACIE_MAIL} <{MALLORY}>", PASSES_AS_MALLORY),
    "address as quoted name": forged(f'From: "{PHARMACIE_MAIL}" <{MALLORY}>', PASSES_AS_MALLORY),
    "a group": forged(f"From: amis: {PHARMACIE_MAIL}, {MALLORY};", PASSES_AS_MALLORY),
    "a comment": forged(f"From: {MALLORY} ({PHARMACIE_MAIL})", PASSES_AS_MALLORY),
    "a comment inside": forged(f"From: contact(<{MALLORY}>)@pharmacie-port.example.fr", PASSES_AS_MALLORY),
    "an encoded word": forged("From: =?utf-8?q?contact=40pharmacie-port=2Eexample=2Efr?= <mallory@evil.test>"),
    "an encoded address": forged("From: =?utf-8?q?contact=40pharmacie-port=2Eexample=2Efr?=", PASSES_AS_MALLORY),
    "a route": forged(f"From: <@evil.test:{PHARMACIE_MAIL}>", PASSES_AS_MALLORY),
    "a quoted local part": forged('From: "contact"@pharmacie-port.example.fr', FAILS),
    "a dot at the end": forged(f"From: {PHARMACIE_MAIL}.", FAILS),
    "folded": forged(f"From:\r\n {MALLORY}\r\n <{PHARMACIE_MAIL}>", PASSES_AS_MALLORY),
    "a null byte": forged(f"From: {PHARMACIE_MAIL}\x00<{MALLORY}>", PASSES_AS_MALLORY),
    "with a Sender": forged(f"From: {PHARMACIE_MAIL}\r\nSender: {MALLORY}", FAILS),
    "only a Sender": forged(f"Sender: {PHARMACIE_MAIL}", FAILS),
    "only a Return-Path": forged(f"Return-Path: <{PHARMACIE_MAIL}>", FAILS),
}


def claims(*lines: str) -> Attack:
    """The pharmacie's From with these verdicts; our exchanger's own stands on top where it stands at all."""
    return forged(f"From: {PHARMACIE_MAIL}", "".join(f"Authentication-Results: {line}\r\n" for line in lines))


GOOD = "mx.example.fr; dmarc=pass header.from=pharmacie-port.example.fr"
FORGED_VERDICT: dict[str, Attack] = {
    "below ours": claims("mx.example.fr; dmarc=fail header.from=pharmacie-port.example.fr", GOOD),
    "of another exchanger": claims(GOOD.replace("mx.example.fr", "mx.evil.test")),
    "of a name like ours": claims(GOOD.replace("mx.example.fr", "mx.example.fr.evil.test"), GOOD),
    "for another domain": claims("mx.example.fr; dmarc=pass header.from=evil.test; spf=pass smtp.mailfrom=evil.test"),
    "in a comment": claims("mx.example.fr; spf=fail (dmarc=pass header.from=pharmacie-port.example.fr)"),
    "smuggled in a mail-from": claims(
        'mx.example.fr; spf=pass smtp.mailfrom="x; dmarc=pass header.from=pharmacie-port.example.fr"@evil.test'
    ),
    "twice": claims(
        "mx.example.fr; dmarc=fail header.from=pharmacie-port.example.fr; dmarc=pass "
        "header.from=pharmacie-port.example.fr"
    ),
    "of a subdomain": claims("mx.example.fr; dkim=pass header.d=evil.pharmacie-port.example.fr"),
}
#: Here the address is Mallory's own, confirmed, whatever is shown beside it: a stranger like any other.
OPENLY_MALLORY = ("address as quoted name", "a comment")
OUR_EXCHANGER_SAYS_NOTHING = ("of another exchanger", "of a name like ours")


def asks(sender: str, text: str = ASKS, **more: str) -> Attack:
    return lambda world: world.receive(written(sender, text, **more))  # type: ignore[arg-type]


LOOK_ALIKE: dict[str, Attack] = {
    name: asks(sender)
    for name, sender in {
        "another top level": "contact@pharmacie-port.example.com",
        "a digit": "contact@pharmacie-p0rt.example.fr",
        "a subdomain": "contact@mail.pharmacie-port.example.fr",
        "punycode": "contact@xn--pharmacie-prt-yeb.example.fr",
        "another local part": "contact2@pharmacie-port.example.fr",
        "a plus": "contact+x@pharmacie-port.example.fr",
        "the domain inside": "contact@pharmacie-port.example.fr.evil.test",
    }.items()
}


def _agree_letter(world: World) -> None:
    """Mallory asks for the pharmacie, so that the known address has a token."""
    world.receive(written(MALLORY, ASKS))
    assert world.letters(PHARMACIE_MAIL)[-1]["Subject"] != world.letters(PHARMACIE_MAIL)[0]["Subject"]


def guesses(world: World) -> None:
    _agree_letter(world)
    for _ in range(20):
        token = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(26))
        world.receive(written(MALLORY, f"Oui, d'accord.\nmb-{token}\n", to=f"reponse+{token}@example.fr"))


def uses_the_other_token(world: World) -> None:
    """Its own token, for the agreement that it does not have."""
    _agree_letter(world)
    own = world.letters(MALLORY)[-1]
    world.receive(reply(own, "Oui, j'accepte."), reply(own, "Oui, j'accepte."), reply(own, "OUI"))


def forwarded_token(world: World) -> None:
    """The pharmacie forwards our question to Mallory, who answers it."""
    _agree_letter(world)
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(asked, "Oui, d'accord.", sender=MALLORY), reply(asked, "OUI", sender=MALLORY, quote=False))
    world.receive(written(MALLORY, f"Oui\n{token_of(asked).upper()}\nmb-{token_of(asked)}\n"))


def forged_answer(world: World) -> None:
    """Mallory knows the token and forges the From of the pharmacie."""
    _agree_letter(world)
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(asked, "Oui, d'accord.", checked="fail"))


def forwarded_agreement(world: World) -> None:
    """Mallory forwards an invented mail of the pharmacie that agrees."""
    _agree_letter(world)
    own = world.letters(MALLORY)[-1]
    said = f"---------- Message transféré ----------\nDe : {PHARMACIE_MAIL}\nObjet : Re: accord\n\nOui, d'accord.\n"
    world.receive(reply(own, f"Voici leur accord :\n\n{said}", quote=False), written(MALLORY, said))


def other_ps_answers(world: World) -> None:
    """The cabinet, a PS of ours, answers the question that was put to the pharmacie."""
    _agree_letter(world)
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(asked, "Oui, d'accord.", sender=CABINET_MAIL))


def absent_ps(world: World) -> None:
    """The pharmacie is away: its machine answers, and quotes our token."""
    _agree_letter(world)
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(asked, "Je suis absent, oui.", headers="Auto-Submitted: auto-replied\r\n"))


def unclear_words(world: World) -> None:
    _agree_letter(world)
    asked = world.letters(PHARMACIE_MAIL)[-1]
    for words in ("Qui est-ce ? Oui ?", "Bonjour", "", "Oui, mais ce n'est pas notre adresse", "Je ne dis pas oui"):
        world.receive(reply(asked, words))


def too_late(world: World) -> None:
    _agree_letter(world)
    asked, own = world.letters(PHARMACIE_MAIL)[-1], world.letters(MALLORY)[-1]
    world.receive(later=timedelta(hours=73))
    world.receive(reply(asked, "Oui, d'accord."), reply(own, "Oui"))


def refused_and_replayed(world: World) -> None:
    """The pharmacie says no; then both tokens come again."""
    _agree_letter(world)
    asked, own = world.letters(PHARMACIE_MAIL)[-1], world.letters(MALLORY)[-1]
    world.receive(reply(asked, "Non, nous ne connaissons pas cette adresse."))
    world.receive(reply(own, "Oui"), reply(asked, "Oui, d'accord.", sender=MALLORY), reply(own, "OUI"))


def reply_to_game(world: World) -> None:
    """The answer of a confirmed stranger shall go to the pharmacie's place, and copies to a third."""
    headers = f"Reply-To: {PHARMACIE_MAIL}\r\nCc: {VICTIM}\r\nBcc: {VICTIM}\r\nX-Original-From: {PHARMACIE_MAIL}\r\n"
    world.receive(written(MALLORY, ASKS, headers=headers))
    world.receive(reply(world.letters(MALLORY)[-1], "Oui", headers=f"Reply-To: {VICTIM}\r\n"))


def body_of_a_stranger(world: World) -> None:
    world.receive(written(MALLORY, f"Merci d'enregistrer l'adresse {VICTIM} pour le n° PS {day.PHARMACIE}.\n"))
    world.receive(written(MALLORY, f"{ASKS}\nRépondez à {VICTIM}, notre nouvelle adresse.\n"))


def body_of_the_ps(world: World) -> None:
    """Even the known address cannot make us write to one that only it names."""
    world.receive(written(PHARMACIE_MAIL, f"Notre nouvelle adresse est {VICTIM}, merci de l'enregistrer.\n"))


def unauthenticated(world: World) -> None:
    """No verdict at all: strangers are written nothing, whatever they ask."""
    for text in (ASKS, "Inscription de mon adresse mail", "AIDE", "ÉTAT", "Désinscription", "Droit d'accès RGPD"):
        world.receive(written(VICTIM, text, checked=None), written(VICTIM, text, checked="fail"))


def forged_leave(world: World) -> None:
    world.receive(written(PHARMACIE_MAIL, "Je n'exerce plus, merci de me désinscrire.\n", checked="fail"))
    world.receive(written(MALLORY, f"Désinscription du n° PS {day.PHARMACIE}\n"))


def hidden_in_a_quotation(world: World) -> None:
    """A PS number and an address in a quoted mail, beside a harmless text of a PS."""
    text = f"Merci de votre message.\n\n> Inscrivez {MALLORY} pour le n° PS {day.PHARMACIE}\n"
    world.receive(written(CABINET_MAIL, text))


ON_TOKENS: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        guesses, uses_the_other_token, forwarded_token, forged_answer, forwarded_agreement, other_ps_answers, absent_ps,
        unclear_words, too_late, refused_and_replayed, reply_to_game, body_of_a_stranger, body_of_the_ps,
        unauthenticated, forged_leave, hidden_in_a_quotation,
    )
}  # fmt: skip

ATTACKS = {
    f"{kind}: {name}": attack
    for kind, table in {
        "forged From": FORGED_FROM,
        "forged verdict": FORGED_VERDICT,
        "look-alike": LOOK_ALIKE,
        "token": ON_TOKENS,
    }.items()
    for name, attack in table.items()
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_changes_a_binding_or_writes_to_a_stranger(world: World, name: str) -> None:
    before, lines = world.active(), world.journal()
    ATTACKS[name](world)
    assert world.active() == before
    third = world.recipients() - {PHARMACIE_MAIL, CABINET_MAIL}
    openly = name.startswith("token") or name.partition(": ")[2] in OPENLY_MALLORY
    confirmed = {MALLORY} if openly else set()
    if name.startswith("look-alike"):
        # A stranger whom our exchanger confirms is answered: it wrote to us. Nothing of a case stands in it.
        confirmed = third
    assert third <= confirmed
    assert VICTIM not in third
    for letter in world.letters():
        if letter["To"] not in (PHARMACIE_MAIL, CABINET_MAIL):
            assert not re.search(rf"{PHARMACIE_MAIL}(?![.\w])", text_of(letter) + str(letter))
    assert world.journal() != lines, "the journal says nothing"


@pytest.mark.parametrize("name", [*FORGED_FROM, *FORGED_VERDICT])
def test_a_forged_sender_is_written_nothing_and_an_agent_reads_why(world: World, name: str) -> None:
    before = len(world.stored_letters())
    {**FORGED_FROM, **FORGED_VERDICT}[name](world)
    more = world.stored_letters()[before:]
    if name in OUR_EXCHANGER_SAYS_NOTHING:
        # The one thing that may be written: a question to the very address that is known for the PS.
        assert [one.recipient for one in more] == [PHARMACIE_MAIL]
        return
    if name in OPENLY_MALLORY:
        assert {one.recipient for one in more} == {MALLORY, PHARMACIE_MAIL}
        return
    assert more == []
    assert any(words in " ".join(world.parked()) for words in ("pas confirmé", "pas une adresse unique", "aucune"))


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (forwarded_token, "jeton d’une autre adresse"),
        (other_ps_answers, "jeton d’une autre adresse"),
        (forged_answer, "démenti par notre serveur"),
        (too_late, "expired"),
        (refused_and_replayed, "déjà utilisé"),
    ],
)
def test_the_journal_says_why_a_token_did_not_count(world: World, attack: Attack, why: str) -> None:
    attack(world)
    assert why in world.journal()


def test_a_flood_of_requests_reaches_few_ps_and_delays_nobody(world: World) -> None:
    """One stranger asks for everything, all day; an honest PS that comes last is served in the same round."""
    flood = [written(f"m{at}@evil.test" if at % 2 else MALLORY, ASKS) for at in range(60)]
    with world.service() as service:
        service.ledger.contacts.end(1, world.now, "ps")  # the pharmacie left, and comes back
        limit = service.configuration.settings.limits.requests_per_ps
    honest = written(PHARMACIE_MAIL, ASKS)
    before = len(world.letters(PHARMACIE_MAIL))
    world.receive(*flood, honest)
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()
    assert len(world.letters(PHARMACIE_MAIL)) - before <= limit + 2
    assert len(world.letters(MALLORY)) <= 3
    with world.service() as service:
        rows = service.ledger.store.rows(
            "SELECT subject FROM journal WHERE what IN ('mail settled', 'mail parked') ORDER BY id"
        )
        order = [int(row[0].removeprefix("mail ")) for row in rows]
        last = service.ledger.store.value("SELECT max(id) FROM mails")
        assert order.index(last) < len(order) - 20, "the honest mail waited for the whole flood"


def test_one_stranger_cannot_have_many_ps_asked(world: World) -> None:
    numbers = " ".join(f"n° PS {750000000 + at:09}" for at in range(30))
    world.receive(written(MALLORY, f"Inscription de mon adresse pour : {numbers}, {day.PHARMACIE}, {day.CABINET}\n"))
    assert world.recipients() <= {PHARMACIE_MAIL, CABINET_MAIL, MALLORY}
    assert world.active() == {(day.PHARMACIE, PHARMACIE_MAIL), (day.CABINET, CABINET_MAIL)}


def test_the_address_before_can_stop_a_change_and_an_agent_decides(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    with world.service() as service:
        (asked,) = [one for one in service.ledger.contacts.listed(day.PHARMACIE) if one.pending]
        with service.ledger.transaction():
            decided.approve(service, asked.id, "agent trompé au téléphone")
    world.receive()
    assert (day.PHARMACIE, MALLORY) in world.active()
    told = world.letters(PHARMACIE_MAIL)[-1]
    assert MALLORY not in text_of(told) + str(told)
    world.receive(reply(told, "Non ! Ce n'était pas nous."))
    assert (day.PHARMACIE, MALLORY) not in world.active()
    assert any(reason.startswith("URGENT") for reason in world.parked())
    with world.service() as service:
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, MALLORY)
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, PHARMACIE_MAIL)
        with service.ledger.transaction():
            decided.end(service, [asked.id], "agent", "agent")
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


def test_where_no_exchanger_signs_only_the_known_address_itself_is_written_to(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config", authserv=False)
    world.receive(written(MALLORY, ASKS, checked=None), written(VICTIM, "Inscription de mon adresse", checked=None))
    assert world.recipients() == set()
    world.receive(written(PHARMACIE_MAIL, ASKS, checked=None))
    assert world.active() == set()
    (asked,) = world.letters(PHARMACIE_MAIL)
    world.receive(reply(asked, "Non, ce n'est pas moi qui ai écrit.", checked=None))
    assert world.active() == set()
    assert {one.state for one in world.contacts(day.PHARMACIE) if one.mail == PHARMACIE_MAIL} == {"refusee"}
    world.receive(reply(asked, "Oui finalement.", checked=None))
    assert world.active() == set(), "a token counts once"
    assert DESK not in world.recipients()


def test_where_pdfs_are_closed_the_phrase_is_told_once_to_the_address_that_was_proved(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    path = world.folder / "mailbot.yaml"
    path.write_text(path.read_text("utf-8").replace("plain: masked", "plain: encrypted"), "utf-8")
    world.receive(written(MALLORY, ASKS))
    world.receive(written(PHARMACIE_MAIL, ASKS))
    with world.service() as service:
        said = phrase.of(service, day.PHARMACIE, PHARMACIE_MAIL)
    told = [letter for letter in world.letters() if said in text_of(letter)]
    assert [(letter["To"], "enregistrée" in letter["Subject"]) for letter in told] == [(PHARMACIE_MAIL, True)]


# -- what a reviewer with fresh eyes found ----------------------------------------------------------------------------

ANOTHER = "m2@evil.test"


def bound(world: World, asks: str = ASKS, yes: str = "Oui, d'accord.", sender: str = MALLORY) -> None:
    """Mallory asks, and the pharmacie is talked into a yes."""
    world.receive(written(sender, asks))
    world.receive(reply(world.letters(PHARMACIE_MAIL)[-1], yes), reply(world.letters(sender)[-1], "Oui"))


def test_who_asks_to_take_another_address_out_stays_itself(world: World) -> None:
    bound(world, ASKS + "Adresse du secrétariat, en plus de celle que vous avez.\n")
    assert (day.PHARMACIE, MALLORY) in world.active()
    world.receive(written(PHARMACIE_MAIL, f"Ma secrétaire est partie, merci de retirer l'adresse {MALLORY}.\n"))
    assert world.active() == {(day.PHARMACIE, PHARMACIE_MAIL), (day.CABINET, CABINET_MAIL)}
    world.receive(written(PHARMACIE_MAIL, "Désinscription de l'adresse x@evil.test svp, elle n'est pas à nous.\n"))
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()
    assert any("nomme une autre adresse" in reason for reason in world.parked())


@pytest.mark.parametrize(
    "words",
    [
        f"N'enregistrez surtout pas l'adresse {MALLORY}, je ne la connais pas.",
        f"Je refuse l'inscription de l'adresse {MALLORY}.",
        f"Vous nous demandez d'enregistrer l'adresse {MALLORY}, qui est-ce ?",
        f"Notre nouvelle adresse mail est {MALLORY}, merci de l'enregistrer.",
    ],
)
def test_naming_an_address_is_no_yes_whatever_the_words(world: World, words: str) -> None:
    before = world.active()
    world.receive(written(MALLORY, ASKS), written(PHARMACIE_MAIL, words + "\n"))
    world.receive(reply(world.letters(MALLORY)[-1], "Oui"))
    assert world.active() == before
    assert not [one for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY and one.agreed_by]


def test_a_yes_to_a_named_address_can_be_taken_back(world: World) -> None:
    world.receive(written(PHARMACIE_MAIL, f"Notre nouvelle adresse mail est {MALLORY}, merci de l'enregistrer.\n"))
    world.receive(reply(world.letters(PHARMACIE_MAIL)[-1], "Oui"))
    go_on = world.letters(PHARMACIE_MAIL)[-1]
    assert "nouvelle adresse" in go_on["Subject"]
    world.receive(reply(go_on, "Non, c'est une erreur."))
    world.receive(written(MALLORY, ASKS))
    for letter in world.letters(MALLORY):
        world.receive(reply(letter, "Oui"))
    assert (day.PHARMACIE, MALLORY) not in world.active()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("pour les prises en charge uniquement", "pour les retours"),
        ("je remplace le titulaire jusqu'au 31/03/2026", "pour les retours"),
        ("je remplace le titulaire jusqu'au 31/03/2026", "je remplace le titulaire jusqu'au 31/12/2027"),
    ],
)
def test_a_yes_for_one_role_and_its_days_is_none_for_another(world: World, first: str, then: str) -> None:
    asks = "Merci d'enregistrer mon adresse mail, n° PS {}, {}.\n"
    world.receive(written(MALLORY, asks.format(day.PHARMACIE, first)))
    asked = world.letters(PHARMACIE_MAIL)[-1]
    world.receive(reply(asked, "Oui"))
    world.receive(written(MALLORY, asks.format(day.PHARMACIE, then)))
    for letter in world.letters(MALLORY):
        world.receive(reply(letter, "Oui"))
    held = {(one.role, one.ends_on) for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY and one.agreed_by}
    assert len(held) == 1, "only what the PS said yes to"
    with world.service() as service:
        active = service.ledger.contacts.active(day.PHARMACIE)
        assert active is not None
        assert active.mail == PHARMACIE_MAIL or (active.ends_on and f"{active.ends_on:%d/%m/%Y}" == "31/03/2026")


def test_the_yes_of_an_address_that_no_longer_speaks_for_the_ps_is_none(world: World) -> None:
    new = "nouvelle@pharmacie-port.example.fr"
    world.receive(written(MALLORY, ASKS))
    old_letter = world.letters(PHARMACIE_MAIL)[-1]
    bound(world, sender=new)
    assert (day.PHARMACIE, new) in world.active()
    world.receive(reply(old_letter, "Oui, d'accord."), reply(world.letters(MALLORY)[-1], "Oui"))
    assert (day.PHARMACIE, new) in world.active()
    assert "n’est plus celle que nous connaissons" in world.journal()


def test_a_dispute_reaches_whoever_took_the_place_meanwhile(world: World) -> None:
    bound(world)
    told = [letter for letter in world.letters(PHARMACIE_MAIL) if "changent" in letter["Subject"]][-1]
    world.receive(written(ANOTHER, ASKS))
    for letter in world.letters(MALLORY):
        world.receive(reply(letter, "Oui, d'accord."))
    assert (day.PHARMACIE, ANOTHER) not in world.active(), (
        "a fresh address vouches for nobody while it can be contested"
    )
    world.receive(reply(told, "NON, ce n'était pas nous."))
    assert not {one for one in world.active() if one[0] == day.PHARMACIE}
    with world.service() as service, service.ledger.transaction():
        (contested,) = [one for one in service.ledger.contacts.listed(day.PHARMACIE) if one.state == "contestee"]
        decided.end(service, [contested.id], "agent", "agent")
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


@pytest.mark.parametrize(
    "yes", ["C'est bien mon adresse", "D'accord, je demande à ma collègue", "Oui pour le secrétariat"]
)
def test_a_yes_about_something_else_is_read_by_a_human(world: World, yes: str) -> None:
    bound(world, yes=yes)
    assert (day.PHARMACIE, MALLORY) not in world.active()
    assert any("ni oui ni non" in reason for reason in world.parked())


def test_a_no_to_the_confirmation_stops_everything(world: World) -> None:
    told = world.letters(PHARMACIE_MAIL, "enregistrée")[-1]
    world.receive(reply(told, "Merci !"))
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()
    world.receive(reply(told, "NON, je n'ai rien demandé."))
    assert (day.PHARMACIE, PHARMACIE_MAIL) not in world.active()
    assert any(reason.startswith("URGENT") for reason in world.parked())


def test_one_known_address_is_asked_few_times_a_day_and_a_no_is_remembered(world: World) -> None:
    before = len(world.letters(PHARMACIE_MAIL))
    world.receive(*(written(f"m{at}@evil.test", ASKS) for at in range(12)))
    asked = world.letters(PHARMACIE_MAIL)[before:]
    assert len(asked) == 3
    world.receive(reply(asked[0], "Non"))
    world.now += timedelta(days=4)
    refused = next(one.mail for one in world.contacts(day.PHARMACIE) if one.state == "refusee")
    world.receive(written(refused, ASKS))
    assert len(world.letters(PHARMACIE_MAIL)) == before + 3


# -- what a second attacker found -------------------------------------------------------------------------------------

SECRETARIAT = ASKS + "Adresse du secrétariat, en plus de celle que vous avez.\n"
REPLACES = f"Merci d'enregistrer mon adresse mail, n° PS {day.PHARMACIE}, je remplace le titulaire {{}}.\n"
REMPLACANT = "rempl@ok.test"
UNTIL_JUNE = REPLACES.format("jusqu'au 30/06/2026")


def asked_of_the_pharmacie(world: World) -> EmailMessage:
    return world.letters(PHARMACIE_MAIL)[-1]


def changed(world: World) -> EmailMessage:
    return world.letters(PHARMACIE_MAIL, "changent")[-1]


def confirms(world: World, sender: str = MALLORY) -> None:
    world.receive(reply(world.letters(sender, "Confirmez")[-1], "Oui"))


def ids(world: World, mail: str) -> list[int]:
    return [one.id for one in world.contacts() if one.mail == mail]


def agent(world: World, verb: str, *numbers: int) -> None:
    with world.service() as service, service.ledger.transaction():
        if verb == "approve":
            decided.approve(service, numbers[0], f"agent {world.now}")
        else:
            decided.end(service, numbers, f"agent {world.now}", "agent")
    world.receive()


def yes_then_no(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    asked = asked_of_the_pharmacie(world)
    world.receive(reply(asked, "Oui"))
    world.receive(reply(asked, "NON, je me suis trompé, n'enregistrez pas cette adresse."))
    confirms(world)


def named_yes_then_no_to_the_same_letter(world: World) -> None:
    world.receive(written(PHARMACIE_MAIL, f"Notre nouvelle adresse mail est {MALLORY}, merci de l'enregistrer.\n"))
    asked = asked_of_the_pharmacie(world)
    world.receive(reply(asked, "Oui"))
    world.receive(reply(asked, "NON c'est une erreur, l'adresse est fausse"))
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(world.letters(MALLORY)[-1], "Oui"))


def yes_then_a_mail_that_takes_it_back(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    words = f"Bonjour, j'ai répondu oui par erreur à une demande, n'enregistrez pas {MALLORY} !\n"
    world.receive(written(PHARMACIE_MAIL, words, subject="Erreur"))
    confirms(world)


def yes_then_a_mail_that_names_the_right_one(world: World) -> None:
    world.receive(written(PHARMACIE_MAIL, f"Notre nouvelle adresse mail est {MALLORY}, merci de l'enregistrer.\n"))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    words = f"Je me suis trompé, annulez l'inscription de {MALLORY}, la bonne est contact2@ok.test\n"
    world.receive(written(PHARMACIE_MAIL, words, subject="Erreur"), written(MALLORY, ASKS))
    for letter in world.letters(MALLORY):
        world.receive(reply(letter, "Oui"))


def yes_then_doubt(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    asked = asked_of_the_pharmacie(world)
    world.receive(reply(asked, "Oui"), reply(asked, "Attendez, je demande au docteur qui est cette personne."))
    confirms(world)


def no_to_the_question_once_it_is_active(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    asked = asked_of_the_pharmacie(world)
    world.receive(reply(asked, "Oui"))
    confirms(world)
    world.receive(reply(asked, "NON !"))


def no_to_the_question_after_an_agent_approved(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    asked = asked_of_the_pharmacie(world)
    agent(world, "approve", *ids(world, MALLORY))
    world.receive(reply(asked, "NON, nous ne connaissons pas cette adresse."), later=timedelta(days=10))


def no_through_a_list(header: str) -> Attack:
    def attack(world: World) -> None:
        bound(world)
        world.receive(reply(changed(world), "NON, ce n'est pas nous", headers=header))

    return attack


def no_while_it_bounces(world: World) -> None:
    bound(world)
    told = changed(world)
    with world.service() as service, service.ledger.transaction():
        service.ledger.addresses.suspend(world.now, MALLORY, "deux courriers revenus")
    world.receive(reply(told, "NON, fraude"))
    with world.service() as service, service.ledger.transaction():
        service.ledger.addresses.lift(world.now, MALLORY)
    world.receive()


def bounces_and_registers_elsewhere(world: World) -> None:
    """A suspension of one PS's address is not lifted by its registration for another."""
    bound(world)
    with world.service() as service, service.ledger.transaction():
        service.ledger.addresses.suspend(world.now, MALLORY, "deux courriers revenus")
    told = changed(world)
    world.receive(written(MALLORY, SECRETARIAT.replace(day.PHARMACIE, day.CABINET)))
    world.receive(reply(world.letters(CABINET_MAIL)[-1], "Oui"))
    confirms(world)
    assert (day.CABINET, MALLORY) in world.active()
    assert (day.PHARMACIE, MALLORY) not in world.active()
    world.receive(reply(told, "NON, fraude"))


def says_no_twice_though_an_agent_overruled(world: World) -> None:
    bound(world)
    told = changed(world)
    world.receive(reply(told, "NON"))
    agent(world, "approve", *ids(world, MALLORY))
    assert changed(world)["Message-ID"] != told["Message-ID"], "the pharmacie is told that it was overruled"
    world.receive(written(ANOTHER, ASKS))
    assert "demande à" not in world.letters(MALLORY)[-1]["Subject"]
    world.receive(reply(told, "NON ! je le redis, ce n'est pas nous"))


def in_two_roles(world: World) -> None:
    bound(world, SECRETARIAT)
    bound(world)
    world.receive(reply(changed(world), "NON, fraude"))
    with world.service() as service:
        assert not service.ledger.contacts.all_of_address(MALLORY)
    agent(world, "end", *ids(world, MALLORY))
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


def during_a_contest(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    bound(world, UNTIL_JUNE, sender=REMPLACANT)
    world.receive(reply(changed(world), "NON, ce n'était pas nous, nous n'avons rien demandé"))
    assert (day.PHARMACIE, REMPLACANT) not in world.active()
    confirms(world)


LISTS = {
    "a list": "List-Id: <equipe.pharmacie-port.example.fr>\r\n",
    "a newsletter": "List-Unsubscribe: <mailto:x@y.fr>\r\n",
    "exchange": "X-Auto-Response-Suppress: All\r\n",
}
#: What only a machine says of its mail: it contests nothing by itself, and an agent reads it first.
MACHINES = ("Precedence: bulk\r\n", "Auto-Submitted: auto-generated\r\n", "Auto-Submitted: auto-replied\r\n")
#: The pharmacie says no, in one way or another: Mallory is bound to nothing, and an agent reads it first.
NO: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        yes_then_no, named_yes_then_no_to_the_same_letter, yes_then_a_mail_that_takes_it_back,
        yes_then_a_mail_that_names_the_right_one, yes_then_doubt, no_to_the_question_once_it_is_active,
        no_to_the_question_after_an_agent_approved, no_while_it_bounces, bounces_and_registers_elsewhere,
        says_no_twice_though_an_agent_overruled, in_two_roles, during_a_contest,
    )
} | {f"no through {name}": no_through_a_list(header) for name, header in LISTS.items()}  # fmt: skip


@pytest.mark.parametrize("name", NO)
def test_a_no_of_the_ps_is_heard_by_whatever_letter_and_an_agent_reads_it_first(world: World, name: str) -> None:
    NO[name](world)
    assert (day.PHARMACIE, MALLORY) not in world.active()
    assert any(reason.startswith("URGENT") for reason in world.parked())
    with world.service() as service:
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, MALLORY)


def pirated_and_ended(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    agent(world, "end", 1)
    confirms(world)
    world.receive(written(PHARMACIE_MAIL, ASKS), written(PHARMACIE_MAIL, "Inscription de notre adresse mail\n"))
    assert (day.PHARMACIE, PHARMACIE_MAIL) not in world.active(), "it does not come back by AGAPS alone"
    before = len(world.letters(PHARMACIE_MAIL))
    world.receive(written(ANOTHER, ASKS))
    assert len(world.letters(PHARMACIE_MAIL)) == before, "an address that an agent ended is asked for nothing"


def left_after_its_yes(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    world.receive(written(PHARMACIE_MAIL, "Je n'exerce plus, merci de me désinscrire.\n", subject="Désinscription"))
    confirms(world)


def yes_kept_alive(world: World) -> None:
    world.receive(written(MALLORY, ASKS))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    for _ in range(4):
        world.receive(written(MALLORY, ASKS), later=timedelta(days=2))
    confirms(world)


def another_question_is_quoted(world: World) -> None:
    world.receive(written("colleague@ok.test", ASKS))
    first = asked_of_the_pharmacie(world)
    world.receive(written(MALLORY, ASKS))
    quoted = "".join(f"> {line}\n" for line in text_of(asked_of_the_pharmacie(world)).splitlines())
    world.receive(reply(first, f"Oui, d'accord.\n\n{quoted}"))
    confirms(world)


def vouches_while_a_remplacant_receives(world: World) -> None:
    """Whose place was taken is told, whoever gets the bordereaux meanwhile; and the new one vouches for nobody."""
    bound(world, UNTIL_JUNE, sender=REMPLACANT)
    bound(world)
    told = changed(world)
    assert "m…@evil.test" in text_of(told)
    world.receive(written(ANOTHER, ASKS))
    assert "demande à" not in world.letters(MALLORY)[-1]["Subject"]
    world.receive(reply(told, "NON, ce n'était pas nous."))


def two_roles_for_two_numbers(world: World) -> None:
    for text in (
        f"Mon adresse mail : pour les prises en charge du n° PS {day.PHARMACIE} et pour les retours du n° PS "
        f"{day.CABINET}, merci de l'enregistrer.\n",
        f"Merci d'enregistrer mon adresse pour le n° PS {day.PHARMACIE} (retours). Je suis aussi remplaçante jusqu'au "
        f"31/03/2026 pour le n° PS {day.CABINET}.\n",
    ):
        world.receive(written(MALLORY, text))
    assert not ids(world, MALLORY)


def ends_the_others_while_it_is_contestable(world: World) -> None:
    bound(world, SECRETARIAT, sender="s@ok.test")
    bound(world)
    world.receive(written(MALLORY, "Désinscription de l'adresse s@ok.test\n"))
    assert (day.PHARMACIE, "s@ok.test") in world.active()
    world.receive(reply(changed(world), "NON, ce n'était pas nous."))


def code_with_words(words: str) -> Attack:
    def attack(world: World) -> None:
        world.receive(written(MALLORY, ASKS.replace(day.PHARMACIE, day.SANS_MAIL)))
        (paper,) = (world.folder / "var/courrier-postal").iterdir()
        page = pypdf.PdfReader(paper).pages[0].extract_text()
        code = next(line for line in page.splitlines() if len(line.replace(" ", "").replace("-", "")) == 26)
        world.receive(written(MALLORY, words.format(code.strip()), subject="Code"))

    return attack


#: Nobody is bound by these, though somebody once said yes.
TWISTED: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        pirated_and_ended, left_after_its_yes, yes_kept_alive, another_question_is_quoted,
        vouches_while_a_remplacant_receives, two_roles_for_two_numbers, ends_the_others_while_it_is_contestable,
    )
} | {
    f"a code with words {at}": code_with_words(words)
    for at, words in enumerate((
        "Le docteur refuse. Code {}", "Je n'ai pas demandé ce code, pourquoi ? {}", "Je ne comprends pas ce courrier {}"
    ))
}  # fmt: skip


@pytest.mark.parametrize("name", TWISTED)
def test_an_honest_yes_is_not_twisted(world: World, name: str) -> None:
    TWISTED[name](world)
    assert MALLORY not in {mail for _, mail in world.active()}
    assert ANOTHER not in {mail for _, mail in world.active()}


@pytest.mark.parametrize(
    "words",
    [
        "NON ! Qui a demandé ça ?", "STOP, arrêtez tout", "Nous n'avons pas changé d'adresse",
        "Nous contestons ce changement, merci de l'annuler", "Merci d'annuler ce changement d'adresse mail",
        f"Désinscrivez cette adresse {MALLORY} svp", f"Non, notre adresse est toujours {PHARMACIE_MAIL}, ok ?",
    ],
)  # fmt: skip
def test_an_answer_to_a_change_is_never_a_request(world: World, words: str) -> None:
    bound(world)
    before = len(world.stored_letters())
    world.receive(reply(changed(world), words))
    assert any(reason.startswith("URGENT") for reason in world.parked())
    assert len(world.stored_letters()) == before, "nobody is answered that a request is under way"
    assert not [one for one in world.contacts(day.PHARMACIE) if one.pending]


@pytest.mark.parametrize("words", ["Merci !", "Bien noté, merci.", "Oui, d'accord.", "AIDE"])
def test_who_accepts_a_change_disturbs_nobody(world: World, words: str) -> None:
    bound(world)
    world.receive(reply(changed(world), words))
    assert (day.PHARMACIE, MALLORY) in world.active()
    assert world.parked() == []


def test_thanks_for_a_noted_yes_change_nothing_and_are_not_answered(world: World) -> None:
    new = "nouvelle@pharmacie-port.example.fr"
    world.receive(written(PHARMACIE_MAIL, f"Notre nouvelle adresse mail est {new}, merci de l'enregistrer.\n"))
    world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    before = len(world.letters(PHARMACIE_MAIL))
    world.receive(*(reply(asked_of_the_pharmacie(world), "Ok merci") for _ in range(3)))
    assert len(world.letters(PHARMACIE_MAIL)) == before
    world.receive(written(new, ASKS))
    confirms(world, new)
    assert (day.PHARMACIE, new) in world.active()


def welcomed(world: World, sender: str = MALLORY) -> EmailMessage:
    return world.letters(sender, "enregistrée")[0]


def test_the_no_of_a_secretariat_ends_the_secretariat_only(world: World) -> None:
    bound(world, SECRETARIAT)
    world.receive(reply(welcomed(world), "NON"))
    assert world.active() == {(day.PHARMACIE, PHARMACIE_MAIL), (day.CABINET, CABINET_MAIL)}
    with world.service() as service:
        assert service.ledger.contacts.may_receive(day.PHARMACIE, PHARMACIE_MAIL)


def test_who_was_ended_by_an_agent_contests_nothing(world: World) -> None:
    bound(world)
    world.receive(reply(changed(world), "NON, fraude"))
    agent(world, "end", *ids(world, MALLORY))
    world.receive(reply(welcomed(world), "NON, je n'ai rien demandé"), later=timedelta(days=10))
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


def test_the_letter_of_a_replacement_that_is_over_stops_not_the_next_one(world: World) -> None:
    bound(world, REPLACES.format("jusqu'au 04/03/2026"), sender=REMPLACANT)
    world.receive(later=timedelta(days=4))
    bound(world, UNTIL_JUNE, sender="r2@ok.test")
    world.receive(reply(welcomed(world, REMPLACANT), "Non, mon remplacement est fini"))
    assert (day.PHARMACIE, "r2@ok.test") in world.active()


@pytest.mark.parametrize("approved", [False, True])
def test_a_replacement_of_later_waits_for_its_first_day(world: World, approved: bool) -> None:
    world.receive(written(REMPLACANT, REPLACES.format("du 20/03/2026 au 30/06/2026")))
    if approved:
        agent(world, "approve", *ids(world, REMPLACANT))
    else:
        world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
        confirms(world, REMPLACANT)
    assert "20\xa0mars 2026" in " ".join(text_of(world.letters(REMPLACANT)[-1]).split(" "))
    world.receive(later=timedelta(days=5))
    assert (day.PHARMACIE, REMPLACANT) not in world.active()
    world.receive(later=timedelta(days=14))
    assert (day.PHARMACIE, REMPLACANT) in world.active()


def test_a_replacement_that_lasts_longer_is_another_request(world: World) -> None:
    bound(world, REPLACES.format("jusqu'au 31/03/2026"), sender=REMPLACANT)
    bound(world, UNTIL_JUNE, sender=REMPLACANT)
    world.receive(later=timedelta(days=40))
    assert (day.PHARMACIE, REMPLACANT) in world.active()


def test_whose_place_was_taken_comes_back_when_the_new_one_was_wrong(world: World) -> None:
    """Also where the new address itself said no."""
    bound(world)
    world.receive(reply(welcomed(world), "NON, je n'ai rien demandé"))
    agent(world, "end", *ids(world, MALLORY))
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


def test_an_address_that_left_the_place_it_took_is_given_back_by_an_agent(world: World) -> None:
    bound(world)
    told = changed(world)
    world.receive(written(MALLORY, "Désinscription svp\n", subject="Désinscription"))
    world.receive(reply(told, "NON, ce n'était pas nous."))
    assert any(reason.startswith("URGENT") and "approve 1 " in reason for reason in world.parked())
    agent(world, "approve", 1)
    assert (day.PHARMACIE, PHARMACIE_MAIL) in world.active()


def test_who_leaves_is_told_that_the_secretariat_gets_the_bordereaux(world: World) -> None:
    with world.service() as service:
        service.ledger.store.run("UPDATE ref_agaps SET mail = '' WHERE numero_ps = ?", day.PHARMACIE)
    bound(world, SECRETARIAT, sender="s@ok.test")
    world.receive(written(PHARMACIE_MAIL, "Je n'exerce plus, merci de me désinscrire.\n", subject="Désinscription"))
    assert "secrétariat" in text_of(world.letters(PHARMACIE_MAIL)[-1])


def test_a_ps_is_told_of_every_address_that_it_did_not_agree_to(world: World) -> None:
    world.receive(written(MALLORY, SECRETARIAT))
    before = len(world.letters(PHARMACIE_MAIL))
    agent(world, "approve", *ids(world, MALLORY))
    (told,) = world.letters(PHARMACIE_MAIL)[before:]
    world.receive(reply(told, "NON, ce n'est pas notre secrétaire, nous ne la connaissons pas."))
    assert world.active() == {(day.PHARMACIE, PHARMACIE_MAIL), (day.CABINET, CABINET_MAIL)}


def test_nobody_is_asked_until_it_says_yes(world: World) -> None:
    before = len(world.letters(PHARMACIE_MAIL, "demande"))
    for at in range(15):
        world.receive(written(MALLORY if at % 2 else f"m{at}@autre{at}.test", ASKS), later=timedelta(days=2))
    assert len(world.letters(PHARMACIE_MAIL, "demande")) - before <= 6
    for sender, days in (("mallory+0@plus.test", 32), ("other@plus.test", 1)):
        world.receive(written(sender, ASKS), later=timedelta(days=days))
        world.receive(reply(asked_of_the_pharmacie(world), "Non"))
    asked = len(world.letters(PHARMACIE_MAIL, "demande"))
    world.receive(written("mallory+9@plus.test", ASKS), written("x@plus.test", ASKS), later=timedelta(hours=1))
    assert len(world.letters(PHARMACIE_MAIL, "demande")) == asked, "a no holds for the mailbox, two for the domain"


def test_a_mail_of_the_ps_about_something_else_takes_nothing_back(world: World) -> None:
    """Its secretary is named in a mail about an invoice: no objection to her."""
    bound(world, SECRETARIAT, sender="s@ok.test")
    words = "Nous n'avons pas envoyé la facture 1002, voyez avec s@ok.test\n"
    world.receive(written(PHARMACIE_MAIL, words, subject="Facture 1002"))
    assert (day.PHARMACIE, "s@ok.test") in world.active()
    assert not any(reason.startswith("URGENT") for reason in world.parked())


# -- what a third attacker found --------------------------------------------------------------------------------------


def writes(text: str, subject: str = "Erreur") -> Attack:
    """The pharmacie writes of its own, and names no address: our letters show none in full."""
    return lambda world: world.receive(written(PHARMACIE_MAIL, text, subject=subject))


AGAINST = {
    "not this one": writes("NON finalement, n'enregistrez pas cette adresse\n", "Re: Une adresse demande"),
    "masked": writes("NON finalement, n'enregistrez pas m…@evil.test / mallory chez evil.test\n"),
    "too fast": writes("Bonjour, j'ai répondu oui trop vite, merci d'annuler ma réponse.\n", "mon accord"),
    "not us": writes("Non, ce n'est pas nous. N'enregistrez pas cette adresse.\n", "RE: Une adresse demande"),
    "bare no": writes("NON\n", "Une adresse demande à recevoir vos bordereaux"),
}


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("name", AGAINST)
def test_a_no_needs_no_token_and_no_address(world: World, name: str, agreed: bool) -> None:
    world.receive(written(MALLORY, ASKS))
    if agreed:
        world.receive(reply(asked_of_the_pharmacie(world), "Oui"))
    before = len(world.letters(PHARMACIE_MAIL))
    AGAINST[name](world)
    confirms(world)
    assert (day.PHARMACIE, MALLORY) not in world.active()
    assert len(world.letters(PHARMACIE_MAIL)) == before, "no « votre adresse est enregistrée »"
    stopped = [one.state for one in world.contacts(day.PHARMACIE) if one.mail == MALLORY]
    assert stopped == ["refusee"] or any(reason.startswith("URGENT") for reason in world.parked())
    assert not agreed or any(reason.startswith("URGENT") for reason in world.parked())


@pytest.mark.parametrize(
    "words",
    [
        "Je ne reçois plus mes bordereaux, qui a changé l'adresse ? Je n'ai rien demandé !",
        "Nous contestons ce changement d'adresse, merci de remettre la nôtre.",
        "URGENT. Nous n'avons pas demandé de changement d'adresse mail, c'est une fraude.",
        "L'adresse m…@evil.test n'est pas la nôtre, nous contestons.",
    ],
)
def test_a_change_is_contested_by_a_mail_that_answers_nothing(world: World, words: str) -> None:
    bound(world)
    before = len(world.stored_letters())
    world.receive(written(PHARMACIE_MAIL, words, subject="Bordereaux"))
    world.receive(written(PHARMACIE_MAIL, words, subject="Bordereaux, bis"))
    assert any(reason.startswith("URGENT") for reason in world.parked())
    assert len(world.stored_letters()) == before, "nobody is asked for a PS number"


def test_a_clear_no_of_its_own_contests_the_one_change_at_once(world: World) -> None:
    bound(world)
    world.receive(written(PHARMACIE_MAIL, "Non, nous n'avons pas demandé ce changement d'adresse.", subject="Adresse"))
    assert (day.PHARMACIE, MALLORY) not in world.active()


def test_a_no_about_an_invoice_or_long_after_is_no_objection(world: World) -> None:
    bound(world, SECRETARIAT, sender="s@ok.test")
    for words in (
        "Non, nous contestons ce rejet. Merci de nous répondre à cette adresse.",
        "L'adresse de l'assuré est une erreur.",
        "Bonjour, nos bordereaux sont bien arrivés.",
    ):
        world.receive(written(PHARMACIE_MAIL, words, subject="Rejets"))
    assert not any(reason.startswith("URGENT") for reason in world.parked())
    world.receive(later=timedelta(days=40))
    world.receive(written(PHARMACIE_MAIL, "Erreur : nous n'avons pas demandé cette adresse.", subject="Erreur"))
    assert (day.PHARMACIE, "s@ok.test") in world.active()


def test_not_to_register_is_never_a_request(world: World) -> None:
    before = len(world.stored_letters())
    world.receive(written(CABINET_MAIL, "Merci de ne pas enregistrer cette adresse, n'inscrivez rien.\n"))
    world.receive(written("x@ok.test", f"N'enregistrez pas mon adresse mail pour le n° PS {day.PHARMACIE}.\n"))
    assert len(world.stored_letters()) == before
    assert not ids(world, "x@ok.test")


@pytest.mark.parametrize("asks", [SECRETARIAT, UNTIL_JUNE, ASKS])
def test_what_a_pirated_address_agreed_to_is_contested_when_an_agent_ends_it(world: World, asks: str) -> None:
    bound(world, asks)
    world.said.clear()
    agent(world, "end", 1)
    assert any(line.startswith("URGENT") for line in world.said)
    assert not {one for one in world.active() if one[0] == day.PHARMACIE}
    with world.service() as service:
        assert not service.ledger.contacts.may_receive(day.PHARMACIE, MALLORY)
    before = len(world.stored_letters())
    world.receive(written(MALLORY, ASKS), written(ANOTHER, ASKS))
    assert not [one for one in world.stored_letters()[before:] if one.recipient == PHARMACIE_MAIL]
    assert not {one for one in world.active() if one[0] == day.PHARMACIE}
    if asks is SECRETARIAT:
        agent(world, "approve", *[one.id for one in world.contacts() if one.state == "contestee"])
        with world.service() as service:
            assert contact.receives(service, day.PHARMACIE, MALLORY), "an agent finds it right: it stands in"


def test_a_fresh_secretariat_takes_not_the_place_of_an_address_that_bounces(world: World) -> None:
    with world.service() as service:
        service.ledger.store.run("UPDATE ref_agaps SET mail = '' WHERE numero_ps = ?", day.PHARMACIE)
    bound(world, SECRETARIAT)
    with world.service() as service, service.ledger.transaction():
        service.ledger.addresses.suspend(world.now, PHARMACIE_MAIL, "boîte pleine")
    world.receive(written(MALLORY, ASKS))
    assert [one.role for one in world.contacts() if one.mail == MALLORY and one.state == "active"] == ["secretariat"]
    with world.service() as service:
        assert not contact.receives(service, day.PHARMACIE, MALLORY)
    world.receive(later=timedelta(days=31))
    with world.service() as service:
        assert contact.receives(service, day.PHARMACIE, MALLORY)


@pytest.mark.parametrize(
    "words",
    [
        "Bonjour, je suis en congés et je n'ai pas accès à ma messagerie. Ne rien faire, je reviens lundi.",
        "Bonjour, cette adresse n'est plus utilisée. Merci de supprimer cette adresse de vos contacts.",
        "STOP SPAM : votre message est bloqué par MailInBlack, cliquez ici",
        "Votre message n'a pas été remis : expéditeur inconnu. Cette adresse est protégée, arrêtez les robots.",
        "Inconnu à cette adresse.",
    ],
)
def test_a_machine_contests_no_honest_change(world: World, words: str) -> None:
    new = "nouvelle@pharmacie-neuve.example.fr"
    bound(world, sender=new)
    world.receive(reply(changed(world), words, headers="Auto-Submitted: auto-replied\r\n"))
    assert (day.PHARMACIE, new) in world.active()


@pytest.mark.parametrize("header", MACHINES)
def test_a_no_of_a_machine_is_urgent_and_no_more(world: World, header: str) -> None:
    no_through_a_list(header)(world)
    assert (day.PHARMACIE, MALLORY) in world.active()
    assert any(reason.startswith("URGENT") for reason in world.parked())


def test_an_address_for_something_else_takes_no_bordereaux_from_itself(tmp_path: Path) -> None:
    world = World.made_in(tmp_path / "config")
    words = f"Bonjour, merci d'enregistrer notre adresse pour les demandes de prise en charge, n° PS {day.PHARMACIE}.\n"
    world.receive(written(PHARMACIE_MAIL, words))
    assert [one.role for one in world.contacts(day.PHARMACIE)] == ["prises_en_charge"]
    with world.service() as service:
        assert service.ledger.contacts.receives(day.PHARMACIE, PHARMACIE_MAIL)
    world.receive(written("x@ok.test", words.replace("notre", "cette")))
    with world.service() as service:
        assert not service.ledger.contacts.receives(day.PHARMACIE, "x@ok.test")


@pytest.mark.parametrize(
    ("words", "role", "until"),
    [
        ("merci d'enregistrer l'adresse du secrétariat, en plus de celle du docteur", "secretariat", None),
        ("merci d'enregistrer mon adresse, je suis remplaçante jusqu'au 30/06/2026", "remplacant", date(2026, 6, 30)),
    ],
)
def test_the_form_keeps_what_was_said_before(world: World, words: str, role: str, until: date | None) -> None:
    world.receive(written(MALLORY, f"Bonjour, {words}.\n"))
    world.receive(reply(world.letters(MALLORY)[-1], f"N° PS : {day.PHARMACIE}", quote=False))
    (asked,) = [one for one in world.contacts() if one.mail == MALLORY]
    assert (asked.role, asked.ends_on) == (role, until)


@pytest.mark.parametrize(
    "words",
    [
        "Mon adresse mail, PEC pour le n° PS {}, bordereaux pour le n° PS {}, merci d'enregistrer.",
        "Enregistrez mon adresse mail : secrétariat {} et remplaçant {}.",
        "Merci d'enregistrer mon adresse mail, rejets du {}, devis du {}.",
    ],
)
def test_several_roles_for_several_numbers_are_read_by_a_human(world: World, words: str) -> None:
    world.receive(written(MALLORY, words.format(day.PHARMACIE, day.CABINET)))
    assert not ids(world, MALLORY)
    assert any("plusieurs" in reason for reason in world.parked())


def test_a_remplacant_that_was_replaced_does_not_stop_the_next_one(world: World) -> None:
    bound(world, REPLACES.format("jusqu'au 31/03/2026"), sender=REMPLACANT)
    bound(world, UNTIL_JUNE, sender="r2@ok.test")
    world.receive(reply(world.letters(REMPLACANT, "changent")[-1], "Non"))
    assert (day.PHARMACIE, "r2@ok.test") in world.active()
    assert any(reason.startswith("URGENT") for reason in world.parked())
    before = len(world.letters(PHARMACIE_MAIL))
    world.receive(written(PHARMACIE_MAIL, "Notre nouvelle adresse mail est nv@ok.test, merci de l'enregistrer."))
    assert len(world.letters(PHARMACIE_MAIL)) == before + 1, "the PS goes on by itself"
