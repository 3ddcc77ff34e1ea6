"""The decision table given to rule-engine libraries: what they make of the same rows and the same facts.

Both get the rows of regles.yaml as expressions over the facts of the product, and name the rule that decides; words,
dates and amounts of the decision are left out, which is in their favour. Each is used the fastest way that it has:

- rule-engine (pure Python) asks for a fact by name when an expression needs it, so that nothing is worked out in vain;
- zen-engine (Rust) wants its input ready made: every fact is worked out, then one decision table, parsed and compiled
  once, with one expression a row, finds the first that holds. (A table with a column a fact is twice as slow.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mailbot.model import Facture
from mailbot.rules.book import Book
from mailbot.rules.case import Case
from mailbot.rules.facts import FACTS
from mailbot.rules.references import References
from mailbot.rules.rule import Rule

#: Invoice -> id of the rule that decides; "" where none holds.
Names = Callable[[Facture], str]
Makes = Callable[[Book, References], Names]


def with_rule_engine(book: Book, references: References) -> Names:
    import rule_engine

    facts = {name: fact.holds for name, fact in FACTS.items()}
    context = rule_engine.Context(
        type_resolver=rule_engine.type_resolver_from_dict(dict.fromkeys(facts, rule_engine.DataType.BOOLEAN)),
        resolver=lambda case, name: facts[name](case),
    )

    def parsed(rules: Iterable[Rule]) -> list[tuple[Rule, Any, list[Any]]]:
        return [(rule, rule_engine.Rule(_condition(rule), context=context), parsed(rule.takes_over)) for rule in rules]

    def first(rows: list[tuple[Rule, Any, list[Any]]], case: Case) -> str:
        for rule, row, taken_over in rows:
            if row.matches(case):
                found = first(taken_over, _other(case)) if taken_over else rule.id
                if found:
                    return found
        return ""

    table = parsed(book.rules)
    return lambda facture: first(table, Case(facture, references, book.terms))


def with_zen_engine(book: Book, references: References) -> Names:
    import zen

    taking_over = [rule for rule in book.rules if rule.takes_over]
    tables = {rule.id: _zen_table(rule.takes_over) for rule in taking_over} | {"": _zen_table(book.rules)}
    compiled = {name: zen.ZenDecisionContent(json.dumps(table)) for name, table in tables.items()}
    engine = zen.ZenEngine({"loader": compiled.__getitem__})
    facts = [(name, FACTS[name].holds) for name in sorted({fact.name for rule in book.rules for fact, _ in rule.tests})]

    def name(facture: Facture) -> str:
        case = Case(facture, references, book.terms)
        context: dict[str, Any] = {name: holds(case) for name, holds in facts}
        for rule in taking_over:
            context[f"reprise_{rule.id}"] = ""
            if case.other_nir:
                other = _other(case)
                there = {name: holds(other) for name, holds in facts}
                context[f"reprise_{rule.id}"] = engine.evaluate(rule.id, there)["result"].get("regle", "")
        found: str = engine.evaluate("", context)["result"].get("regle", "")
        return found

    return name


#: Both, by the names that the package registry knows.
ENGINES: dict[str, Makes] = {"rule-engine": with_rule_engine, "zen-engine": with_zen_engine}


def _condition(rule: Rule) -> str:
    return " and ".join(fact.name if wanted else f"not {fact.name}" for fact, wanted in rule.tests)


def _other(case: Case) -> Case:
    """The same invoice under the patient's other NIR (F0)."""
    return Case(case.facture, case.references, case.terms, case.other_nir)


def _zen_table(rules: Sequence[Rule]) -> dict[str, Any]:
    """A graph of one decision table, in the JSON format of zen-engine. A row that takes others over is given what they
    say as an input."""
    rows = [
        {
            "_id": rule.id,
            "si": f"{_condition(rule)} and reprise_{rule.id} != ''" if rule.takes_over else _condition(rule),
            "regle": f"reprise_{rule.id}" if rule.takes_over else json.dumps(rule.id),
        }
        for rule in rules
    ]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": "si", "name": "si"}],
        "outputs": [{"id": "regle", "name": "regle", "field": "regle"}],
        "rules": rows,
    }
    place = {"x": 0, "y": 0}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": table},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
