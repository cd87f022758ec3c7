"""No value that anybody can type changes what a filter means."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.meilisearch.words import LONGEST, combined, one_of, quoted, read, spelt
from tests.meilisearch.filters import BadFilter, judge

NASTY = [
    '"',
    "\\",
    "'",
    '\\"',
    '" OR is_active = false OR tag = "',
    "] OR price > 0",
    "a\nb",
    "NOT",
    "_x_",
    "_5f_",
    "",
    " ",
]
texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


@given(texts)
@example('x" OR is_active = false')
def test_a_spelling_has_nothing_in_it_that_a_filter_could_take_for_its_own(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]*", spelt(text))
    assert len(spelt(text)) <= LONGEST


@given(texts)
def test_what_was_spelt_is_read_again(text: str) -> None:
    word = spelt(text)
    assert read(word) == (None if word.startswith("_x_") else text)


@given(texts, texts)
@example("Red", "red")
@example("café", "cafe")
@example(" a", "a")
@example("ﬁne", "fine")
def test_two_texts_are_spelt_alike_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (spelt(one) == spelt(other)) == (one == other)


def test_a_long_text_is_shortened_and_cannot_be_read() -> None:
    word, other = spelt("Ä" * 200), spelt("Ä" * 199)
    assert (len(word), read(word), read(other), word == other) == (51, None, None, False)


@given(st.lists(st.tuples(texts, texts), max_size=3), st.randoms(use_true_random=False))
def test_attributes_together_are_the_same_in_any_order(pairs: list[tuple[str, str]], random: object) -> None:
    assert combined(pairs) == combined(list(reversed(pairs)))


@given(texts, st.lists(texts, max_size=4))
def test_a_filter_holds_of_exactly_those_that_have_the_value(wanted: str, held: list[str]) -> None:
    holds = judge(one_of("tags", [spelt(wanted)]), ["tags"])
    assert holds({"tags": [spelt(text) for text in held]}) == (wanted in held)


@given(texts)
@example('a "quoted" \\ word')
@example("ends with \\")
def test_the_second_wall_escapes_whatever_is_left(text: str) -> None:
    holds = judge(f"tag = {quoted(text)}", ["tag"])
    assert holds({"tag": text})
    assert not holds({"tag": text + "x"})


@pytest.mark.parametrize(
    "text", ['tag = "a" b"', 'tag = "a\\"', "tag = a b", "tag = OR", "price > x", "other = a", "tag IN [a"]
)
def test_the_reader_refuses_what_meilisearch_would_refuse(text: str) -> None:
    with pytest.raises(BadFilter):
        judge(text, ["tag", "price"])
