"""Templates: the page is the one MJML makes, the sandbox is closed, an admin's mistake never stops a mail."""

from __future__ import annotations

import re

import pytest
from lxml import html as lxml_html

from mailbot.errors import ConfigError
from mailbot.letters import render, samples
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
    assert templates().check(CONTEXTS) == []


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
    return Templates.of(shipped(), {name: shipped()[name].replace(old, new, 1)})


def test_an_override_counts() -> None:
    changed = with_override("bordereau.txt", "Avant de nous répondre", "Bon à savoir")
    assert changed.check(CONTEXTS) == []
    context = CONTEXTS["bordereau"][0]
    assert "Bon à savoir" in changed.text("bordereau", context)
    changed = with_override("_style.mjml", "#0a5a6c", "#550000")
    assert "#550000" in changed.html("inscription", CONTEXTS["inscription"][0])


MISTAKES = {
    "an undefined name": (
        "inscription.mjml", "phrase in phrases", "phrase in phrase_s",
        "templates/inscription.mjml:11:24 : nom inconnu « phrase_s » — vouliez-vous dire « phrases » ?",
    ),
    "an undefined attribute": (
        "bordereau.mjml", "{{ fiche.montant }}", "{{ fiche.montent }}",
        "templates/bordereau.mjml:22:54 : nom inconnu « montent » — vouliez-vous dire « montant » ?",
    ),
    "an undefined attribute in a text": (
        "bordereau.txt", "{{ fiche.critere }}", "{{ fiche.criter }}",
        "nom inconnu « criter » — vouliez-vous dire « critere » ?",
    ),
    "an undefined attribute in a shared part": (
        "_pied.mjml", "organisation.phone }}", "organisation.telephone }}", "templates/_pied.mjml",
    ),
    "a filter that is not allowed": (
        "bordereau.txt", "| upper", "| uper", "filtre inconnu « uper » — vouliez-vous dire « upper » ?",
    ),
    "an if without its end": ("bordereau.mjml", "{% endfor %}\n{# ── Ce", "{# ── Ce", "Jinja"),
    "a tag without its end": ("bordereau.mjml", "</mj-column>", "", "balise mal fermée"),
    "a part that does not exist": (
        "bordereau.mjml", "_pied.mjml", "_pie.mjml",
        "partie inconnue « _pie.mjml » — vouliez-vous dire « _pied.mjml » ?",
    ),
    "a file from elsewhere": ("bordereau.txt", "_pied.txt", "../mailbot.yaml", "partie inconnue « ../mailbot.yaml »"),
    "a part that includes itself": (
        "_pied.txt", "-----", '{% include "_pied.txt" %}', "une partie commune n’en inclut pas d’autre",
    ),
    "a statement in an attribute": (
        "bordereau.mjml", '<p class="qui">', '<p class="{% if rang %}qui{% endif %}">',
        "instruction {% … %} dans une balise",
    ),
    "an image from outside": (
        "_pied.mjml", '<p class="pied">', '<img src="https://example.org/x.png" alt="" /><p class="pied">',
        "ressource extérieure « src= »",
    ),
    "a call": ("bordereau.txt", "{{ titre | upper", "{{ titre.upper()", "le modèle échoue sur un exemple"),
    "a way out of the sandbox": (
        "bordereau.txt", "{{ titre | upper", "{{ titre.__class__.__mro__", "templates/bordereau.txt",
    ),
    "a text that fills the memory": (
        "bordereau.txt", "{{ titre | upper", "{{ (titre * 999999999)", "opérateur * refusé dans un modèle",
    ),
    "a division by zero": ("bordereau.txt", "{{ titre | upper", "{{ (1 // 0)", "ZeroDivisionError"),
    "a page too heavy": (
        "_pied.mjml", '<p class="pied">', '<p class="pied">' + "Bonjour. " * 12_000, "restez sous 100 Ko",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_and_the_mail_goes_out_all_the_same(mistake: str) -> None:
    name, old, new, expected = MISTAKES[mistake]
    changed = with_override(name, old, new)
    found = [str(fault) for fault in changed.check(CONTEXTS)]
    assert [fault for fault in found if expected in fault], found
    for kind, contexts in CONTEXTS.items():
        for context in contexts:
            assert context["reference"] in changed.html(kind, context)
            assert context["reference"] in changed.text(kind, context)


def test_an_override_of_nothing_is_named() -> None:
    found = Templates.of(shipped(), {"bordereaux.mjml": "<mjml />"}).faults
    assert (
        str(found[0]) == "templates/bordereaux.mjml : ce modèle n’existe pas — vouliez-vous dire « bordereau.mjml » ?"
    )


def test_tags_nested_without_end_and_endless_texts_are_refused_before_they_are_rendered() -> None:
    deep = "<div>" * 10_000 + "</div>" * 10_000
    found = Templates.of(shipped(), {"_tete.mjml": deep, "_pied.mjml": "x" * 300_000, "_pied.txt": "{{ (" * 5000})
    assert {fault.file for fault in found.faults} == {
        "templates/_tete.mjml",
        "templates/_pied.mjml",
        "templates/_pied.txt",
    }


def test_a_broken_shipped_template_refuses_the_start() -> None:
    with pytest.raises(ConfigError, match="nom inconnu « titr »"):
        Templates.of({**shipped(), "bordereau.txt": "{{ titr }}"}, {})


def test_values_never_become_markup_or_template() -> None:
    context = {**CONTEXTS["inscription"][0], "sous_titre": "<b>{{ 7*7 }}</b> zj0z & co"}
    page = templates().html("inscription", context)
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; zj0z &amp; co" in page
    assert "<b>{{ 7*7 }}</b> zj0z & co" in templates().text("inscription", context)
