"""mailbot: tiers payant by e-mail.

The map, in the order in which things happen:

`inbox/`          EDGE  mailboxes (IMAP, Maildir) and the drop folder: where mails and lot files come in
`passes/`         SHELL receive -> settle -> cut -> deliver: start reading at `passes/run.py`
`reading/`        EDGE  runs the parsers in a process under limits, that can be killed
`parsers/`        CORE  bytes -> values: lots, reference tables, mails, identifiers
`intake/`         CORE  what a mail means: its kind, a registration, the match of a reply
`rules/`          CORE  the decision table: facts, book, judge, explanation
`letters/`        CORE  what is said and how it looks: bordereaux, confirmations, PDF, Trame
`outbox/`         EDGE  SMTP and Maildir: where letters go out
`sending/`        EDGE  several connections side by side, in threads or in processes of their own
`ledger/`         EDGE  everything that happened, in one SQLite file
`configuration/`        the folder `config/` as checked values
`preview/`              what letters look like, in a browser on this machine
`cli/`                  the verbs
`demo/`                 an invented day, for `mailbot demo`
`model/`, `errors.py`   the vocabulary and the fates; import nothing of the house
"""
