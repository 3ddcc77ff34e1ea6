"""Templates: the page is the one MJML makes, the sandbox is closed, an admin's mistake never stops a mail."""

from __future__ import annotations

import re

import pytest
from lxml import html as lxml_html

from mailbot.errors import ConfigError
from mailbot.letters import choice, render, samples, trial
from mailbot.letters.render import Templates
from tests.letters_house import house, shipped, templates

CONTEXTS = samples.contexts(house(pdf=True))


def shape(page: str) -> list[tuple[str, dict[str, str], str, str]]:
    """The page as elements; white space between them does not count."""
    found = []
    for element in lxml_html.document_fromstring(page).iter():
        if isinstance(element.tag, str):
            texts = (" ".join((element.text or "").split(" ")).strip(), (element.tail or "").strip())
            found.append((element.tag, dict(element.attrib), *texts))
    return found


@pytest.mark.parametrize("kind", sorted(CONTEXTS))
def test_the_quick_page_is_the_one_made_the_long_way(kind: str) -> None:
    for context in CONTEXTS[kind]:
        # MJML writes a no-break space of the title as “\\u{a0}” into the page's label; the quick way does not.
        slow = render.slow_html(shipped(), kind, context).replace("\\u{a0}", "\u00a0")
        assert shape(templates().html(kind, context)) == shape(slow)


def test_every_shipped_template_holds_on_every_sample() -> None:
    assert trial.judge(shipped(), sorted(shipped()), CONTEXTS).faults == ()


@pytest.mark.parametrize("kind", sorted(CONTEXTS))
def test_a_page_needs_nothing_from_outside_and_can_be_read_by_everyone(kind: str) -> None:
    page = templates().html(kind, CONTEXTS[kind][0])
    assert page.startswith("<!doctype html>")
    assert not re.search(r"\b(src|background)=|url\(|@import|<link|<script|https?://(?!www\.w3\.org)", page)
    tree = lxml_html.document_fromstring(page)
    assert tree.get("lang") == "fr"
    assert tree.findtext(".//title")
    assert len(tree.findall(".//h1")) == 1
    for table in tree.iter("table"):
        assert table.get("role") == "presentation" or table.findall("./tr/th[@scope='row']")
    assert "prefers-color-scheme: dark" in page
    assert 'name="color-scheme"' in page


def with_override(name: str, old: str, new: str) -> Templates:
    assert old in shipped()[name]
    return choice.of(shipped(), {name: shipped()[name].replace(old, new, 1)}, CONTEXTS)


def test_an_override_counts() -> None:
    changed = with_override("bordereau.txt", "Avant de nous répondre", "Bon à savoir")
    assert changed.faults == ()
    context = CONTEXTS["bordereau"][0]
    assert "Bon à savoir" in changed.text("bordereau", context)
    changed = with_override("_style.mjml", "#0a5a6c", "#550000")
    assert "#550000" in changed.html("inscription", CONTEXTS["inscription"][0])


def test_a_broken_override_gives_way_to_its_last_good_version_and_the_others_count() -> None:
    style = shipped()["_style.mjml"]
    good, bad = style.replace("#0a5a6c", "#550000"), style.replace("#0a5a6c", "#55000")
    text = shipped()["bordereau.txt"].replace("Avant de nous répondre", "Bon à savoir")
    overrides = {"_style.mjml": bad, "bordereau.txt": text}
    context = CONTEXTS["bordereau"][0]
    for last_good, colour in (({"_style.mjml": good}, "#550000"), ({}, "#0a5a6c"), ({"_style.mjml": bad}, "#0a5a6c")):
        chosen = choice.of(shipped(), overrides, CONTEXTS, last_good=last_good)
        assert {fault.file for fault in chosen.faults} == {"templates/_style.mjml"}
        assert colour in chosen.html("bordereau", context)
        assert "Bon à savoir" in chosen.text("bordereau", context)


def test_an_override_that_fails_on_a_real_letter_leaves_it_to_the_shipped_template_and_says_so() -> None:
    changed = with_override("inscription.txt", "Bonjour,", "{{ 10 // (jour | length) }}")
    assert changed.faults == ()
    context = {**CONTEXTS["inscription"][0], "jour": ""}
    assert "Bonjour," in changed.text("inscription", context)
    assert "templates/inscription.txt" in str(changed.failed["inscription"])


def test_a_broken_shipped_template_is_told() -> None:
    broken = {**shipped(), "bordereau.txt": "{{ titr }}"}
    assert "nom inconnu « titr »" in str(trial.judge(broken, ["bordereau.txt"], CONTEXTS).faults[0])
    with pytest.raises(ConfigError):
        Templates({**shipped(), "bordereau.txt": "{{ titr"}, {}).text("bordereau", {})


def test_values_never_become_markup_or_template() -> None:
    context = {**CONTEXTS["inscription"][0], "sous_titre": "<b>{{ 7*7 }}</b> zj0z & co"}
    page = templates().html("inscription", context)
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; zj0z &amp; co" in page
    assert "<b>{{ 7*7 }}</b> zj0z & co" in templates().text("inscription", context)
