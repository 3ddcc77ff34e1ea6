"""The secret phrase that opens the closed PDF of a contact (`privacy.plain: encrypted`).

It is made from the ledger's secret, the PS, the address and a number that grows when an agent renews it: 80 bits, which
nobody finds by trying, in four groups of four letters and digits that a person can read out. It is kept nowhere. The
contact gets it once, by another way than the bordereaux: with the letter that confirms its address, by post, or on the
telephone from an agent (`mailbot contacts phrase`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from mailbot.passes.service import Service


def of(service: Service, numero_ps: str, mail: str) -> str:
    """“abcd-efgh-ijkl-mnop”, letters a to z and digits 2 to 7."""
    number = service.ledger.preferences.of(numero_ps, mail).phrase
    said = "\x1f".join(("pdf", numero_ps, mail.lower(), str(number)))
    digest = hmac.new(service.ledger.secret, said.encode(), hashlib.sha256).digest()[:10]
    text = base64.b32encode(digest).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))
