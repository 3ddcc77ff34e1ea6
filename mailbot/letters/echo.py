"""A number that somebody wrote to us, as our answer may say it again.

Owns: what may come back. A NIR, a birth date, a word, an address or a link does not: an answer that repeats what a
stranger wrote would carry the stranger's words in the payer's name, and a mail must not spread what it protects.
Pure; total.
"""

from __future__ import annotations

import re

from mailbot.letters import words

#: Up to three letters, then at most 12 digits, perhaps with separators, or with the A or B of Corsica.
_NUMBER = re.compile(
    r"(?=(?:[^0-9]*[0-9]){1,12}[^0-9]*\Z)[A-Za-z]{0,3}[ .\-/]?[0-9](?:[ .\-/\u00a0]?[0-9]|[ABab](?=[0-9]))*"
)
_DATE = re.compile(r"[0-9]{1,2}([ .\-/])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})|(?:19|20)[0-9]{2}([ .\-/])[0-9]{2}\2[0-9]{2}")


def number(text: str) -> str:
    """The number as written, inert; "" for anything else."""
    said = words.inert(text, 40)
    return said if _NUMBER.fullmatch(said) and not _DATE.fullmatch(said) else ""
