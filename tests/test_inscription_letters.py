"""What an applicant, the known address of a PS, and the address before are told; and the answers to ÉTAT and AIDE."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import html
import io
import re
from datetime import UTC, date, datetime
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from pypdf import PdfReader

from mailbot.configuration import folder
from mailbot.letters import echo, etat, inscription, postal, samples_register, trial
from mailbot.letters.etat import Compte, Etat, Facture, Ligne, Paiement, Releve, Version
from mailbot.letters.inscription import Step, Told
from mailbot.model import Draft, LetterKind
from mailbot.model.inscriptions import Consent, Role
from mailbot.parsers.mail import codes, consent, form, replacement, roles
from tests.letters_house import NIR, NOW, TOKEN, Organisation, Outbox, templates

HOUSE = folder.load(folder.shipped()).house
UNTIL = datetime(2026, 2, 4, 9, 0, tzinfo=UTC)
TO = "contact@pharmacie-du-port.example.fr"
NEW = "nouvelle.adresse@cabinet-du-phare.example.fr"
REGISTER = "inscriptions@rivages.example.fr"
ONE = (("750012345", "PHARMACIE DU PORT"),)
TWO = (*ONE, ("750012346", "PHARMACIE DU PHARE"))
REPLY = f"reponses+{TOKEN}@rivages.example.fr"


def write(told: Told, to: str = TO) -> Draft:
    return inscription.compose(
        templates(), Organisation(), Outbox(), told, to=to, registration_address=REGISTER, token=TOKEN, now=NOW, key="k"
    )


def ask(question: etat.Question, numeros: tuple[tuple[str, str], ...] = ONE) -> Draft:
    return etat.compose(
        templates(), Organisation(), Outbox(), question, to=TO, numeros=numeros, token=TOKEN, now=NOW, key="k"
    )


def read(draft: Draft) -> EmailMessage:
    message = email.message_from_bytes(draft.raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def part(draft: Draft, kind: str) -> str:
    found = read(draft).get_body((kind,))
    assert found is not None
    return str(found.get_content())


def page_of(draft: Draft) -> str:
    page = re.sub(r"</?(?:span|a)\b[^>]*>", "", part(draft, "html"))
    page = re.sub(r"(?s)<(style|title)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", page)
    return " ".join(html.unescape(page).split())


def both(draft: Draft) -> tuple[str, str]:
    """The page and the text, as they are read, with ordinary spaces."""
    return page_of(draft), " ".join(part(draft, "plain").split())


def buttons(draft: Draft) -> list[tuple[str, str, str, str]]:
    """(what it says, to whom, subject, text) of each ready answer."""
    tree = lxml_html.document_fromstring(part(draft, "html"))
    found = []
    for link in tree.iter("a"):
        parts = urlsplit(str(link.get("href")))
        assert parts.scheme == "mailto"
        asked = parse_qs(parts.query, strict_parsing=True)
        found.append((link.text_content(), unquote(parts.path), asked["subject"][0], asked["body"][0]))
    return found


FULL = {
    "address": NEW, "role": Role.REMPLACANT, "starts_on": date(2026, 8, 3), "ends_on": date(2026, 8, 28),
    "until": UNTIL, "missing": ("l’accord de l’adresse que nous connaissons",), "doubtful": ("75 2000",),
}  # fmt: skip

WHO_DOES_WHAT = {
    Step.CONFIRM: ("À faire avant le 4 février 2026 à 9 h", "écrivant seulement OUI", "Il faudra encore",
                   "L’accord de l’adresse que nous connaissons.", "Vous n’avez rien demandé ?", NEW),
    Step.AGREE: ("À faire avant le 4 février 2026 à 9 h", NEW, "OUI pour accepter, ou NON pour refuser",
                 "pendant le remplacement", "du 3 août 2026 au 28 août 2026 inclus",
                 "Si vous ne répondez pas, rien ne change."),
    Step.FORM: ("À faire avant le 4 février 2026 à 9 h", "Numéro(s) PS (AM ou FINESS) :", "« 75 2000 »",
                "neuf chiffres", "Sans votre réponse, rien n’est enregistré."),
    Step.WAITING: ("Ce que nous attendons", "L’accord de l’adresse que nous connaissons.",
                   "Sans suite avant le 4 février 2026 à 9 h", "rien n’est envoyé à cette adresse"),
    Step.ACTIVE: (NEW, "reçoit les bordereaux de tiers payant du n° PS 750012345", "du 3 août 2026 au 28 août 2026",
                  "reviennent à l’adresse habituelle", "Vous n’avez rien demandé ?"),
    Step.REFUSED: ("n’est pas enregistrée", "n’a pas donné son accord", "Vous pensez à une erreur ?"),
    Step.EXPIRED: ("ne nous est pas parvenu à temps", "Il manquait", REGISTER, "depuis l’adresse à enregistrer"),
    Step.CHANGED: ("Pendant un remplacement, du 3 août 2026 au 28 août 2026 inclus", "n…@cabinet-du-phare.example.fr",
                   "Répondez NON à ce message avant le 4 février 2026 à 9 h", "s’arrêtent alors aussitôt"),
    Step.ENDED: ("ne reçoit plus les bordereaux", "Le remplacement est terminé.", REGISTER),
    Step.LEAVE: ("À faire avant le 4 février 2026 à 9 h", "OUI pour arrêter, ou NON pour continuer",
                 "Si vous ne répondez pas, rien ne change"),
    Step.GO_ON: ("Votre accord est noté", "Depuis cette nouvelle adresse, écrivez à", REGISTER, NEW,
                 "avant le 4 février 2026 à 9 h"),
    Step.ACCESS: ("délégué à la protection des données", "dans un délai d’un mois", "au plus tard le 1er mars 2026"),
}  # fmt: skip


@pytest.mark.parametrize("step", list(Step))
def test_each_step_says_who_must_do_what_by_when(step: Step) -> None:
    draft = write(Told(step, ONE, **FULL))  # type: ignore[arg-type]
    for said in both(draft):
        assert [wanted for wanted in WHO_DOES_WHAT[step] if wanted not in said] == []
        assert "750012345" in said and "PHARMACIE DU PORT" in said and f"mb-{TOKEN}" in said
    assert draft.kind is (LetterKind.CONFIRMATION if step is Step.ACTIVE else LetterKind.INSCRIPTION)
    assert draft.numero_ps == "750012345" and draft.to == TO
    message = read(draft)
    assert message["Auto-Submitted"] == "auto-generated" and message["Reply-To"] == REPLY
    assert "@" not in message["Subject"] and "PHARMACIE" not in message["Subject"]


@pytest.mark.parametrize("step", list(Step))
def test_the_text_says_all_that_the_page_says(step: Step) -> None:
    for told in (Told(step, TWO, **FULL), Told(step, ONE, NEW, Role.SECRETARIAT), Told(step)):  # type: ignore[arg-type]
        draft = write(told)
        tree = lxml_html.document_fromstring(part(draft, "html"))
        text = " ".join(part(draft, "plain").split()).lower()
        for element in tree.xpath("//p | //li | //th | //td[not(*)]"):
            for line in element.xpath(".//text()"):
                said = " ".join(str(line).split()).lower()
                assert said in text, said


@pytest.mark.parametrize("step", list(Step))
def test_every_number_of_a_group_practice_is_named(step: Step) -> None:
    draft = write(Told(step, TWO, **FULL))  # type: ignore[arg-type]
    for said in both(draft):
        assert all(numero in said and name in said for numero, name in TWO)
    assert read(draft)["Subject"].endswith("2\u00a0numéros PS")


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        (Step.CONFIRM, [Consent.YES]),
        (Step.AGREE, [Consent.YES, Consent.NO]),
        (Step.LEAVE, [Consent.YES, Consent.NO]),
        (Step.CHANGED, [Consent.NO]),
    ],
)
def test_one_press_on_a_button_answers_and_is_understood(step: Step, answers: list[Consent]) -> None:
    draft = write(Told(step, ONE, **FULL))  # type: ignore[arg-type]
    found = buttons(draft)
    assert [consent.read(body, subject) for _, _, subject, body in found] == answers
    for _, to, subject, _ in found:
        assert to == REPLY and f"mb-{TOKEN}" in subject
    assert f"écrivez à : {REPLY}" in both(draft)[1]


def test_who_writes_again_after_the_end_writes_a_new_mail() -> None:
    for step in (Step.EXPIRED, Step.ENDED):
        ((_, to, subject, body),) = buttons(write(Told(step, TWO, NEW)))
        assert to == REGISTER and TOKEN not in subject and body == "N° PS : 750012345, 750012346"


def test_the_form_that_comes_back_empty_says_nothing_and_filled_in_says_all() -> None:
    draft = write(Told(Step.FORM, address=NEW, until=UNTIL))
    ((_, _, _, body),) = buttons(draft)
    for sent in (body, part(draft, "plain"), re.sub("(?m)^", "> ", part(draft, "plain"))):
        empty = form.read(sent)
        assert (empty.numeros, empty.role, empty.dates) == ([], [], [])
        filled = re.sub(r"(Numéro\(s\) PS[^:\n]*:)", r"\1 750012345, 750012346", sent)
        filled = re.sub(r"(remplaçant\)\s*:)", r"\1 remplaçant", filled)
        back = form.read(re.sub(r"… au\s*: …", "03/08/2026 au : 28/08/2026", filled))
        assert back.numeros == ["750012345, 750012346"] and back.role == ["remplacant"]
        assert back.dates == ["03/08/2026 au 28/08/2026"]


def test_the_form_asks_only_for_what_is_missing() -> None:
    said = both(write(Told(Step.FORM, ONE, NEW, Role.REMPLACANT, missing=("les dates du remplacement",))))
    for one in said:
        assert "Remplacement du : … au : …" in one and "Les dates du remplacement." in one
        assert "Numéro(s) PS (AM ou FINESS) :" in one and "Numéro(s) PS (AM ou FINESS) : 750012345" in one
        assert "Cette adresse reçoit : remplaçant" in one


@pytest.mark.parametrize("role", list(Role))
def test_the_form_sent_back_keeps_the_role_and_the_days_of_the_first_mail(role: Role) -> None:
    days = (date(2026, 8, 3), date(2026, 8, 28)) if role is Role.REMPLACANT else (None, None)
    draft = write(Told(Step.FORM, (), NEW, role, *days, until=UNTIL))
    ((_, _, _, body),) = buttons(draft)
    for sent in (f"{body}750012345", "750012345\n\n" + re.sub("(?m)^", "> ", part(draft, "plain"))):
        back = form.read(sent)
        assert [roles.filled(value) for value in back.role] == [role]
        assert [replacement.read(f"du {value}", None) for value in back.dates] == ([days] if any(days) else [])


@pytest.mark.parametrize("told", samples_register.tolds(NOW), ids=str)
def test_no_letter_contradicts_itself_or_breaks_off(told: Told) -> None:
    said = both(write(told))[1]
    if told.role is Role.PRISES_EN_CHARGE:
        assert "iront à cette adresse" not in said and "reviennent" not in said and "n’arriveront plus" not in said
    assert "Voici où nous en sommes" not in said
    assert told.step is not Step.FORM or "Ce qui manque" in said


def test_the_address_before_never_learns_the_new_one() -> None:
    for role in (None, *Role):
        full = {**FULL, "role": role, "missing": (NEW,), "done": (NEW,), "doubtful": (NEW,), "reason": NEW}
        draft = write(Told(Step.CHANGED, ONE, **full), to="avant@example.org")
        everything = draft.raw.decode("latin-1") + part(draft, "html") + part(draft, "plain") + str(read(draft).items())
        assert "nouvelle.adresse" not in everything and "nouvelle.adresse" not in unquote(everything)
        assert "n…@cabinet-du-phare.example.fr" in both(draft)[0]


def test_a_yes_that_takes_the_bordereaux_away_says_so() -> None:
    told = Told(Step.AGREE, ONE, NEW, Role.RETOURS, replaces=True)
    assert "n’arriveront plus ici" in both(write(told))[0]
    assert "n’arriveront plus ici" not in both(write(dataclasses.replace(told, replaces=False)))[0]


HOSTILE = '"><b onclick=x>&{{ 7*7 }}\r\nBcc: x@evil.test\u202e</b>'


@pytest.mark.parametrize("step", list(Step))
def test_what_comes_from_outside_stays_inert(step: Step) -> None:
    told = Told(
        step, (("750012345", HOSTILE), ("7500\r\nX: 1", "")), HOSTILE, Role.RETOURS, missing=(HOSTILE,),
        done=(HOSTILE,), doubtful=(HOSTILE, "http://evil.test/12", NIR, "07/03/1957"), reason=HOSTILE,
    )  # fmt: skip
    draft = write(told)
    message = read(draft)
    assert message["Bcc"] is None and message["X"] is None and message["To"] == TO
    page, text = part(draft, "html"), part(draft, "plain")
    assert not re.search(r"<b[ >]|onclick=x(?!&gt;)", page) and "49" not in page_of(draft).replace("494", "")
    for said in (page, text):
        assert "\u202e" not in said and "\nBcc:" not in said
        assert "evil.test/12" not in said and NIR not in said and "1957" not in said
    for _, to, subject, body in buttons(draft):
        assert to in (REPLY, REGISTER) and "Bcc" not in subject
        assert "\nX" not in body and "evil" not in body


@given(st.text(max_size=60) | st.text("0123456789AB .-/@", max_size=20))
def test_nothing_but_a_number_is_said_again(text: str) -> None:
    said = echo.number(text)
    assert re.fullmatch(r"[0-9A-Za-z .\-/\u00a0]*", said) and set(said) <= {*text, " "}
    assert len(re.findall("[0-9]", said)) <= 12 and not re.search("[A-Za-z]{4}", said)


@pytest.mark.parametrize(
    ("written", "said"),
    [("75 2000 1", "75 2000 1"), ("2A0012345", "2A0012345"), ("FA-531341", "FA-531341"), ("Lenoir", ""), (NIR, ""),
     ("07/03/1957", ""), ("1957-03-07", ""), ("12 rue", ""), ("x@example.fr", ""), ("www.12.test", "")],
)  # fmt: skip
def test_a_number_comes_back_and_a_nir_a_date_or_a_name_does_not(written: str, said: str) -> None:
    assert echo.number(written) == said


# -- ÉTAT, CONSIGNE, AIDE --------------------------------------------------------------------------------------------

REFUSED = Ligne(
    "750012345", "531341", "20260131", date(2026, 1, 31), 123456, 1437, Etat.REFUSEE, motif="Droits fermés",
    a_faire="Demandez au patient sa carte.",
    avant=(Version("20260117", date(2026, 1, 17), Etat.REFUSEE, "Manque détail"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("etat_de", "wanted"),
    [
        (Etat.REFUSEE, ("Refusée, Droits fermés", "À faire : Demandez au patient sa carte.")),
        (Etat.PAYEE, ("Payée le 5 février 2026", "14,00 € versés.")),
        (Etat.PARTIELLE, ("Payée en partie le 5 février 2026", "14,00 € versés.")),
        (Etat.ACCEPTEE, ("Acceptée", "Vous n’avez rien à faire.")),
        (Etat.EN_COURS, ("En cours chez un gestionnaire", "Vous n’avez rien à renvoyer.")),
        (Etat.A_SAISIR, ("En cours de saisie",)),
        (Etat.CORRIGEE, ("Corrigée", "l’a remplacée")),
    ],
)
def test_an_invoice_is_told_with_its_state_and_its_history(etat_de: Etat, wanted: tuple[str, ...]) -> None:
    row = dataclasses.replace(REFUSED, etat=etat_de, le=date(2026, 2, 5), paye=1400)
    draft = ask(Facture("531341", (row,)))
    for said in both(draft):
        for fact in (*wanted, "Facture n° 531341, 1 234,56 €, dont RC 14,37 €", "Lot 20260131, reçu le 31 janvier 2026",
                     "Lot 20260117, reçu le 17 janvier 2026 : refusée, Manque détail"):  # fmt: skip
            assert fact in said
        assert ("À faire" in said) is (etat_de is Etat.REFUSEE)
    assert draft.kind is LetterKind.STATUS and draft.numero_ps == "750012345"
    assert read(draft)["Subject"] == "Où en est votre facture"


def test_an_invoice_that_we_do_not_have_is_said_not_to_be_there() -> None:
    for said in both(ask(Facture("531341", ()), TWO)):
        assert "aucune facture 531341 pour vos numéros PS (750012345, 750012346)" in said
    for said in both(ask(Facture(NIR, ()))):
        assert "aucune facture de ce numéro pour votre n° PS 750012345" in said and NIR not in said


def test_the_statement_counts_all_lists_fifty_and_parts_the_ps() -> None:
    rows = tuple(dataclasses.replace(REFUSED, numero_facture=f"{1000 + at}") for at in range(120))
    paid = (Paiement("900", "131", date(2026, 1, 5), 1437), Paiement("901", "131", date(2026, 1, 6), -437))
    for said in both(ask(Releve((Compte(*ONE[0], rows, paid),)))):
        assert "120 refus attendent votre réponse." in said
        assert "120 refus en attente, pour 1 724,40 € de part RC." in said
        assert said.count("Facture n° 1") == 50 and "Et 70 autres refus en attente." in said
        assert "2 derniers paiements : 10,00 € en tout." in said
        assert "05/01/2026 : facture n° 900, lot 131, 14,37 €" in said and "-4,37 €" in said
    for said in both(ask(Releve((Compte(*TWO[0], rows[:1]), Compte(*TWO[1]))), TWO)):
        first, second = said.index("N° PS 750012345"), said.index("N° PS 750012346")
        assert first < said.index("Facture n° 1000") < second < said.index("Aucun refus en attente.")


def test_a_consigne_is_told_and_an_unknown_one_gets_its_neighbours() -> None:
    for said in both(ask(etat.Consigne("1001", HOUSE.consignes))):
        assert "Anomalie 1001" in said and HOUSE.consignes.par_numero["1001"].consigne in said.replace("100 %", "100 %")
    for said in both(ask(etat.Consigne("1002", HOUSE.consignes))):
        assert "ne connaît pas l’anomalie 1002" in said and "Anomalie 1001" in said
    for said in both(ask(etat.Consigne("", HOUSE.consignes))):
        assert "CONSIGNE suivi du numéro" in said


def test_help_tells_the_commands_and_how_to_register_change_end_and_ask_for_one_s_data() -> None:
    draft = ask(etat.Aide(HOUSE.textes.named("aide"), REGISTER))
    for said in both(draft):
        for wanted in (
            "ÉTAT 531341",
            "CONSIGNE",
            "AIDE",
            REGISTER,
            "DÉSINSCRIPTION",
            "droit d’accès",
            "01 99 00 00 00",
        ):
            assert wanted in said
    assert read(draft)["Subject"] == "Ce que vous pouvez nous demander par mail"


def test_numbers_from_a_lot_stay_inert_in_an_answer() -> None:
    row = dataclasses.replace(REFUSED, numero_facture=HOSTILE, numero_lot=HOSTILE, motif=HOSTILE, a_faire=HOSTILE)
    for question in (Facture("1", (row,)), Releve((Compte("750012345", HOSTILE, (row,)),))):
        draft = ask(question)
        assert "<b " not in part(draft, "html") and read(draft)["Bcc"] is None
        assert "\nBcc:" not in part(draft, "plain") and "\u202e" not in part(draft, "plain")


def test_every_sample_of_the_register_renders_under_100_kb() -> None:
    kinds = {
        "inscription": samples_register.inscriptions(HOUSE, TOKEN, NOW),
        "etat": samples_register.etats(HOUSE, TOKEN, NOW),
    }
    assert {one["etape"] for one in kinds["inscription"]} == {step.name for step in Step}
    files = HOUSE.templates.files
    names = [f"{kind}.{ending}" for kind in kinds for ending in ("mjml", "txt")]
    assert trial.judge(files, names, kinds).faults == ()


# -- on paper --------------------------------------------------------------------------------------------------------


def paper(**changes: object) -> bytes:
    values: dict[str, object] = {
        "code": TOKEN, "numero_ps": "750012345", "raison_sociale": "PHARMACIE DU PORT",
        "address_lines": ("12 BIS RUE DES PHARES", "29200 BREST"), "applicant": NEW,
        "asked": "recevoir les bordereaux de tiers payant", "registration_address": REGISTER,
        "until": date(2026, 3, 3), "now": NOW,
    }  # fmt: skip
    return postal.pdf(Organisation(), **{**values, **changes})  # type: ignore[arg-type]


def on_paper(content: bytes) -> str:
    (sheet,) = PdfReader(io.BytesIO(content)).pages
    return sheet.extract_text()


def test_the_paper_says_who_asks_what_to_do_until_when_and_that_nothing_happens_otherwise() -> None:
    content = paper()
    said = " ".join(on_paper(content).split())
    for wanted in ("PHARMACIE DU PORT", "12 BIS RUE DES PHARES", "29200 BREST", NEW, REGISTER, "750012345",
                   "ABCD EFGH IJKL MNOP QRST UVWX 23", "3 mars 2026", "Ne faites rien", "rien ne change",
                   "01 99 00 00 00"):  # fmt: skip
        assert wanted in said
    assert codes.read(on_paper(content)) == (TOKEN,)
    reader = PdfReader(io.BytesIO(content))
    assert reader.root_object["/Lang"] == "fr-FR"
    assert reader.metadata is not None and reader.metadata.title == "Code pour enregistrer une adresse électronique"
    assert content == paper()


def test_a_name_too_long_for_the_window_takes_two_lines_and_makes_no_other_smaller() -> None:
    sizes: dict[str, float] = {}

    def visit(text: str, _moved: object, _matrix: object, _font: object, size: float) -> None:
        sizes.update({text.strip(): size} if text.strip() else {})

    name = "CENTRE HOSPITALIER INTERCOMMUNAL DE LA TOUR D’ARGENT ET DES RIVAGES DU PONANT"
    PdfReader(io.BytesIO(paper(raison_sociale=name))).pages[0].extract_text(visitor_text=visit)
    halves = [size for text, size in sizes.items() if text in name]
    assert sizes["29200 BREST"] == 11 and len(halves) == 2 and all(8 <= size <= 11 for size in halves)


def test_the_square_code_opens_a_mail_that_holds_the_code() -> None:
    target = urlsplit(postal.link(REGISTER, postal.shown(TOKEN)))
    assert (target.scheme, target.path) == ("mailto", REGISTER)
    assert codes.read(parse_qs(target.query)["subject"][0]) == (TOKEN,)


def test_only_the_address_stands_in_the_window_of_the_envelope() -> None:
    """The window of a DL envelope, generously: 95 to 205 mm from the left, 42 to 92 mm from the top."""
    shown: list[str] = []
    beside: list[str] = []

    def visit(text: str, moved: list[float], matrix: list[float], _font: object, _size: object) -> None:
        left, top = ((moved[4] + matrix[4]) / 72 * 25.4, 297 - (moved[5] + matrix[5]) / 72 * 25.4)
        if text.strip() and 42 < top < 99:
            (shown if 95 < left < 205 and top < 92 else beside).append(text.strip())

    lines = tuple(f"LIGNE {at} D’UNE ADRESSE BEAUCOUP TROP LONGUE POUR TOUTE FENÊTRE D’ENVELOPPE" for at in range(9))
    for address, count in ((("29200 BREST",), 2), (lines, 7)):
        shown.clear()
        beside.clear()
        reader = PdfReader(io.BytesIO(paper(address_lines=address)))
        reader.pages[0].extract_text(visitor_text=visit)
        assert len(reader.pages) == 1
        assert shown[0].startswith("PHARMACIE DU PORT") and len("\n".join(shown).split("\n")) == count
        assert all("LIGNE" in one or "BREST" in one or "PORT" in one for one in shown)
        # Beside the window the day and the number only, too short to reach it; the code lies below the fold.
        assert " ".join(" ".join(beside).split()) == "Le 1er février 2026 N° PS (AM-FINESS) : 750012345"
