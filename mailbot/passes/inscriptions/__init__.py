"""Whose address is this? What binds an e-mail address to a PS number, step by step.

`request.py` a mail asks for it → `answers.py` a token comes back → `decided.py` active, refused, ended, and who is told
→ `lapse.py` what time does. `leave.py` ends it; `letters.py` writes to people; `evidence.py` asks the ledger. The rule
itself is `intake/register.py`, the states are `model/inscriptions.py`, the story is `docs/registration.md`.
"""
