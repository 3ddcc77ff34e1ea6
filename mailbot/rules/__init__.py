"""The rules: what is decided of an invoice, and why (motifs.md). Pure core.

text.py           how names, codes, guarantees and amounts are read
references.py     the reference tables, indexed
specialities.py   which card columns cover a speciality
case_invoice.py   one invoice before the rules: its own values, its traces
case.py           and its patient, cards, contract, rights
shared.py         a value worked out once; the latest row
fact_types.py     what a fact is
facts_*.py        the facts by theme; facts.py lists them all
documents.py      the shape of motifs.yaml, regles.yaml, specialites.yaml
table.py          reads and lints them into a Book
book.py           the compiled rule book
judge.py          decide, explain, contact. Start reading here
"""
