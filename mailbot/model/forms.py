"""How the fields of our PDF form are called: what its writer (`letters.pdf`) and its reader (`parsers`) agree on.

A field is called `mb-TOKEN-REJET-NAME`: the letter's reference, the ledger's id of the refusal, and which field it is.
Nothing personal. Its label, which readers of PDF show and speak, begins with the number of the refused invoice.
"""

from __future__ import annotations

import re

from mailbot.model.documents import Field

#: The fields of one refusal, and what each is for.
LABELS = {
    "numero_facture": "numéro de la facture corrigée",
    "numero_lot": "numéro de son lot",
    "reponse": "votre réponse ou remarque",
}
_NAME = re.compile(rf"mb-([a-z2-7]{{26}})-([0-9]{{1,18}})-({'|'.join(LABELS)})")
_BEFORE, _BETWEEN = "Facture n° ", " : "


def called(token: str, rejet: int, name: str, invoice: str) -> tuple[str, str]:
    """Name and label of a field."""
    return f"mb-{token}-{rejet}-{name}", f"{_BEFORE}{invoice}{_BETWEEN}{LABELS[name]}"


def field(called_name: str, label: str, value: str) -> Field | None:
    """The field that a form holds under this name; None where it is none of ours."""
    found = _NAME.fullmatch(called_name)
    if not found:
        return None
    invoice = label.rpartition(_BETWEEN)[0].removeprefix(_BEFORE)
    return Field(found[3], value, invoice, int(found[2]), found[1])
