"""What our own mail exchanger says of the sender (RFC 8601, Authentication-Results). Pure; never raises.

Only the topmost field counts, and only when it is signed with our `authserv_id`: any other one came from outside and
may say what it likes. A pass counts only for the domain of the strict From (alignment), compared as equal names: no
list of public suffixes is needed, and a subdomain that a provider lends to its customers proves nothing.
Comments are taken out first, so that `(dmarc=pass)` in one means nothing.
"""

from __future__ import annotations

import re

from mailbot.parsers.headers import Headers

_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)\b", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<!\S)([a-z0-9-]+)\.([a-z0-9_-]+)=(?:\"([^\"]*)\"|(\S+))", re.IGNORECASE)


def verified(headers: Headers, sender: str, authserv_id: str | None) -> bool | None:
    """True: the sender is who the From says. False: our exchanger did not confirm it. None: it said nothing.

    True needs `dmarc=pass` for the From domain; or, where it found no DMARC policy, an spf or dkim pass of that very
    domain. A strict sender is needed for True.
    """
    fields = headers.all("authentication-results")
    if not authserv_id or not fields:
        return None
    identity, _, results = _without_comments(fields[0]).partition(";")
    name = identity.split()[:1]
    if not name or name[0].strip('"').lower() != authserv_id.strip().lower():
        return None
    domain = sender.rpartition("@")[2]
    return bool(domain) and _confirmed(results, domain)


def _confirmed(results: str, domain: str) -> bool:
    dmarc: list[bool] = []
    aligned = False
    for result in results.split(";"):
        found = _RESULT.match(result)
        if not found:
            continue
        method, verdict = found.group(1).lower(), found.group(2).lower()
        said = {f"{kind}.{name}".lower(): quoted or bare for kind, name, quoted, bare in _PROPERTY.findall(result)}
        if method == "dmarc" and verdict != "none":
            dmarc.append(verdict == "pass" and said.get("header.from", "").lower() == domain)
        elif method == "spf" and verdict == "pass":
            aligned |= _domain(said.get("smtp.mailfrom", "")) == domain
        elif method == "dkim" and verdict == "pass":
            aligned |= (said.get("header.d") or _domain(said.get("header.i", ""))).lower() == domain
    return all(dmarc) if dmarc else aligned


def _domain(address: str) -> str:
    return address.strip("<>").rpartition("@")[2].lower()


def _without_comments(value: str) -> str:
    """The field without its comments, which may be nested; quoted text keeps its parentheses."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
            if not depth:
                kept.append(character)
            continue
        if character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
            continue
        elif character == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(character)
    return "".join(kept)
