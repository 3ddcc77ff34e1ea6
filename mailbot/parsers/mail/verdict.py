"""What our own mail exchanger says of the sender (RFC 8601, Authentication-Results). Pure; never raises.

Only the topmost field counts, and only when it is signed with our `authserv_id`: any other one came from outside and
may say what it likes. A pass counts only for the domain of the strict From (alignment), compared as equal names: no
list of public suffixes is needed, and a subdomain that a provider lends to its customers proves nothing.

The field is read by authres, which knows its quoting and comments: values in it come from outside (a sender chooses
`smtp.mailfrom`), and one with a quoted part is nobody's plain address and proves nothing.
"""

from __future__ import annotations

import re

import authres

from mailbot.parsers.mail.headers import Headers

#: The domain of `a@example.fr`, `@example.fr` or `example.fr`, each written plainly.
_PLAIN = re.compile(r"(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\Z")
#: Which properties of a pass name a domain that it stands for.
_NAMES = {"spf": (("smtp", "mailfrom"),), "dkim": (("header", "d"), ("header", "i")), "dmarc": (("header", "from"),)}


def verified(headers: Headers, sender: str, authserv_id: str | None) -> bool | None:
    """True: the sender is who the From says. False: our exchanger says that it is not. None: it knows nothing of it.

    True needs `dmarc=pass` for the From domain; or, where it found no DMARC policy, an spf or dkim pass of that very
    domain. A strict sender is needed for True.
    """
    fields = headers.all("authentication-results")
    if not authserv_id or not fields:
        return None
    unfolded = " ".join(fields[0].split())
    try:
        read = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {unfolded}")
    except authres.AuthResError:
        # Ours or not, nothing can be read in it: it confirms nobody.
        return False if unfolded.lower().startswith(authserv_id.strip().lower()) else None
    if str(read.authserv_id).lower() != authserv_id.strip().lower():
        return None
    domain = sender.rpartition("@")[2]
    if domain and _confirmed(read.results, domain):
        return True
    return False if not domain or any(_refuted(one) for one in read.results) else None


def _refuted(result: authres.AuthenticationResult) -> bool:
    """Anything but a pass and the words for "this domain publishes nothing"; a pass that is not for this domain, too:
    somebody else sent it."""
    return result.method in _NAMES and str(result.result).lower() not in ("none", "neutral", "temperror")


def _confirmed(results: list[authres.AuthenticationResult], domain: str) -> bool:
    dmarc = [one for one in results if one.method == "dmarc" and one.result != "none"]
    if dmarc:
        # One policy, one verdict: a second one was smuggled in.
        return len(dmarc) == 1 and _passes(dmarc[0], domain)
    return any(_passes(one, domain) for one in results if one.method in ("spf", "dkim"))


def _passes(result: authres.AuthenticationResult, domain: str) -> bool:
    """Is this a pass, and does every domain that it names for itself stand plainly for `domain`?"""
    named = [one.value for one in result.properties if (one.type, one.name) in _NAMES[result.method]]
    found = [_PLAIN.match(str(value)) for value in named]
    return (
        result.result == "pass"
        and bool(found)
        and all(one is not None and one[1].lower() == domain.lower() for one in found)
    )
