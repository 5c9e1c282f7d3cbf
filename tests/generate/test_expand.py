"""Short prompts in the manner of the captions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misora.generate.expand import expand_by_template, looks_foreign
from misora.generate.prompt import MAX_CHARACTERS
from misora.worlds.words import VOCABULARY, words_of


def test_what_is_left_open_is_filled_and_what_is_said_stays() -> None:
    made = expand_by_template("a red ball", 3)
    assert made is not None
    assert made.prompt.startswith("a red ball ")
    assert (made.raw, made.by) == ("a red ball", "playroom")
    for word in ("floor", "light", "camera"):
        assert made.prompt.count(word) == 1


@pytest.mark.parametrize(
    ("prompt", "absent"),
    [
        ("a red ball rolls left across a green floor", ("on a", "falls", "bounces")),
        ("a red ball falls in dim light", ("bright", "warm", "rolls")),
        ("a red ball, the camera orbits around", ("stays still", "does not move")),
        ("a zebra ball at night", ("in bright light",)),
        ("a blue cube and a red ball", ("rolls", "slides", "falls", "bounces")),
    ],
)
def test_nothing_that_was_said_is_contradicted(prompt: str, absent: tuple[str, ...]) -> None:
    for seed in range(12):
        made = expand_by_template(prompt, seed)
        assert made is not None
        assert made.prompt.startswith(prompt)
        added = made.prompt.removeprefix(prompt)
        assert not any(words in added for words in absent), made.prompt


def test_the_same_seed_adds_the_same_and_others_others() -> None:
    texts = [expand_by_template("a red ball", seed) for seed in range(20)]
    assert texts == [expand_by_template("a red ball", seed) for seed in range(20)]
    assert len({made.prompt for made in texts if made}) > 5


def test_a_thing_stands_out_from_its_floor() -> None:
    for seed in range(20):
        made = expand_by_template("a green ball falls", seed)
        assert made is not None
        assert "green floor" not in made.prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "a zebra",
        "A red ball falls. A blue box slides.",
        "ein roter Ball rollt nach links",
        "a red ball falls on a green floor, in bright light, the camera stays still",
        "赤いボール",
    ],
)
def test_what_cannot_be_expanded_without_guessing_is_left(prompt: str) -> None:
    assert expand_by_template(prompt, 0) is None


@given(st.text(max_size=300), st.integers(0, 5))
def test_any_text_is_kept_or_left_and_stays_within_the_limit(text: str, seed: int) -> None:
    made = expand_by_template(f"ball {text}".strip(), seed)
    assert made is None or len(made.prompt) <= MAX_CHARACTERS


def test_only_words_of_the_captions_are_added() -> None:
    for shape in ("ball", "box", "egg"):
        for seed in range(30):
            made = expand_by_template(shape, seed)
            assert made is not None
            assert set(words_of(made.prompt)) <= VOCABULARY


@pytest.mark.parametrize(
    ("prompt", "is_foreign"),
    [
        ("a red ball rolls left", False),
        ("a naïve café ball", False),
        ("ein Ball", True),
        ("une balle rouge", True),
        ("красный шар", True),
        ("a red ball 红", True),
    ],
)
def test_other_languages_are_noticed(prompt: str, is_foreign: bool) -> None:
    assert looks_foreign(prompt) == is_foreign
