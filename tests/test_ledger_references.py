"""Deciding from the ledger's few rows is deciding from the whole tables: what a lot can need is all found again."""

from mailbot.ledger import Ledger
from mailbot.model import TABLES
from mailbot.passes import settle_lots
from mailbot.rules import judge
from mailbot.rules.references import References
from tests import naive_table, worlds
from tests.day import NOW
from tests.test_judge_against_naive import book

SEEDS = range(500_000, 500_400)


def test_a_lot_decided_from_the_ledger_is_decided_as_the_text_says(tmp_path):
    with Ledger(tmp_path / "registre.sqlite") as ledger:
        # The disk is not what is tried here.
        ledger.store.run("PRAGMA synchronous = OFF")
        for seed in SEEDS:
            world = worlds.by_seed(seed)
            ledger.store.run("DELETE FROM loads")
            for name, rows in world.tables.items():
                if name in TABLES:
                    ledger.references.replace(NOW, name, list(rows), f"{name}.csv", "")
            rows = ledger.references.relevant([world.facture], settle_lots.alike)
            decision = judge.decide(world.facture, References.of(rows), book()).decision
            assert decision == naive_table.decide(world.facture, world.tables), seed
