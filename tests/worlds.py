"""Small and nasty worlds for the decision table: one invoice, the reference tables around it, the ledger's own traces.

`world(rng)` starts from an invoice that the table would accept (H5) and applies a few perturbations, each aimed at a
clause of motifs.md §3 to §5; `worlds()` is the same as a hypothesis strategy, `by_seed(seed)` the same for volume.
Everybody here is invented. Nothing is printed, read or remembered: the same random source gives the same world.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import strategies as st

from tests import worlds_after as after
from tests import worlds_before as before
from tests.worlds_base import CONVENTION, Draft, World, base

__all__ = ["CONVENTION", "World", "by_seed", "world", "worlds"]

#: What is named twice is hit twice as often: its clauses need luck besides.
PERTURBATIONS: tuple[Callable[[Draft], None], ...] = (
    before.document,
    before.drop_table,
    before.empty_table,
    before.traces,
    before.same_traces,
    before.same_traces,
    before.ledger_trace,
    before.ledger_trace,
    before.ledger_of_another,
    before.paid_acts,
    before.histo,
    before.complement,
    before.codeless_paid_act,
    before.ledger_and_age,
    before.destinataire_and_age,
    before.destinataire_and_age,
    before.lose,
    before.undate,
    before.act_details,
    before.majoration,
    before.wrong_nir,
    before.other_person,
    before.other_person,
    before.twins_elsewhere,
    before.twins_elsewhere,
    before.from_b2,
    before.from_b2,
    before.typo_in_person,
    before.typo_in_person,
    before.forget_person,
    before.other_nir_and_trace,
    before.other_nir_and_trace,
    after.more_cards,
    after.only_cards,
    after.change_cards,
    after.exception,
    after.two_contracts,
    after.two_contracts,
    after.many_contracts,
    after.many_contracts,
    after.rights,
    after.rights,
    after.pec,
    after.no_speciality,
    after.g_acts,
    after.g_acts,
    after.two_adeli,
    after.recapitulatif,
    after.recapitulatif,
    after.valuation,
    after.valuation,
    after.valuation_differs,
    after.refused_exception,
    after.amounts,
    after.contacts,
    after.contacts,
)


def world(rng: random.Random) -> World:
    """One world: one in ten is left as it is, four have one perturbation, the rest have two to five."""
    draft = base(rng)
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 2, 3, 5))):
        rng.choice(PERTURBATIONS)(draft)
    tables = {name: rows for name, rows in draft.tables.items() if name not in draft.dropped}
    return World(draft.facture, tables, tuple(draft.en_cours))


def by_seed(seed: int) -> World:
    return world(random.Random(seed))


def worlds() -> st.SearchStrategy[World]:
    return st.randoms(use_true_random=False, note_method_calls=False).map(world)
