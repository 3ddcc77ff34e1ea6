"""NOEMIE returns in the working day: who is paid, whose refusal closes, what gestionnaires and PS are shown."""

from __future__ import annotations

import email
import email.policy
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from click.testing import CliRunner

from mailbot.cli import context, retours
from mailbot.ledger import export, upkeep
from mailbot.ledger.retours import Candidate
from mailbot.model.retours import EtatPaiement, RetourState
from mailbot.passes import run, settle, settle_retours, trame
from tests import day
from tests import noemie_files as files
from tests.noemie_files import Invoice
from tests.test_cli import mailbot

PHARMACIE_MAIL = "contact@pharmacie-port.example.fr"
RO = (1300, "P", 1300)
PAID = {"ro": RO, "rc": (700, "P", 700)}
REFUSED = {"ro": RO, "rc": (700, "R", 0), "refusals": [("9A01", "ASSURE INCONNU", "F", "C")]}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "config"
    day.prepare(place)
    return place


def drop(folder, name, *invoices, numero_ps=day.PHARMACIE, **options):
    (folder / "var/lots" / name).write_bytes(files.file(numero_ps, *invoices, **options))


def a_round(folder, now=day.NOW, said=None):
    with day.service(folder, now, said) as service, day.edges(service) as edges:
        return run.once(service, edges)


def of(service, number):
    (one,) = service.ledger.lots.find(number)
    return one, service.ledger.retours.of(one.facture_id)


def letters(folder):
    found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in day.delivered(folder)]
    return [one for one in found if one["Delivered-To"] == PHARMACIE_MAIL and "de paiement" in one["Subject"]]


@pytest.mark.parametrize(
    ("invoice", "expected"),
    [
        (Invoice("1001", **PAID), 0),
        (Invoice("1001", ro=RO), 0),
        (Invoice("1001", ro=RO, rc=(700, "P", 650)), 1),
        (Invoice("1001", **REFUSED), 1),
        (Invoice("999999", **PAID), 1),
    ],
)
def test_lots_add_says_by_its_exit_code_that_a_return_is_to_be_looked_at(folder, invoice, expected):
    a_round(folder)
    path = folder / "retour.noe"
    path.write_bytes(files.file(day.PHARMACIE, invoice))
    assert mailbot("--config", folder, "lots", "add", path).returncode == expected


# -- what a return does to an invoice -----------------------------------------------------------------------------


def test_a_paid_invoice_is_finished_and_its_open_refusal_closes_with_it(folder):
    a_round(folder)
    drop(folder, "retour.noe", Invoice("1001", **PAID), Invoice("0001002", nir=day.nir(1), **PAID))
    a_round(folder)
    with day.service(folder) as service:
        accepted, retour = of(service, "1001")
        assert (accepted.state, retour.etat, retour.fichier) == ("close", EtatPaiement.PAYEE, "retour.noe")
        assert (retour.retour.rc.demande, retour.retour.rc.paye) == (700, 700)
        refused, _ = of(service, "1002")
        assert (refused.state, refused.rejet_state) == ("close", "clos")
        assert ("refusal closed", f"rejet {refused.rejet_id}") in {line[2:4] for line in service.ledger.journal.lines()}
        other, none = of(service, "1003")
        assert (other.rejet_state, none) == ("ouvert", None)
        assert service.ledger.journal.verify() is None


@pytest.mark.parametrize(
    ("invoice", "etat"),
    [
        (Invoice("1002", ro=RO, rc=(700, "P", 650)), EtatPaiement.ECART),
        (Invoice("1002", ro=RO), EtatPaiement.PARTIELLE),
        (Invoice("1002", **REFUSED), EtatPaiement.REFUSEE),
        (Invoice("1002", ro=(1300, "D", 0), rc=(700, "D", 0)), EtatPaiement.DIFFEREE),
    ],
)
def test_only_what_is_paid_as_asked_closes_a_refusal(folder, invoice, etat):
    a_round(folder)
    drop(folder, "retour.noe", invoice)
    a_round(folder)
    with day.service(folder) as service:
        refused, retour = of(service, "1002")
        assert (retour.etat, refused.state, refused.rejet_state) == (etat, "informee", "ouvert")


