"""How a text can be read."""

import base64
import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misora.trust.lexicon import Lexicon
from misora.trust.moderator import Moderator
from misora.trust.readings import MAX_CHARACTERS, best, readings

MEANT = "a green dragon sleeps in a cave"


@pytest.fixture(scope="module")
def lexicon(moderator: Moderator) -> Lexicon:
    return moderator.lexicon


@pytest.mark.parametrize(
    "typed",
    [
        "a   " + "   ".join(" ".join(word) for word in MEANT.split()[1:]),
        " ".join(".".join(word) for word in MEANT.split()),
        "a gr33n dr4g0n sl33p5 1n a c@v3",
        "a greeeeen dragoooon sleeps in a caaaave",
        "a gre en dra-gon sle.eps in a ca ve",
        MEANT[::-1],
        codecs.encode(MEANT, "rot13"),
        base64.b64encode(MEANT.encode()).decode(),
        base64.urlsafe_b64encode(MEANT.encode()).decode().rstrip("="),
        base64.b64encode(base64.b64encode(MEANT.encode())).decode(),
        MEANT.encode().hex(),
        MEANT.replace("a", "%61").replace(" ", "%20"),
        "a neerg nogard speels in a evac",
    ],
    ids=range(13),
)
def test_what_was_meant_is_read(typed: str, lexicon: Lexicon) -> None:
    read = readings(typed, lexicon)
    assert MEANT in [reading.words for reading in read]
    assert MEANT in [reading.words for reading in best(read)]


def test_a_text_without_tricks_has_one_reading(lexicon: Lexicon) -> None:
    for text in (
        "A 3d printed 1920s radio, 4k, 16mm film",
        "a well-known red-hot kettle",
        MEANT,
        "一只红色的球滚过地板",
    ):
        [reading] = readings(text, lexicon)
        assert reading.name == "plain"


def test_an_empty_text_and_a_long_one_are_read(lexicon: Lexicon) -> None:
    assert readings("", lexicon)[0].words == ""
    assert len(readings("red ball " * 2_000, lexicon)[0].text) <= MAX_CHARACTERS


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=120),
        st.text(alphabet="aA4=.% -_\u200bе", max_size=120),
        st.binary(max_size=40).map(lambda b: base64.b64encode(b).decode()),
    )
)
def test_any_text_can_be_read(text: str) -> None:
    small = Lexicon(["the", "red", "ball", "ate"])
    read = readings(text, small)
    assert read
    assert all(0 <= reading.share <= 1 for reading in read)
    assert len(best(read)) <= 2
