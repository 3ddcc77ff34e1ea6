"""What an admin can write wrong in a template: each mistake has its file, its line, its column and a way out."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.letters import choice, lint
from mailbot.letters.lint import colours, css, mjml, shapes, source
from mailbot.letters.verdict import Verdict
from tests.templates_house import CONTEXTS, FILES, verdict


class Mistake(NamedTuple):
    """What was written instead of what, in which file; what is said of it and which way out is shown. The fault stands
    where `at` begins in the new text (where the change begins without it); nowhere in particular for None."""

    file: str
    old: str
    new: str
    said: str
    hint: str
    at: str | None = ""


PAGE, TEXT, STYLE, FOOT = "bordereau.mjml", "bordereau.txt", "_style.mjml", "_pied.mjml"
LOTS, REF, LINK = '<h2 class="p">Vos lots</h2>', '<p class="doux">Réf', "{{ fiche.lien }}"
MISTAKES = {
    # -- names
    "a misspelt name": Mistake(PAGE, "{{ bilan.etat }}", "{{ bilan.etats }}", "« etats »", "« etat »", "etats"),
    "a misspelt name in a part": Mistake(FOOT, "organisation.name", "organisation.nom", "« nom »", "name", "nom"),
    "the second of two on a line": Mistake(
        TEXT, ", facture {{ fiche.f", ", facture {{ fiche.ff", "« ff", "facture", "ff"
    ),
    "a loop over nothing known": Mistake(PAGE, "in bilans %}", "in bilan %}", "« bilan »", "« bilans »", "bilan %}"),
    "a loop over a text": Mistake(PAGE, "in bilans %}", "in titre %}", "pas une liste", "bilans", "titre"),
    "a value of another letter": Mistake("accuse.txt", "sous_titre", "phrase", "« phrase »", "« phrases »"),
    "an unknown filter": Mistake(TEXT, "| upper", "| uper", "filtre inconnu « uper »", "« upper »", "uper"),
    "an unknown test": Mistake(
        TEXT, "{% if phrase %}", "{% if phrase is defind %}", "« defind »", "« defined »", "defind"
    ),
    "a way out of the sandbox": Mistake(
        TEXT, "{{ titre |", "{{ titre.__class__ |", "__class__", "un texte", "__class__"
    ),
    "a call": Mistake(TEXT, "{{ titre |", "{{ titre.upper() |", "appel refusé", "n’appelle rien", "titre"),
    # -- Jinja
    "an if without its end": Mistake(FOOT, "{% endif %}</p>", "</p>", "« {% if %} » n’est pas fermé", "endif", None),
    "an end without its if": Mistake(
        PAGE, "{% if fiche.anomalie %}", "", "« {% endif %} » sans « {% if %} »", "for", None
    ),
    "a value without its end": Mistake(TEXT, "{{ sous_titre }}", "{{ sous_titre }", "« {{ » sans « }} »", "}}"),
    "a statement without its end": Mistake(PAGE, "{% if bilans %}", "{% if bilans %", "« {% » sans « %} »", "%}"),
    "a statement in a tag": Mistake(
        PAGE, LOTS, '<h2 class="{% if titre %}p{% endif %}">Lots</h2>', "dans une balise", "deux fois", "{% if"
    ),
    "a sum of texts": Mistake(TEXT, "{{ titre |", "{{ titre * 99999 |", "opérateur *", "ne calcule pas"),
    "a division by zero": Mistake(TEXT, "{{ titre |", "{{ (1 // 0) |", "division par zéro", "ne calcule pas"),
    # -- tags
    "a misspelt component": Mistake(PAGE, "<mj-text>", "<mj-txt>", "balise inconnue <mj-txt>", "« mj-text »"),
    "a misspelt component, twice": Mistake(
        FOOT, "<mj-text>", "<mj-spacr></mj-spacr><mj-text>", "balise inconnue <mj-spacr>", "« mj-spacer »"
    ),
    "a component closed twice": Mistake(
        PAGE, "</mj-column>", "</mj-column></mj-column>", "n’est pas ouverte", "<mj-section>", None
    ),
    "a component out of its place": Mistake(
        FOOT, "<mj-column>", "<mj-text>Salut</mj-text><mj-column>", "<mj-text> dans <mj-section>", "<mj-column>"
    ),
    "a component in a text": Mistake(FOOT, REF, "<mj-text>x</mj-text>" + REF, "<mj-text> dans <mj-text>", "HTML"),
    "a paragraph out of its place": Mistake(FOOT, "<mj-column>", "<p>Salut</p><mj-column>", "<p> hors", "<mj-text>"),
    "a tag without its end": Mistake(PAGE, LOTS, "<h2>Vos lots", "<h2> n’est pas fermée", "</h2>"),
    "a line break as in HTML": Mistake(PAGE, LOTS, "Vos<br>lots", "<br> n’est pas fermée", "<br", "<br"),
    "a lone ampersand": Mistake(PAGE, LOTS, "<p>Vous & nous</p>", "« & »", "&amp;", "& nous"),
    "a script": Mistake(PAGE, LOTS, "<script>1</script>", "n’est pas permis", "n’exécute rien"),
    "a handler": Mistake(PAGE, LOTS, '<h2 onclick="x()">Lots</h2>', "« onclick » refusé", "n’exécute rien", "onclick"),
    "a font from a server": Mistake(
        STYLE,
        "<mj-attributes>",
        '<mj-font name="R" href="https://f.example/" /><mj-attributes>',
        "<mj-font>",
        "polices",
    ),
    "no body": Mistake("accuse.mjml", '<mj-body css-class="fond">\n', "", "n’est pas ouverte", "<mjml>", None),
    "two pages in one": Mistake(
        "accuse.mjml", "</mjml>", "</mjml><mjml></mjml>", "une seule balise <mjml>", "<mjml", None
    ),
    # -- attributes and styles
    "an unknown attribute": Mistake(FOOT, "padding=", "paddin=", "« paddin »", "« padding »"),
    "a size without its unit": Mistake(FOOT, "6px 14px 28px", "6 14 28", "« 6 14 28 »", "10px 25px"),
    "a colour that is none": Mistake(STYLE, 'color="#16202c"', 'color="#16202"', "« #16202 »", "#0a5a6c", "#16202"),
    "a colour in no language": Mistake(STYLE, "#ffffff", "blanc", "« blanc »", "white"),
    "a misspelt property": Mistake(STYLE, "text-align: right", "text-aling: right", "« text-aling »", "« text-align »"),
    "a style without its brace": Mistake(STYLE, "#4a5664; }", "#4a5664;", "accolade", "« } »", None),
    "a forgotten semicolon": Mistake(STYLE, "margin: 2px 0 0;", "margin: 2px 0 0", "il manque « ; »", "« ; »", "2px"),
    # -- reading
    "grey on white": Mistake(STYLE, "#4a5664", "#9aa6b4", "contraste 2,2 au lieu de 4,5", "foncez"),
    "dark on dark": Mistake(
        PAGE, LOTS, '<div style="color: #333333">Lots</div>', "en mode sombre", "@media", "#333333"
    ),
    "no language": Mistake(PAGE, '<mjml lang="fr"', "<mjml", "la langue manque", 'lang="fr"'),
    "no title": Mistake(STYLE, "<mj-title>{{ titre }}</mj-title>", "", "le titre de la page manque", "mj-title", None),
    "a header cell for nobody": Mistake(PAGE, ' scope="row">NIR', ">NIR", "<th> sans scope", "scope", None),
    "a layout read as a table": Mistake(
        PAGE, '<table class="boite" role="presentation">', '<table class="boite">', "sans rôle", "presentation"
    ),
    "a picture without words": Mistake(
        FOOT, REF, '<img src="data:image/png;base64,AA" />' + REF, "<img> sans alt", "alt"
    ),
    # -- outside
    "a picture from elsewhere": Mistake(
        FOOT, REF, '<img src="https://x.example/p.png" alt="" />' + REF, "ressource extérieure", "d’ailleurs", "https:"
    ),
    "a background from elsewhere": Mistake(
        STYLE, "width: 100%;", "background: url(//x.example/a);", "« url( »", "d’ailleurs", "url("
    ),
    "a spy": Mistake(
        FOOT, REF, '<img src="data:image/png;base64,AA" alt="" width="1" height="1" />' + REF, "pixel espion", "effacez"
    ),
    "a link that is not safe": Mistake(PAGE, LINK, "http://x.example/", "http://x.example/", "https:"),
    "a link that runs": Mistake(PAGE, LINK, "javascript:alert(1)", "lien refusé", "mailto:"),
    "a link that follows its reader": Mistake(
        PAGE, LINK, "https://x.example/{{ reference }}", "lien https", "pour tous"
    ),
    # -- patients
    "a patient in a link": Mistake(
        PAGE, LINK, "mailto:x@example.org?subject={{ fiche.nir }}", "patient « nir »", "corps du message", "nir"
    ),
    "a patient in the preview": Mistake(
        PAGE,
        '<mj-include path="_style.mjml" />',
        "<mj-head><mj-title>x</mj-title><mj-preview>{{ fiches[0].patient }}</mj-preview></mj-head>",
        "« patient » dans <mj-preview>",
        "corps du message",
        "patient",
    ),
    "a patient under another name": Mistake(
        PAGE, "<h2>Facture", '{% set x = fiche.nir %}<h2 title="{{ x }}">Facture', "patient « x »", "corps", "x }}"
    ),
    # -- parts
    "a part that is not there": Mistake(
        PAGE, '<mj-include path="_pied', '<mj-include path="_pid', "_pid", "« _pied.mjml »"
    ),
    "a file from elsewhere": Mistake(TEXT, '{% include "_pied.txt', '{% include "../mailbot.yaml', "yaml", "_pied.txt"),
    "a part that includes itself": Mistake(
        "_pied.txt", "-----", '{% include "_pied.txt" %}', "pas d’autre", "au-dessus"
    ),
    "a page too heavy": Mistake(FOOT, "Réf.", "Bonjour. " * 12_000, "pèse", "100 Ko", None),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_a_way_out(name: str) -> None:
    file, old, new, said, hint, at = MISTAKES[name]
    text = FILES[file]
    assert old in text
    start = text.index(old)
    text = text.replace(old, new, 1)
    faults = verdict({file: text}).faults
    found = [fault for fault in faults if said in fault.message and hint in fault.hint]
    assert found, [str(fault) for fault in faults]
    assert {fault.file for fault in found} == {f"templates/{file}"}
    assert found[0].line >= 1 and found[0].column >= 1
    if at is not None:
        place = source.place(text, text.index(at, start))
        assert place in [(fault.line, fault.column) for fault in found], [str(fault) for fault in found]


def test_the_templates_without_a_mistake_have_none() -> None:
    assert verdict(FILES) == Verdict()


def test_loops_in_loops_beyond_what_python_can_nest_are_a_fault() -> None:
    text = "{% for a in fiches %}" * 30 + "x" + "{% endfor %}" * 30
    assert "incohérent" in verdict({TEXT: text}).faults[0].message


def test_a_long_line_of_the_text_part_is_a_remark_and_the_template_counts() -> None:
    text = FILES[TEXT].replace("Bon à savoir", "Bon à savoir, " + "lisez ceci, " * 6)
    found = verdict({TEXT: text})
    assert found.faults == ()
    (remark,) = found.remarks
    assert text.splitlines()[remark.line - 1].startswith("Bon à savoir") and "plier" in remark.hint


def test_a_file_that_is_no_template_is_told_with_the_nearest_name() -> None:
    found = choice.of(FILES, {"bordereaux.mjml": "<mjml />"}, CONTEXTS).faults
    assert str(found[0]).startswith("templates/bordereaux.mjml : ce modèle n’existe pas")
    assert "« bordereau.mjml »" in found[0].hint


def test_tags_nested_without_end_and_endless_texts_are_refused_before_they_are_rendered() -> None:
    hostile = {
        PAGE: "<div>" * 10_000 + "</div>" * 10_000,
        FOOT: "x" * 300_000,
        "_pied.txt": "{{ (" * 5000,
        STYLE: "<mj-head><!DOCTYPE x [<!ENTITY a 'aaaa'>]></mj-head>",
    }
    found = choice.of(FILES, hostile, CONTEXTS)
    assert {fault.file for fault in found.faults} == {f"templates/{name}" for name in hostile}
    assert dict(found.files) == FILES


_PIECES = st.sampled_from(
    ["{{ ", " }}", "{% if ps %}", "{% endif %}", "{% for f in fiches %}", "{% endfor %}", "<mj-text>", "</p>", "<p ",
     'style="color: #777"', "&", "<", '"', "{{ fiche.x }}", "{# ", "zj0z", "<!--", "]]>", "\x00", "é", "}", "{", "|"]
)  # fmt: skip


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=100)
def test_whatever_an_admin_types_every_letter_goes_out(name: str, data: st.DataObject) -> None:
    text = FILES[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    typed = text[:start] + "".join(data.draw(st.lists(_PIECES, max_size=3))) + text[end:]
    chosen = choice.of(FILES, {name: typed}, CONTEXTS)
    for fault in chosen.faults:
        assert fault.file.startswith("templates/") and fault.message
        assert fault.file != f"templates/{name}" or fault.line <= typed.count("\n") + 1
    for kind, contexts in CONTEXTS.items():
        for context in contexts:
            assert "</html>" in chosen.html(kind, context)
            assert chosen.text(kind, context).strip()
    assert not chosen.failed, "what was found good on the samples does not fail on them"


def test_every_character_of_a_page_knows_where_it_was_written() -> None:
    for name in FILES:
        whole = source.expanded(name, FILES)
        for offset in range(len(whole.text)):
            file, line, column = whole.place(offset)
            written = FILES[file].split("\n")[line - 1] + "\n"
            assert written[column - 1] == whole.text[offset]


@given(st.text(alphabet="{}%#<>&;\"'é\n ab=/", max_size=60))
def test_hidden_marks_keep_every_place(text: str) -> None:
    hidden = source.plain(text)
    assert len(hidden) == len(text) == len(hidden.encode())
    assert [at for at, sign in enumerate(hidden) if sign == "\n"] == [
        at for at, sign in enumerate(text) if sign == "\n"
    ]


def test_the_table_of_components_hangs_together() -> None:
    kinds = {*mjml.KINDS, mjml.COLOUR, mjml.LINK, mjml.PICTURE, mjml.FREE}
    for tag, attributes in mjml.ATTRIBUTES.items():
        assert set(attributes.values()) <= kinds, tag
    assert set(mjml.PARENTS) | {"mj-include"} == set(mjml.ATTRIBUTES)
    assert {parent for parents in mjml.PARENTS.values() for parent in parents} <= {*mjml.ATTRIBUTES, ""}
    assert not mjml.HTML & mjml.UNSAFE


def test_contrast_is_that_of_wcag() -> None:
    def ratio(one: str, other: str) -> float:
        left, right = colours.read(one), colours.read(other)
        assert left and right
        return round(colours.contrast(left, right), 2)

    assert ratio("#000", "white") == 21.0
    assert ratio("#777777", "#FFFFFF") == 4.48
    assert ratio("rgb(118, 118, 118)", "#fff") == 4.54
    assert colours.over((0, 0, 0, 0.5), colours.WHITE) == (128, 128, 128, 1.0)
    assert [colours.read(text) for text in ("#12345", "rgb(1,2)", "rouge", "rgb(300,0,0)", "")] == [None] * 5


def test_the_names_are_learnt_from_the_samples_a_row_that_lacks_one_included() -> None:
    known = shapes.learn([{"a": None, "b": ()}, {"a": {"c": "x"}, "b": ({"d": 1}, {"d": 2, "e": None})}])
    assert set(known.names["a"].names) == {"c"}
    assert known.names["b"].item is not None and set(known.names["b"].item.names) == {"d", "e"}
    assert lint.of_whole("x.txt", {"x.txt": "{{ a.c }}{% for i in b %}{{ i.d }}{{ i.e.f }}{% endfor %}"}, known) == []


def test_properties_of_mail_styles_are_known() -> None:
    assert {"mso-line-height-rule", "color"} - css.PROPERTIES == {"mso-line-height-rule"}
