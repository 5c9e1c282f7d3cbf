"""What is a word."""

import pytest

from misora.trust.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(["the", "a", "red", "ball", "roll", "dance", "run", "is", "##x", "of"], ["zebra"])


def test_a_run_of_letters_falls_into_words(lexicon: Lexicon) -> None:
    assert lexicon.split("theredball") == ["the", "red", "ball"]
    assert lexicon.split("zebraqball") == ["zebra", "q", "ball"]
    assert lexicon.split("") == []


def test_common_endings_are_known(lexicon: Lexicon) -> None:
    assert all(map(lexicon.knows, ("balls", "rolled", "dancing", "running", "zebras")))
    assert not any(map(lexicon.knows, ("ballad", "ballsss", "reddd")))
    assert "zebra" in lexicon
    assert "##x" not in lexicon


def test_the_share_of_words_leaves_numbers_out(lexicon: Lexicon) -> None:
    assert lexicon.share(["red", "xyz"]) == 0.5
    assert lexicon.share(["red", "1920s", "4k", "裸体"]) == 1.0
    assert lexicon.share([]) == 1.0
