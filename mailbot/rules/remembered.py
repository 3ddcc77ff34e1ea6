"""A rule book as text: what the ledger keeps beside the decisions made with it, and the book again from that text.

Owns the text: motifs, regles and specialites as the admin's files say them, without their comments and layout, so that
two books with the same text decide alike. The answer texts (reponses/) decide nothing and are left out. Pure.
`from_text` raises `ConfigError` for a book that this version of the program cannot read any more.
"""

from __future__ import annotations

import json

from mailbot.configuration.document import Document
from mailbot.rules import table
from mailbot.rules.book import Book

_FILES = ("motifs", "regles", "specialites")


def to_text(motifs: Document, regles: Document, specialites: Document) -> str:
    """The same files give the same text; the order of rows counts, as it does for the decisions."""
    files = dict(zip(_FILES, (motifs.data, regles.data, specialites.data), strict=True))
    return json.dumps(files, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Book:
    """The book that `to_text` wrote down."""
    files = json.loads(text)
    motifs, regles, specialites = (Document(f"{name}.yaml", files[name], {}) for name in _FILES)
    # Any text will do for a motif that goes to the PS: it had one when the book was in use.
    answers = dict.fromkeys(files["motifs"]["motifs"], "–")
    return table.load_book(motifs, regles, specialites, answers)
