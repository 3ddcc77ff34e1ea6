"""A PDF that only who knows its password can open: AES-256, as of PDF 2.0 (ISO 32000-2, revision 6).

The one place that knows how; pypdf does it, with `cryptography` (both BSD). Known limits: salts are drawn anew each
time, so that the same page gives other bytes; a form that comes back still closed is not read.
"""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter


def locked(content: bytes, password: str) -> bytes:
    """The same pages, form and title behind a password. Owner and reader are one: nothing inside is forbidden."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.pdf_header = "%PDF-2.0"
    writer.encrypt(user_password=password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
