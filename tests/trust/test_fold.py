"""One plain spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misora.trust.fold import LOOKALIKES, fold, words_of


@pytest.mark.parametrize(
    "spelled",
    [
        "NAKED",
        "ｎａｋｅｄ",
        "nаkеd",
        "n\u200ba\u00adked",
        "na\u0301k\u0336ed",
        "🅽🅰🅺🅴🅳",
        "ⓝⓐⓚⓔⓓ",
        "ɴᴀᴋᴇᴅ",
        "🇳🇦🇰🇪🇩",
        "𝓷𝓪𝓴𝓮𝓭",
    ],
)
def test_spellings_that_look_alike_are_one(spelled: str) -> None:
    assert fold(spelled) == "naked"


def test_words_of_other_languages_stay() -> None:
    assert fold("裸体 Ｂaum") == "裸体 baum"
    assert words_of("裸 体，女人!") == "裸体 女人" or words_of("裸 体，女人!") == "裸体女人"
    assert all(len(letter) == 1 and plain.isascii() for letter, plain in LOOKALIKES.items())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_folds_and_folding_again_changes_nothing_in_its_words(text: str) -> None:
    words = words_of(fold(text))
    assert words_of(fold(words)) == words
    assert "  " not in words
