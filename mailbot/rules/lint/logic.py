"""Whether a set of either-or statements over yes-or-no facts can all be true at once.

A small DPLL: what must be is taken first, then one fact is tried both ways. Bounded: a question that takes too many
tries is answered with “yes, they can”, so that whoever accuses on a “no” never accuses wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable

#: A fact and whether it holds.
Literal = tuple[str, bool]
#: At least one of these holds.
Clause = frozenset[Literal]

_MOST_TRIES = 2000
_OPEN: Clause = frozenset({("", True), ("", False)})


def satisfiable(clauses: Iterable[Clause]) -> bool:
    """False only when no answer of the facts makes every clause true."""
    waiting = [list(clauses)]
    for _ in range(_MOST_TRIES):
        if not waiting:
            return False
        left = _settled(waiting.pop())
        if left is None:
            continue
        if not left:
            return True
        fact, wanted = min(_shortest(left))
        waiting += [_given(left, (fact, not wanted)), _given(left, (fact, wanted))]
    return True


def example(clauses: Iterable[Clause]) -> frozenset[str] | None:
    """Facts that hold, all others not, in one case that makes every clause true, with as few as go one by one; None
    when there is none, or when that cannot be said for certain."""
    known = list(clauses)
    facts = sorted({fact for clause in known for fact, _ in clause})
    for fact in facts:
        off = [*known, frozenset({(fact, False)})]
        known = off if satisfiable(off) else [*known, frozenset({(fact, True)})]
    holding = frozenset(fact for fact in facts if frozenset({(fact, True)}) in known)
    sure = all(any((fact in holding) is wanted for fact, wanted in clause) for clause in known)
    return holding if sure else None


def _settled(clauses: list[Clause]) -> list[Clause] | None:
    """What is left to answer once every clause of a single literal is granted; None when that cannot be."""
    while True:
        shortest = _shortest(clauses) if clauses else _OPEN
        if len(shortest) > 1:
            return clauses
        if not shortest:
            return None
        clauses = _given(clauses, next(iter(shortest)))


def _shortest(clauses: list[Clause]) -> Clause:
    return min(clauses, key=lambda clause: len(clause))


def _given(clauses: list[Clause], literal: Literal) -> list[Clause]:
    fact, wanted = literal
    opposite = frozenset({(fact, not wanted)})
    return [clause - opposite for clause in clauses if literal not in clause]
