"""The list of all facts and named values that regles.yaml may use, in the order an admin reads them.

To add a fact: write its question in the theme's file, add it to that file's tuple, name it in a row of regles.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.rules.facts import acts as facts_acts
from mailbot.rules.facts import invoice as facts_invoice
from mailbot.rules.facts import patient as facts_patient
from mailbot.rules.facts import traces as facts_traces
from mailbot.rules.facts.types import Fact, Named

FACTS: Mapping[str, Fact] = {
    fact.name: fact for fact in (*facts_invoice.FACTS, *facts_traces.FACTS, *facts_patient.FACTS, *facts_acts.FACTS)
}

NAMED: Mapping[str, Named] = {
    named.name: named for named in (*facts_invoice.NAMED, *facts_traces.NAMED, *facts_patient.NAMED, *facts_acts.NAMED)
}

#: The fact of rule A0: the judge itself finds out, at each rule, whether a table is missing.
MISSING_TABLE = "referentiel_absent"
