"""The command line: verbs, and the only reader of arguments, environment and clock (composition root).

`verbs.py` the list of verbs, each loaded when it is called; `main.py` the group and the fates as exit codes;
`context.py` what every verb needs; `wording.py` French for codes, `french.py` for what click says; `moments.py` dates
as they are typed. Verbs: `setup.py` init and check, with `advice.py`; `service.py` the passes; `data.py` files in and
out; `book.py` decide; `explain.py` with its sentences in `story.py`; `consigne.py` with its search in `dictionary.py`;
`rules.py`; `replay.py`; what agents do: `review.py` with `review_show.py` and `review_resolve.py`, `outbox.py` with
`outbox_list.py` and `outbox_hold.py`, `contacts.py`; `registry.py` the ledger and the status; `demo.py` the invented
day; `bench.py` the measures.
"""

from mailbot.cli.main import main

__all__ = ["main"]
