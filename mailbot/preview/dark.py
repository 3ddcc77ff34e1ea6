"""The dark mode of a mail switched on or off in a page, whatever the browser of the admin prefers. Pure."""

from __future__ import annotations

import re

_ASKED = re.compile(r"@media[^{]*prefers-color-scheme:\s*(dark|light)[^{]*(?=\{)", re.IGNORECASE)
_META = re.compile(r"(<meta\b[^>]*\bname=\"(?:supported-)?color-schemes?\"[^>]*\bcontent=\")[^\"]*", re.IGNORECASE)


def switched(page: str, dark: bool) -> str:
    """The page as a reader with that preference sees it."""
    wanted = "dark" if dark else "light"
    page = _ASKED.sub(lambda rule: "@media all " if rule[1].lower() == wanted else "@media not all ", page)
    return _META.sub(lambda meta: meta[1] + wanted, page)
