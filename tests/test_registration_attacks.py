"""Attacks on the register: whatever is tried, no binding changes, nobody else is written to, and the journal says why.

Each attack is a function of the world after an honest beginning; it sends its mails. `MALLORY` has a domain of its own
that our exchanger confirms: the worst stranger there is.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.passes import phrase
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
        service.ledger.contacts.end(1, world.now)  # the pharmacie left, and comes back
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
