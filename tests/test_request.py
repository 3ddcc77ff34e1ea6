"""What a mail asks of the register: numbers, role, days and addresses, in the words of those who ask."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Message
from mailbot.model.inscriptions import FORM_DATES, FORM_NUMEROS, FORM_ROLE, Request, Role
from mailbot.parsers import identifiers
from mailbot.parsers.mail import (
    absence,
    clues,
    codes,
    dates,
    form,
    ps_numbers,
    registration,
    replacement,
    request,
    spelling,
)
from tests import corpus
from tests.test_message import OWN, mail, read

TOKEN = "abcdefghijklmnopqrstuvwx23"
ANSWERS = f"In-Reply-To: <mb-{TOKEN}@mutuelle.test>"
SENDER = "accueil@cabinet.example.fr"
RPPS = "10003456786"


def message(body: str, *fields: str, subject: str = "Inscription") -> Message:
    day = "Date: Mon, 02 Mar 2026 10:00:00 +0100"
    return read(mail(f"From: {SENDER}", day, f"Subject: {subject}", *fields, body=body))


def asked(body: str, *fields: str, subject: str = "Inscription", documents: tuple[str, ...] = ()) -> Request:
    return request.read(message(body, *fields, subject=subject), OWN, documents)


def named(text: str) -> ps_numbers.Found:
    found = ps_numbers.Found()
    ps_numbers.read(found, text)
    return found


# -- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Cabinet du Dr Martin, n° AM : 75 2000 019", ["752000019"]),
        ("n° AM-FINESS : 75-2000-019", ["752000019"]),
        ("notre numero finess est le 752000019", ["752000019"]),
        ("PS N°752000019", ["752000019"]),
        ("AM 75.2000.019", ["752000019"]),
        ("Identifiant : 75\u00a02000\u202f019", ["752000019"]),
        ("ADELI 2A1001254 et 2B 1 00125 4", ["200101254", "200201254"]),
        ("Nos FINESS : 75 2000 019, 752000027 et 752000035", ["752000019", "752000027", "752000035"]),
        ("75 2000 019, 752000027 et 752000035", ["752000019", "752000027", "752000035"]),
        ("Nos pharmacies (FINESS) :\n- Parc : 75 2000 019\n- Gare : 75 2000 027", ["752000019", "752000027"]),
        ("N° FINESS\n752000019", ["752000019"]),
        ("N° PS : 752000019,\n752000027", ["752000019", "752000027"]),
        ("Identifiant : 752000019 / 752000027", ["752000019", "752000027"]),
        ("Pharmacie du Parc (750100125), 75012 Paris", ["750100125"]),
        ("FINESS 752000019 01 23 45 67 89", ["752000019"]),
        ("FINESS 752000019 +33 1 23 45 67 89", ["752000019"]),
        ("n° PS 752000019, le 12.03.2026 5", ["752000019"]),
        (f"RPPS / AM : {RPPS} / 751234567", ["751234567"]),
        # In a request a bare number is the sender's own.
        ("Inscription 752000019", ["752000019"]),
        ("Je suis remplaçante 691000018", ["691000018"]),
        ("Bonjour, merci d'enregistrer mon mail, 691000018", ["691000018"]),
        # What is no number of a PS.
        ("Tél. 01 23 45 67 89, fax 123456789", []),
        ("Appelez le +33 1 23 45 67 89 ou le 0033123456789", []),
        ("SIREN 123 456 789, SIRET 123 456 789 00012, TVA FR 12 123456789", []),
        ("SIRET :\n123456789 00012", []),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", []),
        ("NIR 1 85 07 75 123 456", []),
        ("facture n° 752000019, lot 752000027, dossier 752000035", []),
        ("contrat n° 752000019 de l'adhérent 752000027", []),
        ("le 12/03/2026 123456", []),
        ("1 234 567,89 € pour 752000019 €", []),
        ("x752000019, 752000019@example.fr, https://example.fr/752000019", []),
        ("٧٥٢٠٠٠٠١٩", []),
    ],
)
def test_numbers_of_a_ps(text: str, numbers: list[str]) -> None:
    assert list(named(text).numeros_ps) == numbers


@pytest.mark.parametrize(
    ("text", "rpps", "doubtful"),
    [
        (f"RPPS : {RPPS}", [RPPS], []),
        ("RPPS 10 003 456 786", [RPPS], []),
        (f"n° PS : {RPPS}", [RPPS], []),
        ("RPPS : 10003456782", [], ["10003456782"]),
        (f"tél {RPPS}", [], []),
        ("n° PS : 75200001", [], ["75200001"]),
        ("n° AM : 75O100125", [], ["75O100125"]),
        ("N° PS 752000019 et 7520000", [], ["7520000"]),
        ("n° PS : 123 456 789 00012", [], ["123 456 789 00012"]),
        ("FINESS : à venir", [], []),
        ("PS : merci de rappeler au 0123456789", [], []),
        ("n° PS : 1850775123456", [], []),
        ("n° PS : 1850775123450", [], []),
    ],
)
def test_rpps_and_what_is_no_number_but_was_given_as_one(text: str, rpps: list[str], doubtful: list[str]) -> None:
    found = named(text)
    assert list(found.rpps) == rpps
    assert [one for one in found.doubtful if "•" not in one] == doubtful


def test_numbers_come_from_text_subject_signature_and_documents_in_this_order() -> None:
    body = "Bonjour, n° AM 752000019\n-- \nDr Martin\nFINESS 752000027\n"
    found = asked(body, subject="Inscription PS 752000035", documents=("Numéro AM : 752000043",))
    assert found.numeros_ps == ("752000019", "752000035", "752000027", "752000043")


def test_a_corpus_of_mails_is_read_at_least_as_well_as_for_any_other_purpose() -> None:
    for case in corpus.cases():
        found = read(case.raw)
        assert set(found.in_new_text.numeros_ps) <= set(request.read(found, OWN).numeros_ps), case.name


# -- role and days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Cette adresse est pour les retours", Role.RETOURS),
        ("merci d'envoyer les rejets et paiements ici", Role.RETOURS),
        ("Pour recevoir les bordereaux", Role.RETOURS),
        ("adresse pour les prises en charge", Role.PRISES_EN_CHARGE),
        ("PRISES EN CHARGE uniquement, pas les bordereaux", Role.PRISES_EN_CHARGE),
        ("cette boîte gère les devis", Role.PRISES_EN_CHARGE),
        ("C'est l'adresse du secrétariat", Role.SECRETARIAT),
        ("je suis la secretaire du Dr Martin", Role.SECRETARIAT),
        ("mail de l'accueil du centre", Role.SECRETARIAT),
        ("Je remplace le Dr Martin", Role.REMPLACANT),
        ("remplaçante du Dr Martin", Role.REMPLACANT),
        ("en remplacement du docteur Martin", Role.REMPLACANT),
        # Words that fall by.
        ("Dans l'attente de votre retour", None),
        ("Merci d'enregistrer notre adresse\nSecrétariat du Dr Martin", None),
        ("elle remplace l'ancienne adresse", None),
        ("en remplacement de mon ancienne adresse", None),
        ("Sans remplaçant cet été", None),
    ],
)
def test_the_role_of_an_address(text: str, role: Role | None) -> None:
    assert asked(text).role is role


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("du 3 au 28 août 2026", date(2026, 8, 3), date(2026, 8, 28)),
        ("du lundi 3 août au vendredi 28 août", date(2026, 8, 3), date(2026, 8, 28)),
        ("du 03/08/26 au 28/08/26", date(2026, 8, 3), date(2026, 8, 28)),
        ("du 03/08 au 28/08", date(2026, 8, 3), date(2026, 8, 28)),
        ("entre le 30 et le 5 avril", date(2026, 3, 30), date(2026, 4, 5)),
        ("jusqu’au 15/03/2026", None, date(2026, 3, 15)),
        ("à partir du 1er avril jusqu'au 30 juin", date(2026, 4, 1), date(2026, 6, 30)),
        ("a compter du 1er avril pendant 3 semaines", date(2026, 4, 1), date(2026, 4, 21)),
        ("dès le 15 avril pour un mois", date(2026, 4, 15), date(2026, 5, 14)),
        ("pendant 3 semaines", None, None),
        ("du 20 décembre au 5 janvier", date(2026, 12, 20), date(2027, 1, 5)),
        ("du 25 février au 5 mars", date(2026, 2, 25), date(2026, 3, 5)),
        ("à partir du 1er février", date(2027, 2, 1), None),
        ("du 28/08/2026 au 03/08/2026", None, None),
        ("du 31 juin au 32 juin", None, None),
    ],
)
def test_the_days_of_a_replacement(text: str, first: date | None, last: date | None) -> None:
    found = asked(f"Je remplace le Dr Martin {text}, n° AM 752000019")
    assert (found.starts_on, found.ends_on) == (first, last)
    other = asked(f"Notre cabinet, {text}, n° AM 752000019")
    assert (other.role, other.starts_on, other.ends_on) == (None, None, None)


def test_without_the_day_of_the_mail_a_day_needs_its_year() -> None:
    for text, last in (("jusqu'au 15 avril", None), ("jusqu'au 15 avril 2026", date(2026, 4, 15))):
        undated = read(mail(f"From: {SENDER}", body=f"Je remplace le Dr Martin {text}"))
        assert request.read(undated, OWN).ends_on == last


# -- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Merci d'écrire à Compta@Cabinet.example.fr.", ("compta@cabinet.example.fr",)),
        ("anne.martin (at) example.fr", ("anne.martin@example.fr",)),
        ("anne.martin [arobase] example.fr", ("anne.martin@example.fr",)),
        ("anne.martin @ example.fr", ("anne.martin@example.fr",)),
        ("<a@example.fr>, mailto:b@example.fr;c@example.fr", ("a@example.fr", "b@example.fr", "c@example.fr")),
        (f"{SENDER}, envoi.fluxtiers@mutuelle.test, reponse+{TOKEN}@mutuelle.test", ()),
        ("> compta@example.fr", ()),
    ],
)
def test_addresses_that_are_neither_the_senders_nor_ours(text: str, addresses: tuple[str, ...]) -> None:
    assert asked(f"Bonjour\n{text}").other_addresses == addresses


def test_addresses_of_documents_count_and_five_are_enough() -> None:
    many = " ".join(f"a{number}@example.fr" for number in range(9))
    assert asked("Bonjour", documents=("Adresse : x@example.fr", many)).other_addresses == (
        *("x@example.fr", "a0@example.fr", "a1@example.fr", "a2@example.fr", "a3@example.fr"),
    )


@pytest.mark.parametrize(
    ("text", "changes", "adds"),
    [
        ("Ma nouvelle adresse remplace l'ancienne", True, False),
        ("elle remplace l’ancienne adresse a@example.fr", True, False),
        ("changement d'adresse mail", True, False),
        ("notre mail a changé", True, False),
        ("merci de la mettre à la place de l'autre", True, False),
        ("une seconde adresse, en plus de la première", False, True),
        ("merci d'ajouter aussi la comptabilité", False, True),
        ("ajoutez cette adresse, tout en conservant l'actuelle", False, True),
        ("une autre adresse également", False, True),
        ("Merci d'enregistrer mon adresse", False, False),
    ],
)
def test_an_address_takes_the_place_of_another_or_stands_beside_it(text: str, changes: bool, adds: bool) -> None:
    found = asked(text)
    assert (found.changes, found.adds) == (changes, adds)


# -- the form that comes back --------------------------------------------------------------------------------------

FILLED = (
    f"{FORM_NUMEROS} : 75 2000 019, 752000027\n"
    f"{FORM_ROLE} (retours, prises en charge, secrétariat ou remplaçant) : remplaçante\n"
    f"{FORM_DATES} : 3 août au : 28 août 2026"
)
READ = (("752000019", "752000027"), Role.REMPLACANT, date(2026, 8, 3), date(2026, 8, 28))
EMPTY = (
    f"{FORM_NUMEROS} :\n{FORM_ROLE} : … (retours / prises en charge / secrétariat / remplaçant)\n"
    f"{FORM_DATES} : … au : …"
)


def answers(found: Request) -> tuple[object, ...]:
    return found.numeros_ps, found.role, found.starts_on, found.ends_on


@pytest.mark.parametrize("mark", ["", "> ", ">", " > "])
@pytest.mark.parametrize("shape", [str, str.upper, lambda text: spelling.folded(text).replace(" :", ":")])
def test_the_form_is_read_back_between_our_lines(mark: str, shape: type[str]) -> None:
    below = "\n".join(mark + line for line in shape(FILLED).split("\n"))
    head = "Le lun. 2 mars 2026 à 08:00, Mutuelle <service@example.fr> a écrit :"
    assert answers(asked(f"Voici.\n\n{head}\n\n{below}", ANSWERS)) == READ


def test_the_form_counts_as_new_text_too_and_in_documents() -> None:
    assert answers(asked(FILLED)) == READ
    assert answers(asked("Voici.", documents=(FILLED,))) == READ


def test_quoted_lines_of_the_form_need_a_letter_of_ours_and_one_mark() -> None:
    quoted = "\n".join(f"> {line}" for line in FILLED.split("\n"))
    assert asked(f"Voici.\n\n{quoted}") == Request()
    assert asked("Voici.\n\n" + quoted.replace("> ", ">> "), ANSWERS) == Request()


def test_a_form_that_came_back_empty_says_nothing() -> None:
    for text in (EMPTY, "\n".join(f"> {line}" for line in EMPTY.split("\n"))):
        assert asked(f"Bonjour\n\n{text}", ANSWERS) == Request()


def test_the_form_may_be_wrapped_and_filled_below_its_lines() -> None:
    body = (
        f"> {FORM_NUMEROS} :\n752000019\n> {FORM_ROLE} (retours, prises en charge, secrétariat ou\n> remplaçant) :\n"
        f"les retours\n> {FORM_DATES} : … au : …"
    )
    found = asked(body, ANSWERS)
    assert (found.numeros_ps, found.role, found.ends_on) == (("752000019",), Role.RETOURS, None)
    assert form.read(f"> {FORM_NUMEROS} : 752000019,\n> 752000027").numeros == ["752000019, 752000027"]


# -- postal codes --------------------------------------------------------------------------------------------------

CODES = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)


def printed(code: str, gap: str) -> str:
    return gap.join(code[start : start + 4] for start in range(0, 26, 4)).upper()


@given(CODES, st.sampled_from([" ", "-", " - ", "\u00a0", ".", "\n", " \n> "]), st.sampled_from(["", "MB-"]))
def test_a_code_is_read_back_from_paper(code: str, gap: str, prefix: str) -> None:
    confused = printed(code, gap).translate(str.maketrans("OIB", "018"))
    assert codes.read(f"Voici mon code :\n{prefix}{confused}.\nMerci") == (code,)


@given(CODES.filter(lambda code: any(map(str.isdigit, code))), st.integers(1, 31))
def test_a_code_may_be_in_small_letters_and_break_anywhere(code: str, place: int) -> None:
    small = printed(code, " ").lower()
    assert codes.read(f"mon code : {small[:place]}\n{small[place:].strip()} , merci") == (code,)
    assert codes.read(f"le code mb-{code} merci") == (code,)


@pytest.mark.parametrize(
    "text",
    ["pour tout dire cela fait bien du bruit", "K3F7 ABCD EFGH IJKL MNOP QRST", "9" * 26, "a" * 27, "K3F7 " * 40],
)
def test_what_has_not_the_length_or_look_of_a_code_is_none(text: str) -> None:
    assert codes.read(text) == ()


# -- whatever comes ------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "n° PS : ",
            "75 2000 019",
            "752000027",
            "RPPS ",
            RPPS,
            ", ",
            " et ",
            "\n",
            "> ",
            ">> ",
            "Tél ",
            "SIRET ",
            "@",
        ),
        *(
            FORM_NUMEROS + " : ",
            FORM_ROLE + " : ",
            FORM_DATES + " : ",
            "(retours / ",
            "du 3 au 28 août",
            "jusqu'au 15/03",
        ),
        *(
            "remplaçant ",
            "a@example.fr",
            "(at)",
            "é",
            "e\u0301",
            "\u00a0",
            "K3F7 ABCD ",
            "2A",
            "12/03/2026",
            "-- \n",
            "٣",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join)


@settings(max_examples=300)
@given(TEXTS, TEXTS, TEXTS)
def test_nothing_raises_and_everything_is_bounded(body: str, subject: str, document: str) -> None:
    found = asked(body.replace("\r", " "), ANSWERS, subject=" ".join(subject.split()), documents=(document,) * 3)
    assert all(len(one) == 9 and one.isascii() and one.isdigit() for one in found.numeros_ps)
    assert all(identifiers.luhn_ok(one, 11) for one in found.rpps)
    assert len(found.numeros_ps) <= 50 and len(found.other_addresses) <= 5
    assert len(found.doubtful) <= 5 and all(len(one) <= 40 for one in found.doubtful)
    assert SENDER not in found.other_addresses and all(one == one.lower() for one in found.other_addresses)
    assert not (found.starts_on and found.ends_on and found.ends_on < found.starts_on)
    assert len(codes.read(body)) <= 5 and registration.access(subject, body) is not None


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_quoted_text_asks_for_nothing(quoted: str, ours: bool) -> None:
    lines = [f"> {line}" for line in quoted.replace("é", "e").split("\n") if form.read(line).left]
    found = asked("\n".join(["Bonjour.", "", *lines]), *([ANSWERS] if ours else []), subject="Bonjour")
    assert found == Request()


@given(st.text(max_size=300))
def test_folding_keeps_each_place(text: str) -> None:
    assert len(spelling.folded(text)) == len(text)
    assert len(clues.blanked(text)) == len(text)


@given(st.dates(date(1900, 1, 1)), st.text(max_size=30))
def test_no_day_is_beyond_the_calendar(day: date, text: str) -> None:
    far = f"de retour le 01/01/0001, jusqu'à lundi, au 31/12/9999, fin décembre, le 29 février {text}"
    assert absence.until("", far, day) is None or absence.until("", far, day) >= day - timedelta(days=1)
    for written in dates.DATE.finditer(far):
        found = dates.moment(written, day)
        assert found is None or found >= date(1900, 1, 1)


def test_beyond_the_last_day_of_the_calendar_there_is_none() -> None:
    assert absence.until("", "absent jusqu'à lundi", date.max) is None
    assert replacement.read("du 1er au 31/12/9999 pendant 2 mois", date.max)[1] == date.max
