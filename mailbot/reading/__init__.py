"""Hostile input is read, and edited templates are tried, in a process of its own that can be killed.

tasks.py   what can be done there: pure functions of `parsers` and `letters.trial`, by name, each with its limits
reader.py  `Child` reads in such a process, `Here` in this one (tests, rehearsals). Start here
documents.py  the documents of one mail, under one clock; scans.py recognises their pictures with Tesseract
child.py   the process itself: waits for bytes, reads them under its limits, gives values back

Raises `Park` with a French reason for what could not be read within the limits.
"""

from mailbot.reading.reader import Child, Here, Reader

__all__ = ["Child", "Here", "Reader"]