def test_the_latest_return_counts_and_the_history_is_kept(folder):
    a_round(folder)
    drop(folder, "1.noe", Invoice("1001", **REFUSED), day="260301")
    a_round(folder)
    drop(folder, "2.noe", Invoice("1001", **PAID), day="260305")
    a_round(folder)
    drop(folder, "3.noe", Invoice("1001", ro=(1300, "D", 0)), day="260215")
    a_round(folder)
    with day.service(folder) as service:
        accepted, retour = of(service, "1001")
        assert (accepted.state, retour.etat, retour.fichier) == ("close", EtatPaiement.PAYEE, "2.noe")
        history = service.ledger.retours.history(accepted.facture_id)
        assert [(one.fichier, one.state) for one in history] == [
            ("3.noe", RetourState.SANS_SUITE), ("1.noe", RetourState.CLOS), ("2.noe", RetourState.SANS_SUITE),
        ]  # fmt: skip


def test_ro_and_rc_that_come_apart_are_one_payment(folder):
    a_round(folder)
    drop(folder, "1.noe", Invoice("1001", ro=RO))
    a_round(folder)
    with day.service(folder) as service:
        assert of(service, "1001")[1].etat is EtatPaiement.PARTIELLE, "the RC that was asked is not there yet"
    drop(folder, "2.noe", Invoice("1001", rc=(700, "P", 700)), day="260303")
    a_round(folder)
    with day.service(folder) as service:
        accepted, retour = of(service, "1001")
        assert (retour.etat, retour.retour.ro.paye, accepted.state) == (EtatPaiement.PAYEE, 1300, "close")


def test_the_same_file_twice_changes_nothing(folder):
    drop(folder, "retour.noe", Invoice("1001", **REFUSED))
    a_round(folder)
    with day.service(folder) as service:
        before = service.ledger.retours.listed(), service.ledger.retours.codes()
    drop(folder, "encore.noe", Invoice("1001", **REFUSED))
    said: list[str] = []
    a_round(folder, said=said)
    assert any("déjà reçu" in line for line in said)
    with day.service(folder) as service:
        assert (service.ledger.retours.listed(), service.ledger.retours.codes()) == before


# -- whose return is it ------------------------------------------------------------------------------------------


NIR = day.nir(1)[:13]


def candidate(number, ps=day.PHARMACIE, lot="001", nir=NIR):
    return Candidate(number, ps, lot, nir, 700)


@pytest.mark.parametrize(
    ("lot", "nir", "candidates", "expected"),
    [
        ("", "", [candidate(1)], 1),
        ("1", "", [candidate(1), candidate(2, lot="002")], 1),
        ("", "", [candidate(1), candidate(2, lot="002")], "plusieurs factures possibles"),
        ("001", "", [candidate(1), candidate(2)], "plusieurs factures possibles"),
        ("003", "", [candidate(1)], "facture inconnue"),
        ("003", "", [candidate(1, lot="20260301")], 1),
        ("003", day.nir(1), [candidate(1)], 1),
        ("001", day.nir(2), [candidate(1)], "facture inconnue"),
        ("001", "", [candidate(1, ps=day.CABINET)], "facture inconnue"),
        ("", day.nir(1), [candidate(1), candidate(2, nir=day.nir(2)[:13])], 1),
        ("", "", [], "facture inconnue"),
    ],
)
def test_a_return_is_laid_to_the_one_invoice_that_it_can_mean_or_to_none(lot, nir, candidates, expected):
    raw = files.file(day.PHARMACIE, Invoice("7", lot=lot, nir=nir, **PAID))
    (retour,) = settle_retours.noemie.read(raw, "x", files.layout()).retours
    found, why = settle_retours.match(retour, candidates)
    assert (found.facture_id if found else why) == expected


def test_a_return_of_an_unknown_invoice_is_listed_and_finds_it_when_its_lot_comes(folder):
    a_round(folder)
    drop(folder, "retour.noe", Invoice("2002", nir=day.nir(1), **PAID))
    a_round(folder)
    with day.service(folder) as service:
        (unknown,) = service.ledger.retours.without_invoice()
        assert unknown.why == "facture inconnue"
        assert export.status(service.ledger.store)["paiements"] == {"inconnue": 1}
    lot = day.row(numero_lot="L2", numero_facture="2002", date_reception="02/03/2026", critere_archivage="4000000002")
    (folder / "var/lots/lot2.csv").write_bytes(day.lot_csv(lot))
    a_round(folder)
    with day.service(folder) as service:
        assert service.ledger.retours.without_invoice() == []
        assert of(service, "2002")[1].etat is EtatPaiement.PAYEE


