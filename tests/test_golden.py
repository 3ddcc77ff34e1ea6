"""Every kind of letter, page and text, is the one that was looked at (`make golden` writes them anew)."""

from __future__ import annotations

import os
from datetime import date

import pytest

from mailbot.letters import page, samples
from mailbot.letters.lignes import Trimestre
from tests.letters_house import GOLDEN, MAIL, NOW, PS, TOKEN, bilan, catalogue, house, ligne

#: Set by `make golden`: write instead of compare.
RENEW = os.environ.get("MAILBOT_RENEW_GOLDEN") == "1"
HINT = "regardez la page (make screenshots), puis écrivez-la de nouveau : make golden"


def bordereau() -> dict[str, object]:
    """Three refusals that say most of what a bordereau can say."""
    rows = (
        ligne(
            "000123", "MANQUE_DETAIL", detail="DATE_FACTURE", commentaire=catalogue().details["PART_RC"],
            limite=date(2028, 1, 28),
        ),
        ligne("000124", "FACTURE_DEJA_PAYEE", date=date(2026, 1, 5)),
        ligne(
            "000125", "ERREUR_CONTENU_FACTURE", erreur="DEUX_CONTRATS", montant_total=None, part_rc=None,
            limite=date(2026, 1, 31),
        ),
    )  # fmt: skip
    return page.context(
        house(),
        contact=MAIL,
        numero_ps=PS,
        raison_sociale="PHARMACIE DU PORT",
        lignes=rows,
        bilans=(bilan(), bilan("20260117", 9, 0, 0)),
        index=1,
        total=1,
        token=TOKEN,
        now=NOW,
        trimestre=Trimestre(40, 31, 9, "MANQUE_DETAIL", "DATE_FACTURE", 4),
        jointes=("Une copie de ce bordereau est jointe en PDF.",),
    )


SHOWN = {kind: contexts[0] for kind, contexts in samples.contexts(house()).items()} | {"bordereau": bordereau()}


@pytest.mark.parametrize("suffix", ["html", "txt"])
@pytest.mark.parametrize("kind", sorted(SHOWN))
def test_a_letter_is_the_one_that_was_looked_at(kind: str, suffix: str) -> None:
    templates = house().templates
    shown = (templates.html if suffix == "html" else templates.text)(kind, SHOWN[kind])
    golden = GOLDEN / f"{kind}.{suffix}"
    if RENEW:
        golden.write_text(shown, encoding="utf-8")
    assert golden.is_file(), HINT
    assert shown == golden.read_text(encoding="utf-8"), f"{golden.name} : {HINT}"


def test_no_golden_page_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(SHOWN)
