"""The command line: verbs, and the only reader of arguments, environment and clock (composition root).

`verbs.py` the list of verbs; `main.py` the group and the fates as exit codes; `context.py` what every verb needs;
`wording.py` French for codes. Verbs: `setup.py` init and check; `service.py` the passes; `data.py` files in and out;
`book.py` decide and consigne; `explain.py`; `rules.py`; `review.py`, `outbox.py`, `contacts.py` what agents do;
`registry.py` the ledger and the status; `demo.py` the invented day; `bench.py` the measures.
"""

from mailbot.cli.main import main

__all__ = ["main"]