# -- what people are shown ---------------------------------------------------------------------------------------


def test_codes_are_learned_and_those_without_consigne_are_work_for_the_admin(folder):
    a_round(folder)
    drop(folder, "1.noe", Invoice("1001", **REFUSED), Invoice("1003", ro=RO, refusals=[("1001", "X", "F", "O")]))
    a_round(folder)
    drop(folder, "2.noe", Invoice("1004", ro=RO, refusals=[("9A01", "PATIENT INCONNU", "F", "O")]))
    later = day.NOW + timedelta(hours=1)
    a_round(folder, later)
    with day.service(folder) as service:
        known, learned = service.ledger.retours.codes()
        assert (known.code, known.count) == ("1001", 1)
        assert (learned.code, learned.libelle, learned.count) == ("9A01", "PATIENT INCONNU", 2)
        assert learned.libelles == {"ASSURE INCONNU": 1, "PATIENT INCONNU": 1}
        assert learned.first_seen < learned.last_seen
    from mailbot.cli import registry

    told = invoke(folder, registry.status, "--json")
    assert json.loads(told)["codes_sans_consigne"] == ["9A01"]
    assert any("9A01" in line for line in json.loads(told)["attention"])


def invoke(folder, verb, *arguments):
    result = CliRunner().invoke(verb, arguments, obj=context.Invocation(folder, day.NOW, "essai"))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout


def test_the_list_tells_each_payment_state_and_an_agent_can_close(folder):
    a_round(folder)
    drop(folder, "retour.noe", Invoice("1001", **REFUSED), Invoice("1003", **PAID), Invoice("999", **PAID))
    a_round(folder)
    told = invoke(folder, retours.retours, "list")
    assert "refusée" in told
    assert "9A01 ASSURE INCONNU" in told
    assert "facture inconnue" in told
    (unknown,) = [
        one
        for one in map(json.loads, invoke(folder, retours.retours, "list", "--json").splitlines())
        if one["inconnue"]
    ]
    invoke(folder, retours.retours, "close", str(unknown["retour"]), "--reason", "doublon")
    with day.service(folder) as service:
        assert service.ledger.retours.without_invoice() == []


def test_a_gestionnaire_sees_what_was_refused_although_we_accepted_it(folder):
    a_round(folder)
    drop(folder, "retour.noe", Invoice("1001", nir=day.nir(1), **REFUSED), Invoice("999", **PAID))
    a_round(folder)
    with day.service(folder) as service:
        book = openpyxl.load_workbook(io.BytesIO(trame.workbook_bytes(service, day.NOW)))
    sheet = book["Retours NOEMIE"]
    head = [cell.value for cell in sheet[1]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]
    refused, unknown = rows
    assert (refused["état du paiement"], refused["numéro de la facture"], refused["RC demandé"]) == (
        "refusée",
        "1001",
        7,
    )
    assert refused["suite"].startswith("facture acceptée par les règles")
    assert refused["libellés"] == "ASSURE INCONNU"
    assert unknown["suite"] == "facture inconnue"


def test_the_ps_reads_its_refused_returns_once_with_what_to_do(folder):
    a_round(folder)
    drop(
        folder, "retour.noe",
        Invoice("1001", ro=RO, rc=(700, "R", 0), refusals=[("1001", "PEC 100 POUR CENT", "F", "C")]),
        Invoice("1002", **REFUSED), Invoice("1003", **PAID), Invoice("887766", **REFUSED),
    )  # fmt: skip
    a_round(folder, day.NOW + timedelta(hours=1))
    a_round(folder, day.NOW + timedelta(hours=2))
    (letter,) = letters(folder)
    assert letter["Subject"] == f"2 retours de paiement – PS {day.PHARMACIE}"
    for part in ("plain", "html"):
        text = " ".join(letter.get_body((part,)).get_content().replace("\u00a0", " ").split())
        assert "Retours de paiement" in text
        assert "1001, PEC 100 POUR CENT" in text
        assert "Annulez la demande auprès de la complémentaire." in text
        # Whose it is, and how to answer.
        assert text.count("JEANNE MARTELIN") == 2 and "mailto:" in letter.get_body((part,)).get_content()
        assert "9A01, ASSURE INCONNU" in text
        assert "Notre service examine ce retour" in text
        assert "887766" not in text
        assert day.nir(1)[:13] not in text
        assert "03/01/1985" not in text
    with day.service(folder) as service:
        assert of(service, "1001")[1].told
        assert service.ledger.retours.uncut_ps() == []


