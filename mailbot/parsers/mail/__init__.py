"""A mail, from its bytes to a `Message`. `message.py` is the one entry: start there.

headers, mime, body     the fields, the parts, the text among them (containers, smime, tnef: what comes closed)
html, html_layout, html_meaning   HTML as text, and what its markup says of quotations
quoting, quoting_heads, quoting_tails   what this sender wrote now, and the signature below
clues                   identifiers, and where they stand
report, report_text, automatic, absence, registration   evidence for the kind; kinds decides it
own, verdict            our own addresses; what our mail exchanger says of the sender

What a `Message` says of one matter, each asked for where it is needed:
request                 what it asks of the register (ps_numbers, roles, replacement; form: our form that comes back)
leaving, farewell       whether an end is plainly meant, and of the sender
consent, commands, codes   an answer to "oui ou non ?", a question in our words, the code of a postal letter
spelling, courtesy, dates   what these and others read words with
"""
