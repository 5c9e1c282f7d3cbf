"""Camera words."""

import pytest

from misora.core.errors import UsageError
from misora.generate.words import PHRASES, phrase_of
from misora.worlds.script import CAMERAS
from misora.worlds.words import VOCABULARY, words_of


def test_every_camera_of_the_playroom_is_said_in_words_that_it_was_taught_with() -> None:
    assert {camera.replace("_", " ") for camera in CAMERAS} <= set(PHRASES)
    for camera in CAMERAS:
        assert set(words_of(phrase_of(camera))) <= VOCABULARY


@pytest.mark.parametrize("word", ["push in", "push-in", "Push_In"])
def test_hyphens_and_underscores_count_as_spaces(word: str) -> None:
    assert phrase_of(word) == PHRASES["push in"]


def test_an_unknown_word_is_told_what_there_is() -> None:
    with pytest.raises(UsageError, match="unknown camera word 'orbits'; did you mean 'orbit'\\? there is still, orbit"):
        phrase_of("orbits")
