"""Prompts and their words."""

import pytest

from misora.core.errors import UsageError
from misora.generate.prompt import check_prompt, unknown_words


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t"])
def test_an_empty_prompt_is_refused_with_an_example(prompt: str) -> None:
    with pytest.raises(UsageError, match="prompt is empty; say what should be seen"):
        check_prompt(prompt)


def test_ten_thousand_characters_are_refused() -> None:
    with pytest.raises(UsageError, match="10000 characters, at most 400"):
        check_prompt("a" * 10_000)


def test_broken_text_is_refused() -> None:
    with pytest.raises(UsageError, match="not valid text at character 2"):
        check_prompt("a \udcff")
    with pytest.raises(UsageError, match="control characters"):
        check_prompt("a \x00 ball")


def test_ordinary_sentences_of_any_script_pass() -> None:
    check_prompt("ein roter Ball rollt nach links")
    check_prompt("красный мяч")


def test_strange_words_are_named_once_in_order() -> None:
    known = {"a", "red", "ball"}
    assert unknown_words("A red zebra, a RED ball; zebra's мяч 2", known) == ("zebra", "s", "мяч", "2")


def test_without_a_vocabulary_no_word_is_strange() -> None:
    assert unknown_words("anything at all", frozenset()) == ()
