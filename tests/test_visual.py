"""Letters are readable: contrast in both schemes, on the narrowest phone, in Outlook's Word engine as far as one can
read its conditional parts, and typeset as French is."""

from __future__ import annotations

import html
import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest
from lxml import html as lxml_html

from mailbot.demo import captures
from mailbot.letters import samples
from tests.conftest import need
from tests.letters_house import ROOT, house, shipped

CONTEXTS = samples.contexts(house(pdf=True))
PAGES = {
    f"{kind}-{at}": house().templates.html(kind, one) for kind, many in CONTEXTS.items() for at, one in enumerate(many)
}
TEXTS = {
    f"{kind}-{at}": house().templates.text(kind, one) for kind, many in CONTEXTS.items() for at, one in enumerate(many)
}
STYLE = shipped()["_style.mjml"]
#: The ground on which each class of text stands.
GROUND = {
    "boite": "h1 h2 h3 chapeau qui fort gros doux k marque n alerte a",
    "puce": "motif",
    "quoi": "ici",
    "b": "aller",
    "fond": "pied",
}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str) -> float:
    """WCAG 2.1 §1.4.3."""
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css: str, what: str) -> dict[str, str]:
    """Class or tag -> its colour in these rules."""
    found: dict[str, str] = {}
    for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        value = re.search(rf"(?<![-\w]){what}: (#[0-9a-f]{{6}})", body)
        for name in names.split(",") if value else ():
            found[name.split()[-1].lstrip(".")] = value[1]
    return found


@pytest.mark.parametrize("scheme", ["clair", "sombre", "sombre d’Outlook"])
def test_every_text_is_readable_on_its_ground(scheme: str) -> None:
    css = STYLE.partition("<mj-style>")[2]
    light, _, rest = css.partition("@media (prefers-color-scheme: dark) {")
    dark, _, outlook = rest.partition("\n    }\n")
    rules = {"clair": light, "sombre": dark, "sombre d’Outlook": outlook}[scheme]
    texts, grounds = colours(rules, "color"), colours(rules, "background-color")
    if scheme == "clair":
        grounds["fond"] = re.search(r'background-color="(#\w+)"', shipped()["bordereau.mjml"])[1]  # type: ignore[index]
    for ground, names in GROUND.items():
        for name in names.split():
            assert contrast(texts[name], grounds[ground]) >= 4.5, (scheme, name, ground)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_headings_in_order_and_links_that_say_where_they_go(name: str) -> None:
    tree = lxml_html.document_fromstring(PAGES[name])
    levels = [int(element.tag[1]) for element in tree.iter("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    links = [" ".join(link.text_content().split()) for link in tree.iter("a")]
    assert len(links) == len(set(links)) and all(len(link) > 10 for link in links)
    assert all(link.get("href", "").startswith("mailto:") for link in tree.iter("a"))


@pytest.mark.parametrize("name", PAGES)
def test_word_gets_tables_of_a_fixed_width_that_are_all_closed(name: str) -> None:
    """Outlook draws with Word: it sees what the conditional comments hide from the others."""
    page = captures.as_word_reads(PAGES[name])
    assert "<!--[if" not in page
    for tag in ("table", "tr", "td", "div"):
        assert len(re.findall(rf"<{tag}\b", page)) == len(re.findall(rf"</{tag}>", page)), tag
    assert 'width="660"' in page
    assert "mso-line-height-rule: exactly" in page
    # Word knows no maximal width: whatever is not in a table would be as wide as the window.
    assert not lxml_html.document_fromstring(page).xpath("//body//p[not(ancestor::table)]")


@pytest.mark.real
def test_nothing_is_wider_than_a_phone_of_320_pixels(tmp_path: Path) -> None:
    frames = "".join(
        f'<iframe id="{name}" style="width:320px;height:900px" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in PAGES.items()
    )
    script = (
        "<script>onload=()=>{const found={};for(const f of document.querySelectorAll('iframe'))"
        "found[f.id]=f.contentDocument.documentElement.scrollWidth;"
        "document.title=JSON.stringify(found)}</script>"
    )
    page = tmp_path / "phone.html"
    page.write_text(
        f"<!doctype html><title></title><style>iframe{{border:0}}</style>{script}{frames}", encoding="utf-8"
    )
    done = subprocess.run(
        [need("chromium", "chromium"), "--headless", "--no-sandbox", "--dump-dom", page.as_uri()],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    widths = json.loads(html.unescape(re.search(r"<title>(.+?)</title>", done.stdout)[1]))  # type: ignore[index]
    assert set(widths) == set(PAGES)
    assert {name: width for name, width in widths.items() if width > 320} == {}


#: A sign that wants a no-break space before it, after an ordinary one; an apostrophe of a typewriter inside a word.
WRONG = re.compile(r"\w [:;?!»](?=\s|$)|« (?! )|(?<=[a-zàéè])'(?=[a-zàéèA-Z])|\.\.\.|(?<=\d) €|\b1 [a-zé]+s refusées")


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_ps_reads_is_typeset_as_french_is(name: str) -> None:
    # Labels of the text part stand in columns; values of samples are as invented people typed them.
    said = [line for line in TEXTS[name].split("\n") if not re.match(r"\s+[\w’°() -]+ +: ", line)]
    found = [(line, WRONG.search(line)) for line in said if "O'BRIEN" not in line]
    assert [line for line, wrong in found if wrong] == []


def test_what_an_admin_types_comes_out_typeset() -> None:
    for path in sorted((ROOT / "config/reponses").glob("*.txt")):
        texte = house().reponses.textes.get(path.stem)
        said = " ".join((texte.commun, texte.delai, *texte.conseils.values())) if texte else ""
        assert WRONG.search(said) is None, (path.name, WRONG.search(said))


@pytest.mark.parametrize("name", TEXTS)
def test_lines_of_the_text_part_fit_a_terminal(name: str) -> None:
    # A long address is not cut.
    assert [line for line in TEXTS[name].split("\n") if len(line) > 78 and max(map(len, line.split())) <= 50] == []