def test_more_returns_than_a_bordereau_holds_are_numbered(folder):
    many = [day.row(numero_lot="L9", numero_facture=str(9000 + n), taux_ro="100") for n in range(12)]
    (folder / "var/lots/beaucoup.csv").write_bytes(day.lot_csv(*many))
    a_round(folder)
    drop(folder, "retour.noe", *(Invoice(str(9000 + n), **REFUSED) for n in range(12)))
    a_round(folder, day.NOW + timedelta(hours=1))
    subjects = sorted(letter["Subject"].replace("\u00a0", " ") for letter in letters(folder))
    assert subjects == [
        f"10 retours de paiement (1/2) – PS {day.PHARMACIE}",
        f"2 retours de paiement (2/2) – PS {day.PHARMACIE}",
    ]


# -- files, access, retention ------------------------------------------------------------------------------------


def test_a_return_that_nothing_can_be_read_of_waits_for_a_human_and_the_balance_holds(folder):
    drop(folder, "vide.noe")
    drop(folder, "essai.noe", Invoice("1001", **PAID), flow="T")
    drop(folder, "bon.noe", Invoice("1001", **PAID))
    a_round(folder)
    with day.service(folder) as service:
        parked = {one.name: one.reason for one in service.ledger.lot_files.parked()}
        assert set(parked) == {"vide.noe", "essai.noe"}
        assert "essai" in parked["essai.noe"]
        assert export.status(service.ledger.store)["states"]["lot_files"] == {"settled": 2, "parked": 2}
        assert of(service, "1001")[1] is not None


def test_damaged_entities_are_listed_with_the_invoice_that_they_cost(folder):
    texts = files.entities(day.PHARMACIE, Invoice("1001", **PAID), Invoice("1003", **PAID))
    at = next(place for place, text in enumerate(texts) if text.startswith("199"))
    texts[at] = texts[at][:20] + "@"
    (folder / "var/lots/abime.noe").write_bytes("".join(texts).encode())
    a_round(folder)
    with day.service(folder) as service:
        (refus,) = service.ledger.lot_files.refus()
        assert (refus.fichier, refus.ligne, refus.facture) == ("abime.noe", at + 1, "1001")
        assert of(service, "1001")[1] is None
        assert of(service, "1003")[1].etat is EtatPaiement.PAYEE


@pytest.mark.parametrize("asked", [{"numero_ps": day.PHARMACIE}, {"nir": day.nir(1)[:13]}])
def test_the_right_of_access_covers_returns_known_and_unknown(folder, asked):
    drop(folder, "retour.noe", Invoice("1001", **PAID), Invoice("999", nir=day.nir(1), **PAID))
    a_round(folder)
    with day.service(folder) as service:
        held = export.held_about(service.ledger.store, **asked)["retours"]
        assert {one["numero_facture"] for one in held} == {"1001", "999"}


def test_returns_go_with_their_invoice_when_its_time_is_over_and_never_while_they_are_open(folder):
    a_round(folder)
    drop(folder, "retour.noe", Invoice("1001", **PAID), Invoice("1002", **REFUSED))
    a_round(folder)
    later = day.NOW + timedelta(days=5 * 366)
    with day.service(folder, later) as service:
        refused, _ = of(service, "1002")
        service.ledger.lots.close_rejet(refused.rejet_id, day.NOW, None, None)
        gone = upkeep.purge(service.ledger.store, later, "essai", 36, 12)
        assert gone["retours"] == 1
        assert service.ledger.lots.find("1001") == []
        assert of(service, "1002")[1] is not None
        assert service.ledger.store.value("PRAGMA foreign_key_check") is None


def test_settling_reads_a_return_beside_lots_in_one_pass(folder):
    drop(folder, "a-retour.noe", Invoice("1001", **PAID))
    with day.service(folder) as service:
        raw = (folder / "var/lots/a-retour.noe").read_bytes()
        service.ledger.lot_files.store(day.NOW, "a-retour.noe", raw)
        service.ledger.lot_files.store(day.NOW, "lot.csv", day.THE_LOT)
        settle.settle(service)
        assert of(service, "1001")[1].etat is EtatPaiement.PAYEE, "its lot came after it in the same pass"
