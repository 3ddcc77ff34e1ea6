"""Reading is fast because most text is done with at a quick look: none of these looks may hide what is there."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.parsers.mail import clues, headers, registration

LATIN = st.characters(min_codepoint=9, max_codepoint=255)
FAST = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def found_by(expression):
    return st.from_regex(expression, alphabet=LATIN)


@FAST
@given(found_by(registration._UNSUBSCRIBE))
def test_every_farewell_has_a_word_of_farewell(text):
    assert registration._says(text.lower(), registration._WORDS_OF_FAREWELL)


@FAST
@given(found_by(registration._REGISTER))
def test_every_registration_has_a_word_of_registration(text):
    assert registration._says(text.lower(), registration._WORDS_OF_REGISTRATION)


@FAST
@given(found_by(registration._CHANGE))
def test_every_change_of_address_has_a_word_of_change(text):
    assert registration._says(text.lower(), registration._WORDS_OF_CHANGE)


@FAST
@given(found_by(clues._INVOICE) | found_by(clues._IS))
def test_every_invoice_that_is_named_deserves_its_expression(text):
    # As `message` and `find` give it, line by line.
    text = headers.printable(text).replace("\u00a0", " ").replace("\n", " ")
    small = clues._small(text)
    for expression in (clues._INVOICE, clues._IS):
        for match in expression.finditer(text):
            places = {place for word in clues._INVOICE_WORDS for place in clues._places(small, word)}
            assert match.start() in places
            assert clues._a_number_may_follow(small, match.start())


@FAST
@given(found_by(clues._NIR), found_by(clues._NINE_ALONE), st.text(LATIN, max_size=10))
def test_every_line_with_a_number_is_looked_at(nir, nine, around):
    for expression, number, runs, joined in (
        (clues._NIR, nir, clues._THIRTEEN_DIGITS, True),
        (clues._NINE_ALONE, nine, clues._NINE_DIGITS, True),
        (clues._BARE, nine, clues._NINE_TOGETHER, False),
    ):
        text = f"{around}\n{number} \n{around}"
        lines = list(clues._lines_with(text, runs, joined=joined))
        for match in expression.finditer(text):
            assert any(start <= match.start() and match.end() <= end for start, end in lines)


@given(st.text())
def test_only_harmless_text_is_left_as_it_is(text):
    assert headers.printable(text) == re.sub("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]", " ", text)
    assert headers.printable(text + "\ud800\x85") == headers.printable(text) + "  "
