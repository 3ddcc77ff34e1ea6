"""The MJML 4 components as a table: what each may stand in, which attributes it knows, and what a value looks like.

Written after the component reference of MJML 4 (documentation.mjml.io, "Components"). MJML itself validates nothing:
a misspelt tag or attribute passes silently and is simply not there in the mail. Data only. Pure.
"""

from __future__ import annotations

#: Kind of value -> (pattern of the whole value, how to say it to an admin). Colours are `colours.py`'s.
KINDS: dict[str, tuple[str, str]] = {
    "px": (r"\d+(?:\.\d+)?px", "une taille comme 12px"),
    "px0": (r"0|\d+(?:\.\d+)?px", "une taille comme 12px, ou 0"),
    "size": (r"0|\d+(?:\.\d+)?(?:px|%)", "une taille comme 12px ou 50%"),
    "height": (r"normal|\d+(?:\.\d+)?(?:px|%|em)?", "une taille comme 20px, 150% ou 1.5"),
    "spacing": (r"normal|-?\d+(?:\.\d+)?(?:px|em)|0", "une taille comme 1px"),
    "padding": (
        r"(?:0|\d+(?:\.\d+)?(?:px|%))(?: +(?:0|\d+(?:\.\d+)?(?:px|%))){0,3}",
        "une à quatre tailles : 10px 25px",
    ),
    "number": (r"\d+", "un nombre entier"),
    "border": (
        r"none|0|(?:0|\d+(?:\.\d+)?px) (?:solid|dashed|dotted|double|none)(?: \S.*)?",
        "un trait comme 1px solid #d9e0e7",
    ),
    "align": (r"left|center|right|justify", "left, center, right ou justify"),
    "valign": (r"top|middle|bottom", "top, middle ou bottom"),
    "dir": (r"ltr|rtl|auto", "ltr ou rtl"),
    "decoration": (r"none|underline|overline|line-through", "none, underline, overline ou line-through"),
    "transform": (r"none|capitalize|uppercase|lowercase", "none, capitalize, uppercase ou lowercase"),
    "style": (r"normal|italic|oblique", "normal, italic ou oblique"),
    "weight": (r"normal|bold|bolder|lighter|[1-9]00", "normal, bold, ou un nombre de 100 à 900"),
    "line": (r"solid|dashed|dotted|double", "solid, dashed ou dotted"),
    "switch": (r"full-width", "full-width, ou l’attribut en moins"),
    "layout": (r"auto|fixed|initial|inherit", "auto ou fixed"),
    "inline": (r"inline", "inline, ou l’attribut en moins"),
    "position": (r"head|body", "head, ou l’attribut en moins"),
    "yesno": (r"true|false", "true ou false"),
    "target": (r"_blank|_self|_parent|_top", "_blank"),
    "lang": (r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*", "un code de langue : fr"),
}
#: Kinds that have a rule of their own elsewhere: colours, links, pictures, free text.
COLOUR, LINK, PICTURE, FREE = "colour", "link", "picture", "text"

_PADDING = {
    "padding": "padding",
    "padding-top": "size",
    "padding-right": "size",
    "padding-bottom": "size",
    "padding-left": "size",
}
_INNER = {f"inner-{name}": kind for name, kind in _PADDING.items()}
_BORDER = {"border": "border", "border-radius": "padding"} | {
    f"border-{side}": "border" for side in ("top", "right", "bottom", "left")
}
_FONT = {
    "color": COLOUR,
    "font-family": FREE,
    "font-size": "px0",
    "font-style": "style",
    "font-weight": "weight",
    "line-height": "height",
    "letter-spacing": "spacing",
    "text-decoration": "decoration",
    "text-transform": "transform",
}
_BACKGROUND = {
    "background-color": COLOUR,
    "background-position": FREE,
    "background-position-x": FREE,
    "background-position-y": FREE,
    "background-repeat": FREE,
    "background-size": FREE,
}
_LINK = {"href": LINK, "rel": FREE, "target": "target", "title": FREE, "name": FREE}
_BLOCK = {"container-background-color": COLOUR, **_PADDING}
#: Every component of a body takes these.
COMMON = {"css-class": FREE, "mj-class": FREE}

#: Component -> its attributes besides COMMON, each with its kind of value.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "mjml": {"lang": "lang", "dir": "dir", "owa": FREE},
    "mj-head": {},
    "mj-title": {},
    "mj-preview": {},
    "mj-attributes": {},
    "mj-style": {"inline": "inline"},
    "mj-breakpoint": {"width": "px"},
    "mj-include": {"path": FREE},
    "mj-raw": {"position": "position"},
    "mj-all": {},
    "mj-class": {"name": FREE},
    "mj-body": {"width": "px", "background-color": COLOUR},
    "mj-wrapper": {**_PADDING, **_BORDER, **_BACKGROUND, "full-width": "switch", "text-align": "align"},
    "mj-section": {
        **_PADDING, **_BORDER, **_BACKGROUND, "full-width": "switch", "direction": "dir", "text-align": "align",
    },
    "mj-group": {"background-color": COLOUR, "direction": "dir", "vertical-align": "valign", "width": "size"},
    "mj-column": {
        **_PADDING, **_BORDER, "background-color": COLOUR, "inner-background-color": COLOUR, "vertical-align": "valign",
        "width": "size", "direction": "dir", **{f"inner-{name}": kind for name, kind in _BORDER.items()},
    },
    "mj-hero": {
        **_PADDING, **_BACKGROUND, "background-height": "px", "background-width": "px", "border-radius": "padding",
        "height": "px", "mode": FREE, "vertical-align": "valign", "width": "px", "inner-background-color": COLOUR,
    },
    "mj-text": {**_FONT, **_BLOCK, "align": "align", "height": "px"},
    "mj-table": {
        **_FONT, **_BLOCK, "align": "align", "border": "border", "cellpadding": "number", "cellspacing": "number",
        "role": FREE, "table-layout": "layout", "width": "size",
    },
    "mj-button": {
        **_FONT, **_BLOCK, **_BORDER, **_LINK, "align": "align", "background-color": COLOUR, "height": "px",
        "inner-padding": "padding", "text-align": "align", "vertical-align": "valign", "width": "size",
    },
    "mj-divider": {
        **_BLOCK, "align": "align", "border-color": COLOUR, "border-style": "line", "border-width": "px",
        "width": "size",
    },
    "mj-spacer": {**_BLOCK, "height": "px"},
    "mj-image": {
        **_BLOCK, **_BORDER, **_LINK, "align": "align", "alt": FREE, "src": PICTURE, "width": "px", "height": "px",
        "max-height": "size", "fluid-on-mobile": "yesno", "font-size": "px",
    },
    "mj-social": {
        **_FONT, **_BLOCK, **_INNER, "align": "align", "border-radius": "padding", "icon-size": "size",
        "icon-height": "size", "icon-padding": "padding", "mode": FREE, "text-padding": "padding",
        "table-layout": "layout",
    },
    "mj-social-element": {
        **_FONT, **_PADDING, **_LINK, "align": "align", "alt": FREE, "background-color": COLOUR,
        "border-radius": "padding", "icon-size": "size", "src": PICTURE, "vertical-align": "valign",
    },
    "mj-navbar": {**_PADDING, "align": "align", "base-url": LINK, "hamburger": FREE, "ico-color": COLOUR},
    "mj-navbar-link": {**_FONT, **_PADDING, **_LINK},
    "mj-accordion": {**_PADDING, "border": "border", "container-background-color": COLOUR, "font-family": FREE},
    "mj-accordion-element": {"background-color": COLOUR, "border": "border", "font-family": FREE},
    "mj-accordion-title": {**_PADDING, "background-color": COLOUR, "color": COLOUR, "font-family": FREE,
                           "font-size": "px"},
    "mj-accordion-text": {**_FONT, **_PADDING, "background-color": COLOUR},
}  # fmt: skip

