"""The invented day of `mailbot demo`: its people, its invoices, its mails, and what became of them.

`people.py` says who there is, `cases_*.py` which invoice shows which motif, `tables.py` and `files.py` turn them into
the files that a real day would bring, `mails.py` writes the mails, `day.py` runs the real passes over all of it and
`story.py` tells what happened. Nobody here exists; every address is under example.fr or example.org.
"""
