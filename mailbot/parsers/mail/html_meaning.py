"""What the markup of mail programs says of a piece of a mail: quoted, a signature, answered in colour, hidden. Pure.

Owns the names (class, id, data-marker) and styles that Outlook, Gmail, Apple Mail, Thunderbird, Yahoo, Zimbra,
Roundcube and Proton write around quoted mails and signatures. Knows one element at a time; `html_layout` walks them.
Known limits: a signature that its owner pasted into the text is text; a colour says "answered here" only inside a
quoted mail, and `quoting` believes it only where the sender announced it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.parsers.mail import quoting

#: Elements that say something without any attribute.
SPEAKING = {"blockquote", "pre"}

#: What stands in these is quoted: attribution lines, and the containers of programs that use no blockquote.
_QUOTED = {
    *("gmail_attr", "moz-cite-prefix", "reply-intro", "yahoo_quoted", "OLK_SRC_BODY_SECTION", "AppleOriginalContents"),
    *("mail-editor-reference-message-container", "moz-forward-container", "protonmail_quote", "tutanota_quote"),
    *("ms-outlook-mobile-body-quote", "zmail_extra"),
}
#: From here on an earlier mail stands, without anything that says where it ends.
_CUT = {"divRplyFwdMsg", "appendonsend", "zwchr", "__DIVIDER__", "__QUOTED_TEXT__", "replySplit"}
_SIGNED = {
    *("gmail_signature", "moz-signature", "Signature", "ms-outlook-mobile-signature", "AppleMailSignature", "_rc_sig"),
    *("protonmail_signature_block", "__SIG_PRE__", "__SIG_POST__", "ymail_android_signature", "ox-signature"),
}
#: The line that Outlook draws above the header of the mail that it quotes.
_OUTLOOK_LINE = re.compile(
    r"border-top:\s?(?:solid (?:#e1e1e1|#b5c4df|windowtext) 1\.0pt|1pt solid (?:rgb\(225, ?225, ?225\)|#e1e1e1))"
    r";\s?padding:\s?3(?:\.0)?pt 0"
)
_INDENT = re.compile(r"border(?:-left)?:\s?(?:none|0)|margin(?:-left)?:\s?(?:0(?:px)? 0(?:px)? 0(?:px)? )?40px")
_HIDDEN = re.compile(r"display:\s?none|mso-hide:\s?all")
_TIGHT = {"MsoNormal", "MsoListParagraph", "MsoPlainText", "MsoNoSpacing", "elementToProof"}
_NO_MARGIN = re.compile(r"margin(?:-top|-bottom)?:\s?0")
_COLOUR = re.compile(r"(?<![a-z-])color:\s?([^;]{1,30})|background(?:-color)?:\s?(?:yellow|#ffff00|aqua|lime)")
_RGB = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$|rgba?\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})")
_NAMED = {"red", "blue", "green", "purple", "fuchsia", "magenta", "orange", "#f00", "#00f"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the markup of one element says."""

    quoted: bool = False
    cut: bool = False
    signed: bool = False
    coloured: bool = False
    preformatted: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where words stand: how deeply quoted, in a signature, in a colour of their own, preformatted."""

    quoted: int = 0
    signed: bool = False
    coloured: bool = False
    preformatted: bool = False

    def within(self, meaning: Meaning) -> State:
        return State(
            self.quoted + meaning.quoted,
            self.signed or meaning.signed,
            self.coloured or meaning.coloured,
            self.preformatted or meaning.preformatted,
        )

    def prefix(self) -> str:
        """What `quoting` reads at the start of the line."""
        mark = quoting.COLOURED if self.coloured else quoting.SIGNED if self.signed else ""
        return mark + "> " * min(self.quoted, 5)


_NOTHING = Meaning()


def of(name: str, said: Mapping[str, str], quoted_here: bool) -> Meaning | None:
    """What an element says by its name and attributes; None for nothing. `quoted_here`: it stands in a quoted mail."""
    if not said:
        return Meaning(quoted=True) if name == "blockquote" else Meaning(preformatted=True) if name == "pre" else None
    style, named = said.get("style", "").lower(), said.get("id", "")
    names = {*said.get("class", "").split(), named, said.get("data-marker", "")}
    quoted = not names.isdisjoint(_QUOTED) or named.startswith("yahoo_quoted")
    if name == "blockquote":
        quoted = said.get("type") == "cite" or "gmail_quote" in names or not _INDENT.search(style)
    found = Meaning(
        quoted=quoted,
        cut=not names.isdisjoint(_CUT) or ("border-top" in style and _OUTLOOK_LINE.search(style) is not None),
        signed=not names.isdisjoint(_SIGNED),
        coloured=quoted_here and name != "a" and _coloured(style, said.get("color", "").lower()),
        preformatted=name == "pre",
    )
    return found if found != _NOTHING else None


def hidden(said: Mapping[str, str]) -> bool:
    style = said.get("style")
    return style is not None and ("none" in style or "mso-hide" in style) and _HIDDEN.search(style.lower()) is not None


def tight(said: Mapping[str, str]) -> bool:
    """A paragraph without margins: Outlook's, and what a style says."""
    style = said.get("style", "")
    return said.get("class", "") in _TIGHT or ("margin" in style and _NO_MARGIN.search(style) is not None)


def _coloured(style: str, attribute: str) -> bool:
    """A loud colour: what people take who answer inside a quoted mail. The dark blue of Outlook's replies is none."""
    if not attribute and "color" not in style and "background" not in style:
        return False
    for found in _COLOUR.finditer(f"{style};color:{attribute}" if attribute else style):
        colour = (found.group(1) or "yellow").strip()
        rgb = _RGB.match(colour)
        if not found.group(1) or colour in _NAMED or (rgb and _loud(rgb)):
            return True
    return False


def _loud(rgb: re.Match[str]) -> bool:
    in_hex = rgb.group(1) is not None
    low, _, high = sorted(
        int(part, 16 if in_hex else 10) for part in (rgb.groups()[:3] if in_hex else rgb.groups()[3:])
    )
    return high >= 0xB0 and high - low >= 0xA0
