"""Hostile input is read in a process of its own that can be killed (promise 3 of promises.md).

tasks.py   what can be read there: pure functions of `parsers`, by name, each with its limits
reader.py  `Child` reads in such a process, `Here` in this one (tests, rehearsals). Start here
documents.py  the documents of one mail, under one clock; scans.py recognises their pictures with Tesseract
child.py   the process itself: waits for bytes, reads them under its limits, gives values back

Raises `Park` with a French reason for what could not be read within the limits.
"""

from mailbot.reading.reader import Child, Here, Reader

__all__ = ["Child", "Here", "Reader"]
