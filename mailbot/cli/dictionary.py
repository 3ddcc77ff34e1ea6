"""Search in the dictionary of consignes and in the codes that NOEMIE returns taught.

Owns: an index in memory, built for one question (SQLite FTS5 through sqlite-utils). Every word of the question must
be found, as the beginning of a word of number, label or consigne, without case and accents; best first: a word in the
number counts more than one in the label, and that more than one in the consigne. Nothing in a question is syntax.
Known limit: no grammar; “payée” does not find “paiement”.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils.db import Database

from mailbot.ledger import LearnedCode
from mailbot.letters.consignes import Consignes
from mailbot.rules import text

_WORD = re.compile(r"[^\W_]+")
_BEST = "bm25(entrees_fts, 10.0, 5.0, 1.0)"
#: Words of a question beyond these are not looked at.
_MOST_WORDS = 20
_NEAR = 0.7


@dataclass(frozen=True, slots=True)
class Entry:
    """A number of the dictionary, or (`seen` > 0) a code that returns used so many times and nobody explained yet."""

    numero: str
    libelle: str
    consigne: str
    motif: str = ""
    seen: int = 0


def entries(consignes: Consignes, learned: Iterable[LearnedCode]) -> list[Entry]:
    """Everything that can be found: the dictionary, then the learned codes that it does not explain."""
    known = [Entry(one.numero, one.libelle, one.consigne, one.motif) for one in consignes.par_numero.values()]
    return known + [Entry(one.code, one.libelle, "", seen=one.count) for one in unexplained(consignes, learned)]


def unexplained(consignes: Consignes, learned: Iterable[LearnedCode]) -> list[LearnedCode]:
    """Learned codes without a consigne, the most frequent first."""
    missing = [one for one in learned if one.code not in consignes.par_numero]
    return sorted(missing, key=lambda one: (-one.count, one.code))


def asked(question: str) -> list[str]:
    """The words of a question, folded, each once."""
    return list(dict.fromkeys(_WORD.findall(text.folded(question))))[:_MOST_WORDS]


def search(found_in: Sequence[Entry], question: str) -> list[Entry]:
    """The entries with all words of the question, best first; none for a question without words."""
    words = asked(question)
    if not words or not found_in:
        return []
    db = Database(memory=True)
    try:
        index = db.table("entrees", pk="id")
        index.insert_all(
            {
                "id": place,
                "numero": text.folded(one.numero),
                "libelle": text.folded(one.libelle),
                "consigne": text.folded(one.consigne),
            }
            for place, one in enumerate(found_in)
        )
        index.enable_fts(["numero", "libelle", "consigne"], tokenize="unicode61 remove_diacritics 2")
        # Each word is quoted, and holds letters and digits only: there is no syntax left in it.
        match = " ".join(f'"{word}"*' for word in words)
        rows = db.execute(f"SELECT rowid FROM entrees_fts WHERE entrees_fts MATCH ? ORDER BY {_BEST}, rowid", [match])  # noqa: S608
        return [found_in[place] for (place,) in rows.fetchall()]
    finally:
        db.close()


def nearest(found_in: Sequence[Entry], question: str) -> str:
    """The question with each word that nothing has replaced by the nearest number or word; "" when there is none."""
    written = (word for one in found_in for word in _WORD.findall(f"{one.numero} {one.libelle} {one.consigne}"))
    known = {text.folded(word): word.lower() for word in written}
    told, wrong = [], False
    for word in asked(question):
        if any(one.startswith(word) for one in known):
            told.append(word)
            continue
        wrong = True
        close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=_NEAR)
        if not close:
            return ""
        told.append(known[close[0]])
    return " ".join(told) if wrong else ""


def marked(line: str, question: str, mark: Callable[[str], str]) -> str:
    """The line with the words that were asked for marked."""
    words = asked(question)

    def show(found: re.Match[str]) -> str:
        folded = text.folded(found[0])
        return mark(found[0]) if any(folded.startswith(word) for word in words) else found[0]

    return _WORD.sub(show, line)
