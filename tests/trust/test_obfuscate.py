"""Ways around a filter."""

import random

import pytest

from misora.core.errors import UsageError
from misora.trust.moderator import Moderator
from misora.trust.obfuscate import OBFUSCATIONS, Attempt, obfuscated
from misora.trust.readings import readings

TEXT = "a green dragon sleeps quietly inside the mountain cave"


@pytest.mark.parametrize("name", OBFUSCATIONS)
def test_the_same_seed_writes_the_same(name: str) -> None:
    attempt = obfuscated(TEXT, name, seed=1)
    assert attempt == obfuscated(TEXT, name, seed=1)
    assert (attempt == Attempt(cards=(TEXT,))) == (name == "plain")
    assert obfuscated("", name, seed=1).cards


@pytest.mark.parametrize(
    "name", [name for name in OBFUSCATIONS if name not in ("cards", "remix", "fiction", "medicine")]
)
def test_what_was_written_around_is_read_again(name: str, moderator: Moderator) -> None:
    [typed] = obfuscated(TEXT, name, seed=3).cards
    share = max(
        len(set(reading.words.split()) & set(TEXT.split())) / len(TEXT.split())
        for reading in readings(typed, moderator.lexicon)
    )
    assert share >= 0.75


def test_cards_and_remixes_hold_every_word() -> None:
    assert " ".join(obfuscated(TEXT, "cards", seed=0).cards) == TEXT
    remix = obfuscated(TEXT, "remix", seed=0)
    assert " ".join([*remix.parents, *remix.cards]) == TEXT
    assert OBFUSCATIONS["remix"]("one", random.Random(0)).cards == ("one",)


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown obfuscation 'rot14'; known are plain"):
        obfuscated(TEXT, "rot14", seed=0)
