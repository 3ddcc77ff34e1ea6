"""The fates of what goes wrong. Every error of the house is one of these, named by what happens next.

`ConfigError`  refuse to start: the admin edits a file (exit code 2).
`Park`         a human must look at this one thing; the pass goes on with the next.
`Later`        transient: try again on a later pass (exit code 75 when a verb cannot go on without it).
`Never`        permanent: this letter or file is not tried again.

They carry facts, not only words. Their text is French where an admin or a gestionnaire reads it. A NIR, a name, a
birth date or an address never stands in it: use `parsers.identifiers.masked` first.
"""

from __future__ import annotations

from dataclasses import dataclass


class MailbotError(Exception):
    """Base of all fates; never raised itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a file of the admin: where it is, what is wrong, what to do.

    `line` and `column` are 1-based; 0 means that the fault is of the file as a whole.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place} : {self.message}" + (f" — {self.hint}" if self.hint else "")


class ConfigError(MailbotError):
    """The configuration cannot be used; carries every fault found, so that all are shown at once."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Park(MailbotError):
    """A human must look. `reason` is one French sentence for the review queue, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Later(MailbotError):
    """Transient failure of a server, lock or disk; `code` is the SMTP reply code where one came (else 0)."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Never(MailbotError):
    """Permanent failure; `code` is the SMTP reply code where one came (else 0)."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class InDoubt(MailbotError):
    """The answer after the final dot was lost: the letter may or may not have been taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
