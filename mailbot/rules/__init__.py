"""The rules: what is decided of an invoice, and why (motifs.md). Pure core.

text.py           how names, codes, guarantees and amounts are read
references.py     the reference tables, indexed
specialities.py   which card columns cover a speciality
case_invoice.py   one invoice before the rules: its own values, its traces
case.py           and its patient, cards, contract, rights
shared.py         a value worked out once; the latest row
facts/            the facts by theme: what a fact is, and the list of them all
documents.py      the shape of motifs.yaml, regles.yaml, specialites.yaml
rows.py           the rows of regles.yaml, word by word
period.py         the days on which a row counts
table.py          reads all of them into a Book, or says every fault
lint/             what a usable book says badly: rows that can never speak, rows that say the same
telling/          a decision, told as a person would
remembered.py     a book as the ledger keeps it
completion.py     the names that a B2 file does not carry
rule.py           what a row of the table is
programme.py      the rows as they run: one function made from them
steps.py          what a row saw, for the explanation
book.py           the rule book: catalogue, rules, programmes
judge.py          decide, explain, contact. Start reading here
"""
