"""The questions that a PS asks in our own words: "ÉTAT 531341", "CONSIGNE 54", "AIDE"; and in its own, where an invoice
stands: "où en est ma facture 531341 ?". Pure; never raises.

A question is a whole line: the first one of the new text, behind or below a greeting, or, where nothing else was
written, the subject. The same words in a sentence ("l’état de santé", "j’ai besoin d’aide") ask nothing. What stands
below the question is not looked at.
"""

from __future__ import annotations

import re

from mailbot.model.inscriptions import Command, CommandName
from mailbot.parsers.mail import clues, courtesy, spelling

_MAX_LINE = 200
_MAX_TEXT = 5_000
_MARK = r"(?:n\s?[°ºo]|num(?:ero)?\.?|#)?\s{0,3}:?\s{0,3}"
_PLEASE = r"(?:svp|stp|s'? ?il (?:vous|te) plait|merci(?: d'avance| beaucoup| par avance)?)"
_END = rf"\s{{0,3}}[.!?,]{{0,3}}\s{{0,3}}(?:{_PLEASE}\s{{0,3}}[.!?,]{{0,3}}\s{{0,3}}){{0,2}}"
_GREETING = re.compile(
    r"(?:bonjour|bonsoir|hello)(?:\s(?:madame|monsieur|mesdames|messieurs|a tous)){0,3}\s?[,.!:;-]\s{0,3}"
)
#: How people ask where an invoice stands.
_WHERE = (
    r"(?:(?:pouvez|pourriez|peux)[- ](?:vous|tu)\s(?:me\s|nous\s)?(?:dire|indiquer)\s"
    r"|(?:je\s(?:voudrais|souhaite|veux)|j'aimerais|merci\sde\s(?:me|nous))\s(?:savoir|dire|indiquer)\s)?"
    r"(?:ou\sen\s(?:est|sont)|quel\sest\sl'etat\s(?:de|d'))"
)
#: In the order in which they are tried; folded, the argument as clues reads an invoice number.
_COMMANDS = (
    (CommandName.AIDE, re.compile(rf"(?:aide|help){_END}")),
    (CommandName.CONSIGNE, re.compile(rf"consignes?(?:\s{{1,3}}{_MARK}(?P<argument>\d{{1,6}}))?{_END}", re.ASCII)),
    (
        CommandName.ETAT,
        re.compile(
            rf"(?:etats?(?:\s{{1,3}}(?:de\s)?(?:la\s|ma\s)?factures?)?"
            rf"|{_WHERE}\s(?:la\s|ma\s|notre\s|mes\s|nos\s|les\s)?factures?)(?:(?:\s{{1,3}}|\s?:\s?){_MARK}"
            rf"(?P<argument>{clues.NUMBER}))?{_END}",
            re.ASCII,
        ),
    ),
)
_ANSWERS = re.compile(r"\s{0,3}(?:re|ref|tr|fwd?|rep|aw|wg)\s{0,3}:")


def read(subject: str, new_text: str) -> Command | None:
    """The question, or None. `argument` of CONSIGNE: digits; of ÉTAT: an invoice number as written; or ""."""
    lines = (line.strip() for line in spelling.composed(new_text[:_MAX_TEXT]).split("\n"))
    first = next((line for line in lines if line and not courtesy.is_courteous(_bare_words(line))), "")
    found = _command(first)
    return found or (_command(_bare(subject)) if not courtesy.without(new_text) else None)


def _bare_words(line: str) -> str:
    return spelling.folded(line[:_MAX_LINE]).strip(" ,;.!…")


def _bare(subject: str) -> str:
    """The subject without "Re:", "Fwd:" and their like."""
    subject = spelling.composed(subject[: 2 * _MAX_LINE])
    while prefix := _ANSWERS.match(spelling.folded(subject)):
        subject = subject[prefix.end() :]
    return subject


def _command(line: str) -> Command | None:
    line = line.strip(" \t\u00a0\u202f\"'«»“”*_")
    if len(line) > _MAX_LINE:
        return None
    greeting = _GREETING.match(spelling.folded(line))
    line = line[greeting.end() :] if greeting else line
    for name, pattern in _COMMANDS:
        found = pattern.fullmatch(spelling.folded(line))
        if found:
            argument = (
                line[slice(*found.span("argument"))] if "argument" in found.groupdict() and found["argument"] else ""
            )
            return _asked(name, argument)
    return None


def _asked(name: CommandName, argument: str) -> Command | None:
    if clues.is_date(argument):
        return None
    # A NIR is no invoice number, and must not come back in an answer.
    return Command(name, "" if clues.find(argument).nirs else argument)
