"""Colours of CSS: read, laid over each other, and how well two can be told apart (WCAG 2.1, 1.4.3).

Pure. Known limit: `hsl()`, gradients and variables are no colours here.
"""

from __future__ import annotations

import re
from functools import cache

Colour = tuple[int, int, int, float]
WHITE: Colour = (255, 255, 255, 1.0)
BLACK: Colour = (0, 0, 0, 1.0)
HINT = "une couleur s’écrit #0a5a6c, #fff, rgb(10, 90, 108) ou white"
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\Z")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+(0|1|0?\.\d+|\d{1,3}%))?\s*\)\Z")


@cache
def read(text: str) -> Colour | None:
    """Red, green, blue (0 to 255) and opacity (0 to 1); None for what is no colour."""
    text = text.strip().lower()
    if text == "transparent":
        return (0, 0, 0, 0.0)
    if _HEX.match(text):
        digits = text[1:] if len(text) > 5 else "".join(sign * 2 for sign in text[1:])
        parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
        return parts[0], parts[1], parts[2], (parts[3] / 255 if len(parts) == 4 else 1.0)
    found = _RGB.match(text)
    if found:
        red, green, blue = (int(part) for part in found.groups()[:3])
        alpha = found[4] or "1"
        opacity = float(alpha[:-1]) / 100 if alpha.endswith("%") else float(alpha)
        return (red, green, blue, opacity) if max(red, green, blue) <= 255 else None
    from PIL import ImageColor  # names only: a page without one loads no library of pictures

    if text not in ImageColor.colormap:
        return None
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue, 1.0


def over(top: Colour, below: Colour) -> Colour:
    """What is seen where one lies over the other; `below` covers all."""
    red, green, blue = (round(top[at] * top[3] + below[at] * (1 - top[3])) for at in range(3))
    return red, green, blue, 1.0


def contrast(one: Colour, other: Colour) -> float:
    """From 1.0 (the same) to 21.0 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
