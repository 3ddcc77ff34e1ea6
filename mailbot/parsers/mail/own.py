"""Our own addresses: what makes a mail come from us, come to us, or answer us.

Owns the comparison of outside addresses and Message-IDs with the addresses of the configuration. Never raises.
A pattern is an address that may hold `{token}`, as `reply_address` and `bounce_address` do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REFERENCE_PATTERN = "[A-Za-z2-7]{26}"


def _lower(address: str) -> str:
    return address.strip().lower()


@dataclass(frozen=True, slots=True)
class Own:
    """Our addresses, as the configuration writes them; "" where it has none.

    `authserv_id` is the name by which our mail exchanger signs Authentication-Results (None: verdicts are not used).
    """

    service_address: str = ""
    registration_address: str = ""
    from_address: str = ""
    reply_address: str = ""
    bounce_address: str = ""
    authserv_id: str | None = None

    def _all(self) -> tuple[str, ...]:
        every = (
            self.from_address,
            self.service_address,
            self.registration_address,
            self.reply_address,
            self.bounce_address,
        )
        return tuple(address for address in every if address)

    def is_ours(self, address: str) -> bool:
        """True for any of our addresses, with any token in the place of `{token}`."""
        return any(_match(pattern, address) for pattern in self._all())

    def is_registration(self, address: str) -> bool:
        """True for the registration address, where it is not also one of the others."""
        wanted = _lower(self.registration_address)
        others = {_lower(self.service_address), _lower(self.from_address), _lower(self.reply_address)}
        return bool(wanted) and wanted not in others and _lower(address) == wanted

    def token(self, address: str) -> str:
        """The token that an address of ours carries, lower-cased; "" without one."""
        for pattern in (self.reply_address, self.bounce_address):
            if "{token}" in pattern:
                found = re.fullmatch(_regex(pattern), address.strip(), re.IGNORECASE)
                if found:
                    return found.group(1).lower()
        return ""

    def is_our_message_id(self, message_id: str) -> bool:
        """True for `mb-<token>@<domain of from_address>`, with or without angle brackets."""
        _, _, domain = _lower(self.from_address).rpartition("@")
        found = re.fullmatch(rf"<?mb-{REFERENCE_PATTERN}@([^<>@\s]+)>?", message_id.strip(), re.IGNORECASE)
        return bool(found and domain and found.group(1).lower() == domain)


def _regex(pattern: str) -> str:
    before, _, after = pattern.strip().partition("{token}")
    return re.escape(before) + rf"(?:mb-)?({REFERENCE_PATTERN})" + re.escape(after)


def _match(pattern: str, address: str) -> bool:
    if "{token}" in pattern:
        return re.fullmatch(_regex(pattern), address.strip(), re.IGNORECASE) is not None
    return _lower(pattern) == _lower(address)
