"""The table written by hand for the bench decides as the judge does: else it would be no measure of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mailbot.rules import judge
from mailbot.rules.references import References
from tests import rules_world, worlds

REGLES = {f"{family}{number}" for family, last in zip("ABCDEFGH", (3, 6, 6, 2, 5, 7, 8, 5), strict=True)
          for number in range(1, last + 1)} | {"A0", "B3b", "E0", "F1b"}  # fmt: skip


def test_the_table_by_hand_decides_every_world_as_the_judge_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent.parent / "benchmarks"), *sys.path])
    import by_hand

    book, met = rules_world.book(), set()
    for seed in range(3000):
        world = worlds.by_seed(seed)
        references = References.of(world.tables, en_cours=world.en_cours)
        decision = judge.decide(world.facture, references, book).decision
        assert by_hand.decide(world.facture, references) == decision, f"monde {seed}"
        met.add(decision.regle)
    assert met == REGLES
