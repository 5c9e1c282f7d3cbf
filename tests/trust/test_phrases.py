"""Phrases of a list."""

import pytest

from misora.trust.phrases import Found, Phrases, expanded


@pytest.mark.parametrize(
    ("phrase", "words", "is_found"),
    [
        ("behead*", "they beheaded him", True),
        ("gore", "al gore speaks", True),
        ("gore", "gored by a bull", False),
        ("shoot* … film", "crew shooting a long film", True),
        ("shoot* … film", "shooting one two three four five film", False),
        ("裸体", "一个裸体女人", True),
        ("naked eye", "the naked eye", True),
        ("McDonald's", "a mcdonald burger", True),
        ("e*", "the naked eye", True),
    ],
)
def test_phrases_mean_what_their_writer_meant(phrase: str, words: str, is_found: bool) -> None:
    assert (words in Phrases([phrase])) is is_found


def test_places_are_told() -> None:
    assert list(Phrases(["red", "red ball"]).find("a red ball")) == [Found(start=2, end=10, text="red ball")]
    assert list(Phrases([]).find("anything")) == []


def test_groups_stand_for_their_phrases() -> None:
    assert expanded(["a", "@g"], {"g": ["b", "c"]}) == ["a", "b", "c"]
    with pytest.raises(KeyError):
        expanded(["@h"], {})