_BLOCKS = ("mj-column", "mj-hero")
#: Component -> what it stands in. "" is the outermost. mj-raw and mj-include stand anywhere but in text.
PARENTS: dict[str, tuple[str, ...]] = {
    "mjml": ("",),
    "mj-head": ("mjml",),
    "mj-body": ("mjml",),
    "mj-title": ("mj-head",),
    "mj-preview": ("mj-head",),
    "mj-attributes": ("mj-head",),
    "mj-style": ("mj-head",),
    "mj-breakpoint": ("mj-head",),
    "mj-all": ("mj-attributes",),
    "mj-class": ("mj-attributes",),
    "mj-raw": ("mj-head", "mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero"),
    "mj-wrapper": ("mj-body",),
    "mj-section": ("mj-body", "mj-wrapper"),
    "mj-hero": ("mj-body", "mj-wrapper"),
    "mj-group": ("mj-section",),
    "mj-column": ("mj-section", "mj-group"),
    "mj-text": _BLOCKS,
    "mj-table": _BLOCKS,
    "mj-button": _BLOCKS,
    "mj-divider": _BLOCKS,
    "mj-spacer": _BLOCKS,
    "mj-image": _BLOCKS,
    "mj-social": _BLOCKS,
    "mj-social-element": ("mj-social",),
    "mj-navbar": _BLOCKS,
    "mj-navbar-link": ("mj-navbar",),
    "mj-accordion": _BLOCKS,
    "mj-accordion-element": ("mj-accordion",),
    "mj-accordion-title": ("mj-accordion-element",),
    "mj-accordion-text": ("mj-accordion-element",),
}

#: Components whose content is HTML. In the others only components stand.
ENDING = frozenset(
    {"mj-text", "mj-table", "mj-button", "mj-raw", "mj-navbar-link", "mj-social-element", "mj-accordion-title",
     "mj-accordion-text"}
)  # fmt: skip
#: Components whose content is text without tags.
TEXTUAL = frozenset({"mj-title", "mj-preview", "mj-style"})
#: Components that MJML offers and this house does not: what they do needs a server elsewhere or code.
FORBIDDEN = {
    "mj-font": "une police vient d’un serveur : nommez des polices du système dans font-family",
    "mj-carousel": "un carrousel appelle des images d’ailleurs : mettez le texte en mj-text",
    "mj-html-attributes": "écrivez les attributs sur la balise elle-même",
    "mj-selector": "écrivez les attributs sur la balise elle-même",
}


def listed(words: str) -> frozenset[str]:
    """Words that stand one after the other."""
    return frozenset(words.split())


#: HTML that mail programs show. `meta` and `style` only in mj-raw.
HTML = listed(
    """a abbr address article b blockquote br caption center code col colgroup dd del div dl dt em figcaption figure
    font footer h1 h2 h3 h4 h5 h6 header hr i img ins li main meta ol p pre s section small span strike strong style sub
    sup table tbody td tfoot th thead time tr u ul wbr"""
)
#: HTML that brings something from outside, runs, or asks for something.
UNSAFE = listed(
    """applet audio base button canvas embed form frame frameset iframe input link math noscript object picture script
    select source svg template textarea video"""
)
#: Attributes of HTML that are known, beside `aria-…` and `data-…`.
HTML_ATTRIBUTES = listed(
    """align alt bgcolor border cellpadding cellspacing charset class color colspan content datetime dir face headers
    height href hreflang http-equiv id lang media name nowrap rel role rowspan scope size span src start style summary
    target title type valign value width"""
)
